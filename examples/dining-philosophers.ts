/**
 * Dining philosophers who hand each other the forks, after Chandy and Misra: a fork is cleaned when it is handed over and dirty after
 * a meal; who holds a dirty fork gives it away.
 *
 * Teaches: processes around a table, records in a map, an initial state that is not all zeroes; weak fairness, and that nobody starves.
 * Origin: DiningPhilosophers (tlaplus/Examples, DiningPhilosophers).
 */
import { bool, int, map, model, record, spec } from 'tsmc'

export default spec('dining-philosophers', { n: 5 }, ({ n }) => {
  const Seat = int(1, n)
  const left = (seat: number) => (seat === 1 ? n : seat - 1)
  const right = (seat: number) => (seat === n ? 1 : seat + 1)

  // Fork i lies to the left of philosopher i; the one to the right has the number of the right neighbour.
  const m = model({ fork: map(Seat, record({ holder: Seat, clean: bool })), hungry: map(Seat, bool) })

  m.init((s) => {
    for (const seat of Seat) {
      s.fork[seat].holder = seat === 2 ? 1 : seat
      s.hungry[seat] = true
    }
  })

  const philosopher = m.process('philosopher', Seat, {
    look: (s, self) => {
      const forks = [s.fork[self], s.fork[right(self)]!] as const
      const mayEat = forks.every((fork) => fork.holder === self && fork.clean)
      const dirty = forks.find((fork) => fork.holder === self && !fork.clean)
      if (dirty) {
        dirty.holder = dirty === forks[0] ? left(self) : right(self)
        dirty.clean = true
      }
      if (!s.hungry[self]) return 'think'
      return mayEat ? 'eat' : 'look'
    },
    eat: (s, self) => {
      s.hungry[self] = false
      s.fork[self].clean = false
      s.fork[right(self)].clean = false
      return 'look'
    },
    think: (s, self) => {
      s.hungry[self] = true
      return 'look'
    },
  })

  // Each philosopher goes on if nothing stops it for ever.
  m.fair(philosopher, 'weak')
  m.property('NobodyStarves', { seat: Seat }, ({ leadsTo }, { seat }) =>
    leadsTo(
      (s) => s.hungry[seat],
      (s) => !s.hungry[seat],
    ),
  )

  m.invariant(
    'NeighboursDoNotEatTogether',
    { seat: Seat },
    (s, { seat }) => !(philosopher.at(s, seat) === 'eat' && philosopher.at(s, right(seat)) === 'eat'),
  )
  m.reachable('SomebodyEats', (s) => Seat.some((seat) => philosopher.at(s, seat) === 'eat'))
  return m
}).instance('five at the table', {}, { states: 67, generated: 336, depth: 29 })
