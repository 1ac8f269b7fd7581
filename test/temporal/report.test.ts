/** How a lasso is told: as text, as JSON, as a drawing. */
import { readFileSync } from 'node:fs'
import { check, int, model, spec, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { traceToDot } from '../../src/draw/dot.ts'
import type { Result, Violation } from '../../src/program/result.ts'
import { jsonReport } from '../../src/report/document.ts'
import { terminalReport } from '../../src/report/terminal.ts'
import { misfits } from '../report/schema.ts'

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))

/** Goes up to a ring of two, from which it could go on. */
const ring = spec('ring', { fair: true }, ({ fair }) => {
  const m = model({ n: int(0, 3) })
  m.action('Up', (s) => {
    when(s.n < 2)
    s.n += 1
  })
  m.action('Down', (s) => {
    when(s.n === 2)
    s.n = 1
  })
  m.action('Out', (s) => {
    when(s.n === 2)
    s.n = 3
  })
  m.terminal((s) => s.n === 3)
  if (fair) m.fair(['Up', 'Down'], 'weak')
  m.property('GetsOut', ({ eventually }) => eventually((s) => s.n === 3))
  return m
})
  .instance('cycle', {}, { violates: 'GetsOut', steps: 3 })
  .instance('stutters', { fair: false }, { violates: 'GetsOut', steps: 0 })

const told = async (instance: string): Promise<{ result: Result; violation: Violation; text: string[]; json: any; dot: string[] }> => {
  const result = await check(ring, { instance })
  const violation = result.violation as Violation
  const report = JSON.parse(jsonReport([{ file: 'ring.ts', results: [result] }]))
  expect(misfits(schema, report)).toEqual([])
  const [instanceJson] = report.instances ?? report.results ?? [report]
  return {
    result,
    violation,
    text: terminalReport(result).split('\n'),
    json: instanceJson.violation,
    dot: traceToDot(result, violation).replaceAll('\u00a0', ' ').split('\n'),
  }
}

describe('a cycle', async () => {
  const { result, text, json, dot } = await told('cycle')

  test('is expected, with the closing step counted', () => {
    expect(result.mismatches).toEqual([])
  })
  test('as text: back to step 1', () => {
    expect(text).toContain('      back to step 1: Down')
    expect(text).toContain('    Out is possible again and again in the cycle and never happens: strong fairness of it would rule this out')
  })
  test('as JSON', () => {
    expect(json.lasso).toEqual({ backTo: 1, action: 'Down', parameters: {} })
    expect(json.fairness).toEqual([
      { action: 'Up or Down', fairness: 'weak', part: 'happens', starved: false, text: 'Up or Down (weak fairness) happens in the cycle' },
      {
        action: 'Out',
        fairness: null,
        part: 'sometimes possible',
        starved: true,
        text: 'Out is possible again and again in the cycle and never happens: strong fairness of it would rule this out',
      },
    ])
  })
  test('as a drawing: a bold edge back', () => {
    expect(dot.find((line) => line.includes('class="back"'))).toBe(
      '  s2 -> s1 [class="back" label=" 3. Down\\l   back to state 1\\l" style=bold color="#b91c1c" fontcolor="#b91c1c" penwidth=3 constraint=false weight=0]',
    )
  })
})

describe('stuttering', async () => {
  const { text, json, dot } = await told('stutters')

  test('as text', () => {
    expect(text).toContain('      stuttering: nothing changes any more')
  })
  test('as JSON', () => {
    expect(json.lasso).toEqual({ stutters: true })
    expect(json.trace).toHaveLength(1)
  })
  test('as a drawing: a bold edge to itself', () => {
    expect(dot.filter((line) => line.includes('class="back"'))).toEqual([
      '  s0 -> s0 [class="back" tailport=s headport=s label="stutters for ever" style=bold color="#b91c1c" fontcolor="#b91c1c" penwidth=3 constraint=false weight=0]',
    ])
  })
})
