/**
 * A snapshot that is older than the data it reads: hole H5, a reading of today's code, not reported.
 *
 * A read takes its RocksDB snapshot first and asks the in-memory engine second (`RegionCacheMemoryEngine::snapshot`), with the
 * sequence number of the first. From then on it sees those entries in memory whose number is not above its own. Entries
 * that the loader puts there all carry the number of the load's snapshot, however old they are on disk. Nothing compares
 * the two. Needed is a whole load between two statements of the reader.
 *
 * | action           | thread               | function, at commit 8e964719db                                                                   | lock of `regions_map` |
 * | ---------------- | -------------------- | ------------------------------------------------------------------------------------------------ | --------------------- |
 * | Write            | apply                | in_memory_engine/src/write_batch.rs:222 `write_impl`, called by RocksDB with the sequence number | shared, for the flags |
 * | LoadStart        | apply                | in_memory_engine/src/engine.rs:213 `prepare_for_apply`: Loading, then the RocksDB snapshot       | exclusive, then none  |
 * | LoadFinish       | ime-load             | background.rs:924 `do_load_region` (entries with the snapshot's number), :595                    | none, then exclusive  |
 * | Evict            | any, then ime-delete | region_manager.rs:861 `evict_region`, :964 `on_delete_regions`                                   | exclusive             |
 * | TakeDiskSnapshot | read pool            | the engine's snapshot of a read, before hybrid_engine/src/observer/snapshot.rs:89 `on_snapshot`  | none                  |
 * | Pin              | read pool            | in_memory_engine/src/engine.rs:508 `snapshot`; region_manager.rs:692 `region_snapshot`           | shared                |
 * | Drop             | read pool            | in_memory_engine/src/read.rs:93 `drop`; region_manager.rs:727 `remove_region_snapshot`           | shared, exclusive     |
 */
import { enumOf, ids, int, map, model, option, record, spec, when } from 'tsmc'

/** The code at commit 8e964719db. */
const constants = {
  readers: 1,
  /** Writes besides the entry that is there from the begin. */
  writes: 2,
  /** A repair: the engine refuses a reader that is older than the load. Today it does not. */
  pinComparesSequence: false,
}

export default spec('late-pin', constants, (c) => {
  const Reader = ids('reader', c.readers)
  /** An entry is named by the sequence number of its write. */
  const Sequence = int(0, c.writes)

  const m = model({
    /** The last sequence number on disk: the entries 0 to `sequence` are there. */
    sequence: Sequence,
    phase: enumOf('absent', 'Loading', 'Active'),
    /** The sequence number of the snapshot from which the region is or was loaded. */
    loadedAt: Sequence,
    /** The number that an entry carries in memory, where it is there. */
    memory: map(Sequence, option(Sequence)),
    reader: map(
      Reader,
      record({
        at: enumOf('idle', 'hasDiskSnapshot', 'pinned'),
        /** The sequence number of its RocksDB snapshot. */
        sequence: Sequence,
      }),
    ),
  })

  // ---- writers ----

  /** A write becomes visible on disk and, where the region is loading or loaded, in memory at once. */
  m.action('Write', (s) => {
    when(s.sequence < c.writes)
    s.sequence++
    if (s.phase !== 'absent') s.memory[s.sequence] = s.sequence
  })

  // ---- load and eviction ----

  m.action('LoadStart', (s) => {
    when(s.phase === 'absent')
    s.phase = 'Loading'
    s.loadedAt = s.sequence
  })
  m.action('LoadFinish', (s) => {
    when(s.phase === 'Loading')
    s.phase = 'Active'
    for (const entry of Sequence) if (entry <= s.loadedAt) s.memory[entry] = s.loadedAt
  })
  /** Waits for the readers, and deletes. */
  m.action('Evict', (s) => {
    when(s.phase === 'Active')
    when(Reader.every((reader) => s.reader[reader].at !== 'pinned'))
    s.phase = 'absent'
    s.loadedAt = 0
    for (const entry of Sequence) s.memory[entry] = null
  })

  // ---- readers ----

  m.action('TakeDiskSnapshot', { reader: Reader }, (s, { reader }) => {
    when(s.reader[reader].at === 'idle')
    s.reader[reader].at = 'hasDiskSnapshot'
    s.reader[reader].sequence = s.sequence
  })
  /** `region_snapshot` */
  m.action('Pin', { reader: Reader }, (s, { reader }) => {
    when(s.reader[reader].at === 'hasDiskSnapshot' && s.phase === 'Active')
    when(!c.pinComparesSequence || s.reader[reader].sequence >= s.loadedAt)
    s.reader[reader].at = 'pinned'
  })
  m.action('Drop', { reader: Reader }, (s, { reader }) => {
    when(s.reader[reader].at !== 'idle')
    s.reader[reader].at = 'idle'
    s.reader[reader].sequence = 0
  })

  /** A reader pins the memory engine after it has its RocksDB snapshot: that order is what the hole is about. */
  m.step('DiskSnapshotFirst', { reader: Reader }, (before, after, { reader }) => {
    return after.reader[reader].at !== 'pinned' || before.reader[reader].at !== 'idle'
  })
  /** Whoever reads from memory sees what the RocksDB snapshot of the same read shows. */
  m.invariant('ReadsAgree', { reader: Reader, entry: Sequence }, (s, { reader, entry }) => {
    const { at, sequence } = s.reader[reader]
    if (at !== 'pinned') return true
    const stamp = s.memory[entry]
    const onDisk = entry <= sequence
    const inMemory = stamp !== null && stamp <= sequence
    return onDisk === inMemory
  })

  return m
})
  // ---- H5 ----
  .instance('late-pin', {}, { violates: 'ReadsAgree', steps: 5, states: 54 })
  /** A repair: compare the two numbers. */
  .instance('compared', { pinComparesSequence: true }, { states: 59 })
