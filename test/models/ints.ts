/**
 * Ints and guards: a number between 0 and 3 that goes up and down.
 *
 * 'holds': 4 values. Up from three of them, Down from three: 1 + 6 = 7 generated. The highest is 3 steps away: depth 4.
 * 'too high': 0 | 1 | 2 and 0. The search ends with the level of 2: 3 states, 1 + 1 + 2 = 4 generated, depth 3.
 */
import { int, model, spec, when } from 'tsmc'

export default spec('ints', { most: 3 }, ({ most }) => {
  const m = model({ n: int(0, 3) })
  m.action('Up', (s) => {
    when(s.n < 3)
    s.n++
  })
  m.action('Down', (s) => {
    when(s.n > 0)
    s.n--
  })
  m.invariant('Low', (s) => s.n <= most)
  return m
})
  .instance('holds', {}, { states: 4, generated: 7, depth: 4 })
  .instance('too high', { most: 1 }, { violates: 'Low', steps: 2, states: 3, generated: 4, depth: 3 })
