import { adviceOf } from '../learn/profile.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { FunctionProfile, Profile } from '../program/result.ts'

/** Where the time of a search went that took so long, and all of the check with its temporal properties. */
export function profileOf(
  { expanding, compiling, checking, functions }: NonNullable<ProgramFigures['profile']>,
  searched: number,
  elapsed: number,
): Profile {
  return {
    seconds: {
      expanding,
      compiling,
      checking,
      search: Math.max(0, searched - expanding - checking),
      temporal: elapsed - searched,
      functions: functions.reduce((sum, one) => sum + one.seconds, 0),
    },
    functions: functions.toSorted((a, b) => callsOf(b) - callsOf(a)),
    advice: adviceOf(functions, elapsed),
  }
}

const callsOf = ({ calls }: FunctionProfile): number => calls.learning + calls.samples + calls.direct
