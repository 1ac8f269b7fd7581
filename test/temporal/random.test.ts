/**
 * Temporal verdicts against the slow check: random graphs, formulas with every operator, weak and strong fairness of actions, of several
 * together, of each instance, and of the steps for which a condition holds. TSMC_RUNS sets the number of runs, TSMC_SEED the seed (always
 * the same one otherwise).
 */
import fc from 'fast-check'
import { check, int, model, simulate, spec, when } from 'tsmc'
import { expect, test } from 'vitest'
import type { Violation } from '../../src/program/result.ts'
import type { Formula as FormulaOf } from '../../src/program/temporal.ts'
import {
  isBehaviour,
  isFair,
  type Lasso,
  counterexample,
  stepsOf as lengthOf,
  type SmallFormula,
  type SmallGraph,
  truth,
} from '../../src/reference/temporal.ts'
import type { Formula, Logic, Operand } from '../../src/spec/formulas.ts'

const N = 4
const ACTIONS = ['A', 'B', 'C'] as const
const STEPS = 8

/** Which steps are meant: those of some actions, or only those with one value of their parameter, or only those for which a condition holds. */
interface Chosen {
  readonly actions: readonly number[]
  readonly which?: number | undefined
  readonly where?: Where | undefined
}
interface Where {
  readonly to: readonly number[]
  readonly even: boolean
}
interface Fair extends Chosen {
  readonly kind: 'weak' | 'strong'
  readonly per: 'action' | 'instance'
}
interface Graph {
  readonly initial: readonly number[]
  readonly steps: readonly { readonly action: number; readonly from: number; readonly to: number }[]
  readonly fairness: readonly Fair[]
}
type ChosenFormula = FormulaOf<readonly number[], Chosen>

const states = fc.uniqueArray(fc.nat(N - 1), { maxLength: N })
const actions = fc.uniqueArray(fc.nat(ACTIONS.length - 1), { minLength: 1, maxLength: 2 })
const where = fc.option(fc.record({ to: states, even: fc.boolean() }), { nil: undefined, freq: 3 })
const graphs: fc.Arbitrary<Graph> = fc.record({
  initial: fc.uniqueArray(fc.nat(N - 1), { minLength: 1, maxLength: 2 }),
  steps: fc.array(fc.record({ action: fc.nat(ACTIONS.length - 1), from: fc.nat(N - 1), to: fc.nat(N - 1) }), { minLength: 1, maxLength: STEPS }),
  fairness: fc.array(
    fc.record({
      kind: fc.constantFrom('weak' as const, 'strong' as const),
      per: fc.constantFrom('action' as const, 'instance' as const),
      actions,
      where,
    }),
    { maxLength: 3 },
  ),
})
const chosen: fc.Arbitrary<Chosen> = fc.record({ actions, which: fc.option(fc.nat(2), { nil: undefined, freq: 2 }), where })
const formulas: fc.Arbitrary<ChosenFormula> = fc.letrec<{ formula: ChosenFormula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ op: fc.constant('atom' as const), atom: states }),
    fc.record({ op: fc.constant('event' as const), event: chosen }),
    fc.record({ op: fc.constantFrom('not' as const, 'next' as const, 'always' as const, 'eventually' as const), of: tie('formula') }),
    fc.record({ op: fc.constantFrom('always' as const, 'eventually' as const), of: tie('formula') }),
    fc.record({ op: fc.constantFrom('and' as const, 'or' as const), all: fc.array(tie('formula'), { maxLength: 2 }) }),
    fc.record({ op: fc.constantFrom('implies' as const, 'leadsTo' as const, 'until' as const), left: tie('formula'), right: tie('formula') }),
  ),
})).formula

// --- for the slow check: every step is an action of its own, so that any of them can be meant

/** The number of a step among those of its action: the value of its parameter. */
const whichOf = ({ steps }: Graph, index: number): number => steps.slice(0, index).filter(({ action }) => action === steps[index]?.action).length

function stepsOf(graph: Graph, { actions, which, where }: Chosen): number[] {
  return graph.steps.flatMap(({ action, to }, i) => {
    const number = whichOf(graph, i)
    const meant = actions.includes(action) && (which === undefined || which === number)
    return meant && (where === undefined || (where.to.includes(to) && (!where.even || number % 2 === 0))) ? [i] : []
  })
}

function small(graph: Graph): SmallGraph {
  return {
    initial: graph.initial,
    steps: graph.steps.map(({ from, to }, i) => ({ action: i, from, to })),
    fairness: graph.fairness.flatMap(({ kind, per, ...meant }) =>
      (per === 'action' ? [undefined] : Array.from({ length: STEPS }, (_, i) => i)).map((which) => ({
        kind,
        actions: stepsOf(graph, { ...meant, which }),
      })),
    ),
  }
}

