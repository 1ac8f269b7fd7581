/**
 * A hash table in parts, by the first bits of the hash: each part grows by itself, and each can belong to another thread. The hot path.
 *
 *     hash    pppppp rrrrrrrrrrrrrrrrrrrrrrrrrr      p: the part; the line where it looks for a place is r, scaled down to the part's lines
 *     part    [ abc..... | de...... | fghijklm | n....... | … ]
 *
 * A line is one of the processor's cache. An entry goes to the first free place from the beginning of its line on, without a wrap: behind the
 * capacity there is some slack. Nothing is ever taken out, so that a line has no gaps, and a table may be nearly full: most entries are in
 * their own line, and a look at one line, all of which is compared at once, tells whether an entry is there.
 *
 * Lines are in the order of the hashes, so that a part that grows is copied from front to back: no random access. Therefore growing by
 * a quarter is cheap, and a large table is between 70 and 88 % full; parts begin with different capacities, so that not all grow at once.
 *
 * The memory of a part is reserved with room to grow: the operating system gives a page only when it is written to.
 */
import type { Heap } from '../layout/heap.ts'
import { type Memory, PRIVATE } from './memory.ts'

const PART_BITS = 6
export const PARTS = 1 << PART_BITS
/** How a hash is cut: `hash >>> PART_SHIFT` is the part, `hash << REST_SHIFT` the rest. */
export const PART_SHIFT = 32 - PART_BITS
export const REST_SHIFT = PART_BITS

/** Words of a line, and how many lines the smallest part has. */
export const LINE = 16
const FIRST_LINES = 64
/** Entries behind the capacity of a part, for what is displaced from its end. */
export const SLACK = 256
/** The first parts differ by up to this factor: by as much as a part grows. */
const GROWTH = 1.25
/** A part grows by a half below so many lines, by a quarter from then on. */
export const SMALL_LINES = 1 << 10
/** Room to grow, as a multiple of the capacity. */
const ROOM = 3
/** The share of a heap that a table takes, and bytes that it leaves where half of the heap is more. */
const SHARE = 0.9
const LEFT = 1 << 28
const TWO_32 = 2 ** 32

/** A table as threads hand it over: its arrays, or where they lie in the heap that they share. */
export type PartsHandle = PartsArrays | Placed

interface PartsArrays {
  readonly tables: readonly Int32Array[]
  readonly scales: Float64Array
  readonly sizes: Int32Array
  readonly capacities: Int32Array
  readonly limits: Int32Array
  readonly ends: Int32Array
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
  /** A word to write anything to. */
  readonly touched: number
}

export class Parts {
  /** The entries of each part, `width` words each; the first of them zero where an entry is free (with two words: both). */
  readonly tables: Int32Array[]
  /** Per part: what to multiply the rest of a hash with to get a line. */
  scales: Float64Array
  sizes: Int32Array
  /** The parts whose memory was replaced. */
  readonly moved = new Set<number>()
  #capacities: Int32Array
  /** As the heap has them. */
  #limits: Int32Array
  #ends: Int32Array
  #placed: Placed | null = null
  readonly #width: number
  readonly #hash: (table: Int32Array, place: number) => number
  readonly #memory: Memory

  /** `hash` gives the hash of the entry at a place of a table. `handle`: the table of another thread, and the heap where it may lie. */
  constructor(width: number, hash: (table: Int32Array, place: number) => number, memory: Memory = PRIVATE, handle?: PartsHandle, heap?: Heap) {
    this.#width = width
    this.#hash = hash
    this.#memory = memory
    if (handle) {
      const { tables, scales, sizes, capacities, limits, ends } = 'stride' in handle ? arraysOf(handle, heap as Heap) : handle
      if ('stride' in handle) this.#placed = handle
      this.tables = [...tables]
      this.scales = scales
      this.sizes = sizes
      this.#capacities = capacities
      this.#limits = limits
      this.#ends = ends
      return
    }
    this.scales = new Float64Array(memory(PARTS * 8))
    this.sizes = new Int32Array(memory(PARTS * 4))
    this.#capacities = new Int32Array(memory(PARTS * 4))
    this.#limits = new Int32Array(memory(PARTS * 4))
    this.#ends = new Int32Array(memory(PARTS * 4))
    this.tables = Array.from({ length: PARTS }, (_, part) => {
      const capacity = (Math.floor(FIRST_LINES * GROWTH ** (part / PARTS)) * LINE) / width
      this.#resize(part, capacity)
      return this.#allocate(capacity)
    })
  }

