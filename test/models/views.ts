/**
 * View: a bit that flips beside a clock of three hours.
 *
 * 'whole': 2 * 3 = 6 states, two steps from each: 1 + 12 = 13 generated; two ticks and a flip to the farthest: depth 4.
 * 'viewed': told apart by the bit only, 2 states, two steps from each: 1 + 4 = 5 generated, depth 2.
 */
import { int, model, spec } from 'tsmc'

function clock(viewed: boolean) {
  const m = model({ bit: int(0, 1), hour: int(0, 2) })
  m.action('Tick', (s) => {
    s.hour = (s.hour + 1) % 3
  })
  m.action('Flip', (s) => {
    s.bit = 1 - s.bit
  })
  if (viewed) m.view((s) => s.bit)
  return m
}

export default spec('views', { viewed: false }, ({ viewed }) => clock(viewed))
  .instance('whole', {}, { states: 6, generated: 13, depth: 4 })
  .instance('viewed', { viewed: true }, { states: 2, generated: 5, depth: 2 })
