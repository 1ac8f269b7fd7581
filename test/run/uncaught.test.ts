/** Errors of the API that nobody catches, as Node.js shows them: a paragraph, and never the source of the library. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, inject, it } from 'vitest'
import { place } from '../cli/run.ts'

const LIBRARY = pathToFileURL(join(dirname(inject('command')), 'index.js')).href
const at = place({})

/** What a program says that ends with an error: what Node.js writes before and after it is left out. */
function said(text: string): string {
  const file = join(at, 'program.mjs')
  writeFileSync(file, `import { assertHolds, check, int, model, simulate, spec } from ${JSON.stringify(LIBRARY)}\n${text}\n`)
  const { stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '0' } })
  expect(status).toBe(1)
  const begin = stderr.search(/^\w+Error: /m)
  // The line of the library that threw is short.
  for (const line of stderr.slice(0, begin).split('\n')) expect(line.length).toBeLessThan(400)
  return stderr
    .slice(begin)
    .replace(/\n+Node\.js v.*\n$/, '')
    .replaceAll(pathToFileURL(file).href, 'program.mjs')
    .replaceAll(file, 'program.mjs')
}

const counter = (more: string): string => `const s = spec('u', () => { const m = model({ n: int(0, 1) })\n${more}\nreturn m })`

describe('an error that nobody catches', () => {
  it('of the options', () => {
    expect(said(`${counter("m.action('Up', (s) => { s.n = 1 })")}\nawait check(s, { maxStates: -1 })`)).toMatch(
      /^UsageError: the option maxStates of check\(\) is -1\n {4}at (?:async )?program\.mjs:5:\d+\n {2}hint: [^\n]+$/,
    )
  })
  it('of a value out of range', () => {
    expect(said(`${counter("m.action('Up', (s) => { s.n++ })")}\nawait check(s)`)).toMatch(
      /^OutOfRangeError: n in the action Up: 2 is outside int\(0, 1\)\n {4}at program\.mjs:3:\d+\n(?: {4}at [^\n]*program\.mjs:5:\d+\n)? {2}it was reached by\n {5}0 {2}\{n: 0\}\n {5}1 {2}Up -> \{n: 1\}$/,
    )
  })
  it('of a model that cannot be built', () => {
    expect(said(`${counter("m.action('Up', () => {}); m.action('Up', () => {})")}\nawait check(s)`)).toBe(
      'SpecError: there are two actions of the name "Up"; the first is in line 3\n    at Spec.<anonymous> (program.mjs:3:29)\n    at program.mjs:5:7\n  hint: rename one of them',
    )
  })
  it('of assertHolds: the report', () => {
    const text = said(`${counter("m.action('Up', (s) => { s.n = 1 }); m.invariant('Zero', (s) => s.n === 0)")}\nawait assertHolds(s)`)
    expect(text).toMatch(/^ExpectationError: ✗ u default: violated: Zero in 1 step\n/)
    expect(text).not.toContain('results:')
    expect(text).not.toMatch(/chunk-|index\.js/)
  })
})
