/**
 * One thread's part in a level that several threads explore together. The hot path.
 *
 * A level is explored in rounds; in each, some thousand states are expanded:
 *
 *     expand    each thread takes chunks of states, the next free one each time, gathers their successors, and puts those that it has not met
 *               lately on a list for the thread that owns their part of the visited set
 *     insert    each thread enters what is on its lists, chunk by chunk, and leaves the new ones on them
 *     finish    each thread gives the new ones among the successors that it gathered their places in the arena, and checks them
 *
 * No two threads ever write to the same place, so nothing is locked; they wait for each other before `insert` and before `finish`. Of equal
 * successors the first in the order of the chunks is the new one, and places are given in that order: the arena, and with it every count and
 * every trace, is the one that a single thread makes.
 *
 *     thread 0   states    s0 s1 s2 s3 s4 s5 …    successors, chunk after chunk; beside them their instances and where they come from
 *                list 0    0 3 4 …                those that thread 0 owns, then only the new ones among them
 *                list 1    1 5 …                  those that thread 1 owns
 *
 * Everything lies in a heap that the threads share. Where there is compiled code, the loops are those of kernel.ts.
 */
import type { Heap } from '../layout/heap.ts'
import type { SearchOptions } from '../program/options.ts'
import { Successors } from '../layout/successors.ts'
import type { Accelerator, Explorable } from '../program/system.ts'
import { BATCH, expandSome } from './expansion.ts'
import { acceleratorOf } from './oneByOne.ts'
import { Arena, SEGMENT, type Segment } from '../visited/arena.ts'
import { symmetryOf } from '../symmetry/symmetry.ts'
import { Canonical } from '../symmetry/canonical.ts'
import { Distinctions } from '../symmetry/distinctions.ts'
import { type Checks, type Finding, Inspector } from './inspector.ts'
import { CHUNKS, Kernel, type Round, roundIn, roundOf } from '../visited/kernel.ts'
import { SHARED } from '../visited/memory.ts'
import { PART_SHIFT, PARTS, type PartsHandle } from '../visited/parts.ts'
import { Fingerprint, hashOf, KeySet, type KeysHandle, mix, KeyCache, type States, StateSet } from '../visited/visited.ts'

/** Successors of a round, of all threads, and of a chunk: about so many. */
const ROUND = 1 << 18
export const CHUNK = 1 << 12
/** A thread gets at least so many chunks of a round, where there are enough states, so that none waits for long. */
const SHARES = 8
const SMALLEST_CHUNK = 16
/** Milliseconds after which the leader is told what was done. */
const PATIENCE = 50
/**
 * New states are in the visited set under the numbers of their successors, until they get their places in the arena. These numbers lie behind all
 * places that the round can give: SUCCESSORS per thread for the places, and again for the numbers.
 */
const SUCCESSORS = 1 << 24
const temporaryNumber = (workers: number, worker: number, successor: number): number => (workers + worker) * SUCCESSORS + successor
/** So many states so many threads can find without a kernel: behind them are the numbers of a round. */
export const mostShared = (workers: number): number => 2 ** 32 - 1 - temporaryNumber(workers, workers, 0)

// Of `flags`:
const NEXT_CHUNK = 0
/** The leader wants the round to be given up; it was; a thread has failed. */
const STOP = 1
const GIVEN_UP = 2
const FAILED = 3
/** After this round the leader is told. */
const PAUSE = 4
/** Enough is gathered for this round. */
const ENOUGH = 7
/** Chunks of the round. */
const TAKEN = 8
/** Parts of the visited set were given other memory, of which all have to know before they go on. */
const MOVED = 9
/** A kernel is full: each thread enters the parts that it owns; while none is, whoever is free takes the next part. */
const FULL = 10
const SHARED_PARTS = 11
const NEXT_PART = 12
/** How many threads wait, and how often all did. */
const ARRIVED = 5
const MEETINGS = 6
const FLAGS = 16

