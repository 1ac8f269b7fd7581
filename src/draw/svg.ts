/**
 * DOT to SVG through Graphviz (graphviz.ts, loaded when it is needed: it is large), and what Graphviz cannot do afterwards: fonts,
 * single lines of a box in their own colour, a title and a description.
 *
 * Graphviz knows the widths of ASCII characters only; others it counts per byte and warns of. So runs of text with others are
 * replaced by ASCII stand-ins of the same number of columns before the layout and put back into the SVG.
 */
import { FaultError, UsageError } from '../errors.ts'
import { COLORS, MARK } from './dot.ts'
import { columns } from './labels.ts'

const FONTS = `Menlo, 'DejaVu Sans Mono', 'Liberation Mono', Consolas, 'Courier New', monospace`

/** `seconds` is how long the layout may take. */
export async function renderSvg(dot: string, seconds?: number): Promise<string> {
  const { text, restore } = asciiOnly(dot)
  if (!/\S/.test(text)) throw new UsageError('The DOT text is empty', 'a graph begins with graph or digraph')
  const { layout } = await import('./graphviz.ts')
  let svg: string
  try {
    svg = await layout(text, seconds)
  } catch (error) {
    if (error instanceof FaultError) throw error
    const message = (error instanceof Error ? error.message : String(error))
      .replace(/(?:Error: )+/g, '')
      .trim()
      .replace(/\s*\n\s*/g, '; ')
    throw new UsageError(`Graphviz cannot draw this DOT text: ${restore(message)}`, 'check the line it names')
  }
  if (!svg.includes('<svg')) throw new UsageError('Graphviz made no picture of this DOT text', 'is it one graph with balanced braces?')
  const { safeSvg } = await import('./safe.ts')
  // Once before anything looks at it, and once for all.
  return safeSvg(finish(restore(safeSvg(svg))))
}

// --- characters beyond ASCII

const RUN = /(?<![\\&])[\w .,:=()[\]+*/@!?'-]*[\u0080-\uffff](?:[\w .,:=()[\]+*/@!?'-]|[\u0080-\uffff])*/g

/** The same DOT in ASCII, and the way back for a text that was made of it. */
function asciiOnly(dot: string): { text: string; restore: (text: string) => string } {
  // A letter that nothing in the text could take for a stand-in.
  const letter = [...'QZXJKVWYUGHPqzxjkvw'].find((c) => !new RegExp(`${c}\\d`).test(dot)) ?? unusedWord(dot)
  const standIns = new Map<string, string>()
  const originals: string[] = []
  const standIn = (run: string): string => {
    let token = standIns.get(run)
    if (token === undefined) {
      token = `${letter}${originals.length}`.padEnd(columns(run), '_')
      standIns.set(run, token)
      originals.push(run)
    }
    return token
  }
  // Strings (in which more than the characters themselves may be replaced), comments, and the rest.
  const text = dot.replace(
    /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|^#[^\n]*|\/\*[\s\S]*?\*\/|(=\s*<)|[\u0080-\uffff]+/gm,
    (part: string, html?: string) => {
      if (html !== undefined) throw new UsageError('HTML-like labels are not supported: they would be left out of the picture', 'use a quoted label')
      if (part[0] === '"') return decodeEntities(part).replace(RUN, standIn)
      return /^[/#]/.test(part) ? '' : standIn(part)
    },
  )
  const back = new RegExp(`${letter}(\\d+)_*`, 'g')
  return { text, restore: (made) => made.replace(back, (whole, i: string) => originals[Number(i)] ?? whole) }
}

function unusedWord(dot: string): string {
  let word = 'Qz'
  while (dot.includes(word)) word += 'z'
  return word
}

const decodeEntities = (text: string): string =>
  text.replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (entity, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return code >= 0xa0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : entity
  })

// --- after Graphviz

interface Look {
  readonly fill?: string
  readonly weight?: 'bold' | 'normal'
}

