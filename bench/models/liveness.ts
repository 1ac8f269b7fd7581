/**
 * Large graphs with temporal properties: clocks that each go round for ever, by themselves. `clocks` of them with `hours` each have
 * `hours ** clocks` states and `clocks` times as many steps; a property "goes round" has an automaton of two states.
 */
import { ids, int, map, model, spec } from 'tsmc'

export default spec('liveness', { clocks: 6, hours: 6, strong: false, fair: true }, ({ clocks, hours, strong, fair }) => {
  const Clock = ids('c', clocks)
  const m = model({ hour: map(Clock, int(0, hours - 1)) })
  m.action('Tick', { clock: Clock }, (s, { clock }) => {
    s.hour[clock] = ((s.hour[clock] as number) + 1) % hours
  })
  if (fair) m.fair('Tick', strong ? 'strong' : 'weak')
  m.property('GoesRound', ({ leadsTo }) =>
    leadsTo(
      (s) => s.hour.c1 === 1,
      (s) => s.hour.c1 === 0,
    ),
  )
  return m
})
  .instance('small', {}, { states: 46656, generated: 279937 })
  .instance('small, strong', { strong: true }, { states: 46656, generated: 279937 })
  .instance('small, unfair', { fair: false }, { violates: 'GoesRound', steps: 1, states: 46656, generated: 279937 })
  .instance('7 clocks of 9 hours', { clocks: 7, hours: 9 }, { states: 4782969, generated: 33480784 })
  .instance('7 clocks of 9 hours, strong', { clocks: 7, hours: 9, strong: true }, { states: 4782969, generated: 33480784 })
