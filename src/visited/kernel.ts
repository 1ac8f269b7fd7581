/**
 * The innermost loops of a search, in WebAssembly (kernelCode.ts): looking successors up in a `KeySet` or a `StateSet` whose parts lie in the heap,
 * and gathering the new ones. They work on the tables of parts.ts, so that JavaScript can go on where they stop. The hot path.
 *
 * Successors are looked up in rounds of many thousand, since memory, not arithmetic, is the limit:
 *
 *     deal       those that were not met lately are dealt out to lists, one per part of the table
 *     insert     list by list, so that only a small piece of the table is in use at a time: first the lines of some hundred keys are
 *                read, all at once; then these keys are looked up, each in a whole line. What is new stays on the list
 *     collect    what has stayed on all lists, in the order of the successors
 *     gather     their states, and where they come from, together
 *
 *     list p     key i hash  key i hash …      i: the number of the successor; chunk after chunk
 *     row c      thread, begin and end of chunk c in each list
 *     counts     per list and chunk: how many are new
 *
 * A chunk is what one thread gathers from some states that lie one after the other. Of equal keys the first in the order of the chunks stays.
 *
 * An entry of a `StateSet` tells where its state lies. Of a new one that is on its list, until `number` gives it the number that it has in the
 * arena; the arena lies in the heap as well.
 */
import type { Heap } from '../layout/heap.ts'
import { I32, i32, i32x4, Module, v128 } from '../wasm/assembler.ts'
import { compiled, instantiate, runs } from '../wasm/machine.ts'
import type { Arena } from './arena.ts'
import { CHUNKS, type Exports, KeysCode, PLACE, cachedOf, ROW, StatesCode, TEMPORARY, THREAD } from './kernelCode.ts'
import { PARTS, tableRoom } from './parts.ts'
import { type KeySet, type States, StateSet } from './visited.ts'

export { CHUNKS }

/** Successors that are dealt out at a time, and room on a list to begin with, in multiples of that. */
const PIECE = 1 << 12
const SMALLEST_PIECE = 1 << 6
const LIST = 4
/** Words of the largest state for which code is written. */
const MOST_WORDS = 64

/** How many successors are gathered before they are looked up, if so many are gathered of small states: not more than fit the cache. */
export const roundOf = (successors: number, words: number): number => Math.max(1 << 12, Math.floor(successors / Math.max(1, words / 4)))

/** What the threads of a round share, as addresses in the heap. */
export interface Round {
  readonly members: number
  readonly rows: number
  readonly counts: number
  readonly threads: number
}

/** A round for so many threads. Throws a RangeError where the heap is full. */
export function roundIn(heap: Heap, threads: number): Round {
  return {
    members: threads,
    rows: heap.allocate(4 * ROW * CHUNKS),
    counts: heap.allocate(4 * PARTS * CHUNKS),
    threads: heap.allocate(4 * THREAD * threads),
  }
}

/** Whether there is code for states of so many words, on this processor: one that compares many entries at once. */
export function possible(words: number): boolean {
  const module = new Module()
  module.export(module.define('vectors', [], [I32], () => [v128.anyTrue(i32x4.splat(i32.const(1)))]))
  return words <= MOST_WORDS && runs(module.bytes())
}

export class Kernel {
  readonly #heap: Heap
  readonly #exports: Exports
  readonly #words: number
  readonly #cache: number
  readonly #round: Round
  readonly #thread: number
  readonly #visited: KeySet | StateSet
  readonly #arena: Arena
  /** Views of the round. */
  readonly #rows: Int32Array
  readonly #counts: Int32Array
  readonly #threads: Int32Array
  /** Per list: where it ends. */
  readonly #cursors: Int32Array
  /** Per chunk of this thread the same when it began: the row of a chunk may be that of the next round already. */
  readonly #begins: Int32Array
  readonly #piece: number
  #lists = 0
  #room = 0
  #places = 0
  #placesRoom = 0
  // What is made of one chunk.
  #chunkRoom = 0
  #flags = 0
  #from = 0
  /** The numbers of the successors that are new, after `collect`. */
  fresh: Int32Array = new Int32Array(0)
  /** Their states and the numbers of the states that they come from, after `gather`. */
  states: Int32Array = new Int32Array(0)
  sources: Uint32Array = new Uint32Array(0)
  /** Counts per action instance, 64 bits each: successors, and new states among them. */
  readonly #generated: Uint32Array
  readonly #distinct: Uint32Array
  readonly module: object

