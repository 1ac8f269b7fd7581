/**
 * The product of a state graph and a Büchi automaton, and the search for a fair cycle in it.
 *
 * A node is a state and a state of the automaton that has yet to read it. A behaviour that the automaton accepts is either a path to a
 * node at which the state may stutter for ever, or a path to a cycle in which
 *
 *  - every promise of the automaton is not made by some edge,
 *  - every weakly fair event happens, or is impossible in some state,
 *  - every strongly fair event happens, or is impossible in all states.
 *
 * The strongly connected components are Tarjan's (1972), with explicit stacks. The first two conditions hold for a whole component if they
 * hold for a cycle in it. The third does not (a cycle may avoid the states in which the event is possible), so those states are
 * removed and the rest is decomposed again, as is usual for Streett conditions (Emerson and Lei, 1987): polynomial, however many there
 * are. The hot path.
 */
import { InternalError, SpecError } from '../errors.ts'
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

/** A counterexample as states: the path, and where it goes back to; -1 where its last state stutters for ever. */
export interface Found {
  readonly states: readonly number[]
  readonly backTo: number
}

/** An edge of the product, as part of a path. */
interface Edge {
  readonly from: number
  readonly to: number
  readonly edge: number
  readonly promises: number
}

const MAX_NODES = 2 ** 31
/** How many fair components, and how many nodes of each, are tried for the shortest counterexample; and how many nodes are gone through for it. */
const TRIED = 8
const EFFORT = 20_000_000
/** The shortest cycle through a node is looked for among at most so many pairs of a node and what is met; otherwise a short one. */
const MAX_PAIRS = 1 << 19

/** The number of steps of a counterexample, the one that closes a cycle included. */
function stepsOf({ states, backTo }: Found): number {
  return states.length - (backTo < 0 ? 1 : 0)
}

export class Product {
  readonly #graph: StateGraph
  readonly #automaton: Automaton
  readonly #letters: Letters
  readonly #fairness: readonly FairnessInfo[]
  /** Per label: the events of the automaton in it, as bits. */
  readonly #events = new Int32Array(1 << 10).fill(-1)
  readonly #moreEvents = new Map<number, number>()
  readonly #most: number

  /** Nodes in the order in which a breadth-first search finds them: state times number of states of the automaton plus its state. */
  #node = new Float64Array(1 << 10)
  #parent = new Int32Array(1 << 10)
  #length = 0
  /** The number of a node plus one; 0 for one that was not found. */
  #number = new Int32Array(0)
  /** Which part of the product a node belongs to at present; -1 for none. */
  #region = new Int32Array(0)
  #regions = 0

  constructor(graph: StateGraph, automaton: Automaton, letters: Letters, fairness: readonly FairnessInfo[]) {
    this.#graph = graph
    this.#automaton = automaton
    this.#letters = letters
    this.#fairness = fairness
    this.#most = Math.max(1, ...automaton.states.map(({ length }) => length))
  }

  get nodes(): number {
    return this.#length
  }

