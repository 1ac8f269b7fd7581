/**
 * Visited sets: open addressing with linear probing in typed arrays, doubled when two thirds full. The hot path.
 *
 * Random access to memory is the limit, so `touch` may be called for a batch of keys before they are added: it brings their cache lines in
 * while the processor goes on.
 */
import type { Arena } from './arena.ts'

/** Spreads 64 bits over 32: the finaliser of MurmurHash3 (Appleby), applied to the two halves. */
export function mix(lo: number, hi: number): number {
  let h = Math.imul(lo ^ Math.imul(hi, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ hi, 0xc2b2ae35)
  h ^= h >>> 13
  h = Math.imul(h, 0x27d4eb2f)
  return (h ^ (h >>> 16)) >>> 0
}

/** Recent keys: 2^15 of 8 bytes fit the second-level cache of a processor of today. */
const RECENT_MASK = (1 << 15) - 1

/** A set of 64-bit keys, given as two 32-bit halves. */
export class KeySet {
  size = 0
  #table: Int32Array
  #mask: number
  #limit: number
  /** The key zero marks an empty entry, so it is kept apart. */
  #zero = false

  constructor(capacity = 1 << 10) {
    this.#table = new Int32Array(capacity * 2)
    this.#mask = capacity - 1
    this.#limit = Math.floor((capacity * 2) / 3)
  }

  /** Adds a key. Gives true where it is new. */
  add(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) {
      if (this.#zero) return false
      this.#zero = true
      this.size++
      return true
    }
    const table = this.#table
    const mask = this.#mask
    for (let entry = mix(lo, hi) & mask; ; entry = (entry + 1) & mask) {
      const a = table[2 * entry] as number
      const b = table[2 * entry + 1] as number
      if (a === lo && b === hi) return false
      if ((a | b) === 0) {
        table[2 * entry] = lo
        table[2 * entry + 1] = hi
        if (++this.size > this.#limit) this.#grow()
        return true
      }
    }
  }

  /**
   * Adds the keys of `count` states of one or two words. Writes the numbers of those that are new to `fresh` and returns how many there
   * are.
   *
   * Most successors were seen a short while ago, so a small cache of recent keys, which fits the processor's, answers for them. The places
   * of the others are read in a row before any is looked up: the processor fetches many at a time.
   */
  addAll(states: Int32Array, words: number, count: number, fresh: Int32Array): number {
    while (this.size + count > this.#limit) this.#grow()
    if (this.#places.length < count) {
      this.#places = new Int32Array(count)
      this.#asked = new Int32Array(count)
    }
    const places = this.#places
    const asked = this.#asked
    const recent = this.#recent
    const table = this.#table
    const mask = this.#mask
    let touched = 0
    let left = 0
    for (let i = 0; i < count; i++) {
      const lo = states[i * words] as number
      const hi = words === 2 ? (states[i * words + 1] as number) : 0
      const hash = mix(lo, hi)
      const entry = 2 * (hash & RECENT_MASK)
      // An empty entry looks like the key zero, which is asked for in any case.
      if (recent[entry] === lo && recent[entry + 1] === hi && (lo | hi) !== 0) continue
      recent[entry] = lo
      recent[entry + 1] = hi
      const place = 2 * (hash & mask)
      places[left] = place
      asked[left++] = i
      touched |= table[place] as number
    }
    this.touched = touched
    const last = 2 * mask + 1
    let found = 0
    for (let k = 0; k < left; k++) {
      const i = asked[k] as number
      const lo = states[i * words] as number
      const hi = words === 2 ? (states[i * words + 1] as number) : 0
      if ((lo | hi) === 0) {
        if (this.add(0, 0)) fresh[found++] = i
        continue
      }
      for (let place = places[k] as number; ; place = (place + 2) & last) {
        const a = table[place] as number
        const b = table[place + 1] as number
        if (a === lo && b === hi) break
        if ((a | b) === 0) {
          table[place] = lo
          table[place + 1] = hi
          this.size++
          fresh[found++] = i
          break
        }
      }
    }
    return found
  }
  #places = new Int32Array(0)
  #asked = new Int32Array(0)
  readonly #recent = new Int32Array(2 * (RECENT_MASK + 1))
  /** What reading ahead has read: kept so that it is not optimised away. */
  touched = 0

  has(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) return this.#zero
    const table = this.#table
    for (let entry = mix(lo, hi) & this.#mask; ; entry = (entry + 1) & this.#mask) {
      const a = table[2 * entry] as number
      const b = table[2 * entry + 1] as number
      if (a === lo && b === hi) return true
      if ((a | b) === 0) return false
    }
  }

  /** Reads the place of a key. The answer means nothing; use it so that the read is not optimised away. */
  touch(lo: number, hi: number): number {
    return this.#table[2 * (mix(lo, hi) & this.#mask)] as number
  }

  #grow(): void {
    const old = this.#table
    const capacity = (this.#mask + 1) * 2
    const table = new Int32Array(capacity * 2)
    const mask = capacity - 1
    for (let i = 0; i < old.length; i += 2) {
      const lo = old[i] as number
      const hi = old[i + 1] as number
      if ((lo | hi) === 0) continue
      let entry = mix(lo, hi) & mask
      while (((table[2 * entry] as number) | (table[2 * entry + 1] as number)) !== 0) entry = (entry + 1) & mask
      table[2 * entry] = lo
      table[2 * entry + 1] = hi
    }
    this.#table = table
    this.#mask = mask
    this.#limit = Math.floor((capacity * 2) / 3)
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

/** The states of an arena, told apart by all their words: entries are a hash and an index into the arena. */
export class StateSet {
  size = 0
  readonly #arena: Arena
  readonly #fingerprint = new Fingerprint()
  #table: Int32Array
  #mask: number
  #limit: number

  constructor(arena: Arena, capacity = 1 << 10) {
    this.#arena = arena
    this.#table = new Int32Array(capacity * 2)
    this.#mask = capacity - 1
    this.#limit = Math.floor((capacity * 2) / 3)
  }

  /** Whether a state is in the arena. */
  has(states: Int32Array, at: number): boolean {
    return this.#find(states, at) < 0
  }

  /** Adds a state under the index that it is about to get in the arena. Gives true where it is new. */
  add(states: Int32Array, at: number, index: number): boolean {
    // Grown before the entry is made: growing looks at the states of all entries, and this one is not in the arena yet.
    if (this.size >= this.#limit) this.#grow()
    const entry = this.#find(states, at)
    if (entry < 0) return false
    this.#table[2 * entry] = index + 1
    this.#table[2 * entry + 1] = this.#fingerprint.hi
    this.size++
    return true
  }

  touch(states: Int32Array, at: number): number {
    this.#fingerprint.of(states, at, this.#arena.words)
    return this.#table[2 * (this.#fingerprint.lo & this.#mask)] as number
  }

  /** The free entry for a state, or -1 where it is there. */
  #find(states: Int32Array, at: number): number {
    const fingerprint = this.#fingerprint
    const arena = this.#arena
    const { words } = arena
    fingerprint.of(states, at, words)
    const table = this.#table
    for (let entry = fingerprint.lo & this.#mask; ; entry = (entry + 1) & this.#mask) {
      const found = table[2 * entry] as number
      if (found === 0) return entry
      if (table[2 * entry + 1] !== fingerprint.hi) continue
      const index = (found - 1) >>> 0
      const segment = arena.segment(index)
      const offset = arena.offset(index)
      let w = 0
      while (w < words && segment[offset + w] === states[at + w]) w++
      if (w === words) return -1
    }
  }

  #grow(): void {
    const old = this.#table
    const capacity = (this.#mask + 1) * 2
    const table = new Int32Array(capacity * 2)
    this.#mask = capacity - 1
    const fingerprint = new Fingerprint()
    for (let i = 0; i < old.length; i += 2) {
      const found = old[i] as number
      if (found === 0) continue
      const index = (found - 1) >>> 0
      fingerprint.of(this.#arena.segment(index), this.#arena.offset(index), this.#arena.words)
      let entry = fingerprint.lo & this.#mask
      while (table[2 * entry] !== 0) entry = (entry + 1) & this.#mask
      table[2 * entry] = found
      table[2 * entry + 1] = old[i + 1] as number
    }
    this.#table = table
    this.#limit = Math.floor((capacity * 2) / 3)
  }
}
