/** Explorations need no more than a system and a judge: one written by hand, and the reference checker as one, go through all of them. */
import { int, map, model, record, when } from 'tsmc'
import { describe, expect, it } from 'vitest'
import { BreadthFirst } from '../../src/explore/breadthFirst.ts'
import { Coordinator, type Participant } from '../../src/explore/coordinator.ts'
import type { Checks, Finding } from '../../src/explore/inspector.ts'
import { LevelWorker } from '../../src/explore/levelWorker.ts'
import { Simulation } from '../../src/explore/simulate.ts'
import { Heap } from '../../src/layout/heap.ts'
import { type Layout, layoutOf } from '../../src/layout/layout.ts'
import type { Successors } from '../../src/layout/successors.ts'
import { Learner } from '../../src/learn/learner.ts'
import type { Explorable, Measured, Replay } from '../../src/program/system.ts'
import { referenceSystem } from '../../src/reference/system.ts'
import type { Model, Variables } from '../../src/spec/model.ts'
import { Stored } from '../../src/store/stored.ts'
import { pathOf } from '../../src/trace/path.ts'
import { SHARED } from '../../src/visited/memory.ts'
import { directory } from '../store/directory.ts'

/** A place on a ring of so many; it goes on by one, or by two from even places. It should never come to the last. */
function ring(places: number): Explorable {
  const put = (out: Successors, n: number, instance: number): void => {
    if (out.count === out.instance.length) out.grow()
    out.states[out.count] = n % places
    out.instance[out.count++] = instance
  }
  const instances = ['One', 'Two'].map((name, action) => ({ action, name, parameters: {} }))
  return {
    layout: layoutOf(record({ n: int(0, places - 1) })),
    actions: ['One', 'Two'],
    instances,
    constrained: false,
    viewed: false,
    invariants: [{ name: 'NotLast', parameters: {} }],
    steps: [],
    reachables: [{ name: 'Third', parameters: {} }],
    initial: (out) => (put(out, 0, 0), true),
    expand(states, at, out) {
      const n = states[at] as number
      put(out, n + 1, 0)
      if (n % 2 === 0) put(out, n + 2, 1)
      return n % 2 === 0 ? 2 : 1
    },
    inside: () => true,
    terminal: () => false,
    viewOf: (states, at) => states[at] as number,
    violated: (states, at, _parent, _parentAt, ignore) => (ignore[0] === 0 && states[at] === places - 1 ? 0 : -1),
    brokenStep: () => -1,
    reaches: (_reachable, states, at) => states[at] === 3,
  }
}

const everything = ({ invariants, steps, reachables }: Explorable): Checks => ({
  invariants: invariants.map(() => true),
  steps: steps.map(() => true),
  reachables: reachables.map(() => true),
  deadlock: true,
  assertions: null,
})

interface Explored {
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly generatedBy: readonly number[]
  readonly distinctBy: readonly number[]
  readonly findings: readonly Pick<Finding, 'kind' | 'name' | 'steps' | 'from' | 'instance'>[]
}

type Finished = Pick<BreadthFirst, 'distinct' | 'generated' | 'depth' | 'generatedBy' | 'distinctBy' | 'ordered'>

const explored = (
  { distinct, generated, depth, generatedBy, distinctBy, ordered }: Finished & { ordered(): readonly Finding[] },
  found = ordered(),
): Explored => ({
  distinct,
  generated,
  depth,
  generatedBy: [...generatedBy],
  distinctBy: [...distinctBy],
  findings: found.map(({ kind, name, steps, from, instance }) => ({ kind, name, steps, from, instance })),
})

function inMemory(system: Explorable, keys: 'exact' | 'fingerprint' = 'exact'): Explored {
  const search = new BreadthFirst(system, everything(system), { keepGoing: true, keys })
  while (!search.advance(10));
  return explored(search, search.ordered())
}

async function onDisk(system: Explorable & Measured, place: string): Promise<Explored> {
  const identity = { tsmc: '', spec: '', instance: '', constants: {}, source: '', shape: '', keepGoing: true, symmetry: true }
  const search = await Stored.open(system, everything(system), { keepGoing: true }, { directory: place, resume: false, memory: 64 }, identity)
  while (!search.advance(10)) await search.settle()
  await search.recall(false, () => null)
  const found = explored(search, search.inspector.ordered())
  await search.close()
  return found
}

