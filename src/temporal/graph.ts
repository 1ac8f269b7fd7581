/**
 * The graph of the states that a search has found: every step that changes the state, as rows of target indices.
 *
 *     edges of state i: first[i] up to first[i + 1] in `target` and `label`
 *
 * Steps that change nothing are not in it: every state may stutter anyway, and no event happens in them. Parallel steps are one edge, which is an
 * event of each of them, because an event is a property of the two states and not of who takes the step.
 */
import { InternalError } from '../errors.ts'
import { Successors } from '../layout/successors.ts'
import type { Program } from '../program/program.ts'
import type { Arena } from '../visited/arena.ts'
import { Fingerprint } from '../visited/visited.ts'
import { acceleratorOf } from '../explore/oneByOne.ts'
import { Column, Labels } from './labels.ts'

/** Finds states of an arena by their words. */
export class StateIndex {
  readonly #arena: Arena
  readonly #fingerprint = new Fingerprint()
  #table: Uint32Array
  #mask: number
  #size = 0

  constructor(arena: Arena) {
    this.#arena = arena
    let capacity = 1 << 10
    while (capacity < arena.length * 1.5) capacity *= 2
    this.#table = new Uint32Array(capacity)
    this.#mask = capacity - 1
    for (let i = 0; i < arena.length; i++) this.#enter(i)
  }

  #enter(index: number): void {
    const { words } = this.#arena
    this.#fingerprint.of(this.#arena.segment(index), this.#arena.offset(index), words)
    let entry = this.#fingerprint.lo & this.#mask
    while (this.#table[entry] !== 0) entry = (entry + 1) & this.#mask
    this.#table[entry] = index + 1
    this.#size++
  }

  /** The index of a state, or -1. */
  find(states: Int32Array, at: number): number {
    const arena = this.#arena
    const { words } = arena
    const table = this.#table
    this.#fingerprint.of(states, at, words)
    for (let entry = this.#fingerprint.lo & this.#mask; ; entry = (entry + 1) & this.#mask) {
      const found = table[entry] as number
      if (found === 0) return -1
      const segment = arena.segment(found - 1)
      const offset = arena.offset(found - 1)
      let w = 0
      while (w < words && segment[offset + w] === states[at + w]) w++
      if (w === words) return found - 1
    }
  }

  /** The index of a state, which is appended to the arena where it is new. */
  add(states: Int32Array, at: number): number {
    const found = this.find(states, at)
    if (found >= 0) return found
    const index = this.#arena.push(states, at, this.#arena.length)
    if (this.#size * 3 >= this.#table.length * 2) {
      this.#table = new Uint32Array(this.#table.length * 2)
      this.#mask = this.#table.length - 1
      this.#size = 0
      for (let i = 0; i < this.#arena.length; i++) this.#enter(i)
    } else this.#enter(index)
    return index
  }
}

/** A step of this many states is done at a time, and expanding ends at so many successors. */
const CHUNK = 1 << 10
const ENOUGH = 1 << 16

export class StateGraph {
  readonly program: Program
  readonly arena: Arena
  readonly labels: Labels
  readonly first: Float64Array
  target: Uint32Array
  /** What each edge is an event of. */
  readonly label: Column
  /** What is possible in each state: the events of all steps that change it, those that leave the constraints included. */
  readonly enabled: Column
  edges = 0
  /** Events of a step by each action instance, as far as that does not depend on its states; and those for which it does. */
  readonly #static: number[]
  readonly #dynamic: number[][]
  readonly #partial: boolean

  /** `edges`: about the number of edges. `partial`: not all successors are in the arena; those that are not count as possible all the same. */
  constructor(program: Program, arena: Arena, edges: number, partial = program.constrained) {
    this.program = program
    this.#partial = partial
    this.arena = arena
    const { temporal } = program
    this.labels = new Labels(temporal.events)
    const all = Array.from({ length: temporal.events }, (_, event) => event)
    this.#static = program.instances.map((_, instance) => this.labels.of(all.filter((event) => temporal.always(event, instance) === true)))
    this.#dynamic = program.instances.map((_, instance) => all.filter((event) => temporal.always(event, instance) === undefined))
    this.first = new Float64Array(arena.length + 1)
    this.target = new Uint32Array(edges)
    this.label = new Column(edges)
    this.enabled = new Column(arena.length)
  }

  get length(): number {
    return this.arena.length
  }

  /** What a step between two states is an event of. */
  #eventsOf(instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): number {
    let label = this.#static[instance] as number
    for (const event of this.#dynamic[instance] as number[]) {
      if (this.program.temporal.happens(event, instance, before, beforeAt, after, afterAt)) label = this.labels.union(label, this.labels.of([event]))
    }
    return label
  }

  /** Finds all edges, a part at a time. */
  *build(): Generator<void, void> {
    const { arena, program, labels } = this
    const { words } = program.layout
    const index = new StateIndex(arena)
    const out = new Successors(words)
    // Per state: where its edge from the state that is expanded lies.
    const edgeTo = new Float64Array(arena.length).fill(-1)
    for (let s = 0; s < arena.length; ) {
      out.count = 0
      // States that lie in one segment.
      const count = Math.min(CHUNK, arena.length - s, arena.runEnd(s) - s)
      const end = s + acceleratorOf(program).expandMany(arena.segment(s), arena.offset(s), count, s, out, ENOUGH)
      out.failures.length = 0
      out.stuck.length = 0
      for (let i = 0; s < end; s++) {
        const states = arena.segment(s)
        const at = arena.offset(s)
        const begin = this.edges
        this.first[s] = begin
        let possible = 0
        for (; i < out.count && out.source[i] === s; i++) {
          const to = i * words
          let w = 0
          while (w < words && out.states[to + w] === states[at + w]) w++
          if (w === words) continue
          const label = this.#eventsOf(out.instance[i] as number, states, at, out.states, to)
          possible = labels.union(possible, label)
          const target = index.find(out.states, to)
          if (target < 0) {
            if (!this.#partial) throw new InternalError('a successor of a state was not found by the search')
            continue
          }
          const known = edgeTo[target] as number
          if (known >= begin) {
            this.label.set(known, labels.union(this.label.values[known] as number, label))
            continue
          }
          edgeTo[target] = this.edges
          if (this.edges === this.target.length) {
            const longer = new Uint32Array(Math.max(1 << 10, this.edges * 2))
            longer.set(this.target)
            this.target = longer
          }
          this.target[this.edges] = target
          this.label.set(this.edges, label)
          this.edges++
        }
        this.enabled.set(s, possible)
      }
      yield
    }
    this.first[arena.length] = this.edges
  }

  /** The edge between two states, or -1. */
  edge(from: number, to: number): number {
    for (let e = this.first[from] as number; e < (this.first[from + 1] as number); e++) if (this.target[e] === to) return e
    return -1
  }

  /** The truth of some state predicates of the program in every state: bit b for the b-th of them. */
  *valuation(atoms: readonly number[]): Generator<void, Uint8Array | Uint32Array> {
    const { arena, program } = this
    const values = atoms.length <= 8 ? new Uint8Array(arena.length) : new Uint32Array(arena.length)
    for (let s = 0; s < arena.length; s++) {
      const states = arena.segment(s)
      const at = arena.offset(s)
      let bits = 0
      for (let b = 0; b < atoms.length; b++) if (program.temporal.holds(atoms[b] as number, states, at)) bits |= 1 << b
      values[s] = bits
      if (s % CHUNK === CHUNK - 1) yield
    }
    return values
  }
}
