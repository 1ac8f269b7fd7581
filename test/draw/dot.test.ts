import { Map as ImmutableMap, List, Set as ImmutableSet } from 'immutable'
import { describe, expect, it } from 'vitest'
import { MAX_STATES, traceToDot } from '../../src/draw/dot.ts'
import { columns, dotString, escapeLine, wrap } from '../../src/draw/labels.ts'
import { MAX_LINES, stateLines } from '../../src/draw/state.ts'
import { resultOf, traceOf, violationOf, writeBatch } from './results.ts'

const B = '▌'
const N = '\u00a0'
/** The labels of the nodes of a kind, as lines. */
const labels = (dot: string, kind: string): string[][] =>
  [...dot.matchAll(new RegExp(`\\[class="${kind}[^"]*"[^\\n]*? label="((?:[^"\\\\]|\\\\.)*)"`, 'g'))].map(([, label]) =>
    (label as string).replaceAll(N, ' ').split('\\l').slice(0, -1),
  )

describe('a trace as DOT', () => {
  it('is a chain of states, with a note beside the last', () => {
    const trace = traceOf([{ set: { n: 0, on: false } }, { action: 'Add', parameters: { by: 2 }, picks: ['r1', true], set: { n: 2 } }])
    const violation = violationOf({ parameters: { who: 'p1' }, trace, because: [{ path: 'n', value: '2' }] })
    expect(traceToDot(resultOf(violation, { constants: { max: 1 } }), violation)).toBe(
      `digraph "counter default" {
  graph [class="trace" label="counter · default\\lInvariant Small(who: p1) is violated after 1 step\\lwith max: 1\\l${B} changed by the step before\\l${N}\\l" labelloc=t labeljust=l fontname="Courier" fontsize=14 fontcolor="#0f172a" bgcolor="white" nodesep=0.35 ranksep=0.3 pad=0.2]
  node [shape=box fontname="Courier" fontsize=12 color="#475569" fontcolor="#0f172a" margin="0.14,0.06"]
  edge [fontname="Courier" fontsize=12 color="#475569" fontcolor="#0f172a" arrowsize=0.8 weight=100]
  s0 [class="state" label="Initial state\\l${N}${N}n  = 0\\l${N}${N}on = false\\l" width=2.78]
  s1 [class="state violating" label="State 1\\l✗ violates Small(who: p1)\\l${B} n  = 2\\l${N}${N}on = false\\l" width=2.78 color="#b91c1c" penwidth=3]
  s0 -> s1 [class="step" label="${N}1. Add(by: 2)\\l${N}${N}${N}picks r1, true\\l"]
  why [class="why" shape=note style=filled color="#a16207" fillcolor="#fffbeb" margin="0.16,0.1" label="Why: the values that decided\\ln = 2\\l"]
  s1 -> why [class="because" style=dashed arrowhead=none color="#a16207"]
  { rank=same; s1; why }
}
`.replaceAll('n  =', `n${N}${N}=`),
    )
  })

  it('ends in a red box where the assertion of an attempted step failed', () => {
    const violation = writeBatch(true)
    const dot = traceToDot(resultOf(violation), violation)
    expect(labels(dot, 'state').map(([head]) => head)).toEqual(['Initial state', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `State ${i}`)])
    expect(labels(dot, 'failure')).toEqual([
      ['✗ The step fails: there is no next state', '  assertion failed: region is prepared for write before but', '  it is not the current region'],
    ])
    expect(labels(dot, 'step').at(-1)).toEqual([' 10. Apply(thread: t1, region: r1)'])
    expect(dot).toContain('s9 -> failure [class="step"')
    expect(dot).not.toContain('violating')
    expect(labels(dot, 'state')[2]?.filter((line) => line.startsWith(B))).toEqual([
      `${B} status    = Cached`,
      `${B} current   = r1`,
      `${B} prepared  = {r1}`,
      `${B} diskBatch = [{region: r1, put: 1}]`,
      `${B}   r1: {phase: active, written: true, loadSnap: null}`,
    ])
  })

  it('marks the state that violates an invariant', () => {
    const violation = writeBatch(false)
    const dot = traceToDot(resultOf(violation), violation)
    expect(labels(dot, 'state violating').map((lines) => lines.slice(0, 2))).toEqual([['State 10', '✗ violates PreparedImpliesCurrent(region: r2)']])
    expect(labels(dot, 'why')).toEqual([['Why: the values that decided', 'prepared has r1 = true', 'current = r1']])
  })

  it('says which guard stopped each action in a deadlock, and shows derived values', () => {
    const trace = traceOf([{ set: { n: 0 } }, { action: 'Up', set: { n: 1 }, shown: [{ name: 'double', value: 2 }] }])
    const violation = violationOf({
      kind: 'deadlock',
      name: 'deadlock',
      trace,
      because: [
        { path: 'Up', value: 'not enabled: n is 1' },
        { path: 'Down', value: 'not enabled' },
      ],
    })
    const dot = traceToDot(resultOf(violation), violation)
    expect(labels(dot, 'state violating')).toEqual([['State 1', '✗ deadlock: no action is enabled', `${B} n = 1`, 'Derived', `${B} double = 2`]])
    expect(labels(dot, 'why')).toEqual([['What stops each action', 'Up: not enabled: n is 1', 'Down: not enabled']])
    expect(dot).toContain('label="counter · default\\lDeadlock after 1 step\\l')
  })

  it('marks the step that breaks a step property', () => {
    const trace = traceOf([{ set: { n: 1 } }, { action: 'Down', set: { n: 0 } }])
    const violation = violationOf({ kind: 'step', name: 'Grows', trace })
    const dot = traceToDot(resultOf(violation), violation)
    expect(dot).toContain(`s0 -> s1 [class="step" label="${N}1. Down\\l" color="#b91c1c" fontcolor="#b91c1c" penwidth=2]`)
    expect(labels(dot, 'state violating')[0]?.[1]).toBe('✗ the step to here violates Grows')
    expect(dot).not.toContain('why')
  })

  it('draws a box for a property that nothing reaches', () => {
    const violation = violationOf({ kind: 'reachable', name: 'Won' })
    expect(labels(traceToDot(resultOf(violation), violation), 'nothing')).toEqual([
      ['All 4 distinct states were visited: Won is false in each of', 'them. There is no trace to draw.'],
    ])
    const incomplete = resultOf(violation, { incomplete: { bound: 'timeout', text: '' } })
    expect(labels(traceToDot(incomplete, violation), 'nothing')).toEqual([
      ['Not found in the 4 distinct states that were visited; the', 'search is not complete. There is no trace to draw.'],
    ])
  })

  it('leaves out the middle of a long trace and says so', () => {
    const build = (n: number) => {
      const violation = violationOf({
        trace: traceOf(Array.from({ length: n }, (_, i) => (i === 0 ? { set: { n: 0 } } : { action: i % 2 ? 'Odd' : 'Even', set: { n: i } }))),
      })
      return traceToDot(resultOf(violation), violation)
    }
    expect(labels(build(MAX_STATES), 'state')).toHaveLength(MAX_STATES)
    expect(labels(build(MAX_STATES), 'gap')).toEqual([])
    const dot = build(500)
    expect(labels(dot, 'state')).toHaveLength(MAX_STATES)
    expect(labels(dot, 'gap')).toEqual([['⋮ 400 steps left out: 20 to 419', 'Even ×200, Odd ×200']])
    expect(dot).toContain('  s19 -> gap [class="skip" style=dashed]\n')
    expect(dot).toContain('  gap -> s420 [class="step"')
  })
})

