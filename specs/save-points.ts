/**
 * The save points of the in-memory write batch, and the panic of issue #17630.
 *
 * An apply thread runs every command inside a save point, so that a failed command can be rolled back: `set_save_point`, puts,
 * then `pop_save_point` or `rollback_to_save_point`. The in-memory half of the batch (`RegionCacheWriteBatch`) remembers for a save
 * point how long its buffer was. A put that gets no memory evicts the region it belongs to.
 *
 * All of it is on one apply thread. Commands: components/raftstore/src/store/fsm/apply.rs; the batch: components/in_memory_engine/src/write_batch.rs.
 *
 * | action              | function, at commit 8e964719db                                                                          | lock of `regions_map`       |
 * | ------------------- | ------------------------------------------------------------------------------------------------------- | --------------------------- |
 * | SetSavePoint        | apply.rs:1539, before `exec_raft_cmd`; write_batch.rs:523 `set_save_point`                              | none                        |
 * | Put                 | write_batch.rs:283 `process_cf_operation`, :330 `memory_acquire`, :274 `evict_current_region`           | none; exclusive if it evicts |
 * | PopSavePoint        | apply.rs:1542, where the command has succeeded; write_batch.rs:527 `pop_save_point`                     | none                        |
 * | RollbackToSavePoint | apply.rs:1550, where it has failed; write_batch.rs:534 `rollback_to_save_point`                         | none                        |
 * | Flush               | apply.rs:581 `write_to_db`; write_batch.rs:222 `write_impl`, :499 `clear`                               | shared, for the flags       |
 */
import { bool, type DraftState, either, ensure, int, model, seq, spec, when } from 'tsmc'

const SAVE_POINT_SET = 'assertion failed: self.save_points.is_empty()'

/** The code at commit 8e964719db. */
const constants = {
  /** How many entries the buffer may hold. */
  entries: 3,
  /** An eviction also removes the region's entries from the buffer, as it did before #17635. */
  trimOnEvict: false,
  /** The trimming asserts that no save point is set; without that it would go on. */
  assertNoSavePoint: true,
}

export default spec('save-points', constants, (c) => {
  const m = model({
    /** The length of `buffer`: entries of the current region, which wait for the flush. */
    buffer: int(0, c.entries),
    /** `save_points`: the lengths that the buffer had. */
    savePoints: seq(int(0, c.entries), 1),
    /** `current_region_evicted`: further writes of the region are dropped. */
    evicted: bool,
  })
  type State = DraftState<typeof m>

  /** A command begins. */
  m.action('SetSavePoint', (s) => {
    when(s.savePoints.length === 0)
    s.savePoints.push(s.buffer)
  })

  /** `process_cf_operation` of a put: the memory controller grants the memory, or the capacity is reached. */
  m.action('Put', (s) => {
    when(s.savePoints.length > 0 && !s.evicted)
    either(
      () => {
        when(s.buffer < c.entries)
        s.buffer++
      },
      () => evictCurrentRegion(s),
    )
  })

  function evictCurrentRegion(s: State) {
    s.evicted = true
    if (!c.trimOnEvict) return
    if (c.assertNoSavePoint) ensure(s.savePoints.length === 0, SAVE_POINT_SET)
    s.buffer = 0
  }

  /** The command succeeded. */
  m.action('PopSavePoint', (s) => {
    when(s.savePoints.length > 0)
    s.savePoints.pop()
  })

  /** The command failed: the buffer is cut to its length at the save point. */
  m.action('RollbackToSavePoint', (s) => {
    when(s.savePoints.length > 0)
    s.buffer = Math.min(s.buffer, s.savePoints[0])
    s.savePoints.pop()
  })

  /** `write_impl`, and the next region is prepared. Entries of the evicted region are written too; the delete worker sweeps them. */
  m.action('Flush', (s) => {
    when(s.savePoints.length === 0)
    s.buffer = 0
    s.evicted = false
  })

  /** An eviction ends what is kept of the region: its further writes are dropped, until the batch is flushed (`current_region_evicted`). */
  m.step('EvictedIsDropped', (before, after) => !before.evicted || after.buffer <= before.buffer)
  /** A save point marks a place in the buffer. */
  m.invariant('SavePointInBuffer', (s) => s.savePoints.every((length) => length <= s.buffer))

  return m
})
  .instance('today', {}, { states: 28 })

  // ---- B16: issue #17630, repaired by #17635 ----
  /** Every put runs inside a save point: the first that gets no memory panics. */
  .instance('issue-17630', { trimOnEvict: true }, { violates: SAVE_POINT_SET, steps: 2, states: 3 })
  /** What the assertion was there for: to trim moves the end of the buffer before the save point. */
  .instance('issue-17630-without-assertion', { trimOnEvict: true, assertNoSavePoint: false }, { violates: 'SavePointInBuffer', steps: 5, states: 14 })
