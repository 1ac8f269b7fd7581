/** What a function of a spec changes outside itself is refused before anything runs, with its line; what it makes itself it may change. */
import { readFileSync } from 'node:fs'
import { List, Map as Immutable } from 'immutable'
import { bool, check, equal, every, ids, int, map, model, option, pick, record, seq, set, spec, union, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import type { SpecError } from '../../src/errors.ts'
import { impurities } from '../../src/source/source.ts'

const Node = ids('n', 2)
const Job = record({ id: int(0, 3), done: bool })
const variables = () => ({
  n: int(0, 9),
  x: int(0, 99),
  flag: map(Node, bool),
  jobs: seq(Job, 3),
  seen: set(int(0, 9)),
  job: Job,
  maybe: option(Job),
  message: union('type', { a: { job: Job }, b: { job: Job } }),
})
type Draft = any

// What lies outside.
let calls = 0
let lazy: number[] | undefined
const log: unknown[] = []
const cache = new Map<unknown, any>()
const known = new Set<unknown>()
const weak = new WeakMap<object, unknown>()
const settings = { limits: { high: 5 }, list: [{ n: 1 }, { n: 2 }], hits: 0 }
const table = [1, 2, 3]
const letters = /[a-z]/g
const numbers = (function* () {
  for (;;) yield 1
})()
class Counter {
  static made = 0
  count = 0
  up(): number {
    return ++this.count
  }
  get(): number {
    return this.count
  }
}
const counter = new Counter()
const immutable = Immutable({ a: 1 })
const lists = [List([1]), List([2])]

// Helpers.
const addTo = (list: unknown[], value: unknown): void => void list.push(value)
const remember = (value: unknown): void => addTo(log, value)
const memo = (key: number, compute: (key: number) => number): number => {
  if (!cache.has(key)) cache.set(key, compute(key))
  return cache.get(key) as number
}
function bump(by: number): number {
  calls += by
  return calls
}
const rise = (s: Draft): void => {
  s.n++
  addTo(s.jobs, { id: 0, done: false })
}
const limits = (): { high: number } => settings.limits
const sorted = (list: readonly number[]): number[] => [...list].sort()
const put = (into: Immutable<string, number>, key: string): Immutable<string, number> => into.set(key, 2)

/** What an action is refused with. */
function refusals(run: (s: Draft, parameters?: Draft) => unknown, states = false): SpecError[] {
  const m = model(variables())
  if (states) m.step('S', run as never)
  else m.action('A', { p: Node }, run as never)
  return impurities(m)
}
/** What is changed, and the line that does it. */
const told = (run: (s: Draft, parameters?: Draft) => unknown): (string | undefined)[] => {
  const [first] = refusals(run)
  if (first === undefined) return []
  const line = readFileSync(first.location!.file, 'utf8').split('\n')[first.location!.line - 1]!.trim()
  return [/ changes (.*), which is declared outside it$/.exec(first.message)?.[1], line]
}

describe('refused', () => {
  test.each<[string, string, (s: Draft) => unknown]>([
    ['a counter', 'calls', () => calls++],
    ['an assignment', 'calls', (s) => (calls = s.n)],
    ['a lazy value', 'lazy', () => (lazy ??= [1])],
    ['destructuring', 'calls', (s) => ([calls] = [s.n])],
    ['destructuring of an object', 'settings.hits', (s) => ({ n: settings.hits } = s)],
    ['a field', 'settings.hits', () => settings.hits++],
    ['a field of a field', 'settings.limits.high', (s) => (settings.limits.high = s.n)],
    ['an element', 'table[0]', (s) => (table[0] = s.n)],
    ['a deleted field', 'settings.limits.high', () => delete (settings.limits as { high?: number }).high],
    ['push', 'log', (s) => log.push(s.n)],
    ['push, optionally', 'log', (s) => log?.push(s.n)],
    ['sort', 'table', () => table.sort()[0]],
    ['a Set', 'known', (s) => known.add(s.n).size],
    ['a Map', 'cache', (s) => cache.set(s.n, 1)],
    ['a WeakMap', 'weak', () => weak.set({}, 1)],
    ['Object.assign', 'settings', () => Object.assign(settings, { hits: 1 })],
    ['Object.defineProperty', 'settings', () => Object.defineProperty(settings, 'hits', { value: 1 })],
    ['a method taken from the prototype', 'log', (s) => Array.prototype.push.call(log, s.n)],
    ['a regular expression that remembers', 'letters.lastIndex', () => letters.test('a')],
    ['a generator', 'numbers', () => numbers.next().value],
    [
      'a generator, in a loop',
      'numbers',
      () => {
        for (const one of numbers) if (one > 0) break
      },
    ],
    ['a method of a class', 'counter', () => counter.up()],
    ['a static field', 'Counter.made', () => Counter.made++],
    [
      'a loop over a name outside',
      'calls',
      (s) => {
        for (calls of s.seen);
      },
    ],
    [
      'an alias',
      'c',
      (s) => {
        const c = cache
        c.set(s.n, 1)
      },
    ],
    [
      'an alias of a part',
      'high.high',
      () => {
        const { limits: high } = settings
        high.high = 1
      },
    ],
    [
      'an alias in a branch',
      'list',
      (s) => {
        const list = s.n > 0 ? log : []
        list.push(1)
      },
    ],
    [
      'an element of a list outside',
      'one.n',
      () => {
        for (const one of settings.list) one.n = 3
      },
    ],
    ['an element in a callback', 'one.n', () => settings.list.forEach((one) => void (one.n = 3))],
    [
      'an element of a copy',
      'copy[0].n',
      () => {
        const copy = [...settings.list]
        copy[0]!.n = 3
      },
    ],
    [
      'what is found',
      'found.n',
      () => {
        const found = settings.list.find((one) => one.n === 1)!
        found.n = 3
      },
    ],
    [
      'what is filtered',
      'one.n',
      () => {
        for (const one of settings.list.filter((one) => one.n === 1)) one.n = 3
      },
    ],
    [
      'what is mapped to itself',
      'one.n',
      () => {
        for (const one of settings.list.map((one) => one)) one.n = 3
      },
    ],
    [
      'what is picked',
      'one.n',
      () => {
        const one = pick(settings.list)
        one.n = 3
      },
    ],
    [
      'put into an object of its own',
      'own.inner.hits',
      () => {
        const own: { inner?: typeof settings } = {}
        own.inner = settings
        own.inner.hits = 3
      },
    ],
    ['in a callback', 'calls', (s) => Node.every((one) => s.flag[one] || ++calls > 0)],
    [
      'in a function of its own',
      'calls',
      () => {
        const up = (): number => calls++
        return up()
      },
    ],
    [
      'given to a function of its own',
      'list',
      () => {
        const add = (list: unknown[]): unknown => list.push(1)
        add(log)
      },
    ],
    ['given to a helper that changes it', 'log', (s) => addTo(log, s.n)],
    ['what a helper gives', 'limits().high', () => (limits().high = 3)],
  ])('%s', (_, what, run) => {
    expect(told(run)[0]).toBe(what)
  })
  test.each<[string, string, string, (s: Draft) => unknown]>([
    ['in a helper', 'calls', 'calls += by', () => bump(2)],
    ['in a helper of a helper', 'log', 'const remember = (value: unknown): void => addTo(log, value)', (s) => remember(s.n)],
    ['a memo cache', 'cache', 'if (!cache.has(key)) cache.set(key, compute(key))', (s) => memo(s.n, (n) => n + 1)],
    ['a helper that is handed on', 'calls', 'calls += by', () => [1].map(bump)],
  ])('%s, with the line of the helper', (_, what, line, run) => {
    expect(told(run)).toEqual([what, line])
  })
  test('with the line of the statement, not that of the function', () => {
    const line = told((s) => {
      when(s.n < 9)
      s.n++
      if (s.n > 3) calls++
    })
    expect(line).toEqual(['calls', 'if (s.n > 3) calls++'])
  })
  test('several, each once, in their order', () => {
    expect(
      refusals((s) => {
        calls++
        log.push(s.n)
      }).map(({ message }) => message),
    ).toEqual(['the action A changes calls, which is declared outside it', 'the action A changes log, which is declared outside it'])
  })
  test('in every function of a model', () => {
    const m = model(variables())
    m.init(() => void calls++)
    m.process('P', Node, { start: () => (calls++ > 0 ? 'Done' : 'Done') })
    m.invariant('I', () => calls++ > 0)
    m.reachable('R', () => calls++ > 0)
    m.constraint(() => calls++ > 0)
    m.terminal(() => calls++ > 0)
    m.step('S', () => calls++ > 0)
    m.property('F', ({ always }) => always(() => calls++ > 0))
    m.fair('P.start', 'weak', { where: () => calls++ > 0 })
    m.view(() => calls++)
    m.show('V', () => calls++)
    const abstract = model({ n: int(0, 9) })
    abstract.action('B', () => void calls++)
    m.refines('M', abstract, () => ({ n: calls++ }))
    expect(impurities(m).map(({ message }) => message.replace(' changes calls, which is declared outside it', ''))).toEqual([
      'init',
      'the action P.start',
      'the invariant I',
      'the property R',
      'the constraint condition',
      'the terminal condition',
      'the step property S',
      'the property F',
      'the condition of the fairness of P.start',
      'the mapping of M',
      'the action B',
      'the view',
      'the shown value V',
    ])
  })
  test('by a check, before it searches', async () => {
    let runs = 0
    const s = spec('s', () => {
      const m = model({ n: int(0, 3) })
      m.action('A', () => {
        runs++
      })
      return m
    })
    await expect(check(s)).rejects.toThrow('the action A changes runs, which is declared outside it')
    expect(runs).toBe(0)
  })
})

describe('not refused', () => {
  test.each<[string, (s: Draft, parameters?: Draft) => unknown]>([
    [
      'the state',
      (s) => {
        s.n++
        s.jobs.push({ id: 0, done: false })
        s.jobs[0].done = true
        s.seen.add(3)
        delete s.flag.n1
      },
    ],
    [
      'parts of the state',
      (s) => {
        const {
          job,
          jobs: [first],
        } = s
        job.id = 3
        first.done = true
        for (const one of s.jobs) one.done = true
        s.jobs.find((one: Draft) => one.id === 1).id = 2
      },
    ],
    [
      'local variables',
      (s) => {
        let n = 0
        const list: number[] = []
        for (let i = 0; i < 3; i++) {
          n += i
          list.push(n)
        }
        const names = new Set<number>()
        Node.every((one) => {
          if (s.flag[one]) names.add(n++)
          return true
        })
        list.sort().reverse()
      },
    ],
    [
      'a name that is shadowed',
      (s) => {
        const log: number[] = []
        log.push(s.n)
        {
          let calls = 0
          calls++
          s.n = calls
        }
        const inner = (cache: Map<number, number>): unknown => cache.set(1, 1)
        inner(new Map())
      },
    ],
    [
      'copies',
      () => {
        const copy = { ...settings, limits: { ...settings.limits } }
        copy.hits = 3
        copy.limits.high = 3
        const list = [...table]
        list.sort()
        table.slice().sort()
        table.map((n) => ({ n })).forEach((one) => void one.n++)
        structuredClone(settings).limits.high = 3
        sorted(table).reverse()
        Array.from(table).reverse()
        Object.entries(settings).push(['x', 1])
        table.toSorted().push(1)
        JSON.parse(JSON.stringify(settings)).hits = 3
      },
    ],
    [
      'an accumulator',
      () => {
        const sum = table.reduce((all: Record<number, number>, n) => {
          all[n] = n
          return all
        }, {})
        sum[3] = 4
      },
    ],
    [
      'helpers that change the state',
      (s) => {
        rise(s)
        addTo(s.jobs, 1)
        addTo([], 1)
        addTo([...log], 1)
      },
    ],
    [
      'an Immutable collection',
      (s) => {
        s.x = immutable.set('a', 2).size
        s.n = lists[0]!.push(3).size
        put(immutable, 'b').delete('a')
        return lists.map((list) => list.push(s.n))
      },
    ],
    [
      'reading outside',
      (s) => {
        s.n = table.length + (cache.get(1) ?? 0) + settings.list[0]!.n + counter.get()
        return known.has(s.n) && table.includes(2) && /[a-z]/g.test('a')
      },
    ],
    [
      'a template of the state that is copied',
      (s) => {
        s.job = settings.list[0]
        s.job.id = 3
      },
    ],
    [
      'objects of its own classes',
      () => {
        const own = new Counter()
        own.up()
        own.count = 3
        class Inner {
          n = 0
          up(): void {
            this.n++
          }
        }
        new Inner().up()
      },
    ],
    [
      'recursion',
      (s) => {
        const walk = (n: number): number => (n === 0 ? 0 : walk(n - 1) + 1)
        s.n = walk(3)
      },
    ],
    ['functions of Node.js', () => structuredClone({}) && encodeURIComponent('a')],
    ['what is not to be read', bump.bind(null, 0) as never],
  ])('%s', (_, run) => {
    expect(refusals(run).map(({ message }) => message)).toEqual([])
  })
})

describe('objects of two states are never the same', () => {
  const comparisons = (run: (before: Draft, after: Draft) => unknown): string[] => refusals(run, true).map(({ message }) => message)
  test.each<[string, (before: Draft, after: Draft, p?: Draft) => unknown]>([
    ['before.job by ===', (before, after) => before.job === after.job],
    ['after.jobs by !==', (before, after) => after.jobs !== before.jobs],
    // biome-ignore lint/suspicious/noDoubleEquals: it is what is tested
    ['before.seen by ==', (before, after) => before.seen == after.seen],
    ['before.message by ===', (before, after) => before.message === after.message],
    ['before.flag by ===', (before, after) => before.flag === after.flag],
    ['before.jobs[0] by ===', (before, after) => before.jobs[0] === after.jobs.at(1)],
    ['job by ===', ({ job }, { job: later }) => job === later],
    [
      'one by ===',
      (before, after) => {
        const one = before.job
        const other = after.job
        return one === other
      },
    ],
    ['before.message.job by ===', (before, after) => Node.every(() => before.message.job === after.message.job)],
    ['before by ===', (before, after) => before === after],
  ])('%s', (what, run) => {
    const [left, operator] = what.split(' by ')
    const [message, ...more] = comparisons(run)
    expect(more).toEqual([])
    expect(message).toMatch(
      new RegExp(
        `^the step property S compares ${(operator === '!==' ? 'after.jobs' : left)!.replace(/[[\].]/g, '\\$&')} with .* by ${operator}, which compares objects of two states`,
      ),
    )
  })
  test.each<[string, (before: Draft, after: Draft) => unknown]>([
    ['numbers', (before, after) => before.n === after.n && before.job.id === after.job.id],
    ['flags of a map', (before, after) => Node.every((n) => before.flag[n] === after.flag[n])],
    ['one state', (before) => before.jobs[0] === before.jobs[1]],
    ['with null', (before, after) => before.maybe === null && after.maybe !== null],
    ['by content', (before, after) => equal(before.job, after.job)],
    ['of quantifiers', (before, after) => every(before.seen, (n) => after.seen.has(n))],
    ['lengths', (before, after) => before.jobs.length === after.jobs.length],
  ])('not refused: %s', (_, run) => {
    expect(comparisons(run)).toEqual([])
  })
  test('the hint says what to write', () => {
    const [error] = refusals((before, after) => before.job !== after.job, true)
    expect(error?.hint).toBe('compare by content: !equal(before.job, after.job)')
  })
})
