/** A value that fits nowhere, told as violations are: with the step that puts it there, and the trace that leads to it. */
import type { SpecError } from '../errors.ts'
import { formatPath } from '../program/path.ts'
import { OutOfRangeError } from '../program/refusal.ts'
import type { TraceStep, Violation } from '../program/result.ts'
import { valueText } from '../program/text.ts'
import type { Learner } from '../learn/learner.ts'
import { replay } from '../reference/replay.ts'
import type { Model, Variables } from '../spec/model.ts'
import { pathTo } from '../trace/path.ts'
import { stateText } from '../trace/violation.ts'
import type { Arena } from '../visited/arena.ts'
import { host } from './host.ts'
import type { CheckOptions } from './options.ts'
import { taken } from './slices.ts'

/** What is put where, without advice: "x: 4 is outside int(0, 3)". */
const misfitName = ({ message }: SpecError, what: string): string => message.replace(` in ${what}`, '').replace(/; .*/s, '')

/**
 * The error of a step that puts a value where none such fits; it is looked for in the state `from` of an arena. Where the reference checker does not
 * agree, or calls take too long now, the error stays as it is.
 */
export function outOfRange(
  model: Model<Variables>,
  program: Learner,
  error: SpecError,
  { arena, from }: { readonly arena: Arena; readonly from: number },
  options: Pick<CheckOptions, 'callTimeout'>,
): SpecError {
  const violation = (): Violation | null => {
    const words = arena.segment(from)
    const at = arena.offset(from)
    const found = program.refusedStep(words, at, error.message)
    const { outside } = error
    if (found === null || outside === undefined) return null
    const path = [...pathTo(program, arena, from), found.step]
    const { trace } = replay(model, path)
    const [before, last] = trace.slice(-2) as [TraceStep, TraceStep]
    if (valueText(before.state) !== stateText(program, words, at)) return null
    return {
      kind: 'range',
      name: misfitName(error, program.whatOf(found.step.instance)),
      parameters: {},
      steps: path.length - 1,
      because: found.because,
      // A value that was there for a moment only: the reference checker looks when the action is done.
      trace: [...trace.slice(0, -1), { ...last, state: before.state, changes: [], shown: before.shown, failed: true }],
      replay: formatPath(path),
      outside,
    }
  }
  try {
    const told = taken(program, () => host.silently(violation), arena.pathTo(from).length, options.callTimeout)
    return told === null ? error : new OutOfRangeError(error, told)
  } catch {
    return error
  }
}
