/**
 * The WebAssembly of kernel.ts: what is looked up is either a key of one or two words that is its own entry, or a state of more words, whose entry
 * tells where it lies.
 *
 *     KeysCode     entry    key                    list    key, i, hash
 *     StatesCode   entry    place of a state, hash list    state, i, hash
 *
 * A place is the number of a state in the arena plus 1, or, from TEMPORARY on, a place on a list: see kernel.ts.
 */
import {
  block,
  br,
  brIf,
  type Callee,
  call,
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
  loop,
  Module,
  read,
  repeat,
  select,
  seq,
  set,
  tee,
  trap,
  V128,
  v128,
  when,
  write,
} from '../wasm/assembler.ts'
import type { Variable } from '../wasm/machine.ts'
import { LINE, PART_SHIFT, PARTS, type Placed, SLACK, SMALL_LINES } from './parts.ts'

/** Where the table of a `KeySet` lies in the heap. Addresses are in bytes. */
export interface KeysPlaced extends Placed {
  /** Whether the key zero, which looks like a free entry, is there. */
  readonly zero: number
}

/** Where the table of a `StateSet` lies in the heap, and the arena with its states. */
export interface StatesPlaced extends Placed {
  readonly arena: number
}

/** What the modules export. `number` is there for states only. */
export interface Exports {
  deal(states: number, from: number, to: number, lists: number, cursors: number, room: number, cache: number): void
  insert(part: number, chunks: number, rows: number, threads: number, counts: number, places: number): void
  collect(row: number, lists: number, room: number, chunk: number, counts: number, flags: number, from: number, to: number, fresh: number): number
  number(row: number, lists: number, room: number, chunk: number, counts: number, flags: number, first: number): void
  count(instances: number, from: number, to: number, counts: number): void
  countOf(instances: number, fresh: number, count: number, counts: number): void
  gather(states: number, sources: number, fresh: number, count: number, gathered: number, origins: number): void
  readonly full: Variable
}

/** Chunks of a round, at most. */
export const CHUNKS = 1 << 9
/** Words of a row: the thread, then per list where the chunk begins and where it ends. */
export const ROW = 1 + 2 * PARTS
/** Per thread: the address of its lists, and how many entries each has room for. */
export const THREAD = 2
/** Places on lists: this, and their address in words. So states whose places are kept can have so many numbers less one. */
export const TEMPORARY = 2 ** 31

/** Bytes of cached keys: they fit the second-level cache of a processor of today. */
const CACHE = 1 << 18
/** How many cached keys of so many words are kept: a power of two. */
export const cachedOf = (words: number): number => Math.min(1 << 15, 1 << (31 - Math.clz32(CACHE / (4 * words))))

/** The variables of the loop over the entries of a list. */
interface Entry {
  /** Where the entry lies, and its place among those of the chunk. */
  readonly at: Local
  readonly place: Local
  /** The address of its line, from where on a place is looked for. */
  readonly p: Local
  /** Where the list begins, and how many of it are new so far. */
  readonly begin: Local
  readonly fresh: Local
  /** What was read ahead. */
  readonly touched: Local
}

/** How an entry of a list is looked up. */
interface LookUp {
  /** What is done for all before the first is looked up. */
  readonly ahead: Code | null
  /** Goes to `done` where it is there; else enters it and keeps it on the list. */
  readonly enter: (done: Label) => Code
}

abstract class KernelCode {
  readonly module = new Module()
  readonly #placed: Placed
  readonly words: number
  /** Bytes of an entry of the table. */
  readonly #bytes: 4 | 8
  readonly #full: Global

