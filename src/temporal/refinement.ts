/**
 * Refinement: every state of a graph is mapped to an abstract one; initial states must be mapped to initial states, and every step to a
 * step of the abstract program or to none at all.
 */
import { type Program, Successors } from '../program/program.ts'
import type { RefinementInfo } from '../program/temporal.ts'
import { Arena } from '../search/arena.ts'
import { type StateGraph, StateIndex } from './graph.ts'
import { Column, Labels } from './labels.ts'

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

export class Refinement {
  readonly abstract: Program
  /** The abstract states that occur. */
  readonly arena: Arena
  /** Per state of the graph: the index of its abstract state. */
  readonly image: Uint32Array
  /** Per edge of the graph: the abstract events of what it is mapped to. */
  readonly label: Column
  readonly labels: Labels
  readonly #graph: StateGraph
  readonly #info: RefinementInfo
  readonly #index: StateIndex
  readonly #expanded = new Map<number, Expanded>()
  readonly #out: Successors

  constructor(graph: StateGraph, info: RefinementInfo) {
    this.#graph = graph
    this.#info = info
    this.abstract = info.abstract
    this.arena = new Arena(this.abstract.layout.words)
    this.#index = new StateIndex(this.arena)
    this.image = new Uint32Array(graph.length)
    this.label = new Column(graph.edges)
    this.labels = new Labels(this.abstract.temporal.events)
    this.#out = new Successors(this.abstract.layout.words)
  }

  /** Maps everything, a part at a time. Stops at the first thing that is wrong. */
  *check(): Generator<void, Broken | null> {
    const graph = this.#graph
    const mapped = new Int32Array(this.abstract.layout.words)
    for (let s = 0; s < graph.length; s++) {
      this.#info.map(graph.arena.segment(s), graph.arena.offset(s), mapped, 0)
      this.image[s] = this.#index.add(mapped, 0)
      if (s % 1024 === 1023) yield
    }
    const out = this.#out
    out.count = 0
    this.abstract.initial(out)
    const initial = new Set<number>()
    for (let i = 0; i < out.count; i++) initial.add(this.#index.add(out.states, i * out.words))
    for (let s = 0; s < graph.length; s++) {
      const from = this.image[s] as number
      if (graph.arena.parent(s) === s && !initial.has(from)) return { from: s, to: -1 }
      for (let e = graph.first[s] as number; e < (graph.first[s + 1] as number); e++) {
        const to = this.image[graph.target[e] as number] as number
        if (to === from) continue
        const label = this.expanded(from).steps.get(to)
        if (label === undefined) return { from: s, to: graph.target[e] as number }
        this.label.set(e, label)
      }
      if (s % 1024 === 1023) yield
    }
    return null
  }

  /** What the abstract program can do in one of its states. */
  expanded(state: number): Expanded {
    let known = this.#expanded.get(state)
    if (known) return known
    const { arena, abstract, labels } = this
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

  /** In which states of the graph a step of an abstract event is possible. */
  possible(event: number): Uint8Array {
    const byImage = new Map<number, number>()
    return Uint8Array.from(this.image, (state) => {
      let is = byImage.get(state)
      if (is === undefined) {
        is = this.labels.has(this.expanded(state).possible, event) ? 1 : 0
        byImage.set(state, is)
      }
      return is
    })
  }
}
