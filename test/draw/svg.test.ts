import { describe, expect, it, vi } from 'vitest'
import { traceToDot } from '../../src/draw/dot.ts'
import { graphToDot } from '../../src/draw/graph.ts'
import { renderSvg } from '../../src/draw/svg.ts'
import { resultOf, traceOf, violationOf, writeBatch } from './results.ts'

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Reads an SVG as XML, strictly: tags must match, attributes be quoted and different, nothing but known entities. Returns the texts of an element. */
function parse(svg: string): { texts: (name: string) => string[]; attributes: (name: string) => Record<string, string>[] } {
  const decode = (text: string) =>
    text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));|[<&]/gi, (whole, decimal, hex, name) => {
      if (decimal) return String.fromCodePoint(Number(decimal))
      if (hex) return String.fromCodePoint(Number.parseInt(hex, 16))
      if (name && name in ENTITIES) return ENTITIES[name] as string
      throw new Error(`not XML: ${whole} in ${text}`)
    })
  const open: { name: string; text: string }[] = []
  const texts: [string, string][] = []
  const seen: [string, Record<string, string>][] = []
  let at = 0
  const token = /<\?xml [^>]*\?>|<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|[^<]+/y
  while (at < svg.length) {
    token.lastIndex = at
    const match = token.exec(svg)
    if (!match) throw new Error(`not XML at: ${svg.slice(at, at + 80)}`)
    at = token.lastIndex
    const [whole, close, name, attributes = '', empty] = match
    if (name === undefined) {
      const inner = open.at(-1)
      if (inner && !whole.startsWith('<?')) inner.text += decode(whole)
    } else if (close) {
      const inner = open.pop()
      if (inner?.name !== name) throw new Error(`</${name}> closes <${inner?.name}>`)
      texts.push([name, inner.text])
    } else {
      const list = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]): [string, string] => [
        key as string,
        decode(value as string),
      ])
      if (new Set(list.map(([key]) => key)).size !== list.length) throw new Error(`an attribute is there twice: ${whole}`)
      seen.push([name, Object.fromEntries(list)])
      if (!empty) open.push({ name, text: '' })
    }
  }
  if (open.length > 0) throw new Error('not closed')
  return {
    texts: (wanted) => texts.filter(([name]) => name === wanted).map(([, text]) => text),
    attributes: (wanted) => seen.filter(([name]) => name === wanted).map(([, list]) => list),
  }
}

const plain = (texts: string[]) => texts.map((text) => text.replaceAll('\u00a0', ' '))

/** What is written to stderr meanwhile. */
async function stderrOf(run: () => Promise<unknown>): Promise<string> {
  let written = ''
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    written += String(chunk)
    return true
  })
  await run()
  await new Promise((resolve) => setTimeout(resolve, 100))
  spy.mockRestore()
  return written
}

const odd = violationOf({
  name: 'say "hi" \\N </script> {a|b} \u{1f600}',
  trace: traceOf([
    { set: { 'a"b': '</script>', 'n\nl': '\\N \\l', 'Q0 Z1': '&amp; 漢字', __proto: '__proto__' } },
    { action: '<x>"\n{|} é', set: { 'a"b': ']]>' } },
  ]),
  because: [{ path: '{a|b}', value: '<&> → \\l' }],
})

