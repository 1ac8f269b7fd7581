/** One function of a spec, run on plain data: an action with each of its choices, or a predicate. */
import { locate, SpecError, UsageError } from '../errors.ts'
import { callText } from '../program/text.ts'
import { AssertionFailed, DISABLED, type Execution, execute } from '../spec/actions.ts'
import { type ActionBody, DISABLED_LABEL, type Model, type Variables } from '../spec/model.ts'
import { contentOf, copyOf, type RecordShape, type Shape, show } from './plain.ts'
import { unwatched, watched } from './sets.ts'
import { textOf, Unfit } from './text.ts'

/** A state: a plain object with a property per variable. Nothing changes it; functions of the spec get copies. */
export type Plain = Readonly<Record<string, unknown>>

/** One way to run an action: the numbers of the alternatives it chose, and their values. */
export interface Run {
  readonly picks: readonly number[]
  readonly chosen: readonly unknown[]
  /** `disabled`: a guard was false. `failed`: an assertion was. */
  readonly outcome: 'done' | 'disabled' | 'failed'
  /** The state afterwards; the one before where it did not get done. */
  readonly after: Plain
  /** The message of the failed assertion. */
  readonly message: string
}

type Parameters = Readonly<Record<string, unknown>>

export const shapeOf = (model: Model<Variables>): RecordShape => model.state as unknown as RecordShape

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

/** Runs an action once; `choose(n)` takes one of n alternatives. `chosen` gets the values of its choices, also where it throws. */
export function runOnce(
  model: Model<Variables>,
  what: string,
  run: ActionBody,
  before: Plain,
  parameters: Parameters,
  choose: (n: number) => number,
  chosen: unknown[] = [],
): Run {
  const picks: number[] = []
  // The first guard or assertion that is false is final, whatever the action catches.
  let final: { readonly outcome: 'disabled' | 'failed'; readonly thrown: unknown; readonly message: string } | undefined
  const end = (outcome: 'disabled' | 'failed', thrown: unknown, message = ''): never => {
    final ??= { outcome, thrown, message }
    throw final.thrown
  }
  const execution: Execution = {
    what,
    disable: () => end('disabled', DISABLED),
    pick(from) {
      const alternatives = [...from]
      const index = execution.branch(alternatives.length)
      // A value of a type is a fresh one each time.
      const value = isShape(from) ? copyOf(from, alternatives[index]) : alternatives[index]
      chosen[chosen.length - 1] = snapshot(value)
      return value
    },
    branch(n) {
      if (final) throw final.thrown
      if (n === 0) return end('disabled', DISABLED)
      const index = choose(n)
      picks.push(index)
      chosen.push(index)
      return index
    },
    ensured(condition, message) {
      if (final) throw final.thrown
      if (!condition) end('failed', new AssertionFailed(message), message)
    },
  }
  const draft = copied(model, what, before)
  try {
    const returned = call(what, execution, [draft], () => run(draft, mine(parameters)))
    if (returned === DISABLED_LABEL) execution.disable()
    if (!final) return { picks, chosen, outcome: 'done', after: afterwards(model, what, before, draft, returned), message: '' }
  } catch (error) {
    if (!final || error instanceof UsageError) throw error
  }
  const { outcome, message } = final as NonNullable<typeof final>
  return { picks, chosen, outcome, after: before, message }
}

/** The state that an action leaves behind: the draft as it has changed it, or a new one that it returns. */
function afterwards(model: Model<Variables>, what: string, before: Plain, draft: Plain, returned: unknown): Plain {
  if (isPromise(returned))
    throw new SpecError(`${what} returned a promise`, {
      hint: 'actions are synchronous: a step of the model happens at once; remove async and await',
    })
  const changed = copied(model, what, draft)
  // A primitive, the draft itself, and what is no plain object or array (the set that `add` returns) mean nothing.
  const array = Array.isArray(returned)
  if (returned === draft || typeof returned !== 'object' || returned === null) return changed
  if (array ? !within(draft, returned) : Object.getPrototypeOf(returned) !== Object.prototype) return changed
  const names = Object.keys(returned)
  const whole = shapeOf(model).fields.every(([name]) => names.includes(name))
  if (array || within(draft, returned) || !whole || names.length !== shapeOf(model).fields.length)
    throw new SpecError(`${what} returned ${show(returned)}, which is not a whole state`, {
      hint: 'return nothing, or an object with all variables: { ...s, n: 1 }',
    })
  if (textOf(changed) !== textOf(before))
    throw new SpecError(`${what} changes its state and returns a new one`, {
      hint: 'change the state that it is given, or return a new one; not both',
    })
  return copied(model, what, returned)
}

