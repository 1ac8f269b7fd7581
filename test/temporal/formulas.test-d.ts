import { type Id, enumOf, ids, int, map, model } from 'tsmc'
import { expectTypeOf, test } from 'vitest'

test('predicates of formulas, parameters and mappings are inferred', () => {
  const P = ids('p', 2)
  const m = model({ at: map(P, enumOf('idle', 'busy')), n: int(0, 3) })
  m.property('Typed', { p: P }, ({ always, leadsTo, implies, happens }, { p }) => {
    expectTypeOf(p).toEqualTypeOf<Id<'p'>>()
    leadsTo(
      (s) => {
        expectTypeOf(s.at[p]).toEqualTypeOf<'idle' | 'busy'>()
        return s.at[p] === 'busy'
      },
      (s) => s.n === 1,
    )
    // @ts-expect-error a predicate is true or false
    always((s) => s.n)
    // @ts-expect-error there is no such variable
    always((s) => s.m === 1)
    // @ts-expect-error states are read only
    always((s) => (s.n = 1) === 1)
    return implies(
      happens('A', {}, (before, after) => before.n < after.n),
      true,
    )
  })
  // @ts-expect-error fairness is weak or strong
  m.fair('A', 'middling')
  const abstract = model({ n: int(0, 1) })
  m.refines('Abstract', abstract, (s) => ({ n: s.n }))
  // @ts-expect-error the abstract state has a number n
  m.refines('Abstract', abstract, (s) => ({ n: s.at.p1 }))
  // @ts-expect-error the abstract state has a variable n
  m.refines('Abstract', abstract, () => ({}))
})
