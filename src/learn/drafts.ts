/**
 * Drafts: the state as a function of a spec sees it. A draft holds no values; every read and write goes to a `Store`, slot by slot, so that
 * a store that takes notes knows exactly what a function depends on.
 *
 * The drafts of one state are a tree of objects that mirrors its type, made once per store and used for every state:
 *
 *     s ── current                         accessor over slot 0
 *       ── prepared: SetView               has(r1) reads slot 1
 *       ── region ── r1 ── phase           accessor over slot 3
 *
 * Whoever adds an operation keeps the rule that makes learning sound: no answer may depend on a slot that was not read from the store.
 */
import { nearest, SpecError } from '../errors.ts'
import type { BagType } from '../types/bag.ts'
import { type Bag, keyOf, SetReads, SHAPE, ValueSet } from '../types/collections.ts'
import type { MapType } from '../types/map.ts'
import type { OptionType } from '../types/option.ts'
import type { Fields, RecordType } from '../types/record.ts'
import type { SeqType } from '../types/seq.ts'
import type { SetType } from '../types/set.ts'
import { QUANTIFY, quantify } from '../types/quantify.ts'
import { type AnyType, show, ValueError } from '../types/type.ts'
import type { UnionType, Variants } from '../types/union.ts'

/** Where drafts read and write. */
export interface Store {
  read(slot: number): number
  write(slot: number, value: number): void
  /** Gives a slot the value of another without looking at it. */
  copy(to: number, from: number): void
  /** Whether an interned set has an element, given by its number. */
  has(slot: number, type: SetType<AnyType>, element: number): boolean
  /** Puts an element into an interned set, or takes it out, without looking at the others. */
  put(slot: number, type: SetType<AnyType>, element: number, present: boolean): void
  /** "the action Prepare(region: r1)", for messages. */
  readonly what: string
}

/** A place in the state: get gives a scalar or a live view, set replaces the whole. */
export interface Place {
  get(): unknown
  set(value: unknown): void
}

/** Marks a live view with the place that it shows. */
const PLACE: unique symbol = Symbol('tsmc.place')
interface Placed {
  readonly [PLACE]: { readonly type: AnyType; readonly base: number; readonly store: Store }
}

/** The place of a live interned set. */
export function liveInterned(value: unknown): { readonly type: SetType<AnyType>; readonly base: number } | undefined {
  return value instanceof InternedSetView ? value[PLACE] : undefined
}

/** The slots of a live set, where `value` is one that has a slot per possible element. */
export function liveBits(value: unknown): { readonly type: SetType<AnyType>; readonly base: number; readonly store: Store } | undefined {
  if (!(value instanceof SetView)) return undefined
  return value[PLACE]
}

/** The draft of a whole state, over the slots from `base` on. */
export function draftOf(type: RecordType<Fields>, store: Store, base = 0): object {
  return recordView(type, base, '', store)
}

export function placeOf(type: AnyType, base: number, path: string, store: Store): Place {
  const set = (value: unknown): void => assign(type, base, path, value, store)
  switch (type.kind) {
    case 'record':
      return lazy(() => recordView(type as RecordType<Fields>, base, path, store), set)
    case 'map':
      return lazy(() => mapView(type as MapType<string, AnyType>, base, path, store), set)
    case 'union':
      return lazy(() => unionView(type as unknown as UnionType<string, Variants>, base, path, store), set)
    case 'set':
      return lazy(
        () =>
          (type as SetType<AnyType>).interned
            ? new InternedSetView(type as SetType<AnyType>, base, path, store)
            : new SetView(type as SetType<AnyType>, base, path, store),
        set,
      )
    case 'bag':
      return lazy(() => new BagView(type as BagType<AnyType>, base, path, store), set)
    case 'seq':
      return lazy(() => seqView(type as SeqType<AnyType>, base, path, store), set)
    case 'option': {
      const { merged, inner } = type as OptionType<AnyType>
      if (merged) return { get: () => type.decode([store.read(base)], 0), set }
      const present = placeOf(inner, base + 1, path, store)
      return { get: () => (store.read(base) === 0 ? null : present.get()), set }
    }
    default: {
      // bool, int, enum, ids, value: one slot, whose numbers have plain values.
      const one = [0]
      return {
        get() {
          one[0] = store.read(base)
          return type.decode(one, 0)
        },
        set(value) {
          try {
            type.encode(value, one, 0)
          } catch (error) {
            throw wrong(path, error, store)
          }
          store.write(base, one[0] as number)
        },
      }
    }
  }
}

