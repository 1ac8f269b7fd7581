import { bool, check, ensure, enumOf, int, map, model, pick, simulate, spec, when } from 'tsmc'
import { describe, expect, it } from 'vitest'
import { parsePath, type Path } from '../../src/program/path.ts'
import { replay } from '../../src/reference/replay.ts'
import { simulationReport } from '../../src/report/simulation.ts'
import { Random } from '../../src/program/random.ts'
import { place, timeless, tsmc } from '../cli/run.ts'
import { lockOf } from '../lock.ts'

describe('random numbers', () => {
  it('are decided by seed and stream', () => {
    const first = (seed: number, stream?: number): number[] => {
      const random = new Random(seed, stream)
      return Array.from({ length: 4 }, () => random.next())
    }
    expect(first(1)).toEqual(first(1))
    expect(first(1)).not.toEqual(first(2))
    expect(first(1, 1)).not.toEqual(first(1, 2))
    expect(first(0)).not.toEqual([0, 0, 0, 0])
  })

  it('are spread evenly', () => {
    const random = new Random(7)
    const counts = [0, 0, 0, 0, 0]
    for (let i = 0; i < 50_000; i++) (counts[random.below(5)] as number)++
    // Five standard deviations around 10,000.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(450)
  })
})

/** A counter that goes up and down, and many ways to do something else. */
const walk = spec('walk', { limit: 3, noise: 4, what: 'invariant' }, ({ limit, noise, what }) => {
  const Noise = int(1, noise)
  const m = model({ x: int(0, 10), noise: map(Noise, bool) })
  m.action('Up', (s) => {
    when(s.x < 10)
    if (what === 'assertion') ensure(s.x < limit, 'not too high')
    s.x++
  })
  m.action('Down', (s) => {
    when(s.x > 0)
    s.x--
  })
  m.action('Flip', { i: Noise }, (s, { i }) => {
    s.noise[i] = !s.noise[i]
  })
  if (what === 'invariant') m.invariant('Low', (s) => s.x < limit)
  if (what === 'step') m.step('NotThere', (before, after, { action }) => !(action === 'Up' && before.x === limit - 1 && after.x === limit))
  return m
})

/** The path of a violation, taken by the reference checker. */
function replayed(what: string, path: string) {
  const { trace, failed } = replay(walk.build(walk.withConstants({ what })), parsePath(path) as Path)
  return { steps: trace.length - 1, failed: failed.map(({ kind, name }) => `${kind} ${name}`) }
}

describe('a violation', () => {
  for (const [what, name, steps] of [
    ['invariant', 'Low', 3],
    ['assertion', 'not too high', 4],
    ['step', 'NotThere', 3],
  ] as const) {
    it(`is found, shortened to the shortest there is, and can be replayed: ${what}`, async () => {
      const { verdict, violation, found } = await simulate(walk, { constants: { what }, seed: 1, depth: 200 })
      expect([verdict, violation?.kind, violation?.name, violation?.steps]).toEqual(['violated', what, name, steps])
      expect((await check(walk, { constants: { what } })).violation?.steps).toBe(steps)
      expect(replayed(what, violation?.replay as string)).toEqual({ steps, failed: [`${what} ${name}`] })
      expect(found?.steps).toBeGreaterThan(steps)
    })
  }

  it('not shortened it is the whole behaviour', async () => {
    const { violation, found } = await simulate(walk, { constants: { what: 'invariant' }, seed: 1, depth: 200, shrink: false })
    expect(violation?.steps).toBe(found?.steps)
    expect(replayed('invariant', violation?.replay as string)).toEqual({ steps: found?.steps, failed: ['invariant Low'] })
  })

  it('a deadlock', async () => {
    const stuck = spec('stuck', () => {
      const m = model({ at: enumOf('start', 'a', 'b', 'end'), n: int(0, 5) })
      m.action('Go', (s) => {
        when(s.at !== 'end')
        s.at = pick(['start', 'a', 'b', 'end'] as const)
      })
      m.action('Count', (s) => {
        when(s.at !== 'end' && s.n < 5)
        s.n++
      })
      return m
    }).instance('default', {}, { deadlocks: true })
    const { verdict, expected, violation, deadlocks, ended } = await simulate(stuck, { seed: 3 })
    expect([verdict, expected, violation?.steps, deadlocks, ended]).toEqual(['deadlocked', true, 1, 1, 1])
  })

  it('in an initial state', async () => {
    const bad = spec('bad', () =>
      model({ x: int(0, 3) })
        .action('Up', (s) => {
          s.x = 1
        })
        .invariant('Never', (s) => s.x > 0),
    )
    const { violation, found } = await simulate(bad, { seed: 1 })
    expect([violation?.steps, violation?.replay, found]).toEqual([0, '0', { run: 1, steps: 0 }])
  })
})

