import { Map as ImmutableMap } from 'immutable'
import type { Content, Graph, Node } from '../drafts/graph.ts'
import { LiveBag } from '../drafts/sets.ts'
import { type Bag, isBag, isSequence, isSet, keyOf, type ReadonlyBag, ValueBag } from '../values/collections.ts'
import { Interner } from './intern.ts'
import { copyOf } from '../values/plain.ts'
import { MAX_SET_BITS } from './set.ts'
import { type AnyType, type Infer, type InferRead, show, Type, ValueError, within } from './type.ts'

/** Above this many values the counts of a bag are numbered as they appear. */
const MAX_SLOT = 2 ** 31

/** One slot per possible element: how many copies there are. */
export class BagType<T extends AnyType> extends Type<Bag<Infer<T>>, ReadonlyBag<InferRead<T>>> {
  readonly kind = 'bag'
  readonly size: number
  readonly slots: readonly number[]
  readonly inner: T
  readonly max: number
  /** Where counts do not fit a slot: those that have appeared, by number. Number 0 is none. */
  readonly counts: Interner<number> | undefined

  /** How many copies the number in a slot stands for. */
  countOf(number: number): number {
    return this.counts === undefined ? number : this.counts.value(number)
  }
  /** The number in a slot for so many copies. */
  numberOf(count: number): number {
    return this.counts === undefined ? count : this.counts.number(String(count), () => count)
  }

  constructor(inner: T, max: number) {
    super()
    if (!Number.isInteger(max) || max < 1) throw new ValueError(`bag(…, ${show(max)}): the largest number of copies must be an integer of at least 1`)
    if (!(inner.size <= MAX_SET_BITS)) throw new ValueError(`bag(${inner}, …): at most ${MAX_SET_BITS} different elements, there are ${inner.size}`)
    if (max > Number.MAX_SAFE_INTEGER)
      throw new ValueError(`bag(${inner}, ${max}): at most 2^53 - 1 copies of an element, beyond which numbers are not exact`)
    this.inner = inner
    this.max = max
    this.counts = max + 1 > MAX_SLOT ? new Interner<number>() : undefined
    this.counts?.number('0', () => 0)
    this.slots = new Array<number>(inner.size).fill(this.counts === undefined ? max + 1 : 0)
    const size = (max + 1) ** inner.size
    this.size = size > Number.MAX_SAFE_INTEGER ? Infinity : size
  }

  override get parts(): readonly AnyType[] {
    return [this.inner]
  }

  toString(): string {
    return `bag(${this.inner}, ${this.max})`
  }

  protected override node(graph: Graph, base: number, path: string): Node {
    return new LiveBag(graph, this, base, path)
  }
  protected override acceptOther(_graph: Graph, value: unknown): Content {
    this.row(value)
    const own = value instanceof ValueBag && !Object.isFrozen(value)
    return own ? value : new ValueBag(value as Iterable<unknown>)
  }
  override thaw(slots: ArrayLike<number>, at: number): unknown {
    const values = this.inner.values() as readonly unknown[]
    return ValueBag.of(
      values.flatMap((value, i) => ((slots[at + i] as number) > 0 ? [[copyOf(value), this.countOf(slots[at + i] as number)] as const] : [])),
    )
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    for (let i = 0; i < this.slots.length; i++)
      if (a[at + i] !== b[at + i]) return this.countOf(a[at + i] as number) - this.countOf(b[at + i] as number)
    return 0
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    for (let i = 0; i < this.slots.length; i++) if (!known(at + i)) slots[at + i] = random(this.counts?.size ?? this.max + 1)
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (typeof value !== 'object' || value === null || !(isBag(value) || isSet(value) || isSequence(value)))
      throw new ValueError(`${show(value)} is not a bag: ${this} was expected`)
    const counted = isBag(value)
      ? value.distinct().map((element) => [element, value.count(element)] as const)
      : [...value].map((element) => [element, 1] as const)
    out.fill(0, at, at + this.slots.length)
    for (const [element, copies] of counted) {
      const slot = at + within(' (an element)', () => this.inner.rankOf(element))
      const total = this.countOf(out[slot] as number) + copies
      if (total > this.max) throw this.overflow(element)
      out[slot] = this.numberOf(total)
    }
  }

  overflow(element: unknown): ValueError {
    const value = `more than ${this.max} ${this.max === 1 ? 'copy' : 'copies'} of ${keyOf(element)}`
    return new ValueError(`${value} in ${this}`, { value, range: String(this) })
  }

  decode(slots: ArrayLike<number>, at: number): Bag<Infer<T>> {
    const values = this.inner.values() as readonly Infer<T>[]
    const counted = values.flatMap((element, i) => ((slots[at + i] as number) > 0 ? [[element, this.countOf(slots[at + i] as number)] as const] : []))
    return Object.freeze(ValueBag.of<Infer<T>>(counted))
  }

  immutable(plain: unknown): unknown {
    const bag = plain as Bag<unknown>
    return ImmutableMap(bag.distinct().map((element): [unknown, number] => [this.inner.immutable(element), bag.count(element)]))
  }

  rank(slots: ArrayLike<number>, at: number): number {
    let rank = 0
    for (let i = this.slots.length - 1; i >= 0; i--) rank = rank * (this.max + 1) + this.countOf(slots[at + i] as number)
    return rank
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    for (let i = 0; i < this.slots.length; i++) {
      out[at + i] = this.numberOf(rank % (this.max + 1))
      rank = Math.floor(rank / (this.max + 1))
    }
  }
}

/** A multiset with at most `max` copies of each element; empty to begin with. More copies are an error of the spec. */
export function bag<T extends AnyType>(inner: T, max: number): BagType<T> {
  return new BagType(inner, max)
}
