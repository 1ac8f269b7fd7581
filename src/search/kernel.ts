/**
 * The innermost loops of a search, in WebAssembly: looking successors up in a `KeySet` whose parts lie in the heap, and gathering the new ones.
 * They do what `KeySet.addAll` does, on the same tables, so that each can go on where the other stopped. The hot path.
 *
 *     sift       candidates that were not met lately, with their hashes           asked, hashes
 *     touch      their places in the table, each read once                        places
 *     insert     new keys are entered; parts grow where they are full             fresh
 *     gather     the states of the new ones, and where they come from, together   states, sources
 *
 * Reading all places first lets the processor fetch many at a time: memory, not arithmetic, is the limit.
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
  i64,
  increase,
  Label,
  type Local,
  block,
  call,
  type Callee,
  loop,
  Module,
  read,
  repeat,
  seq,
  set,
  tee,
  trap,
  when,
  write,
} from '../wasm/assembler.ts'
import { compiled, instantiate, type Variable } from '../wasm/machine.ts'
import { PART_SHIFT, type Placed, SLACK } from './parts.ts'

/** Recent keys: 2^15 of 8 bytes fit the second-level cache of a processor of today. */
const RECENT = 1 << 15

/** Where the table of a `KeySet` lies in the heap. Addresses are in bytes. */
export interface KeysPlaced extends Placed {
  /** Whether the key zero, which looks like a free entry, is there. */
  readonly zero: number
}

interface Exports {
  sift(keys: number, count: number, asked: number, hashes: number, recent: number): number
  insert(keys: number, stride: number, count: number, asked: number, hashes: number, fresh: number, places: number): number
  count(instances: number, from: number, to: number, counts: number): void
  countOf(instances: number, fresh: number, count: number, counts: number): void
  gather(states: number, sources: number, fresh: number, count: number, gathered: number, origins: number): void
  deal(
    asked: number,
    hashes: number,
    count: number,
    first: number,
    owners: number,
    cursors: number,
    lists: number,
    listHashes: number,
    room: number,
  ): void
  mark(list: number, count: number, flags: number): void
  collect(flags: number, from: number, to: number, fresh: number): number
  readonly full: Variable
}

/** Where the lists of the successors of one thread lie, by the thread that enters them: see member.ts. */
export interface Lists {
  /** Per part of the visited set: its owner. */
  readonly owners: Int32Array
  /** Per owner: how long its list is. */
  readonly cursors: Int32Array
  /** Per owner its list, `room` words each; and the hashes of what is on it. */
  readonly lists: Int32Array
  readonly hashes: Int32Array
  readonly room: number
}

export class Kernel {
  readonly #heap: Heap
  readonly #exports: Exports
  readonly #words: 1 | 2
  readonly #recent: number
  #room = 0
  #asked: Int32Array = new Int32Array(0)
  #hashes: Int32Array = new Int32Array(0)
  #places: Int32Array = new Int32Array(0)
  #flags: Uint8Array = new Uint8Array(0)
  /** The numbers of the successors that are new, after `addAll` or `collect`. */
  fresh: Int32Array = new Int32Array(0)
  /** Their states and the numbers of the states that they come from, after `gather`. */
  states: Int32Array = new Int32Array(0)
  sources: Uint32Array = new Uint32Array(0)
  /** Counts per action instance, 64 bits each: successors, and new states among them. */
  readonly #generated: Uint32Array
  readonly #distinct: Uint32Array
  readonly module: object

  /** `module`: that of another thread's kernel for the same table. */
  constructor(heap: Heap, placed: KeysPlaced, words: 1 | 2, instances: number, module?: object) {
    this.#heap = heap
    this.#words = words
    this.#generated = heap.uint32(2 * instances)
    this.#distinct = heap.uint32(2 * instances)
    this.#recent = heap.allocate(RECENT * 4 * words)
    this.module = module ?? compiled(new Coder(placed, words).module.bytes())
    this.#exports = instantiate<Exports>(this.module, { memory: heap.memory })
  }

  /** Whether a part is full: from then on JavaScript has to go on. */
  get full(): boolean {
    return this.#exports.full.value !== 0
  }

