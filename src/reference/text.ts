/** A text that is the same for equal values and for no others: what tells states apart, finds elements of sets, and is the key of a view. */
import { isCollection, isKeyed, isOrdered, isRecord } from 'immutable'

/** Bags and sets, whichever class has made them, are told by a mark; JavaScript's own sets by their class. */
export const SHAPE: unique symbol = Symbol.for('tsmc.shape')
const shapeOf = (value: unknown): unknown => (typeof value === 'object' && value !== null ? (value as Record<symbol, unknown>)[SHAPE] : undefined)
export interface Multiset extends Iterable<unknown> {
  distinct(): unknown[]
  count(element: unknown): number
}
export const isBag = (value: unknown): value is Multiset => shapeOf(value) === 'bag'
export const isSet = (value: unknown): value is Set<unknown> => value instanceof Set || shapeOf(value) === 'set'

/** A value that no state can have, or not there; `path` says where. */
export class Unfit extends Error {
  readonly path: string
  /** The value and what would have been right; where that is what is wrong. */
  readonly misfit: { readonly value: string; readonly range: string } | undefined
  constructor(path: string, message: string, misfit?: { readonly value: string; readonly range: string }) {
    super(message)
    this.path = path
    this.misfit = misfit
  }
}

/** Objects that are being written, outermost first: one that comes again contains itself. */
let around: readonly object[] = []

export function textOf(value: unknown, path = ''): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function' || typeof value === 'symbol') throw new Unfit(path, `a ${typeof value} is not a value of a state`)
  if (typeof value === 'number' && Object.is(value, -0)) throw new Unfit(path, '-0 is not a value of a state')
  if (typeof value !== 'object' || value === null) return String(value)
  if (around.includes(value)) throw new Unfit(path, 'an object that contains itself is not a value of a state')
  around = [...around, value]
  try {
    return objectText(value, path)
  } finally {
    around = around.slice(0, -1)
  }
}

function objectText(value: object, path: string): string {
  const all = (elements: Iterable<unknown>): string[] => Array.from(elements, (element) => textOf(element, path))
  const pairs = (entries: Iterable<readonly [unknown, unknown]>): string[] =>
    Array.from(entries, ([key, inner]) => `${textOf(key, path)}:${textOf(inner, path)}`)
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
  if (!array && ![Object.prototype, null].includes(Object.getPrototypeOf(value)))
    throw new Unfit(path, `an object of a class (${value.constructor?.name}) is not a value of a state`)
  const names = Reflect.ownKeys(value).filter((name) => !array || name !== 'length')
  for (const name of names)
    if (
      typeof name === 'symbol' ||
      Object.getOwnPropertyDescriptor(value, name)?.enumerable !== true ||
      'get' in Object(Object.getOwnPropertyDescriptor(value, name))
    )
      throw new Unfit(path, `a property that is hidden or computed (${String(name)}) is not a value of a state`)
  const inner = (name: string | symbol): string => textOf((value as Record<string | symbol, unknown>)[name], `${path}.${String(name)}`)
  if (array && names.length === value.length) return `[${names.map(inner)}]`
  return `${array ? `array of ${value.length}` : ''}{${(names as string[]).sort().map((name) => `${JSON.stringify(name)}:${inner(name)}`)}}`
}
