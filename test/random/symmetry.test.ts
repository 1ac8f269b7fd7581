/**
 * Symmetry on random models: the verdict, the shortest length and the depth are those without reduction, and the number of states is that of
 * the orbits, counted by trying all permutations. TSMC_RUNS sets the number of runs, TSMC_SEED the seed (always the same one otherwise).
 *
 * A model is made of pieces that treat all ids alike: `a` and `b` are the parameters of an action or a property, ids of the same scalarset.
 */
import fc from 'fast-check'
import { bool, check, int, map, model, type Model, option, pick, seq, set, spec, symmetric, union, when } from 'tsmc'
import { expect, test } from 'vitest'
import { bruteForce } from '../symmetry/orbits.ts'

const R = symmetric('r', 3)
const Q = symmetric('q', 2)
const Message = union('type', { ask: { from: R, to: R }, tell: { who: R, what: Q }, stop: {} })

type S = any
type Id = any

/** What may be asked of a state. */
const CONDITIONS: readonly ((s: S, a: Id, b: Id, k: number) => boolean)[] = [
  (s, a, _b, k) => s.at[a] === k,
  (s, a) => s.owner === a,
  (s) => s.owner === null,
  (s, a) => s.members.has(a),
  (s, _a, _b, k) => s.members.size > k,
  (s, a, b) => s.link[a] === b,
  (s, a) => s.link[a] === null,
  (s, a) => s.queue[0] === a,
  (s, a) => s.queue.includes(a),
  (s, _a, _b, k) => s.queue.length === k,
  (s, a, b) => s.soup.has({ type: 'ask', from: a, to: b }),
  (s) => s.soup.has({ type: 'stop' }),
  (s, a) => Q.some((q) => s.soup.has({ type: 'tell', who: a, what: q })),
  (s) => Q.every((q) => s.flags[q]),
  (s, _a, _b, k) => R.some((r) => s.at[r] === k),
  (s, _a, _b, k) => R.count((r) => s.at[r] === k) === k,
  (s) => R.every((r) => s.link[r] === null || s.link[s.link[r]] !== r),
  (_s, a, b) => a === b,
]

/** What an action may do. */
const EFFECTS: readonly ((s: S, a: Id, b: Id, k: number) => void)[] = [
  (s, a, _b, k) => void (s.at[a] = k),
  (s, a) => void (s.at[a] = (s.at[a] + 1) % 3),
  (s, a) => void (s.owner = a),
  (s) => void (s.owner = null),
  (s) => void (s.owner = pick(R)),
  (s, a) => void s.members.add(a),
  (s, a) => void s.members.delete(a),
  (s) => void s.members.delete(pick(s.members)),
  (s, a, b) => void (s.link[a] = b),
  (s, a) => void (s.link[a] = null),
  (s, a, b) => void (s.link[a] = s.link[b]),
  (s, a) => {
    when(s.queue.length < 2)
    s.queue.push(a)
  },
  (s) => void s.queue.shift(),
  (s, a, b) => void s.soup.add({ type: 'ask', from: a, to: b }),
  (s, a, b) => void s.soup.delete({ type: 'ask', from: b, to: a }),
  (s, a) => void s.soup.add({ type: 'tell', who: a, what: pick(Q) }),
  (s) => void s.soup.add({ type: 'stop' }),
  (s) => {
    const q = pick(Q)
    s.flags[q] = !s.flags[q]
  },
]

interface Condition {
  readonly what: number
  readonly k: number
  readonly not: boolean
}
interface Action {
  readonly guards: readonly Condition[]
  readonly effects: readonly { readonly what: number; readonly k: number }[]
}
interface Described {
  readonly actions: readonly Action[]
  /** An invariant each: one of its conditions holds. */
  readonly invariants: readonly (readonly Condition[])[]
  readonly terminal: boolean
  /** Whether it is to refine a lock that is taken and given back. */
  readonly refines: boolean
}

const condition = fc.record({ what: fc.nat(CONDITIONS.length - 1), k: fc.nat(2), not: fc.boolean() })
const described: fc.Arbitrary<Described> = fc.record({
  actions: fc.array(
    fc.record({
      guards: fc.array(condition, { minLength: 1, maxLength: 3 }),
      effects: fc.array(fc.record({ what: fc.nat(EFFECTS.length - 1), k: fc.nat(2) }), { minLength: 1, maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  invariants: fc.array(fc.array(condition, { minLength: 2, maxLength: 3 }), { maxLength: 2 }),
  terminal: fc.boolean(),
  refines: fc.boolean(),
})

function modelOf({ actions, invariants, terminal, refines }: Described): Model<any> {
  const m = model({
    at: map(R, int(0, 2)),
    owner: option(R),
    members: set(R),
    link: map(R, option(R)),
    queue: seq(R, 2),
    soup: set(Message),
    flags: map(Q, bool),
  }) as Model<any>
  const is = (s: S, { what, k, not }: Condition, a: Id, b: Id): boolean => (CONDITIONS[what] as (typeof CONDITIONS)[number])(s, a, b, k) !== not
  actions.forEach(({ guards, effects }, i) => {
    m.action(`A${i}`, { a: R, b: R }, (s: S, { a, b }: any) => {
      for (const guard of guards) when(is(s, guard, a, b))
      for (const { what, k } of effects) (EFFECTS[what] as (typeof EFFECTS)[number])(s, a, b, k)
    })
  })
  invariants.forEach((conditions, i) => {
    m.invariant(`I${i}`, { a: R, b: R }, (s: S, { a, b }: any) => conditions.some((one) => is(s, one, a, b)))
  })
  if (terminal) m.terminal(() => true)
  if (refines) {
    const lock = model({ owner: option(R) })
    lock.action('Take', { r: R }, (s, { r }) => {
      when(s.owner === null)
      s.owner = r
    })
    lock.action('Give', (s) => {
      when(s.owner !== null)
      s.owner = null
    })
    m.refines('Lock', lock, (s: S) => ({ owner: s.owner }))
  }
  return m
}

const MAX_STATES = 1500
const figures = { checked: 0, holds: 0, violated: 0, deadlocked: 0, deep: 0, reduced: 0, refined: 0, notRefined: 0 }

async function compare(one: Described): Promise<void> {
  const build = spec('random', () => modelOf(one))
  const full = await check(build, { symmetry: false, maxStates: MAX_STATES })
  fc.pre(full.incomplete === null)
  const reduced = await check(build)
  const outcome = ({ verdict, violation, depth }: typeof full) => [verdict, violation?.kind, violation?.steps, depth]
  expect(outcome(reduced)).toEqual(outcome(full))
  figures.checked++
  if (one.refines && full.verdict === 'holds') figures.refined++
  if (full.violation?.kind === 'refinement') figures.notRefined++
  figures[full.verdict as 'holds' | 'violated' | 'deadlocked']++
  if (full.depth >= 4) figures.deep++
  if (reduced.distinct * 3 <= full.distinct) figures.reduced++
  if (full.verdict !== 'holds') return
  const { orbits, states } = bruteForce(modelOf(one), [[...R], [...Q]])
  expect([full.distinct, reduced.distinct]).toEqual([states, orbits])
}

test('random models: reduction changes the number of states only, to that of their orbits', { timeout: 3_600_000 }, async () => {
  await fc.assert(fc.asyncProperty(described, compare), {
    numRuns: Number(process.env.TSMC_RUNS ?? 150),
    seed: Number(process.env.TSMC_SEED ?? 17700),
  })
  if (process.env.TSMC_FIGURES) console.log(figures)
  for (const [name, figure] of Object.entries(figures)) expect(figure, name).toBeGreaterThan(5)
})
