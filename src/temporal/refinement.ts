/**
 * Refinement: every state of a graph is mapped to an abstract one; initial states must be mapped to initial states, and every step to a
 * step of the abstract program or to none at all.
 */
import { Successors } from '../layout/successors.ts'
import type { Program } from '../program/program.ts'
import type { RefinementInfo } from '../program/temporal.ts'
import { Arena } from '../visited/arena.ts'
import { Distinction, swapsOf } from '../symmetry/distinctions.ts'
import { type StateGraph, StateIndex } from './graph.ts'
import { Column, Labels } from './labels.ts'

/** States that are looked at a time. */
const CHUNK = 1 << 10

/** The first state or step, breadth first, that the abstract program does not have. `to` is -1 for an initial state. */
export interface Broken {
  readonly from: number
  readonly to: number
}

/** What an abstract state can do: its successors, each with the events of the step there. */
interface Expanded {
  readonly steps: ReadonlyMap<number, number>
  /** The events of all its steps. */
  readonly possible: number
}

/** The abstract program, as far as it is needed. */
export class Abstract {
  /** The abstract states that occur. */
  readonly arena: Arena
  readonly labels: Labels
  readonly #info: RefinementInfo
  readonly #index: StateIndex
  readonly #expanded = new Map<number, Expanded>()
  readonly #out: Successors
  readonly #mapped: Int32Array
  #initial: ReadonlySet<number> | undefined

  constructor(info: RefinementInfo) {
    const { layout, temporal } = info.abstract
    this.#info = info
    this.arena = new Arena(layout.words)
    this.labels = new Labels(temporal.events)
    this.#index = new StateIndex(this.arena)
    this.#out = new Successors(layout.words)
    this.#mapped = new Int32Array(layout.words)
  }

  /** The number of the abstract state that a state stands for. */
  of(states: Int32Array, at: number): number {
    this.#info.map(states, at, this.#mapped, 0)
    return this.#index.add(this.#mapped, 0)
  }

  /** Whether an abstract state is an initial one. */
  begins(state: number): boolean {
    if (this.#initial === undefined) {
      const out = this.#out
      out.count = 0
      this.#info.abstract.initial(out)
      const initial = new Set<number>()
      for (let i = 0; i < out.count; i++) initial.add(this.#index.add(out.states, i * out.words))
      this.#initial = initial
    }
    return this.#initial.has(state)
  }

  /** Whether the abstract program goes from one of its states to another, or stays. */
  goes(from: number, to: number): boolean {
    return from === to || this.expanded(from).steps.has(to)
  }

  /** What the abstract program can do in one of its states. */
  expanded(state: number): Expanded {
    let known = this.#expanded.get(state)
    if (known) return known
    const { arena, labels } = this
    const { abstract } = this.#info
    const out = this.#out
    const { temporal } = abstract
    const words = arena.segment(state)
    const at = arena.offset(state)
    out.count = 0
    abstract.expand(words, at, out)
    out.failures.length = 0
    const steps = new Map<number, number>()
    let possible = 0
    for (let i = 0; i < out.count; i++) {
      const target = this.#index.add(out.states, i * out.words)
      if (target === state) continue
      const instance = out.instance[i] as number
      const events: number[] = []
      for (let event = 0; event < temporal.events; event++)
        if (temporal.happens(event, instance, words, at, out.states, i * out.words)) events.push(event)
      const label = labels.union(steps.get(target) ?? 0, labels.of(events))
      steps.set(target, label)
      possible = labels.union(possible, label)
    }
    known = { steps, possible }
    this.#expanded.set(state, known)
    return known
  }
}

export class Refinement {
  /** Per edge of the graph: the abstract events of what it is mapped to. */
  readonly label: Column
  /** Whether some step is mapped to one that changes the abstract state. */
  moves = false
  readonly #abstract: Abstract
  readonly #graph: StateGraph
  /** Per state of the graph: the number of its abstract state. */
  readonly #image: Uint32Array

  constructor(graph: StateGraph, info: RefinementInfo) {
    this.#graph = graph
    this.#abstract = new Abstract(info)
    this.#image = new Uint32Array(graph.length)
    this.label = new Column(graph.edges)
  }

