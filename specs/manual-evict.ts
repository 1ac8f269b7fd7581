/**
 * An eviction that nobody completes: issue #19584.
 *
 * To evict is two jobs. `RegionManager::evict_region` marks the region and returns it where it may be deleted at once; the caller
 * must then queue `BackgroundTask::DeleteRegions`, which wipes the skiplists and forgets the region. While snapshots pin the region, the
 * thread that drops the last of them does the second job.
 *
 * | action        | thread              | function, at commit 8e964719db (components/in_memory_engine/src)                                                      | lock of `regions_map` |
 * | ------------- | ------------------- | --------------------------------------------------------------------------------------------------------------------- | --------------------- |
 * | Load          | raftstore, …        | region_manager.rs:330 `load_region`, and the load as one step                                                         | exclusive             |
 * | Evict         | any                 | engine.rs:413 `evict_region`, which queues the task; region_manager.rs:861                                            | exclusive             |
 * | EvictManually | a future of ime-bg  | background.rs:181 `start_bg_hint_service`, its callback: region_manager.rs:861 `evict_region`, the task queued at :300 | exclusive             |
 * | Pin           | read pool           | region_manager.rs:692 `region_snapshot`                                                                               | shared                |
 * | Drop          | read pool           | read.rs:93 `drop`; region_manager.rs:727 `remove_region_snapshot`                                                     | shared, then exclusive |
 * | Delete        | ime-delete          | background.rs:1429 `delete_regions`; region_manager.rs:964 `on_delete_regions`                                        | shared, none, exclusive |
 *
 * That an evicted region is forgotten at some time is stated twice: as what it is, a leads-to property, and as the safety property behind it,
 * that somebody is always about to see to it.
 */
import { bool, type DraftState, enumOf, int, model, spec, when } from 'tsmc'

/** The code at commit 8e964719db. */
const constants = {
  /** Snapshots that may pin the region at once. */
  pins: 2,
  /** The label watcher queues what the manager returns (#19586); true is today's code. */
  manualEvictQueuesDelete: true,
}

export default spec('manual-evict', constants, (c) => {
  const m = model({
    /** The region's `RegionState`; loading is one step here. */
    phase: enumOf('absent', 'Active', 'PendingEvict', 'Evicting'),
    /** Snapshots in `region_snapshot_list`. */
    pins: int(0, c.pins),
    /** A `DeleteRegions` task for the region is queued. */
    deleteQueued: bool,
  })
  type State = DraftState<typeof m>

  /** `evict_region`, which all evictions end in. Returns whether the region is to be deleted. */
  function evictRegion(s: State): boolean {
    when(s.phase === 'Active')
    s.phase = s.pins > 0 ? 'PendingEvict' : 'Evicting'
    return s.phase === 'Evicting'
  }

  /** The region is loaded. An id that is still cached is refused. */
  m.action('Load', (s) => {
    when(s.phase === 'absent')
    s.phase = 'Active'
  })

  /** Any other eviction: `RegionCacheMemoryEngine::evict_region` queues the task. */
  m.action('Evict', (s) => {
    if (evictRegion(s)) s.deleteQueued = true
  })

  /** The label `cache=always` is taken off the region: the label watcher (ime-bg) calls the manager itself. */
  m.action('EvictManually', (s) => {
    const deletable = evictRegion(s)
    if (deletable && c.manualEvictQueuesDelete) s.deleteQueued = true
  })

  /** `region_snapshot` */
  m.action('Pin', (s) => {
    when(s.phase === 'Active' && s.pins < c.pins)
    s.pins++
  })

  /** `remove_region_snapshot`: the last one completes a pending eviction. */
  m.action('Drop', (s) => {
    when(s.pins > 0)
    s.pins--
    if (s.phase !== 'PendingEvict' || s.pins > 0) return
    s.phase = 'Evicting'
    s.deleteQueued = true
  })

  /** `DeleteRangeRunner` */
  m.action('Delete', (s) => {
    when(s.deleteQueued)
    s.deleteQueued = false
    s.phase = 'absent'
  })

  /** An evicted region waits for a delete task or for a snapshot. */
  m.invariant('NotStuck', (s) => {
    if (s.phase === 'Evicting') return s.deleteQueued
    return s.phase !== 'PendingEvict' || s.pins > 0
  })
  /** The task finds the region that it was made for. */
  m.invariant('DeletesEvicted', (s) => !s.deleteQueued || s.phase === 'Evicting')

  // Readers drop their snapshots and the delete worker does its tasks, each at some time.
  m.fair('Drop', 'weak')
  m.fair('Delete', 'weak')
  /** What is evicted is forgotten at some time, so that it can be cached again. */
  m.property('EvictedIsForgotten', ({ leadsTo }) =>
    leadsTo(
      (s) => s.phase === 'PendingEvict' || s.phase === 'Evicting',
      (s) => s.phase === 'absent',
    ),
  )

  return m
})
  .instance('today', {}, { states: 7 })

  // ---- B24: issue #19584, repaired by #19586 ----
  .instance('issue-19584', { manualEvictQueuesDelete: false }, { violates: 'NotStuck', steps: 2, states: 5 })
  /** The region can never be cached again: nothing at all can happen to it. */
  .instance('issue-19584-for-ever', { manualEvictQueuesDelete: false }, { deadlocks: true, only: ['deadlock'], steps: 2, states: 7 })
  /** The same as a liveness property: evicted, and then nothing for ever. */
  .instance(
    'issue-19584-liveness',
    { manualEvictQueuesDelete: false },
    { violates: 'EvictedIsForgotten', only: ['EvictedIsForgotten'], steps: 2, states: 8 },
  )
