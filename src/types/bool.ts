import { Scalar } from './scalar.ts'
import { show, ValueError } from './type.ts'

export class BoolType extends Scalar<boolean> {
  readonly kind = 'bool'
  readonly size = 2

  constructor() {
    super(2)
  }

  toString(): string {
    return 'bool'
  }

  value(index: number): boolean {
    return index !== 0
  }

  index(value: unknown): number {
    if (value === true) return 1
    if (value === false) return 0
    throw new ValueError(`${show(value)} is not a boolean`, { value: show(value), range: String(this) })
  }
}

/** `true` or `false`; `false` to begin with. */
export const bool: BoolType = new BoolType()
