/**
 * What a function of a spec gets: a graph of objects that behave as plain JavaScript data do.
 *
 * The state lies in slots; the graph is made for one call, part by part as the function looks at it. Every composite is a *handle*, an object
 * with identity, whose parts are *contents*:
 *
 *     undefined     the part is where it was in the state, and nobody has looked
 *     Origin        the part is what some slots of the state hold: those at its own place, or at another where it was moved
 *     a value       what the function put there: a scalar, another handle, or an object of its own
 *
 *     s ── queue ─┬─ [0] Origin 7 ──▶ handle { id: Origin.. }      const m = s.queue[0]
 *                 └─ [1] Origin 9                                  s.queue.shift()         [0] is Origin 9 now; m is still the handle of slot 7
 *
 * So what is held, moved, swapped, shared or detached is as in JavaScript, because it is done with JavaScript's own means. When the function has
 * returned the graph is *saved*: walked from the state on, it tells of every slot whether it keeps its value, takes that of another, or gets a
 * new one. Only reads ask the store below, slot by slot; what is only moved is never read.
 */
import { keyOf, refuseChange, SetByValue } from '../values/collections.ts'

/** What drafts need of a type of variables; types implement it. */
export interface DraftType {
  readonly kind: string
  /** The number of values of each slot. */
  readonly slots: readonly number[]
  /** Whether a value is one slot that is read as it is asked for: it has no identity. */
  readonly scalar: boolean
  /** Of a scalar: the value that the number of its slot stands for. */
  fromSlot(number: number): unknown
  /** What a function gets that reads a place. */
  open(graph: Graph, origin: Origin, path: string): unknown
  /** Checks what a function puts into a place, and gives what the place holds from then on. Throws `ValueError`. */
  accept(graph: Graph, value: unknown): Content
  /** Tells the store of the graph what the slots from `to` on become. Throws `ValueError`. */
  save(graph: Graph, content: Content, to: number, path: string): void
  /** A value that a function of a spec holds as plain data that shares nothing with it. */
  plainOf(value: unknown): unknown
}

/** The type of elements: they have numbers. */
export interface ElementType extends DraftType {
  values(): readonly unknown[]
  rankOf(value: unknown): number
  row(value: unknown): readonly number[]
  /** The element with a number, as an object of its own. */
  fresh(rank: number): unknown
}

/** A type of sets that have a slot per possible element, or are numbered as they appear. */
export interface DraftSetType extends DraftType {
  readonly inner: ElementType
  elementNumber(row: readonly number[]): number
  freshElement(number: number): unknown
  rowOf(number: number): readonly number[]
  members(set: number): readonly number[]
  hasMember(set: number, element: number): boolean
  changed(set: number, changes: ReadonlyMap<number, boolean>): number
  /** The number of a set, by the rows of its elements. */
  number(rows: readonly (readonly number[])[]): number
}

/** Where the state that a function is given is read, and where it is told what becomes of it. */
export interface Store {
  /** The value of a slot in the state that the function was given. */
  read(slot: number): number
  /** Whether an interned set has an element, given by its number; the others are not looked at. */
  has(slot: number, type: DraftSetType, element: number): boolean
  /** Before every use of a draft: throws where the run is over, or has come to its end. */
  touch(): void
  /** Before every change: throws where nothing may be changed. */
  change(): void
  /** Told of a name that is read of an object that has none such: undefined, as in JavaScript, and perhaps a mistake. */
  missed(text: string): void
  /** Throws an error that stands whatever the function catches. */
  refuse(error: Error): never
  /** "the action Prepare(region: r1)", for messages. */
  readonly what: string

  // What the state becomes, told while the graph is saved; the last word on a slot counts.
  write(slot: number, value: number): void
  copy(to: number, from: number): void
  /** An interned set as it was at `from`, with some elements put in (true) or taken out. */
  alter(to: number, from: number, type: DraftSetType, changes: ReadonlyMap<number, boolean>): void
}

