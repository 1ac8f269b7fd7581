/** One function of a spec, run on one state: an action with each of its choices, or a predicate. */
import { locate, SpecError, UsageError } from '../errors.ts'
import { callText } from '../program/text.ts'
import { AssertionFailed, DISABLED, type Execution, execute } from '../spec/actions.ts'
import { type ActionBody, DISABLED_LABEL, type Model, type Variables } from '../spec/model.ts'
import { type Watcher, watchQuantifiers } from '../types/quantify.ts'
import { show, ValueError } from '../types/type.ts'
import { draftOf, plainOf, type Root } from './drafts.ts'

/** A state: a frozen plain object with a field per variable. */
export type Plain = Readonly<Record<string, unknown>>

/** One way to run an action: the numbers of the alternatives it chose, and their values. */
export interface Run {
  readonly picks: readonly number[]
  readonly chosen: readonly unknown[]
  /** `disabled`: a guard was false. `failed`: an assertion was. */
  readonly outcome: 'done' | 'disabled' | 'failed'
  /** The state afterwards. */
  readonly after: Plain
  /** The message of the failed assertion. */
  readonly message: string
}

type Parameters = Readonly<Record<string, unknown>>

export const nameOf = (kind: string, name: string, parameters: Parameters = {}): string =>
  kind === name.toLowerCase() ? `the ${kind}` : `the ${kind} ${callText(name, parameters)}`

/**
 * All ways to run an action on a state, in the order of its choices. The first run takes the first alternative everywhere; each next
 * one repeats the choices of the one before it up to the last that has an alternative left, and takes that.
 */
export function* runsOf(model: Model<Variables>, what: string, run: ActionBody, before: Plain, parameters: Parameters): Generator<Run> {
  let choices: number[] | undefined = []
  while (choices) {
    const alternatives: number[] = []
    const result = runOnce(model, what, run, before, parameters, (n) => {
      alternatives.push(n)
      return choices?.[alternatives.length - 1] ?? 0
    })
    yield result
    const last = alternatives.findLastIndex((n, i) => (result.picks[i] as number) + 1 < n)
    choices = last < 0 ? undefined : [...result.picks.slice(0, last), (result.picks[last] as number) + 1]
  }
}

/** Runs an action once; `choose(n)` takes one of n alternatives. */
export function runOnce(
  model: Model<Variables>,
  what: string,
  run: ActionBody,
  before: Plain,
  parameters: Parameters,
  choose: (n: number) => number,
): Run {
  const root: Root = { value: before, what, readonly: false }
  const picks: number[] = []
  const chosen: unknown[] = []
  // What a guard or an assertion has said is final, even where the action catches what they throw.
  let outcome: Run['outcome'] = 'done'
  let message = ''
  const refuse = (name: string): void => {
    if (root.readonly)
      throw new SpecError(`${what} calls ${name}() in the callback of a quantifier`, {
        hint: 'callbacks of every, some, count, find and filter only read and answer',
      })
  }
  const execution: Execution = {
    what,
    disable() {
      refuse('when')
      if (outcome === 'done') outcome = 'disabled'
    },
    pick(from) {
      const alternatives = [...(plainOf(from) as Iterable<unknown>)]
      const index = execution.branch(alternatives.length)
      chosen[chosen.length - 1] = snapshot(alternatives[index])
      return alternatives[index]
    },
    branch(n) {
      refuse('pick')
      if (n === 0) {
        execution.disable()
        throw DISABLED
      }
      const index = choose(n)
      picks.push(index)
      chosen.push(index)
      return index
    },
    ensured(condition, text) {
      refuse('ensure')
      if (condition || outcome !== 'done') return
      outcome = 'failed'
      message = text
    },
  }
  const watcher = watchQuantifiers(null)
  try {
    const returned = call(what, execution, () => run(draftOf(model.state, root), parameters))
    if (returned === DISABLED_LABEL) execution.disable()
    else if (isPromise(returned))
      throw new SpecError(`${what} returned a promise`, {
        hint: 'actions are synchronous: a step of the model happens at once; remove async and await',
      })
  } catch (error) {
    if (error !== DISABLED && !(error instanceof AssertionFailed)) throw error
  } finally {
    watchQuantifiers(watcher)
  }
  return { picks, chosen, outcome, after: root.value as Plain, message }
}

/** Evaluates a function of one or two states that only reads. */
export function evaluate(model: Model<Variables>, what: string, states: readonly Plain[], test: (...drafts: object[]) => unknown): unknown {
  const refuse = (name: string) => (): never => {
    throw new SpecError(`${what} calls ${name}()`, { hint: 'guards, choices and assertions belong in actions' })
  }
  const execution: Execution = { what, disable: refuse('when'), pick: refuse('pick'), branch: refuse('either'), ensured: refuse('ensure') }
  const drafts = states.map((value) => draftOf(model.state, { value, what, readonly: true }))
  return call(what, execution, () => test(...drafts))
}

/** Evaluates a predicate: its answer must be a boolean. */
export function holds(model: Model<Variables>, what: string, states: readonly Plain[], test: (...drafts: object[]) => unknown): boolean {
  const answer = evaluate(model, what, states, test)
  if (typeof answer === 'boolean') return answer
  throw new SpecError(`${what} returned ${isPromise(answer) ? 'a promise' : show(answer)} instead of a boolean`, {
    hint: isPromise(answer) ? 'predicates are synchronous: remove async and await' : 'return true or false; === and !! make booleans',
  })
}

/** Runs a function of the spec. What it throws becomes a `SpecError` with the place in the spec, except for guards, assertions and choices that a replay cannot make. */
function call<T>(what: string, execution: Execution, run: () => T): T {
  const outer = execute(execution)
  try {
    return run()
  } catch (error) {
    if (error === DISABLED || error instanceof AssertionFailed || error instanceof SpecError || error instanceof UsageError) throw error
    const cause = error instanceof Error ? error : new Error(show(error))
    throw new SpecError(
      cause instanceof ValueError ? `${what}: ${cause.message}` : `${what} threw ${error instanceof Error ? `${cause.name}: ` : ''}${cause.message}`,
      { location: locate(cause), cause: error },
    )
  } finally {
    execute(outer)
  }
}

const isPromise = (value: unknown): boolean => typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** A chosen value as it is now: views, and arrays of them, become plain. */
function snapshot(value: unknown): unknown {
  const plain = plainOf(value)
  return Array.isArray(plain) ? plain.map(snapshot) : plain
}
