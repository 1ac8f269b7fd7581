/**
 * The two collections that find their elements by value: sets, which are JavaScript's own with other methods, and bags.
 *
 * A set is by value as soon as it is a part of the state. A fresh `new Set()` is JavaScript's until it is found there: while a function of the
 * spec runs, `watched` knows its states, and every set that the function makes looks for itself in them before it answers.
 */
import { ValueError } from '../values/errors.ts'
import { isBag, SHAPE, textOf } from './text.ts'

const Native = Set
type AnySet = Set<unknown>
/** What sets of JavaScript have had from the beginning. */
interface Basic extends Iterable<unknown> {
  readonly size: number
  has(value: unknown): boolean
  add(value: unknown): this
  delete(value: unknown): boolean
  clear(): void
}
const byValue = new WeakSet<object>()
/** What an element was when it became one: elements are values, so that it must still be that when the function ends. */
export const elementTexts = new WeakMap<object, string>()
let states: readonly object[] = []

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** A set by value. In all but its methods it is JavaScript's own: its prototype, what it is copied to, what it is deeply equal to. */
export function valueSet(elements: Iterable<unknown>): AnySet {
  const set = Object.defineProperties(new Native<unknown>(), METHODS)
  byValue.add(set)
  for (const element of elements) set.add(element)
  return set
}

function isByValue(set: Basic): boolean {
  if (byValue.has(set)) return true
  if (!states.some((state) => contains(state, set, new Native()))) return false
  byValue.add(set)
  const elements = [...set]
  set.clear()
  for (const element of elements) set.add(element)
  return true
}

function contains(whole: unknown, part: object, seen: AnySet): boolean {
  if (whole === part) return true
  if (!isObject(whole) || seen.has(whole)) return false
  seen.add(whole)
  const inner: unknown[] = whole instanceof Native ? [...Native.prototype.values.call(whole)] : isBag(whole) ? whole.distinct() : Object.values(whole)
  return inner.some((one) => contains(one, part, seen))
}

/** The element of a set that is equal to a value. Of all that are no objects JavaScript finds the equal one itself. */
function find(set: Basic, value: unknown): unknown {
  if (!isByValue(set) || !isObject(value) || Native.prototype.has.call(set as AnySet, value)) return value
  try {
    const text = textOf(value)
    return [...set].find((element) => isObject(element) && textOf(element) === text) ?? value
  } catch (error) {
    if (error instanceof ValueError) return value
    throw error
  }
}

type Other = { readonly size: number; has(value: unknown): boolean; keys(): Iterator<unknown> }
/** Both sides of a set operation, and how its result is made: by value if one of them is. */
function both(set: Basic, of: Other): { a: Basic; b: AnySet; make: (elements: unknown[]) => AnySet } {
  if (!isObject(of) || Number.isNaN(Number(of.size)) || typeof of.keys !== 'function') throw new TypeError('the argument is not a set')
  const list: unknown[] = []
  for (let keys = of.keys(), next = keys.next(); next.done !== true; next = keys.next()) list.push(next.value)
  const value = isByValue(set) || byValue.has(of)
  const make = (elements: unknown[]): AnySet => (value ? valueSet(elements) : Object.defineProperties(new Native(elements), METHODS))
  return { a: value ? valueSet(set) : set, b: make(list), make }
}

