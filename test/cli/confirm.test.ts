/** `--confirm`: what is said, in the terminal and as data, where the reference checker finds the same, where it does not, and where it is not asked. */
import { readFileSync } from 'node:fs'
import { bool, check, ids, int, map, model, spec, symmetric, when } from 'tsmc'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { describe as told } from '../../src/cli/errors.ts'
import { InternalError, SpecError } from '../../src/errors.ts'
import type { ReferenceResult, referenceSearch } from '../../src/reference/reference.ts'
import { jsonReport } from '../../src/report/document.ts'
import { outcome } from '../../src/report/outcome.ts'
import { misfits } from '../report/schema.ts'
import { COUNTER, place, tsmc } from './run.ts'

/** What the reference checker finds can be made another result, or a refusal. */
const change = vi.hoisted(() => ({ to: (result: any): any => result }))
vi.mock('../../src/reference/reference.ts', async (original) => {
  const { referenceSearch: search, ...rest } = await original<{ referenceSearch: typeof referenceSearch }>()
  return {
    ...rest,
    *referenceSearch(...given: Parameters<typeof search>): Generator<number, ReferenceResult> {
      return change.to(yield* search(...given))
    },
  }
})
afterEach(() => {
  change.to = (result) => result
})

/** Counts 0 to 3, and begins anew. */
const counter = spec('counter', {}, () => {
  const m = model({ n: int(0, 9) })
  m.action('Up', (s) => {
    s.n = s.n === 3 ? 0 : s.n + 1
  })
  m.invariant('Small', (s) => s.n < 5)
  m.invariant('Never3', (s) => s.n < 3)
  return m
})
  .instance('small', {}, { only: ['Small'] })
  .instance('all', {}, { violates: 'Never3', steps: 3 })

const live = spec('live', {}, () => {
  const m = model({ n: int(0, 3) })
  m.action('Up', (s) => {
    s.n = (s.n + 1) % 4
  })
  m.property('Returns', ({ always, eventually }) => always(eventually((s) => s.n === 0)))
  m.fair('Up', 'weak')
  return m
})

/** Each of three is switched on once. */
const switches = (names: typeof symmetric | typeof ids) =>
  spec('switches', {}, () => {
    const Name = names('s', 3)
    const m = model({ on: map(Name, bool) })
    m.action('On', { name: Name }, (s, { name }) => {
      when(!s.on[name])
      s.on[name] = true
    })
    m.invariant('NotAll', (s) => !Name.every((name) => s.on[name] as boolean))
    return m
  })

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))
const at = place({ 'counter.ts': COUNTER })

describe('the command', () => {
  test('a line for each instance', async () => {
    const { code, stdout, stderr } = await tsmc(at, ['check', 'counter.ts', '--confirm', '--no-diagrams'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.match(/^.*confirmed.*$/gm)).toEqual([
      '  confirmed by the reference checker: 4 states',
      // The search has ended with the level of the violation.
      '  confirmed by the reference checker: 6 states',
    ])
  })

  test('as data', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'counter.ts', '-i', 'small', '--confirm', '--reporter', 'json'])
    const document = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(document.instances[0].confirmation).toEqual({ confirmed: true, states: 4, unconfirmed: [] })
    expect(misfits(schema, document)).toEqual([])
    expect(misfits(schema, { ...document, instances: [{ ...document.instances[0], confirmation: { confirmed: true } }] })).not.toEqual([])
  })

  test('too large: nothing is wrong, and it is said', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'counter.ts', '--set', 'top=4', '--confirm-states', '4', '--no-diagrams'])
    expect(code).toBe(0)
    expect(stdout).toContain('\n  not confirmed: too large (5 states; the reference checker is given up to 4)\n')
  })

  test('interrupted on the way: not as if all were well', async () => {
    const s = spec('s', () => {
      const m = model({ x: int(0, 139), y: int(0, 139) })
      m.action('X', (s) => {
        s.x = s.x === 139 ? 0 : s.x + 1
      })
      m.action('Y', (s) => {
        s.y = s.y === 139 ? 0 : s.y + 1
      })
      m.invariant('Seen', (s) => seen(s.x < 0))
      return m
    })
    // The search calls the invariant for what it learns, and the reference checker for every state.
    let calls = 0
    const seen = ((x: boolean): boolean => {
      calls++
      return !x
    }).bind(null)
    const signal = {
      get aborted() {
        return calls > 2500
      },
    } as AbortSignal
    const result = await check(s, { confirm: true, signal })
    expect([result.verdict, result.distinct, result.confirmation]).toEqual([
      'holds',
      19600,
      { confirmed: false, states: null, unconfirmed: ['interrupted'], stopped: 'interrupt' },
    ])
    expect([outcome(result, false), outcome({ ...result, expected: false }, false)]).toEqual(['incomplete', 'failed'])
    expect(misfits(schema, JSON.parse(jsonReport([{ file: 's.ts', results: [result] }])))).toEqual([])
  })

  test('stopped before: nothing to confirm', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'counter.ts', '-i', 'small', '--max-states', '2', '--confirm', '--no-diagrams'])
    expect(code).toBe(3)
    expect(stdout).toContain('\n  not confirmed: the search was stopped before it had seen everything\n')
  })

  test('a search with its states on the disk, and one that is gone on with', async () => {
    const first = await tsmc(at, ['check', 'counter.ts', '-i', 'small', '--confirm', '--store', 'layers'])
    const again = await tsmc(at, ['check', 'counter.ts', '-i', 'small', '--confirm', '--resume', 'layers'])
    expect([first, again].map(({ code, stdout }) => [code, /^.*confirmed.*$/m.exec(stdout)?.[0]])).toEqual([
      [0, '  confirmed by the reference checker: 4 states'],
      [0, '  confirmed by the reference checker: 4 states'],
    ])
  })

  test('without it there is no word of it', async () => {
    const { stdout } = await tsmc(at, ['check', 'counter.ts', '--no-diagrams'])
    expect(stdout).not.toContain('confirmed')
  })
})

