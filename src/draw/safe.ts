/**
 * An SVG that can do nothing but be seen: built anew from what a parser found in another one. Only elements and attributes of a list are in it, and only
 * values that have the form of numbers, colours, paths and names: no script, no handler, no link, no style sheet, nothing that is loaded from elsewhere.
 */
import sax from 'sax'
import { UsageError } from '../errors.ts'

const SHAPES = ['polygon', 'polyline', 'path', 'ellipse', 'circle', 'rect', 'line'] as const
const TEXTS = ['title', 'desc', 'text', 'tspan'] as const
const ELEMENTS: ReadonlySet<string> = new Set(['svg', 'g', 'defs', 'linearGradient', 'radialGradient', 'stop', ...SHAPES, ...TEXTS])
/** Links are left out, and what they are around stays. */
const SEEN_THROUGH: ReadonlySet<string> = new Set(['a'])

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?(?:pt|px|%)?$/
const NUMBERS = /^[\d\s.,e+-]*$/
const NAME = /^[\w-]+$/
const NAMES = /^[\w -]*$/
/** A colour, or a gradient of the same picture. */
const PAINT = /^(?:#[0-9a-fA-F]{3,8}|[a-zA-Z]+\d*|url\(#[\w-]+\))$/

const ATTRIBUTES: ReadonlyMap<string, RegExp> = new Map([
  ...['width', 'height', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'fx', 'fy', 'offset', 'font-size', 'stroke-width'].map(
    (name): [string, RegExp] => [name, NUMBER],
  ),
  ...['fill-opacity', 'stroke-opacity', 'opacity', 'stop-opacity'].map((name): [string, RegExp] => [name, NUMBER]),
  ...['viewBox', 'points', 'stroke-dasharray'].map((name): [string, RegExp] => [name, NUMBERS]),
  ...['fill', 'stroke', 'stop-color'].map((name): [string, RegExp] => [name, PAINT]),
  ...['role', 'text-anchor', 'font-weight', 'font-style', 'text-decoration', 'baseline-shift', 'gradientUnits', 'id'].map(
    (name): [string, RegExp] => [name, NAME],
  ),
  ...['class', 'aria-labelledby'].map((name): [string, RegExp] => [name, NAMES]),
  ['xmlns', /^http:\/\/www\.w3\.org\/2000\/svg$/],
  ['d', /^[MmLlHhVvCcSsQqTtAaZz\d\s.,e+-]*$/],
  ['transform', /^(?:(?:translate|scale|rotate|matrix)\([\d\s.,e+-]*\)\s*)*$/],
  ['font-family', /^[\p{L}\p{N}\s,'._-]*$/u],
  ['style', /^(?:stop-(?:color|opacity):[#\w.]+;?)*$/],
])

/** Characters that no XML document has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NEVER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const textOf = (text: string): string => text.replace(NEVER, '\ufffd').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const attributeText = (text: string): string => textOf(text).replaceAll('"', '&quot;')

/** The same picture, made harmless. Throws `UsageError` for what is no SVG. */
export function safeSvg(svg: string): string {
  const parser = sax.parser(true, { position: true })
  const out: string[] = []
  /** Elements that are open: their names, or null where they are left out with all that is in them, or '' where only they are. */
  const open: (string | null)[] = []
  let leftOut = 0
  let roots = 0
  /** The last start tag is not closed: it may be of an element without content. */
  let pending = false
  const settle = (): void => {
    if (pending) out.push('>')
    pending = false
  }
  parser.onopentag = ({ name, attributes }) => {
    const seen = leftOut === 0 && SEEN_THROUGH.has(name)
    const kept = leftOut === 0 && ELEMENTS.has(name) && (open.length > 0 || (name === 'svg' && roots++ === 0)) && !(open.length > 0 && name === 'svg')
    open.push(seen ? '' : kept ? name : null)
    if (seen) return
    if (!kept) {
      leftOut++
      return
    }
    settle()
    out.push(`<${name}`)
    for (const [attribute, value] of Object.entries(attributes)) {
      const text = String(value).trim()
      if (ATTRIBUTES.get(attribute)?.test(text)) out.push(` ${attribute}="${attributeText(text)}"`)
    }
    pending = true
  }
  parser.onclosetag = () => {
    const name = open.pop()
    if (name === null) leftOut--
    else if (name) {
      if (pending) {
        out.push((TEXTS as readonly string[]).includes(name) ? `></${name}>` : '/>')
        pending = false
      } else out.push(`</${name}>`)
    }
  }
  const addText = (text: string): void => {
    if (leftOut > 0 || open.length === 0) return
    const inner = open.findLast((name) => name !== '')
    if (!(TEXTS as readonly string[]).includes(inner ?? '') && text.trim() !== '') return
    settle()
    out.push(textOf(text))
  }
  parser.ontext = addText
  parser.oncdata = addText
  let wrong: Error | null = null
  parser.onerror = (error) => {
    wrong ??= error
    parser.resume()
  }
  parser.write(svg).close()
  if (wrong !== null)
    throw new UsageError(`the picture is not well-formed: ${(wrong as Error).message.split('\n')[0]}`, 'an attribute of the graph has markup in it')
  if (roots === 0) throw new UsageError('there is no picture in what Graphviz made', 'is it one graph with balanced braces?')
  return `<?xml version="1.0" encoding="UTF-8"?>\n${out.join('')}\n`
}
