/**
 * The life of a cached region: the instances. The model is in models/region-lifecycle.ts; what the switches mean stands there, and in a table in README.md.
 */
import { spec } from 'tsmc'
import {
  CHILD_OUTSIDE,
  EVICT_OTHER,
  FAILED_OUTSIDE,
  GC_TWICE,
  LOAD_OUTSIDE,
  LOAD_STATE,
  OVERWRITTEN,
  SPLIT_NOT_PENDING,
  STARTS_ACTIVE,
  STARTS_PENDING,
  WALK,
  codeAt8e964719db,
  regionLifecycle,
} from './models/region-lifecycle.ts'

export { codeAt8e964719db, regionLifecycle } from './models/region-lifecycle.ts'

// ---- the configurations that the instances below start from ----
/** Two neighbours, and a raftstore that lags behind. */
const LAGGING = { laggingView: true, maxVersion: 4, raftSnapshot: false, removePeer: false }
/** One region, splits only. */
const ONE_REGION = { regions: [[0, 2]], merge: false, raftSnapshot: false, removePeer: false }
/** … by a raftstore that lags behind. */
const STALE = { ...ONE_REGION, laggingView: true }
/** … with readers, garbage collection, and loads that fail. */
const READERS = { ...ONE_REGION, removePeer: true, pins: 2, gc: true, loadFailure: true }
/** … on a follower that receives Raft snapshots. */
const FOLLOWER = { ...ONE_REGION, raftSnapshot: true, maxVersion: 4 }
/** … with room to move. */
const MOVING = { ...FOLLOWER, keys: 3, regions: [[0, 1]] }
/** Two neighbours, splits and merges only. */
const MERGES = { raftSnapshot: false, removePeer: false }
/** … where an id may be loaded again before it is gone, as the code was. */
const OVERWRITES = { ...MERGES, refuseSameId: false, assertNoOverwrite: false }
/** Two neighbours of which one can be split at once. */
const THREE_KEYS = {
  ...MERGES,
  keys: 3,
  regions: [
    [0, 2],
    [2, 3],
  ],
  maxVersion: 4,
}

/** Three neighbours that become one, the first of them cached; only the reload asks for a region. */
const RELOAD = {
  ...MERGES,
  keys: 3,
  ids: 4,
  regions: [
    [0, 1],
    [1, 2],
    [2, 3],
  ],
  activeAtFirst: 1,
  asks: false,
  reloadAfterMerge: true,
}
/** A Raft snapshot step by step: a region that grows. */
const SNAPSHOT_STEPS = { ...MOVING, ids: 2, laggingView: true, snapshotInSteps: true }

