import { Record as ImmutableRecord } from 'immutable'
import type { Content, Graph, Node } from '../drafts/graph.ts'
import { ObjectNode, Shape } from '../drafts/object.ts'
import { ValueSet } from '../values/collections.ts'
import { plainObject } from '../values/plain.ts'
import { type AnyType, type Infer, type InferRead, product, show, Type, ValueError, within } from './type.ts'

export type Fields = Readonly<Record<string, AnyType>>
export type DraftOf<F extends Fields> = { -readonly [K in keyof F]: Infer<F[K]> }
export type ReadOf<F extends Fields> = { readonly [K in keyof F]: InferRead<F[K]> }

export class RecordType<F extends Fields> extends Type<DraftOf<F>, ReadOf<F>> {
  readonly kind = 'record'
  readonly size: number
  readonly slots: readonly number[]
  readonly fields: readonly (readonly [name: string, type: AnyType, offset: number])[]
  readonly #names: ReadonlySet<string>
  #factory: ((entries: Iterable<[string, unknown]>) => unknown) | undefined

  constructor(fields: F) {
    super()
    let offset = 0
    this.fields = Object.entries(fields).map(([name, type]) => {
      if (!(type instanceof Type)) throw new ValueError(`field ${show(name)}: ${show(type)} is not a type`)
      const at = offset
      offset += type.slots.length
      return [name, type, at] as const
    })
    this.slots = this.fields.flatMap(([, type]) => type.slots)
    this.size = product(this.fields.map(([, type]) => type.size))
    this.#names = new Set(this.fields.map(([name]) => name))
  }

  override get parts(): readonly AnyType[] {
    return this.fields.map(([, type]) => type)
  }

  #text: string | undefined
  toString(): string {
    this.#text ??= this.#write()
    return this.#text
  }
  #write(): string {
    return `record({ ${this.fields.map(([name, type]) => `${name}: ${type}`).join(', ')} })`
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ValueError(`${show(value)} is not a record: ${this} was expected`)
    this.encodeFields(value, out, at, this)
  }

  /** Writes the fields of an object; `except` is a key that is allowed besides the fields. */
  encodeFields(value: object, out: number[] | Int32Array, at: number, expected: { toString(): string }, except?: string): void {
    for (const key of Object.keys(value)) {
      if (!this.#names.has(key) && key !== except) throw new ValueError(`there is no field ${show(key)} in ${expected}`)
    }
    for (const [name, type, offset] of this.fields) {
      if (!Object.hasOwn(value, name)) throw new ValueError(`the field ${show(name)} of ${expected} is missing`)
      within(`.${name}`, () => type.encode((value as Record<string, unknown>)[name], out, at + offset))
    }
  }

  #shape: Shape | undefined
  /** The fields for drafts; `the state` where it is one. */
  shape(what = 'the record'): Shape {
    return (this.#shape ??= new Shape(
      this.fields.map(([name, type, offset]) => ({ name, type, offset })),
      what,
    ))
  }
  protected override node(graph: Graph, base: number, path: string): Node {
    return new ObjectNode(graph, this, this.shape(path === '' ? 'the state' : 'the record'), base, path)
  }
  protected override acceptOther(graph: Graph, value: unknown): Content {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ValueError(`${show(value)} is not a record: ${this} was expected`)
    this.acceptFields(graph, value, this)
    return value
  }
  /** Checks the fields of an object of the function's own; what is in them stays as it is. */
  acceptFields(graph: Graph, value: object, expected: { toString(): string }, except?: string): void {
    this.#checkNames(value, expected, except)
    for (const [name, type] of this.fields) within(`.${name}`, () => type.accept(graph, (value as Record<string, unknown>)[name]))
  }
  protected override saveOther(graph: Graph, value: unknown, to: number, path: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ValueError(`${show(value)} is not a record: ${this} was expected`)
    this.saveFields(graph, value, to, path, this)
  }
  saveFields(graph: Graph, value: object, to: number, path: string, expected: { toString(): string }, except?: string): void {
    this.#checkNames(value, expected, except)
    for (const [name, type, offset] of this.fields)
      within(`.${name}`, () => type.save(graph, (value as Record<string, unknown>)[name], to + offset, `${path}.${name}`))
  }
  #checkNames(value: object, expected: { toString(): string }, except: string | undefined): void {
    for (const key of Object.keys(value)) {
      if (!this.#names.has(key) && key !== except) throw new ValueError(`there is no field ${show(key)} in ${expected}`)
    }
    for (const [name] of this.fields) if (!Object.hasOwn(value, name)) throw new ValueError(`the field ${show(name)} of ${expected} is missing`)
  }
  override thaw(slots: ArrayLike<number>, at: number): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    for (const [name, type, offset] of this.fields) {
      putField(object, name, type, type.thaw(slots, at + offset))
    }
    return object
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    for (const [, type, offset] of this.fields) {
      const difference = type.compare(a, b, at + offset)
      if (difference !== 0) return difference
    }
    return 0
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    for (const [, type, offset] of this.fields) type.vary(slots, at + offset, known, random)
  }

  decode(slots: ArrayLike<number>, at: number): DraftOf<F> {
    return Object.freeze(plainObject(this.fields.map(([name, type, offset]) => [name, type.decode(slots, at + offset)]))) as DraftOf<F>
  }

  immutable(plain: unknown): unknown {
    this.#factory ??= recordFactory(this.fields.map(([name]) => name))
    return this.#factory(this.fields.map(([name, type]) => [name, type.immutable((plain as Record<string, unknown>)[name])]))
  }

  rank(slots: ArrayLike<number>, at: number): number {
    let rank = 0
    for (const [, type, offset] of this.fields) rank = rank * type.size + type.rank(slots, at + offset)
    return rank
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    for (let i = this.fields.length - 1; i >= 0; i--) {
      const [, type, offset] = this.fields[i] as (typeof this.fields)[number]
      type.unrank(rank % type.size, out, at + offset)
      rank = Math.floor(rank / type.size)
    }
  }
}

