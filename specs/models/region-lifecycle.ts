/**
 * The life of a cached region in TiKV's in-memory engine.
 *
 * TiKV cuts its keys into regions; a region has an id, a range of keys, and an epoch version that grows whenever the range changes.
 * The in-memory engine mirrors some hot regions. What it knows of them is in `RegionManager`: a `CacheRegionMeta` per region, found by
 * id and by range. A dozen threads change it: apply threads that split and merge regions, the raftstore that asks for regions and gives
 * them up, a load worker, a delete worker, a garbage collector, and readers that pin what they read.
 *
 * Modelled: truth, that is what the apply threads know of a region; the raftstore's view of it, which may lag behind; the metas in
 * both maps; regions replaced by a split while snapshots were held on them; the queues of the workers. What happens under the exclusive lock
 * of `regions_map` is one step. Left out: contents (write-batch.ts: with them `is_written` and the order of loads and writes), memory
 * accounting (a region may be evicted at any time), Raft (truth changes at any time), conf changes (they do not touch the epoch version).
 *
 * The default constants are the code at commit 8e964719db, with what stands under "steps of the code that are one step here" as one step; there
 * everything holds. The switches take one repair out, or one step apart.
 *
 * | action                      | thread                  | function, at that commit (region_manager.rs, if nothing else is said)      | lock of `regions_map`      |
 * | --------------------------- | ----------------------- | --------------------------------------------------------------------------- | -------------------------- |
 * | Load                        | raftstore, ime-evict, … | :330 `load_region`, :390 `check_overlap_with_region`                        | exclusive                  |
 * | Reload                      | ime-delete              | hybrid_engine/src/observer/load_eviction.rs:147 `merge_region`, its callback | exclusive                  |
 * | Prepare                     | apply                   | engine.rs:213 `prepare_for_apply`, the slow path                            | exclusive                  |
 * | LoadStart                   | ime-load                | background.rs:924 `do_load_region`                                          | shared                     |
 * | LoadFinish, LoadFail        | ime-load                | background.rs:595 `on_snapshot_load_finished`, :655 `…_failed`              | exclusive                  |
 * | Evict, ManualEvict          | any; ime-bg             | :861 `evict_region`, :905 `do_evict_region`                                 | exclusive                  |
 * | Delete                      | ime-delete              | background.rs:1429 `delete_regions`; :964 `on_delete_regions`               | exclusive                  |
 * | Split                       | apply                   | :1022 `split_region`                                                        | exclusive                  |
 * | PrepareMerge, …, RemovePeer | apply                   | load_eviction.rs:70 `post_exec_cmd`, then `ApplyDelegate::region` changes   | exclusive, for the eviction |
 * | Sync                        | raftstore               | raftstore/src/store/fsm/peer.rs:2660 `on_apply_res`                         | none                       |
 * | PersistSnapshot             | raftstore               | raftstore/src/store/peer.rs:3421 `on_persist_snapshot`                      | none                       |
 * | DestroyPeer                 | raftstore               | fsm/peer.rs:4253 `destroy_peer`; load_eviction.rs:388 `on_destroy_peer`     | exclusive                  |
 * | Register                    | apply                   | fsm/apply.rs:4085 `handle_registration`                                     | none                       |
 * | EvictForSnapshot            | region-worker           | worker/region.rs:388; load_eviction.rs:345 `post_apply_snapshot`            | exclusive                  |
 * | Pin                         | read pool               | :692 `region_snapshot`                                                      | shared                     |
 * | Drop, SetEvicting           | read pool               | :727 `remove_region_snapshot` (its locks: lock-order.ts)                    | shared, then exclusive     |
 * | GcCollect                   | ime-bg                  | background.rs:476 `regions_for_gc`                                          | shared                     |
 * | GcReadHistory               | ime-gc                  | :829 `get_history_regions_min_ts`                                           | none                       |
 * | GcStart                     | ime-gc                  | background.rs:491 `gc_region`                                               | exclusive                  |
 * | GcFinish                    | ime-gc                  | :847 `on_gc_region_finished`                                                | shared                     |
 */
import {
  bag,
  bagOf,
  bool,
  type DraftState,
  ensure,
  enumOf,
  every,
  ids,
  int,
  map,
  model,
  option,
  pick,
  type ReadState,
  record,
  seq,
  set,
  when,
  type Infer,
} from 'tsmc'

