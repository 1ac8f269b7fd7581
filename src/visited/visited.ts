/**
 * Visited sets. The hot path.
 *
 * Random access to memory is the limit, so keys are looked up in batches: the places of all are read in a row before any is looked at, and
 * the processor fetches many at a time. Most successors were seen a short while ago, so a small cache of keys, which fits the
 * processor's own, answers for them.
 */
import type { Heap } from '../layout/heap.ts'
import type { KeysPlaced } from './kernelCode.ts'
import { type Memory, PRIVATE } from './memory.ts'
import { LINE, PART_SHIFT, PARTS, Parts, type PartsHandle, REST_SHIFT } from './parts.ts'

/** Spreads 64 bits over 32: the finaliser of MurmurHash3 (Appleby), applied to the two halves. */
export function mix(lo: number, hi: number): number {
  let h = Math.imul(lo ^ Math.imul(hi, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ hi, 0xc2b2ae35)
  h ^= h >>> 13
  h = Math.imul(h, 0x27d4eb2f)
  return (h ^ (h >>> 16)) >>> 0
}

/** KeyCache keys: 2^15 of 8 bytes fit the second-level cache of a processor of today. */
const CACHE_MASK = (1 << 15) - 1

/** Keys that were met lately; forgets those whose place another one takes. */
export class KeyCache {
  readonly #keys = new Int32Array(2 * (CACHE_MASK + 1))

  /**
   * Writes the numbers of those of `count` keys of one or two words that were not met lately to `asked`, and their hashes to `hashes`.
   * Returns how many there are.
   */
  sift(keys: Int32Array, words: number, count: number, asked: Int32Array, hashes: Int32Array): number {
    const cache = this.#keys
    let left = 0
    for (let i = 0; i < count; i++) {
      const lo = keys[i * words] as number
      const hi = words === 2 ? (keys[i * words + 1] as number) : 0
      const hash = mix(lo, hi)
      const entry = 2 * (hash & CACHE_MASK)
      // An empty entry looks like the key zero, which is asked for in any case.
      if (cache[entry] === lo && cache[entry + 1] === hi && (lo | hi) !== 0) continue
      cache[entry] = lo
      cache[entry + 1] = hi
      hashes[left] = hash
      asked[left++] = i
    }
    return left
  }
}

/** A set of keys as threads hand it over; `zero` is an address where it lies in the heap. */
export interface KeysHandle {
  readonly parts: PartsHandle
  readonly zero: Int32Array | number
}

/** A set of keys of one or two words of 32 bits. */
export class KeySet {
  readonly parts: Parts
  readonly #width: number
  /** The key zero marks an empty entry, so it is kept apart. */
  #zero: Int32Array
  readonly #cache = new KeyCache()
  #asked = new Int32Array(0)
  #hashes = new Int32Array(0)
  #places = new Int32Array(0)
  readonly #counts = new Int32Array(PARTS)
  /** What reading ahead has read: kept so that it is not optimised away. */
  touched = 0

  /** `handle`: the set of another thread, and the heap where it may lie. */
  constructor(width: 1 | 2 = 2, memory: Memory = PRIVATE, handle?: KeysHandle, heap?: Heap) {
    this.#width = width
    const hash =
      width === 1
        ? (table: Int32Array, place: number) => mix(table[place] as number, 0)
        : (table: Int32Array, place: number) => mix(table[place] as number, table[place + 1] as number)
    this.parts = new Parts(width, hash, memory, handle?.parts, heap)
    const zero = handle?.zero ?? new Int32Array(memory(4))
    this.#zero = typeof zero === 'number' ? new Int32Array((heap as Heap).buffer, zero, 1) : zero
  }

  /** Moves to a heap, where a `Kernel` can work on it. */
  moveTo(heap: Heap): KeysPlaced {
    if (this.#zero.buffer !== heap.buffer) {
      const zero = heap.int32(1)
      zero.set(this.#zero)
      this.#zero = zero
    }
    return { ...this.parts.moveTo(heap), zero: this.#zero.byteOffset }
  }

  get handle(): KeysHandle {
    const parts = this.parts.handle
    return { parts, zero: 'stride' in parts ? this.#zero.byteOffset : this.#zero }
  }

  get size(): number {
    return this.parts.size + (this.#zero[0] as number)
  }

  /** Adds a key. Gives true where it is new. */
  add(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) return this.#addZero()
    const hash = mix(lo, hi)
    const part = hash >>> PART_SHIFT
    this.parts.reserve(part, 1)
    const { tables, scales } = this.parts
    const table = tables[part] as Int32Array
    const width = this.#width
    let place = LINE * ((((hash << REST_SHIFT) >>> 0) * (scales[part] as number)) | 0)
    for (; ; place += width) {
      const a = table[place] as number
      const b = width === 2 ? (table[place + 1] as number) : 0
      if (a === lo && b === hi) return false
      if ((a | b) === 0) break
    }
    this.#enter(part, table, place, lo, hi)
    return true
  }

  #addZero(): boolean {
    if (this.#zero[0] === 1) return false
    this.#zero[0] = 1
    return true
  }

  #enter(part: number, table: Int32Array, place: number, lo: number, hi: number): void {
    table[place] = lo
    if (this.#width === 2) table[place + 1] = hi
    ;(this.parts.sizes[part] as number)++
    if (this.parts.atEnd(part, place)) this.parts.grow(part)
  }

  /** Adds the keys of `count` states of as many words. Writes the numbers of those that are new to `fresh` and returns how many there are. */
  addAll(keys: Int32Array, count: number, fresh: Int32Array): number {
    if (this.#asked.length < count) {
      this.#asked = new Int32Array(count)
      this.#hashes = new Int32Array(count)
    }
    const left = this.#cache.sift(keys, this.#width, count, this.#asked, this.#hashes)
    return this.addSifted(keys, this.#width, this.#asked, this.#hashes, left, fresh)
  }

  /**
   * Adds the keys with the numbers `asked`, given their hashes; the key with number i stands at `keys[stride * i]`. Writes the numbers of those
   * that are new to `fresh` and returns how many there are.
   */
  addSifted(keys: Int32Array, stride: number, asked: Int32Array, hashes: Int32Array, count: number, fresh: Int32Array): number {
    const width = this.#width
    if (this.#places.length < count) this.#places = new Int32Array(count)
    this.#reserve(hashes, count)
    return width === 2 ? this.#addPairs(keys, stride, asked, hashes, count, fresh) : this.#addWords(keys, stride, asked, hashes, count, fresh)
  }

  /** Reads the lines of all keys, so that memory fetches many at a time; leaves where they begin in `#places`. */
  #ahead(hashes: Int32Array, count: number): void {
    const { tables, scales } = this.parts
    const places = this.#places
    let touched = 0
    for (let k = 0; k < count; k++) {
      const hash = hashes[k] as number
      const part = hash >>> PART_SHIFT
      const place = LINE * ((((hash << REST_SHIFT) >>> 0) * (scales[part] as number)) | 0)
      places[k] = place
      touched |= (tables[part] as Int32Array)[place] as number
    }
    this.touched = touched
  }

  /** Keys of two words. */
  #addPairs(keys: Int32Array, stride: number, asked: Int32Array, hashes: Int32Array, count: number, fresh: Int32Array): number {
    const { tables, sizes } = this.parts
    const places = this.#places
    this.#ahead(hashes, count)
    let found = 0
    for (let k = 0; k < count; k++) {
      const i = asked[k] as number
      const at = i * stride
      const lo = keys[at] as number
      const hi = keys[at + 1] as number
      const part = (hashes[k] as number) >>> PART_SHIFT
      const table = tables[part] as Int32Array
      for (let place = places[k] as number; ; place += 2) {
        const a = table[place] as number
        const b = table[place + 1] as number
        if (a === lo && b === hi) {
          if ((lo | hi) === 0 && this.#addZero()) fresh[found++] = i
          break
        }
        if ((a | b) !== 0) continue
        table[place] = lo
        table[place + 1] = hi
        ;(sizes[part] as number)++
        fresh[found++] = i
        if (this.parts.atEnd(part, place)) this.#growFor(part, hashes, k + 1, count)
        break
      }
    }
    return found
  }

  /** Keys of one word. */
  #addWords(keys: Int32Array, stride: number, asked: Int32Array, hashes: Int32Array, count: number, fresh: Int32Array): number {
    const { tables, sizes } = this.parts
    const places = this.#places
    this.#ahead(hashes, count)
    let found = 0
    for (let k = 0; k < count; k++) {
      const i = asked[k] as number
      const key = keys[i * stride] as number
      const part = (hashes[k] as number) >>> PART_SHIFT
      const table = tables[part] as Int32Array
      for (let place = places[k] as number; ; place++) {
        const a = table[place] as number
        if (a === key) {
          if (key === 0 && this.#addZero()) fresh[found++] = i
          break
        }
        if (a !== 0) continue
        table[place] = key
        ;(sizes[part] as number)++
        fresh[found++] = i
        if (this.parts.atEnd(part, place)) this.#growFor(part, hashes, k + 1, count)
        break
      }
    }
    return found
  }

  /** Grows a part in the midst of a batch: the places that were read ahead in it are not those of its entries any more. */
  #growFor(part: number, hashes: Int32Array, from: number, count: number): void {
    this.parts.grow(part)
    const scale = this.parts.scales[part] as number
    for (let later = from; later < count; later++) {
      const hash = hashes[later] as number
      if (hash >>> PART_SHIFT === part) this.#places[later] = LINE * ((((hash << REST_SHIFT) >>> 0) * scale) | 0)
    }
  }

  /** Makes room for keys with these hashes. */
  #reserve(hashes: Int32Array, count: number): void {
    const counts = this.#counts.fill(0)
    for (let k = 0; k < count; k++) (counts[(hashes[k] as number) >>> PART_SHIFT] as number)++
    for (let part = 0; part < PARTS; part++) if (counts[part] !== 0) this.parts.reserve(part, counts[part] as number)
  }

  has(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) return this.#zero[0] === 1
    const hash = mix(lo, hi)
    const part = hash >>> PART_SHIFT
    const table = this.parts.tables[part] as Int32Array
    const width = this.#width
    for (let place = LINE * ((((hash << REST_SHIFT) >>> 0) * (this.parts.scales[part] as number)) | 0); ; place += width) {
      const a = table[place] as number
      const b = width === 2 ? (table[place + 1] as number) : 0
      if (a === lo && b === hi) return true
      if ((a | b) === 0) return false
    }
  }

  /** Reads the place of a key. The answer means nothing; use it so that the read is not optimised away. */
  touch(lo: number, hi: number): number {
    const hash = mix(lo, hi)
    const part = hash >>> PART_SHIFT
    return (this.parts.tables[part] as Int32Array)[LINE * ((((hash << REST_SHIFT) >>> 0) * (this.parts.scales[part] as number)) | 0)] as number
  }
}

/** A 64-bit fingerprint of the words of a state: two independent multiplicative hashes. */
export class Fingerprint {
  lo = 0
  hi = 0

  of(states: Int32Array, at: number, words: number): void {
    let a = 0x3c6ef372
    let b = 0x1b873593
    for (let w = 0; w < words; w++) {
      const word = states[at + w] as number
      a = Math.imul(a ^ word, 0xcc9e2d51)
      a = (a << 15) | (a >>> 17)
      b = Math.imul(b + word, 0x9e3779b1) ^ a
      b = (b << 13) | (b >>> 19)
    }
    this.lo = mix(a, b) | 0
    this.hi = mix(b ^ 0x5bd1e995, Math.imul(a, 0x2c1b3c6d)) | 0
  }
}

/** A 32-bit hash of the words of a state. */
export function hashOf(states: Int32Array, at: number, words: number): number {
  let a = 0x3c6ef372
  let b = 0x1b873593
  for (let w = 0; w < words; w++) {
    const word = states[at + w] as number
    a = Math.imul(a ^ word, 0xcc9e2d51)
    a = (a << 15) | (a >>> 17)
    b = Math.imul(b + word, 0x9e3779b1) ^ a
    b = (b << 13) | (b >>> 19)
  }
  return mix(a, b)
}

/** Where the states lie whose numbers are in a `StateSet`. */
export interface States {
  readonly words: number
  segment(index: number): Int32Array
  offset(index: number): number
}

/** States told apart by all their words: an entry is the number of a state, plus 1, and its hash. */
export class StateSet {
  readonly parts: Parts
  /** Where the states are read. */
  source: States
  #hashes = new Int32Array(0)
  readonly #counts = new Int32Array(PARTS)
  touched = 0
  /** Where the entry is that was looked for. */
  #part = 0
  #place = 0

  /** `handle`: the set of another thread, and the heap where it may lie. */
  constructor(source: States, memory: Memory = PRIVATE, handle?: PartsHandle, heap?: Heap) {
    this.source = source
    this.parts = new Parts(2, (table, place) => table[place + 1] as number, memory, handle, heap)
  }

  get size(): number {
    return this.parts.size
  }

  /** Whether a state is there. */
  has(states: Int32Array, at: number): boolean {
    return !this.#find(states, at, hashOf(states, at, this.source.words))
  }

  /** Adds a state under the number by which it can be found from then on. Gives true where it is new. */
  add(states: Int32Array, at: number, index: number): boolean {
    return this.addReserved(states, at, index, hashOf(states, at, this.source.words))
  }

  /** The same with its hash given. */
  addReserved(states: Int32Array, at: number, index: number, hash: number): boolean {
    this.parts.reserve(hash >>> PART_SHIFT, 1)
    return this.addHashed(states, at, index, hash)
  }

  /** The same with its hash given, where room is reserved. */
  addHashed(states: Int32Array, at: number, index: number, hash: number): boolean {
    if (!this.#find(states, at, hash)) return false
    const part = this.#part
    const place = this.#place
    const table = this.parts.tables[part] as Int32Array
    table[place] = index + 1
    table[place + 1] = hash
    ;(this.parts.sizes[part] as number)++
    if (this.parts.atEnd(part, place)) this.parts.grow(part)
    return true
  }

  /** Gives the state of an entry another number. */
  renumber(hash: number, from: number, to: number): void {
    const part = hash >>> PART_SHIFT
    const table = this.parts.tables[part] as Int32Array
    let place = LINE * ((((hash << REST_SHIFT) >>> 0) * (this.parts.scales[part] as number)) | 0)
    while ((table[place] as number) >>> 0 !== from + 1) place += 2
    table[place] = to + 1
  }

  /** Hashes `count` states, makes room for them, and reads their places ahead. The hashes are for `addHashed`. */
  ahead(states: Int32Array, count: number): Int32Array {
    const { words } = this.source
    if (this.#hashes.length < count) this.#hashes = new Int32Array(count)
    const hashes = this.#hashes
    for (let i = 0; i < count; i++) hashes[i] = hashOf(states, i * words, words)
    this.aheadHashed(hashes, count)
    return hashes
  }

  aheadHashed(hashes: Int32Array, count: number): void {
    const counts = this.#counts.fill(0)
    for (let i = 0; i < count; i++) (counts[(hashes[i] as number) >>> PART_SHIFT] as number)++
    for (let part = 0; part < PARTS; part++) if (counts[part] !== 0) this.parts.reserve(part, counts[part] as number)
    const { tables, scales } = this.parts
    let touched = 0
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number
      const part = hash >>> PART_SHIFT
      touched |= (tables[part] as Int32Array)[LINE * ((((hash << REST_SHIFT) >>> 0) * (scales[part] as number)) | 0)] as number
    }
    this.touched = touched
  }

  /** Goes to the free entry for a state; false where the state is there. */
  #find(states: Int32Array, at: number, hash: number): boolean {
    const { source } = this
    const { words } = source
    const part = hash >>> PART_SHIFT
    const table = this.parts.tables[part] as Int32Array
    const tag = hash | 0
    this.#part = part
    for (let place = LINE * ((((hash << REST_SHIFT) >>> 0) * (this.parts.scales[part] as number)) | 0); ; place += 2) {
      const found = table[place] as number
      if (found === 0) {
        this.#place = place
        return true
      }
      if (table[place + 1] !== tag) continue
      const index = (found - 1) >>> 0
      const segment = source.segment(index)
      const offset = source.offset(index)
      let w = 0
      while (w < words && segment[offset + w] === states[at + w]) w++
      if (w === words) return false
    }
  }
}
