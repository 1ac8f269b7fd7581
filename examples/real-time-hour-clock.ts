/**
 * An hour clock that keeps time: a tick comes an hour after the last one, give or take a tolerance.
 *
 * Teaches: real time as a variable. A timer measures what has passed since the last tick; time may not pass beyond the deadline.
 * Also: a property that fails because nothing need happen: the behaviour ends, and its last state is repeated for ever. And what each fairness
 * rules out: that time stops though it could pass; that it cannot pass because the clock does not tick.
 * The shortest counterexample has two states: no state is further than one step from an initial one. TLC shows one of four states, because it takes
 * the first path that it finds; that is a behaviour here as well: time passes to 1, the clock ticks, time passes to 4.
 * Origin: RealTimeHourClock of Lamport's "Specifying Systems" (tlaplus/Examples, SpecifyingSystems/RealTime).
 */
import { int, model, pick, spec, when } from 'tsmc'

export default spec('real-time-hour-clock', { hour: 2, tolerance: 1, end: 5, passes: true, fair: '' }, ({ hour, tolerance, end, passes, fair }) => {
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
  if (fair !== '') m.fair('Pass', 'weak')
  if (fair === 'time and clock') m.fair('Tick', 'weak')
  // Four o'clock is over some day, and does not come again.
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
  .instance('steps only', { passes: false }, { states: 216, generated: 696, depth: 2 })
  .instance('nothing need happen', {}, { violates: 'FourPasses', steps: 1, states: 216, generated: 696, depth: 2 })
  .instance('time is fair', { fair: 'time' }, { violates: 'FourPasses', steps: 1, states: 216, generated: 696, depth: 2 })
  .instance('time and clock are fair', { fair: 'time and clock' }, { states: 216, generated: 696, depth: 2 })
