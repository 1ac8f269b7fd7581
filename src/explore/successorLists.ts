/**
 * The lists of successors by the thread that owns their part of the visited set, where no compiled code makes them: for systems with constraints and for
 * machines without vectors in WebAssembly. The same as `deal`, `insert`, `collect` and `number` of a `Kernel`, for all kinds of keys. The hot path.
 *
 *     list 0    0 3 4 …    the numbers of successors that thread 0 owns; after `insert` only those of the new ones, at the front of each chunk's range
 *     list 1    1 5 …      those that thread 1 owns
 *
 * Each thread has such lists, in the heap that all share; it writes to its own while it expands, and while it inserts to what it owns on those of all.
 */
import type { Heap } from '../layout/heap.ts'
import type { Successors } from '../layout/successors.ts'
import type { Explorable } from '../program/system.ts'
import type { Canonical } from '../symmetry/canonical.ts'
import type { Arena } from '../visited/arena.ts'
import { PART_SHIFT, PARTS } from '../visited/parts.ts'
import { Fingerprint, hashOf, KeyCache, type KeySet, mix, type States, type StateSet } from '../visited/visited.ts'
import type { Inspector } from './inspector.ts'
import { type Chunk, PLACE, PLACES, rowOf, type Setup, type Shared } from './round.ts'

const { STATES, LISTS, HASHES, ROOM } = PLACE

/**
 * New states are in the visited set under the numbers of their successors, until they get their places in the arena. These numbers lie behind all
 * places that the round can give: SUCCESSORS per thread for the places, and again for the numbers.
 */
export const SUCCESSORS = 1 << 24
/** So many states so many threads can find without a kernel: behind them are the numbers of a round. */
export const mostShared = (workers: number): number => 2 ** 32 - 1 - 2 * workers * SUCCESSORS

/** Where a state lies, by its number in the visited set: in the arena, or still among the successors of a round. */
export class RoundStates implements States {
  readonly words: number
  readonly #arena: Arena
  readonly #heap: Heap
  readonly #workers: number
  readonly #places: Uint32Array
  /** The length of the arena before the round. */
  length = 0

  constructor(arena: Arena, heap: Heap, workers: number, { places }: Shared) {
    this.words = arena.words
    this.#arena = arena
    this.#heap = heap
    this.#workers = workers
    this.#places = places
  }