// ---- the panics: the function, and what it asserts ----
export const WALK = 'iter_overlapped_regions: the id found by range is in the map'
export const DISJOINT = 'new_region_meta: assert!(!self.overlaps_with(&meta.region))'
export const OVERWRITTEN = 'new_region_meta: assert!(old_meta.is_none())'
export const END_TAKEN = 'new_region_meta: assert!(old_id.is_none())'
export const REMOVED = 'remove_region: regions.remove(&id).unwrap()'
export const ILLEGAL_STATE = 'set_state: assert!(self.validate_update_region_state(new_state))'
export const EVICT_FROM = 'mark_evict: assert_matches!(self.state, Loading | Active | LoadingCanceled)'
export const EVICT_TO = 'mark_evict: assert_matches!(state, PendingEvict | Evicting)'
export const EVICT_OTHER = 'do_evict_region: assert!(meta.region.overlaps(evict_region))'
export const STALE_NOT_PENDING = 'prepare_for_apply: assert_eq!(meta.state, Pending)'
export const STALE_OTHER = 'can_be_updated_to: assert!(same id, older epoch)'
export const SPLIT_NOT_PENDING = 'split_region: assert_eq!(region_meta.state, RegionState::Pending)'
export const SPLIT_NOT_OLDER = 'split_region: assert!(region_meta.region.epoch_version < source_region.epoch_version)'
export const CHILD_OUTSIDE = 'derive_from: assert!(source_meta.region.contains_range(&region))'
export const START_MISSING = 'load worker: region_meta(region.id).unwrap()'
export const LOAD_START = 'load worker: assert_eq!(region_meta.get_state(), RegionState::LoadingCanceled)'
export const STARTS_PENDING = `${LOAD_START}, left: Pending`
export const STARTS_ACTIVE = `${LOAD_START}, left: Active`
export const LOAD_MISSING = 'on_snapshot_load_finished: mut_region_meta(region.id).unwrap()'
export const LOAD_OUTSIDE = 'on_snapshot_load_finished: assert!(region.contains_range(meta.get_region()))'
export const LOAD_STATE = 'on_snapshot_load_finished: assert!(Loading or LoadingCanceled)'
export const FAILED_MISSING = 'on_snapshot_load_failed: mut_region_meta(region.id).unwrap()'
export const FAILED_OUTSIDE = 'on_snapshot_load_failed: assert!(region.contains_range(meta.get_region()))'
export const FAILED_STATE = 'on_snapshot_load_failed: assert!(Loading or LoadingCanceled)'
export const DELETE_STATE = 'delete worker: assert_eq!(region_meta.get_state(), RegionState::Evicting)'
export const DELETE_EPOCH = 'on_delete_regions: assert_eq!(meta.region.epoch_version, r.epoch_version)'
export const GC_TWICE = 'set_in_gc: assert!(self.in_gc.load(Ordering::Acquire) != in_gc)'
export const GC_OUTSIDE = 'on_gc_region_finished: assert!(region.contains_range(&meta.region))'
export const SAFE_POINT_BACK = 'set_safe_point: assert!(self.safe_point <= safe_point)'
export const UNPINNED = 'remove_snapshot: self.0.get_mut(&read_ts).unwrap()'
export const HISTORY_MISSING = 'remove_region_snapshot: historical_regions.get_mut(&hist_key).unwrap()'
export const UPGRADE_MISSING = 'remove_region_snapshot: mut_region_meta(region.id).unwrap()'
export const HISTORY_STATE = 'remove_region_snapshot: assert_eq!(meta.get_state(), RegionState::PendingEvict)'

/** The code at commit 8e964719db. */
export const codeAt8e964719db = {
  // ---- size of the world ----
  /** Keys are cut at 0 to `keys`: a region is a range [start, end) between two cuts. */
  keys: 2,
  /** Region ids: those of the first regions, and one for each split after. */
  ids: 3,
  /** The regions to begin with, as [start, end]; all of version 1. */
  regions: [
    [0, 1],
    [1, 2],
  ] as readonly (readonly number[])[],
  maxVersion: 5,
  /** How many of them are in memory to begin with. */
  activeAtFirst: 0,

  // ---- what may happen ----
  /** Two neighbours become one: PrepareMerge, then CommitMerge or RollbackMerge. */
  merge: true,
  /** A follower that was left behind receives a Raft snapshot: its region jumps to another epoch. */
  raftSnapshot: true,
  /** A peer is removed from this store. (The source of a merge is destroyed in any case.) */
  removePeer: true,
  /** The raftstore learns of changes only later. */
  laggingView: false,
  /** Snapshots that readers may hold at once. */
  pins: 0,
  /** Garbage collection. */
  gc: false,
  /** Somebody asks for regions at any time: a hot region, a label, a transfer of leadership. */
  asks: true,
  /** Loads may fail: no memory left, an error of the iterator. */
  loadFailure: false,

  // ---- repairs made; true is today's code ----
  /** RollbackMerge evicts the source (#18012). */
  evictOnRollback: true,
  /** A Raft snapshot evicts what overlaps the new region (#17430). */
  evictOnApplySnapshot: true,
  /** To destroy a peer evicts its region (#17712). */
  evictOnDestroy: true,
  /** An id that is cached, wherever, is not loaded again (#17550). */
  refuseSameId: true,
  /** To overwrite a meta is a panic (#17550). */
  assertNoOverwrite: true,
  /** A stale Pending region is removed and inserted again, not changed in place (#17486). */
  reinsertStalePending: true,
  /** The apply thread makes a region Loading, not the load worker (#17398). */
  loadingSetByApply: true,
  /** Garbage collection looks up the current region instead of using the one that was listed (#17682). */
  gcRefreshesRegion: true,
  /** Garbage collection respects snapshots held on historical regions (#17288). */
  gcSeesHistorical: true,
  /** The label watcher queues the deletion of what it evicts (#19586). */
  manualEvictQueuesDelete: true,

  // ---- steps of the code that are one step here, unless a hole is looked for in between ----
  /** Garbage collection reads the historical regions, lets go of them, and locks the map after that (N2). */
  gcInTwoSteps: false,
  /** A Raft snapshot is persisted (the raftstore's view changes), registered (the apply thread's), and applied (the region worker evicts) (N4). */
  snapshotInSteps: false,
  /** A region that a merge evicted from Active is loaded again when it is deleted, as it was after that merge (#18134; a way into H6). */
  reloadAfterMerge: false,
  /** The last snapshot is dropped, and the region that waited for it becomes Evicting after the map was let go of and locked again. */
  dropInTwoSteps: false,

  // ---- holes, and repairs imagined ----
  /** An apply thread that is behind a Pending region leaves it Pending: a repair of N4. */
  newerPendingWaits: false,
  /** A Raft snapshot may put a region at another place altogether (hole H2). */
  snapshotMayMoveRegion: false,
  /** An eviction also finds the region by its id, wherever it lies: a repair of H2. */
  evictAlsoById: false,
  /** A split of a stale Pending region keeps only the children inside it; today's code keeps those that overlap it. */
  splitKeepsContained: false,
}

export type Constants = typeof codeAt8e964719db

