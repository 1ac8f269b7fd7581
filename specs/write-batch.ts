/**
 * The write batch, and the panic of issue #17700: the instances. The model is in models/write-batch.ts; what the switches mean stands there, and in a
 * table in README.md.
 */
import { spec } from 'tsmc'
import { CLEARED_TWICE, LEFT_OVER, PREPARED_BEFORE, SET_TWICE, codeAt8e964719db, writeBatch } from './models/write-batch.ts'

export { codeAt8e964719db, writeBatch } from './models/write-batch.ts'

export default spec('write-batch', codeAt8e964719db, writeBatch)
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

  // ---- H1 without a lost Pending entry: resumed entries come before the mailbox is drained ----
  .instance(
    'load-message-yield',
    { loadMessage: true, yields: true, evicts: false, threads: 1, regions: 1 },
    { violates: 'Agree', steps: 13, states: 661 },
  )
  .instance('load-message-yield-repaired', { loadMessage: true, yields: true, loadMessageFlushes: true, threads: 1, regions: 1 }, { states: 1740 })
  /** Sanity: without the load message to yield is harmless. */
  .instance('today-yield', { yields: true, puts: 2 }, { states: 77676 })
  /** Today's code with the load message, two threads, two regions, three writes: everything but `Agree` holds. */
  .instance(
    'today-load-message',
    { loadMessage: true },
    {
      only: [
        PREPARED_BEFORE,
        SET_TWICE,
        CLEARED_TWICE,
        'PreparedImpliesCurrent',
        'CleanIdle',
        'FlagOwned',
        'NothingLost',
        'NoResidue',
        'EvictedIsForgotten',
        'deadlock',
      ],
      states: 2080992,
    },
  )

  // ---- The order of two writes: as in the code, and the other way round ----
  /** `write_impl` inserts, then clears the flags: the delete worker may come between. */
  .instance('write-impl-in-steps', { writeImpl: 'insert, clear flags', puts: 2 }, { states: 48544 })
  .instance('write-impl-flags-first', { writeImpl: 'clear flags, insert', threads: 1, regions: 1 }, { violates: 'NoResidue', steps: 8, states: 242 })
  .instance('deletion-in-steps', { deletion: 'wipe, forget', regions: 1 }, { states: 721 })
  .instance('deletion-forgets-first', { deletion: 'forget, wipe', threads: 1, regions: 1 }, { violates: 'NoResidue', steps: 7, states: 187 })
  .instance('loading-in-steps', { loading: 'insert, activate', regions: 1 }, { states: 839 })
  .instance('loading-activates-first', { loading: 'activate, insert', threads: 1, regions: 1 }, { violates: 'Agree', steps: 5, states: 62 })

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
