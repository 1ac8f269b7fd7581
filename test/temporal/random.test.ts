import fc from 'fast-check'
import { check, int, model, spec, when } from 'tsmc'
import { expect, test } from 'vitest'
import { isBehaviour, isFair, type Lasso, counterexample, type SmallFormula, type SmallGraph, truth } from '../../src/reference/temporal.ts'
import type { Formula, Logic, Operand } from '../../src/spec/formulas.ts'

const N = 4
const ACTIONS = ['A', 'B', 'C'] as const

const states = fc.uniqueArray(fc.nat(N - 1), { maxLength: N })
const actions = fc.uniqueArray(fc.nat(ACTIONS.length - 1), { minLength: 1, maxLength: 2 })
const graphs: fc.Arbitrary<SmallGraph> = fc.record({
  initial: fc.uniqueArray(fc.nat(N - 1), { minLength: 1, maxLength: 2 }),
  steps: fc.array(fc.record({ action: fc.nat(ACTIONS.length - 1), from: fc.nat(N - 1), to: fc.nat(N - 1) }), { minLength: 1, maxLength: 8 }),
  fairness: fc.array(fc.record({ kind: fc.constantFrom('weak' as const, 'strong' as const), actions }), { maxLength: 3 }),
})
const formulas: fc.Arbitrary<SmallFormula> = fc.letrec<{ formula: SmallFormula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ op: fc.constant('atom' as const), atom: states }),
    fc.record({ op: fc.constant('event' as const), event: actions }),
    fc.record({ op: fc.constantFrom('not' as const, 'next' as const, 'always' as const, 'eventually' as const), of: tie('formula') }),
    fc.record({ op: fc.constantFrom('always' as const, 'eventually' as const), of: tie('formula') }),
    fc.record({ op: fc.constantFrom('and' as const, 'or' as const), all: fc.array(tie('formula'), { maxLength: 2 }) }),
    fc.record({ op: fc.constantFrom('implies' as const, 'leadsTo' as const, 'until' as const), left: tie('formula'), right: tie('formula') }),
  ),
})).formula

type Variables = { at: ReturnType<typeof int> }

function written(formula: SmallFormula, logic: Logic<Variables>): Operand<Variables> {
  const inner = (one: SmallFormula): Operand<Variables> => written(one, logic)
  switch (formula.op) {
    case 'constant':
      return formula.value
    case 'atom':
      return (s) => formula.atom.includes(s.at)
    case 'event':
      return logic.happens(formula.event.map((action) => ACTIONS[action] as string))
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
function specOf(graph: SmallGraph, formula: SmallFormula) {
  return spec('graph', () => {
    const m = model({ at: int(0, N - 1) })
    graph.initial.forEach((state) => {
      m.init((s) => {
        s.at = state
      })
    })
    // One action may have several steps from a state: a parameter numbers them.
    const Which = int(0, 7)
    ACTIONS.forEach((name, action) => {
      const steps = graph.steps.filter((step) => step.action === action)
      m.action(name, { which: Which }, (s, { which }) => {
        const step = steps[which]
        when(step !== undefined && s.at === step.from)
        s.at = step.to
      })
    })
    for (const { kind, actions: fair } of graph.fairness) {
      m.fair(
        fair.map((action) => ACTIONS[action] as string),
        kind,
        { per: 'action' },
      )
    }
    m.property('P', (logic) => written(formula, logic))
    return m
  }).instance('it', {}, { only: ['P'] })
}

async function compare(graph: SmallGraph, formula: SmallFormula): Promise<'holds' | 'violated'> {
  const result = await check(specOf(graph, formula))
  const { violation } = result
  if (violation === null) {
    expect(counterexample(graph, formula, 7)).toBeNull()
    return 'holds'
  }
  expect(violation.kind).toBe('property')
  const trace = violation.trace.map(({ state }) => state.at as number)
  const lasso: Lasso = { states: trace, backTo: violation.lasso && 'backTo' in violation.lasso ? violation.lasso.backTo : -1 }
  expect(isBehaviour(graph, lasso)).toBe(true)
  expect(isFair(graph, lasso)).toBe(true)
  expect(truth(graph, lasso, formula)[0]).toBe(false)
  return 'violated'
}

test('random graphs, formulas and fairness: the same verdict as all lassos up to a length, and every counterexample is one', async () => {
  const verdicts = { holds: 0, violated: 0 }
  await fc.assert(
    fc.asyncProperty(graphs, formulas, async (graph, formula) => {
      verdicts[await compare(graph, formula)]++
    }),
    { numRuns: Number(process.env.TSMC_RUNS ?? 400) },
  )
  expect(verdicts.holds).toBeGreaterThan(20)
  expect(verdicts.violated).toBeGreaterThan(20)
}, 120_000)