function lazy(make: () => object, set: (value: unknown) => void): Place {
  let view: object | undefined
  return { get: () => (view ??= make()), set }
}

/** Writes a whole value, given in any accepted form. A live view of the same type is copied slot by slot without being read. */
function assign(type: AnyType, base: number, path: string, value: unknown, store: Store): void {
  const placed = typeof value === 'object' && value !== null ? (value as Partial<Placed>)[PLACE] : undefined
  const width = type.slots.length
  if (placed?.store === store && placed.type === type) {
    if (placed.base === base) return
    // The places may overlap (elements of a sequence never do, but a union may lie over its own part): read all before writing.
    copySlots(store, base, placed.base, width)
    return
  }
  const row = new Array<number>(width).fill(0)
  try {
    type.encode(value, row, 0)
  } catch (error) {
    throw wrong(path, error, store)
  }
  for (let i = 0; i < width; i++) store.write(base + i, row[i] as number)
}

function copySlots(store: Store, to: number, from: number, width: number): void {
  if (to <= from) for (let i = 0; i < width; i++) store.copy(to + i, from + i)
  else for (let i = width - 1; i >= 0; i--) store.copy(to + i, from + i)
}

/** The error for a wrong value, with the variable, the value and what is allowed. Other errors are passed on. */
function wrong(path: string, error: unknown, store: Store): unknown {
  if (!(error instanceof ValueError)) return error
  return new SpecError(`${path}${error.path} in ${store.what}: ${error.message}`)
}

/** Names that JavaScript itself asks any object for. */
const ASKED_OF_ALL: readonly string[] = ['toJSON', 'then', 'constructor']

/** Ends the prototype chain of every view: a name that the view itself does not have is a mistake. */
function guard(what: string, path: string, names: readonly string[], store: Store): object {
  const fail = (name: string, verb: string): never => {
    const near = nearest(name, names)
    throw new SpecError(`${store.what} ${verb} ${path === '' ? '' : `${path}.`}${name}, but ${what} has no ${show(name)}`, {
      hint: `${near === undefined ? '' : `did you mean ${near}? `}there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`,
    })
  }
  return new Proxy(Object.create(null) as object, {
    get(_target, name) {
      if (typeof name === 'symbol' || ASKED_OF_ALL.includes(name)) return undefined
      if (name === 'toString' || name === 'valueOf') return () => path || 'the state'
      return fail(name, 'reads')
    },
    set(_target, name) {
      return fail(String(name), 'writes')
    },
    has: () => false,
  })
}

/** Defines accessors for named places, as own properties so that `{ ...view }` and `Object.keys` see them. */
function accessors(view: object, names: readonly string[], places: readonly Place[]): void {
  names.forEach((name, i) => {
    const place = places[i] as Place
    Object.defineProperty(view, name, { enumerable: true, configurable: false, get: place.get, set: place.set })
  })
}

