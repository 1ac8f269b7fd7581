/**
 * Memory in which compiled code works: one WebAssembly memory, that threads can share. Nothing in it moves, and what is allocated stays so for as
 * long as the heap is there; the operating system gives a page only when it is written to, so room to grow costs nothing.
 *
 *     0        next free address / UNIT
 *     64 …     what is allocated, in order
 *
 * Addresses count bytes. A heap ends at 4 GiB: what does not fit lies in arrays of its own, and is worked on by JavaScript.
 */

import { MAXIMUM, memoryOf, type SharedMemory } from '../wasm/machine.ts'

/** Pages of the smallest heap that is of any use: 64 MiB. */
const MINIMUM = 1 << 10
/** Allocations begin at multiples of this: a line of the processor's cache. */
const UNIT = 64

export class Heap {
  readonly memory: SharedMemory
  readonly buffer: SharedArrayBuffer
  /** All of it, as words. */
  readonly words: Int32Array
  readonly #next: Int32Array

  /** A new heap, or that of another thread. */
  constructor(memory?: SharedMemory) {
    this.memory = memory ?? allocated()
    this.buffer = this.memory.buffer
    this.words = new Int32Array(this.buffer)
    this.#next = new Int32Array(this.buffer, 0, 1)
    if (memory === undefined) this.#next[0] = 1
  }

  get size(): number {
    return this.buffer.byteLength
  }

  /** The address of so many bytes, all zero. Throws a RangeError where they do not fit. Any thread may call it. */
  allocate(bytes: number): number {
    const units = Math.ceil(bytes / UNIT)
    const at = Atomics.add(this.#next, 0, units)
    if ((at + units) * UNIT <= this.size) return at * UNIT
    Atomics.sub(this.#next, 0, units)
    throw new RangeError(`allocation failed: ${bytes} bytes do not fit into a heap of ${this.size}`)
  }

  /** Bytes that are left. */
  get room(): number {
    return this.size - Atomics.load(this.#next, 0) * UNIT
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.buffer, this.allocate(4 * length), length)
  }
  uint32(length: number): Uint32Array {
    return new Uint32Array(this.buffer, this.allocate(4 * length), length)
  }
  uint8(length: number): Uint8Array {
    return new Uint8Array(this.buffer, this.allocate(length), length)
  }
  float64(length: number): Float64Array {
    return new Float64Array(this.buffer, this.allocate(8 * length), length)
  }
}

/** As much as the machine lets have. */
function allocated(): SharedMemory {
  for (let pages = MAXIMUM; ; pages /= 4) {
    try {
      return memoryOf(pages)
    } catch (error) {
      if (!(error instanceof RangeError) || pages / 4 < MINIMUM) throw error
    }
  }
}