/** Whether something is one of the objects and arrays that a state consists of. */
const within = (whole: unknown, part: object): boolean =>
  typeof whole === 'object' && whole !== null && Object.values(whole).some((inner) => inner === part || within(inner, part))

/** A state as a copy of its own, checked. */
export function copied(model: Model<Variables>, what: string, data: unknown): Plain {
  try {
    return copyOf(shapeOf(model), data) as Plain
  } catch (error) {
    if (error instanceof Unfit)
      throw new SpecError(error.path === '' ? `${what}: ${error.message}` : `${error.path} in ${what}: ${error.message}`, {
        outside: error.misfit && { variable: error.path, ...error.misfit },
      })
    throw error
  }
}

/** Evaluates a function of one or two states that only reads. */
export function evaluate(model: Model<Variables>, what: string, states: readonly Plain[], test: (...drafts: object[]) => unknown): unknown {
  let refused: SpecError | undefined
  const refuse = (name: string) => (): never => {
    refused ??= new SpecError(`${what} calls ${name}()`, { hint: 'guards, choices and assertions belong in actions' })
    throw refused
  }
  const execution: Execution = { what, disable: refuse('when'), pick: refuse('pick'), branch: refuse('either'), ensured: refuse('ensure') }
  const drafts = states.map((state) => copied(model, what, state))
  const ask = (): unknown => call(what, execution, drafts, () => test(...drafts))
  const answer = attempt(ask, () => refused)
  const wrote = states.findIndex((state, i) => textIf(drafts[i]) !== textOf(state))
  if (wrote < 0) return answer
  const name = Object.keys(drafts[wrote] as Plain).find((key) => textIf((drafts[wrote] as Plain)[key]) !== textIf((states[wrote] as Plain)[key]))
  throw new SpecError(`${what} writes ${name ?? 'the state'}, but it may only read`, {
    location: undefined,
    hint: 'the state changes in actions only; change a copy',
  })
}

/** Runs something; what was refused on the way is thrown whether or not that was caught. */
function attempt<T>(run: () => T, refused: () => Error | undefined): T {
  try {
    return run()
  } finally {
    const error = refused()
    // biome-ignore lint/correctness/noUnsafeFinally: it goes before what the spec has thrown instead
    if (error) throw error
  }
}

/** Evaluates a predicate: its answer must be a boolean. */
export function holds(model: Model<Variables>, what: string, states: readonly Plain[], test: (...drafts: object[]) => unknown): boolean {
  const answer = evaluate(model, what, states, test)
  if (typeof answer === 'boolean') return answer
  throw new SpecError(`${what} returned ${isPromise(answer) ? 'a promise' : show(answer)} instead of a boolean`, {
    hint: isPromise(answer) ? 'predicates are synchronous: remove async and await' : 'return true or false; === and !! make booleans',
  })
}

/** The function of the spec that runs, as messages call it. */
let running: string | null = null
/** What runs now, for whoever is told something by it. */
export const runningNow = (): string | null => running

/** After an interruption, which runs no `finally`: gives what was running, and nothing is from now on. */
export function interruptedNow(): string | null {
  const what = running
  running = null
  unwatched()
  return what
}

/** Runs a function of the spec. What it throws becomes a `SpecError` with the place in the spec, except for guards, assertions and choices that a replay cannot make. */
function call<T>(what: string, execution: Execution, states: readonly object[], run: () => T): T {
  const outer = execute(execution)
  const around = running
  running = what
  try {
    return watched(states, run)
  } catch (error) {
    if (error === DISABLED || error instanceof AssertionFailed || error instanceof SpecError || error instanceof UsageError) throw error
    const cause = error instanceof Error ? error : new Error(show(error))
    throw new SpecError(
      cause instanceof Unfit || cause.name === 'ValueError'
        ? `${what}: ${cause.message}`
        : `${what} threw ${error instanceof Error ? `${cause.name}: ` : ''}${cause.message}`,
      { location: error instanceof Error ? locate(cause) : undefined, cause: error },
    )
  } finally {
    running = around
    execute(outer)
  }
}

const isPromise = (value: unknown): boolean => typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
const isShape = (value: unknown): value is Shape => typeof value === 'object' && value !== null && 'kind' in value && 'valueAt' in value

/** A copy of any data as they are now, so that what changes them later changes nothing here: what was chosen, and parameters. */
export const snapshot = (value: unknown): unknown => (textIf(value) === undefined ? value : contentOf(value, '', true))
const mine = (parameters: Parameters): Parameters => Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, snapshot(value)]))

function textIf(value: unknown): string | undefined {
  try {
    return textOf(value)
  } catch (error) {
    if (error instanceof Unfit) return undefined
    throw error
  }
}
