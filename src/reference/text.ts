/** A text that is the same for equal values and for no others: what tells states apart, finds elements of sets, and is the key of a view. */
import { isCollection, isKeyed, isOrdered, isRecord } from 'immutable'
import { ValueError, within } from '../values/errors.ts'

/** Bags and sets, whichever class has made them, are told by a mark; JavaScript's own sets by their class. */
export const SHAPE: unique symbol = Symbol.for('tsmc.shape')
const shapeOf = (value: unknown): unknown => (typeof value === 'object' && value !== null ? (value as Record<symbol, unknown>)[SHAPE] : undefined)
export interface Multiset extends Iterable<unknown> {
  distinct(): unknown[]
  count(element: unknown): number
}
export const isBag = (value: unknown): value is Multiset => shapeOf(value) === 'bag'
export const isSet = (value: unknown): value is Set<unknown> => value instanceof Set || shapeOf(value) === 'set'

/** Objects that are being written, outermost first: one that comes again contains itself. */
let around: readonly object[] = []

export function textOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function' || typeof value === 'symbol') return noValue(`a ${typeof value}`)
  if (Object.is(value, -0)) return noValue('-0')
  if (typeof value !== 'object' || value === null) return String(value)
  if (around.includes(value)) return noValue('an object that contains itself')
  around = [...around, value]
  try {
    return objectText(value)
  } finally {
    around = around.slice(0, -1)
  }
}

function objectText(value: object): string {
  const all = (elements: Iterable<unknown>): string[] => Array.from(elements, textOf)
  const pairs = (entries: Iterable<readonly [unknown, unknown]>): string[] => Array.from(entries, ([key, inner]) => `${textOf(key)}:${textOf(inner)}`)
  if (isRecord(value)) return `Record{${pairs(value.toSeq().entries() as Iterable<[string, unknown]>).sort()}}`
  if (isCollection(value)) {
    const ordered = isOrdered(value)
    const texts = isKeyed(value) ? pairs(value.entries()) : all(value.values())
    return `${ordered ? 'Ordered' : ''}${isKeyed(value) ? 'Map' : 'Collection'}(${ordered ? texts : texts.sort()})`
  }
  if (isBag(value)) return `bag(${pairs(value.distinct().map((element) => [element, value.count(element)])).sort()})`
  if (isSet(value)) return `set(${all(value).sort()})`
  if (value instanceof Map) return `map(${pairs(value).sort()})`
  if (value instanceof Date) return `date(${value.getTime()})`
  const array = Array.isArray(value)
  if (!array && ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return noValue(`an object of a class (${value.constructor?.name})`)
  const names = Reflect.ownKeys(value).filter((name) => !array || name !== 'length')
  const inner = (name: string | symbol): string => {
    const property = Object.getOwnPropertyDescriptor(value, name)
    if (typeof name === 'symbol' || property?.enumerable !== true || 'get' in property)
      return noValue(`a property that is hidden or computed (${String(name)})`)
    return within(`.${name}`, () => textOf(property.value))
  }
  if (array && names.length === value.length) return `[${names.map(inner)}]`
  return `${array ? `array of ${value.length}` : ''}{${names.sort(byName).map((name) => `${JSON.stringify(name)}:${inner(name)}`)}}`
}

const byName = (a: string | symbol, b: string | symbol): number => (String(a) < String(b) ? -1 : 1)

function noValue(what: string): never {
  throw new ValueError(`${what} is not a value of a state`)
}
