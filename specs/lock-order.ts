/**
 * The locks of the region manager, and two deadlocks of today's code: N1 and H4. Beside them the RocksDB mutex (B21).
 *
 * Three kinds of lock, all in components/in_memory_engine/src/region_manager.rs: `regions_map` (a read-write lock of parking_lot), the mutex of
 * `historical_regions` (metas that a split replaced while they had snapshots), and a mutex per meta for its `region_snapshot_list`. Here is the order
 * in which five functions take them at commit 8e964719db; "shared" and "exclusive" are of `regions_map`.
 *
 * | function, line                                      | thread              | locks, in order                                                        |
 * | --------------------------------------------------- | ------------------- | ---------------------------------------------------------------------- |
 * | `remove_region_snapshot`:727, fast path             | read pool           | shared; own list; history. If ready: let go of all, then exclusive     |
 * | … slow path (the region was split since)            | read pool           | shared; history; list of the historical region; lists of the evicted   |
 * |                                                     |                     | regions below it. If any is ready: lets go of shared, then exclusive   |
 * |                                                     |                     | **while it still holds history**                                       |
 * | `split_region`:1022                                 | apply               | exclusive; list of the source; history                                 |
 * | `evict_region`:861, `do_evict_region`:905           | any                 | exclusive; list; history                                               |
 * | `gc_region` (background.rs:491): first              | ime-gc              | history; lists of the historical regions. Lets go of both              |
 * | `get_history_regions_min_ts`:829, then the rest     |                     | exclusive; list                                                        |
 * | `region_snapshot`:692                               | read pool           | shared; list                                                           |
 * | beside them, for B21: the write callback of RocksDB | apply               | RocksDB's; shared (write_batch.rs:222 `write_impl`, to clear flags)    |
 * | `prepare_for_apply` (engine.rs:213)                 | apply               | exclusive; let go of; RocksDB's, for the snapshot                      |
 *
 * The world has a region that was split while a snapshot was held (the historical region), a child of it that is evicted and waits for that snapshot,
 * and another region, cached and unconcerned. Each thread runs one function once. What the functions do with the data is in region-lifecycle.ts.
 */
import { type DraftState, ensure, enumOf, int, map, model, option, pick, type ReadState, record, set, spec, when } from 'tsmc'

// The assertion of `set_state`.
const NOT_PENDING_EVICT = 'set_state: assert!(self.validate_update_region_state(new_state))'

/** What a thread runs. The child is the evicted one; the other region is split, evicted, collected and read. */
type Function =
  | 'dropChild'
  | 'dropOther'
  | 'dropHistorical'
  | 'dropOtherHistorical'
  | 'split'
  | 'evict'
  | 'gc'
  | 'pin'
  // Beside the five: two that meet at the RocksDB mutex (B21).
  | 'writeCallback'
  | 'startLoad'

/** The code at commit 8e964719db. */
const constants = {
  threads: ['dropOther', 'dropHistorical'] as readonly Function[],
  /**
   * A writer that waits keeps new readers out. The lock of parking_lot is fair, so that it does; with false it is one that prefers readers, and a
   * result that holds with both does not depend on it.
   */
  writersFirst: true,
  /** Until #17331, as far as the shape is known: the RocksDB snapshot of a load is taken while `regions_map` is held. */
  snapshotUnderLock: false,

  // ---- repairs imagined ----
  /** One order of the two mutexes: the fast path and the eviction lock history first, then the list. */
  historyFirst: false,
  /** The slow path lets go of history before it takes the map exclusively. */
  releaseBeforeUpgrade: false,
  /** The slow path takes the map exclusively from the start. */
  exclusiveFromStart: false,
  /** Garbage collection reads history under the map: the repair of N2, which must not come alone. */
  gcHistoryUnderMap: false,
}

/** H4: a snapshot of the evicted region, and the last one of the historical region. */
const H4 = { threads: ['dropChild', 'dropHistorical'] } as const
/** Every function that takes one of the three kinds of lock. */
const EVERYTHING = { threads: ['dropChild', 'dropOther', 'dropHistorical', 'dropOtherHistorical', 'split', 'evict', 'gc', 'pin'] } as const