describe('figures', () => {
  const ring = spec('ring', { n: 5 }, ({ n }) => {
    const m = model({ x: int(0, n - 1), never: bool })
    m.action('Next', (s) => {
      s.x = (s.x + 1) % n
    })
    m.action('Skip', (s) => {
      s.x = (s.x + 2) % n
    })
    m.action('Impossible', (s) => {
      when(s.never)
      s.x = 0
    })
    m.invariant('Fine', (s) => s.x < n)
    m.reachable('Everywhere', (s) => s.x === n - 1)
    m.reachable('Nowhere', (s) => s.never)
    return m
  })

  it('count what was visited, what was taken, how long the runs were', async () => {
    const result = await simulate(ring, { seed: 5, runs: 20, depth: 10 })
    expect(result).toMatchObject({
      verdict: 'nothing-found',
      expected: true,
      seed: 5,
      runs: 20,
      visited: 220,
      distinct: 5,
      revisited: 215,
      steps: 200,
      lengths: [{ steps: 10, runs: 20 }],
      ended: 0,
      constrained: 0,
      unreached: ['Nowhere'],
      incomplete: null,
    })
    const [next, skip, impossible] = result.actions
    expect([(next?.taken ?? 0) + (skip?.taken ?? 0), impossible]).toEqual([200, { name: 'Impossible', taken: 0 }])
    expect(next?.taken).toBeGreaterThan(60)
  })

  it('the same seed gives the same, another one something else', async () => {
    const figures = async (seed: number) => (await simulate(walk, { constants: { limit: 10, what: 'nothing' }, seed, runs: 5 })).actions
    expect(await figures(1)).toEqual(await figures(1))
    expect(await figures(1)).not.toEqual(await figures(2))
  })

  it('each enabled action has the same chance, however many instances it has', async () => {
    const { actions, steps } = await simulate(walk, { constants: { limit: 10, noise: 8, what: 'nothing' }, seed: 2, runs: 100, depth: 100 })
    expect(steps).toBe(10_000)
    const flip = actions.find(({ name }) => name === 'Flip')?.taken as number
    // A third, and a little more where x cannot go up or down.
    expect(flip).toBeGreaterThan(3200)
    expect(flip).toBeLessThan(4000)
  })

  it('a run ends outside the constraint', async () => {
    const up = spec('up', () =>
      model({ x: int(0, 10) })
        .action('Up', (s) => {
          s.x++
        })
        .constraint((s) => s.x < 4)
        .invariant('Fine', (s) => s.x < 5),
    )
    expect(await simulate(up, { seed: 1, runs: 3 })).toMatchObject({ verdict: 'nothing-found', constrained: 3, lengths: [{ steps: 4, runs: 3 }] })
  })

  it('what is expected and not found is not as expected', async () => {
    const rare = spec('rare', () =>
      model({ x: int(0, 1000) })
        .action('Up', (s) => {
          s.x = Math.min(1000, s.x + 1)
        })
        .invariant('Far', (s) => s.x < 1000),
    ).instance('default', {}, { violates: 'Far' })
    expect(await simulate(rare, { seed: 1, runs: 2, depth: 10 })).toMatchObject({
      verdict: 'nothing-found',
      expected: false,
      expectation: 'Far is violated',
    })
    expect(await simulate(rare, { seed: 1, runs: 1, depth: 2000 })).toMatchObject({
      verdict: 'violated',
      expected: true,
      found: { run: 1, steps: 1000 },
    })
  })

  const live = spec('live', () => {
    const m = model({ x: int(0, 3) })
    m.action('Up', (s) => {
      s.x = (s.x + 1) % 4
    })
    const same = model({ x: int(0, 3) })
    same.action('Up', (s) => {
      s.x = (s.x + 1) % 4
    })
    same.fair('Up', 'weak')
    m.refines('Same', same, (s) => ({ x: s.x }))
    m.property('Comes', { n: int(0, 1) }, ({ eventually }, { n }) => eventually((s) => s.x === n + 2))
    m.invariant('Fine', (s) => s.x < 4)
    return m
  })
    .instance('all')
    .instance('safety', {}, { only: ['Fine'] })

  it('temporal properties are looked at on behaviours through the states that were visited: a state that stutters', async () => {
    const all = await simulate(live, { instance: 'all', seed: 1, runs: 2 })
    expect([all.verdict, all.violation?.kind, all.violation?.name, all.violation?.steps, all.found]).toEqual([
      'violated',
      'property',
      'Comes',
      0,
      null,
    ])
    expect([all.violation?.lasso, all.violation?.replay, all.unchecked, all.looked]).toEqual([
      { stutters: true },
      '0',
      [],
      { properties: ['Comes', 'the fairness of Same'], states: 4 },
    ])
    expect(simulationReport(all)).toContain('\n  found among the states of 2 runs\n')
    const safety = await simulate(live, { instance: 'safety', seed: 1, runs: 2 })
    expect([safety.verdict, safety.unchecked, safety.looked]).toEqual(['nothing-found', [], null])
  })

  it('a cycle that starves is found, the shortest through the states visited, with what fairness says; nothing where it is fair', async () => {
    const lock = spec('lock', { fair: 'weak' }, ({ fair }) => {
      const { m } = lockOf(3)
      m.fair('Enter', fair as 'weak' | 'strong')
      m.fair('Leave', 'weak')
      m.property('Served', ({ leadsTo }) =>
        leadsTo(
          (s) => s.at.p2 === 'waiting',
          (s) => s.at.p2 === 'in',
        ),
      )
      return m
    })
      .instance('weak', {}, { violates: 'Served' })
      .instance('strong', { fair: 'strong' })
    const weak = await simulate(lock, { instance: 'weak', seed: 3, runs: 20 })
    expect([weak.verdict, weak.expected, weak.violation?.steps, weak.violation?.lasso]).toEqual([
      'violated',
      true,
      4,
      { backTo: 1, action: 'Leave', parameters: { p: weak.violation?.trace[3]?.parameters.p } },
    ])
    expect(weak.violation?.fairness?.filter(({ starved, fairness }) => starved && fairness !== null).map(({ action }) => action)).toEqual([
      'Enter(p: p2)',
    ])
    expect(await simulate(lock, { instance: 'strong', seed: 3, runs: 20 })).toMatchObject({ verdict: 'nothing-found', violation: null })
  })

  it('what leads to states that were not visited counts as possible: no false alarm', async () => {
    // Of 100,000 ways only a few are seen; each is open all the time, and fair.
    const wide = spec('wide', () => {
      const m = model({ at: int(0, 100_000) })
      m.action('Leave', (s) => {
        when(s.at === 0)
        s.at = pick(int(1, 100_000))
      })
      m.action('Back', (s) => {
        when(s.at > 0)
        s.at = 0
      })
      m.fair('Leave', 'weak')
      m.property('Leaves', ({ always, eventually }) => always(eventually((s) => s.at > 0)))
      return m
    }).instance('it')
    expect(await simulate(wide, { seed: 1, runs: 1, depth: 1 })).toMatchObject({
      verdict: 'nothing-found',
      looked: { properties: ['Leaves'], states: 2 },
    })
  })

  it('where something else is found, or a bound met, they are not looked at, and the result names them', async () => {
    const found = spec('found', () => {
      const m = model({ x: int(0, 3) })
      m.action('Up', (s) => {
        s.x = (s.x + 1) % 4
      })
      m.invariant('Small', (s) => s.x < 3)
      m.property('Comes', ({ eventually }) => eventually((s) => s.x === 3))
      return m
    }).instance('it', {}, { violates: 'Small' })
    const result = await simulate(found, { seed: 1, runs: 2 })
    expect([result.violation?.name, result.unchecked, result.looked]).toEqual(['Small', ['Comes'], null])
    expect(simulationReport(result)).toContain('\n  not looked at, because something was found before: Comes\n')
  })

  it('steps that are none of an abstract model are found, and shortened', async () => {
    const jumps = spec('jumps', { begins: 0 }, ({ begins }) => {
      const m = model({ x: int(0, 9), noise: map(int(1, 4), bool) })
      m.init((s) => {
        s.x = begins
      })
      m.action('Up', (s) => {
        when(s.x < 9)
        s.x += s.x === 5 ? 2 : 1
      })
      m.action('Down', (s) => {
        when(s.x > 0)
        s.x--
      })
      m.action('Flip', { i: int(1, 4) }, (s, { i }) => {
        s.noise[i] = !s.noise[i]
      })
      const parity = model({ odd: bool })
      parity.action('Change', (s) => {
        s.odd = !s.odd
      })
      const slow = model({ x: int(0, 9) })
      slow.action('Up', (s) => {
        when(s.x < 9)
        s.x++
      })
      slow.action('Down', (s) => {
        when(s.x > 0)
        s.x--
      })
      m.refines('Slow', slow, (s) => ({ x: s.x }))
      m.refines('Parity', parity, (s) => ({ odd: s.x % 2 === 1 }))
      return m
    })
      .instance('it', {}, { violates: 'Slow', steps: 6 })
      .instance('begins wrong', { begins: 3 }, { violates: 'Slow', steps: 0 })
    for (const [instance, steps] of [
      ['it', 6],
      ['begins wrong', 0],
    ] as const) {
      const { verdict, expected, violation } = await simulate(jumps, { instance, seed: 2 })
      const checked = (await check(jumps, { instance })).violation
      expect([verdict, expected, violation?.kind, violation?.name, violation?.steps]).toEqual(['violated', true, 'refinement', 'Slow', steps])
      expect([violation?.replay, violation?.because]).toEqual([checked?.replay, checked?.because])
      expect(JSON.stringify(violation?.trace.at(-1)?.abstract)).toEqual(JSON.stringify(checked?.trace.at(-1)?.abstract))
      expect(violation?.trace.at(-1)?.abstract?.name).toBe('Slow')
    }
  })

  it('wrong numbers are refused', async () => {
    await expect(simulate(ring, { seed: -1 })).rejects.toThrow('the option seed of simulate() is -1')
    await expect(simulate(ring, { runs: 0 })).rejects.toThrow('the option runs of simulate() is 0')
  })
})