class ByValue extends (Native as unknown as new () => Basic) {
  override has(value: unknown): boolean {
    return super.has(find(this, value))
  }
  override add(value: unknown): this {
    if (this.has(value)) return this
    if (isObject(value) && byValue.has(this)) elementTexts.set(value, textOf(value))
    return super.add(value)
  }
  override delete(value: unknown): boolean {
    return super.delete(find(this, value))
  }
}
/** The operations on two sets, as ECMAScript 2025 has them. */
const OPERATIONS: Readonly<Record<string, (a: Basic, b: AnySet, make: (elements: unknown[]) => AnySet) => unknown>> = {
  union: (a, b, make) => make([...a, ...b]),
  intersection: (a, b, make) => make(a.size <= b.size ? [...a].filter((value) => b.has(value)) : [...b].filter((value) => a.has(value))),
  difference: (a, b, make) => make([...a].filter((value) => !b.has(value))),
  symmetricDifference: (a, b, make) => make([...[...a].filter((value) => !b.has(value)), ...[...b].filter((value) => !a.has(value))]),
  isSubsetOf: (a, b) => [...a].every((value) => b.has(value)),
  isSupersetOf: (a, b) => [...b].every((value) => a.has(value)),
  isDisjointFrom: (a, b) => ![...b].some((value) => a.has(value)),
}
const { constructor: _, ...METHODS }: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(ByValue.prototype)
for (const [name, operation] of Object.entries(OPERATIONS))
  METHODS[name] = {
    value(this: Basic, of: Other): unknown {
      const { a, b, make } = both(this, of)
      return operation(a, b, make)
    },
    writable: true,
    configurable: true,
  }
// While a function of the spec runs, `Set` is another.
Object.assign(METHODS, { constructor: { get: () => globalThis.Set, configurable: true } })
const inherited = Object.getOwnPropertyDescriptors(Native.prototype) as unknown as Record<string | symbol, TypedPropertyDescriptor<unknown>>
for (const name of ['size', 'values', 'keys', 'entries', 'forEach', Symbol.iterator]) {
  const { get, value } = inherited[name] as PropertyDescriptor
  // A set that has become a part of the state has lost its second of two equal elements.
  const asked = function (this: AnySet, ...args: unknown[]): unknown {
    isByValue(this)
    return (get ?? value).apply(this, args)
  }
  METHODS[name as string] = { [get ? 'get' : 'value']: asked, configurable: true }
}

/** Runs a function of the spec: the sets that it makes know the states that it was given. */
export function watched<T>(given: readonly object[], run: () => T): T {
  const [before, outer] = [states, globalThis.Set]
  states = given
  globalThis.Set = new Proxy(Native, {
    construct: (target, args, made) => Object.defineProperties(Reflect.construct(target, args, made), METHODS),
  })
  try {
    return run()
  } finally {
    states = before
    globalThis.Set = outer
  }
}

/** After a function of the spec was interrupted, which runs no `finally`. */
export function unwatched(): void {
  states = []
  globalThis.Set = Native
}

/**
 * A multiset. Elements have the order in which they came, as in a set; an iterator hands out an element as often as there are copies of it by the
 * time that it is asked.
 */
export class Bag implements Iterable<unknown> {
  readonly [SHAPE] = 'bag'
  readonly #entries = new Map<string, { readonly element: unknown; count: number }>()

  constructor(entries: Iterable<readonly [element: unknown, count: number]>) {
    for (const [element, count] of entries) this.#put(element, count)
  }
  #put(element: unknown, count: number): void {
    const text = textOf(element)
    const entry = this.#entries.get(text)
    if (entry) entry.count += count
    else {
      if (isObject(element)) elementTexts.set(element, text)
      this.#entries.set(text, { element, count })
    }
  }
  get size(): number {
    return [...this.#entries.values()].reduce((sum, { count }) => sum + count, 0)
  }
  add(element: unknown): this {
    this.#put(element, 1)
    return this
  }
  delete(element: unknown): boolean {
    const text = textOf(element)
    const entry = this.#entries.get(text)
    if (entry && --entry.count === 0) this.#entries.delete(text)
    return entry !== undefined
  }
  clear(): void {
    for (const entry of this.#entries.values()) entry.count = 0
    this.#entries.clear()
  }
  has(element: unknown): boolean {
    return this.#entries.has(textOf(element))
  }
  count(element: unknown): number {
    return this.#entries.get(textOf(element))?.count ?? 0
  }
  distinct(): unknown[] {
    return [...this.#entries.values()].map(({ element }) => element)
  }
  *[Symbol.iterator](): IterableIterator<unknown> {
    for (const entry of this.#entries.values()) for (let copy = 0; copy < entry.count; copy++) yield entry.element
  }
  toJSON(): unknown {
    return [...this]
  }
}