describe('a state as lines', () => {
  const texts = (now: Record<string, unknown>, before?: Record<string, unknown>) =>
    stateLines(Object.entries(now), before ? new Map(Object.entries(before)) : null).map(({ text, changed }) => (changed ? `*${text}` : ` ${text}`))

  it('breaks a long map into its entries, and marks those that changed', () => {
    const of = (n: number) => ({ m: ImmutableMap({ r10: 'x'.repeat(30), r2: 'y'.repeat(30), r1: n }), k: 1 })
    expect(texts(of(1), of(0))).toEqual([' m:', '*  r1: 1', `   r2: ${'y'.repeat(30)}`, `   r10: ${'x'.repeat(30)}`, ' k = 1'])
    expect(texts(of(1))).toEqual([' m:', '   r1: 1', `   r2: ${'y'.repeat(30)}`, `   r10: ${'x'.repeat(30)}`, ' k = 1'])
  })

  it('packs the elements of long sets and sequences', () => {
    const set = (n: number) => ImmutableSet(Array.from({ length: n }, (_, i) => `element${i}`))
    expect(texts({ s: set(7) }, { s: set(6) })).toEqual([' s = {element0, element1, element2, element3, element4,', '*  element5, element6}'])
    const seq = (first: string) => List([first, ...Array.from({ length: 6 }, (_, i) => `element${i}`)])
    expect(texts({ s: seq('a') }, { s: seq('b') })).toEqual(['*s = [a, element0, element1, element2, element3, element4,', '   element5]'])
  })

  it('breaks a text that has no parts', () => {
    expect(texts({ s: 'a'.repeat(100) }, { s: 'b' })).toEqual([`*s = ${'a'.repeat(56)}`, `*  ${'a'.repeat(44)}`])
  })

  it('keeps what changed, with what it stands under, of a state that is too large', () => {
    const of = (n: number) => ({ big: ImmutableMap(Array.from({ length: 90 }, (_, i): [string, number] => [`k${i}`, i === 70 ? n : i])), last: 1 })
    const lines = texts(of(1), of(0))
    expect(lines.filter((line) => !line.includes('left out'))).toHaveLength(MAX_LINES)
    expect(lines[0]).toBe(' big:')
    expect(lines.slice(-4)).toEqual(['   … 33 lines left out', '*  k70: 1', '   … 19 lines left out', ' last = 1'])
  })
})

describe('text in labels', () => {
  it('is data', () => {
    expect(escapeLine('say "x" \\N </b> {a|b} &amp; __proto__')).toBe('say \\"x\\" \\\\N </b> {a|b} &amp;amp; __proto__')
    expect(escapeLine('{a|b} <c>', true)).toBe('\\{a\\|b\\} \\<c\\>')
    expect(escapeLine('a\nb\u0000\u202ec\u{1f600}\ud800')).toBe('a\\\\nb\\\\u0000\\\\u202ec\u{1f600}\\\\ud800')
    expect(escapeLine('  a  b ')).toBe(`${N}${N}a${N}${N}b${N}`)
    expect(dotString('a"b\\\n')).toBe('"a\\"b\\\\\\\\n"')
  })

  it('is measured in columns and wrapped', () => {
    expect([columns('abc'), columns('→'), columns('漢字'), columns('\u{1f600}'), columns('e\u0301')]).toEqual([3, 1, 4, 2, 1])
    expect(wrap('one two three', 8, '  ')).toEqual(['one two', '  three'])
    expect(wrap('x'.repeat(10), 4, ' ')).toEqual(['xxxx', ' xxx', ' xxx'])
    expect(wrap('', 4)).toEqual([''])
  })
})
