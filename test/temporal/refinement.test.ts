import { bool, check, enumOf, ids, int, map, model, option, type Result, spec, when } from 'tsmc'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { traceToDot } from '../../src/draw/dot.ts'
import type { Violation } from '../../src/program/result.ts'
import { jsonReport } from '../../src/report/document.ts'
import { terminalReport } from '../../src/report/terminal.ts'
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

const shown = (result: Result) => result.violation?.trace.map(({ action, abstract }) => [action, abstract?.name, abstract?.step])

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
  expect(shown(result)).toEqual([
    [null, 'Lock', null],
    ['Look', 'Lock', 'stutters'],
    ['Look', 'Lock', 'stutters'],
    ['Enter', 'Lock', 'Take(id: p2)'],
    ['Enter', 'Lock', 'no step of the abstract model'],
  ])
  expect(result).toMatchObject({ distinct: 13, generated: 25, depth: 7 })
  const json = JSON.parse(jsonReport([{ file: 'flag.ts', results: [result] }]))
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

/** Two phases, turned over every three steps, that are to come to an end. */
const phases = spec('phases', () => {
  const abstract = model({ phase: int(0, 2) })
  abstract.action('Turn', (s) => {
    when(s.phase < 2)
    s.phase = 1 - s.phase
  })
  abstract.action('Finish', (s) => {
    when(s.phase === 1)
    s.phase = 2
  })
  abstract.fair('Finish', 'strong')
  const m = model({ n: int(0, 5), done: bool })
  m.action('Step', (s) => {
    when(!s.done)
    s.n = (s.n + 1) % 6
  })
  m.action('End', (s) => {
    when(s.n === 4 && !s.done)
    s.done = true
  })
  m.terminal((s) => s.done)
  m.fair('Step', 'weak')
  m.refines('Phases', abstract, (s) => ({ phase: s.done ? 2 : s.n < 3 ? 0 : 1 }))
  return m
}).instance('it', {}, { violates: 'Phases', steps: 6 })

test('both levels stand side by side, and below each other where there is no room', async () => {
  const result = await check(phases)
  expect(result.mismatches).toEqual([])
  const text = terminalReport(result).split('\n')
  const from = text.findIndex((line) => line.endsWith('| Phases'))
  expect(text.slice(from, from + 15)).toEqual([
    '                      | Phases',
    '   0  initial state   | initial state',
    '      n: 0            | phase: 0',
    '      done: false     |',
    '   1  Step            | stutters',
    '      n: 0 -> 1       |',
    '   2  Step            | stutters',
    '      n: 1 -> 2       |',
    '   3  Step            | Turn',
    '      n: 2 -> 3       | phase: 0 -> 1',
    '   4  Step            | stutters',
    '      n: 3 -> 4       |',
    '   5  Step            | stutters',
    '      n: 4 -> 5       |',
    '      back to step 0: Step | Turn',
  ])
  const narrow = terminalReport(result, { width: 40 }).split('\n')
  const third = narrow.indexOf('  3  Step')
  expect(narrow.slice(third, third + 4)).toEqual(['  3  Step', '   n: 2 -> 3', '   Phases | Turn', '   Phases | phase: 0 -> 1'])
})

test('in JSON and in the drawing the abstract step stands with the state, the step back included', async () => {
  const result = await check(phases)
  const json = JSON.parse(jsonReport([{ file: 'phases.ts', results: [result] }]))
  expect(misfits(schema, json)).toEqual([])
  const { trace, lasso } = json.instances[0].violation
  expect(trace.map(({ shown }: any) => [shown.Phases.phase, shown['Phases step']])).toEqual([
    [0, undefined],
    [0, 'stutters'],
    [0, 'stutters'],
    [1, 'Turn'],
    [1, 'stutters'],
    [1, 'stutters'],
  ])
  expect(lasso).toEqual({ backTo: 0, action: 'Step', parameters: {}, abstractStep: 'Turn' })
  const dot = traceToDot(result, result.violation as Violation).replaceAll('\u00a0', ' ')
  expect(dot).toContain('Phases: Turn\\l')
  expect(dot).toContain('label=" 6. Step\\l   Phases: Turn\\l   back to the initial state\\l"')
})
