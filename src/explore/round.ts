/**
 * What the threads that explore a level together have in common: the words that they share, what a thread begins with, what it is ordered, and what it
 * reports. How a round goes is told in levelWorker.ts.
 */
import type { Heap } from '../layout/heap.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Segment } from '../visited/arena.ts'
import { CHUNKS, type Round, roundIn } from '../visited/kernel.ts'
import { SHARED } from '../visited/memory.ts'
import type { KeysHandle } from '../visited/visited.ts'
import type { PartsHandle } from '../visited/parts.ts'
import type { Checks, Finding } from './inspector.ts'

/** Successors of a chunk: about so many. */
export const CHUNK = 1 << 12

/** The words of `flags`. */
export const FLAG = {
  NEXT_CHUNK: 0,
  /** The coordinator wants the round to be given up; it was; a thread has failed. */
  STOP: 1,
  GIVEN_UP: 2,
  FAILED: 3,
  /** After this round the coordinator is told. */
  PAUSE: 4,
  /** How many threads wait, and how often all did. */
  ARRIVED: 5,
  MEETINGS: 6,
  /** Enough is gathered for this round. */
  ENOUGH: 7,
  /** Chunks of the round. */
  TAKEN: 8,
  /** Parts of the visited set were given other memory, of which all have to know before they go on. */
  MOVED: 9,
  /** A kernel is full: each thread enters the parts that it owns; while none is, whoever is free takes the next part. */
  FULL: 10,
  SHARED_PARTS: 11,
  NEXT_PART: 12,
} as const
const FLAGS = 16

/** The words of `places`, per thread. */
export const PLACE = { STATES: 0, LISTS: 1, HASHES: 2, ROOM: 3 } as const
export const PLACES = 4

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

export function sharedBy(workers: number, heap: Heap): Shared {
  return {
    flags: new Int32Array(SHARED(4 * FLAGS)),
    round: roundIn(heap, workers),
    chunks: new Int32Array(SHARED(4 * CHUNKS * rowOf(workers))),
    counts: new Int32Array(SHARED(4 * CHUNKS * workers)),
    places: new Uint32Array(SHARED(4 * PLACES * workers)),
  }
}

/** Words of a row of `chunks`. */
export const rowOf = (workers: number): number => 1 + 2 * workers

/** Asks the threads to give up the round that they are in. */
export function stop({ flags }: Shared): void {
  Atomics.store(flags, FLAG.STOP, 1)
}

/** No more chunks are taken: the states of the round are expanded, and what was found is to be inserted. While all threads wait. */
export function endExpansion(flags: Int32Array): void {
  Atomics.store(flags, FLAG.TAKEN, Atomics.load(flags, FLAG.NEXT_CHUNK))
  Atomics.store(flags, FLAG.NEXT_CHUNK, 0)
  Atomics.store(flags, FLAG.ENOUGH, 0)
  Atomics.store(flags, FLAG.SHARED_PARTS, Atomics.load(flags, FLAG.FULL) === 0 ? 1 : 0)
  Atomics.store(flags, FLAG.NEXT_PART, 0)
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
  /** The module of the coordinator's kernel, where there is one. */
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

/** A chunk of the states of a round, and the range of its successors. */
export interface Chunk {
  readonly number: number
  readonly first: number
  readonly count: number
  readonly start: number
  end: number
  /** Without a kernel, per owner: where its range in the list begins. */
  readonly starts: readonly number[]
}
