/** `check(spec, options)`: builds the model, learns, searches, and gives the result. The only file that sees both halves. */
import type { SearchOptions } from './program/options.ts'
import type { Result } from './program/result.ts'
import type { Constants, Spec } from './spec/spec.ts'

export interface CheckOptions extends SearchOptions {
  /** The name of the instance; without one, the default constants. */
  readonly instance?: string
  /** Constants that replace those of the instance (or the defaults). With any there is no expectation. */
  readonly constants?: Constants
}

/** Checks one instance of a spec. Throws `SpecError` or `UsageError`; everything else is in the result. */
export async function check(_spec: Spec<any>, _options: CheckOptions = {}): Promise<Result> {
  throw new Error('under construction')
}