/** Several workers that take turns in one thread. */
async function byWorkers(system: () => Explorable, workers: number): Promise<Explored> {
  const leading = system()
  const search = new BreadthFirst(leading, everything(leading), { keepGoing: true }, SHARED)
  const heap = new Heap()
  const coordinator = new Coordinator(search, workers, heap)
  coordinator.take(
    Array.from({ length: workers }, (_, number): Participant => {
      const worker = new LevelWorker(system(), coordinator.setup(number, everything(leading), {}, 1), heap)
      return {
        async explore(order) {
          worker.begin(order)
          while (!worker.advance(0)) await new Promise((resolve) => setImmediate(resolve))
          return worker.report()
        },
      }
    }),
  )
  search.shareFrom = 1
  while (!search.advance(10)) {
    while (!search.finished && search.layers.next < search.layers.end) await coordinator.explore()
    search.endLevel()
  }
  return explored(search, search.ordered())
}

const measured = <T extends Explorable>(system: T): T & Measured =>
  Object.assign(system, {
    figures: () => ({ leaves: 0, calls: 0, compared: 0, direct: [], assertions: [], neverEnabled: [], reads: [] }),
  })

describe('a system written by hand', () => {
  // From 0 by twos to 8, then by one: level by level 0 | 1 2 | 3 4 | 5 6 | 7 8 | 9.
  const expected: Explored = {
    distinct: 10,
    generated: 16,
    depth: 6,
    generatedBy: [10, 5],
    distinctBy: [5, 4],
    findings: [{ kind: 'invariant', name: 'NotLast', steps: 5, from: 8, instance: 0 }],
  }
  const place = directory()

  it('goes through the search in memory', () => {
    expect(inMemory(ring(10))).toEqual(expected)
    expect(inMemory(ring(10), 'fingerprint')).toEqual(expected)
  })
  it('goes through the search on disk', async () => {
    expect(await onDisk(measured(ring(10)), `${place}/ring`)).toEqual(expected)
  })
  it('is explored by several workers', async () => {
    expect(await byWorkers(() => ring(10), 1)).toEqual(expected)
    expect(await byWorkers(() => ring(10), 3)).toEqual(expected)
    expect(await byWorkers(() => ring(20_000), 2)).toEqual(inMemory(ring(20_000)))
  })
  it('can be simulated', () => {
    const system = ring(10)
    const simulation = new Simulation(system, everything(system), { seed: 1, runs: 1, depth: 100 })
    while (!simulation.advance(10));
    // Shortened: five steps are the fewest.
    expect(simulation.finding).toMatchObject({ kind: 'invariant', name: 'NotLast', steps: 5 })
  })
})

describe('the reference checker as a system', () => {
  /** Two that each take what is there, one by one, and may meet. */
  const takers = (): Model<Variables> => {
    const Who = int(1, 2)
    const m = model({ left: int(0, 6), has: map(Who, int(0, 6)), wild: int(0, 3) })
    m.init((s) => {
      s.left = 6
    })
    m.action('Take', { who: Who }, (s, { who }) => {
      when(s.left > 0)
      s.left--
      s.has[who]++
    })
    m.action('Grow', (s) => {
      when(s.wild < 3)
      s.wild++
    })
    m.invariant('Fair', { who: Who }, (s, { who }) => s.has[who] < 5)
    m.step('OneByOne', (before, after) => before.left - after.left <= 1)
    m.reachable('Even', (s) => s.has[1] === 3 && s.has[2] === 3)
    m.constraint((s) => s.wild < 3)
    return m as unknown as Model<Variables>
  }
  const oneWord: Layout = { ...layoutOf(record({})), words: 1, bits: 32 }
  const toy = () => referenceSystem(takers(), oneWord)

  it('gives in every exploration what the learner gives', async () => {
    const learned = inMemory(new Learner(takers()))
    // Both may have h1 + h2 <= 6 in 28 ways, beside three values of `wild`; the longest way is six and two steps.
    expect(learned).toMatchObject({ distinct: 84, depth: 9, findings: [{ kind: 'invariant', name: 'Fair', steps: 5, instance: 0 }] })
    expect(inMemory(toy())).toEqual(learned)
    expect(await onDisk(measured(toy()), `${directory()}/toy`)).toEqual(learned)
    expect(await byWorkers(() => new Learner(takers()), 2)).toEqual(learned)
  })

  it('finds the steps of a trace again', () => {
    const system = toy()
    const search = new BreadthFirst(system, everything(system))
    while (!search.advance(10));
    const [finding] = search.ordered()
    expect(pathOf(system satisfies Replay, search.arena, finding as Finding)).toEqual([
      { instance: 0, picks: [] },
      ...Array.from({ length: 5 }, () => ({ instance: 0, picks: [] })),
    ])
  })
})
