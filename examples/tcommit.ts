/**
 * What it means for a transaction to commit: all resource managers commit, or all abort.
 *
 * Teaches: an abstract spec. It looks at everybody at once, as no implementation can; two-phase.ts is the protocol for it.
 * Also: `terminal`, for states in which it is right that nothing can happen any more.
 * Origin: TCommit (tlaplus/Examples, transaction_commit), after Gray and Lamport, "Consensus on Transaction Commit".
 */
import { enumOf, ids, map, model, spec, when } from 'tsmc'

export default spec('tcommit', { managers: 3 }, ({ managers }) => {
  const Manager = ids('rm', managers)
  const m = model({ state: map(Manager, enumOf('working', 'prepared', 'committed', 'aborted')) })

  m.action('Prepare', { rm: Manager }, (s, { rm }) => {
    when(s.state[rm] === 'working')
    s.state[rm] = 'prepared'
  })

  m.action('Commit', { rm: Manager }, (s, { rm }) => {
    when(s.state[rm] === 'prepared')
    when(Manager.every((other) => s.state[other] === 'prepared' || s.state[other] === 'committed'))
    s.state[rm] = 'committed'
  })

  m.action('Abort', { rm: Manager }, (s, { rm }) => {
    when(s.state[rm] === 'working' || s.state[rm] === 'prepared')
    when(!Manager.some((other) => s.state[other] === 'committed'))
    s.state[rm] = 'aborted'
  })

  m.terminal((s) => Manager.every((rm) => s.state[rm] === 'committed') || Manager.every((rm) => s.state[rm] === 'aborted'))
  m.invariant('Consistent', { a: Manager, b: Manager }, (s, { a, b }) => !(s.state[a] === 'committed' && s.state[b] === 'aborted'))
  return m
}).instance('three managers', {}, { states: 34, generated: 94, depth: 7 })
