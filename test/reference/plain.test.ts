/**
 * The reference checker against JavaScript itself: little functions over plain objects, run on such an object without anything of the library, with
 * the result written by hand; and run by the reference checker.
 */
import { bag, bagOf, bool, either, enumOf, ids, int, map, model, option, pick, record, seq, set, union, value, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { referenceCheck } from '../../src/reference/reference.ts'
import { runOnce, runsOf } from '../../src/reference/runs.ts'
import { textOf } from '../../src/reference/text.ts'

type Data = Record<string, any>
type Step = (s: any) => unknown

const Job = record({ id: int(0, 9), n: int(0, 9) })
const Key = ids('k', 2)
const VARIABLES = {
  a: Job,
  b: Job,
  opt: option(Job),
  q: seq(Job, 4),
  nums: seq(int(0, 99), 5),
  ids: set(int(0, 9)),
  at: map(Key, Job),
  byNumber: map(int(-1, 1), int(0, 9)),
  lists: map(Key, seq(int(0, 9), 3)),
  msg: union('kind', { none: {}, ask: { id: int(0, 9) }, pack: { job: Job } }),
  out: value<unknown>(''),
}
const start = (): Data => ({
  a: { id: 1, n: 1 },
  b: { id: 2, n: 2 },
  opt: null,
  q: [
    { id: 1, n: 5 },
    { id: 2, n: 1 },
    { id: 3, n: 8 },
  ],
  nums: [3, 0, 1],
  ids: new Set([1, 4]),
  at: { k1: { id: 0, n: 6 }, k2: { id: 1, n: 3 } },
  byNumber: { 0: 1, 1: 2, '-1': 0 },
  lists: { k1: [1, 2], k2: [3] },
  msg: { kind: 'none' },
  out: '',
})

/** What the reference checker makes of a step. */
const after = (step: Step): Data => runOnce(model(VARIABLES), 'the action Do', step, start(), {}, () => 0).after

const STEPS: [string, Step, Data][] = [
  [
    'the head is held while the queue is shifted',
    (s) => {
      const head = s.q[0]
      s.q.shift()
      head.n = 9
      s.out = head.id + s.q[0].id
    },
    {
      q: [
        { id: 2, n: 1 },
        { id: 3, n: 8 },
      ],
      out: 3,
    },
  ],
  [
    'an element is written to after it has moved',
    (s) => {
      const last = s.q[2]
      s.q.sort((x: any, y: any) => x.n - y.n)
      s.q.reverse()
      last.n = 0
    },
    {
      q: [
        { id: 3, n: 0 },
        { id: 1, n: 5 },
        { id: 2, n: 1 },
      ],
    },
  ],
  ['a swap by destructuring', (s) => ([s.a, s.b] = [s.b, s.a]), { a: { id: 2, n: 2 }, b: { id: 1, n: 1 } }],
  [
    'a swap of elements, then a write',
    (s) => {
      ;[s.q[0], s.q[1]] = [s.q[1], s.q[0]]
      s.q[0].n = 7
    },
    {
      q: [
        { id: 2, n: 7 },
        { id: 1, n: 5 },
        { id: 3, n: 8 },
      ],
    },
  ],
  [
    'one object in two places is one within the function',
    (s) => {
      s.b = s.a
      s.a.n = 6
      s.b.id = 5
    },
    { a: { id: 5, n: 6 }, b: { id: 5, n: 6 } },
  ],
  [
    'a fresh object is changed after it was pushed',
    (s) => {
      const job = { id: 4, n: 0 }
      s.q.push(job)
      job.n = 3
      s.out = s.q[3] === job
    },
    {
      q: [
        { id: 1, n: 5 },
        { id: 2, n: 1 },
        { id: 3, n: 8 },
        { id: 4, n: 3 },
      ],
      out: true,
    },
  ],
  [
    'filter holds the elements',
    (s) => {
      for (const job of s.q.filter((x: any) => x.n > 2)) job.n = 0
      const [, ...rest] = s.q
      s.q = rest
    },
    {
      q: [
        { id: 2, n: 1 },
        { id: 3, n: 0 },
      ],
    },
  ],
  [
    'keys of a map by numbers: integer-like ones first',
    (s) => {
      s.out = `${Object.keys(s.byNumber)} ${JSON.stringify(s.byNumber)}`
    },
    { out: '0,1,-1 {"0":1,"1":2,"-1":0}' },
  ],
  [
    'texts',
    (s) => {
      s.out = `${s.nums} ${s.a} ${JSON.stringify(s.q[1])} ${JSON.stringify(s.ids)} ${0 in s.nums} ${3 in s.nums} ${Array.isArray(s.q)}`
    },
    { out: '3,0,1 [object Object] {"id":2,"n":1} {} true false true' },
  ],
  [
    'instanceof, tags, prototypes and copies',
    (s) => {
      const copy = structuredClone(s.ids)
      s.out = [
        s.ids instanceof Set,
        s.q.constructor === Array,
        Object.prototype.toString.call(s.ids),
        copy.has(4),
        Object.getPrototypeOf(s.ids) === Set.prototype,
      ]
    },
    { out: [true, true, '[object Set]', true, true] },
  ],
  [
    'a set grows while a loop runs over it',
    (s) => {
      for (const n of s.ids) if (n < 8) s.ids.add(n + 4)
    },
    { ids: new Set([1, 4, 5, 8, 9]) },
  ],
  [
    'a set shrinks while a loop runs over it',
    (s) => {
      let visits = 0
      for (const n of s.ids) {
        visits++
        s.ids.delete(n === 1 ? 4 : 1)
      }
      s.out = visits
    },
    { ids: new Set([1]), out: 1 },
  ],
  [
    'a list is replaced while a loop runs over it',
    (s) => {
      for (const n of s.nums) s.nums = [...s.nums.slice(1), n + 1]
    },
    { nums: [4, 1, 2] },
  ],
  [
    'a list is shifted while a loop runs over it',
    (s) => {
      let sum = 0
      for (const n of s.nums) {
        sum += n
        s.nums.shift()
      }
      s.out = sum
    },
    { nums: [1], out: 4 },
  ],
  [
    'indexOf and includes with a place to begin',
    (s) => {
      s.out = [
        s.nums.indexOf(0, 2),
        s.nums.indexOf(1, -1),
        s.nums.includes(3, 1),
        s.nums.lastIndexOf(3, undefined),
        s.q.indexOf(s.q[1]),
        s.q.includes(s.q[2], -1),
      ]
    },
    { out: [-1, 2, false, 0, 1, true] },
  ],
  ['a list puts its own element in front', (s) => s.nums.unshift(s.nums[1]), { nums: [0, 3, 0, 1] }],
  [
    'an exception leaves a callback',
    (s) => {
      let seen = 0
      try {
        s.q.every((job: any) => {
          seen++
          if (job.n === 1) throw new Error('found')
          return true
        })
      } catch {
        s.out = seen
      } finally {
        s.nums.push(seen)
      }
    },
    { out: 2, nums: [3, 0, 1, 2] },
  ],
  [
    'an early return, and what is out of range',
    (s) => {
      s.out = `${s.q[9]} ${s.q.at(-9)} ${s.a.none}`
      if (s.q[9] === undefined) return
      s.nums = []
    },
    { out: 'undefined undefined undefined' },
  ],
  [
    'the old variant is what it was',
    (s) => {
      s.msg = { kind: 'pack', job: s.a }
      const old = s.msg
      s.msg = { kind: 'ask', id: 3 }
      old.job.n = 8
    },
    { msg: { kind: 'ask', id: 3 }, a: { id: 1, n: 8 } },
  ],
  ['a new state is returned', (s) => ({ ...s, a: { ...s.a, n: 4 } }), { a: { id: 1, n: 4 } }],
  [
    'lists change places, one is in a record that is held',
    (s) => {
      const { k1 } = s.lists
      s.lists.k1 = s.lists.k2
      s.lists.k2 = k1
      k1.push(7)
    },
    { lists: { k1: [3], k2: [1, 2, 7] } },
  ],
  [
    'an option holds what another place holds',
    (s) => {
      s.opt = s.q[0]
      s.q.length = 1
      s.opt.n = 2
    },
    { opt: { id: 1, n: 2 }, q: [{ id: 1, n: 2 }] },
  ],
]

describe.each(STEPS)('%s', (_name, step, changes) => {
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
