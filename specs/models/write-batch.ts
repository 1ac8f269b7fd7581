/**
 * The write batch of TiKV's in-memory engine, and the panic of issue #17700.
 *
 * TiKV keeps everything on disk (RocksDB); the in-memory engine mirrors some hot regions in skiplists. Apply threads write
 * committed Raft entries: each collects the writes of many regions in one batch and flushes it once per polling round. The
 * in-memory engine listens in: `prepare_for_region` tells its half of the batch whose writes come next, and whether to keep them.
 *
 * Modelled: the polling round of the apply threads, the batch with both halves, the state that all threads share for a cached
 * region, and the background threads that load, evict and delete it. A write is a number, put once, into one region.
 * Left out: keys and column families, memory accounting (a region may be evicted at any time), splits and merges
 * (region-lifecycle.ts), restarts, Raft.
 *
 * The default constants are the code at commit 8e964719db, without the load message (hole H1 needs it) and with each flush, deletion and end of a load as
 * one step; there everything holds. The switches take one repair out, or one step apart.
 *
 * | action                  | thread                  | function, at that commit                                              | lock of `regions_map`          |
 * | ----------------------- | ----------------------- | --------------------------------------------------------------------- | ------------------------------ |
 * | Fetch                   | apply                   | batch-system/src/batch.rs:362 `fetch_fsm`                             | none                           |
 * | Drain, Done             | apply                   | raftstore/src/store/fsm/apply.rs:4785 `handle_normal`                 | none                           |
 * | Resume, Yield           | apply                   | apply.rs:4250 `resume_pending`                                        | as Apply                       |
 * | Apply                   | apply                   | apply.rs:4100 `handle_apply`; write_batch.rs:128 `prepare_for_region` | shared; exclusive from Pending |
 * | Change                  | apply                   | apply.rs:4376 `handle_change`, :558 `commit`                          | shared; exclusive from Pending |
 * | LoadMsg                 | apply                   | apply.rs:4617; engine.rs:213 `prepare_for_apply`                      | exclusive                      |
 * | CommitForLoadMsg        | apply                   | none: a repair of H1 that suggests itself, and fails                  | shared; exclusive from Pending |
 * | EndRound, WriteImplRest | apply                   | apply.rs:4845 `end`, :581 `write_to_db`; write_batch.rs:222           | shared                         |
 * | BgLoad                  | raftstore, ime-evict, … | region_manager.rs:330 `load_region`                                   | exclusive                      |
 * | SendLoadMsg             | ime-bg                  | background.rs:1306 `CheckLoadPendingRegions`                          | shared                         |
 * | LoadFinish, LoadRest    | ime-load                | background.rs:595 `on_snapshot_load_finished`                         | exclusive                      |
 * | Evict                   | any                     | region_manager.rs:861 `evict_region`, :905 `do_evict_region`          | exclusive                      |
 * | Delete, DeleteRest      | ime-delete              | background.rs:1429 `delete_regions`; region_manager.rs:964            | shared, none, exclusive        |
 */
import { bool, type DraftState, enumOf, ensure, ids, int, map, model, option, record, set, when, type Infer } from 'tsmc'

// Panics of the code, in its own words.
export const PREPARED_BEFORE = 'region is prepared for write before, but it is not the current region'
export const SET_TWICE = 'assertion failed: !self.is_written.load(Ordering::Relaxed)'
export const CLEARED_TWICE = 'assertion failed: meta.is_written()'
// An assertion that the code does not have: see validateAtEnd.
export const LEFT_OVER = 'the batch is still prepared at the end of the round'

