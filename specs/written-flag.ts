/**
 * The flag `is_written` under splits and merges: the write batch and the region map in one model.
 *
 * An apply thread that prepares a cached region sets the flag of its meta, and clears it when the batch is flushed. Meanwhile the region may be split
 * (the children inherit the flag), merged, evicted, wiped and loaded again. `RegionManager::clear_regions_in_being_written` finds the metas of a written
 * region by the range that the batch has recorded, and asserts, in release builds too, that this range contains each of them. Whether it always does is
 * what this model is for. It has keys, so that it also shows where a write ends up that is kept for a region whose range has changed.
 *
 * Two keys, at most three ids; a region is a range of keys. A write is a sequence number; disk and memory keep the newest of each key, 0 is nothing.
 * Left out, because it is elsewhere: the load message, readers and garbage collection, a raftstore that lags behind, Raft snapshots.
 *
 * | action                                   | thread                  | function, at commit 8e964719db                                                                            | lock of `regions_map`          |
 * | ---------------------------------------- | ----------------------- | --------------------------------------------------------------------------------------------------------- | ------------------------------ |
 * | Fetch, Done                              | apply                   | batch-system/src/batch.rs:362 `fetch_fsm`; raftstore/src/store/fsm/apply.rs:4785 `handle_normal`          | none                           |
 * | Prepare                                  | apply                   | apply.rs:547 `prepare_for`; in_memory_engine/src/write_batch.rs:128 `prepare_for_region`; engine.rs:213   | shared; exclusive from Pending |
 * | Apply                                    | apply                   | apply.rs:4100 `handle_apply`; write_batch.rs:283 `process_cf_operation`                                   | none                           |
 * | Commit                                   | apply                   | apply.rs:558 `commit`, by :4376 `handle_change` and where :880 `should_write_to_engine` says so           | shared; exclusive from Pending |
 * | EndRound                                 | apply                   | apply.rs:4845 `end`, :581 `write_to_db`; write_batch.rs:222 `write_impl`, :499 `clear`                    | shared, to clear the flags (region_manager.rs:1004) |
 * | Split                                    | apply                   | hybrid_engine/src/observer/load_eviction.rs:70 `post_exec_cmd`; region_manager.rs:1022 `split_region`     | exclusive                      |
 * | PrepareMerge, RollbackMerge, CommitMerge | apply                   | load_eviction.rs:70 `post_exec_cmd`, :147 `merge_region`; region_manager.rs:861 `evict_region`            | exclusive, for the eviction    |
 * | DestroyPeer                              | raftstore               | raftstore/src/store/fsm/peer.rs:4253 `destroy_peer`; load_eviction.rs:388 `on_destroy_peer`               | exclusive                      |
 * | Load                                     | raftstore, ime-evict, … | region_manager.rs:330 `load_region`                                                                       | exclusive                      |
 * | Evict                                    | any                     | region_manager.rs:861 `evict_region`, :905 `do_evict_region`                                              | exclusive                      |
 * | LoadFinish                               | ime-load                | background.rs:595 `on_snapshot_load_finished`                                                             | exclusive                      |
 * | Delete                                   | ime-delete              | background.rs:1429 `delete_regions`; region_manager.rs:964 `on_delete_regions`                            | shared, none, exclusive        |
 */
import { bool, type DraftState, ensure, enumOf, ids, int, map, model, option, pick, record, set, spec, when, type Infer } from 'tsmc'

const WRITTEN_OUTSIDE = 'clear_regions_in_being_written: assert!(r.contains_range(&meta.region))'
const NOT_WRITTEN = 'clear_regions_in_being_written: debug_assert!(meta.is_written())'
const SET_TWICE = 'set_being_written: debug_assert!(!self.is_written.load(Ordering::Relaxed))'
const PREPARED_BEFORE = 'region is prepared for write before, but it is not the current region'
const LOAD_OUTSIDE = 'on_snapshot_load_finished: assert!(region.contains_range(meta.get_region()))'
const SPLIT_NOT_PENDING = 'split_region: assert_eq!(region_meta.state, RegionState::Pending)'
const DELETE_STATE = 'delete worker: assert_eq!(region_meta.get_state(), RegionState::Evicting)'

