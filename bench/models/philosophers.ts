/**
 * Dining philosophers who may put the left fork back: each takes the left fork, then the right one or gives up; after eating the left
 * fork goes back first. The same state space as the models of the other checkers in this folder.
 */
import { bool, enumOf, int, map, model, spec, when } from 'tsmc'

export default spec('philosophers', { n: 11 }, ({ n }) => {
  const Seat = int(0, n - 1)
  const right = (seat: number) => (seat + 1) % n
  const m = model({
    at: map(Seat, enumOf('thinking', 'hasLeft', 'eating', 'hasRight')),
    // Fork i lies to the left of philosopher i.
    taken: map(Seat, bool),
  })

  m.action('TakeLeft', { seat: Seat }, (s, { seat }) => {
    when(s.at[seat] === 'thinking' && !s.taken[seat])
    s.at[seat] = 'hasLeft'
    s.taken[seat] = true
  })
  m.action('TakeRight', { seat: Seat }, (s, { seat }) => {
    when(s.at[seat] === 'hasLeft' && !s.taken[right(seat)])
    s.at[seat] = 'eating'
    s.taken[right(seat)] = true
  })
  m.action('GiveUp', { seat: Seat }, (s, { seat }) => {
    when(s.at[seat] === 'hasLeft')
    s.at[seat] = 'thinking'
    s.taken[seat] = false
  })
  m.action('DropLeft', { seat: Seat }, (s, { seat }) => {
    when(s.at[seat] === 'eating')
    s.at[seat] = 'hasRight'
    s.taken[seat] = false
  })
  m.action('DropRight', { seat: Seat }, (s, { seat }) => {
    when(s.at[seat] === 'hasRight')
    s.at[seat] = 'thinking'
    s.taken[right(seat)] = false
  })

  m.invariant('NeighboursDoNotEatTogether', { seat: Seat }, (s, { seat }) => !(s.at[seat] === 'eating' && s.at[right(seat)] === 'eating'))
  return m
})
  .instance('5', { n: 5 }, { states: 242, generated: 1076, depth: 13 })
  .instance('10', { n: 10 }, { states: 59048, generated: 524871, depth: 28 })
  .instance('11', { n: 11 }, { states: 177146, generated: 1732094, depth: 31 })
  .instance('13', { n: 13 }, { states: 1594322, generated: 18423276 })
  .instance('15', { n: 15 }, { states: 14348906, generated: 191318746 })
  .instance('17', { n: 17 }, { states: 129140162, generated: 1951451336 })
