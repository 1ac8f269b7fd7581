import type { SearchOptions } from '../program/options.ts'
import type { Constants } from '../spec/spec.ts'

export interface CheckOptions extends SearchOptions {
  /** The name of the instance; without one, the default constants. */
  readonly instance?: string
  /** Constants that replace those of the instance (or the defaults). With any there is no expectation. */
  readonly constants?: Constants
}
