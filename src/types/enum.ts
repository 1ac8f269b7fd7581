import { Scalar } from './scalar.ts'
import { show, ValueError } from './type.ts'

export class EnumType<L extends string> extends Scalar<L> {
  readonly kind: 'enum' | 'ids' = 'enum'
  readonly size: number
  readonly members: readonly L[]
  readonly #index: ReadonlyMap<string, number>

  constructor(members: readonly L[]) {
    super(members.length)
    const index = new Map(members.map((member, i) => [member as string, i]))
    if (index.size !== members.length) {
      const twice = members.find((member, i) => members.indexOf(member) !== i)
      throw new ValueError(`the member ${show(twice)} is named twice`)
    }
    for (const member of members) if (typeof member !== 'string') throw new ValueError(`${show(member)} is not a string: members are strings`)
    if (members.length === 0) throw new ValueError('a domain needs at least one member')
    this.size = members.length
    this.members = Object.freeze([...members])
    this.#index = index
  }

  toString(): string {
    return `enumOf(${this.members.map((member) => `'${member}'`).join(', ')})`
  }

  value(index: number): L {
    return this.members[index] as L
  }

  index(value: unknown): number {
    const index = typeof value === 'string' ? this.#index.get(value) : undefined
    if (index === undefined) throw new ValueError(`${show(value)} is not a member of ${this}`, { value: show(value), range: String(this) })
    return index
  }
}

/** One of the given names; the first to begin with. */
export function enumOf<const L extends readonly string[]>(...members: L): EnumType<L[number]> {
  return new EnumType<L[number]>(members)
}
