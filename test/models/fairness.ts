/**
 * Fairness and a temporal property: what waits goes in the end, if it is fair.
 *
 * Waiting and gone, one step between them: 2 states, 2 generated, depth 2. Without fairness it may wait for ever where it begins: a
 * behaviour of 0 steps.
 */
import { enumOf, model, spec, when } from 'tsmc'

export default spec('fairness', { fair: true }, ({ fair }) => {
  const m = model({ place: enumOf('waits', 'gone') })
  m.action('Go', (s) => {
    when(s.place === 'waits')
    s.place = 'gone'
  })
  if (fair) m.fair('Go', 'weak')
  m.terminal((s) => s.place === 'gone')
  m.property('Goes', ({ eventually }) => eventually((s) => s.place === 'gone'))
  return m
})
  .instance('fair', {}, { states: 2, generated: 2, depth: 2 })
  .instance('unfair', { fair: false }, { violates: 'Goes', steps: 0, states: 2, generated: 2, depth: 2 })
