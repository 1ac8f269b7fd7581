/**
 * A completion that never comes: hole H3, a reading of today's code, not reported.
 *
 * Two jobs of the background evict regions and wait until they are gone: `top_regions_load_evict` and
 * `evict_on_evict_threshold_reached`. For each region they hand a completion callback to `do_evict_region` and then await one message
 * per region. The callback is kept with an Active region and called when the region is deleted. In all other cases (the region is not
 * cached, Pending, Loading, or evicted already) it is dropped in silence. The job itself keeps a sender of the channel, so it does
 * not even learn that nobody is left to send: it waits for ever, and neither loads nor evicts again.
 *
 * | action                  | thread                    | function, at commit 8e964719db (components/in_memory_engine/src)                                 | lock of `regions_map` |
 * | ----------------------- | ------------------------- | ------------------------------------------------------------------------------------------------ | --------------------- |
 * | Collect                 | ime-evict                 | background.rs:706 `top_regions_load_evict`; region_stats.rs:324 `evict_on_evict_threshold_reached` | shared, before      |
 * | EvictCandidate          | ime-evict                 | the loops of both; region_manager.rs:861 `evict_region`, :905 `do_evict_region`                  | exclusive             |
 * | Finish                  | ime-evict                 | the loops over `rx.recv().await` of both: `tx` lives on beside them                              | none                  |
 * | Load                    | raftstore, ime-evict, …   | region_manager.rs:330 `load_region`                                                              | exclusive             |
 * | LoadStart               | apply                     | engine.rs:213 `prepare_for_apply`                                                                | exclusive             |
 * | LoadFinish              | ime-load                  | background.rs:595 `on_snapshot_load_finished`                                                    | exclusive             |
 * | EvictByOther            | apply, raftstore, …       | region_manager.rs:861 `evict_region`, without a completion                                       | exclusive             |
 * | Delete                  | ime-delete                | region_manager.rs:964 `on_delete_regions`: the completions run when the map is let go            | exclusive             |
 *
 * That a job ends is stated twice: as what it is, a leads-to property, and as the safety property behind it, that whoever waits for a message
 * has somebody who will send it.
 */
import { type DraftState, enumOf, ids, type Infer, int, map, model, option, type ReadState, record, set, spec, when } from 'tsmc'

/** The code at commit 8e964719db. */
const constants = {
  regions: 2,
  /** Other threads evict, too: lost leadership, splits and merges, a snapshot applied. */
  othersEvict: true,
  /** Regions are loaded, again and again. Without it they are Active to begin with, and what is evicted stays away. */
  loads: true,
  /** There is a second job. */
  memoryCheck: true,
  /** The waiting job keeps a sender itself. Without it the await ends when the last callback is gone. Today's code does. */
  keepsSender: true,
}

