/**
 * Random programs: the engine, in each of its ways, gives what plain data give, or refuses for a reason of the list.
 *
 * `npm run fuzz -- --minutes 60 --seed 1` looks further; it sets TSMC_FUZZ_MINUTES and TSMC_FUZZ_SEED.
 */
import { expect, inject, test } from 'vitest'
import { compare, ofToy, report, type Verdict, waysOf } from './compare.ts'
import { programOf, rowsOf, type Style, textOf, without } from './programs.ts'

const MINUTES = Number(process.env['TSMC_FUZZ_MINUTES'] ?? 0)
const SEED = Number(process.env['TSMC_FUZZ_SEED'] ?? 1)
/** So many programs of each style, where no time is given. */
const PROGRAMS = Number(process.env['TSMC_FUZZ_PROGRAMS'] ?? 120)

async function programs(style: Style): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const end = Date.now() + MINUTES * 60_000
  for (let seed = SEED; MINUTES > 0 ? Date.now() < end : seed < SEED + PROGRAMS; seed++) {
    const verdict = await compare(seed, { ways: waysOf(seed, MINUTES > 0), style, shrinks: MINUTES > 0 ? 300 : 150, command: inject('command') })
    verdicts.push(verdict)
    // Each is said as it is found: the run may be long.
    if ((MINUTES > 0 || process.env['TSMC_FIGURES']) && verdict.difference) console.log(report(verdict.difference))
  }
  return verdicts
}

/** How many differ in which way, and how many were refused for which reason. */
function figures(verdicts: readonly Verdict[]): string {
  const count = (names: readonly (string | undefined)[]): string => {
    const counts = new Map<string, number>()
    for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
    return [...counts]
      .sort(([, a], [, b]) => b - a)
      .map(([name, n]) => `${n} ${name}`)
      .join(', ')
  }
  return `${verdicts.length} programs; differ: ${count(verdicts.map(({ difference }) => difference?.kind)) || 'none'}; refused: ${count(verdicts.map(({ refused }) => refused)) || 'none'}`
}

test.each<Style>(['plain', 'all'])('programs in the style %s', { timeout: 24 * 3_600_000 }, async (style) => {
  const verdicts = await programs(style)
  if (MINUTES > 0 || process.env['TSMC_FIGURES']) console.log(`${style}: ${figures(verdicts)}`)
  const different = verdicts.flatMap(({ difference }) => (difference ? [difference] : []))
  expect(different.map(report).join('\n')).toBe('')
  if (style === 'plain') expect(verdicts.filter(({ refused }) => refused !== undefined).map(({ seed }) => seed)).toEqual([])
})

test('a seed makes the same program again', () => {
  for (let seed = 1; seed < 20; seed++) expect(textOf(programOf(seed).pieces)).toBe(textOf(programOf(seed).pieces))
})

/** Rows of which nothing is left but the refusal. */
const REFUSED: Readonly<Record<string, string>> = {
  'keeps a draft': 'kept',
  'changes what is outside': 'outside-written',
  'reads a clock': 'impure',
  'writes to an element': 'element-written',
  overflows: 'range',
  'writes in a predicate': 'predicate-writes',
}

/** In how many of a hundred programs that are not refused the result is another one without what was written for a row. */
function dependence(programs: number): { complete: number; states: number; rows: ReadonlyMap<string, number> } {
  const rows = new Map<string, number>()
  let complete = 0
  let states = 0
  for (let seed = SEED; seed < SEED + programs; seed++) {
    const { pieces } = programOf(seed)
    const toy = ofToy(textOf(pieces))
    if (toy === undefined || !('result' in toy)) continue
    complete++
    if (Number(/(\d+) states/.exec(toy.result)?.[1]) >= 3) states++
    for (const row of rowsOf(pieces)) {
      const less = ofToy(textOf(without(pieces, row)))
      if (less !== undefined && 'result' in less && less.result !== toy.result) rows.set(row, (rows.get(row) ?? 0) + 1)
    }
  }
  return { complete, states, rows }
}

test('programs are worth running: not refused, several states, and the results depend on every row of the table', () => {
  const programs = Number(process.env['TSMC_DEPENDENCE'] ?? 200)
  const { complete, states, rows } = dependence(programs)
  if (process.env['TSMC_FIGURES']) console.log({ complete, states, rows: Object.fromEntries(rows) })
  expect(complete).toBeGreaterThan((programs * 2) / 3)
  expect(states).toBeGreaterThan(programs / 2)
  // One in twenty: a thousand of 20,000.
  expect([...rows].filter(([row, n]) => n < programs / 20 && !(row in REFUSED))).toEqual([])
  expect(rows.size).toBeGreaterThanOrEqual(15)
})
