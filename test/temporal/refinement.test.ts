import { bool, check, enumOf, ids, int, map, model, option, type Result, spec, when } from 'tsmc'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { jsonReport } from '../../src/report/json.ts'
import { misfits } from '../report/schema.ts'

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))

/** A lock, to be implemented. */
function lockOf<I extends string>(Id: ReturnType<typeof ids<I>>, fair: boolean) {
  const m = model({ holder: option(Id) })
  m.action('Take', { id: Id }, (s, { id }) => {
    when(s.holder === null)
    s.holder = id
  })
  m.action('Give', (s) => {
    when(s.holder !== null)
    s.holder = null
  })
  if (fair) m.fair('Give', 'weak')
  return m
}

/** A lock by a flag, which is looked at and raised in one step or in two. */
const flag = spec('flag', { atomic: true, startsHeld: false, abstractFair: false, fair: false }, ({ atomic, startsHeld, abstractFair, fair }) => {
  const Id = ids('p', 2)
  const m = model({ raised: bool, at: map(Id, enumOf('idle', 'looked', 'in')) })
  if (startsHeld) {
    m.init((s) => {
      s.raised = true
      s.at.p1 = 'in'
    })
  }
  m.action('Look', { id: Id }, (s, { id }) => {
    when(s.at[id] === 'idle' && !s.raised)
    s.at[id] = 'looked'
    if (atomic) s.raised = true
  })
  m.action('Enter', { id: Id }, (s, { id }) => {
    when(s.at[id] === 'looked')
    s.raised = true
    s.at[id] = 'in'
  })
  m.action('Leave', { id: Id }, (s, { id }) => {
    when(s.at[id] === 'in')
    s.raised = false
    s.at[id] = 'idle'
  })
  if (fair) m.fair('Leave', 'weak')
  m.refines('Lock', lockOf(Id, abstractFair), (s) => ({ holder: Id.find((id) => s.at[id] === 'in') ?? null }))
  return m
})
  .instance('right')
  .instance('wrong', { atomic: false }, { violates: 'Lock', steps: 4 })
  .instance('begins wrong', { startsHeld: true }, { violates: 'Lock', steps: 0 })
  .instance('nobody has to leave', { abstractFair: true }, { violates: 'Lock', steps: 2 })
  .instance('everybody leaves', { abstractFair: true, fair: true })

const shown = (result: Result) => result.violation?.trace.map(({ action, shown }) => [action, ...shown.map(({ name, value }) => `${name}: ${value}`)])

test.each(flag.instances.map(({ name }) => name))('%s', async (instance) => {
  expect((await check(flag, { instance })).mismatches).toEqual([])
})

test('a step that is none of the abstract model is shown beside it', async () => {
  const result = await check(flag, { instance: 'wrong' })
  expect(result.violation).toMatchObject({
    kind: 'refinement',
    name: 'Lock',
    because: [{ path: 'last step', value: 'mapped to no step of the abstract model, nor to stuttering' }],
  })
  expect(result.violation?.lasso).toBeUndefined()
  // Both are in. The abstract holder, the first of them, changes hands without a lock given back.
  expect(shown(result)?.map(([action, , step]) => [action, step])).toEqual([
    [null, undefined],
    ['Look', 'Lock step: stutters'],
    ['Look', 'Lock step: stutters'],
    ['Enter', 'Lock step: Take(id: p2)'],
    ['Enter', 'Lock step: no step of the abstract model'],
  ])
  expect(result).toMatchObject({ distinct: 13, generated: 25, depth: 7 })
  const json = JSON.parse(jsonReport([{ file: 'flag.ts', results: [result] }], false))
  expect(misfits(schema, json)).toEqual([])
  expect(json.instances[0].violation.trace.map((step: any) => step.shown)).toEqual([
    { Lock: { holder: null } },
    { Lock: { holder: null }, 'Lock step': 'stutters' },
    { Lock: { holder: null }, 'Lock step': 'stutters' },
    { Lock: { holder: 'p2' }, 'Lock step': 'Take(id: p2)' },
    { Lock: { holder: 'p1' }, 'Lock step': 'no step of the abstract model' },
  ])
})

test('an initial state must be mapped to an initial state', async () => {
  const { violation } = await check(flag, { instance: 'begins wrong' })
  expect(violation?.because).toEqual([{ path: 'initial state', value: 'mapped to no initial state of the abstract model' }])
})

test('the fairness of the abstract model has to be met', async () => {
  const { violation } = await check(flag, { instance: 'nobody has to leave' })
  expect(violation).toMatchObject({ kind: 'refinement', lasso: { stutters: true } })
  expect(violation?.because).toEqual([
    { path: 'weak fairness of Give', value: 'demanded by the abstract model and not met: always possible, and never happens' },
  ])
  expect(violation?.fairness?.map(({ text }) => text)).toEqual([
    'Leave(id: p1) is possible there and never happens: weak fairness of it would rule this out',
  ])
})

test('a mapping to something that is no state of the abstract model is an error that names it', async () => {
  const wrong = spec('wrong', () => {
    const m = model({ n: int(0, 9) })
    m.action('Count', (s) => {
      when(s.n < 9)
      s.n += 1
    })
    m.terminal((s) => s.n === 9)
    const small = model({ half: int(0, 3) })
    small.action('Count', (s) => {
      s.half += 1
    })
    m.refines(small, (s) => ({ half: Math.floor(s.n / 2) }))
    return m
  })
  await expect(check(wrong)).rejects.toThrow('the mapping of refinement: .half: 4 is outside int(0, 3)')
})
