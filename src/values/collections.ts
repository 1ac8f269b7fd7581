/**
 * Collections with equality by value: `ValueSet`, a `Set`, and `ValueBag`, a multiset. Mutable, as those of plain data are; frozen ones are the
 * values of a type, which nothing may change.
 */
import { isCollection, isOrdered, isRecord } from 'immutable'
import { refuse, show, ValueError } from './errors.ts'
import { type Candidates, QUANTIFY, type Quantifiable } from './quantify.ts'

/** Live bags are told by this mark, so that this file need not know them. */
export const SHAPE: unique symbol = Symbol.for('tsmc.shape')
export const isSet = (value: object): value is Set<unknown> => value instanceof Set
export const isSequence = (value: object): value is unknown[] => Array.isArray(value)
export const isBag = (value: object): value is Bag<unknown> => (value as { [SHAPE]?: unknown })[SHAPE] === 'bag'

/**
 * A text that is equal for equal values, whatever their form: the one definition of equality, for `equal`, keys of states, elements of sets, and
 * what a `value()` holds. NaN equals NaN, and 0 equals -0.
 *
 * Throws `ValueError` for what has no content to be compared: functions, symbols, instances of classes, symbol keys, hidden properties, cycles.
 * `exact`: refuses -0 as well.
 */
export function keyOf(value: unknown, exact = false): string {
  return textOf(value, exact, [])
}

function textOf(value: unknown, exact: boolean, around: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      if (exact && Object.is(value, -0)) throw new ValueError('-0 is not a value of a state: it would be equal to 0 and yet another value; use 0')
      return String(value)
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'bigint':
      return `${value}n`
    case 'object': {
      if (value === null) return 'null'
      if (around.includes(value)) throw new ValueError('an object that contains itself is not a value of a state')
      const inside = [...around, value]
      const text = (part: unknown): string => textOf(part, exact, inside)
      const pair = ([key, part]: [unknown, unknown]): string => `${text(key)}=>${text(part)}`
      if (Array.isArray(value)) {
        refuseHidden(value, value.length + 1)
        return `[${Array.from(value, text)}]`
      }
      if (value instanceof Set) return `set(${[...value].map(text).sort()})`
      if (isBag(value))
        return `bag(${counts(value)
          .map(([element, n]) => `${text(element)}*${n}`)
          .sort()})`
      if (value instanceof Map) return `map(${[...value].map(pair).sort()})`
      if (value instanceof Date) return `date(${value.getTime()})`
      if (isRecord(value)) return `record(${Object.entries(value.toObject()).map(pair).sort()})`
      if (isCollection(value)) {
        // Immutable's equality looks at the order of ordered sets and maps, and at whether a collection is keyed, indexed or a set.
        const kind = `${'size' in value && isOrdered(value) ? 'ordered' : ''}${value.toSeq().constructor.name}`
        const keyed = 'flip' in value && typeof value.flip === 'function'
        const parts = keyed ? [...(value as unknown as Iterable<[unknown, unknown]>)].map(pair) : [...(value as Iterable<unknown>)].map(text)
        return `immutable.${kind}(${isOrdered(value) ? parts : parts.sort()})`
      }
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null)
        throw new ValueError(
          `${show(value)} is an instance of ${(prototype as object).constructor?.name || 'a class'}, not plain data: use an object literal`,
        )
      const keys = Object.keys(value)
      refuseHidden(value, keys.length)
      const object = value as Record<string, unknown>
      return `{${keys.sort().map((key) => `${JSON.stringify(key)}:${text(object[key])}`)}}`
    }
    default:
      throw new ValueError(`a ${typeof value} is not a value of a state`)
  }
}

/** Refuses what an object has besides its ordinary properties. */
function refuseHidden(value: object, ordinary: number): void {
  const all = Reflect.ownKeys(value)
  if (all.length === ordinary) return
  const symbol = all.find((key) => typeof key === 'symbol')
  if (symbol !== undefined) throw new ValueError(`${show(value)} has a property named by ${String(symbol)}, which is not part of a value of a state`)
  const hidden = all.find((key) => !Object.prototype.propertyIsEnumerable.call(value, key))
  if (hidden !== undefined && !Array.isArray(value))
    throw new ValueError(`${show(value)} has a property ${show(hidden)} that is not enumerable: it is not part of a value of a state`)
  if (Array.isArray(value) && all.length > ordinary)
    throw new ValueError(`the array ${show(value)} has properties besides its elements, which are not part of a value of a state`)
}

