/**
 * Decision trees: what has been learned of the functions of a spec. The hot path: typed arrays and plain loops.
 *
 * All trees of a program live in one Int32Array. A node is an offset into it; 0 is "not known yet". Nodes, by their first word:
 *
 *     READ     slot word shift mask size  child[size]        the value of a slot chooses the child
 *     WIDE     slot word shift mask edges                    the same for a slot of many values; children in a Map
 *     PICK     n  child[n]                                   every child is walked
 *     PICKSET  n  (word, shift)[n]  child[n]                 every child is walked whose bit is set; word -1: always present
 *     QUANT    kind n  inner[n]  child[..]                   the answers of the trees `inner` choose the child
 *     HAS      slot word set element  child[2]               whether an interned set has an element chooses the child
 *     PICKANY  slot word set change edges                    every child is walked whose element is in the interned set after `change`
 *     OFF TRUE FALSE                                         leaves: not enabled; the answer of a predicate
 *     FAILED   message                                       leaf: an assertion was false
 *     NEXT     k (word, keep, bits)[k]  c (word, shift, from word, from shift, mask)[c]
 *              d (word, from word, change)[d]                leaf: the successor: constants, then copies from the old state, then interned
 *                                                            sets with elements put in or taken out
 *
 * An interned slot fills a word, so its word is its number. A `change` is a list of elements that come and go, -1 for none.
 *
 * Soundness: a function that has read the same values in the same order does the same next. A leaf is right for every state that walks to
 * it, because the function saw nothing else.
 */
import {
  READ,
  WIDE,
  PICK,
  PICKSET,
  QUANT,
  OFF,
  TRUE,
  FALSE,
  FAILED,
  NEXT,
  HAS,
  PICKANY,
  EVERY,
  SOME,
  NODE_OFF,
  NODE_TRUE,
  NODE_FALSE,
  type Event,
  type Leaf,
} from './nodes.ts'
import { InternalError } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import type { SetType } from '../types/set.ts'
import type { AnyType } from '../types/type.ts'

/** A run did something else than before although it had read the same: it depends on something besides the state. */
export class Inconsistent extends Error {}

/** A tree would grow over its budget. */
export class OverBudget extends Error {}

/** What is in a forest. */
export interface ForestState {
  readonly nodes: Int32Array
  readonly leaves: number
  readonly grown: number
  /** Of the roots that have some. */
  readonly footprints: readonly (readonly [root: number, footprint: Int32Array])[]
  /** Of the nodes that keep their children in a Map. */
  readonly edges: readonly Map<number, number>[]
}

/** Above this many values the children of a slot go into a Map. */
const MAX_CHILDREN = 64

export class Forest {
  /** Replaced when it grows: take it anew after every call that may grow it. */
  nodes: Int32Array = new Int32Array(1 << 12)
  leaves = 0
  /** How often anything was added. */
  grown = 0
  /** Per root: the bits of the state's words that its nodes look at. */
  readonly #footprints: Int32Array[] = []
  readonly #edges: Map<number, number>[] = []
  #used = 4
  readonly #layout: Layout
  /** Words that a walk sees: those of one state, or of two for step properties. */
  readonly #words: number

  constructor(layout: Layout, states = 1) {
    this.#layout = layout
    this.#words = layout.words * states
    this.nodes[NODE_OFF] = OFF
    this.nodes[NODE_TRUE] = TRUE
    this.nodes[NODE_FALSE] = FALSE
  }

