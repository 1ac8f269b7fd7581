/**
 * Random models: on disk as in memory, at one go and resumed after every level.
 *
 * TSMC_RUNS sets the number of models, TSMC_SEED the seed.
 */
import { join } from 'node:path'
import fc from 'fast-check'
import { check, type CheckOptions, spec } from 'tsmc'
import { expect, test } from 'vitest'
import { SpecError } from '../../src/errors.ts'
import { modelOf, type RandomModel } from '../random/model.ts'
import { comparable, directory } from './directory.ts'

const RUNS = Number(process.env.TSMC_RUNS ?? 15)
const SEED = Number(process.env.TSMC_SEED ?? '17700')
/** Larger models are passed over. */
const MAX_STATES = 250

const tape = fc.noBias(fc.array(fc.nat(1 << 20), { minLength: 50, maxLength: 600, size: 'max' }))
const tapes = fc.sample(tape, { numRuns: RUNS, seed: SEED })

async function outcome(model: RandomModel, options: CheckOptions): Promise<unknown> {
  try {
    return comparable(
      await check(
        spec('random', () => model.build()),
        options,
      ),
    )
  } catch (error) {
    if (error instanceof SpecError) return { message: error.message, hint: error.hint, trace: error.trace }
    throw error
  }
}

test.each([false, true])('keepGoing: %s', { timeout: 3_600_000 }, async (keepGoing) => {
  let compared = 0
  let resumed = 0
  for (const numbers of tapes) {
    const model = modelOf(numbers)
    const small = (await outcome(model, { keepGoing, maxStates: MAX_STATES })) as { incomplete?: unknown; depth?: number }
    if (small.incomplete) continue
    const inMemory = await outcome(model, { keepGoing })
    const once = await outcome(model, { keepGoing, store: { directory: join(directory(), 'once'), memory: 128 } })
    if (JSON.stringify(once).includes('a model with a view cannot be kept')) continue
    expect(once, model.text).toEqual(inMemory)
    compared++
    if (small.depth === undefined) continue
    const store = { directory: join(directory(), 'stepwise'), memory: 128, resume: true }
    for (let maxDepth = 2; ; maxDepth++) {
      const result = (await outcome(model, { keepGoing, maxDepth, store })) as { incomplete?: unknown }
      if (result.incomplete) {
        resumed++
        continue
      }
      expect(result, model.text).toEqual(inMemory)
      break
    }
  }
  expect(compared).toBeGreaterThan(RUNS / 5)
  expect(resumed).toBeGreaterThan(RUNS / 5)
})
