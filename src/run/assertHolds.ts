/** `assertHolds(spec)`: a spec as a test of any test runner. */
import { check, type CheckOptions } from './check.ts'
import { readAsParagraph } from '../errors.ts'
import type { Result } from '../program/result.ts'
import { terminalReport } from '../report/terminal.ts'
import type { AnySpec } from '../spec/spec.ts'

/** Some instance of a spec is not as expected. The message is the report as a terminal would show it, trace included. */
export class ExpectationError extends Error {
  override name = 'ExpectationError'
  /** The results that are not as expected. */
  readonly results: readonly Result[]

  constructor(results: readonly Result[]) {
    super(results.map((result) => terminalReport(result)).join('\n'))
    this.results = results
    readAsParagraph(this)
  }
}

/**
 * Checks all instances of a spec, or the one named in the options, and throws `ExpectationError` where one is not as expected: by default,
 * where not everything holds. An incomplete search is never as expected. Gives the results.
 */
export async function assertHolds(spec: AnySpec, options: CheckOptions = {}): Promise<readonly Result[]> {
  const results: Result[] = []
  // With other constants there is one run of the defaults, as on the command line.
  const names = options.instance !== undefined || options.constants !== undefined ? [options.instance] : spec.instances.map(({ name }) => name)
  for (const instance of names) results.push(await check(spec, { ...options, ...(instance !== undefined && { instance }) }))
  const unexpected = results.filter(({ expected }) => !expected)
  if (unexpected.length > 0) throw new ExpectationError(unexpected)
  return results
}