describe('check()', () => {
  test('holds, violated, past violations', async () => {
    const [small, all, going] = [
      await check(counter, { instance: 'small', confirm: true }),
      await check(counter, { instance: 'all', confirm: true }),
      await check(counter, { instance: 'all', confirm: true, keepGoing: true }),
    ]
    expect([small, all, going].map(({ verdict, confirmation }) => [verdict, confirmation])).toEqual([
      ['holds', { confirmed: true, states: 4, unconfirmed: [] }],
      ['violated', { confirmed: true, states: 4, unconfirmed: [] }],
      ['violated', { confirmed: true, states: 4, unconfirmed: [] }],
    ])
    expect((await check(counter, { instance: 'small' })).confirmation).toBe(undefined)
  })

  test('a view', async () => {
    const viewed = spec('viewed', {}, () => {
      const m = model({ n: int(0, 9) })
      m.action('Up', (s) => {
        s.n = (s.n + 1) % 10
      })
      m.view((s) => s.n % 4)
      return m
    })
    const { distinct, confirmation } = await check(viewed, { confirm: true })
    expect([distinct, confirmation]).toEqual([4, { confirmed: true, states: 4, unconfirmed: [] }])
  })

  test('temporal properties are not confirmed', async () => {
    const { confirmation } = await check(live, { confirm: true })
    expect(confirmation).toEqual({ confirmed: true, states: 4, unconfirmed: ['the temporal property Returns'] })
  })

  test('interchangeable ids: what is violated, and after how many steps', async () => {
    const reduced = await check(switches(symmetric), { confirm: true })
    expect([reduced.distinct, reduced.confirmation]).toEqual([
      4,
      {
        confirmed: true,
        states: 8,
        unconfirmed: ['the numbers of states, since the search counted those as one that differ only by interchangeable ids'],
      },
    ])
    for (const result of [
      await check(switches(symmetric), { confirm: true, symmetry: false }),
      await check(switches(ids), { confirm: true, learning: false }),
    ])
      expect([result.distinct, result.confirmation]).toEqual([8, { confirmed: true, states: 8, unconfirmed: [] }])
  })

  test('too large only where ids are told apart', async () => {
    const { confirmation } = await check(switches(symmetric), { confirm: true, confirmStates: 5 })
    expect(confirmation).toEqual({
      confirmed: false,
      states: null,
      unconfirmed: ['too large (more than 5 states, where interchangeable ids are told apart)'],
    })
  })
})

describe('a difference is a fault that names both', () => {
  const faultOf = async (instance: string, to: typeof change.to): Promise<string> => {
    change.to = to
    const error = await check(counter, { instance, confirm: true }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InternalError)
    expect(told(error).code).toBe(4)
    return (error as Error).message
  }
  const begin = 'the reference checker finds something else for counter'

  test('in the figures', async () => {
    expect(await faultOf('small', (found) => ({ ...found, distinct: 5, generated: 7 }))).toBe(
      `${begin} small: distinct states 5, and not 4; generated 7, and not 5`,
    )
    expect(await faultOf('small', (found) => ({ ...found, depth: 1_000 }))).toBe(`${begin} small: depth 1,000, and not 4`)
  })

  test('in what is violated', async () => {
    expect(await faultOf('all', (found) => ({ ...found, verdict: 'holds', violations: [] }))).toBe(
      `${begin} all: verdict holds, and not violated; violated nothing, and not invariant Never3 after 3 steps`,
    )
    expect(await faultOf('all', (found) => ({ ...found, violations: found.violations.map((one: object) => ({ ...one, steps: 1 })) }))).toBe(
      `${begin} all: violated invariant Never3 after 1 step, and not invariant Never3 after 3 steps`,
    )
  })

  test('in what is refused', async () => {
    const refuse = (): never => {
      throw new SpecError('the action Up writes nonsense')
    }
    expect(await faultOf('small', refuse)).toBe('the reference checker refuses counter small, and the search did not: the action Up writes nonsense')
  })
})
