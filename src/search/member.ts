/**
 * One thread's part in a level that several threads explore together. The hot path.
 *
 * A level is explored in rounds; in each, some thousand states are expanded:
 *
 *     expand    each thread takes chunks of states, the next free one each time, and records their successors, without those it met lately
 *     insert    each thread owns some parts of the visited set: it enters the records of these parts, chunk by chunk, and marks the new ones
 *     finish    each thread gives the new ones among its own records their places in the arena, and checks them
 *
 * No two threads ever write to the same place, so nothing is locked. Of equal records the first in the order of the chunks is the new one,
 * and places are given in that order: the arena, and with it every count and every trace, is the one that a single thread makes.
 *
 * A record: the key, then the state where that is not its key, then the index of the parent and the action instance.
 */
import type { SearchOptions } from '../program/options.ts'
import { type Program, Successors } from '../program/program.ts'
import { Arena, SEGMENT, type Segment } from './arena.ts'
import { symmetryOf } from '../layout/symmetry.ts'
import { Canonical } from './canonical.ts'
import { Distinctions } from './distinctions.ts'
import { type Checks, type Finding, Inspector } from './inspector.ts'
import { SHARED } from './memory.ts'
import { PART_SHIFT, PARTS, type PartsHandle } from './parts.ts'
import { Fingerprint, hashOf, KeySet, mix, Recent, type States, StateSet } from './visited.ts'

const BATCH = 1 << 11
const SLOW_BATCH = 1 << 5
/** Chunks of a round, per thread. */
export const CHUNKS = 64
/** States per chunk, at most. */
export const CHUNK = 512
/**
 * New states are in the visited set under the numbers of their records, until they get their places in the arena. These numbers lie behind all
 * places that the round can give: RECORDS per thread for the places, and again for the records.
 */
const RECORDS = 1 << 24
const recordNumber = (members: number, member: number, record: number): number => (members + member) * RECORDS + record

// Of `flags`:
const NEXT_CHUNK = 0
export const STOP = 1

/** What all threads of a team share besides the arena and the visited set. */
export interface Board {
  /** The next free chunk; whether to stop. */
  readonly flags: Int32Array
  /** Per chunk: the thread that expanded it, and per owner the range in its list of records. */
  readonly chunks: Int32Array
  /** Per chunk and owner: new states. */
  readonly counts: Int32Array
  /** Per chunk: the place of its first new state. */
  readonly bases: Uint32Array
}

export function boardOf(members: number): Board {
  const chunks = CHUNKS * members
  return {
    flags: new Int32Array(SHARED(8)),
    chunks: new Int32Array(SHARED(4 * chunks * rowOf(members))),
    counts: new Int32Array(SHARED(4 * chunks * members)),
    bases: new Uint32Array(SHARED(4 * chunks)),
  }
}

const rowOf = (members: number): number => 1 + 2 * members

/** The records of one thread. */
export interface Records {
  readonly records: Int32Array
  /** Per record: whether it is new. */
  readonly flags: Uint8Array
  /** Per owner: the numbers of the records that it enters, and their hashes. */
  readonly lists: readonly Int32Array[]
  readonly hashes: readonly Int32Array[]
}

/** With what a thread begins. */
export interface Setup {
  readonly members: number
  readonly number: number
  readonly board: Board
  readonly checks: Checks
  readonly options: Pick<SearchOptions, 'symmetry' | 'keys'>
  readonly keys: ReturnType<() => KeySet['handle']> | null
  readonly states: PartsHandle | null
  readonly withForms: boolean
}

/** Changes to what is shared, told with every order. */
export interface News {
  readonly segments: readonly Segment[]
  readonly formSegments: readonly Segment[]
  /** Parts of the visited set whose memory was replaced. */
  readonly moved: readonly (readonly [part: number, table: Int32Array])[]
}

export interface ExpandOrder extends News {
  readonly order: 'expand'
  readonly depth: number
  /** The states to expand, and how many make a chunk. None: only finish the round before. */
  readonly first: number
  readonly end: number
  readonly chunk: number
  /** The length of the arena before the round that is to be finished. */
  readonly finish: number
  /** Properties that need not be looked at any more. */
  readonly found: readonly Pick<Finding, 'kind' | 'name'>[]
}

