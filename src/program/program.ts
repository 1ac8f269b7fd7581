/**
 * The waist. Everything in front of it (types, drafts, learning) makes a `Program`; everything behind it (searches) takes one. A program
 * is a transition system over packed states: it knows words, not variables.
 */
import type { Heap } from './heap.ts'
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

  /** Where the arrays lie, once compiled code works on them; the arrays are then replaced. */
  heap: Heap | null = null
  /** In the heap: the states that were expanded since `count` was 0, one after the other, and the index of the first. */
  parents: Int32Array = new Int32Array(0)
  firstParent = 0
  #parents = 0

  constructor(words: number, capacity = 1 << 12) {
    this.words = words
    this.states = new Int32Array(capacity * words)
    this.instance = new Int32Array(capacity)
    this.source = new Uint32Array(capacity)
  }

  /** Makes room for at least this many in all. The arrays are replaced. */
  reserve(capacity: number): void {
    if (capacity <= this.instance.length) return
    this.#replace(Math.max(capacity, this.instance.length * 2))
  }

  /** Makes room for at least one more. */
  grow(): void {
    this.reserve(this.instance.length + 1)
  }

  /** Moves what is there to a heap. */
  moveTo(heap: Heap): void {
    if (this.heap === heap) return
    this.heap = heap
    this.parents = heap.int32(PARENTS * this.words)
    this.#replace(this.instance.length)
  }

  #replace(room: number): void {
    const { heap, words, states, instance, source } = this
    this.states = heap === null ? new Int32Array(room * words) : heap.int32(room * words)
    this.states.set(states)
    this.instance = heap === null ? new Int32Array(room) : heap.int32(room)
    this.instance.set(instance)
    this.source = heap === null ? new Uint32Array(room) : heap.uint32(room)
    this.source.set(source)
  }

  /**
   * Copies states that are to be expanded, `count` from `at` on with the indices from `first` on, behind those that were expanded before. Gives
   * the number of words before them.
   */
  stage(states: Int32Array, at: number, count: number, first: number): number {
    if (this.count === 0 || first !== this.firstParent + this.#parents) {
      this.#parents = 0
      this.firstParent = first
    }
    return this.#copyParents(states, at, count)
  }

  #copyParents(states: Int32Array, at: number, count: number): number {
    const { words } = this
    const before = this.#parents * words
    const end = before + count * words
    if (end > this.parents.length) {
      const parents = (this.heap as Heap).int32(2 * end)
      parents.set(this.parents.subarray(0, before))
      this.parents = parents
    }
    this.parents.set(states.subarray(at, at + count * words), before)
    return before
  }

  /** The same for states that were expanded before, behind those of the last call or `anew`. */
  restage(states: Int32Array, at: number, count: number, first: number, anew: boolean): void {
    if (anew) {
      this.#parents = 0
      this.firstParent = first
    }
    this.#copyParents(states, at, count)
    this.#parents += count
  }

  /** Says that so many of the states of `stage` were expanded. */
  staged(count: number): void {
    this.#parents += count
  }
}
/** Room for states that are expanded. */
const PARENTS = 1 << 12

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
  /**
   * Of the successors with the numbers `fresh[from]` to `fresh[count - 1]`, the position of the first for which it is not certain that all invariants
   * hold; `count` where there is none. All invariants hold in the states that they come from. `fresh` lies in the heap, as `out` does.
   */
  uncertain(out: Successors, fresh: Int32Array, from: number, count: number): number
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

  /** Where compiled code works: null until there is some. `expandMany` then moves the `Successors` there. */
  readonly heap: Heap | null
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
  /** How many of them were compared with what the function does on plain data. */
  readonly compared: number
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
