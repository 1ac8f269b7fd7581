/**
 * What may be written in an action, row by row of the table of values: what is done to a start of plain data, and what it is afterwards, written by
 * hand. JavaScript, the reference checker and the engine are each asked.
 */
import { isDeepStrictEqual } from 'node:util'
import { ids, int, map, option, record, seq, set, union, value } from 'tsmc'

export type Data = Record<string, any>
export type Step = (s: any) => unknown

export interface Case {
  readonly row: string
  readonly name: string
  readonly step: Step
  /** The variables that are different afterwards. */
  readonly changes: Data
}

export const Job = record({ id: int(0, 9), n: int(0, 9) })
const Key = ids('k', 2)
export const VARIABLES = {
  a: Job,
  b: Job,
  opt: option(Job),
  q: seq(Job, 6),
  nums: seq(int(0, 99), 6),
  ids: set(int(0, 9)),
  at: map(Key, Job),
  byNumber: map(int(-1, 1), int(0, 9)),
  lists: map(Key, seq(int(0, 9), 3)),
  msg: union('kind', { none: {}, ask: { id: int(0, 9) }, pack: { job: Job } }),
  out: value<unknown>(''),
}
export const start = (): Data => ({
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

const row = (name: string, cases: readonly (readonly [name: string, step: Step, changes: Data])[]): Case[] =>
  cases.map(([title, step, changes]) => ({ row: name, name: title, step, changes }))

export const CASES: readonly Case[] = [
  ...row('holds a composite, then changes the container', [
    [
      'the head, while the queue is shifted',
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
      'an element that is sorted and reversed',
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
    [
      'an element that is spliced out',
      (s) => {
        const second = s.q[1]
        const out = s.q.splice(1, 1, { id: 7, n: 7 })
        second.n = 4
        s.out = out[0].n
      },
      {
        q: [
          { id: 1, n: 5 },
          { id: 7, n: 7 },
          { id: 3, n: 8 },
        ],
        out: 4,
      },
    ],
    [
      'a record that is replaced',
      (s) => {
        const old = s.a
        s.a = { id: 5, n: 5 }
        old.n = 9
        s.out = old.id + s.a.n
      },
      { a: { id: 5, n: 5 }, out: 6 },
    ],
    [
      'an entry of a map that is replaced as a whole',
      (s) => {
        const { k2 } = s.at
        s.at = { k1: { id: 0, n: 0 }, k2: { id: 0, n: 0 } }
        s.out = k2.n
      },
      { at: { k1: { id: 0, n: 0 }, k2: { id: 0, n: 0 } }, out: 3 },
    ],
    [
      'a list that is replaced',
      (s) => {
        const old = s.nums
        s.nums = []
        old.push(7)
        s.out = old.length
      },
      { nums: [], out: 4 },
    ],
    [
      'a list that is shortened',
      (s) => {
        const last = s.q.at(-1)
        s.q.length = 1
        s.out = last.n
      },
      { q: [{ id: 1, n: 5 }], out: 8 },
    ],
    [
      'the variant of a union',
      (s) => {
        s.msg = { kind: 'pack', job: s.a }
        const old = s.msg
        s.msg = { kind: 'ask', id: 3 }
        old.job.n = 8
        s.out = old.kind
      },
      { msg: { kind: 'ask', id: 3 }, a: { id: 1, n: 8 }, out: 'pack' },
    ],
    [
      'an optional record that is set to null',
      (s) => {
        s.opt = { id: 3, n: 3 }
        const old = s.opt
        s.opt = null
        old.n = 4
        s.out = old.n
      },
      { out: 4 },
    ],
  ]),
  ...row('swaps', [
    ['records, by destructuring', (s) => ([s.a, s.b] = [s.b, s.a]), { a: { id: 2, n: 2 }, b: { id: 1, n: 1 } }],
    [
      'elements, then a write',
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
      'entries of a map, by a variable',
      (s) => {
        const t = s.at.k1
        s.at.k1 = s.at.k2
        s.at.k2 = t
        t.n = 0
      },
      { at: { k1: { id: 1, n: 3 }, k2: { id: 0, n: 0 } } },
    ],
    [
      'lists, one of them held',
      (s) => {
        const { k1 } = s.lists
        s.lists.k1 = s.lists.k2
        s.lists.k2 = k1
        k1.push(7)
      },
      { lists: { k1: [3], k2: [1, 2, 7] } },
    ],
  ]),
  ...row('copies that hold parts', [
    [
      'filter and rest',
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
      'spread of a map',
      (s) => {
        const before = { ...s.at }
        s.at.k1 = { id: 9, n: 9 }
        before.k2.n = 1
        s.out = before.k1.n
      },
      { at: { k1: { id: 9, n: 9 }, k2: { id: 1, n: 1 } }, out: 6 },
    ],
    [
      'Object.values',
      (s) => {
        for (const job of Object.values<any>(s.at)) job.n = job.id
      },
      { at: { k1: { id: 0, n: 0 }, k2: { id: 1, n: 1 } } },
    ],
    [
      'toSorted, slice, concat',
      (s) => {
        s.q.toSorted((x: any, y: any) => y.n - x.n)[0].n = 0
        s.q.slice(-2)[0].n = 2
        s.out = s.q.concat(s.q, s.a).length
      },
      {
        q: [
          { id: 1, n: 5 },
          { id: 2, n: 2 },
          { id: 3, n: 0 },
        ],
        out: 7,
      },
    ],
  ]),
  ...row('two places', [
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
      'an element in an option',
      (s) => {
        s.opt = s.q[0]
        s.q.length = 1
        s.opt.n = 2
      },
      { opt: { id: 1, n: 2 }, q: [{ id: 1, n: 2 }] },
    ],
    [
      'an element twice in a list',
      (s) => {
        s.q.push(s.q[0])
        s.q[3].n = 0
        s.out = s.q[0] === s.q[3]
      },
      {
        q: [
          { id: 1, n: 0 },
          { id: 2, n: 1 },
          { id: 3, n: 8 },
          { id: 1, n: 0 },
        ],
        out: true,
      },
    ],
    [
      'fill',
      (s) => {
        s.q.fill(s.a, 0, 2)
        s.a.n = 3
      },
      {
        a: { id: 1, n: 3 },
        q: [
          { id: 1, n: 3 },
          { id: 1, n: 3 },
          { id: 3, n: 8 },
        ],
      },
    ],
  ]),
  ...row('fresh values', [
    [
      'pushed, then changed',
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
      'an array, assigned, then changed',
      (s) => {
        const list = [1]
        s.nums = list
        list.push(2)
        s.nums.push(3)
        s.out = list.length
      },
      { nums: [1, 2, 3], out: 3 },
    ],
    [
      'a set, assigned, then changed',
      (s) => {
        const set = new Set([7])
        s.ids = set
        set.add(2)
        s.out = [s.ids === set, s.ids.size]
      },
      { ids: new Set([2, 7]), out: [true, 2] },
    ],
    [
      'nested',
      (s) => {
        const at = { k1: { id: 1, n: 0 }, k2: s.a }
        s.at = at
        at.k1.n = 5
        at.k2.n = 6
        s.out = s.at.k1 === at.k1
      },
      { at: { k1: { id: 1, n: 5 }, k2: { id: 1, n: 6 } }, a: { id: 1, n: 6 }, out: true },
    ],
  ]),
  ...row('what was read as text, keys and copies', [
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
      'for … in, entries and own names',
      (s) => {
        let o = ''
        for (const i in s.nums) o += i
        for (const k in s.at) o += k
        s.out = `${o} ${Object.entries(s.nums)} ${Object.getOwnPropertyNames(s.nums)}`
      },
      { out: '012k1k2 0,3,1,0,2,1 0,1,2,length' },
    ],
    [
      'instanceof, tags, prototypes',
      (s) => {
        s.out = [
          s.ids instanceof Set,
          s.q.constructor === Array,
          Object.prototype.toString.call(s.ids),
          Object.getPrototypeOf(s.a) === Object.prototype,
        ]
      },
      { out: [true, true, '[object Set]', true] },
    ],
    [
      'deep comparisons of Node.js',
      (s) => {
        s.out = [
          isDeepStrictEqual(s.a, { id: 1, n: 1 }),
          isDeepStrictEqual(s.ids, new Set([4, 1])),
          isDeepStrictEqual(s.q, [...s.q]),
          isDeepStrictEqual(s.a, s.b),
        ]
      },
      { out: [true, true, true, false] },
    ],
    [
      'structuredClone',
      (s) => {
        const copy = structuredClone(s.q)
        copy[0].n = 0
        s.out = [copy[0].n, s.q[0].n, structuredClone(s.ids).has(4), structuredClone({ job: s.a }).job.id]
      },
      { out: [0, 5, true, 1] },
    ],
    [
      'descriptors of properties',
      (s) => {
        const { n } = Object.getOwnPropertyDescriptors(s.a)
        s.out = [n.value, Object.getOwnPropertyDescriptor(s.nums, 2)?.value, Reflect.getOwnPropertyDescriptor(s.q, 1)?.value === s.q[1]]
      },
      { out: [1, 1, true] },
    ],
    [
      'the constructor of a set, an array, a record',
      (s) => {
        s.out = [s.ids.constructor === Set, s.nums.constructor === Array, s.a.constructor === Object, s.ids instanceof s.ids.constructor]
      },
      { out: [true, true, true, true] },
    ],
    [
      'a replacer of JSON.stringify',
      (s) => {
        JSON.stringify({ q: s.nums }, (k, v) => {
          if (k === 'q' && Array.isArray(v)) s.out = v.length
          return v
        })
      },
      { out: 3 },
    ],
  ]),
  ...row('===', [
    [
      'the same object',
      (s) => {
        const again = s.a
        s.out = [s.a === again, s.a === s.b, s.q.at(-1) === s.q[2], s.q.find((x: any) => x.n === 1) === s.q[1], s.at.k1 === Object.values(s.at)[0]]
      },
      { out: [true, false, true, true, true] },
    ],
    [
      'after a shift, and after another one was assigned',
      (s) => {
        const [head, second] = s.q
        const old = s.a
        s.q.shift()
        s.a = { ...old }
        s.out = [s.q[0] === second, s.q[0] === head, s.a === old]
      },
      {
        q: [
          { id: 2, n: 1 },
          { id: 3, n: 8 },
        ],
        out: [true, false, false],
      },
    ],
  ]),
  ...row('looks for a composite', [
    [
      'a handle is found where it is',
      (s) => {
        const second = s.q[1]
        s.q.reverse()
        s.out = [s.q.indexOf(second), s.q.includes(s.a), s.q.lastIndexOf(s.q[0]), [...s.q].includes(s.q.pop())]
      },
      {
        q: [
          { id: 3, n: 8 },
          { id: 2, n: 1 },
        ],
        out: [1, false, 0, true],
      },
    ],
  ]),
  ...row('methods of arrays', [
    [
      'a place to begin',
      (s) => {
        s.out = [s.nums.indexOf(0, 2), s.nums.indexOf(1, -1), s.nums.includes(3, 1), s.nums.lastIndexOf(3, undefined), s.q.includes(s.q[2], -1)]
      },
      { out: [-1, 2, false, 0, true] },
    ],
    ['own elements in front', (s) => s.nums.unshift(s.nums[1], ...s.nums.slice(1)), { nums: [0, 0, 1, 3, 0, 1] }],
    [
      'concat, flat, flatMap, with, toSpliced',
      (s) => {
        s.out = [
          s.nums.concat(s.nums).length,
          [s.nums, s.nums].flat().length,
          Object.values<any>(s.lists).flatMap((x) => [...x, 0]).length,
          s.nums.with(0, 9)[0],
          s.nums.toSpliced(0, 2).length,
        ]
      },
      { out: [6, 6, 5, 9, 1] },
    ],
    [
      'copyWithin, fill, splice with negative places',
      (s) => {
        s.nums.copyWithin(0, 1)
        s.nums.fill(7, -1)
        s.out = s.nums.splice(-2, 1)
      },
      { nums: [0, 7], out: [1] },
    ],
    [
      'index and array of callbacks',
      (s) => {
        s.out = s.nums.map((n: number, i: number, all: number[]) => n + i + all.length)
      },
      { out: [6, 4, 6] },
    ],
    [
      'what is out of range',
      (s) => {
        s.out = `${s.q[9]} ${s.q.at(-9)} ${s.nums[-1]} ${s.at.none}`
      },
      { out: 'undefined undefined undefined undefined' },
    ],
  ]),
  ...row('changes what it loops over', [
    [
      'a set grows',
      (s) => {
        for (const n of s.ids) if (n < 8) s.ids.add((n + 4) % 10)
      },
      { ids: new Set([1, 4, 5, 8, 9]) },
    ],
    [
      'a set shrinks',
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
      'an element is taken out and put back',
      (s) => {
        let visits = 0
        for (const _ of s.ids)
          if (++visits === 2) {
            s.ids.delete(1)
            s.ids.add(1)
          }
        s.out = visits
      },
      { out: 3 },
    ],
    [
      'a set is replaced',
      (s) => {
        for (const n of s.ids) s.ids = new Set([n])
      },
      { ids: new Set([4]) },
    ],
    [
      'a list is shifted',
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
      'a list is replaced',
      (s) => {
        for (const n of s.nums) s.nums = [...s.nums.slice(1), n + 1]
      },
      { nums: [4, 1, 2] },
    ],
    [
      'a list is popped in forEach',
      (s) => {
        let visits = 0
        s.q.forEach(() => {
          visits++
          s.q.pop()
        })
        s.out = visits
      },
      { q: [{ id: 1, n: 5 }], out: 2 },
    ],
  ]),
  ...row('callbacks', [
    [
      'count and collect',
      (s) => {
        let n = 0
        const names: string[] = []
        Key.every((k) => {
          n += s.at[k].n
          names.push(k)
          return true
        })
        s.out = `${n} ${names}`
      },
      { out: '9 k1,k2' },
    ],
    [
      'throw, and what catches',
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
      'write to the state',
      (s) => {
        Key.every((k) => {
          s.at[k].n = 0
          return true
        })
      },
      { at: { k1: { id: 0, n: 0 }, k2: { id: 1, n: 0 } } },
    ],
    [
      'an early return',
      (s) => {
        s.out = 1
        if (s.q[9] === undefined) return
        s.nums = []
      },
      { out: 1 },
    ],
  ]),
  ...row('returned state', [
    ['a new state', (s) => ({ ...s, a: { ...s.a, n: 4 } }), { a: { id: 1, n: 4 } }],
    [
      'the draft itself',
      (s) => {
        s.a.n = 4
        return s
      },
      { a: { id: 1, n: 4 } },
    ],
    ['what push gives', (s) => s.nums.push(4), { nums: [3, 0, 1, 4] }],
    ['what add gives', (s) => s.ids.add(2), { ids: new Set([1, 2, 4]) }],
  ]),
  ...row('value()', [
    [
      'a Map, a Set, a Date',
      (s) => {
        s.out = { at: new Map([['x', [1]]]), set: new Set([2]), day: new Date(0) }
        s.nums[0] = s.out.at.get('x')[0]
      },
      { out: { at: new Map([['x', [1]]]), day: new Date(0), set: new Set([2]) }, nums: [1, 0, 1] },
    ],
    [
      'is changed inside',
      (s) => {
        s.out = { list: [1] }
        s.out.list.push(2)
      },
      { out: { list: [1, 2] } },
    ],
  ]),
]
