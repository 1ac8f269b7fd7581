/**
 * Fills the generated parts of docs/language.md from what the tests run:
 *
 *     node scripts/language-page.js            writes the page
 *     node scripts/language-page.js --check    compares; exit 1 where they differ
 *
 * Between `<!-- name -->` and `<!-- /name -->` stand: `start` and `cases`, from test/language/cases.ts; `refusals`, from src/reference/refusals.ts;
 * `traps`, from src/host/trapTable.ts. All else is written by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const page = join(root, 'docs/language.md')

function parsed(file) {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

/** What a constant at the top of a file begins with. */
function constant(source, name) {
  for (const statement of source.statements) {
    const found = ts.isVariableStatement(statement) && statement.declarationList.declarations.find((one) => one.name.getText() === name)
    if (found) return found.initializer
  }
  throw new Error(`${source.fileName} declares no ${name}`)
}

/** The value of a constant that is written as data; `scope` has the values of the names in it. */
function dataOf(source, name, scope = {}) {
  return new Function(...Object.keys(scope), `return ${constant(source, name).getText()}`)(...Object.values(scope))
}

/** The text of a node without what is there only for the tests: the types of parameters and of calls, which a spec infers. */
function textOf(node) {
  const source = node.getSourceFile()
  const cuts = []
  const visit = (inner) => {
    if (ts.isParameter(inner) && inner.type) cuts.push([inner.name.end, inner.type.end])
    if (ts.isCallExpression(inner) && inner.typeArguments) cuts.push([inner.expression.end, inner.typeArguments.end + 1])
    inner.forEachChild(visit)
  }
  visit(node)
  let text = source.text.slice(node.getStart(), node.end)
  for (const [from, to] of cuts.sort((a, b) => b[0] - a[0])) text = text.slice(0, from - node.getStart()) + text.slice(to - node.getStart())
  return text
}

/** Lines from the first to the last that is not empty, without what all are indented by. */
function flush(text) {
  const lines = text.replace(/^\s*\n|\s+$/g, '').split('\n')
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length))
  return lines.map((line) => line.slice(indent)).join('\n')
}

