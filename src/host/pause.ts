/**
 * Tells an endless loop from a process that was stopped (SIGSTOP, a sleeping laptop, a machine that has no time for it): both take too long by the
 * clock, but only the loop has had the processor for as long. What interrupts a call is a clock, so the time of the processor is looked at afterwards; where
 * the call has not had enough of it, the work is begun anew with a longer limit of the clock and the same of the processor.
 */
import { limitOf, Paused } from '../run/limits.ts'

/** The part of the limit for which a call must have had the processor to be called endless. */
const BUSY = 0.5
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
    if (error instanceof Paused) throw error
    const late = performance.now() - began >= limit
    throw late && used() - before < BUSY * 1000 * limitOf(limit / 1000) ? new Paused(error) : error
  }
}