export default spec('lost-completion', constants, (c) => {
  const Job = c.memoryCheck ? enumOf('loadEvict', 'memoryCheck') : enumOf('loadEvict')
  const Region = ids('r', c.regions)

  const m = model({
    job: map(
      Job,
      record({
        at: enumOf('idle', 'evicting', 'waiting'),
        /** Regions to evict, chosen once at the begin. */
        candidates: set(Region),
        /** Messages still to be received. */
        awaited: int(0, c.regions),
      }),
    ),
    region: map(
      Region,
      record({
        phase: enumOf('absent', 'Pending', 'Loading', 'Active', 'LoadingCanceled', 'Evicting'),
        /** `EvictInfo::cb`: whom to tell when the region is deleted. */
        completion: option(Job),
      }),
    ),
  })

  // ---- the jobs: components/in_memory_engine/src/background.rs ----

  /** The job chooses among the Active regions, by their load. */
  m.action('Collect', { job: Job }, (s, { job }) => {
    when(s.job[job].at === 'idle')
    const candidates = Region.filter((region) => s.region[region].phase === 'Active')
    when(candidates.length > 0)
    s.job[job].candidates = new Set(candidates)
    s.job[job].at = 'evicting'
  })

  /** `evict_region` with a completion, for one candidate after the other. */
  m.action('EvictCandidate', { job: Job, region: Region }, (s, { job, region }) => {
    when(s.job[job].candidates.has(region))
    s.job[job].candidates.delete(region)
    s.job[job].awaited++
    if (s.job[job].candidates.size === 0) s.job[job].at = 'waiting'
    evict(s, region, job)
  })

  /** `do_evict_region`: only an Active region keeps the completion. */
  function evict(s: DraftState<typeof m>, region: Infer<typeof Region>, completion: Infer<typeof Job> | null) {
    const { phase } = s.region[region]
    if (phase === 'Active') {
      s.region[region].phase = 'Evicting'
      s.region[region].completion = completion
    } else if (phase === 'Pending') {
      s.region[region].phase = 'absent'
    } else if (phase === 'Loading') {
      s.region[region].phase = 'LoadingCanceled'
    }
  }

  /** `rx.recv()` gave as many messages as regions were evicted; or it ended, because nobody is left to send. */
  m.action('Finish', { job: Job }, (s, { job }) => {
    when(s.job[job].at === 'waiting')
    when(s.job[job].awaited === 0 || (!c.keepsSender && !Region.some((region) => s.region[region].completion === job)))
    s.job[job].awaited = 0
    s.job[job].at = 'idle'
  })

  // ---- the regions: region_manager.rs ----

  if (c.loads) {
    m.action('Load', { region: Region }, (s, { region }) => {
      when(s.region[region].phase === 'absent')
      s.region[region].phase = 'Pending'
    })
    m.action('LoadStart', { region: Region }, (s, { region }) => {
      when(s.region[region].phase === 'Pending')
      s.region[region].phase = 'Loading'
    })
    m.action('LoadFinish', { region: Region }, (s, { region }) => {
      const { phase } = s.region[region]
      when(phase === 'Loading' || phase === 'LoadingCanceled')
      s.region[region].phase = phase === 'Loading' ? 'Active' : 'Evicting'
    })
  } else {
    m.init((s) => {
      for (const region of Region) s.region[region].phase = 'Active'
    })
  }
  /** An eviction without a completion. */
  if (c.othersEvict) {
    m.action('EvictByOther', { region: Region }, (s, { region }) => {
      const { phase } = s.region[region]
      when(phase === 'Active' || phase === 'Pending' || phase === 'Loading')
      evict(s, region, null)
    })
  }
  /** `on_delete_regions` forgets the region and runs its completion. */
  m.action('Delete', { region: Region }, (s, { region }) => {
    when(s.region[region].phase === 'Evicting')
    s.region[region].phase = 'absent'
    const { completion } = s.region[region]
    if (completion === null) return
    s.job[completion].awaited--
    s.region[region].completion = null
  })

  // ---- what must hold ----

  /** How many messages are still to come for a job. */
  const outstanding = (s: ReadState<typeof m>, job: 'loadEvict' | 'memoryCheck') => Region.count((region) => s.region[region].completion === job)

  /** For every message that comes somebody waits. */
  m.invariant('MessagesAreAwaited', { job: Job }, (s, { job }) => outstanding(s, job) <= s.job[job].awaited)

  /** A job that waits for a number of messages gets as many: as long as it counts on that alone. */
  if (c.keepsSender) {
    m.invariant('NobodyWaitsInVain', { job: Job }, (s, { job }) => s.job[job].at !== 'waiting' || s.job[job].awaited === outstanding(s, job))
  }

  // Loads end, deletions are done, and a job that has all its messages goes on, each at some time.
  if (c.loads) m.fair('LoadFinish', 'weak')
  m.fair('Delete', 'weak')
  m.fair('Finish', 'weak')
  /** A job that waits goes on at some time. */
  m.property('WaitingEnds', { job: Job }, ({ leadsTo }, { job }) =>
    leadsTo(
      (s) => s.job[job].at === 'waiting',
      (s) => s.job[job].at === 'idle',
    ),
  )

  /** Where nothing is loaded, all comes to an end at some time: no job may be left in the middle then. */
  m.terminal((s) => Job.every((job) => s.job[job].at === 'idle'))

  return m
})
  // ---- H3 ----
  /** Somebody else evicts a region after it was chosen. */
  .instance('lost-completion', { memoryCheck: false }, { violates: 'NobodyWaitsInVain', steps: 6, states: 50 })
  /** The two jobs do it to each other: both choose the same region. */
  .instance('lost-completion-two-jobs', { othersEvict: false }, { violates: 'NobodyWaitsInVain', steps: 7, states: 74 })
  /** Where it ends: the regions are gone, and each job waits for the one that the other has taken. */
  .instance('lost-completion-for-ever', { othersEvict: false, loads: false }, { deadlocks: true, only: ['deadlock'], steps: 8, states: 168 })
  /** Sanity: one job, undisturbed, is always told. */
  .instance('undisturbed', { memoryCheck: false, othersEvict: false }, { states: 52 })
  .instance('undisturbed-to-the-end', { memoryCheck: false, othersEvict: false, loads: false }, { states: 11 })
  /** A repair: the job gives its own sender away before it waits. */
  .instance('repaired', { keepsSender: false }, { states: 3600 })
  .instance('repaired-to-the-end', { keepsSender: false, loads: false }, { states: 610 })
  /** The same as liveness properties: a job waits for ever, whatever else goes on. */
  .instance('lost-completion-liveness', { memoryCheck: false }, { violates: 'WaitingEnds', only: ['WaitingEnds'], steps: 7, states: 361 })
  .instance('lost-completion-two-jobs-liveness', { othersEvict: false }, { violates: 'WaitingEnds', only: ['WaitingEnds'], steps: 9, states: 1413 })
