/**
 * Enum: a light that goes red, green, yellow.
 *
 * 'round': 3 states in a ring, one step from each: 1 + 3 = 4 generated, depth 3.
 * 'stuck': no step from yellow, which is 2 steps away: 1 + 2 = 3 generated, depth 3.
 */
import { enumOf, model, spec, when } from 'tsmc'

export default spec('enums', { stuck: false }, ({ stuck }) => {
  const m = model({ light: enumOf('red', 'green', 'yellow') })
  m.action('Next', (s) => {
    when(!stuck || s.light !== 'yellow')
    s.light = s.light === 'red' ? 'green' : s.light === 'green' ? 'yellow' : 'red'
  })
  return m
})
  .instance('round', {}, { states: 3, generated: 4, depth: 3 })
  .instance('stuck', { stuck: true }, { deadlocks: true, steps: 2, states: 3, generated: 3, depth: 3 })
