/**
 * Bag: at most two balls of two colours, thrown in and taken out.
 *
 * 1 + 2 + 3 = 6 bags. Throw: two ways from the 3 that are not full, 6. Take picks a ball, not a colour, as a bag hands out each copy: one
 * way from 2 bags, two from 3, also from two balls of one colour: 8. Generated: 1 + 6 + 8 = 15; depth 3.
 */
import { bag, enumOf, model, pick, spec, when } from 'tsmc'

export default spec('bags', () => {
  const Colour = enumOf('red', 'blue')
  const m = model({ balls: bag(Colour, 2) })
  m.action('Throw', { colour: Colour }, (s, { colour }) => {
    when(s.balls.size < 2)
    s.balls.add(colour)
  })
  m.action('Take', (s) => {
    s.balls.delete(pick(s.balls))
  })
  return m
}).instance('holds', {}, { states: 6, generated: 15, depth: 3 })
