/**
 * All states of a search in breadth-first order, packed, with the index of each one's parent. In segments, so that growing moves nothing
 * and no typed array limits the number of states.
 *
 *     states    s0 s1 s2 s3 s4 …
 *     steps     ∞  1  0  ∞  0  …     by how much the parent of a state lies behind that of the state before
 *     anchors   0: 0   3: 17         the parents where that is not small (∞)
 *
 * States are found in the order of their parents, so a byte per state suffices. An anchor stands at the first of every STRIDE states, and where
 * a thread begins to write: no one needs to know what others write before it.
 */
import type { Heap } from '../layout/heap.ts'
import { type Memory, PRIVATE } from './memory.ts'

const SEGMENT_BITS = 16
/** States per segment. */
export const SEGMENT = 1 << SEGMENT_BITS
/** A power of two. */
const STRIDE = 1 << 12
/** In `steps`: there is an anchor. */
const FAR = 255

/** One segment as threads hand it over. */
export interface Segment {
  /** Its states, or their address in the heap that the threads share. */
  readonly states: Int32Array | number
  readonly steps: Uint8Array
}

/** States in an arena, at most: a place in the visited set is the number of a state plus 1, in 32 bits. */
const MOST_STATES = 2 ** 32 - 1

/** There are no more numbers for states. */
export class Full extends Error {
  override name = 'Full'

  constructor(states: number) {
    super(`there are numbers for ${states} states`)
  }
}

export class Arena {
  readonly words: number
  length = 0
  #most: number
  /** Whether some of it lies outside the heap. */
  outside = false
  readonly #memory: Memory
  /** The part of a heap that it may take: the next free address and its end. */
  #heap: Heap | null = null
  #nextInHeap = 0
  #endInHeap = 0
  readonly #states: Int32Array[] = []
  readonly #steps: Uint8Array[] = []
  /** Index and parent, in pairs; in order when `#sorted`. */
  #anchors = new Uint32Array(64)
  #anchored = 0
  #sorted = true
  /** The state that was written last, and its parent; the same of the one that was asked for last. */
  #written = -2
  #writtenParent = 0
  #asked = -2
  #askedParent = 0

  /** `most`: how many states it may have. It has whole segments only. */
  constructor(words: number, memory: Memory = PRIVATE, most = MOST_STATES) {
    this.words = words
    this.#memory = memory
    this.#most = most
  }

  /** How many states it may have: those of whole segments. */
  get most(): number {
    return this.#most - (this.#most % SEGMENT)
  }

