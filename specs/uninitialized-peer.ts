/**
 * Peers that have no region yet, the panics of issues #17767 and #18046, and what the repair of the first does (N3).
 *
 * A Raft message can create a peer before its first snapshot arrives: until then its region has no peers and no keys. The in-memory
 * engine asserts that a region it is told about has peers (`CacheRegion::from_region`, through the key encoder), so everybody who tells
 * it about a region must leave out such peers.
 *
 * The repair of #17767 (#17771, components/hybrid_engine/src/observer/load_eviction.rs:388 at commit 8e964719db) does not leave them out: it gives the
 * region an empty peer, so that the assertion is content, and evicts. But a region without keys is the whole key space to the encoder, and no meta has
 * its epoch: `RegionManager::evict_region` then evicts every cached region that overlaps, which is all.
 *
 * | action         | thread        | function, at that commit                                                                             | lock of `regions_map` |
 * | -------------- | ------------- | ---------------------------------------------------------------------------------------------------- | --------------------- |
 * | RaftMessage    | raftstore     | raftstore/src/store/fsm/store.rs:2557 `maybe_create_peer`                                            | none                  |
 * | ApplySnapshot  | raftstore     | raftstore/src/store/peer.rs:3421 `on_persist_snapshot`: here only that the peer has a region now     | none                  |
 * | BecomeLeader   | raftstore     | raftstore/src/store/peer.rs:2449 `on_role_changed`; load_eviction.rs:361 `on_role_change`            | exclusive, if a label asks for the region |
 * | BecomeFollower | raftstore     | the same: evicts, with `change.initialized`                                                          | exclusive             |
 * | DestroyPeer    | raftstore     | raftstore/src/store/fsm/peer.rs:4253 `destroy_peer`; load_eviction.rs:388 `on_destroy_peer`          | exclusive             |
 * | PreLoad        | raftstore     | load_eviction.rs:281 `pre_ack_transfer_leader`; in_memory_engine/src/engine.rs:625 `load_region`     | exclusive             |
 * | AutoLoad       | ime-evict     | in_memory_engine/src/background.rs:706 `top_regions_load_evict`                                      | exclusive             |
 */
import { bool, type DraftState, enumOf, ensure, int, model, spec, when } from 'tsmc'

const NO_PEERS = 'assertion failed: !region.get_peers().is_empty()'

/** The code at commit 8e964719db. */
const constants = {
  /** Other regions on this store, cached to begin with. */
  others: 0,
  /** The observer of `destroy_peer` gives uninitialized peers an empty peer (#17771); true is today's code. */
  guardDestroy: true,
  /** A repair: it evicts nothing for them. Today it does. */
  skipsUninitialized: false,
  /** The load that prepares a transfer of leadership leaves them out (#18052); true is today's code. */
  guardPreload: true,
}

export default spec('uninitialized-peer', constants, (c) => {
  const m = model({
    peer: enumOf('none', 'uninitialized', 'follower', 'leader'),
    /** The region is cached. */
    cached: bool,
    /** How many of the other regions are cached. */
    othersCached: int(0, c.others),
  })
  m.init((s) => {
    s.othersCached = c.others
  })
  type State = DraftState<typeof m>

  const isInitialized = (s: State) => s.peer === 'follower' || s.peer === 'leader'
  /** `CacheRegion::from_region` */
  const cacheRegion = (s: State) => ensure(isInitialized(s), NO_PEERS)

  // ---- raftstore: components/raftstore/src/store ----

  /** `maybe_create_peer` */
  m.action('RaftMessage', (s) => {
    when(s.peer === 'none')
    s.peer = 'uninitialized'
  })
  m.action('ApplySnapshot', (s) => {
    when(s.peer === 'uninitialized')
    s.peer = 'follower'
  })
  m.action('BecomeLeader', (s) => {
    when(s.peer === 'follower')
    s.peer = 'leader'
  })
  /** `on_role_change` evicts the region. */
  m.action('BecomeFollower', (s) => {
    when(s.peer === 'leader')
    s.peer = 'follower'
    cacheRegion(s)
    s.cached = false
  })
  /** `destroy_peer` calls `on_destroy_peer`, which evicts the region (since #17712). */
  m.action('DestroyPeer', (s) => {
    when(s.peer !== 'none')
    if (isInitialized(s)) s.cached = false
    else if (!c.guardDestroy) cacheRegion(s)
    // No keys are all keys: the range of an uninitialized region overlaps everything.
    else if (!c.skipsUninitialized) s.othersCached = 0
    s.peer = 'none'
  })
  /** The leader is about to hand over to this peer and asks it to load the region: `MsgPreLoadRegionRequest`. */
  m.action('PreLoad', (s) => {
    when(s.peer === 'uninitialized' || s.peer === 'follower')
    when(!c.guardPreload || isInitialized(s))
    cacheRegion(s)
    s.cached = true
  })
  /** A hot region is loaded where it leads. */
  m.action('AutoLoad', (s) => {
    when(s.peer === 'leader')
    cacheRegion(s)
    s.cached = true
  })

  /** The life of a peer: it has a region after its first snapshot, and leads only then. */
  const MOVES = { none: ['uninitialized'], uninitialized: ['follower', 'none'], follower: ['leader', 'none'], leader: ['follower', 'none'] }
  m.step('LegalMoves', (before, after) => before.peer === after.peer || MOVES[before.peer].includes(after.peer))
  /** What is cached belongs to a peer that has a region. */
  m.invariant('CachedHasPeer', (s) => !s.cached || isInitialized(s))

  if (c.others > 0) {
    /** To destroy a peer concerns no region but its own. (The others are evicted by nothing else here.) */
    m.invariant('OthersStayCached', (s) => s.othersCached === c.others)
  }

  return m
})
  .instance('today', {}, { states: 6 })

  // ---- B17: issue #17767, repaired by #17771 ----
  .instance('issue-17767', { guardDestroy: false }, { violates: NO_PEERS, steps: 2, states: 3 })
  // ---- B18: issue #18046, repaired by #18052 ----
  .instance('issue-18046', { guardPreload: false }, { violates: NO_PEERS, steps: 2, states: 3 })

  // ---- N3: the repair of #17767 empties the cache. A reading of today's code, not reported ----
  .instance('cache-emptied', { others: 3 }, { violates: 'OthersStayCached', steps: 2, states: 4 })
  .instance('cache-emptied-repaired', { others: 3, skipsUninitialized: true }, { states: 6 })
