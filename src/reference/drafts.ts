/**
 * Drafts over frozen plain values, written to be seen to be right.
 *
 * The state is one frozen plain value in a `Root`. A `Place` is a part of it that can be read and replaced; replacing a part replaces
 * everything around it up to the root. A view is an object that shows one place: it holds no value, so it always shows the newest.
 *
 *     s.region.r1.phase = 'active'      root = { …root, region: { …region, r1: { …r1, phase: 'active' } } }
 *
 * Whatever is assigned goes through the slots of its type and back (`copyOf`), which checks it, copies it and puts it in order.
 */
import { SpecError, suggest } from '../errors.ts'
import type { BagType } from '../types/bag.ts'
import { type Bag, keyOf, SetByValue as SetReads, SHAPE } from '../types/collections.ts'
import type { MapType } from '../types/map.ts'
import type { OptionType } from '../types/option.ts'
import { QUANTIFY } from '../types/quantify.ts'
import type { Fields, RecordType } from '../types/record.ts'
import type { SeqType } from '../types/seq.ts'
import type { SetType } from '../types/set.ts'
import { type AnyType, show, ValueError } from '../types/type.ts'
import type { UnionType, Variants } from '../types/union.ts'

/** The state while one function of the spec looks at it. */
export interface Root {
  value: unknown
  /** What looks at it, for messages: `the action Prepare(region: r1)`. */
  readonly what: string
  /** Whether it may only be looked at: in predicates, and in callbacks of quantifiers. */
  readonly: boolean
}

/** A view of the state in `root`. */
export function draftOf(type: RecordType<Fields>, root: Root): object {
  return new Place(
    type,
    '',
    root,
    () => root.value,
    (value) => {
      root.value = value
    },
  ).get() as object
}

/** The plain value that a view shows now; any other value as it is. */
export function plainOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const plain = (value as { [PLAIN]?: () => unknown })[PLAIN]
  return plain === undefined ? value : plain()
}
const PLAIN: unique symbol = Symbol('tsmc.plain')

/** The value in the form in which a state holds it. Throws `ValueError`. */
function copyOf(type: AnyType, value: unknown): unknown {
  return type.decode(type.row(value), 0)
}

/** The value of an option that is not null: at the same place as the option itself. */
const INSIDE: unique symbol = Symbol('tsmc.inside')

class Place {
  readonly type: AnyType
  readonly path: string
  readonly root: Root
  /** The plain value here. */
  readonly read: () => unknown
  readonly #replace: (value: unknown) => void
  readonly #parts = new Map<string | typeof INSIDE, Place>()
  #view: object | undefined

  constructor(type: AnyType, path: string, root: Root, read: () => unknown, replace: (value: unknown) => void) {
    this.type = type
    this.path = path
    this.root = root
    this.read = read
    this.#replace = replace
  }

