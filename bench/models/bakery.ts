/**
 * Lamport's bakery with tickets up to a highest number: a process reads the tickets one after the other, draws one more than the highest
 * it has seen (or starts again where there is none), then waits for everybody who goes before it. The same state space as the models of
 * the other checkers in this folder.
 */
import { bool, enumOf, int, map, model, spec, when } from 'tsmc'

export default spec('bakery', { processes: 3, highest: 12 }, ({ processes, highest }) => {
  const Process = int(0, processes - 1)
  const Ticket = int(0, highest)
  const m = model({
    at: map(Process, enumOf('rest', 'look', 'drawn', 'wait', 'compare', 'critical')),
    // How many others have been looked at, then which one is being waited for.
    next: map(Process, int(0, processes)),
    max: map(Process, Ticket),
    ticket: map(Process, Ticket),
    choosing: map(Process, bool),
  })

  m.action('Rest', { i: Process }, (s, { i }) => {
    when(s.at[i] === 'rest')
    s.choosing[i] = true
    s.at[i] = 'look'
  })
  m.action('Look', { i: Process }, (s, { i }) => {
    const next = s.next[i]
    when(s.at[i] === 'look' && next < processes)
    s.max[i] = Math.max(s.max[i], s.ticket[next])
    s.next[i] = next + 1
  })
  m.action('Draw', { i: Process }, (s, { i }) => {
    when(s.at[i] === 'look' && s.next[i] === processes)
    if (s.max[i] < highest) {
      s.ticket[i] = s.max[i] + 1
      s.at[i] = 'drawn'
    } else {
      s.choosing[i] = false
      s.at[i] = 'rest'
    }
    s.next[i] = 0
    s.max[i] = 0
  })
  m.action('Drawn', { i: Process }, (s, { i }) => {
    when(s.at[i] === 'drawn')
    s.choosing[i] = false
    s.at[i] = 'wait'
  })
  m.action('Wait', { i: Process }, (s, { i }) => {
    when(s.at[i] === 'wait' && !s.choosing[s.next[i]])
    s.at[i] = 'compare'
  })
  m.action('Compare', { i: Process }, (s, { i }) => {
    when(s.at[i] === 'compare')
    const next = s.next[i]
    const theirs = s.ticket[next]
    when(theirs === 0 || theirs > s.ticket[i] || (theirs === s.ticket[i] && next >= i))
    s.next[i] = (next + 1) % processes
    s.at[i] = next + 1 === processes ? 'critical' : 'wait'
  })
  m.action('Leave', { i: Process }, (s, { i }) => {
    when(s.at[i] === 'critical')
    s.ticket[i] = 0
    s.at[i] = 'rest'
  })

  m.invariant('MutualExclusion', (s) => Process.count((i) => s.at[i] === 'critical') <= 1)
  return m
})
  .instance('3,3', { processes: 3, highest: 3 }, { states: 15664, generated: 40379, depth: 69 })
  .instance('3,12', { processes: 3, highest: 12 }, { states: 133710, generated: 336747, depth: 210 })
  .instance('4,3', { processes: 4, highest: 3 }, { states: 728228, generated: 2480005, depth: 104 })
  .instance('4,4', { processes: 4, highest: 4 }, { states: 1486199, generated: 5004352 })
  .instance('5,2', { processes: 5, highest: 2 }, { states: 11318130, generated: 49089501 })
