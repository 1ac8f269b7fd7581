import { Map as ImmutableMap, Record as ImmutableRecord, Set as ImmutableSet } from 'immutable'
import { describe, expect, test } from 'vitest'
import { outcome } from '../../src/report/outcome.ts'
import { statusLine } from '../../src/report/status.ts'
import { changeTexts, terminalReport, terminalSummary } from '../../src/report/terminal.ts'
import { fold, plain, secondsText } from '../../src/report/text.ts'
import { resultOf, traceOf, violationOf } from '../draw/results.ts'

const Region = ImmutableRecord({ phase: 'absent', written: false })
const absent = ImmutableMap({ r1: Region(), r2: Region() })
const violation = violationOf({
  kind: 'invariant',
  name: 'PreparedImpliesCurrent',
  parameters: { region: 'r1' },
  steps: 2,
  because: [
    { path: 'r1 in prepared', value: 'true' },
    { path: 'current', value: 'r2' },
  ],
  replay: '0.0.1',
  trace: traceOf([
    { set: { current: null, prepared: ImmutableSet(), region: absent } },
    {
      action: 'Prepare',
      parameters: { region: 'r1' },
      set: { current: 'r1', prepared: ImmutableSet(['r1']), region: absent.setIn(['r1', 'phase'], 'active') },
    },
    { action: 'Prepare', parameters: { region: 'r2' }, picks: ['now', 2], set: { current: 'r2' }, shown: [{ name: 'free', value: ['r1'] }] },
  ]),
})
const extras = { reproduce: () => 'npx tsmc check a.ts --replay 0.0.1', diagrams: () => ['out/a.svg', 'out/a.dot'] }