function finish(svg: string): string {
  const label = graphLabel(svg)
  const steps = [...svg.matchAll(/<g id="edge\d+" class="edge (?:step|back)">[\s\S]*?<\/g>/g)].map(([group]) => textsOf(group).map(plain).join(' '))
  const description = [...label.slice(1), ...(steps.length > 0 ? [`Steps: ${steps.join('; ')}`] : [])].join('. ')
  const name = label[0] ?? 'Graph'
  const head = `<title id="title">${name}</title>\n<desc id="desc">${description === '' ? name : description}</desc>`
  return svg
    .replace(/<!DOCTYPE[^>]*>\s*/, '')
    .replace(/<!--[\s\S]*?-->\s*/g, '')
    .replace(/<svg [^>]*>/, (tag) => `${tag.replace(/\s+/g, ' ').replace('<svg ', '<svg role="img" aria-labelledby="title desc" ')}\n${head}`)
    .replace(/<g id="(?:node|edge)\d+" class="(?:node|edge) (\w+)[^"]*">[\s\S]*?<\/g>/g, (group, kind: string) =>
      Object.hasOwn(DRESS, kind) ? (DRESS[kind] as (group: string) => string)(withoutTitle(group)) : group,
    )
    .replace(
      /(<g id="graph0" class="graph trace"[^>]*>)([\s\S]*?)(?=<g id=)/,
      (_, open: string, inner: string) => open + dressTitle(withoutTitle(inner)),
    )
    .replace(/<text text-anchor="start" x="([^"]*)"([^>]*? font-family="Courier,monospace" font-size="([^"]*)"[^>]*)>(\u00a0+)/g, moved)
    .replace(/<text [^>]*><\/text>\n?/g, '')
    .replaceAll('font-family="Courier,monospace"', `font-family="${FONTS}"`)
    .replaceAll('font-family="Helvetica,sans-Serif"', 'font-family="Helvetica, Arial, \'Liberation Sans\', sans-serif"')
    .replaceAll('stroke="transparent"', 'stroke="none"')
}

/** The tooltip of a node or an edge would be its internal name. */
const withoutTitle = (group: string): string => group.replace(/<title>[\s\S]*?<\/title>\n?/, '')

const TEXT = /<text [^>]*>([\s\S]*?)<\/text>/g
const textsOf = (group: string): string[] => [...group.matchAll(TEXT)].map(([, text]) => text as string)
const plain = (text: string): string => text.replaceAll('\u00a0', ' ').trim().replace(/ +/g, ' ')

function graphLabel(svg: string): string[] {
  const graph = /<g id="graph0"[^>]*>([\s\S]*?)(?:<g id=|<\/svg>)/.exec(svg)?.[1] ?? ''
  const lines: string[] = []
  for (const text of textsOf(graph)) {
    const line = plain(text)
    if (line === '' || line.startsWith(MARK)) continue
    // A line that is wrapped goes on further in.
    if (text.startsWith('\u00a0') && lines.length > 0) lines.push(`${lines.pop()} ${line}`)
    else lines.push(line)
  }
  return lines
}

/** Gives each text of a group its look, by its place and content. */
function dress(group: string, look: (text: string, i: number) => Look): string {
  let i = 0
  return group.replace(TEXT, (element, text: string) => {
    const { fill, weight } = look(text, i++)
    let tag = element.slice(0, element.indexOf('>'))
    if (weight !== undefined) tag = `${tag.replace(/ font-weight="[^"]*"/, '')}${weight === 'bold' ? ' font-weight="bold"' : ''}`
    if (fill !== undefined) tag = `${tag.replace(/ fill="[^"]*"/, '')} fill="${fill}"`
    return tag + element.slice(element.indexOf('>'))
  })
}

const DRESS: Readonly<Record<string, (group: string) => string>> = {
  state: dressBox,
  failure: dressBox,
  step: dressStep,
  back: (group) => group,
  why: dressNote,
  because: (group) => group,
  gap: (group) => group,
  skip: (group) => group,
  nothing: (group) => group,
}

const BAND = { state: '#e8eef5', red: '#fde3e3', changed: '#fdf0c4', bar: '#b45309' } as const

