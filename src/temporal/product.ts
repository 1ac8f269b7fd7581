/**
 * The product of a state graph and a Büchi automaton.
 *
 * A node is a state and a state of the automaton that has yet to read it. A behaviour that the automaton accepts is either a path to a node at which the
 * state may stutter for ever, or a path to a cycle in a fair component (components.ts). Which there is, and a short one, is found in fairBehaviour.ts. The hot path.
 */
import { SpecError } from '../errors.ts'
import type { FairnessInfo } from '../program/temporal.ts'
import { acceptsForEver, type Automaton, type Transition } from './automaton.ts'
import type { StateGraph } from './graph.ts'
import type { Column, Labels } from './labels.ts'

/** What the automaton reads: the predicates of each state, and the events of each edge. */
export interface Letters {
  readonly atoms: Uint8Array | Uint32Array
  readonly label: Column
  readonly labels: Labels
}

const MAX_NODES = 2 ** 31

export class Product {
  readonly graph: StateGraph
  readonly automaton: Automaton
  readonly letters: Letters
  readonly fairness: readonly FairnessInfo[]
  /** Per label: the events of the automaton in it, as bits. */
  readonly #events = new Int32Array(1 << 10).fill(-1)
  readonly #moreEvents = new Map<number, number>()

  /** Nodes in the order in which a breadth-first search finds them: state times number of states of the automaton plus its state. */
  node = new Float64Array(1 << 10)
  /** The node by which a node was found; -1 for an initial one. */
  parent = new Int32Array(1 << 10)
  /** How many nodes were found. */
  length = 0
  /** The number of a node plus one; 0 for one that was not found. */
  number = new Int32Array(0)
  /** Which part of the product a node belongs to at present; -1 for none. */
  region = new Int32Array(0)

  constructor(graph: StateGraph, automaton: Automaton, letters: Letters, fairness: readonly FairnessInfo[]) {
    this.graph = graph
    this.automaton = automaton
    this.letters = letters
    this.fairness = fairness
  }

  stateOf(node: number): number {
    return Math.floor((this.node[node] as number) / this.automaton.states.length)
  }

  #transitionsOf(node: number): readonly Transition[] {
    return this.automaton.states[(this.node[node] as number) % this.automaton.states.length] as readonly Transition[]
  }

  /** The events of the automaton that a label stands for. */
  eventBits(label: number): number {
    const known = label < this.#events.length ? (this.#events[label] as number) : (this.#moreEvents.get(label) ?? -1)
    if (known >= 0) return known
    let bits = 0
    this.automaton.events.forEach((event, b) => {
      if (this.letters.labels.has(label, event)) bits |= 1 << b
    })
    if (label < this.#events.length) this.#events[label] = bits
    else this.#moreEvents.set(label, bits)
    return bits
  }

  #add(node: number, parent: number): void {
    if (this.length === this.node.length) {
      const size = this.length * 2
      const nodes = new Float64Array(size)
      nodes.set(this.node)
      this.node = nodes
      const parents = new Int32Array(size)
      parents.set(this.parent)
      this.parent = parents
    }
    this.node[this.length] = node
    this.parent[this.length] = parent
    this.length++
    this.number[node] = this.length
  }

  /** Finds all nodes, breadth first. Gives the first one at which a fair behaviour may stutter for ever, or -1. */
  explore(): number {
    const graph = this.graph
    const { atoms, label } = this.letters
    const automaton = this.automaton.states
    const q = automaton.length
    if (graph.length * q >= MAX_NODES)
      throw new SpecError(`a temporal property needs ${q} times ${graph.length} states of its product`, {
        hint: 'split the property, or check a smaller instance',
      })
    this.number = new Int32Array(graph.length * q)
    for (let s = 0; s < graph.length; s++) if (graph.arena.parent(s) === s && this.number[s * q] === 0) this.#add(s * q, -1)
    const accepting = new Map<number, boolean[]>()
    let found = -1
    for (let node = 0; node < this.length; node++) {
      const s = this.stateOf(node)
      const letter = atoms[s] as number
      if (found < 0 && this.#mayStutter(s)) {
        let accepts = accepting.get(letter)
        if (!accepts) {
          accepts = acceptsForEver(this.automaton, letter)
          accepting.set(letter, accepts)
        }
        if (accepts[(this.node[node] as number) % q]) found = node
      }
      const transitions = this.#transitionsOf(node)
      const end = graph.first[s + 1] as number
      for (const t of transitions) {
        if ((t.atoms & letter) !== t.atoms || (t.notAtoms & letter) !== 0) continue
        const anyEvent = (t.events | t.notEvents) === 0
        for (let e = graph.first[s] as number; e < end; e++) {
          if (!anyEvent) {
            const events = this.eventBits(label.values[e] as number)
            if ((t.events & events) !== t.events || (t.notEvents & events) !== 0) continue
          }
          const next = (graph.target[e] as number) * q + t.to
          if (this.number[next] === 0) this.#add(next, node)
        }
      }
    }
    return found
  }

  /** Whether no fairness keeps a behaviour from staying in a state for ever: nothing fair is possible in it. */
  #mayStutter(state: number): boolean {
    const possible = this.graph.enabled.values[state] as number
    return possible === 0 || this.fairness.every(({ event }) => !this.graph.labels.has(possible, event))
  }

  /** Calls `visit` with every edge from a node to a node of the same region; `visit` stops with true. */
  each(node: number, visit: (to: number, edge: number, promises: number) => boolean | void): boolean {
    const graph = this.graph
    const q = this.automaton.states.length
    const s = this.stateOf(node)
    const letter = this.letters.atoms[s] as number
    const region = this.region[node]
    const end = graph.first[s + 1] as number
    for (const t of this.#transitionsOf(node)) {
      if ((t.atoms & letter) !== t.atoms || (t.notAtoms & letter) !== 0) continue
      const anyEvent = (t.events | t.notEvents) === 0
      for (let e = graph.first[s] as number; e < end; e++) {
        if (!anyEvent) {
          const events = this.eventBits(this.letters.label.values[e] as number)
          if ((t.events & events) !== t.events || (t.notEvents & events) !== 0) continue
        }
        const to = (this.number[(graph.target[e] as number) * q + t.to] as number) - 1
        if (this.region[to] === region && visit(to, e, t.promises)) return true
      }
    }
    return false
  }

  /** The nodes from an initial one to this one. */
  prefix(node: number): number[] {
    const path: number[] = []
    for (let at = node; at >= 0; at = this.parent[at] as number) path.push(at)
    return path.reverse()
  }
}
