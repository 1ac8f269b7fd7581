/**
 * Two locks in two orders: hole H4, a reading of today's code, not reported.
 *
 * A snapshot that is dropped is taken off its region's list (`RegionManager::remove_region_snapshot`), and where it was the last one
 * that held an eviction back, the region may be deleted. To know that, the function looks at the region's own list and at the
 * historical regions: metas that a split replaced while they had snapshots. It holds `regions_map` shared, which excludes nobody here.
 *
 *  - Fast path, the snapshot belongs to a cached region: locks the region's snapshot list, then `historical_regions`.
 *  - Slow path, the snapshot belongs to a historical region: locks `historical_regions`, then the snapshot lists of the evicted
 *    regions that it covers.
 */
import { bool, type DraftState, enumOf, map, model, spec, when } from 'tsmc'

const constants = {
  /** Threads that drop a snapshot of the evicted region. */
  fast: 1,
  /** Threads that drop a snapshot of the historical region it came from. */
  slow: 1,
  /** A repair: the fast path takes `historical_regions` first, too. Today it does not. */
  oneOrder: false,
}

export default spec('lock-order', constants, (c) => {
  const fast = Array.from({ length: c.fast }, (_, i) => `fast${i + 1}`)
  const slow = Array.from({ length: c.slow }, (_, i) => `slow${i + 1}`)
  const Thread = enumOf(...fast, ...slow)

  const Lock = enumOf('snapshotList', 'historicalRegions')
  type Lock = 'snapshotList' | 'historicalRegions'

  const m = model({ locked: map(Lock, bool) })
  type State = DraftState<typeof m>

  /** The order in which a thread takes its two locks. */
  function order(thread: string): readonly [Lock, Lock] {
    return slow.includes(thread) || c.oneOrder ? ['historicalRegions', 'snapshotList'] : ['snapshotList', 'historicalRegions']
  }

  function take(s: State, lock: Lock) {
    when(!s.locked[lock])
    s.locked[lock] = true
  }

  /** `remove_region_snapshot`: takes one lock, then the other, looks at both lists, and releases both. */
  const drop = m.process('Drop', Thread, {
    takeFirst: (s, thread) => {
      take(s, order(thread)[0])
      return 'takeSecond'
    },
    takeSecond: (s, thread) => {
      take(s, order(thread)[1])
      return 'releaseBoth'
    },
    releaseBoth: (s) => {
      s.locked.snapshotList = false
      s.locked.historicalRegions = false
      return 'Done'
    },
  })

  /** Locks exclude: at most one thread has both. */
  m.invariant('Exclusive', (s) => Thread.count((thread) => drop.at(s, thread) === 'releaseBoth') <= 1)

  return m
})
  // ---- H4 ----
  /** One thread drops a snapshot of the evicted region, another the last one of the historical region. */
  .instance('lock-order', {}, { deadlocks: true, steps: 2, states: 8 })
  /** Sanity: on one path alone nobody waits for ever. */
  .instance('fast-path-alone', { fast: 3, slow: 0 }, { states: 32 })
  .instance('slow-path-alone', { fast: 0, slow: 3 }, { states: 32 })
  /** The repair. */
  .instance('one-order', { oneOrder: true }, { states: 12 })
  .instance('one-order-more-threads', { fast: 2, slow: 2, oneOrder: true }, { states: 80 })
