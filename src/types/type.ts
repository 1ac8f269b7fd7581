/**
 * A type of a state variable: a set of values, and how one value is laid out as a row of small numbers.
 *
 * Every kind of type is one file of the same shape. A value exists in three forms:
 *
 *  - *slots*: a fixed number of small integers, the form the engine works on. The all-zero row is always a legal value: the initial one.
 *  - *plain*: frozen plain JavaScript (booleans, numbers, strings, null, frozen objects and arrays, `ValueSet`, `ValueBag`), the form
 *    that actions and predicates see when a value is not a live part of the state.
 *  - *Immutable*: Immutable.js collections, the form handed to programs.
 */
import { InternalError } from '../errors.ts'
import { ValueError } from '../values/errors.ts'
import { copyOf } from '../values/plain.ts'
import { type Content, copySlots, type Graph, type Node, nodeOf, Origin } from '../drafts/graph.ts'
import { type Candidates, quantify, type Quantifiable, QUANTIFY } from '../values/quantify.ts'

export { show, ValueError, within } from '../values/errors.ts'

/** Phantom keys: what a variable of the type looks like in an action (`DRAFT`) and in a predicate (`READ`). They exist for the compiler only. */
declare const DRAFT: unique symbol
declare const READ: unique symbol

/** What kinds of types there are. */
export type Kind = 'bool' | 'int' | 'enum' | 'ids' | 'option' | 'record' | 'union' | 'map' | 'set' | 'bag' | 'seq' | 'value'

export abstract class Type<D, R = D> implements Quantifiable<D> {
  declare readonly [DRAFT]: D
  declare readonly [READ]: R

  abstract readonly kind: Kind
  /** Number of values; `Infinity` where the type is not finite or has more than 2^53 values. */
  abstract readonly size: number
  /** The number of values of each slot; 0 for an interned slot, whose numbers are given out as values appear. */
  abstract readonly slots: readonly number[]
  /** Of a type of one interned slot: how many values have appeared. */
  get seen(): number {
    return 0
  }
  /** The type as it would be written in a spec, shortened: `int(0, 3)`. */
  abstract toString(): string
  /** Writes the slots of `value` (any accepted form) to `out` from `at`. Throws `ValueError`. */
  abstract encode(value: unknown, out: number[] | Int32Array, at: number): void
  /** The plain form of the value in `slots` from `at`. */
  abstract decode(slots: ArrayLike<number>, at: number): D
  /** The Immutable form of a plain value of this type. */
  abstract immutable(plain: unknown): unknown
  /** The number of a value in the enumeration of the type: 0 to size - 1. Only for finite types. */
  abstract rank(slots: ArrayLike<number>, at: number): number
  /** Writes the slots of the value with this number. */
  abstract unrank(rank: number, out: number[] | Int32Array, at: number): void

  /** The types of which it is made. */
  get parts(): readonly AnyType[] {
    return []
  }

  // --- what drafts need

  /** Whether a value is one slot that is read as it is asked for: it has no identity. */
  readonly scalar: boolean = false

  /** Of a scalar: the value that the number of its slot stands for. */
  fromSlot(_number: number): unknown {
    throw new InternalError(`${this} has no values of one slot`)
  }
  /** Makes the handle of what the slots from `base` on hold. */
  protected node(_graph: Graph, _base: number, _path: string): Node {
    throw new InternalError(`${this} has no handles`)
  }
  /** What a function gets that reads a place. */
  open(graph: Graph, origin: Origin, path: string): unknown {
    origin.made ??= this.node(graph, origin.slot, path)
    return (origin.made as Node).handle
  }
  /** Checks what a function puts into a place, and gives what the place holds from then on. Throws `ValueError`. */
  accept(graph: Graph, value: unknown): Content {
    const node = nodeOf(value)
    // A handle of another call must not be used: whoever reads it finds out.
    if (node?.graph === graph && node.type === this) return value
    return this.acceptOther(graph, value)
  }
  /** The same for what is no handle of this type. */
  protected acceptOther(_graph: Graph, value: unknown): Content {
    this.row(value)
    return value
  }
  /** Tells the store of the graph what the slots from `to` on become. Throws `ValueError`. */
  save(graph: Graph, content: Content, to: number, path: string): void {
    if (content instanceof Origin) {
      if (content.made === undefined) copySlots(graph.store, to, content.slot, this.slots.length)
      else this.saveMade(graph, content, to, path)
      return
    }
    const node = nodeOf(content)
    if (node?.graph === graph && node.type === this) node.save(to)
    else this.saveOther(graph, content, to, path)
  }
  protected saveMade(_graph: Graph, content: Origin, to: number, _path: string): void {
    ;(content.made as Node).save(to)
  }
  /** Saves an object of the function's own. */
  protected saveOther(graph: Graph, value: unknown, to: number, _path: string): void {
    this.row(value).forEach((number, i) => {
      graph.store.write(to + i, number)
    })
  }
  /** A value that a function of a spec holds as plain data that shares nothing with it. */
  plainOf(value: unknown): unknown {
    return nodeOf(value)?.plain() ?? copyOf(value)
  }
  /** The value with a number, as an object of its own. */
  fresh(rank: number): D {
    return copyOf(this.valueAt(rank))
  }
  /** The value in `slots` from `at` as plain data that may be changed. */
  thaw(slots: ArrayLike<number>, at: number): unknown {
    return copyOf(this.decode(slots, at))
  }
  /**
   * Gives other legal values to slots that are not `known`, in place: for a state that differs in everything that a function has not read.
   * `random(n)` is a number below n.
   */
  abstract vary(slots: number[], at: number, known: (slot: number) => boolean, random: (n: number) => number): void
  /** Whether none of the slots from `at` on is known. */
  protected allUnknown(at: number, known: (slot: number) => boolean): boolean {
    for (let i = 0; i < this.slots.length; i++) if (known(at + i)) return false
    return true
  }

