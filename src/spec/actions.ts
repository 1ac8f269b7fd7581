/**
 * What an action may do besides reading and writing its draft: `when`, `pick`, `either`, `ensure`.
 *
 * They act on the execution that is under way. An engine that runs an action installs an `Execution`; there is one at a time.
 */
import { SpecError } from '../errors.ts'

/** One run of an action (or of a predicate, where picks and guards are refused). */
export interface Execution {
  /** What runs, for messages: "the action Prepare". */
  readonly what: string
  /** Called when a guard was false; the engine throws `DISABLED` afterwards in any case. */
  disable(): void
  /** Chooses one of the alternatives. Never returns where there is none. */
  pick(from: Iterable<unknown>): unknown
  /** Chooses a number below n. */
  branch(n: number): number
  /** Called for every assertion, before a false one throws. */
  ensured(condition: boolean, message: string): void
  /** Told of a refusal before it is thrown: whatever the function does with it, it ends with the first. */
  refuse?(error: SpecError): void
}

/** Thrown by `when`: the action is not enabled here. */
export const DISABLED = { tsmc: 'disabled' }

/** Thrown by `ensure`. */
export class AssertionFailed {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

let current: Execution | null = null

/** Installs an execution and gives back the one before it. */
export function execute(next: Execution | null): Execution | null {
  const before = current
  current = next
  return before
}

/** The execution that is under way: a function of a spec runs. */
export function underWay(): Execution | null {
  return current
}

/** Refuses what a function of a spec does while it runs. */
export function refuse(error: SpecError): never {
  current?.refuse?.(error)
  throw error
}

function running(call: string): Execution {
  if (current === null)
    throw new SpecError(`${call} was called outside an action`, { hint: `call it in the body of an action, not while the model is put together` })
  return current
}

/**
 * The guard of an action: where the condition is false, the action is not enabled and everything it wrote is discarded.
 * Narrows types: after `when(s.current !== null)` the current one is known.
 */
export function when(condition: unknown): asserts condition {
  const execution = running('when()')
  if (typeof condition !== 'boolean' && typeof condition === 'object' && condition instanceof Promise) {
    throw new SpecError(`when() was given a promise in ${execution.what}`, { hint: 'actions are synchronous: a step of the model happens at once' })
  }
  if (!condition) {
    execution.disable()
    throw DISABLED
  }
}

/**
 * A nondeterministic choice: every alternative is explored. From a type (all its values), a set, a sequence, an array or any other
 * iterable. Where there is no alternative the action is not enabled.
 */
export function pick<T>(from: Iterable<T>): T {
  const execution = running('pick()')
  if (from === null || from === undefined || typeof (from as Iterable<T>)[Symbol.iterator] !== 'function') {
    throw new SpecError(`pick() was given ${String(from)} in ${execution.what}`, {
      hint: 'give it a type, a set, a sequence or an array to choose from',
    })
  }
  return execution.pick(from) as T
}

/** Runs one of the branches, each of which is explored, and gives back its value. */
export function either<B extends readonly (() => unknown)[]>(...branches: B): ReturnType<B[number]> {
  const execution = running('either()')
  return (branches[execution.branch(branches.length)] as () => ReturnType<B[number]>)()
}

/**
 * An assertion inside the modelled system: where the condition is false, the step is a violation named by the message, reported with
 * the trace and the attempted step.
 */
export function ensure(condition: unknown, message: string): asserts condition {
  const execution = running('ensure()')
  execution.ensured(Boolean(condition), message)
  if (!condition) throw new AssertionFailed(message)
}
