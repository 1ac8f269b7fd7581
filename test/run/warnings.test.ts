/** Warnings: what a report says besides its verdict, in full. */
import { bool, check, type CheckOptions, ensure, ids, int, model, type Result, spec, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { outcome } from '../../src/report/outcome.ts'
import { terminalReport } from '../../src/report/terminal.ts'

const P = ids('p', 2)
/** Counts x up to 5 and stays there; with more. */
const counting = (more: (m: any) => void) =>
  spec('s', () => {
    const m = model({ x: int(0, 5), flag: bool })
    m.action('Up', (s) => {
      when(s.x < 5)
      s.x++
    })
    m.terminal(() => true)
    more(m)
    return m
  })
const warnings = async (more: (m: any) => void, options: CheckOptions = {}): Promise<Result['warnings']> =>
  (await check(counting(more), options)).warnings

test('none where all is well', async () => {
  const result = await check(counting((m) => m.invariant('Small', (s: any) => s.x <= 5)))
  expect(result.warnings).toEqual([])
  expect(outcome(result, true)).toBe('passed')
})

describe('never enabled', () => {
  const idle = (m: any) => {
    m.action('Down', (s: any) => {
      when(s.x > 5)
      s.x--
    })
    m.action('Flip', { p: P }, (s: any) => {
      when(s.flag)
      s.flag = false
    })
    m.action('Half', { p: P }, (_: any, { p }: any) => when(p === 'p1'))
  }
  test('actions are named once, whatever their parameters; those enabled for some are not', async () => {
    expect(await warnings(idle)).toEqual([{ kind: 'never-enabled', text: 'never enabled: Down, Flip', vacuous: true }])
    expect(await warnings(idle, { learning: false })).toEqual([{ kind: 'never-enabled', text: 'never enabled: Down, Flip', vacuous: true }])
    expect(await warnings(idle, { compiling: 'eager' })).toEqual([{ kind: 'never-enabled', text: 'never enabled: Down, Flip', vacuous: true }])
  })
  test('an action whose assertion fails is enabled', async () => {
    const s = counting((m) => m.action('Bad', () => ensure(false, 'never'))).instance('i', {}, { only: ['none'], states: 6 })
    const { verdict, expected, mismatches } = await check(s, { instance: 'i' })
    expect([verdict, expected, mismatches]).toEqual([
      'holds',
      false,
      ['the instance names "none": no property is called so, and no assertion with this message was reached (there are deadlock, never)'],
    ])
    const all = counting((m) => m.action('Bad', () => ensure(false, 'never')).invariant('Small', (s: any) => s.x <= 5)).instance(
      'i',
      {},
      { only: ['Small'] },
    )
    expect((await check(all, { instance: 'i' })).warnings).toEqual([
      { kind: 'only', text: 'checked only Small; left out: deadlock; 6 failed assertions passed over', vacuous: false },
    ])
  })
  test('fails a strict check, and is not said of an incomplete one', async () => {
    const result = await check(counting(idle))
    expect([outcome(result, false), outcome(result, true)]).toEqual(['passed', 'failed'])
    expect(await warnings(idle, { maxStates: 2 })).toEqual([])
  })
})

describe('what never happens, in words', () => {
  const lines = async (more: (m: any) => void, options: CheckOptions = {}): Promise<string[]> =>
    terminalReport(await check(counting(more), options))
      .split('\n')
      .filter((line) => /never|only where|reach/.test(line))
  const fails = (m: any) => {
    m.action('Never', () => when(false))
    m.action('Fails', (s: any) => {
      when(s.x === 5)
      ensure(s.flag, 'flagged')
    })
  }
  test('an action that is enabled only where its assertion fails is not one that is never enabled', async () => {
    for (const options of [{}, { learning: false }, { compiling: 'eager' }] as const)
      expect(await lines(fails, options)).toEqual(['  actions never enabled: Never', '  actions enabled only where their assertion fails: Fails'])
    const { actions } = await check(counting(fails))
    expect(actions.map(({ name, generated, enabled }) => [name, generated, enabled])).toEqual([
      ['Up', 5, true],
      ['Never', 0, false],
      ['Fails', 0, true],
    ])
  })
  test('of a search that has not seen everything: so far', async () => {
    expect(await lines(fails, { maxStates: 2 })).toEqual(['  actions never enabled so far: Never, Fails'])
  })
  test('inside a constraint', async () => {
    const cut = (m: any) => {
      m.constraint((s: any) => s.x < 3)
      m.action('Late', (s: any) => {
        when(s.x === 3)
        s.flag = true
      })
    }
    expect(await lines(cut)).toEqual(['  warning: never enabled inside the constraint: Late'])
    expect(
      await lines((m) => {
        cut(m)
        m.reachable('End', (s: any) => s.x === 5)
      }),
    ).toEqual([
      '✗ s default: violated: End is never reached',
      '  expected: everything holds; found: End is never reached',
      '  no reachable state satisfies End, as far as the constraint lets the search go',
      '  actions never enabled inside the constraint: Late',
    ])
  })
  test('goals: no number of steps', async () => {
    const goals = (m: any) => m.reachable('Six', (s: any) => s.x === 6).reachable('Seven', (s: any) => s.x === 7)
    const result = await check(counting(goals))
    expect(result.mismatches).toEqual(['expected: everything holds; found: Six is never reached'])
    expect(result.warnings).toEqual([{ kind: 'also-violated', text: 'Seven is never reached either', vacuous: false }])
    const s = counting(goals).instance('i', {}, { violates: 'Six', steps: 3 })
    expect((await check(s)).mismatches).toEqual(['expected a trace of 3 steps; found none'])
  })
})

test('a property that does not look at the state', async () => {
  expect(await warnings((m) => m.invariant('True', () => true).invariant('Param', { p: P }, () => true))).toEqual([
    { kind: 'constant-property', text: 'the invariant True is true without looking at the state', vacuous: true },
    { kind: 'constant-property', text: 'the invariant Param is true without looking at the state', vacuous: true },
  ])
  // Constant for one parameter only: it says something for the other.
  expect(await warnings((m) => m.invariant('Half', { p: P }, (s: any, { p }: any) => p === 'p1' || s.x <= 5))).toEqual([])
})

describe('other violations', () => {
  const both = (m: any) =>
    m
      .invariant('Below2', (s: any) => s.x < 2)
      .invariant('Below3', (s: any) => s.x < 3)
      .invariant('Not2', (s: any) => s.x !== 2)
  test('found in the level of the first are named', async () => {
    const { violation, warnings } = await check(counting(both))
    expect([violation?.name, violation?.steps]).toEqual(['Below2', 2])
    expect(warnings).toEqual([{ kind: 'also-violated', text: 'Not2 is violated as well, after 2 steps', vacuous: false }])
  })
  test('are shown with keepGoing, in the order of their steps', async () => {
    const { violations, warnings } = await check(counting(both), { keepGoing: true })
    expect(violations.map(({ name, steps }) => [name, steps])).toEqual([
      ['Below2', 2],
      ['Not2', 2],
      ['Below3', 3],
    ])
    expect(warnings).toEqual([])
  })
  test('leave the expected one in front', async () => {
    const s = counting(both).instance('i', {}, { violates: 'Not2', steps: 2 })
    const { violation, warnings, expected } = await check(s, { instance: 'i' })
    expect([violation?.name, expected]).toEqual(['Not2', true])
    expect(warnings).toEqual([{ kind: 'also-violated', text: 'Below2 is violated as well, after 2 steps', vacuous: false }])
  })
})

test('what is left out by an expectation', async () => {
  const s = counting((m) =>
    m
      .invariant('A', (s: any) => s.x < 3)
      .invariant('B', (s: any) => s.x <= 5)
      .reachable('C', (s: any) => s.x === 9),
  ).instance('i', {}, { only: ['B', 'deadlock'] })
  const { verdict, warnings } = await check(s, { instance: 'i' })
  expect(verdict).toBe('holds')
  expect(warnings).toEqual([{ kind: 'only', text: 'checked only B, deadlock; left out: A, C', vacuous: false }])
})

describe('a constraint', () => {
  test('says how many successors it kept out', async () => {
    expect(await warnings((m) => m.constraint((s: any) => s.x < 3))).toEqual([
      { kind: 'constraint', text: '1 successor outside the constraint was checked but not expanded', vacuous: false },
    ])
    const flip = (m: any) => {
      m.action('Flip', (s: any) => {
        s.flag = !s.flag
      })
      m.constraint((s: any) => s.x < 3)
    }
    const result = await check(counting(flip))
    expect([result.distinct, result.constrained]).toEqual([6, 2])
    expect(result.warnings).toEqual([
      { kind: 'constraint', text: '2 successors outside the constraint were checked but not expanded', vacuous: false },
    ])
  })
  test('says nothing where it kept nothing out', async () => expect(await warnings((m) => m.constraint((s: any) => s.x < 9))).toEqual([]))
})

test('fingerprints', async () => {
  const wide = spec('s', () => {
    const m = model({ a: int(0, 2 ** 31 - 1), b: int(0, 2 ** 31 - 1), c: int(0, 2 ** 31 - 1) })
    m.action('Up', (s) => {
      when(s.a < 9)
      s.a++
      s.c = s.a
    })
    m.terminal(() => true)
    return m
  })
  const { distinct, collisionProbability, warnings } = await check(wide, { keys: 'fingerprint' })
  expect([distinct, collisionProbability]).toEqual([10, 90 / 2 ** 65])
  expect(warnings).toEqual([
    { kind: 'fingerprint', text: 'states were told apart by 64-bit fingerprints: see the collision probability', vacuous: false },
  ])
})
