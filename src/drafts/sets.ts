/**
 * Handles of sets and bags. An element whose bit nobody asked for is not read: it is added, deleted and moved blindly.
 *
 * The order is that of a `Set`: at first that of the type, what the function adds behind.
 */
import { type Bag, keyOf, SetByValue, SHAPE, ValueBag, ValueSet } from '../values/collections.ts'
import { ValueError } from '../values/errors.ts'
import { type Candidates, QUANTIFY, quantify } from '../values/quantify.ts'
import { elementOf, type Owner } from './element.ts'
import { copySlots, type DraftSetType, type DraftType, type ElementType, type Graph, NODE, type Node } from './graph.ts'
import { wrong } from './object.ts'

/** A type of multisets with a slot per possible element. */
export interface DraftBagType extends DraftType {
  readonly inner: ElementType
  readonly max: number
  countOf(number: number): number
  numberOf(count: number): number
  overflow(element: unknown): Error
}

/** Where an element stands among those that the function added; `blind`: it may have been in the set before, and then stands there. */
interface Added {
  readonly element: number
  readonly blind: boolean
  gone: boolean
}

/** What sets of both kinds share: elements are numbers. */
abstract class LiveSet extends SetByValue<unknown> implements Node, Owner {
  // Private, so that the function sees no properties that a set has not.
  readonly #graph: Graph
  readonly #type: DraftSetType
  readonly #base: number
  readonly #path: string
  readonly #changes = new Map<number, boolean>()
  #cleared = false
  /** What was added, in order. */
  readonly #added: Added[] = []
  /** Elements as the function sees them. */
  readonly #elements = new Map<number, unknown>()
  /** Objects of the function that were put in as elements. */
  readonly #given = new Map<number, object>()

  constructor(graph: Graph, type: DraftSetType, base: number, path: string) {
    super()
    this.#graph = graph
    this.#type = type
    this.#base = base
    this.#path = path
  }

  get graph(): Graph {
    return this.#graph
  }
  get type(): DraftSetType {
    return this.#type
  }
  get base(): number {
    return this.#base
  }
  get path(): string {
    return this.#path
  }
  /** Elements that were put in (true) or taken out. */
  protected get changes(): ReadonlyMap<number, boolean> {
    return this.#changes
  }
  /** Whether all elements of the state were taken out first. */
  protected get cleared(): boolean {
    return this.#cleared
  }
  get handle(): object {
    return this
  }

  /** The number of a value as an element. */
  protected abstract number(value: unknown): number
  protected abstract plainElement(element: number): unknown
  /** Whether the set of the state has an element. */
  protected abstract before(element: number): boolean
  /** The elements of the state that are there, in order. */
  protected abstract old(): Iterable<number>
  abstract save(to: number): void

