/** Functions that only traces call (`show`), and what is logged while a path is taken again. */
import { describe, expect, test } from 'vitest'
import { place, tsmc } from './run.ts'

const walk = (show: string, more = '') => `import { int, model, spec, when } from 'tsmc'
void when
export default spec('walk', () => {
  const m = model({ x: int(0, 3) })
  ${more}
  m.action('Up', (s) => { s.x = (s.x + 1) % 4 })
  m.invariant('Low', (s) => s.x < 2)
  m.show('it', ${show})
  return m
}).instance('i')
`

describe('a show that goes wrong is an error of the spec, with its line', () => {
  test.each([
    ["() => { throw new Error('no') }", 'the show it threw Error: no'],
    ['() => { throw null }', 'the show it threw null'],
    ['() => { when(false) }', 'the show it calls when()'],
    ['(s: any) => { s.x = 1 }', 'the show it writes x, but it may only read'],
    [
      '() => new Proxy({}, { ownKeys() { throw new Error("no") }, get() { throw new Error("no") } })',
      'the show it gives a value that cannot be read: no',
    ],
    ['() => { process.exit(0) }', 'a spec may not end the process, and this one calls process.exit(0)'],
    ['() => { const f = (): number => f() + 1; return f() }', 'the show it threw RangeError: Maximum call stack size exceeded'],
  ])('%s', async (show, message) => {
    const at = place({ 's.ts': walk(show) })
    for (const more of [[], ['--replay', '0.0.0']]) {
      const { code, stderr } = await tsmc(at, ['check', 's.ts', '--no-diagrams', ...more])
      expect([code, stderr.split('\n')[0]]).toEqual([2, expect.stringMatching(/^error: s\.ts:8:\d+: /)])
      expect(stderr.split('\n')[0]).toContain(message)
    }
  })
  test('one that never returns', async () => {
    const at = place({ 's.ts': walk('() => { for (;;); }') })
    const both = await Promise.all([[], ['--replay', '0.0']].map((more) => tsmc(at, ['check', 's.ts', '--no-diagrams', ...more])))
    expect(both.map(({ code, stderr }) => [code, stderr.split('\n').slice(0, 2)])).toEqual(
      both.map(() => [2, ['error: the show it did not return within 10 seconds', '  hint: it may contain an endless loop']]),
    )
  })
})

test('what is logged in a replay: once per step, in order, with the function that ran', async () => {
  const at = place({
    's.ts': walk(
      "(s) => { console.log('shown', s.x); return s.x }",
      "m.init((s) => { console.log('init'); s.x = 0 })\n  m.step('Next', (a, b) => { console.log('from', a.x, 'to', b.x); return true })",
    ).replace('{ s.x = (s.x', "{ console.log('up from', s.x); s.x = (s.x"),
  })
  const { code, stderr } = await tsmc(at, ['check', 's.ts', '--no-diagrams', '--replay', '0.0.0'])
  expect([code, stderr.split('\n')]).toEqual([
    0,
    [
      '| s.ts:5 init: init',
      '| s.ts:9 the show it: shown 0',
      '| s.ts:7 the action Up: up from 0',
      '| s.ts:9 the show it: shown 1',
      '| s.ts:7 the action Up: up from 1',
      '| s.ts:9 the show it: shown 2',
      '| s.ts:6 the step Next: from 1 to 2',
      '',
    ],
  ])
})
