import { is, isCollection, isRecord } from 'immutable'
import { keyOf, ValueSet } from './collections.ts'
import { Interner } from './intern.ts'
import { show, Type, ValueError } from './type.ts'

/** One interned slot. Number 0 is the initial value. */
export class ValueType<T> extends Type<T> {
  readonly kind = 'value'
  readonly size = Infinity
  readonly slots: readonly number[] = [0]
  readonly initial: T
  readonly #values = new Interner<T>()
  /** Immutable collections by hash; equality within a bucket is `is`. */
  readonly #collections = new Map<number, number[]>()
  #numbers = 0

  constructor(initial: T) {
    super()
    this.initial = initial
    this.encode(initial, [0], 0)
  }

  toString(): string {
    return 'value()'
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (isCollection(value) || isRecord(value)) {
      const hash = (value as { hashCode(): number }).hashCode()
      let bucket = this.#collections.get(hash)
      if (!bucket) this.#collections.set(hash, (bucket = []))
      const known = bucket.find((n) => is(this.#values.value(n), value))
      out[at] = known ?? this.#values.number(`#${this.#numbers++}`, () => value as T)
      if (known === undefined) bucket.push(out[at] as number)
      return
    }
    out[at] = this.#values.number(keyOf(value), () => frozenCopy(value) as T)
  }

  /** How many values have appeared. */
  get seen(): number {
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

/** A frozen copy of a JSON-like value. */
function frozenCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isCollection(value) || isRecord(value)) return value
  if (value instanceof Set) return Object.freeze(new ValueSet([...value].map(frozenCopy)))
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null && value instanceof ValueSet === false) {
    if (Symbol.iterator in value) return Object.freeze([...(value as Iterable<unknown>)].map(frozenCopy))
    throw new ValueError(`${show(value)} is neither JSON-like nor an Immutable collection`)
  }
  if (value instanceof ValueSet) return value
  const copy = Object.create(Object.prototype) as Record<string, unknown>
  for (const [key, inner] of Object.entries(value)) Object.defineProperty(copy, key, { value: frozenCopy(inner), enumerable: true })
  return Object.freeze(copy)
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