/** The code at commit 8e964719db. */
const constants = {
  threads: 1,
  /** Regions to begin with, as [start, end]; ids beyond them are for splits. */
  regions: [
    [0, 1],
    [1, 2],
  ] as readonly (readonly number[])[],
  ids: 3,
  /** How many of them are in memory, empty, to begin with. */
  activeAtFirst: 0,
  puts: 2,
  maxVersion: 5,
  split: true,
  merge: true,
  /** A merge may be called off. */
  rollback: true,
  /** The background evicts regions. Merges do in any case. */
  evicts: true,

  // ---- mutants ----
  /** The children of a split inherit the flag (`derive_from`); true is the code. */
  childrenInherit: true,

  // ---- repairs imagined ----
  /** A batch whose current region has grown since it was prepared keeps no more of its writes. */
  grownIsNotKept: false,
}

/** What the code asserts, and that a region has in memory what it has on disk. */
const ASSERTIONS = [WRITTEN_OUTSIDE, NOT_WRITTEN, SET_TWICE, PREPARED_BEFORE, LOAD_OUTSIDE, DELETE_STATE, 'FlagOwned', 'Agree']
const SPLIT = { regions: [[0, 2]], ids: 2, merge: false }
const MERGE = { split: false, ids: 2, maxVersion: 3, puts: 1 }
/** Two neighbours become one, and that is split; nobody else evicts, and no merge is called off. */
const BOTH = { maxVersion: 4, puts: 1, rollback: false, evicts: false }