export default spec('lock-order', constants, (c) => {
  const names = c.threads.map((name, i) => `${name}${i + 1}`)
  const Thread = enumOf(...names)
  const Mutex = enumOf('history', 'listOfChild', 'listOfOther', 'listOfHistorical', 'listOfOtherHistorical', 'rocksdb')
  type Mutex = 'history' | 'listOfChild' | 'listOfOther' | 'listOfHistorical' | 'listOfOtherHistorical' | 'rocksdb'
  const count = (name: Function) => c.threads.filter((other) => other === name).length

  const m = model({
    /** `regions_map` */
    map: record({ readers: set(Thread), writer: option(Thread), waiting: set(Thread) }),
    mutex: map(Mutex, option(Thread)),
    /** Snapshots of the evicted child, and of the historical region that it came from: one for each thread that drops one. */
    snapshots: record({ child: int(0, count('dropChild')), historical: int(0, count('dropHistorical')) }),
    /** The child's `RegionState`. */
    child: enumOf('PendingEvict', 'Evicting'),
  })
  type State = DraftState<typeof m>

  m.init((s) => {
    s.snapshots.child = count('dropChild')
    s.snapshots.historical = count('dropHistorical')
  })

  /** `region_ready_to_evict`, of the child. */
  const ready = (s: ReadState<typeof m>) => s.snapshots.child === 0 && s.snapshots.historical === 0
  function setEvicting(s: State) {
    ensure(s.child === 'PendingEvict', NOT_PENDING_EVICT)
    s.child = 'Evicting'
  }

  function shared(s: State, thread: string) {
    when(s.map.writer === null && (!c.writersFirst || s.map.waiting.size === 0))
    s.map.readers.add(thread)
  }
  /** A thread that wants the map exclusively waits, which others can see, … */
  function wantExclusive(s: State, thread: string) {
    s.map.waiting.add(thread)
  }
  /** … and gets it when nobody holds it. */
  function exclusive(s: State, thread: string) {
    when(s.map.writer === null && s.map.readers.size === 0)
    s.map.waiting.delete(thread)
    s.map.writer = thread
  }
  function lock(s: State, thread: string, mutex: Mutex) {
    when(s.mutex[mutex] === null)
    s.mutex[mutex] = thread
  }
  function unlock(s: State, ...mutexes: Mutex[]) {
    for (const mutex of mutexes) s.mutex[mutex] = null
  }
  /** The end of a function: all that the thread holds. */
  function unlockAll(s: State, thread: string) {
    s.map.readers.delete(thread)
    if (s.map.writer === thread) s.map.writer = null
    for (const mutex of Mutex) if (s.mutex[mutex] === thread) s.mutex[mutex] = null
  }

  // The steps of a thread, each with the label of the next.
  const then =
    <Label extends string>(act: (s: State, thread: string) => void, next: Label) =>
    (s: State, thread: string): Label => {
      act(s, thread)
      return next
    }
  const sharesMap = <Label extends string>(next: Label) => then(shared, next)
  const wantsMap = <Label extends string>(next: Label) => then(wantExclusive, next)
  const takesMap = <Label extends string>(next: Label) => then(exclusive, next)
  const takes = <Label extends string>(mutex: Mutex, next: Label) => then((s, thread) => lock(s, thread, mutex), next)
  const letsGo = <Label extends string>(next: Label) => then(unlockAll, next)

  interface Running {
    readonly process: { at(s: object, self: string): string }
    readonly selves: readonly string[]
  }
  const running: Running[] = []
  /** The threads that run a function; none: the function is not in the model. */
  function run(name: Function, define: (threads: ReturnType<typeof enumOf<string[]>>) => Running['process']) {
    const selves = names.filter((_, i) => c.threads[i] === name)
    if (selves.length > 0) running.push({ process: define(enumOf(...selves)), selves })
  }

  // ---- `remove_region_snapshot`, the fast path: the region has not changed since the snapshot was taken ----

  /** The two mutexes of the fast path, and of an eviction: the list of the region, and history. */
  const inOrder = (list: Mutex): readonly [Mutex, Mutex] => (c.historyFirst ? ['history', list] : [list, 'history'])

  const [ofOther, ofOtherToo] = inOrder('listOfOther')
  run('dropOther', (threads) =>
    m.process('dropOther', threads, {
      shared: sharesMap('first'),
      first: takes(ofOther, 'second'),
      /** `region_ready_to_evict`: history is locked for every snapshot that is dropped, whether or not the region is evicted. */
      second: takes(ofOtherToo, 'notReady'),
      notReady: letsGo('Done'),
    }),
  )

  const [ofChild, ofChildToo] = inOrder('listOfChild')
  run('dropChild', (threads) =>
    m.process('dropChild', threads, {
      shared: sharesMap('first'),
      first: takes(ofChild, 'second'),
      second: takes(ofChildToo, 'ready'),
      /** The usual end; or it was the last snapshot that held the eviction back. */
      ready: (s, thread) => {
        s.snapshots.child--
        unlockAll(s, thread)
        return ready(s) ? 'wantExclusive' : 'Done'
      },
      wantExclusive: wantsMap('exclusive'),
      exclusive: takesMap('setEvicting'),
      setEvicting: (s, thread) => {
        setEvicting(s)
        unlockAll(s, thread)
        return 'Done'
      },
    }),
  )

  // ---- `remove_region_snapshot`, the slow path: the region was split since ----

  run('dropHistorical', (threads) =>
    m.process('dropHistorical', threads, {
      map: (s, thread) => {
        if (c.exclusiveFromStart) wantExclusive(s, thread)
        else shared(s, thread)
        return c.exclusiveFromStart ? 'exclusive' : 'history'
      },
      history: takes('history', 'listOfHistorical'),
      listOfHistorical: takes('listOfHistorical', 'last'),
      /** Others read the historical region still, the usual end; or this was the last snapshot of it, and it is gone. */
      last: (s, thread) => {
        s.snapshots.historical--
        if (s.snapshots.historical > 0) unlockAll(s, thread)
        else unlock(s, 'listOfHistorical')
        return s.snapshots.historical > 0 ? 'Done' : 'listOfChild'
      },
      listOfChild: takes('listOfChild', 'ready'),
      /** The child has snapshots of its own; or it may be deleted now. */
      ready: (s, thread) => {
        if (!ready(s)) {
          unlockAll(s, thread)
          return 'Done'
        }
        unlock(s, 'listOfChild')
        if (c.exclusiveFromStart) return 'setEvicting'
        if (c.releaseBeforeUpgrade) unlock(s, 'history')
        s.map.readers.delete(thread)
        wantExclusive(s, thread)
        return 'exclusive'
      },
      /** The upgrade. Today `historical_regions` is still locked. */
      exclusive: (s, thread) => {
        exclusive(s, thread)
        return c.exclusiveFromStart ? 'history' : 'setEvicting'
      },
      setEvicting: (s, thread) => {
        setEvicting(s)
        unlockAll(s, thread)
        return 'Done'
      },
    }),
  )
  /** Another historical region, below which nothing is evicted. */
  run('dropOtherHistorical', (threads) =>
    m.process('dropOtherHistorical', threads, {
      shared: sharesMap('history'),
      history: takes('history', 'listOfHistorical'),
      listOfHistorical: takes('listOfOtherHistorical', 'last'),
      last: letsGo('Done'),
    }),
  )

  // ---- the functions that hold the map exclusively ----

  run('split', (threads) =>
    m.process('split', threads, {
      wantExclusive: wantsMap('exclusive'),
      exclusive: takesMap('listOfOther'),
      listOfOther: takes('listOfOther', 'unlockList'),
      /** No snapshot on the source, and the split is done; or the source goes to the historical regions. */
      unlockList: (s, thread) => {
        const pinned = pick([true, false])
        if (pinned) unlock(s, 'listOfOther')
        else unlockAll(s, thread)
        return pinned ? 'history' : 'Done'
      },
      history: takes('history', 'insert'),
      insert: letsGo('Done'),
    }),
  )

  run('evict', (threads) =>
    m.process('evict', threads, {
      wantExclusive: wantsMap('exclusive'),
      exclusive: takesMap('first'),
      first: takes(ofOther, 'second'),
      second: takes(ofOtherToo, 'setState'),
      setState: letsGo('Done'),
    }),
  )

  if (!c.gcHistoryUnderMap)
    run('gc', (threads) =>
      m.process('gc', threads, {
        /** `get_history_regions_min_ts`: called without the map (N2 in region-lifecycle.ts is about that). */
        history: takes('history', 'listOfHistorical'),
        listOfHistorical: takes('listOfHistorical', 'unlockHistory'),
        unlockHistory: letsGo('wantExclusive'),
        wantExclusive: wantsMap('exclusive'),
        exclusive: takesMap('listOfOther'),
        listOfOther: takes('listOfOther', 'setSafePoint'),
        setSafePoint: letsGo('Done'),
      }),
    )
  else
    run('gc', (threads) =>
      m.process('gc', threads, {
        wantExclusive: wantsMap('exclusive'),
        exclusive: takesMap('history'),
        history: takes('history', 'listOfHistorical'),
        listOfHistorical: takes('listOfHistorical', 'unlockHistory'),
        unlockHistory: (s) => {
          unlock(s, 'listOfHistorical', 'history')
          return 'listOfOther'
        },
        listOfOther: takes('listOfOther', 'setSafePoint'),
        setSafePoint: letsGo('Done'),
      }),
    )

  // ---- a reader ----

  run('pin', (threads) =>
    m.process('pin', threads, {
      shared: sharesMap('listOfOther'),
      listOfOther: takes('listOfOther', 'newSnapshot'),
      newSnapshot: letsGo('Done'),
    }),
  )

  // ---- B21: the RocksDB mutex ----

  /** RocksDB calls back in the middle of a write (`write_impl`, `clear_regions_in_being_written`). What it holds then is one lock here. */
  run('writeCallback', (threads) =>
    m.process('writeCallback', threads, {
      rocksdb: takes('rocksdb', 'shared'),
      shared: sharesMap('written'),
      written: letsGo('Done'),
    }),
  )
  /** `prepare_for_apply`, the slow path: marks the region and asks RocksDB for a snapshot. */
  run('startLoad', (threads) =>
    m.process('startLoad', threads, {
      wantExclusive: wantsMap('exclusive'),
      exclusive: takesMap('setLoading'),
      setLoading: (s, thread) => {
        if (!c.snapshotUnderLock) unlockAll(s, thread)
        return 'rocksdb'
      },
      rocksdb: takes('rocksdb', 'snapshot'),
      snapshot: letsGo('Done'),
    }),
  )

  /** Where the last snapshot that held the eviction back is dropped, the region may be deleted. */
  if (count('dropChild') + count('dropHistorical') > 0)
    m.invariant(
      'EvictedAtTheEnd',
      (s) => !ready(s) || s.child === 'Evicting' || running.some((it) => it.selves.some((t) => it.process.at(s, t) !== 'Done')),
    )

  /** The map excludes: a writer is alone. */
  m.invariant('Exclusive', (s) => s.map.writer === null || s.map.readers.size === 0)

  return m
})
  // ---- N1, today's code: whoever drops the last snapshot of a historical region against whoever needs history under the map ----
  /** Another snapshot of another region. */
  .instance('upgrade', {}, { deadlocks: true, steps: 8, states: 32 })
  /** The same with a lock that prefers readers: it does not depend on the kind of lock. */
  .instance('upgrade-readers-first', { writersFirst: false }, { deadlocks: true, steps: 8, states: 32 })
  .instance('upgrade-against-split', { threads: ['split', 'dropHistorical'] }, { deadlocks: true, steps: 10, states: 35 })
  .instance(
    'upgrade-against-split-readers-first',
    { threads: ['split', 'dropHistorical'], writersFirst: false },
    { deadlocks: true, steps: 10, states: 35 },
  )
  .instance('upgrade-against-eviction', { threads: ['evict', 'dropHistorical'] }, { deadlocks: true, steps: 9, states: 30 })
  .instance(
    'upgrade-against-eviction-readers-first',
    { threads: ['evict', 'dropHistorical'], writersFirst: false },
    { deadlocks: true, steps: 9, states: 30 },
  )
  /** Two slow paths: a snapshot of another historical region. */
  .instance('upgrade-against-slow-path', { threads: ['dropOtherHistorical', 'dropHistorical'] }, { deadlocks: true, steps: 7, states: 25 })
  .instance(
    'upgrade-against-slow-path-readers-first',
    { threads: ['dropOtherHistorical', 'dropHistorical'], writersFirst: false },
    { deadlocks: true, steps: 7, states: 25 },
  )
  /** Four threads, the RocksDB mutex beside: a load and a write callback, which holds RocksDB's locks, wait for the map as well. */
  .instance(
    'upgrade-beside-rocksdb',
    { threads: ['dropOther', 'dropHistorical', 'writeCallback', 'startLoad'] },
    { deadlocks: true, steps: 10, states: 472 },
  )
  /** Garbage collection lets go of history before it wants the map, and a reader that comes wants no history: neither closes the circle. */
  .instance('upgrade-against-gc', { threads: ['gc', 'gc', 'dropHistorical'] }, { states: 256 })
  .instance('upgrade-against-readers', { threads: ['pin', 'pin', 'dropHistorical'] }, { states: 124 })

  // ---- H4, today's code: the two paths take the two mutexes in two orders ----
  /** One thread drops a snapshot of the evicted region, another the last one of the historical region. */
  .instance('lock-order', H4, { deadlocks: true, steps: 6, states: 25 })
  .instance('lock-order-readers-first', { ...H4, writersFirst: false }, { deadlocks: true, steps: 6, states: 25 })
  /** Sanity: on one path alone nobody waits for ever. */
  .instance('fast-path-alone', { threads: ['dropChild', 'dropChild', 'dropOther'] }, { states: 123 })
  .instance('slow-path-alone', { threads: ['dropHistorical', 'dropHistorical', 'dropHistorical'] }, { states: 93 })

  // ---- Repairs, one at a time ----
  /** One order of the two mutexes removes the circle of these two threads, … */
  .instance('one-order', { ...H4, historyFirst: true }, { states: 32 })
  .instance(
    'one-order-more-threads',
    { threads: ['dropChild', 'dropChild', 'dropHistorical', 'dropHistorical'], historyFirst: true },
    { states: 343 },
  )
  /** … and leaves N1 as it is. Alone it is no repair, although an earlier version of this spec, which did not know the upgrade, took it for one. */
  .instance('one-order-upgrade', { historyFirst: true }, { deadlocks: true, steps: 7, states: 25 })
  /** To let go of history before the upgrade removes N1, and leaves H4. */
  .instance('release-before-upgrade', { releaseBeforeUpgrade: true }, { states: 38 })
  .instance('release-before-upgrade-against-split', { threads: ['split', 'dropHistorical'], releaseBeforeUpgrade: true }, { states: 39 })
  .instance('release-before-upgrade-lock-order', { ...H4, releaseBeforeUpgrade: true }, { deadlocks: true, steps: 6, states: 25 })

  // ---- Repairs that hold: every function at once ----
  .instance('release-and-one-order', { ...EVERYTHING, releaseBeforeUpgrade: true, historyFirst: true }, { states: 74016 })
  .instance(
    'release-and-one-order-readers-first',
    { ...EVERYTHING, releaseBeforeUpgrade: true, historyFirst: true, writersFirst: false },
    { states: 74016 },
  )
  /** Alone enough: whoever takes history before a list excludes those who take the list first. */
  .instance('exclusive-from-start', { ...EVERYTHING, exclusiveFromStart: true }, { states: 70872 })
  .instance('exclusive-from-start-readers-first', { ...EVERYTHING, exclusiveFromStart: true, writersFirst: false }, { states: 70872 })

  .instance(
    'exclusive-from-start-beside-rocksdb',
    { threads: ['dropOther', 'dropHistorical', 'writeCallback', 'startLoad'], exclusiveFromStart: true },
    { states: 456 },
  )

  // ---- The repair of N2 takes history under the map, and so is one more that meets the upgrade: N1 goes first ----
  .instance('gc-under-map', { threads: ['gc', 'dropHistorical'], gcHistoryUnderMap: true }, { deadlocks: true, steps: 8, states: 27 })
  .instance('gc-under-map-released', { ...EVERYTHING, releaseBeforeUpgrade: true, historyFirst: true, gcHistoryUnderMap: true }, { states: 50220 })
  .instance('gc-under-map-exclusive', { ...EVERYTHING, exclusiveFromStart: true, gcHistoryUnderMap: true }, { states: 44901 })

  // ---- B21: issues #17100 and #17260, as far as their shape is known ----
  .instance('issue-17260', { threads: ['startLoad', 'writeCallback'], snapshotUnderLock: true }, { deadlocks: true, steps: 4, states: 15 })
  /** Today the load lets go of the map first. */
  .instance('issue-17260-repaired', { threads: ['startLoad', 'startLoad', 'writeCallback', 'writeCallback'] }, { states: 296 })