describe('a violation', () => {
  test('verdict, trace, reason, reproduction, diagram, figures', () => {
    const result = resultOf(violation, {
      spec: 'batch',
      instance: 'old',
      constants: { regions: 2, clear: false },
      expectation: 'PreparedImpliesCurrent is violated',
      expected: true,
      seconds: 2,
      distinct: 20_000,
      generated: 50_000,
    })
    expect(
      terminalReport(result, {}, { ...extras, defaults: { regions: 2, clear: true } }),
    ).toBe(`✓ batch old: violated as expected: PreparedImpliesCurrent(region: r1) in 2 steps
  clear = false

  invariant PreparedImpliesCurrent(region: r1) is false after 2 steps

   0  initial state
      current: null
      prepared: {}
      region: {r1: {phase: absent, written: false}, r2: {phase: absent, written: false}}
   1  Prepare(region: r1)
      current: null -> r1
      prepared: + r1
      region.r1.phase: absent -> active
   2  Prepare(region: r2)  picks now, 2
      current: r1 -> r2
      free = [r1]
      here PreparedImpliesCurrent(region: r1) is false

  it is false because it read
    r1 in prepared: true
    current: r2

  reproduce: npx tsmc check a.ts --replay 0.0.1
  diagram: out/a.svg, out/a.dot

  20,000 distinct states, 50,000 generated, depth 4, 2.00 s, 10,000 states/s
  ${figures(result)}

`)
  })

  test('unexpected: says what was expected', () => {
    const result = resultOf(violation, { mismatches: ['expected: everything holds; found: PreparedImpliesCurrent is violated after 2 steps'] })
    expect(terminalReport(result).split('\n').slice(0, 2)).toEqual([
      '✗ counter default: violated: PreparedImpliesCurrent(region: r1) in 2 steps',
      '  expected: everything holds; found: PreparedImpliesCurrent is violated after 2 steps',
    ])
  })

  test('without an expectation it is reported as it is', () => {
    const result = resultOf(violation, { expectation: null })
    expect(terminalReport(result).split('\n')[0]).toBe('✗ counter default: violated: PreparedImpliesCurrent(region: r1) in 2 steps')
  })

  test('verbose shows whole states and the figures of actions', () => {
    const text = terminalReport(
      resultOf(violation, {
        actions: [
          { name: 'Prepare', generated: 1200, distinct: 3, enabled: true },
          { name: 'Go', generated: 0, distinct: 0, enabled: false },
        ],
        queue: 1,
      }),
      { verbose: true },
    )
    expect(text).toContain('\n      state:\n        current: r1\n        prepared: {r1}\n')
    expect(text).toContain('\n    Prepare  1,200 generated, 3 new\n    Go       0 generated, 0 new\n')
    expect(text).toContain('\n  actions never enabled so far: Go\n')
  })

  test('kinds', () => {
    const text = (kind: 'assertion' | 'deadlock' | 'step' | 'reachable', name: string, trace = violation.trace): string[] =>
      terminalReport(resultOf(violationOf({ ...violation, kind, name, parameters: {}, trace }), kind === 'deadlock' ? { verdict: 'deadlocked' } : {}))
        .split('\n')
        .filter((line) => line.includes(name) || /read|because|deadlock/.test(line))
    expect(text('assertion', 'not twice')).toEqual([
      '✗ counter default: violated: not twice in 2 steps',
      '  assertion fails in step 2: not twice',
      '      here the assertion fails: not twice',
      '  it fails because it read',
    ])
    expect(text('deadlock', 'deadlock')).toEqual([
      '✗ counter default: deadlocked in 2 steps',
      '  deadlock after 2 steps: no action is enabled',
      '  not enabled because',
    ])
    const because = [
      { path: 'Lock(p: p1)', value: 'not enabled: lock is p1' },
      { path: 'Lock(p: p2)', value: 'not enabled: lock is p1' },
      { path: 'Enter(p: p1)', value: 'not enabled: at.p1 is in' },
      { path: 'Enter(p: p2)', value: 'not enabled: lock is p1' },
      { path: 'Enter(p: p3)', value: 'not enabled: lock is p1' },
      { path: 'Idle', value: 'not enabled' },
    ]
    const dead = violationOf({ ...violation, kind: 'deadlock', name: 'deadlock', because })
    const grouped = terminalReport(resultOf(dead, { verdict: 'deadlocked' })).split('\n')
    expect(grouped.slice(grouped.indexOf('  not enabled because') + 1).slice(0, 5)).toEqual([
      '    Lock for all parameters: not enabled: lock is p1',
      '    Enter(p: p1): not enabled: at.p1 is in',
      '    Enter(p: p2), Enter(p: p3): not enabled: lock is p1',
      '    Idle: not enabled',
      '',
    ])
    expect(text('step', 'Grows')).toEqual([
      '✗ counter default: violated: Grows in 2 steps',
      '  step property Grows is false for step 2',
      '      this step violates Grows',
      '  it is false because it read',
    ])
    expect(text('reachable', 'Done', [])).toEqual([
      '✗ counter default: violated: Done is never reached',
      '  no reachable state satisfies Done',
      '  because',
    ])
  })

  test('a narrow terminal loses nothing', () => {
    const text = terminalReport(resultOf(violation), { width: 30 }, extras)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(30)
    expect(text.replace(/\s+/g, '')).toContain('invariantPreparedImpliesCurrent(region:r1)isfalseafter2steps')
  })

  test('strings of a spec cannot steer the terminal', () => {
    const evil = violationOf({ name: 'a\u001b[2Jb\nc', trace: traceOf([{ set: { 'x\u202e': 'y\u0007' } }]) })
    const text = terminalReport(resultOf(evil, { spec: 's\r', instance: 'i\u009b' }))
    expect(text.split('\n')[0]).toBe('✗ s\\r i\\u009b: violated: a\\u001b[2Jb\\nc in 0 steps')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  })

  test('colours only where asked for', () => {
    expect(terminalReport(resultOf(violation))).not.toContain('\u001b')
    expect(terminalReport(resultOf(violation), { colours: true }).split('\n')[0]).toBe(
      '\u001b[1m\u001b[31m✗ counter default: violated: PreparedImpliesCurrent(region: r1) in 2 steps\u001b[39m\u001b[22m',
    )
  })
})

