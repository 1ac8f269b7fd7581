/** Each limit of docs/limits.md has a test that there is, or a reason. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/limits.md', ROOT), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim()))

test('tests and sources that it names are there', () => {
  expect(rows.length).toBeGreaterThan(15)
  const named = [...page.matchAll(/`((?:test\/)?[\w-]+\/[\w/-]+\.ts)`/g)].map(([, file]) => file as string)
  expect(named.filter((file) => !existsSync(new URL(file.startsWith('test/') ? file : `src/${file}`, ROOT)))).toEqual([])
})

test('each row has a test or says why there is none', () => {
  expect(rows.filter(([, , , tested = '']) => !/test|npm run faults|^the same$|^none, for that reason$/.test(tested))).toEqual([])
  // The reason stands before it.
  expect(rows.filter(([, , said = '', tested = '']) => tested === 'none, for that reason' && !said.startsWith('none: '))).toEqual([])
})
