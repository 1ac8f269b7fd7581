/**
 * All states of a search in breadth-first order, packed, with the index of each one's parent. In segments, so that growing moves nothing
 * and no typed array limits the number of states.
 */
import { type Memory, PRIVATE } from './memory.ts'

const SEGMENT_BITS = 16
/** States per segment. */
export const SEGMENT = 1 << SEGMENT_BITS

/** The arrays of one segment. */
export interface Segment {
  readonly states: Int32Array
  readonly parents: Uint32Array
}

export class Arena {
  readonly words: number
  length = 0
  readonly #memory: Memory
  readonly #states: Int32Array[] = []
  readonly #parents: Uint32Array[] = []

  constructor(words: number, memory: Memory = PRIVATE) {
    this.words = words
    this.#memory = memory
  }

  /** Appends a state; `parent` is the index of its parent, its own index for an initial state. */
  push(states: Int32Array, at: number, parent: number): number {
    const index = this.length
    if (index >>> SEGMENT_BITS === this.#states.length) this.#extend()
    this.put(index, states, at, parent)
    this.length = index + 1
    return index
  }

  /** Appends `count` states that lie one after the other, with the indices of their parents. */
  append(states: Int32Array, parents: Uint32Array, count: number): void {
    this.reserve(this.length + count)
    this.putAll(this.length, states, parents, count)
    this.length += count
  }

  /** Writes `count` states that lie one after the other, for which there is room. */
  putAll(first: number, states: Int32Array, parents: Uint32Array, count: number): void {
    const { words } = this
    for (let done = 0; done < count; ) {
      const index = first + done
      const segment = index >>> SEGMENT_BITS
      const within = index & (SEGMENT - 1)
      const some = Math.min(count - done, SEGMENT - within)
      this.#states[segment]?.set(states.subarray(done * words, (done + some) * words), within * words)
      this.#parents[segment]?.set(parents.subarray(done, done + some), within)
      done += some
    }
  }

  /** Writes a state for which there is room. */
  put(index: number, states: Int32Array, at: number, parent: number): void {
    const segment = index >>> SEGMENT_BITS
    const target = this.#states[segment] as Int32Array
    const to = (index & (SEGMENT - 1)) * this.words
    for (let w = 0; w < this.words; w++) target[to + w] = states[at + w] as number
    ;(this.#parents[segment] as Uint32Array)[index & (SEGMENT - 1)] = parent
  }

  /** Makes room for states up to a number of them. */
  reserve(length: number): void {
    while (this.#states.length * SEGMENT < length) this.#extend()
  }

  #extend(): void {
    this.#states.push(new Int32Array(this.#memory(SEGMENT * this.words * 4)))
    this.#parents.push(new Uint32Array(this.#memory(SEGMENT * 4)))
  }

  /** For how many states there is room. */
  get room(): number {
    return this.#states.length * SEGMENT
  }

  /** The segments from a number on. */
  segments(from: number): Segment[] {
    return this.#states.slice(from).map((states, i) => ({ states, parents: this.#parents[from + i] as Uint32Array }))
  }

  /** Takes over segments of another thread's arena. */
  adopt(segments: readonly Segment[]): void {
    for (const { states, parents } of segments) {
      this.#states.push(states)
      this.#parents.push(parents)
    }
  }

  /** The segment that holds a state; the state's words begin at `offset(index)` in it. */
  segment(index: number): Int32Array {
    return this.#states[index >>> SEGMENT_BITS] as Int32Array
  }

  offset(index: number): number {
    return (index & (SEGMENT - 1)) * this.words
  }

  parent(index: number): number {
    return (this.#parents[index >>> SEGMENT_BITS] as Uint32Array)[index & (SEGMENT - 1)] as number
  }

  /** The states from an initial one to this one, as indices. */
  pathTo(index: number): number[] {
    const path = [index]
    for (let parent = this.parent(index); parent !== path[path.length - 1]; parent = this.parent(parent)) path.push(parent)
    return path.reverse()
  }
}