  /** What a function of the spec gets when it reads this place: a scalar, or a view. */
  get(): unknown {
    switch (this.type.kind) {
      case 'record':
      case 'map':
      case 'union':
        return (this.#view ??= objectView(this))
      case 'set':
        return (this.#view ??= new SetView(this))
      case 'bag':
        return (this.#view ??= new BagView(this))
      case 'seq':
        return (this.#view ??= seqView(this))
      case 'option':
        return this.read() === null ? null : this.part(INSIDE, (this.type as OptionType<AnyType>).inner).get()
      default:
        return this.read()
    }
  }

  /** Replaces the value here by a copy of the given one. */
  assign(value: unknown): void {
    this.mayWrite()
    const copy = this.checked('', () => copyOf(this.type, value))
    this.#replace(copy)
  }

  mayWrite(): void {
    if (this.root.readonly)
      throw new SpecError(`${this.root.what} writes ${this.path || 'the state'}, but it may only read`, {
        hint: 'the state changes in actions only, and not in the callbacks of quantifiers',
      })
  }

  /** Runs something that throws `ValueError` for a wrong value, and says where the value was meant to go. */
  checked<T>(prefix: string, run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      throw new SpecError(`${prefix}${this.path}${error.path} in ${this.root.what}: ${error.message}`)
    }
  }

  /** A part of the value here: a field, the value of a key, an element of a sequence, or what is inside an option. */
  part(name: string | typeof INSIDE, type: AnyType): Place {
    const known = this.#parts.get(name)
    if (known?.type === type) return known
    const path = name === INSIDE ? this.path : this.path === '' ? name : /^-?\d/.test(name) ? `${this.path}[${name}]` : `${this.path}.${name}`
    const read = (): unknown => {
      const whole = this.read()
      if (name === INSIDE && whole !== null) return whole
      if (name !== INSIDE && typeof whole === 'object' && whole !== null && Object.hasOwn(whole, name))
        return (whole as Record<string, unknown>)[name]
      throw new SpecError(`${this.root.what} reads ${path}, which is no longer there`, {
        hint: 'a composite value read from the state shows its place, not the value that was there; read it before the change',
      })
    }
    const replace = (value: unknown): void => {
      if (name === INSIDE) this.#replace(value)
      else if (this.type.kind === 'seq') this.#replace(Object.freeze((this.read() as readonly unknown[]).with(Number(name), value)))
      else this.#replace(Object.freeze({ ...(this.read() as object), [name]: value }))
    }
    const place = new Place(type, path, this.root, read, replace)
    this.#parts.set(name, place)
    return place
  }
}

/** Names that JavaScript itself asks any object for. */
const ASKED_OF_ALL = ['toJSON', 'then', 'constructor']

/** Records, maps and unions: objects whose fields are the parts of the place. */
function objectView(place: Place): object {
  const { type, path, root } = place
  const tag = type.kind === 'union' ? (type as unknown as UnionType<string, Variants>).tag : undefined
  const variant = (): string => (place.read() as Record<string, string>)[tag as string] as string
  const fieldsOf = (fields: RecordType<Fields>['fields']): Map<string, AnyType> => new Map(fields.map(([name, inner]) => [name, inner]))
  const fields = (): Map<string, AnyType> => {
    if (type.kind === 'record') return fieldsOf((type as RecordType<Fields>).fields)
    if (type.kind === 'map') return new Map((type as MapType<string, AnyType>).names.map((name) => [name, (type as MapType<string, AnyType>).inner]))
    return fieldsOf((type as unknown as UnionType<string, Variants>).variants.find(([name]) => name === variant())?.[1].fields ?? [])
  }
  const ofOtherVariant = (name: string): boolean =>
    type.kind === 'union' &&
    (type as unknown as UnionType<string, Variants>).variants.some(([, body]) => body.fields.some(([field]) => field === name))
  const names = (): string[] => [...(tag === undefined ? [] : [tag]), ...fields().keys()]
  const unknown = (verb: string, name: string): never => {
    const what = path === '' ? 'the state' : tag === undefined ? `the ${type.kind}` : `the variant ${show(variant())}`
    throw new SpecError(`${root.what} ${verb} ${path === '' ? '' : `${path}.`}${name}, but ${what} has no ${show(name)}`, {
      hint: suggest(name, names()),
    })
  }
  return new Proxy(
    {},
    {
      get(_target, name) {
        if (name === PLAIN) return place.read
        if (typeof name === 'symbol') return undefined
        if (name === tag) return variant()
        const inner = fields().get(name)
        if (inner) return place.part(name, inner).get()
        if (ASKED_OF_ALL.includes(name) || ofOtherVariant(name)) return undefined
        if (name === 'toString' || name === 'valueOf') return () => path || 'the state'
        return unknown('reads', name)
      },
      set(_target, name, value) {
        if (name === tag)
          throw new SpecError(`${root.what} writes ${path}.${String(name)}, the tag of a union`, {
            hint: 'assign a whole record of the other variant instead',
          })
        const inner = typeof name === 'string' ? fields().get(name) : undefined
        if (!inner) return unknown('writes', String(name))
        place.part(name as string, inner).assign(value)
        return true
      },
      deleteProperty: (_target, name) => {
        throw new SpecError(`${root.what} deletes ${path === '' ? '' : `${path}.`}${String(name)}`, {
          hint: `${type} has all its fields at all times; use option(…) for what may be absent`,
        })
      },
      has: (_target, name) => typeof name === 'string' && names().includes(name),
      ownKeys: names,
      getOwnPropertyDescriptor(_target, name) {
        if (typeof name !== 'string' || !names().includes(name)) return undefined
        const inner = fields().get(name)
        return { value: inner ? place.part(name, inner).get() : variant(), enumerable: true, configurable: true, writable: true }
      },
    },
  )
}

/** A set. Its elements are handed out as plain values, in the order of the element type. */
class SetView extends SetReads<unknown> {
  readonly #place: Place
  constructor(place: Place) {
    super()
    this.#place = place
  }
  get #elements(): unknown[] {
    return [...(this.#place.read() as Iterable<unknown>)]
  }
  #indexOf(value: unknown): number {
    const { inner } = this.#place.type as SetType<AnyType>
    const row = this.#place.checked('an element of ', () => String(inner.row(value)))
    return this.#elements.findIndex((element) => String(inner.row(element)) === row)
  }
  [PLAIN] = (): unknown => this.#place.read()
  get size(): number {
    return this.#elements.length
  }
  has(value: unknown): boolean {
    return this.#indexOf(value) >= 0
  }
  [Symbol.iterator](): IterableIterator<unknown> {
    return this.#elements[Symbol.iterator]()
  }
  [QUANTIFY](): any {
    const elements = this.#elements
    return { n: elements.length, element: (i: number) => elements[i] }
  }
  add(value: unknown): this {
    this.#place.mayWrite()
    if (!this.has(value)) this.#place.assign([...this.#elements, value])
    return this
  }
  delete(value: unknown): boolean {
    this.#place.mayWrite()
    const index = this.#indexOf(value)
    if (index >= 0) this.#place.assign(this.#elements.toSpliced(index, 1))
    return index >= 0
  }
  clear(): void {
    this.#place.assign([])
  }
  toJSON(): unknown {
    return this.#elements
  }
}

/** A multiset. An element is listed once per copy, and once by `distinct` and quantifiers. */
class BagView implements Bag<unknown> {
  readonly [SHAPE] = 'bag'
  readonly #place: Place
  constructor(place: Place) {
    this.#place = place
  }
  get #plain(): Bag<unknown> {
    return this.#place.read() as Bag<unknown>
  }
  [PLAIN] = (): unknown => this.#place.read()
  get size(): number {
    return this.#plain.size
  }
  count(value: unknown): number {
    const { inner } = this.#place.type as BagType<AnyType>
    const rank = this.#place.checked('an element of ', () => inner.rankOf(value))
    return [...this.#plain].filter((element) => inner.rankOf(element) === rank).length
  }
  has(value: unknown): boolean {
    return this.count(value) > 0
  }
  distinct(): unknown[] {
    return this.#plain.distinct()
  }
  [Symbol.iterator](): Iterator<unknown> {
    return this.#plain[Symbol.iterator]()
  }
  [QUANTIFY](): any {
    const elements = this.distinct()
    return { n: elements.length, element: (i: number) => elements[i] }
  }
  add(value: unknown): this {
    this.#place.mayWrite()
    this.#place.checked('an element of ', () => (this.#place.type as BagType<AnyType>).inner.row(value))
    this.#place.assign([...this, value])
    return this
  }
  delete(value: unknown): boolean {
    this.#place.mayWrite()
    if (!this.has(value)) return false
    const { inner } = this.#place.type as BagType<AnyType>
    const elements = [...this]
    this.#place.assign(
      elements.toSpliced(
        elements.findIndex((element) => inner.rankOf(element) === inner.rankOf(value)),
        1,
      ),
    )
    return true
  }
  clear(): void {
    this.#place.assign([])
  }
  toJSON(): unknown {
    return [...this]
  }
}

const CHANGING = ['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin']
const SEARCHING = ['indexOf', 'lastIndexOf', 'includes']

/** A sequence: an array whose elements are the parts of the place. What changes it changes a plain copy, which is then assigned. */
function seqView(place: Place): object {
  const { path, root } = place
  const type = place.type as SeqType<AnyType>
  const elements = (): readonly unknown[] => place.read() as readonly unknown[]
  const indexOf = (name: string | symbol): number | undefined => (typeof name === 'string' && /^\d+$/.test(name) ? Number(name) : undefined)
  // biome-ignore lint/suspicious/noExplicitAny: a method of arrays by its name
  const call = (array: unknown[], name: string, args: unknown[]): unknown => (array as any)[name](...args)
  const view: object = new Proxy([] as unknown[], {
    get(_target, name) {
      if (name === PLAIN) return place.read
      if (name === 'length') return elements().length
      const index = indexOf(name)
      if (index !== undefined) return index < elements().length ? place.part(String(index), type.inner).get() : undefined
      if (CHANGING.includes(String(name))) {
        return (...args: unknown[]) => {
          const copy = [...elements()]
          const result = call(copy, String(name), args)
          place.assign(copy)
          return result === copy ? view : result
        }
      }
      if (SEARCHING.includes(String(name)))
        return (value: unknown, ...from: unknown[]) => call(elements().map(keyOf), String(name), [keyOf(value), ...from])
      if (typeof name === 'symbol' || name in Array.prototype || ASKED_OF_ALL.includes(name) || /^-\d+$/.test(name))
        return (Array.prototype as unknown as Record<string | symbol, unknown>)[name]
      throw new SpecError(`${root.what} reads ${path}.${name}, but a sequence has no ${show(name)}`)
    },
    set(_target, name, value) {
      place.mayWrite()
      const { length } = elements()
      const index = indexOf(name)
      if (name === 'length') {
        if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > length) {
          throw new SpecError(`${path}.length in ${root.what}: ${show(value)} is not a length from 0 to ${length}`, {
            hint: 'a sequence grows by push()',
          })
        }
        place.assign(elements().slice(0, value as number))
      } else if (index === undefined) {
        throw new SpecError(`${root.what} writes ${path}.${String(name)}, but a sequence has no ${show(String(name))}`)
      } else if (index < length) {
        place.part(String(index), type.inner).assign(value)
      } else if (index >= type.max) {
        place.checked('', () => {
          throw type.overflow(index + 1)
        })
      } else if (index > length) {
        throw new SpecError(`${path}[${index}] in ${root.what}: the sequence has ${length} elements, so there would be a hole`, {
          hint: 'use push()',
        })
      } else {
        place.assign([...elements(), value])
      }
      return true
    },
    deleteProperty: (_target, name) => {
      throw new SpecError(`${root.what} deletes ${path}[${String(name)}], which would leave a hole`, { hint: 'use splice()' })
    },
    has: (_target, name) => {
      const index = indexOf(name)
      return index === undefined ? name in Array.prototype : index < elements().length
    },
    ownKeys: () => [...elements().keys()].map(String).concat('length'),
    getOwnPropertyDescriptor(target, name) {
      if (name === 'length') return { ...Object.getOwnPropertyDescriptor(target, 'length'), value: elements().length }
      const index = indexOf(name)
      if (index === undefined || index >= elements().length) return undefined
      return { value: place.part(String(index), type.inner).get(), enumerable: true, configurable: true, writable: true }
    },
  })
  return view
}