/** What is written on several lines, on one. */
function onOneLine(text) {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/,? ([}\])])/g, (_, end) => (end === '}' ? ' }' : end))
    .replace(/([[(]) /g, '$1')
}

/** The cases, in order: what the code does, its source, and each variable that is different afterwards. */
export function cases() {
  return constant(parsed('test/language/cases.ts'), 'CASES').elements.flatMap((element) => {
    const [row, list] = element.expression.arguments
    return list.elements.map(({ elements: [name, step, changes] }) => ({
      row: row.text,
      name: name.text,
      code: codeOf(step, row.text === 'returned state'),
      changes: changes.properties.map((property) => onOneLine(property.getText())),
    }))
  })
}

function codeOf({ body }, returned) {
  if (ts.isBlock(body)) {
    const text = textOf(body)
    return flush(text.slice(1, -1))
  }
  const inner = ts.isParenthesizedExpression(body) ? body.expression : body
  return flush(`${' '.repeat(columnOf(inner))}${returned ? 'return ' : ''}${textOf(inner)}`)
}

/** The indentation of the line on which a node begins. */
function columnOf(node) {
  const { text } = node.getSourceFile()
  const begin = text.lastIndexOf('\n', node.getStart()) + 1
  return /^ */.exec(text.slice(begin))[0].length
}

const block = (code) => `\`\`\`ts\n${code}\n\`\`\``

function startText() {
  const source = parsed('test/language/cases.ts')
  const types = ['Job', 'Key'].map((name) => `const ${name} = ${constant(source, name).getText()}`)
  const { body } = constant(source, 'start')
  const begin = ts.isParenthesizedExpression(body) ? body.expression : body
  const values = begin.properties.map((property) => `  ${onOneLine(property.getText())},`)
  return block(
    [...types, '', `const m = model(${constant(source, 'VARIABLES').getText()})`, '', '// The state before each example:', '{', ...values, '}'].join(
      '\n',
    ),
  )
}

function casesText() {
  const all = cases()
  return [...new Set(all.map(({ row }) => row))]
    .map((row) => {
      const own = all.filter((one) => one.row === row)
      return [
        `### ${titleOf(row)}`,
        ...own.map(({ name, code, changes }) => {
          const after = changes.length === 0 ? '// afterwards: as before' : `// afterwards:\n${changes.map((line) => `//   ${line}`).join('\n')}`
          return `**${name}**\n\n${block(`${code}\n${after}`)}`
        }),
      ].join('\n\n')
    })
    .join('\n\n')
}

function refusalsText() {
  const all = dataOf(parsed('src/reference/refusals.ts'), 'REFUSALS')
  return [...new Set(all.map(({ row }) => row))]
    .map((row) => {
      const own = all.filter((one) => one.row === row)
      const texts = own.map(({ refused, hint, example }) => `**Refused:** ${refused}\n\n**Instead:** ${hint}\n\n${block(flush(example))}`)
      return [`### ${titleOf(row)}, refused`, ...texts].join('\n\n')
    })
    .join('\n\n')
}

/** A row as a heading: what is code stays as it is written. */
const titleOf = (row) => (/^\W+$|\(\)$/.test(row) ? `\`${row}\`` : `${row[0].toUpperCase()}${row.slice(1)}`)

function trapsText() {
  const source = parsed('src/host/trapTable.ts')
  const reads = dataOf(source, 'READS')
  const traps = dataOf(source, 'TRAPS', { CRYPTO: dataOf(source, 'CRYPTO'), LOCAL: dataOf(source, 'LOCAL') })
  const languages = dataOf(source, 'LANGUAGES')
  const languageText = ({ home, name }) => (home === 'Intl' ? `\`new Intl.${name}()\`` : `\`${home}.${name}()\``)
  return Object.entries(reads)
    .map(([kind, what]) => {
      const sources = traps.filter((trap) => trap.kind === kind).flatMap(sourcesOf)
      if (kind === 'clock') sources.push('`Date()`', '`new Date()`', '`Intl.DateTimeFormat` without a time')
      if (kind === 'environment') sources.push('`process.env`')
      if (kind === 'zone')
        sources.push(
          '`new Date(year, month, …)`',
          '`new Date(text)` and `Date.parse(text)` of a text without a zone',
          ...languages.filter(({ dates }) => dates).map((one) => `${languageText(one)} without \`timeZone\``),
        )
      if (kind === 'locale') sources.push(...languages.map((one) => `${languageText(one)} without a language`))
      return `- **${what}**: ${[...new Set(sources)].join(', ')}`
    })
    .join('\n')
}

function sourcesOf({ home, module, functions = [], all, properties = [], classes = [] }) {
  const prefix = home === 'globalThis' ? '' : `${home}.`
  const from = module === undefined ? '' : ` of \`node:${module}\``
  return [
    ...(all ? [`every function${from}`] : []),
    ...(functions.length > 0 && from !== '' ? [`${functions.map((name) => `\`${name}()\``).join(', ')}${from}`] : []),
    ...(from === '' ? functions.map((name) => `\`${prefix}${name}()\``) : []),
    ...properties.map((name) => `\`${prefix}${name}\``),
    ...classes.map((name) => `\`new ${name}()\``),
  ]
}

/** The text with its generated parts made anew. */
export function fill(text) {
  const parts = { start: startText, cases: casesText, refusals: refusalsText, traps: trapsText }
  for (const [name, make] of Object.entries(parts)) {
    const before = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`)
    if (!before.test(text)) throw new Error(`the page has no part ${name}`)
    text = text.replace(before, (_, begin, end) => `${begin}\n${make()}\n\n${end}`)
  }
  return text
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const before = readFileSync(page, 'utf8')
  const after = fill(before)
  if (!process.argv.includes('--check')) {
    if (after !== before) writeFileSync(page, after)
  } else if (after !== before) {
    console.error('docs/language.md is stale: run node scripts/language-page.js')
    process.exitCode = 1
  }
}
