/** Every instance of every model of this folder gives the verdict and the counts that its file states: in every mode of the engine, and by the reference checker. */
import { readdirSync } from 'node:fs'
import { check, type CheckOptions, type Spec } from 'tsmc'
import { describe, expect, it } from 'vitest'
import { referenceCheck } from '../../src/reference/reference.ts'

const folder = new URL('./', import.meta.url)
const models = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map(async (file) => ({ file, spec: ((await import(new URL(file, folder).href)) as { default: Spec }).default })),
)

const MODES: readonly CheckOptions[] = [{}, { compiling: 'eager' }, { learning: false }, { reuse: false }, { batching: false }]

it('there is a model for each feature', () => {
  expect(models.length).toBeGreaterThanOrEqual(18)
})

describe.each(models)('$file', ({ file, spec }) => {
  it('is named after its file', () => {
    expect(`${spec.name}.ts`).toBe(file)
  })

  describe.each(spec.instances)('$name', ({ name, constants, expectation }) => {
    const { violates, deadlocks, steps, states, generated, depth } = expectation
    const stated = { verdict: deadlocks ? 'deadlocked' : violates ? 'violated' : 'holds', distinct: states, generated, depth }
    const reduced = constants['alike'] === true
    /** What is stated of the same model with all ids told apart. */
    const unreduced = () => {
      const whole = spec.instances.find((other) => other.constants['alike'] === false)?.expectation
      return { ...stated, distinct: whole?.states, generated: whole?.generated, depth: whole?.depth }
    }

    it('states all its counts', () => {
      expect(stated).toMatchObject({ distinct: expect.any(Number), generated: expect.any(Number), depth: expect.any(Number) })
    })

    it.each(MODES)('by the engine with %j', async (mode) => {
      const result = await check(spec, { ...mode, instance: name })
      expect(result).toMatchObject({ ...stated, mismatches: [], incomplete: null })
      if (violates !== undefined) expect(result.violation?.name).toBe(violates)
      if (steps !== undefined) expect(result.violation?.steps).toBe(steps)
    })

    it('by the engine without symmetry', async () => {
      expect(await check(spec, { symmetry: false, instance: name })).toMatchObject(reduced ? unreduced() : stated)
    })

    it('by the reference checker', () => {
      const model = spec.build(constants)
      const found = referenceCheck(model)
      // It explores; what temporal properties and refinements mean stands elsewhere (test/temporal), so of these the counts are compared.
      const temporal = [...model.properties, ...model.refinements].some((property) => property.name === violates)
      expect(found).toMatchObject({ ...(reduced ? unreduced() : stated), ...(temporal ? { verdict: 'holds' } : {}) })
      if (temporal) return
      expect(found.violations[0]?.name).toBe(deadlocks ? 'deadlock' : violates)
      if (steps !== undefined) expect(found.violations[0]?.steps).toBe(steps)
    })
  })
})
