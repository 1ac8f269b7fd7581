/**
 * Tells an endless loop from a process that was stopped (SIGSTOP, a sleeping laptop, a machine that has no time for it): both take too long by the
 * clock, but only the loop takes the processor.
 */
import { Paused } from '../run/limits.ts'

/** The part of the time for which a loop has the processor at least, however busy the machine is; before a pause a slice has had some hundredths. */
const BUSY = 0.1

/** Runs what is cut short by an error after `limit` milliseconds of the clock. */
export function patiently<T>(limit: number, run: () => T): T {
  const began = performance.now()
  const used = process.cpuUsage()
  try {
    return run()
  } catch (error) {
    const wall = performance.now() - began
    const { user, system } = process.cpuUsage(used)
    throw wall >= limit && (user + system) / 1000 < wall * BUSY ? new Paused(error) : error
  }
}
