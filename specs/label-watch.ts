/**
 * A watch on region labels that never resumes: issue #19792.
 *
 * The label watcher follows the labels of regions (`cache=always`) in the store of PD, an etcd, from the revision up to which it has seen them. Where that
 * revision has been compacted away, the watch fails, and has to begin anew with all labels. etcd says so in one of two ways: in the header of a response, or
 * as a plain gRPC error. Before #19800 the second was taken for a passing error, and the watch was tried again from the same revision for ever.
 *
 * | action                | thread                    | function, at commit 8e964719db (components/in_memory_engine/src)             | lock |
 * | --------------------- | ------------------------- | ---------------------------------------------------------------------------- | ---- |
 * | Label, Compact        | PD                        | not in TiKV: an etcd                                                         | –    |
 * | Interrupt             | a future of ime-bg        | region_label.rs:275 the last arm of `match grpc_response`: an error, a delay | none |
 * | Receive               | the same                  | region_label.rs:228 `Ok(resp)`: takes over the revision, calls the manager   | none; the manager's callback: exclusive, of `regions_map` |
 * | Retry                 | the same                  | region_label.rs:214 `watch_region_labels`: `'outer`, from `self.revision`    | none |
 * | Reload                | the same                  | region_label.rs:292 `reload_all_region_labels`                               | as Receive |
 */
import { enumOf, int, model, pick, spec, when } from 'tsmc'

/** The code at commit 8e964719db. */
const constants = {
  revisions: 3,
  /** The plain gRPC error is known as a compaction, too (#19800). */
  knowsGrpcError: true,
}

export default spec('label-watch', constants, (c) => {
  const Revision = int(0, c.revisions)
  const m = model({
    /** The last revision, and the first that a watch can begin at. */
    last: Revision,
    compacted: Revision,
    /** What the watcher has seen. */
    seen: Revision,
    watch: enumOf('running', 'failed', 'compacted'),
    /** How etcd says that the revision is gone. */
    answer: enumOf('header', 'gRPC'),
  })

  m.action('Label', (s) => {
    when(s.last < c.revisions)
    s.last++
  })
  /** A compaction, at any time: what a watch has not seen when it begins again is gone. */
  m.action('Compact', (s) => {
    when(s.compacted < s.last)
    s.compacted = s.last
    s.answer = pick(['header', 'gRPC'])
  })
  m.action('Interrupt', (s) => {
    when(s.watch === 'running')
    s.watch = 'failed'
  })
  m.action('Receive', (s) => {
    when(s.watch === 'running' && s.seen < s.last)
    s.seen++
  })
  /** The watch begins again where it was. If that is compacted, etcd says so. */
  m.action('Retry', (s) => {
    when(s.watch === 'failed')
    if (s.seen >= s.compacted) s.watch = 'running'
    else if (s.answer === 'header' || c.knowsGrpcError) s.watch = 'compacted'
  })
  m.action('Reload', (s) => {
    when(s.watch === 'compacted')
    s.seen = s.last
    s.watch = 'running'
  })
  m.fair('Receive', 'strong')
  m.fair('Retry', 'weak')
  m.fair('Reload', 'weak')

  /** The watcher learns of every label. */
  m.property('CatchesUp', ({ leadsTo }) =>
    leadsTo(
      (s) => s.seen < s.last,
      (s) => s.seen === s.last,
    ),
  )
  m.terminal((s) => s.last === c.revisions)

  return m
})
  .instance('today', {}, { states: 120 })
  // ---- issue #19792, repaired by #19800 ----
  .instance('issue-19792', { knowsGrpcError: false }, { violates: 'CatchesUp', steps: 3, states: 114 })
