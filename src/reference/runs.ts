/** One function of a spec, run on plain data: an action with each of its choices, or a predicate. */
import { locate, SpecError, UsageError } from '../errors.ts'
import { callText } from '../program/text.ts'
import { AssertionFailed, DISABLED, type Execution, execute } from '../spec/actions.ts'
import { type ActionBody, DISABLED_LABEL, type Model, type Variables } from '../spec/model.ts'
import { show, ValueError } from '../values/errors.ts'
import { contentOf, copyOf, type RecordShape, type Shape } from './plain.ts'
import { unwatched, watched } from './sets.ts'
import { textOf } from './text.ts'

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
  const ended = { picks, chosen, after: before, message: '' }
  const draft = copied(model, what, before)
  try {
    const returned = call(
      what,
      [draft],
      () => run(draft, snapshot(parameters) as Parameters),
      (final) => {
        const branch = (n: number): number => {
          final()
          if (n === 0) final(DISABLED)
          const index = choose(n)
          picks.push(index)
          chosen.push(index)
          return index
        }
        return {
          disable: () => final(DISABLED),
          branch,
          pick(from) {
            const alternatives = [...from]
            const index = branch(alternatives.length)
            // A value of a type is a fresh one each time.
            const value = isShape(from) ? copyOf(from, alternatives[index]) : alternatives[index]
            chosen[chosen.length - 1] = snapshot(value)
            return value
          },
          ensured: (condition, message) => final(condition ? undefined : new AssertionFailed(message)),
        }
      },
    )
    if (returned === DISABLED_LABEL) return { ...ended, outcome: 'disabled' }
    return { ...ended, outcome: 'done', after: afterwards(model, what, before, draft, returned) }
  } catch (error) {
    if (error === DISABLED) return { ...ended, outcome: 'disabled' }
    if (error instanceof AssertionFailed) return { ...ended, outcome: 'failed', message: error.message }
    throw error
  }
}

/** The state that an action leaves behind: the draft as it has changed it, or a new one that it returns. */
function afterwards(model: Model<Variables>, what: string, before: Plain, draft: Plain, returned: unknown): Plain {
  if (isPromise(returned))
    throw new SpecError(`${what} returned a promise`, {
      hint: 'actions are synchronous: a step of the model happens at once; remove async and await',
    })
  const changed = copied(model, what, draft)
  // A primitive, the draft itself, and what is no plain object or array (the set that `add` returns) mean nothing.
  if (returned === draft || typeof returned !== 'object' || returned === null) return changed
  const part = within(draft, returned)
  if (Array.isArray(returned) ? !part : Object.getPrototypeOf(returned) !== Object.prototype) return changed
  const names = Object.keys(returned)
  const { fields } = shapeOf(model)
  if (part || names.length !== fields.length || !fields.every(([name]) => names.includes(name)))
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
    if (!(error instanceof ValueError)) throw error
    const place = error.path.replace(/^\./, '')
    throw new SpecError(place === '' ? `${what}: ${error.message}` : `${place} in ${what}: ${error.message}`, { outside: error.outside('') })
  }
}

/** Evaluates a function of one or two states that only reads. */
export function evaluate(model: Model<Variables>, what: string, states: readonly Plain[], test: (...drafts: object[]) => unknown): unknown {
  const drafts = states.map((state) => copied(model, what, state))
  const answer = call(
    what,
    drafts,
    () => test(...drafts),
    (final) => {
      const refuse = (name: string) => (): never =>
        final(new SpecError(`${what} calls ${name}()`, { hint: 'guards, choices and assertions belong in actions' })) as never
      return { disable: refuse('when'), pick: refuse('pick'), branch: refuse('either'), ensured: refuse('ensure') }
    },
  )
  const wrote = states.findIndex((state, i) => textIf(drafts[i]) !== textOf(state))
  if (wrote < 0) return answer
  const [draft, state] = [drafts[wrote], states[wrote]] as [Plain, Plain]
  const name = Object.keys(draft).find((key) => textIf(draft[key]) !== textIf(state[key]))
  throw new SpecError(`${what} writes ${name ?? 'the state'}, but it may only read`, { hint: 'the state changes in actions only; change a copy' })
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

/**
 * Runs a function of the spec. What `acts` gives it to act with may end the run by `final(error)`: that stands, whatever the function catches, and `final()`
 * throws it again. What the function throws of its own becomes a `SpecError` with the place in the spec.
 */
function call<T>(what: string, states: readonly object[], run: () => T, acts: (final: (error?: unknown) => void) => Omit<Execution, 'what'>): T {
  let ended: { readonly by: unknown } | undefined
  const final = (error?: unknown): void => {
    if (error !== undefined) ended ??= { by: error }
    if (ended) throw ended.by
  }
  const outer = execute({ what, ...acts(final) })
  const around = running
  running = what
  try {
    const answer = watched(states, run)
    final()
    return answer
  } catch (error) {
    // Choices that a replay cannot make are for whoever replays.
    if (error instanceof UsageError) throw error
    final()
    throw explained(what, error)
  } finally {
    running = around
    execute(outer)
  }
}

function explained(what: string, error: unknown): unknown {
  if (error === DISABLED || error instanceof AssertionFailed || error instanceof SpecError) return error
  if (!(error instanceof Error)) return new SpecError(`${what} threw ${show(error)}`, { cause: error })
  const text = error.name === 'ValueError' ? `${what}: ${error.message}` : `${what} threw ${error.name}: ${error.message}`
  return new SpecError(text, { location: locate(error), cause: error })
}

const isPromise = (value: unknown): boolean => typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
const isShape = (value: unknown): value is Shape => typeof value === 'object' && value !== null && 'kind' in value && 'valueAt' in value

/** A copy of any data as they are now, so that what changes them later changes nothing here: what was chosen, and parameters. */
export const snapshot = (value: unknown): unknown => (textIf(value) === undefined ? value : contentOf(value, true))

function textIf(value: unknown): string | undefined {
  try {
    return textOf(value)
  } catch (error) {
    if (error instanceof ValueError) return undefined
    throw error
  }
}