  constructor(placed: Placed, words: number, bytes: 4 | 8) {
    this.#placed = placed
    this.words = words
    this.#bytes = bytes
    this.#full = this.module.global('full', I32)
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const grow = this.#grow()
    this.module.export(this.deal(), this.#insert(grow), ...this.collecting(), this.#count(), this.#countOf(), this.#gather())
    return this.module.bytes()
  }

  /** Bytes per entry of a list that are kept while it is looked up: the address of its line, and what else there is. */
  protected abstract readonly place: 4 | 8
  protected abstract deal(): Callee
  protected abstract lookUp(f: Locals, entry: Entry): LookUp
  protected abstract collecting(): Callee[]
  /** Sets `h` to the hash of an entry of the table. */
  protected abstract rehash(entry: Local, h: Local, high: Local): Code

  // Entries of the table.

  get #type(): typeof I32 | typeof I64 {
    return this.#bytes === 8 ? I64 : I32
  }
  protected load(at: Code): Code {
    return this.#bytes === 8 ? i64.load(at) : i32.load(at)
  }
  protected store(at: Code, value: Code): Code {
    return this.#bytes === 8 ? i64.store(at, value) : i32.store(at, value)
  }
  protected isZero(a: Code): Code {
    return this.#bytes === 8 ? i64.eqz(a) : i32.eqz(a)
  }