  /**
   * `thread`: which one of the round this is; `module`: that of another thread's kernel for the same table. With a `StateSet` its states are
   * those of the arena, which moves to the heap, and has numbers for 2^31 - 1 states only: throws `Full` where it has more already.
   */
  constructor(heap: Heap, visited: KeySet | StateSet, arena: Arena, instances: number, round: Round, thread: number, module?: object) {
    this.#heap = heap
    this.#visited = visited
    this.#arena = arena
    const { words } = arena
    if (visited instanceof StateSet) arena.atMost(TEMPORARY - 1)
    this.#words = words
    this.#round = round
    this.#thread = thread
    this.#generated = heap.uint32(2 * instances)
    this.#distinct = heap.uint32(2 * instances)
    this.#cache = heap.allocate(4 * words * cachedOf(words))
    this.#cursors = heap.int32(PARTS)
    this.#begins = heap.int32(PARTS * CHUNKS)
    this.#rows = new Int32Array(heap.buffer, round.rows, ROW * CHUNKS)
    this.#counts = new Int32Array(heap.buffer, round.counts, PARTS * CHUNKS)
    this.#threads = new Int32Array(heap.buffer, round.threads)
    // Of large states, and among many threads, lists are shorter.
    this.#piece = Math.max(SMALLEST_PIECE, Math.floor(PIECE / Math.max(1, words / 4) / Math.max(1, round.members / 4)))
    this.#makeRoom(LIST * this.#piece)
    // The table takes most of what is left.
    this.module = module ?? compiled(codeOf(heap, visited, arena).bytes())
    if (visited instanceof StateSet) visited.source = new Listed(heap, arena)
    this.#exports = instantiate<Exports>(this.module, { memory: heap.memory })
  }

  /** Whether a part is full, or lies elsewhere: from then on JavaScript has to go on. */
  get full(): boolean {
    return this.elsewhere || this.#exports.full.value !== 0 || (this.#byNumber && this.#arena.outside)
  }
  elsewhere = false

