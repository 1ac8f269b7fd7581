/**
 * Record and union: a bit is asked, answered and noted.
 *
 * Nothing noted, 0 noted or 1 noted; beside each no message, ask 0 or 1, answer 0 or 1: 3 * 5 = 15 states. Two steps where there is no
 * message and one elsewhere: 1 + 3 * 6 = 19 generated. Ask, answer, note, ask, answer: 5 steps to the farthest, depth 6.
 */
import { bool, int, model, record, spec, union, when } from 'tsmc'

export default spec('records-unions', () => {
  const Bit = int(0, 1)
  const m = model({ message: union('type', { none: {}, ask: { n: Bit }, answer: { n: Bit } }), noted: record({ n: Bit, any: bool }) })
  m.action('Ask', { n: Bit }, (s, { n }) => {
    when(s.message.type === 'none')
    s.message = { type: 'ask', n }
  })
  m.action('Answer', (s) => {
    when(s.message.type === 'ask')
    s.message = { type: 'answer', n: s.message.n }
  })
  m.action('Note', (s) => {
    when(s.message.type === 'answer')
    s.noted = { n: s.message.n, any: true }
    s.message = { type: 'none' }
  })
  return m
}).instance('holds', {}, { states: 15, generated: 19, depth: 6 })
