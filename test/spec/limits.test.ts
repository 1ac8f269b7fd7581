/** Too many combinations of parameters are refused where they are written, before any is made. */
import { int, model } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { SpecError } from '../../src/errors.ts'
import { Combinations } from '../../src/spec/limits.ts'

const told = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof SpecError) return `${error.message}; ${error.hint}`
    throw error
  }
  return 'accepted'
}
const HINT = 'take a smaller type, or pick() in the action and every() in the property'

test('counted one after the other', () => {
  const all = new Combinations('actions', 10)
  const add = (name: string, ...sizes: number[]) =>
    told(() => all.add(`action ${name}`, Object.fromEntries(sizes.map((size, i) => [`p${i}`, int(1, size)]))))
  expect(add('None')).toBe('accepted')
  expect(add('Six', 2, 3)).toBe('accepted')
  expect(add('Three', 3)).toBe('accepted')
  expect(add('One')).toBe(
    `action One has 1 combination of parameters, and with the actions before it there are 11; at most 10 over all actions; ${HINT}`,
  )
})

describe('the real limit, 2^18, without its combinations', () => {
  const Wide = int(1, 65536)
  test('4·10^9 of one action', () => {
    const m = model({ x: int(0, 3) })
    expect(told(() => m.action('Pair', { a: Wide, b: Wide }, () => {}))).toBe(
      `action "Pair" has 4,294,967,296 combinations of parameters (65,536 × 65,536); at most 262,144 over all actions; ${HINT}`,
    )
  })
  test('more than a number can say', () => {
    const m = model({ x: int(0, 3) })
    const parameters = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`p${i}`, Wide]))
    expect(told(() => m.action('Five', parameters, () => {}))).toMatch(/^action "Five" has 1\.21e\+24 combinations of parameters/)
  })
  test('just as many, and one more', () => {
    const m = model({ x: int(0, 3) })
    const add = (name: string) => told(() => m.action(name, { a: Wide }, () => {}))
    expect(['A', 'B', 'C', 'D'].map(add)).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
    expect(told(() => m.action('E', () => {}))).toBe(
      `action "E" has 1 combination of parameters, and with the actions before it there are 262,145; at most 262,144 over all actions; ${HINT}`,
    )
  })
  test.each(['invariant', 'step', 'property'] as const)('of properties: %s', (kind) => {
    const m = model({ x: int(0, 3) }) as unknown as Record<string, (...args: unknown[]) => unknown>
    expect(told(() => m[kind]?.('All', { a: Wide, b: Wide }, () => true))).toBe(
      `${kind} "All" has 4,294,967,296 combinations of parameters (65,536 × 65,536); at most 262,144 over all properties; ${HINT}`,
    )
  })
  test('of a process', () => {
    const m = model({ x: int(0, 3) })
    const labels = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`l${i}`, () => 'Done' as const]))
    expect(told(() => (m.process as (...args: unknown[]) => unknown)('P', Wide, labels))).toBe(
      `action "P.l4" has 65,536 combinations of parameters, and with the actions before it there are 327,680; at most 262,144 over all actions; ${HINT}`,
    )
  })
})
