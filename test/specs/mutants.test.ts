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
