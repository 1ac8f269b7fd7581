/**
 * Three missionaries and three cannibals cross a river in a boat for two. Nowhere may cannibals outnumber missionaries.
 *
 * Teaches: a choice of a subset, and guards on what was written: the action moves people first and then asks whether all are safe.
 * Origin: MissionariesAndCannibals (tlaplus/Examples, MissionariesAndCannibals).
 */
import { count, enumOf, map, model, pick, set, spec, subsets, when } from 'tsmc'

const Person = enumOf('m1', 'm2', 'm3', 'c1', 'c2', 'c3')
const Bank = enumOf('east', 'west')
const opposite = { east: 'west', west: 'east' } as const

/** No missionary is there, or at least as many as there are cannibals. */
function safe(people: Iterable<string>): boolean {
  const missionaries = count(people, (person) => person.startsWith('m'))
  const cannibals = count(people, (person) => person.startsWith('c'))
  return missionaries === 0 || missionaries >= cannibals
}

export default spec('missionaries-and-cannibals', { seats: 2 }, ({ seats }) => {
  const m = model({ boat: Bank, on: map(Bank, set(Person)) })

  m.init((s) => {
    for (const person of Person) s.on.east.add(person)
  })

  m.action('Cross', (s) => {
    const here = s.on[s.boat]
    const there = s.on[opposite[s.boat]]
    const crossing = pick(subsets(here))
    when(crossing.size >= 1 && crossing.size <= seats)
    for (const person of crossing) {
      here.delete(person)
      there.add(person)
    }
    when(safe(here) && safe(there))
    s.boat = opposite[s.boat]
  })

  m.invariant('SomebodyIsLeft', (s) => s.on.east.size > 0)
  return m
})
  .instance('a boat for two', {}, { violates: 'SomebodyIsLeft', steps: 11, states: 61, generated: 235, depth: 12 })
  .instance('a boat for three', { seats: 3 }, { violates: 'SomebodyIsLeft', steps: 5, states: 62, generated: 324, depth: 6 })
