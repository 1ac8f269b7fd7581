/**
 * Two-phase commit with a message set (after Lamport's TwoPhase): resource managers prepare, commit or abort; the transaction manager
 * collects `prepared` messages. The same state space as the models of the other checkers in this folder; with `reduced` the resource managers
 * are interchangeable.
 */
import { bool, enumOf, ids, map, model, set, spec, symmetric, union, when } from 'tsmc'

export default spec('two-phase', { managers: 7, reduced: false }, ({ managers, reduced }) => {
  const Manager = reduced ? symmetric('rm', managers) : ids('rm', managers)
  const Message = union('type', { prepared: { from: Manager }, commit: {}, abort: {} })
  const m = model({
    manager: map(Manager, enumOf('working', 'prepared', 'committed', 'aborted')),
    coordinator: enumOf('init', 'committed', 'aborted'),
    prepared: map(Manager, bool),
    messages: set(Message),
  })

  m.action('Commit', (s) => {
    when(s.coordinator === 'init' && Manager.every((rm) => s.prepared[rm] as boolean))
    s.coordinator = 'committed'
    s.messages.add({ type: 'commit' })
  })
  m.action('Abort', (s) => {
    when(s.coordinator === 'init')
    s.coordinator = 'aborted'
    s.messages.add({ type: 'abort' })
  })
  m.action('ReceivePrepared', { rm: Manager }, (s, { rm }) => {
    when(s.coordinator === 'init' && s.messages.has({ type: 'prepared', from: rm }))
    s.prepared[rm] = true
  })
  m.action('Prepare', { rm: Manager }, (s, { rm }) => {
    when(s.manager[rm] === 'working')
    s.manager[rm] = 'prepared'
    s.messages.add({ type: 'prepared', from: rm })
  })
  m.action('ChooseToAbort', { rm: Manager }, (s, { rm }) => {
    when(s.manager[rm] === 'working')
    s.manager[rm] = 'aborted'
  })
  m.action('ReceiveCommit', { rm: Manager }, (s, { rm }) => {
    when(s.messages.has({ type: 'commit' }))
    s.manager[rm] = 'committed'
  })
  m.action('ReceiveAbort', { rm: Manager }, (s, { rm }) => {
    when(s.messages.has({ type: 'abort' }))
    s.manager[rm] = 'aborted'
  })

  m.invariant('Consistent', (s) => !(Manager.some((rm) => s.manager[rm] === 'committed') && Manager.some((rm) => s.manager[rm] === 'aborted')))
  return m
})
  .instance('3', { managers: 3 }, { states: 288, generated: 1146, depth: 11 })
  .instance('5', { managers: 5 }, { states: 8832, generated: 58146, depth: 17 })
  .instance('7', { managers: 7 }, { states: 296448, generated: 2744706, depth: 23 })
  .instance('8', { managers: 8 }, { states: 1745408, generated: 18507778 })
  .instance('9', { managers: 9 }, { states: 10340352, generated: 123558402 })
  .instance('10', { managers: 10 }, { states: 61515776, generated: 817760258 })
  .instance('11', { managers: 11 }, { states: 366993408, generated: 5371377666, depth: 35 })
  .instance('8 reduced', { managers: 8, reduced: true }, { states: 1461, generated: 15287 })
  .instance('10 reduced', { managers: 10, reduced: true }, { states: 3300, generated: 43298 })
