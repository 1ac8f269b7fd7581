/** What the types of a single slot with a known number of values share: bool, int, enum, ids. */
import { type Content, type Graph, Origin } from '../drafts/graph.ts'
import { Type } from './type.ts'

export abstract class Scalar<D> extends Type<D> {
  abstract override readonly size: number
  readonly slots: readonly number[]

  constructor(size: number) {
    super()
    this.slots = [size]
  }

  /** The plain value with a number. */
  abstract value(index: number): D
  /** The number of a plain value. Throws `ValueError`. */
  abstract index(value: unknown): number

  override readonly scalar: boolean = true

  override fromSlot(number: number): unknown {
    return this.value(number)
  }
  override accept(_graph: Graph, value: unknown): Content {
    // The value of the type, which for 0 is not -0.
    return this.value(this.index(value))
  }
  override open(graph: Graph, origin: Origin): unknown {
    return this.value(graph.store.read(origin.slot))
  }
  override save(graph: Graph, content: Content, to: number): void {
    if (content instanceof Origin) graph.store.copy(to, content.slot)
    else graph.store.write(to, this.index(content))
  }
  override thaw(slots: ArrayLike<number>, at: number): unknown {
    return this.value(slots[at] as number)
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    if (!known(at)) slots[at] = random(this.size)
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    out[at] = this.index(value)
  }

  decode(slots: ArrayLike<number>, at: number): D {
    return this.value(slots[at] as number)
  }

  immutable(plain: unknown): unknown {
    return plain
  }

  rank(slots: ArrayLike<number>, at: number): number {
    return slots[at] as number
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    out[at] = rank
  }
}
