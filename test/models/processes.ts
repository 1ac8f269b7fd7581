/**
 * Processes: two of two steps each.
 *
 * 'done': each is at first, second or Done: 9 states. Each can go on in 2 * 3 of them: 1 + 12 = 13 generated, depth 5; all done is no
 * deadlock. 'stuck': nobody leaves second: 4 states, each can go on in 2: 1 + 4 = 5 generated, depth 3.
 */
import { ids, model, spec, when } from 'tsmc'

export default spec('processes', { stuck: false }, ({ stuck }) => {
  const m = model({})
  m.process('p', ids('p', 2), {
    first: () => 'second',
    second: () => {
      when(!stuck)
      return 'Done'
    },
  })
  return m
})
  .instance('done', {}, { states: 9, generated: 13, depth: 5 })
  .instance('stuck', { stuck: true }, { deadlocks: true, steps: 2, states: 4, generated: 5, depth: 3 })
