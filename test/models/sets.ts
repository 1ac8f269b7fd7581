/**
 * Set, and pick over a set: two elements come and go.
 *
 * 4 subsets. Add is possible twice in each (also where it changes nothing): 8. Remove picks from 0, 1, 1 and 2 elements: 4. Generated:
 * 1 + 8 + 4 = 13. Two steps to the full set: depth 3.
 */
import { ids, model, pick, set, spec } from 'tsmc'

export default spec('sets', () => {
  const X = ids('x', 2)
  const m = model({ in: set(X) })
  m.action('Add', { x: X }, (s, { x }) => {
    s.in.add(x)
  })
  m.action('Remove', (s) => {
    s.in.delete(pick(s.in))
  })
  return m
}).instance('holds', {}, { states: 4, generated: 13, depth: 3 })
