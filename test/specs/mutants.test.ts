import { expect, test } from 'vitest'
import { mutantsOf } from '../../scripts/mutants.js'

test('each conjunct of a guard, each assertion, each switch is a mutant of its own', () => {
  const text = `
const constants = { size: 2, repaired: true }
m.action('A', (s) => {
  when(s.n > 0 && (s.ready || s.done))
  ensure(s.n < 3, 'too many')
})
`
  expect(mutantsOf(text, 'a.ts').map(({ kind, line, replacement, text: shown }) => [kind, line, replacement, shown])).toEqual([
    ['switch', 2, 'false', 'repaired: false'],
    ['guard', 4, 'true', 'when(s.n > 0)'],
    ['guard', 4, 'true', 'when(s.ready || s.done)'],
    ['assertion', 5, 'true', 'ensure(s.n < 3)'],
  ])
})

test('a mutant knows the action that it is in, and an assertion what it says where no other one says the same', () => {
  const text = `
const TOO_MANY = 'too many'
const TWICE = 'twice'
m.action('A', (s) => {
  when(s.ready)
  ensure(s.n < 3, TOO_MANY)
})
const helper = (s) => ensure(s.once, TWICE)
function other(s) {
  ensure(!s.twice, TWICE)
}
`
  expect(mutantsOf(text, 'a.ts').map(({ inside, text: shown, message }) => [inside, shown, message])).toEqual([
    ['A', 'when(s.ready)', undefined],
    ['A', 'ensure(s.n < 3)', 'too many'],
    ['helper', 'ensure(s.once)', undefined],
    ['other', 'ensure(!s.twice)', undefined],
  ])
})
