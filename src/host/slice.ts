/** A slice of work that calls functions of a spec: it ends, it does not end the process, and a pause of the machine is no endless loop. */
import { DEFAULT_CALL_TIMEOUT } from '../run/limits.ts'
import { contained } from './contain.ts'
import { type Calling, guarded } from './guard.ts'
import { patiently } from './pause.ts'

/** Throws what the work throws, `SpecError` where a call does not return within `callTimeout` seconds, `Paused` where the process was stopped meanwhile, or no call took so long. */
export function slice(program: Calling, work: () => void, callTimeout = DEFAULT_CALL_TIMEOUT, more = 0): void {
  patiently(callTimeout * 1000, () => contained(() => guarded(program, work, callTimeout, more)))
}