/** What all threads of a coordinator share besides the heap, the arena and the visited set. */
export interface Shared {
  readonly flags: Int32Array
  /** For the kernels. */
  readonly round: Round
  /** Without kernels, per chunk: the thread that expanded it, and per owner the range in its list. */
  readonly chunks: Int32Array
  /** Per chunk and owner: new states. */
  readonly counts: Int32Array
  /** Per thread: where its states (or their keys, where they are not the same) and its lists lie, as addresses; how many there can be. */
  readonly places: Uint32Array
}
const STATES = 0
const LISTS = 1
const HASHES = 2
const ROOM = 3
const PLACES = 4

export function sharedBy(workers: number, heap: Heap): Shared {
  return {
    flags: new Int32Array(SHARED(4 * FLAGS)),
    round: roundIn(heap, workers),
    chunks: new Int32Array(SHARED(4 * CHUNKS * rowOf(workers))),
    counts: new Int32Array(SHARED(4 * CHUNKS * workers)),
    places: new Uint32Array(SHARED(4 * PLACES * workers)),
  }
}

const rowOf = (workers: number): number => 1 + 2 * workers

/** Asks the threads to give up the round that they are in. */
export function stop({ flags }: Shared): void {
  Atomics.store(flags, STOP, 1)
}

/** With what a thread begins. */
export interface Setup {
  readonly workers: number
  readonly number: number
  readonly shared: Shared
  readonly memory: Heap['memory']
  readonly checks: Checks
  readonly options: Pick<SearchOptions, 'symmetry' | 'keys'>
  readonly keys: KeysHandle | null
  readonly states: PartsHandle | null
  readonly withForms: boolean
  /** The module of the leader's kernel, where there is one. */
  readonly kernel: object | null
  /** Whether there are processors enough for each thread to have its own. */
  readonly alone: boolean
}

/** To explore states of a level. */
export interface ExploreOrder {
  readonly order: 'explore'
  readonly depth: number
  /** The states to expand, the length of the arena, and for how many it has room. */
  readonly first: number
  readonly end: number
  readonly length: number
  readonly room: number
  /** More states than this are not wanted. */
  readonly enough: number
  /** States that make about as many successors as a chunk has. */
  readonly chunk: number
  /** Properties that need not be looked at any more. */
  readonly found: readonly Pick<Finding, 'kind' | 'name'>[]
  /** Changes to what is shared. */
  readonly segments: readonly Segment[]
  readonly formSegments: readonly Segment[]
  /** Parts of the visited set whose memory was replaced. */
  readonly moved: readonly (readonly [part: number, table: Int32Array])[]
}

export interface ExploreReport {
  /** The next state to be expanded, and the length of the arena: the same from every thread. */
  readonly next: number
  readonly length: number
  /** The length that the arena needs before the round can be finished, or 0 where it is finished. */
  readonly wanted: number
  readonly generated: number
  readonly constrained: number
  readonly generatedBy: Float64Array
  readonly distinctBy: Float64Array
  readonly findings: readonly Finding[]
  readonly passedOver: number
  /** Reachables that were met. */
  readonly reached: readonly number[]
  /** The last round was given up. */
  readonly givenUp: boolean
  readonly moved: readonly (readonly [part: number, table: Int32Array])[]
  /** Those that the arena has got: see arena.ts. */
  readonly anchors: Uint32Array
}

/** Without a kernel: where the lists of one thread lie, per owner. */
interface Lists {
  /** Per part of the visited set: its owner. */
  readonly owners: Int32Array
  /** Per owner: how long its list is. */
  readonly cursors: Int32Array
  /** Per owner its list, `room` words each; and the hashes of what is on it. */
  readonly lists: Int32Array
  readonly hashes: Int32Array
  readonly room: number
}

/** A chunk and the range of its successors. */
interface Chunk {
  readonly number: number
  readonly first: number
  readonly count: number
  readonly start: number
  end: number
  /** Without a kernel, per owner: where its range in the list begins. */
  readonly starts: readonly number[]
}

/** What a thread does next. */
type Phase = 'begin' | 'expand' | 'meet to insert' | 'insert' | 'meet to finish' | 'finish' | 'over'

