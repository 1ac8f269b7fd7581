/**
 * The strongly connected components of a product in which a fair cycle lies: those in which
 *
 *  - every promise of the automaton is not made by some edge,
 *  - every weakly fair event happens, or is impossible in some state,
 *  - every strongly fair event happens, or is impossible in all states.
 *
 * They are Tarjan's (1972), with explicit stacks. The first two conditions hold for a whole component if they hold for a cycle in it. The third does not (a
 * cycle may avoid the states in which the event is possible), so those states are removed and the rest is decomposed again, as is usual for Streett
 * conditions (Emerson and Lei, 1987): polynomial, however many there are. The hot path.
 */
import type { Transition } from './automaton.ts'
import type { Product } from './product.ts'

export class FairComponents {
  readonly #product: Product
  /** The most transitions that a state of the automaton has. */
  readonly #most: number
  #regions = 0

  constructor(product: Product) {
    this.#product = product
    this.#most = Math.max(1, ...product.automaton.states.map(({ length }) => length))
  }

  /** The fair components with the earliest nodes before `limit`, the earliest first; at most so many. */
  find(limit: number, most: number): Uint32Array[] {
    const product = this.#product
    const n = product.length
    // Region 0: nodes whose state of the automaton may be on an accepted cycle. The others need not be looked at.
    product.region = new Int32Array(n).fill(-1)
    this.#regions = 1
    const q = product.automaton.states.length
    const candidates = new Uint32Array(n)
    let count = 0
    for (let node = 0; node < n; node++) {
      if (!product.automaton.cycles[(product.node[node] as number) % q]) continue
      product.region[node] = 0
      candidates[count++] = node
    }
    const tarjan = new Tarjan(n)
    const todo = this.#components(tarjan, candidates.subarray(0, count))
    const best: { readonly first: number; readonly nodes: Uint32Array }[] = []
    for (let nodes = todo.pop(); nodes !== undefined; nodes = todo.pop()) {
      let first = n
      for (const node of nodes) if (node < first) first = node
      if (first >= (best.length < most ? limit : (best.at(-1)?.first as number))) continue
      const removed = this.#judge(nodes)
      if (removed === 'fair') {
        const after = best.findIndex((other) => other.first > first)
        best.splice(after < 0 ? best.length : after, 0, { first, nodes })
        if (best.length > most) best.pop()
      } else if (removed !== 'unfair') {
        const rest = nodes.filter((node) => !removed(node))
        if (rest.length < 2) continue
        const region = this.#regions++
        for (const node of nodes) product.region[node] = -1
        for (const node of rest) {
          product.region[node] = region
          tarjan.index[node] = 0
        }
        todo.push(...this.#components(tarjan, rest))
      }
    }
    return best.map(({ nodes }) => nodes)
  }

  /** Whether a component is fair as it is, can never be, or might be without some of its nodes. */
  #judge(nodes: Uint32Array): 'fair' | 'unfair' | ((node: number) => boolean) {
    const product = this.#product
    const graph = product.graph
    const { labels } = graph
    const words = labels.words
    const happens = new Uint32Array(words)
    const somewhere = new Uint32Array(words)
    const everywhere = new Uint32Array(words).fill(0xffffffff)
    const seen = new Uint8Array(labels.sets.length)
    const seenEnabled = new Uint8Array(labels.sets.length)
    let promised = product.automaton.promises
    for (const node of nodes) {
      seenEnabled[graph.enabled.values[product.stateOf(node)] as number] = 1
      product.each(node, (_to, edge, promises) => {
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
    for (const { kind, event } of product.fairness) {
      if (has(happens, event)) continue
      if (kind === 'weak') {
        if (has(everywhere, event)) return 'unfair'
      } else if (has(somewhere, event)) broken.push(event)
    }
    if (broken.length === 0) return 'fair'
    const remove = labels.sets.map((_, l) => seenEnabled[l] === 1 && broken.some((event) => labels.has(l, event)))
    return (node) => remove[graph.enabled.values[product.stateOf(node)] as number] as boolean
  }

  /** The components of two or more nodes in the subgraph of these nodes, each made a region of its own. A single node has no edge to itself. */
  #components(tarjan: Tarjan, nodes: Uint32Array): Uint32Array[] {
    const product = this.#product
    const { index, low, stack, path, cursor } = tarjan
    const graph = product.graph
    const automaton = product.automaton.states
    const q = automaton.length
    const { atoms, label } = product.letters
    const { node: codes, number: numbers, region: regions } = product
    const most = this.#most
    const found: Uint32Array[] = []
    let counter = 0
    let top = 0
    for (const root of nodes) {
      if (index[root] !== 0) continue
      const region = regions[root] as number
      let depth = 0
      path[0] = root
      cursor[0] = 0
      index[root] = low[root] = ++counter
      stack[top++] = root
      while (depth >= 0) {
        const node = path[depth] as number
        const code = codes[node] as number
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
              const events = product.eventBits(label.values[e] as number)
              if ((needs & events) !== needs || (forbids & events) !== 0) continue
            }
            const to = (numbers[target + q2] as number) - 1
            if (regions[to] !== region) continue
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
      for (const node of component) regions[node] = region
    }
    return found
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
