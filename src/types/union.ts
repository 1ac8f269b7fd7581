import type { Content, Graph, Node } from '../drafts/graph.ts'
import { Shape, UnionNode } from '../drafts/object.ts'
import { plainObject } from '../values/plain.ts'
import { type Fields, putField, RecordType, recordFactory } from './record.ts'
import { type AnyType, type Infer, type InferRead, show, type Simplify, Type, ValueError } from './type.ts'

export type Variants = Readonly<Record<string, Fields>>
type DraftVariant<G extends string, V extends Variants> = {
  [K in keyof V]: Simplify<{ readonly [T in G]: K } & { -readonly [N in keyof V[K]]: Infer<V[K][N]> }>
}[keyof V]
type ReadVariant<G extends string, V extends Variants> = {
  [K in keyof V]: Simplify<{ readonly [T in G]: K } & { readonly [N in keyof V[K]]: InferRead<V[K][N]> }>
}[keyof V]

/**
 * A tag slot, then the variants laid over one another: a slot has as many values as the variant that needs most. Slots that the
 * present variant does not use are zero.
 */
export class UnionType<G extends string, V extends Variants> extends Type<DraftVariant<G, V>, ReadVariant<G, V>> {
  readonly kind = 'union'
  readonly size: number
  readonly slots: readonly number[]
  readonly tag: G
  readonly variants: readonly (readonly [name: string, body: RecordType<Fields>])[]
  readonly #index: ReadonlyMap<string, number>
  readonly #factories = new Map<number, (entries: Iterable<[string, unknown]>) => unknown>()

  constructor(tag: G, variants: V) {
    super()
    this.tag = tag
    this.variants = Object.entries(variants).map(([name, fields]) => {
      if (Object.hasOwn(fields, tag)) throw new ValueError(`the variant ${show(name)} has a field with the name of the tag, ${show(tag)}`)
      return [name, new RecordType(fields)] as const
    })
    if (this.variants.length === 0) throw new ValueError('a union needs at least one variant')
    this.#index = new Map(this.variants.map(([name], i) => [name, i]))
    const slots = [this.variants.length]
    for (const [, body] of this.variants) {
      body.slots.forEach((size, i) => {
        const before = slots[i + 1]
        if (before !== undefined && (before === 0) !== (size === 0))
          throw new ValueError(`union('${tag}'): value() may not share a place with another type; put it first in every variant`)
        slots[i + 1] = Math.max(before ?? 0, size)
      })
    }
    this.slots = slots
    this.size = this.variants.reduce((sum, [, body]) => sum + body.size, 0)
  }

  override get parts(): readonly AnyType[] {
    return this.variants.map(([, body]) => body)
  }

  toString(): string {
    return `union('${this.tag}', ${this.variants.map(([name]) => name).join(' | ')})`
  }