const figures = (result: ReturnType<typeof resultOf>): string =>
  `${result.engine.leaves.toLocaleString('en-US')} learned ${result.engine.leaves === 1 ? 'leaf' : 'leaves'}, ${result.engine.calls.toLocaleString('en-US')} ${result.engine.calls === 1 ? 'call' : 'calls'} of the spec's functions, ${result.engine.keys} keys`

const holds = { verdict: 'holds', violation: null, violations: [], expected: true } as const

test('a summary', () => {
  const good = resultOf(violation, holds)
  const bad = resultOf(violation, { instance: 'bad' })
  expect(terminalSummary([good, good], [])).toBe('2 of 2 instances as expected\n')
  expect(terminalSummary([good, bad], [{ spec: 'x', instance: 'y' }])).toBe(`✓ counter default: holds
✗ counter bad: violated: PreparedImpliesCurrent(region: r1) in 2 steps
✗ x y: error

1 of 3 instances as expected
`)
})

test('outcomes', () => {
  const vacuous = { kind: 'never-enabled', text: 'never enabled: Go', vacuous: true } as const
  expect(outcome(resultOf(violation, holds), true)).toBe('passed')
  expect(outcome(resultOf(violation, { ...holds, warnings: [vacuous] }), false)).toBe('passed')
  expect(outcome(resultOf(violation, { ...holds, warnings: [vacuous] }), true)).toBe('failed')
  expect(outcome(resultOf(violation), false)).toBe('failed')
  expect(outcome(resultOf(violation, { ...holds, verdict: 'incomplete', expected: false }), false)).toBe('incomplete')
})

test('an incomplete search says which bound', () => {
  const text = terminalReport(
    resultOf(violation, {
      ...holds,
      verdict: 'incomplete',
      incomplete: { bound: 'max-states', text: 'more than 10 distinct states: 3 states found but not expanded' },
    }),
  )
  expect(text.split('\n').slice(0, 2)).toEqual([
    '? counter default: incomplete: stopped by --max-states; nothing found so far',
    '  more than 10 distinct states: 3 states found but not expanded',
  ])
})

test('changes of a set are on one line', () => {
  expect(
    changeTexts([
      { path: 's', old: 'r2', new: null },
      { path: 'x', old: '1', new: '2' },
      { path: 's', old: null, new: 'r10' },
      { path: 's', old: null, new: 'r9' },
    ]),
  ).toEqual(['s: + r9 + r10 - r2', 'x: 1 -> 2'])
})

test('the status line drops what does not fit', () => {
  const progress = { distinct: 1_200_000, generated: 2, depth: 12, queue: 3400, seconds: 75, memory: 512 * 2 ** 20 }
  expect(statusLine('batch old', progress)).toBe('batch old  1,200,000 states  16,000 distinct/s  depth 12  queue 3,400  512 MB  1:15')
  expect(statusLine('batch old', progress, { ...progress, distinct: 1_000_000, seconds: 74 })).toContain('200,000 distinct/s')
  expect(statusLine('batch old', progress, undefined, 50)).toBe('batch old  1,200,000 states  depth 12  1:15')
  for (const width of [10, 20, 40, 60, 80]) expect(statusLine('batch old', progress, undefined, width).length).toBeLessThanOrEqual(width)
})

test('texts', () => {
  expect(fold('  aaaaaaaaaa bbbbbbbbbb cccccccccc', 24, 4)).toEqual(['  aaaaaaaaaa bbbbbbbbbb', '    cccccccccc'])
  expect(fold('abcdefghijkl', 5)).toEqual(['abcde', 'fghij', 'kl'])
  expect(plain('tab\there')).toBe('tab\\there')
  expect([0.004, 1.234, 12.34, 61, 3723].map(secondsText)).toEqual(['4 ms', '1.23 s', '12.3 s', '1:01', '1:02:03'])
})