  /** Has no more states than this. Throws `Full` where it has more already. */
  atMost(states: number): void {
    this.#most = Math.min(this.#most, states)
    if (this.room > this.most) throw new Full(this.most)
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
      const steps = this.#steps[segment] as Uint8Array
      // Almost all are near to the one before.
      let before = this.#writtenParent
      let i = 0
      if (index !== this.#written + 1) {
        before = parents[done] as number
        steps[within] = this.#step(index, before)
        i = 1
      }
      for (; i < some; i++) {
        const parent = parents[done + i] as number
        const step = parent - before
        if (step >= 0 && step < FAR && ((within + i) & (STRIDE - 1)) !== 0) steps[within + i] = step
        else {
          this.#anchor(index + i, parent)
          steps[within + i] = FAR
        }
        before = parent
      }
      this.#written = index + some - 1
      this.#writtenParent = before
      done += some
    }
  }

  /** Writes a state for which there is room. */
  put(index: number, states: Int32Array, at: number, parent: number): void {
    const segment = index >>> SEGMENT_BITS
    const within = index & (SEGMENT - 1)
    const target = this.#states[segment] as Int32Array
    const to = within * this.words
    for (let w = 0; w < this.words; w++) target[to + w] = states[at + w] as number
    ;(this.#steps[segment] as Uint8Array)[within] = this.#step(index, parent)
  }

  /** What stands in `steps` for a state. */
  #step(index: number, parent: number): number {
    const step = parent - this.#writtenParent
    const near = step >= 0 && step < FAR && index === this.#written + 1 && (index & (STRIDE - 1)) !== 0
    this.#written = index
    this.#writtenParent = parent
    if (near) return step
    this.#anchor(index, parent)
    return FAR
  }

  #anchor(index: number, parent: number): void {
    const at = 2 * this.#anchored
    if (at === this.#anchors.length) {
      const larger = new Uint32Array(2 * at)
      larger.set(this.#anchors)
      this.#anchors = larger
    }
    if (at > 0 && index <= (this.#anchors[at - 2] as number)) this.#sorted = false
    this.#anchors[at] = index
    this.#anchors[at + 1] = parent
    this.#anchored++
  }

  /** Gives the anchors that were made, for the arena of another thread, and forgets them. */
  takeAnchors(): Uint32Array {
    const anchors = this.#anchors.slice(0, 2 * this.#anchored)
    this.#anchored = 0
    return anchors
  }

  /** Takes over anchors of another thread's arena. */
  addAnchors(anchors: Uint32Array): void {
    for (let i = 0; i < anchors.length; i += 2) this.#anchor(anchors[i] as number, anchors[i + 1] as number)
    // What was written last is no neighbour of what comes now.
    this.#written = -2
  }

  /** Makes room for states up to a number of them. Throws `Full` where there may not be so many. */
  reserve(length: number): void {
    while (this.#states.length * SEGMENT < length) this.#extend()
  }

  #extend(): void {
    if (this.room >= this.most) throw new Full(this.most)
    this.#states.push(this.#inHeap() ?? new Int32Array(this.#memory(SEGMENT * this.words * 4)))
    this.#steps.push(new Uint8Array(this.#memory(SEGMENT)))
  }

  /** Moves the states to a heap, where it takes up to so many bytes for them. Gives the address of the first; the others follow it. */
  moveTo(heap: Heap, bytes: number): number {
    const size = SEGMENT * this.words * 4
    const room = Math.floor(Math.max(bytes / size, this.#states.length)) * size
    const address = heap.allocate(room)
    this.#heap = heap
    this.#nextInHeap = address
    this.#endInHeap = address + room
    this.#states.forEach((states, segment) => {
      const moved = this.#inHeap() as Int32Array
      moved.set(states)
      this.#states[segment] = moved
    })
    return address
  }

  /** Memory of the heap for the states of a segment. */
  #inHeap(): Int32Array | null {
    if (this.#heap === null) return null
    if (this.#nextInHeap === this.#endInHeap) {
      this.outside = true
      return null
    }
    const length = SEGMENT * this.words
    const states = new Int32Array(this.#heap.buffer, this.#nextInHeap, length)
    this.#nextInHeap += 4 * length
    return states
  }

  /** For how many states there is room. */
  get room(): number {
    return this.#states.length * SEGMENT
  }

  /** The segments from a number on. */
  segments(from: number): Segment[] {
    return this.#states.slice(from).map((states, i) => ({
      states: states.buffer === this.#heap?.buffer ? states.byteOffset : states,
      steps: this.#steps[from + i] as Uint8Array,
    }))
  }

  /** Takes over segments of another thread's arena. */
  adopt(segments: readonly Segment[], heap?: Heap): void {
    for (const { states, steps } of segments) {
      this.outside ||= typeof states !== 'number'
      this.#states.push(typeof states === 'number' ? new Int32Array((heap as Heap).buffer, states, SEGMENT * this.words) : states)
      this.#steps.push(steps)
    }
  }

  /** The number behind the last state of the segment that holds this one. */
  runEnd(index: number): number {
    return index - (index & (SEGMENT - 1)) + SEGMENT
  }

  /** The segment that holds a state; the state's words begin at `offset(index)` in it. */
  segment(index: number): Int32Array {
    return this.#states[index >>> SEGMENT_BITS] as Int32Array
  }

  offset(index: number): number {
    return (index & (SEGMENT - 1)) * this.words
  }

  /** The index of a state's parent. Fast for one state after the other. */
  parent(index: number): number {
    const step = this.#stepOf(index)
    let parent = 0
    if (index === this.#asked) return this.#askedParent
    if (index === this.#asked + 1 && step !== FAR) parent = this.#askedParent + step
    else {
      let anchor = index
      for (let back = step; back !== FAR; back = this.#stepOf(anchor)) {
        parent += back
        anchor--
      }
      parent += this.#anchored === 0 ? 0 : this.#anchorAt(anchor)
    }
    this.#asked = index
    this.#askedParent = parent
    return parent
  }

  #stepOf(index: number): number {
    return (this.#steps[index >>> SEGMENT_BITS] as Uint8Array)[index & (SEGMENT - 1)] as number
  }

  #anchorAt(index: number): number {
    if (!this.#sorted) this.#sort()
    const anchors = this.#anchors
    let low = 0
    let high = this.#anchored
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((anchors[2 * middle] as number) <= index) low = middle
      else high = middle
    }
    return anchors[2 * low + 1] as number
  }

  #sort(): void {
    const pairs = new BigUint64Array(this.#anchored)
    for (let i = 0; i < pairs.length; i++) pairs[i] = (BigInt(this.#anchors[2 * i] as number) << 32n) | BigInt(this.#anchors[2 * i + 1] as number)
    pairs.sort()
    pairs.forEach((pair, i) => {
      this.#anchors[2 * i] = Number(pair >> 32n)
      this.#anchors[2 * i + 1] = Number(pair & 0xffffffffn)
    })
    this.#sorted = true
  }

  /** The states from an initial one to this one, as indices. */
  pathTo(index: number): number[] {
    const path = [index]
    for (let parent = this.parent(index); parent !== path[path.length - 1]; parent = this.parent(parent)) path.push(parent)
    return path.reverse()
  }
}