/** A record with these fields, a draft object in actions; every field starts with the initial value of its type. */
export function record<F extends Fields>(fields: F): RecordType<F> {
  return new RecordType(fields)
}

/** Puts a field into plain data that is being made. */
export function putField(object: Record<string, unknown>, name: string, type: AnyType, value: unknown): void {
  if (type.kind !== 'set' && name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, plainField(type, value))
}

/** A field of plain data. Sets that are put into it have equality by value from then on, as those of the state. */
function plainField(type: AnyType, value: unknown): PropertyDescriptor {
  if (type.kind !== 'set') return { value, enumerable: true, writable: true, configurable: true }
  let held = value
  return {
    get: () => held,
    set: (next: unknown) => {
      held = next instanceof Set ? ValueSet.adopt(next) : next
    },
    enumerable: true,
    configurable: true,
  }
}

/** A record without fields: what every Immutable record has is reserved. */
const EMPTY = ImmutableRecord({})()

/**
 * Makes Immutable records with these fields. The names are data: a field may be called like a method of records, which Immutable itself refuses.
 * Such a field has no property of its own, but `get`, `has`, iteration, equality and all that is made of them know it.
 */
export function recordFactory(names: readonly string[]): (entries: Iterable<[string, unknown]>) => unknown {
  const nulls = (fields: readonly string[]): Record<string, unknown> => plainObject(fields.map((name) => [name, null]))
  const make = ImmutableRecord(nulls(names.filter((name) => !(name in EMPTY))))
  // The first record fixes the tables of its kind, from the names that have properties; here they are replaced by tables of all names.
  const prototype = Object.getPrototypeOf(make())
  const indices = plainObject(names.map((name, i) => [name, i]))
  Object.assign(prototype, { _keys: names, _indices: indices, _defaultValues: nulls(names), has: (name: string) => Object.hasOwn(indices, name) })
  return (entries) => make(entries as Iterable<[string, never]>)
}
