/** DOT files from elsewhere, drawn and opened in a real browser: nothing in a drawing runs, loads or leads anywhere. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { safeSvg } from '../../src/draw/safe.ts'
import { renderSvg } from '../../src/draw/svg.ts'
import { chromiumPath } from '../chromium.ts'

/** Each sets window.ran, asks for http://attack.invalid, or is a link. */
const IN_SVG: Readonly<Record<string, string>> = {
  script: '<script>window.ran = 1</script>',
  'script of another file': '<script href="http://attack.invalid/x.js" xlink:href="http://attack.invalid/x.js"/>',
  'script with a prefix': '<s:script xmlns:s="http://www.w3.org/2000/svg">window.ran = 1</s:script>',
  'script of HTML': '<h:script xmlns:h="http://www.w3.org/1999/xhtml">window.ran = 1</h:script>',
  'a handler':
    '<g onload="window.ran = 1"><rect width="9" height="9" onmouseover="window.ran = 1" onfocus="window.ran = 1" tabindex="1" autofocus="true"/></g>',
  'a handler in capitals': '<g ONLOAD="window.ran = 1" OnClick="window.ran = 1"/>',
  'a foreign object':
    '<foreignObject width="9" height="9"><img xmlns="http://www.w3.org/1999/xhtml" src="http://attack.invalid/x.png" onerror="window.ran = 1"/></foreignObject>',
  'an iframe': '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script>parent.ran = 1&lt;/script>"/></foreignObject>',
  'an image': '<image width="9" height="9" href="http://attack.invalid/x.png" xlink:href="http://attack.invalid/y.png"/>',
  'a use': '<use href="http://attack.invalid/x.svg#a"/><use xlink:href="data:image/svg+xml,&lt;svg onload=\'window.ran=1\'/>"/>',
  'a link': '<a href="javascript:window.ran = 1" xlink:href="http://attack.invalid/"><text y="9">press</text></a>',
  'a link that blinks': '<a><animate attributeName="href" values="javascript:window.ran=1"/><text y="9">press</text></a>',
  'an animation':
    '<rect width="9" height="9"><set attributeName="onmouseover" to="window.ran = 1"/><animate attributeName="x" onbegin="window.ran = 1" dur="1s"/></rect>',
  'a style sheet': '<style>@import url(http://attack.invalid/x.css); * { background: url(http://attack.invalid/x.png) }</style>',
  'a style': '<rect width="9" height="9" style="fill: url(http://attack.invalid/x.svg#a); background: url(http://attack.invalid/y.png)"/>',
  'a paint of another file': '<rect width="9" height="9" fill="url(http://attack.invalid/x.svg#a)" stroke="url(\'//attack.invalid/#b\')"/>',
  'a filter':
    '<filter id="f"><feImage href="http://attack.invalid/x.png"/></filter><rect width="9" height="9" filter="url(#f)" clip-path="url(http://attack.invalid/#c)" mask="url(http://attack.invalid/#m)"/>',
  'a font': '<text y="9" font-family="x; src: url(http://attack.invalid/x.woff)">a</text>',
  'a base': '<rect xml:base="http://attack.invalid/" width="9" height="9"/>',
  'a handler of events': '<handler xmlns="http://www.w3.org/2000/svg" type="text/javascript">window.ran = 1</handler><listener event="load"/>',
  'a cursor': '<cursor xlink:href="http://attack.invalid/x.cur"/><rect width="9" height="9" cursor="url(http://attack.invalid/y.cur)"/>',
  'an svg in the svg': '<svg onload="window.ran = 1"><script>window.ran = 1</script></svg>',
  'a switch': '<switch onload="window.ran = 1"><script>window.ran = 1</script></switch>',
  'text as markup': '<text y="9">&lt;script>window.ran = 1&lt;/script> ]]&gt; &lt;!-- </text>',
  cdata: '<text y="9"><![CDATA[</text><script>window.ran = 1</script>]]></text>',
  'a comment': '<!-- --><script>window.ran = 1</script><!-- -->',
  'an instruction': '<?xml-stylesheet href="http://attack.invalid/x.css"?><?x ?>',
}
const svg = (inner: string): string =>
  `<?xml version="1.0"?><?xml-stylesheet href="http://attack.invalid/x.css"?><!DOCTYPE svg [<!ENTITY e "<script>window.ran = 1</script>">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" onload="window.ran = 1" width="9pt" height="9pt">${inner}</svg>`

