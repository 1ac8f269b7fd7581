/** A step that gives a variable a value outside its range is an error of the spec, and reported as a violation is: values, action, trace, picture, replay. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bag, check, ids, int, map, model, OutOfRangeError, pick, seq, simulate, spec, symmetric, when } from '../../src/index.ts'
import { misfits } from '../report/schema.ts'
import { directory } from '../store/directory.ts'
import { place, tsmc } from './run.ts'

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))

const COUNTER = `import { ids, int, map, model, spec, when } from 'tsmc'
export default spec('counter', { n: 2 }, ({ n }) => {
  const P = ids('p', n)
  const m = model({ x: int(0, 3), c: map(P, int(0, 2)) })
  m.action('Inc', { p: P }, (s, { p }) => {
    when(s.c[p] < 2)
    s.x = s.x + 1
    s.c[p] += 1
  })
  return m
})
`
const REPORT = `error: s.ts:7:7: x in the action Inc(p: p2): 4 is outside int(0, 3)

  step 4 leaves the range of a variable: x: 4 is outside int(0, 3)

   0  initial state
      x: 0
      c: {p1: 0, p2: 0}
   1  Inc(p: p1)
      x: 0 -> 1
      c.p1: 0 -> 1
   2  Inc(p: p1)
      x: 1 -> 2
      c.p1: 1 -> 2
   3  Inc(p: p2)
      x: 2 -> 3
      c.p2: 0 -> 1
   4  Inc(p: p2)
      here x is given 4, outside int(0, 3)

  it does so because it read
    c.p2: 1
    x: 3

  instance: counter default
  reproduce: npx tsmc check s.ts --instance default --replay 0.0.0.1.1
`

describe('the command', () => {
  test('terminal: the values, the action, the trace, what was read, the replay and the picture; exit code 2', async () => {
    const at = place({ 's.ts': COUNTER })
    const { code, stdout, stderr } = await tsmc(at, ['check', 's.ts', '--out', 'out'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`${REPORT}  diagram: out/counter.default.svg, out/counter.default.dot\n`)
    const dot = readFileSync(join(at, 'out/counter.default.dot'), 'utf8')
    expect(dot).toContain('Out of range after 4 steps: x: 4 is outside int(0, 3)')
    expect(dot).toMatch(/✗ The step fails: there is no next state\\l\s+out of range: x: 4 is outside int\(0, 3\)\\l/)
    expect(readFileSync(join(at, 'out/counter.default.svg'), 'utf8')).toContain('</svg>')
  })
  test.each([
    ['in worker threads', ['--workers', '2', '--workers-from', '1']],
    ['in a store', ['--store', 'layers']],
    ['without learning', ['--no-learning']],
  ])('the same %s', async (_where, options) => {
    const { code, stdout, stderr } = await tsmc(place({ 's.ts': COUNTER }), ['check', 's.ts', '--no-diagrams', ...options])
    expect([code, stdout, stderr]).toEqual([2, '', REPORT])
  })
  test('JSON: a violation of the kind range beside the error', async () => {
    const { code, stdout } = await tsmc(place({ 's.ts': COUNTER }), ['check', 's.ts', '--no-diagrams', '--reporter', 'json'])
    const document = JSON.parse(stdout)
    expect(misfits(schema, document)).toEqual([])
    const [{ verdict, error, violation, violations }] = document.instances
    expect([code, verdict, error.message, error.line]).toEqual([2, 'error', 'x in the action Inc(p: p2): 4 is outside int(0, 3)', 7])
    expect(violations).toEqual([violation])
    expect(violation).toMatchObject({
      kind: 'range',
      name: 'x: 4 is outside int(0, 3)',
      steps: 4,
      replay: '0.0.0.1.1',
      outside: { variable: 'x', value: '4', range: 'int(0, 3)' },
      because: [
        { path: 'c.p2', value: '1' },
        { path: 'x', value: '3' },
      ],
    })
    expect(violation.trace.map(({ action, state }: { action: string; state: unknown }) => [action, state])).toEqual([
      [null, { x: 0, c: { p1: 0, p2: 0 } }],
      ['Inc', { x: 1, c: { p1: 1, p2: 0 } }],
      ['Inc', { x: 2, c: { p1: 2, p2: 0 } }],
      ['Inc', { x: 3, c: { p1: 2, p2: 1 } }],
      ['Inc', null],
    ])
  })
  test('--replay of it', async () => {
    const { code, stdout } = await tsmc(place({ 's.ts': COUNTER }), ['check', 's.ts', '--replay', '0.0.0.1.1'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/ {3}4 {2}Inc\(p: p2\)\n\nat its end: a value does not fit: x: 4 is outside int\(0, 3\)\n$/)
  })
  test('a simulation tells it as well', async () => {
    const { code, stderr } = await tsmc(place({ 's.ts': COUNTER }), ['simulate', 's.ts', '--seed', '1'])
    expect(code).toBe(2)
    expect(stderr).toContain('  step 4 leaves the range of a variable: x: 4 is outside int(0, 3)\n')
    expect(stderr).toMatch(/ {2}reproduce: npx tsmc check s\.ts --instance default --replay 0(\.[01]){4}\n$/)
  })
})

/** The error that a check ends with. */
async function errorOf(running: Promise<unknown>): Promise<OutOfRangeError> {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(OutOfRangeError)
  return error as OutOfRangeError
}
const told = ({ violation: { name, steps, replay, outside, trace } }: OutOfRangeError) => ({
  name,
  steps,
  replay,
  outside,
  picks: trace.at(-1)?.picks,
})

