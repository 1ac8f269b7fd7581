/** How long a function of a spec may take, and what ends a search before its end. */

/** Seconds that one call of a function of a spec may take, by default. */
export const DEFAULT_CALL_TIMEOUT = 10
/** Milliseconds of a slice: between two looks at the clock, the signal and the memory. */
export const SLICE = 100

/** A call, or a slice of many, was cut short although nothing shows that it would not have returned. What it worked on is lost: begin anew. */
export class Paused extends Error {
  override name = 'Paused'
  /** What is to be told where there is no beginning anew. */
  readonly reason: unknown

  constructor(reason: unknown) {
    super('interrupted after a pause')
    this.reason = reason
  }
}

/** How much longer the clock may run after a pause. */
const LONGER = 3

/** Limits that were raised, and what they were at first; in milliseconds. */
const raised = new Map<number, number>()

/** The limit (seconds) for another attempt after a pause. */
export function raise(seconds: number): number {
  // No limit that anybody else would choose.
  const longer = LONGER * seconds + 0.001
  raised.set(longer * 1000, raised.get(seconds * 1000) ?? seconds * 1000)
  return longer
}

/** What a limit (seconds) was before it was raised: that of the user. */
export const limitOf = (seconds: number): number => (raised.get(seconds * 1000) ?? seconds * 1000) / 1000
