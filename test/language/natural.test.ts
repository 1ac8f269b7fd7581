/** Code as it is found in programs: JavaScript itself, on plain objects without any checker, says what is right. `o` is a text of what is seen. */
import { isDeepStrictEqual } from 'node:util'
import { check, type CheckOptions, ids, int, map, model, option, record, seq, set, spec, union, value, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { valueText } from '../../src/program/text.ts'

const Job = record({ id: int(0, 3), n: int(0, 9) })
const Key = ids('k', 2)
const TYPES = {
  a: Job,
  b: Job,
  opt: option(Job),
  nums: seq(int(0, 9), 6),
  q: seq(Job, 5),
  ids: set(int(0, 9)),
  at: map(Key, Job),
  lists: map(Key, seq(int(0, 9), 4)),
  box: record({ job: Job, list: seq(int(0, 9), 4), up: set(Key) }),
  msg: union('kind', { ask: { id: int(0, 3), n: int(0, 9) }, pack: { job: Job }, none: {} }),
  out: value(''),
}
const start = (): Record<string, any> => ({
  a: { id: 1, n: 2 },
  b: { id: 2, n: 7 },
  opt: { id: 3, n: 4 },
  nums: [3, 0, 1, 0],
  q: [
    { id: 1, n: 5 },
    { id: 2, n: 1 },
    { id: 3, n: 8 },
  ],
  ids: new Set([1, 4]),
  at: { k1: { id: 0, n: 6 }, k2: { id: 1, n: 3 } },
  lists: { k1: [1, 2], k2: [3] },
  box: { job: { id: 1, n: 1 }, list: [4, 2], up: new Set(['k2']) },
  msg: { kind: 'ask', id: 2, n: 3 },
  out: '',
})

const CODE = [
  'const { q: [first, ...others] } = s; s.q = others; first.n = 9; o += JSON.stringify([first, others.length])',
  'const it = s.q[Symbol.iterator](); it.next(); s.q.unshift({id:0,n:0}); o += JSON.stringify(it.next().value)',
  'const [x, y] = s.q; s.q.splice(0, 2, y, x); o += s.q[0] === y; x.n = 0',
  's.q.sort((x, y) => x.n - y.n).reverse()[0].n = 4',
  "const m = new Map(s.q.map((j) => [j, j.n])); s.q.reverse(); o += [...m].map(([j, n]) => s.q.indexOf(j) + ':' + n)",
  'const w = new WeakSet(s.q); s.q.pop(); o += s.q.every((j) => w.has(j))',
  'label: for (const j of s.q) { for (const n of s.nums) { if (n === j.n) continue label; if (n > 2) { j.n = n; break } } }',
  'const copy = { ...s.box }; copy.list.push(1); s.box.job.n = 5; o += copy.job.n',
  'const copy = { ...s.box, job: { ...s.box.job } }; s.box.job.n = 5; o += copy.job.n; s.box = copy',
  'const old = s.box; s.box = { ...old, list: [...old.list, 0] }; old.list.push(3); o += old.list.length',
  'const old = s.lists.k1; s.lists.k1 = s.lists.k2.map((n) => n + 1); o += old.join(); old.push(9)',
  'const f = () => s.lists.k1; const l = f(); s.lists.k1 = []; o += l.length + f().length',
  's.lists = { k1: [...s.lists.k2], k2: [...s.lists.k1] }',
  '[s.lists.k1, s.lists.k2] = [s.lists.k2, s.lists.k1]; s.lists.k1.push(5)',
  'const { k1, ...rest } = s.at; s.at = { ...rest, k1: { ...k1, n: 0 } }; o += k1.n',
  'for (const [k, j] of Object.entries(s.at)) { delete { ...s.at }[k]; j.n = (j.n + 1) % 10 }',
  'o += Object.entries(s.at).map(([k, { n }]) => k + n).join() + JSON.stringify(Object.values(s.at))',
  's.opt = s.opt && { ...s.opt, n: 0 }; o += s.opt?.n',
  'const p = s.opt; s.opt = null; o += p === s.opt; s.opt = p; o += p === s.opt',
  'const t = s.a; s.a = s.b; o += s.a === t; s.b = t; o += s.b.n',
  'const held = s.q.filter((j) => j.n > 2); s.q.length = 1; o += held.map((j) => j.n); held[0].n = 3',
  'const held = s.q.at(-1); s.q.pop(); s.q.push(held); held.n = 2; o += s.q.at(-1) === held',
  'const held = s.q.pop(); s.q.unshift(held); held.n = 2',
  'const max = s.q.reduce((x, y) => (y.n > x.n ? y : x)); s.q = s.q.filter((j) => j !== max); o += max.n + s.q.length',
  'let c = 0; s.q.some((j) => { c += j.n; return c > 5 }); o += c',
  'let c = 0; try { s.q.forEach((j) => { c++; if (j.n === 1) throw j }) } catch (j) { j.n = 7 } o += c',
  'const gen = function* () { for (const j of s.q) { j.n = 0; yield j } }; for (const j of gen()) { if (j.id === 2) break }',
  'o += [...s.ids].map((n) => { s.ids.delete(n); return n * 2 }).join(); s.ids.add(0)',
  'for (const n of s.ids) { if (n < 8) s.ids.add(n + 2); s.ids.delete(n) } o += s.ids.size',
  'const before = new Set(s.ids); s.ids.add(9); o += [...s.ids].filter((n) => !before.has(n))',
  's.ids = new Set(s.q.map((j) => j.id)); s.ids.forEach((n, m, all) => { o += n + all.size })',
  "switch (s.msg.kind) { case 'ask': { const { id, n } = s.msg; s.msg = { kind: 'pack', job: { id, n } }; o += id } }",
  "const msg = s.msg; s.msg = { kind: 'none' }; o += msg.kind + s.msg.kind + ('n' in msg) + ('n' in s.msg)",
  "s.msg = { kind: 'pack', job: { id: 0, n: 0 } }; s.msg.job.n++; o += JSON.stringify(s.msg)",
  'Object.assign(s.a, s.b, { n: 3 }); o += s.a === s.b',
  'Object.assign(s, { a: { id: 0, n: 0 }, nums: [1] }); s.nums.push(2)',
  'const { a, ...others } = s; a.n = 5; o += Object.keys(others).length',
  'const snap = JSON.stringify(s); s.a.n = 9; o += snap === JSON.stringify(s)',
  "const snap = structuredClone(s.box); s.box.up.add('k1'); o += snap.up.size + s.box.up.size",
  "const u = s.box.up; s.box.up = new Set(); u.add('k1'); o += u.size + s.box.up.size",
  "o += s.nums.toString() + s.nums.concat(s.lists.k1, 7).join('') + [s.nums, s.lists.k2].flat()",
  's.nums.copyWithin(1, 0, 2); s.nums.fill(7, -1); o += s.nums.lastIndexOf(0)',
  's.nums = Array.from({ length: 3 }, (_, i) => i * i); s.nums[s.nums.length] = 8; o += s.nums.length',
  's.nums.splice(1, 2).forEach((n) => s.nums.push(n + 1))',
  'o += s.nums.reduceRight((t, n, i) => t + n * i, 0) + s.nums.findLast((n) => n < 2) + s.nums.findLastIndex((n) => n > 2)',
  'const [h = 9, , third = 8, ...z] = s.nums; o += h + third + z',
  's.nums.sort(); s.nums.reverse(); o += s.nums.with(0, 9)',
  'o += s.nums.entries().next().value + [...s.nums.keys()] + Object.entries(s.nums)',
  "for (const i in s.q) { if (i === '1') s.q[i].n = 0; o += typeof i }",
  "o += isDeepStrictEqual(s.q, JSON.parse(JSON.stringify(s.q))) + '' + isDeepStrictEqual(s.ids, new Set([4, 1]))",
  'const stack = [s.q[0]]; while (stack.length) { const j = stack.pop(); j.n--; if (j.n > 2) stack.push(j) }',
  's.q.forEach((j, i, all) => { if (i === 0) all.push({ id: 0, n: j.n }) }); o += s.q.length',
  's.q = [...s.q, ...s.q.splice(0, 1)].slice(0, 3); o += s.q.map((j) => j.id)',
  'const idx = new Map(); s.q.forEach((j, i) => idx.set(j.id, i)); s.q[idx.get(2)] = { ...s.q[idx.get(2)], n: 6 }',
  'const cmp = (x, y) => x.id - y.id || x.n - y.n; s.q.sort((x, y) => cmp(y, x)); o += s.q.toSorted(cmp)[0] === s.q.at(-1)',
  'const last = s.q[s.q.length - 1]; s.q.length--; last.n = 0; o += last.n + s.q.length',
  's.a.n += s.b.n > 5 ? 1 : 0; s.b.n ??= 3; s.a.n **= 2; o += s.a.n--',
  '(({ a, b }) => { [a.n, b.n] = [b.n, a.n] })(s)',
  'const view = { get n() { return s.a.n } }; s.a = { id: 0, n: 8 }; o += view.n',
  's.q.push({ ...s.q[0] }); s.q.at(-1).n = 0; o += s.q[0].n',
  'const j = { id: 0, n: 0 }; s.q[1] = j; j.n = 6; o += s.q[1] === j; s.q.shift(); j.id = 3; o += s.q[0].id',
  'const arr = []; s.nums = arr; for (let i = 0; i < 3; i++) arr.push(i); o += s.nums === arr',
]
const WAYS: readonly CheckOptions[] = [{}, { compiling: 'eager' }, { learning: false }]

describe.each(WAYS)('%j', (way) => {
  test.each(CODE)('%s', async (code) => {
    const act = new Function('s', 'isDeepStrictEqual', `let o = '';\n${code}\ns.out = o + '.'`)
    const plain = start()
    act(plain, isDeepStrictEqual)
    const m = model(TYPES)
    m.init((s) => {
      Object.assign(s, start())
    })
    m.action('Do', (s) => {
      when(s.out === '')
      act(s, isDeepStrictEqual)
    })
    m.terminal(() => true)
    m.step('Never', () => false)
    const { violations } = await check(
      spec('natural', () => m),
      way,
    )
    expect(valueText(violations[0]?.trace.at(-1)?.state)).toBe(valueText(m.state.immutable(plain)))
  })
})