  /** Whether entries tell where states lie. */
  get #byNumber(): boolean {
    return this.#visited instanceof StateSet
  }

  /** Begins a round: the lists are empty. */
  begin(): void {
    this.#cursors.fill(0)
  }

  /** Begins a chunk: what is dealt out from now on belongs to it. */
  beginChunk(chunk: number): void {
    const at = chunk * ROW
    this.#rows[at] = this.#thread
    this.#rows.set(this.#cursors, at + 1)
    this.#begins.set(this.#cursors, chunk * PARTS)
  }

  /** Ends a chunk. */
  endChunk(chunk: number): void {
    this.#rows.set(this.#cursors, chunk * ROW + 1 + PARTS)
  }

  /** Deals out the successors with the numbers `from` to `to - 1`. */
  deal(states: Int32Array, from: number, to: number): void {
    const cursors = this.#cursors
    const piece = this.#piece
    for (let next = from; next < to; next += piece) {
      // Each list may take all of a piece.
      const end = Math.min(next + piece, to)
      let longest = 0
      for (let part = 0; part < PARTS; part++) longest = Math.max(longest, cursors[part] as number)
      if (longest + piece > this.#room) this.#makeRoom(2 * (longest + piece))
      this.#exports.deal(states.byteOffset, next, end, this.#lists, cursors.byteOffset, this.#room, this.#cache)
    }
  }

  #makeRoom(room: number): void {
    const heap = this.#heap
    const bytes = 4 * (this.#words + 2)
    const lists = heap.allocate(PARTS * room * bytes)
    if (this.#room > 0)
      for (let part = 0; part < PARTS; part++) {
        const length = ((this.#cursors[part] as number) * bytes) / 4
        const from = (this.#lists + part * this.#room * bytes) / 4
        heap.words.copyWithin((lists + part * room * bytes) / 4, from, from + length)
      }
    this.#lists = lists
    this.#room = room
    this.#threads[this.#thread * THREAD] = lists
    this.#threads[this.#thread * THREAD + 1] = room
  }

  /** Looks the keys of a part up that the threads have dealt out in so many chunks. */
  insert(part: number, chunks: number): void {
    const { rows, threads, counts } = this.#round
    if (this.full) return this.#insertSlowly(part, chunks)
    this.#reservePlaces(part, chunks)
    this.#exports.insert(part, chunks, rows, threads, counts, this.#places)
  }

  /** Another thread may have longer lists than this one. */
  #reservePlaces(part: number, chunks: number): void {
    let longest = 0
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = chunk * ROW + 1 + part
      longest = Math.max(longest, (this.#rows[at + PARTS] as number) - (this.#rows[at] as number))
    }
    if (longest > this.#placesRoom) {
      this.#placesRoom = 2 * longest
      this.#places = this.#heap.allocate(PLACE * this.#placesRoom)
    }
  }

  /** The same in JavaScript. */
  #insertSlowly(part: number, chunks: number): void {
    const { words } = this.#heap
    const stride = this.#words + 2
    for (let chunk = 0; chunk < chunks; chunk++) {
      const row = chunk * ROW
      const thread = (this.#rows[row] as number) * THREAD
      const list = ((this.#threads[thread] as number) >>> 2) + part * (this.#threads[thread + 1] as number) * stride
      const begin = list + (this.#rows[row + 1 + part] as number) * stride
      const end = list + (this.#rows[row + 1 + PARTS + part] as number) * stride
      let kept = begin
      for (let at = begin; at < end; at += stride) {
        if (!this.#isNew(words, at, kept)) continue
        words.copyWithin(kept, at, at + stride)
        kept += stride
      }
      this.#counts[part * CHUNKS + chunk] = (kept - begin) / stride
    }
  }

  /** Whether what stands on a list is new; it is then entered, and moved to where it is kept. */
  #isNew(words: Int32Array, at: number, kept: number): boolean {
    const visited = this.#visited
    if (!(visited instanceof StateSet)) return visited.add(words[at] as number, this.#words === 2 ? (words[at + 1] as number) : 0)
    return visited.addReserved(words, at, kept + TEMPORARY - 1, (words[at + this.#words + 1] as number) >>> 0)
  }

  /** How many keys of a chunk are new. */
  newIn(chunk: number): number {
    let sum = 0
    for (let part = 0; part < PARTS; part++) sum += this.#counts[part * CHUNKS + chunk] as number
    return sum
  }

  /** Brings the new ones of a chunk of this thread, of which the numbers are `from` to `to - 1`, in order. Gives how many there are: `fresh`. */
  collect(chunk: number, from: number, to: number): number {
    const heap = this.#heap
    // Per successor: see kernelCode.ts.
    const bytes = this.#byNumber ? 4 : 1
    if (to - from > this.#chunkRoom) {
      this.#chunkRoom = 2 * (to - from)
      this.#flags = heap.allocate(bytes * this.#chunkRoom)
      this.fresh = heap.int32(this.#chunkRoom)
      this.states = heap.int32(this.#chunkRoom * this.#words)
      this.sources = heap.uint32(this.#chunkRoom)
    }
    this.#from = this.#flags - bytes * from
    return this.#exports.collect(
      this.#begins.byteOffset + 4 * PARTS * chunk,
      this.#lists,
      this.#room,
      chunk,
      this.#round.counts,
      this.#from,
      from,
      to,
      this.fresh.byteOffset,
    )
  }

  /** Says that those of the last `collect`, of the same chunk, get the numbers from `first` on in the arena. */
  number(chunk: number, first: number): void {
    if (!this.#byNumber) return
    if (this.full) return this.#numberSlowly(chunk, first)
    const begins = this.#begins.byteOffset + 4 * PARTS * chunk
    this.#exports.number(begins, this.#lists, this.#room, chunk, this.#round.counts, this.#from, first)
  }

  /** The same in JavaScript. */
  #numberSlowly(chunk: number, first: number): void {
    const { words } = this.#heap
    const visited = this.#visited as StateSet
    const stride = this.#words + 2
    for (let part = 0; part < PARTS; part++) {
      const begin = (this.#lists >>> 2) + (part * this.#room + (this.#begins[chunk * PARTS + part] as number)) * stride
      const end = begin + (this.#counts[part * CHUNKS + chunk] as number) * stride
      for (let at = begin; at < end; at += stride) {
        const flag = (this.#from >> 2) + (words[at + this.#words] as number)
        visited.renumber((words[at + this.#words + 1] as number) >>> 0, at + TEMPORARY - 1, first + (words[flag] as number) - 1)
        words[flag] = 0
      }
    }
  }

  /** Gathers the states of the first `count` of `fresh`, and counts them. */
  gather(states: Int32Array, source: Uint32Array, instance: Int32Array, count: number): void {
    this.#exports.gather(states.byteOffset, source.byteOffset, this.fresh.byteOffset, count, this.states.byteOffset, this.sources.byteOffset)
    this.#exports.countOf(instance.byteOffset, this.fresh.byteOffset, count, this.#distinct.byteOffset)
  }

  /** Counts the successors with the numbers `from` to `to - 1`. */
  count(instance: Int32Array, from: number, to: number): void {
    this.#exports.count(instance.byteOffset, from, to, this.#generated.byteOffset)
  }

  /** Adds what was counted to `generated` and `distinct`, per action instance, and counts anew. */
  takeCounts(generated: Float64Array, distinct: Float64Array): void {
    take(this.#generated, generated)
    take(this.#distinct, distinct)
  }
}

function take(counts: Uint32Array, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (counts[2 * i] as number) + (counts[2 * i + 1] as number) * 2 ** 32
  counts.fill(0)
}

/** Bytes of the table that belong to a state. */
const TABLE_BYTES = 12

/** Moves the table to the heap, and writes the code for it. */
function codeOf(heap: Heap, visited: KeySet | StateSet, arena: Arena): KeysCode | StatesCode {
  const { words } = arena
  if (!(visited instanceof StateSet)) return new KeysCode(visited.moveTo(heap), words as 1 | 2)
  const room = tableRoom(heap)
  const share = TABLE_BYTES / (TABLE_BYTES + 4 * words)
  const address = arena.moveTo(heap, room * (1 - share))
  return new StatesCode({ ...visited.parts.moveTo(heap, room * share), arena: address }, words)
}

/** Where states lie: in the arena, or on a list. */
class Listed implements States {
  readonly words: number
  readonly #heap: Heap
  readonly #arena: Arena

  constructor(heap: Heap, arena: Arena) {
    this.words = arena.words
    this.#heap = heap
    this.#arena = arena
  }

  segment(index: number): Int32Array {
    return index < TEMPORARY - 1 ? this.#arena.segment(index) : this.#heap.words
  }

  offset(index: number): number {
    return index < TEMPORARY - 1 ? this.#arena.offset(index) : index + 1 - TEMPORARY
  }
}
