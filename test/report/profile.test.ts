import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { FunctionProfile, Profile } from '../../src/program/result.ts'
import { jsonReport } from '../../src/report/document.ts'
import { terminalReport } from '../../src/report/terminal.ts'
import { resultOf, violationOf } from '../draw/results.ts'
import { misfits } from './schema.ts'

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))

const functionOf = (one: Partial<FunctionProfile>): FunctionProfile => ({
  kind: 'action',
  name: 'Send',
  location: { file: 'a.ts', line: 12, column: 5 },
  combinations: 1,
  calls: { learning: 4, samples: 4, direct: 0 },
  seconds: 0.001,
  walks: 12_345,
  compiled: { combinations: 1, states: 2_345_678 },
  tree: { leaves: 2, nodes: 3, words: 20 },
  reads: [{ path: 'sent', type: 'set', slots: 1, values: 2, leaves: 1 }],
  direct: null,
  ...one,
})

const profile: Profile = {
  seconds: { expanding: 1.5, compiling: 0.25, checking: 0.25, search: 0.5, temporal: 0, functions: 1 },
  functions: [
    functionOf({
      name: 'Gather',
      combinations: 3,
      calls: { learning: 8194, samples: 12, direct: 999_960 },
      seconds: 12,
      compiled: { combinations: 0, states: 0 },
      tree: { leaves: 4100, nodes: 9000, words: 100_000 },
      reads: [
        { path: 'msgs', type: 'set', slots: 13, values: 2, leaves: 4099 },
        { path: 'clock', type: 'int', slots: 1, values: 65, leaves: 64 },
      ],
      direct: { combinations: 1, why: '4097 of its situations were new' },
    }),
    functionOf({}),
    functionOf({ kind: 'invariant', name: 'ANameThatIsLongerThanItsColumn' }),
  ],
  advice: 'the action Gather was called too often',
}
const result = { ...resultOf(violationOf({})), verdict: 'holds', violation: null, violations: [], profile } as const
const textOf = (width: number, verbose = false): string => {
  const text = terminalReport(result, { width, verbose })
  return text.slice(text.lastIndexOf('\n', text.indexOf('profile:')) + 1)
}

describe('a profile for people', () => {
  test('a table of 80 columns', () => {
    expect(textOf(80)).toBe(`  profile: expanding 1.50 s, checking 0.25 s, looking up and the rest 0.50 s;
  of that in functions of the spec 1.00 s, compiling trees 0.25 s

  calls to                learning samples direct  walks compiled leaves    time
  action Gather              8,194      12   1.0M 12,345        -  4,100  12.0 s
      a.ts:12
      called directly for 1 of 3 combinations: 4097 of its situations were new
      leaves due to msgs (13 slots): 4,099, clock: 64
  action Send                    4       4      0 12,345     2.3M      2    1 ms
  invariant ANameThatIsLongerThanItsColumn
                                 4       4      0 12,345     2.3M      2    1 ms

  advice: the action Gather was called too often

`)
  })

  test('where the page has no end it is the same', () => {
    expect(textOf(Number.POSITIVE_INFINITY)).toBe(textOf(80))
  })

  test('a narrow terminal has a list, and loses nothing', () => {
    for (const width of [20, 40, 79]) {
      const text = textOf(width)
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      expect(text.replace(/\s+/g, ' ')).toContain('advice: the action Gather was called too often')
    }
    expect(textOf(60)).toContain(`
  action Send: learning 4, samples 4, direct 0, walks
    12,345, compiled 2.3M, leaves 2, time 1 ms
`)
  })

  test('verbose shows the reads of small trees, too', () => {
    expect(textOf(80, true)).toContain('1 ms\n      a.ts:12\n      leaves due to sent: 1\n')
  })

  test('strings of a spec cannot steer the terminal', () => {
    const evil = functionOf({
      name: 'a\u001b[2J',
      tree: { leaves: 99, nodes: 0, words: 0 },
      reads: [{ path: 'x\u202e', type: 'int', slots: 1, values: 9, leaves: 9 }],
    })
    const text = terminalReport({ ...result, profile: { ...profile, functions: [evil], advice: 'the action a\u001b[2J' } })
    expect(text).toContain('a\\u001b[2J')
    expect(text).toContain('x\\u202e: 9')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
})

test('a profile in the document fits the schema; without one there is none', () => {
  const document = JSON.parse(jsonReport([{ file: 'a.ts', results: [result, resultOf(violationOf({}))] }]))
  expect(misfits(schema, document)).toEqual([])
  expect(document.instances[0].profile).toEqual(JSON.parse(JSON.stringify(profile)))
  expect(document.instances[1]).not.toHaveProperty('profile')
})
