/** What a user reads when a spec is refused, with the place given by its line of source instead of its number. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { check, type CheckOptions, type Spec } from 'tsmc'
import { describe as described } from '../../src/cli/errors.ts'
import { SpecError } from '../../src/errors.ts'
import { OutOfRangeError } from '../../src/program/refusal.ts'

/** The text of the error that checking a spec, or making one, ends with. */
export async function refused(given: Spec<any> | (() => unknown), options: CheckOptions = {}): Promise<string> {
  let error: unknown
  try {
    if (typeof given === 'function') given()
    else await check(given, options)
  } catch (thrown) {
    error = thrown
  }
  if (error === undefined) throw new Error('it was accepted')
  // The report of a step that leaves the range of a variable is that of a violation, and tested in test/cli/range.test.ts.
  const { text, code } = described(error instanceof OutOfRangeError ? withoutReport(error) : error)
  if (code !== 2) throw new Error(`it ends with code ${code}: ${text}`)
  return withSource(text, error)
}

function withoutReport({ message, hint, location, trace }: OutOfRangeError): SpecError {
  return Object.assign(new SpecError(message, { hint, location }), { trace })
}

/** Replaces `file.ts:3:5` by the text of the line, between guillemets. */
function withSource(text: string, error: unknown): string {
  if (!(error instanceof SpecError) || error.location === undefined) return text
  const { file, line, column } = error.location
  const source = readFileSync(file, 'utf8').split('\n')[line - 1] as string
  return text.replace(`${relative(process.cwd(), file)}:${line}:${column}:`, `«${source.trim()}»`)
}
