/**
 * Option: a lock that one of two may hold.
 *
 * Nobody, p1 or p2: 3 states. Two ways to take it, one to give it back from each: 1 + 2 + 2 = 5 generated, depth 2.
 */
import { ids, model, option, spec, when } from 'tsmc'

export default spec('options', () => {
  const P = ids('p', 2)
  const m = model({ owner: option(P) })
  m.action('Take', { p: P }, (s, { p }) => {
    when(s.owner === null)
    s.owner = p
  })
  m.action('Give', (s) => {
    when(s.owner !== null)
    s.owner = null
  })
  return m
}).instance('holds', {}, { states: 3, generated: 5, depth: 2 })