const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`
const MARKUP = `x"/><script>window.ran = 1</script><g onload="window.ran = 1" y="`
const ATTRIBUTES =
  'fontname label xlabel headlabel taillabel tooltip URL href target id class style color fillcolor bgcolor pencolor fontcolor shape image stylesheet charset comment layout rankdir size margin splines colorscheme labelURL edgeURL fontpath imagepath shapefile'.split(
    ' ',
  )
const IN_DOT: readonly (readonly [string, string])[] = [
  ...ATTRIBUTES.map(
    (name) =>
      [
        `markup in ${name}`,
        `digraph { graph [${name}=${quoted(MARKUP)}] a [${name}=${quoted(MARKUP)}] a -> b [${name}=${quoted(MARKUP)}] }`,
      ] as const,
  ),
  ...['URL', 'href', 'edgehref', 'headURL', 'labelhref', 'image', 'stylesheet'].map(
    (name) =>
      [
        `a script as ${name}`,
        `digraph { ${name}="javascript:window.ran=1" a [${name}="JaVaScRiPt:window.ran=1" label=x] a -> a [label=y ${name}="&#106;avascript:window.ran=1"] }`,
      ] as const,
  ),
  ['a name of a node', `digraph { ${quoted(MARKUP)} -> ${quoted('</title><script>window.ran=1</script>')} }`],
  ['a name of a graph', `digraph ${quoted(MARKUP)} { subgraph ${quoted(`cluster${MARKUP}`)} { label=${quoted(MARKUP)} a } }`],
  ['entities', 'digraph { a [label="&lt;script&gt;window.ran=1&lt;/script&gt; &quot; onload=&quot;window.ran=1"] }'],
  ['a gradient', 'digraph { a [style=filled fillcolor="red:blue"] b [style=radial fillcolor="x\\"><script>window.ran=1</script>:blue"] }'],
]

/** What no drawing has. */
function dangers(text: string): string[] {
  const tags = text.match(/<[^>]*>/g) ?? []
  const LIST = [
    /^<\/?\w*:/,
    /^<\/?(?:script|a|use|image|style|foreignObject|iframe|set|animate\w*|handler|filter)\b/i,
    /\son\w+\s*=/i,
    /href/i,
    /javascript:/i,
    /url\((?!#)/i,
    /^<[?!](?!xml version="1\.0" encoding="UTF-8"\?>)/,
  ]
  return tags.filter((tag) => LIST.some((danger) => danger.test(tag)))
}

const drawings = new Map<string, string>()
/** Drawings that are refused; never many. */
const refused: string[] = []

describe('what is written', () => {
  test.each(Object.entries(IN_SVG))('%s', (name, inner) => {
    const made = safeSvg(svg(`${inner}<rect width="1" height="2"/>`))
    drawings.set(name, made)
    expect(dangers(made)).toEqual([])
    expect(made).toContain('<rect width="1" height="2"/>')
  })

  test.each(IN_DOT)('%s', async (name, dot) => {
    const made = await renderSvg(dot).catch((error: Error) => {
      refused.push(name)
      expect(error.name).toBe('UsageError')
      return null
    })
    if (made === null) return
    drawings.set(name, made)
    expect(dangers(made)).toEqual([])
    expect(made).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg role="img" [\s\S]*<\/svg>\n$/)
  })

  test('few are refused', () => expect(refused.length).toBeLessThan(15))

  test('what is seen stays: a link without its target, a gradient, a path', () => {
    const seen =
      '<a href="x"><path d="M1,2C3,4 5,6 7,8"/></a><defs><linearGradient id="g" gradientUnits="userSpaceOnUse" x1="1"><stop offset="0" style="stop-color:#ff0000;stop-opacity:1.;"/></linearGradient></defs><rect fill="url(#g)"/>'
    expect(safeSvg(`<svg xmlns="http://www.w3.org/2000/svg">${seen}</svg>`)).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg">${seen.replace('<a href="x">', '').replace('</a>', '')}</svg>\n`,
    )
  })

  test('what is no SVG is refused', () => {
    for (const text of ['', '<html/>', '<svg><g></svg>', '<svg a=b/>', '<svg>&undefined;</svg>']) expect(() => safeSvg(text)).toThrow()
  })

  test('characters that no document has', () => {
    expect(safeSvg('<svg><text>a\u0001b\u202ec</text></svg>')).toContain('<text>a\ufffdb\u202ec</text>')
  })
})

/** Code of the page: every element hears of everything. */
const EVERYTHING_PRESSED = `
  for (const element of document.querySelectorAll('*'))
    for (const type of ['click', 'mouseover', 'focus', 'begin']) element.dispatchEvent(new Event(type, { bubbles: true }))
  globalThis.ran ?? null`

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let browser: import('playwright-core').Browser
  const folder = mkdtempSync(join(tmpdir(), 'drawings-'))
  beforeAll(async () => {
    const { chromium } = await import('playwright-core')
    browser = await chromium.launch({ executablePath: chromiumPath as string, args: ['--no-sandbox', '--headless'] })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = async (text: string, as: 'svg' | 'html') => {
    const page = await browser.newPage()
    const asked: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) asked.push(request.url())
    })
    const path = join(folder, `x.${as}`)
    writeFileSync(path, as === 'html' ? `<!doctype html><meta charset="utf-8"><body>${text.replace(/^<\?xml.*\n/, '')}</body>` : text)
    await page.goto(pathToFileURL(path).href)
    const ran = await page.evaluate(EVERYTHING_PRESSED)
    const links = await page.evaluate("document.querySelectorAll('a, script, use, image, iframe').length")
    const shapes = await page.evaluate("document.querySelectorAll('svg').length")
    await page.close()
    return { ran, links, asked, shapes }
  }

  test('an attack works where nothing is done against it', async () => {
    const { ran, links } = await open(svg(`${IN_SVG['script']}${IN_SVG['a link']}`).replace(/<!DOCTYPE.*\n/, ''), 'svg')
    expect([ran, links]).toEqual([1, 2])
  })

  test('none does in a drawing, by itself and inside a page', async () => {
    expect(drawings.size).toBeGreaterThan(60)
    for (const [name, drawing] of drawings)
      for (const as of ['svg', 'html'] as const)
        expect([name, as, await open(drawing, as)]).toEqual([name, as, { ran: null, links: 0, asked: [], shapes: 1 }])
  })
})