describe('the command', () => {
  const source = `import { int, model, spec, when } from 'tsmc'
export default spec('climb', { limit: 3 }, ({ limit }) => {
  const m = model({ x: int(0, 10) })
  m.action('Up', (s) => { when(s.x < 10); s.x++ })
  m.action('Down', (s) => { when(s.x > 0); s.x-- })
  m.invariant('Low', (s) => s.x < limit)
  return m
}).instance('high', { limit: 11 }).instance('low')
`
  it('finds, shortens, tells how to replay, and the replay shows the same', async () => {
    const cwd = place({ 'climb.ts': source })
    const { code, stdout } = await tsmc(cwd, ['simulate', 'climb.ts', '--seed', '1', '--runs', '50', '--depth', '20'])
    expect(stdout).toMatch(/^✓ climb high: nothing found in 50 runs\n {2}50 runs of at most 20 steps, seed 1, /)
    expect(stdout).toContain('✗ climb low: violated: Low in 3 steps\n')
    expect(stdout).toContain('  reproduce: npx tsmc check climb.ts --instance low --replay 0.0.0.0\n')
    expect(code).toBe(1)
    const again = await tsmc(cwd, ['check', 'climb.ts', '--instance', 'low', '--replay', '0.0.0.0'])
    expect(again.stdout).toContain('at its end: invariant Low is false')
  })

  it('the same command line prints the same, but for the time', async () => {
    const cwd = place({ 'climb.ts': source })
    const run = async () => timeless((await tsmc(cwd, ['simulate', 'climb.ts', '--instance', 'high', '--seed', '9'])).stdout)
    const first = await run()
    expect(first).toContain('1,000 runs of at most 100 steps, seed 9\n')
    expect(await run()).toBe(first)
  })
})
