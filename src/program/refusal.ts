import { readAsParagraph, SpecError } from '../errors.ts'
import type { Violation } from './result.ts'

/** A step puts a value where none such fits: an int out of its range, a sequence that is too long. `violation` says how it comes about. */
export class OutOfRangeError extends SpecError {
  override name = 'OutOfRangeError'
  readonly violation: Violation

  constructor(error: SpecError, violation: Violation) {
    const { message, hint, location, outside, trace } = error
    super(message, { hint, location, outside, cause: error.cause })
    this.trace = trace
    this.violation = violation
    readAsParagraph(this)
  }
}
