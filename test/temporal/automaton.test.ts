import { describe, expect, test } from 'vitest'
import type { ProgramFormula } from '../../src/program/temporal.ts'
import { acceptsForEver, automatonOf } from '../../src/temporal/automaton.ts'

const p: ProgramFormula = { op: 'atom', atom: 7 }
const q: ProgramFormula = { op: 'atom', atom: 9 }
const a: ProgramFormula = { op: 'event', event: 3 }
const always = (of: ProgramFormula): ProgramFormula => ({ op: 'always', of })
const eventually = (of: ProgramFormula): ProgramFormula => ({ op: 'eventually', of })
const letter = { atoms: 0, notAtoms: 0, events: 0, notEvents: 0, promises: 0 }

describe('automata are small', () => {
  test('always eventually p: one state, which promises p where it does not see it', () => {
    expect(automatonOf(always(eventually(p)), false)).toEqual({
      states: [
        [
          { ...letter, atoms: 1, to: 0 },
          { ...letter, to: 0, promises: 1 },
        ],
      ],
      promises: 1,
      atoms: [7],
      events: [],
      cycles: [true],
    })
  })

  test('its negation: two states, the second of which never sees p', () => {
    const { states, cycles } = automatonOf(always(eventually(p)), true)
    expect(states.map(({ length }) => length)).toEqual([2, 1])
    expect(states[1]).toEqual([{ ...letter, notAtoms: 1, to: 1 }])
    expect(cycles).toEqual([false, true])
  })

  test('not (p leads to q): two states', () => {
    const { states, atoms } = automatonOf({ op: 'leadsTo', left: p, right: q }, true)
    expect(states).toHaveLength(2)
    expect(atoms).toEqual([7, 9])
  })

  test('a contradiction accepts nothing', () => {
    expect(automatonOf({ op: 'and', all: [p, { op: 'not', of: p }] }, false).states[0]).toEqual([])
    expect(automatonOf({ op: 'constant', value: true }, true).states).toEqual([[]])
  })

  test('a conjunction of ten "always eventually" has one state', () => {
    const all = Array.from({ length: 10 }, (_, atom) => always(eventually({ op: 'atom', atom } as const)))
    expect(automatonOf({ op: 'and', all }, false).states).toHaveLength(1)
  })
})

test('stuttering for ever: a state is repeated, and nothing happens', () => {
  expect(acceptsForEver(automatonOf(always(eventually(p)), false), 1)[0]).toBe(true)
  expect(acceptsForEver(automatonOf(always(eventually(p)), false), 0)[0]).toBe(false)
  expect(acceptsForEver(automatonOf(eventually(a), false), 1)[0]).toBe(false)
  expect(acceptsForEver(automatonOf(eventually(a), true), 1)[0]).toBe(true)
  expect(acceptsForEver(automatonOf({ op: 'next', of: p }, false), 1)[0]).toBe(true)
})

test('too many different predicates are refused', () => {
  const all = Array.from({ length: 40 }, (_, atom): ProgramFormula => ({ op: 'atom', atom }))
  expect(() => automatonOf({ op: 'or', all }, false)).toThrow('more than 31 different predicates or operators')
})
