/**
 * Symmetric ids: three lamps that are switched on, one by one.
 *
 * 'told apart': 8 states; each lamp can be switched on in 4 of them: 1 + 12 = 13 generated, depth 4.
 * 'alike': 0 to 3 lamps are on, 4 states; 3, 2, 1 and 0 steps from them: 1 + 6 = 7 generated, depth 4.
 */
import { bool, ids, map, model, spec, symmetric, when } from 'tsmc'

export default spec('symmetry', { alike: false }, ({ alike }) => {
  const Lamp = alike ? symmetric('l', 3) : ids('l', 3)
  const m = model({ on: map(Lamp, bool) })
  m.action('Switch', { lamp: Lamp }, (s, { lamp }) => {
    when(!s.on[lamp])
    s.on[lamp] = true
  })
  m.terminal((s) => Lamp.every((lamp) => s.on[lamp]))
  return m
})
  .instance('told apart', {}, { states: 8, generated: 13, depth: 4 })
  .instance('alike', { alike: true }, { states: 4, generated: 7, depth: 4 })
