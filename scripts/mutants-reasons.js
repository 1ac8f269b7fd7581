/**
 * Why a mutant survives that is no equivalent of the model, by spec, and by `action: mutant`. Checked by hand, against the model and the code of TiKV that
 * it is a model of; scripts/mutants.js prints the ones that lack a reason.
 */
const NOTHING = 'equivalent: the step it adds changes nothing'
const WORLD = 'a choice of the world, not of the code: instances that need the other value say so themselves'

export const REASONS = {
  'gc-flag.ts': {
    'Load: when(!s.active)': NOTHING,
    'EvictAll: when(s.active)': NOTHING,
  },
  'label-watch.ts': {
    'Compact: when(s.compacted < s.last)':
      'it adds a compaction that compacts nothing: only the answer to the next watch may be another, which the model allows at any time before',
    "Retry: when(s.watch === 'failed')":
      'a watch that begins again while it runs is an interruption and a retry; one that begins again before the labels are read learns the same once more',
  },
  'late-pin.ts': {
    "Evict: when(s.phase === 'Active')":
      'it adds the end of a load that is called off, as LoadingCanceled is in the code: the region is absent again, and no reader has it',
    "TakeDiskSnapshot: when(s.reader[reader].at === 'idle')": 'equivalent to Drop and TakeDiskSnapshot, one after the other',
    "Drop: when(s.reader[reader].at !== 'idle')": NOTHING,
  },
  'lock-order.ts': {
    'writersFirst: false': 'a lock that prefers readers: no result here depends on it, which the instances `…-readers-first` say by themselves',
    'shared: when(!c.writersFirst || s.map.waiting.size === 0)': 'the same: a lock that prefers readers',
  },
  'lost-completion.ts': {
    'loads: false': `${WORLD}. Without loads less can happen, and what is violated needs none`,
    "EvictByOther: when(phase === 'Active' || phase === 'Pending' || phase === 'Loading')": NOTHING,
  },
  'pending-load.ts': {
    "Tick: when(s.phase === 'Pending')":
      'a message for a region that is not Pending does nothing when it is handled, in the model as in `prepare_for_apply`',
    'Tick: when(!s.message)': NOTHING,
  },
  'save-points.ts': {
    'Put: when(s.savePoints.length > 0)':
      'it adds puts outside a command, of which the code has none (apply.rs:1539). To panic an eviction needs a save point, so they neither add to B16 nor hide it',
    'PopSavePoint: when(s.savePoints.length > 0)': NOTHING,
  },
  'uninitialized-peer.ts': {
    "DestroyPeer: when(s.peer !== 'none')":
      'a peer that is not there has no region either: it is destroyed as an uninitialized one is, which the instances have',
    "PreLoad: when(s.peer === 'uninitialized' || s.peer === 'follower')": 'it adds the load of a leader, which AutoLoad does',
  },
}