  /** The number of the first successor of a thread. */
  firstOf(worker: number): number {
    return this.length + (this.#workers + worker) * SUCCESSORS
  }

  segment(index: number): Int32Array {
    return index < this.length ? this.#arena.segment(index) : this.#heap.words
  }

  offset(index: number): number {
    if (index < this.length) return this.#arena.offset(index)
    const who = Math.floor((index - this.length) / SUCCESSORS) - this.#workers
    const at = (this.#places[who * PLACES + STATES] as number) >>> 2
    return at + ((index - this.length) % SUCCESSORS) * this.words
  }
}

/** What the lists of a thread are made of. */
export interface Parts {
  readonly program: Explorable
  readonly setup: Setup
  readonly heap: Heap
  readonly successors: Successors
  /** Of the two one is there: states are told apart by keys, or by all their words. */
  readonly keys: KeySet | null
  readonly states: StateSet | null
  readonly canonical: Canonical | null
  readonly numbers: RoundStates
}

export class SuccessorLists {
  readonly #program: Explorable
  readonly #setup: Setup
  readonly #heap: Heap
  readonly #out: Successors
  readonly #keys: KeySet | null
  readonly #states: StateSet | null
  readonly #canonical: Canonical | null
  readonly #numbers: RoundStates
  readonly #fingerprint = new Fingerprint()
  readonly #cache: KeyCache | null
  readonly #row: number
  readonly #words: number

  /** Words of what states are told apart by, and whether these are not the states themselves. */
  readonly #keyWords: number
  readonly #separate: boolean
  /** What the successors are told apart by, where it is separate. */
  #made: Int32Array = new Int32Array(0)

  /** Per part of the visited set: its owner. */
  readonly #owners: Int32Array
  /** Per owner: how long its list is. */
  readonly #cursors: Int32Array
  /** Per owner its list, `room` words each; and the hashes of what is on it. */
  #lists: Int32Array = new Int32Array(0)
  #hashes: Int32Array = new Int32Array(0)
  #room = 0

  // For a moment each.
  #asked = new Int32Array(0)
  #askedHashes = new Int32Array(0)
  #fresh: Int32Array = new Int32Array(0)

  /** Successors of the round that lie outside the constraints. */
  constrained = 0

  constructor({ program, setup, heap, successors, keys, states, canonical, numbers }: Parts) {
    const { words } = program.layout
    this.#program = program
    this.#setup = setup
    this.#heap = heap
    this.#out = successors
    this.#keys = keys
    this.#states = states
    this.#canonical = canonical
    this.#numbers = numbers
    this.#words = words
    this.#row = rowOf(setup.workers)
    this.#cache = keys !== null && !program.constrained ? new KeyCache() : null
    const packed = words <= 2
    this.#keyWords = packed || states !== null ? words : 2
    this.#separate = canonical !== null || (!packed && states === null)
    const owners = heap.int32(PARTS)
    for (let part = 0; part < PARTS; part++) owners[part] = part % setup.workers
    this.#owners = owners
    this.#cursors = heap.int32(setup.workers)
    this.#makeRoom()
  }

  /** Begins a round: the lists are empty. */
  begin(): void {
    this.#cursors.fill(0)
    this.constrained = 0
  }

  /** How long the lists are, by owner. */
  lengths(): number[] {
    return [...this.#cursors]
  }

  /** Begins a chunk: what is listed from now on belongs to it. */
  beginChunk({ number, starts }: Chunk): void {
    const { shared, workers, number: me } = this.#setup
    const at = number * this.#row
    shared.chunks[at] = me
    for (let owner = 0; owner < workers; owner++) shared.chunks[at + 1 + 2 * owner] = starts[owner] as number
  }

  endChunk({ number }: Chunk): void {
    const { shared, workers } = this.#setup
    for (let owner = 0; owner < workers; owner++) shared.chunks[number * this.#row + 2 + 2 * owner] = this.#cursors[owner] as number
  }

  // --- expand

  /** Puts the successors from a number on on the lists of their owners; those outside the constraints, which are at this depth, are checked at once. */
  deal(from: number, inspector: Inspector, depth: number): void {
    if (this.#out.instance.length > this.#room) this.#makeRoom()
    const words = this.#words
    const program = this.#program
    const { count, states, instance, source } = this.#out
    const keyWords = this.#keyWords
    if (this.#canonical !== null && (this.#keys === null || words <= 2))
      for (let i = from; i < count; i++) this.#canonical.of(states, i * words, this.#made, i * words)
    else if (this.#separate) this.#fingerprints(from)
    const keys = this.#separate ? this.#made : states
    const owners = this.#owners
    const cursors = this.#cursors
    const lists = this.#lists
    const hashes = this.#hashes
    const room = this.#room
    const put = (i: number, hash: number): void => {
      const owner = owners[hash >>> PART_SHIFT] as number
      const at = owner * room + (cursors[owner] as number)
      ;(cursors[owner] as number)++
      lists[at] = i
      hashes[at] = hash
    }
    if (this.#cache !== null) {
      if (this.#asked.length < count - from) {
        this.#asked = new Int32Array(2 * (count - from))
        this.#askedHashes = new Int32Array(2 * (count - from))
      }
      const left = this.#cache.sift(keys.subarray(from * keyWords), keyWords, count - from, this.#asked, this.#askedHashes)
      for (let k = 0; k < left; k++) put(from + (this.#asked[k] as number), this.#askedHashes[k] as number)
      return
    }
    for (let i = from; i < count; i++) {
      if (program.constrained) {
        inspector.looksAt(i)
        if (!program.inside(states, i * words)) {
          this.constrained++
          inspector.check(states, i * words, source[i] as number, instance[i] as number, depth)
          continue
        }
      }
      const hash =
        this.#keys === null
          ? hashOf(keys, i * words, words)
          : mix(keys[i * keyWords] as number, keyWords === 2 ? (keys[i * keyWords + 1] as number) : 0)
      put(i, hash)
    }
  }

  #fingerprints(from: number): void {
    const words = this.#words
    const { count, states } = this.#out
    const key = this.#fingerprint
    const form = this.#canonical === null ? null : new Int32Array(words)
    for (let i = from; i < count; i++) {
      if (form === null) key.of(states, i * words, words)
      else {
        this.#canonical?.of(states, i * words, form, 0)
        key.of(form, 0, words)
      }
      this.#made[2 * i] = key.lo
      this.#made[2 * i + 1] = key.hi
    }
  }

  /** Gives what lies beside the successors as much room as they have, and tells the others where it is. */
  #makeRoom(): void {
    const heap = this.#heap
    const { workers, number, shared } = this.#setup
    const before = this.#room
    const room = this.#out.instance.length
    const lists = heap.int32(workers * room)
    const hashes = heap.int32(workers * room)
    for (let owner = 0; owner < workers; owner++) {
      lists.set(this.#lists.subarray(owner * before, (owner + 1) * before), owner * room)
      hashes.set(this.#hashes.subarray(owner * before, (owner + 1) * before), owner * room)
    }
    this.#lists = lists
    this.#hashes = hashes
    this.#room = room
    if (this.#separate) {
      const made = heap.int32(room * this.#keyWords)
      made.set(this.#made)
      this.#made = made
    }
    const at = number * PLACES
    shared.places[at + STATES] = (this.#separate ? this.#made : this.#out.states).byteOffset
    shared.places[at + LISTS] = lists.byteOffset
    shared.places[at + HASHES] = hashes.byteOffset
    shared.places[at + ROOM] = room
  }

  // --- insert

  /** Enters what this thread owns of so many chunks; the new ones stay on the lists. */
  insert(all: number): void {
    const { shared, workers, number: me } = this.#setup
    const { places, chunks, counts } = shared
    const { words } = this.#heap
    for (let chunk = 0; chunk < all; chunk++) {
      const row = chunk * this.#row
      const who = chunks[row] as number
      const start = chunks[row + 1 + 2 * me] as number
      const count = (chunks[row + 2 + 2 * me] as number) - start
      const at = 4 * (me * (places[who * PLACES + ROOM] as number) + start)
      const list = (places[who * PLACES + LISTS] as number) + at
      const hashes = (places[who * PLACES + HASHES] as number) + at
      const states = places[who * PLACES + STATES] as number
      const listed = words.subarray(list >>> 2, (list >>> 2) + count)
      const hashed = words.subarray(hashes >>> 2, (hashes >>> 2) + count)
      counts[chunk * workers + me] =
        this.#keys !== null
          ? this.#keys.addSifted(words.subarray(states >>> 2), this.#keyWords, listed, hashed, count, listed)
          : this.#insertStates(this.#states as StateSet, who, states >>> 2, listed, hashed)
    }
  }

  #insertStates(states: StateSet, who: number, at: number, list: Int32Array, hashes: Int32Array): number {
    const count = list.length
    const { words } = this.#heap
    const first = this.#numbers.firstOf(who)
    states.aheadHashed(hashes, count)
    let found = 0
    for (let k = 0; k < count; k++) {
      const i = list[k] as number
      if (states.addHashed(words, at + i * this.#words, first + i, hashes[k] as number)) list[found++] = i
    }
    return found
  }

  // --- finish

  /** How many states of a chunk are new. */
  newIn(chunk: number): number {
    const { shared, workers } = this.#setup
    let count = 0
    for (let owner = 0; owner < workers; owner++) count += shared.counts[chunk * workers + owner] as number
    return count
  }

  /** The numbers of the new ones among the successors of a chunk of this thread, in order. Valid until the next call. */
  collect({ number, starts }: Chunk): Int32Array {
    const { shared, workers } = this.#setup
    const room = this.#room
    const all = this.newIn(number)
    if (this.#fresh.length < all) this.#fresh = new Int32Array(2 * all)
    const fresh = this.#fresh.subarray(0, all)
    let next = 0
    for (let owner = 0; owner < workers; owner++) {
      // Where the range begins is not read from what is shared: the others may be in the next round already.
      const from = owner * room + (starts[owner] as number)
      const count = shared.counts[number * workers + owner] as number
      fresh.set(this.#lists.subarray(from, from + count), next)
      next += count
    }
    return fresh.sort()
  }

  /** A new successor has got its place in the arena, and the visited set its number; `forms`: the arena of canonical forms, where there is one. */
  number(i: number, place: number, forms: Arena | null): void {
    const { number: me } = this.#setup
    const words = this.#words
    if (forms !== null) forms.put(place, this.#made, i * words, 0)
    if (this.#states === null) return
    this.#states.renumber(hashOf(this.#separate ? this.#made : this.#out.states, i * words, words), this.#numbers.firstOf(me) + i, place)
  }
}