const LEADING = new RegExp(`^${MARK}[ \\u00a0]*`)

/**
 * The box of a state. Lines that begin in the first column are headings: they get a band. A marked line gets a bar, a band and bold
 * letters. The bands lie over the filling and under the outline.
 */
function dressBox(group: string): string {
  const outline = /<polygon fill="[^"]*" stroke="[^"]*"(?: stroke-width="[^"]*")? points="([^"]*)"\/>/.exec(group)
  if (!outline) return group
  const corners = (outline[1] as string)
    .trim()
    .split(' ')
    .map((pair) => pair.split(',').map(Number) as [number, number])
  const left = Math.min(...corners.map(([x]) => x))
  const width = Math.max(...corners.map(([x]) => x)) - left
  const top = Math.min(...corners.map(([, y]) => y))
  const red = /class="node (?:failure|state violating)"/.test(group)
  const bands: string[] = []
  const band = (from: number, to: number, fill: string, wide = width): void => {
    bands.push(`<rect x="${fixed(left)}" y="${fixed(from)}" width="${fixed(wide)}" height="${fixed(to - from)}" fill="${fill}" stroke="none"/>\n`)
  }
  let inHead = true
  let headEnd = top
  const dressed = group.replace(/<text ([^>]*)>([\s\S]*?)<\/text>/g, (element, attributes: string, text: string) => {
    const baseline = Number(/ y="([^"]*)"/.exec(attributes)?.[1])
    const height = Number(/ font-size="([^"]*)"/.exec(attributes)?.[1]) * 1.2
    const from = baseline - height * 0.76
    const marked = text.startsWith(MARK)
    if (marked) {
      inHead = false
      band(from, from + height, BAND.changed)
      band(from, from + height, BAND.bar, 5)
    } else if (!text.startsWith('\u00a0')) {
      band(inHead ? Math.min(top, from) : from, from + height, red && inHead ? BAND.red : BAND.state)
      if (inHead) headEnd = from + height
    } else {
      inHead = false
      return element
    }
    const fill = red && inHead && (text.startsWith('✗') || bands.length > 1) ? ` fill="${COLORS.red}"` : ''
    return `<text ${fill === '' ? attributes : attributes.replace(/ fill="[^"]*"/, '')} font-weight="bold"${fill}>${marked ? text.replace(LEADING, (start) => '\u00a0'.repeat(start.length)) : text}</text>`
  })
  if (bands.length > 0) band(headEnd - 0.8, headEnd, red ? COLORS.red : COLORS.line)
  return dressed.replace(
    outline[0],
    `${outline[0].replace(/ stroke="[^"]*"/, ' stroke="none"').replace(/fill="(?:none|transparent)"/, 'fill="white"')}\n${bands.join('')}${outline[0].replace(/fill="[^"]*"/, 'fill="none"')}`,
  )
}

/** Leading spaces as a distance: some viewers drop even no-break spaces. A column of Courier is 0.6 of its size. */
function moved(_: string, x: string, attributes: string, size: string, spaces: string): string {
  return `<text text-anchor="start" x="${fixed(Number(x) + spaces.length * 0.6 * Number(size))}"${attributes}>`
}

const fixed = (n: number): string => String(Math.round(n * 100) / 100)

/** An edge's label: the action in bold, what was picked in plain. */
function dressStep(group: string): string {
  return dress(group, (text) => ({ weight: plain(text).startsWith('picks ') ? 'normal' : 'bold' }))
}

function dressNote(group: string): string {
  return dress(group, (_, i) => (i === 0 ? { weight: 'bold' } : {}))
}

/** The title: the spec and instance small, the finding in bold, the rest faint. */
function dressTitle(group: string): string {
  let seen = 0
  return dress(group, (text) => {
    const place = seen++
    if (place === 0) return { weight: 'bold' }
    return /^(?:with |\u00a0\u00a0\u00a0\u00a0)/.test(text) || text.startsWith(MARK) ? { fill: COLORS.faint } : { weight: 'bold', fill: COLORS.red }
  })
}
