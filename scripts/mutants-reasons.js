/**
 * Why a mutant survives that is no equivalent of the model, by spec, and by `action: mutant`. Checked by hand, against the model and the code of TiKV that
 * it is a model of; scripts/mutants.js prints the ones that lack a reason. `action: *` stands for a survivor with the same states where these say nothing.
 */
const NOTHING = 'equivalent: the step it adds changes nothing'
const WORLD = 'a choice of the world, not of the code: instances that need the other value say so themselves'

const LARGE = 'not shown: the action is in larger instances than what was tried, and in violated ones, which stay so'

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
  'write-batch.ts': {
    'yields: true': 'the code as it is, in finer steps: every verdict is the same, as `today-yield` says by itself',
    'Fetch: when(s.thread[thread].handling === null)':
      'Done and Fetch, one after the other; where the FSM still resumes its entries, the rest waits for its next round, as after a second yield (apply.rs:4797)',
    'Resume: when(s.region[region].yielded)': 'it adds an entry before the mailbox is drained though none has waited; Apply adds the same after',
    'Drain: when(s.thread[thread].handling === region)':
      'it drains the mailbox of an FSM that is not in hand: its message is handled when it is, and the FSM in hand goes on without its own messages and entries, which wait',
    'Drain: when(s.thread[thread].resuming)':
      'it drains the mailbox once more in the same round: as if the message had been there when it was drained',
    'Drain: when(!s.region[region].yielded)': 'entries that wait may be overtaken by others: a put is a number, and no property is about their order',
    'Yield: when(s.thread[thread].handling === region)':
      'the FSM in hand is done, and one that has written before yields after all: as if it had yielded instead of being done',
    'Yield: when(s.thread[thread].batch.disk[region].size > 0)': 'it yields with nothing unflushed, which is the harmless half of the same',
    'Apply: when(!s.thread[thread].resuming)': 'entries before the mailbox is drained, as Resume has them',
    'Change: when(!s.thread[thread].resuming)': 'it commits before the mailbox is drained: nothing in the batch depends on the mailbox',
    "Change: when(s.thread[thread].flushing === 'none')": 'a flush that is half done begins again, and inserts the same once more',
    'Change: when(!isEmpty(s, thread))':
      'it commits nothing, and prepares the region: what is left of that the end of the round clears (#17703). Without that repair the instances are violated as they are',
    'LoadMsg: when(s.region[region].loadMessage === ready)': 'it handles a message that nobody has sent: as one that was sent and drained in time',
    'LoadMsg: when(!s.thread[thread].resuming)':
      'the message comes before the entries are resumed: the repair flushes first whenever it comes, and without the repair Agree fails as it is',
    "LoadMsg: when(s.thread[thread].flushing === 'none')": 'the load message is in no instance whose flush is in two steps',
    "CommitForLoadMsg: when(s.region[region].loadMessage === 'drained')":
      'it is a repair that fails, in one instance alone, which is violated with more steps as well',
    'CommitForLoadMsg: when(!s.thread[thread].resuming)':
      'it is a repair that fails, in one instance alone, which is violated with more steps as well',
    'Done: when(s.thread[thread].handling === region)':
      'equivalent: whatever FSM is in hand is let go, as by its own Done; without one nothing changes',
    'Done: when(!s.thread[thread].resuming)': 'the FSM is done before its mailbox is drained: its messages wait for the next round',
    "Done: when(s.thread[thread].flushing === 'none')":
      'the FSM is let go in the middle of a commit, and not prepared again after it: as after Done, the round ends with a batch that is clear',
    "EndRound: when(s.thread[thread].flushing === 'none')": 'a flush that is half done begins again, and inserts the same once more',
    'EndRound: when(s.thread[thread].round.size > 0)': 'equivalent: it flushes an empty batch, and releases nobody',
    "SendLoadMsg: when(s.region[region].phase === 'Pending')":
      'a message for a region that is not Pending does nothing when it is handled, in the model as in `prepare_for_apply`',
    "SendLoadMsg: when(s.region[region].loadMessage === 'none')":
      'a message that is drained goes back into the mailbox: as if it had been sent later',
    'LoadFinish: when(!s.region[region].activating)': NOTHING,
    'Evict: when(false)': NOTHING,
    'Delete: when(!s.region[region].deleting)': NOTHING,
  },
  'written-flag.ts': {
    'rollback: false': WORLD,
    'evicts: false': WORLD,
    'grownIsNotKept: true': 'the repair of H7, which `merge-residue` then has: not tried to the end',
    'Fetch: when(s.thread[thread].handling === null)': 'equivalent to Done and Fetch, one after the other',
    'prepared: when(handling === region)':
      'an entry of the region that the batch has as the current one, after `handle_normal` has returned: as if it had not returned yet',
    'Apply: when(!peer.merging)':
      'it writes to a region that waits for its merge, which Raft does not let through; PrepareMerge has evicted it, and the write goes where any other goes',
    'PrepareMerge: when(!peer.merging)': 'it prepares a merge twice: one eviction more, one version more',
    'RollbackMerge: when(peer.merging)': 'not shown: a merge is called off only in instances that are larger than what was tried',
    'RollbackMerge: when(peer.version < c.maxVersion)':
      'not shown: a merge is called off only in instances that are larger than what was tried (it is a bound of the world)',
    'RollbackMerge: when(!s.thread[thread].dirty)': 'not shown: a merge is called off only in instances that are larger than what was tried',
    'CommitMerge: when(!to.merging)':
      'a target that waits for a merge of its own takes another region in, which Raft does not let through; it is evicted and grows as any other target',
    'CommitMerge: when(!s.thread[thread].dirty)':
      'no commit before CommitMerge: the batch keeps its writes for the old range; the repair of H7, on in the one instance with merges that was tried, lets go of the rest in any case',
    'CommitMerge: when(!Thread.some((other) => s.thread[other].round.has(source)))':
      'with one thread the source is in the same round, and its writes are flushed with those of the target; the instance with two threads is larger than what was tried',
    "Evict: when(concerned(s, regionOf(region, peer)).some((id) => s.metas[id]?.phase !== 'Evicting' && s.metas[id]?.phase !== 'LoadingCanceled'))":
      NOTHING,
    'Done: when(s.thread[thread].handling !== null)': NOTHING,
    'EndRound: when(s.thread[thread].round.size > 0)': 'equivalent: it flushes an empty batch, and releases nobody',
  },
  'region-lifecycle.ts': {
    'raftSnapshot: false': WORLD,
    'removePeer: false': WORLD,
    'laggingView: true': `${WORLD}. (\`today-three-keys\` is \`stale-split\` then, and violated; it is larger than what was tried)`,
    'gc: true': `${WORLD}: nothing that holds breaks with it`,
    'loadFailure: true': `${WORLD}: nothing that holds breaks with it`,
    'reloadAfterMerge: true':
      'the code as it is, a way into H6: `stale-split-reload-rollback` has the world that it takes, which is larger than what was tried',
    'dropInTwoSteps: true': 'the code as it is, in finer steps: every verdict is the same, as `today-drop-in-two-steps` says by itself',
    'Evict: when(evictable(s, regionOf(region, known)))': NOTHING,
    'Prepare: when(s.metas[region].version <= peer.version)':
      'it is the repair of N4, in `newer-pending-repaired` and `newer-pending-repaired-split` alone, which are larger than what was tried; without it they are the world of `newer-pending`',
    'Split: when(!peer.merging)':
      'a split of a region that waits for its merge, which Raft does not let through; the split finds what it finds otherwise, and both children are no longer merging',
    'PrepareMerge: when(!peer.merging)': 'it prepares a merge twice: one eviction more, one version more',
    'PrepareMerge: when(Region.some((id) => s.truth[id] !== null && !s.truth[id].merging && adjacent(s.truth[id], peer)))':
      'a merge without a neighbour on this store: it can only be called off, as any other',
    'CommitMerge: when(!to.merging)':
      'a target that waits for a merge of its own takes another region in, which Raft does not let through; it is evicted and grows as any other target',
    'CommitMerge: when(from.merging)': 'a source that has not been prepared: it is evicted when its peer is destroyed, as every source is',
    'Sync: when(s.view[region]?.version !== peer.version)': NOTHING,
    'Sync: when(!handlesSnapshot(s, region))':
      'not shown: Raft snapshots in steps are in larger instances than what was tried, and in violated ones, which stay so',
    'ApplySnapshot: when(viewed(s, region)?.version === peer.version)':
      'not shown: it says something only where the raftstore lags behind a Raft snapshot, in `today-lagging-snapshot`, which is larger than what was tried',
    'DestroyPeer: *': LARGE,
    'PersistSnapshot: *': LARGE,
    'Register: *': LARGE,
    'EvictForSnapshot: *': LARGE,
    'Pin: *': LARGE,
    'Drop: *': LARGE,
    'SetEvicting: *': LARGE,
    'GcCollect: when(s.gc.listed.length > 0)': NOTHING,
    'GcReadHistory: when(s.gc.historyMin === null)': 'it reads history once more, and later: where nothing is split, the same',

    'ManualEvict: when(evictable(s, regionOf(region, known)))': NOTHING,
    "LoadStart: when(task.phase === 'queued')":
      'the worker looks at its task a second time, and finds the same, or that the load was canceled since, which the end of the load finds as well',
    "LoadFinish: when(task.phase === 'running')": 'it ends a load that was not begun: LoadStart checks the state, and changes the task only',
    "LoadFail: when(task.phase === 'canceled' || (task.phase === 'running' && c.loadFailure))":
      'loads may fail at any time, as they do where `loadFailure` is on',
  },
}
