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
import { Bag, elementTexts, valueSet } from './sets.ts'
import { isBag, isSet, textOf, Unfit } from './text.ts'

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
  readonly fields: readonly (readonly [name: string, type: Shape, ...rest: unknown[]])[]
}
type Entries = readonly (readonly [name: string, value: unknown])[]

/** An object whose keys are data: `__proto__` and the like become ordinary properties. */
function objectOf(entries: Entries): Record<string, unknown> {
  const object = {}
  for (const [name, value] of entries) Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
  return object
}

/** The value that a variable of a type has to begin with. */
export function initialOf(type: Shape): unknown {
  const fields = (body: RecordShape): Entries => body.fields.map(([name, inner]) => [name, initialOf(inner)])
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
      return objectOf(fields(type))
    case 'union': {
      const [name, body] = type.variants[0] as (typeof type.variants)[number]
      return objectOf([[type.tag, name], ...fields(body)])
    }
    case 'map':
      return objectOf(type.names.map((name) => [name, initialOf(type.inner)]))
    case 'seq':
      return []
    case 'set':
      return valueSet([])
    case 'bag':
      return new Bag([])
    case 'value':
      return contentOf(type.initial, '')
  }
}

/**
 * A copy of data that fit a type: every place an object of its own, keys and elements in the order of the type. Throws `Unfit` for all other data.
 * Every function of the spec gets such a copy; what it leaves behind is the next state if it can be copied so.
 */
export function copyOf(type: Shape, data: unknown, path = ''): unknown {
  const unfit = (message: string, value?: string): never => {
    throw new Unfit(path, message, value === undefined ? undefined : { value, range: String(type) })
  }
  const within = (name: string): string => (path === '' ? name : /^-?\d/.test(name) ? `${path}[${name}]` : `${path}.${name}`)
  const object = (what: string): Record<string, unknown> =>
    typeof data === 'object' && data !== null && !Array.isArray(data)
      ? (data as Record<string, unknown>)
      : unfit(`${show(data)} is not a ${what}: ${type} was expected`)
  const parts = (
    record: Record<string, unknown>,
    of: readonly (readonly [string, Shape, ...unknown[]])[],
    what: string,
    part: string,
    tag?: string,
  ): Entries => {
    const extra = Object.keys(record).find((name) => name !== tag && !of.some(([known]) => known === name))
    if (extra !== undefined) unfit(`there is no ${part} ${show(extra)} in ${what}`)
    return of.map(([name, inner]) => {
      if (!Object.hasOwn(record, name))
        unfit(
          part === 'key'
            ? `the key ${show(name)} of ${what} is missing: a map has a value for every key`
            : `the field ${show(name)} of ${what} is missing`,
        )
      return [name, copyOf(inner, record[name], within(name))]
    })
  }
  /** The elements of a set or a bag, each once, in order. */
  const elements = (inner: Shape, given: Iterable<unknown>): unknown[] => {
    const copies = new Map<string, unknown>()
    for (const element of given) {
      const text = typeof element === 'object' && element !== null ? elementTexts.get(element) : undefined
      if (text !== undefined && textOf(element) !== text)
        unfit(`the element ${text} was changed, but elements are values: delete it and add the changed one`)
      const copy = copyOf(inner, element, `${path} (an element)`)
      copies.set(textOf(copy), copy)
    }
    return [...copies.values()].sort((a, b) => compare(inner, a, b, inner.size > MANY))
  }
  switch (type.kind) {
    case 'bool':
      return typeof data === 'boolean' ? data : unfit(`${show(data)} is not a boolean`, show(data))
    case 'int':
      if (typeof data !== 'number') return unfit(`${show(data)} is not a number: ${type} was expected`, show(data))
      if (!Number.isInteger(data)) return unfit(`${data} is not an integer: ${type} was expected`, show(data))
      return data < type.lo || data > type.hi ? unfit(`${data} is outside ${type}`, show(data)) : data + 0
    case 'enum':
    case 'ids':
      return type.members.includes(data as string) ? data : unfit(`${show(data)} is not a member of ${type}`, show(data))
    case 'option':
      return data === null ? null : copyOf(type.inner, data, path)
    case 'record':
      return objectOf(parts(object('record'), type.fields, String(type), 'field'))
    case 'union': {
      const record = object('record')
      const [name, body] =
        type.variants.find(([variant]) => variant === record[type.tag]) ??
        unfit(`${type.tag}: ${show(record[type.tag])} is none of ${type}`, show(record[type.tag]))
      return objectOf([[type.tag, name], ...parts(record, body.fields, `the variant '${name}' of ${type}`, 'field', type.tag)])
    }
    case 'map':
      return objectOf(
        parts(
          object('map'),
          type.names.map((name) => [name, type.inner]),
          String(type),
          'key',
        ),
      )
    case 'seq':
      if (!Array.isArray(data)) return unfit(`${show(data)} is not a sequence: ${type} was expected`)
      if (data.length > type.max)
        return unfit(
          `a sequence of ${data.length} elements is longer than ${type} allows; guard the action with when(… .length < ${type.max}) or raise the bound`,
          `a sequence of ${data.length} elements`,
        )
      if (Object.keys(data).length !== data.length) return unfit(`an array with holes, or with names besides its places, is not a sequence`)
      return data.map((element, i) => copyOf(type.inner, element, `${path}[${i}]`))
    case 'set': {
      if (!isSet(data) && !Array.isArray(data)) return unfit(`${show(data)} is not a set: ${type} was expected`)
      return valueSet(elements(type.inner, data))
    }
    case 'bag': {
      if (!isBag(data) && !isSet(data) && !Array.isArray(data)) return unfit(`${show(data)} is not a bag: ${type} was expected`)
      const bag = isBag(data) ? data : new Bag(Array.from(data, (element) => [element, 1]))
      return new Bag(
        elements(type.inner, bag.distinct()).map((element) => {
          const count = bag.count(element)
          const more = `more than ${type.max} ${type.max === 1 ? 'copy' : 'copies'} of ${textOf(element)}`
          if (count > type.max) unfit(`${more} in ${type}`, more)
          return [element, count]
        }),
      )
    }
    case 'value':
      return contentOf(data, path)
  }
}

