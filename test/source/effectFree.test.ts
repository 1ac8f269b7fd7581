/** Whether a callback has an effect besides its result: known only where its source shows it. */
import { equal, every, ids, pick, some, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { effectFree } from '../../src/source/source.ts'

const Node = ids('n', 3)
const s: any = { flag: {}, jobs: [], seen: new Set(), n: 0 }
const numbers = [1, 2, 3]
const positive = (n: number): boolean => n > 0
const noisy = (n: number): boolean => numbers.push(n) > 0
const throws = (): never => {
  throw new Error('no')
}
const holds = (test: (n: number) => boolean): boolean => numbers.every((n) => test(n))
const counts = (state: any): number => Node.count((n) => state.flag[n])
let last = 0

describe('free of effects', () => {
  test.each<[string, (...given: any[]) => unknown]>([
    ['a read', (n) => s.flag[n]],
    ['a comparison', (n, i) => s.flag[n] === i > 1 && s.n !== last],
    ['quantifiers within', (n) => Node.some((m) => m !== n && every(s.jobs, (job: any) => job.owner === m))],
    [
      'methods that read',
      (n) =>
        s.seen.has(n) &&
        s.jobs
          .filter((job: any) => job.n === n)
          .map((job: any) => job.id)
          .includes(3),
    ],
    ['arithmetic', (n) => Math.max(n, Number('3')) + Object.keys(s.flag).length],
    ['a literal', (n) => ({ n, list: [n, ...numbers], text: `${n}` })],
    [
      'local variables',
      (n) => {
        let sum = 0
        const list: number[] = []
        for (const one of numbers) {
          sum += one
          list.push(one)
        }
        return sum > n && list.sort()[0] === 1
      },
    ],
    ['a helper', (n) => positive(n)],
    ['a helper as it is', positive],
    ['a helper that quantifies', () => counts(s) > 1],
    ['a helper given a function', () => holds((n) => n > 1)],
    ['a helper given a helper', () => holds(positive)],
    ['content', (job) => equal(job, { id: 1 })],
    ['a new set', (n) => new Set([n, ...s.seen]).size > 1],
    ['optional chaining', (n) => s.flag?.[n]?.toString() ?? false],
    ['destructured parameters', ({ id, done = false }, [first]) => id > 1 && done && first],
    ['a copy that is sorted', (n) => [...s.jobs].sort((a, b) => a.n - b.n)[0] === n],
    [
      'a function of its own',
      (n) => {
        const twice = (m: number): number => m * 2
        return twice(n) > 2
      },
    ],
    ['a date that is given', (n) => new Date(n).getTime() > 0],
    [
      'flow',
      (n) => {
        switch (n) {
          case 1:
            return true
          default:
            for (let i = 0; i < n; i++) if (s.flag[i]) return false
            return !n
        }
      },
    ],
  ])('%s', (_, callback) => {
    expect(effectFree(callback)).toBe(true)
    expect(effectFree(callback)).toBe(true)
  })
})

describe('with effects, or not known', () => {
  test.each<[string, (...given: any[]) => unknown]>([
    ['an assignment outside', (n) => ((last = n), true)],
    ['a count outside', () => last++ > 0],
    ['a list outside', (n) => numbers.push(n) > 0],
    [
      'a list outside, by another name',
      (n) => {
        const list = numbers
        list.push(n)
      },
    ],
    ['a write to the state', (n) => (s.flag[n] = true)],
    ['a write to what it is given', (job) => (job.done = true)],
    ['a method on what it is given', (list) => list.push(1) > 0],
    [
      'a throw',
      () => {
        throw new Error('no')
      },
    ],
    ['a throw in a helper', () => throws()],
    [
      'a guard',
      (n) => {
        when(s.flag[n])
        return true
      },
    ],
    ['a choice', () => pick([1, 2]) > 1],
    ['an effect within', () => Node.every((n) => noisy(n as never))],
    ['a helper with an effect', (n) => noisy(n)],
    ['a helper as it is, with an effect', noisy],
    ['a helper given one with an effect', () => holds(noisy)],
    ['a function that is given', (f) => f()],
    ['what is not known', (n) => s.something(n)],
    ['a native function', noisy.bind(null)],
    ['await', async (n) => n],
    [
      'yield',
      function* (n) {
        yield n
      },
    ],
    ['random numbers', () => Math.random() > 0],
    ['the time', () => Date.now() > 0],
    ['a date of now', () => new Date() > new Date(0)],
    ['delete', (n) => delete s.flag[n]],
    [
      'a finally that counts',
      () => {
        try {
          return true
        } finally {
          last++
        }
      },
    ],
    ['a tag', (n) => s.tag`${n}`],
  ])('%s', (_, callback) => {
    expect(effectFree(callback)).toBe(false)
  })
})

test('of callbacks of the same text each is judged by what it captures', () => {
  const make = (check: (n: number) => boolean) => (n: number) => check(n)
  expect([make(positive), make(noisy), make(positive), make((n) => some(numbers, (m) => m > n))].map((one) => effectFree(one))).toEqual([
    true,
    false,
    true,
    true,
  ])
})
