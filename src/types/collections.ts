/**
 * Plain values with structural equality: `ValueSet`, what a set looks like when it is not a live part of the state, and `ValueBag`.
 * Both are frozen: an action changes the state, never a value.
 */
import { QUANTIFY, type Quantifiable } from './quantify.ts'
import { ValueError } from './type.ts'

/** A text that is equal for equal values, whatever their form: plain, literal or live. */
export function keyOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'object': {
      if (value === null) return 'null'
      if (isBag(value)) return `bag(${[...counts(value)].map(([element, n]) => `${keyOf(element)}*${n}`).sort()})`
      if (isSet(value)) return `set(${[...value].map(keyOf).sort()})`
      if (isSequence(value)) return `[${[...value].map(keyOf)}]`
      const object = value as Record<string, unknown>
      return `{${Object.keys(object)
        .sort()
        .map((key) => `${JSON.stringify(key)}:${keyOf(object[key])}`)}}`
    }
    default:
      throw new ValueError(`a ${typeof value} is not a value of a state`)
  }
}

/** Whether two values are equal by their content. */
export function equal(a: unknown, b: unknown): boolean {
  return a === b || keyOf(a) === keyOf(b)
}

/** Live sets, sequences and bags are told by these marks, so that this file need not know them. */
export const SHAPE: unique symbol = Symbol.for('tsmc.shape')
const shapeOf = (value: object): unknown => (value as { [SHAPE]?: unknown })[SHAPE]
export const isSet = (value: object): value is Iterable<unknown> => value instanceof Set || shapeOf(value) === 'set'
export const isSequence = (value: object): value is Iterable<unknown> => Array.isArray(value) || shapeOf(value) === 'seq'
export const isBag = (value: object): value is Bag<unknown> => shapeOf(value) === 'bag'

const frozen = (): never => {
  throw new TypeError('this set is a value, not a part of the state: it cannot be changed; assign a new one to the variable instead')
}

type SetLike = Iterable<unknown>

/** The operations of a set that only read, over any class that can list its elements and tell of one whether it is in. */
export abstract class SetReads<T> implements Quantifiable<T> {
  readonly [SHAPE]: string = 'set'
  readonly [Symbol.toStringTag]: string = 'Set'
  abstract readonly size: number
  abstract has(value: T): boolean
  abstract [Symbol.iterator](): IterableIterator<T>
  abstract [QUANTIFY](): { elements: readonly T[]; present?: (index: number) => boolean }

  values(): IterableIterator<T> {
    return this[Symbol.iterator]()
  }
  keys(): IterableIterator<T> {
    return this[Symbol.iterator]()
  }
  *entries(): IterableIterator<[T, T]> {
    for (const value of this) yield [value, value]
  }
  forEach(run: (value: T, same: T, set: this) => void): void {
    for (const value of this) run(value, value, this)
  }
  union(other: SetLike): ValueSet<unknown> {
    return new ValueSet<unknown>([...this, ...other])
  }
  intersection(other: SetLike): ValueSet<T> {
    const others = asSet(other)
    return new ValueSet([...this].filter((value) => others.has(value)))
  }
  difference(other: SetLike): ValueSet<T> {
    const others = asSet(other)
    return new ValueSet([...this].filter((value) => !others.has(value)))
  }
  symmetricDifference(other: SetLike): ValueSet<unknown> {
    const others = asSet(other)
    return new ValueSet<unknown>([...[...this].filter((value) => !others.has(value)), ...[...other].filter((value) => !this.has(value as T))])
  }
  isSubsetOf(other: SetLike): boolean {
    const others = asSet(other)
    return [...this].every((value) => others.has(value))
  }
  isSupersetOf(other: SetLike): boolean {
    return [...other].every((value) => this.has(value as T))
  }
  isDisjointFrom(other: SetLike): boolean {
    return ![...other].some((value) => this.has(value as T))
  }
}

const asSet = (other: SetLike): { has(value: unknown): boolean } => (other instanceof SetReads ? other : new ValueSet<unknown>(other))

/** A frozen set with structural equality. Elements keep the order in which they were given. */
export class ValueSet<T> extends SetReads<T> {
  readonly #elements = new Map<string, T>()

  constructor(elements: Iterable<T>) {
    super()
    for (const element of elements) {
      const key = keyOf(element)
      if (!this.#elements.has(key)) this.#elements.set(key, element)
    }
  }
  get size(): number {
    return this.#elements.size
  }
  has(value: T): boolean {
    return this.#elements.has(keyOf(value))
  }
  [Symbol.iterator](): IterableIterator<T> {
    return this.#elements.values()
  }
  [QUANTIFY](): { elements: readonly T[] } {
    return { elements: [...this] }
  }
  add(_value: T): never {
    return frozen()
  }
  delete(_value: T): never {
    return frozen()
  }
  clear(): never {
    return frozen()
  }
  /** The form for JSON.stringify: its elements. */
  toJSON(): unknown {
    return [...this]
  }
}

/** A multiset: `add`, `delete` (one copy), `count`, `has`, `size` (with copies), iteration (an element once per copy). */
export interface Bag<T> extends Iterable<T> {
  readonly size: number
  add(value: T): this
  /** Removes one copy; false where there is none. */
  delete(value: T): boolean
  clear(): void
  has(value: T): boolean
  count(value: T): number
  /** The elements, each once. */
  distinct(): T[]
}

/** A multiset in a predicate. */
export type ReadonlyBag<T> = Omit<Bag<T>, 'add' | 'delete' | 'clear'>

const counts = (bag: Bag<unknown>): [unknown, number][] => bag.distinct().map((element) => [element, bag.count(element)])

/** A multiset; a part of a state is frozen. */
export class ValueBag<T> implements Bag<T> {
  readonly [SHAPE] = 'bag'
  readonly #elements = new Map<string, [T, number]>()

  constructor(elements: Iterable<T>) {
    for (const element of elements) this.add(element)
  }
  get size(): number {
    let n = 0
    for (const [, count] of this.#elements.values()) n += count
    return n
  }
  has(value: T): boolean {
    return this.count(value) > 0
  }
  count(value: T): number {
    return this.#elements.get(keyOf(value))?.[1] ?? 0
  }
  distinct(): T[] {
    return [...this.#elements.values()].map(([element]) => element)
  }
  *[Symbol.iterator](): IterableIterator<T> {
    for (const entry of this.#elements.values()) for (let i = 0; i < entry[1]; i++) yield entry[0]
  }
  add(value: T): this {
    if (Object.isFrozen(this)) frozen()
    const key = keyOf(value)
    const entry = this.#elements.get(key)
    if (entry) entry[1]++
    else this.#elements.set(key, [value, 1])
    return this
  }
  delete(value: T): boolean {
    if (Object.isFrozen(this)) frozen()
    const key = keyOf(value)
    const entry = this.#elements.get(key)
    if (entry && --entry[1] === 0) this.#elements.delete(key)
    return entry !== undefined
  }
  clear(): void {
    if (Object.isFrozen(this)) frozen()
    for (const entry of this.#elements.values()) entry[1] = 0
    this.#elements.clear()
  }
  toJSON(): unknown {
    return [...this]
  }
}

/** A bag with these elements, to be assigned to a variable: `s.channel = bagOf([])`. */
export function bagOf<T>(elements: Iterable<T>): Bag<T> {
  return new ValueBag(elements)
}
