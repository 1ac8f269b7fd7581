/** What a user reads where a store cannot be used; and that bounds, errors of the spec and time limits are as in memory. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { List, Record } from 'immutable'
import { bool, check, type CheckOptions, int, model, type Result, spec, value } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { COUNTER, place, timeless, tsmc } from '../cli/run.ts'
import type { Progress } from '../../src/program/result.ts'
import { textSum } from '../../src/store/sums.ts'
import { comparable, directory } from './directory.ts'

const run = async (at: string, ...args: string[]) => {
  const { code, stdout, stderr } = await tsmc(at, ['check', 'counter.ts', ...args, '--no-diagrams'])
  return { code, stdout, stderr: stderr.replaceAll(at, 'AT') }
}

/** The only directory in a store. */
const below = (at: string): string => join(at, 'layers', readdirSync(join(at, 'layers'))[0] as string)

const stopped = async (): Promise<string> => {
  const at = place({ 'counter.ts': COUNTER })
  const { code } = await run(at, '-i', 'small', '--store', 'layers', '--max-states', '2')
  expect(code).toBe(3)
  return at
}

describe('the command', () => {
  test('a directory per instance; a second --store is refused; --resume goes on, and tells a finished one again', async () => {
    const at = place({ 'counter.ts': COUNTER })
    const first = await run(at, '--store', 'layers')
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(readdirSync(join(at, 'layers')).sort()).toEqual(['counter.counter.large', 'counter.counter.small'])
    expect(await run(at, '--store', 'layers')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: there is a store in ${join('layers', 'counter.counter.small')} already\n  hint: go on with it by --resume layers, or choose another directory\n`,
    })
    const again = await run(at, '--resume', 'layers')
    // What a finished store knows need not be learned again.
    const same = (text: string): string => timeless(text).replace(/^.* learned (leaf|leaves), .*$/gm, '')
    expect(same(first.stdout)).toContain('\n  4 distinct states, 5 generated, depth 4\n')
    expect([again.code, same(again.stdout)]).toEqual([0, same(first.stdout)])
  })

  test('options that do not go together', async () => {
    const at = place({ 'counter.ts': COUNTER })
    expect((await run(at, '--store', 'a', '--resume', 'a')).stderr).toBe(
      'error: --store begins anew and --resume goes on: only one of them can be meant\n  hint: both name the directory of the store\n',
    )
    expect((await run(at, '--store-memory', '100')).stderr).toBe('error: --store-memory says nothing without --store or --resume\n')
    expect((await run(at, '--resume', 'a')).stderr).toBe(
      'error: there is no store in a of what is to be checked\n  hint: looked for a/counter.counter.small, a/counter.counter.large; --store begins one\n',
    )
    expect((await run(at, '--store', 'a', '--keys', 'fingerprint')).stderr).toBe(
      'error: --store tells states apart exactly: there are no fingerprints to keep\n  hint: leave out --keys fingerprint, or --store\n',
    )
    expect(existsSync(join(at, 'a'))).toBe(false)
  })

  test('the package is not installed', async () => {
    const at = place({
      'counter.ts': COUNTER,
      'hook.mjs': `import { register } from 'node:module'
        register('data:text/javascript,' + encodeURIComponent(\`export const resolve = (specifier, context, next) => {
          if (specifier !== '@duckdb/node-api') return next(specifier, context)
          throw Object.assign(new Error("Cannot find package '@duckdb/node-api' imported from here"), { code: 'ERR_MODULE_NOT_FOUND' })
        }\`))`,
    })
    const { code, stderr } = await tsmc(at, ['check', 'counter.ts', '--store', 'layers'], {
      env: { NODE_OPTIONS: `--no-deprecation --import ${join(at, 'hook.mjs')}` },
    })
    expect([code, stderr]).toEqual([
      2,
      'error: --store needs the package @duckdb/node-api, which is not installed\n  hint: npm install @duckdb/node-api\n',
    ])
  })

  test('a spec that has changed; comments do not count', async () => {
    const at = await stopped()
    writeFileSync(join(at, 'counter.ts'), `// A comment.\n${COUNTER.replace('s.x < 5', 's.x < 5 /* another */')}`)
    expect((await run(at, '-i', 'small', '--resume', 'layers')).code).toBe(0)
    writeFileSync(join(at, 'counter.ts'), COUNTER.replace('s.x + 1', 's.x + 2'))
    const { code, stderr } = await run(at, '-i', 'small', '--resume', 'layers')
    expect([code, stderr]).toEqual([
      2,
      'error: the store in layers/counter.counter.small cannot be gone on with: the spec has changed since\n  hint: begin anew with --store and another directory\n',
    ])
  })

  test('an imported file that has changed', async () => {
    const at = place({
      'counter.ts': `import { step } from './step.ts'\n${COUNTER.replace('s.x + 1', 's.x + step()')}`,
      'step.ts': 'export const step = () => 1',
    })
    expect((await run(at, '-i', 'small', '--store', 'layers', '--max-states', '2')).code).toBe(3)
    writeFileSync(join(at, 'step.ts'), 'export const step = () => 2')
    expect((await run(at, '-i', 'small', '--resume', 'layers')).stderr).toContain('the spec has changed since')
  })

  test.each([
    ['another version', { tsmc: '0.0.1' }, 'it was made by version 0.0.1 of tsmc, and this is '],
    ['another spec', { spec: 'other' }, 'it is of the spec other, not counter'],
    ['other constants', { constants: { top: 4, label: 'x' } }, 'it has other constants, top=4 instead of top=3'],
    ['another instance', { instance: 'medium' }, 'it is of the instance medium, not small'],
    ['other options', { keepGoing: true }, 'it was made with --keep-going'],
  ])('the store of %s', async (_, identity, text) => {
    const at = await stopped()
    const file = join(below(at), 'store.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8').split('\n')[0] as string)
    const body = JSON.stringify({ ...manifest, identity: { ...manifest.identity, ...identity } })
    writeFileSync(file, `${body}\n${textSum(body)}\n`)
    const { code, stderr } = await run(at, '-i', 'small', '--resume', 'layers')
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: the store in layers/counter.counter.small cannot be gone on with: ${text}`)])
  })

  test.each([
    ['a package that the spec imports', 'top.js', 'export const top = 20\n', { 'top.js': 'export const top = 9\n' }],
    [
      'a package that cannot be read as JavaScript: its version',
      'package.json',
      '{ "name": "limits", "version": "2.0.0", "main": "top.js" }',
      { 'top.js': "import './native.node'\nexport const top = 9\n", 'native.node': '' },
    ],
  ])('%s, and that has changed', async (_what, name, text, files) => {
    const home = 'node_modules/limits'
    const at = place({
      's.ts': `import { int, model, spec } from 'tsmc'
${name === 'top.js' ? "import { top } from 'limits'" : "const top = 9\nif (top > 9) await import('limits')"}
export default spec('s', () => {
  const m = model({ x: int(0, 50) })
  m.action('Up', (s) => { s.x = s.x === top ? 0 : s.x + 1 })
  return m
})
`,
      [`${home}/package.json`]: '{ "name": "limits", "version": "1.0.0", "type": "module", "main": "top.js" }',
      ...Object.fromEntries(Object.entries(files).map(([file, content]) => [`${home}/${file}`, content])),
    })
    const first = await tsmc(at, ['check', 's.ts', '--store', 'layers', '--max-depth', '3'])
    expect(first.code).toBe(3)
    // Nothing has changed yet.
    expect((await tsmc(at, ['check', 's.ts', '--resume', 'layers', '--max-depth', '4'])).code).toBe(3)
    writeFileSync(join(at, home, name), text)
    const { code, stderr } = await tsmc(at, ['check', 's.ts', '--resume', 'layers'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be gone on with: the spec has changed since')])
  })
  test('another format, and what is no manifest at all', async () => {
    const at = await stopped()
    const file = join(below(at), 'store.json')
    writeFileSync(file, '{"format":99}')
    expect((await run(at, '-i', 'small', '--resume', 'layers')).stderr).toContain('has the format 99; this version reads 3')
    writeFileSync(file, '{"format":')
    expect((await run(at, '-i', 'small', '--resume', 'layers')).stderr).toContain("store.json is not a store's")
    rmSync(file)
    writeFileSync(join(below(at), 'letter.txt'), '')
    expect((await run(at, '-i', 'small', '--resume', 'layers')).stderr).toContain('holds no store, but other files')
  })

  test.each([
    ['missing', (path: string) => rmSync(path)],
    ['cut off', (path: string) => truncateSync(path, 100)],
    ['empty', (path: string) => truncateSync(path, 0)],
  ])('a level that is %s', async (_, damage) => {
    const at = await stopped()
    damage(join(below(at), 'level-00001.parquet'))
    const { code, stderr } = await run(at, '-i', 'small', '--resume', 'layers')
    expect([code, stderr]).toEqual([2, expect.stringContaining('files of the store in layers/counter.counter.small are missing or damaged')])
  })

  test('files of a level that was not finished are removed', async () => {
    const at = await stopped()
    for (const name of ['level-00009.parquet', 'level-00003.parquet.part', 'seen-00000-00009.parquet']) writeFileSync(join(below(at), name), 'half')
    writeFileSync(join(below(at), 'lock'), '')
    mkdirSync(join(below(at), 'tmp'))
    expect((await run(at, '-i', 'small', '--resume', 'layers')).code).toBe(0)
    expect(readdirSync(below(at)).sort()).toEqual(
      ['level-00000', 'level-00001', 'level-00002', 'level-00003'].map((name) => `${name}.parquet`).concat('lock', 'store.json'),
    )
  })

  test('a manifest in which a bit is another', async () => {
    const at = await stopped()
    const file = join(below(at), 'store.json')
    const text = readFileSync(file, 'utf8')
    for (const changed of [text.replace('"depth":', '"depth": '), text.slice(0, -1), text.replace(/.\n$/, 'x\n'), `${text}x`]) {
      writeFileSync(file, changed)
      const { code, stderr } = await run(at, '-i', 'small', '--resume', 'layers')
      expect([code, stderr.split('\n')[0]]).toEqual([2, 'error: layers/counter.counter.small/store.json is damaged: it is not as it was written'])
    }
  })

  const VALUES = `import { readFileSync } from 'node:fs'
import { int, model, spec, union, value, when } from 'tsmc'
const { last } = JSON.parse(readFileSync(new URL('last.json', import.meta.url), 'utf8'))
export default spec('values', () => {
  const m = model({ box: union('kind', { one: { x: value('a') }, two: { y: value(0) } }), n: int(0, 6) })
  m.action('Step', (s) => {
    when(s.n < last)
    s.n++
    s.box = s.n % 2 === 0 ? { kind: 'one', x: 'x' + s.n } : { kind: 'two', y: 10 * s.n }
  })
  m.terminal(() => true)
  m.invariant('Never', (s) => !(s.n === 6 && s.box.kind === 'one' && s.box.x === 'x6'))
  return m
}).instance('it', {}, { violates: 'Never', steps: 6 })
`
  const half = async (): Promise<string> => {
    const at = place({ 'values.ts': VALUES, 'last.json': '{ "last": 6 }' })
    const { code } = await tsmc(at, ['check', 'values.ts', '--store', 'layers', '--max-depth', '4', '--no-diagrams'])
    expect(code).toBe(3)
    return at
  }
  const resume = (at: string) => tsmc(at, ['check', 'values.ts', '--resume', 'layers', '--no-diagrams'])

  test('values inside of a union are what they were', async () => {
    const { code, stdout } = await resume(await half())
    expect([code, stdout.split('\n')[0]]).toEqual([0, '✓ values it: violated as expected: Never in 6 steps'])
  })

  test('a value that is another one', async () => {
    const at = await half()
    const file = join(at, 'layers', 'values.values.it', 'values-0.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('x2', 'x3'))
    const { code, stderr } = await resume(at)
    expect([code, stderr]).toEqual([2, expect.stringContaining('are missing or damaged: values-*.jsonl is not as it was written')])
  })

  test('the environment that the spec reads, and that has changed since', async () => {
    const at = place({ 'sized.ts': VALUES.replace(/^const \{ last \}.*$/m, "const last = Number(process.env['LAST'])") })
    const run = (last: string, ...args: string[]) => tsmc(at, ['check', 'sized.ts', '--no-diagrams', ...args], { env: { LAST: last } })
    expect((await run('6', '--store', 'layers', '--max-depth', '4')).code).toBe(3)
    const { code, stderr } = await run('5', '--resume', 'layers')
    expect([code, stderr]).toEqual([2, expect.stringContaining('the spec has changed since')])
    expect((await run('6', '--resume', 'layers')).code).toBe(0)
  })

  test('data that the spec reads, and that has changed since', async () => {
    const at = await half()
    writeFileSync(join(at, 'last.json'), '{ "last": 5 }')
    const { code, stderr } = await resume(at)
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be gone on with: the spec has changed since')])
    writeFileSync(join(at, 'last.json'), '{ "last": 6 }')
    expect((await resume(at)).code).toBe(0)
  })

  test('a lock of which only a part was written', async () => {
    const at = await half()
    const file = join(at, 'layers', 'values.values.it', 'lock')
    for (const bytes of [0, 1, 100, 4096, 5000]) {
      const copy = place()
      cpSync(at, copy, { recursive: true })
      truncateSync(join(copy, 'layers', 'values.values.it', 'lock'), Math.min(bytes, statSync(file).size))
      expect((await resume(copy)).code).toBe(0)
    }
  })

  test('names that are no names of files', async () => {
    const at = place({ 'counter.ts': COUNTER.replace("instance('small')", "instance('../Small *[x]?')") })
    const { code, stderr } = await run(at, '-i', '../Small *[x]?', '--store', "la[y]e'rs *?")
    expect([code, stderr]).toEqual([0, ''])
    expect(readdirSync(join(at, "la[y]e'rs *?"))).toEqual([expect.stringMatching(/^counter\.counter\._\.\._Small_x_\.[0-9a-f]{8}$/)])
  })
})

describe('check()', () => {
  const endless = spec('endless', () => {
    const m = model({ x: int(0, 1000000) })
    m.action('Up', (s) => {
      s.x++
    })
    return m
  })

  test('two at once in one directory', async () => {
    const store = { directory: join(directory(), 'store'), resume: true }
    const controller = new AbortController()
    let first!: Promise<Result>
    await new Promise<void>((resolve, reject) => {
      first = check(endless, { store, signal: controller.signal, onProgress: () => resolve() })
      first.catch(reject)
    })
    await expect(check(endless, { store })).rejects.toThrow(/another check is at work in/)
    controller.abort()
    expect((await first).incomplete?.bound).toBe('interrupt')
    // Free again.
    expect((await check(endless, { store, maxStates: 1 })).incomplete?.bound).toBe('max-states')
  })

  test('stops when it is told to, and goes on', async () => {
    const store = { directory: join(directory(), 'store') }
    const controller = new AbortController()
    const onProgress = ({ depth }: Progress): void => {
      if (depth > 3) controller.abort()
    }
    const first = await check(endless, { store, signal: controller.signal, onProgress })
    expect(first.incomplete).toMatchObject({ bound: 'interrupt' })
    expect(first.distinct).toBeGreaterThan(3)
    const second = await check(endless, { store: { ...store, resume: true }, maxDepth: first.depth + 5 })
    expect([second.distinct, second.depth, second.incomplete?.bound]).toEqual([first.depth + 5, first.depth + 5, 'max-depth'])
  })

  test('a view is refused', async () => {
    const viewed = spec('viewed', () => {
      const m = model({ x: int(0, 3) })
      m.action('Up', (s) => {
        s.x = (s.x + 1) % 4
      })
      m.view((s) => s.x % 2)
      return m
    })
    const at = join(directory(), 'store')
    await expect(check(viewed, { store: { directory: at } })).rejects.toThrow(/a model with a view cannot be kept in a store/)
    expect(existsSync(at)).toBe(false)
  })

  test('values that cannot be written to a file can be checked, but not gone on with', async () => {
    const odd = spec('odd', () => {
      const m = model({ x: value<unknown>(List([Record({ a: 1 })()])), y: bool })
      m.action('Change', (s) => {
        s.y = !s.y
      })
      return m
    })
    const store = { directory: join(directory(), 'store') }
    expect((await check(odd, { store })).distinct).toBe(2)
    await expect(check(odd, { store: { ...store, resume: true } })).rejects.toThrow(/values of x cannot be written to a file/)
  })

  const throwing = spec('throwing', { loop: false }, ({ loop }) => {
    const m = model({ x: int(0, 100) })
    m.action('Up', (s) => {
      if (s.x === 7) {
        while (loop);
        throw new Error('seven')
      }
      s.x++
    })
    return m
  })

  test.each<CheckOptions>([{}, { constants: { loop: true }, callTimeout: 2 }])(
    'errors of the spec, with the way that leads there',
    async (options) => {
      const error = async (more: CheckOptions): Promise<unknown> => {
        try {
          return comparable(await check(throwing, { ...options, ...more }))
        } catch (thrown) {
          const { message, hint, trace } = thrown as { message: string; hint?: string; trace?: string[] }
          return { message, hint, trace }
        }
      }
      const inMemory = await error({})
      expect(inMemory).toMatchObject({ trace: expect.arrayContaining([expect.stringContaining('7')]) })
      expect(await error({ store: { directory: join(directory(), 'store') } })).toEqual(inMemory)
    },
  )
})