/** A copy of what a `value()` holds. Objects, sets and maps have no order of their own: it is that of their texts, unless the one they have is kept. */
export function contentOf(data: unknown, path: string, kept = false): unknown {
  textOf(data, path)
  const copy = (value: unknown): unknown => {
    const ordered = (elements: Iterable<unknown>): unknown[] => (kept ? [...elements] : [...elements].sort((a, b) => byText(textOf(a), textOf(b))))
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
    return objectOf((ordered(Object.keys(value)) as string[]).map((name) => [name, copy((value as Record<string, unknown>)[name])]))
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
  const first = (differences: Iterable<number>): number => [...differences].find((difference) => difference !== 0) ?? 0
  const fields = (names: readonly (readonly [string, Shape, ...unknown[]])[]): number =>
    first(names.map(([name, inner]) => compare(inner, (a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], many)))
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
      return fields(type.fields)
    case 'union': {
      const [i, j] = [a, b].map((one) => type.variants.findIndex(([name]) => name === (one as Record<string, unknown>)[type.tag])) as [number, number]
      return i - j || fields((type.variants[i] as (typeof type.variants)[number])[1].fields)
    }
    case 'map':
      return fields(type.names.map((name) => [name, type.inner]))
    case 'seq': {
      const [x, y] = [a as unknown[], b as unknown[]]
      return x.length - y.length || first(x.map((element, i) => compare(type.inner, element, y[i], many)))
    }
    case 'set':
    case 'bag': {
      const count = (of: unknown, element: unknown): number => (isBag(of) ? of.count(element) : Number((of as Set<unknown>).has(element)))
      const list = (of: unknown): unknown[] => (isBag(of) ? of.distinct() : [...(of as Set<unknown>)])
      const all = [...list(a), ...list(b)].sort((x, y) => (many ? 1 : -1) * compare(type.inner, x, y, type.inner.size > MANY))
      return first(all.map((element) => count(a, element) - count(b, element)))
    }
    case 'value':
      return byText(textOf(a), textOf(b))
  }
}

/** A value in a message. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  try {
    const text = JSON.stringify(value, (_key, inner) => (inner instanceof Set ? [...inner] : typeof inner === 'function' ? 'a function' : inner))
    return text.length > 80 ? `${text.slice(0, 77)}...` : text
  } catch {
    return Object.prototype.toString.call(value)
  }
}