export interface InsertOrder extends News {
  readonly order: 'insert'
  readonly chunks: number
  /** The length of the arena. */
  readonly length: number
  /** The records of threads that replaced the memory of theirs. */
  readonly replaced: readonly (readonly [member: number, records: Records])[]
}

export interface ExpandReport {
  readonly generated: number
  readonly constrained: number
  readonly generatedBy: Float64Array
  readonly distinctBy: Float64Array
  readonly findings: readonly Finding[]
  readonly passedOver: number
  /** Reachables that were met. */
  readonly reached: readonly number[]
  /** It was stopped before all was expanded. */
  readonly partial: boolean
  readonly replaced: Records | null
}

export interface InsertReport {
  readonly moved: readonly (readonly [part: number, table: Int32Array])[]
}

/** A chunk and the range of its records. */
interface Chunk {
  readonly number: number
  readonly start: number
  end: number
}

export class Member implements States {
  readonly words: number
  readonly inspector: Inspector
  readonly #program: Program
  readonly #setup: Setup
  readonly #arena: Arena
  readonly #formArena: Arena
  readonly #canonical: Canonical | null
  readonly #distinctions: Distinctions | null
  readonly #keys: KeySet | null
  readonly #states: StateSet | null
  readonly #fingerprint = new Fingerprint()
  readonly #recent: Recent | null
  readonly #out: Successors
  readonly #row: number
  readonly #ownerOf: Uint8Array

  // Records: their parts, and those of all threads.
  readonly #keyWords: number
  readonly #separate: boolean
  readonly #stateAt: number
  readonly #stride: number
  #mine: Records
  #replaced = true
  readonly #all: (Records | undefined)[]
  #count = 0
  readonly #listed: Int32Array
  /** The chunks that this thread expanded in this round. */
  #chunks: Chunk[] = []

  // The order that is carried out.
  #order: ExpandOrder | null = null
  #finishing: Chunk[] = []
  #clean = false
  #chunk: Chunk | null = null
  #cursor = 0
  #chunkEnd = 0
  #length = 0

  // For the report.
  #generated = 0
  #constrained = 0
  readonly #generatedBy: Float64Array
  readonly #distinctBy: Float64Array
  #partial = false

  #forms = new Int32Array(0)
  #made = new Int32Array(0)
  #asked = new Int32Array(0)
  #hashes = new Int32Array(0)
  #fresh = new Int32Array(0)

