import { type AnySpec, check, type Result } from 'tsmc'
import { describe, expect, test } from 'vitest'
import gcFlag from '../../specs/gc-flag.ts'
import labelWatch from '../../specs/label-watch.ts'
import latePin from '../../specs/late-pin.ts'
import lockOrder from '../../specs/lock-order.ts'
import lostCompletion from '../../specs/lost-completion.ts'
import manualEvict from '../../specs/manual-evict.ts'
import pendingLoad from '../../specs/pending-load.ts'
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

  test('lock-order: the slow path waits for the map with history in hand, whoever needs history waits with the map in hand', async () => {
    const traces = await asExpected(lockOrder)
    const slow = ['map', 'history', 'listOfHistorical', 'last', 'listOfChild', 'ready'].map((label) => `dropHistorical.${label} dropHistorical2`)
    expect(traces.upgrade).toEqual(['dropOther.shared dropOther1', 'dropOther.first dropOther1', ...slow])
    expect(traces['upgrade-against-split']).toEqual([
      ...slow,
      'split.wantExclusive split1',
      'split.exclusive split1',
      'split.listOfOther split1',
      'split.unlockList split1',
    ])
    expect(traces['upgrade-against-eviction']).toEqual([...slow, 'evict.wantExclusive evict1', 'evict.exclusive evict1', 'evict.first evict1'])
    expect(traces['lock-order']).toEqual(['dropChild.shared dropChild1', 'dropChild.first dropChild1', ...slow.slice(0, 4)])
    // One order of the two mutexes takes a step out of the way to the same deadlock.
    expect(traces['one-order-upgrade']).toEqual(['dropOther.shared dropOther1', ...slow])
    // Others that want the map later wait with them: the write callback holds RocksDB's locks by then.
    expect(traces['upgrade-beside-rocksdb']?.filter((step) => !/^drop/.test(step))).toEqual([
      'writeCallback.rocksdb writeCallback3',
      'startLoad.wantExclusive startLoad4',
    ])
    // The two kinds of read-write lock give the same traces.
    for (const name of ['upgrade', 'upgrade-against-split', 'upgrade-against-eviction', 'lock-order'])
      expect(traces[`${name}-readers-first`]).toEqual(traces[name])
    expect(Object.keys(traces)).toEqual([
      'upgrade',
      'upgrade-readers-first',
      'upgrade-against-split',
      'upgrade-against-split-readers-first',
      'upgrade-against-eviction',
      'upgrade-against-eviction-readers-first',
      'upgrade-against-slow-path',
      'upgrade-against-slow-path-readers-first',
      'upgrade-beside-rocksdb',
      'lock-order',
      'lock-order-readers-first',
      'one-order-upgrade',
      'release-before-upgrade-lock-order',
      'gc-under-map',
      'issue-17260',
    ])
  })

  test('lock-order: at the deadlock each holds what the other wants', async () => {
    const { violation } = await check(lockOrder, { instance: 'upgrade' })
    expect(JSON.parse(JSON.stringify(violation?.trace.at(-1)?.state))).toMatchObject({
      map: { readers: ['dropOther1'], writer: null, waiting: ['dropHistorical2'] },
      mutex: { history: 'dropHistorical2', listOfOther: 'dropOther1', listOfChild: null },
      child: 'PendingEvict',
    })
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
      'cache-emptied': ['RaftMessage', 'DestroyPeer'],
    })
  })

  test('pending-load: wanted, and nobody writes', async () => {
    expect(await asExpected(pendingLoad)).toEqual({ 'issue-17561': ['Load'] })
  })

  test('label-watch: compacted when the watch begins again, and the error is taken for a passing one', async () => {
    expect(await asExpected(labelWatch)).toEqual({ 'issue-19792': ['Label', 'Compact', 'Interrupt'] })
    const { violation } = await check(labelWatch, { instance: 'issue-19792' })
    expect(violation?.lasso).toEqual({ stutters: true })
  })
})
