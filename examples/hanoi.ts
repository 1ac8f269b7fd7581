/**
 * The tower of Hanoi.
 *
 * Teaches: choosing the state well. Where each disc is says everything: the order on a peg follows from the sizes.
 * Origin: Hanoi (tlaplus/Examples, tower_of_hanoi).
 */
import { enumOf, int, map, model, spec, when } from 'tsmc'

export default spec('hanoi', { discs: 5 }, ({ discs }) => {
  const Disc = int(1, discs) // 1 is the smallest
  const Peg = enumOf('left', 'middle', 'right')
  const m = model({ on: map(Disc, Peg) })

  m.action('Move', { disc: Disc, to: Peg }, (s, { disc, to }) => {
    const from = s.on[disc]
    when(from !== to)
    when(Disc.every((smaller) => smaller >= disc || (s.on[smaller] !== from && s.on[smaller] !== to)))
    s.on[disc] = to
  })

  m.invariant('NotSolved', (s) => !Disc.every((disc) => s.on[disc] === 'right'))
  return m
})
  .instance('five discs', {}, { violates: 'NotSolved', steps: 31, states: 243, generated: 633, depth: 32 })
  .instance('every position', {}, { only: ['deadlock'], states: 243, generated: 727, depth: 32 })