  /**
   * Looks for a behaviour that is fair and accepted. Of several, one with few steps: the shortest that stutters, or a shorter one among cycles
   * of the earliest fair components through their earliest nodes.
   */
  *find(): Generator<void, Found | null> {
    const stuttering = this.#explore()
    yield
    const components = this.#fairComponents(stuttering < 0 ? this.#length : stuttering)
    yield
    let best: Found | null = stuttering < 0 ? null : { states: this.#prefix(stuttering).map((node) => this.#stateOf(node)), backTo: -1 }
    let effort = 0
    const from = new Int32Array(components.length === 0 ? 0 : this.#length)
    for (const component of components) {
      for (const entry of component.toSorted().subarray(0, TRIED)) {
        // The way there may turn out to be a part of the cycle, up to its last step.
        if (best !== null && (this.#prefix(entry).length > stepsOf(best) || effort > EFFORT)) break
        const { lasso, pairs } = this.#lasso(entry, component, from)
        effort += pairs
        if (best === null || stepsOf(lasso) < stepsOf(best)) best = lasso
        yield
      }
    }
    return best
  }

  #stateOf(node: number): number {
    return Math.floor((this.#node[node] as number) / this.#automaton.states.length)
  }

  #transitionsOf(node: number): readonly Transition[] {
    return this.#automaton.states[(this.#node[node] as number) % this.#automaton.states.length] as readonly Transition[]
  }

  /** The events of the automaton that a label stands for. */
  #eventBits(label: number): number {
    const known = label < this.#events.length ? (this.#events[label] as number) : (this.#moreEvents.get(label) ?? -1)
    if (known >= 0) return known
    let bits = 0
    this.#automaton.events.forEach((event, b) => {
      if (this.#letters.labels.has(label, event)) bits |= 1 << b
    })
    if (label < this.#events.length) this.#events[label] = bits
    else this.#moreEvents.set(label, bits)
    return bits
  }

  #add(node: number, parent: number): void {
    if (this.#length === this.#node.length) {
      const size = this.#length * 2
      const nodes = new Float64Array(size)
      nodes.set(this.#node)
      this.#node = nodes
      const parents = new Int32Array(size)
      parents.set(this.#parent)
      this.#parent = parents
    }
    this.#node[this.#length] = node
    this.#parent[this.#length] = parent
    this.#length++
    this.#number[node] = this.#length
  }

  /** Finds all nodes, breadth first. Gives the first one at which a fair behaviour may stutter for ever, or -1. */
  #explore(): number {
    const graph = this.#graph
    const { atoms, label } = this.#letters
    const automaton = this.#automaton.states
    const q = automaton.length
    if (graph.length * q >= MAX_NODES)
      throw new SpecError(`a temporal property needs ${q} times ${graph.length} states of its product`, {
        hint: 'split the property, or check a smaller instance',
      })
    this.#number = new Int32Array(graph.length * q)
    for (let s = 0; s < graph.length; s++) if (graph.arena.parent(s) === s && this.#number[s * q] === 0) this.#add(s * q, -1)
    const accepting = new Map<number, boolean[]>()
    let found = -1
    for (let node = 0; node < this.#length; node++) {
      const s = this.#stateOf(node)
      const letter = atoms[s] as number
      if (found < 0 && this.#mayStutter(s)) {
        let accepts = accepting.get(letter)
        if (!accepts) {
          accepts = acceptsForEver(this.#automaton, letter)
          accepting.set(letter, accepts)
        }
        if (accepts[(this.#node[node] as number) % q]) found = node
      }
      const transitions = this.#transitionsOf(node)
      const end = graph.first[s + 1] as number
      for (const t of transitions) {
        if ((t.atoms & letter) !== t.atoms || (t.notAtoms & letter) !== 0) continue
        const anyEvent = (t.events | t.notEvents) === 0
        for (let e = graph.first[s] as number; e < end; e++) {
          if (!anyEvent) {
            const events = this.#eventBits(label.values[e] as number)
            if ((t.events & events) !== t.events || (t.notEvents & events) !== 0) continue
          }
          const next = (graph.target[e] as number) * q + t.to
          if (this.#number[next] === 0) this.#add(next, node)
        }
      }
    }
    return found
  }

  /** Whether no fairness keeps a behaviour from staying in a state for ever: nothing fair is possible in it. */
  #mayStutter(state: number): boolean {
    const possible = this.#graph.enabled.values[state] as number
    return possible === 0 || this.#fairness.every(({ event }) => !this.#graph.labels.has(possible, event))
  }

  /** Calls `visit` with every edge from a node to a node of the same region; `visit` stops with true. */
  #each(node: number, visit: (to: number, edge: number, promises: number) => boolean | void): boolean {
    const graph = this.#graph
    const q = this.#automaton.states.length
    const s = this.#stateOf(node)
    const letter = this.#letters.atoms[s] as number
    const region = this.#region[node]
    const end = graph.first[s + 1] as number
    for (const t of this.#transitionsOf(node)) {
      if ((t.atoms & letter) !== t.atoms || (t.notAtoms & letter) !== 0) continue
      const anyEvent = (t.events | t.notEvents) === 0
      for (let e = graph.first[s] as number; e < end; e++) {
        if (!anyEvent) {
          const events = this.#eventBits(this.#letters.label.values[e] as number)
          if ((t.events & events) !== t.events || (t.notEvents & events) !== 0) continue
        }
        const to = (this.#number[(graph.target[e] as number) * q + t.to] as number) - 1
        if (this.#region[to] === region && visit(to, e, t.promises)) return true
      }
    }
    return false
  }

  // --- components

  /** The fair components with the earliest nodes before `limit`, the earliest first. */
  #fairComponents(limit: number): Uint32Array[] {
    const n = this.#length
    // Region 0: nodes whose state of the automaton may be on an accepted cycle. The others need not be looked at.
    this.#region = new Int32Array(n).fill(-1)
    this.#regions = 1
    const q = this.#automaton.states.length
    const candidates = new Uint32Array(n)
    let count = 0
    for (let node = 0; node < n; node++) {
      if (!this.#automaton.cycles[(this.#node[node] as number) % q]) continue
      this.#region[node] = 0
      candidates[count++] = node
    }
    const tarjan = new Tarjan(n)
    const todo = this.#components(tarjan, candidates.subarray(0, count))
    const best: { readonly first: number; readonly nodes: Uint32Array }[] = []
    for (let nodes = todo.pop(); nodes !== undefined; nodes = todo.pop()) {
      let first = n
      for (const node of nodes) if (node < first) first = node
      if (first >= (best.length < TRIED ? limit : (best.at(-1)?.first as number))) continue
      const removed = this.#judge(nodes)
      if (removed === 'fair') {
        const after = best.findIndex((other) => other.first > first)
        best.splice(after < 0 ? best.length : after, 0, { first, nodes })
        if (best.length > TRIED) best.pop()
      } else if (removed !== 'unfair') {
        const rest = nodes.filter((node) => !removed(node))
        if (rest.length < 2) continue
        const region = this.#regions++
        for (const node of nodes) this.#region[node] = -1
        for (const node of rest) {
          this.#region[node] = region
          tarjan.index[node] = 0
        }
        todo.push(...this.#components(tarjan, rest))
      }
    }
    return best.map(({ nodes }) => nodes)
  }

  /** Whether a component is fair as it is, can never be, or might be without some of its nodes. */
  #judge(nodes: Uint32Array): 'fair' | 'unfair' | ((node: number) => boolean) {
    const graph = this.#graph
    const { labels } = graph
    const words = labels.words
    const happens = new Uint32Array(words)
    const somewhere = new Uint32Array(words)
    const everywhere = new Uint32Array(words).fill(0xffffffff)
    const seen = new Uint8Array(labels.sets.length)
    const seenEnabled = new Uint8Array(labels.sets.length)
    let promised = this.#automaton.promises
    for (const node of nodes) {
      seenEnabled[graph.enabled.values[this.#stateOf(node)] as number] = 1
      this.#each(node, (_to, edge, promises) => {
        promised &= promises
        seen[graph.label.values[edge] as number] = 1
      })
    }
    if (promised !== 0) return 'unfair'
    for (let l = 0; l < seen.length; l++) {
      const set = labels.sets[l] as Uint32Array
      for (let w = 0; w < words; w++) {
        if (seen[l] === 1) happens[w] = (happens[w] as number) | (set[w] as number)
        if (seenEnabled[l] === 1) {
          somewhere[w] = (somewhere[w] as number) | (set[w] as number)
          everywhere[w] = (everywhere[w] as number) & (set[w] as number)
        }
      }
    }
    const has = (set: Uint32Array, event: number) => (((set[event >>> 5] as number) >>> (event & 31)) & 1) === 1
    const broken: number[] = []
    for (const { kind, event } of this.#fairness) {
      if (has(happens, event)) continue
      if (kind === 'weak') {
        if (has(everywhere, event)) return 'unfair'
      } else if (has(somewhere, event)) broken.push(event)
    }
    if (broken.length === 0) return 'fair'
    const remove = labels.sets.map((_, l) => seenEnabled[l] === 1 && broken.some((event) => labels.has(l, event)))
    return (node) => remove[graph.enabled.values[this.#stateOf(node)] as number] as boolean
  }

  /** The components of two or more nodes in the subgraph of these nodes, each made a region of its own. A single node has no edge to itself. */
  #components(tarjan: Tarjan, nodes: Uint32Array): Uint32Array[] {
    const { index, low, stack, path, cursor } = tarjan
    const graph = this.#graph
    const automaton = this.#automaton.states
    const q = automaton.length
    const { atoms, label } = this.#letters
    const most = this.#most
    const found: Uint32Array[] = []
    let counter = 0
    let top = 0
    for (const root of nodes) {
      if (index[root] !== 0) continue
      const region = this.#region[root] as number
      let depth = 0
      path[0] = root
      cursor[0] = 0
      index[root] = low[root] = ++counter
      stack[top++] = root
      while (depth >= 0) {
        const node = path[depth] as number
        const code = this.#node[node] as number
        const s = Math.floor(code / q)
        const transitions = automaton[code - s * q] as readonly Transition[]
        const begin = graph.first[s] as number
        const degree = (graph.first[s + 1] as number) - begin
        const letter = atoms[s] as number
        const { length } = transitions
        let child = -1
        // Where it stopped: so many edges times the most transitions that a state has, plus so many transitions.
        const stopped = cursor[depth] as number
        let edge = (stopped / most) | 0
        let t = stopped - edge * most
        scan: for (; edge < degree; edge++, t = 0) {
          const e = begin + edge
          const target = (graph.target[e] as number) * q
          for (; t < length; t++) {
            const { atoms: yes, notAtoms: no, events: needs, notEvents: forbids, to: q2 } = transitions[t] as Transition
            if ((yes & letter) !== yes || (no & letter) !== 0) continue
            if ((needs | forbids) !== 0) {
              const events = this.#eventBits(label.values[e] as number)
              if ((needs & events) !== needs || (forbids & events) !== 0) continue
            }
            const to = (this.#number[target + q2] as number) - 1
            if (this.#region[to] !== region) continue
            const number = index[to] as number
            if (number === 0) {
              child = to
              break scan
            }
            // The number of a finished node is negative: it belongs to a component that was found.
            if (number > 0 && number < (low[node] as number)) low[node] = number
          }
        }
        if (child >= 0) {
          cursor[depth] = edge * most + t + 1
          depth++
          path[depth] = child
          cursor[depth] = 0
          index[child] = low[child] = ++counter
          stack[top++] = child
          continue
        }
        if (low[node] === index[node]) {
          let bottom = top
          while (stack[--bottom] !== node);
          for (let i = bottom; i < top; i++) index[stack[i] as number] = -1
          if (top - bottom > 1) found.push(stack.slice(bottom, top))
          top = bottom
        }
        depth--
        if (depth >= 0) {
          const parent = path[depth] as number
          if ((low[node] as number) < (low[parent] as number)) low[parent] = low[node] as number
        }
      }
    }
    for (const component of found) {
      const region = this.#regions++
      for (const node of component) this.#region[node] = region
    }
    return found
  }

  // --- the counterexample

  /** The nodes from an initial one to this one. */
  #prefix(node: number): number[] {
    const path: number[] = []
    for (let at = node; at >= 0; at = this.#parent[at] as number) path.push(at)
    return path.reverse()
  }

  /** A short cycle through a node of a fair component, and the way there; and how much was looked at for it. */
  #lasso(entry: number, component: Uint32Array, from: Int32Array): { lasso: Found; pairs: number } {
    const shortest = this.#shortestCycle(entry, component, from)
    const cycle = shortest?.cycle ?? this.#shortCycle(entry, from)
    const states = cycle.map((edge) => this.#stateOf(edge.from))
    const prefix = this.#prefix(entry).slice(0, -1)
    const lasso = shortened(
      prefix.map((node) => this.#stateOf(node)),
      states,
    )
    return { lasso, pairs: shortest?.pairs ?? this.#length }
  }

  /**
   * The shortest cycle through a node that meets all conditions: breadth first over pairs of a node and the set of what is met on the way there.
   * Undefined where there might be too many of them.
   */
  #shortestCycle(entry: number, component: Uint32Array, local: Int32Array): { cycle: Edge[]; pairs: number } | undefined {
    const { label, enabled, labels } = this.#graph
    if (component.length > MAX_PAIRS) return undefined
    // A bit per promise; per weak condition, where the event is possible at the entry; two per strong one: possible somewhere, and happens.
    const all = this.#automaton.promises
    const possible = enabled.values[this.#stateOf(entry)] as number
    let bits = all === 0 ? 0 : 32 - Math.clz32(all)
    const weak: { readonly event: number; readonly bit: number }[] = []
    const strong: { readonly event: number; readonly owed: number; readonly happens: number }[] = []
    for (const { kind, event } of this.#fairness) {
      if (kind === 'weak') {
        if (labels.has(possible, event)) weak.push({ event, bit: 1 << bits++ })
      } else if (component.some((node) => labels.has(enabled.values[this.#stateOf(node)] as number, event)))
        strong.push({ event, owed: 1 << bits++, happens: 1 << bits++ })
      if (bits > 16) return undefined
    }
    if (component.length * 2 ** bits > MAX_PAIRS) return undefined
    const wanted = weak.reduce((set, { bit }) => set | bit, all)
    const masks = (found: Map<number, number>, maskOf: (label: number) => number) => (of: number) => {
      let mask = found.get(of)
      if (mask === undefined) {
        mask = maskOf(of)
        found.set(of, mask)
      }
      return mask
    }
    const whenHappens = masks(new Map(), (of) =>
      [...weak.map(({ event, bit }) => [event, bit] as const), ...strong.map(({ event, happens }) => [event, happens] as const)].reduce(
        (mask, [event, bit]) => (labels.has(of, event) ? mask | bit : mask),
        0,
      ),
    )
    const whereEnabled = masks(new Map(), (of) =>
      weak.reduce(
        (mask, { event, bit }) => (labels.has(of, event) ? mask : mask | bit),
        strong.reduce((mask, { event, owed }) => (labels.has(of, event) ? mask | owed : mask), 0),
      ),
    )
    const met = (set: number): boolean =>
      (set & wanted) === wanted && strong.every(({ owed, happens }) => (set & owed) === 0 || (set & happens) !== 0)

    component.forEach((node, i) => {
      local[node] = i
    })
    const known = new Uint8Array(component.length << bits)
    const pairs: { readonly step: Edge; readonly set: number; readonly before: number; readonly length: number }[] = []
    // Of cycles of the same length one that ends where the way to the entry comes from: that is a part of it then.
    const parent = this.#parent[entry] as number
    const home = parent < 0 ? -1 : this.#stateOf(parent)
    let best: { readonly step: Edge; readonly before: number; readonly length: number } | undefined
    /** Goes on from a node with what is met so far. */
    const goOn = (node: number, set: number, before: number, length: number): void => {
      this.#each(node, (to, edge, promises) => {
        const now = set | (all & ~promises) | whenHappens(label.values[edge] as number) | whereEnabled(enabled.values[this.#stateOf(to)] as number)
        const step: Edge = { from: node, to, edge, promises }
        if (to === entry && met(now)) {
          best ??= { step, before, length }
          if (this.#stateOf(node) === home && this.#stateOf(best.step.from) !== home) best = { step, before, length }
          return
        }
        const pair = ((local[to] as number) << bits) | now
        if (known[pair] === 1) return
        known[pair] = 1
        pairs.push({ step, set: now, before, length })
      })
    }
    goOn(entry, whereEnabled(possible), -1, 1)
    for (let head = 0; head < pairs.length; head++) {
      const { step, set, length } = pairs[head] as (typeof pairs)[number]
      if (best !== undefined && length >= best.length) break
      goOn(step.to, set, head, length + 1)
    }
    const cycle: Edge[] = best ? [best.step] : []
    for (let at = best?.before ?? -1; at >= 0; at = (pairs[at] as (typeof pairs)[number]).before)
      cycle.push((pairs[at] as (typeof pairs)[number]).step)
    if (cycle.length === 0) throw new InternalError('a fair component has no fair cycle')
    return { cycle: cycle.reverse(), pairs: pairs.length }
  }

  /** A short cycle through a node of a fair component. */
  #shortCycle(entry: number, from: Int32Array): Edge[] {
    const cycle: Edge[] = []
    // Go where a condition is met that is not met so far, until all are and the way back to the entry adds none.
    for (;;) {
      const here = cycle.at(-1)?.to ?? entry
      const helps = this.#helpful(cycle, entry)
      if (helps) cycle.push(...this.#way(here, helps, from))
      else if (here === entry && cycle.length > 0) return cycle
      else cycle.push(...this.#way(here, ({ to }) => to === entry, from))
    }
  }

  /** Which edges meet a condition that a part of a cycle does not meet; undefined where it meets all. */
  #helpful(cycle: readonly Edge[], entry: number): ((edge: Edge) => boolean) | undefined {
    const { label, enabled, labels } = this.#graph
    const possible = [entry, ...cycle.map(({ to }) => to)].map((node) => enabled.values[this.#stateOf(node)] as number)
    const promised = cycle.reduce((all, { promises }) => all & promises, this.#automaton.promises)
    const unmet = this.#fairness.filter(({ kind, event }) => {
      if (cycle.some(({ edge }) => labels.has(label.values[edge] as number, event))) return false
      return kind === 'weak' ? possible.every((set) => labels.has(set, event)) : possible.some((set) => labels.has(set, event))
    })
    if (promised === 0 && unmet.length === 0) return undefined
    return ({ to, edge, promises }) => {
      if ((promised & ~promises) !== 0) return true
      const happens = label.values[edge] as number
      const after = enabled.values[this.#stateOf(to)] as number
      return unmet.some(({ kind, event }) => labels.has(happens, event) || (kind === 'weak' && !labels.has(after, event)))
    }
  }

  /** The shortest way within the region from a node over an edge that is wanted. */
  #way(start: number, wanted: (edge: Edge) => boolean, from: Int32Array): Edge[] {
    from.fill(-1)
    const reached: Edge[] = []
    const queue = [start]
    let last = -1
    for (let head = 0; head < queue.length && last < 0; head++) {
      const node = queue[head] as number
      this.#each(node, (to, edge, promises) => {
        const step: Edge = { from: node, to, edge, promises }
        const goal = wanted(step)
        if (!goal && (from[to] !== -1 || to === start)) return false
        reached.push(step)
        if (goal) {
          last = reached.length - 1
          return true
        }
        from[to] = reached.length - 1
        queue.push(to)
        return false
      })
    }
    const way: Edge[] = []
    for (let at = last; at >= 0; ) {
      const edge = reached[at] as Edge
      way.push(edge)
      at = edge.from === start ? -1 : (from[edge.from] as number)
    }
    if (way.length === 0) throw new InternalError('a fair component is not connected')
    return way.reverse()
  }
}

/** The arrays of Tarjan's algorithm, made once. */
class Tarjan {
  readonly index: Int32Array
  readonly low: Int32Array
  readonly stack: Uint32Array
  readonly path: Uint32Array
  readonly cursor: Uint32Array

  constructor(n: number) {
    this.index = new Int32Array(n)
    this.low = new Int32Array(n)
    this.stack = new Uint32Array(n)
    this.path = new Uint32Array(n)
    this.cursor = new Uint32Array(n)
  }
}

/** The same behaviour with the shortest cycle, and the shortest way to it. */
function shortened(prefix: readonly number[], cycle: readonly number[]): Found {
  let period = 1
  while (cycle.length % period !== 0 || cycle.some((state, i) => state !== cycle[i % period])) period++
  const once = cycle.slice(0, period)
  const path = [...prefix]
  while (path.length > 0 && path.at(-1) === once.at(-1)) {
    path.pop()
    once.unshift(once.pop() as number)
  }
  return { states: [...path, ...once], backTo: path.length }
}
