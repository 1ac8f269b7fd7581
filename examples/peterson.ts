/**
 * Peterson's algorithm: mutual exclusion of two processes by a flag each and a turn.
 *
 * Teaches: processes. A process set has labelled atomic steps; each step says which label comes next, and the checker interleaves.
 * Also: a refinement. Seen from far enough the algorithm is a lock.
 * Origin: Peterson (tlaplus/Examples, locks_auxiliary_vars).
 */
import { bool, enumOf, map, model, option, spec, when } from 'tsmc'

export default spec('peterson', { polite: true }, ({ polite }) => {
  const Id = enumOf('p1', 'p2')
  const other = { p1: 'p2', p2: 'p1' } as const
  const m = model({ wants: map(Id, bool), turn: Id })

  const p = m.process('p', Id, {
    rest: () => 'want',
    want: (s, self) => {
      s.wants[self] = true
      return 'yield'
    },
    yield: (s, self) => {
      if (polite) s.turn = other[self]
      return 'wait'
    },
    wait: (s, self) => {
      when(!s.wants[other[self]] || s.turn === self)
      return 'critical'
    },
    critical: () => 'leave',
    leave: (s, self) => {
      s.wants[self] = false
      return 'rest'
    },
  })

  // A lock: whoever takes it has to give it back before anybody takes it again.
  const lock = model({ holder: option(Id) })
  lock.action('Take', { id: Id }, (s, { id }) => {
    when(s.holder === null)
    s.holder = id
  })
  lock.action('Give', (s) => {
    when(s.holder !== null)
    s.holder = null
  })
  m.refines('Lock', lock, (s) => ({ holder: Id.find((id) => ['critical', 'leave'].includes(p.at(s, id))) ?? null }))

  m.invariant('MutualExclusion', (s) => !Id.every((id) => ['critical', 'leave'].includes(p.at(s, id))))
  m.invariant('FlagUp', { id: Id }, (s, { id }) => s.wants[id] === !['rest', 'want'].includes(p.at(s, id)))
  return m
})
  .instance('mutual exclusion', {}, { states: 42, generated: 77, depth: 11 })
  .instance('nobody yields', { polite: false }, { violates: 'MutualExclusion', steps: 8, states: 33, generated: 58, depth: 9 })
