import { Map as ImmutableMap } from 'immutable'
import type { Content, Graph, Node } from '../drafts/graph.ts'
import { ObjectNode, Shape } from '../drafts/object.ts'
import { plainObject } from '../values/plain.ts'
import { putField } from './record.ts'
import { type AnyType, type Infer, type InferRead, show, Type, ValueError, within } from './type.ts'

export class MapType<K extends string | number, T extends AnyType> extends Type<Record<K, Infer<T>>, Readonly<Record<K, InferRead<T>>>> {
  readonly kind = 'map'
  readonly size: number
  readonly slots: readonly number[]
  readonly keys: Type<K>
  readonly inner: T
  /** The keys as property names, in order. */
  readonly names: readonly string[]

  constructor(keys: Type<K>, inner: T) {
    super()
    if (!['enum', 'ids', 'int'].includes(keys.kind))
      throw new ValueError(`map(${keys}, …): the keys must be ids, enumOf or int; for pairs of keys nest two maps`)
    if (keys.size > 1 << 16) throw new ValueError(`map(${keys}, …): at most 65536 keys`)
    this.keys = keys
    this.inner = inner
    this.names = keys.values().map(String)
    this.slots = this.names.flatMap(() => inner.slots)
    const size = inner.size ** this.names.length
    this.size = size > Number.MAX_SAFE_INTEGER ? Infinity : size
  }

  #shape: Shape | undefined
  protected override node(graph: Graph, base: number, path: string): Node {
    const width = this.inner.slots.length
    this.#shape ??= new Shape(
      this.names.map((name, i) => ({ name, type: this.inner, offset: i * width })),
      `${this.keys}`,
    )
    return new ObjectNode(graph, this, this.#shape, base, path)
  }
  #check(value: unknown): asserts value is Record<string, unknown> {
    if (typeof value !== 'object' || value === null) throw new ValueError(`${show(value)} is not a map: ${this} was expected`)
    for (const key of Object.keys(value)) {
      if (!this.names.includes(key)) throw new ValueError(`there is no key ${show(key)} in ${this}`)
    }
    for (const name of this.names)
      if (!Object.hasOwn(value, name)) throw new ValueError(`the key ${show(name)} of ${this} is missing: a map has a value for every key`)
  }
  protected override acceptOther(graph: Graph, value: unknown): Content {
    this.#check(value)
    const object = value as Record<string, unknown>
    for (const name of this.names) within(`.${name}`, () => this.inner.accept(graph, object[name]))
    return value
  }
  protected override saveOther(graph: Graph, value: unknown, to: number, path: string): void {
    this.#check(value)
    const object = value as Record<string, unknown>
    const width = this.inner.slots.length
    this.names.forEach((name, i) => {
      within(`.${name}`, () => this.inner.save(graph, object[name], to + i * width, `${path}.${name}`))
    })
  }
  override thaw(slots: ArrayLike<number>, at: number): Record<string, unknown> {
    const width = this.inner.slots.length
    const object: Record<string, unknown> = {}
    this.names.forEach((name, i) => {
      putField(object, name, this.inner, this.inner.thaw(slots, at + i * width))
    })
    return object
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    const width = this.inner.slots.length
    for (let i = 0; i < this.names.length; i++) {
      const difference = this.inner.compare(a, b, at + i * width)
      if (difference !== 0) return difference
    }
    return 0
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    const width = this.inner.slots.length
    for (let i = 0; i < this.names.length; i++) this.inner.vary(slots, at + i * width, known, random)
  }

  override get parts(): readonly AnyType[] {
    return [this.keys, this.inner]
  }

  toString(): string {
    return `map(${this.keys}, ${this.inner})`
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (typeof value !== 'object' || value === null) throw new ValueError(`${show(value)} is not a map: ${this} was expected`)
    for (const key of Object.keys(value)) {
      if (!this.names.includes(key)) throw new ValueError(`there is no key ${show(key)} in ${this}`)
    }
    this.names.forEach((name, i) => {
      if (!Object.hasOwn(value, name)) throw new ValueError(`the key ${show(name)} of ${this} is missing: a map has a value for every key`)
      within(`.${name}`, () => this.inner.encode((value as Record<string, unknown>)[name], out, at + i * this.inner.slots.length))
    })
  }

  decode(slots: ArrayLike<number>, at: number): Record<K, Infer<T>> {
    const width = this.inner.slots.length
    return Object.freeze(plainObject(this.names.map((name, i) => [name, this.inner.decode(slots, at + i * width)]))) as Record<K, Infer<T>>
  }

  immutable(plain: unknown): unknown {
    const object = plain as Record<string, unknown>
    return ImmutableMap(this.keys.values().map((key): [K, unknown] => [key, this.inner.immutable(object[String(key)])]))
  }

  rank(slots: ArrayLike<number>, at: number): number {
    let rank = 0
    for (let i = 0; i < this.names.length; i++) rank = rank * this.inner.size + this.inner.rank(slots, at + i * this.inner.slots.length)
    return rank
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    for (let i = this.names.length - 1; i >= 0; i--) {
      this.inner.unrank(rank % this.inner.size, out, at + i * this.inner.slots.length)
      rank = Math.floor(rank / this.inner.size)
    }
  }
}

/** A value for every key of a finite domain, a draft object indexed by key in actions: `s.region[r].phase = 'active'`. */
export function map<K extends string | number, T extends AnyType>(keys: Type<K>, inner: T): MapType<K, T> {
  return new MapType(keys, inner)
}
