/**
 * Constraint and reachable: counting, cut off after `most`; 3 should be reached.
 *
 * The numbers 0 to `most` are states, and one more is generated but lies outside. 'inside': 4 states, 5 generated, depth 4.
 * 'never': 2 states, 3 generated, depth 2, and 3 was not seen.
 */
import { int, model, spec } from 'tsmc'

export default spec('constraints', { most: 3 }, ({ most }) => {
  const m = model({ n: int(0, 9) })
  m.action('Count', (s) => {
    s.n++
  })
  m.constraint((s) => s.n <= most)
  m.reachable('Three', (s) => s.n === 3)
  return m
})
  .instance('inside', {}, { states: 4, generated: 5, depth: 4 })
  .instance('never', { most: 1 }, { violates: 'Three', states: 2, generated: 3, depth: 2 })
