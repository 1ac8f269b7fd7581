/** Where the time of a check went, for people: a table of the spec's functions, and what to mend. */
import type { FunctionProfile, Profile, ReadProfile } from '../program/result.ts'
import type { Page } from './page.ts'
import { number, plain, plural, secondsText } from './text.ts'

/** Columns behind the name, right-aligned; each at least as wide as its title. */
const COLUMNS: readonly (readonly [title: string, width: number, cell: (one: FunctionProfile) => string])[] = [
  ['learning', 8, ({ calls }) => short(calls.learning)],
  ['samples', 7, ({ calls }) => short(calls.samples)],
  ['direct', 6, ({ calls }) => short(calls.direct)],
  ['walks', 6, ({ walks }) => short(walks)],
  ['compiled', 8, ({ compiled }) => (compiled.states === 0 ? '-' : short(compiled.states))],
  ['leaves', 6, ({ tree }) => short(tree.leaves)],
  ['time', 7, ({ seconds }) => secondsText(seconds)],
]
const INDENT = 2
/** The table's columns; a narrower page has a list instead. */
const TABLE = 80
const NAME = TABLE - INDENT - COLUMNS.reduce((sum, [, width]) => sum + width + 1, 0)
/** Trees with fewer leaves are small: their reads are left out, but for `verbose`. */
const SMALL = 32

/** 12,345 and 123k and 12.3M: at most six columns. */
function short(n: number): string {
  if (n < 100_000) return number(n)
  for (const [unit, sign] of [
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
  ] as const)
    if (n < 999.5 * unit) return `${n < 99.95 * unit ? (n / unit).toFixed(1) : Math.round(n / unit)}${sign}`
  return n.toExponential(0)
}

export function profileLines(page: Page, { seconds, functions, advice }: Profile, verbose: boolean): void {
  page.blank()
  const temporal = functions.some(({ kind }) => kind === 'temporal' || kind === 'mapping') ? `, temporal ${secondsText(seconds.temporal)}` : ''
  page.add(
    INDENT,
    `profile: expanding ${secondsText(seconds.expanding)}, checking ${secondsText(seconds.checking)}, looking up and the rest ${secondsText(seconds.search)}${temporal};`,
  )
  page.add(INDENT, `of that in functions of the spec ${secondsText(seconds.functions)}, compiling trees ${secondsText(seconds.compiling)}`)
  page.blank()
  const table = page.width >= TABLE
  if (table)
    page.add(
      INDENT,
      row(
        'calls to',
        COLUMNS.map(([title]) => title),
      ),
      page.paint.dim,
    )
  for (const one of functions) {
    const name = nameOf(one)
    if (!table) page.add(INDENT, `${name}: ${COLUMNS.map(([title, , cell]) => `${title} ${cell(one)}`).join(', ')}`)
    else {
      const cells = COLUMNS.map(([, , cell]) => cell(one))
      if (name.length > NAME) page.add(INDENT, name)
      page.add(INDENT, row(name.length > NAME ? '' : name, cells))
    }
    for (const line of details(one, verbose)) page.add(INDENT + 4, line, page.paint.dim)
  }
  if (advice !== null) {
    page.blank()
    page.add(INDENT, `advice: ${plain(advice)}`, page.paint.yellow)
  }
}

function row(name: string, cells: readonly string[]): string {
  return `${name.padEnd(NAME)}${cells.map((cell, i) => ` ${cell.padStart((COLUMNS[i] as (typeof COLUMNS)[number])[1])}`).join('')}`
}

function nameOf({ kind, name }: FunctionProfile): string {
  return kind === name || kind === 'terminal' ? plain(name) : `${kind} ${plain(name)}`
}

/** Where it stands, why it is called directly, which reads make its trees large. */
function details({ location, combinations, direct, reads, tree }: FunctionProfile, verbose: boolean): string[] {
  const lines: string[] = []
  const large = reads.length > 0 && (verbose || direct !== null || tree.leaves >= SMALL)
  if (location && (large || direct)) lines.push(`${plain(location.file)}:${location.line}`)
  if (direct)
    lines.push(
      `called directly${direct.combinations < combinations ? ` for ${number(direct.combinations)} of ${number(combinations)} combinations` : ''}: ${direct.why}`,
    )
  if (large)
    lines.push(
      `leaves due to ${reads
        .slice(0, verbose ? undefined : 3)
        .map(readText)
        .join(', ')}`,
    )
  return lines
}

function readText({ path, slots, leaves }: ReadProfile): string {
  return `${plain(path)}${slots > 1 ? ` (${plural(slots, 'slot')})` : ''}: ${number(leaves)}`
}
