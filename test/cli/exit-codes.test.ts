/** The table of exit codes: each is reached, and nothing that a spec does by accident makes another one of it. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { EXIT, EXIT_MEANING } from '../../src/errors.ts'
import { misfits } from '../report/schema.ts'
import { readFileSync } from 'node:fs'
import { COUNTER, limited, place, tsmc } from './run.ts'

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))

/** A violated spec with something at the places where code of a spec runs. */
const violated = ({ load = '', build = '', act = '', test = '' }): string => `import { int, model, spec } from 'tsmc'
import { abort, exit } from 'node:process'
void abort, exit
${load}
export default spec('s', () => {
  ${build}
  const m = model({ n: int(0, 9) })
  m.action('Step', (s) => {
    ${act}
    s.n = (s.n + 1) % 9
  })
  m.invariant('Small', (s) => {
    ${test}
    return s.n < 5
  })
  return m
}).instance('i')
`

const at = place({
  'counter.ts': COUNTER,
  'bad.ts': violated({}),
  'first.ts': violated({}).replace("spec('s'", "spec('first'"),
})
const check = (text: string, args: readonly string[] = []) => {
  const file = `case-${Math.random().toString(36).slice(2)}.ts`
  writeFileSync(join(at, file), text)
  return tsmc(at, ['check', file, '--no-diagrams', ...args])
}

