/**
 * Pick over a sequence: one of its places is picked, so equal elements are picked one by one.
 *
 * 2 at first, then 0 or 1: 3 states, from each three places to pick from: 1 + 9 = 10 generated, depth 2.
 */
import { int, model, pick, seq, spec } from 'tsmc'

export default spec('picks', () => {
  const m = model({ from: seq(int(0, 1), 3), picked: int(0, 2) })
  m.init((s) => {
    s.from = [0, 0, 1]
    s.picked = 2
  })
  m.action('Pick', (s) => {
    s.picked = pick(s.from)
  })
  return m
}).instance('holds', {}, { states: 3, generated: 10, depth: 2 })