export default spec('written-flag', constants, (c) => {
  const KEYS = 2
  const Thread = ids('t', c.threads)
  const Region = ids('r', c.ids)
  type Thread = Infer<typeof Thread>
  type Region = Infer<typeof Region>
  const Key = int(0, KEYS - 1)
  const Value = int(0, c.puts)
  const range = { version: int(0, c.maxVersion), start: int(0, KEYS), end: int(0, KEYS) }
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
    /** `ApplyDelegate::region`; null: there is no peer. */
    truth: map(Region, option(record({ ...range, merging: bool }))),
    born: int(0, c.ids),
    /** Sources of merges that the raftstore is about to destroy. */
    gone: map(Region, option(record(range))),
    metas: map(Region, option(record({ ...range, phase: enumOf('Pending', 'Loading', 'Active', 'LoadingCanceled', 'Evicting'), isWritten: bool }))),
    /** The load task of a region, and what its RocksDB snapshot has. */
    loads: map(Region, option(record({ ...range, snapshot: map(Key, Value) }))),
    thread: map(
      Thread,
      record({
        round: set(Region),
        handling: option(Region),
        status: enumOf('NotInCache', 'Cached', 'Loading'),
        current: option(CacheRegion),
        prepared: set(Region),
        written: set(CacheRegion),
        /** The disk half has something, if only an apply state. */
        dirty: bool,
        disk: map(Key, Value),
        memory: map(Key, Value),
      }),
    ),
    disk: map(Key, Value),
    memory: map(Key, Value),
    nextPut: int(1, c.puts + 1),
  })
  type State = DraftState<typeof m>
  type Meta = NonNullable<State['metas'][Region]>

  m.init((s) => {
    c.regions.forEach(([start, end], i) => {
      const id = [...Region][i] as Region
      s.truth[id] = { version: 1, start: start as number, end: end as number, merging: false }
      if (i < c.activeAtFirst) s.metas[id] = { version: 1, start: start as number, end: end as number, phase: 'Active', isWritten: false }
    })
    s.born = c.regions.length
  })

  const overlaps = (a: Range, b: Range) => a.start < b.end && b.start < a.end
  const contains = (outer: Range, inner: Range) => outer.start <= inner.start && inner.end <= outer.end
  const covers = (range: Range, key: number) => range.start <= key && key < range.end
  const regionOf = (id: Region, { version, start, end }: Ranged): CacheRegion => ({ id, version, start, end })
  /** `on_all_overlapped_regions` */
  function concerned(s: State, region: CacheRegion): Region[] {
    if (s.metas[region.id]?.version === region.version) return [region.id]
    return Region.filter((id) => s.metas[id] !== null && overlaps(s.metas[id] as Meta, region))
  }

  // ---- the batch: write_batch.rs ----

  function prepareForRegion(s: State, thread: Thread, region: CacheRegion) {
    const batch = s.thread[thread]
    ensure(!batch.prepared.has(region.id), PREPARED_BEFORE)
    batch.prepared.add(region.id)
    recordLastWritten(s, thread)
    batch.status = prepareForApply(s, region)
    batch.current = regionOf(region.id, region)
  }

  function recordLastWritten(s: State, thread: Thread) {
    const batch = s.thread[thread]
    if (batch.status === 'NotInCache' || batch.current === null) return
    batch.written.add(regionOf(batch.current.id, batch.current))
    batch.current = null
  }

  /** A repair: the flag is cleared with the others, but further writes are not kept. */
  function letGo(s: State, thread: Thread) {
    const batch = s.thread[thread]
    const { current } = batch
    if (current === null) return
    batch.written.add(regionOf(current.id, current))
    batch.status = 'NotInCache'
  }

  function prepareForApply(s: State, region: CacheRegion): 'NotInCache' | 'Cached' | 'Loading' {
    let meta = s.metas[region.id]
    if (meta === null) return 'NotInCache'
    if (meta.phase === 'Pending') {
      if (meta.version < region.version) {
        const shrunk = contains(meta, region)
        s.metas[region.id] = shrunk ? { version: region.version, start: region.start, end: region.end, phase: 'Pending', isWritten: false } : null
        meta = s.metas[region.id]
        if (meta === null) return 'NotInCache'
      }
      meta.phase = 'Loading'
      s.loads[region.id] = { version: region.version, start: region.start, end: region.end, snapshot: { ...s.disk } }
    }
    if (meta.phase !== 'Active' && meta.phase !== 'Loading') return 'NotInCache'
    ensure(!meta.isWritten, SET_TWICE)
    meta.isWritten = true
    return meta.phase === 'Active' ? 'Cached' : 'Loading'
  }

  function clearRegionsInBeingWritten(s: State, thread: Thread) {
    for (const region of s.thread[thread].written) {
      for (const id of concerned(s, region)) {
        const meta = s.metas[id] as Meta
        ensure(contains(region, meta), WRITTEN_OUTSIDE)
        ensure(meta.isWritten, NOT_WRITTEN)
        meta.isWritten = false
      }
    }
    s.thread[thread].written.clear()
  }

  /** `ApplyContext::write_to_db`: `write_impl`, then `clear`; with nothing to write, `clear` alone. */
  function flush(s: State, thread: Thread) {
    const batch = s.thread[thread]
    recordLastWritten(s, thread)
    for (const key of Key) {
      // What is in the batch is newer than what is there.
      if (batch.disk[key] > 0) s.disk[key] = batch.disk[key]
      if (batch.memory[key] > 0) s.memory[key] = batch.memory[key]
      batch.disk[key] = 0
      batch.memory[key] = 0
    }
    clearRegionsInBeingWritten(s, thread)
    batch.status = 'NotInCache'
    batch.current = null
    batch.prepared.clear()
    batch.dirty = false
  }

  // ---- apply threads ----

  m.action('Fetch', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.truth[region] !== null && s.thread[thread].handling === null)
    when(!Thread.some((other) => s.thread[other].round.has(region)))
    s.thread[thread].round.add(region)
    s.thread[thread].handling = region
  })

  /** `prepare_for`, at the begin of the entries. The region that is current already stays as it was prepared. */
  m.action('Prepare', { thread: Thread, region: Region }, (s, { thread, region }) => {
    const { handling, current } = s.thread[thread]
    when(handling === region && current?.id !== region)
    const peer = s.truth[region]
    when(peer !== null)
    prepareForRegion(s, thread, regionOf(region, peer))
  })

  /** The region whose next entry is applied: it was prepared before. */
  function prepared(s: State, thread: Thread, region: Region) {
    const { handling, current } = s.thread[thread]
    when(handling === region && current?.id === region)
    const peer = s.truth[region]
    when(peer !== null)
    return peer
  }

  m.action('Apply', { thread: Thread, region: Region, key: Key }, (s, { thread, region, key }) => {
    const peer = prepared(s, thread, region)
    when(s.nextPut <= c.puts && !peer.merging && covers(peer, key))
    s.thread[thread].disk[key] = s.nextPut
    s.thread[thread].dirty = true
    if (s.thread[thread].status !== 'NotInCache') s.thread[thread].memory[key] = s.nextPut
    s.nextPut++
  })

  /** `commit`: flushes and prepares again. For a change observer, and before an entry that must not meet unflushed writes. */
  m.action('Commit', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.thread[thread].handling === region)
    const peer = s.truth[region]
    when(peer !== null)
    flush(s, thread)
    prepareForRegion(s, thread, regionOf(region, peer))
  })

  m.action('Done', { thread: Thread }, (s, { thread }) => {
    when(s.thread[thread].handling !== null)
    s.thread[thread].handling = null
  })

  m.action('EndRound', { thread: Thread }, (s, { thread }) => {
    when(s.thread[thread].handling === null && s.thread[thread].round.size > 0)
    flush(s, thread)
    s.thread[thread].round.clear()
  })

  if (c.split) {
    m.action('Split', { thread: Thread, region: Region }, (s, { thread, region }) => {
      const peer = prepared(s, thread, region)
      when(!peer.merging && peer.version < c.maxVersion && s.born < c.ids && peer.end - peer.start === 2)
      const source = regionOf(region, peer)
      s.thread[thread].dirty = true
      const keepsLeft = pick([true, false])
      const version = peer.version + 1
      const left = { version, start: source.start, end: source.start + 1 }
      const right = { version, start: source.start + 1, end: source.end }
      const child = [...Region][s.born] as Region
      const children = [regionOf(region, keepsLeft ? left : right), regionOf(child, keepsLeft ? right : left)]
      splitRegion(s, source, children)
      for (const { id, ...part } of children) s.truth[id] = { ...part, merging: false }
      // The new peer is made when the raftstore is told, after the flush.
      s.thread[thread].round.add(child)
      s.born++
    })
  }

  function splitRegion(s: State, source: CacheRegion, children: CacheRegion[]) {
    const meta = s.metas[source.id]
    if (meta === null || meta.phase === 'LoadingCanceled' || meta.phase === 'Evicting') return
    const { version, start, end, phase, isWritten } = meta
    ensure(version === source.version || phase === 'Pending', SPLIT_NOT_PENDING)
    s.metas[source.id] = null
    for (const child of children) {
      if (!overlaps({ start, end }, child)) continue
      s.metas[child.id] = { version: child.version, start: child.start, end: child.end, phase, isWritten: isWritten && c.childrenInherit }
    }
  }

  function evict(s: State, region: CacheRegion) {
    for (const id of concerned(s, region)) {
      const meta = s.metas[id] as Meta
      if (meta.phase === 'Pending') s.metas[id] = null
      else if (meta.phase === 'Loading') meta.phase = 'LoadingCanceled'
      else if (meta.phase === 'Active') meta.phase = 'Evicting'
    }
  }

  if (c.merge) {
    m.action('PrepareMerge', { thread: Thread, region: Region }, (s, { thread, region }) => {
      const peer = prepared(s, thread, region)
      when(!peer.merging && peer.version < c.maxVersion)
      s.thread[thread].dirty = true
      evict(s, regionOf(region, peer))
      peer.version++
      peer.merging = true
    })
    if (c.rollback) {
      /** A commit goes before it. */
      m.action('RollbackMerge', { thread: Thread, region: Region }, (s, { thread, region }) => {
        const peer = prepared(s, thread, region)
        when(peer.merging && peer.version < c.maxVersion && !s.thread[thread].dirty)
        s.thread[thread].dirty = true
        evict(s, regionOf(region, peer))
        peer.version++
        peer.merging = false
      })
    }
    /** A commit goes before it, and the source has applied all its entries, and its thread has flushed them. */
    m.action('CommitMerge', { thread: Thread, target: Region, source: Region }, (s, { thread, target, source }) => {
      const to = prepared(s, thread, target)
      const from = s.truth[source]
      when(from?.merging && !to.merging && (from.end === to.start || to.end === from.start))
      when(!s.thread[thread].dirty && !Thread.some((other) => s.thread[other].round.has(source)))
      const version = Math.max(to.version, from.version) + 1
      when(version <= c.maxVersion)
      const old = regionOf(target, to)
      s.thread[thread].dirty = true
      evict(s, old)
      if (c.grownIsNotKept && s.thread[thread].status !== 'NotInCache') letGo(s, thread)
      s.gone[source] = { version: from.version, start: from.start, end: from.end }
      s.truth[target] = { version, start: Math.min(old.start, from.start), end: Math.max(old.end, from.end), merging: false }
      s.truth[source] = null
    })
    m.action('DestroyPeer', { region: Region }, (s, { region }) => {
      const known = s.gone[region]
      when(known !== null)
      evict(s, regionOf(region, known))
      s.gone[region] = null
    })
  }

  // ---- the background ----

  m.action('Load', { region: Region }, (s, { region }) => {
    const peer = s.truth[region]
    when(peer !== null && s.metas[region] === null)
    when(concerned(s, regionOf(region, peer)).length === 0)
    s.metas[region] = { version: peer.version, start: peer.start, end: peer.end, phase: 'Pending', isWritten: false }
  })
  if (c.evicts) {
    m.action('Evict', { region: Region }, (s, { region }) => {
      const peer = s.truth[region]
      when(peer !== null)
      when(concerned(s, regionOf(region, peer)).some((id) => s.metas[id]?.phase !== 'Evicting' && s.metas[id]?.phase !== 'LoadingCanceled'))
      evict(s, regionOf(region, peer))
    })
  }
  m.action('LoadFinish', { region: Region }, (s, { region }) => {
    const task = s.loads[region]
    when(task !== null)
    const loaded = regionOf(region, task)
    for (const key of Key) if (covers(loaded, key)) s.memory[key] = Math.max(s.memory[key], task.snapshot[key])
    s.loads[region] = null
    for (const id of concerned(s, loaded)) {
      const meta = s.metas[id] as Meta
      ensure(contains(loaded, meta), LOAD_OUTSIDE)
      ensure(meta.phase === 'Loading' || meta.phase === 'LoadingCanceled', LOAD_OUTSIDE)
      meta.phase = meta.phase === 'Loading' ? 'Active' : 'Evicting'
    }
  })
  m.action('Delete', { region: Region }, (s, { region }) => {
    const meta = s.metas[region]
    when(meta?.phase === 'Evicting' && !meta.isWritten)
    ensure(meta.phase === 'Evicting', DELETE_STATE)
    for (const key of Key) if (covers(meta, key)) s.memory[key] = 0
    s.metas[region] = null
  })

  // ---- what must hold ----

  /** A region that serves reads from memory has there what is on disk. Readers come with the epoch of a peer that is here. */
  m.invariant('Agree', { region: Region, key: Key }, (s, { region, key }) => {
    const meta = s.metas[region]
    if (meta?.phase !== 'Active' || meta.version !== s.truth[region]?.version) return true
    return !covers(meta, key) || s.memory[key] === s.disk[key]
  })
  /** In memory there is nothing but of regions that have data there. */
  m.invariant('NoResidue', { key: Key }, (s, { key }) => {
    return s.memory[key] === 0 || Region.some((id) => s.metas[id] !== null && s.metas[id].phase !== 'Pending' && covers(s.metas[id], key))
  })
  /** A flag that is set belongs to a batch, which clears it. */
  m.invariant('FlagOwned', { region: Region }, (s, { region }) => {
    const meta = s.metas[region]
    if (!meta?.isWritten) return true
    return Thread.some((thread) => {
      const { status, current, written } = s.thread[thread]
      return (status !== 'NotInCache' && current !== null && contains(current, meta)) || [...written].some((one) => contains(one, meta))
    })
  })

  m.fair('LoadFinish', 'weak')
  m.fair('Delete', 'weak')
  m.fair('Done', 'weak')
  m.fair('EndRound', 'weak')
  m.property('EvictedIsForgotten', { region: Region }, ({ leadsTo }, { region }) =>
    leadsTo(
      (s) => s.metas[region]?.phase === 'LoadingCanceled' || s.metas[region]?.phase === 'Evicting',
      (s) => s.metas[region] === null,
    ),
  )

  return m
})
  // ---- Split alone: everything holds, the release assertion included ----
  .instance('today-split', SPLIT, { states: 79334 })
  .instance('today-split-two-threads', { ...SPLIT, threads: 2, puts: 1 }, { states: 65554 })
  /** A mutant: children that do not inherit the flag. */
  .instance('children-do-not-inherit', { ...SPLIT, childrenInherit: false }, { violates: NOT_WRITTEN, steps: 5, states: 156 })

  // ---- Merge: the assertions hold, what they do not see does not ----
  .instance('today-merge-assertions', MERGE, { only: ASSERTIONS, states: 162120 })
  .instance('today-merge-two-threads', { ...MERGE, threads: 2 }, { only: ASSERTIONS, states: 609392 })
  /**
   * H7, found by this model, not reported: after CommitMerge the rest of the round is kept as the batch was prepared, for the whole merged range; the
   * cached region has the old one. What is written to the source's keys ends up under no region.
   */
  .instance('merge-residue', MERGE, { violates: 'NoResidue', only: ['NoResidue'], steps: 11, states: 11846 })
  /** A repair: a batch whose region has grown keeps no more of its writes. */
  .instance('merge-residue-repaired', { ...MERGE, grownIsNotKept: true }, { states: 161568 })

  // ---- Both ----
  .instance('today-split-and-merge-assertions', BOTH, { only: [...ASSERTIONS, SPLIT_NOT_PENDING], states: 103960 })
  .instance('split-and-merge-repaired', { ...BOTH, grownIsNotKept: true }, { states: 96554 })
