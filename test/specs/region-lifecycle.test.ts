import { check, type Result, spec } from 'tsmc'
import { describe, expect, test } from 'vitest'
import regionLifecycle from '../../specs/region-lifecycle.ts'
import { actions } from './actions.ts'

const run = (instance: string): Promise<Result> => check(regionLifecycle, { instance })
/** The state in which a trace ends: for a failed assertion the one before it. */
const last = (result: Result) => JSON.parse(JSON.stringify(result.violation?.trace.at(-1)?.state))
/** What `pick` chose in the last step. */
const picks = (result: Result) => JSON.parse(JSON.stringify(result.violation?.trace.at(-1)?.picks))

test('B9, issue #17403: a split while the load is queued; the sibling is not made Loading', async () => {
  const result = await run('issue-17403')
  expect(actions(result)).toEqual(['Load r1', 'Prepare r1', 'Split r1', 'LoadStart', 'LoadFinish !'])
  const { metas, loads } = last(result)
  expect([metas.r1.phase, metas.r2.phase]).toEqual(['Loading', 'ReadyToLoad'])
  expect(loads).toEqual([{ version: 1, start: 0, end: 2, id: 'r1', phase: 'running' }])
})

test('B10, issue #17405: a Raft snapshot leaves the epoch behind, the split asserts it', async () => {
  expect(actions(await run('issue-17405-cause'))).toEqual(['Load r1', 'Prepare r1', 'ApplySnapshot r1'])
  const panic = await run('issue-17405')
  expect(actions(panic)).toEqual(['Load r1', 'Prepare r1', 'ApplySnapshot r1', 'Split r1 !'])
  expect(panic.violation?.name).toBe('split_region: assert_eq!(region_meta.state, RegionState::Pending)')
  expect(last(panic).truth.r1.version).toBe(2)
  expect(last(panic).metas.r1).toMatchObject({ version: 1, phase: 'Loading' })
})

test('B11, issue #18008: loaded while merging, then the merge is called off; the same assertion', async () => {
  const cause = ['PrepareMerge r1', 'Load r1', 'Prepare r1', 'RollbackMerge r1']
  expect(actions(await run('issue-18008-cause'))).toEqual(cause)
  const panic = await run('issue-18008')
  expect(actions(panic)).toEqual([...cause, 'Split r1 !'])
  expect(panic.violation?.name).toBe('split_region: assert_eq!(region_meta.state, RegionState::Pending)')
  expect([last(panic).truth.r1.version, last(panic).metas.r1.version]).toEqual([3, 2])
})

test('B12, issue #17484: the range is changed in one map only', async () => {
  const result = await run('issue-17484-cause')
  expect(actions(result)).toEqual(['Split r1', 'Load r1', 'Prepare r1'])
  expect(last(result).metas.r1).toMatchObject({ version: 2, start: 0, end: 1, phase: 'Loading' })
  expect(last(result).byEnd).toEqual({ 1: null, 2: 'r1' })
})

describe('B13: an id is loaded again while its old region is still cached', () => {
  const CAUSE = ['Load r1', 'Prepare r1', 'PrepareMerge r2', 'CommitMerge r1 r2', 'Split r1', 'Load r1']

  test('the maps differ: two ends for one id', async () => {
    const result = await run('issue-17487-cause')
    expect(actions(result)).toEqual(CAUSE)
    expect(last(result).byEnd).toEqual({ 1: 'r1', 2: 'r1' })
    expect(last(result).metas.r1).toMatchObject({ version: 4, start: 1, end: 2, phase: 'Pending' })
  })

  test('three shapes of panic: #17487 at the begin of the old load, #17493 at that of a second, #17548 at once', async () => {
    expect(actions(await run('issue-17487'))).toEqual([...CAUSE, 'LoadStart !'])
    expect(actions(await run('issue-17493'))).toEqual([
      ...CAUSE.slice(0, 2),
      'LoadStart',
      ...CAUSE.slice(2),
      'Load r3',
      'Prepare r3',
      'LoadFinish',
      'LoadStart !',
    ])
    expect(actions(await run('issue-17548'))).toEqual([...CAUSE.slice(0, 5), 'Load r1 !'])
  })
})

test('B14, issue #17667: garbage collection marks one child and clears both', async () => {
  const result = await run('issue-17667')
  expect(actions(result)).toEqual(['GcCollect', 'Split r1', 'GcStart', 'GcFinish !'])
  const { metas, gc } = last(result)
  expect([metas.r1.inGc, metas.r2.inGc]).toEqual([true, false])
  expect(gc.running).toEqual({ id: 'r1', version: 1, start: 0, end: 2 })
})

test('B8, issue #17282: the safe point of a child passes a snapshot of its parent', async () => {
  const result = await run('issue-17282')
  expect(actions(result)).toEqual(['Pin r1 1', 'Split r1', 'GcCollect', 'GcStart'])
  const { metas, historical } = last(result)
  expect(metas.r1.safePoint).toBe(2)
  expect(historical).toHaveLength(1)
  expect(historical[0]).toMatchObject({ version: 1, start: 0, end: 2 })
})