  protected partOf(hash: Local): Code {
    return i32.shrU(get(hash), i32.const(PART_SHIFT))
  }
  /** An entry of a row of words, one per part. */
  #row(at: number, part: Code): Code {
    return i32.add(i32.const(at), i32.shl(part, i32.const(2)))
  }
  protected base(part: Code): Code {
    return i32.add(i32.const(this.#placed.tables), i32.mul(part, i32.const(this.#placed.stride)))
  }
  /** How many lines a part has. */
  protected lines(part: Code): Code {
    return i64.ofI32(this.#linesOf(i32.load(this.#row(this.#placed.capacities, part))))
  }
  #linesOf(entries: Code): Code {
    return i32.shrU(entries, i32.const(this.#bytes === 8 ? 3 : 4))
  }

  /** The address of the line of a hash: see parts.ts. `lines` has 64 bits. */
  protected lineIn(base: Code, lines: Code, hash: Code): Code {
    const rest = i64.ofI32(i32.and(hash, i32.const((1 << PART_SHIFT) - 1)))
    return i32.add(base, i32.shl(i32.ofI64(i64.shrU(i64.mul(rest, lines), i64.const(BigInt(PART_SHIFT)))), i32.const(LINE_SHIFT)))
  }

  // Entries of a list: the key or the state, the number of the successor, and the hash.

  protected get listed(): number {
    return 4 * this.words + 8
  }
  protected numberOf(at: Local): Code {
    return i32.load(get(at), 4 * this.words)
  }
  protected hashOf(at: Local): Code {
    return i32.load(get(at), 4 * this.words + 4)
  }
  protected word(row: Local, index: Code): Code {
    return i32.add(get(row), i32.shl(index, i32.const(2)))
  }

  /** The number of a list's next entry, which is then one more; `at` becomes its address and gets the number and the hash. */
  protected append(at: Local, lists: Local, room: Local, cursors: Local, hash: Local, number: Local, cursor: Local): Code {
    return seq(
      set(at, this.word(cursors, this.partOf(hash))),
      set(cursor, i32.load(get(at))),
      i32.store(get(at), i32.add(get(cursor), i32.const(1))),
      set(at, i32.add(get(lists), i32.mul(i32.add(i32.mul(this.partOf(hash), get(room)), get(cursor)), i32.const(this.listed)))),
      i32.store(get(at), get(number), 4 * this.words),
      i32.store(get(at), get(hash), 4 * this.words + 4),
    )
  }

  #insert(grow: Callee): Callee {
    return this.module.define('insert', [I32, I32, I32, I32, I32, I32], [], (f) => {
      const [part, chunks, rows, threads, counts, places] = ten((i) => f.parameter(i))
      const [at, place, p, begin, fresh, touched, later] = ten(() => f.local(I32))
      const look = this.lookUp(f, { at, place, p, begin, fresh, touched })
      const lines = f.local(I64)
      const [base, chunk, row, thread, list, end, size, limit, last] = ten(() => f.local(I32))
      const done = new Label()
      const placed = this.#placed
      const bounds = seq(
        set(lines, this.lines(get(part))),
        set(limit, i32.load(this.#row(placed.limits, get(part)))),
        set(last, i32.add(get(base), i32.load(this.#row(placed.ends, get(part))))),
      )
      const inList = (offset: number): Code => i32.mul(i32.load(i32.add(get(row), i32.shl(get(part), i32.const(2))), offset), i32.const(this.listed))
      const each = (...codes: readonly Code[]): Code =>
        seq(
          set(at, get(begin)),
          set(place, get(places)),
          repeat(i32.ltU(get(at), get(end)), ...codes, increase(place, this.place), increase(at, this.listed)),
        )
      return [
        set(base, this.base(get(part))),
        set(size, i32.load(this.#row(placed.sizes, get(part)))),
        bounds,
        set(row, get(rows)),
        repeat(
          i32.ltU(get(chunk), get(chunks)),
          set(thread, i32.add(get(threads), i32.mul(i32.load(get(row)), i32.const(4 * THREAD)))),
          set(list, i32.add(i32.load(get(thread)), i32.mul(i32.mul(get(part), i32.load(get(thread), 4)), i32.const(this.listed)))),
          set(begin, i32.add(get(list), inList(4))),
          set(end, i32.add(get(list), inList(4 + 4 * PARTS))),
          // The lines, each read once.
          each(
            set(p, this.lineIn(get(base), get(lines), this.hashOf(at))),
            i32.store(get(place), get(p)),
            set(touched, i32.or(get(touched), i32.load(get(p)))),
          ),
          ...(look.ahead === null ? [] : [each(look.ahead)]),
          set(fresh, i32.const(0)),
          each(
            set(p, i32.load(get(place))),
            block(
              done,
              look.enter(done),
              increase(fresh, 1),
              increase(size, 1),
              when(i32.or(i32.ltU(get(limit), get(size)), i32.geU(get(p), get(last))), [
                when(
                  i32.and(i32.eqz(read(this.#full)), call(grow, get(part))),
                  [
                    bounds,
                    // The places that were read ahead are not those of the keys any more.
                    set(later, i32.add(get(at), i32.const(this.listed))),
                    set(p, get(place)),
                    repeat(
                      i32.ltU(get(later), get(end)),
                      increase(p, this.place),
                      i32.store(get(p), this.lineIn(get(base), get(lines), this.hashOf(later))),
                      increase(later, this.listed),
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
          ),
          i32.store(i32.add(get(counts), i32.shl(i32.add(i32.mul(get(part), i32.const(CHUNKS)), get(chunk)), i32.const(2))), get(fresh)),
          increase(row, 4 * ROW),
          increase(chunk, 1),
        ),
        i32.store(this.#row(placed.sizes, get(part)), get(size)),
        this.touch(touched),
      ]
    })
  }

  /** Keeps what was read ahead, so that reading is not optimised away. */
  protected touch(touched: Local): Code {
    return i32.store(i32.const(this.#placed.touched), get(touched))
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
      const entry = f.local(this.#type)
      const lines = f.local(I64)
      const again = new Label()
      const next = new Label()
      return [
        set(base, this.base(get(part))),
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
              set(entry, this.load(get(from))),
              brIf(next, this.isZero(get(entry))),
              this.store(get(from), this.#bytes === 8 ? i64.const(0n) : i32.const(0)),
              this.rehash(entry, h, high),
              set(line, this.lineIn(get(base), get(lines), get(h))),
              // Of the line of the last one, everything up to it is taken.
              set(p, select(i32.add(get(p), i32.const(bytes)), get(line), i32.eq(get(line), get(lastLine)))),
              set(lastLine, get(line)),
              repeat(i32.eqz(this.isZero(this.load(get(p)))), increase(p, bytes)),
              this.store(get(p), get(entry)),
            ),
            increase(from, bytes),
          ),
          // The last entry of the slack is taken: more room, if there is some.
          brIf(
            again,
            i32.and(
              i32.ltU(get(capacity), i32.const(most)),
              i32.eqz(this.isZero(this.load(i32.add(get(base), i32.load(this.#row(ends, get(part))))))),
            ),
          ),
        ),
        i32.const(1),
      ]
    })
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
      return [repeat(i32.ltU(get(from), get(to)), this.#counted(counts, i32.load(this.word(instances, get(from))), counter), increase(from, 1))]
    })
  }

  #countOf(): Callee {
    return this.module.define('countOf', [I32, I32, I32, I32], [], (f) => {
      const [instances, fresh, count, counts] = ten((i) => f.parameter(i))
      const [k, counter] = ten(() => f.local(I32))
      const instance = i32.load(this.word(instances, i32.load(this.word(fresh, get(k)))))
      return [repeat(i32.ltU(get(k), get(count)), this.#counted(counts, instance, counter), increase(k, 1))]
    })
  }

  #gather(): Callee {
    return this.module.define('gather', [I32, I32, I32, I32, I32, I32], [], (f) => {
      const [states, sources, fresh, count, gathered, origins] = ten((i) => f.parameter(i))
      const [k, i, from] = ten(() => f.local(I32))
      const bytes = i32.const(4 * this.words)
      return [
        repeat(
          i32.ltU(get(k), get(count)),
          set(i, i32.load(this.word(fresh, get(k)))),
          set(from, i32.add(get(states), i32.mul(get(i), bytes))),
          this.move(gathered, from),
          i32.store(this.word(origins, get(k)), i32.load(this.word(sources, get(i)))),
          increase(gathered, bytes),
          increase(k, 1),
        ),
      ]
    })
  }

  /** The addresses of the first new one of each part in a list and of the end of them: sets two variables. */
  protected newOf(part: Local, chunk: Local, begins: Local, lists: Local, room: Local, counts: Local, at: Local, end: Local): Code {
    const entries = (n: Code): Code => i32.mul(n, i32.const(this.listed))
    return seq(
      set(at, i32.add(get(lists), entries(i32.add(i32.mul(get(part), get(room)), i32.load(this.word(begins, get(part))))))),
      set(end, i32.add(get(at), entries(i32.load(this.word(counts, i32.add(i32.mul(get(part), i32.const(CHUNKS)), get(chunk))))))),
    )
  }

  // States and keys in memory.

  /** The pieces of a state: how many bytes before it, and whether it has eight bytes or four. */
  get #pieces(): readonly (readonly [offset: number, long: boolean])[] {
    return Array.from({ length: (this.words + 1) >>> 1 }, (_, i) => [8 * i, 2 * i + 1 < this.words] as const)
  }

  protected move(to: Local, from: Local): Code {
    return seq(
      ...this.#pieces.map(([offset, long]) =>
        long ? i64.store(get(to), i64.load(get(from), offset), offset) : i32.store(get(to), i32.load(get(from), offset), offset),
      ),
    )
  }

  /** Whether two states are the same. */
  protected same(a: Local, b: Local): Code {
    const differences = this.#pieces.map(([offset, long]) =>
      long ? i64.xor(i64.load(get(a), offset), i64.load(get(b), offset)) : i64.ofI32(i32.xor(i32.load(get(a), offset), i32.load(get(b), offset))),
    )
    return i64.eqz(differences.reduce((all, one) => i64.or(all, one)))
  }

  /** Whether not all words of a state are zero. */
  protected some(a: Local): Code {
    const pieces = this.#pieces.map(([offset, long]) => (long ? i64.load(get(a), offset) : i64.ofI32(i32.load(get(a), offset))))
    return i64.ne(
      pieces.reduce((all, one) => i64.or(all, one)),
      i64.const(0n),
    )
  }

  /** `mix` of visited.ts, of two words or, where the second is always zero, of one; `h` and `high` are variables, and `h` is the result. */
  protected mix(low: Code, high: Code | null, h: Local, scratch: Local): Code {
    const shifted = (by: number): Code => i32.shrU(get(h), i32.const(by))
    return seq(
      ...(high !== null
        ? [
            set(scratch, high),
            set(h, i32.mul(i32.xor(low, i32.mul(get(scratch), i32.const(0x9e3779b1))), i32.const(0x85ebca6b))),
            set(h, i32.mul(i32.xor(i32.xor(get(h), shifted(15)), get(scratch)), i32.const(0xc2b2ae35))),
          ]
        : [set(h, i32.mul(low, i32.const(0x85ebca6b))), set(h, i32.mul(i32.xor(get(h), shifted(15)), i32.const(0xc2b2ae35)))]),
      set(h, i32.xor(get(h), shifted(13))),
      set(h, i32.mul(get(h), i32.const(0x27d4eb2f))),
      set(h, i32.xor(get(h), shifted(16))),
    )
  }
}

/** Keys of one or two words. */
export class KeysCode extends KernelCode {
  readonly #placed: KeysPlaced
  readonly #wide: boolean

  constructor(placed: KeysPlaced, words: 1 | 2) {
    super(placed, words, words === 2 ? 8 : 4)
    this.#placed = placed
    this.#wide = words === 2
  }

  get #key(): typeof I32 | typeof I64 {
    return this.#wide ? I64 : I32
  }
  #same(a: Code, b: Code): Code {
    return this.#wide ? i64.eq(a, b) : i32.eq(a, b)
  }

  protected override rehash(key: Local, h: Local, high: Local): Code {
    return this.#wide ? this.mix(i32.ofI64(get(key)), i32.ofI64(i64.shrU(get(key), i64.const(32n))), h, high) : this.mix(get(key), null, h, high)
  }

  protected override deal(): Callee {
    return this.module.define('deal', [I32, I32, I32, I32, I32, I32, I32], [], (f) => {
      const [states, from, to, lists, cursors, room, cache] = ten((i) => f.parameter(i))
      const key = f.local(this.#key)
      const [h, high, entry, at, cursor] = ten(() => f.local(I32))
      const next = new Label()
      const shift = i32.const(this.#wide ? 3 : 2)
      return [
        set(at, i32.add(get(states), i32.shl(get(from), shift))),
        repeat(
          i32.ltU(get(from), get(to)),
          block(
            next,
            set(key, this.load(get(at))),
            this.rehash(key, h, high),
            set(entry, i32.add(get(cache), i32.shl(i32.and(get(h), i32.const(cachedOf(this.words) - 1)), shift))),
            // An empty entry looks like the key zero, which is asked for in any case.
            when(this.#same(this.load(get(entry)), get(key)), [brIf(next, i32.eqz(this.isZero(get(key))))]),
            this.store(get(entry), get(key)),
            this.append(entry, lists, room, cursors, h, from, cursor),
            this.store(get(entry), get(key)),
          ),
          increase(at, 4 * this.words),
          increase(from, 1),
        ),
      ]
    })
  }

  protected override readonly place = 4

  protected override lookUp(f: Locals, { at, p, begin, fresh }: Entry): LookUp {
    const key = f.local(this.#key)
    const free = f.local(I32)
    const needle = f.local(V128)
    const parts = [0, 1, 2, 3].map(() => f.local(V128))
    const slot = i32.add(get(begin), i32.mul(get(fresh), i32.const(this.listed)))
    const keep = i32.store(slot, this.numberOf(at), 4 * this.words)
    const again = new Label()
    const lanes = this.#wide ? i64x2 : i32x4
    const zero = lanes.splat(this.#wide ? i64.const(0n) : i32.const(0))
    return {
      ahead: null,
      enter: (done) =>
        seq(
          set(key, this.load(get(at))),
          // The key zero is kept apart: it is in no part, and none grows for it.
          when(this.isZero(get(key)), [
            brIf(done, i32.load(i32.const(this.#placed.zero))),
            i32.store(i32.const(this.#placed.zero), i32.const(1)),
            keep,
            increase(fresh, 1),
            br(done),
          ]),
          set(needle, lanes.splat(get(key))),
          // The entries of a line are compared all at once.
          loop(
            again,
            ...parts.map((part, i) => set(part, v128.load(get(p), 16 * i))),
            brIf(done, v128.anyTrue(parts.map((part) => lanes.eq(get(part), get(needle))).reduce((a, b) => v128.or(a, b)))),
            set(
              free,
              // One bit an entry.
              parts
                .map((part, i) => i32.shl(lanes.bitmask(lanes.eq(get(part), zero)), i32.const((this.#wide ? 2 : 4) * i)))
                .reduce((a, b) => i32.or(a, b)),
            ),
            when(i32.eqz(get(free)), [increase(p, 1 << LINE_SHIFT), br(again)]),
          ),
          increase(p, i32.shl(i32.ctz(get(free)), i32.const(this.#wide ? 3 : 2))),
          this.store(get(p), get(key)),
          keep,
        ),
    }
  }

  protected override collecting(): Callee[] {
    return [
      this.module.define('collect', [I32, I32, I32, I32, I32, I32, I32, I32, I32], [I32], (f) => {
        const [begins, lists, room, chunk, counts, flags, from, to, fresh] = ten((i) => f.parameter(i))
        const [part, at, end, found] = ten(() => f.local(I32))
        return [
          repeat(
            i32.ltU(get(part), i32.const(PARTS)),
            this.newOf(part, chunk, begins, lists, room, counts, at, end),
            repeat(i32.ltU(get(at), get(end)), i32.store8(i32.add(get(flags), this.numberOf(at)), i32.const(1)), increase(at, this.listed)),
            increase(part, 1),
          ),
          repeat(
            i32.ltU(get(from), get(to)),
            set(at, i32.add(get(flags), get(from))),
            when(i32.load8u(get(at)), [i32.store8(get(at), i32.const(0)), i32.store(this.word(fresh, get(found)), get(from)), increase(found, 1)]),
            increase(from, 1),
          ),
          get(found),
        ]
      }),
    ]
  }
}

/** States of any number of words. */
export class StatesCode extends KernelCode {
  readonly #arena: number

  constructor(placed: StatesPlaced, words: number) {
    super(placed, words, 8)
    this.#arena = placed.arena
  }

  protected override rehash(entry: Local, h: Local): Code {
    return set(h, i32.ofI64(i64.shrU(get(entry), i64.const(32n))))
  }

  /** `hashOf` of visited.ts. */
  #hash(at: Local, h: Local, a: Local, b: Local, word: Local): Code {
    return seq(
      set(a, i32.const(0x3c6ef372)),
      set(b, i32.const(0x1b873593)),
      ...Array.from({ length: this.words }, (_, w) =>
        seq(
          set(a, i32.rotl(i32.mul(i32.xor(get(a), tee(word, i32.load(get(at), 4 * w))), i32.const(0xcc9e2d51)), i32.const(15))),
          set(b, i32.rotl(i32.xor(i32.mul(i32.add(get(b), get(word)), i32.const(0x9e3779b1)), get(a)), i32.const(13))),
        ),
      ),
      this.mix(get(a), get(b), h, word),
    )
  }

  protected override deal(): Callee {
    return this.module.define('deal', [I32, I32, I32, I32, I32, I32, I32], [], (f) => {
      const [states, from, to, lists, cursors, room, cache] = ten((i) => f.parameter(i))
      const [h, a, b, word, entry, at, cursor] = ten(() => f.local(I32))
      const next = new Label()
      const bytes = i32.const(4 * this.words)
      return [
        set(at, i32.add(get(states), i32.mul(get(from), bytes))),
        repeat(
          i32.ltU(get(from), get(to)),
          block(
            next,
            this.#hash(at, h, a, b, word),
            set(entry, i32.add(get(cache), i32.mul(i32.and(get(h), i32.const(cachedOf(this.words) - 1)), bytes))),
            // An empty entry looks like the state that is all zero, which is asked for in any case.
            when(this.same(entry, at), [brIf(next, this.some(at))]),
            this.move(entry, at),
            this.append(entry, lists, room, cursors, h, from, cursor),
            this.move(entry, at),
          ),
          increase(at, 4 * this.words),
          increase(from, 1),
        ),
      ]
    })
  }

  /** The address of the state at a place. */
  #stateAt(place: Local): Code {
    const inArena = i32.add(i32.const(this.#arena), i32.mul(i32.sub(get(place), i32.const(1)), i32.const(4 * this.words)))
    // The first bit of a place on a list is lost: what is left is its address.
    return select(i32.shl(get(place), i32.const(2)), inArena, i32.ltS(get(place), i32.const(0)))
  }

  /** Variables with which a line is compared at once. */
  #scanner(f: Locals): { line: (p: Local) => Code; matches: (needle: Local, lanes: number) => Code; free: Code } {
    const parts = [0, 1, 2, 3].map(() => f.local(V128))
    const bits = (value: Code, lanes: number): Code =>
      i32.and(
        parts.map((part, i) => i32.shl(i32x4.bitmask(i32x4.eq(get(part), value)), i32.const(4 * i))).reduce((a, b) => i32.or(a, b)),
        i32.const(lanes),
      )
    return {
      line: (p) => seq(...parts.map((part, i) => set(part, v128.load(get(p), 16 * i)))),
      matches: (needle, lanes) => bits(get(needle), lanes),
      free: bits(i32x4.splat(i32.const(0)), PLACE_LANES),
    }
  }

  protected override readonly place = 8

  protected override lookUp(f: Locals, { at, place, p, begin, fresh, touched }: Entry): LookUp {
    const needle = f.local(V128)
    const scanner = this.#scanner(f)
    const [found, free, where, state, slot] = ten(() => f.local(I32))
    const [again, next] = [new Label(), new Label()]
    const scan = seq(
      scanner.line(p),
      set(free, scanner.free),
      // Those with the hash, up to the first that is free.
      set(found, i32.and(scanner.matches(needle, HASH_LANES), i32.sub(i32.and(get(free), i32.sub(i32.const(0), get(free))), i32.const(1)))),
    )
    const first = seq(
      set(where, i32.load(i32.add(get(p), i32.sub(i32.shl(i32.ctz(get(found)), i32.const(2)), i32.const(4))))),
      set(state, this.#stateAt(where)),
    )
    return {
      // The states that may be equal, each read once. 0 where there is none.
      ahead: seq(
        set(p, i32.load(get(place))),
        set(needle, i32x4.splat(this.hashOf(at))),
        scan,
        set(state, i32.const(0)),
        when(get(found), [first, set(touched, i32.or(get(touched), i32.load(get(state))))]),
        i32.store(get(place), get(state), 4),
      ),
      enter: (done) =>
        seq(
          set(state, i32.load(get(place), 4)),
          when(get(state), [brIf(done, this.same(state, at))]),
          set(needle, i32x4.splat(this.hashOf(at))),
          loop(
            again,
            scan,
            loop(
              next,
              when(get(found), [
                first,
                brIf(done, this.same(state, at)),
                set(found, i32.and(get(found), i32.sub(get(found), i32.const(1)))),
                br(next),
              ]),
            ),
            when(i32.eqz(get(free)), [increase(p, 1 << LINE_SHIFT), br(again)]),
          ),
          increase(p, i32.shl(i32.ctz(get(free)), i32.const(2))),
          // It is moved to the others that are new, and there it is found until it has a place in the arena.
          set(slot, i32.add(get(begin), i32.mul(get(fresh), i32.const(this.listed)))),
          i32.store(get(p), i32.or(i32.shrU(get(slot), i32.const(2)), i32.const(TEMPORARY))),
          i32.store(get(p), this.hashOf(at), 4),
          this.move(slot, at),
          i32.store(get(slot), this.numberOf(at), 4 * this.words),
          i32.store(get(slot), this.hashOf(at), 4 * this.words + 4),
        ),
    }
  }

  protected override collecting(): Callee[] {
    const each = (part: Local, ...codes: readonly Code[]): Code =>
      seq(set(part, i32.const(0)), repeat(i32.ltU(get(part), i32.const(PARTS)), ...codes, increase(part, 1)))
    return [
      // `flags` has a word per successor: of one that is new its position among those, plus 1.
      this.module.define('collect', [I32, I32, I32, I32, I32, I32, I32, I32, I32], [I32], (f) => {
        const [begins, lists, room, chunk, counts, flags, from, to, fresh] = ten((i) => f.parameter(i))
        const [part, at, end, found] = ten(() => f.local(I32))
        return [
          each(
            part,
            this.newOf(part, chunk, begins, lists, room, counts, at, end),
            repeat(i32.ltU(get(at), get(end)), i32.store(this.word(flags, this.numberOf(at)), i32.const(1)), increase(at, this.listed)),
          ),
          repeat(
            i32.ltU(get(from), get(to)),
            set(at, this.word(flags, get(from))),
            when(i32.load(get(at)), [i32.store(this.word(fresh, get(found)), get(from)), increase(found, 1), i32.store(get(at), get(found))]),
            increase(from, 1),
          ),
          get(found),
        ]
      }),
      this.module.define('number', [I32, I32, I32, I32, I32, I32, I32], [], (f) => {
        const [begins, lists, room, chunk, counts, flags, first] = ten((i) => f.parameter(i))
        const [part, at, end, p, base, found, flag, touched, start] = ten(() => f.local(I32))
        const lines = f.local(I64)
        const needle = f.local(V128)
        const scanner = this.#scanner(f)
        const again = new Label()
        const line = set(p, this.lineIn(get(base), get(lines), this.hashOf(at)))
        return [
          each(
            part,
            set(base, this.base(get(part))),
            set(lines, this.lines(get(part))),
            this.newOf(part, chunk, begins, lists, room, counts, at, end),
            set(start, get(at)),
            // The lines, each read once.
            repeat(i32.ltU(get(at), get(end)), line, set(touched, i32.or(get(touched), i32.load(get(p)))), increase(at, this.listed)),
            set(at, get(start)),
            repeat(
              i32.ltU(get(at), get(end)),
              line,
              set(needle, i32x4.splat(i32.or(i32.shrU(get(at), i32.const(2)), i32.const(TEMPORARY)))),
              loop(
                again,
                scanner.line(p),
                set(found, scanner.matches(needle, PLACE_LANES)),
                when(i32.eqz(get(found)), [increase(p, 1 << LINE_SHIFT), br(again)]),
              ),
              set(flag, this.word(flags, this.numberOf(at))),
              i32.store(i32.add(get(p), i32.shl(i32.ctz(get(found)), i32.const(2))), i32.add(get(first), i32.load(get(flag)))),
              i32.store(get(flag), i32.const(0)),
              increase(at, this.listed),
            ),
          ),
          this.touch(touched),
        ]
      }),
    ]
  }
}

/** A line has so many bytes, as a power of 2. */
const LINE_SHIFT = Math.log2(4 * LINE)
/** Of the words of a line, one bit each: those that tell a place, and those with a hash. */
const PLACE_LANES = 0x5555
const HASH_LANES = 0xaaaa
/** The most bytes per entry of a list while it is looked up. */
export const PLACE = 8

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
