/**
 * A hash table in parts, by the first bits of the hash: each part grows by itself, and each can belong to another thread. The hot path.
 *
 *     hash    pppppp rrrrrrrrrrrrrrrrrrrrrrrrrr      p: the part; the entry's home in it is r, scaled down to the part's capacity
 *     part    [ . a . b c . . d . . | . . . ]        linear probing, without a wrap: behind the capacity there is some slack
 *
 * Homes are in the order of the hashes, so that a part that grows is copied from front to back: no random access. Therefore growing by
 * a quarter is cheap, and a table is between 60 and 75 % full; parts begin with different capacities, so that not all grow at once.
 *
 * The memory of a part is reserved with room to grow: the operating system gives a page only when it is written to.
 */
import type { Heap } from '../program/heap.ts'
import { type Memory, PRIVATE } from './memory.ts'

const PART_BITS = 6
export const PARTS = 1 << PART_BITS
/** How a hash is cut: `hash >>> PART_SHIFT` is the part, `hash << REST_SHIFT` the rest. */
export const PART_SHIFT = 32 - PART_BITS
export const REST_SHIFT = PART_BITS

const FIRST_CAPACITY = 256
/** Entries behind the capacity of a part, for what is displaced from its end. */
export const SLACK = 128
const LOAD = 0.75
const GROWTH = 1.25
/** Room to grow, as a multiple of the capacity. */
const ROOM = 16
/** The share of a heap that a table takes. */
const SHARE = 0.85
const TWO_32 = 2 ** 32

/** The arrays of a table, as threads hand them over. */
export interface PartsHandle {
  readonly tables: readonly Int32Array[]
  readonly scales: Float64Array
  readonly sizes: Int32Array
  readonly capacities: Int32Array
}

/** Where a table lies in a heap: addresses of rows with an entry per part, and of what is not per part. */
export interface Placed {
  /** The first part; the others follow at this distance. */
  readonly tables: number
  readonly stride: number
  readonly scales: number
  readonly sizes: number
  readonly capacities: number
  /** Entries above which a part grows; bytes from its beginning on behind which nothing may be entered without growing. */
  readonly limits: number
  readonly ends: number
  /** As much room as a part has. */
  readonly scratch: number
  /** A word to write anything to. */
  readonly touched: number
}

export class Parts {
  /** The entries of each part, `width` words each; the first of them zero where an entry is free (with two words: both). */
  readonly tables: Int32Array[]
  /** Per part: what to multiply the rest of a hash with to get a home. */
  scales: Float64Array
  sizes: Int32Array
  /** The parts whose memory was replaced. */
  readonly moved = new Set<number>()
  #capacities: Int32Array
  /** As the heap has them. */
  #limits = new Int32Array(PARTS) as Int32Array
  #ends = new Int32Array(PARTS) as Int32Array
  readonly #width: number
  readonly #hash: (table: Int32Array, place: number) => number
  readonly #memory: Memory
  #scratch = new Int32Array(0)

  /** `hash` gives the hash of the entry at a place of a table. */
  constructor(width: number, hash: (table: Int32Array, place: number) => number, memory: Memory = PRIVATE, handle?: PartsHandle) {
    this.#width = width
    this.#hash = hash
    this.#memory = memory
    if (handle) {
      this.tables = [...handle.tables]
      this.scales = handle.scales
      this.sizes = handle.sizes
      this.#capacities = handle.capacities
      return
    }
    this.scales = new Float64Array(memory(PARTS * 8))
    this.sizes = new Int32Array(memory(PARTS * 4))
    this.#capacities = new Int32Array(memory(PARTS * 4))
    this.tables = Array.from({ length: PARTS }, (_, part) => {
      const capacity = Math.floor(FIRST_CAPACITY * GROWTH ** (part / PARTS))
      this.#resize(part, capacity)
      return this.#allocate(capacity)
    })
  }

