/** Carries out work that calls functions of a spec, which may never return, in slices. */
import { Script } from 'node:vm'
import { InternalError, isTimeout, SpecError } from '../errors.ts'
import type { Learner } from '../learn/learner.ts'
import { execute } from '../spec/actions.ts'
import { onRefusal } from '../values/errors.ts'
import { DEFAULT_CALL_TIMEOUT, limitOf, Paused, SLICE } from '../run/limits.ts'
import { watchQuantifiers } from '../values/quantify.ts'

const script = new Script("globalThis[Symbol.for('tsmc.slice')]()")
const hook = globalThis as unknown as Record<symbol, unknown>

/** What calls functions of a spec: which one it calls, and the time since which there were only few calls, where that is known. */
export interface Calling extends Pick<Learner, 'running'> {
  readonly lately?: number
}

/**
 * Runs a slice of work so that an endless loop in a function of the spec ends: the virtual machine interrupts it after the time limit
 * (seconds), `more` milliseconds later where something else in it may take long. Where the slice is long because of all that it does, not because of one
 * call, it throws `Paused`.
 */
export function guarded(program: Calling, slice: () => void, callTimeout = DEFAULT_CALL_TIMEOUT, more = 0): void {
  hook[Symbol.for('tsmc.slice')] = slice
  try {
    script.runInThisContext({ timeout: Math.ceil(callTimeout * 1000 + SLICE + more) })
  } catch (error) {
    if (isTimeout(error)) throw interrupted(program, callTimeout)
    throw error
  }
}

/** The error for a function of the spec that was interrupted. An interruption runs no `finally`, so what the function left behind is cleared here. */
function interrupted({ running, lately = 0 }: Calling, longest: number): Error {
  const callTimeout = limitOf(longest)
  execute(null)
  watchQuantifiers(null)
  onRefusal(null)
  if (running === null) return new Paused(new InternalError('a part of the search took too long without calling the spec'))
  const error = new SpecError(`${running.what} did not return within ${callTimeout} second${callTimeout === 1 ? '' : 's'}`, {
    location: running.location(),
    hint: 'it may contain an endless loop',
  })
  return performance.now() - lately < callTimeout * 1000 ? new Paused(error) : error
}
