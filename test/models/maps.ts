/**
 * Map over ids, and `terminal`: two counters go from 0 to 2 each.
 *
 * 3 * 3 = 9 states. Each counter can go on in 2 * 3 of them: 1 + 12 = 13 generated. 4 steps to the last, which is a deadlock unless it is
 * terminal: depth 5.
 */
import { ids, int, map, model, spec, when } from 'tsmc'

export default spec('maps', { ends: true }, ({ ends }) => {
  const P = ids('p', 2)
  const m = model({ at: map(P, int(0, 2)) })
  m.action('Go', { p: P }, (s, { p }) => {
    when(s.at[p] < 2)
    s.at[p]++
  })
  m.terminal((s) => ends && P.every((p) => s.at[p] === 2))
  return m
})
  .instance('holds', {}, { states: 9, generated: 13, depth: 5 })
  .instance('deadlock', { ends: false }, { deadlocks: true, steps: 4, states: 9, generated: 13, depth: 5 })
