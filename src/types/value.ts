import { isCollection, isRecord } from 'immutable'
import { type Content, type Graph, Origin, plainOf } from '../drafts/graph.ts'
import { keyOf } from '../values/collections.ts'
import { Interner } from './intern.ts'
import { copyOf, deepFreeze, normalOf } from '../values/plain.ts'
import { Type, ValueError } from './type.ts'

/** One interned slot. Number 0 is the initial value. */
export class ValueType<T> extends Type<T> {
  readonly kind = 'value'
  readonly size = Infinity
  readonly slots: readonly number[] = [0]
  readonly initial: T
  readonly #values = new Interner<T>()

  constructor(initial: T) {
    super()
    this.initial = initial
    this.encode(initial, [0], 0)
  }

  toString(): string {
    return 'value()'
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    out[at] = this.#number(value)
  }
  #number(value: unknown): number {
    return this.#values.number(keyOf(value, true), () => deepFreeze(normalOf(value)) as T)
  }

  override open(graph: Graph, origin: Origin, path: string): unknown {
    const held: unknown = this.#values.value(graph.store.read(origin.slot))
    if (typeof held !== 'object' || held === null || isCollection(held) || isRecord(held)) return held
    if (origin.made === undefined) {
      // An object of the function's own, as everything that it reads; whether it was changed is seen at the end.
      const copy = copyOf(held)
      origin.made = copy
      graph.copies.push({ copy, key: keyOf(held), path })
    }
    return origin.made
  }
  override accept(_graph: Graph, value: unknown): Content {
    keyOf(value, true)
    return value
  }
  override save(graph: Graph, content: Content, to: number): void {
    const { store } = graph
    if (content instanceof Origin && content.made === undefined) store.copy(to, content.slot)
    else if (content instanceof Origin) {
      const number = this.#number(content.made)
      if (number === store.read(content.slot)) store.copy(to, content.slot)
      else store.write(to, number)
    } else store.write(to, this.#number(plainOf(content)))
  }
  override plainOf(value: unknown): unknown {
    return copyOf(plainOf(value))
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    if (a[at] === b[at]) return 0
    return keyOf(this.#values.value(a[at] as number)) < keyOf(this.#values.value(b[at] as number)) ? -1 : 1
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    if (!known(at)) slots[at] = random(this.#values.size)
  }

  /** How many values have appeared. */
  override get seen(): number {
    return this.#values.size
  }

  decode(slots: ArrayLike<number>, at: number): T {
    return this.#values.value(slots[at] as number)
  }

  immutable(plain: unknown): unknown {
    return plain
  }

  rank(): number {
    throw new ValueError('value() is not a finite type')
  }

  unrank(): void {
    throw new ValueError('value() is not a finite type: it cannot be listed')
  }
}

/**
 * Any Immutable.js value or plain JSON-like value; `initial` to begin with. Equality is Immutable's `is` for Immutable values and by
 * content for plain ones. Use it where no finite type fits: it is opaque to the engine, so a change anywhere inside is a change of the whole.
 */
export function value<T>(initial: T): ValueType<Widen<T>> {
  return new ValueType<Widen<T>>(initial as Widen<T>)
}

/** `value(0)` is a number, not 0. */
type Widen<T> = T extends number ? number : T extends string ? string : T extends boolean ? boolean : T