function smallFormula(graph: Graph, formula: ChosenFormula): SmallFormula {
  const inner = (one: ChosenFormula): SmallFormula => smallFormula(graph, one)
  switch (formula.op) {
    case 'constant':
    case 'atom':
      return formula
    case 'event':
      return { op: 'event', event: stepsOf(graph, formula.event) }
    case 'and':
    case 'or':
      return { op: formula.op, all: formula.all.map(inner) }
    case 'implies':
    case 'leadsTo':
    case 'until':
      return { op: formula.op, left: inner(formula.left), right: inner(formula.right) }
    default:
      return { op: formula.op, of: inner(formula.of) }
  }
}

// --- for the engine

type Variables = { at: ReturnType<typeof int> }
type Filter = (before: { at: number }, after: { at: number }, parameters: { which: number }) => boolean

const names = (numbers: readonly number[]): string[] => numbers.map((action) => ACTIONS[action] as string)
const filter = (where: Where | undefined): Filter | undefined =>
  where && ((_before, after, { which }) => where.to.includes(after.at) && (!where.even || which % 2 === 0))

function written(formula: ChosenFormula, logic: Logic<Variables>): Operand<Variables> {
  const inner = (one: ChosenFormula): Operand<Variables> => written(one, logic)
  switch (formula.op) {
    case 'constant':
      return formula.value
    case 'atom':
      return (s) => formula.atom.includes(s.at)
    case 'event': {
      const { actions, which, where } = formula.event
      return logic.happens(names(actions), which === undefined ? {} : { which }, filter(where))
    }
    case 'and':
    case 'or':
      return logic[formula.op](...formula.all.map(inner))
    case 'implies':
    case 'leadsTo':
    case 'until':
      return logic[formula.op](inner(formula.left), inner(formula.right))
    default:
      return logic[formula.op](inner(formula.of)) as Formula
  }
}

/** The graph as a spec: an action steps from where it stands to where its steps lead. */
function specOf(graph: Graph, formula: ChosenFormula) {
  return spec('graph', () => {
    const m = model({ at: int(0, N - 1) })
    graph.initial.forEach((state) => {
      m.init((s) => {
        s.at = state
      })
    })
    // One action may have several steps from a state: a parameter numbers them.
    const Which = int(0, STEPS - 1)
    ACTIONS.forEach((name, action) => {
      const steps = graph.steps.filter((step) => step.action === action)
      m.action(name, { which: Which }, (s, { which }) => {
        const step = steps[which]
        when(step !== undefined && s.at === step.from)
        s.at = step.to
      })
    })
    for (const { kind, actions, per, where } of graph.fairness) {
      const only = filter(where)
      m.fair(names(actions), kind, only ? { per, where: only } : { per })
    }
    m.property('P', (logic) => written(formula, logic))
    return m
  }).instance('it', {}, { only: ['P'] })
}

const figures = { holds: 0, violated: 0, instances: 0, conditions: 0, longer: 0, simulated: 0 }

/** Expects that a violation is a behaviour of the graph that is fair and does not satisfy the formula. */
function expectCounterexample(graph: SmallGraph, formula: SmallFormula, { kind, trace, lasso: how }: Violation): Lasso {
  expect(kind).toBe('property')
  const lasso: Lasso = { states: trace.map(({ state }) => state.at as number), backTo: how && 'backTo' in how ? how.backTo : -1 }
  expect(isBehaviour(graph, lasso)).toBe(true)
  expect(isFair(graph, lasso)).toBe(true)
  expect(truth(graph, lasso, formula)[0]).toBe(false)
  return lasso
}

async function compare(graph: Graph, formula: ChosenFormula): Promise<void> {
  const given = specOf(graph, formula)
  const result = await check(given)
  const { violation } = result
  const slow = small(graph)
  const meaning = smallFormula(graph, formula)
  // A simulation sees a part of the behaviours: what it finds is one, and where there is none it finds nothing.
  const { violation: found } = await simulate(given, { seed: 1, runs: 2, depth: 4 })
  if (found !== null) {
    figures.simulated++
    expect(violation).not.toBeNull()
    expectCounterexample(slow, meaning, found)
  }
  const shortest = counterexample(slow, meaning, 7)
  if (graph.fairness.some(({ per }) => per === 'instance')) figures.instances++
  if (graph.fairness.some(({ where }) => where !== undefined)) figures.conditions++
  if (violation === null) {
    expect(shortest).toBeNull()
    figures.holds++
    return
  }
  figures.violated++
  const lasso = expectCounterexample(slow, meaning, violation)
  if (shortest && lengthOf(shortest) < lengthOf(lasso)) figures.longer++
}

test('random graphs, formulas and fairness: the same verdict as all lassos up to a length, and every counterexample is one', async () => {
  await fc.assert(fc.asyncProperty(graphs, formulas, compare), {
    numRuns: Number(process.env.TSMC_RUNS ?? 500),
    seed: Number(process.env.TSMC_SEED ?? 17700),
  })
  for (const name of ['holds', 'violated', 'instances', 'conditions', 'simulated'] as const) expect(figures[name], name).toBeGreaterThan(20)
  // The shortest is looked for among a few only; it is nearly always found.
  expect(figures.longer / figures.violated).toBeLessThan(0.01)
}, 600_000)