  get labels(): Labels {
    return this.#abstract.labels
  }

  /** Maps everything, a part at a time. Stops at the first thing that is wrong. */
  *check(): Generator<void, Broken | null> {
    const graph = this.#graph
    const abstract = this.#abstract
    const image = this.#image
    for (let s = 0; s < graph.length; s++) {
      image[s] = abstract.of(graph.arena.segment(s), graph.arena.offset(s))
      if (s % CHUNK === CHUNK - 1) yield
    }
    for (let s = 0; s < graph.length; s++) {
      const from = image[s] as number
      if (graph.arena.parent(s) === s && !abstract.begins(from)) return { from: s, to: -1 }
      for (let e = graph.first[s] as number; e < (graph.first[s + 1] as number); e++) {
        const to = image[graph.target[e] as number] as number
        if (to === from) continue
        this.moves = true
        const label = abstract.expanded(from).steps.get(to)
        if (label === undefined) return { from: s, to: graph.target[e] as number }
        this.label.set(e, label)
      }
      if (s % CHUNK === CHUNK - 1) yield
    }
    return null
  }

  /** In which states of the graph a step of an abstract event is possible. */
  possible(event: number): Uint8Array {
    const abstract = this.#abstract
    const byImage = new Map<number, number>()
    return Uint8Array.from(this.#image, (state) => {
      let is = byImage.get(state)
      if (is === undefined) {
        is = abstract.labels.has(abstract.expanded(state).possible, event) ? 1 : 0
        byImage.set(state, is)
      }
      return is
    })
  }
}

/** Where two interchangeable ids are exchanged: the first states, and a sample of the others. */
const LOOKED_AT = 256
const SAMPLE = 64
/** Where there are so few states and permutations of the ids: all of them, everywhere. */
const EXCHANGES = 1 << 15

/** An initial state (`from` is -1) or a step from a state of the arena that the abstract program does not have. */
export interface BrokenReduced {
  readonly from: number
  readonly state: Int32Array
  /** The action instance of the step; -1 for an initial state. */
  readonly instance: number
}

/**
 * The same where one state stands for all that differ from it by a permutation of interchangeable ids: without fairness a refinement is about
 * single steps, and those of the others are mapped to steps if the mapping treats the ids alike. That is checked, not trusted: with ids
 * permuted each of these steps has to be mapped to a step as well. Gives what is broken, or else whether the abstract state ever changes.
 */
export function* checkReduced(program: Program, arena: Arena, info: RefinementInfo): Generator<void, BrokenReduced | { readonly moves: boolean }> {
  const { words } = program.layout
  const abstract = new Abstract(info)
  const { swaps, whole } = swapsOf(program, EXCHANGES / arena.length)
  const out = new Successors(words)
  const before = new Int32Array(words)
  const after = new Int32Array(words)
  let moves = false
  for (let last = false; !last; ) {
    out.count = 0
    last = program.initial(out, CHUNK)
    for (let i = 0; i < out.count; i++)
      if (!abstract.begins(abstract.of(out.states, i * words))) return { from: -1, state: out.states.slice(i * words, (i + 1) * words), instance: -1 }
    yield
  }
  for (let s = 0; s < arena.length; s++) {
    const states = arena.segment(s)
    const at = arena.offset(s)
    const from = abstract.of(states, at)
    const exchanged = whole || s < LOOKED_AT || s % SAMPLE === 0 ? swaps : []
    out.count = 0
    program.expand(states, at, out)
    out.failures.length = 0
    for (let i = 0; i < out.count; i++) {
      const to = i * words
      if (program.constrained && !program.inside(out.states, to)) continue
      const target = abstract.of(out.states, to)
      moves ||= target !== from
      if (!abstract.goes(from, target)) return { from: s, state: out.states.slice(to, to + words), instance: out.instance[i] as number }
      for (const swap of exchanged) {
        swap.write(states, at, before, 0)
        swap.write(out.states, to, after, 0)
        if (!abstract.goes(abstract.of(before, 0), abstract.of(after, 0))) throw new Distinction('refinement', info.name, swap.ids, swap.scalarset)
      }
    }
    if (s % CHUNK === CHUNK - 1 || exchanged.length > 0) yield
  }
  return { moves }
}