/** Whether two values are equal by their content. */
export function equal(a: unknown, b: unknown): boolean {
  return a === b || keyOf(a) === keyOf(b)
}

/** Refuses to change a value that belongs to a type, or is an element of a set or a bag. */
export function refuseChange(what: string): never {
  return refuse(
    new ValueError(
      `${what} is a value and cannot be changed: elements of sets and bags, and values of a type, are told apart by their content. Delete it and add the changed one, or copy it first`,
    ),
  )
}

interface SetLike {
  readonly size: number
  has(value: unknown): boolean
  keys(): Iterator<unknown>
}

/** The elements of a set or of anything like one, as the methods of `Set` take it. Throws `TypeError` where it is none. */
function elementsOf<T>(other: unknown): T[] {
  if (other instanceof Set) return [...other]
  const like = other as SetLike
  if (
    typeof other !== 'object' ||
    other === null ||
    Number.isNaN(Number(like.size)) ||
    typeof like.has !== 'function' ||
    typeof like.keys !== 'function'
  )
    throw new TypeError(`${show(other)} is not a set`)
  const elements: T[] = []
  const keys = like.keys()
  for (let next = keys.next(); next.done !== true; next = keys.next()) elements.push(next.value as T)
  return elements
}

/** `Set` with the methods of ES2025 by value, over any class that can list its elements and tell of one whether it is in. */
export abstract class SetByValue<T> extends Set<T> implements Quantifiable<T> {
  abstract override [Symbol.iterator](): SetIterator<T>
  abstract [QUANTIFY](): Candidates<T>

  override values(): SetIterator<T> {
    return this[Symbol.iterator]()
  }
  override keys(): SetIterator<T> {
    return this[Symbol.iterator]()
  }
  override *entries(): SetIterator<[T, T]> {
    for (const value of this) yield [value, value]
  }
  override forEach(run: (value: T, same: T, set: Set<T>) => void, self?: unknown): void {
    for (const value of this) run.call(self, value, value, this)
  }
  override union<U>(other: ReadonlySetLike<U>): Set<T | U> {
    return setOf<T | U>([...this, ...elementsOf<U>(other)])
  }
  override intersection<U>(other: ReadonlySetLike<U>): Set<T & U> {
    const others = setOf<unknown>(elementsOf(other))
    if (this.size <= others.size) return setOf([...this].filter((value) => others.has(value))) as Set<T & U>
    return setOf([...others].filter((value) => this.has(value as T))) as Set<T & U>
  }
  override difference<U>(other: ReadonlySetLike<U>): Set<T> {
    const others = setOf<unknown>(elementsOf(other))
    return setOf([...this].filter((value) => !others.has(value)))
  }
  override symmetricDifference<U>(other: ReadonlySetLike<U>): Set<T | U> {
    const others = setOf<T | U>(elementsOf(other))
    return setOf<T | U>([...[...this].filter((value) => !others.has(value)), ...[...others].filter((value) => !this.has(value as T))])
  }
  override isSubsetOf(other: ReadonlySetLike<unknown>): boolean {
    const others = setOf<unknown>(elementsOf(other))
    return [...this].every((value) => others.has(value))
  }
  override isSupersetOf(other: ReadonlySetLike<unknown>): boolean {
    return elementsOf<T>(other).every((value) => this.has(value))
  }
  override isDisjointFrom(other: ReadonlySetLike<unknown>): boolean {
    return !elementsOf<T>(other).some((value) => this.has(value))
  }
}

const setOf = <T>(elements: Iterable<T>): Set<T> => new ValueSet(elements) as unknown as Set<T>

/** The composite elements of a `ValueSet` by their text. */
const COMPOSITES = new WeakMap<object, Map<string, unknown>>()

const native = Set.prototype