test('B22: a region whose peer is gone; the source of a merge', async () => {
  expect(actions(await run('issue-17644'))).toEqual(['Load r1', 'Prepare r1', 'RemovePeer r1'])
  const merged = await run('issue-17644-merge')
  expect(actions(merged)).toEqual(['PrepareMerge r1', 'Load r1', 'Prepare r1', 'CommitMerge r2 r1'])
  expect(last(merged).truth.r1).toBe(null)
})

test('B24, issue #19584: Evicting, and no task deletes it', async () => {
  const result = await run('issue-19584')
  expect(actions(result)).toEqual(['ManualEvict r1'])
  expect(last(result).metas.r1.phase).toBe('Evicting')
  expect(last(result).deletes).toEqual({})
})

test('H2: nothing overlaps the place to which the region has moved', async () => {
  const result = await run('snapshot-moves')
  expect(actions(result)).toEqual(['Load r1', 'Prepare r1', 'ApplySnapshot r1'])
  expect(picks(result)).toEqual([{ start: 1, end: 2 }])
  expect(actions(await run('snapshot-moves-panic'))).toEqual(['Load r1', 'Prepare r1', 'ApplySnapshot r1', 'Split r1 !'])
})

test('a split of a region that was smaller when it was asked for', async () => {
  const result = await run('stale-split')
  expect(actions(result)).toEqual(['PrepareMerge r1', 'CommitMerge r2 r1', 'Load r2', 'Split r2 !'])
  expect(last(result).metas.r2).toMatchObject({ version: 1, start: 2, end: 3, phase: 'Pending' })
  expect(last(result).truth.r2).toMatchObject({ version: 3, start: 0, end: 3 })
})

test('H6 by the reload after a merge: the region comes back as it was before the second merge', async () => {
  const result = await run('stale-split-reload')
  expect([result.mismatches, actions(result)]).toEqual([
    [],
    ['PrepareMerge r2', 'CommitMerge r1 r2', 'Delete', 'PrepareMerge r3', 'CommitMerge r1 r3', 'Reload', 'Split r1 !'],
  ])
  expect(last(result).metas.r1).toMatchObject({ version: 3, start: 0, end: 2, phase: 'Pending' })
  expect(last(result).truth.r1).toMatchObject({ version: 4, start: 0, end: 3 })
  expect((await run('stale-split-reload-repaired')).mismatches).toEqual([])
})

test('N2: a split moves a pin out of what garbage collection has yet to read into what it has read', async () => {
  const result = await run('gc-history')
  expect([result.mismatches, actions(result)]).toEqual([[], ['Pin r1 1', 'GcCollect', 'GcReadHistory', 'Split r1', 'GcStart']])
  const { metas, historical } = last(result)
  expect([metas.r1.safePoint, metas.r1.inGc]).toEqual([2, true])
  expect(historical).toMatchObject([{ version: 1, start: 0, end: 2, snapshots: { 1: 1 } }])
  expect((await run('gc-history-no-split')).mismatches).toEqual([])
})

test('N4: the load is of the old range, the region that waits for it is the new one', async () => {
  const cause = ['PersistSnapshot r1', 'Load r1', 'Prepare r1']
  const finished = await run('newer-pending')
  expect([finished.mismatches, actions(finished)]).toEqual([[], [...cause, 'LoadStart', 'LoadFinish !']])
  expect(last(finished).metas.r1).toMatchObject({ version: 2, start: 0, end: 2, phase: 'Loading' })
  expect(last(finished).loads).toEqual([{ version: 1, start: 0, end: 1, id: 'r1', phase: 'running' }])
  expect(actions(await run('newer-pending-cause'))).toEqual(cause)
  expect(actions(await run('newer-pending-failed'))).toEqual([...cause, 'Evict r1', 'LoadStart', 'LoadFail !'])
  expect((await run('newer-pending-repaired')).mismatches).toEqual([])
})

describe('liveness: what is evicted is forgotten at some time', () => {
  test('B24, issue #19584: not where nobody queues the deletion', async () => {
    const result = await run('issue-19584-liveness')
    expect([result.mismatches, actions(result)]).toEqual([[], ['ManualEvict r1']])
    expect(result.violation).toMatchObject({ kind: 'property', parameters: { region: 'r1' }, lasso: { stutters: true } })
  })

  test('today it is, with readers and garbage collection', async () => {
    const result = await run('issue-17282-repaired')
    expect([result.verdict, result.warnings]).toEqual(['holds', []])
  })

  test('but a delete worker that is not fair to each region may pass one over for ever', async () => {
    const unfair = spec('unfair', () => {
      const m = regionLifecycle.build(regionLifecycle.withConstants({ raftSnapshot: false, removePeer: false }))
      const kept = m.fairness.filter(({ name }) => name !== 'Delete')
      m.fairness.splice(0, m.fairness.length, ...kept)
      m.fair('Delete', 'weak')
      return m
    }).instance('it', {}, { only: ['EvictedIsForgotten'] })
    const { verdict, violation } = await check(unfair)
    expect([verdict, violation?.name, violation?.lasso && 'backTo' in violation.lasso]).toEqual(['violated', 'EvictedIsForgotten', true])
  })
})
