/**
 * The flag that allows one round of garbage collection at a time, and the panic of issue #17788.
 *
 * A ticker asks for a round every few minutes. The round takes `is_gc_task_running`, lists the Active regions, and hands them to
 * the GC thread, which releases the flag at its end. To take and to release are the same compare-and-swap
 * (`RegionManager::try_set_regions_in_gc`); releasing asserts that it succeeds. Files are below components/in_memory_engine/src.
 *
 * | action    | thread           | function, at commit 8e964719db                                                              | lock of `regions_map` |
 * | --------- | ---------------- | ------------------------------------------------------------------------------------------- | --------------------- |
 * | Tick      | ime-bg           | background.rs:1085 `BackgroundTask::Gc`; region_manager.rs:998 `try_set_regions_in_gc`      | none for the flag, an atomic; shared to list (`regions_for_gc`:476) |
 * | RoundEnds | ime-gc           | background.rs:589 `on_gc_finished`, at the end of the future that `Gc` has spawned          | none                  |
 * | Load      | ime-load         | background.rs:595 `on_snapshot_load_finished`: here only that a region becomes Active       | exclusive             |
 * | EvictAll  | any              | region_manager.rs:861 `evict_region`: here only that no region is Active any more           | exclusive             |
 */
import { bool, type DraftState, ensure, int, model, spec, when } from 'tsmc'

const RELEASED_TWICE = 'assertion failed: success'

/** The code at commit 8e964719db. */
const constants = {
  /** Rounds that may be queued or running at once in the model. */
  rounds: 2,
  /** The flag is taken before the regions are listed, and a tick that does not get it ends there (#17789); true is today's code. */
  gcFlagOutside: true,
}

export default spec('gc-flag', constants, (c) => {
  const m = model({
    /** `is_gc_task_running` */
    flag: bool,
    /** Rounds handed to the GC thread and not finished. */
    rounds: int(0, c.rounds),
    /** Whether any region is Active, and so to be listed. */
    active: bool,
  })
  m.init((s) => {
    s.active = true
  })
  type State = DraftState<typeof m>

  /** `on_gc_finished`, called at the end of a round and where there is nothing to collect. */
  function onGcFinished(s: State) {
    ensure(s.flag, RELEASED_TWICE)
    s.flag = false
  }

  // ---- ime-bg: BackgroundTask::Gc, sent by the ticker ----

  m.action('Tick', (s) => {
    if (c.gcFlagOutside) {
      when(!s.flag)
      s.flag = true
      if (s.active) startRound(s)
      else onGcFinished(s)
    } else {
      // The list is made inside the function that takes the flag: "busy" and "nothing to do" are the same empty list to the caller.
      const listed = !s.flag && s.active
      s.flag = true
      if (listed) startRound(s)
      else onGcFinished(s)
    }
  })

  function startRound(s: State) {
    when(s.rounds < c.rounds)
    s.rounds++
  }

  // ---- ime-gc: one thread, the rounds one after the other ----

  m.action('RoundEnds', (s) => {
    when(s.rounds > 0)
    s.rounds--
    onGcFinished(s)
  })

  // ---- the rest of the engine ----

  m.action('Load', (s) => {
    when(!s.active)
    s.active = true
  })
  m.action('EvictAll', (s) => {
    when(s.active)
    s.active = false
  })

  /** The point of the flag. */
  m.invariant('OneRound', (s) => s.rounds <= 1)
  /** While a round is under way the flag is taken, and only then. */
  m.invariant('FlagMeansRound', (s) => s.flag === s.rounds > 0)

  return m
})
  .instance('today', {}, { states: 4 })

  // ---- B15: issue #17788, repaired by #17789 ----
  /** Tick, tick, end of the round. */
  .instance('issue-17788', { gcFlagOutside: false }, { violates: RELEASED_TWICE, only: [RELEASED_TWICE], steps: 3, states: 7 })
  /** The second tick has taken the flag away from the first. */
  .instance('issue-17788-cause', { gcFlagOutside: false }, { violates: 'FlagMeansRound', only: ['FlagMeansRound'], steps: 2, states: 5 })
  /** A third tick begins a second round beside the first. */
  .instance('issue-17788-two-rounds', { gcFlagOutside: false }, { violates: 'OneRound', only: ['OneRound'], steps: 3, states: 7 })
