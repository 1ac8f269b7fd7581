/** Numbers for values that have no finite enumeration: 0, 1, 2 … in the order in which they appear. Equal keys share a number. */
export class Interner<T> {
  readonly #numbers = new Map<string, number>()
  readonly #values: T[] = []

  /** The number of a value, a new one where the key is new. */
  number(key: string, value: () => T): number {
    let n = this.#numbers.get(key)
    if (n === undefined) {
      n = this.#values.length
      this.#values.push(value())
      this.#numbers.set(key, n)
    }
    return n
  }

  /** The value with a number. */
  value(n: number): T {
    return this.#values[n] as T
  }

  get size(): number {
    return this.#values.length
  }
}
