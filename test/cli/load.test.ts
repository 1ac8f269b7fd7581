/** Spec files as they come: outside the project, with helpers, enums, JSON beside them, and packages. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COUNTER, place, tsmc } from './run.ts'

const verdicts = (stdout: string): string[] => stdout.split('\n').filter((line) => /^[✓✗?] /.test(line))

test('enums, imports without extensions, types imported as values, import.meta, a package that imports tsmc', async () => {
  const at = place({
    'a.ts': `import { readFileSync } from 'node:fs'
import { int, model, spec } from 'tsmc'
import { LIMIT, Shape } from './limit'
import { spec as again } from 'helper'
enum Colour { Red, Green }
const shape: Shape = JSON.parse(readFileSync(new URL('./net.json', import.meta.url), 'utf8'))
if (again !== spec) throw new Error('two copies of the library')
export const a = spec('a', ({}) => {
  const m = model({ x: int(0, 100) })
  m.action('Up', (s) => { s.x = (s.x + 1) % (LIMIT + Colour.Green + shape.more) })
  return m
})
export { a as b }
`,
    'limit.ts': 'export interface Shape { more: number }\nexport const LIMIT: number = 3\n',
    'net.json': '{ "more": 2 }',
    'node_modules/helper/package.json': '{ "name": "helper", "type": "module", "exports": "./index.js" }',
    'node_modules/helper/index.js': "export { spec } from 'tsmc'\n",
  })
  const { code, stdout, stderr } = await tsmc(at, ['check', 'a.ts'])
  expect([code, stderr, verdicts(stdout)]).toEqual([0, '', ['✓ a default: holds']])
  expect(stdout).toContain('6 distinct states, 7 generated, depth 6')
})

test.each(['js', 'mjs', 'mts', 'ts'])('.%s', async (extension) => {
  const at = place({ [`counter.${extension}`]: COUNTER })
  const { code, stdout, stderr } = await tsmc(at, ['check', `counter.${extension}`, '--instance', 'small'])
  expect([code, stderr, verdicts(stdout)]).toEqual([0, '', ['✓ counter small: holds']])
})

test('several specs in a file; the same object exported twice counts once', async () => {
  const at = place({
    'two.ts': `${COUNTER.replace('export default', 'const first =')}\nexport default first\nexport { first }\n${COUNTER.split('\n').slice(1).join('\n').replace('export default', 'export const second =').replace("spec('counter'", "spec('second'")}`,
  })
  const { code, stdout } = await tsmc(at, ['check', 'two.ts', '--no-diagrams'])
  expect(code).toBe(0)
  expect(verdicts(stdout).slice(-4)).toEqual([
    '✓ counter small: holds',
    '✓ counter large: violated as expected: Small in 5 steps',
    '✓ second small: holds',
    '✓ second large: violated as expected: Small in 5 steps',
  ])
  expect(stdout).toContain('--instance counter.large --replay')
  const one = await tsmc(at, ['check', 'two.ts', '--instance', 'second.small'])
  expect(verdicts(one.stdout)).toEqual(['✓ second small: holds'])
})

test('immutable is there for every spec', async () => {
  const at = place({
    'list.ts': `import { List } from 'immutable'
import { model, spec, value, when } from 'tsmc'
export default spec('list', () => {
  const m = model({ items: value(List<number>()) })
  m.action('Push', (s) => { when(s.items.size < 2); s.items = s.items.push(1) })
  m.terminal((s) => s.items.size === 2)
  return m
})
`,
  })
  const { stdout, stderr } = await tsmc(at, ['check', 'list.ts'])
  expect([stderr, verdicts(stdout)]).toEqual(['', ['✓ list default: holds']])
  expect(stdout).toContain('3 distinct states')
})

test('lines of errors are those of the spec, whatever was done to it', async () => {
  const at = place({
    'throws.ts': `import { int, model, spec } from 'tsmc'
enum Unused { A }
interface Wide {
  a: number
}

export default spec('throws', () => {
  const m = model({ x: int(0, 3) })
  m.action('Up', (s) => {
    const wide = undefined as unknown as Wide
    if (s.x === 2) wide.a++
    s.x++
  })
  return m
})
`,
  })
  const { code, stderr } = await tsmc(at, ['check', 'throws.ts'])
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^error: throws\.ts:11:\d+: the action Up threw TypeError: Cannot read properties of undefined \(reading 'a'\)\n {2}it was reached by\n {5}0 {2}\{x: 0\}\n {5}1 {2}Up -> \{x: 1\}\n {5}2 {2}Up -> \{x: 2\}\n/,
  )
})

test('nothing is left behind in the directory for temporary files', async () => {
  const at = place({ 'late.mjs': 'await new Promise(() => {})\n', 'counter.ts': COUNTER })
  // One of its own: other tests run at the same time.
  const temporary = place()
  const env = { TMPDIR: temporary }
  await tsmc(at, ['check', 'late.mjs'], { env })
  await tsmc(at, ['check', 'counter.ts', '--no-diagrams'], { env })
  expect(readdirSync(temporary)).toEqual([])
})
