import { Set as ImmutableSet } from 'immutable'
import type { Content, Graph, Node } from '../drafts/graph.ts'
import { BitSet, WideSet } from '../drafts/sets.ts'
import { isSequence, isSet, ValueSet } from '../values/collections.ts'
import { copyOf } from '../values/plain.ts'
import { Interner } from './intern.ts'
import { type AnyType, type Infer, type InferRead, show, Type, ValueError, within } from './type.ts'

/** Above this many possible elements a set is one interned slot. */
export const MAX_SET_BITS = 1024

/**
 * One slot of two values per possible element; or, where there are too many possible elements, one interned slot whose numbers
 * stand for sorted lists of element rows.
 */
export class SetType<T extends AnyType> extends Type<Set<Infer<T>>, ReadonlySet<InferRead<T>>> {
  readonly kind = 'set'
  readonly size: number
  readonly slots: readonly number[]
  readonly inner: T
  /** Whether the set is one interned slot. */
  readonly interned: boolean
  /** The sets seen so far, where interned: lists of element rows in ascending order. Number 0 is the empty set. */
  readonly sets = new Interner<readonly (readonly number[])[]>()
  override get seen(): number {
    return this.sets.size
  }

  // For interned sets: elements have numbers too, given out as they appear, so that one can be asked for or moved without its set.
  readonly #rows = new Interner<readonly number[]>()
  /** The element numbers of interned sets, by number of the set, in order. */
  readonly #members: (readonly number[] | undefined)[] = []
  readonly #memberSets: (ReadonlySet<number> | undefined)[] = []

  /** The number of an element, given by its row. */
  elementNumber(row: readonly number[]): number {
    return this.#rows.number(String(row), () => Object.freeze([...row]))
  }

