import { check, type Result } from 'tsmc'
import { describe, expect, test } from 'vitest'
import writeBatch from '../../specs/write-batch.ts'
import { actions } from './actions.ts'

const run = (instance: string): Promise<Result> => check(writeBatch, { instance })
/** The state in which a trace ends: for a failed assertion the one before it. */
const last = (result: Result) => JSON.parse(JSON.stringify(result.violation?.trace.at(-1)?.state))

const CAUSE = ['Fetch t1 r1', 'Apply t1 r1', 'Change t1 r1', 'Done t1 r1', 'EndRound t1']

describe('issue #17700', () => {
  test('the panic: ten steps of one thread, and nothing is cached', async () => {
    const result = await run('issue-17700')
    expect(result.expected).toBe(true)
    expect(result.violation?.kind).toBe('assertion')
    expect(result.violation?.name).toBe('region is prepared for write before, but it is not the current region')
    expect(actions(result)).toEqual([...CAUSE, 'Fetch t1 r2', 'Apply t1 r2', 'Done t1 r2', 'Fetch t1 r1', 'Apply t1 r1 !'])
    const { thread, region, nextPut } = last(result)
    expect(thread.t1).toEqual({
      round: ['r1', 'r2'],
      handling: 'r1',
      resuming: false,
      flushing: 'none',
      batch: { status: 'NotInCache', current: 'r2', prepared: ['r1', 'r2'], written: [], disk: { r1: [], r2: [2] }, memory: { r1: [], r2: [] } },
    })
    expect(thread.t2.round).toEqual([])
    expect(region.r1).toMatchObject({ phase: 'absent', isWritten: false, loadSnapshot: [], disk: [1], memory: [], loadMessage: 'none' })
    expect(nextPut).toBe(3)
  })

  test('the cause is complete after half of it: the round is over, and the batch is still prepared', async () => {
    const result = await run('issue-17700-cause')
    expect(result.violation).toMatchObject({ kind: 'invariant', name: 'CleanIdle', parameters: { thread: 't1' } })
    expect(actions(result)).toEqual(CAUSE)
    expect(last(result).thread.t1).toMatchObject({ round: [], handling: null, batch: { current: 'r1', prepared: ['r1'], disk: { r1: [], r2: [] } } })
  })

  test('the panic is the same in every hypothesis that leaves the supposed cause out', async () => {
    const panic = actions(await run('issue-17700'))
    for (const instance of ['hypothesis-race', 'hypothesis-recovery', 'hypothesis-disagreement']) expect(actions(await run(instance))).toEqual(panic)
    expect(actions(await run('hypothesis-split'))).toEqual(CAUSE)
  })

  test('silent: the second thread loads the region, the first returns with the status of its old batch', async () => {
    const result = await run('issue-17700-silent')
    expect(actions(result)).toEqual([
      ...CAUSE,
      'Fetch t2 r1',
      'BgLoad r1',
      'Apply t2 r1',
      'Done t2 r1',
      'EndRound t2',
      'Fetch t1 r1',
      'Apply t1 r1',
      'Change t1 r1',
      'LoadFinish r1',
    ])
    expect(last(result).region.r1).toMatchObject({ phase: 'Active', disk: [1, 2, 3], memory: [1, 2] })
  })

  test('silent: the region is forgotten while a write of it is on its way', async () => {
    const result = await run('issue-17700-residue')
    expect(actions(result).slice(-5)).toEqual(['Apply t1 r1', 'LoadFinish r1', 'Evict r1', 'Delete r1', 'Change t1 r1'])
    expect(last(result).region.r1).toMatchObject({ phase: 'absent', disk: [1, 2, 3], memory: [3] })
  })
})

