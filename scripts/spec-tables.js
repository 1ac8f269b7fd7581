/**
 * Fills the numbers into the tables of specs/README.md from the results of `tsmc check specs/ --reporter json`:
 *
 *     node scripts/spec-tables.js [results.json]            writes the tables
 *     node scripts/spec-tables.js --check [results.json]    compares; exit 1 where they differ
 *
 * Without a file of results the specs are checked first, with the built command. Between `<!-- results -->` and `<!-- /results -->` stands a
 * table written by hand; a row with `spec: instance` in its column "instance" has the columns "outcome", "steps" and "states" filled in.
 * Between `<!-- specs -->` and `<!-- /specs -->` the whole table is made here.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const INSTANCE = /^`([\w-]+): ([\w-]+)`$/

/** The text with its tables filled in. Throws where a row names an instance that does not exist, or one that is not as expected. */
export function fill(text, { instances }) {
  const results = new Map(instances.map((result) => [`${result.spec}: ${result.instance}`, result]))
  for (const [name, { expected }] of results) if (!expected) throw new Error(`${name} is not as expected: run tsmc check specs/`)
  return replace(
    replace(text, 'results', (table) => filled(table, results)),
    'specs',
    () => overview(instances),
  )
}

/** Replaces what stands between the markers of this name, everywhere. */
function replace(text, name, make) {
  return text.replace(new RegExp(`(<!-- ${name} -->\n)([^]*?)(<!-- /${name} -->)`, 'g'), (_, begin, inner, end) => `${begin}${make(inner)}\n${end}`)
}

/** The cells of a row; an escaped bar is text. */
const cells = (row) =>
  row
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())

/** A table as the formatter of this project lays it out. The second row says by its colons which columns are aligned to the right. */
function aligned([header, rule, ...rows]) {
  const right = rule.map((cell) => cell.endsWith(':'))
  const widths = header.map((_, j) => Math.max(3, ...[header, ...rows].map((row) => [...row[j]].length)))
  const pad = (text, j) => (right[j] ? ' '.repeat(widths[j] - [...text].length) + text : text + ' '.repeat(widths[j] - [...text].length))
  const line = (row) => `| ${row.join(' | ')} |`
  return [
    line(header.map(pad)),
    line(widths.map((width, j) => (right[j] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))),
    ...rows.map((row) => line(row.map(pad))),
  ].join('\n')
}

function filled(table, results) {
  const [header, rule, ...rows] = table.trim().split('\n').map(cells)
  const at = header.indexOf('instance')
  if (at < 0) throw new Error(`a table of results has no column "instance": ${header}`)
  const known = rows.map((row) => {
    const [, spec, instance] = INSTANCE.exec(row[at]) ?? []
    if (!spec) throw new Error(`no instance in the row: ${row}`)
    const result = results.get(`${spec}: ${instance}`)
    if (!result) throw new Error(`there is no instance ${instance} of the spec ${spec}`)
    const values = facts(result)
    return header.map((column, j) => values[column] ?? row[j])
  })
  return aligned([header, rule, ...known])
}

function facts({ verdict, violation, distinct }) {
  const outcome = verdict === 'holds' ? 'holds' : verdict === 'deadlocked' ? 'deadlock' : code(violation.name)
  return { outcome, steps: violation ? String(violation.steps) : '–', states: number(distinct) }
}

function overview(all) {
  const rows = [...new Set(all.map(({ file }) => file))].map((file) => {
    const instances = all.filter((one) => one.file === file)
    const holding = instances.filter(({ verdict }) => verdict === 'holds')
    const largest = holding.reduce((most, { distinct }) => Math.max(most, distinct), 0)
    const name = basename(file)
    const counts = [instances.length, holding.length, instances.length - holding.length, largest]
    return [`[${name}](${name})`, ...counts.map(number)]
  })
  const header = ['spec', 'instances', 'hold', 'are violated', 'largest that holds, states']
  return aligned([header, header.map((_, j) => (j === 0 ? '---' : '--:')), ...rows])
}

const code = (text) => `\`${text.replaceAll('|', '\\|')}\``
const number = (n) => n.toLocaleString('en-US')

function check() {
  const json = execFileSync(process.execPath, [join(root, 'dist/tsmc.js'), 'check', 'specs/', '--reporter', 'json', '--no-diagrams'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(json)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file] = process.argv.slice(2).filter((argument) => argument !== '--check')
  const results = file ? JSON.parse(readFileSync(file, 'utf8')) : check()
  const readme = join(root, 'specs/README.md')
  const before = readFileSync(readme, 'utf8')
  const after = fill(before, results)
  if (!process.argv.includes('--check')) {
    if (after !== before) writeFileSync(readme, after)
  } else if (after !== before) {
    const old = before.split('\n')
    for (const [i, text] of after.split('\n').entries()) if (text !== old[i]) console.error(`specs/README.md:${i + 1}\n- ${old[i]}\n+ ${text}`)
    console.error('specs/README.md is stale: run node scripts/spec-tables.js')
    process.exitCode = 1
  }
}
