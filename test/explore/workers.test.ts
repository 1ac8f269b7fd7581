/** Worker threads: what is found is the same for any number of them, and one that fails never ends in a wrong count. */
import { check, UsageError } from 'tsmc'
import { describe, expect, test } from 'vitest'
import hourClock from '../../examples/hour-clock.ts'
import { place, tsmc } from '../cli/run.ts'

const ROOT = new URL('../..', import.meta.url).pathname

interface Instance {
  readonly seconds: number
  readonly [field: string]: unknown
}

/** All there is in the results but the time. */
async function results(args: readonly string[]): Promise<unknown> {
  const { stdout, stderr, code } = await tsmc(ROOT, ['check', ...args, '--no-diagrams', '-r', 'json'])
  if (stdout === '') throw new Error(stderr)
  const documents = [JSON.parse(stdout)].flat() as { instances: Instance[] }[]
  return { code, instances: documents.flatMap(({ instances }) => instances.map(({ seconds: _, ...rest }) => rest)) }
}

describe('the same with 1, 2 and 3 workers', () => {
  test.each([
    ['a violated invariant', ['examples/die-hard.ts']],
    ['a deadlock', ['examples/dining-philosophers.ts']],
    ['a constraint, states of more than 64 bits', ['examples/alternating-bit.ts']],
    ['states of more than 64 bits', ['examples/slush.ts']],
    ['fingerprints', ['examples/slush.ts', '--keys', 'fingerprint']],
    ['symmetry', ['bench/models/german-symmetric.ts', '-i', '3']],
    ['assertions', ['specs/write-batch.ts', '-i', 'issue-17797']],
    ['step properties', ['examples/paxos.ts']],
    ['one violation per property', ['specs/write-batch.ts', '-i', 'issue-17700', '--keep-going']],
    ['warnings that a check is vacuous', ['specs/region-lifecycle.ts', '-i', 'issue-17403-repaired']],
    ['many initial states', ['examples/peterson.ts']],
    ['keys of one word', ['bench/models/two-phase.ts', '-i', '5']],
    ['functions called directly', ['bench/models/two-phase.ts', '-i', '3', '--no-learning']],
  ])('%s', async (_, args) => {
    const alone = await results(args)
    expect(await results([...args, '--workers', '2', '--workers-from', '1'])).toEqual(alone)
    expect(await results([...args, '--workers', '3', '--workers-from', '1'])).toEqual(alone)
  })
})

const spec = (body: string) => `import { int, ids, map, model, spec, value } from 'tsmc'
import { threadId } from 'node:worker_threads'
// The command runs specs in a thread of its own, which is the first.
const isMainThread = threadId <= 1
export default spec('s', () => {
  const m = model({ x: int(0, 100), y: int(0, 100) })
  m.action('X', (s) => { s.x = s.x === 100 ? 0 : s.x + 1 })
  m.action('Y', (s) => { s.y = s.y === 100 ? 0 : s.y + 1 })
  ${body}
  return m
})
`
const run = (body: string, more: readonly string[] = [], env: Record<string, string> = {}) =>
  tsmc(place({ 's.ts': spec(body) }), ['check', 's.ts', '--no-diagrams', '--workers', '2', '--workers-from', '1', ...more], { env })