export function regionLifecycle(c: Constants) {
  // ==================================================================================================================
  // State
  // ==================================================================================================================

  const Region = ids('r', c.ids)
  type Region = Infer<typeof Region>
  const Cut = int(0, c.keys)
  const End = int(1, c.keys)
  const Version = int(1, c.maxVersion)
  /** Read timestamps. Garbage collection asks for the last of them as its safe point; 0 is before all of them. */
  const TIMES = 2
  const Time = int(1, TIMES)
  const MAX_PINS = Math.max(1, c.pins)

  /** `RegionState`. `ReadyToLoad` existed until #17398. */
  const Phase = enumOf('Pending', 'ReadyToLoad', 'Loading', 'Active', 'LoadingCanceled', 'PendingEvict', 'Evicting')
  type Phase = 'Pending' | 'ReadyToLoad' | 'Loading' | 'Active' | 'LoadingCanceled' | 'PendingEvict' | 'Evicting'

  const range = { version: Version, start: Cut, end: Cut }
  /** `CacheRegion`: a region as somebody once knew it. */
  const CacheRegion = record({ id: Region, ...range })
  interface Range {
    readonly start: number
    readonly end: number
  }
  interface Ranged extends Range {
    readonly version: number
  }
  interface CacheRegion extends Ranged {
    readonly id: Region
  }

  const m = model({
    /** The regions as the apply threads know them (`ApplyDelegate::region`); null: there is no peer here. */
    truth: map(Region, option(record({ ...range, merging: bool }))),
    /** How many ids are in use: ids are never used again. */
    born: int(0, c.ids),
    /** The regions as the raftstore knows them, where it may lag behind. */
    view: map(Region, option(record(range))),

    /** `RegionMetaMap::regions` */
    metas: map(
      Region,
      option(
        record({
          ...range,
          phase: Phase,
          /** `region_snapshot_list`: read timestamps of the snapshots held. */
          snapshots: bag(Time, MAX_PINS),
          safePoint: int(0, TIMES),
          /** `in_gc`: a garbage collection of the region is running. */
          inGc: bool,
          /** `on_evict_finished` of an eviction by a merge: the region to load when this one is deleted. */
          reload: option(record(range)),
        }),
      ),
    ),
    /** `RegionMetaMap::regions_by_range`: ids by the end of their ranges. */
    byEnd: map(End, option(Region)),
    /** `historical_regions`: split, but with snapshots from before the split. */
    historical: seq(record({ ...range, snapshots: bag(Time, MAX_PINS) }), MAX_PINS),

    /** The load worker's queue; its head may be at work. */
    loads: seq(record({ ...range, id: Region, phase: enumOf('queued', 'running', 'canceled') }), c.ids + 1),
    /** The delete worker's regions (`DeleteRegions`), in no particular order: they are retried. */
    deletes: bag(record({ id: Region, version: Version }), 2),
    /** The garbage collection under way: regions still to do, and the one that is being done. */
    gc: record({
      listed: seq(CacheRegion, c.ids),
      /** What `get_history_regions_min_ts` gave for the first of them, before the map is locked. */
      historyMin: option(Time),
      running: option(CacheRegion),
    }),
    /** Snapshots that readers hold (`RegionCacheSnapshotMeta`). */
    pins: bag(record({ id: Region, version: Version, time: Time }), MAX_PINS),
    /** Regions that a dropped snapshot lets go, and that are not Evicting yet. */
    deletable: set(Region),
    /** Callbacks that load a region again, after its deletion. */
    reloads: bag(CacheRegion, 2),
    /** What is still to be done of a Raft snapshot that is persisted: by the apply thread, by the region worker. */
    snapshot: map(Region, record({ toRegister: bool, toApply: bool })),
  })
  type State = DraftState<typeof m>
  type Meta = NonNullable<State['metas'][Region]>

  m.init((s) => {
    c.regions.forEach(([start, end], i) => {
      const id = [...Region][i] as Region
      s.truth[id] = { version: 1, start: start as number, end: end as number, merging: false }
      if (c.laggingView) s.view[id] = { version: 1, start: start as number, end: end as number }
      if (i < c.activeAtFirst) newRegionMeta(s, { id, version: 1, start: start as number, end: end as number }, 'Active')
    })
    s.born = c.regions.length
  })

  const overlaps = (a: Range, b: Range) => a.start < b.end && b.start < a.end
  const contains = (outer: Range, inner: Range) => outer.start <= inner.start && inner.end <= outer.end
  const adjacent = (a: Range, b: Range) => a.end === b.start || b.end === a.start
  /** A copy that stays as it is when the state changes. */
  const regionOf = (id: Region, { version, start, end }: Ranged): CacheRegion => ({ id, version, start, end })
  const isEvict = (phase: Phase) => phase === 'LoadingCanceled' || phase === 'PendingEvict' || phase === 'Evicting'

  /** The peer is busy with a Raft snapshot: it hands out no entries, and it is not destroyed. */
  const handlesSnapshot = (s: ReadState<typeof m>, id: Region) => s.snapshot[id].toRegister || s.snapshot[id].toApply
  /** The peer that is about to apply an entry. */
  const applying = (s: State, id: Region) => (handlesSnapshot(s, id) ? null : delegate(s, id))
  /** The region of an apply delegate. The raftstore makes one for a new region when it learns of the split. */
  const delegate = (s: State, id: Region) => (c.laggingView && s.view[id] === null ? null : s.truth[id])
  /** The region as the raftstore, and all that ask it, know it. */
  const viewed = (s: State, id: Region): Ranged | null => (c.laggingView ? s.view[id] : s.truth[id])

  // ==================================================================================================================
  // The maps: components/in_memory_engine/src/region_manager.rs, `RegionMetaMap` and `CacheRegionMeta`
  // ==================================================================================================================

  /** `iter_overlapped_regions`: walks the ends that lie behind the start. */
  function overlapped(s: State, { start, end }: Range): Region[] {
    const found: Region[] = []
    for (let at = start + 1; at <= c.keys; at++) {
      const id = s.byEnd[at]
      if (id === null) continue
      const meta = s.metas[id]
      ensure(meta !== null, WALK)
      if (meta.start >= end) break
      found.push(id)
    }
    return found
  }

  /** `on_all_overlapped_regions`: the region itself where its epoch has not changed, all that overlap it otherwise. */
  function sameOrOverlapped(s: State, region: CacheRegion): Region[] {
    return s.metas[region.id]?.version === region.version ? [region.id] : overlapped(s, region)
  }

  /** `new_region_meta` */
  function newRegionMeta(s: State, { id, version, start, end }: CacheRegion, phase: Phase, safePoint = 0, inGc = false) {
    ensure(overlapped(s, { start, end }).length === 0, DISJOINT)
    if (c.assertNoOverwrite) ensure(s.metas[id] === null, OVERWRITTEN)
    if (c.assertNoOverwrite) ensure(s.byEnd[end] === null, END_TAKEN)
    s.metas[id] = { version, start, end, phase, snapshots: bagOf([]), safePoint, inGc, reload: null }
    s.byEnd[end] = id
  }

  /** `remove_region` */
  function removeRegion(s: State, id: Region) {
    const meta = s.metas[id]
    ensure(meta !== null, REMOVED)
    s.byEnd[meta.end] = null
    s.metas[id] = null
  }

  /** `set_state`: the arrows of the state machine. Only `Pending` and `Evicting` regions leave the map. */
  function setState(meta: Meta, phase: Phase) {
    ensure(ARROWS[meta.phase].includes(phase), ILLEGAL_STATE)
    meta.phase = phase
  }
  const ARROWS: Record<Phase, readonly Phase[]> = {
    Pending: c.loadingSetByApply ? ['Loading'] : ['ReadyToLoad'],
    ReadyToLoad: ['Loading', 'LoadingCanceled'],
    Loading: ['Active', 'LoadingCanceled', 'Evicting'],
    Active: ['PendingEvict'],
    LoadingCanceled: ['PendingEvict', 'Evicting'],
    PendingEvict: ['Evicting'],
    Evicting: [],
  }

  /** `mark_evict` */
  function markEvict(meta: Meta, phase: Phase) {
    ensure(meta.phase === 'Loading' || meta.phase === 'Active' || meta.phase === 'LoadingCanceled', EVICT_FROM)
    ensure(phase === 'PendingEvict' || phase === 'Evicting', EVICT_TO)
    setState(meta, phase)
  }

  /** `set_safe_point` */
  function setSafePoint(meta: Meta, safePoint: number) {
    ensure(meta.safePoint <= safePoint, SAFE_POINT_BACK)
    meta.safePoint = safePoint
  }

  /** `set_in_gc` */
  function setInGc(meta: Meta, inGc: boolean) {
    ensure(meta.inGc !== inGc, GC_TWICE)
    meta.inGc = inGc
  }

  // ==================================================================================================================
  // Eviction: `RegionManager::evict_region`. Everybody may ask for it.
  // ==================================================================================================================

  /** `evict_region`, and the `DeleteRegions` task for what it returns, unless the caller forgets it. */
  function evictRegion(s: State, region: CacheRegion, queueDelete = true, reload: Ranged | null = null) {
    for (const id of evictionOf(s, region)) doEvictRegion(s, id, region, queueDelete, id === region.id ? reload : null)
  }

  /** The cached regions that an eviction concerns. */
  function evictionOf(s: State, region: CacheRegion): Region[] {
    const found = sameOrOverlapped(s, region)
    if (c.evictAlsoById && s.metas[region.id] !== null && !found.includes(region.id)) found.push(region.id)
    return found
  }

  /** `do_evict_region` */
  function doEvictRegion(s: State, id: Region, region: CacheRegion, queueDelete: boolean, reload: Ranged | null) {
    const meta = s.metas[id]
    ensure(meta !== null && (overlaps(meta, region) || (c.evictAlsoById && id === region.id)), EVICT_OTHER)
    if (meta.phase === 'Pending') return removeRegion(s, id)
    if (isEvict(meta.phase)) return
    if (meta.phase !== 'Active') return setState(meta, 'LoadingCanceled')
    markEvict(meta, 'PendingEvict')
    if (c.reloadAfterMerge && reload !== null) meta.reload = { version: reload.version, start: reload.start, end: reload.end }
    if (readyToEvict(s, meta)) startDelete(s, id, queueDelete)
  }

  /** `region_ready_to_evict`: no snapshot needs the data. */
  function readyToEvict(s: State, meta: Meta): boolean {
    return meta.phase === 'PendingEvict' && meta.snapshots.size === 0 && !s.historical.some((old) => overlaps(old, meta))
  }

  function startDelete(s: State, id: Region, queueDelete = true) {
    const meta = s.metas[id] as Meta
    setState(meta, 'Evicting')
    if (queueDelete) s.deletes.add({ id, version: meta.version })
  }

  /** Whether to evict a region would change anything. */
  const evictable = (s: State, region: CacheRegion) => evictionOf(s, region).some((id) => !isEvict((s.metas[id] as Meta).phase))

  /** An eviction by the raftstore or a background thread: its leader stepped down, memory is short, another region is hotter. */
  m.action('Evict', { region: Region }, (s, { region }) => {
    const known = viewed(s, region)
    when(known !== null && evictable(s, regionOf(region, known)))
    evictRegion(s, regionOf(region, known))
  })

  /** The label `cache=always` is taken off the region: the label watcher (ime-bg) calls the manager itself. */
  m.action('ManualEvict', { region: Region }, (s, { region }) => {
    const known = viewed(s, region)
    when(known !== null && evictable(s, regionOf(region, known)))
    evictRegion(s, regionOf(region, known), c.manualEvictQueuesDelete)
  })

  // ==================================================================================================================
  // Loading
  // ==================================================================================================================

  /** `RegionMetaMap::load_region`. Gives whether anything changed. */
  function loadRegion(s: State, wanted: CacheRegion): boolean {
    // `check_overlap_with_region`: stale Pending regions make room, whether or not the region is refused after all.
    const stale: Region[] = []
    let refused = false
    for (const id of overlapped(s, wanted)) {
      const meta = s.metas[id] as Meta
      if (meta.phase === 'Pending' && meta.version < wanted.version) stale.push(id)
      else {
        refused = true
        break
      }
    }
    for (const id of stale) removeRegion(s, id)
    if (c.refuseSameId && s.metas[wanted.id] !== null) refused = true
    if (!refused) newRegionMeta(s, wanted, 'Pending')
    return !refused || stale.length > 0
  }

  if (c.asks) {
    /** Somebody wants the region cached, as the raftstore knows it. */
    m.action('Load', { region: Region }, (s, { region }) => {
      const known = viewed(s, region)
      when(known !== null)
      when(loadRegion(s, regionOf(region, known)))
    })
  }

  if (c.reloadAfterMerge) {
    /** The callback of an eviction by a merge (`merge_region`, load_eviction.rs), run by the delete worker when it has let go of the map. */
    m.action('Reload', (s) => {
      const wanted = pick(s.reloads.distinct())
      const region = regionOf(wanted.id, wanted)
      s.reloads.delete(wanted)
      loadRegion(s, region)
    })
  }

  /** `prepare_for_apply`, the slow path: a write or a load message of a Pending region begins its load. */
  m.action('Prepare', { region: Region }, (s, { region }) => {
    const peer = delegate(s, region)
    when(peer !== null && s.metas[region]?.phase === 'Pending')
    if (c.newerPendingWaits) when(s.metas[region].version <= peer.version)
    // An entry that is newer than what the apply thread knows goes on as it is (N4); only a Raft snapshot makes one.
    if (s.metas[region].version < peer.version && !updateStale(s, regionOf(region, peer))) return
    setState(s.metas[region], c.loadingSetByApply ? 'Loading' : 'ReadyToLoad')
    s.loads.push({ ...regionOf(region, peer), phase: 'queued' })
  })

  /** The cached epoch is older: the region moves on to the new one if it has shrunk, and is forgotten otherwise. */
  function updateStale(s: State, region: CacheRegion): boolean {
    const meta = s.metas[region.id] as Meta
    ensure(meta.phase === 'Pending', STALE_NOT_PENDING)
    ensure(meta.version < region.version, STALE_OTHER)
    const shrunk = contains(meta, region)
    if (shrunk && !c.reinsertStalePending) {
      meta.version = region.version
      meta.start = region.start
      meta.end = region.end
      return true
    }
    removeRegion(s, region.id)
    if (shrunk) newRegionMeta(s, region, 'Pending')
    return shrunk
  }

  // The load worker: one thread, one task at a time, in order.

  /** The worker takes the next task. A load that was canceled in the queue is not begun. */
  m.action('LoadStart', (s) => {
    const [task] = s.loads
    when(task !== undefined && task.phase === 'queued')
    const meta = s.metas[task.id]
    if (c.loadingSetByApply) {
      ensure(meta !== null, START_MISSING)
      ensure(meta.phase !== 'Pending', STARTS_PENDING)
      ensure(meta.phase !== 'Active', STARTS_ACTIVE)
      ensure(meta.phase === 'Loading' || meta.phase === 'LoadingCanceled', LOAD_START)
    } else if (meta?.phase === 'ReadyToLoad') {
      setState(meta, 'Loading')
    }
    task.phase = meta?.phase === 'LoadingCanceled' ? 'canceled' : 'running'
  })

  /** `on_snapshot_load_finished` */
  m.action('LoadFinish', (s) => {
    const [task] = s.loads
    when(task !== undefined && task.phase === 'running')
    const region = regionOf(task.id, task)
    s.loads.shift()
    const own = s.metas[region.id]
    ensure(own !== null, LOAD_MISSING)
    const unchanged = own.version === region.version
    for (const id of unchanged ? [region.id] : overlapped(s, region)) {
      const meta = s.metas[id] as Meta
      if (!unchanged) ensure(contains(region, meta), LOAD_OUTSIDE)
      ensure(meta.phase === 'Loading' || meta.phase === 'LoadingCanceled', LOAD_STATE)
      if (meta.phase === 'Loading') {
        setState(meta, 'Active')
        setSafePoint(meta, 0)
      } else {
        markEvict(meta, 'Evicting')
        s.deletes.add({ id, version: meta.version })
      }
    }
  })

  /** `on_snapshot_load_failed`: the load was canceled before it began, or it cannot go on. */
  m.action('LoadFail', (s) => {
    const [task] = s.loads
    when(task !== undefined && (task.phase === 'canceled' || (task.phase === 'running' && c.loadFailure)))
    const region = regionOf(task.id, task)
    s.loads.shift()
    const own = s.metas[region.id]
    ensure(own !== null, FAILED_MISSING)
    const unchanged = own.version === region.version
    for (const id of unchanged ? [region.id] : overlapped(s, region)) {
      const meta = s.metas[id] as Meta
      if (!unchanged) ensure(contains(region, meta), FAILED_OUTSIDE)
      ensure(meta.phase === 'Loading' || meta.phase === 'LoadingCanceled', FAILED_STATE)
      markEvict(meta, 'Evicting')
      s.deletes.add({ id, version: meta.version })
    }
  })

  // ==================================================================================================================
  // Deleting: `DeleteRangeRunner` and `on_delete_regions`
  // ==================================================================================================================

  /** The data are wiped and the region is forgotten, as soon as no garbage collection is at it. */
  m.action('Delete', (s) => {
    const { id, version } = pick(s.deletes.distinct())
    const meta = s.metas[id]
    ensure(meta !== null, REMOVED)
    when(!meta.inGc)
    ensure(meta.phase === 'Evicting', DELETE_STATE)
    ensure(meta.version === version, DELETE_EPOCH)
    s.deletes.delete({ id, version })
    if (meta.reload !== null) s.reloads.add(regionOf(id, meta.reload))
    removeRegion(s, id)
  })

  // ==================================================================================================================
  // Apply threads: components/hybrid_engine/src/observer/load_eviction.rs. The observer sees the old region, then truth changes.
  // ==================================================================================================================

  /** Split: a new id takes the left or the right part. Both parts get a new version. */
  m.action('Split', { region: Region }, (s, { region }) => {
    const peer = applying(s, region)
    when(peer !== null && !peer.merging && peer.version < c.maxVersion && s.born < c.ids)
    const { start, end } = peer
    const version = peer.version + 1
    const at = pick([...Cut].slice(start + 1, end))
    const keepsLeft = pick([true, false])
    const left = { version, start, end: at }
    const right = { version, start: at, end }
    const child = [...Region][s.born] as Region
    const children = [regionOf(region, keepsLeft ? left : right), regionOf(child, keepsLeft ? right : left)]

    splitRegion(s, regionOf(region, peer), children)
    for (const { id, ...part } of children) s.truth[id] = { ...part, merging: false }
    s.born++
  })

  /** `split_region`: the children take the place of the source, in its state. Evicted regions are left as they are. */
  function splitRegion(s: State, source: CacheRegion, children: CacheRegion[]) {
    const meta = s.metas[source.id]
    if (meta === null || isEvict(meta.phase)) return
    const { start, end, phase, safePoint, inGc } = meta
    const stale = meta.version !== source.version
    if (stale) {
      ensure(phase === 'Pending', SPLIT_NOT_PENDING)
      ensure(meta.version < source.version, SPLIT_NOT_OLDER)
    }
    if (meta.snapshots.size > 0) s.historical.push({ version: meta.version, start, end, snapshots: meta.snapshots })
    removeRegion(s, source.id)
    for (const child of children) {
      if (stale && !(c.splitKeepsContained ? contains : overlaps)({ start, end }, child)) continue
      ensure(contains({ start, end }, child), CHILD_OUTSIDE)
      newRegionMeta(s, child, phase, safePoint, inGc)
    }
  }

  if (c.merge) {
    /** The source stops its writes, to be merged into a neighbour. */
    m.action('PrepareMerge', { source: Region }, (s, { source }) => {
      const peer = applying(s, source)
      when(peer !== null && !peer.merging && peer.version < c.maxVersion)
      when(Region.some((id) => s.truth[id] !== null && !s.truth[id].merging && adjacent(s.truth[id], peer)))
      evictRegion(s, regionOf(source, peer))
      peer.version++
      peer.merging = true
    })

    /** The merge is called off. */
    m.action('RollbackMerge', { source: Region }, (s, { source }) => {
      const peer = applying(s, source)
      when(peer?.merging && peer.version < c.maxVersion)
      if (c.evictOnRollback) evictRegion(s, regionOf(source, peer), true, { version: peer.version + 1, start: peer.start, end: peer.end })
      peer.version++
      peer.merging = false
    })

    /** The target takes the source's range. The observer evicts the old target; the source's peer is destroyed. */
    m.action('CommitMerge', { target: Region, source: Region }, (s, { target, source }) => {
      const to = applying(s, target)
      const from = applying(s, source)
      when(to !== null && from !== null && !to.merging && from.merging && adjacent(to, from))
      const version = Math.max(to.version, from.version) + 1
      when(version <= c.maxVersion)
      const merged = { version, start: Math.min(to.start, from.start), end: Math.max(to.end, from.end) }
      evictRegion(s, regionOf(target, to), true, merged)
      s.truth[target] = { ...merged, merging: false }
      stopPeer(s, source)
    })
  }

  if (c.removePeer) {
    /** The peer is removed from this store by a conf change. */
    m.action('RemovePeer', { region: Region }, (s, { region }) => {
      when(applying(s, region) !== null)
      stopPeer(s, region)
    })
  }

  /** The apply thread is done with a peer; the raftstore destroys it, at once or when it learns of it. */
  function stopPeer(s: State, id: Region) {
    const region = regionOf(id, s.truth[id] as Ranged)
    s.truth[id] = null
    if (!c.laggingView) destroyPeer(s, region)
  }

  // ==================================================================================================================
  // Raftstore and region worker
  // ==================================================================================================================

  /** `on_destroy_peer` */
  function destroyPeer(s: State, region: CacheRegion) {
    if (c.evictOnDestroy) evictRegion(s, region)
  }

  if (c.laggingView) {
    /** The raftstore handles the results of the apply thread: it learns how the region is now. */
    m.action('Sync', { region: Region }, (s, { region }) => {
      const peer = s.truth[region]
      when(peer !== null && s.view[region]?.version !== peer.version && !handlesSnapshot(s, region))
      s.view[region] = { version: peer.version, start: peer.start, end: peer.end }
    })

    if (c.merge || c.removePeer) {
      /** `destroy_peer` */
      m.action('DestroyPeer', { region: Region }, (s, { region }) => {
        const known = s.view[region]
        when(known !== null && s.truth[region] === null)
        destroyPeer(s, regionOf(region, known))
        s.view[region] = null
      })
    }
  }

  if (c.raftSnapshot && !c.snapshotInSteps) {
    /** `post_apply_snapshot`: the region is now as the snapshot has it, anywhere between its neighbours on this store. */
    m.action('ApplySnapshot', { region: Region }, (s, { region }) => {
      const peer = s.truth[region]
      when(peer !== null && peer.version < c.maxVersion)
      // A snapshot is applied only when nothing before it is under way.
      when(viewed(s, region)?.version === peer.version)
      const { version: old, start, end } = peer
      const version = old + 1
      const place = pick(RANGES.filter((place) => c.snapshotMayMoveRegion || overlaps(place, { start, end })))
      when(Region.every((id) => id === region || s.truth[id] === null || !overlaps(s.truth[id], place)))
      if (c.evictOnApplySnapshot) evictRegion(s, { id: region, version, ...place })
      s.truth[region] = { version, ...place, merging: false }
      if (c.laggingView) s.view[region] = { version, ...place }
    })
  }
  if (c.raftSnapshot && c.snapshotInSteps) {
    /** `on_persist_snapshot`: the raftstore takes the region over, sends `Registration` to the apply thread and the snapshot to the region worker. */
    m.action('PersistSnapshot', { region: Region }, (s, { region }) => {
      const peer = s.truth[region]
      const known = s.view[region]
      when(peer !== null && known !== null && peer.version < c.maxVersion)
      // `ready_to_handle_pending_snap`: nothing before it is under way.
      when(known.version === peer.version && !handlesSnapshot(s, region))
      const { start, end } = peer
      const place = pick(RANGES.filter((place) => c.snapshotMayMoveRegion || overlaps(place, { start, end })))
      when(Region.every((id) => id === region || s.truth[id] === null || !overlaps(s.truth[id], place)))
      s.view[region] = { version: peer.version + 1, ...place }
      s.snapshot[region] = { toRegister: true, toApply: true }
    })
    /** `handle_registration`: the apply thread has a new delegate. */
    m.action('Register', { region: Region }, (s, { region }) => {
      const known = s.view[region]
      when(known !== null && s.snapshot[region].toRegister)
      s.snapshot[region].toRegister = false
      s.truth[region] = { version: known.version, start: known.start, end: known.end, merging: false }
    })
    /** `post_apply_snapshot`, on the region worker: evicts the region as it is now. */
    m.action('EvictForSnapshot', { region: Region }, (s, { region }) => {
      const known = s.view[region]
      when(known !== null && s.snapshot[region].toApply)
      s.snapshot[region].toApply = false
      if (c.evictOnApplySnapshot) evictRegion(s, regionOf(region, known))
    })
  }
  const RANGES: readonly Range[] = [...Cut].flatMap((start) => [...Cut].filter((end) => end > start).map((end) => ({ start, end })))

  // ==================================================================================================================
  // Readers: components/in_memory_engine/src/read.rs
  // ==================================================================================================================

  if (c.pins > 0) {
    /** `region_snapshot`: a reader pins an Active region of its own epoch. */
    m.action('Pin', { region: Region, time: Time }, (s, { region, time }) => {
      const known = viewed(s, region)
      const meta = s.metas[region]
      when(known !== null && meta?.phase === 'Active' && meta.version === known.version && time > meta.safePoint)
      when(s.pins.size < c.pins)
      meta.snapshots.add(time)
      s.pins.add({ id: region, version: meta.version, time })
    })

    /** `remove_region_snapshot`: the last snapshot that needs an evicted region lets its deletion begin. */
    m.action('Drop', (s) => {
      const { id, version, time } = pick(s.pins.distinct())
      s.pins.delete({ id, version, time })
      const meta = s.metas[id]
      if (meta?.version === version) {
        ensure(meta.snapshots.delete(time), UNPINNED)
        if (readyToEvict(s, meta)) letGo(s, id)
        return
      }
      // The region has changed since: the snapshot is held on its historical form.
      const index = s.historical.findIndex((old) => old.version === version && old.snapshots.has(time))
      ensure(index >= 0, HISTORY_MISSING)
      const old = s.historical[index] as State['historical'][number]
      const { start, end } = old
      old.snapshots.delete(time)
      if (old.snapshots.size > 0) return
      s.historical.splice(index, 1)
      for (const other of overlapped(s, { start, end })) {
        const { phase } = s.metas[other] as Meta
        ensure(phase !== 'Evicting', HISTORY_STATE)
        if (readyToEvict(s, s.metas[other] as Meta)) letGo(s, other)
      }
    })

    /** The region may be deleted. The code has found that out under the shared lock, and takes the exclusive one now. */
    const letGo = (s: State, id: Region) => {
      if (c.dropInTwoSteps) s.deletable.add(id)
      else startDelete(s, id)
    }
    if (c.dropInTwoSteps) {
      m.action('SetEvicting', { region: Region }, (s, { region }) => {
        when(s.deletable.has(region))
        s.deletable.delete(region)
        ensure(s.metas[region] !== null, UPGRADE_MISSING)
        startDelete(s, region)
      })
    }
  }

  // ==================================================================================================================
  // Garbage collection: components/in_memory_engine/src/background.rs. The flag for one round at a time: gc-flag.ts
  // ==================================================================================================================

  if (c.gc) {
    /** `regions_for_gc`: a round begins with the regions that are Active now. */
    m.action('GcCollect', (s) => {
      when(s.gc.listed.length === 0 && s.gc.running === null)
      for (const id of Region) {
        const meta = s.metas[id]
        if (meta?.phase === 'Active') s.gc.listed.push(regionOf(id, meta))
      }
      when(s.gc.listed.length > 0)
    })

    /** The oldest snapshot, or what garbage collection asks for. */
    const oldest = (snapshots: Meta['snapshots']) => Math.min(TIMES, ...snapshots.distinct())
    /** `get_history_regions_min_ts`: the oldest snapshot held on a historical region. */
    function historyMin(s: State, region: Range): number {
      let min = TIMES
      if (c.gcSeesHistorical) for (const old of s.historical) if (overlaps(old, region)) min = Math.min(min, oldest(old.snapshots))
      return min
    }

    if (c.gcInTwoSteps) {
      /** `gc_region` reads history before it locks the map. */
      m.action('GcReadHistory', (s) => {
        const [next] = s.gc.listed
        when(s.gc.running === null && s.gc.historyMin === null && next !== undefined)
        s.gc.historyMin = historyMin(s, next)
      })
    }

    /** `gc_region`, its begin: the safe point goes up as far as snapshots allow. A region that is not to be collected is skipped. */
    m.action('GcStart', (s) => {
      when(s.gc.running === null)
      const [next] = s.gc.listed
      when(next !== undefined && (!c.gcInTwoSteps || s.gc.historyMin !== null))
      const listed = regionOf(next.id, next)
      const history = s.gc.historyMin ?? historyMin(s, listed)
      s.gc.historyMin = null
      s.gc.listed.shift()
      const meta = s.metas[listed.id]
      if (meta?.phase !== 'Active' || !contains(listed, meta)) return
      const safePoint = Math.min(oldest(meta.snapshots), history)
      if (safePoint <= meta.safePoint) return
      setSafePoint(meta, safePoint)
      setInGc(meta, true)
      s.gc.running = c.gcRefreshesRegion ? regionOf(listed.id, meta) : listed
    })

    /** `on_gc_region_finished` */
    m.action('GcFinish', (s) => {
      when(s.gc.running !== null)
      const region = regionOf(s.gc.running.id, s.gc.running)
      s.gc.running = null
      for (const id of sameOrOverlapped(s, region)) {
        const meta = s.metas[id] as Meta
        ensure(contains(region, meta), GC_OUTSIDE)
        setInGc(meta, false)
      }
    })
  }

  // ==================================================================================================================
  // What must hold, besides the assertions above
  // ==================================================================================================================

  /** The two maps have the same regions, and agree on where they end. */
  m.invariant('Consistent', (s) => {
    const listed = End.every((end) => s.byEnd[end] === null || s.metas[s.byEnd[end]]?.end === end)
    return listed && Region.every((id) => s.metas[id] === null || s.byEnd[s.metas[id].end] === id)
  })

  /** The world itself: the peers of this store lie side by side. */
  m.invariant('PeersDisjoint', { a: Region, b: Region }, (s, { a, b }) => {
    const first = s.truth[a]
    const second = s.truth[b]
    return a >= b || first === null || second === null || !overlaps(first, second)
  })

  /** Cached regions do not overlap. */
  m.invariant('Disjoint', { a: Region, b: Region }, (s, { a, b }) => {
    const first = s.metas[a]
    const second = s.metas[b]
    return a >= b || first === null || second === null || !overlaps(first, second)
  })

  /**
   * A region with data has the epoch that its apply thread knows, so that splits and merges find it; or its peer is gone, and the
   * raftstore is about to destroy it; or a Raft snapshot is under way, and no entry is handled before its end.
   */
  m.invariant('EpochFresh', { region: Region }, (s, { region }) => {
    const meta = s.metas[region]
    if (meta === null || (meta.phase !== 'Loading' && meta.phase !== 'Active')) return true
    if (handlesSnapshot(s, region)) return true
    return s.truth[region] === null ? s.view[region] !== null : s.truth[region].version === meta.version
  })

  /** Whatever waits, waits for something that will come: a load, a deletion, a reader. */
  m.invariant('NotStuck', { region: Region }, (s, { region }) => {
    const meta = s.metas[region]
    switch (meta?.phase) {
      case 'ReadyToLoad':
      case 'Loading':
      case 'LoadingCanceled':
        return s.loads.some((task) => contains(task, meta))
      case 'PendingEvict':
        return s.deletable.has(region) || meta.snapshots.size > 0 || s.historical.some((old) => overlaps(old, meta))
      case 'Evicting':
        return s.deletes.has({ id: region, version: meta.version })
      default:
        return true
    }
  })

  if (c.pins > 0) {
    /** A historical region lies where its children are, and these have its data: it never meets a region that is still to be loaded. */
    m.invariant('HistCovered', (s) =>
      s.historical.every((old) =>
        Cut.every(
          (at) =>
            at < old.start ||
            at >= old.end ||
            Region.some((id) => {
              const meta = s.metas[id]
              return meta !== null && (meta.phase === 'Active' || meta.phase === 'PendingEvict') && meta.start <= at && at < meta.end
            }),
        ),
      ),
    )
  }

  if (c.gc) {
    /** The flag of a region is set only while a garbage collection runs over it. */
    m.invariant('GcFlags', { region: Region }, (s, { region }) => {
      const meta = s.metas[region]
      return meta === null || !meta.inGc || (s.gc.running !== null && overlaps(s.gc.running, meta))
    })
  }

  /** Nobody reads versions that garbage collection may have dropped. */
  m.invariant('SafeReads', { region: Region }, (s, { region }) => {
    const meta = s.metas[region]
    if (meta === null) return true
    const safe = (time: number) => time >= meta.safePoint
    return every(meta.snapshots.distinct(), safe) && s.historical.every((old) => !overlaps(old, meta) || every(old.snapshots.distinct(), safe))
  })

  /**
   * The state machine of a region, seen from outside: what `set_state` allows, in one step or two; a split gives a new region the state
   * of its source; only Pending and Evicting regions are forgotten.
   */
  m.step('LegalMoves', { region: Region }, (before, after, { region }, { action, parameters }) => {
    const from = before.metas[region]?.phase ?? 'absent'
    const to = after.metas[region]?.phase ?? 'absent'
    if (from === to) return true
    if (from === 'absent' && action === 'Split') return to === before.metas[parameters.region as Region]?.phase
    return MOVES[from].includes(to)
  })
  const MOVES: Record<Phase | 'absent', readonly (Phase | 'absent')[]> = {
    absent: ['Pending'],
    Pending: [...ARROWS.Pending, 'absent'],
    ReadyToLoad: ARROWS.ReadyToLoad,
    Loading: ARROWS.Loading,
    Active: ['PendingEvict', 'Evicting'],
    LoadingCanceled: ARROWS.LoadingCanceled,
    PendingEvict: ARROWS.PendingEvict,
    Evicting: ['absent'],
  }

  // The workers do their tasks, and readers drop their snapshots: each task and each snapshot at some time, whatever else there is to do.
  m.fair(['LoadStart', 'LoadFinish', 'LoadFail'], 'weak')
  for (const id of Region) {
    m.fair('Delete', 'weak', { where: (before, after) => before.metas[id] !== null && after.metas[id] === null })
    if (c.pins > 0) {
      for (const version of Version) {
        const held = (s: { readonly pins: Iterable<{ readonly id: string; readonly version: number }> }) =>
          [...s.pins].filter((pin) => pin.id === id && pin.version === version).length
        m.fair('Drop', 'weak', { where: (before, after) => held(after) < held(before) })
      }
    }
  }
  if (c.gc) m.fair('GcFinish', 'weak')
  if (c.pins > 0 && c.dropInTwoSteps) m.fair('SetEvicting', 'weak')
  /** What is evicted is forgotten at some time, so that it can be cached again: `NotStuck` says who is about to see to it, this that it is done. */
  m.property('EvictedIsForgotten', { region: Region }, ({ leadsTo }, { region }) =>
    leadsTo(
      (s) => s.metas[region] !== null && isEvict(s.metas[region].phase),
      (s) => s.metas[region] === null,
    ),
  )

  /** All peers are gone, and nobody is left to ask for anything; or nobody asks anyway, and the versions are used up. */
  m.terminal((s) => !c.asks || Region.every((id) => s.truth[id] === null))

  return m
}