/** The code at commit 8e964719db. */
export const codeAt8e964719db = {
  // ---- size of the world ----
  threads: 2,
  regions: 2,
  /** How many writes there are in all. */
  puts: 3,
  /** Regions that are in memory, empty, to begin with. */
  activeAtFirst: 0,

  // ---- what may happen ----
  /** Change observers register (`Msg::Change`: CDC, resolved-ts, PITR). */
  change: true,
  /** The background asks for regions to be cached. */
  cache: true,
  /** Pending regions are sent `Msg::InMemoryEngineLoadRegion` (since #17573). Today's code does it: see hole H1 below. */
  loadMessage: false,
  /** The background evicts regions. */
  evicts: true,

  // ---- steps of the code that are one step here, unless an instance looks in between ----
  /** An FSM may yield with entries left: it resumes them first in its next round, and drains its mailbox after that. */
  yields: false,
  /** `write_impl` in two steps: 'insert, clear flags' as it is, or 'clear flags, insert', a mutant. */
  writeImpl: 'one step',
  /** A deletion in two steps: 'wipe, forget' as it is, or 'forget, wipe', a mutant. */
  deletion: 'one step',
  /** The end of a load in two steps: 'insert, activate' as it is, or 'activate, insert', a mutant. */
  loading: 'one step',

  // ---- repairs made; true is today's code ----
  /** `write_to_db` clears the batch even where there is nothing to write (#17703). */
  clearOnEmpty: true,
  /** A region's status is decided once per batch: to prepare the current region again does nothing (#17685). */
  latchPerBatch: true,
  /** The assertion that panicked (#17685). */
  assertNoInterleave: true,
  /** To clear the flags of the written regions forgets these regions (#17798). */
  consumeWrittenList: true,
  /** The delete worker postpones a region that is being written (#17149). */
  deleteWaitsForWriters: true,
  /** A debug build: `debug_assert!` is compiled in. */
  debugAsserts: true,

  // ---- repairs imagined ----
  /** The end of a round asserts that the batch is clean. */
  validateAtEnd: false,
  /** The begin of a round clears what the round before has left. */
  clearAtBegin: false,
  /** The load message flushes the batch, then begins the load, then prepares the region again. */
  loadMessageFlushes: false,
  /** … but it prepares the region again right after the flush, before it begins the load. */
  loadMessagePreparesEarly: false,
}

export type Constants = typeof codeAt8e964719db

