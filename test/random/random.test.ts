/**
 * The engine against the reference checker, on random models: the same verdict, counts and violations, with every optimisation on and off.
 *
 * TSMC_RUNS sets the number of runs, TSMC_SEED the seed (always the same one otherwise). A disagreement is shown as the source of the smallest model found.
 */
import fc from 'fast-check'
import { check, type CheckOptions, spec } from 'tsmc'
import { expect, test } from 'vitest'
import { SpecError } from '../../src/errors.ts'
import { formatPath, parsePath } from '../../src/program/path.ts'
import { referenceCheck, type ReferenceResult } from '../../src/reference/reference.ts'
import { replay } from '../../src/reference/replay.ts'
import { modelOf, type RandomModel } from './model.ts'

const RUNS = Number(process.env.TSMC_RUNS ?? 150)
// The same models every time, so that a change is judged by itself; other seeds are for looking further.
const SEED = process.env.TSMC_SEED ?? '17700'
/** Larger models are passed over. */
const MAX_STATES = 250

const tape = fc.noBias(fc.array(fc.nat(1 << 20), { minLength: 50, maxLength: 600, size: 'max' }))
const parameters = { numRuns: RUNS, seed: Number(SEED) }

/** How the engine may be told to work; together they switch every optimisation on and off. */
const WAYS: readonly CheckOptions[] = [
  {},
  { compiling: 'eager' },
  { compiling: 'eager', reuse: false, keys: 'fingerprint' },
  { learning: false },
  { batching: false, reuse: false },
  { keys: 'fingerprint' },
  { learning: false, batching: false, reuse: false, keys: 'fingerprint' },
]

/** What must agree, as text. Every violation must also be one when it is replayed by the reference checker. */
interface Outcome {
  readonly verdict: string
  readonly distinct?: number
  readonly generated?: number
  readonly depth?: number
  readonly violations?: readonly string[]
}
const violationText = ({ kind, name, steps, parameters }: { kind: string; name: string; steps: number; parameters: object }): string =>
  `${kind} ${name} ${JSON.stringify(parameters)} ${steps}`

function ofReference(model: RandomModel, keepGoing: boolean): Outcome {
  let result: ReferenceResult
  try {
    result = referenceCheck(model.build(), { maxStates: MAX_STATES, keepGoing })
  } catch (error) {
    if (error instanceof SpecError) return { verdict: 'SpecError' }
    throw error
  }
  const { verdict, distinct, generated, depth } = result
  const violations = result.violations.map(violationText)
  return { verdict, distinct, generated, depth, violations: keepGoing ? violations.toSorted() : violations.slice(0, 1) }
}

async function ofEngine(model: RandomModel, keepGoing: boolean, way: CheckOptions): Promise<Outcome> {
  try {
    const { verdict, distinct, generated, depth, violations } = await check(
      spec('random', () => model.build()),
      { ...way, keepGoing },
    )
    for (const { kind, name, replay: text } of violations) {
      if (kind === 'reachable') continue
      const { failed } = replay(model.build(), parsePath(text) ?? [])
      if (!failed.some((other) => other.kind === kind && other.name === name))
        return { verdict: `${kind} ${name} is not violated at the end of ${text}` }
    }
    const texts = violations.map(violationText)
    return { verdict, distinct, generated, depth, violations: keepGoing ? texts.toSorted() : texts }
  } catch (error) {
    if (error instanceof SpecError) return { verdict: 'SpecError' }
    throw error
  }
}

for (const keepGoing of [false, true]) {
  test(`the engine and the reference checker agree on random models${keepGoing ? ', past violations' : ''}`, { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(tape, fc.constantFrom(...WAYS), async (numbers, way) => {
        const model = modelOf(numbers)
        const expected = ofReference(model, keepGoing)
        fc.pre(expected.verdict !== 'incomplete' && (expected.distinct ?? 0) <= MAX_STATES)
        let found: unknown
        try {
          found = await ofEngine(model, keepGoing, way)
        } catch (error) {
          found = error instanceof Error ? (error.stack as string) : error
        }
        expect(found, `${model.text}\nwith ${JSON.stringify(way)}`).toEqual(expected)
      }),
      parameters,
    )
  })
}

test('random models are worth checking: enough states, violations, deadlocks', { timeout: 600_000 }, () => {
  const results = fc
    .sample(tape, { numRuns: Math.min(RUNS, 300), seed: 1 })
    .map((numbers) => ofReference(modelOf(numbers), false))
    .filter(({ verdict }) => verdict !== 'incomplete' && verdict !== 'SpecError')
  const share = (fits: (outcome: Outcome) => boolean): number => results.filter(fits).length / results.length
  const figures = {
    complete: results.length,
    holds: share(({ verdict }) => verdict === 'holds'),
    deadlocked: share(({ verdict }) => verdict === 'deadlocked'),
    violated: share(({ verdict }) => verdict === 'violated'),
    several: share(({ distinct }) => (distinct ?? 0) >= 5),
    deep: share(({ depth }) => (depth ?? 0) >= 4),
  }
  if (process.env.TSMC_FIGURES) console.log(figures)
  expect(figures.complete).toBeGreaterThan(50)
  for (const name of ['holds', 'deadlocked', 'violated', 'several', 'deep'] as const) expect(figures[name], name).toBeGreaterThan(0.05)
})

test('a tape makes the same model again, and a path its own text', () => {
  fc.assert(
    fc.property(tape, (numbers) => {
      const model = modelOf(numbers)
      expect(modelOf(numbers).text).toBe(model.text)
      let result: ReferenceResult
      try {
        result = referenceCheck(model.build(), { maxStates: 50 })
      } catch (error) {
        if (error instanceof SpecError) return
        throw error
      }
      for (const { kind, name, path } of result.violations) {
        if (kind === 'reachable') continue
        expect(parsePath(formatPath(path))).toEqual(path)
        expect(replay(model.build(), path).failed.map((other) => `${other.kind} ${other.name}`)).toContain(`${kind} ${name}`)
      }
    }),
    { ...parameters, numRuns: Math.min(RUNS, 100) },
  )
})
