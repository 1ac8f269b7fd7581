/** Where generated code finds the slots of a value, and where it puts them. */
import type { Layout } from '../layout/layout.ts'

export interface Place {
  /** The place of a part that lies so many slots behind. */
  at(slot: number): Place
  /** An expression: the number in a slot. */
  get(slot: number): string
  /** An expression: `n` slots of one bit each, from a slot on, as one number; the first in its lowest bit. */
  bits(slot: number, n: number): string
  /** An expression for a row that has the first `n` slots, and one for where in it. */
  row(n: number): { readonly row: string; readonly at: string }
  /** Statements; all slots are 0 before. */
  put(slot: number, number: string): string
  putBits(slot: number, n: number, bits: string): string
  /** Statements that take the first `n` slots from a row. */
  copy(row: string, n: number): string
}

/** A row in a variable, and an expression for where in it. */
export class RowPlace implements Place {
  readonly #row: string
  readonly #at: string
  readonly #by: number

  constructor(row: string, at: string, by = 0) {
    this.#row = row
    this.#at = at
    this.#by = by
  }
  at(slot: number): RowPlace {
    return new RowPlace(this.#row, this.#at, this.#by + slot)
  }
  get(slot: number): string {
    return `${this.#row}[${this.#at}+${this.#by + slot}]`
  }
  bits(slot: number, n: number): string {
    return `(${Array.from({ length: n }, (_, i) => `${this.get(slot + i)}<<${i}`).join('|')})`
  }
  row(): { row: string; at: string } {
    return { row: this.#row, at: `${this.#at}+${this.#by}` }
  }
  put(slot: number, number: string): string {
    return `${this.get(slot)}=${number};`
  }
  putBits(slot: number, n: number, bits: string): string {
    return Array.from({ length: n }, (_, i) => `${this.get(slot + i)}=(${bits}>>>${i})&1;`).join('')
  }
  copy(row: string, n: number): string {
    return `for(let j=0;j<${n};j++)${this.#row}[${this.#at}+${this.#by}+j]=${row}[j];`
  }
}

/** Slots of a packed state: `w[at]` is its first word when it is read, `o[to]` when it is written. */
export class PackedPlace implements Place {
  readonly #layout: Layout
  readonly #slot: number

  constructor(layout: Layout, slot: number) {
    this.#layout = layout
    this.#slot = slot
  }
  at(slot: number): PackedPlace {
    return new PackedPlace(this.#layout, this.#slot + slot)
  }
  #word(slot: number): number {
    return this.#layout.word[this.#slot + slot] as number
  }
  #shift(slot: number): number {
    return this.#layout.shift[this.#slot + slot] as number
  }
  get(slot: number): string {
    const mask = this.#layout.mask[this.#slot + slot] as number
    if (mask === -1) return `w[at+${this.#word(slot)}]`
    return `((w[at+${this.#word(slot)}]>>>${this.#shift(slot)})&${mask})`
  }
  /** Slots that follow one another in one word: where they begin, and how many. */
  *#runs(slot: number, n: number): Generator<{ from: number; length: number; word: number; shift: number; mask: number }> {
    for (let from = 0; from < n; ) {
      const word = this.#word(slot + from)
      const shift = this.#shift(slot + from)
      let length = 1
      while (from + length < n && this.#word(slot + from + length) === word && this.#shift(slot + from + length) === shift + length) length++
      yield { from, length, word, shift, mask: 2 ** length - 1 }
      from += length
    }
  }
  bits(slot: number, n: number): string {
    const runs = [...this.#runs(slot, n)].map(({ from, word, shift, mask }) => `((w[at+${word}]>>>${shift})&${mask})${from > 0 ? `<<${from}` : ''}`)
    return `(${runs.join('|')})`
  }
  row(n: number): { row: string; at: string } {
    const slots = Array.from({ length: n }, (_, i) => this.get(i))
    return { row: `[${slots.join(',')}]`, at: '0' }
  }
  put(slot: number, number: string): string {
    return `o[to+${this.#word(slot)}]|=${number}<<${this.#shift(slot)};`
  }
  putBits(slot: number, n: number, bits: string): string {
    return [...this.#runs(slot, n)].map(({ from, word, shift, mask }) => `o[to+${word}]|=((${bits}>>>${from})&${mask})<<${shift};`).join('')
  }
  copy(row: string, n: number): string {
    return Array.from({ length: n }, (_, i) => this.put(i, `${row}[${i}]`)).join('')
  }
  /** Statements that set the first `n` slots to 0. */
  clear(n: number): string {
    const masks = new Map<number, number>()
    for (let i = 0; i < n; i++)
      masks.set(this.#word(i), (masks.get(this.#word(i)) ?? 0) | ((this.#layout.mask[this.#slot + i] as number) << this.#shift(i)))
    return [...masks].map(([word, mask]) => (mask === -1 ? `o[to+${word}]=0;` : `o[to+${word}]&=${~mask};`)).join('')
  }
}
