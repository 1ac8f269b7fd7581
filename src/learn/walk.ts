/** Walks decision trees of predicates. The hot path. */
import { InternalError } from '../errors.ts'
import { READ, WIDE, QUANT, TRUE, FALSE, HAS, EVERY, SOME, FIND } from './nodes.ts'
import type { Forest } from './tree.ts'

/** The path along which the tree of a predicate was walked every time, as text; null where there is more than one. */
export function onePath(forest: Forest, root: number): string | null {
  const { nodes } = forest
  let path = ''
  for (let node = nodes[root] as number; ; ) {
    if (nodes[node] !== READ) {
      // The answers of a quantifier's callback may differ where its own answer does not: not looked into.
      return nodes[node] === undefined || nodes[node] === 0 || nodes[node] === TRUE || nodes[node] === FALSE ? path : null
    }
    const size = nodes[node + 5] as number
    let taken = 0
    for (let value = 0; value < size; value++) {
      const child = nodes[node + 6 + value] as number
      if (child === 0) continue
      if (taken !== 0) return null
      taken = child
      path += `${nodes[node + 1]}=${value} `
    }
    if (taken === 0) return path
    node = taken
  }
}

/** Walks a predicate's tree. Gives 1 or 0, or -1 where it falls off the tree. */
export function decide(forest: Forest, root: number, states: Int32Array, at: number): number {
  const { nodes } = forest
  let node = nodes[root] as number
  for (;;) {
    switch (nodes[node]) {
      case READ:
        node = nodes[
          node + 6 + (((states[at + (nodes[node + 2] as number)] as number) >>> (nodes[node + 3] as number)) & (nodes[node + 4] as number))
        ] as number
        break
      case WIDE:
        node = nodes[
          forest.wide(node, ((states[at + (nodes[node + 2] as number)] as number) >>> (nodes[node + 3] as number)) & (nodes[node + 4] as number))
        ] as number
        break
      case HAS:
        node = nodes[
          node + 5 + (forest.has(nodes[node + 3] as number, states[at + (nodes[node + 2] as number)] as number, nodes[node + 4] as number) ? 1 : 0)
        ] as number
        break
      case QUANT: {
        const edge = quantified(forest, node, states, at)
        if (edge < 0) return -1
        node = nodes[node + 3 + (nodes[node + 2] as number) + edge] as number
        break
      }
      case TRUE:
        return 1
      case FALSE:
        return 0
      case undefined:
      case 0:
        return -1
      default:
        throw new InternalError(`a predicate's tree has a node of kind ${nodes[node]}`)
    }
  }
}

/** The child of a QUANT node that the state leads to, or -1 where an inner walk falls off its tree. */
export function quantified(forest: Forest, node: number, states: Int32Array, at: number): number {
  const { nodes } = forest
  const kind = nodes[node + 1] as number
  const n = nodes[node + 2] as number
  let count = 0
  for (let i = 0; i < n; i++) {
    const answer = decide(forest, node + 3 + i, states, at)
    if (answer < 0) return -1
    if (answer === 0) {
      if (kind === EVERY) return 0
    } else {
      if (kind === SOME) return 1
      if (kind === FIND) return i
      count++
    }
  }
  return kind === EVERY ? 1 : kind === SOME ? 0 : kind === FIND ? n : count
}
