/** The methods of arrays and sets are those of the running Node.js, and what it lacks does what the standard says. */
import { ARRAY_METHODS, SET_METHODS, supply } from '../../src/host/methods.ts'
import { describe, expect, test } from 'vitest'

const methodsOf = (prototype: object): string[] =>
  Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === 'function')
    .sort()

test('arrays have these methods, and no others', () => {
  expect(methodsOf(Array.prototype)).toEqual([...ARRAY_METHODS])
})
test('sets have these methods, and no others', () => {
  expect(methodsOf(Set.prototype)).toEqual([...SET_METHODS])
})
test('what is supplied is not enumerable', () => {
  expect(Object.keys(Set.prototype)).toEqual([])
  expect(Object.keys(new Set([1]))).toEqual([])
})

describe('set operations, supplied to a class of sets', () => {
  class Bare extends Set<unknown> {}
  const operations = ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom'] as const
  const prototype = {} as Record<(typeof operations)[number], (this: Set<unknown>, other: unknown) => unknown>
  supply(prototype)
  const call = (name: (typeof operations)[number], set: readonly unknown[], other: unknown): unknown => {
    const operation = prototype[name]
    const result = Reflect.apply(operation, new Bare(set), [other])
    return result instanceof Set ? [...result] : result
  }
  test.each([
    ['union', [3, 1], [1, 2], [3, 1, 2]],
    ['intersection', [3, 1, 2], [2, 3], [2, 3]],
    ['intersection', [3, 1], [1, 2, 3], [3, 1]],
    ['difference', [3, 1, 2], [1], [3, 2]],
    ['difference', [1], [1, 2, 3], []],
    ['symmetricDifference', [3, 1], [1, 2], [3, 2]],
    ['isSubsetOf', [1], [1, 2], true],
    ['isSubsetOf', [1, 3], [1, 2], false],
    ['isSupersetOf', [1, 2], [2], true],
    ['isSupersetOf', [2], [1, 2], false],
    ['isDisjointFrom', [1], [2, 3], true],
    ['isDisjointFrom', [1, 2, 3], [3], false],
  ] as const)('%s of %j and %j', (name, set, other, expected) => {
    expect(call(name, set, new Set(other))).toEqual(expected)
    // The machine's own does the same, where it has one.
    const own: unknown = new Set<unknown>(set)[name](new Set<unknown>(other))
    expect(own instanceof Set ? [...own] : own).toEqual(expected)
  })
  test('there is one zero', () => {
    expect(Object.is((call('union', [], new Set([-0])) as number[])[0], 0)).toBe(true)
  })
  test('the keys of a map are a set', () => {
    expect(call('union', [1], new Map([[2, 'two']]))).toEqual([1, 2])
  })
  test('what is no set', () => {
    expect(() => call('union', [1], [2])).toThrow(TypeError)
    expect(() => call('union', [1], null)).toThrow(TypeError)
    expect(() => call('union', [1], { size: -1, has: () => true, keys: () => [].values() })).toThrow(RangeError)
  })
})
