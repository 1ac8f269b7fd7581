/** What the README says is so. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { place, tsmc } from './run.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
// Tables without their alignment.
const tables = readme.replace(/ {2,}/g, ' ')
const [first, second] = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code as string)

test('the first spec', async () => {
  const at = place({ 'counter.ts': first as string })
  const { code, stdout, stderr } = await tsmc(at, ['check', 'counter.ts'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.split('\n').slice(-5)).toEqual([
    '✓ counter locked: holds',
    '✓ counter unlocked: violated as expected: NothingLost in 4 steps',
    '',
    '2 of 2 instances as expected',
    '',
  ])
  expect(second).toContain("check(counter, { instance: 'locked' })")
})

test('every option is in the table, and no other', async () => {
  const { stdout } = await tsmc(place(), ['check', '--help'])
  const options = (text: string): string[] => [...new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option))].sort()
  const table = tables.slice(tables.indexOf('| option | |'), tables.indexOf('`tsmc render FILE.dot`'))
  const described = stdout.slice(0, stdout.indexOf('Examples:'))
  expect(options(table)).toEqual(options(described).filter((option) => option !== '--help'))
})

test('the exit codes are those of the code', () => {
  const table = tables.slice(tables.indexOf('| exit code | |'))
  expect([...table.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code))).toEqual(Object.values(EXIT).sort())
})
