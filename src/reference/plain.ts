/**
 * A state as plain JavaScript data: what each type of variable is made of, what it begins with, its order, and which data fit it.
 *
 * | type | data |
 * |---|---|
 * | `record`, `union` | an object, its keys in the order of the type |
 * | `map` | an object with the keys of its domain |
 * | `seq` | an array |
 * | `set`, `bag` | a Set and a multiset, in the order of the element type |
 * | `option` | the value, or null |
 * | `value` | what was put in |
 */
import { isCollection, isRecord } from 'immutable'
import { show, ValueError, within } from '../values/errors.ts'
import { plainObject } from '../values/plain.ts'
import { Bag, elementTexts, valueSet } from './sets.ts'
import { isBag, isSet, textOf } from './text.ts'

/** What the reference checker knows of a type: its name and its parts. */
export type Shape = { readonly size: number; toString(): string } & (
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly lo: number; readonly hi: number }
  | { readonly kind: 'enum' | 'ids'; readonly members: readonly string[] }
  | { readonly kind: 'option'; readonly inner: Shape }
  | RecordShape
  | { readonly kind: 'union'; readonly tag: string; readonly variants: readonly (readonly [name: string, body: RecordShape])[] }
  | { readonly kind: 'map'; readonly names: readonly string[]; readonly inner: Shape }
  | { readonly kind: 'set'; readonly inner: Shape }
  | { readonly kind: 'bag' | 'seq'; readonly inner: Shape; readonly max: number }
  | { readonly kind: 'value'; readonly initial: unknown }
)
export interface RecordShape {
  readonly kind: 'record'
  readonly size: number
  readonly fields: readonly Part[]
}
type Part = readonly [name: string, type: Shape, ...rest: unknown[]]
type Kinds<K extends Shape['kind']> = Shape & { readonly kind: K }
type Data = Readonly<Record<string, unknown>>

/** The parts of a record, of a map, and of the variant of a union that `data` are; without data of the first, undefined where they are none. */
function partsOf(type: Kinds<'record' | 'union' | 'map'>, data?: Data): readonly Part[] | undefined {
  if (type.kind === 'record') return type.fields
  if (type.kind === 'map') return type.names.map((name) => [name, type.inner])
  const { tag, variants } = type
  const variant = variants.find(([name]) => data === undefined || name === data[tag])
  return variant && [[tag, { kind: 'enum', members: variants.map(([name]) => name), size: variants.length }], ...variant[1].fields]
}

/** The value that a variable of a type has to begin with. */
export function initialOf(type: Shape): unknown {
  switch (type.kind) {
    case 'bool':
      return false
    case 'int':
      return type.lo
    case 'enum':
    case 'ids':
      return type.members[0]
    case 'option':
      return null
    case 'record':
    case 'union':
    case 'map':
      return plainObject((partsOf(type) as readonly Part[]).map(([name, inner]) => [name, initialOf(inner)]))
    case 'seq':
      return []
    case 'set':
      return valueSet([])
    case 'bag':
      return new Bag([])
    case 'value':
      return contentOf(type.initial)
  }
}

/**
 * A copy of data that fit a type: every place an object of its own, keys and elements in the order of the type. Throws `ValueError` for all other data.
 * Every function of the spec gets such a copy; what it leaves behind is the next state if it can be copied so.
 */
export function copyOf(type: Shape, data: unknown): unknown {
  switch (type.kind) {
    case 'bool':
      return typeof data === 'boolean' ? data : misfit(type, show(data), 'is not a boolean')
    case 'int':
      if (typeof data !== 'number') return misfit(type, show(data), `is not a number: ${type} was expected`)
      if (!Number.isInteger(data)) return misfit(type, show(data), `is not an integer: ${type} was expected`)
      return data < type.lo || data > type.hi ? misfit(type, show(data), `is outside ${type}`) : data + 0
    case 'enum':
    case 'ids':
      return type.members.includes(data as string) ? data : misfit(type, show(data), `is not a member of ${type}`)
    case 'option':
      return data === null ? null : copyOf(type.inner, data)
    case 'record':
    case 'union':
    case 'map':
      return objectOf(type, data)
    case 'seq':
      if (!Array.isArray(data)) throw new ValueError(`${show(data)} is not a sequence: ${type} was expected`)
      if (data.length > type.max)
        misfit(
          type,
          `a sequence of ${data.length} elements`,
          `is longer than ${type} allows; guard the action with when(… .length < ${type.max}) or raise the bound`,
        )
      if (Object.keys(data).length !== data.length) throw new ValueError(`an array with holes, or with names besides its places, is not a sequence`)
      return data.map((element, i) => within(`[${i}]`, () => copyOf(type.inner, element)))
    case 'set':
      if (!isSet(data) && !Array.isArray(data)) throw new ValueError(`${show(data)} is not a set: ${type} was expected`)
      return valueSet(elementsOf(type.inner, data))
    case 'bag': {
      if (!isBag(data) && !isSet(data) && !Array.isArray(data)) throw new ValueError(`${show(data)} is not a bag: ${type} was expected`)
      const bag = isBag(data) ? data : new Bag(Array.from(data, (element) => [element, 1]))
      return new Bag(
        elementsOf(type.inner, bag.distinct()).map((element) => {
          const count = bag.count(element)
          if (count > type.max) misfit(type, `more than ${type.max} ${type.max === 1 ? 'copy' : 'copies'} of ${textOf(element)}`, `in ${type}`)
          return [element, count]
        }),
      )
    }
    case 'value':
      return contentOf(data)
  }
}