  /** All trees, as threads can hand them over: without interned sets, which each thread would number for itself. */
  snapshot(): ForestState {
    if (this.#sets.length > 0) throw new InternalError('trees with interned sets cannot be shared')
    return {
      nodes: this.nodes.slice(0, this.#used),
      leaves: this.leaves,
      grown: this.grown,
      footprints: [...this.#footprints.entries()].flatMap(([root, row]) => (row === undefined ? [] : [[root, Int32Array.from(row)] as const])),
      edges: this.#edges,
    }
  }

  /** Takes over the trees of a forest that has the same roots. */
  adopt({ nodes, leaves, grown, footprints, edges }: ForestState): void {
    this.nodes = nodes
    this.#used = nodes.length
    this.leaves = leaves
    this.grown = grown
    this.adopted = leaves
    for (const [root, footprint] of footprints) this.#footprints[root] = footprint
    this.#edges.push(...edges)
  }

  /** How many of the leaves were taken over. */
  adopted = 0

  /** A new tree: the cell that holds its root. */
  root(): number {
    return this.#allocate(1)
  }

  /** The bits that the nodes of a tree look at, per word. Grows with the tree. */
  footprint(root: number): Int32Array {
    return (this.#footprints[root] ??= new Int32Array(this.#words))
  }

  /** Keeps the footprint of a tree in another row from now on, which other threads may keep theirs in as well: it is then that of all their trees. */
  keepFootprint(root: number, row: Int32Array): void {
    const old = this.#footprints[root]
    for (let w = 0; w < this.#words; w++) Atomics.or(row, w, old?.[w] ?? 0)
    this.#footprints[root] = row
  }

  /** The cell of a child of a WIDE node, 0 where there is none. */
  wide(node: number, value: number): number {
    return (this.#edges[this.nodes[node + 5] as number] as Map<number, number>).get(value) ?? 0
  }

  /** The cells of a node's children; those of the trees of a quantifier's callbacks are `callbacks`. */
  children(node: number): readonly number[] {
    const { nodes } = this
    const row = (first: number, n: number): number[] => Array.from({ length: n }, (_, i) => first + i)
    const n = nodes[node + 1] as number
    switch (nodes[node]) {
      case READ:
        return row(node + 6, nodes[node + 5] as number)
      case WIDE:
      case PICKANY:
        return [...(this.#edges[nodes[node + 5] as number] as Map<number, number>).values()]
      case HAS:
        return row(node + 5, 2)
      case PICK:
        return row(node + 2, n)
      case PICKSET:
        return row(node + 2 + 2 * n, n)
      case QUANT: {
        const kind = n
        const callbacks = nodes[node + 2] as number
        return row(node + 3 + callbacks, kind === EVERY || kind === SOME ? 2 : callbacks + 1)
      }
      default:
        return []
    }
  }

  /** The values and cells of the children of a WIDE node. */
  edges(node: number): (readonly [value: number, cell: number])[] {
    return [...(this.#edges[this.nodes[node + 5] as number] as Map<number, number>)]
  }

  /** How many words of a node lie before its children: what it is, but for a WIDE node and PICKANY, which have a row of children of their own. */
  headOf(node: number): number {
    const { nodes } = this
    switch (nodes[node]) {
      case READ:
      case WIDE:
      case PICKANY:
        return 6
      case PICK:
        return 2
      case PICKSET:
        return 2 + 2 * (nodes[node + 1] as number)
      case HAS:
        return 5
      case QUANT:
        return 3
      case FAILED:
        return 2
      case NEXT: {
        let end = node + 1
        end += 1 + 3 * (nodes[end] as number)
        end += 1 + 5 * (nodes[end] as number)
        end += 1 + 3 * (nodes[end] as number)
        return end - node
      }
      default:
        return 1
    }
  }

  callbacks(node: number): readonly number[] {
    return this.nodes[node] === QUANT ? Array.from({ length: this.nodes[node + 2] as number }, (_, i) => node + 3 + i) : []
  }

  // Interned sets and their changes, numbered for the nodes.
  readonly #sets: SetType<AnyType>[] = []
  readonly #changes: { readonly type: SetType<AnyType>; readonly elements: ReadonlyMap<number, boolean>; readonly results: Map<number, number> }[] =
    []
  readonly #changeNumbers = new Map<string, number>()

  #set(type: SetType<AnyType>): number {
    const known = this.#sets.indexOf(type)
    return known >= 0 ? known : this.#sets.push(type) - 1
  }

  #change(type: SetType<AnyType>, elements: ReadonlyMap<number, boolean>): number {
    if (elements.size === 0) return -1
    const key = `${this.#set(type)}:${[...elements].sort(([a], [b]) => a - b)}`
    let number = this.#changeNumbers.get(key)
    if (number === undefined) {
      number = this.#changes.push({ type, elements: new Map(elements), results: new Map() }) - 1
      this.#changeNumbers.set(key, number)
    }
    return number
  }

  /** Whether an interned set has an element. */
  has(set: number, value: number, element: number): boolean {
    return (this.#sets[set] as SetType<AnyType>).hasMember(value, element)
  }

  /** The elements of an interned set, by number and in order. */
  members(set: number, value: number): readonly number[] {
    return (this.#sets[set] as SetType<AnyType>).members(value)
  }

  /** The number of an interned set after a change. */
  changed(change: number, value: number): number {
    if (change < 0) return value
    const { type, elements, results } = this.#changes[change] as {
      type: SetType<AnyType>
      elements: ReadonlyMap<number, boolean>
      results: Map<number, number>
    }
    let result = results.get(value)
    if (result === undefined) {
      result = type.changed(value, elements)
      results.set(value, result)
    }
    return result
  }

  /** Words in use. */
  get size(): number {
    return this.#used
  }

  /** Adds what a run did to the tree below a root. Throws `Inconsistent`. */
  grow(root: number, events: readonly Event[], leaf: Leaf): void {
    const footprint = this.footprint(root)
    const cell = this.#path(root, events, footprint)
    if (cell < 0) return
    const known = this.nodes[cell] as number
    if (known === 0) {
      const made = this.#leaf(leaf)
      this.nodes[cell] = made
      this.leaves++
      this.grown++
    } else if (!this.#same(known, leaf)) throw new Inconsistent()
  }

  /** Walks and grows along events; gives the cell behind the last. */
  #path(cell: number, events: readonly Event[], footprint: Int32Array): number {
    for (const event of events) {
      let node = this.nodes[cell] as number
      if (node === 0) {
        node = this.#node(event, footprint)
        this.nodes[cell] = node
        this.grown++
      } else if (!this.#fits(node, event)) throw new Inconsistent()
      if (event.op === QUANT) {
        event.inner.forEach(({ events: inside, answer }, i) => {
          const end = this.#path(node + 3 + i, inside, footprint)
          const expected = answer ? NODE_TRUE : NODE_FALSE
          const found = this.nodes[end] as number
          if (found === 0) {
            this.nodes[end] = expected
            this.grown++
          } else if (found !== expected) throw new Inconsistent()
        })
      }
      // Nothing to pick: the run ended at this node, without a leaf.
      if (event.edge < 0) return -1
      cell = this.#edge(node, event)
    }
    return cell
  }

  #node(event: Event, footprint: Int32Array): number {
    switch (event.op) {
      case READ: {
        const { word, shift, mask } = this.#bits(event.slot)
        Atomics.or(footprint, word, mask << shift)
        const { size } = this.#slot(event.slot)
        if (size === 0 || size > MAX_CHILDREN) {
          const node = this.#allocate(6)
          this.nodes.set([WIDE, event.slot, word, shift, mask, this.#edges.length], node)
          this.#edges.push(new Map())
          return node
        }
        const node = this.#allocate(6 + size)
        this.nodes.set([READ, event.slot, word, shift, mask, size], node)
        return node
      }
      case PICK: {
        const node = this.#allocate(2 + event.n)
        this.nodes.set([PICK, event.n], node)
        return node
      }
      case PICKSET: {
        const node = this.#allocate(2 + 3 * event.slots.length)
        this.nodes.set([PICKSET, event.slots.length], node)
        event.slots.forEach((slot, i) => {
          if (slot < 0) this.nodes.set([-1, 0], node + 2 + 2 * i)
          else {
            const { word, shift, mask } = this.#bits(slot)
            Atomics.or(footprint, word, mask << shift)
            this.nodes.set([word, shift], node + 2 + 2 * i)
          }
        })
        return node
      }
      case HAS:
      case PICKANY: {
        const { word } = this.#bits(event.slot)
        footprint[word] = -1
        const node = this.#allocate(7)
        if (event.op === HAS) this.nodes.set([HAS, event.slot, word, this.#set(event.type), event.element], node)
        else {
          this.nodes.set([PICKANY, event.slot, word, this.#set(event.type), this.#change(event.type, event.changes), this.#edges.length], node)
          this.#edges.push(new Map())
        }
        return node
      }
      case QUANT: {
        const children = event.kind === EVERY || event.kind === SOME ? 2 : event.n + 1
        const node = this.#allocate(3 + event.n + children)
        this.nodes.set([QUANT, event.kind, event.n], node)
        return node
      }
    }
  }

  #fits(node: number, event: Event): boolean {
    const { nodes } = this
    switch (event.op) {
      case READ:
        return (nodes[node] === READ || nodes[node] === WIDE) && nodes[node + 1] === event.slot
      case PICK:
        return nodes[node] === PICK && nodes[node + 1] === event.n
      case PICKSET:
        return nodes[node] === PICKSET && nodes[node + 1] === event.slots.length
      case HAS:
        return nodes[node] === HAS && nodes[node + 1] === event.slot && nodes[node + 4] === event.element
      case PICKANY:
        return nodes[node] === PICKANY && nodes[node + 1] === event.slot && nodes[node + 4] === this.#change(event.type, event.changes)
      case QUANT:
        return nodes[node] === QUANT && nodes[node + 1] === event.kind && nodes[node + 2] === event.n
    }
  }

  /** The cell of the child that an event led to. */
  #edge(node: number, event: Event): number {
    switch (event.op) {
      case READ: {
        if (this.nodes[node] === READ) return node + 6 + event.edge
        return this.#wideCell(node, event.edge)
      }
      case HAS:
        return node + 5 + event.edge
      case PICKANY:
        return this.#wideCell(node, event.edge)
      case PICK:
        return node + 2 + event.edge
      case PICKSET:
        return node + 2 + 2 * event.slots.length + event.edge
      case QUANT:
        return node + 3 + event.n + event.edge
    }
  }

  /** The cell of a child that is kept in a Map: made where it is not there. */
  #wideCell(node: number, edge: number): number {
    const edges = this.#edges[this.nodes[node + 5] as number] as Map<number, number>
    let cell = edges.get(edge)
    if (cell === undefined) {
      cell = this.#allocate(1)
      edges.set(edge, cell)
    }
    return cell
  }

  #leaf(leaf: Leaf): number {
    switch (leaf.op) {
      case OFF:
        return NODE_OFF
      case TRUE:
        return NODE_TRUE
      case FALSE:
        return NODE_FALSE
      case FAILED: {
        const node = this.#allocate(2)
        this.nodes.set([FAILED, leaf.message], node)
        return node
      }
      case NEXT: {
        const row = this.#next(leaf)
        const node = this.#allocate(row.length)
        this.nodes.set(row, node)
        return node
      }
    }
  }

  #next(leaf: Leaf & { op: typeof NEXT }): number[] {
    const keep = new Map<number, number>()
    const bits = new Map<number, number>()
    const copies: number[] = []
    const sets: number[] = []
    for (const { slot, value, from, changes } of leaf.writes) {
      if (changes !== undefined && changes.elements.size > 0) {
        const { word } = this.#bits(slot)
        sets.push(word, this.#bits(from).word, this.#change(changes.type, changes.elements))
        continue
      }
      if (from === slot) continue
      const { word, shift, mask } = this.#bits(slot)
      keep.set(word, (keep.get(word) ?? -1) & ~(mask << shift))
      if (from < 0) bits.set(word, (bits.get(word) ?? 0) | (value << shift))
      else {
        const source = this.#bits(from)
        // The source's own mask: in a union a slot may be wider than that of the type that lies there.
        copies.push(word, shift, source.word, source.shift, source.mask)
      }
    }
    return [
      NEXT,
      keep.size,
      ...[...keep].flatMap(([word, kept]) => [word, kept, bits.get(word) ?? 0]),
      copies.length / 5,
      ...copies,
      sets.length / 3,
      ...sets,
    ]
  }

  #same(node: number, leaf: Leaf): boolean {
    switch (leaf.op) {
      case OFF:
        return node === NODE_OFF
      case TRUE:
        return node === NODE_TRUE
      case FALSE:
        return node === NODE_FALSE
      case FAILED:
        return this.nodes[node] === FAILED && this.nodes[node + 1] === leaf.message
      case NEXT:
        return this.#next(leaf).every((word, i) => this.nodes[node + i] === word)
    }
  }

  #slot(slot: number): { size: number } {
    return this.#layout.slots[slot % this.#layout.slots.length] as { size: number }
  }

  /** Where a slot lies in the words of a walk: the slots of a second state follow those of the first. */
  #bits(slot: number): { word: number; shift: number; mask: number } {
    const { layout, within } = { layout: this.#layout, within: slot % this.#layout.slots.length }
    const second = slot >= layout.slots.length ? layout.words : 0
    return { word: (layout.word[within] as number) + second, shift: layout.shift[within] as number, mask: layout.mask[within] as number }
  }

  #allocate(n: number): number {
    const at = this.#used
    if (at + n > MAX_NODES) throw new OverBudget()
    if (at + n > this.nodes.length) {
      const nodes = new Int32Array(Math.max(this.nodes.length * 2, at + n))
      nodes.set(this.nodes)
      this.nodes = nodes
    }
    this.#used += n
    return at
  }
}

/** The words of all trees together. */
const MAX_NODES = 1 << 28
