/** Names are data: quotes, newlines, tags, `__proto__` and emoji change no verdict and break no report. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bool, check, type CheckOptions, enumOf, map, model, option, record, seq, set, spec, union, when } from 'tsmc'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { traceToDot } from '../../src/draw/dot.ts'
import { renderSvg } from '../../src/draw/svg.ts'
import { jsonReport } from '../../src/report/document.ts'
import { terminalReport } from '../../src/report/terminal.ts'
import { place, tsmc } from '../cli/run.ts'

const NAMES = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'then',
  'toJSON',
  'size',
  'get',
  'set',
  'toSeq',
  'entries',
  '',
  ' ',
  'a.b',
  'null',
  '0',
  "it's",
  '"quoted"',
  'back\\slash',
  'two\nlines',
  'bell\u0007',
  '</script>',
  '<!-- ',
  '&amp;',
  '{x|y}',
  '🦀',
  'e\u0301',
  '\u202egnp',
]

afterEach(() => vi.restoreAllMocks())

/** Every name is a variable, a field, a key, an element, a member, a parameter, an action, a property and a shown value. */
const hostile = (name: string) =>
  spec(name || 'empty', { [name]: 1 }, () => {
    const Member = enumOf('first', name)
    const m = model({
      [name]: bool,
      recordOf: record({ [name]: bool, other: bool }),
      mapOf: map(Member, bool),
      setOf: set(Member),
      seqOf: seq(Member, 2),
      optionOf: option(Member),
      unionOf: union('kind', { [name]: { [name]: bool } }),
    })
    m.action(name || 'empty', { [name]: Member }, (s: any, parameters) => {
      when(parameters[name] === name && !s[name])
      s[name] = true
      s.recordOf[name] = !s.recordOf.other
      s.mapOf[name] = true
      s.setOf.add(name)
      s.seqOf.push(name)
      s.optionOf = name
      s.unionOf = { kind: name, [name]: true }
    })
    m.terminal(() => true)
    m.show(name || 'empty', (s: any) => s.recordOf[name])
    m.invariant(`never ${name}`, { [name]: Member }, (s: any, parameters) => !s[name] || s.unionOf[name] !== true || !s.setOf.has(parameters[name]))
    return m
  }).instance(name || 'empty', {}, { violates: `never ${name}`, steps: 1, states: 2 })

describe.each(NAMES.map((name) => [JSON.stringify(name), name]))('%s', (_, name) => {
  test.each<[string, CheckOptions]>([
    ['learned', {}],
    ['called', { learning: false }],
    ['compiled', { compiling: 'eager' }],
  ])('the verdict and the values: %s', async (_, options) => {
    const warn = vi.spyOn(console, 'warn')
    const { verdict, expected, distinct, violation } = await check(hostile(name), { instance: name || 'empty', ...options })
    expect([verdict, expected, distinct, violation?.name, violation?.steps]).toEqual(['violated', true, 2, `never ${name}`, 1])
    const { state, action, parameters, shown } = violation!.trace[1]!
    expect([action, Object.entries(parameters), shown]).toEqual([name || 'empty', [[name, name]], [{ name: name || 'empty', value: true }]])
    const inner = (variable: string) => state.get(variable) as { get(name: string): unknown; has(name: string): boolean }
    expect(state.get(name)).toBe(true)
    expect([inner('recordOf').get(name), inner('mapOf').get(name), inner('mapOf').get('first')]).toEqual([true, true, false])
    expect([inner('setOf').has(name), [...(state.get('seqOf') as Iterable<string>)], state.get('optionOf')]).toEqual([true, [name], name])
    expect([inner('unionOf').get('kind'), inner('unionOf').get(name)]).toEqual([name, true])
    expect(warn).not.toHaveBeenCalled()
  })

  test('the reports', async () => {
    const result = await check(hostile(name), { instance: name || 'empty' })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(terminalReport(result, { verbose: true })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    const terminal = terminalReport(result).split('\n')
    expect(terminal.filter((line) => line.startsWith('  ') && / {2}1 {2}/.test(line))).toHaveLength(1)
    const [instance] = JSON.parse(jsonReport([{ file: 'a.ts', results: [result] }])).instances
    expect([instance.instance, instance.violation.trace[1].action]).toEqual([name || 'empty', name || 'empty'])
    const state = instance.violation.trace[1].state
    expect([Object.hasOwn(state, name), state[name], Object.entries(state.recordOf)]).toEqual([
      true,
      true,
      name === '0'
        ? [
            ['0', true],
            ['other', false],
          ]
        : [
            [name, true],
            ['other', false],
          ],
    ])
    const error = vi.spyOn(console, 'error')
    const svg = await renderSvg(traceToDot(result, result.violation!))
    expect(svg).not.toMatch(/<script|<\/script|<!-- <|&amp;lt/i)
    expect(svg.match(/<svg/g)).toHaveLength(1)
    expect(error).not.toHaveBeenCalled()
  })
})

test('the command reports them and writes its files under names that file systems take', async () => {
  const at = place({
    'hostile.ts': `import { bool, model, spec, when } from 'tsmc'
const names = ${JSON.stringify(['../up', '__proto__', 'two\nlines', '</script>', '🦀', '"quoted"'])}
export default names.map((name) =>
  spec(name, () => {
    const m = model({ [name]: bool, get: bool })
    m.action(name, (s: any) => {
      when(!s[name])
      s[name] = true
      s.get = true
    })
    m.terminal(() => true)
    m.invariant('not ' + name, (s: any) => !s[name])
    return m
  }).instance(name, {}, { violates: 'not ' + name, steps: 1 }),
)[0]
${['1', '2', '3', '4', '5'].map((i) => `export const s${i} = all(${i})`).join('\n')}
function all(i: number) {
  const name = names[i]!
  return spec(name, () => {
    const m = model({ [name]: bool, get: bool })
    m.action(name, (s: any) => {
      when(!s[name])
      s[name] = true
      s.get = true
    })
    m.terminal(() => true)
    m.invariant('not ' + name, (s: any) => !s[name])
    return m
  }).instance(name, {}, { violates: 'not ' + name, steps: 1 })
}
`,
  })
  const { code, stdout, stderr } = await tsmc(at, ['check', 'hostile.ts', '--out', 'out'])
  expect([code, stderr]).toEqual([0, expect.not.stringMatching(/Cannot define|warn/i)])
  expect(stdout.split('\n').filter((line) => line.startsWith('✓') && line.includes(': violated as expected'))).toHaveLength(12)
  expect(stdout).toContain('two\\nlines two\\nlines: violated as expected: not two\\nlines in 1 step')
  const files = readdirSync(join(at, 'out'))
  expect(files).toHaveLength(12)
  expect(files.filter((file) => !/^[\p{L}\p{N}._-]+$/u.test(file))).toEqual([])
  expect(readdirSync(at).sort()).toEqual(['hostile.ts', 'out'])
  for (const file of files.filter((file) => file.endsWith('.svg'))) expect(readFileSync(join(at, 'out', file), 'utf8')).not.toContain('</script>')
})