  /** Adds the keys of `count` successors, one after the other from an array of the heap on. Gives how many are new: `fresh`. */
  addAll(keys: Int32Array, count: number): number {
    const left = this.#sift(keys, 0, count)
    const { byteOffset } = this.fresh
    return this.#exports.insert(
      keys.byteOffset,
      4 * this.#words,
      left,
      this.#asked.byteOffset,
      this.#hashes.byteOffset,
      byteOffset,
      this.#places.byteOffset,
    )
  }

  #sift(keys: Int32Array, from: number, to: number): number {
    this.#reserve(to - from)
    return this.#exports.sift(keys.byteOffset + 4 * this.#words * from, to - from, this.#asked.byteOffset, this.#hashes.byteOffset, this.#recent)
  }

  /** Puts those of the successors with the numbers `from` to `to - 1` that were not met lately on the lists of their owners. */
  deal(keys: Int32Array, from: number, to: number, { owners, cursors, lists, hashes, room }: Lists): void {
    const left = this.#sift(keys, from, to)
    this.#exports.deal(
      this.#asked.byteOffset,
      this.#hashes.byteOffset,
      left,
      from,
      owners.byteOffset,
      cursors.byteOffset,
      lists.byteOffset,
      hashes.byteOffset,
      4 * room,
    )
  }

  /**
   * Adds the keys whose numbers are on a list, given their hashes; `keys` and the lists are addresses. Leaves those that are new at the beginning of
   * the list, and gives how many there are.
   */
  addListed(keys: number, list: number, hashes: number, count: number): number {
    this.#reserve(count)
    return this.#exports.insert(keys, 4 * this.#words, count, list, hashes, list, this.#places.byteOffset)
  }

  /** Brings the new ones of several lists (addresses, counts) in order, all between two numbers. Gives how many there are: `fresh`. */
  collect(lists: readonly (readonly [list: number, count: number])[], from: number, to: number): number {
    this.#reserve(to - from)
    // Flags lie so that those of a chunk begin at its first number.
    const flags = this.#flags.byteOffset - from
    for (const [list, count] of lists) this.#exports.mark(list, count, flags)
    return this.#exports.collect(flags, from, to, this.fresh.byteOffset)
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

  #reserve(count: number): void {
    if (count <= this.#room) return
    this.#room = Math.max(count, 2 * this.#room)
    const heap = this.#heap
    this.#asked = heap.int32(this.#room)
    this.#hashes = heap.int32(this.#room)
    this.#places = heap.int32(this.#room)
    this.#flags = heap.uint8(this.#room)
    this.fresh = heap.int32(this.#room)
    this.states = heap.int32(this.#room * this.#words)
    this.sources = heap.uint32(this.#room)
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
    const hash = this.#hash()
    const place = this.#place()
    const grow = this.#grow(hash, place)
    module.export(
      this.#sift(),
      this.#insert(place, grow),
      this.#count(),
      this.#countOf(),
      this.#gather(),
      this.#deal(),
      this.#mark(),
      this.#collect(),
    )
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

  /** The hash of a key. */
  #hash(): Callee {
    return this.module.define('hash', [this.#key], [I32], (f) => {
      const [h, high] = [f.local(I32), f.local(I32)]
      return [this.#mix(f.parameter(0), h, high), get(h)]
    })
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

  /** The address of the home of a hash: see parts.ts. */
  #home(hash: Local): Code {
    const capacity = i64.ofI32(i32.load(this.#row(this.#placed.capacities, this.#partOf(hash))))
    const rest = i64.ofI32(i32.and(get(hash), i32.const((1 << PART_SHIFT) - 1)))
    const entry = i32.ofI64(i64.shrU(i64.mul(rest, capacity), i64.const(BigInt(PART_SHIFT))))
    return i32.add(this.#base(this.#partOf(hash)), i32.shl(entry, i32.const(this.#wide ? 3 : 2)))
  }

  #place(): Callee {
    return this.module.define('place', [I32], [I32], (f) => [this.#home(f.parameter(0))])
  }

  #sift(): Callee {
    return this.module.define('sift', [I32, I32, I32, I32, I32], [I32], (f) => {
      const [keys, count, asked, hashes, recent] = ten((i) => f.parameter(i))
      const key = f.local(this.#key)
      const [i, left, h, high, entry] = ten(() => f.local(I32))
      const next = new Label()
      return [
        repeat(
          i32.ltU(get(i), get(count)),
          block(
            next,
            set(key, this.#load(get(keys))),
            this.#mix(key, h, high),
            set(entry, i32.add(get(recent), i32.shl(i32.and(get(h), i32.const(RECENT - 1)), i32.const(this.#wide ? 3 : 2)))),
            // An empty entry looks like the key zero, which is asked for in any case.
            when(this.#same(this.#load(get(entry)), get(key)), [brIf(next, i32.eqz(this.#isZero(get(key))))]),
            this.#store(get(entry), get(key)),
            i32.store(i32.add(get(asked), i32.shl(get(left), i32.const(2))), get(i)),
            i32.store(i32.add(get(hashes), i32.shl(get(left), i32.const(2))), get(h)),
            increase(left, 1),
          ),
          increase(keys, this.#bytes),
          increase(i, 1),
        ),
        get(left),
      ]
    })
  }

  /** Enters the keys with the numbers `asked`: key i lies at `keys + i * stride`. */
  #insert(place: Callee, grow: Callee): Callee {
    return this.module.define('insert', [I32, I32, I32, I32, I32, I32, I32], [I32], (f) => {
      const [keys, stride, count, asked, hashes, fresh, places] = ten((i) => f.parameter(i))
      const [key, entry] = [f.local(this.#key), f.local(this.#key)]
      const [k, p, h, i, part, size, found, touched] = ten(() => f.local(I32))
      const later = f.local(I32)
      const at = (row: Local, index: Code): Code => i32.add(get(row), i32.shl(index, i32.const(2)))
      const again = new Label()
      const done = new Label()
      return [
        // touch
        repeat(
          i32.ltU(get(k), get(count)),
          set(h, i32.load(at(hashes, get(k)))),
          set(p, this.#home(h)),
          i32.store(at(places, get(k)), get(p)),
          set(touched, i32.or(get(touched), i32.load(get(p)))),
          increase(k, 1),
        ),
        // Kept, so that the reads are not optimised away.
        i32.store(i32.const(this.#placed.touched), get(touched)),
        set(k, i32.const(0)),
        repeat(
          i32.ltU(get(k), get(count)),
          set(i, i32.load(at(asked, get(k)))),
          set(key, this.#load(i32.add(get(keys), i32.mul(get(i), get(stride))))),
          set(p, i32.load(at(places, get(k)))),
          block(
            done,
            loop(
              again,
              when(this.#same(tee(entry, this.#load(get(p))), get(key)), [
                // The key zero is kept apart.
                brIf(done, i32.eqz(this.#isZero(get(key)))),
                brIf(done, i32.load(i32.const(this.#placed.zero))),
                i32.store(i32.const(this.#placed.zero), i32.const(1)),
                i32.store(at(fresh, get(found)), get(i)),
                increase(found, 1),
                br(done),
              ]),
              when(this.#isZero(get(entry)), [
                this.#store(get(p), get(key)),
                i32.store(at(fresh, get(found)), get(i)),
                increase(found, 1),
                set(h, i32.load(at(hashes, get(k)))),
                set(part, this.#partOf(h)),
                i32.store(
                  this.#row(this.#placed.sizes, get(part)),
                  tee(size, i32.add(i32.load(this.#row(this.#placed.sizes, get(part))), i32.const(1))),
                ),
                when(
                  i32.or(
                    i32.ltU(i32.load(this.#row(this.#placed.limits, get(part))), get(size)),
                    i32.geU(i32.sub(get(p), this.#base(get(part))), i32.load(this.#row(this.#placed.ends, get(part)))),
                  ),
                  [
                    when(
                      i32.and(i32.eqz(read(this.#full)), call(grow, get(part))),
                      [
                        // The places that were read ahead in this part are not those of its entries any more.
                        set(later, i32.add(get(k), i32.const(1))),
                        repeat(
                          i32.ltU(get(later), get(count)),
                          set(h, i32.load(at(hashes, get(later)))),
                          when(i32.eq(this.#partOf(h), get(part)), [i32.store(at(places, get(later)), call(place, get(h)))]),
                          increase(later, 1),
                        ),
                      ],
                      [
                        write(this.#full, i32.const(1)),
                        // The slack of a full part is so large that this does not happen; if it does, nothing may go on.
                        when(i32.geU(i32.sub(get(p), this.#base(get(part))), i32.const(this.#placed.stride - 2 * this.#bytes)), [trap]),
                      ],
                    ),
                  ],
                ),
                br(done),
              ]),
              increase(p, this.#bytes),
              br(again),
            ),
          ),
          increase(k, 1),
        ),
        get(found),
      ]
    })
  }

  /** Grows a part as `Parts.grow` does. Gives 0 where there is no room. */
  #grow(hash: Callee, place: Callee): Callee {
    const { stride, capacities, limits, ends, scales } = this.#placed
    const bytes = this.#bytes
    const most = Math.floor(stride / bytes) - FULL_SLACK
    return this.module.define('grow', [I32], [I32], (f) => {
      const part = f.parameter(0)
      const [base, capacity, larger, shift, length, from, p, end] = ten(() => f.local(I32))
      const entry = f.local(this.#key)
      const again = new Label()
      const next = new Label()
      return [
        set(base, this.#base(get(part))),
        set(capacity, i32.load(this.#row(capacities, get(part)))),
        when(i32.geU(get(capacity), i32.const(most)), [give(i32.const(0))]),
        loop(
          again,
          set(larger, i32.add(i32.add(get(capacity), i32.shrU(get(capacity), i32.const(2))), i32.const(1))),
          when(i32.ltU(i32.const(most), get(larger)), [set(larger, i32.const(most))]),
          set(shift, i32.mul(i32.sub(get(larger), get(capacity)), i32.const(bytes))),
          set(length, i32.mul(i32.add(get(capacity), i32.const(SLACK)), i32.const(bytes))),
          copy(i32.add(get(base), get(shift)), get(base), get(length)),
          fill(get(base), i32.const(0), get(shift)),
          set(capacity, get(larger)),
          i32.store(this.#row(capacities, get(part)), get(capacity)),
          i32.store(this.#row(limits, get(part)), i32.sub(get(capacity), i32.shrU(get(capacity), i32.const(2)))),
          i32.store(this.#row(ends, get(part)), i32.mul(i32.add(get(capacity), i32.const(SLACK - 1)), i32.const(bytes))),
          setScale(i32.add(i32.const(scales), i32.shl(get(part), i32.const(3))), get(capacity)),
          set(from, i32.add(get(base), get(shift))),
          set(end, i32.add(get(from), get(length))),
          repeat(
            i32.ltU(get(from), get(end)),
            block(
              next,
              set(entry, this.#load(get(from))),
              brIf(next, this.#isZero(get(entry))),
              this.#store(get(from), this.#wide ? i64.const(0n) : i32.const(0)),
              set(p, call(place, call(hash, get(entry)))),
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

  #deal(): Callee {
    return this.module.define('deal', [I32, I32, I32, I32, I32, I32, I32, I32, I32], [], (f) => {
      const [asked, hashes, count, first, owners, cursors, lists, listHashes, room] = ten((i) => f.parameter(i))
      const [k, h, owner, cursor, at, to] = ten(() => f.local(I32))
      return [
        repeat(
          i32.ltU(get(k), get(count)),
          set(h, i32.load(this.#word(hashes, get(k)))),
          set(owner, i32.load(this.#word(owners, this.#partOf(h)))),
          set(at, this.#word(cursors, get(owner))),
          set(cursor, i32.load(get(at))),
          i32.store(get(at), i32.add(get(cursor), i32.const(1))),
          set(to, i32.add(i32.mul(get(owner), get(room)), i32.shl(get(cursor), i32.const(2)))),
          i32.store(i32.add(get(lists), get(to)), i32.add(i32.load(this.#word(asked, get(k))), get(first))),
          i32.store(i32.add(get(listHashes), get(to)), get(h)),
          increase(k, 1),
        ),
      ]
    })
  }

  #mark(): Callee {
    return this.module.define('mark', [I32, I32, I32], [], (f) => {
      const [list, count, flags] = ten((i) => f.parameter(i))
      const k = f.local(I32)
      return [repeat(i32.ltU(get(k), get(count)), i32.store8(i32.add(get(flags), i32.load(this.#word(list, get(k)))), i32.const(1)), increase(k, 1))]
    })
  }

  #collect(): Callee {
    return this.module.define('collect', [I32, I32, I32, I32], [I32], (f) => {
      const [flags, from, to, fresh] = ten((i) => f.parameter(i))
      const [found, at] = ten(() => f.local(I32))
      return [
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

type Ten<T> = [T, T, T, T, T, T, T, T, T, T]
/** As many as are taken out of it, at most ten. */
function ten<T>(make: (i: number) => T): Ten<T> {
  return [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(make) as Ten<T>
}

/** Entries behind the largest capacity of a part. */
const FULL_SLACK = 1 << 12

/** `scales[part] = capacity / 2^32` */
function setScale(at: Code, capacity: Code): Code {
  return f64.store(at, f64.mul(f64.ofI32(capacity), f64.const(2 ** -32)))
}
