/**
 * A region that nobody writes: issue #17561.
 *
 * A region that is wanted is Pending until its apply thread prepares it; that thread does so when it has a write of the region. A region that is only read is
 * wanted all the more, and is never loaded. #17573 sends a message to the apply threads of Pending regions, in a tick of 5 s.
 *
 * | action     | thread                  | function, at commit 8e964719db                                                                       | lock of `regions_map` |
 * | ---------- | ----------------------- | ---------------------------------------------------------------------------------------------------- | --------------------- |
 * | Load       | raftstore, ime-evict, … | in_memory_engine/src/region_manager.rs:330 `load_region`                                             | exclusive             |
 * | Evict      | any, then ime-delete    | region_manager.rs:861 `evict_region`, :964 `on_delete_regions`, as one step                          | exclusive             |
 * | Tick       | ime-bg                  | in_memory_engine/src/background.rs:1306 `BackgroundTask::CheckLoadPendingRegions`                    | shared                |
 * | Write      | apply                   | in_memory_engine/src/write_batch.rs:128 `prepare_for_region`; engine.rs:213 `prepare_for_apply`      | exclusive             |
 * | LoadMsg    | apply                   | raftstore/src/store/fsm/apply.rs:4617 `Msg::InMemoryEngineLoadRegion`; engine.rs:213                 | exclusive             |
 * | LoadFinish | ime-load                | in_memory_engine/src/background.rs:595 `on_snapshot_load_finished`                                   | exclusive             |
 */
import { bool, enumOf, model, spec, when } from 'tsmc'

/** The code at commit 8e964719db. */
const constants = {
  /** Pending regions are sent `Msg::InMemoryEngineLoadRegion` (#17573). */
  loadMessage: true,
}

export default spec('pending-load', constants, (c) => {
  const m = model({
    phase: enumOf('absent', 'Pending', 'Loading', 'Active'),
    /** The message is in the mailbox of the apply FSM. */
    message: bool,
  })

  // ---- the raftstore and the background: anybody asks for the region, or gives it up ----

  m.action('Load', (s) => {
    when(s.phase === 'absent')
    s.phase = 'Pending'
  })
  m.action('Evict', (s) => {
    when(s.phase === 'Active')
    s.phase = 'absent'
  })
  if (c.loadMessage) {
    m.action('Tick', (s) => {
      when(s.phase === 'Pending' && !s.message)
      s.message = true
    })
    m.fair('Tick', 'weak')
  }

  // ---- the apply thread: `prepare_for_apply` ----

  /** A write, of which there need be none. */
  m.action('Write', (s) => {
    when(s.phase === 'Pending')
    s.phase = 'Loading'
  })
  m.action('LoadMsg', (s) => {
    when(s.message)
    s.message = false
    if (s.phase === 'Pending') s.phase = 'Loading'
  })
  m.fair('LoadMsg', 'weak')

  // ---- the load worker ----

  m.action('LoadFinish', (s) => {
    when(s.phase === 'Loading')
    s.phase = 'Active'
  })
  m.fair('LoadFinish', 'weak')

  /** The moves of `set_state`, as far as they are here. */
  const MOVES = { absent: ['Pending'], Pending: ['Loading'], Loading: ['Active'], Active: ['absent'] }
  m.step('LegalMoves', (before, after) => before.phase === after.phase || MOVES[before.phase].includes(after.phase))

  /** What is wanted is loaded at some time. */
  m.property('WantedIsLoaded', ({ leadsTo }) =>
    leadsTo(
      (s) => s.phase === 'Pending',
      (s) => s.phase === 'Active',
    ),
  )

  return m
})
  .instance('today', {}, { states: 8 })
  // ---- B26: issue #17561, repaired by #17573 ----
  .instance('issue-17561', { loadMessage: false }, { violates: 'WantedIsLoaded', steps: 1, states: 4 })
