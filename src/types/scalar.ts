/** What the types of a single slot with a known number of values share: bool, int, enum, ids. */
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
