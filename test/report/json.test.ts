import { readFileSync } from 'node:fs'
import { bagOf } from 'tsmc'
import { List, Map as ImmutableMap, Record as ImmutableRecord, Set as ImmutableSet } from 'immutable'
import { describe, expect, test } from 'vitest'
import { documentText, unfinished } from '../../src/report/document.ts'
import { jsonReport } from '../../src/report/document.ts'
import { instanceToJson, valueToJson } from '../../src/report/json.ts'
import { valueText } from '../../src/program/text.ts'
import { ValueSet } from '../../src/values/collections.ts'
import { resultOf, traceOf, violationOf } from '../draw/results.ts'
import { misfits } from './schema.ts'

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))

describe('values', () => {
  test.each<[unknown, string]>([
    [true, 'true'],
    [3, '3'],
    ['r1', '"r1"'],
    [null, 'null'],
    [Number.NaN, '"NaN"'],
    [List(['b', 'a']), '["b","a"]'],
    [['b', 'a'], '["b","a"]'],
    [ImmutableSet(['r10', 'r2', 'r1']), '{"#set":["r1","r2","r10"]}'],
    [new ValueSet([2, 1]), '{"#set":[1,2]}'],
    [ImmutableRecord({ type: 'vote', from: 'r1' })(), '{"type":"vote","from":"r1"}'],
    [{ b: 1, a: [2] }, '{"b":1,"a":[2]}'],
    [
      ImmutableMap([
        ['r10', 1],
        ['r2', 2],
      ]),
      '{"r2":2,"r10":1}',
    ],
    [
      ImmutableMap([
        [2, 'x'],
        [1, 'y'],
      ]),
      '{"1":"y","2":"x"}',
    ],
    [
      ImmutableMap([
        [true, 1],
        [false, 0],
      ]),
      '{"#map":[[false,0],[true,1]]}',
    ],
    [ImmutableMap([[ImmutableSet(['b', 'a']), 1]]), '{"#map":[[{"#set":["a","b"]},1]]}'],
    [ImmutableMap<unknown, number>([['#set', 1]]), '{"#map":[["#set",1]]}'],
    [ImmutableMap([['__proto__', 1]]), '{"__proto__":1}'],
    [bagOf(['b', 'a', 'b']), '{"a":1,"b":2}'],
    [bagOf([{ x: 1 }]), '{"#map":[[{"x":1},1]]}'],
    [ImmutableMap(), '{}'],
    [ImmutableSet(), '{"#set":[]}'],
  ])('%s', (value, text) => {
    const json = valueToJson(value)
    expect(JSON.stringify(json)).toBe(text)
    expect(misfits(schema.$defs.value, JSON.parse(text), schema)).toEqual([])
  })

  test('a set of sets has one text, whatever the order', () => {
    const a = ImmutableSet([ImmutableSet([1, 2]), ImmutableSet([3])])
    const b = ImmutableSet([ImmutableSet([3]), ImmutableSet([2, 1])])
    expect(JSON.stringify(valueToJson(a))).toBe(JSON.stringify(valueToJson(b)))
  })
})

const violation = violationOf({
  kind: 'assertion',
  name: 'not twice',
  parameters: { region: 'r1' },
  steps: 2,
  because: [{ path: 'prepared', value: '{r1}' }],
  replay: '0.1.2~0',
  trace: traceOf([
    { set: { prepared: ImmutableSet() } },
    { action: 'Prepare', parameters: { region: 'r1' }, set: { prepared: ImmutableSet(['r1']) } },
    { action: 'Prepare', parameters: { region: 'r1' }, picks: [{ kind: 'a' }], failed: true },
  ]),
})

test('values that cannot be shown cost nobody a document', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no')
      },
    },
  )
  for (const value of [cycle, hostile, globalThis]) {
    expect(valueToJson(value)).toBe('(cannot be shown)')
    expect(valueText([value])).toBe('(cannot be shown)')
  }
})

