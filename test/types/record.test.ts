/** Records of any field names. */
import { hash, is, type Record as ImmutableRecord } from 'immutable'
import { bool, int, record, union } from 'tsmc'
import { afterEach, describe, expect, test, vi } from 'vitest'

/** Names that mean something to JavaScript or to Immutable's records, and some that look odd. */
const RESERVED = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'toJSON',
  'then',
  'size',
  'length',
  'get',
  'set',
  'has',
  'toSeq',
  'toJS',
  'entries',
  'merge',
  'equals',
  'hashCode',
  'clear',
  'remove',
  '_keys',
  '_values',
  '_indices',
  '_defaultValues',
  '_name',
  '__ownerID',
  '@@__IMMUTABLE_RECORD__@@',
  '',
  ' ',
  'a.b',
  "it's",
  '"quoted"',
  'two\nlines',
  '</script>',
  '🦀',
]

afterEach(() => vi.restoreAllMocks())

type AnyRecord = ImmutableRecord<Record<string, unknown>>

describe('reserved names of fields', () => {
  const type = record(Object.fromEntries([...RESERVED, 'plain'].map((name) => [name, int(0, 99)])))
  const numbered = (): AnyRecord => {
    const row = [...RESERVED, 'plain'].map((_, i) => i)
    return type.immutable(type.decode(row, 0)) as AnyRecord
  }

  test('every value is read by its name, and nothing is printed', () => {
    const warn = vi.spyOn(console, 'warn')
    const state = numbered()
    expect([...RESERVED, 'plain'].map((name) => state.get(name))).toEqual([...RESERVED, 'plain'].map((_, i) => i))
    expect(warn).not.toHaveBeenCalled()
  })
  test('a field without a reserved name is a property', () => expect((numbered() as unknown as { plain: number }).plain).toBe(RESERVED.length))
  test('they are iterated in order', () => {
    expect([...numbered().toSeq().entries()]).toEqual([...RESERVED, 'plain'].map((name, i) => [name, i]))
    expect([...numbered()].map(([name]) => name)).toEqual([...RESERVED, 'plain'])
  })
  test('what exists is known', () => {
    expect(RESERVED.every((name) => numbered().has(name))).toBe(true)
    expect(numbered().has('other')).toBe(false)
    expect(numbered().get('other' as never, 7 as never)).toBe(7)
  })
  test('equality and hashes go by the values', () => {
    expect(is(numbered(), numbered())).toBe(true)
    expect(hash(numbered())).toBe(hash(numbered()))
    expect(RESERVED.every((name) => !is(numbered(), numbered().set(name, 98)))).toBe(true)
  })
  test('a changed copy leaves the record alone', () => {
    const before = numbered()
    const after = before.set('__proto__', 50).set('hasOwnProperty', 51)
    expect([before.get('__proto__'), after.get('__proto__'), after.get('hasOwnProperty'), after.get('plain')]).toEqual([0, 50, 51, RESERVED.length])
  })
})

test('the variants of a union may have them too', () => {
  const warn = vi.spyOn(console, 'warn')
  const type = union('constructor', { get: { ['__proto__']: bool }, set: { size: bool } })
  const all = type.values().map((value) => [...(type.immutable(value) as AnyRecord)])
  expect(all).toEqual([
    [
      ['constructor', 'get'],
      ['__proto__', false],
    ],
    [
      ['constructor', 'get'],
      ['__proto__', true],
    ],
    [
      ['constructor', 'set'],
      ['size', false],
    ],
    [
      ['constructor', 'set'],
      ['size', true],
    ],
  ])
  expect(warn).not.toHaveBeenCalled()
})
