/**
 * Two-phase commit: a transaction manager asks the resource managers whether they are prepared, then tells all of them to commit or to abort.
 *
 * Teaches: a message soup. The network is the set of all messages ever sent; a message in the set may be received at any time, late or
 * twice, so loss, delay and duplication need no actions of their own. Messages are a union type.
 * Also: a refinement. Without coordinator and messages the protocol is that of tcommit.ts. And symmetry: which manager is which does not matter,
 * so 61,515,776 states of ten managers are 3,300 up to their names.
 * Origin: TwoPhase (tlaplus/Examples, transaction_commit), after Gray and Lamport, "Consensus on Transaction Commit".
 */
import { enumOf, ids, map, model, set, spec, symmetric, union, when } from 'tsmc'
import tcommit from './tcommit.ts'

export default spec('two-phase', { managers: 3, alike: false }, ({ managers, alike }) => {
  const Manager = alike ? symmetric('rm', managers) : ids('rm', managers)
  const Message = union('type', { prepared: { from: Manager }, commit: {}, abort: {} })

  const m = model({
    state: map(Manager, enumOf('working', 'prepared', 'committed', 'aborted')),
    coordinator: enumOf('collecting', 'committed', 'aborted'),
    /** Of whom the coordinator knows that they are prepared. */
    ready: set(Manager),
    messages: set(Message),
  })

  m.action('CoordinatorLearns', { rm: Manager }, (s, { rm }) => {
    when(s.coordinator === 'collecting')
    when(s.messages.has({ type: 'prepared', from: rm }))
    s.ready.add(rm)
  })

  m.action('CoordinatorCommits', (s) => {
    when(s.coordinator === 'collecting')
    when(Manager.every((rm) => s.ready.has(rm)))
    s.coordinator = 'committed'
    s.messages.add({ type: 'commit' })
  })

  m.action('CoordinatorAborts', (s) => {
    when(s.coordinator === 'collecting')
    s.coordinator = 'aborted'
    s.messages.add({ type: 'abort' })
  })

  m.action('Prepare', { rm: Manager }, (s, { rm }) => {
    when(s.state[rm] === 'working')
    s.state[rm] = 'prepared'
    s.messages.add({ type: 'prepared', from: rm })
  })

  m.action('ChooseToAbort', { rm: Manager }, (s, { rm }) => {
    when(s.state[rm] === 'working')
    s.state[rm] = 'aborted'
  })

  m.action('ObeyCommit', { rm: Manager }, (s, { rm }) => {
    when(s.messages.has({ type: 'commit' }))
    s.state[rm] = 'committed'
  })

  m.action('ObeyAbort', { rm: Manager }, (s, { rm }) => {
    when(s.messages.has({ type: 'abort' }))
    s.state[rm] = 'aborted'
  })

  m.refines('TransactionCommit', tcommit.build({ managers }), (s) => ({ state: s.state }))
  m.invariant('Consistent', { a: Manager, b: Manager }, (s, { a, b }) => !(s.state[a] === 'committed' && s.state[b] === 'aborted'))
  m.reachable('AllCommitted', (s) => Manager.every((rm) => s.state[rm] === 'committed'))
  return m
})
  .instance('three managers', {}, { states: 288, generated: 1146, depth: 11 })
  .instance('five managers', { managers: 5 }, { states: 8832, generated: 58146, depth: 17 })
  .instance('five managers, all alike', { managers: 5, alike: true }, { states: 314, generated: 2048, depth: 17 })
  .instance('ten managers, all alike', { managers: 10, alike: true }, { states: 3300, generated: 43298, depth: 32 })
