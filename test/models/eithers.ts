/**
 * Either and ensure: a number goes on, or begins again.
 *
 * 'holds': 0, 1, 2. On from two of them, Again from all three: 1 + 5 = 6 generated, depth 3.
 * 'fails': 0 gives 1 and 0; from 1 the step to 2 fails, which generates nothing, and 0 comes again: 2 states, 1 + 2 + 1 = 4 generated,
 * depth 2. The failed step is the second.
 */
import { either, ensure, int, model, spec, when } from 'tsmc'

export default spec('eithers', { most: 2 }, ({ most }) => {
  const m = model({ n: int(0, 2) })
  m.action('Go', (s) => {
    either(
      () => {
        when(s.n < 2)
        s.n++
      },
      () => {
        s.n = 0
      },
    )
    ensure(s.n <= most, 'few')
  })
  return m
})
  .instance('holds', {}, { states: 3, generated: 6, depth: 3 })
  .instance('fails', { most: 1 }, { violates: 'few', steps: 2, states: 2, generated: 4, depth: 2 })
