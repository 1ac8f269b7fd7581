import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { misfits } from '../report/schema.ts'
import { COUNTER, place, tsmc } from './run.ts'

const schema = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'))
const at = place({ 'counter.ts': COUNTER, 'more/a.ts': COUNTER.replaceAll('counter', 'a'), 'more/helper.ts': 'export const x = 1' })

describe('tsmc check', () => {
  test('all instances against their expectations; diagrams of what is found', async () => {
    const { code, stdout, stderr } = await tsmc(at, ['check', 'counter.ts'])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('✓ counter small: holds')
    expect(lines).toContain('✓ counter large: violated as expected: Small in 5 steps')
    expect(lines).toContain('  top = 9')
    expect(lines).toContain('   5  Up')
    expect(lines).toContain('      x: 4 -> 5')
    expect(lines).toContain('  reproduce: npx tsmc check counter.ts --instance large --replay 0.0.0.0.0.0')
    expect(lines).toContain('  diagram: tsmc-out/counter.large.svg, tsmc-out/counter.large.dot')
    expect(lines.at(-2)).toBe('2 of 2 instances as expected')
    expect(readdirSync(join(at, 'tsmc-out')).sort()).toEqual(['counter.large.dot', 'counter.large.svg'])
    expect(readFileSync(join(at, 'tsmc-out/counter.large.svg'), 'utf8')).toMatch(/<\/svg>\s*$/)
  })

  test('the printed command line shows the trace again', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'counter.ts', '--instance', 'large', '--replay', '0.0.0.0.0.0'])
    expect(code).toBe(0)
    expect(stdout).toBe(`counter large: 5 steps replayed

   0  initial state
      x: 0
${[1, 2, 3, 4, 5].map((i) => `   ${i}  Up\n      x: ${i - 1} -> ${i}\n`).join('')}
at its end: invariant Small is false
`)
  })

  test('an instance that is not as expected: exit code 1', async () => {
    const bad = place({ 'bad.ts': COUNTER.replace(", { violates: 'Small', steps: 5 }", '') })
    const { code, stdout } = await tsmc(bad, ['check', 'bad.ts', '--no-diagrams'])
    expect(code).toBe(1)
    expect(stdout).toContain('✗ counter large: violated: Small in 5 steps\n  expected: everything holds; found: Small is violated after 5 steps\n')
    expect(stdout).toMatch(/\n1 of 2 instances as expected\n$/)
    expect(existsSync(join(bad, 'tsmc-out'))).toBe(false)
  })

  test('--set: reported as it is', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'counter.ts', '--no-diagrams', '--set', 'top=7', 'label=7'])
    expect(code).toBe(1)
    expect(stdout).toContain('violated: Small in 5 steps\n  top = 7, label = "7"\n')
    expect(stdout).toContain('reproduce: npx tsmc check counter.ts --set top=7 --set label=7 --replay 0.0.0.0.0.0\n')
    const again = await tsmc(at, ['check', 'counter.ts', '--no-diagrams', '--set', 'top=2'])
    expect([again.code, again.stdout.split('\n')[0]]).toEqual([0, '✓ counter top=2: holds'])
  })

  test('bounds: exit code 3', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'counter.ts', '--instance', 'small', '--max-states', '2'])
    expect(code).toBe(3)
    expect(stdout.split('\n')[0]).toBe('? counter small: incomplete: stopped by --max-states; nothing found so far')
  })

  test('an interrupt ends with partial figures', async () => {
    const { code, stdout, stderr } = await tsmc(at, ['check', 'counter.ts', '--set', 'top=1000000', '--no-diagrams'])
    expect([code, stdout.split('\n')[0], stderr]).toEqual([1, '✗ counter top=1000000: violated: Small in 5 steps', ''])
    // Far more states than can be explored before the signal comes.
    const endless = place({
      'endless.ts': `console.log('loaded')\n${COUNTER.replace(
        "m.invariant('Small', (s) => s.x < 5)",
        "m.action('Other', (s) => { s.x = (s.x * 7919 + 13) % 1000000 })",
      )
        .replace(/, \{ violates.*\}/, '')
        .replaceAll('1000000', '1000000000')}`,
    })
    const stopped = await tsmc(endless, ['check', 'endless.ts', '--set', 'top=1000000000', '--no-learning'], {
      signal: { after: /loaded/, name: 'SIGINT' },
    })
    expect(stopped.code).toBe(3)
    expect(stopped.stdout).toContain('? counter top=1000000000: incomplete: stopped by an interrupt; nothing found so far\n  interrupted: ')
    expect(stopped.stderr).toContain('stopping; once more to stop at once\n')
  })

  test('--profile: a table for people, data for programs', async () => {
    const gather = place({
      'gather.ts': `import { ids, model, set, spec, when } from 'tsmc'

export default spec('gather', { nodes: 5 }, ({ nodes }) => {
  const Node = ids('n', nodes)
  const m = model({ sent: set(Node), full: set(Node) })
  m.action('Send', { node: Node }, (s, { node }) => {
    when(!s.sent.has(node))
    s.sent.add(node)
  })
  m.action('Gather', (s) => {
    for (const node of Node) if (!s.sent.has(node)) s.full.delete(node)
    for (const node of Node) if (s.sent.has(node)) s.full.add(node)
  })
  return m
}).instance('five')
`,
    })
    const { code, stdout, stderr } = await tsmc(gather, ['check', 'gather.ts', '--profile'])
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines).toContain('  calls to                learning samples direct  walks compiled leaves    time')
    const at = lines.findIndex((line) => line.startsWith('  action Gather '))
    expect(lines[at]).toMatch(/^ {2}action Gather +64 +\d+ +0 +\d+ +- +32 +[\d.]+ m?s$/)
    expect(lines.slice(at + 1, at + 3)).toEqual(['      gather.ts:10', '      leaves due to sent (5 slots): 31'])
    expect(stdout).not.toContain('advice')
    const json = await tsmc(gather, ['check', 'gather.ts', '--profile', '--reporter', 'json'])
    const document = JSON.parse(json.stdout)
    expect(misfits(schema, document)).toEqual([])
    expect(document.instances[0].profile.functions.find(({ name }: { name: string }) => name === 'Gather')).toMatchObject({
      kind: 'action',
      location: { file: 'gather.ts', line: 10 },
      tree: { leaves: 32 },
      reads: [{ path: 'sent', type: 'set', slots: 5, values: 2, leaves: 31 }],
    })
  })

  test('directories: files without specs are passed over', async () => {
    const { code, stdout } = await tsmc(at, ['check', 'more', '--no-diagrams'])
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe('✓ a small: holds')
    expect(stdout).toMatch(/\n2 of 2 instances as expected\n$/)
  })

  test('json: one document, several, and nothing else on stdout', async () => {
    const one = await tsmc(at, ['check', 'counter.ts', '--reporter', 'json', '--no-diagrams'])
    const document = JSON.parse(one.stdout)
    expect(misfits(schema, document)).toEqual([])
    expect(document.version).toBe(2)
    expect(document.instances.map(({ file }: any) => file)).toEqual(['counter.ts', 'counter.ts'])
    expect(
      document.instances.map(({ instance, verdict, expected, distinct, generated, depth }: any) => ({
        instance,
        verdict,
        expected,
        distinct,
        generated,
        depth,
      })),
    ).toEqual([
      { instance: 'small', verdict: 'holds', expected: true, distinct: 4, generated: 5, depth: 4 },
      { instance: 'large', verdict: 'violated', expected: true, distinct: 6, generated: 6, depth: 6 },
    ])
    expect(document.instances[1].violation).toMatchObject({
      kind: 'invariant',
      name: 'Small',
      steps: 5,
      replay: '0.0.0.0.0.0',
      because: [{ path: 'x', value: '5' }],
    })
    expect(document.instances[1].violation.trace.map(({ state }: any) => state.x)).toEqual([0, 1, 2, 3, 4, 5])
    const two = JSON.parse((await tsmc(at, ['check', 'counter.ts', 'more', '--reporter', 'json', '--no-diagrams'])).stdout)
    expect(misfits(schema, two)).toEqual([])
    expect(two.instances.map(({ file, instance }: any) => [file, instance])).toEqual([
      ['counter.ts', 'small'],
      ['counter.ts', 'large'],
      ['more/a.ts', 'small'],
      ['more/a.ts', 'large'],
    ])
  })

  test('an error of a spec is an instance with the verdict error: exit code 2', async () => {
    const broken = place({ 'broken.ts': COUNTER.replace('int(0, 1000000)', 'int(0, 4)') })
    const { code, stdout, stderr } = await tsmc(broken, ['check', 'broken.ts', '--reporter', 'json'])
    expect(code).toBe(2)
    const document = JSON.parse(stdout)
    expect(misfits(schema, document)).toEqual([])
    expect(document.instances.map(({ verdict }: any) => verdict)).toEqual(['holds', 'error'])
    expect(document.instances[1].error).toMatchObject({ code: 'spec', file: 'broken.ts', line: 6, trace: expect.arrayContaining(['{x: 0}']) })
    expect(document.instances[1].warnings).toEqual([{ kind: 'error', text: document.instances[1].error.message }])
    expect(stderr).toMatch(/^error: broken\.ts:6:\d+: .*5 is outside int\(0, 4\)/)
  })

  test('names that no file system takes', async () => {
    const odd = place({ 'odd.ts': COUNTER.replaceAll('counter', '../a b\\u0000</script>\\n').replace("'large'", '"__proto__ \\u{1f600} \'x\'"') })
    const { code, stdout } = await tsmc(odd, ['check', 'odd.ts'])
    expect(code).toBe(0)
    expect(readdirSync(join(odd, 'tsmc-out')).sort()).toEqual(['_.._a_b_script_.__proto___x_.dot', '_.._a_b_script_.__proto___x_.svg'])
    expect(stdout).toContain(`--instance '__proto__ 😀 '\\''x'\\''' --replay`)
  })

  test('colours: never in a pipe, FORCE_COLOR asks, --no-color forbids', async () => {
    const args = ['check', 'counter.ts', '--instance', 'small']
    expect((await tsmc(at, args)).stdout).not.toContain('\u001b')
    expect((await tsmc(at, args, { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[32m')
    expect((await tsmc(at, [...args, '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain('\u001b')
    expect((await tsmc(at, args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain('\u001b')
  })

  test('--strict makes vacuous checks failures', async () => {
    const vacuous = place({
      'vacuous.ts': COUNTER.replace("m.invariant('Small'", "m.action('Never', (s) => { when(s.x > 99); s.x = 0 })\n  m.invariant('Small'").replace(
        'int, model',
        'int, when, model',
      ),
    })
    const args = ['check', 'vacuous.ts', '--instance', 'small']
    const lax = await tsmc(vacuous, args)
    expect([lax.code, lax.stdout.split('\n')[0]]).toEqual([0, '✓ counter small: holds'])
    expect(lax.stdout).toContain('\n  warning: never enabled: Never\n')
    const strict = await tsmc(vacuous, [...args, '--strict'])
    expect([strict.code, strict.stdout.split('\n')[0]]).toEqual([1, '✗ counter small: holds, but --strict allows no vacuous check'])
  })
})

test('tsmc render draws a DOT file beside it', async () => {
  const dots = place({ 'g.dot': 'digraph { a -> b }', 'bad.dot': 'digraph {' })
  expect(await tsmc(dots, ['render', 'g.dot'])).toEqual({ code: 0, stdout: 'g.svg\n', stderr: '' })
  expect(readFileSync(join(dots, 'g.svg'), 'utf8')).toContain('<svg')
  const bad = await tsmc(dots, ['render', 'bad.dot'])
  expect(bad.code).toBe(2)
  expect(bad.stderr).toMatch(/^error: bad\.dot cannot be drawn: /)
  expect(await tsmc(dots, ['render', 'none.dot'])).toEqual({ code: 2, stdout: '', stderr: 'error: there is no file none.dot\n' })
})
