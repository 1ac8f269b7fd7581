/** How long a function of a spec may take, and what ends a search before its end. */

/** Seconds that one call of a function of a spec may take, by default. */
export const DEFAULT_CALL_TIMEOUT = 10
/** Milliseconds of a slice: between two looks at the clock, the signal and the memory. */
export const SLICE = 100

/** Whether an error says that there is no memory. */
export function isMemory(error: unknown): boolean {
  return error instanceof RangeError && /allocation|array length|Map maximum/i.test(error.message)
}

/** A call was cut short although nothing shows that it would not have returned. What it worked on is lost: begin anew. */
export class Paused extends Error {
  override name = 'Paused'
  /** What is to be told where there is no beginning anew. */
  readonly reason: unknown

  constructor(reason: unknown) {
    super('interrupted after a pause')
    this.reason = reason
  }
}
