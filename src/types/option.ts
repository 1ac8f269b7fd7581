import { type Content, copySlots, type Graph, Origin } from '../drafts/graph.ts'
import { Scalar } from './scalar.ts'
import { type AnyType, type Infer, type InferRead, Type } from './type.ts'

export class OptionType<T extends AnyType> extends Type<Infer<T> | null, InferRead<T> | null> {
  readonly kind = 'option'
  readonly size: number
  /** A scalar takes null in as value 0 of that slot; any other has a slot of its own for "present". */
  readonly merged: boolean
  override readonly scalar: boolean
  readonly slots: readonly number[]
  readonly inner: T

  constructor(inner: T) {
    super()
    this.inner = inner
    this.size = inner.size + 1
    this.merged = inner instanceof Scalar && inner.size < 2 ** 31
    this.scalar = this.merged
    this.slots = this.merged ? [inner.size + 1] : [2, ...inner.slots]
  }

  override get parts(): readonly AnyType[] {
    return [this.inner]
  }

  toString(): string {
    return `option(${this.inner})`
  }

  override fromSlot(number: number): unknown {
    return number === 0 ? null : this.inner.fromSlot(number - 1)
  }
  override open(graph: Graph, origin: Origin, path: string): unknown {
    const number = graph.store.read(origin.slot)
    if (this.merged) return this.fromSlot(number)
    if (number === 0) return null
    origin.made ??= new Origin(origin.slot + 1)
    return this.inner.open(graph, origin.made as Origin, path)
  }
  override accept(graph: Graph, value: unknown): Content {
    return value === null ? null : this.inner.accept(graph, value)
  }
  override save(graph: Graph, content: Content, to: number, path: string): void {
    const { store } = graph
    if (content instanceof Origin) {
      copySlots(store, to, content.slot, this.slots.length)
      if (content.made !== undefined) this.inner.save(graph, content.made, to + 1, path)
    } else if (content === null) for (let i = 0; i < this.slots.length; i++) store.write(to + i, 0)
    else if (this.merged) store.write(to, (this.inner as unknown as Scalar<unknown>).index(content) + 1)
    else {
      store.write(to, 1)
      this.inner.save(graph, content, to + 1, path)
    }
  }
  override plainOf(value: unknown): unknown {
    return value === null ? null : this.inner.plainOf(value)
  }
  override thaw(slots: ArrayLike<number>, at: number): unknown {
    const tag = slots[at] as number
    if (tag === 0) return null
    return this.merged ? this.inner.fromSlot(tag - 1) : this.inner.thaw(slots, at + 1)
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    const difference = (a[at] as number) - (b[at] as number)
    return difference !== 0 || this.merged || a[at] === 0 ? difference : this.inner.compare(a, b, at + 1)
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    if (this.merged) {
      if (!known(at)) slots[at] = random(this.inner.size + 1)
    } else if (!known(at) && this.allUnknown(at, known)) {
      slots[at] = random(2)
      slots.fill(0, at + 1, at + this.slots.length)
      if (slots[at] === 1) this.inner.vary(slots, at + 1, () => false, random)
    } else if (slots[at] === 1) this.inner.vary(slots, at + 1, known, random)
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (value === null) {
      out.fill(0, at, at + this.slots.length)
    } else if (this.merged) {
      this.inner.encode(value, out, at)
      ;(out[at] as number)++
    } else {
      this.inner.encode(value, out, at + 1)
      out[at] = 1
    }
  }

  decode(slots: ArrayLike<number>, at: number): Infer<T> | null {
    const tag = slots[at] as number
    if (tag === 0) return null
    return this.merged ? this.inner.decode([tag - 1], 0) : this.inner.decode(slots, at + 1)
  }

  immutable(plain: unknown): unknown {
    return plain === null ? null : this.inner.immutable(plain)
  }

  rank(slots: ArrayLike<number>, at: number): number {
    const tag = slots[at] as number
    if (this.merged || tag === 0) return tag
    return 1 + this.inner.rank(slots, at + 1)
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    if (this.merged) {
      out[at] = rank
      return
    }
    out.fill(0, at, at + this.slots.length)
    if (rank === 0) return
    out[at] = 1
    this.inner.unrank(rank - 1, out, at + 1)
  }
}

/** A value of the type, or `null`; `null` to begin with. */
export function option<T extends AnyType>(inner: T): OptionType<T> {
  return new OptionType(inner)
}
