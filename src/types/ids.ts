import { EnumType } from './enum.ts'
import { show, ValueError } from './type.ts'

/**
 * The names of ids: 'r1' to 'r9', whatever their number, so that a map over them is an object with these fields: `s.region[r].phase` needs no check for
 * undefined, whichever the options of the compiler. Where there are more, nobody writes down the others.
 */
export type Id<P extends string> = `${P}${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`

export class IdsType<P extends string> extends EnumType<Id<P>> {
  override readonly kind = 'ids'
  readonly prefix: P

  constructor(prefix: P, count: number) {
    if (typeof prefix !== 'string') throw new ValueError(`${show(prefix)} is not a string: ids are named by a prefix`)
    if (!Number.isInteger(count) || count < 1)
      throw new ValueError(`ids('${prefix}', ${show(count)}): the number of ids must be an integer of at least 1`)
    super(Array.from({ length: count }, (_, i) => `${prefix}${i + 1}` as Id<P>))
    this.prefix = prefix
  }

  override toString(): string {
    return `ids('${this.prefix}', ${this.size})`
  }
}

/** A finite domain of names: `ids('r', 2)` has the values 'r1' and 'r2'. */
export function ids<const P extends string>(prefix: P, count: number): IdsType<P> {
  return new IdsType(prefix, count)
}

/** Ids that nothing tells apart: a scalarset. */
export class SymmetricType<P extends string> extends IdsType<P> {
  override toString(): string {
    return `symmetric('${this.prefix}', ${this.size})`
  }
}

/**
 * A finite domain of interchangeable names, a scalarset: states that differ only by which of them is which count as one. Specs may compare
 * them with one another for equality and range over all of them, but neither order them nor write one down as a literal; a check finds out
 * where one does. Types of the same name and number are one scalarset.
 */
export function symmetric<const P extends string>(prefix: P, count: number): SymmetricType<P> {
  return new SymmetricType(prefix, count)
}