/** A part that is what the slots from `slot` on held. */
export class Origin {
  readonly slot: number
  /** What was made of it for the function: a handle; of an option, the Origin of what is inside; of a `value()`, its copy. */
  made: unknown = undefined

  constructor(slot: number) {
    this.slot = slot
  }
}

/** What a place holds. */
export type Content = Origin | unknown

/** Gives the node behind a handle. */
export const NODE: unique symbol = Symbol('tsmc.node')

/** What stands behind a handle. */
export interface Node {
  readonly graph: Graph
  readonly type: DraftType
  /** Where in the state it was: the first of its slots. */
  readonly base: number
  /** What the function sees. */
  readonly handle: object
  /** Tells the store what the slots from `to` on become. */
  save(to: number): void
  /** The content as plain data that shares nothing with the state. */
  plain(): unknown
}

/** The node of a handle; undefined for anything else. */
export function nodeOf(value: unknown): Node | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as { [NODE]?: Node })[NODE]
}

/** Something that a function owns and that was put into a set or a bag, with what it was then. */
interface Remembered {
  readonly value: object
  readonly key: string
  readonly what: string
  /** Whether it is still the element: asked where it was changed. */
  readonly mine: () => boolean
}

/** The drafts of one call. */
export class Graph {
  readonly store: Store
  /** Whether the function has changed anything. */
  changed = false
  /** Elements that were put into sets and bags, to be compared at the end. */
  readonly remembered: Remembered[] = []
  /** Copies of what `value()` held, to be compared at the end. */
  readonly copies: { readonly copy: object; readonly key: string; readonly path: string }[] = []

  constructor(store: Store) {
    this.store = store
  }

  touch(): void {
    this.store.touch()
  }

  change(): void {
    this.store.change()
    this.changed = true
  }

  /** Before the graph is saved: elements of sets and bags that the function has changed since it put them in are refused. */
  settle(): void {
    for (const { value, key, what, mine } of this.remembered) if (keyOf(value) !== key && mine()) refuseChange(what)
  }
  /** In a predicate, which only reads: what a `value()` holds must be as it was. */
  unchanged(): void {
    for (const { copy, key, path } of this.copies) if (keyOf(copy) !== key) refuseChange(`${path}, which a predicate was given to read,`)
  }
}

/** Says of the slots from `to` on that they become what those from `from` on were. */
export function copySlots(store: Store, to: number, from: number, width: number): void {
  for (let i = 0; i < width; i++) store.copy(to + i, from + i)
}

/** Whether it is a part of a state that a function of a spec has been given. */
export const isLive = (value: object): boolean => nodeOf(value) !== undefined

/** Deep plain data of what a function of a spec may hold: handles become copies of what they show, anything else stays as it is. */
export function plainOf(value: unknown, seen: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  const node = nodeOf(value)
  if (node !== undefined) {
    const plain = plainOf(node.plain())
    seen.set(value, plain)
    return plain
  }
  // As JavaScript's own sets are deeply equal to one another, and to no others.
  if (value instanceof SetByValue) return new Set([...value].map((part) => plainOf(part, seen)))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    seen.set(value, copy)
    for (const part of value) copy.push(plainOf(part, seen))
    return copy.every((part, i) => part === value[i]) ? value : copy
  }
  if (prototype === Set.prototype) {
    const copy = new Set([...(value as Set<unknown>)].map((part) => plainOf(part, seen)))
    return [...copy].every((part) => (value as Set<unknown>).has(part)) ? value : copy
  }
  if (prototype === Map.prototype)
    return new Map([...(value as Map<unknown, unknown>)].map(([key, part]) => [plainOf(key, seen), plainOf(part, seen)]))
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: Record<string, unknown> = {}
  seen.set(value, copy)
  let same = true
  for (const key of Object.keys(value)) {
    const part = (value as Record<string, unknown>)[key]
    const plain = plainOf(part, seen)
    same &&= plain === part
    Object.defineProperty(copy, key, { value: plain, enumerable: true, writable: true, configurable: true })
  }
  return same ? value : copy
}