describe('what goes wrong in a worker thread', () => {
  test('the environment is another one there while the spec is loaded', async () => {
    const at = place({
      's.ts': spec('')
        .replace('import { threadId }', "import { env } from 'node:process'\nimport { threadId }")
        .replace('export default', "env['WHERE'] = String(threadId)\nexport const where = env['WHERE']\nexport default"),
    })
    const { code, stderr } = await tsmc(at, ['check', 's.ts', '--no-diagrams', '--workers', '2', '--workers-from', '1'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/a worker thread that loads .*s\.ts finds something else in process\.env\.WHERE/)])
  })
  test.each([
    ['the clock', 'Date.now()', 'reads the clock while it is loaded: Date.now()'],
    ['random numbers', 'Math.random()', 'draws a random number while it is loaded: Math.random()'],
  ])('%s while the spec is loaded: refused before there are threads', async (_, read, said) => {
    const at = place({ 's.ts': spec('').replace('export default', `export const seen = ${read}\nexport default`) })
    const { code, stderr } = await tsmc(at, ['check', 's.ts', '--no-diagrams', '--workers', '2', '--workers-from', '1'])
    expect([code, stderr]).toEqual([2, expect.stringContaining(`s.ts ${said}`)])
  })
  test.each([
    ['the time zone', 'new Date(0).getHours() < 0', 'depends on the time zone: Date.prototype.getHours()'],
    ['the language', "(1).toLocaleString() === ''", 'depends on the language of the machine: Number.prototype.toLocaleString()'],
  ])('%s, in a thread that alone asks for it', async (_, read, said) => {
    const { code, stderr } = await run(`m.invariant('I', (s) => isMainThread || s.x + s.y < 60 || !(${read}))`)
    expect([code, stderr]).toEqual([2, expect.stringContaining(`the invariant I ${said}`)])
  })
  test('a function of the spec that throws: where, and how it was reached', async () => {
    const { code, stderr } = await run("m.invariant('I', (s) => { if (s.x === 2 && s.y === 1) throw new Error('no'); return true })")
    expect(code).toBe(2)
    expect(stderr).toContain('the invariant I threw Error: no')
    expect(stderr).toMatch(/s\.ts:9:\d+/)
    expect(stderr).toContain('it was reached by')
    expect(stderr).toContain('{x: 2, y: 1}')
  })
  test('an invariant of which one thread has seen more than another', async () => {
    const { code, stdout } = await run("m.invariant('I', (s) => !(s.x === 60 && s.y === 1))")
    expect(code).toBe(1)
    expect(stdout).toContain('I in 61 steps')
  })
  test('a function of the spec that never returns', async () => {
    const { code, stderr } = await run("m.invariant('I', (s) => { while (s.x === 2) ; return true })")
    expect(code).toBe(2)
    expect(stderr).toContain('the invariant I did not return within 10 seconds')
  })
  test('a clock that only they read', async () => {
    const { code, stderr } = await run("m.invariant('I', (s) => isMainThread || s.x + s.y < 60 || Date.now() > 0)")
    expect(code).toBe(2)
    expect(stderr).toMatch(/s\.ts:9:\d+: the invariant I reads the clock: Date\.now\(\)/)
  })
  test('a function that ends its thread is refused there as well', async () => {
    const { code, stdout, stderr } = await run("m.invariant('I', (s) => { if (!isMainThread && s.x + s.y > 60) process.exit(7); return true })")
    expect(code).toBe(2)
    expect(stdout).not.toContain('holds')
    expect(stderr).toContain('a spec may not end the process, and this one calls process.exit(7)')
  })
  test('a thread that runs out of memory is a fault with advice', async () => {
    const { code, stderr } = await run(
      "m.invariant('I', (s) => { if (!isMainThread && s.x + s.y > 60) { const all = []; for (;;) all.push(new Array(1e5).fill(s)) } return true })",
      [],
      { NODE_OPTIONS: '--max-old-space-size=100' },
    )
    expect(code).toBe(4)
    expect(stderr).toContain('a worker thread has run out of memory')
    expect(stderr).toContain('use fewer --workers')
  })
  test('a module that gives another model there', async () => {
    const { code, stderr } = await run("if (!isMainThread) m.action('More', () => {})")
    expect(code).toBe(2)
    expect(stderr).toContain('finds another model of the spec s there')
  })
})

test('a bound stops all threads, and what was left out is told', async () => {
  const { code, stdout } = await run('', ['--max-depth', '50'])
  expect(code).toBe(3)
  expect(stdout).toContain('1,275 distinct states')
})

test('values that are numbered as they appear are explored by one thread, which is said', async () => {
  const directory = place({
    's.ts': `import { model, spec, value } from 'tsmc'
export default spec('s', () => {
  const m = model({ x: value<number>() }).init((s) => { s.x = 0 })
  m.action('X', (s) => { s.x = (s.x + 1) % 10 })
  return m
})
`,
  })
  const { code, stdout } = await tsmc(directory, ['check', 's.ts', '--workers', '2', '--workers-from', '1'])
  expect(code).toBe(0)
  expect(stdout).toContain('one thread explored everything')
})

describe('wrong use', () => {
  test('no number of workers', async () => {
    const { code, stderr } = await tsmc(ROOT, ['check', 'examples/die-hard.ts', '--workers', '0'])
    expect(code).toBe(2)
    expect(stderr).toContain("It must be a whole number from 1 to 64, or 'auto'.")
  })
  test('the library does not know the file', async () => {
    await expect(check(hourClock, { workers: 2 })).rejects.toThrow(UsageError)
    await expect(check(hourClock, { workers: 2 })).rejects.toThrow('worker threads need to know the module that exports the spec')
    await expect(check(hourClock, { workers: 0 })).rejects.toThrow('the option workers of check() is 0')
  })
})