export class LevelWorker implements States {
  readonly words: number
  readonly inspector: Inspector
  readonly #program: Explorable
  readonly #accelerator: Accelerator
  readonly #setup: Setup
  readonly #heap: Heap
  readonly #arena: Arena
  readonly #formArena: Arena
  readonly #canonical: Canonical | null
  readonly #keys: KeySet | null
  readonly #states: StateSet | null
  readonly #kernel: Kernel | null
  readonly #fingerprint = new Fingerprint()
  readonly #cache: KeyCache | null
  readonly #out: Successors
  readonly #row: number
  /** Successors of one thread that are enough for a round. */
  readonly #round: number

  /** Words of what states are told apart by, and whether these are not the states themselves. */
  readonly #keyWords: number
  readonly #separate: boolean
  #made: Int32Array
  #lists: Lists
  /** The chunks that this thread expanded in this round, and the one that it is at. */
  #chunks: Chunk[] = []
  #chunk: Chunk | null = null
  #cursor = 0

  // The order that is carried out.
  #order: ExploreOrder | null = null
  #began = 0
  #phase: Phase = 'over'
  /** The round: its states, how many make a chunk, and the length of the arena before it. */
  #first = 0
  #end = 0
  #size = 0
  #length = 0
  #meeting = -1

  // For the report.
  #generated = 0
  #constrained = 0
  #constrainedInRound = 0
  readonly #generatedBy: Float64Array
  readonly #distinctBy: Float64Array
  #givenUp = false
  #wanted = 0

  #asked = new Int32Array(0)
  #hashes = new Int32Array(0)
  #fresh: Int32Array = new Int32Array(0)