  element(number: number): unknown {
    const given = this.#given.get(number)
    if (given !== undefined && !this.#old(number)) return given
    if (!this.#elements.has(number)) this.#elements.set(number, elementOf(this, number, this.plainElement(number)))
    return this.#elements.get(number)
  }
  /** Whether an element that was added is that of the state: it was there already. */
  #old(element: number): boolean {
    return this.#added.some((added) => added.element === element && !added.gone && added.blind) && this.before(element)
  }
  #number(value: unknown): number {
    try {
      return this.number(value)
    } catch (error) {
      return wrong(this.graph, `an element of ${this.path}`, error)
    }
  }
  /** The same for a value that is only looked for: -1 where it is none of the type, and so never there. */
  #find(value: unknown): number {
    try {
      return this.number(value)
    } catch (error) {
      if (error instanceof ValueError) return -1
      throw error
    }
  }

  holds(element: number): boolean {
    return this.changes.get(element) ?? (!this.cleared && this.before(element))
  }
  override has(value: unknown): boolean {
    this.graph.touch()
    const element = this.#find(value)
    return element >= 0 && this.holds(element)
  }
  override add(value: unknown): this {
    this.graph.change()
    const element = this.#number(value)
    const change = this.changes.get(element)
    if (change === true) return this
    const blind = change === undefined && !this.#cleared
    this.#changes.set(element, true)
    this.#added.push({ element, blind, gone: false })
    if (typeof value === 'object' && value !== null && value !== this.#elements.get(element)) {
      this.#given.set(element, value)
      const mine = (): boolean => this.#given.get(element) === value && this.holds(element) && !this.#old(element)
      this.graph.remembered.push({ value, key: keyOf(value), what: `an element of ${this.path}`, mine })
    }
    return this
  }
  override delete(value: unknown): boolean {
    this.graph.change()
    const element = this.#find(value)
    // Whether it was there is only looked at by whoever asks for the answer; that cannot be told apart, so it counts as read.
    if (element < 0 || !this.holds(element)) return false
    this.#changes.set(element, false)
    this.#given.delete(element)
    for (const added of this.#added) if (added.element === element) added.gone = true
    return true
  }
  override clear(): void {
    this.graph.change()
    this.#changes.clear()
    this.#given.clear()
    for (const added of this.#added) added.gone = true
    this.#cleared = true
  }
  override get size(): number {
    this.graph.touch()
    return quantify('count', this, () => true, true) as number
  }
  override *[Symbol.iterator](): SetIterator<unknown> {
    this.graph.touch()
    if (!this.cleared)
      for (const element of this.old()) {
        // It may have been taken out since, or taken out and put in again: then it stands behind.
        const change = this.changes.get(element)
        if (this.cleared) break
        if (change === undefined || (change && this.#added.every((added) => added.element !== element || added.blind))) {
          yield this.element(element)
          this.graph.touch()
        }
      }
    for (let i = 0; i < this.#added.length; i++) {
      const { element, blind, gone } = this.#added[i] as Added
      if (gone || (blind && this.before(element))) continue
      yield this.element(element)
      this.graph.touch()
    }
    return undefined
  }

  /** The elements that are there, by number and in order. */
  protected numbers(): number[] {
    const behind = new Set(this.#added.filter(({ element, blind, gone }) => !gone && !(blind && this.before(element))).map(({ element }) => element))
    const first = this.#cleared ? [] : [...this.old()].filter((element) => !behind.has(element) && this.holds(element))
    return [...first, ...behind]
  }

  /** Whether the function has added anything, so that the order is not that of the type. */
  protected get inOrder(): boolean {
    return this.#added.length === 0
  }
  abstract override [QUANTIFY](): Candidates<unknown>

  override isSubsetOf(other: ReadonlySetLike<unknown>): boolean {
    if (!(other instanceof LiveSet)) return super.isSubsetOf(other)
    this.graph.touch()
    return quantify('every', this, (value) => other.has(value), true) as boolean
  }
  override isDisjointFrom(other: ReadonlySetLike<unknown>): boolean {
    if (!(other instanceof LiveSet)) return super.isDisjointFrom(other)
    this.graph.touch()
    return quantify('every', this, (value) => !other.has(value), true) as boolean
  }
  override isSupersetOf(other: ReadonlySetLike<unknown>): boolean {
    if (!(other instanceof LiveSet)) return super.isSupersetOf(other)
    this.graph.touch()
    return quantify('every', other, (value) => this.has(value), true) as boolean
  }

  plain(): unknown {
    return new ValueSet([...this].map((element) => this.type.inner.plainOf(element)))
  }
}
Object.defineProperty(LiveSet.prototype, NODE, {
  get(this: LiveSet) {
    return this
  },
})

/** A set with a slot per possible element, which is its number. */
export class BitSet extends LiveSet {
  protected number(value: unknown): number {
    return this.type.inner.rankOf(value)
  }
  protected plainElement(element: number): unknown {
    return this.type.inner.scalar ? (this.type.inner.values() as readonly unknown[])[element] : this.type.inner.fresh(element)
  }
  protected before(element: number): boolean {
    return this.graph.store.read(this.base + element) !== 0
  }
  protected *old(): Iterable<number> {
    for (let i = 0; i < this.type.slots.length; i++) {
      const change = this.changes.get(i)
      if (change !== false && this.before(i)) yield i
    }
  }
  /** For a pick: the elements that may be there, and the slot that tells; -1 for those that are there in any case. */
  candidates(): { readonly element: number; readonly slot: number }[] {
    this.graph.touch()
    // Where the function has added elements, the order is that of iteration, which has to know what was there before.
    if (!this.inOrder) return this.numbers().map((element) => ({ element, slot: -1 }))
    const found: { element: number; slot: number }[] = []
    for (let i = 0; i < this.type.slots.length; i++) {
      const change = this.changes.get(i) ?? (this.cleared ? false : undefined)
      if (change !== false) found.push({ element: i, slot: change === undefined ? this.base + i : -1 })
    }
    return found
  }
  [QUANTIFY](): Candidates<unknown> {
    this.graph.touch()
    return {
      n: this.type.slots.length,
      element: (index) => this.element(index),
      present: (index) => this.holds(index),
      inOrder: this.inOrder,
    }
  }
  save(to: number): void {
    const { store } = this.graph
    const width = this.type.slots.length
    if (this.cleared) for (let i = 0; i < width; i++) store.write(to + i, 0)
    else copySlots(store, to, this.base, width)
    for (const [element, present] of this.changes) store.write(to + element, present ? 1 : 0)
  }
}

/** A set whose possible elements are too many for a slot each: one interned slot. */
export class WideSet extends LiveSet {
  protected number(value: unknown): number {
    return this.type.elementNumber(this.type.inner.row(value))
  }
  protected plainElement(element: number): unknown {
    return this.type.freshElement(element)
  }
  protected before(element: number): boolean {
    return this.graph.store.has(this.base, this.type, element)
  }
  protected old(): Iterable<number> {
    return this.type.members(this.graph.store.read(this.base))
  }
  /** For a pick from what the state holds, with elements taken out; `known`: the order is another, and all of them have to be looked at. */
  altered(): { readonly known: boolean; readonly changes: ReadonlyMap<number, boolean> } {
    this.graph.touch()
    return { known: this.cleared || !this.inOrder, changes: this.changes }
  }
  [QUANTIFY](): Candidates<unknown> {
    const elements = [...this]
    return { n: elements.length, element: (index) => elements[index] }
  }
  override get size(): number {
    this.graph.touch()
    return [...this].length
  }
  save(to: number): void {
    if (this.cleared) {
      const rows = [...this.changes].filter(([, present]) => present).map(([element]) => this.type.rowOf(element))
      this.graph.store.write(to, this.type.number(rows))
    } else if (this.changes.size === 0) this.graph.store.copy(to, this.base)
    else this.graph.store.alter(to, this.base, this.type, this.changes)
  }
}

/** A multiset with a slot per possible element, which is its number. */
export class LiveBag implements Bag<unknown>, Node, Owner {
  readonly #graph: Graph
  readonly #type: DraftBagType
  readonly #base: number
  readonly #path: string
  readonly #counts = new Map<number, number>()
  #cleared = false
  /** Elements in the order in which the function added them where there were none, after those of the state. */
  readonly #added: { readonly element: number; gone: boolean }[] = []
  readonly #elements = new Map<number, unknown>()

  constructor(graph: Graph, type: DraftBagType, base: number, path: string) {
    this.#graph = graph
    this.#type = type
    this.#base = base
    this.#path = path
  }

  get graph(): Graph {
    return this.#graph
  }
  get type(): DraftBagType {
    return this.#type
  }
  get base(): number {
    return this.#base
  }
  get path(): string {
    return this.#path
  }

  get handle(): object {
    return this
  }
  get [NODE](): Node {
    return this
  }

  #number(value: unknown): number {
    try {
      return this.type.inner.rankOf(value)
    } catch (error) {
      return wrong(this.graph, `an element of ${this.path}`, error)
    }
  }
  /** The same for a value that is only looked for: -1 where it is none of the type. */
  #find(value: unknown): number {
    try {
      return this.type.inner.rankOf(value)
    } catch (error) {
      if (error instanceof ValueError) return -1
      throw error
    }
  }
  #count(element: number): number {
    return this.#counts.get(element) ?? (this.#cleared ? 0 : this.type.countOf(this.graph.store.read(this.base + element)))
  }
  holds(element: number): boolean {
    return this.#count(element) > 0
  }
  #element(number: number): unknown {
    if (!this.#elements.has(number)) this.#elements.set(number, elementOf(this, number, this.type.inner.fresh(number)))
    return this.#elements.get(number)
  }
  /**
   * Hands out the elements that are there, in order, each with whether it is still the one that it was: one that was taken out altogether and put in
   * again stands behind all others.
   */
  *#order(): Iterable<{ readonly element: number; readonly still: () => boolean }> {
    for (let element = 0; element < this.type.slots.length; element++) {
      const still = (): boolean => !this.#cleared && this.#count(element) > 0 && this.#added.every((added) => added.element !== element)
      if (still()) yield { element, still }
    }
    for (let i = 0; i < this.#added.length; i++) {
      const added = this.#added[i] as { readonly element: number; gone: boolean }
      if (!added.gone) yield { element: added.element, still: () => !added.gone }
    }
  }

  get size(): number {
    this.graph.touch()
    let size = 0
    for (let i = 0; i < this.type.slots.length; i++) size += this.#count(i)
    return size
  }
  has(value: unknown): boolean {
    return this.count(value) > 0
  }
  count(value: unknown): number {
    this.graph.touch()
    const element = this.#find(value)
    return element < 0 ? 0 : this.#count(element)
  }
  add(value: unknown): this {
    this.graph.change()
    const element = this.#number(value)
    const before = this.#count(element)
    if (before >= this.type.max) wrong(this.graph, this.path, this.type.overflow(value))
    this.#counts.set(element, before + 1)
    if (before === 0) {
      this.#added.push({ element, gone: false })
      this.#elements.delete(element)
      if (typeof value === 'object' && value !== null) {
        this.#elements.set(element, value)
        const mine = (): boolean => this.#elements.get(element) === value && this.holds(element)
        this.graph.remembered.push({ value, key: keyOf(value), what: `an element of ${this.path}`, mine })
      }
    }
    return this
  }
  delete(value: unknown): boolean {
    this.graph.change()
    const element = this.#find(value)
    const before = element < 0 ? 0 : this.#count(element)
    if (before > 0) this.#counts.set(element, before - 1)
    if (before === 1) for (const added of this.#added) if (added.element === element) added.gone = true
    return before > 0
  }
  clear(): void {
    this.graph.change()
    this.#counts.clear()
    for (const added of this.#added) added.gone = true
    this.#cleared = true
  }
  distinct(): unknown[] {
    this.graph.touch()
    return Array.from(this.#order(), ({ element }) => this.#element(element))
  }
  *[Symbol.iterator](): IterableIterator<unknown> {
    this.graph.touch()
    for (const { element, still } of this.#order())
      for (let n = 0; still() && n < this.#count(element); n++) {
        yield this.#element(element)
        this.graph.touch()
      }
  }
  [QUANTIFY](): Candidates<unknown> {
    this.graph.touch()
    return {
      n: this.type.slots.length,
      element: (index) => this.#element(index),
      present: (index) => this.#count(index) > 0,
      inOrder: this.#added.length === 0,
      copies: true,
    }
  }
  toJSON(): unknown {
    return [...this]
  }

  save(to: number): void {
    const { store } = this.graph
    const width = this.type.slots.length
    if (this.#cleared) for (let i = 0; i < width; i++) store.write(to + i, 0)
    else copySlots(store, to, this.base, width)
    for (const [element, count] of this.#counts) store.write(to + element, this.type.numberOf(count))
  }
  plain(): unknown {
    return ValueBag.of(this.distinct().map((element) => [this.type.inner.plainOf(element), this.count(element)] as const))
  }
}
Object.defineProperty(LiveBag.prototype, SHAPE, { value: 'bag' })

// What a set says of itself is what JavaScript's own says.
for (const { prototype } of [BitSet, WideSet]) Object.defineProperty(prototype, 'constructor', { value: Set })