export default spec('region-lifecycle', codeAt8e964719db, regionLifecycle)
  // ---- Today's code ----
  /** Two neighbours that are split, merged, moved on by Raft snapshots, and removed. */
  .instance('today', {}, { states: 84125 })
  /** The same, and the raftstore acts on what it knew. */
  .instance('today-lagging', { ...LAGGING, removePeer: true }, { states: 107980 })
  .instance('today-lagging-snapshot', { ...LAGGING, raftSnapshot: true }, { states: 81080 })
  /** Splits while readers hold snapshots, garbage is collected, and loads fail. */
  .instance('today-readers', READERS, { states: 30116 })
  /** One key more: the region that is merged can be split as well. */
  .instance('today-three-keys', THREE_KEYS, { states: 178096 })

  // ---- B9: issue #17403, repaired by #17398: a split between the queueing of a load and its begin ----
  .instance('issue-17403', { ...ONE_REGION, loadingSetByApply: false }, { violates: LOAD_STATE, only: [LOAD_STATE], steps: 5, states: 109 })
  .instance('issue-17403-repaired', ONE_REGION, { states: 189 })

  // ---- B10: issue #17405, repaired by #17430: a Raft snapshot leaves the old region cached ----
  .instance(
    'issue-17405',
    { ...FOLLOWER, evictOnApplySnapshot: false },
    { violates: SPLIT_NOT_PENDING, only: [SPLIT_NOT_PENDING], steps: 4, states: 263 },
  )
  /** The cause: half of it is done when the epoch has gone. */
  .instance('issue-17405-cause', { ...FOLLOWER, evictOnApplySnapshot: false }, { violates: 'EpochFresh', only: ['EpochFresh'], steps: 3, states: 95 })
  .instance('issue-17405-repaired', FOLLOWER, { states: 3248 })

  // ---- B11: issue #18008, repaired by #18012: a region loaded while it waits for a merge that is called off ----
  .instance(
    'issue-18008',
    { ...THREE_KEYS, evictOnRollback: false },
    { violates: SPLIT_NOT_PENDING, only: [SPLIT_NOT_PENDING], steps: 5, states: 1178 },
  )
  .instance('issue-18008-cause', { ...THREE_KEYS, evictOnRollback: false }, { violates: 'EpochFresh', only: ['EpochFresh'], steps: 4, states: 403 })
  // Repaired: today-three-keys.

  // ---- B12: issues #17483 and #17484, repaired by #17486: a stale region is shrunk in one map only ----
  .instance('issue-17484-cause', { ...STALE, reinsertStalePending: false }, { violates: 'Consistent', only: ['Consistent'], steps: 3, states: 35 })
  /**
   * What it leads to: an eviction is told of a region that does not overlap, or the walk by range meets an id that is gone. The
   * report's own assertion, in `on_snapshot_load_finished`, is not reached: today's code asserts more, and stops before it.
   */
  .instance('issue-17484-evict', { ...STALE, reinsertStalePending: false }, { violates: EVICT_OTHER, only: [EVICT_OTHER], steps: 5, states: 158 })
  .instance(
    'issue-17484-walk',
    { ...STALE, keys: 3, regions: [[0, 3]], reinsertStalePending: false },
    { violates: WALK, only: [WALK], steps: 4, states: 318 },
  )
  .instance(
    'issue-17484-load',
    { ...STALE, keys: 3, regions: [[0, 3]], reinsertStalePending: false },
    { only: [LOAD_OUTSIDE, LOAD_STATE], states: 37549 },
  )
  .instance('issue-17484-repaired', STALE, { states: 505 })

  // ---- B13: issues #17487, #17493 and #17548, repaired by #17550: an id is loaded while its old region is still being evicted ----
  .instance('issue-17487-cause', OVERWRITES, { violates: 'Consistent', only: ['Consistent'], steps: 6, states: 712 })
  /** The load worker finds the new region, still Pending, under the id of the old task. */
  .instance('issue-17487', OVERWRITES, { violates: STARTS_PENDING, only: [STARTS_PENDING], steps: 7, states: 1485 })
  /** A task is queued for a region that the old task takes for its own and makes Active: the new task finds it so. */
  .instance('issue-17493', OVERWRITES, { violates: STARTS_ACTIVE, only: [STARTS_ACTIVE], steps: 11, states: 6935 })
  /** The old task finishes, and meets what has been loaded since in its range. */
  .instance('issue-17487-finish', OVERWRITES, { violates: LOAD_STATE, only: [LOAD_STATE], steps: 9, states: 4024 })
  /** With the assertion of #17550 alone: it is the next panic. */
  .instance('issue-17548', { ...MERGES, refuseSameId: false }, { violates: OVERWRITTEN, steps: 6, states: 710 })
  .instance('issue-17550-repaired', MERGES, { states: 9048 })

  // ---- B14: issue #17667, repaired by #17682: a split between the listing of a region for garbage collection and its begin ----
  .instance(
    'issue-17667',
    { ...READERS, pins: 0, activeAtFirst: 1, gcRefreshesRegion: false },
    { violates: GC_TWICE, only: [GC_TWICE], steps: 4, states: 221 },
  )
  .instance('issue-17667-repaired', { ...READERS, pins: 0, activeAtFirst: 1 }, { states: 3228 })

  // ---- B8: issue #17282, repaired by #17288: garbage collection of a child under a snapshot of its parent ----
  .instance(
    'issue-17282',
    { ...READERS, activeAtFirst: 1, gcSeesHistorical: false },
    { violates: 'SafeReads', only: ['SafeReads'], steps: 4, states: 897 },
  )
  .instance('issue-17282-repaired', { ...READERS, activeAtFirst: 1 }, { states: 30116 })

  // ---- B22: issue #17644, repaired by #17712: the peer is gone, its region stays cached ----
  .instance('issue-17644', { evictOnDestroy: false }, { violates: 'EpochFresh', only: ['EpochFresh'], steps: 3, states: 130 })
  /** The source of a merge, loaded again while it waits. */
  .instance('issue-17644-merge', { ...MERGES, evictOnDestroy: false }, { violates: 'EpochFresh', only: ['EpochFresh'], steps: 4, states: 133 })
  // Repaired: today, issue-17550-repaired.

  // ---- B24: issue #19584, repaired by #19586: an eviction that nobody completes (see also manual-evict.ts) ----
  .instance(
    'issue-19584',
    { ...ONE_REGION, activeAtFirst: 1, manualEvictQueuesDelete: false },
    { violates: 'NotStuck', only: ['NotStuck'], steps: 1, states: 5 },
  )
  .instance(
    'issue-19584-from-nothing',
    { ...ONE_REGION, manualEvictQueuesDelete: false },
    { violates: 'NotStuck', only: ['NotStuck'], steps: 5, states: 106 },
  )
  /** The same as liveness: evicted, and never forgotten. */
  .instance(
    'issue-19584-liveness',
    { ...ONE_REGION, activeAtFirst: 1, manualEvictQueuesDelete: false },
    { violates: 'EvictedIsForgotten', only: ['EvictedIsForgotten'], steps: 1, states: 230 },
  )
  // Repaired: issue-17403-repaired.

  // ---- H2: a Raft snapshot moves the region away from its old place. A reading of today's code, not reported ----
  .instance('snapshot-moves', { ...MOVING, snapshotMayMoveRegion: true }, { violates: 'EpochFresh', only: ['EpochFresh'], steps: 3, states: 131 })
  .instance(
    'snapshot-moves-panic',
    { ...MOVING, snapshotMayMoveRegion: true },
    { violates: SPLIT_NOT_PENDING, only: [SPLIT_NOT_PENDING], steps: 4, states: 412 },
  )
  /** A region that stays where it is, at least in part, is found. */
  .instance('snapshot-stays', MOVING, { states: 21311 })
  /** A repair: evict the region of this id as well. */
  .instance('snapshot-moves-repaired', { ...MOVING, snapshotMayMoveRegion: true, evictAlsoById: true }, { states: 24298 })

  // ---- A hole that this model has found: the split of a region that was smaller when it was asked for. Not reported ----
  .instance('stale-split', { ...THREE_KEYS, maxVersion: 4, laggingView: true }, { violates: CHILD_OUTSIDE, steps: 4, states: 578 })
  /** It takes a merge: without one, a stale region is larger than the current one. */
  .instance('stale-split-no-merge', STALE, { states: 505 })
  /** A repair: keep what lies inside, forget the rest. */
  .instance('stale-split-repaired', { ...THREE_KEYS, maxVersion: 3, laggingView: true, splitKeepsContained: true }, { states: 348148 })

  // ---- H6, by another way: the reload after a merge (#18134) brings the region back as it was after that merge ----
  /** Two merges into one region: the second finds it evicted already, the reload is of the first. */
  .instance('stale-split-reload', RELOAD, { violates: CHILD_OUTSIDE, only: [CHILD_OUTSIDE], steps: 7, states: 871 })
  /** A merge that is called off, then one that is not; from nothing. */
  .instance(
    'stale-split-reload-rollback',
    { ...THREE_KEYS, reloadAfterMerge: true, maxVersion: 6 },
    { violates: CHILD_OUTSIDE, only: [CHILD_OUTSIDE], steps: 11, states: 152331 },
  )
  .instance('stale-split-reload-repaired', { ...RELOAD, splitKeepsContained: true }, { states: 4239 })

  // ---- N2: garbage collection reads history before it locks the map. A reading of today's code, not reported ----
  .instance('gc-history', { ...READERS, activeAtFirst: 1, gcInTwoSteps: true }, { violates: 'SafeReads', steps: 5, states: 2416 })
  .instance('gc-history-from-nothing', { ...READERS, gcInTwoSteps: true }, { violates: 'SafeReads', steps: 9, states: 3591 })
  /** Sanity: it takes a split between the two. */
  .instance('gc-history-no-split', { ...READERS, ids: 1, gcInTwoSteps: true }, { states: 195 })
  // Repaired, history read under the lock: issue-17282-repaired and today-readers.

  // ---- N4: a Pending region that is newer than what its apply thread knows. A reading of today's code, not reported ----
  .instance('newer-pending', SNAPSHOT_STEPS, { violates: LOAD_OUTSIDE, only: [LOAD_OUTSIDE], steps: 5, states: 231 })
  /** The cause: the load that is queued is not of the region that waits for it. */
  .instance('newer-pending-cause', SNAPSHOT_STEPS, { violates: 'NotStuck', only: ['NotStuck'], steps: 3, states: 38 })
  /** The same where the load fails, or the region worker cancels it by its eviction. */
  .instance('newer-pending-failed', SNAPSHOT_STEPS, { violates: FAILED_OUTSIDE, only: [FAILED_OUTSIDE], steps: 6, states: 518 })
  /** A repair: leave it Pending until the apply thread has caught up. */
  .instance('newer-pending-repaired', { ...SNAPSHOT_STEPS, newerPendingWaits: true }, { states: 61622 })
  .instance('newer-pending-repaired-split', { ...FOLLOWER, laggingView: true, snapshotInSteps: true, newerPendingWaits: true }, { states: 33509 })

  // ---- The two halves of the drop of a snapshot: decided under the shared lock, done under the exclusive one ----
  .instance('today-drop-in-two-steps', { ...READERS, dropInTwoSteps: true }, { states: 38836 })
