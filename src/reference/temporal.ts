/**
 * What temporal properties and fairness mean, without anything that makes them fast: every lasso up to a length, each judged by the
 * definition of the operators. Slow, and right by inspection: the engine is compared against it on small graphs.
 */
import type { FairnessKind, Formula } from '../program/temporal.ts'

/** A graph with few states, numbered from 0. */
export interface SmallGraph {
  readonly initial: readonly number[]
  /** Steps by numbered actions; those that change nothing may be among them. */
  readonly steps: readonly { readonly action: number; readonly from: number; readonly to: number }[]
  /** Steps of any of these actions are treated fairly together. */
  readonly fairness: readonly { readonly kind: FairnessKind; readonly actions: readonly number[] }[]
}

/** Leaves of a formula over a graph: the states where a predicate is true, and the actions that are meant. */
export type SmallFormula = Formula<readonly number[], readonly number[]>

/** A behaviour: its states, and the position to which the last one goes back; -1 where it stutters for ever. */
export interface Lasso {
  readonly states: readonly number[]
  readonly backTo: number
}

/** Whether some step of these actions leads from one state to a different one. */
function canStep(graph: SmallGraph, actions: readonly number[], from: number, to?: number): boolean {
  return graph.steps.some((step) => step.from === from && step.to !== from && actions.includes(step.action) && (to === undefined || step.to === to))
}

/** The position after one, and whether it is reached by a step rather than by stuttering. */
function after({ states, backTo }: Lasso, position: number): { next: number; step: boolean } {
  if (position < states.length - 1) return { next: position + 1, step: true }
  return backTo < 0 ? { next: position, step: false } : { next: backTo, step: true }
}

/** Whether a lasso is a behaviour of the graph. */
export function isBehaviour(graph: SmallGraph, lasso: Lasso): boolean {
  const { states } = lasso
  const everyAction = graph.steps.map(({ action }) => action)
  return (
    graph.initial.includes(states[0] as number) &&
    states.every((state, i) => {
      const { next, step } = after(lasso, i)
      return !step || canStep(graph, everyAction, state, states[next] as number)
    })
  )
}

/** Whether the part that repeats for ever meets every fairness. */
export function isFair(graph: SmallGraph, lasso: Lasso): boolean {
  const { states, backTo } = lasso
  const cycle = states.map((_, i) => i).slice(backTo < 0 ? states.length - 1 : backTo)
  return graph.fairness.every(({ kind, actions }) => {
    const happens = cycle.some((i) => {
      const { next, step } = after(lasso, i)
      return step && canStep(graph, actions, states[i] as number, states[next] as number)
    })
    const possible = cycle.map((i) => canStep(graph, actions, states[i] as number))
    return happens || (kind === 'weak' ? possible.includes(false) : !possible.includes(true))
  })
}

/** Whether a formula is true at each position of a lasso. */
export function truth(graph: SmallGraph, lasso: Lasso, formula: SmallFormula): boolean[] {
  const { states } = lasso
  const n = states.length
  const of = (inner: SmallFormula): boolean[] => truth(graph, lasso, inner)
  const not = (all: boolean[]): boolean[] => all.map((is) => !is)
  /** Positions from which a position with `goal` is reached while `stay` is true; found by going on as long as anything new is found. */
  const until = (stay: boolean[], goal: boolean[]): boolean[] => {
    let current = goal
    for (let round = 0; round <= n; round++)
      current = current.map((is, i) => is || ((stay[i] as boolean) && (current[after(lasso, i).next] as boolean)))
    return current
  }
  const everywhere = states.map(() => true)
  switch (formula.op) {
    case 'constant':
      return states.map(() => formula.value)
    case 'atom':
      return states.map((state) => formula.atom.includes(state))
    case 'event':
      return states.map((state, i) => {
        const { next, step } = after(lasso, i)
        return step && canStep(graph, formula.event, state, states[next] as number)
      })
    case 'not':
      return not(of(formula.of))
    case 'and': {
      const all = formula.all.map(of)
      return states.map((_, i) => all.every((one) => one[i]))
    }
    case 'or': {
      const all = formula.all.map(of)
      return states.map((_, i) => all.some((one) => one[i]))
    }
    case 'implies': {
      const left = of(formula.left)
      const right = of(formula.right)
      return states.map((_, i) => !left[i] || (right[i] as boolean))
    }
    case 'next': {
      const inner = of(formula.of)
      return states.map((_, i) => inner[after(lasso, i).next] as boolean)
    }
    case 'until':
      return until(of(formula.left), of(formula.right))
    case 'eventually':
      return until(everywhere, of(formula.of))
    case 'always':
      return not(until(everywhere, not(of(formula.of))))
    case 'leadsTo': {
      const left = of(formula.left)
      const comes = until(everywhere, of(formula.right))
      return not(
        until(
          everywhere,
          states.map((_, i) => (left[i] as boolean) && !comes[i]),
        ),
      )
    }
  }
}

/** The number of steps of a lasso, the one that closes the cycle included. */
export function stepsOf({ states, backTo }: Lasso): number {
  return states.length - (backTo < 0 ? 1 : 0)
}

/** Of all lassos of at most so many states that are fair and make a formula false, one with the fewest steps. */
export function counterexample(graph: SmallGraph, formula: SmallFormula, most: number): Lasso | null {
  let best: Lasso | null = null
  const judge = (lasso: Lasso): void => {
    if (best !== null && stepsOf(best) <= stepsOf(lasso)) return
    if (isFair(graph, lasso) && !truth(graph, lasso, formula)[0]) best = lasso
  }
  const everyAction = graph.steps.map(({ action }) => action)
  const grow = (states: readonly number[]): void => {
    const last = states.at(-1) as number
    judge({ states, backTo: -1 })
    states.forEach((state, backTo) => {
      if (canStep(graph, everyAction, last, state)) judge({ states, backTo })
    })
    if (states.length === most) return
    for (const to of new Set(graph.steps.filter(({ from, to }) => from === last && to !== last).map(({ to }) => to))) grow([...states, to])
  }
  for (const state of graph.initial) grow([state])
  return best
}
