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
import { instantiate, type Variable } from '../wasm/machine.ts'
import { PART_SHIFT, type Placed, SLACK } from './parts.ts'

/** Recent keys: 2^15 of 8 bytes fit the second-level cache of a processor of today. */
const RECENT = 1 << 15

/** Where the table of a `KeySet` lies in the heap. Addresses are in bytes. */
export interface KeysPlaced extends Placed {
  /** Whether the key zero, which looks like a free entry, is there. */
  readonly zero: number
}

interface Exports {
  sift(keys: number, count: number): number
  insert(keys: number, stride: number, count: number): number
  gather(states: number, sources: number, instances: number, count: number, made: number): void
  readonly asked: Variable
  readonly hashes: Variable
  readonly places: Variable
  readonly fresh: Variable
  readonly gathered: Variable
  readonly origins: Variable
  readonly full: Variable
}

export class Kernel {
  readonly #heap: Heap
  readonly #exports: Exports
  readonly #words: number
  #room = 0
  /** The numbers of the successors that are new, after `addAll`. */
  fresh: Int32Array = new Int32Array(0)
  /** Their states and the numbers of the states that they come from, after `gather`. */
  states: Int32Array = new Int32Array(0)
  sources: Uint32Array = new Uint32Array(0)
  /** Counts, 64 bits each: per action instance successors, then per action instance new states. */
  readonly #counts: Uint32Array
  readonly #instances: number

