/**
 * All states of a search in breadth-first order, packed, with the index of each one's parent. In segments, so that growing moves nothing
 * and no typed array limits the number of states.
 */
const SEGMENT_BITS = 16
/** States per segment. */
export const SEGMENT = 1 << SEGMENT_BITS

export class Arena {
  readonly words: number
  length = 0
  readonly #states: Int32Array[] = []
  readonly #parents: Uint32Array[] = []

  constructor(words: number) {
    this.words = words
  }

  /** Appends a state; `parent` is the index of its parent, its own index for an initial state. */
  push(states: Int32Array, at: number, parent: number): number {
    const index = this.length
    const segment = index >>> SEGMENT_BITS
    if (segment === this.#states.length) {
      this.#states.push(new Int32Array(SEGMENT * this.words))
      this.#parents.push(new Uint32Array(SEGMENT))
    }
    const target = this.#states[segment] as Int32Array
    const to = (index & (SEGMENT - 1)) * this.words
    for (let w = 0; w < this.words; w++) target[to + w] = states[at + w] as number
    ;(this.#parents[segment] as Uint32Array)[index & (SEGMENT - 1)] = parent
    this.length = index + 1
    return index
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