  constructor(program: Explorable, setup: Setup, heap: Heap) {
    const { words } = program.layout
    this.#accelerator = acceleratorOf(program)
    const { workers, checks, options } = setup
    this.words = words
    this.#program = program
    this.#setup = setup
    this.#heap = heap
    this.#arena = new Arena(words, SHARED)
    this.#formArena = setup.withForms ? new Arena(words, SHARED) : this.#arena
    const symmetry = options.symmetry === false ? undefined : symmetryOf(program.layout)
    this.#canonical = symmetry ? new Canonical(symmetry, program.layout) : null
    const distinctions = this.#canonical ? new Distinctions(program, this.#canonical) : null
    const packed = words <= 2
    this.#keyWords = packed || setup.states ? words : 2
    this.#keys = setup.keys ? new KeySet(this.#keyWords as 1 | 2, SHARED, setup.keys, heap) : null
    this.#states = setup.states ? new StateSet(this, SHARED, setup.states, heap) : null
    this.#cache = setup.keys && !program.constrained ? new KeyCache() : null
    const visited = (this.#keys ?? this.#states) as KeySet | StateSet
    this.#kernel =
      setup.kernel !== null ? new Kernel(heap, visited, this.#arena, program.instances.length, setup.shared.round, setup.number, setup.kernel) : null
    this.#round = roundOf(ROUND, words) / workers
    this.#separate = this.#canonical !== null || (!packed && !setup.states)
    this.#out = new Successors(words)
    this.#out.moveTo(heap)
    this.#row = rowOf(workers)
    const owners = heap.int32(PARTS)
    for (let part = 0; part < PARTS; part++) owners[part] = part % workers
    this.#made = new Int32Array(0)
    this.#lists = { owners, cursors: heap.int32(workers), lists: new Int32Array(0), hashes: new Int32Array(0), room: 0 }
    if (this.#kernel === null) this.#makeRoom()
    this.#generatedBy = new Float64Array(program.instances.length)
    this.#distinctBy = new Float64Array(program.instances.length)
    this.inspector = new Inspector(program, this.#accelerator, checks, this.#arena, distinctions)
  }

  /** What the program is asked about. */
  get asking(): ReturnType<Inspector['asking']> {
    return this.inspector.asking(this.#out)
  }

  /** Begins to carry out an order. */
  begin(order: ExploreOrder): void {
    this.#arena.adopt(order.segments, this.#heap)
    if (this.#formArena !== this.#arena) this.#formArena.adopt(order.formSegments, this.#heap)
    const { parts } = (this.#keys ?? this.#states) as KeySet | StateSet
    for (const [part, table] of order.moved) parts.adopt(part, table)
    if (order.moved.length > 0 && this.#kernel !== null) this.#kernel.elsewhere = true
    if (this.#kernel?.full) Atomics.store(this.#setup.shared.flags, FULL, 1)
    this.inspector.overlook(order.found)
    this.#order = order
    this.#began = performance.now()
    this.#givenUp = false
    // The round before may wait for room in the arena.
    if (this.#wanted === 0) {
      this.#end = order.first
      this.#length = order.length
      this.#phase = 'begin'
    } else this.#phase = 'finish'
    this.#wanted = 0
  }

  /** Goes on for about this many milliseconds. Gives true when the order is carried out. */
  advance(milliseconds: number): boolean {
    const until = performance.now() + milliseconds
    do {
      switch (this.#phase) {
        case 'begin':
          this.#beginRound()
          break
        case 'expand':
          if (Atomics.load(this.#setup.shared.flags, STOP) !== 0) {
            Atomics.store(this.#setup.shared.flags, GIVEN_UP, 1)
            this.#phase = 'meet to insert'
          } else if (this.#chunk !== null) this.#expandSome()
          else if (!this.#nextChunk()) this.#phase = 'meet to insert'
          break
        case 'meet to insert':
          if (this.#meets(until)) this.#phase = Atomics.load(this.#setup.shared.flags, GIVEN_UP) === 0 ? this.#closeRound() : this.#giveUp()
          break
        case 'insert':
          this.#insert()
          this.#phase = 'meet to finish'
          break
        case 'meet to finish':
          if (this.#meets(until)) this.#phase = 'finish'
          break
        case 'finish':
          this.#phase = this.#finish()
          break
        case 'over':
          return true
      }
    } while (performance.now() < until)
    return this.#phase === 'over'
  }

  /** Says that this thread will not go on: the others need not wait for it. */
  fail(): void {
    const { flags } = this.#setup.shared
    Atomics.store(flags, FAILED, 1)
    Atomics.notify(flags, MEETINGS)
  }

  /** Whether all threads have come this far. */
  #meets(until: number): boolean {
    const { shared, workers, alone } = this.#setup
    const { flags } = shared
    if (this.#meeting < 0) {
      this.#meeting = Atomics.load(flags, MEETINGS)
      if (Atomics.add(flags, ARRIVED, 1) + 1 === workers) {
        Atomics.store(flags, ARRIVED, 0)
        if (this.#phase === 'meet to insert') {
          Atomics.store(flags, TAKEN, Atomics.load(flags, NEXT_CHUNK))
          Atomics.store(flags, NEXT_CHUNK, 0)
          Atomics.store(flags, ENOUGH, 0)
          Atomics.store(flags, SHARED_PARTS, Atomics.load(flags, FULL) === 0 ? 1 : 0)
          Atomics.store(flags, NEXT_PART, 0)
        }
        Atomics.add(flags, MEETINGS, 1)
        Atomics.notify(flags, MEETINGS)
      }
    }
    for (let turn = 0; Atomics.load(flags, MEETINGS) === this.#meeting; turn++) {
      if (Atomics.load(flags, FAILED) !== 0) {
        this.#givenUp = true
        this.#phase = 'over'
        return false
      }
      // Often it is only a moment.
      if (alone && turn < TURNS) continue
      const left = until - performance.now()
      if (left <= 0) return false
      Atomics.wait(flags, MEETINGS, this.#meeting, Math.min(left, 10))
    }
    this.#meeting = -1
    return true
  }

  #beginRound(): void {
    const { workers } = this.#setup
    const { end, enough, chunk } = this.#order as ExploreOrder
    const first = this.#end
    const { flags } = this.#setup.shared
    if (first === end || this.#length > enough || Atomics.load(flags, PAUSE) !== 0) {
      this.#phase = 'over'
      return
    }
    const left = end - first
    this.#first = first
    this.#size = Math.max(SMALLEST_CHUNK, Math.min(chunk, Math.ceil(left / (workers * SHARES))))
    this.#end = Math.min(end, first + this.#size * CHUNKS)
    this.#chunks = []
    this.#chunk = null
    this.#out.count = 0
    this.#lists.cursors.fill(0)
    this.#kernel?.begin()
    this.#constrainedInRound = 0
    this.#phase = 'expand'
  }

  /** The round ends behind the last chunk that was taken. */
  #closeRound(): Phase {
    const taken = Atomics.load(this.#setup.shared.flags, TAKEN)
    this.#end = Math.min(this.#end, this.#first + taken * this.#size)
    return 'insert'
  }

  #giveUp(): Phase {
    this.#givenUp = true
    this.#end = this.#first
    return 'over'
  }

  // --- expand

  #nextChunk(): boolean {
    const { flags, chunks } = this.#setup.shared
    if (Atomics.load(flags, ENOUGH) !== 0) return false
    const number = Atomics.add(flags, NEXT_CHUNK, 1)
    const first = this.#first + number * this.#size
    if (first >= this.#end) {
      Atomics.sub(flags, NEXT_CHUNK, 1)
      return false
    }
    const starts = [...this.#lists.cursors]
    this.#chunk = { number, first, count: Math.min(this.#size, this.#end - first), start: this.#out.count, end: this.#out.count, starts }
    this.#chunks.push(this.#chunk)
    this.#cursor = first
    if (this.#kernel !== null) {
      this.#kernel.beginChunk(number)
      return true
    }
    const at = number * this.#row
    chunks[at] = this.#setup.number
    for (let owner = 0; owner < this.#setup.workers; owner++) chunks[at + 1 + 2 * owner] = starts[owner] as number
    return true
  }

  /** Expands states of the chunk. */
  #expandSome(): void {
    const { inspector } = this
    const out = this.#out
    const chunk = this.#chunk as Chunk
    const { depth } = this.#order as ExploreOrder
    const from = out.count
    const end = chunk.first + chunk.count
    this.#cursor = expandSome(this.#accelerator, inspector, this.#arena, this.#cursor, end, out, BATCH, depth)
    this.#list(from)
    if (this.#cursor < end) return
    chunk.end = out.count
    const { chunks, flags } = this.#setup.shared
    if (out.count > this.#round) Atomics.store(flags, ENOUGH, 1)
    this.#chunk = null
    if (this.#kernel !== null) return this.#kernel.endChunk(chunk.number)
    for (let owner = 0; owner < this.#setup.workers; owner++) chunks[chunk.number * this.#row + 2 + 2 * owner] = this.#lists.cursors[owner] as number
  }

  /** Puts the successors from a number on on the lists of their owners. */
  #list(from: number): void {
    const out = this.#out
    if (out.count > SUCCESSORS) throw new RangeError(`allocation failed: a round has more than ${SUCCESSORS} successors`)
    if (this.#kernel !== null) return this.#kernel.deal(out.states, from, out.count)
    if (out.instance.length > this.#lists.room) this.#makeRoom()
    this.#deal(from)
    this.inspector.looksAt(-1)
  }

  /** Gives what lies beside the successors as much room as they have, and tells the others where it is. */
  #makeRoom(): void {
    const heap = this.#heap
    const { workers, number, shared } = this.#setup
    const { owners, cursors, room: before, lists, hashes } = this.#lists
    const room = this.#out.instance.length
    const larger = { owners, cursors, room, lists: heap.int32(workers * room), hashes: heap.int32(workers * room) }
    for (let owner = 0; owner < workers; owner++) {
      larger.lists.set(lists.subarray(owner * before, (owner + 1) * before), owner * room)
      larger.hashes.set(hashes.subarray(owner * before, (owner + 1) * before), owner * room)
    }
    this.#lists = larger
    if (this.#separate) {
      const made = heap.int32(room * this.#keyWords)
      made.set(this.#made)
      this.#made = made
    }
    const at = number * PLACES
    shared.places[at + STATES] = (this.#separate ? this.#made : this.#out.states).byteOffset
    shared.places[at + LISTS] = larger.lists.byteOffset
    shared.places[at + HASHES] = larger.hashes.byteOffset
    shared.places[at + ROOM] = room
  }

  /** What `Kernel.deal` does, for all kinds of keys and with constraints. */
  #deal(from: number): void {
    const { inspector, words } = this
    const program = this.#program
    const { count, states, instance, source } = this.#out
    const { depth } = this.#order as ExploreOrder
    const keyWords = this.#keyWords
    if (this.#canonical !== null && (this.#keys === null || words <= 2))
      for (let i = from; i < count; i++) this.#canonical.of(states, i * words, this.#made, i * words)
    else if (this.#separate) this.#fingerprints(from)
    const keys = this.#separate ? this.#made : states
    const { owners, cursors, lists, hashes, room } = this.#lists
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
        this.#hashes = new Int32Array(2 * (count - from))
      }
      const left = this.#cache.sift(keys.subarray(from * keyWords), keyWords, count - from, this.#asked, this.#hashes)
      for (let k = 0; k < left; k++) put(from + (this.#asked[k] as number), this.#hashes[k] as number)
      return
    }
    for (let i = from; i < count; i++) {
      if (program.constrained) {
        inspector.looksAt(i)
        if (!program.inside(states, i * words)) {
          this.#constrainedInRound++
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
    const { words } = this
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

  // --- insert

  #insert(): void {
    const { shared, workers, number: me } = this.#setup
    const { places, chunks, counts, flags } = shared
    const { words } = this.#heap
    const all = Math.ceil((this.#end - this.#first) / this.#size)
    if (me === 0 && performance.now() - this.#began > PATIENCE) Atomics.store(flags, PAUSE, 1)
    if (this.#kernel !== null) this.#insertParts(this.#kernel, all)
    for (let chunk = 0; chunk < (this.#kernel === null ? all : 0); chunk++) {
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
    // Whoever gives a state its place writes to the visited set.
    if (this.#states !== null && this.#states.parts.moved.size > 0) Atomics.store(flags, MOVED, 1)
  }

  #insertParts(kernel: Kernel, chunks: number): void {
    const { shared, workers, number: me } = this.#setup
    const { flags } = shared
    if (Atomics.load(flags, SHARED_PARTS) === 0) for (let part = me; part < PARTS; part += workers) kernel.insert(part, chunks)
    else for (let part = Atomics.add(flags, NEXT_PART, 1); part < PARTS; part = Atomics.add(flags, NEXT_PART, 1)) kernel.insert(part, chunks)
    if (kernel.full) Atomics.store(flags, FULL, 1)
  }

  #insertStates(states: StateSet, who: number, at: number, list: Int32Array, hashes: Int32Array): number {
    const count = list.length
    const { words } = this.#heap
    const first = this.#length + temporaryNumber(this.#setup.workers, who, 0)
    states.aheadHashed(hashes, count)
    let found = 0
    for (let k = 0; k < count; k++) {
      const i = list[k] as number
      if (states.addHashed(words, at + i * this.words, first + i, hashes[k] as number)) list[found++] = i
    }
    return found
  }

  // Where a state lies, by its number in the visited set: in the arena, or still among the successors.

  segment(index: number): Int32Array {
    return index < this.#length ? this.#formArena.segment(index) : this.#heap.words
  }

  offset(index: number): number {
    if (index < this.#length) return this.#formArena.offset(index)
    const who = Math.floor((index - this.#length) / SUCCESSORS) - this.#setup.workers
    const at = (this.#setup.shared.places[who * PLACES + STATES] as number) >>> 2
    return at + ((index - this.#length) % SUCCESSORS) * this.words
  }

  // --- finish

  /** Gives the new states of the round their places, and checks them. Only once the arena has room for all. */
  #finish(): Phase {
    const { shared, workers } = this.#setup
    const { counts } = shared
    const { room } = this.#order as ExploreOrder
    const all = Math.ceil((this.#end - this.#first) / this.#size)
    let place = this.#length
    const bases = new Float64Array(all)
    for (let chunk = 0; chunk < all; chunk++) {
      bases[chunk] = place
      if (this.#kernel !== null) place += this.#kernel.newIn(chunk)
      else for (let owner = 0; owner < workers; owner++) place += counts[chunk * workers + owner] as number
    }
    if (place > room || Atomics.load(shared.flags, MOVED) !== 0) {
      this.#wanted = place
      return 'over'
    }
    for (const chunk of this.#chunks) this.#finishChunk(chunk, bases[chunk.number] as number)
    this.inspector.looksAt(-1)
    this.#constrained += this.#constrainedInRound
    this.#length = place
    return 'begin'
  }

  #finishChunk(chunk: Chunk, place: number): void {
    const { inspector, words } = this
    const { shared, workers, number } = this.#setup
    const { depth } = this.#order as ExploreOrder
    const arena = this.#arena
    const out = this.#out
    const { start, end } = chunk
    const { room } = this.#lists
    this.#generated += end - start
    if (this.#kernel !== null) {
      const found = this.#kernel.collect(chunk.number, start, end)
      this.#kernel.count(out.instance, start, end)
      this.#restage(chunk)
      inspector.checkAll(out, this.#kernel.fresh, found, depth)
      this.#kernel.gather(out.states, out.source, out.instance, found)
      this.#kernel.number(chunk.number, place)
      arena.putAll(place, this.#kernel.states, this.#kernel.sources, found)
      return
    }
    const rows = Array.from({ length: workers }, (_, owner) => {
      // Not read from the shared: the others may be in the next round already.
      const from = owner * room + (chunk.starts[owner] as number)
      return [from, shared.counts[chunk.number * workers + owner] as number] as const
    })
    const fresh = this.#inOrder(rows)
    const { instance, source, states } = out
    for (let i = start; i < end; i++) (this.#generatedBy[instance[i] as number] as number)++
    let next = place
    for (const i of fresh) {
      const from = source[i] as number
      arena.put(next, states, i * words, from)
      if (this.#formArena !== arena) this.#formArena.put(next, this.#made, i * words, 0)
      this.#states?.renumber(hashOf(this.#separate ? this.#made : states, i * words, words), this.#length + temporaryNumber(workers, number, i), next)
      inspector.looksAt(i)
      inspector.check(states, i * words, from, instance[i] as number, depth)
      ;(this.#distinctBy[instance[i] as number] as number)++
      next++
    }
  }

  /** The numbers on some ranges of the lists, each in order, in order. */
  #inOrder(rows: readonly (readonly [from: number, count: number])[]): Int32Array {
    const { lists } = this.#lists
    const all = rows.reduce((sum, [, count]) => sum + count, 0)
    if (this.#fresh.length < all) this.#fresh = new Int32Array(2 * all)
    const fresh = this.#fresh.subarray(0, all)
    let next = 0
    for (const [from, count] of rows) {
      fresh.set(lists.subarray(from, from + count), next)
      next += count
    }
    return fresh.sort()
  }

  /** Says where the states of a chunk lie, that the compiled code compares their successors with. */
  #restage({ first, count }: Chunk): void {
    const arena = this.#arena
    for (let index = first; index < first + count; ) {
      const some = Math.min(first + count - index, SEGMENT - (index & (SEGMENT - 1)))
      this.#out.restage(arena.segment(index), arena.offset(index), some, index, index === first)
      index += some
    }
  }

  report(): ExploreReport {
    this.#kernel?.takeCounts(this.#generatedBy, this.#distinctBy)
    const { parts } = (this.#keys ?? this.#states) as KeySet | StateSet
    const report: ExploreReport = {
      next: this.#wanted > 0 ? this.#first : this.#end,
      length: this.#length,
      wanted: this.#wanted,
      generated: this.#generated,
      constrained: this.#constrained,
      generatedBy: this.#generatedBy.slice(),
      distinctBy: this.#distinctBy.slice(),
      findings: this.inspector.findings,
      passedOver: this.inspector.passedOver,
      reached: this.inspector.sought.flatMap((sought, i) => (this.#setup.checks.reachables[i] && !sought ? [i] : [])),
      givenUp: this.#givenUp,
      moved: [...parts.moved].map((part) => [part, parts.tables[part] as Int32Array] as const),
      anchors: this.#arena.takeAnchors(),
    }
    parts.moved.clear()
    this.#generated = 0
    this.#constrained = 0
    this.#generatedBy.fill(0)
    this.#distinctBy.fill(0)
    this.inspector.findings = []
    this.inspector.passedOver = 0
    return report
  }
}

/** How often a thread looks whether the others have come before it sleeps: some microseconds. */
const TURNS = 2000