describe('the document', () => {
  test('is the contract, key by key', () => {
    const result = resultOf(violation, {
      constants: { regions: 2 },
      seconds: 1.23456,
      mismatches: ['expected: everything holds; found: not twice'],
      incomplete: { bound: 'timeout', text: 'the time is over' },
      warnings: [{ kind: 'also-violated', text: 'Other is violated as well', vacuous: false }],
    })
    expect(JSON.parse(jsonReport([{ file: 'a.ts', results: [result] }]))).toEqual({
      version: 2,
      error: null,
      instances: [
        {
          file: 'a.ts',
          spec: 'counter',
          instance: 'default',
          constants: { regions: 2 },
          verdict: 'violated',
          expected: false,
          expectation: result.expectation,
          distinct: 4,
          generated: 5,
          depth: 4,
          queue: result.queue,
          constrained: result.constrained,
          seconds: 1.235,
          collisionProbability: 0,
          actions: result.actions,
          incomplete: { bound: 'timeout', text: 'the time is over' },
          error: null,
          violations: result.violations.map(() => expect.objectContaining({ kind: 'assertion', name: 'not twice', steps: 2, replay: '0.1.2~0' })),
          violation: {
            kind: 'assertion',
            name: 'not twice',
            parameters: { region: 'r1' },
            steps: 2,
            because: [{ path: 'prepared', value: '{r1}' }],
            trace: [
              { action: null, parameters: {}, picks: [], state: { prepared: { '#set': [] } } },
              { action: 'Prepare', parameters: { region: 'r1' }, picks: [], state: { prepared: { '#set': ['r1'] } } },
              { action: 'Prepare', parameters: { region: 'r1' }, picks: [{ kind: 'a' }], state: null },
            ],
            replay: '0.1.2~0',
          },
          warnings: [
            { kind: 'mismatch', text: 'expected: everything holds; found: not twice' },
            { kind: 'incomplete', text: 'the time is over' },
            { kind: 'also-violated', text: 'Other is violated as well' },
          ],
        },
      ],
    })
  })

  test('says where permutations of ids count as one', () => {
    const { engine } = resultOf(violation)
    const result = resultOf(violation, { engine: { ...engine, symmetry: { scalarsets: [{ name: 'c', size: 3 }] } } })
    const json = JSON.parse(jsonReport([{ file: 'a.ts', results: [result] }]))
    expect(misfits(schema, json)).toEqual([])
    expect(json.instances[0].symmetry).toEqual([{ name: 'c', size: 3 }])
  })

  const begun = { file: 'a.ts', spec: 'x', instance: 'y', constants: {} }
  const error = { code: 'spec', message: 'no', file: 'a.ts', line: 1, column: 2, hint: null, trace: ['{x: 0}'] }

  test('fits the schema, whatever the number of files, errors included', () => {
    const instances = [instanceToJson('a.ts', resultOf(violation)), unfinished(begun, error), instanceToJson('b.ts', resultOf(violation))]
    const document = JSON.parse(documentText(instances, null, null))
    expect(misfits(schema, document)).toEqual([])
    expect(document.instances.map(({ file }: { file: string }) => file)).toEqual(['a.ts', 'a.ts', 'b.ts'])
    expect(document.instances[1]).toMatchObject({ verdict: 'error', expected: false, violation: null, violations: [], error })
  })

  test('a run that is cut short: the instances before stand, the one that was under way says why there is no verdict', () => {
    const stopped = { ...error, code: 'stopped', bound: 'memory', message: 'memory is used up', file: null, line: null, column: null }
    const document = JSON.parse(documentText([instanceToJson('a.ts', resultOf(violation))], begun, stopped))
    expect(misfits(schema, document)).toEqual([])
    expect(document.instances.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['violated', 'incomplete'])
    expect(document.instances[1].incomplete).toEqual({ bound: 'memory', text: 'memory is used up' })
    const early = JSON.parse(documentText([], null, error))
    expect(misfits(schema, early)).toEqual([])
    expect(early).toEqual({ version: 2, instances: [], error })
  })

  test('can stand inside HTML', () => {
    const text = documentText([], null, { ...error, message: '</script><!-- \u2028\u2029' })
    expect(text).not.toMatch(/[<\u2028\u2029]/)
    expect(JSON.parse(text).error.message).toBe('</script><!-- \u2028\u2029')
  })

  test('the schema of version 1 is still there for its documents', () => {
    const old = JSON.parse(readFileSync(new URL('../../result-1.schema.json', import.meta.url), 'utf8'))
    const {
      file: _,
      violations: __,
      actions: ___,
      incomplete: ____,
      error: _____,
      expectation: ______,
      queue: _______,
      constrained: ________,
      ...instance
    } = JSON.parse(jsonReport([{ file: 'a.ts', results: [resultOf(violation)] }])).instances[0]
    expect(misfits(old, { version: 1, file: 'a.ts', instances: [instance] })).toEqual([])
    expect(misfits(schema, { version: 1, file: 'a.ts', instances: [instance] })).not.toEqual([])
  })

  test('the schema refuses what does not belong', () => {
    const document = JSON.parse(jsonReport([{ file: 'a.ts', results: [resultOf(violation)] }]))
    document.instances[0].verdict = 'fine'
    expect(misfits(schema, document).join()).toContain('$.instances[0].verdict: one of holds,violated,deadlocked,incomplete,error was expected')
  })
})
