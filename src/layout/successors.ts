/** States that a program makes: where it puts them, and those who explore take them from. */
import type { Heap } from './heap.ts'

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