export function writeBatch(c: Constants) {
  // ==================================================================================================================
  // State
  // ==================================================================================================================

  const Thread = ids('t', c.threads)
  const Region = ids('r', c.regions)
  const Put = int(1, c.puts)
  type Thread = Infer<typeof Thread>
  type Region = Infer<typeof Region>

  /** The part of `RegionCacheWriteBatch` and its disk counterpart that one apply thread owns (`ApplyContext::kv_wb`). */
  const Batch = record({
    /** `region_cache_status`: whether the writes of the current region are kept for the memory engine. */
    status: enumOf('NotInCache', 'Cached', 'Loading'),
    /** `current_region` */
    current: option(Region),
    /** `prepared_regions`: regions prepared since the batch was last cleared. */
    prepared: set(Region),
    /** `written_regions`: earlier regions of this batch whose shared flag `is_written` must be cleared. */
    written: set(Region),
    /** Writes waiting for the disk; the apply state of `finish_for` is in here too: not empty after any write. */
    disk: map(Region, set(Put)),
    /** `buffer`: writes waiting for the memory engine. */
    memory: map(Region, set(Put)),
  })

  const m = model({
    thread: map(
      Thread,
      record({
        /** The FSMs of this polling round; a thread without any is between two rounds. */
        round: set(Region),
        /** The FSM that `handle_normal` is at. */
        handling: option(Region),
        /** `handle_normal` has still to drain the FSM's mailbox: it resumes pending entries first. */
        resuming: bool,
        /** `write_impl` is half done, of the flush by which action. */
        flushing: enumOf('none', 'Change', 'EndRound'),
        batch: Batch,
      }),
    ),
    region: map(
      Region,
      record({
        /** `RegionState` of the region's `CacheRegionMeta`; absent: there is none. */
        phase: enumOf('absent', 'Pending', 'Loading', 'Active', 'LoadingCanceled', 'Evicting'),
        /** `CacheRegionMeta::is_written`: a batch has entries for the region that are not in the skiplist yet. */
        isWritten: bool,
        /** What the RocksDB snapshot holds from which the region is being loaded. */
        loadSnapshot: set(Put),
        /** The content of the region on disk and in the skiplist. */
        disk: set(Put),
        memory: set(Put),
        /** The load message: in the mailbox of the apply FSM, taken out of it for the round under way (`msg_buf`), half handled. */
        loadMessage: enumOf('none', 'queued', 'drained', 'committed'),
        /** `yield_state`: entries of the region wait for its next round. */
        yielded: bool,
        /** Half of its deletion is done, half of its load. */
        deleting: bool,
        activating: bool,
      }),
    ),
    nextPut: int(1, c.puts + 1),
  })
  type State = DraftState<typeof m>

  m.init((s) => {
    for (const region of [...Region].slice(0, c.activeAtFirst)) s.region[region].phase = 'Active'
  })

  // ==================================================================================================================
  // The batch: components/in_memory_engine/src/write_batch.rs
  // ==================================================================================================================

  /** `RegionCacheWriteBatch::prepare_for_region`: from here on the batch collects writes of this region. */
  function prepareForRegion(s: State, thread: Thread, region: Region) {
    const { batch } = s.thread[thread]
    if (c.latchPerBatch && batch.current === region) return
    if (c.assertNoInterleave) ensure(!batch.prepared.has(region) || batch.current === region, PREPARED_BEFORE)
    batch.prepared.add(region)
    recordLastWrittenRegion(s, thread)
    batch.status = prepareForApply(s, region)
    batch.current = region
  }

  /** `RegionCacheWriteBatch::record_last_written_region`. A current region that is not in the cache stays the current one. */
  function recordLastWrittenRegion(s: State, thread: Thread) {
    const { batch } = s.thread[thread]
    if (batch.status === 'NotInCache' || batch.current === null) return
    batch.written.add(batch.current)
    batch.current = null
  }

  /** `RegionCacheMemoryEngine::prepare_for_apply`: whether writes of the region are to be kept; begins to load a pending one. */
  function prepareForApply(s: State, region: Region): 'NotInCache' | 'Cached' | 'Loading' {
    if (s.region[region].phase === 'Pending') startLoading(s, region)
    switch (s.region[region].phase) {
      case 'Active':
        setBeingWritten(s, region)
        return 'Cached'
      case 'Loading':
        setBeingWritten(s, region)
        return 'Loading'
      default:
        return 'NotInCache'
    }
  }

  /**
   * Takes the RocksDB snapshot and queues the load. The snapshot and all later writes are everything: provided that no write of
   * the region waits in the batch of this thread.
   */
  function startLoading(s: State, region: Region) {
    s.region[region].phase = 'Loading'
    s.region[region].loadSnapshot = s.region[region].disk
  }

  /** `CacheRegionMeta::set_being_written` */
  function setBeingWritten(s: State, region: Region) {
    if (c.debugAsserts) ensure(!s.region[region].isWritten, SET_TWICE)
    s.region[region].isWritten = true
  }

  /** `RegionManager::clear_regions_in_being_written`; a region that is gone has no flag to clear. */
  function clearRegionsInBeingWritten(s: State, thread: Thread) {
    const { batch } = s.thread[thread]
    for (const region of batch.written) {
      if (s.region[region].phase === 'absent') continue
      if (c.debugAsserts) ensure(s.region[region].isWritten, CLEARED_TWICE)
      s.region[region].isWritten = false
    }
    if (c.consumeWrittenList) batch.written.clear()
  }

  /**
   * `RegionCacheWriteBatch::write_impl`, called by RocksDB when the writes are on disk: for a reader both halves become visible at
   * once. Entries of a region that was evicted in the meantime are written too (since #17635); the delete worker sweeps them.
   */
  function writeImpl(s: State, thread: Thread) {
    recordLastWrittenRegion(s, thread)
    insert(s, thread)
    clearRegionsInBeingWritten(s, thread)
  }

  function insert(s: State, thread: Thread) {
    const { batch } = s.thread[thread]
    for (const region of Region) {
      for (const put of batch.disk[region]) s.region[region].disk.add(put)
      for (const put of batch.memory[region]) s.region[region].memory.add(put)
    }
  }

  /** `RegionCacheWriteBatch::clear`: with #17703 it also lets go of a region that was prepared and then not written. */
  function clear(s: State, thread: Thread) {
    const { batch } = s.thread[thread]
    if ((c.clearOnEmpty || c.clearAtBegin) && batch.current !== null) {
      recordLastWrittenRegion(s, thread)
      clearRegionsInBeingWritten(s, thread)
    }
    batch.status = 'NotInCache'
    batch.current = null
    batch.prepared.clear()
    batch.written.clear()
    for (const region of Region) {
      batch.disk[region].clear()
      batch.memory[region].clear()
    }
  }

  // ==================================================================================================================
  // Apply threads: components/raftstore/src/store/fsm/apply.rs, components/batch-system/src/batch.rs
  // ==================================================================================================================

  /** `WriteBatchWrapper::is_empty` looks at the disk half only. */
  function isEmpty(s: State, thread: Thread) {
    return Region.every((region) => s.thread[thread].batch.disk[region].size === 0)
  }

  /** `ApplyContext::write_to_db`. Before #17703 an empty disk half meant: nothing to do, not even to clear. */
  function writeToDb(s: State, thread: Thread) {
    if (!isEmpty(s, thread)) {
      writeImpl(s, thread)
      clear(s, thread)
    } else if (c.clearOnEmpty) {
      clear(s, thread)
    }
  }

  /** The first half of a flush, where it is not one step. The second is `WriteImplRest`. */
  function writeImplBegins(s: State, thread: Thread, by: 'Change' | 'EndRound'): boolean {
    if (c.writeImpl === 'one step' || isEmpty(s, thread)) return false
    recordLastWrittenRegion(s, thread)
    if (c.writeImpl === 'insert, clear flags') insert(s, thread)
    else clearRegionsInBeingWritten(s, thread)
    s.thread[thread].flushing = by
    return true
  }

  if (c.writeImpl !== 'one step') {
    m.fair('WriteImplRest', 'weak')
    m.action('WriteImplRest', { thread: Thread }, (s, { thread }) => {
      const { flushing, handling } = s.thread[thread]
      when(flushing !== 'none')
      if (c.writeImpl === 'insert, clear flags') clearRegionsInBeingWritten(s, thread)
      else insert(s, thread)
      clear(s, thread)
      s.thread[thread].flushing = 'none'
      if (flushing === 'EndRound') s.thread[thread].round.clear()
      else if (handling !== null) prepareForRegion(s, thread, handling)
    })
  }

  /** `Poller::poll` fetches an FSM that nobody owns, and `handle_normal` takes the messages out of its mailbox. */
  m.action('Fetch', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.thread[thread].handling === null && s.thread[thread].flushing === 'none')
    when(!Thread.some((other) => s.thread[other].round.has(region)))
    if (c.clearAtBegin && s.thread[thread].round.size === 0) clear(s, thread)
    s.thread[thread].round.add(region)
    s.thread[thread].handling = region
    if (c.yields) s.thread[thread].resuming = true
    else drain(s, region)
  })

  const drain = (s: State, region: Region) => {
    if (s.region[region].loadMessage === 'queued') s.region[region].loadMessage = 'drained'
  }

  if (c.yields) {
    /** `resume_pending`: the entries that an earlier round has left. */
    m.action('Resume', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region && s.thread[thread].resuming && s.region[region].yielded)
      s.region[region].yielded = false
      if (s.nextPut <= c.puts) apply(s, thread, region)
    })
    m.fair('Resume', 'weak')
    /** `handle_normal` drains the mailbox, after `resume_pending`. */
    m.action('Drain', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region && s.thread[thread].resuming)
      when(!s.region[region].yielded)
      s.thread[thread].resuming = false
      drain(s, region)
    })
    m.fair('Drain', 'weak')
    /** It took too long, or too much was written: `handle_normal` returns with entries left. */
    m.action('Yield', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region && !s.region[region].yielded)
      when(s.thread[thread].flushing === 'none')
      when(s.thread[thread].batch.disk[region].size > 0)
      s.region[region].yielded = true
      s.thread[thread].handling = null
      s.thread[thread].resuming = false
    })
  }

  /** `handle_apply`: prepare the region (`prepare_for`), put, and put the apply state too (`finish_for`). */
  m.action('Apply', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.thread[thread].handling === region)
    when(!s.thread[thread].resuming && s.thread[thread].flushing === 'none')
    when(s.nextPut <= c.puts)
    apply(s, thread, region)
  })

  const apply = (s: State, thread: Thread, region: Region) => {
    prepareForRegion(s, thread, region)
    const { batch } = s.thread[thread]
    batch.disk[region].add(s.nextPut)
    if (batch.status !== 'NotInCache') batch.memory[region].add(s.nextPut)
    s.nextPut++
  }

  /** `handle_change`: commits what is pending, of whatever region. `commit` prepares the region again after it has written. */
  if (c.change) {
    m.action('Change', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region && !s.thread[thread].resuming && s.thread[thread].flushing === 'none')
      when(!isEmpty(s, thread))
      if (writeImplBegins(s, thread, 'Change')) return
      writeToDb(s, thread)
      prepareForRegion(s, thread, region)
    })
  }

  /** `Msg::InMemoryEngineLoadRegion` calls `prepare_for_apply` past the batch: nothing is flushed, no flag is set. */
  if (c.loadMessage) {
    const ready = c.loadMessageFlushes && c.loadMessagePreparesEarly ? 'committed' : 'drained'
    m.action('LoadMsg', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region)
      when(s.region[region].loadMessage === ready && !s.thread[thread].resuming && s.thread[thread].flushing === 'none')
      s.region[region].loadMessage = 'none'
      const repaired = c.loadMessageFlushes && !c.loadMessagePreparesEarly
      if (repaired) writeToDb(s, thread)
      if (s.region[region].phase === 'Pending') startLoading(s, region)
      if (repaired) prepareForRegion(s, thread, region)
    })
  }

  /** The repair that suggests itself: call `commit` before the load. The background may act between the two. */
  if (c.loadMessage && c.loadMessageFlushes && c.loadMessagePreparesEarly) {
    m.action('CommitForLoadMsg', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region)
      when(s.region[region].loadMessage === 'drained' && !s.thread[thread].resuming)
      s.region[region].loadMessage = 'committed'
      writeToDb(s, thread)
      prepareForRegion(s, thread, region)
    })
  }

  /** `handle_normal` returns. The FSM stays in the round and is not handled again before its end. */
  m.action('Done', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.thread[thread].handling === region && !s.thread[thread].resuming && s.thread[thread].flushing === 'none')
    s.thread[thread].handling = null
  })

  /** `ApplyPoller::end`: flushes and releases the FSMs. */
  m.action('EndRound', { thread: Thread }, (s, { thread }) => {
    when(s.thread[thread].handling === null && s.thread[thread].flushing === 'none')
    when(s.thread[thread].round.size > 0)
    if (writeImplBegins(s, thread, 'EndRound')) return
    writeToDb(s, thread)
    if (c.validateAtEnd) ensure(s.thread[thread].batch.current === null, LEFT_OVER)
    s.thread[thread].round.clear()
  })

  // ==================================================================================================================
  // Background threads: components/in_memory_engine/src/{background,region_manager}.rs. They may act at any time.
  // ==================================================================================================================

  /** `RegionMetaMap::load_region`: the region shall be cached. Its apply thread begins the load. */
  if (c.cache) {
    m.action('BgLoad', { region: Region }, (s, { region }) => {
      when(s.region[region].phase === 'absent')
      s.region[region].phase = 'Pending'
    })
  }

  /** `CheckLoadPendingRegions`, a tick of 5 s, sends a message to regions that nobody writes. */
  if (c.loadMessage) {
    m.action('SendLoadMsg', { region: Region }, (s, { region }) => {
      when(s.region[region].phase === 'Pending' && s.region[region].loadMessage === 'none')
      s.region[region].loadMessage = 'queued'
    })
  }

  /** What the load worker finds in the snapshot. */
  const insertSnapshot = (s: State, region: Region) => {
    for (const put of s.region[region].loadSnapshot) s.region[region].memory.add(put)
    s.region[region].loadSnapshot.clear()
  }
  /** `on_snapshot_load_finished` */
  const finishLoad = (s: State, region: Region) => {
    s.region[region].phase = s.region[region].phase === 'Loading' ? 'Active' : 'Evicting'
  }
  m.action('LoadFinish', { region: Region }, (s, { region }) => {
    const { phase } = s.region[region]
    when(phase === 'Loading' || phase === 'LoadingCanceled')
    when(!s.region[region].activating)
    if (c.loading === 'insert, activate') insertSnapshot(s, region)
    else if (c.loading === 'activate, insert') finishLoad(s, region)
    else {
      insertSnapshot(s, region)
      finishLoad(s, region)
    }
    s.region[region].activating = c.loading !== 'one step'
  })
  if (c.loading !== 'one step') {
    m.action('LoadRest', { region: Region }, (s, { region }) => {
      when(s.region[region].activating)
      s.region[region].activating = false
      if (c.loading === 'insert, activate') finishLoad(s, region)
      else insertSnapshot(s, region)
    })
    m.fair('LoadRest', 'weak')
  }

  if (c.evicts) {
    /** `do_evict_region` */
    m.action('Evict', { region: Region }, (s, { region }) => {
      switch (s.region[region].phase) {
        case 'Pending':
          s.region[region].phase = 'absent'
          break
        case 'Loading':
          s.region[region].phase = 'LoadingCanceled'
          break
        case 'Active':
          s.region[region].phase = 'Evicting'
          break
        default:
          when(false)
      }
    })
  }

  /** `DeleteRangeRunner` wipes the region's part of the skiplists and forgets the region (`on_delete_regions`). */
  const wipe = (s: State, region: Region) => {
    s.region[region].memory.clear()
  }
  const forget = (s: State, region: Region) => {
    s.region[region].phase = 'absent'
    s.region[region].isWritten = false
  }
  m.action('Delete', { region: Region }, (s, { region }) => {
    when(s.region[region].phase === 'Evicting' && !s.region[region].deleting)
    when(!s.region[region].isWritten || !c.deleteWaitsForWriters)
    if (c.deletion !== 'forget, wipe') wipe(s, region)
    if (c.deletion !== 'wipe, forget') forget(s, region)
    s.region[region].deleting = c.deletion !== 'one step'
  })
  if (c.deletion !== 'one step') {
    m.action('DeleteRest', { region: Region }, (s, { region }) => {
      when(s.region[region].deleting)
      s.region[region].deleting = false
      if (c.deletion === 'wipe, forget') forget(s, region)
      else wipe(s, region)
    })
    m.fair('DeleteRest', 'weak')
  }

  // ==================================================================================================================
  // What must hold, besides the assertions above
  // ==================================================================================================================

  /** The assertion of `prepare_for_region` as a statement about the batch: whose turn it is, is either new to it or current. */
  m.invariant('PreparedImpliesCurrent', { thread: Thread, region: Region }, (s, { thread, region }) => {
    const { handling, flushing, batch } = s.thread[thread]
    return handling !== region || flushing !== 'none' || !batch.prepared.has(region) || batch.current === region
  })

  /** Between two rounds the batch remembers nothing. */
  m.invariant('CleanIdle', { thread: Thread }, (s, { thread }) => {
    const { round, batch } = s.thread[thread]
    return round.size > 0 || (batch.current === null && batch.prepared.size === 0 && batch.written.size === 0)
  })

  /** Whoever has set the flag of a region knows of it, and is in a round. */
  m.invariant('FlagOwned', { region: Region }, (s, { region }) => {
    if (!s.region[region].isWritten) return true
    return Thread.some((thread) => {
      const { round, batch } = s.thread[thread]
      const owns = batch.written.has(region) || (batch.current === region && batch.status !== 'NotInCache')
      return owns && round.size > 0
    })
  })

  /** A region that serves reads from memory has there what is on disk. */
  m.invariant('Agree', { region: Region }, (s, { region }) => {
    const { phase, disk, memory } = s.region[region]
    return phase !== 'Active' || Put.every((put) => memory.has(put) === disk.has(put))
  })

  // A load ends, a thread is done with a region and ends its round, the delete worker does its tasks: each at some time.
  m.fair('LoadFinish', 'weak')
  m.fair('Delete', 'weak')
  m.fair('Done', 'weak')
  m.fair('EndRound', 'weak')
  /** What is evicted is forgotten at some time, so that it can be cached again. */
  m.property('EvictedIsForgotten', { region: Region }, ({ leadsTo }, { region }) =>
    leadsTo(
      (s) => s.region[region].phase === 'LoadingCanceled' || s.region[region].phase === 'Evicting',
      (s) => s.region[region].phase === 'absent',
    ),
  )

  /** What was applied is on disk, or waits for it in the batch of a thread that is in a round. */
  m.invariant('NothingLost', { put: Put }, (s, { put }) => {
    if (put >= s.nextPut || Region.some((region) => s.region[region].disk.has(put))) return true
    return Thread.some((thread) => s.thread[thread].round.size > 0 && Region.some((region) => s.thread[thread].batch.disk[region].has(put)))
  })

  /** Nothing of a region is left in the skiplists when it is forgotten. */
  m.invariant('NoResidue', { region: Region }, (s, { region }) => s.region[region].phase !== 'absent' || s.region[region].memory.size === 0)

  return m
}