describe('an SVG', () => {
  it('has the texts of the trace, each once, and nothing is printed', async () => {
    const violation = violationOf({
      trace: traceOf([{ set: { n: 0, 'é ü': 'x' } }, { action: 'Add', parameters: { by: 2 }, picks: ['→'], set: { n: 2 } }]),
      because: [{ path: 'n', value: '2' }],
    })
    let svg = ''
    const written = await stderrOf(async () => {
      svg = await renderSvg(traceToDot(resultOf(violation), violation))
    })
    expect(written).toBe('')
    const { texts, attributes } = parse(svg)
    expect(plain(texts('text'))).toEqual([
      'counter · default',
      'Invariant Small is violated after 1 step',
      '▌ changed by the step before',
      'Initial state',
      'n     = 0',
      '"é ü" = x',
      'State 1',
      '✗ violates Small',
      'n     = 2',
      '"é ü" = x',
      '1. Add(by: 2)',
      'picks "→"',
      'Why: the values that decided',
      'n = 2',
    ])
    expect(texts('title')).toEqual(['counter · default'])
    expect(texts('desc')).toEqual(['Invariant Small is violated after 1 step. Steps: 1. Add(by: 2) picks "→"'])
    const [root] = attributes('svg')
    expect(root?.role).toBe('img')
    expect(root?.['aria-labelledby']).toBe('title desc')
    expect(root?.viewBox).toMatch(/^0\.00 0\.00 \d+\.\d+ \d+\.\d+$/)
    expect(svg).not.toContain('DOCTYPE')
    expect(new Set(attributes('text').map((text) => text['font-family']))).toEqual(
      new Set(["Menlo, 'DejaVu Sans Mono', 'Liberation Mono', Consolas, 'Courier New', monospace"]),
    )
    // One changed line: its bar and its band; two headings with band and rule.
    expect(attributes('rect').map(({ fill }) => fill)).toEqual(['#e8eef5', '#475569', '#fde3e3', '#fde3e3', '#fdf0c4', '#b45309', '#b91c1c'])
    expect(attributes('text').filter((text) => text['font-weight'] === 'bold')).toHaveLength(8)
  })

  it('keeps every text within its box', async () => {
    const violation = writeBatch(true)
    const { texts, attributes } = parse(await renderSvg(traceToDot(resultOf(violation), violation)))
    const lines = attributes('text').map((text, i) => ({
      x: Number(text.x),
      y: Number(text.y),
      size: Number(text['font-size']),
      text: plain(texts('text'))[i] as string,
    }))
    const boxes = attributes('rect').filter(({ fill }) => fill === '#e8eef5')
    expect(boxes).toHaveLength(10)
    const right = Number(boxes[0]?.x) + Number(boxes[0]?.width)
    const inside = lines.filter(({ text }) => / = |^r[12]: /.test(text) && !['prepared has r1 = true', 'current = r2'].includes(text))
    expect(inside).toHaveLength(90)
    // The widest of the fonts has columns of 0.602 of its size.
    for (const { x, size, text } of inside) expect(x + [...text].length * size * 0.602, text).toBeLessThan(right)
  })

  it('is described in whole sentences where the title is wrapped', async () => {
    const violation = writeBatch(true)
    const [description] = parse(await renderSvg(traceToDot(resultOf(violation), violation))).texts('desc')
    expect(description).toMatch(
      /^Assertion failed after 10 steps: region is prepared for write before but it is not the current region\. Steps: 1\. Fetch\(thread: t1, region: r1\); 2\. Apply/,
    )
  })

  it('shows strings of the spec as they are', async () => {
    const { texts } = parse(await renderSvg(traceToDot(resultOf(odd), odd)))
    expect(plain(texts('text')).slice(1)).toEqual([
      'Invariant say "hi" \\N </script> {a|b} \u{1f600} is violated after 1 step',
      '▌ changed by the step before',
      'Initial state',
      '"a\\"b"  = "</script>"',
      '"n\\nl"  = "\\\\N \\\\l"',
      '"Q0 Z1" = "&amp; 漢字"',
      '__proto = __proto__',
      'State 1',
      '✗ violates say "hi" \\N </script> {a|b} \u{1f600}',
      '"a\\"b"  = "]]>"',
      '"n\\nl"  = "\\\\N \\\\l"',
      '"Q0 Z1" = "&amp; 漢字"',
      '__proto = __proto__',
      '1. <x>"\\n{|} é',
      'Why: the values that decided',
      '{a|b} = <&> → \\l',
    ])
  })

  it('is made of any DOT, beyond ASCII and quietly', async () => {
    const written = await stderrOf(async () => {
      const { texts } = parse(
        await renderSvg(
          '// é\ndigraph ü { ä -> "ö \\"x\\"" [label="&#8594; &amp; \\lé\\l" fontname=Courier]; node [fontname=Courier]; Q1 [label=Z1]; edge [fontname=Courier] }',
        ),
      )
      expect(texts('text').sort()).toEqual(['Z1', 'ä', 'é', 'ö "x"', '→ & '].sort())
      expect(texts('title')).toEqual(['Graph', 'ü', 'ä', 'ö "x"', 'ä->ö "x"', 'Q1'])
    })
    expect(written).toBe('')
  })

  it('is refused with the reason where the DOT is wrong', async () => {
    await expect(renderSvg('digraph {\n a -> é "')).rejects.toThrow(/^Graphviz cannot draw this DOT text: syntax error in line 2/)
    await expect(renderSvg(' ')).rejects.toThrow('The DOT text is empty')
    await expect(renderSvg('digraph { a [label=<<b>x</b>>] }')).rejects.toThrow(
      'HTML-like labels are not supported: they would be left out of the picture',
    )
    expect(parse(await renderSvg('digraph { a }')).texts('text')).toEqual(['a'])
  })
})

describe('a graph', () => {
  it('is DOT with a node and an edge per entry', () => {
    expect(
      graphToDot(
        [
          { id: 'a', kind: 'initial' },
          { id: 'b "x"', lines: ['B', 'n = 1'], tooltip: 'é' },
        ],
        [
          { from: 'a', to: 'b "x"', label: 'Go' },
          { from: 'a', to: 'b "x"', label: 'Run' },
          { from: 'b "x"', to: 'a' },
          { from: 'a', to: 'nowhere' },
        ],
      )
        .split('\n')
        .slice(4),
    ).toEqual([
      '  "a" [class="vertex" label="a" penwidth=2.5 fillcolor="#e8eef5"]',
      '  "b \\"x\\"" [class="vertex" label="B\\ln = 1\\l" tooltip="é"]',
      '  "a" -> "b \\"x\\"" [class="transition" label="\u00a0Go\\l\u00a0Run\\l"]',
      '  "b \\"x\\"" -> "a" [class="transition"]',
      '}',
      '',
    ])
  })

  it('says what was left out', () => {
    const dot = graphToDot(
      Array.from({ length: 12 }, (_, i) => ({ id: `n${i}` })),
      [{ from: 'n1', to: 'n11' }],
      { title: 'Big', maxNodes: 10, direction: 'right' },
    )
    expect(dot).toContain('label="Big\\l2 nodes of 12 left out\\l\u00a0\\l"')
    expect(dot).toContain('rankdir=LR')
    expect(dot.match(/vertex/g)).toHaveLength(10)
    expect(dot).not.toContain('->')
  })
})
