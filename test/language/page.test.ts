/** docs/language.md is what the tests of the language run. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cases, fill } from '../../scripts/language-page.js'
import { CASES } from './cases.ts'

const page = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8')

test('the page is up to date', () => {
  expect(fill(page)).toBe(page)
})

test('it has every case, with all that is different afterwards', () => {
  const found = cases().map(({ row, name, changes }) => [row, name, changes.map((line) => line.slice(0, line.indexOf(':')))])
  expect(found).toEqual(CASES.map(({ row, name, changes }) => [row, name, Object.keys(changes)]))
})

test('an example', () => {
  expect(cases()[0]).toEqual({
    row: 'holds a composite, then changes the container',
    name: 'the head, while the queue is shifted',
    code: 'const head = s.q[0]\ns.q.shift()\nhead.n = 9\ns.out = head.id + s.q[0].id',
    changes: ['q: [{ id: 2, n: 1 }, { id: 3, n: 8 }]', 'out: 3'],
  })
})

test('a part that is missing is an error', () => {
  expect(() => fill('')).toThrow('the page has no part start')
})
