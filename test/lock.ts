/** A lock that several may ask for, wait for, and hold: the least model in which fairness matters. */
import { bool, enumOf, ids, map, model, when } from 'tsmc'

/** `n` processes `p1`, `p2`, …: each asks, enters when nobody is inside, and leaves. */
export function lockOf(n: number) {
  const P = ids('p', n)
  const m = model({ held: bool, at: map(P, enumOf('idle', 'waiting', 'in')) })
  m.action('Ask', { p: P }, (s, { p }) => {
    when(s.at[p] === 'idle')
    s.at[p] = 'waiting'
  })
  m.action('Enter', { p: P }, (s, { p }) => {
    when(s.at[p] === 'waiting' && !s.held)
    s.held = true
    s.at[p] = 'in'
  })
  m.action('Leave', { p: P }, (s, { p }) => {
    when(s.at[p] === 'in')
    s.held = false
    s.at[p] = 'idle'
  })
  return { m, P }
}
