/**
 * The waist: a few small interfaces. What is in front of it (types, drafts, learning; the reference checker; a system written by hand) implements
 * them; what is behind it (explorations, temporal checks, traces) takes no more of them than it needs. States are packed words; nobody here knows
 * variables, TypeScript functions or searches.
 */
import type { Heap } from '../layout/heap.ts'
import type { Layout } from '../layout/layout.ts'
import type { Successors } from '../layout/successors.ts'
import type { PathStep } from './path.ts'
import type { ProgramFigures } from './figures.ts'
import type { Reason } from './result.ts'

/** What a step is an instance of: an action with values for its parameters. */
export interface InstanceInfo {
  /** The number of the action. */
  readonly action: number
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** A property with values for its parameters. */
export interface PropertyInfo {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** A transition system. With a `Judge` it can be explored in every way. */
export interface System {
  readonly layout: Layout
  readonly actions: readonly string[]
  readonly instances: readonly InstanceInfo[]
  /** Whether there is a constraint: states outside are not expanded. */
  readonly constrained: boolean
  /** Whether states count as equal when their views are. */
  readonly viewed: boolean
  /** What makes exploring it fast; without it states are expanded one by one. */
  readonly accelerator?: Accelerator

  /**
   * Appends initial states, with the number of the initialisation as `instance`; an initial state once per way to choose it. Stops when
   * `enough` are gathered (by default never) and gives false then: call it again for more. Gives true after the last.
   */
  initial(out: Successors, enough?: number): boolean
  /** Appends the successors of a state, in the order of the instances. Returns the number of enabled steps, failed ones included. */
  expand(states: Int32Array, at: number, out: Successors): number
  /** Whether a state lies inside the constraints. */
  inside(states: Int32Array, at: number): boolean
  /** Whether a state without successors is no deadlock. */
  terminal(states: Int32Array, at: number): boolean
  /** The number of the view's value in a state: equal for equal values. */
  viewOf(states: Int32Array, at: number): number
}

/** Says what is wrong with a state or a step, and which states are sought. */
export interface Judge {
  readonly invariants: readonly PropertyInfo[]
  readonly steps: readonly PropertyInfo[]
  readonly reachables: readonly PropertyInfo[]

  /**
   * The first invariant that is false in a state, or -1. `parent` is a state in which all of them hold and from which this one
   * differs little: what did not change need not be evaluated. Invariants in `ignore` are passed over.
   */
  violated(states: Int32Array, at: number, parent: Int32Array | null, parentAt: number, ignore: Uint8Array): number
  /** The first step property from `from` on that a step breaks, or -1. */
  brokenStep(before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number, instance: number, from: number): number
  /** Whether a state is one that is sought. */
  reaches(reachable: number, states: Int32Array, at: number): boolean
}

/** What explorations take. */
export type Explorable = System & Judge

/** Finds steps again, for traces. */
export interface Replay {
  /** The first step from a state that makes a given one, by any action instance or by this one. Undefined where there is none. */
  stepTo(states: Int32Array, at: number, to: Int32Array, toAt: number, instance?: number): PathStep | undefined
  /** The first step from a state whose assertion fails with this message. */
  failingStep(states: Int32Array, at: number, message: string): PathStep | undefined
  /** How an initial state is chosen. */
  initialStep(to: Int32Array, toAt: number): PathStep | undefined
}

/** Which reads decided: for those who record them. */
export interface Reasons {
  explainInvariant(invariant: number, states: Int32Array, at: number): Reason[]
  explainStep(step: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): Reason[]
  explainFailure(step: PathStep, states: Int32Array, at: number): Reason[]
  explainDeadlock(states: Int32Array, at: number): Reason[]
}

/** Expands and judges many states at once. Whatever it does is what `System` and `Judge` do. */
export interface Accelerator {
  /** Where compiled code works: null until there is some. `expandMany` then moves the `Successors` there. */
  readonly heap: Heap | null
  /** Whether expanding is so fast that many states can be asked for at once: compiled, nothing called directly. */
  readonly fast: boolean
  /** The index of the state that `expandMany` was expanding when a function of the spec threw, or -1. */
  readonly expanding: number
  /** Grows when a local situation is met for the first time. */
  readonly learned: number

  /**
   * Expands up to `count` states that lie one after the other from `at` on and have the indices from `first` on, until at least `enough`
   * successors are gathered. Sets their `source`, and `stuck`. Returns how many states were expanded.
   */
  expandMany(states: Int32Array, at: number, count: number, first: number, out: Successors, enough: number): number
  /**
   * Of the successors with the numbers `fresh[from]` to `fresh[count - 1]`, the position of the first for which it is not certain that all invariants
   * hold; `count` where there is none. All invariants hold in the states that they come from. `fresh` lies in the heap, as `out` does.
   */
  uncertain(out: Successors, fresh: Int32Array, from: number, count: number): number
}

/** What was found out about the spec meanwhile. */
export interface Measured {
  figures(): ProgramFigures
}
