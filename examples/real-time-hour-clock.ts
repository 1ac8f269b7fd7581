/**
 * An hour clock that keeps time: a tick comes an hour after the last one, give or take a tolerance.
 *
 * Teaches: real time as a variable. A timer measures what has passed since the last tick; time may not pass beyond the deadline.
 * Also: a property that fails because nothing need happen: the behaviour ends, and its last state is repeated for ever.
 * Origin: RealTimeHourClock of Lamport's "Specifying Systems" (tlaplus/Examples, SpecifyingSystems/RealTime).
 */
import { int, model, pick, spec, when } from 'tsmc'

export default spec('real-time-hour-clock', { hour: 3, tolerance: 1, end: 10, passes: false }, ({ hour, tolerance, end, passes }) => {
  const Hour = int(1, 12)
  const Time = int(0, end)
  const m = model({ hour: Hour, now: Time, timer: int(0, hour + tolerance) })

  m.init((s) => {
    s.hour = pick(Hour)
    s.now = pick(Time)
  })

  m.action('Pass', (s) => {
    const now = pick(Time.filter((time) => time > s.now))
    const timer = s.timer + now - s.now
    when(timer <= hour + tolerance)
    s.timer = timer
    s.now = now
  })

  m.action('Tick', (s) => {
    when(s.timer >= hour - tolerance)
    s.hour = (s.hour % 12) + 1
    s.timer = 0
  })

  // Time ends in the model, and the clock with it.
  m.action('Stand', () => {})

  // Time wants to pass, but may not pass beyond the deadline: a clock that does not tick stops time.
  m.fair('Pass', 'weak')
  if (passes)
    m.property('FourPasses', ({ always, leadsTo }) =>
      leadsTo(
        (s) => s.now !== 4,
        always((s) => s.now !== 4),
      ),
    )

  m.step('OneHourLater', (before, after) => after.hour === before.hour || after.hour === (before.hour % 12) + 1)
  m.step('NotTooEarly', (before, after) => after.hour === before.hour || before.timer >= hour - tolerance)
  return m
})
  .instance('an hour of three units', {}, { states: 540, generated: 1920, depth: 2 })
  .instance('time stands still', { passes: true }, { violates: 'FourPasses', steps: 1, states: 540, generated: 1920, depth: 2 })
