/** What is wrong with a call is said in full, and ends with exit code 2. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COUNTER, limited, place, tsmc } from './run.ts'

const LONG = `${COUNTER.replaceAll('counter', 'long').replace('top: 3', 'top: 99').replace('s.x < 5', 's.x < 60').split("\n  .instance('small')")[0]}
  .instance('default', {}, { violates: 'Small', steps: 60 })
`
const at = place({
  'counter.ts': COUNTER,
  'long.ts': LONG,
  'none.ts': 'export const x = 1\n',
  'notes.txt': 'x',
  'empty/none.ts': 'export const x = 1\n',
  'syntax.ts': "import { spec } from 'tsmc'\nexport default spec('a', => {\n",
  'syntax.mjs': 'export default (\n',
  'missing-import.ts': "import { x } from './nothing.ts'\nexport default x\n",
  'missing-package.ts': "import x from 'no-such-package'\nexport default x\n",
  'missing-name.ts': "import { specs } from 'tsmc'\nexport default specs('a')\n",
  'throws.ts': 'const x: any = undefined\nexport default x.y\n',
  'late.ts': 'export default await new Promise(() => {})\n',
  'twice.ts': "import { int, model, spec } from 'tsmc'\nexport default spec('a', () => model({ x: int(0, 1) })).instance('i').instance('i')\n",
})

const refused = async (args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await tsmc(at, args)
  expect([code, stdout]).toEqual([2, ''])
  return stderr
}

describe('files', () => {
  test('missing', async () => expect(await refused(['check', 'nope.ts'])).toBe(`error: there is no file nope.ts\n  hint: looked in ${at}\n`))
  test('below a file', async () =>
    expect(await refused(['check', 'counter.ts/x.ts'])).toBe(`error: there is no file counter.ts/x.ts\n  hint: looked in ${at}\n`))
  test('no module', async () =>
    expect(await refused(['check', 'notes.txt'])).toBe(
      'error: notes.txt is not a spec file\n  hint: spec files are modules that end in .ts, .mts, .js or .mjs\n',
    ))
  test('no spec in it', async () =>
    expect(await refused(['check', 'counter.ts', 'none.ts'])).toBe(
      "error: none.ts exports no spec\n  hint: a spec file exports what spec() returns: export default spec('name', { … }, … )\n",
    ))
  test('a directory without specs', async () =>
    expect(await refused(['check', 'empty'])).toBe(
      'error: no file in empty exports a spec\n  hint: spec files end in .ts, .mts, .js or .mjs, import tsmc, and export what spec() returns: export default spec(…)\n',
    ))
  test('none given', async () =>
    expect(await refused(['check'])).toBe("error: missing required argument 'file'\n(tsmc --help and tsmc check --help list what there is)\n"))
})

describe('loading', () => {
  test('a syntax error', async () => expect(await refused(['check', 'syntax.ts'])).toBe('error: syntax.ts:2:26: Unexpected "=>"\n'))
  test('a syntax error in JavaScript', async () =>
    expect(await refused(['check', 'syntax.mjs'])).toBe('error: syntax.mjs:2:1: Unexpected end of file\n'))
  test('an import of a file that is missing', async () =>
    expect(await refused(['check', 'missing-import.ts'])).toBe('error: missing-import.ts:1:19: Could not resolve "./nothing.ts"\n'))
  test('an import of a package that is missing', async () =>
    expect(await refused(['check', 'missing-package.ts'])).toBe(
      `error: missing-package.ts:1:15: cannot find the package "no-such-package"\n  hint: install it where ${join(at, 'missing-package.ts')} finds it, or correct its name\n`,
    ))
  test('a name that tsmc does not have', async () =>
    expect(await refused(['check', 'missing-name.ts'])).toMatch(
      /^error: missing-name\.ts imports "specs", which tsmc does not export\n {2}hint: did you mean spec\? there are .*\bwhen\b/,
    ))
  test('an exception', async () =>
    expect(await refused(['check', 'throws.ts'])).toBe(
      "error: throws.ts:2:18: throws.ts failed while it was loaded: TypeError: Cannot read properties of undefined (reading 'y')\n",
    ))
  test('a module that never finishes', async () =>
    expect(await refused(['check', 'late.ts'])).toBe(
      'error: late.ts never finishes loading\n  hint: a top-level await in it waits for something that never happens\n',
    ))
  test('two instances of one name', async () =>
    expect(await refused(['check', 'twice.ts'])).toMatch(/^error: twice\.ts:2:\d+: the spec "a" has two instances of the name "i"\n$/))
})

describe('options', () => {
  test('an unknown instance', async () =>
    expect(await refused(['check', 'counter.ts', '--instance', 'smal'])).toBe(
      'error: no instance in counter.ts is named "smal"\n  hint: did you mean small? there are small, large\n',
    ))
  test('an unknown constant', async () =>
    expect(await refused(['check', 'counter.ts', '--set', 'tip=3'])).toBe(
      'error: the spec "counter" has no constant "tip"\n  hint: did you mean top? there are top, label\n',
    ))
  test('a constant of a wrong type', async () =>
    expect(await refused(['check', 'counter.ts', '--set', 'top=three'])).toBe(
      'error: the constant "top" of the spec "counter" is a number, not "three"\n  hint: its default is 3\n',
    ))
  test('a constant without a value', async () =>
    expect(await refused(['check', 'counter.ts', '--set', 'top'])).toBe('error: --set was given "top"\n  hint: write --set name=value\n'))
  test('an unknown option', async () =>
    expect(await refused(['check', 'counter.ts', '--strickt'])).toMatch(/^error: unknown option '--strickt'\n\(Did you mean --strict\?\)\n/))
  test('an unknown command', async () =>
    expect(await refused(['chek', 'counter.ts'])).toMatch(/^error: unknown command 'chek'\n\(Did you mean check\?\)\n/))
  test('an unknown reporter', async () =>
    expect(await refused(['check', 'counter.ts', '--reporter', 'xml'])).toMatch(
      /^error: option '-r, --reporter <name>' argument 'xml' is invalid\. Allowed choices are terminal, json\.\n/,
    ))
  test.each(['0', '-1', '1.5', 'many'])('--max-states %s', async (text) =>
    expect(await refused(['check', 'counter.ts', `--max-states=${text}`])).toMatch(
      /^error: option '--max-states <n>' argument '.*' is invalid\. It must be a whole number of at least 1\.\n/,
    ),
  )
  test('--timeout 0', async () =>
    expect(await refused(['check', 'counter.ts', '--timeout', '0'])).toMatch(
      /^error: option '--timeout <seconds>' argument '0' is invalid\. It must be a number of seconds above 0\.\n/,
    ))
  test('nothing at all', async () => expect((await refused([])).split('\n')[0]).toBe('Usage: tsmc [options] [command]'))
})

describe('replay', () => {
  test('no path', async () =>
    expect(await refused(['check', 'counter.ts', '-i', 'large', '--replay', 'x'])).toBe(
      'error: --replay was given "x", which is no path\n  hint: a path is what a report prints after --replay, for example 0.5.3~1\n',
    ))
  test('several instances', async () =>
    expect(await refused(['check', 'counter.ts', '--replay', '0'])).toBe(
      'error: --replay is about one instance, and there are 2\n  hint: add --instance with one of small, large\n',
    ))
  test('a path that does not fit', async () =>
    expect(await refused(['check', 'counter.ts', '-i', 'large', '--replay', '0.7'])).toMatch(
      /^error: the path 0\.7 does not fit the model: step 1 is action 7, and there are 1\n/,
    ))
})

describe('the output directory', () => {
  const lost = async (out: string, why: string): Promise<void> => {
    const { code, stdout, stderr } = await tsmc(at, ['check', 'counter.ts', '-i', 'large', '--out', out])
    expect([code, stdout.split('\n')[0], stdout.includes('diagram')]).toEqual([0, '✓ counter large: violated as expected: Small in 5 steps', false])
    expect(stderr).toBe(
      `warning: the diagram of Small is lost: cannot write ${out}/counter.large.dot: ${why}\n  hint: choose another directory with --out, or leave the diagrams out with --no-diagrams\n`,
    )
  }
  test('a file is in the way', () => lost('notes.txt/x', 'a file is in the way'))
  test('a file is there', () => lost('notes.txt', 'a file is in the way'))
  test.runIf(process.platform === 'linux')('a file system that takes nothing', () => lost('/proc/x', 'a part of the path does not exist'))
  test.runIf(process.platform === 'linux')('a full disk', async () => {
    mkdirSync(join(at, 'full'))
    const { code, stdout, stderr } = await limited(at, 'ulimit -f 8', ['check', 'long.ts', '--out', 'full'])
    expect([code, stdout.split('\n')[0]]).toEqual([0, '✓ long default: violated as expected: Small in 60 steps'])
    expect(stderr).toContain(
      'warning: full/long.default.dot was not drawn: cannot write full/long.default.svg: files may not be so large (ulimit -f)\n',
    )
    expect(readdirSync(join(at, 'full'))).toEqual(['long.default.dot'])
  })
  test.skipIf(process.getuid?.() === 0)('no permission', async () => {
    mkdirSync(join(at, 'closed'))
    writeFileSync(join(at, 'closed/x'), '')
    chmodSync(join(at, 'closed'), 0o500)
    await lost('closed/x-out', 'permission denied')
  })
  test('is not asked for where no diagrams are wanted', async () => {
    const { code } = await tsmc(at, ['check', 'counter.ts', '--out', 'notes.txt/x', '--no-diagrams'])
    expect(code).toBe(0)
  })
})