  constructor(heap: Heap, placed: KeysPlaced, words: 1 | 2, instances: number) {
    this.#heap = heap
    this.#words = words
    this.#instances = instances
    this.#counts = heap.uint32(4 * instances)
    const recent = heap.allocate(RECENT * 4 * words)
    this.#exports = instantiate<Exports>(new Writer(placed, words, recent, this.#counts.byteOffset, instances).module.bytes(), {
      memory: heap.memory,
    })
  }

  /** Whether a part is full: from then on JavaScript has to go on. */
  get full(): boolean {
    return this.#exports.full.value !== 0
  }

  /** Adds the keys of `count` successors, one after the other from an array of the heap on. Gives how many are new: `fresh`. */
  addAll(keys: Int32Array, count: number): number {
    this.#reserve(count)
    const { sift, insert } = this.#exports
    return insert(keys.byteOffset, 4 * this.#words, sift(keys.byteOffset, count))
  }

  /** Gathers what is new of `made` successors, and counts. */
  gather(states: Int32Array, source: Uint32Array, instance: Int32Array, count: number, made: number): void {
    this.#exports.gather(states.byteOffset, source.byteOffset, instance.byteOffset, count, made)
  }

  #reserve(count: number): void {
    if (count <= this.#room) return
    this.#room = Math.max(count, 2 * this.#room)
    const { asked, hashes, places, fresh, gathered, origins } = this.#exports
    const row = (variable: Variable, words: number): number => {
      variable.value = this.#heap.allocate(4 * words * this.#room)
      return variable.value >>> 0
    }
    for (const variable of [asked, hashes, places]) row(variable, 1)
    this.fresh = new Int32Array(this.#heap.buffer, row(fresh, 1), this.#room)
    this.states = new Int32Array(this.#heap.buffer, row(gathered, this.#words), this.#words * this.#room)
    this.sources = new Uint32Array(this.#heap.buffer, row(origins, 1), this.#room)
  }

  /** Adds what was counted to `generated` and `distinct`, per action instance, and counts anew. */
  takeCounts(generated: Float64Array, distinct: Float64Array): void {
    const counts = this.#counts
    const n = this.#instances
    for (let i = 0; i < n; i++) {
      generated[i] = (generated[i] as number) + (counts[2 * i] as number) + (counts[2 * i + 1] as number) * 2 ** 32
      distinct[i] = (distinct[i] as number) + (counts[2 * (n + i)] as number) + (counts[2 * (n + i) + 1] as number) * 2 ** 32
    }
    counts.fill(0)
  }
}

/** Writes the module. Keys have one or two words; `key` is the operators on them. */
class Writer {
  readonly module = new Module()
  readonly #placed: KeysPlaced
  readonly #bytes: 4 | 8
  readonly #wide: boolean
  readonly #asked: Global
  readonly #hashes: Global
  readonly #places: Global
  readonly #fresh: Global
  readonly #gathered: Global
  readonly #origins: Global
  readonly #full: Global

  constructor(placed: KeysPlaced, words: 1 | 2, recent: number, counts: number, instances: number) {
    const { module } = this
    this.#placed = placed
    this.#wide = words === 2
    this.#bytes = this.#wide ? 8 : 4
    const global = (name: string): Global => module.global(name, I32)
    this.#asked = global('asked')
    this.#hashes = global('hashes')
    this.#places = global('places')
    this.#fresh = global('fresh')
    this.#gathered = global('gathered')
    this.#origins = global('origins')
    this.#full = global('full')
    const hash = this.#hash()
    const place = this.#place()
    const grow = this.#grow(hash, place)
    module.export(this.#sift(recent), this.#insert(place, grow), this.#gather(counts, instances))
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

  #sift(recent: number): Callee {
    return this.module.define('sift', [I32, I32], [I32], (f) => {
      const [keys, count] = [f.parameter(0), f.parameter(1)]
      const key = f.local(this.#key)
      const [i, left, h, high, entry, asked, hashes] = eight(() => f.local(I32))
      const next = new Label()
      return [
        set(asked, read(this.#asked)),
        set(hashes, read(this.#hashes)),
        repeat(
          i32.ltU(get(i), get(count)),
          block(
            next,
            set(key, this.#load(get(keys))),
            this.#mix(key, h, high),
            set(entry, i32.add(i32.const(recent), i32.shl(i32.and(get(h), i32.const(RECENT - 1)), i32.const(this.#wide ? 3 : 2)))),
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
    return this.module.define('insert', [I32, I32, I32], [I32], (f) => {
      const [keys, stride, count] = [f.parameter(0), f.parameter(1), f.parameter(2)]
      const [key, entry] = [f.local(this.#key), f.local(this.#key)]
      const [k, p, h, i, part, size, found, touched] = eight(() => f.local(I32))
      const [asked, hashes, places, fresh, later] = eight(() => f.local(I32))
      const at = (row: Local, index: Code): Code => i32.add(get(row), i32.shl(index, i32.const(2)))
      const again = new Label()
      const done = new Label()
      return [
        set(asked, read(this.#asked)),
        set(hashes, read(this.#hashes)),
        set(places, read(this.#places)),
        set(fresh, read(this.#fresh)),
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

  /** Grows a part by a quarter, from front to back by way of the scratch. Gives 0 where there is no room. */
  #grow(hash: Callee, place: Callee): Callee {
    const { tables: _tables, stride, scratch, capacities, limits, ends, scales } = this.#placed
    const bytes = this.#bytes
    const most = Math.floor(stride / bytes) - FULL_SLACK
    return this.module.define('grow', [I32], [I32], (f) => {
      const part = f.parameter(0)
      const [base, capacity, length, from, p, end] = eight(() => f.local(I32))
      const entry = f.local(this.#key)
      const again = new Label()
      const next = new Label()
      return [
        set(base, this.#base(get(part))),
        set(capacity, i32.load(this.#row(capacities, get(part)))),
        set(length, i32.mul(i32.add(get(capacity), i32.const(SLACK)), i32.const(bytes))),
        when(i32.geU(get(capacity), i32.const(most)), [give(i32.const(0))]),
        copy(i32.const(scratch), get(base), get(length)),
        loop(
          again,
          set(capacity, i32.add(i32.add(get(capacity), i32.shrU(get(capacity), i32.const(2))), i32.const(1))),
          when(i32.ltU(i32.const(most), get(capacity)), [set(capacity, i32.const(most))]),
          i32.store(this.#row(capacities, get(part)), get(capacity)),
          i32.store(this.#row(limits, get(part)), i32.sub(get(capacity), i32.shrU(get(capacity), i32.const(2)))),
          i32.store(this.#row(ends, get(part)), i32.mul(i32.add(get(capacity), i32.const(SLACK - 1)), i32.const(bytes))),
          setScale(i32.add(i32.const(scales), i32.shl(get(part), i32.const(3))), get(capacity)),
          // Behind the old length nothing was written, unless a first attempt did not suffice.
          fill(get(base), i32.const(0), i32.mul(i32.add(get(capacity), i32.const(SLACK)), i32.const(bytes))),
          set(from, i32.const(scratch)),
          set(end, i32.add(i32.const(scratch), get(length))),
          repeat(
            i32.ltU(get(from), get(end)),
            block(
              next,
              set(entry, this.#load(get(from))),
              brIf(next, this.#isZero(get(entry))),
              set(p, call(place, call(hash, get(entry)))),
              repeat(i32.eqz(this.#isZero(this.#load(get(p)))), increase(p, bytes)),
              when(i32.geU(i32.sub(get(p), get(base)), i32.load(this.#row(ends, get(part)))), [
                when(i32.geU(get(capacity), i32.const(most)), [trap]),
                br(again),
              ]),
              this.#store(get(p), get(entry)),
            ),
            increase(from, bytes),
          ),
        ),
        i32.const(1),
      ]
    })
  }

  #gather(counts: number, instances: number): Callee {
    return this.module.define('gather', [I32, I32, I32, I32, I32], [], (f) => {
      const [states, sources, made, count, all] = eight((i) => f.parameter(i))
      const [k, i, gathered, origins, fresh, counter] = eight(() => f.local(I32))
      const shift = i32.const(this.#wide ? 3 : 2)
      const counted = (base: number): Code =>
        seq(
          set(counter, i32.add(i32.const(base), i32.shl(i32.load(i32.add(get(made), i32.shl(get(i), i32.const(2)))), i32.const(3)))),
          i64.store(get(counter), i64.add(i64.load(get(counter)), i64.const(1n))),
        )
      return [
        repeat(i32.ltU(get(i), get(all)), counted(counts), increase(i, 1)),
        set(gathered, read(this.#gathered)),
        set(origins, read(this.#origins)),
        set(fresh, read(this.#fresh)),
        repeat(
          i32.ltU(get(k), get(count)),
          set(i, i32.load(i32.add(get(fresh), i32.shl(get(k), i32.const(2))))),
          this.#store(i32.add(get(gathered), i32.shl(get(k), shift)), this.#load(i32.add(get(states), i32.shl(get(i), shift)))),
          i32.store(i32.add(get(origins), i32.shl(get(k), i32.const(2))), i32.load(i32.add(get(sources), i32.shl(get(i), i32.const(2))))),
          counted(counts + 8 * instances),
          increase(k, 1),
        ),
      ]
    })
  }
}

type Eight<T> = [T, T, T, T, T, T, T, T]
/** As many as are taken out of it, at most eight. */
function eight<T>(make: (i: number) => T): Eight<T> {
  return [0, 1, 2, 3, 4, 5, 6, 7].map(make) as Eight<T>
}

/** Entries behind the largest capacity of a part. */
const FULL_SLACK = 1 << 12

/** `scales[part] = capacity / 2^32` */
function setScale(at: Code, capacity: Code): Code {
  return f64.store(at, f64.mul(f64.ofI32(capacity), f64.const(2 ** -32)))
}