describe('each code is reached', () => {
  test('the table: in the README, and in the help', async () => {
    const rows = Object.entries(EXIT).map(([name, code]): [string, string] => [String(code), EXIT_MEANING[name as keyof typeof EXIT]])
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const table = readme.slice(readme.indexOf('| exit code |')).split('\n\n')[0] as string
    expect([...table.matchAll(/^\| (\d) +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [code, meaning])).toEqual(rows)
    const { stdout } = await tsmc(at, ['check', '--help'])
    expect(stdout.split('Exit codes:\n')[1]).toBe(rows.map(([code, meaning]) => `  ${code}  ${meaning}\n`).join(''))
  })
  test('0', async () => expect((await tsmc(at, ['check', 'counter.ts', '--no-diagrams'])).code).toBe(0))
  test('1', async () => expect((await tsmc(at, ['check', 'bad.ts', '--no-diagrams'])).code).toBe(1))
  test('2: usage', async () => expect((await tsmc(at, ['check', 'nothing.ts'])).code).toBe(2))
  test('2: a spec', async () => expect((await check(violated({ act: 'throw new Error("x")' }))).code).toBe(2))
  test('3', async () => expect((await tsmc(at, ['check', 'counter.ts', '-i', 'small', '--max-states', '1'])).code).toBe(3))
  test.runIf(process.platform === 'linux')('4: results that cannot be written', async () => {
    const { code, stderr } = await limited(at, ':', ['check', 'counter.ts', '--no-diagrams'], '>/dev/full')
    expect([code, stderr]).toEqual([4, 'error: results cannot be written to stdout: ENOSPC: no space left on device, write\n'])
  })
  test.runIf(process.platform === 'linux')('4: too few files to begin with', async () => {
    const { code, stderr } = await limited(at, 'ulimit -n 25', ['check', 'counter.ts', '--no-diagrams'])
    expect([code, stderr]).toEqual([4, expect.stringContaining('this process may open no more files (ulimit -n)')])
  })
})

describe('a spec may not end the process', () => {
  const CALLS = ['process.exit(0)', 'process.exit()', 'exit(0)', 'process.abort()', 'process.reallyExit(0)', "process.kill(process.pid, 'SIGKILL')"]
  describe.each(['load', 'build', 'act', 'test'] as const)('%s', (place) => {
    test.each(CALLS)('%s', async (call) => {
      const { code, stdout, stderr } = await check(violated({ [place]: call }))
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(
        /^error: case-\w+\.ts:\d+:\d+: (?:the model of the spec s \(instance i\) cannot be built: )?(?:a spec may not end the process, and this one calls process\.\w+\(|the (?:action Step|invariant Small) reads the environment: process\.pid)/,
      )
    })
    test('caught', async () => {
      const { code, stderr } = await check(violated({ [place]: 'try { process.exit(0) } catch {}' }))
      expect(stderr).toContain('a spec may not end the process, and this one calls process.exit(0)')
      expect(code).toBe(2)
    })
    // In a function of the spec it is a change of something outside, which is refused.
    test('the exit code set', async () =>
      expect((await check(violated({ [place]: 'process.exitCode = 0' }))).code).toBe(place === 'act' || place === 'test' ? 2 : 1))
  })
  test.each([
    ['an exit handler', "process.on('exit', () => { process.exitCode = 0 })", 1],
    ['an exit handler that ends', "process.on('exit', () => process.exit(0))", 1],
    ['a timer', 'setTimeout(() => process.exit(0), 0); await new Promise((go) => setTimeout(go, 300))', 2],
    ['a timer that throws', "setTimeout(() => { throw new Error('late') }, 0); await new Promise((go) => setTimeout(go, 300))", 2],
    ['a promise that nobody waits for', "Promise.reject(new Error('lost')); await new Promise((go) => setTimeout(go, 300))", 2],
    ['an event loop that runs empty', 'await new Promise(() => {})', 2],
    ['a server that is left open', ";(await import('node:net')).createServer().listen(0)", 1],
    ['a timer that goes on', 'setInterval(() => {}, 1000)', 1],
  ] as const)('%s', async (_, load, wanted) => expect((await check(violated({ load }))).code).toBe(wanted))
  test('workers', async () => {
    const { code, stderr } = await check(violated({ act: 'if (s.n === 3) process.exit(0)' }), ['--workers', '2', '--workers-from', '1'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('a spec may not end the process')])
  })
})

describe('loading that does not end', () => {
  const forms = {
    'a timer': 'await new Promise(() => { setInterval(() => {}, 1000) })',
    'a loop': 'for (;;) {}',
  }
  test.each(Object.entries(forms))('%s: --timeout', async (_, load) => {
    const begun = performance.now()
    const { code, stdout, stderr } = await check(violated({ load }), ['--timeout', '1'])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^stopped while case-\w+\.ts was loaded: the time limit of 1 seconds is over: this is not a verdict\n/)
    expect(performance.now() - begun).toBeLessThan(30_000)
  })
  test.each(Object.entries(forms))('%s: a signal', async (_, load) => {
    const { code, stderr } = await tsmc(
      place({ 's.ts': violated({ load: `process.stderr.write('x\\n'); console.log('loading'); ${load}` }) }),
      ['check', 's.ts'],
      {
        signal: { after: /loading/, name: 'SIGTERM' },
      },
    )
    expect([code, stderr]).toEqual([3, expect.stringContaining('stopped while s.ts was loaded: interrupted: this is not a verdict\n')])
  })
})

describe('what was found before stands', () => {
  test('in the terminal, and in the document', async () => {
    writeFileSync(join(at, 'second.ts'), violated({ act: 'process.exit(0)' }))
    const terminal = await tsmc(at, ['check', 'first.ts', 'second.ts', '--no-diagrams'])
    expect([terminal.code, terminal.stdout.split('\n')[0]]).toEqual([2, '✗ first i: violated: Small in 5 steps'])
    const { code, stdout } = await tsmc(at, ['check', 'first.ts', 'second.ts', '--no-diagrams', '-r', 'json'])
    const document = JSON.parse(stdout)
    expect(misfits(schema, document)).toEqual([])
    expect([code, document.instances.map(({ verdict }: any) => verdict)]).toEqual([2, ['violated', 'error']])
    expect(document.instances[1].error).toMatchObject({ code: 'spec', file: 'second.ts', line: 9 })
  })
  test('where memory ends', async () => {
    const hungry = violated({})
      .replace('int(0, 9)', 'value<number[]>([])')
      .replace('int, model', 'model, value')
      .replace('s.n = (s.n + 1) % 9', 's.n = [...s.n, ...Array.from({ length: 9999 }, (_, i) => i)]')
      .replace('s.n < 5', 's.n.length >= 0')
    writeFileSync(join(at, 'hungry.ts'), hungry)
    const { code, stdout } = await tsmc(at, ['check', 'first.ts', 'hungry.ts', '--no-diagrams', '-r', 'json'], {
      env: { NODE_OPTIONS: '--max-old-space-size=100' },
    })
    const document = JSON.parse(stdout)
    expect(document.instances.map(({ verdict, incomplete }: any) => [verdict, incomplete?.bound])).toEqual([
      ['violated', undefined],
      ['incomplete', 'memory'],
    ])
    expect(code).toBe(1)
  })
})

test('in check(): the test runner survives', async () => {
  const library = new URL('../../src/index.ts', import.meta.url).href
  const { check: run, model, spec, bool } = await import(library)
  const made = spec('s', () => {
    const m = model({ x: bool })
    m.action('Step', (s: { x: boolean }) => {
      try {
        process.exit(0)
      } catch {}
      s.x = !s.x
    })
    return m
  })
  await expect(run(made)).rejects.toThrow('a spec may not end the process, and this one calls process.exit(0)')
})

test.runIf(process.platform === 'linux')('streams: a reader that goes away, a stderr that is full', async () => {
  const shell = async (command: string): Promise<string> => (await promisify(execFile)('bash', ['-c', command], { cwd: at })).stdout
  const command = `"${process.execPath}" "${(await import('./run.ts')).COMMAND}" check`
  expect(await shell(`${command} bad.ts --no-diagrams 2>/dev/full >/dev/null; echo $?`)).toBe('1\n')
  expect(await shell(`${command} counter.ts --no-diagrams 2>&- >/dev/null; echo $?`)).toBe('0\n')
  expect(await shell(`set -o pipefail; ${command} bad.ts --no-diagrams | true; echo $?`)).toMatch(/^[13]\n$/)
})