/** Says that a value does not fit: a step that leaves it behind leaves the range of a variable. */
function misfit(type: Shape, value: string, how: string, before = ''): never {
  throw new ValueError(`${before}${value} ${how}`, { value, range: String(type) })
}

function objectOf(type: Kinds<'record' | 'union' | 'map'>, data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new ValueError(`${show(data)} is not a ${type.kind === 'map' ? 'map' : 'record'}: ${type} was expected`)
  const given = data as Data
  const [tag, part] = [type.kind === 'union' ? type.tag : undefined, type.kind === 'map' ? 'key' : 'field']
  const parts = partsOf(type, given)
  if (parts === undefined) return misfit(type, show(given[tag as string]), `is none of ${type}`, `${tag}: `)
  const what = tag === undefined ? String(type) : `the variant '${given[tag]}' of ${type}`
  const extra = Object.keys(given).find((name) => !parts.some(([known]) => known === name))
  if (extra !== undefined) throw new ValueError(`there is no ${part} ${show(extra)} in ${what}`)
  return plainObject(
    parts.map(([name, inner]) => {
      if (name !== tag && !Object.hasOwn(given, name))
        throw new ValueError(`the ${part} ${show(name)} of ${what} is missing${part === 'key' ? ': a map has a value for every key' : ''}`)
      return [name, within(/^-?\d/.test(name) ? `[${name}]` : `.${name}`, () => copyOf(inner, given[name]))]
    }),
  )
}

/** The elements of a set or a bag, each once, in order. */
function elementsOf(type: Shape, given: Iterable<unknown>): unknown[] {
  const copies = new Map<string, unknown>()
  for (const element of given) {
    const text = typeof element === 'object' && element !== null ? elementTexts.get(element) : undefined
    if (text !== undefined && textOf(element) !== text)
      throw new ValueError(`the element ${text} was changed, but elements are values: delete it and add the changed one`)
    const copy = within(' (an element)', () => copyOf(type, element))
    copies.set(textOf(copy), copy)
  }
  return [...copies.values()].sort((a, b) => compare(type, a, b, type.size > MANY))
}

/** A copy of what a `value()` holds. Objects, sets and maps have no order of their own: it is that of their texts, unless the one they have is kept. */
export function contentOf(data: unknown, kept = false): unknown {
  textOf(data)
  const ordered = (elements: Iterable<unknown>): unknown[] => (kept ? [...elements] : [...elements].sort((a, b) => byText(textOf(a), textOf(b))))
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (isRecord(value))
      return [...value.toSeq().entries()].reduce<unknown>((all, [key, inner]) => (all as typeof value).set(String(key), copy(inner)), value)
    if (isCollection(value)) return value.map(copy)
    if (isBag(value)) return new Bag(ordered(value.distinct()).map((element) => [copy(element), value.count(element)]))
    if (isSet(value)) return valueSet(ordered(value).map(copy))
    if (value instanceof Map) return new Map(ordered(value.keys()).map((key) => [copy(key), copy(value.get(key))]))
    if (value instanceof Date) return new Date(value)
    if (Array.isArray(value))
      return Object.assign(new Array(value.length), Object.fromEntries(Object.entries(value).map(([i, inner]) => [i, copy(inner)])))
    return plainObject((ordered(Object.keys(value)) as string[]).map((name) => [name, copy((value as Data)[name])]))
  }
  return copy(data)
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Of so many possible elements sets and bags are in the order in which the type lists them. */
const MANY = 1024

/**
 * The order of the values of a type: of records the first field decides that differs, of sequences the length and then the first element. Sets and
 * bags are counted through like binary numbers, the first possible element fastest; among too `many` to be counted it is the first that decides.
 */
function compare(type: Shape, a: unknown, b: unknown, many: boolean): number {
  /** The first that is not zero, and no further. */
  const first = <T>(all: Iterable<T>, difference: (one: T, i: number) => number): number => {
    let i = 0
    for (const one of all) {
      const found = difference(one, i++)
      if (found !== 0) return found
    }
    return 0
  }
  switch (type.kind) {
    case 'bool':
    case 'int':
      return Number(a) - Number(b)
    case 'enum':
    case 'ids':
      return type.members.indexOf(a as string) - type.members.indexOf(b as string)
    case 'option':
      return a === null || b === null ? Number(a !== null) - Number(b !== null) : compare(type.inner, a, b, many)
    case 'record':
    case 'union':
    case 'map':
      return first(partsOf(type, a as Data) as readonly Part[], ([name, inner]) => compare(inner, (a as Data)[name], (b as Data)[name], many))
    case 'seq': {
      const [x, y] = [a as unknown[], b as unknown[]]
      return x.length - y.length || first(x, (element, i) => compare(type.inner, element, y[i], many))
    }
    case 'set':
    case 'bag': {
      const count = (of: unknown, element: unknown): number => (isBag(of) ? of.count(element) : Number((of as Set<unknown>).has(element)))
      const all = [a, b].flatMap((of) => (isBag(of) ? of.distinct() : [...(of as Set<unknown>)]))
      all.sort((x, y) => (many ? 1 : -1) * compare(type.inner, x, y, type.inner.size > MANY))
      return first(all, (element) => count(a, element) - count(b, element))
    }
    case 'value':
      return byText(textOf(a), textOf(b))
  }
}
