/**
 * Tells an endless loop from a process that was stopped (SIGSTOP, a sleeping laptop, a machine that has no time for it): both take too long by the
 * clock, but only the loop has had the processor for as long. What interrupts a call is a clock, so the time of the processor is looked at afterwards; where
 * the call has not had enough of it, the work is begun anew with a longer limit of the clock and the same of the processor.
 */

/** The part of the limit for which a call must have had the processor to be called endless. */
const BUSY = 0.5
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

/** Milliseconds for which this thread has had the processor; the whole process, before Node.js 23.9. */
function used(): number {
  const { user, system } = (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1000
}

/** Runs what is cut short by an error after `limit` milliseconds of the clock. */
export function patiently<T>(limit: number, run: () => T): T {
  const began = performance.now()
  const before = used()
  try {
    return run()
  } catch (error) {
    const late = performance.now() - began >= limit
    throw late && used() - before < BUSY * (raised.get(limit) ?? limit) ? new Paused(error) : error
  }
}
