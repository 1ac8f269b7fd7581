/** Counterexamples that go on for ever: a way to a fair component of a product, and a short cycle in it that meets all conditions. */
import { InternalError } from '../errors.ts'
import type { Product } from './product.ts'

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

/** The shortest cycle through a node is looked for among at most so many pairs of a node and what is met; otherwise a short one. */
const MAX_PAIRS = 1 << 19

export class Lassos {
  readonly #product: Product
  /** Per node, for a moment: its number in a component, or the edge by which it was reached. */
  readonly #byNode: Int32Array

  constructor(product: Product) {
    this.#product = product
    this.#byNode = new Int32Array(product.length)
  }

  /** A short cycle through a node of a fair component, and the way there; and how much was looked at for it. */
  through(entry: number, component: Uint32Array): { lasso: Found; pairs: number } {
    const product = this.#product
    const shortest = this.#shortestCycle(entry, component)
    const cycle = shortest?.cycle ?? this.#shortCycle(entry)
    const states = cycle.map((edge) => product.stateOf(edge.from))
    const prefix = product.prefix(entry).slice(0, -1)
    const lasso = shortened(
      prefix.map((node) => product.stateOf(node)),
      states,
    )
    return { lasso, pairs: shortest?.pairs ?? product.length }
  }

  /**
   * The shortest cycle through a node that meets all conditions: breadth first over pairs of a node and the set of what is met on the way there.
   * Undefined where there might be too many of them.
   */
  #shortestCycle(entry: number, component: Uint32Array): { cycle: Edge[]; pairs: number } | undefined {
    const product = this.#product
    const { label, enabled, labels } = product.graph
    if (component.length > MAX_PAIRS) return undefined
    // A bit per promise; per weak condition, where the event is possible at the entry; two per strong one: possible somewhere, and happens.
    const all = product.automaton.promises
    const possible = enabled.values[product.stateOf(entry)] as number
    let bits = all === 0 ? 0 : 32 - Math.clz32(all)
    const weak: { readonly event: number; readonly bit: number }[] = []
    const strong: { readonly event: number; readonly owed: number; readonly happens: number }[] = []
    for (const { kind, event } of product.fairness) {
      if (kind === 'weak') {
        if (labels.has(possible, event)) weak.push({ event, bit: 1 << bits++ })
      } else if (component.some((node) => labels.has(enabled.values[product.stateOf(node)] as number, event)))
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

    const local = this.#byNode
    component.forEach((node, i) => {
      local[node] = i
    })
    const known = new Uint8Array(component.length << bits)
    const pairs: { readonly step: Edge; readonly set: number; readonly before: number; readonly length: number }[] = []
    // Of cycles of the same length one that ends where the way to the entry comes from: that is a part of it then.
    const parent = product.parent[entry] as number
    const home = parent < 0 ? -1 : product.stateOf(parent)
    let best: { readonly step: Edge; readonly before: number; readonly length: number } | undefined
    /** Goes on from a node with what is met so far. */
    const goOn = (node: number, set: number, before: number, length: number): void => {
      product.each(node, (to, edge, promises) => {
        const now = set | (all & ~promises) | whenHappens(label.values[edge] as number) | whereEnabled(enabled.values[product.stateOf(to)] as number)
        const step: Edge = { from: node, to, edge, promises }
        if (to === entry && met(now)) {
          best ??= { step, before, length }
          if (product.stateOf(node) === home && product.stateOf(best.step.from) !== home) best = { step, before, length }
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
  #shortCycle(entry: number): Edge[] {
    const cycle: Edge[] = []
    // Go where a condition is met that is not met so far, until all are and the way back to the entry adds none.
    for (;;) {
      const here = cycle.at(-1)?.to ?? entry
      const helps = this.#helpful(cycle, entry)
      if (helps) cycle.push(...this.#way(here, helps))
      else if (here === entry && cycle.length > 0) return cycle
      else cycle.push(...this.#way(here, ({ to }) => to === entry))
    }
  }

  /** Which edges meet a condition that a part of a cycle does not meet; undefined where it meets all. */
  #helpful(cycle: readonly Edge[], entry: number): ((edge: Edge) => boolean) | undefined {
    const product = this.#product
    const { label, enabled, labels } = product.graph
    const possible = [entry, ...cycle.map(({ to }) => to)].map((node) => enabled.values[product.stateOf(node)] as number)
    const promised = cycle.reduce((all, { promises }) => all & promises, product.automaton.promises)
    const unmet = product.fairness.filter(({ kind, event }) => {
      if (cycle.some(({ edge }) => labels.has(label.values[edge] as number, event))) return false
      return kind === 'weak' ? possible.every((set) => labels.has(set, event)) : possible.some((set) => labels.has(set, event))
    })
    if (promised === 0 && unmet.length === 0) return undefined
    return ({ to, edge, promises }) => {
      if ((promised & ~promises) !== 0) return true
      const happens = label.values[edge] as number
      const after = enabled.values[product.stateOf(to)] as number
      return unmet.some(({ kind, event }) => labels.has(happens, event) || (kind === 'weak' && !labels.has(after, event)))
    }
  }

  /** The shortest way within the region from a node over an edge that is wanted. */
  #way(start: number, wanted: (edge: Edge) => boolean): Edge[] {
    const product = this.#product
    const from = this.#byNode
    from.fill(-1)
    const reached: Edge[] = []
    const queue = [start]
    let last = -1
    for (let head = 0; head < queue.length && last < 0; head++) {
      const node = queue[head] as number
      product.each(node, (to, edge, promises) => {
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
