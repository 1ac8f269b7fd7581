/** The search for a fair behaviour that an automaton accepts, in the product of the automaton and a state graph. */
import { FairComponents } from './components.ts'
import { type Found, Lassos } from './lasso.ts'
import type { Product } from './product.ts'

/** How many fair components, and how many nodes of each, are tried for the shortest counterexample; and how many nodes are gone through for it. */
const TRIED = 8
const EFFORT = 20_000_000

/** The number of steps of a counterexample, the one that closes a cycle included. */
function stepsOf({ states, backTo }: Found): number {
  return states.length - (backTo < 0 ? 1 : 0)
}

/**
 * Looks for a behaviour that is fair and accepted. Of several, one with few steps: the shortest that stutters, or a shorter one among cycles
 * of the earliest fair components through their earliest nodes.
 */
export function* findFair(product: Product): Generator<void, Found | null> {
  const stuttering = product.explore()
  yield
  const components = new FairComponents(product).find(stuttering < 0 ? product.length : stuttering, TRIED)
  yield
  let best: Found | null = stuttering < 0 ? null : { states: product.prefix(stuttering).map((node) => product.stateOf(node)), backTo: -1 }
  let effort = 0
  if (components.length === 0) return best
  const lassos = new Lassos(product)
  for (const component of components) {
    for (const entry of component.toSorted().subarray(0, TRIED)) {
      // The way there may turn out to be a part of the cycle, up to its last step.
      if (best !== null && (product.prefix(entry).length > stepsOf(best) || effort > EFFORT)) break
      const { lasso, pairs } = lassos.through(entry, component)
      effort += pairs
      if (best === null || stepsOf(lasso) < stepsOf(best)) best = lasso
      yield
    }
  }
  return best
}