  /** The element with a number. */
  element(number: number): Infer<T> {
    return this.inner.decode(this.#rows.value(number), 0)
  }

  /** The element with a number as an object of its own. */
  freshElement(number: number): Infer<T> {
    return copyOf(this.element(number))
  }
  /** The row of the element with a number. */
  rowOf(number: number): readonly number[] {
    return this.#rows.value(number)
  }

  protected override node(graph: Graph, base: number, path: string): Node {
    return this.interned ? new WideSet(graph, this, base, path) : new BitSet(graph, this, base, path)
  }
  protected override acceptOther(_graph: Graph, value: unknown): Content {
    if (typeof value !== 'object' || value === null || !(isSet(value) || isSequence(value)))
      throw new ValueError(`${show(value)} is not a set: ${this} was expected`)
    for (const element of value) within(' (an element)', () => this.inner.row(element))
    // A set of the function's own stays what it is, but for its equality; a value of a type, or an array, is copied.
    const own = Object.getPrototypeOf(value)
    if ((own === Set.prototype || own === ValueSet.prototype) && !Object.isFrozen(value)) return ValueSet.adopt(value as Set<unknown>)
    return new ValueSet(value)
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    if (!this.interned) return super.compare(a, b, at)
    // The first element that only one of them has decides.
    const [x, y] = [this.sets.value(a[at] as number), this.sets.value(b[at] as number)]
    for (let i = 0; i < x.length || i < y.length; i++) {
      if (i >= x.length || i >= y.length) return x.length - y.length
      const difference = this.inner.compare(x[i] as readonly number[], y[i] as readonly number[], 0)
      if (difference !== 0) return -difference
    }
    return 0
  }
  override thaw(slots: ArrayLike<number>, at: number): unknown {
    if (this.interned || !this.inner.scalar) return new ValueSet(this.elements(slots, at).map(copyOf))
    // Elements of one slot are their own keys.
    const values = this.inner.values() as readonly unknown[]
    const set = new ValueSet<unknown>()
    for (let i = 0; i < values.length; i++) if (slots[at + i] !== 0) set.add(values[i])
    return set
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    if (this.interned) {
      if (!known(at)) slots[at] = random(this.sets.size)
    } else for (let i = 0; i < this.slots.length; i++) if (!known(at + i)) slots[at + i] = random(2)
  }

  /** The numbers of the elements of an interned set, in the order of the element type. */
  members(set: number): readonly number[] {
    return (this.#members[set] ??= this.sets.value(set).map((row) => this.elementNumber(row)))
  }

  /** Whether an interned set has an element. */
  hasMember(set: number, element: number): boolean {
    return (this.#memberSets[set] ??= new Set(this.members(set))).has(element)
  }

  /** The number of a set with some elements put in (true) or taken out (false). */
  changed(set: number, changes: ReadonlyMap<number, boolean>): number {
    const kept = this.members(set).filter((element) => !changes.has(element))
    const added = [...changes].filter(([, present]) => present).map(([element]) => element)
    return this.number([...kept, ...added].map((element) => this.#rows.value(element)))
  }

  /** The elements of interned sets, by number: the same every time they are looked at. */
  readonly #elements: (readonly Infer<T>[] | undefined)[] = []

  constructor(inner: T) {
    super()
    this.inner = inner
    this.interned = !(inner.size <= MAX_SET_BITS)
    this.slots = this.interned ? [0] : new Array<number>(inner.size).fill(2)
    this.size = inner.size < 53 ? 2 ** inner.size : Infinity
    this.number([])
  }

  override get parts(): readonly AnyType[] {
    return [this.inner]
  }

  toString(): string {
    return `set(${this.inner})`
  }

  /** The number of an interned set, given the rows of its elements in any order. */
  number(rows: readonly (readonly number[])[]): number {
    const sorted = [...rows].sort((a, b) => this.inner.compare(a, b, 0))
    const unique = sorted.filter((row, i) => i === 0 || this.inner.compare(row, sorted[i - 1] as readonly number[], 0) !== 0)
    return this.sets.number(unique.join(';'), () => Object.freeze(unique))
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (typeof value !== 'object' || value === null || !(isSet(value) || isSequence(value)))
      throw new ValueError(`${show(value)} is not a set: ${this} was expected`)
    if (this.interned) {
      out[at] = this.number([...value].map((element) => within(' (an element)', () => this.inner.row(element))))
      return
    }
    const elements = [...value]
    out.fill(0, at, at + this.slots.length)
    for (const element of elements) out[at + within(' (an element)', () => this.inner.rankOf(element))] = 1
  }

  /** The elements in `slots`, in the order of the element type. */
  elements(slots: ArrayLike<number>, at: number): Infer<T>[] {
    if (this.interned) {
      const number = slots[at] as number
      let elements = this.#elements[number]
      if (elements === undefined) {
        elements = this.sets.value(number).map((row) => this.inner.decode(row, 0))
        this.#elements[number] = elements
      }
      return elements as Infer<T>[]
    }
    const values = this.inner.values()
    return values.filter((_: unknown, i: number) => slots[at + i] !== 0)
  }

  decode(slots: ArrayLike<number>, at: number): Set<Infer<T>> {
    return Object.freeze(new ValueSet<Infer<T>>(this.elements(slots, at))) as unknown as Set<Infer<T>>
  }

  immutable(plain: unknown): unknown {
    return ImmutableSet([...(plain as Iterable<unknown>)].map((element) => this.inner.immutable(element)))
  }

  rank(slots: ArrayLike<number>, at: number): number {
    let rank = 0
    for (let i = this.slots.length - 1; i >= 0; i--) rank = rank * 2 + (slots[at + i] as number)
    return rank
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    for (let i = 0; i < this.slots.length; i++) {
      out[at + i] = rank % 2
      rank = Math.floor(rank / 2)
    }
  }
}

/** A set of values of a type, with structural equality; empty to begin with. */
export function set<T extends AnyType>(inner: T): SetType<T> {
  return new SetType(inner)
}