  /** Moves to a heap, and takes most of what is left there. Parts that outgrow it get memory of their own. */
  moveTo(heap: Heap): Placed {
    const row = (from: Int32Array): Int32Array => {
      const to = heap.int32(PARTS)
      to.set(from)
      return to
    }
    const scales = heap.float64(PARTS)
    scales.set(this.scales)
    this.scales = scales
    this.sizes = row(this.sizes)
    this.#capacities = row(this.#capacities)
    this.#limits = row(this.#limits)
    this.#ends = row(this.#ends)
    const stride = Math.floor((heap.room * SHARE) / (PARTS + 1) / 64) * 64
    const tables = heap.allocate(stride * PARTS)
    this.tables.forEach((old, part) => {
      const table = new Int32Array(heap.buffer, tables + part * stride, stride / 4)
      table.set(old.subarray(0, ((this.#capacities[part] as number) + SLACK) * this.#width))
      this.tables[part] = table
    })
    return {
      tables,
      stride,
      scales: scales.byteOffset,
      sizes: this.sizes.byteOffset,
      capacities: this.#capacities.byteOffset,
      limits: this.#limits.byteOffset,
      ends: this.#ends.byteOffset,
      scratch: heap.allocate(stride),
      touched: heap.allocate(4),
    }
  }

  get handle(): PartsHandle {
    return { tables: this.tables, scales: this.scales, sizes: this.sizes, capacities: this.#capacities }
  }

  /** Entries in all. */
  get size(): number {
    return this.sizes.reduce((sum, size) => sum + size, 0)
  }

  /** Bytes that the table occupies. */
  get bytes(): number {
    return this.#capacities.reduce((sum, capacity) => sum + (capacity + SLACK) * this.#width * 4, 0)
  }

  /** Makes room for so many more entries in a part. */
  reserve(part: number, more: number): void {
    while ((this.sizes[part] as number) + more > LOAD * (this.#capacities[part] as number)) this.grow(part)
  }

  /** Whether an entry at this place is so near to the end of the part that it has to grow before the next. */
  atEnd(part: number, place: number): boolean {
    return place >= ((this.#capacities[part] as number) + SLACK - 1) * this.#width
  }

  grow(part: number): void {
    const old = this.tables[part] as Int32Array
    let capacity = this.#capacities[part] as number
    const length = (capacity + SLACK) * this.#width
    if (this.#scratch.length < length) this.#scratch = new Int32Array(Math.ceil(length * GROWTH))
    const scratch = this.#scratch
    scratch.set(old.subarray(0, length))
    old.fill(0, 0, length)
    let table = old
    do {
      capacity = Math.ceil(capacity * GROWTH)
      if ((capacity + SLACK) * this.#width > table.length) {
        table = this.#allocate(capacity)
        this.tables[part] = table
        this.moved.add(part)
      } else if (table !== old) table.fill(0)
      this.#resize(part, capacity)
    } while (!this.#refill(part, table, scratch, length))
  }

  /** Enters all entries of the old table; false where the slack does not suffice. */
  #refill(part: number, table: Int32Array, scratch: Int32Array, length: number): boolean {
    const width = this.#width
    const hash = this.#hash
    const scale = this.scales[part] as number
    const end = ((this.#capacities[part] as number) + SLACK - 1) * width
    for (let from = 0; from < length; from += width) {
      const first = scratch[from] as number
      const second = width === 2 ? (scratch[from + 1] as number) : 0
      if ((first | second) === 0) continue
      let place = width * Math.floor(((hash(scratch, from) << REST_SHIFT) >>> 0) * scale)
      while (((table[place] as number) | (width === 2 ? (table[place + 1] as number) : 0)) !== 0) place += width
      if (place >= end) {
        table.fill(0, 0, end + width)
        return false
      }
      table[place] = first
      if (width === 2) table[place + 1] = second
    }
    return true
  }

  /** Takes over a part whose memory another thread has replaced. */
  adopt(part: number, table: Int32Array): void {
    this.tables[part] = table
  }

  #resize(part: number, capacity: number): void {
    this.#capacities[part] = capacity
    this.scales[part] = capacity / TWO_32
    this.#limits[part] = capacity - (capacity >>> 2)
    this.#ends[part] = (capacity + SLACK - 1) * this.#width * 4
  }

  #allocate(capacity: number): Int32Array {
    const needed = (capacity + SLACK) * this.#width * 4
    for (let room = ROOM; room > 1; room /= 2) {
      try {
        return new Int32Array(this.#memory(needed * room))
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
    return new Int32Array(this.#memory(needed))
  }
}