  /** The order of two values in a set of too many possible ones to be listed, given by their slots from `at` on: the first that differs decides. */
  compare(a: ArrayLike<number>, b: ArrayLike<number>, at: number): number {
    for (let i = 0; i < this.slots.length; i++) {
      const difference = (a[at + i] as number) - (b[at + i] as number)
      if (difference !== 0) return difference
    }
    return 0
  }

  #values: readonly D[] | undefined

  /** All values in order. Throws where there are too many to list. */
  values(): readonly D[] {
    if (this.#values) return this.#values
    if (!(this.size <= MAX_LISTED)) {
      throw new ValueError(`${this} has ${this.size === Infinity ? 'unboundedly many' : this.size} values: too many to list`)
    }
    const all: D[] = []
    for (let rank = 0; rank < this.size; rank++) all.push(this.valueAt(rank))
    this.#values = Object.freeze(all)
    return this.#values
  }

  /** The value with a number. */
  valueAt(rank: number): D {
    const slots = new Array<number>(this.slots.length).fill(0)
    this.unrank(rank, slots, 0)
    return this.decode(slots, 0)
  }

  /** The number of a value. Throws `ValueError` where it is none of this type. */
  rankOf(value: unknown): number {
    return this.rank(this.row(value), 0)
  }

  /** The slots of a value as a new array. */
  row(value: unknown): number[] {
    const out = new Array<number>(this.slots.length).fill(0)
    this.encode(value, out, 0)
    return out
  }

  /** Whether a value belongs to this type. */
  has(value: unknown): boolean {
    try {
      this.row(value)
      return true
    } catch (error) {
      if (error instanceof ValueError) return false
      throw error
    }
  }

  [Symbol.iterator](): Iterator<D> {
    const values = this.values()
    if (typeof values[0] !== 'object') return values[Symbol.iterator]()
    return values.map((_, rank) => this.fresh(rank))[Symbol.iterator]()
  }

  /** Whether `test` holds for every value. */
  every(test: (value: D) => boolean): boolean {
    return quantify('every', this, test) as boolean
  }

  /** Whether `test` holds for at least one value. */
  some(test: (value: D) => boolean): boolean {
    return quantify('some', this, test) as boolean
  }

  /** How many values satisfy `test`. */
  count(test: (value: D) => boolean): number {
    return quantify('count', this, test) as number
  }

  /** The first value that satisfies `test`, or undefined. */
  find(test: (value: D) => boolean): D | undefined {
    return quantify('find', this, test) as D | undefined
  }

  /** The values that satisfy `test`, in order. */
  filter(test: (value: D) => boolean): D[] {
    return quantify('filter', this, test) as D[]
  }

  [QUANTIFY](): Candidates<D> {
    const values = this.values()
    if (typeof values[0] !== 'object') return { n: values.length, element: (index) => values[index] as D }
    const made: (D | undefined)[] = []
    return { n: values.length, element: (index) => (made[index] ??= this.fresh(index)) }
  }
}

/** How many values a domain may have to be listed: as parameters, picks, or in a quantifier. */
export const MAX_LISTED = 1 << 20

// biome-ignore lint/suspicious/noExplicitAny: any type at all, whatever its two views
export type AnyType = Type<any, any>

/** What a value of the type looks like in an action. */
export type Infer<T> = T extends Type<infer D, infer _R> ? D : never
/** What a value of the type looks like in a predicate: read only. */
export type InferRead<T> = T extends Type<infer _D, infer R> ? R : never

/** Flattens an intersection for display. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** The product of slot sizes as a number of values, `Infinity` beyond what a number holds exactly. */
export function product(sizes: readonly number[]): number {
  let n = 1
  for (const size of sizes) n *= size
  return n > Number.MAX_SAFE_INTEGER ? Infinity : n
}