  constructor(program: Program, setup: Setup) {
    const { words } = program.layout
    const { members, checks, options } = setup
    this.words = words
    this.#program = program
    this.#setup = setup
    this.#arena = new Arena(words, SHARED)
    this.#formArena = setup.withForms ? new Arena(words, SHARED) : this.#arena
    const symmetry = options.symmetry === false ? undefined : symmetryOf(program.layout)
    this.#canonical = symmetry ? new Canonical(symmetry, program.layout) : null
    this.#distinctions = this.#canonical ? new Distinctions(program, this.#canonical) : null
    const packed = words <= 2
    this.#keyWords = packed || setup.states ? words : 2
    this.#keys = setup.keys ? new KeySet(this.#keyWords as 1 | 2, SHARED, setup.keys) : null
    this.#states = setup.states ? new StateSet(this, SHARED, setup.states) : null
    this.#recent = setup.keys && !program.constrained ? new Recent() : null
    this.#separate = this.#canonical !== null || (!packed && !setup.states)
    this.#stateAt = this.#separate ? this.#keyWords : 0
    this.#stride = this.#stateAt + words + 2
    this.#out = new Successors(words)
    this.#row = rowOf(members)
    this.#ownerOf = Uint8Array.from({ length: PARTS }, (_, part) => part % members)
    this.#mine = recordsOf(1 << 12, this.#stride, members)
    this.#all = Array.from({ length: members }, () => undefined)
    this.#all[setup.number] = this.#mine
    this.#listed = new Int32Array(members)
    this.#generatedBy = new Float64Array(program.instances.length)
    this.#distinctBy = new Float64Array(program.instances.length)
    this.inspector = new Inspector(program, checks, this.#arena, this.#distinctions)
    this.inspector.alone = false
  }

  /** What the program is asked about. */
  get asking(): ReturnType<Inspector['asking']> {
    return this.inspector.asking(this.#out)
  }

  #hear({ segments, formSegments, moved }: News): void {
    this.#arena.adopt(segments)
    if (this.#formArena !== this.#arena) this.#formArena.adopt(formSegments)
    const { parts } = (this.#keys ?? this.#states) as KeySet | StateSet
    for (const [part, table] of moved) parts.adopt(part, table)
  }

  // --- expand, and finish

  begin(order: ExpandOrder): void {
    this.#hear(order)
    this.#order = order
    this.#finishing = this.#chunks
    this.#chunks = []
    this.#partial = false
    this.#clean = false
    this.#cursor = 0
    this.#chunkEnd = 0
    this.inspector.overlook(order.found)
  }

  /** Goes on for about this many milliseconds. Gives true when the order is carried out. */
  advance(milliseconds: number): boolean {
    const order = this.#order as ExpandOrder
    const until = performance.now() + milliseconds
    for (;;) {
      const finishing = this.#finishing.shift()
      if (finishing !== undefined) this.#finish(finishing, order)
      else if (!this.#clean) {
        this.#count = 0
        this.#listed.fill(0)
        this.#clean = true
      } else if (this.#cursor < this.#chunkEnd) this.#expandSome(order)
      else if (!this.#nextChunk(order)) return true
      if (performance.now() > until) return false
    }
  }

  #nextChunk({ first, end, chunk }: ExpandOrder): boolean {
    const { flags, chunks } = this.#setup.board
    this.#closeChunk()
    if (Atomics.load(flags, STOP) !== 0) {
      this.#partial = true
      return false
    }
    const number = Atomics.add(flags, NEXT_CHUNK, 1)
    const from = first + number * chunk
    if (from >= end) return false
    this.#chunk = { number, start: this.#count, end: this.#count }
    this.#chunks.push(this.#chunk)
    this.#cursor = from
    this.#chunkEnd = Math.min(from + chunk, end)
    const at = number * this.#row
    chunks[at] = this.#setup.number
    for (let owner = 0; owner < this.#setup.members; owner++) chunks[at + 1 + 2 * owner] = this.#listed[owner] as number
    return true
  }

  #closeChunk(): void {
    if (this.#chunk === null) return
    const { chunks } = this.#setup.board
    const at = this.#chunk.number * this.#row
    this.#chunk.end = this.#count
    for (let owner = 0; owner < this.#setup.members; owner++) chunks[at + 2 + 2 * owner] = this.#listed[owner] as number
    this.#chunk = null
  }

  #expandSome({ depth }: ExpandOrder): void {
    const { inspector } = this
    const arena = this.#arena
    const out = this.#out
    const last = Math.min(this.#chunkEnd, this.#cursor + (this.#program.swift ? BATCH : SLOW_BATCH))
    while (this.#cursor < last && out.count < BATCH) {
      const index = this.#cursor
      const inSegment = Math.min(last - index, SEGMENT - (index & (SEGMENT - 1)))
      const count = this.#distinctions === null ? inSegment : Math.min(inSegment, inspector.stride)
      this.#cursor += this.#program.expandMany(arena.segment(index), arena.offset(index), count, index, out, BATCH)
      if (this.#distinctions !== null) inspector.distinguish(index, this.#cursor)
    }
    inspector.expanded(out, depth)
    this.#record(depth)
  }

  /** Records the gathered successors. */
  #record(depth: number): void {
    const out = this.#out
    const { inspector, words } = this
    const { count, states, instance, source } = out
    const program = this.#program
    this.#generated += count
    const by = this.#generatedBy
    for (let i = 0; i < count; i++) (by[instance[i] as number] as number)++
    if (program.steps.length > 0) inspector.checkSteps(out, depth)
    const forms = this.#canonical === null ? states : this.#canonicalForms(this.#canonical)
    const keys = this.#keys !== null && words > 2 ? this.#fingerprints(forms, count) : forms
    if (this.#asked.length < count) {
      this.#asked = new Int32Array(instance.length)
      this.#hashes = new Int32Array(instance.length)
    }
    const asked = this.#asked
    const hashes = this.#hashes
    const keyWords = this.#keyWords
    let left = 0
    if (this.#recent !== null) left = this.#recent.sift(keys, keyWords, count, asked, hashes)
    else
      for (let i = 0; i < count; i++) {
        if (program.constrained) {
          inspector.looksAt(i)
          if (!program.inside(states, i * words)) {
            this.#constrained++
            inspector.check(states, i * words, source[i] as number, instance[i] as number, depth)
            continue
          }
        }
        hashes[left] =
          this.#keys !== null
            ? mix(keys[i * keyWords] as number, keyWords === 2 ? (keys[i * keyWords + 1] as number) : 0)
            : hashOf(keys, i * words, words)
        asked[left++] = i
      }
    inspector.looksAt(-1)
    this.#reserve(left)
    const { records, lists, hashes: listHashes } = this.#mine
    const listed = this.#listed
    for (let k = 0; k < left; k++) {
      const i = asked[k] as number
      const number = this.#count++
      let at = number * this.#stride
      for (let w = 0; w < keyWords; w++) records[at++] = keys[i * keyWords + w] as number
      if (this.#separate) for (let w = 0; w < words; w++) records[at++] = states[i * words + w] as number
      records[at++] = source[i] as number
      records[at] = instance[i] as number
      const hash = hashes[k] as number
      const owner = this.#ownerOf[hash >>> PART_SHIFT] as number
      const entry = (listed[owner] as number)++
      ;(lists[owner] as Int32Array)[entry] = number
      ;(listHashes[owner] as Int32Array)[entry] = hash
    }
    out.count = 0
  }

  #canonicalForms(canonical: Canonical): Int32Array {
    const { count, states } = this.#out
    const { words } = this
    if (this.#forms.length < count * words) this.#forms = new Int32Array(states.length)
    for (let i = 0; i < count; i++) canonical.of(states, i * words, this.#forms, i * words)
    return this.#forms
  }

  #fingerprints(states: Int32Array, count: number): Int32Array {
    if (this.#made.length < 2 * count) this.#made = new Int32Array(4 * count)
    const key = this.#fingerprint
    for (let i = 0; i < count; i++) {
      key.of(states, i * this.words, this.words)
      this.#made[2 * i] = key.lo
      this.#made[2 * i + 1] = key.hi
    }
    return this.#made
  }

  /** Makes room for so many more records. */
  #reserve(more: number): void {
    const room = this.#mine.flags.length
    const needed = this.#count + more
    if (needed <= room) return
    if (needed > RECORDS) throw new RangeError(`allocation failed: a round has more than ${RECORDS} successors`)
    const old = this.#mine
    const larger = recordsOf(Math.min(RECORDS, Math.max(needed, 2 * room)), this.#stride, this.#setup.members)
    larger.records.set(old.records)
    larger.flags.set(old.flags)
    larger.lists.forEach((list, owner) => {
      list.set(old.lists[owner] as Int32Array)
    })
    larger.hashes.forEach((list, owner) => {
      list.set(old.hashes[owner] as Int32Array)
    })
    this.#mine = larger
    this.#all[this.#setup.number] = larger
    this.#replaced = true
  }

  /** Gives the new states of a chunk their places, and checks them. */
  #finish({ number: chunk, start, end }: Chunk, { depth, finish }: ExpandOrder): void {
    const { board, number, members } = this.#setup
    const { inspector } = this
    const arena = this.#arena
    const forms = this.#formArena
    const { records, flags } = this.#mine
    const stateAt = this.#stateAt
    const sourceAt = stateAt + this.words
    let place = board.bases[chunk] as number
    for (let record = start; record < end; record++) {
      if (flags[record] === 0) continue
      flags[record] = 0
      const at = record * this.#stride
      const from = (records[at + sourceAt] as number) >>> 0
      const instance = records[at + sourceAt + 1] as number
      arena.put(place, records, at + stateAt, from)
      if (forms !== arena) forms.put(place, records, at, 0)
      this.#states?.renumber(hashOf(records, at, this.words), finish + recordNumber(members, number, record), place)
      inspector.looksAtRecord(records, at + stateAt, from)
      inspector.check(records, at + stateAt, from, instance, depth)
      ;(this.#distinctBy[instance] as number)++
      place++
    }
    inspector.looksAt(-1)
  }

  expandReport(): ExpandReport {
    const report: ExpandReport = {
      generated: this.#generated,
      constrained: this.#constrained,
      generatedBy: this.#generatedBy.slice(),
      distinctBy: this.#distinctBy.slice(),
      findings: this.inspector.findings,
      passedOver: this.inspector.passedOver,
      reached: this.inspector.sought.flatMap((sought, i) => (this.#setup.checks.reachables[i] && !sought ? [i] : [])),
      partial: this.#partial,
      replaced: this.#replaced ? this.#mine : null,
    }
    this.#generated = 0
    this.#constrained = 0
    this.#generatedBy.fill(0)
    this.#distinctBy.fill(0)
    this.inspector.findings = []
    this.inspector.passedOver = 0
    this.#replaced = false
    return report
  }

  // --- insert

  insert(order: InsertOrder): InsertReport {
    this.#hear(order)
    this.#length = order.length
    for (const [member, records] of order.replaced) if (member !== this.#setup.number) this.#all[member] = records
    const { board, members, number: me } = this.#setup
    for (let chunk = 0; chunk < order.chunks; chunk++) {
      const row = chunk * this.#row
      const who = board.chunks[row] as number
      const start = board.chunks[row + 1 + 2 * me] as number
      const end = board.chunks[row + 2 + 2 * me] as number
      const all = this.#all[who] as Records
      const list = (all.lists[me] as Int32Array).subarray(start, end)
      const hashes = (all.hashes[me] as Int32Array).subarray(start, end)
      board.counts[chunk * members + me] =
        this.#keys !== null ? this.#insertKeys(this.#keys, all, list, hashes) : this.#insertStates(this.#states as StateSet, who, all, list, hashes)
    }
    const { parts } = (this.#keys ?? this.#states) as KeySet | StateSet
    const moved = [...parts.moved].map((part) => [part, parts.tables[part] as Int32Array] as const)
    parts.moved.clear()
    return { moved }
  }

  #insertKeys(keys: KeySet, { records, flags }: Records, list: Int32Array, hashes: Int32Array): number {
    const count = list.length
    if (this.#fresh.length < count) this.#fresh = new Int32Array(2 * count)
    const found = keys.addSifted(records, this.#stride, list, hashes, count, this.#fresh)
    for (let f = 0; f < found; f++) flags[this.#fresh[f] as number] = 1
    return found
  }

  #insertStates(states: StateSet, who: number, { records, flags }: Records, list: Int32Array, hashes: Int32Array): number {
    const count = list.length
    const first = this.#length + recordNumber(this.#setup.members, who, 0)
    states.aheadHashed(hashes, count)
    let found = 0
    for (let k = 0; k < count; k++) {
      const record = list[k] as number
      if (!states.addHashed(records, record * this.#stride, first + record, hashes[k] as number)) continue
      flags[record] = 1
      found++
    }
    return found
  }

  // Where a state lies, by its number in the visited set: in the arena, or still among the records.

  segment(index: number): Int32Array {
    if (index < this.#length) return this.#formArena.segment(index)
    return (this.#all[Math.floor((index - this.#length) / RECORDS) - this.#setup.members] as Records).records
  }

  offset(index: number): number {
    if (index < this.#length) return this.#formArena.offset(index)
    return ((index - this.#length) % RECORDS) * this.#stride
  }
}

function recordsOf(room: number, stride: number, members: number): Records {
  const lists = (): Int32Array[] => Array.from({ length: members }, () => new Int32Array(SHARED(4 * room)))
  return { records: new Int32Array(SHARED(4 * room * stride)), flags: new Uint8Array(SHARED(room)), lists: lists(), hashes: lists() }
}
