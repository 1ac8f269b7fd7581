/**
 * Seq, and pick over the places of one: a queue of at most two bits, of which any may be lost.
 *
 * 1 + 2 + 4 = 7 queues. Push: two ways from the 3 that are not full, 6. Lose: one way from 2 queues and two from 4, 10. Generated:
 * 1 + 6 + 10 = 17; depth 3.
 */
import { int, model, pick, seq, spec, when } from 'tsmc'

export default spec('seqs', () => {
  const Bit = int(0, 1)
  const m = model({ queue: seq(Bit, 2) })
  m.action('Push', { bit: Bit }, (s, { bit }) => {
    when(s.queue.length < 2)
    s.queue.push(bit)
  })
  m.action('Lose', (s) => {
    s.queue.splice(pick(s.queue.keys()), 1)
  })
  return m
}).instance('holds', {}, { states: 7, generated: 17, depth: 3 })
