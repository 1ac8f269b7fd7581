/**
 * The innermost loops of a search, in WebAssembly: looking successors up in a `KeySet` whose parts lie in the heap, and gathering the new ones.
 * They work on the tables of parts.ts, so that JavaScript can go on where they stop. The hot path.
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
 */
import type { Heap } from '../program/heap.ts'
import {
  br,
  brIf,
  type Code,
  copy,
  f64,
  fill,
  get,
  type Global,
  give,
  I32,
  I64,
  i32,
  i32x4,
  i64,
  i64x2,
  increase,
  Label,
  type Local,
  type Locals,
  block,
  call,
  type Callee,
  loop,
  Module,
  read,
  repeat,
  select,
  seq,
  set,
  trap,
  V128,
  v128,
  when,
  write,
} from '../wasm/assembler.ts'
import { compiled, instantiate, runs, type Variable } from '../wasm/machine.ts'
import { LINE, PART_SHIFT, PARTS, type Placed, SLACK, SMALL_LINES } from './parts.ts'
import type { KeySet } from './visited.ts'

/** Recent keys: 2^15 of 8 bytes fit the second-level cache of a processor of today. */
const RECENT = 1 << 15

/** Where the table of a `KeySet` lies in the heap. Addresses are in bytes. */
export interface KeysPlaced extends Placed {
  /** Whether the key zero, which looks like a free entry, is there. */
  readonly zero: number
}

interface Exports {
  deal(states: number, from: number, to: number, lists: number, cursors: number, room: number, recent: number): void
  insert(part: number, chunks: number, rows: number, threads: number, counts: number, places: number): void
  collect(row: number, lists: number, room: number, chunk: number, counts: number, flags: number, from: number, to: number, fresh: number): number
  count(instances: number, from: number, to: number, counts: number): void
  countOf(instances: number, fresh: number, count: number, counts: number): void
  gather(states: number, sources: number, fresh: number, count: number, gathered: number, origins: number): void
  readonly full: Variable
}

/** Successors that are dealt out at a time. */
const PIECE = 1 << 12
/** Chunks of a round, at most. */
export const CHUNKS = 1 << 9
/** Words of a row: the thread, then per list where the chunk begins and where it ends. */
const ROW = 1 + 2 * PARTS
/** Per thread: the address of its lists, and how many entries each has room for. */
const THREAD = 2

/** What the threads of a round share, as addresses in the heap. */
export interface Round {
  readonly rows: number
  readonly counts: number
  readonly threads: number
}

/** A round for so many threads. Throws a RangeError where the heap is full. */
export function roundIn(heap: Heap, threads: number): Round {
  return {
    rows: heap.allocate(4 * ROW * CHUNKS),
    counts: heap.allocate(4 * PARTS * CHUNKS),
    threads: heap.allocate(4 * THREAD * threads),
  }
}

/** Whether this processor compares many entries at once; else JavaScript does it. */
export function possible(): boolean {
  const module = new Module()
  module.export(module.define('vectors', [], [I32], () => [v128.anyTrue(i32x4.splat(i32.const(1)))]))
  return runs(module.bytes())
}

export class Kernel {
  readonly #heap: Heap
  readonly #exports: Exports
  readonly #words: 1 | 2
  readonly #recent: number
  readonly #round: Round
  readonly #thread: number
  readonly #keys: KeySet
  /** Views of the round. */
  readonly #rows: Int32Array
  readonly #counts: Int32Array
  readonly #threads: Int32Array
  /** Per list: where it ends. */
  readonly #cursors: Int32Array
  /** Per chunk of this thread the same when it began: the row of a chunk may be that of the next round already. */
  readonly #begins: Int32Array
  #lists = 0
  #room = 0
  #places = 0
  #placesRoom = 0
  // What is made of one chunk.
  #chunkRoom = 0
  #flags = 0
  /** The numbers of the successors that are new, after `collect`. */
  fresh: Int32Array = new Int32Array(0)
  /** Their states and the numbers of the states that they come from, after `gather`. */
  states: Int32Array = new Int32Array(0)
  sources: Uint32Array = new Uint32Array(0)
  /** Counts per action instance, 64 bits each: successors, and new states among them. */
  readonly #generated: Uint32Array
  readonly #distinct: Uint32Array
  readonly module: object

