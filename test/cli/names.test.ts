/** Names of a spec as names of files, of properties of objects, and as food for regular expressions. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileName, shortName } from '../../src/cli/files.ts'
import { splitFiles } from '../../src/cli/options.ts'
import { nearest } from '../../src/errors.ts'
import { fold, plain } from '../../src/report/text.ts'
import { renderSvg } from '../../src/draw/svg.ts'
import { COUNTER, place, tsmc } from './run.ts'

const large = (name: string): string => `${COUNTER.replaceAll('counter', name).replace("  .instance('small')\n", '')}`

test('names that differ only by case are two files on every file system', async () => {
  const at = place({ 'a.ts': large('Name'), 'b.ts': large('name'), 'c.ts': large('NAME') })
  const { code } = await tsmc(at, ['check', 'a.ts', 'b.ts', 'c.ts'])
  expect(code).toBe(0)
  const files = readdirSync(join(at, 'tsmc-out'))
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(6)
  expect(files.filter((file) => file.endsWith('.svg')).every((file) => readFileSync(join(at, 'tsmc-out', file), 'utf8').endsWith('</svg>\n'))).toBe(
    true,
  )
})

describe('names of files', () => {
  test.each(['', '.', '..', '../../x', 'a/b\\c', 'CON', 'nul.txt', 'a\u0000b', '区'.repeat(100), 'é'.normalize('NFD'), '-rf', '\u202ex'])(
    '%j',
    (name) => {
      const made = shortName([fileName(name), fileName(name), fileName(name)].join('.'))
      expect(Buffer.byteLength(made)).toBeLessThanOrEqual(180)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(made).not.toMatch(/[/\\:*?"<>|\u0000-\u001f\u202a-\u202e]|^\.|^(?:con|nul)(?:\.|$)/i)
    },
  )
  test('long ones with the same beginning are told apart', () => expect(shortName(`${'a'.repeat(300)}1`)).not.toBe(shortName(`${'a'.repeat(300)}2`)))
})

test('names that every object has', async () => {
  const at = place({
    'odd.ts': `import { int, model, spec } from 'tsmc'
export default spec('__proto__', { constructor: 1, toString: 2 }, ({ constructor, toString }) => {
  const m = model({ hasOwnProperty: int(0, 9) })
  m.action('__proto__', { valueOf: int(1, 2) }, (s, { valueOf }) => { s.hasOwnProperty = (s.hasOwnProperty + valueOf) % 10 })
  m.invariant('constructor', (s) => s.hasOwnProperty < constructor + toString)
  return m
}).instance('__proto__', {}, { violates: 'constructor' })
if (({} as any).polluted !== undefined) throw new Error('polluted')
`,
  })
  const { code, stdout } = await tsmc(at, ['check', 'odd.ts', '-r', 'json', '--no-diagrams'])
  const { instances } = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(instances[0]).toMatchObject({
    spec: '__proto__',
    instance: '__proto__',
    actions: [{ name: '__proto__' }],
    violation: { name: 'constructor' },
  })
  expect(instances[0].constants).toEqual({ constructor: 1, toString: 2 })
  const set = await tsmc(at, ['check', 'odd.ts', '--set', '__proto__=1', '--no-diagrams'])
  expect([set.code, set.stderr.split('\n')[0]]).toEqual([2, 'error: the spec "__proto__" has no constant "__proto__"'])
})

test('no regular expression backtracks', { timeout: 30_000 }, async () => {
  const begun = performance.now()
  for (const part of ['a', ' ', '(a+)+$', '\\', '"', '&#', '_', '-', '.', '\u00e9', '\u001b[', '=', '区 ', '<!--', '//', '/*', '#']) {
    const text = part.repeat(Math.ceil(50_000 / part.length))
    plain(text)
    fold(text, 80)
    fileName(text)
    shortName(text)
    splitFiles([text], [])
    nearest(text.slice(0, 500), [text.slice(1, 500)])
    await renderSvg(`digraph { a [label="${text.slice(0, 5000).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"] }`).catch(() => {})
  }
  expect(performance.now() - begun).toBeLessThan(20_000)
})