describe('the other bugs of the write batch', () => {
  test('issue #17645: a write that was waiting for the flush is missing in memory', async () => {
    const result = await run('issue-17645')
    expect(actions(result)).toEqual(['Fetch t1 r1', 'Apply t1 r1', 'BgLoad r1', 'Apply t1 r1', 'Change t1 r1', 'LoadFinish r1'])
    expect(last(result).region.r1).toMatchObject({ phase: 'Active', disk: [1, 2], memory: [2] })
  })

  test('issue #17797: the flag of the first region is cleared twice', async () => {
    const result = await run('issue-17797-active')
    expect(result.violation?.name).toBe('assertion failed: meta.is_written()')
    expect(actions(result)).toEqual(['Fetch t1 r1', 'Apply t1 r1', 'Done t1 r1', 'Fetch t1 r2', 'Apply t1 r2', 'Change t1 r2 !'])
    expect(last(result).thread.t1.batch).toMatchObject({ status: 'NotInCache', current: 'r2', written: ['r1'] })
  })

  test('issue #17797 from nothing takes a load more', async () => {
    expect(actions(await run('issue-17797'))).toEqual([
      'Fetch t1 r1',
      'BgLoad r1',
      'Apply t1 r1',
      'Done t1 r1',
      'Fetch t1 r2',
      'Apply t1 r2',
      'Change t1 r2 !',
    ])
  })

  test('issue #17104: the flush writes into a region that is forgotten', async () => {
    const result = await run('issue-17104')
    expect(actions(result)).toEqual(['Fetch t1 r1', 'BgLoad r1', 'Apply t1 r1', 'LoadFinish r1', 'Evict r1', 'Delete r1', 'Change t1 r1'])
    expect(last(result).region.r1).toMatchObject({ phase: 'absent', disk: [1], memory: [1] })
  })

  test('the load message: taken out of the mailbox at the begin of the round, handled with a write unflushed', async () => {
    const result = await run('load-message')
    expect(actions(result)).toEqual([
      'BgLoad r1',
      'SendLoadMsg r1',
      'Fetch t1 r1',
      'Evict r1',
      'Apply t1 r1',
      'BgLoad r1',
      'LoadMsg t1 r1',
      'Change t1 r1',
      'LoadFinish r1',
    ])
    expect(last(result).region.r1).toMatchObject({ phase: 'Active', disk: [1], memory: [] })
  })
})

test('H1 without a lost entry: an FSM that yielded resumes its entries before it drains its mailbox', async () => {
  const result = await run('load-message-yield')
  expect([result.mismatches, actions(result)]).toEqual([
    [],
    [
      'Fetch t1 r1',
      'Drain t1 r1',
      'Apply t1 r1',
      'Yield t1 r1',
      'EndRound t1',
      'Fetch t1 r1',
      'Resume t1 r1',
      'BgLoad r1',
      'SendLoadMsg r1',
      'Drain t1 r1',
      'LoadMsg t1 r1',
      'Change t1 r1',
      'LoadFinish r1',
    ],
  ])
  expect(last(result).region.r1).toMatchObject({ phase: 'Active', disk: [1, 2], memory: [1] })
  expect((await run('load-message-yield-repaired')).mismatches).toEqual([])
})

describe('the order of two writes', () => {
  test('flags cleared before the entries are inserted: the delete worker comes between', async () => {
    const result = await run('write-impl-flags-first')
    expect(actions(result)).toEqual([
      'Fetch t1 r1',
      'BgLoad r1',
      'Apply t1 r1',
      'Change t1 r1',
      'LoadFinish r1',
      'Evict r1',
      'Delete r1',
      'WriteImplRest t1',
    ])
    expect([result.mismatches, (await run('write-impl-in-steps')).mismatches]).toEqual([[], []])
  })

  test('forgotten before it is wiped, Active before it is filled', async () => {
    for (const [right, wrong] of [
      ['deletion-in-steps', 'deletion-forgets-first'],
      ['loading-in-steps', 'loading-activates-first'],
    ] as const)
      expect([(await run(right)).mismatches, (await run(wrong)).mismatches]).toEqual([[], []])
  })
})

test('clearing at the begin of a round takes the flag of another thread away', async () => {
  const result = await run('direction-3c-two-regions')
  expect(actions(result)).toEqual([
    'Fetch t1 r1',
    'Apply t1 r1',
    'BgLoad r1',
    'Change t1 r1',
    'Done t1 r1',
    'EndRound t1',
    'Fetch t2 r1',
    'Apply t2 r1',
    'Fetch t1 r2',
    'LoadFinish r1',
    'Evict r1',
    'Delete r1',
    'Change t2 r1',
  ])
  expect(last(result).region.r1).toMatchObject({ phase: 'absent', disk: [1, 2], memory: [2] })
})

test('#17700 as liveness: the flag is left over, and the eviction of the region is never completed', async () => {
  const result = await run('issue-17700-liveness')
  expect(result.mismatches).toEqual([])
  expect(actions(result)).toEqual(['Fetch t1 r1', 'Apply t1 r1', 'Change t1 r1', 'Done t1 r1', 'EndRound t1', 'Evict r1'])
  expect(last(result).region.r1).toMatchObject({ phase: 'Evicting', isWritten: true })
  expect(result.violation?.lasso).toEqual({ stutters: true })
  expect(result.violation?.fairness?.map(({ text }) => text)).toContain('Delete(region: r1) (weak fairness) is never possible there')
})
