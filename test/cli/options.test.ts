/** One schema for the options of check(), of simulate() and of the command. */
import { describe, expect, test } from 'vitest'
import { bool, check, model, simulate, spec } from 'tsmc'
import { CHECK, parse, SIMULATE } from '../../src/options.ts'
import { COUNTER, place, tsmc } from './run.ts'

const tiny = spec('tiny', { n: 1 }, () => {
  const m = model({ x: bool })
  m.action('Step', (s) => {
    s.x = !s.x
  })
  return m
})
const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: Error) => `${error.name}: ${error.message}`,
  )

describe('check()', () => {
  test.each<[object, string]>([
    [{ workerz: 2 }, 'check() has no option "workerz"'],
    [{ __proto__: null, constructor: 1 }, 'check() has no option "constructor"'],
    [{ maxStates: Number.NaN }, 'the option maxStates of check() is NaN'],
    [{ maxStates: 0 }, 'the option maxStates of check() is 0'],
    [{ maxStates: 2 ** 53 }, 'the option maxStates of check() is 9007199254740992'],
    [{ maxDepth: 1.5 }, 'the option maxDepth of check() is 1.5'],
    [{ maxDepth: '3' }, 'the option maxDepth of check() is "3"'],
    [{ timeout: -1 }, 'the option timeout of check() is -1'],
    [{ timeout: Number.POSITIVE_INFINITY }, 'the option timeout of check() is Infinity'],
    [{ callTimeout: 0 }, 'the option callTimeout of check() is 0'],
    [{ workers: 65 }, 'the option workers of check() is 65'],
    [{ workers: 'all' }, 'the option workers of check() is "all"'],
    [{ keys: 'sha' }, 'the option keys of check() is "sha"'],
    [{ learning: 'no' }, 'the option learning of check() is "no"'],
    [{ signal: {} }, 'the option signal of check() is an object'],
    [{ onProgress: true }, 'the option onProgress of check() is true'],
    [{ store: 'layers' }, 'the option store of check() is "layers"'],
    [{ store: {} }, 'the option store names no directory'],
    [{ confirm: false, confirmStates: 5 }, 'confirmStates says up to how many states are confirmed, and confirm: false that none are'],
    [{ learning: false, compiling: 'eager' }, "compiling: 'eager' compiles what is learned, and learning: false learns nothing"],
    [{ store: { directory: 'x', memory: -1 } }, 'the option memory of the store is -1'],
    [{ store: { directory: 'x', rezume: true } }, 'the store has no option "rezume"'],
    [{ constants: [1] }, 'the option constants of check() is an array'],
    [{ seed: 1 }, 'check() has no option "seed"'],
  ])('%j', async (options, message) => expect(await refusal(check(tiny, options as never))).toBe(`UsageError: ${message}`))
  test('no object', async () => expect(await refusal(check(tiny, 3 as never))).toBe('UsageError: check() was given 3 for its options'))
  test('what is undefined was not given', async () =>
    expect((await check(tiny, { timeout: undefined, workers: undefined } as never)).verdict).toBe('holds'))
  test('a message is a paragraph', async () => expect((await refusal(check(tiny, { keys: 'x'.repeat(1e5) } as never))).length).toBeLessThan(200))
})

describe('simulate()', () => {
  test.each<[object, string]>([
    [{ seed: -1 }, 'the option seed of simulate() is -1'],
    [{ runs: 2 ** 32 }, 'the option runs of simulate() is 4294967296'],
    [{ depth: Number.NaN }, 'the option depth of simulate() is NaN'],
    [{ maxStates: 1 }, 'simulate() has no option "maxStates"'],
  ])('%j', async (options, message) => expect(await refusal(simulate(tiny, options as never))).toBe(`UsageError: ${message}`))
})

test('texts of the command line: the same rules', () => {
  const read = (text: string, name: string, rules = CHECK): unknown => parse(text, rules[name]).value
  expect(['1', '1e6', '1_000', '0', '-1', '1.5', '1e999', '9007199254740993', '', ' 1', '0x10', '1e'].map((text) => read(text, 'maxStates'))).toEqual(
    [1, 1e6, 1000, ...Array.from({ length: 9 }, () => undefined)],
  )
  expect(['0.5', '.5', '2.', '0', '-1', 'Infinity', '1e9', '99999999'].map((text) => read(text, 'timeout'))).toEqual([
    0.5,
    0.5,
    2,
    ...Array.from({ length: 5 }, () => undefined),
  ])
  expect(['auto', '64', '65', 'AUTO'].map((text) => read(text, 'workers'))).toEqual(['auto', 64, undefined, undefined])
  expect(['0', '4294967295', '4294967296'].map((text) => read(text, 'seed', SIMULATE))).toEqual([0, 4294967295, undefined])
})

