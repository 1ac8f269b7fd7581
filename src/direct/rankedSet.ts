/**
 * A set of plain data whose possible elements are numbered: bits, until somebody looks at more than whether an element is there. It is a `ValueSet` in
 * all that a function of a spec can see of it.
 */
import { refuseChange, ValueSet } from '../values/collections.ts'
import { type Candidates, QUANTIFY } from '../values/quantify.ts'

/** The elements of a type of sets. */
export interface Elements {
  readonly n: number
  /** The number of an element; -1 for what is none. */
  rank(value: unknown): number
  /** The element with a number, as an object of its own. */
  fresh(rank: number): unknown
}

/** Bits that are kept in one number: each is a small integer of the machine. */
export const CHUNK = 30

/** Puts an element into bits: false where it has no number, or is there. */
function put(bits: number[], rank: number): boolean {
  if (rank < 0) return false
  const chunk = (rank / CHUNK) | 0
  const bit = 1 << (rank - chunk * CHUNK)
  const fresh = ((bits[chunk] as number) & bit) === 0
  bits[chunk] = (bits[chunk] as number) | bit
  return fresh
}

export class RankedSet extends ValueSet<unknown> {
  readonly #elements: Elements
  /** Which elements are there from the beginning, `CHUNK` to a number. Not looked at any more once they are listed. */
  readonly #bits: number[]
  /** Those that were put in since, in order, with their numbers. */
  #added: unknown[] | null = null
  #ranks: number[] | null = null
  #listed = false

  constructor(elements: Elements, bits: number[]) {
    super()
    this.#elements = elements
    this.#bits = bits
  }

  /** The bits of what it holds now; null where something in it is no possible element, or has been changed since it was put in. */
  bits(elements: Elements): readonly number[] | null {
    if (elements !== this.#elements) return null
    if (!this.#listed && this.#added === null) return this.#bits
    const bits = this.#listed ? this.#bits.map(() => 0) : this.#bits.slice()
    if (this.#listed) {
      for (const value of this) if (!put(bits, elements.rank(value))) return null
    } else
      for (let i = 0; i < (this.#added as unknown[]).length; i++) {
        const value = (this.#added as unknown[])[i]
        const rank = (this.#ranks as number[])[i] as number
        if (typeof value === 'object' && elements.rank(value) !== rank) return null
        put(bits, rank)
      }
    return bits
  }

  #there(rank: number): boolean {
    const chunk = (rank / CHUNK) | 0
    return (((this.#bits[chunk] as number) >>> (rank - chunk * CHUNK)) & 1) === 1
  }

  /** From here on it is an ordinary set. */
  #list(): void {
    if (this.#listed) return
    this.#listed = true
    for (let rank = 0; rank < this.#elements.n; rank++) if (this.#there(rank)) super.add(this.#elements.fresh(rank))
    for (const value of this.#added ?? []) super.add(value)
  }

  /** An added element that is equal to one with this number, by its place; -1 where there is none. */
  #place(rank: number): number {
    return this.#ranks === null ? -1 : this.#ranks.indexOf(rank)
  }

  override get size(): number {
    if (this.#listed) return super.size
    let n = this.#added?.length ?? 0
    for (let bits of this.#bits) for (; bits !== 0; bits &= bits - 1) n++
    return n
  }
  override has(value: unknown): boolean {
    if (!this.#listed) {
      const rank = this.#elements.rank(value)
      if (rank >= 0) return this.#there(rank) || this.#place(rank) >= 0
      this.#list()
    }
    return super.has(value)
  }
  override add(value: unknown): this {
    if (!this.#listed) {
      const rank = this.#elements.rank(value)
      if (rank >= 0) {
        if (Object.isFrozen(this)) refuseChange('this set')
        if (this.#there(rank) || this.#place(rank) >= 0) return this
        ;(this.#added ??= []).push(value)
        ;(this.#ranks ??= []).push(rank)
        return this
      }
      this.#list()
    }
    return super.add(value)
  }
  override delete(value: unknown): boolean {
    if (!this.#listed) {
      const rank = this.#elements.rank(value)
      if (rank >= 0) {
        if (Object.isFrozen(this)) refuseChange('this set')
        if (this.#there(rank)) {
          const chunk = (rank / CHUNK) | 0
          this.#bits[chunk] = (this.#bits[chunk] as number) & ~(1 << (rank - chunk * CHUNK))
          return true
        }
        const place = this.#place(rank)
        if (place < 0) return false
        this.#added?.splice(place, 1)
        this.#ranks?.splice(place, 1)
        return true
      }
      this.#list()
    }
    return super.delete(value)
  }
  override clear(): void {
    this.#list()
    super.clear()
  }
  override [Symbol.iterator](): SetIterator<unknown> {
    this.#list()
    return super[Symbol.iterator]()
  }
  override [QUANTIFY](): Candidates<unknown> {
    this.#list()
    return super[QUANTIFY]()
  }
  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return new Set(this)
  }
}

// What a set says of itself is what JavaScript's own says.
Object.defineProperty(RankedSet.prototype, 'constructor', { value: Set })
