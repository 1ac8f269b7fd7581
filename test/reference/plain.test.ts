/**
 * The reference checker against JavaScript itself: little functions over plain objects, run on such an object without anything of the library, with
 * the result written by hand; and run by the reference checker.
 */
import { bag, bagOf, bool, either, enumOf, int, model, pick, record, seq, set, value, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { referenceCheck } from '../../src/reference/reference.ts'
import { runOnce, runsOf } from '../../src/reference/runs.ts'
import { textOf } from '../../src/reference/text.ts'
import { CASES, type Data, Job, start, type Step, VARIABLES } from '../language/cases.ts'

/** What the reference checker makes of a step. */
const after = (step: Step): Data => runOnce(model(VARIABLES), 'the action Do', step, start(), {}, () => 0).after

describe.each(CASES.map((one) => [`${one.row}: ${one.name}`, one] as const))('%s', (_name, { step, changes }) => {
  const expected = { ...start(), ...changes }
  test('JavaScript', () => {
    const s = start()
    const returned = step(s)
    // What a reducer returns is its new state; an assignment without braces gives what was assigned.
    const state = typeof returned === 'object' && returned !== null && Object.keys(returned).length === Object.keys(s).length ? returned : s
    expect(state).toEqual(expected)
  })
  test('the reference checker', () => {
    expect(after(step)).toEqual(expected)
  })
})

describe('by value', () => {
  const Set_ = { jobs: set(Job), box: record({ up: set(Job) }), bag: bag(Job, 3), names: set(enumOf('a', 'b', 'c')), out: value<unknown>('') }
  const run = (step: Step): Data => {
    const m = model(Set_)
    const start = {
      jobs: new Set([
        { id: 2, n: 0 },
        { id: 1, n: 1 },
      ]),
      box: { up: new Set() },
      bag: bagOf([{ id: 1, n: 1 }]),
      names: new Set(['c', 'a']),
      out: '',
    }
    return runOnce(m, 'the action Do', step, start, {}, () => 0).after
  }

  test('sets find composites, begin in the order of the type, and then have that of JavaScript', () => {
    const { out } = run((s) => {
      const [first] = s.jobs
      s.jobs.add({ id: 0, n: 0 }).add({ id: 1, n: 1 })
      s.names.delete('a')
      s.names.add('b').add('a')
      s.out = [
        first.id,
        [...s.jobs].map((x: any) => x.id),
        s.jobs.has({ n: 0, id: 2 }),
        s.jobs.delete({ id: 2, n: 0 }),
        s.jobs.size,
        [...s.names].join(''),
      ]
    })
    expect(out).toEqual([1, [1, 2, 0], true, true, 2, 'cba'])
  })
  test('a fresh set is that of JavaScript until it is assigned', () => {
    const { out, jobs } = run((s) => {
      const fresh = new Set([
        { id: 5, n: 5 },
        { id: 5, n: 5 },
      ])
      const sizes = [fresh.size, fresh.has({ id: 5, n: 5 })]
      s.jobs = fresh
      s.out = [...sizes, fresh.size, fresh.has({ id: 5, n: 5 }), s.jobs === fresh]
    })
    expect(out).toEqual([2, false, 1, true, true])
    expect([...jobs]).toEqual([{ id: 5, n: 5 }])
  })
  test('set operations', () => {
    const { out } = run((s) => {
      const others = new Set([
        { id: 1, n: 1 },
        { id: 9, n: 9 },
      ])
      const list = (x: Iterable<{ id: number }>) => [...x].map(({ id }) => id)
      s.box.up = others
      s.out = [
        list(s.jobs.union(others)),
        list(s.jobs.intersection(others)),
        list(s.jobs.difference(others)),
        list(s.jobs.symmetricDifference(others)),
        s.jobs.isSubsetOf(others),
        s.jobs.isSupersetOf(new Set([{ id: 2, n: 0 }])),
        s.jobs.isDisjointFrom(others),
      ]
    })
    expect(out).toEqual([[1, 2, 9], [1], [2], [2, 9], false, true, false])
  })
  test('a bag counts equal elements, and is changed while a loop runs over it', () => {
    const { out, bag } = run((s) => {
      s.bag.add({ n: 1, id: 1 })
      let visits = 0
      for (const one of s.bag) {
        visits++
        s.bag.delete(one)
        if (visits === 1) s.bag.add({ id: 0, n: 0 })
      }
      s.out = [visits, s.bag.size, s.bag.count({ id: 1, n: 1 })]
    })
    expect(out).toEqual([2, 1, 1])
    expect(bag.distinct()).toEqual([{ id: 1, n: 1 }])
  })
  test('an element may be taken out, changed and put back; changed inside it is refused', () => {
    const { jobs } = run((s) => {
      for (const job of [...s.jobs]) {
        s.jobs.delete(job)
        job.n = 9
        s.jobs.add(job)
      }
    })
    expect([...jobs]).toEqual([
      { id: 1, n: 9 },
      { id: 2, n: 9 },
    ])
    const refused = 'jobs in the action Do: the element {"id":1,"n":1} was changed, but elements are values: delete it and add the changed one'
    expect(() => run((s) => [...s.jobs][0].n++)).toThrow(refused)
  })
})

describe('whole searches', () => {
  test('states, steps and depth of a search written by hand', () => {
    // Two counters below 3 of which one is increased, and a queue of what was increased, at most two long.
    const start = { n: [0, 0], log: [] as number[] }
    const steps = (s: typeof start): (typeof start)[] =>
      [0, 1].flatMap((i) => {
        if ((s.n[i] as number) >= 2) return []
        const next = structuredClone(s)
        next.n[i] = (next.n[i] as number) + 1
        next.log.push(i)
        if (next.log.length > 2) next.log.shift()
        return [next]
      })
    const seen = new Map([[JSON.stringify(start), 0]])
    let generated = 1
    let level = [start]
    let depth = 0
    while (level.length > 0) {
      depth++
      const next: (typeof start)[] = []
      for (const s of level)
        for (const after of steps(s)) {
          generated++
          if (seen.has(JSON.stringify(after))) continue
          seen.set(JSON.stringify(after), depth)
          next.push(after)
        }
      level = next
    }
    const m = model({ n: seq(int(0, 2), 2), log: seq(int(0, 1), 2) })
    m.init((s) => {
      s.n = [0, 0]
    })
    m.action('Up', { i: int(0, 1) }, (s, { i }) => {
      when((s.n[i] as number) < 2)
      s.n[i] = (s.n[i] as number) + 1
      s.log.push(i)
      if (s.log.length > 2) s.log.shift()
    })
    m.terminal(() => true)
    // A third element for a moment is within what plain data can tell: it is gone when the action ends.
    const { verdict, ...figures } = referenceCheck(m)
    expect([verdict, figures.distinct, figures.generated, figures.depth]).toEqual(['holds', seen.size, generated, depth])
    expect([seen.size, generated, depth]).toEqual([17, 19, 5])
  })
  test('choices: each way once, in order, and none after the first final event', () => {
    const m = model({ n: int(0, 9), done: bool })
    const ways = (run: Step) =>
      [...runsOf(m, 'the action Do', run, { n: 0, done: false }, {})].map(({ picks, outcome, after }) => [picks.join(), outcome, after['n']])
    const quiet = (run: () => void): void => {
      try {
        run()
      } catch {}
    }
    expect(
      ways((s) => {
        s.n = pick([1, 2])
        if (s.n === 2) return
        either(
          () => (s.n = 5),
          () => quiet(() => when(false)),
          () => {},
        )
        s.n += pick([0, 3])
      }),
    ).toEqual([
      ['0,0,0', 'done', 5],
      ['0,0,1', 'done', 8],
      ['0,1', 'disabled', 0],
      ['0,2,0', 'done', 1],
      ['0,2,1', 'done', 4],
      ['1', 'done', 2],
    ])
  })
  test('equal texts for equal values, and for no others', () => {
    const values = [
      0,
      '0',
      null,
      'null',
      [],
      {},
      [[]],
      { a: 1 },
      { a: [1] },
      [1, 2],
      [2, 1],
      new Set([1]),
      new Map([[1, 2]]),
      new Map(),
      new Date(0),
      NaN,
      1n,
      [undefined],
      new Array(1),
    ]
    expect(new Set(values.map((one) => textOf(one))).size).toBe(values.length)
    expect(textOf({ a: 1, b: new Set([1, { c: 2 }]) })).toBe(textOf({ b: new Set([{ c: 2 }, 1]), a: 1 }))
  })
})