  /** `thread`: which one of the round this is; `module`: that of another thread's kernel for the same table. */
  constructor(heap: Heap, keys: KeySet, words: 1 | 2, instances: number, round: Round, thread: number, module?: object) {
    this.#heap = heap
    this.#keys = keys
    this.#words = words
    this.#round = round
    this.#thread = thread
    this.#generated = heap.uint32(2 * instances)
    this.#distinct = heap.uint32(2 * instances)
    this.#recent = heap.allocate(RECENT * 4 * words)
    this.#cursors = heap.int32(PARTS)
    this.#begins = heap.int32(PARTS * CHUNKS)
    this.#rows = new Int32Array(heap.buffer, round.rows, ROW * CHUNKS)
    this.#counts = new Int32Array(heap.buffer, round.counts, PARTS * CHUNKS)
    this.#threads = new Int32Array(heap.buffer, round.threads)
    this.#makeRoom(1 << 14)
    // The table takes most of what is left.
    this.module = module ?? compiled(new Coder(keys.moveTo(heap), words).module.bytes())
    this.#exports = instantiate<Exports>(this.module, { memory: heap.memory })
  }

  /** Whether a part is full, or lies elsewhere: from then on JavaScript has to go on. */
  get full(): boolean {
    return this.elsewhere || this.#exports.full.value !== 0
  }
  elsewhere = false

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
    for (let next = from; next < to; next += PIECE) {
      // Each list may take all of a piece.
      const end = Math.min(next + PIECE, to)
      let longest = 0
      for (let part = 0; part < PARTS; part++) longest = Math.max(longest, cursors[part] as number)
      if (longest + PIECE > this.#room) this.#makeRoom(2 * (longest + PIECE))
      this.#exports.deal(states.byteOffset, next, end, this.#lists, cursors.byteOffset, this.#room, this.#recent)
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
      this.#places = this.#heap.allocate(4 * this.#placesRoom)
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
      let found = 0
      for (let at = begin; at < end; at += stride) {
        if (!this.#keys.add(words[at] as number, this.#words === 2 ? (words[at + 1] as number) : 0)) continue
        words[begin + found * stride + this.#words] = words[at + this.#words] as number
        found++
      }
      this.#counts[part * CHUNKS + chunk] = found
    }
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
    if (to - from > this.#chunkRoom) {
      this.#chunkRoom = 2 * (to - from)
      this.#flags = heap.allocate(this.#chunkRoom)
      this.fresh = heap.int32(this.#chunkRoom)
      this.states = heap.int32(this.#chunkRoom * this.#words)
      this.sources = heap.uint32(this.#chunkRoom)
    }
    return this.#exports.collect(
      this.#begins.byteOffset + 4 * PARTS * chunk,
      this.#lists,
      this.#room,
      chunk,
      this.#round.counts,
      this.#flags - from,
      from,
      to,
      this.fresh.byteOffset,
    )
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

/** Writes the module. Keys have one or two words. */
class Coder {
  readonly module = new Module()
  readonly #placed: KeysPlaced
  readonly #bytes: 4 | 8
  readonly #wide: boolean
  readonly #full: Global

  constructor(placed: KeysPlaced, words: 1 | 2) {
    const { module } = this
    this.#placed = placed
    this.#wide = words === 2
    this.#bytes = this.#wide ? 8 : 4
    this.#full = module.global('full', I32)
    const grow = this.#grow()
    module.export(this.#deal(), this.#insert(grow), this.#collect(), this.#count(), this.#countOf(), this.#gather())
  }

  get #key(): typeof I32 | typeof I64 {
    return this.#wide ? I64 : I32
  }
  #load(at: Code): Code {
    return this.#wide ? i64.load(at) : i32.load(at)
  }
  #store(at: Code, value: Code): Code {
    return this.#wide ? i64.store(at, value) : i32.store(at, value)
  }
  #same(a: Code, b: Code): Code {
    return this.#wide ? i64.eq(a, b) : i32.eq(a, b)
  }
  #isZero(a: Code): Code {
    return this.#wide ? i64.eqz(a) : i32.eqz(a)
  }

  /** `mix` of visited.ts, of the key in a variable; `h` is scratch. */
  #mix(key: Local, h: Local, high: Local): Code {
    const shifted = (by: number): Code => i32.shrU(get(h), i32.const(by))
    return seq(
      ...(this.#wide
        ? [
            set(high, i32.ofI64(i64.shrU(get(key), i64.const(32n)))),
            set(h, i32.mul(i32.xor(i32.ofI64(get(key)), i32.mul(get(high), i32.const(0x9e3779b1))), i32.const(0x85ebca6b))),
            set(h, i32.mul(i32.xor(i32.xor(get(h), shifted(15)), get(high)), i32.const(0xc2b2ae35))),
          ]
        : [set(h, i32.mul(get(key), i32.const(0x85ebca6b))), set(h, i32.mul(i32.xor(get(h), shifted(15)), i32.const(0xc2b2ae35)))]),
      set(h, i32.xor(get(h), shifted(13))),
      set(h, i32.mul(get(h), i32.const(0x27d4eb2f))),
      set(h, i32.xor(get(h), shifted(16))),
    )
  }

  #partOf(hash: Local): Code {
    return i32.shrU(get(hash), i32.const(PART_SHIFT))
  }
  /** An entry of a row of words, one per part. */
  #row(at: number, part: Code): Code {
    return i32.add(i32.const(at), i32.shl(part, i32.const(2)))
  }
  #base(part: Code): Code {
    return i32.add(i32.const(this.#placed.tables), i32.mul(part, i32.const(this.#placed.stride)))
  }

  /** How many lines a number of entries are. */
  #linesOf(entries: Code): Code {
    return i32.shrU(entries, i32.const(this.#wide ? 3 : 4))
  }

  /** The address of the line of a hash: see parts.ts. `lines` has 64 bits. */
  #lineIn(base: Code, lines: Code, hash: Local): Code {
    const rest = i64.ofI32(i32.and(get(hash), i32.const((1 << PART_SHIFT) - 1)))
    return i32.add(base, i32.shl(i32.ofI64(i64.shrU(i64.mul(rest, lines), i64.const(BigInt(PART_SHIFT)))), i32.const(LINE_SHIFT)))
  }

  /** The variables of `#find`. */
  #finder(f: Locals): Finder {
    return { key: f.local(this.#key), p: f.local(I32), free: f.local(I32), needle: f.local(V128), parts: [0, 1, 2, 3].map(() => f.local(V128)) }
  }

  /**
   * Looks for a key that is not zero from the line at `p` on. Goes to the label where it is there; else `p` is the free place for it. The entries of a
   * line are compared all at once.
   */
  #find({ key, p, free, needle, parts }: Finder, there: Label): Code {
    const again = new Label()
    const lanes = this.#wide ? i64x2 : i32x4
    const quarters = parts.map((part, i) => set(part, v128.load(get(p), 16 * i)))
    const any = (codes: readonly Code[]): Code => codes.reduce((a, b) => v128.or(a, b))
    const zero = lanes.splat(this.#wide ? i64.const(0n) : i32.const(0))
    // One bit an entry.
    const frees = parts.map((part, i) => i32.shl(lanes.bitmask(lanes.eq(get(part), zero)), i32.const((this.#wide ? 2 : 4) * i)))
    return seq(
      set(needle, lanes.splat(get(key))),
      loop(
        again,
        ...quarters,
        brIf(there, v128.anyTrue(any(parts.map((part) => lanes.eq(get(part), get(needle)))))),
        set(
          free,
          frees.reduce((a, b) => i32.or(a, b)),
        ),
        when(i32.eqz(get(free)), [increase(p, 1 << LINE_SHIFT), br(again)]),
      ),
      increase(p, i32.shl(i32.ctz(get(free)), i32.const(this.#wide ? 3 : 2))),
    )
  }

  /** Bytes of an entry of a list: the key, the number of the successor, and the hash. */
  get #entry(): number {
    return this.#bytes + 8
  }

  #deal(): Callee {
    return this.module.define('deal', [I32, I32, I32, I32, I32, I32, I32], [], (f) => {
      const [states, from, to, lists, cursors, room, recent] = ten((i) => f.parameter(i))
      const key = f.local(this.#key)
      const [h, high, entry, at, part, cursor] = ten(() => f.local(I32))
      const next = new Label()
      return [
        set(at, i32.add(get(states), i32.shl(get(from), i32.const(this.#wide ? 3 : 2)))),
        repeat(
          i32.ltU(get(from), get(to)),
          block(
            next,
            set(key, this.#load(get(at))),
            this.#mix(key, h, high),
            set(entry, i32.add(get(recent), i32.shl(i32.and(get(h), i32.const(RECENT - 1)), i32.const(this.#wide ? 3 : 2)))),
            // An empty entry looks like the key zero, which is asked for in any case.
            when(this.#same(this.#load(get(entry)), get(key)), [brIf(next, i32.eqz(this.#isZero(get(key))))]),
            this.#store(get(entry), get(key)),
            set(part, this.#partOf(h)),
            set(entry, this.#word(cursors, get(part))),
            set(cursor, i32.load(get(entry))),
            i32.store(get(entry), i32.add(get(cursor), i32.const(1))),
            set(entry, i32.add(get(lists), i32.mul(i32.add(i32.mul(get(part), get(room)), get(cursor)), i32.const(this.#entry)))),
            this.#store(get(entry), get(key)),
            i32.store(get(entry), get(from), this.#bytes),
            i32.store(get(entry), get(h), this.#bytes + 4),
          ),
          increase(at, this.#bytes),
          increase(from, 1),
        ),
      ]
    })
  }

  /** The key zero is kept apart: keeps it where it is new, and goes to the label. */
  #zero(key: Local, keep: Code, done: Label): Code {
    const { zero } = this.#placed
    return when(this.#isZero(get(key)), [brIf(done, i32.load(i32.const(zero))), i32.store(i32.const(zero), i32.const(1)), keep, br(done)])
  }

  #insert(grow: Callee): Callee {
    return this.module.define('insert', [I32, I32, I32, I32, I32, I32], [], (f) => {
      const [part, chunks, rows, threads, counts, places] = ten((i) => f.parameter(i))
      const finder = this.#finder(f)
      const { key, p } = finder
      const lines = f.local(I64)
      const [base, chunk, row, thread, list, end, at, h] = ten(() => f.local(I32))
      const [size, limit, last, new_, place, touched, later, begin] = ten(() => f.local(I32))
      const done = new Label()
      const placed = this.#placed
      const entry = this.#entry
      const keep = seq(
        i32.store(i32.add(get(begin), i32.mul(get(new_), i32.const(entry))), i32.load(get(at), this.#bytes), this.#bytes),
        increase(new_, 1),
      )
      const bounds = seq(
        set(lines, i64.ofI32(this.#linesOf(i32.load(this.#row(placed.capacities, get(part)))))),
        set(limit, i32.load(this.#row(placed.limits, get(part)))),
        set(last, i32.add(get(base), i32.load(this.#row(placed.ends, get(part))))),
      )
      const inList = (offset: number): Code => i32.mul(i32.load(i32.add(get(row), i32.shl(get(part), i32.const(2))), offset), i32.const(entry))
      return [
        set(base, this.#base(get(part))),
        set(size, i32.load(this.#row(placed.sizes, get(part)))),
        bounds,
        set(row, get(rows)),
        repeat(
          i32.ltU(get(chunk), get(chunks)),
          set(thread, i32.add(get(threads), i32.mul(i32.load(get(row)), i32.const(4 * THREAD)))),
          set(list, i32.add(i32.load(get(thread)), i32.mul(i32.mul(get(part), i32.load(get(thread), 4)), i32.const(entry)))),
          set(begin, i32.add(get(list), inList(4))),
          set(end, i32.add(get(list), inList(4 + 4 * PARTS))),
          // The places, each read once.
          set(at, get(begin)),
          set(place, get(places)),
          repeat(
            i32.ltU(get(at), get(end)),
            set(h, i32.load(get(at), this.#bytes + 4)),
            set(p, this.#lineIn(get(base), get(lines), h)),
            i32.store(get(place), get(p)),
            set(touched, i32.or(get(touched), i32.load(get(p)))),
            increase(place, 4),
            increase(at, entry),
          ),
          // The keys.
          set(at, get(begin)),
          set(place, get(places)),
          set(new_, i32.const(0)),
          repeat(
            i32.ltU(get(at), get(end)),
            set(key, this.#load(get(at))),
            set(p, i32.load(get(place))),
            block(
              done,
              this.#zero(key, keep, done),
              this.#find(finder, done),
              this.#store(get(p), get(key)),
              keep,
              increase(size, 1),
              when(i32.or(i32.ltU(get(limit), get(size)), i32.geU(get(p), get(last))), [
                when(
                  i32.and(i32.eqz(read(this.#full)), call(grow, get(part))),
                  [
                    bounds,
                    // The places that were read ahead are not those of the keys any more.
                    set(later, i32.add(get(at), i32.const(entry))),
                    set(p, get(place)),
                    repeat(
                      i32.ltU(get(later), get(end)),
                      set(h, i32.load(get(later), this.#bytes + 4)),
                      increase(p, 4),
                      i32.store(get(p), this.#lineIn(get(base), get(lines), h)),
                      increase(later, entry),
                    ),
                  ],
                  [
                    write(this.#full, i32.const(1)),
                    // Behind the last part of the table there is nothing to write to.
                    when(i32.geU(i32.sub(get(p), get(base)), i32.const(placed.stride - 2 * this.#bytes)), [trap]),
                  ],
                ),
              ]),
            ),
            increase(place, 4),
            increase(at, entry),
          ),
          i32.store(i32.add(get(counts), i32.shl(i32.add(i32.mul(get(part), i32.const(CHUNKS)), get(chunk)), i32.const(2))), get(new_)),
          increase(row, 4 * ROW),
          increase(chunk, 1),
        ),
        i32.store(this.#row(placed.sizes, get(part)), get(size)),
        // Kept, so that the reads are not optimised away.
        i32.store(i32.const(placed.touched), get(touched)),
      ]
    })
  }

  /** Grows a part as `Parts.grow` does. Gives 0 where there is no room. */
  #grow(): Callee {
    const { stride, capacities, limits, ends, scales } = this.#placed
    const bytes = this.#bytes
    const perLine = (4 * LINE) / bytes
    const most = Math.floor((stride / bytes - FULL_SLACK) / perLine) * perLine
    return this.module.define('grow', [I32], [I32], (f) => {
      const part = f.parameter(0)
      const [base, capacity, larger, shift, length, from, p, end] = ten(() => f.local(I32))
      const [h, high, line, lastLine] = ten(() => f.local(I32))
      const entry = f.local(this.#key)
      const lines = f.local(I64)
      const again = new Label()
      const next = new Label()
      return [
        set(base, this.#base(get(part))),
        set(capacity, i32.load(this.#row(capacities, get(part)))),
        when(i32.geU(get(capacity), i32.const(most)), [give(i32.const(0))]),
        loop(
          again,
          set(larger, this.#linesOf(get(capacity))),
          set(
            larger,
            i32.add(
              i32.add(get(larger), i32.shrU(get(larger), select(i32.const(1), i32.const(2), i32.ltU(get(larger), i32.const(SMALL_LINES))))),
              i32.const(1),
            ),
          ),
          set(larger, i32.mul(get(larger), i32.const(perLine))),
          when(i32.ltU(i32.const(most), get(larger)), [set(larger, i32.const(most))]),
          set(shift, i32.mul(i32.sub(get(larger), get(capacity)), i32.const(bytes))),
          set(length, i32.mul(i32.add(get(capacity), i32.const(SLACK)), i32.const(bytes))),
          copy(i32.add(get(base), get(shift)), get(base), get(length)),
          fill(get(base), i32.const(0), get(shift)),
          set(capacity, get(larger)),
          set(lines, i64.ofI32(this.#linesOf(get(capacity)))),
          i32.store(this.#row(capacities, get(part)), get(capacity)),
          i32.store(this.#row(limits, get(part)), i32.sub(get(capacity), i32.shrU(get(capacity), i32.const(3)))),
          i32.store(this.#row(ends, get(part)), i32.mul(i32.add(get(capacity), i32.const(SLACK - 1)), i32.const(bytes))),
          setScale(i32.add(i32.const(scales), i32.shl(get(part), i32.const(3))), this.#linesOf(get(capacity))),
          set(from, i32.add(get(base), get(shift))),
          set(end, i32.add(get(from), get(length))),
          set(lastLine, i32.const(0)),
          repeat(
            i32.ltU(get(from), get(end)),
            block(
              next,
              set(entry, this.#load(get(from))),
              brIf(next, this.#isZero(get(entry))),
              this.#store(get(from), this.#wide ? i64.const(0n) : i32.const(0)),
              this.#mix(entry, h, high),
              set(line, this.#lineIn(get(base), get(lines), h)),
              // Of the line of the last one, everything up to it is taken.
              set(p, select(i32.add(get(p), i32.const(bytes)), get(line), i32.eq(get(line), get(lastLine)))),
              set(lastLine, get(line)),
              repeat(i32.eqz(this.#isZero(this.#load(get(p)))), increase(p, bytes)),
              this.#store(get(p), get(entry)),
            ),
            increase(from, bytes),
          ),
          // The last entry of the slack is taken: more room, if there is some.
          brIf(
            again,
            i32.and(
              i32.ltU(get(capacity), i32.const(most)),
              i32.eqz(this.#isZero(this.#load(i32.add(get(base), i32.load(this.#row(ends, get(part))))))),
            ),
          ),
        ),
        i32.const(1),
      ]
    })
  }

  #word(row: Local, index: Code): Code {
    return i32.add(get(row), i32.shl(index, i32.const(2)))
  }

  /** `counts[instance]++` */
  #counted(counts: Local, instance: Code, counter: Local): Code {
    return seq(
      set(counter, i32.add(get(counts), i32.shl(instance, i32.const(3)))),
      i64.store(get(counter), i64.add(i64.load(get(counter)), i64.const(1n))),
    )
  }

  #count(): Callee {
    return this.module.define('count', [I32, I32, I32, I32], [], (f) => {
      const [instances, from, to, counts] = ten((i) => f.parameter(i))
      const counter = f.local(I32)
      return [repeat(i32.ltU(get(from), get(to)), this.#counted(counts, i32.load(this.#word(instances, get(from))), counter), increase(from, 1))]
    })
  }

  #countOf(): Callee {
    return this.module.define('countOf', [I32, I32, I32, I32], [], (f) => {
      const [instances, fresh, count, counts] = ten((i) => f.parameter(i))
      const [k, counter] = ten(() => f.local(I32))
      const instance = i32.load(this.#word(instances, i32.load(this.#word(fresh, get(k)))))
      return [repeat(i32.ltU(get(k), get(count)), this.#counted(counts, instance, counter), increase(k, 1))]
    })
  }

  #gather(): Callee {
    return this.module.define('gather', [I32, I32, I32, I32, I32, I32], [], (f) => {
      const [states, sources, fresh, count, gathered, origins] = ten((i) => f.parameter(i))
      const [k, i] = ten(() => f.local(I32))
      const shift = i32.const(this.#wide ? 3 : 2)
      return [
        repeat(
          i32.ltU(get(k), get(count)),
          set(i, i32.load(this.#word(fresh, get(k)))),
          this.#store(i32.add(get(gathered), i32.shl(get(k), shift)), this.#load(i32.add(get(states), i32.shl(get(i), shift)))),
          i32.store(this.#word(origins, get(k)), i32.load(this.#word(sources, get(i)))),
          increase(k, 1),
        ),
      ]
    })
  }

  #collect(): Callee {
    return this.module.define('collect', [I32, I32, I32, I32, I32, I32, I32, I32, I32], [I32], (f) => {
      const [begins, lists, room, chunk, counts, flags, from, to, fresh] = ten((i) => f.parameter(i))
      const [part, at, end, found] = ten(() => f.local(I32))
      return [
        repeat(
          i32.ltU(get(part), i32.const(PARTS)),
          set(
            at,
            i32.add(get(lists), i32.mul(i32.add(i32.mul(get(part), get(room)), i32.load(this.#word(begins, get(part)))), i32.const(this.#entry))),
          ),
          set(
            end,
            i32.add(
              get(at),
              i32.mul(i32.load(this.#word(counts, i32.add(i32.mul(get(part), i32.const(CHUNKS)), get(chunk)))), i32.const(this.#entry)),
            ),
          ),
          repeat(
            i32.ltU(get(at), get(end)),
            i32.store8(i32.add(get(flags), i32.load(get(at), this.#bytes)), i32.const(1)),
            increase(at, this.#entry),
          ),
          increase(part, 1),
        ),
        repeat(
          i32.ltU(get(from), get(to)),
          set(at, i32.add(get(flags), get(from))),
          when(i32.load8u(get(at)), [i32.store8(get(at), i32.const(0)), i32.store(this.#word(fresh, get(found)), get(from)), increase(found, 1)]),
          increase(from, 1),
        ),
        get(found),
      ]
    })
  }
}

interface Finder {
  readonly key: Local
  readonly p: Local
  readonly free: Local
  readonly needle: Local
  readonly parts: readonly Local[]
}

/** A line has so many bytes, as a power of 2. */
const LINE_SHIFT = Math.log2(4 * LINE)

type Ten<T> = [T, T, T, T, T, T, T, T, T, T]
/** As many as are taken out of it, at most ten. */
function ten<T>(make: (i: number) => T): Ten<T> {
  return [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(make) as Ten<T>
}

/** Entries behind the largest capacity of a part. */
const FULL_SLACK = 1 << 12

/** `scales[part] = lines / 2^32` */
function setScale(at: Code, lines: Code): Code {
  return f64.store(at, f64.mul(f64.ofI32(lines), f64.const(2 ** -32)))
}
