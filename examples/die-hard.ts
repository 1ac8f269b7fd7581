/**
 * Measure out four gallons with a jug of three and a jug of five.
 *
 * Teaches: a puzzle is solved by claiming that it has no solution. The trace of the violation is the shortest solution.
 * Origin: DieHard (tlaplus/Examples, DieHard), after the film.
 */
import { int, model, spec } from 'tsmc'

export default spec('die-hard', { small: 3, big: 5, goal: 4 }, ({ small, big, goal }) => {
  const m = model({ small: int(0, small), big: int(0, big) })

  m.action('FillSmall', (s) => {
    s.small = small
  })
  m.action('FillBig', (s) => {
    s.big = big
  })
  m.action('EmptySmall', (s) => {
    s.small = 0
  })
  m.action('EmptyBig', (s) => {
    s.big = 0
  })
  m.action('SmallToBig', (s) => {
    const poured = Math.min(s.small, big - s.big)
    s.small -= poured
    s.big += poured
  })
  m.action('BigToSmall', (s) => {
    const poured = Math.min(s.big, small - s.small)
    s.big -= poured
    s.small += poured
  })

  m.invariant('NotSolved', (s) => s.big !== goal)
  return m
})
  .instance('jugs of 3 and 5', {}, { violates: 'NotSolved', steps: 6, states: 14, generated: 73, depth: 7 })
  .instance('jugs of 3 and 6 cannot', { big: 6 }, { states: 6, generated: 37, depth: 3 })