  /** Moves to a heap, and takes so many bytes there, most of what is left. Parts that outgrow them get memory of their own. */
  moveTo(heap: Heap, bytes = tableRoom(heap)): Placed {
    if (this.#placed !== null) return this.#placed
    const stride = Math.floor(bytes / PARTS / 64) * 64
    const row = (): number => heap.allocate(PARTS * 4)
    const placed: Placed = {
      tables: heap.allocate(stride * PARTS),
      stride,
      scales: heap.allocate(PARTS * 8),
      sizes: row(),
      capacities: row(),
      limits: row(),
      ends: row(),
      touched: heap.allocate(4),
    }
    const { tables, scales, sizes, capacities, limits, ends } = arraysOf(placed, heap)
    tables.forEach((table, part) => {
      table.set((this.tables[part] as Int32Array).subarray(0, ((this.#capacities[part] as number) + SLACK) * this.#width))
      this.tables[part] = table
    })
    scales.set(this.scales)
    sizes.set(this.sizes)
    capacities.set(this.#capacities)
    limits.set(this.#limits)
    ends.set(this.#ends)
    this.scales = scales
    this.sizes = sizes
    this.#capacities = capacities
    this.#limits = limits
    this.#ends = ends
    this.moved.clear()
    this.#placed = placed
    return placed
  }

  /** Parts whose memory was replaced in the heap are not in it: see `moved`. */
  get handle(): PartsHandle {
    if (this.#placed !== null) return this.#placed
    return {
      tables: this.tables,
      scales: this.scales,
      sizes: this.sizes,
      capacities: this.#capacities,
      limits: this.#limits,
      ends: this.#ends,
    }
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
    while ((this.sizes[part] as number) + more > (this.#limits[part] as number)) this.grow(part)
  }

  /** Whether an entry at this place is so near to the end of the part that it has to grow before the next. */
  atEnd(part: number, place: number): boolean {
    return place >= ((this.#capacities[part] as number) + SLACK - 1) * this.#width
  }

  /**
   * Gives a part more capacity, in place: its entries are pushed behind the new room and are then entered anew, from front to back. Since
   * lines keep their order and move by no more than the part has grown, no entry is put where there are others that wait.
   */
  grow(part: number): void {
    const width = this.#width
    let full = true
    while (full) {
      const old = this.tables[part] as Int32Array
      const capacity = this.#capacities[part] as number
      const lines = (capacity * width) / LINE
      const larger = ((lines + (lines >>> (lines < SMALL_LINES ? 1 : 2)) + 1) * LINE) / width
      const from = (larger - capacity) * width
      let length = (capacity + SLACK) * width
      // Compiled code may have entered some behind the slack.
      while (length < old.length && this.#taken(old, length)) length += width
      let table = old
      if (from + length > old.length) {
        table = this.#allocate((from + length) / width)
        table.set(old.subarray(0, length), from)
        this.tables[part] = table
        this.moved.add(part)
      } else {
        table.copyWithin(from, 0, length)
        table.fill(0, 0, from)
      }
      this.#resize(part, larger)
      this.#refill(part, table, from, from + length)
      full = this.#taken(table, (larger + SLACK - 1) * width)
    }
  }

  #taken(table: Int32Array, place: number): boolean {
    return ((table[place] as number) | (this.#width === 2 ? (table[place + 1] as number) : 0)) !== 0
  }

  /** Takes the entries from a place to another out, and enters each anew. */
  #refill(part: number, table: Int32Array, from: number, end: number): void {
    const width = this.#width
    const hash = this.#hash
    const scale = this.scales[part] as number
    let lastLine = -1
    let place = 0
    for (let waiting = from; waiting < end; waiting += width) {
      const first = table[waiting] as number
      const second = width === 2 ? (table[waiting + 1] as number) : 0
      if ((first | second) === 0) continue
      const line = LINE * Math.floor(((hash(table, waiting) << REST_SHIFT) >>> 0) * scale)
      // Of the line of the last one, everything up to it is taken.
      place = line === lastLine ? place + width : line
      lastLine = line
      table[waiting] = 0
      if (width === 2) table[waiting + 1] = 0
      while (((table[place] as number) | (width === 2 ? (table[place + 1] as number) : 0)) !== 0) place += width
      table[place] = first
      if (width === 2) table[place + 1] = second
    }
  }

  /** Takes over a part whose memory another thread has replaced. */
  adopt(part: number, table: Int32Array): void {
    this.tables[part] = table
  }

  #resize(part: number, capacity: number): void {
    this.#capacities[part] = capacity
    this.scales[part] = (capacity * this.#width) / LINE / TWO_32
    this.#limits[part] = capacity - (capacity >>> 3)
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

/** The bytes of a heap that a table may take. */
export function tableRoom({ room }: Heap): number {
  return Math.max(room / 2, Math.min(room * SHARE, room - LEFT))
}

/** Views of what lies in a heap. */
function arraysOf({ tables, stride, scales, sizes, capacities, limits, ends }: Placed, { buffer }: Heap): PartsArrays {
  const row = (at: number): Int32Array => new Int32Array(buffer, at, PARTS)
  return {
    tables: Array.from({ length: PARTS }, (_, part) => new Int32Array(buffer, tables + part * stride, stride / 4)),
    scales: new Float64Array(buffer, scales, PARTS),
    sizes: row(sizes),
    capacities: row(capacities),
    limits: row(limits),
    ends: row(ends),
  }
}
