/**
 * Sets of events, each made once and known by a number. Few different ones occur: what an edge is an event of is a number then,
 * however many events there are. Number 0 is the empty set.
 */
export class Labels {
  readonly words: number
  readonly sets: Uint32Array[] = []
  readonly #numbers = new Map<string, number>()
  readonly #unions = new Map<number, number>()

  constructor(events: number) {
    this.words = Math.max(1, (events + 31) >>> 5)
    this.of([])
  }

  /** The number of the set of these events. */
  of(events: Iterable<number>): number {
    const set = new Uint32Array(this.words)
    for (const event of events) set[event >>> 5] = (set[event >>> 5] as number) | (1 << (event & 31))
    return this.#intern(set)
  }

  #intern(set: Uint32Array): number {
    const key = set.join()
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.sets.length
      this.#numbers.set(key, number)
      this.sets.push(set)
    }
    return number
  }

  union(a: number, b: number): number {
    if (a === b || b === 0) return a
    if (a === 0) return b
    const key = a < b ? a * 0x4000000 + b : b * 0x4000000 + a
    let union = this.#unions.get(key)
    if (union === undefined) {
      const left = this.sets[a] as Uint32Array
      const right = this.sets[b] as Uint32Array
      union = this.#intern(left.map((word, w) => word | (right[w] as number)))
      this.#unions.set(key, union)
    }
    return union
  }

  has(label: number, event: number): boolean {
    return ((((this.sets[label] as Uint32Array)[event >>> 5] as number) >>> (event & 31)) & 1) === 1
  }
}

/** A column of label numbers: two bytes each until that is too little. */
export class Column {
  values: Uint16Array | Uint32Array

  constructor(length: number) {
    this.values = new Uint16Array(length)
  }

  set(index: number, label: number): void {
    if (label > 0xffff && this.values instanceof Uint16Array) this.values = Uint32Array.from(this.values)
    if (index >= this.values.length) {
      const longer = new (this.values instanceof Uint16Array ? Uint16Array : Uint32Array)(Math.max(1 << 10, this.values.length * 2))
      longer.set(this.values)
      this.values = longer
    }
    this.values[index] = label
  }
}
