/**
 * The waist. Everything in front of it (types, drafts, learning) makes a `Program`; everything behind it (searches) takes one. A program
 * is a transition system over packed states: it knows words, not variables.
 */
import type { Layout } from '../layout/layout.ts'
import type { Look } from './looks.ts'
import type { PathStep } from './path.ts'
import type { FunctionProfile, Reason } from './result.ts'
import type { TemporalProgram } from './temporal.ts'

/** What a step is an instance of: an action with values for its parameters. */
export interface InstanceInfo {
  readonly action: number
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** A property with values for its parameters. */
export interface PropertyInfo {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/**
 * States handed from a program to a search: `count` of them, `layout.words` words each. Grown by the program; emptied by the search.
 */
export class Successors {
  readonly words: number
  count = 0
  /** The packed states, one after the other. */
  states: Int32Array
  /** The action instance that made each. */
  instance: Int32Array
  /** The index of the state that each comes from; only set by `expandMany`. */
  source: Uint32Array
  /** Steps whose assertion failed since the search last looked; `source` as above. */
  failures: { instance: number; message: string; source: number }[] = []
  /** The indices of states without any enabled step; only set by `expandMany`. */
  stuck: number[] = []

  constructor(words: number, capacity = 1 << 12) {
    this.words = words
    this.states = new Int32Array(capacity * words)
    this.instance = new Int32Array(capacity)
    this.source = new Uint32Array(capacity)
  }

  /** Makes room for at least this many in all. The arrays are replaced. */
  reserve(capacity: number): void {
    if (capacity <= this.instance.length) return
    const room = Math.max(capacity, this.instance.length * 2)
    const states = new Int32Array(room * this.words)
    states.set(this.states)
    this.states = states
    const instance = new Int32Array(room)
    instance.set(this.instance)
    this.instance = instance
    const source = new Uint32Array(room)
    source.set(this.source)
    this.source = source
  }

  /** Makes room for at least one more. */
  grow(): void {
    this.reserve(this.instance.length + 1)
  }
}

export interface Program {
  readonly layout: Layout
  readonly actions: readonly string[]
  readonly instances: readonly InstanceInfo[]
  readonly invariants: readonly PropertyInfo[]
  readonly steps: readonly PropertyInfo[]
  readonly reachables: readonly PropertyInfo[]
  readonly constrained: boolean
  readonly viewed: boolean
  readonly temporal: TemporalProgram

  /**
   * Appends initial states, with the number of the initialisation as `instance`; an initial state once per way to choose it. Stops when
   * `enough` are gathered (by default never) and gives false then: call it again for more. Gives true after the last.
   */
  initial(out: Successors, enough?: number): boolean
  /** Appends the successors of a state, in order. Returns the number of enabled steps, failed ones included. */
  expand(states: Int32Array, at: number, out: Successors): number
  /**
   * Expands up to `count` states that lie one after the other from `at` on and have the indices from `first` on, until at least `enough`
   * successors are gathered. Sets their `source`, and `stuck`. Returns how many states were expanded.
   */
  expandMany(states: Int32Array, at: number, count: number, first: number, out: Successors, enough: number): number
  /**
   * The first invariant that is false in a state, or -1. `parent` is a state in which all of them hold and from which this one
   * differs little: what did not change need not be evaluated. Invariants in `ignore` are passed over.
   */
  violated(states: Int32Array, at: number, parent: Int32Array | null, parentAt: number, ignore: Uint8Array): number
  /** The first step property from `from` on that a step breaks, or -1. */
  brokenStep(before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number, instance: number, from: number): number
  /** Whether a state lies inside the constraints. */
  inside(states: Int32Array, at: number): boolean
  /** Whether a state without successors is no deadlock. */
  terminal(states: Int32Array, at: number): boolean
  /** Whether a state is one that is sought. */
  reaches(reachable: number, states: Int32Array, at: number): boolean
  /** The number of the view's value in a state: equal for equal values. */
  viewOf(states: Int32Array, at: number): number

  /** The first step from a state that makes a given one, by any action instance or by this one. Undefined where there is none. */
  stepTo(states: Int32Array, at: number, to: Int32Array, toAt: number, instance?: number): PathStep | undefined
  /** The first step from a state whose assertion fails with this message. */
  failingStep(states: Int32Array, at: number, message: string): PathStep | undefined
  /** How an initial state is chosen. */
  initialStep(to: Int32Array, toAt: number): PathStep | undefined

  /** The values read that decided. */
  explainInvariant(invariant: number, states: Int32Array, at: number): Reason[]
  explainStep(step: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): Reason[]
  explainFailure(step: PathStep, states: Int32Array, at: number): Reason[]
  explainDeadlock(states: Int32Array, at: number): Reason[]

  /** Whether expanding is so fast that many states can be asked for at once: compiled, nothing called directly. */
  readonly swift: boolean
  /** The index of the state that `expandMany` was expanding when a function of the spec threw, or -1. */
  readonly expanding: number
  /** Grows when the program meets a local situation for the first time. */
  readonly learned: number
  figures(): ProgramFigures
}

export interface ProgramFigures {
  readonly leaves: number
  readonly calls: number
  readonly direct: readonly string[]
  /** Messages of the assertions that were evaluated. */
  readonly assertions: readonly string[]
  /** Actions that were never enabled. */
  readonly neverEnabled: readonly string[]
  /** What properties have looked at. */
  readonly looks: readonly Look[]
  /** Only with the option `profile`: seconds spent expanding states, on the compilation of trees in that, and checking; and each function of the spec. */
  readonly profile?: {
    readonly expanding: number
    readonly compiling: number
    readonly checking: number
    readonly functions: readonly FunctionProfile[]
  }
}
