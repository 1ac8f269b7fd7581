import { List } from 'immutable'
import type { Content, Graph, Node } from '../drafts/graph.ts'
import { SequenceNode } from '../drafts/sequence.ts'
import { isSequence } from '../values/collections.ts'
import { type AnyType, type Infer, type InferRead, show, Type, ValueError, within } from './type.ts'

/** A slot for the length, then `max` elements; the slots behind the length are zero. */
export class SeqType<T extends AnyType> extends Type<Infer<T>[], readonly InferRead<T>[]> {
  readonly kind = 'seq'
  readonly size: number
  readonly slots: readonly number[]
  readonly inner: T
  readonly max: number

  constructor(inner: T, max: number) {
    super()
    if (!Number.isInteger(max) || max < 1) throw new ValueError(`seq(…, ${show(max)}): the largest length must be an integer of at least 1`)
    this.inner = inner
    this.max = max
    this.slots = [max + 1, ...Array.from({ length: max }, () => inner.slots).flat()]
    let size = 0
    for (let length = 0; length <= max; length++) size += inner.size ** length
    this.size = size > Number.MAX_SAFE_INTEGER ? Infinity : size
  }

  override get parts(): readonly AnyType[] {
    return [this.inner]
  }

  toString(): string {
    return `seq(${this.inner}, ${this.max})`
  }

  protected override node(graph: Graph, base: number, path: string): Node {
    return new SequenceNode(graph, this, base, path)
  }
  #check(value: unknown): asserts value is unknown[] {
    if (typeof value !== 'object' || value === null || !isSequence(value))
      throw new ValueError(`${show(value)} is not a sequence: ${this} was expected`)
    if (value.length > this.max) throw this.overflow(value.length)
  }
  protected override acceptOther(graph: Graph, value: unknown): Content {
    this.#check(value)
    for (let i = 0; i < value.length; i++) within(`[${i}]`, () => this.inner.accept(graph, (value as unknown[])[i]))
    return value
  }
  protected override saveOther(graph: Graph, value: unknown, to: number, path: string): void {
    this.#check(value)
    const { length } = value
    const width = this.inner.slots.length
    graph.store.write(to, length)
    for (let i = 0; i < length; i++) within(`[${i}]`, () => this.inner.save(graph, (value as unknown[])[i], to + 1 + i * width, `${path}[${i}]`))
    for (let slot = to + 1 + length * width; slot < to + this.slots.length; slot++) graph.store.write(slot, 0)
  }
  override thaw(slots: ArrayLike<number>, at: number): unknown[] {
    const width = this.inner.slots.length
    return Array.from({ length: slots[at] as number }, (_, i) => this.inner.thaw(slots, at + 1 + i * width))
  }
  override compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    const width = this.inner.slots.length
    let difference = (a[at] as number) - (b[at] as number)
    for (let i = 0; difference === 0 && i < (a[at] as number); i++) difference = this.inner.compare(a, b, at + 1 + i * width)
    return difference
  }
  override vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void {
    const width = this.inner.slots.length
    const none = (): boolean => false
    if (!known(at) && this.allUnknown(at, known)) {
      slots[at] = random(this.max + 1)
      for (let i = 0; i < this.max; i++) {
        slots.fill(0, at + 1 + i * width, at + 1 + (i + 1) * width)
        if (i < (slots[at] as number)) this.inner.vary(slots, at + 1 + i * width, none, random)
      }
    } else for (let i = 0; i < (slots[at] as number); i++) this.inner.vary(slots, at + 1 + i * width, known, random)
  }

  encode(value: unknown, out: number[] | Int32Array, at: number): void {
    if (typeof value !== 'object' || value === null || !isSequence(value))
      throw new ValueError(`${show(value)} is not a sequence: ${this} was expected`)
    const elements = [...value]
    if (elements.length > this.max) throw this.overflow(elements.length)
    const width = this.inner.slots.length
    out.fill(0, at, at + this.slots.length)
    out[at] = elements.length
    elements.forEach((element, i) => {
      within(`[${i}]`, () => this.inner.encode(element, out, at + 1 + i * width))
    })
  }

  overflow(length: number): ValueError {
    return new ValueError(
      `a sequence of ${length} elements is longer than ${this} allows; guard the action with when(… .length < ${this.max}) or raise the bound`,
      { value: `a sequence of ${length} elements`, range: String(this) },
    )
  }

  decode(slots: ArrayLike<number>, at: number): Infer<T>[] {
    const width = this.inner.slots.length
    return Object.freeze(Array.from({ length: slots[at] as number }, (_, i) => this.inner.decode(slots, at + 1 + i * width))) as Infer<T>[]
  }

  immutable(plain: unknown): unknown {
    return List((plain as readonly unknown[]).map((element) => this.inner.immutable(element)))
  }

  rank(slots: ArrayLike<number>, at: number): number {
    const length = slots[at] as number
    let before = 0
    for (let shorter = 0; shorter < length; shorter++) before += this.inner.size ** shorter
    let rank = 0
    for (let i = 0; i < length; i++) rank = rank * this.inner.size + this.inner.rank(slots, at + 1 + i * this.inner.slots.length)
    return before + rank
  }

  unrank(rank: number, out: number[] | Int32Array, at: number): void {
    out.fill(0, at, at + this.slots.length)
    let length = 0
    while (rank >= this.inner.size ** length) rank -= this.inner.size ** length++
    out[at] = length
    for (let i = length - 1; i >= 0; i--) {
      this.inner.unrank(rank % this.inner.size, out, at + 1 + i * this.inner.slots.length)
      rank = Math.floor(rank / this.inner.size)
    }
  }
}

/** A sequence of at most `max` elements, a draft array in actions; empty to begin with. A longer one is an error of the spec. */
export function seq<T extends AnyType>(inner: T, max: number): SeqType<T> {
  return new SeqType(inner, max)
}
