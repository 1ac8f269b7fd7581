/** Replay: a path, taken step by step by the reference checker. */
import { type Location, type Outside, SpecError, UsageError } from '../errors.ts'
import { formatPath, type Path } from '../program/path.ts'
import type { TraceStep } from '../program/result.ts'
import { callText, changesBetween } from '../program/text.ts'
import { actionInstances } from '../spec/combinations.ts'
import type { Model, Variables } from '../spec/model.ts'
import { stateOf } from './adapter.ts'
import { initialOf } from './plain.ts'
import { deadlocked, type Falsehood, falseInvariants, falseSteps } from './reference.ts'
import { evaluate, nameOf, type Plain, type Run, runOnce, shapeOf, snapshot } from './runs.ts'

export interface Replay {
  readonly trace: readonly TraceStep[]
  /** What is false at the end: invariants in the last state, step properties of the last step, its failed assertion, a deadlock. */
  readonly failed: readonly Falsehood[]
  /** The states of the trace as the reference checker has them. */
  readonly states: readonly Plain[]
}

/**
 * Takes a path. Throws `UsageError` where the model has no such behaviour, and `SpecError` where a function of the spec goes wrong. `aside` runs what is
 * not on the path: actions that are tried at its end.
 */
export function replay(model: Model<Variables>, path: Path, aside: <T>(run: () => T) => T = (run) => run()): Replay {
  const unfit = (index: number, why: string): never => {
    throw new UsageError(
      `the path ${formatPath(path)} does not fit the model: ${index === 0 ? 'its initial state' : `step ${index}`} ${why}`,
      'a path belongs to one instance of one version of a spec',
    )
  }
  const instances = actionInstances(model)
  const trace: TraceStep[] = []
  const failed: Falsehood[] = []
  const states: Plain[] = []
  let before = initialOf(shapeOf(model)) as Plain
  if (path.length === 0) unfit(0, 'is missing')

  for (const [index, { instance, picks }] of path.entries()) {
    const initial = index === 0
    const action = initial ? undefined : instances[instance]
    const init = model.initials[instance] ?? (instance === 0 ? { run: () => {} } : undefined)
    const run = initial ? init?.run : action?.definition.run
    if (!run)
      return unfit(
        index,
        `is ${initial ? 'initialisation' : 'action'} ${instance}, and there are ${initial ? Math.max(1, model.initials.length) : instances.length}`,
      )
    const parameters = action?.parameters ?? {}
    const what = action ? nameOf('action', action.definition.name, parameters) : 'init'
    const named = action ? callText(action.definition.name, parameters) : 'Init'
    let used = 0
    // Said again below, should the action catch it.
    let misfit: string | undefined
    const choose = (n: number): number => {
      const pick = picks[used++]
      if (pick === undefined) misfit ??= `(${named}) has more than ${picks.length} choices to make`
      else if (pick >= n) misfit ??= `(${named}) takes alternative ${pick} where there are ${n}`
      return pick === undefined || misfit !== undefined ? unfit(index, misfit as string) : pick
    }
    const chosen: unknown[] = []
    let refused: Outside | undefined
    const attempt = (): Pick<Run, 'outcome' | 'after' | 'message'> => {
      try {
        return runOnce(model, what, run, before, parameters, choose, chosen)
      } catch (error) {
        if (!(error instanceof SpecError) || error.outside === undefined || misfit !== undefined || initial) throw error
        refused = error.outside
        return { outcome: 'failed', after: before, message: error.message.replace(` in ${what}`, '').replace(/; .*/s, '') }
      }
    }
    const { outcome, after, message } = attempt()
    if (misfit !== undefined) unfit(index, misfit)
    if (used < picks.length) unfit(index, `(${named}) makes ${used} choices, not ${picks.length}`)
    if (outcome === 'disabled') unfit(index, `(${named}) is not enabled there`)
    const last = index === path.length - 1
    if (outcome === 'failed' && !last)
      unfit(index, `(${named}) fails ${refused ? `(${message})` : `its assertion ${JSON.stringify(message)}`}, so nothing follows it`)

    const reached = outcome === 'failed' ? before : after
    const state = stateOf(model, reached)
    states.push(reached)
    trace.push({
      action: action?.definition.name ?? null,
      parameters,
      picks: chosen,
      state,
      changes: initial ? [] : changesBetween(stateOf(model, before), state),
      shown: model.shows.map(({ name, value, location }) => ({ name, value: shownBy(model, name, reached, (s) => value(s, {}), location) })),
      failed: outcome === 'failed',
    })
    if (last && outcome === 'failed')
      failed.push({ kind: refused ? 'range' : 'assertion', name: message, parameters: {}, ...(refused && { outside: refused }) })
    if (last && outcome === 'done') {
      failed.push(...falseInvariants(model, after))
      if (action) failed.push(...falseSteps(model, before, after, action))
      if (aside(() => deadlocked(model, after))) failed.push({ kind: 'deadlock', name: 'deadlock', parameters: {} })
    }
    before = reached
  }
  return { trace, failed, states }
}

/** The value of a `show`. Where it throws something without a place, the place is its own. */
function shownBy(
  model: Model<Variables>,
  name: string,
  state: Plain,
  value: (state: object) => unknown,
  location: () => Location | undefined,
): unknown {
  try {
    return snapshot(evaluate(model, nameOf('show', name), [state], value))
  } catch (error) {
    if (error instanceof UsageError) throw error
    // What answers to nothing is no value that can be shown.
    if (!(error instanceof SpecError))
      throw new SpecError(`the show ${name} gives a value that cannot be read: ${error instanceof Error ? error.message : 'it throws'}`, {
        location: location(),
        cause: error,
      })
    error.location ??= location()
    throw error
  }
}
