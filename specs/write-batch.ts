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
 * With the default constants this is the code as it stands today, and everything holds. Each of the switches takes one repair out.
 */
import { type Id, bool, type DraftState, enumOf, ensure, ids, int, map, model, option, record, set, spec, when } from 'tsmc'

// Panics of the code, in its own words.
const PREPARED_BEFORE = 'region is prepared for write before, but it is not the current region'
const SET_TWICE = 'assertion failed: !self.is_written.load(Ordering::Relaxed)'
const CLEARED_TWICE = 'assertion failed: meta.is_written()'
// An assertion that the code does not have: see validateAtEnd.
const LEFT_OVER = 'the batch is still prepared at the end of the round'

const constants = {
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

export default spec('write-batch', constants, (c) => {
  // ==================================================================================================================
  // State
  // ==================================================================================================================

  const Thread = ids('t', c.threads)
  const Region = ids('r', c.regions)
  const Put = int(1, c.puts)
  type Thread = Id<'t'>
  type Region = Id<'r'>

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
    const { batch } = s.thread[thread]
    recordLastWrittenRegion(s, thread)
    for (const region of Region) {
      for (const put of batch.disk[region]) s.region[region].disk.add(put)
      for (const put of batch.memory[region]) s.region[region].memory.add(put)
    }
    clearRegionsInBeingWritten(s, thread)
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

  /** `Poller::poll` fetches an FSM that nobody owns, and `handle_normal` takes the messages out of its mailbox. */
  m.action('Fetch', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.thread[thread].handling === null)
    when(!Thread.some((other) => s.thread[other].round.has(region)))
    if (c.clearAtBegin && s.thread[thread].round.size === 0) clear(s, thread)
    s.thread[thread].round.add(region)
    s.thread[thread].handling = region
    if (s.region[region].loadMessage === 'queued') s.region[region].loadMessage = 'drained'
  })

  /** `handle_apply`: prepare the region (`prepare_for`), put, and put the apply state too (`finish_for`). */
  m.action('Apply', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.thread[thread].handling === region)
    when(s.nextPut <= c.puts)
    prepareForRegion(s, thread, region)
    const { batch } = s.thread[thread]
    batch.disk[region].add(s.nextPut)
    if (batch.status !== 'NotInCache') batch.memory[region].add(s.nextPut)
    s.nextPut++
  })

  /** `handle_change`: commits what is pending, of whatever region. `commit` prepares the region again after it has written. */
  if (c.change) {
    m.action('Change', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region)
      when(!isEmpty(s, thread))
      writeToDb(s, thread)
      prepareForRegion(s, thread, region)
    })
  }

  /** `Msg::InMemoryEngineLoadRegion` calls `prepare_for_apply` past the batch: nothing is flushed, no flag is set. */
  if (c.loadMessage) {
    const ready = c.loadMessageFlushes && c.loadMessagePreparesEarly ? 'committed' : 'drained'
    m.action('LoadMsg', { thread: Thread, region: Region }, (s, { thread, region }) => {
      when(s.thread[thread].handling === region)
      when(s.region[region].loadMessage === ready)
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
      when(s.region[region].loadMessage === 'drained')
      s.region[region].loadMessage = 'committed'
      writeToDb(s, thread)
      prepareForRegion(s, thread, region)
    })
  }

  /** `handle_normal` returns. The FSM stays in the round and is not handled again before its end. */
  m.action('Done', { thread: Thread, region: Region }, (s, { thread, region }) => {
    when(s.thread[thread].handling === region)
    s.thread[thread].handling = null
  })

  /** `ApplyPoller::end`: flushes and releases the FSMs. */
  m.action('EndRound', { thread: Thread }, (s, { thread }) => {
    when(s.thread[thread].handling === null)
    when(s.thread[thread].round.size > 0)
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

  /** `on_snapshot_load_finished` */
  m.action('LoadFinish', { region: Region }, (s, { region }) => {
    const { phase } = s.region[region]
    when(phase === 'Loading' || phase === 'LoadingCanceled')
    for (const put of s.region[region].loadSnapshot) s.region[region].memory.add(put)
    s.region[region].loadSnapshot.clear()
    s.region[region].phase = phase === 'Loading' ? 'Active' : 'Evicting'
  })

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

  /** `DeleteRangeRunner` wipes the region's part of the skiplists and forgets the region (`on_delete_regions`). */
  m.action('Delete', { region: Region }, (s, { region }) => {
    when(s.region[region].phase === 'Evicting')
    when(!s.region[region].isWritten || !c.deleteWaitsForWriters)
    s.region[region].memory.clear()
    s.region[region].phase = 'absent'
    s.region[region].isWritten = false
  })

  // ==================================================================================================================
  // What must hold, besides the assertions above
  // ==================================================================================================================

  /** The assertion of `prepare_for_region` as a statement about the batch: whose turn it is, is either new to it or current. */
  m.invariant('PreparedImpliesCurrent', { thread: Thread, region: Region }, (s, { thread, region }) => {
    const { handling, batch } = s.thread[thread]
    return handling !== region || !batch.prepared.has(region) || batch.current === region
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

  /** Nothing of a region is left in the skiplists when it is forgotten. */
  m.invariant('NoResidue', { region: Region }, (s, { region }) => s.region[region].phase !== 'absent' || s.region[region].memory.size === 0)

  return m
})
  // ==================================================================================================================
  // Instances
  // ==================================================================================================================

  .instance('today', {}, { states: 184764 })

  // ---- B1: issue #17700, repaired by #17703 ----
  // A commit writes and prepares again; where the round ends without another write, the batch stays prepared.

  /** The panic. */
  .instance('issue-17700', { clearOnEmpty: false }, { violates: PREPARED_BEFORE, only: [PREPARED_BEFORE], steps: 10, states: 37948 })
  /** The assertion as an invariant sees it coming when the region is fetched. */
  .instance(
    'issue-17700-fetched',
    { clearOnEmpty: false },
    { violates: 'PreparedImpliesCurrent', only: ['PreparedImpliesCurrent'], steps: 9, states: 20394 },
  )
  /** The cause: half the way to the panic. */
  .instance('issue-17700-cause', { clearOnEmpty: false }, { violates: 'CleanIdle', steps: 5, states: 626 })
  /** With a cached region the flag is left over, too: its eviction waits for ever. */
  .instance('issue-17700-flag', { clearOnEmpty: false }, { violates: 'FlagOwned', only: ['FlagOwned'], steps: 6, states: 1706 })
  .instance(
    'issue-17700-flag-active',
    { clearOnEmpty: false, activeAtFirst: 1 },
    { violates: 'FlagOwned', only: ['FlagOwned'], steps: 5, states: 672 },
  )
  /** … as liveness: the delete worker postpones it for ever. */
  .instance(
    'issue-17700-liveness',
    { clearOnEmpty: false, activeAtFirst: 1, threads: 1, regions: 1 },
    { violates: 'EvictedIsForgotten', only: ['EvictedIsForgotten'], steps: 6, states: 421 },
  )
  /** Without any panic: another thread loads the region, and the writes of the first do not reach the memory. */
  .instance(
    'issue-17700-silent',
    { clearOnEmpty: false, regions: 1, debugAsserts: false },
    { violates: 'Agree', only: ['Agree'], steps: 14, states: 2306 },
  )
  /** Without any panic: another thread clears the flag, the first believes that it is still set, and the region is deleted under its writes. */
  .instance(
    'issue-17700-residue',
    { clearOnEmpty: false, regions: 1, debugAsserts: false },
    { violates: 'NoResidue', only: ['NoResidue'], steps: 16, states: 2706 },
  )
  /** In a debug build the second thread stops at the flag that the first left over. */
  .instance('issue-17700-debug', { clearOnEmpty: false, regions: 1 }, { violates: SET_TWICE, only: [SET_TWICE], steps: 8, states: 574 })

  // Sanity: what is not there must not be found.
  /** Every other path ends a round with something to write: without change observers the old code was sound. */
  .instance('issue-17700-no-change', { clearOnEmpty: false, change: false }, { states: 44920 })
  /** One thread alone does no silent damage, … */
  .instance(
    'issue-17700-silent-one-thread',
    { clearOnEmpty: false, threads: 1, debugAsserts: false },
    { only: ['Agree', 'NoResidue'], states: 47440 },
  )
  /** … even where the assertion does not stop it. */
  .instance(
    'issue-17700-silent-one-thread-unchecked',
    { clearOnEmpty: false, assertNoInterleave: false, threads: 1, debugAsserts: false },
    { only: ['Agree', 'NoResidue'], states: 48024 },
  )

  // ---- B2: issue #17645, repaired by #17685: a write missing in memory ----
  .instance(
    'issue-17645',
    { latchPerBatch: false, assertNoInterleave: false, debugAsserts: false, threads: 1, regions: 1 },
    { violates: 'Agree', steps: 6, states: 160 },
  )
  .instance('issue-17645-repaired', { threads: 1, regions: 1 }, { states: 362 })

  // ---- B3: issue #17797, repaired by #17798: the aftershock of #17703 ----
  .instance('issue-17797', { consumeWrittenList: false, threads: 1 }, { violates: CLEARED_TWICE, steps: 7, states: 1072 })
  /** As it was reported: one region is in memory already, the other is not cached. */
  .instance('issue-17797-active', { consumeWrittenList: false, threads: 1, activeAtFirst: 1 }, { violates: CLEARED_TWICE, steps: 6, states: 529 })
  .instance('issue-17797-repaired', { threads: 1, activeAtFirst: 1 }, { states: 37339 })
  /** In a release build to clear twice does no harm. */
  .instance('issue-17797-release', { consumeWrittenList: false, debugAsserts: false }, { states: 184764 })

  // ---- B4: issue #17104, repaired by #17149: dirty data after a reload ----
  .instance('issue-17104', { deleteWaitsForWriters: false, threads: 1, regions: 1 }, { violates: 'NoResidue', steps: 7, states: 193 })

  // ---- H1: the load message with unflushed data. A reading of today's code, not reported ----
  .instance('load-message', { loadMessage: true, threads: 1, regions: 1 }, { violates: 'Agree', steps: 9, states: 826 })
  /** A repair: flush, load, prepare again. */
  .instance('load-message-repaired', { loadMessage: true, loadMessageFlushes: true, threads: 1, regions: 1 }, { states: 1101 })
  /** The repair in the other order decides too early that the region is not cached. */
  .instance(
    'load-message-prepares-early',
    { loadMessage: true, loadMessageFlushes: true, loadMessagePreparesEarly: true, threads: 1, regions: 1 },
    { violates: 'Agree', steps: 10, states: 1230 },
  )

  // ---- Four hypotheses about #17700 ----
  /** "A split or merge leaves stale prepared state": this model has neither, and one region that stays is enough for the cause. */
  .instance('hypothesis-split', { clearOnEmpty: false, threads: 1, regions: 1, cache: false }, { violates: 'CleanIdle', steps: 5, states: 22 })
  /** "Two threads race": one is enough for the panic. */
  .instance('hypothesis-race', { clearOnEmpty: false, threads: 1 }, { violates: PREPARED_BEFORE, only: [PREPARED_BEFORE], steps: 10, states: 6508 })
  /** "Recovery rebuilds the state wrongly": this model never restarts; the panic is found from an empty memory engine. */
  .instance(
    'hypothesis-recovery',
    { clearOnEmpty: false, threads: 1, activeAtFirst: 0 },
    { violates: PREPARED_BEFORE, only: [PREPARED_BEFORE], steps: 10, states: 6508 },
  )
  /** "Memory and disk disagree": nothing is ever cached, so there is no content to disagree, and still the panic. */
  .instance(
    'hypothesis-disagreement',
    { clearOnEmpty: false, threads: 1, cache: false },
    { violates: PREPARED_BEFORE, only: [PREPARED_BEFORE], steps: 10, states: 402 },
  )

  // ---- Fix directions for #17700 ----
  /** 1. Stronger validation: an assertion at the end of the round fails earlier, and still fails. */
  .instance('direction-1-validate', { clearOnEmpty: false, validateAtEnd: true }, { violates: LEFT_OVER, only: [LEFT_OVER], steps: 5, states: 622 })
  /** 2. Tie the batch to the flush. This is the repair that was made (`today`); with it the assertion of direction 1 never fails. */
  .instance('direction-2-clear-at-flush', { validateAtEnd: true }, { states: 184764 })
  /** 3a. Drop the assertion, keep what is left over: reads go wrong in silence. */
  .instance(
    'direction-3a-no-assertion',
    { clearOnEmpty: false, assertNoInterleave: false, debugAsserts: false, regions: 1 },
    { violates: 'Agree', only: ['Agree'], steps: 14, states: 2306 },
  )
  /** 3b. Drop the assertion and always prepare anew: back to #17645. */
  .instance(
    'direction-3b-always-prepare',
    { clearOnEmpty: false, assertNoInterleave: false, latchPerBatch: false, debugAsserts: false, threads: 1, regions: 1 },
    { violates: 'Agree', only: ['Agree'], steps: 6, states: 164 },
  )
  /** 3c. Clear at the begin of the next round: no panic and no wrong read … */
  .instance(
    'direction-3c-clear-at-begin',
    { clearOnEmpty: false, clearAtBegin: true, debugAsserts: false },
    { only: [PREPARED_BEFORE, 'PreparedImpliesCurrent', 'Agree'], states: 779104 },
  )
  /** … nor anything else with one region … */
  .instance(
    'direction-3c-one-region',
    { clearOnEmpty: false, clearAtBegin: true, debugAsserts: false, regions: 1 },
    { only: [PREPARED_BEFORE, 'PreparedImpliesCurrent', 'Agree', 'NoResidue'], states: 2300 },
  )
  /** … but with two regions one thread clears the flag that the other has set in the meantime. */
  .instance(
    'direction-3c-two-regions',
    { clearOnEmpty: false, clearAtBegin: true, debugAsserts: false },
    { violates: 'NoResidue', only: ['NoResidue'], steps: 13, states: 143014 },
  )