  #shapes: readonly Shape[] | undefined
  protected override node(graph: Graph, base: number, path: string): Node {
    this.#shapes ??= this.variants.map(
      ([, body]) =>
        new Shape(
          body.fields.map(([name, type, offset]) => ({ name, type, offset })),
          String(this),
        ),
    )
    const names = this.variants.map(([name]) => name)
    return new UnionNode(graph, this, this.#shapes, names, base, path)
  }
  /** The number of the variant that a value names. */
  #variantOf(value: unknown): number {
    if (typeof value !== 'object' || value === null) throw new ValueError(`${show(value)} is not a record: ${this} was expected`)
    const tag = (value as Record<string, unknown>)[this.tag]
    const index = typeof tag === 'string' ? this.#index.get(tag) : undefined
    if (index === undefined) throw new ValueError(`${this.tag}: ${show(tag)} is none of ${this}`, { value: show(tag), range: String(this) })
    return index
  }
  protected override acceptOther(graph: Graph, value: unknown): Content {
    const [name, body] = this.variants[this.#variantOf(value)] as (typeof this.variants)[number]
    body.acceptFields(graph, value as object, { toString: () => `the variant '${name}' of ${this}` }, this.tag)
    return value
  }
  protected override saveOther(graph: Graph, value: unknown, to: number, path: string): void {
    const index = this.#variantOf(value)
    const [name, body] = this.variants[index] as (typeof this.variants)[number]
    graph.store.write(to, index)
    for (let i = 1; i < this.slots.length; i++) graph.store.write(to + i, 0)
    body.saveFields(graph, value as object, to + 1, path, { toString: () => `the variant '${name}' of ${this}` }, this.tag)
  }
  override thaw(slots: ArrayLike<number>, at: number): Record<string, unknown> {
    const [name, body] = this.variants[slots[at] as number] as (typeof this.variants)[number]
    const object = plainObject([[this.tag, name]])
    for (const [field, type, offset] of body.fields) putField(object, field, type, type.thaw(slots, at + 1 + offset))
    return object
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    const difference = (a[at] as number) - (b[at] as number)
    return difference !== 0 ? difference : (this.variants[a[at] as number] as (typeof this.variants)[number])[1].compare(a, b, at + 1)
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    const fresh = !known(at) && this.allUnknown(at, known)
    if (fresh) {
      slots.fill(0, at, at + this.slots.length)
      slots[at] = random(this.variants.length)
    }
    const [, body] = this.variants[slots[at] as number] as (typeof this.variants)[number]
    body.vary(slots, at + 1, fresh ? () => false : known, random)
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (typeof value !== 'object' || value === null) throw new ValueError(`${show(value)} is not a record: ${this} was expected`)
    const tag = (value as Record<string, unknown>)[this.tag]
    const index = typeof tag === 'string' ? this.#index.get(tag) : undefined
    if (index === undefined) throw new ValueError(`${this.tag}: ${show(tag)} is none of ${this}`, { value: show(tag), range: String(this) })
    const [name, body] = this.variants[index] as (typeof this.variants)[number]
    out.fill(0, at, at + this.slots.length)
    out[at] = index
    body.encodeFields(value, out, at + 1, { toString: () => `the variant '${name}' of ${this}` }, this.tag)
  }

  decode(slots: ArrayLike<number>, at: number): DraftVariant<G, V> {
    const [name, body] = this.variants[slots[at] as number] as (typeof this.variants)[number]
    const fields = body.fields.map(([field, type, offset]) => [field, type.decode(slots, at + 1 + offset)] as const)
    return Object.freeze(plainObject([[this.tag, name], ...fields])) as DraftVariant<G, V>
  }

  immutable(plain: unknown): unknown {
    const object = plain as Record<string, unknown>
    const index = this.#index.get(object[this.tag] as string) as number
    const [name, body] = this.variants[index] as (typeof this.variants)[number]
    let factory = this.#factories.get(index)
    if (!factory) {
      factory = recordFactory([this.tag, ...body.fields.map(([field]) => field)])
      this.#factories.set(index, factory)
    }
    return factory([[this.tag, name], ...body.fields.map(([field, type]): [string, unknown] => [field, type.immutable(object[field])])])
  }

  rank(slots: ArrayLike<number>, at: number): number {
    let before = 0
    const index = slots[at] as number
    for (let i = 0; i < index; i++) before += (this.variants[i] as (typeof this.variants)[number])[1].size
    return before + (this.variants[index] as (typeof this.variants)[number])[1].rank(slots, at + 1)
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    out.fill(0, at, at + this.slots.length)
    for (let index = 0; index < this.variants.length; index++) {
      const [, body] = this.variants[index] as (typeof this.variants)[number]
      if (rank < body.size) {
        out[at] = index
        body.unrank(rank, out, at + 1)
        return
      }
      rank -= body.size
    }
  }
}

/** A record of one of several variants, told apart by the field `tag`: messages. The first variant to begin with. */
export function union<const G extends string, V extends Variants>(tag: G, variants: V): UnionType<G, V> {
  return new UnionType(tag, variants)
}
