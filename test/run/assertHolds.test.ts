import { assertHolds, ExpectationError, int, model, spec, when } from 'tsmc'
import { expect, test } from 'vitest'

const counter = spec('counter', { limit: 2 }, ({ limit }) => {
  const m = model({ x: int(0, 9) })
  m.action('Increment', (s) => {
    when(s.x < limit)
    s.x++
  })
  m.terminal(() => true)
  m.invariant('Small', (s) => s.x < 3)
  return m
})
  .instance('two')
  .instance('three', { limit: 3 }, { violates: 'Small', steps: 3 })

test('gives the results where every instance is as expected', async () => {
  const results = await assertHolds(counter)
  expect(results.map(({ instance, verdict, distinct }) => [instance, verdict, distinct])).toEqual([
    ['two', 'holds', 3],
    ['three', 'violated', 4],
  ])
})

test('throws the report, trace included, where one is not', async () => {
  const error = await assertHolds(counter, { constants: { limit: 4 } }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ExpectationError)
  const { message, results } = error as ExpectationError
  expect(results.map(({ instance }) => instance)).toEqual(['limit=4'])
  expect(message).toContain('✗ counter limit=4: violated: Small in 3 steps\n')
  expect(message).toContain('   3  Increment\n      x: 2 -> 3\n')
})

test('an incomplete search is not as expected', async () => {
  await expect(assertHolds(counter, { instance: 'two', maxStates: 1 })).rejects.toThrow('incomplete')
})