describe('the command', () => {
  const only = (only: string, more = ''): string =>
    `${COUNTER.split("\n  .instance('small')")[0]}\n  .instance('it', { top: 9 }, { only: ['${only}'] })${more}\n`
  const at = place({
    'counter.ts': COUNTER,
    'only.ts': only('deadlock'),
    'stranger.ts': only('No such'),
    'dir/spec.ts': COUNTER,
    'dir/helper.ts': "import { int } from 'tsmc'\nconsole.log('executed')\nexport const x = int(0, 1)\n",
    'dir/config.js': "console.log('executed')\nexport default { a: 1 }\n",
    'dir/other.ts': "import { int } from 'tsmc'\nexport default int(0, 1)\n",
    'dir/tool.mjs': "import { rmSync } from 'node:fs'\nconsole.log('executed')\nprocess.exit(0)\n",
  })
  test.each([
    ['top=9007199254740993', '--set top: 9007199254740993 is no number of JavaScript: it would become 9007199254740992'],
    ['top=1e999', '--set top: 1e999 is larger than any number of JavaScript'],
    ['top=-1e999', '--set top: -1e999 is larger than any number of JavaScript'],
    ['top=1e300', '--set top: 1e300 cannot be told from its neighbours in JavaScript'],
    [
      'top=123456789012345678901234567890',
      '--set top: 123456789012345678901234567890 is no number of JavaScript: it would become 1.2345678901234568e+29',
    ],
  ])('--set %s', async (assignment, message) => {
    const { code, stderr } = await tsmc(at, ['check', 'counter.ts', '--set', assignment])
    expect([code, stderr.split('\n')[0]]).toEqual([2, `error: ${message}`])
  })
  test('a text is a text, whatever it looks like', async () =>
    expect((await tsmc(at, ['check', 'counter.ts', '--no-diagrams', '--set', 'label=9007199254740993'])).code).toBe(0))
  test('--set keeps only', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'only.ts', '-i', 'it', '--set', 'top=8'])
    expect([code, stdout.split('\n')[0]]).toEqual([0, '✓ counter it with top=8: holds'])
    expect(stdout).toContain('warning: checked only deadlock; left out: Small')
    const all = await tsmc(at, ['check', 'only.ts', '--set', 'top=8', '--no-diagrams'])
    expect(all.code).toBe(1)
    expect(all.stdout).toContain('warning: everything was checked; the instance it checks only deadlock: name it to check the same\n')
  })
  test('only that does not fit is said', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'stranger.ts', '-i', 'it', '--set', 'top=8'])
    expect(code).toBe(0)
    expect(stdout).toContain(
      'warning: with these constants the instance names "No such": no property is called so, and no assertion with this message was reached (there are Small, deadlock)\n',
    )
  })
  test('a directory: spec files only, and what was passed over', async () => {
    const { code, stdout, stderr } = await tsmc(at, ['check', 'dir', '--no-diagrams'])
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, '2 of 2 instances as expected'])
    expect(stderr).toBe(`skipped dir/config.js: no spec file: it does not import tsmc
skipped dir/helper.ts: no spec file: it has no default export
skipped dir/other.ts: its exports are no specs
skipped dir/tool.mjs: no spec file: it does not import tsmc
`)
  })
})

describe('what a spec logs', () => {
  const at = place({
    'logs.ts': `import { ids, int, map, model, seq, set, spec, when } from 'tsmc'
console.log('loaded')
process.stdout.write('straight\\n')
export default spec('logs', () => {
  console.log('built')
  const m = model({ n: int(0, 2), q: seq(int(0, 9), 3), seen: set(int(0, 3)), at: map(ids('k', 2), int(0, 3)) })
  m.action('Step', (s) => {
    when(s.n < 2)
    s.n++
    console.log('state', s, 'at \\u001b[31m\\u202e')
  })
  m.terminal(() => true)
  return m
})
`,
  })
  test('is told on stderr, once, with its place; results are never among it', async () => {
    const { code, stdout, stderr } = await tsmc(at, ['check', 'logs.ts', '-r', 'json'])
    expect([code, JSON.parse(stdout).instances[0].verdict]).toEqual([0, 'holds'])
    // How far the search has come is told where the machine is slow.
    expect(stderr.split('\n').filter((line) => line !== 'straight' && !line.includes(' distinct/s '))).toEqual([
      '| logs.ts:2: loaded',
      '| logs.ts:5: built',
      '| logs.ts:10 the action Step, while learning: state { n: 1, q: [], seen: Set(0) {}, at: { k1: 0, k2: 0 } } at \\u001b[31m\\u202e',
      '| logs.ts:10 the action Step, while learning: state { n: 2, q: [], seen: Set(0) {}, at: { k1: 0, k2: 0 } } at \\u001b[31m\\u202e',
      '',
    ])
    expect(stderr).toContain('straight\n')
  })
})

test('confirmStates alone confirms, in check() as in the command', async () => {
  expect((await check(tiny, { confirmStates: 5 })).confirmation).toEqual({ confirmed: true, states: 2, unconfirmed: [] })
})

test.each([
  ['--store', 'layers'],
  ['--resume', 'layers'],
  ['--confirm'],
  ['--confirm-states', '5'],
  ['--profile'],
  ['--keep-going'],
  ['--max-states', '5'],
  ['--max-depth', '5'],
  ['--strict'],
])('--replay searches nothing: %s beside it is refused', async (...more) => {
  const { code, stderr } = await tsmc(place({ 'counter.ts': COUNTER }), ['check', 'counter.ts', '-i', 'small', '--replay', '0.0', ...more])
  expect([code, stderr]).toEqual([
    2,
    `error: --replay takes one path and searches nothing, so ${more[0]} says nothing beside it\n  hint: leave out one of them\n`,
  ])
})
