import { Map as ImmutableMap } from 'immutable'
import { type Bag, isBag, isSequence, isSet, keyOf, type ReadonlyBag, ValueBag } from './collections.ts'
import { MAX_SET_BITS } from './set.ts'
import { type AnyType, type Infer, type InferRead, show, Type, ValueError, within } from './type.ts'

/** One slot per possible element: how many copies there are. */
export class BagType<T extends AnyType> extends Type<Bag<Infer<T>>, ReadonlyBag<InferRead<T>>> {
  readonly kind = 'bag'
  readonly size: number
  readonly slots: readonly number[]
  readonly inner: T
  readonly max: number

  constructor(inner: T, max: number) {
    super()
    if (!Number.isInteger(max) || max < 1) throw new ValueError(`bag(…, ${show(max)}): the largest number of copies must be an integer of at least 1`)
    if (!(inner.size <= MAX_SET_BITS)) throw new ValueError(`bag(${inner}, …): at most ${MAX_SET_BITS} different elements, there are ${inner.size}`)
    this.inner = inner
    this.max = max
    this.slots = new Array<number>(inner.size).fill(max + 1)
    const size = (max + 1) ** inner.size
    this.size = size > Number.MAX_SAFE_INTEGER ? Infinity : size
  }

  toString(): string {
    return `bag(${this.inner}, ${this.max})`
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (typeof value !== 'object' || value === null || !(isBag(value) || isSet(value) || isSequence(value)))
      throw new ValueError(`${show(value)} is not a bag: ${this} was expected`)
    const elements = [...value]
    out.fill(0, at, at + this.slots.length)
    for (const element of elements) {
      const slot = at + within(' (an element)', () => this.inner.rankOf(element))
      if ((out[slot] as number) >= this.max) throw this.overflow(element)
      ;(out[slot] as number)++
    }
  }

  overflow(element: unknown): ValueError {
    return new ValueError(`more than ${this.max} ${this.max === 1 ? 'copy' : 'copies'} of ${keyOf(element)} in ${this}`)
  }

  decode(slots: ArrayLike<number>, at: number): Bag<Infer<T>> {
    const elements = this.inner.values().flatMap((element: Infer<T>, i: number) => new Array(slots[at + i]).fill(element))
    return Object.freeze(new ValueBag<Infer<T>>(elements))
  }

  immutable(plain: unknown): unknown {
    const bag = plain as Bag<unknown>
    return ImmutableMap(bag.distinct().map((element): [unknown, number] => [this.inner.immutable(element), bag.count(element)]))
  }

  rank(slots: ArrayLike<number>, at: number): number {
    let rank = 0
    for (let i = this.slots.length - 1; i >= 0; i--) rank = rank * (this.max + 1) + (slots[at + i] as number)
    return rank
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    for (let i = 0; i < this.slots.length; i++) {
      out[at + i] = rank % (this.max + 1)
      rank = Math.floor(rank / (this.max + 1))
    }
  }
}

/** A multiset with at most `max` copies of each element; empty to begin with. More copies are an error of the spec. */
export function bag<T extends AnyType>(inner: T, max: number): BagType<T> {
  return new BagType(inner, max)
}
