/**
 * Refinement: a number that goes round by 4 is a bit that flips, if the bit is its lowest.
 *
 * 4 states in a ring: 1 + 4 = 5 generated, depth 4. If the bit may only rise, the step from 1 to 2 is none of its steps: the second.
 */
import { int, model, spec, when } from 'tsmc'

export default spec('refinements', { rises: false }, ({ rises }) => {
  const m = model({ n: int(0, 3) })
  m.action('Next', (s) => {
    s.n = (s.n + 1) % 4
  })
  const bit = model({ bit: int(0, 1) })
  bit.action('Flip', (s) => {
    when(!rises || s.bit === 0)
    s.bit = 1 - s.bit
  })
  m.refines('Bit', bit, (s) => ({ bit: s.n % 2 }))
  return m
})
  .instance('flips', {}, { states: 4, generated: 5, depth: 4 })
  .instance('rises', { rises: true }, { violates: 'Bit', steps: 2, states: 4, generated: 5, depth: 4 })
