/** Where there are no more numbers for states: told, and no verdict. The number is an option, so that it is met early. */
import { check, type CheckOptions, int, model, pick, record, seq, spec } from 'tsmc'
import { expect, test } from 'vitest'
import { BreadthFirst } from '../../src/explore/breadthFirst.ts'
import { Coordinator, type Participant } from '../../src/explore/coordinator.ts'
import { LevelWorker } from '../../src/explore/levelWorker.ts'
import { mostShared } from '../../src/explore/successorLists.ts'
import { layoutOf } from '../../src/layout/layout.ts'
import { Heap } from '../../src/layout/heap.ts'
import type { Explorable } from '../../src/program/system.ts'
import { outcome } from '../../src/report/outcome.ts'
import { terminalReport, verdictText } from '../../src/report/terminal.ts'
import { Full, SEGMENT } from '../../src/visited/arena.ts'
import { SHARED } from '../../src/visited/memory.ts'
import { timeless } from '../cli/run.ts'
import { directory } from '../store/directory.ts'

const MOST = 2 * SEGMENT

/** Counters of up to 20 values each: 20^4 states, in 1 word or, with room for larger values, in more. */
const counters = (largest: number) =>
  spec('counters', { bad: 99 }, ({ bad }) => {
    const m = model({ at: seq(int(0, largest), 4) })
    m.init((s) => {
      for (let i = 0; i < 4; i++) s.at.push(0)
    })
    m.action('Up', { i: int(0, 3) }, (s, { i }) => {
      s.at[i] = ((s.at[i] as number) + 1) % 20
    })
    m.invariant('Small', (s) => s.at.every((n) => n < bad))
    return m
  })

const LEFT =
  /^there are numbers for 131072 states in memory: (?:\d+ states found but not expanded|not everything that follows from the states found was looked at); --store keeps the states on disk$/

test.each<[string, number, CheckOptions]>([
  ['of one word, compiled', 99, { compiling: 'eager' }],
  ['of two words', 2 ** 12, {}],
  ['of more than 64 bits, compiled', 2 ** 20, { compiling: 'eager' }],
  ['of more than 64 bits, by JavaScript', 2 ** 20, { compiling: false }],
  ['of more than 64 bits, by fingerprints', 2 ** 20, { keys: 'fingerprint' }],
])('states %s', async (_, largest, options) => {
  const result = await check(counters(largest), { ...options, capacity: MOST + 5 })
  expect(result.verdict).toBe('incomplete')
  expect(result.incomplete).toMatchObject({ bound: 'capacity', text: expect.stringMatching(LEFT) })
  // A round is taken whole, or not at all.
  expect(result.distinct).toBeLessThanOrEqual(MOST)
  expect(result.expected).toBe(false)
  expect(outcome(result, false)).toBe('incomplete')
  expect(verdictText(result)).toBe('incomplete: stopped by lack of numbers for states; nothing found so far')
  expect(timeless(terminalReport(result))).toContain('--store keeps the states on disk')
})

test('with as many numbers as there are states nothing is said', async () => {
  const result = await check(counters(99), { capacity: 3 * SEGMENT })
  expect([result.verdict, result.distinct, result.incomplete]).toEqual(['holds', 160_000, null])
})

test('what is found before stays found', async () => {
  const { verdict, violation, incomplete } = await check(counters(2 ** 20), { constants: { bad: 15 }, capacity: MOST })
  expect([verdict, violation?.steps, incomplete]).toEqual(['violated', 15, null])
})

test('a store has room for all, but temporal properties are checked in memory', async () => {
  const pair = (checked: boolean) =>
    spec('pair', () => {
      const X = int(0, 299)
      const m = model({ x: X, y: X })
      m.init((s) => {
        s.x = pick(X)
        s.y = pick(X)
      })
      m.action('X', (s) => {
        s.x = (s.x + 1) % 300
      })
      m.action('Y', (s) => {
        s.y = (s.y + 1) % 300
      })
      if (checked) m.property('Often', ({ always, eventually }) => always(eventually((s) => s.x === 0)))
      return m
    })
  const at = directory()
  const options = (name: string): CheckOptions => ({ capacity: SEGMENT, store: { directory: `${at}/${name}`, memory: 128 } })
  const stored = await check(pair(false), options('without'))
  expect([stored.verdict, stored.distinct]).toEqual(['holds', 90_000])
  const stopped = await check(pair(true), options('with'))
  expect([stopped.verdict, stopped.distinct, stopped.incomplete]).toEqual([
    'incomplete',
    90_000,
    { bound: 'capacity', text: 'there are numbers for 65536 states in memory: not everything that follows from the states found was looked at' },
  ])
})

/** A tree: every node has four children, so that levels become wide. */
const tree = (): Explorable => ({
  layout: layoutOf(record({ n: int(0, 2 ** 30) })),
  actions: ['Down'],
  instances: [{ action: 0, name: 'Down', parameters: {} }],
  constrained: false,
  viewed: false,
  invariants: [],
  steps: [],
  reachables: [],
  initial(out) {
    out.states[out.count] = 0
    out.instance[out.count++] = 0
    return true
  },
  expand(states, at, out) {
    for (let i = 1; i <= 4; i++) {
      if (out.count === out.instance.length) out.grow()
      out.states[out.count] = 4 * (states[at] as number) + i
      out.instance[out.count++] = 0
    }
    return 4
  },
  inside: () => true,
  terminal: () => false,
  viewOf: () => 0,
  violated: () => -1,
  brokenStep: () => -1,
  reaches: () => false,
})

test('threads that explore together meet the same end', async () => {
  const checks = { invariants: [], steps: [], reachables: [], deadlock: true, assertions: null }
  const search = new BreadthFirst(tree(), checks, { capacity: MOST }, SHARED)
  const heap = new Heap()
  const coordinator = new Coordinator(search, 2, heap)
  coordinator.take(
    [0, 1].map((number): Participant => {
      const worker = new LevelWorker(tree(), coordinator.setup(number, checks, {}, 1), heap)
      return {
        async explore(order) {
          expect(order.room).toBeLessThanOrEqual(MOST)
          worker.begin(order)
          while (!worker.advance(0)) await new Promise((resolve) => setImmediate(resolve))
          return worker.report()
        },
      }
    }),
  )
  search.shareFrom = 1
  const all = async (): Promise<void> => {
    while (!search.advance(10)) {
      while (search.layers.next < search.layers.end) await coordinator.explore()
      search.endLevel()
    }
  }
  await expect(all()).rejects.toThrow(new Full(MOST))
  expect(search.distinct).toBeLessThanOrEqual(MOST)
  expect(search.finished).toBe(false)
})

test('without compiled code the numbers of a round lie behind all states', () => {
  expect(mostShared(64)).toBe(2 ** 31 - 1)
  expect(mostShared(2)).toBe(2 ** 32 - 1 - 2 ** 26)
})
