import { Scalar } from './scalar.ts'
import { show, ValueError } from './type.ts'

export class IntType extends Scalar<number> {
  readonly kind = 'int'
  readonly size: number
  readonly lo: number
  readonly hi: number

  constructor(lo: number, hi: number) {
    if (!Number.isSafeInteger(lo) || !Number.isSafeInteger(hi)) throw new ValueError(`int(${show(lo)}, ${show(hi)}): both bounds must be integers`)
    if (hi < lo) throw new ValueError(`int(${lo}, ${hi}) has no value: the second bound must not be below the first`)
    if (hi - lo >= 2 ** 31) throw new ValueError(`int(${lo}, ${hi}) is too wide: at most 2^31 values`)
    super(hi - lo + 1)
    this.size = hi - lo + 1
    this.lo = lo
    this.hi = hi
  }

  toString(): string {
    return `int(${this.lo}, ${this.hi})`
  }

  value(index: number): number {
    return this.lo + index
  }

  index(value: unknown): number {
    if (typeof value !== 'number') throw this.#none(value, `${show(value)} is not a number: ${this} was expected`)
    if (!Number.isInteger(value)) throw this.#none(value, `${value} is not an integer: ${this} was expected`)
    if (value < this.lo || value > this.hi) throw this.#none(value, `${value} is outside ${this}`)
    return value - this.lo
  }

  #none(value: unknown, message: string): ValueError {
    return new ValueError(message, { value: show(value), range: String(this) })
  }
}

/** The integers from `lo` to `hi`, both included; `lo` to begin with. Assigning outside is an error of the spec. */
export function int(lo: number, hi: number): IntType {
  return new IntType(lo, hi)
}