describe('check()', () => {
  test('a sequence that is too long, with what was picked', async () => {
    const s = spec('s', () => {
      const m = model({ q: seq(int(0, 1), 2) })
      m.action('Push', (s) => {
        s.q.push(pick(int(0, 1)))
      })
      return m
    })
    expect(told(await errorOf(check(s)))).toEqual({
      name: 'q: a sequence of 3 elements is longer than seq(int(0, 1), 2) allows',
      steps: 3,
      replay: '0.0~0.0~0.0~0',
      outside: { variable: 'q', value: 'a sequence of 3 elements', range: 'seq(int(0, 1), 2)' },
      picks: [0],
    })
  })
  test('too many copies in a bag', async () => {
    const s = spec('s', () => {
      const m = model({ b: bag(int(0, 1), 2) })
      m.action('Put', (s) => {
        s.b.add(pick(int(1, 1)))
      })
      return m
    })
    expect(told(await errorOf(check(s)))).toEqual({
      name: 'b: more than 2 copies of 1 in bag(int(0, 1), 2)',
      steps: 3,
      replay: '0.0~0.0~0.0~0',
      outside: { variable: 'b', value: 'more than 2 copies of 1', range: 'bag(int(0, 1), 2)' },
      picks: [1],
    })
  })
  test('a part of a variable, and no member', async () => {
    const s = spec('s', () => {
      const P = ids('p', 2)
      const m = model({ at: map(P, P) })
      m.action('Go', { p: P }, (s, { p }) => {
        when(s.at.p1 === 'p1')
        s.at[p] = (p === 'p2' ? 'p3' : 'p1') as 'p1'
      })
      return m
    })
    expect(told(await errorOf(check(s)))).toMatchObject({
      steps: 1,
      replay: '0.1',
      outside: { variable: 'at.p2', value: '"p3"', range: "ids('p', 2)" },
    })
  })
  test('a value that is there for a moment only', async () => {
    const s = spec('s', () => {
      const m = model({ x: int(0, 3), y: int(0, 3) })
      m.action('X', (s) => {
        when(s.y === 2)
        s.x += 4
        s.x -= 4
      })
      m.action('Y', (s) => {
        s.y = (s.y + 1) % 4
      })
      return m
    })
    const { violation } = await errorOf(check(s))
    expect([violation.name, violation.replay]).toEqual(['x: 4 is outside int(0, 3)', '0.1.1.0'])
    expect(violation.trace.map(({ action, failed }) => [action, failed])).toEqual([
      [null, false],
      ['Y', false],
      ['Y', false],
      ['X', true],
    ])
  })
  test.each([{}, { compiling: 'eager' as const }, { learning: false }])(
    'found late, by a function that is learned while the search goes on: the shortest trace; %o',
    async (options) => {
      const s = spec('s', () => {
        const m = model({ x: int(0, 90), y: int(0, 90), z: int(0, 90) })
        m.action('Both', (s) => {
          when(s.x < 90 && s.y < 90)
          s.x++
          s.y++
        })
        m.action('X', (s) => {
          when(s.x < 90)
          s.x++
        })
        m.action('Y', (s) => {
          when(s.y < 90)
          s.y++
        })
        m.action('Leap', (s) => {
          when(s.x === 70 && s.y === 80)
          s.z = s.x + s.y
        })
        return m
      })
      // 70 steps of both and ten of one of them lead there, and none are fewer.
      const { violation } = await errorOf(check(s, options))
      expect([violation.steps, violation.outside]).toEqual([81, { variable: 'z', value: '150', range: 'int(0, 90)' }])
      expect(violation.trace).toHaveLength(82)
    },
  )
  test('under symmetry, with the names that the behaviour has', async () => {
    const s = spec('s', () => {
      const P = symmetric('p', 3)
      const m = model({ c: map(P, int(0, 2)) })
      m.action('Inc', { p: P }, (s, { p }) => {
        s.c[p]++
      })
      return m
    })
    const { violation } = await errorOf(check(s))
    expect([violation.steps, violation.name]).toEqual([3, 'c.p1: 3 is outside int(0, 2)'])
    expect(violation.replay).toBe('0.0.0.0')
  })
  test('in a store that is gone on with', async () => {
    const s = spec('s', () => {
      const m = model({ x: int(0, 9) })
      m.action('Up', (s) => {
        s.x++
      })
      return m
    })
    const at = directory()
    await check(s, { store: { directory: join(at, 'layers') }, maxDepth: 5 })
    const { violation } = await errorOf(check(s, { store: { directory: join(at, 'layers'), resume: true } }))
    expect([violation.steps, violation.outside?.value, violation.trace.length]).toEqual([10, '10', 11])
  })
  test('simulate()', async () => {
    const s = spec('s', () => {
      const m = model({ x: int(0, 9) })
      m.action('Up', (s) => {
        s.x++
      })
      return m
    })
    const { violation } = await errorOf(simulate(s))
    expect([violation.steps, violation.replay]).toEqual([10, '0.0.0.0.0.0.0.0.0.0.0'])
  })
  test('in init there is no step: the error alone', async () => {
    const s = spec('s', () => {
      const m = model({ x: int(0, 3) })
      m.init((s) => {
        s.x = pick(int(3, 4))
      })
      m.action('Stay', () => {})
      return m
    })
    await expect(check(s)).rejects.toMatchObject({
      message: 'x in init: 4 is outside int(0, 3)',
      outside: { variable: 'x', value: '4', range: 'int(0, 3)' },
    })
  })
})