function mark(view: object, type: AnyType, base: number, store: Store): void {
  Object.defineProperty(view, PLACE, { value: { type, base, store } })
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function recordView(type: RecordType<Fields>, base: number, path: string, store: Store): object {
  const names = type.fields.map(([name]) => name)
  const view = Object.create(guard(path === '' ? 'the state' : 'the record', path, names, store)) as object
  accessors(
    view,
    names,
    type.fields.map(([name, inner, offset]) => placeOf(inner, base + offset, join(path, name), store)),
  )
  mark(view, type, base, store)
  return Object.preventExtensions(view)
}

function mapView(type: MapType<string, AnyType>, base: number, path: string, store: Store): object {
  const view = Object.create(guard(`${type.keys}`, path, type.names, store)) as object
  accessors(
    view,
    type.names,
    type.names.map((name, i) =>
      placeOf(type.inner, base + i * type.inner.slots.length, type.keys.kind === 'int' ? `${path}[${name}]` : join(path, name), store),
    ),
  )
  mark(view, type, base, store)
  return Object.preventExtensions(view)
}

/** The fields that a union shows depend on its tag, which is read first. */
function unionView(type: UnionType<string, Variants>, base: number, path: string, store: Store): object {
  const variants = type.variants.map(([name, body]) => ({
    name,
    places: new Map(body.fields.map(([field, inner, offset]) => [field, placeOf(inner, base + 1 + offset, join(path, field), store)])),
  }))
  const present = () => variants[store.read(base)] as (typeof variants)[number]
  const unknown = (name: string, variant: (typeof variants)[number]): never => {
    throw new SpecError(`${store.what} reads ${join(path, name)}, but the variant ${show(variant.name)} of ${type} has no ${show(name)}`, {
      hint: `look at ${type.tag} first; it has ${[type.tag, ...variant.places.keys()].join(', ')}`,
    })
  }
  const placed: Placed[typeof PLACE] = { type, base, store }
  const known = new Set(variants.flatMap(({ places }) => [...places.keys()]))
  return new Proxy(
    {},
    {
      get(_target, name) {
        if (name === PLACE) return placed
        if (typeof name === 'symbol') return undefined
        // Asked by JavaScript itself where no variant has it: no reason to read the tag.
        if (ASKED_OF_ALL.includes(name) && name !== type.tag && !known.has(name)) return undefined
        const variant = present()
        if (name === type.tag) return variant.name
        const place = variant.places.get(name)
        if (place) return place.get()
        // A field of another variant is undefined, as in any TypeScript union; a name of none is a mistake.
        return known.has(name) ? undefined : unknown(name, variant)
      },
      set(_target, name, value) {
        if (name === type.tag)
          throw new SpecError(`${store.what} writes ${join(path, String(name))}, the tag of a union`, {
            hint: 'assign a whole record of the other variant instead',
          })
        const variant = present()
        const place = variant.places.get(String(name))
        if (!place) return unknown(String(name), variant)
        place.set(value)
        return true
      },
      ownKeys: () => [type.tag, ...present().places.keys()],
      has: (_target, name) => name === type.tag || (typeof name === 'string' && present().places.has(name)),
      getOwnPropertyDescriptor(_target, name) {
        const variant = present()
        if (name === type.tag) return { value: variant.name, enumerable: true, configurable: true }
        const place = variant.places.get(String(name))
        return place && { get: place.get, enumerable: true, configurable: true }
      },
    },
  )
}

/** A set with a slot per possible element. */
class SetView extends SetReads<unknown> {
  readonly [PLACE]: { readonly type: SetType<AnyType>; readonly base: number; readonly store: Store }
  readonly #path: string

  constructor(type: SetType<AnyType>, base: number, path: string, store: Store) {
    super()
    this[PLACE] = { type, base, store }
    this.#path = path
  }

  #slot(value: unknown): number {
    const { type, base, store } = this[PLACE]
    try {
      return base + type.inner.rankOf(value)
    } catch (error) {
      throw wrong(`an element of ${this.#path}`, error, store)
    }
  }

  get size(): number {
    return quantify('count', this, () => true) as number
  }
  has(value: unknown): boolean {
    return this[PLACE].store.read(this.#slot(value)) !== 0
  }
  add(value: unknown): this {
    this[PLACE].store.write(this.#slot(value), 1)
    return this
  }
  delete(value: unknown): boolean {
    const slot = this.#slot(value)
    const { store } = this[PLACE]
    // Whether it was there is only looked at by whoever asks for the answer; that cannot be told apart, so it counts as read.
    const there = store.read(slot) !== 0
    if (there) store.write(slot, 0)
    return there
  }
  clear(): void {
    const { type, base, store } = this[PLACE]
    for (let i = 0; i < type.slots.length; i++) store.write(base + i, 0)
  }
  *[Symbol.iterator](): IterableIterator<unknown> {
    const { type, base, store } = this[PLACE]
    const values = type.inner.values() as readonly unknown[]
    for (let i = 0; i < values.length; i++) if (store.read(base + i) !== 0) yield values[i]
  }
  override isSubsetOf(other: Iterable<unknown>): boolean {
    const others = other instanceof SetReads ? other : new ValueSet(other)
    return quantify('every', this, (value) => others.has(value)) as boolean
  }
  override isDisjointFrom(other: Iterable<unknown>): boolean {
    const others = other instanceof SetReads ? other : new ValueSet(other)
    return quantify('every', this, (value) => !others.has(value)) as boolean
  }
  override isSupersetOf(other: Iterable<unknown>): boolean {
    if (other instanceof SetReads) return quantify('every', other, (value) => this.has(value)) as boolean
    return super.isSupersetOf(other)
  }
  [QUANTIFY](): { elements: readonly unknown[]; present: (index: number) => boolean } {
    const { type, base, store } = this[PLACE]
    return { elements: type.inner.values(), present: (index) => store.read(base + index) !== 0 }
  }
}

/** A set whose possible elements are too many for a slot each: one interned slot. */
class InternedSetView extends SetReads<unknown> {
  readonly [PLACE]: { readonly type: SetType<AnyType>; readonly base: number; readonly store: Store }
  readonly #path: string

  constructor(type: SetType<AnyType>, base: number, path: string, store: Store) {
    super()
    this[PLACE] = { type, base, store }
    this.#path = path
  }

  #rows(): readonly (readonly number[])[] {
    const { type, base, store } = this[PLACE]
    return type.sets.value(store.read(base))
  }
  #element(value: unknown): number {
    const { type, store } = this[PLACE]
    try {
      return type.elementNumber(type.inner.row(value))
    } catch (error) {
      throw wrong(`an element of ${this.#path}`, error, store)
    }
  }

  get size(): number {
    return this.#rows().length
  }
  has(value: unknown): boolean {
    const { type, base, store } = this[PLACE]
    return store.has(base, type, this.#element(value))
  }
  add(value: unknown): this {
    const { type, base, store } = this[PLACE]
    store.put(base, type, this.#element(value), true)
    return this
  }
  delete(value: unknown): boolean {
    const { type, base, store } = this[PLACE]
    const element = this.#element(value)
    const there = store.has(base, type, element)
    if (there) store.put(base, type, element, false)
    return there
  }
  clear(): void {
    const { type, base, store } = this[PLACE]
    store.write(base, type.number([]))
  }
  *[Symbol.iterator](): IterableIterator<unknown> {
    const { type, base, store } = this[PLACE]
    yield* type.elements([store.read(base)], 0)
  }
  [QUANTIFY](): { elements: readonly unknown[] } {
    return { elements: [...this] }
  }
}

/** A multiset with a slot per possible element. */
class BagView implements Bag<unknown> {
  readonly [SHAPE] = 'bag'
  readonly [PLACE]: { readonly type: BagType<AnyType>; readonly base: number; readonly store: Store }
  readonly #path: string

  constructor(type: BagType<AnyType>, base: number, path: string, store: Store) {
    this[PLACE] = { type, base, store }
    this.#path = path
  }

  #slot(value: unknown): number {
    const { type, base, store } = this[PLACE]
    try {
      return base + type.inner.rankOf(value)
    } catch (error) {
      throw wrong(`an element of ${this.#path}`, error, store)
    }
  }

  get size(): number {
    const { type, base, store } = this[PLACE]
    let size = 0
    for (let i = 0; i < type.slots.length; i++) size += store.read(base + i)
    return size
  }
  has(value: unknown): boolean {
    return this.count(value) > 0
  }
  count(value: unknown): number {
    return this[PLACE].store.read(this.#slot(value))
  }
  add(value: unknown): this {
    const slot = this.#slot(value)
    const { type, store } = this[PLACE]
    const before = store.read(slot)
    if (before >= type.max) throw wrong(this.#path, type.overflow(value), store)
    store.write(slot, before + 1)
    return this
  }
  delete(value: unknown): boolean {
    const slot = this.#slot(value)
    const { store } = this[PLACE]
    const before = store.read(slot)
    if (before > 0) store.write(slot, before - 1)
    return before > 0
  }
  clear(): void {
    const { type, base, store } = this[PLACE]
    for (let i = 0; i < type.slots.length; i++) store.write(base + i, 0)
  }
  distinct(): unknown[] {
    const { type, base, store } = this[PLACE]
    return (type.inner.values() as readonly unknown[]).filter((_, i) => store.read(base + i) > 0)
  }
  *[Symbol.iterator](): IterableIterator<unknown> {
    const { type, base, store } = this[PLACE]
    const values = type.inner.values() as readonly unknown[]
    for (let i = 0; i < values.length; i++) for (let n = store.read(base + i); n > 0; n--) yield values[i]
  }
  [QUANTIFY](): { elements: readonly unknown[]; present: (index: number) => boolean } {
    const { type, base, store } = this[PLACE]
    return { elements: type.inner.values(), present: (index) => store.read(base + index) > 0 }
  }
}

/** Methods of arrays that only read `length` and indices, and write nothing: they work on anything like an array. */
const BORROWED = [
  'at',
  'every',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'flatMap',
  'forEach',
  'join',
  'map',
  'reduce',
  'reduceRight',
  'slice',
  'some',
  'toReversed',
  'toSorted',
  'with',
  'keys',
  'values',
  'entries',
] as const

/** What a live sequence adds to an array: its changes, and structural equality in searches. */
class SeqMethods {
  declare readonly [SHAPE]: 'seq'
  declare readonly [PLACE]: {
    readonly type: SeqType<AnyType>
    readonly base: number
    readonly store: Store
    readonly path: string
    readonly places: readonly Place[]
  }
  declare length: number

  push(...values: unknown[]): number {
    const { type, base, store, path, places } = this[PLACE]
    let length = store.read(base)
    for (const value of values) {
      if (length >= type.max) throw wrong(path, type.overflow(length + 1), store)
      ;(places[length] as Place).set(value)
      store.write(base, ++length)
    }
    return length
  }
  pop(): unknown {
    const { base, store } = this[PLACE]
    const length = store.read(base)
    if (length === 0) return undefined
    const last = plainElement(this, length - 1)
    clearElement(this, length - 1)
    store.write(base, length - 1)
    return last
  }
  shift(): unknown {
    const { base, store } = this[PLACE]
    const length = store.read(base)
    if (length === 0) return undefined
    const first = plainElement(this, 0)
    const width = widthOf(this)
    copySlots(store, elementBase(this, 0), elementBase(this, 1), (length - 1) * width)
    clearElement(this, length - 1)
    store.write(base, length - 1)
    return first
  }
  unshift(...values: unknown[]): number {
    const { type, base, store, path, places } = this[PLACE]
    const length = store.read(base)
    if (length + values.length > type.max) throw wrong(path, type.overflow(length + values.length), store)
    copySlots(store, elementBase(this, values.length), elementBase(this, 0), length * widthOf(this))
    for (let i = 0; i < values.length; i++) (places[i] as Place).set(values[i])
    store.write(base, length + values.length)
    return length + values.length
  }
  splice(start: number, ...rest: [remove?: number, ...values: unknown[]]): unknown[] {
    const { type, base, path, store } = this[PLACE]
    const all = plainElements(this)
    const removed = all.splice(start, ...(rest as [number, ...unknown[]]))
    assign(type, base, path, all, store)
    return removed
  }
  // What moves elements within the sequence works on plain ones: a live view would change under it.
  reverse(): this {
    return replaced(this, (all) => all.reverse())
  }
  sort(compare?: (a: unknown, b: unknown) => number): this {
    return replaced(this, (all) => all.sort(compare))
  }
  fill(value: unknown, start?: number, end?: number): this {
    return replaced(this, (all) => all.fill(value, start, end))
  }
  copyWithin(target: number, start: number, end?: number): this {
    return replaced(this, (all) => all.copyWithin(target, start, end))
  }
  concat(...others: unknown[]): unknown[] {
    return ([] as unknown[]).concat(
      plainElements(this),
      ...(others.map((other) => (Symbol.isConcatSpreadable in Object(other) ? [...(other as Iterable<unknown>)] : other)) as unknown[][]),
    )
  }
  indexOf(value: unknown): number {
    const key = keyOf(value)
    for (let i = 0; i < this.length; i++) if (keyOf(this[PLACE].places[i]?.get()) === key) return i
    return -1
  }
  lastIndexOf(value: unknown): number {
    const key = keyOf(value)
    for (let i = this.length - 1; i >= 0; i--) if (keyOf(this[PLACE].places[i]?.get()) === key) return i
    return -1
  }
  includes(value: unknown): boolean {
    return this.indexOf(value) >= 0
  }
  *[Symbol.iterator](): IterableIterator<unknown> {
    for (let i = 0; i < this.length; i++) yield this[PLACE].places[i]?.get()
  }
}

const widthOf = (view: SeqMethods): number => view[PLACE].type.inner.slots.length
const elementBase = (view: SeqMethods, index: number): number => view[PLACE].base + 1 + index * widthOf(view)
/** An element as a plain value, which stays what it is when the sequence changes. */
function plainElement(view: SeqMethods, index: number): unknown {
  const { type, store } = view[PLACE]
  const row = Array.from({ length: widthOf(view) }, (_, i) => store.read(elementBase(view, index) + i))
  return type.inner.decode(row, 0)
}
const plainElements = (view: SeqMethods): unknown[] => Array.from({ length: view.length }, (_, i) => plainElement(view, i))
function clearElement(view: SeqMethods, index: number): void {
  for (let i = 0; i < widthOf(view); i++) view[PLACE].store.write(elementBase(view, index) + i, 0)
}

/** Changes the elements as a plain array and writes them back. */
function replaced<V extends SeqMethods>(view: V, change: (all: unknown[]) => unknown): V {
  const { type, base, path, store } = view[PLACE]
  const all = plainElements(view)
  change(all)
  assign(type, base, path, all, store)
  return view
}

for (const name of BORROWED)
  Object.defineProperty(SeqMethods.prototype, name, { value: (Array.prototype as unknown as Record<string, unknown>)[name] })

function seqView(type: SeqType<AnyType>, base: number, path: string, store: Store): object {
  const width = type.inner.slots.length
  const places = Array.from({ length: type.max }, (_, i) => placeOf(type.inner, base + 1 + i * width, `${path}[${i}]`, store))
  // An index that is no element: reading gives undefined as with arrays; writing past the end is a mistake.
  const beyond = new Proxy(SeqMethods.prototype, {
    get(target, name, view) {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, view)
      if (/^-?\d+$/.test(name)) return undefined
      if (name === 'toJSON' || name === 'then') return undefined
      throw new SpecError(`${store.what} reads ${path}.${name}, but a sequence has no ${show(name)}`)
    },
    set(_target, name) {
      throw /^\d+$/.test(String(name))
        ? wrong(path, type.overflow(Number(name) + 1), store)
        : new SpecError(`${store.what} writes ${path}.${String(name)}, but a sequence has no ${show(String(name))}`)
    },
  })
  const view = Object.create(beyond) as SeqMethods
  Object.defineProperty(view, SHAPE, { value: 'seq' })
  Object.defineProperty(view, Symbol.isConcatSpreadable, { value: true })
  Object.defineProperty(view, PLACE, { value: { type, base, store, path, places } })
  Object.defineProperty(view, 'length', {
    get: () => store.read(base),
    set(length: number) {
      const before = store.read(base)
      if (!Number.isInteger(length) || length < 0 || length > before) {
        throw new SpecError(`${path}.length in ${store.what}: ${show(length)} is not a length from 0 to ${before}`, {
          hint: 'a sequence grows by push()',
        })
      }
      for (let i = base + 1 + length * width; i < base + 1 + before * width; i++) store.write(i, 0)
      store.write(base, length)
    },
  })
  places.forEach((place, i) => {
    Object.defineProperty(view, i, {
      enumerable: true,
      get: () => (i < store.read(base) ? place.get() : undefined),
      set(value: unknown) {
        const length = store.read(base)
        if (i > length)
          throw new SpecError(`${path}[${i}] in ${store.what}: the sequence has ${length} elements, so there would be a hole`, { hint: 'use push()' })
        place.set(value)
        if (i === length) store.write(base, length + 1)
      },
    })
  })
  return view
}

/** The values from which a live view or a type may be chosen, where they can be told without reading them all. */
export function liveSequence(value: unknown): { length: number; at: (index: number) => unknown } | undefined {
  if (typeof value !== 'object' || value === null || !(SHAPE in value) || !(PLACE in value) || (value as { [SHAPE]: unknown })[SHAPE] !== 'seq')
    return undefined
  const view = value as SeqMethods
  return { length: view.length, at: (index) => plainElement(view, index) }
}
