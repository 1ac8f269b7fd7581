import { type AnySpec, check, type Result } from 'tsmc'
import { describe, expect, test } from 'vitest'
import gcFlag from '../../specs/gc-flag.ts'
import latePin from '../../specs/late-pin.ts'
import lockOrder from '../../specs/lock-order.ts'
import lostCompletion from '../../specs/lost-completion.ts'
import manualEvict from '../../specs/manual-evict.ts'
import savePoints from '../../specs/save-points.ts'
import uninitializedPeer from '../../specs/uninitialized-peer.ts'
import { actions } from './actions.ts'

/** Every instance of a spec as it stands in the spec. */
async function asExpected(spec: AnySpec): Promise<Record<string, string[]>> {
  const traces: Record<string, string[]> = {}
  for (const { name } of spec.instances) {
    const result: Result = await check(spec, { instance: name })
    expect(result.mismatches, `${spec.name} ${name}`).toEqual([])
    if (result.violation) traces[name] = actions(result)
  }
  return traces
}

describe('the traces of the small specs', () => {
  test('gc-flag: the second tick releases the flag of the first', async () => {
    expect(await asExpected(gcFlag)).toEqual({
      'issue-17788': ['Tick', 'Tick', 'RoundEnds !'],
      'issue-17788-cause': ['Tick', 'Tick'],
      'issue-17788-two-rounds': ['Tick', 'Tick', 'Tick'],
    })
  })

  test('save-points: the first put without memory', async () => {
    expect(await asExpected(savePoints)).toEqual({
      'issue-17630': ['SetSavePoint', 'Put !'],
      'issue-17630-without-assertion': ['SetSavePoint', 'Put', 'PopSavePoint', 'SetSavePoint', 'Put'],
    })
  })

  test('manual-evict: nobody deletes', async () => {
    expect(await asExpected(manualEvict)).toEqual({
      'issue-19584': ['Load', 'EvictManually'],
      'issue-19584-for-ever': ['Load', 'EvictManually'],
      'issue-19584-liveness': ['Load', 'EvictManually'],
    })
  })

  test('lost-completion: a region that is evicted already drops the completion', async () => {
    const traces = await asExpected(lostCompletion)
    expect(Object.keys(traces)).toEqual([
      'lost-completion',
      'lost-completion-two-jobs',
      'lost-completion-for-ever',
      'lost-completion-liveness',
      'lost-completion-two-jobs-liveness',
    ])
    expect(traces['lost-completion']?.slice(3)).toEqual(['Collect loadEvict', 'EvictByOther r1', 'EvictCandidate loadEvict r1'])
    // As liveness: until nothing need happen any more.
    expect(traces['lost-completion-liveness']?.slice(3)).toEqual(['Collect loadEvict', 'EvictByOther r1', 'EvictCandidate loadEvict r1', 'Delete r1'])
    expect(traces['lost-completion-two-jobs']?.slice(3)).toEqual([
      'Collect loadEvict',
      'Collect memoryCheck',
      'EvictCandidate loadEvict r1',
      'EvictCandidate memoryCheck r1',
    ])
  })

  test('lost-completion: in the end the regions are gone, and each job waits for the one that the other has taken', async () => {
    const result = await check(lostCompletion, { instance: 'lost-completion-for-ever' })
    const { job, region } = JSON.parse(JSON.stringify(result.violation?.trace.at(-1)?.state))
    expect([region.r1, region.r2]).toEqual([
      { phase: 'absent', completion: null },
      { phase: 'absent', completion: null },
    ])
    expect(job).toEqual({ loadEvict: { at: 'waiting', candidates: [], awaited: 1 }, memoryCheck: { at: 'waiting', candidates: [], awaited: 1 } })
  })

  test('lock-order: each has the lock that the other wants', async () => {
    expect(await asExpected(lockOrder)).toEqual({ 'lock-order': ['Drop.takeFirst fast1', 'Drop.takeFirst slow1'] })
  })

  test('late-pin: a whole load between the two snapshots of a reader', async () => {
    expect(await asExpected(latePin)).toEqual({ 'late-pin': ['TakeDiskSnapshot reader1', 'Write', 'LoadStart', 'LoadFinish', 'Pin reader1'] })
    const { violation } = await check(latePin, { instance: 'late-pin' })
    expect(violation?.parameters).toEqual({ reader: 'reader1', entry: 0 })
  })

  test('uninitialized-peer: destroyed, or asked to load, before it has a region', async () => {
    expect(await asExpected(uninitializedPeer)).toEqual({
      'issue-17767': ['RaftMessage', 'DestroyPeer !'],
      'issue-18046': ['RaftMessage', 'PreLoad !'],
    })
  })
})
