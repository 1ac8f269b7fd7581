/**
 * Value: a text that grows by a or b up to two letters.
 *
 * 1 + 2 + 4 = 7 texts, each generated once; nothing follows the last four, 2 steps away: depth 3.
 */
import { enumOf, model, spec, value, when } from 'tsmc'

export default spec('values', () => {
  const m = model({ text: value<string>('') })
  m.action('Write', { letter: enumOf('a', 'b') }, (s, { letter }) => {
    when(s.text.length < 2)
    s.text += letter
  })
  return m
}).instance('deadlock', {}, { deadlocks: true, steps: 2, states: 7, generated: 7, depth: 3 })
