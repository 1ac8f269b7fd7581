/**
 * A clock that shows the hour.
 *
 * Teaches: the smallest spec there is. One variable, one action, and an initial state for every value of a type.
 * Origin: HourClock of Lamport's "Specifying Systems" (tlaplus/Examples, SpecifyingSystems/HourClock).
 */
import { int, model, pick, spec } from 'tsmc'

export default spec('hour-clock', () => {
  const Hour = int(1, 12)
  const m = model({ hour: Hour })

  m.init((s) => {
    s.hour = pick(Hour)
  })

  m.action('Tick', (s) => {
    s.hour = (s.hour % 12) + 1
  })

  m.step('OneHourLater', (before, after) => after.hour === before.hour + 1 || (before.hour === 12 && after.hour === 1))
  return m
}).instance('from any hour', {}, { states: 12, generated: 24, depth: 1 })
