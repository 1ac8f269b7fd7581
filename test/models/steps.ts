/**
 * Step property: a number jumps at most `span` far, and should go by at most one.
 *
 * 'holds': 0, 1, 2 have 2, 3 and 2 numbers within one, themselves included: 1 + 7 = 8 generated, depth 3.
 * 'too far': from 0 to all three, of which 2 is too far: 3 states, 1 + 3 = 4 generated, depth 2.
 */
import { int, model, spec, when } from 'tsmc'

export default spec('steps', { span: 1 }, ({ span }) => {
  const N = int(0, 2)
  const m = model({ n: N })
  m.action('Jump', { to: N }, (s, { to }) => {
    when(Math.abs(s.n - to) <= span)
    s.n = to
  })
  m.step('Near', (before, after) => Math.abs(after.n - before.n) <= 1)
  return m
})
  .instance('holds', {}, { states: 3, generated: 8, depth: 3 })
  .instance('too far', { span: 2 }, { violates: 'Near', steps: 1, states: 3, generated: 4, depth: 2 })
