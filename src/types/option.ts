import { Scalar } from './scalar.ts'
import { type AnyType, type Infer, type InferRead, Type } from './type.ts'

export class OptionType<T extends AnyType> extends Type<Infer<T> | null, InferRead<T> | null> {
  readonly kind = 'option'
  readonly size: number
  /** A scalar takes null in as value 0 of that slot; any other has a slot of its own for "present". */
  readonly merged: boolean
  readonly slots: readonly number[]
  readonly inner: T

  constructor(inner: T) {
    super()
    this.inner = inner
    this.size = inner.size + 1
    this.merged = inner instanceof Scalar && inner.size < 2 ** 31
    this.slots = this.merged ? [inner.size + 1] : [2, ...inner.slots]
  }

  toString(): string {
    return `option(${this.inner})`
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