/** Adds an element where no equal one is there. A function, since adopted sets have no private methods. */
function put(set: object, value: unknown): void {
  if (typeof value === 'object' && value !== null) {
    let index = COMPOSITES.get(set)
    if (index === undefined) COMPOSITES.set(set, (index = new Map()))
    const key = keyOf(value)
    if (index.has(key)) return
    index.set(key, value)
  }
  native.add.call(set as Set<unknown>, value)
}

/** A set with equality by value. Elements keep the order in which they were added; of equal ones the first stays. */
export class ValueSet<T> extends SetByValue<T> {
  constructor(elements: Iterable<T> = []) {
    super()
    for (const element of elements) put(this, element)
  }

  /**
   * Makes a set of the spec one with equality by value, as it is: the same object, with its order. Of equal elements the first stays.
   */
  static adopt<T>(set: Set<T>): Set<T> {
    if (set instanceof SetByValue || Object.getPrototypeOf(set) !== native) return set
    const elements = [...set]
    Object.setPrototypeOf(set, ValueSet.prototype)
    if (elements.some((element) => typeof element === 'object' && element !== null)) {
      native.clear.call(set)
      for (const element of elements) set.add(element)
    }
    return set
  }

  override has(value: T): boolean {
    if (typeof value !== 'object' || value === null) return native.has.call(this, value)
    return COMPOSITES.get(this)?.has(keyOf(value)) ?? false
  }
  override add(value: T): this {
    if (Object.isFrozen(this)) refuseChange('this set')
    put(this, value)
    return this
  }
  override delete(value: T): boolean {
    if (Object.isFrozen(this)) refuseChange('this set')
    if (typeof value !== 'object' || value === null) return native.delete.call(this, value)
    const index = COMPOSITES.get(this)
    const key = keyOf(value)
    const known = index?.get(key)
    return known !== undefined && index?.delete(key) === true && native.delete.call(this, known)
  }
  override clear(): void {
    if (Object.isFrozen(this)) refuseChange('this set')
    COMPOSITES.delete(this)
    native.clear.call(this)
  }
  override [Symbol.iterator](): SetIterator<T> {
    return native.values.call(this) as SetIterator<T>
  }
  [QUANTIFY](): Candidates<T> {
    const elements = [...this]
    return { n: elements.length, element: (index) => elements[index] as T }
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

/** A multiset with equality by value, mutable unless frozen. Elements keep the order in which they were first added. */
export class ValueBag<T> implements Bag<T> {
  readonly #elements = new Map<string, [T, number]>()

  constructor(elements: Iterable<T> = []) {
    for (const element of elements) this.#put(element, 1)
  }

  /** Puts in so many copies. */
  #put(value: T, copies: number): void {
    const key = keyOf(value)
    const entry = this.#elements.get(key)
    if (entry) entry[1] += copies
    else if (copies > 0) this.#elements.set(key, [value, copies])
  }
  /** A bag with so many copies of each element. */
  static of<T>(counted: Iterable<readonly [T, number]>): ValueBag<T> {
    const bag = new ValueBag<T>()
    for (const [element, copies] of counted) bag.#put(element, copies)
    return bag
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
    if (Object.isFrozen(this)) refuseChange('this bag')
    this.#put(value, 1)
    return this
  }
  delete(value: T): boolean {
    if (Object.isFrozen(this)) refuseChange('this bag')
    const key = keyOf(value)
    const entry = this.#elements.get(key)
    if (!entry) return false
    if (--entry[1] === 0) this.#elements.delete(key)
    return true
  }
  clear(): void {
    if (Object.isFrozen(this)) refuseChange('this bag')
    for (const entry of this.#elements.values()) entry[1] = 0
    this.#elements.clear()
  }
  toJSON(): unknown {
    return [...this]
  }
}
Object.defineProperty(ValueBag.prototype, SHAPE, { value: 'bag' })

/** A bag with these elements, to be assigned to a variable: `s.channel = bagOf([])`. */
export function bagOf<T>(elements: Iterable<T>): Bag<T> {
  return new ValueBag(elements)
}

// What a set says of itself is what JavaScript's own says.
Object.defineProperty(ValueSet.prototype, 'constructor', { value: Set })
