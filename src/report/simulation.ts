/** What a simulation found, for people. */
import type { SimulationResult } from '../program/simulation.ts'
import { callText } from '../program/text.ts'
import { instanceName, terminalViolation } from './terminal.ts'
import type { TerminalOptions } from './page.ts'
import { number, paint, plain, plural, secondsText } from './text.ts'

/** Rows of the histogram. */
const ROWS = 8
const BAR = 30

export function simulationReport(result: SimulationResult, options: TerminalOptions = {}, reproduce?: string): string {
  const colour = paint(options.colours ?? false)
  const { violation, found, expected } = result
  const lines: string[] = []
  const title = `${expected ? '✓' : '✗'} ${instanceName(result)}: ${headline(result)}`
  lines.push(colour.bold((expected ? colour.green : colour.red)(title)))
  if (violation !== null) {
    lines.push('', terminalViolation(violation, options).trimEnd(), '')
    if (reproduce !== undefined) lines.push(`  reproduce: ${plain(reproduce)}`)
    lines.push(
      found === null
        ? `  found among the states of ${plural(result.runs, 'run')}`
        : `  found in run ${number(found.run)} after ${plural(found.steps, 'step')}${found.steps > violation.steps ? `, shortened to ${number(violation.steps)}` : ''}`,
      '',
    )
  }
  lines.push(`  ${plural(result.runs, 'run')} of at most ${plural(result.depth, 'step')}, seed ${result.seed}, ${secondsText(result.seconds)}`)
  lines.push(`  ${plural(result.visited, 'state')} visited, ${number(result.distinct)} different, ${number(result.revisited)} visited again`)
  const ends = [
    result.ended > 0 ? `${plural(result.ended, 'run')} ended without a successor` : '',
    result.constrained > 0 ? `${plural(result.constrained, 'run')} ended outside the constraint` : '',
  ].filter((text) => text !== '')
  if (ends.length > 0) lines.push(`  ${ends.join(', ')}`)
  lines.push('  steps per run:', ...histogram(result).map((row) => colour.dim(`    ${row}`)))
  const width = Math.max(0, ...result.actions.map(({ name }) => plain(name).length))
  lines.push(
    '  actions taken:',
    ...result.actions.map(({ name, taken }) =>
      (taken === 0 ? colour.yellow : colour.dim)(`    ${plain(name).padEnd(width)}  ${taken === 0 ? 'never' : number(taken)}`),
    ),
  )
  for (const name of result.unreached) lines.push(colour.yellow(`  not visited: a state that satisfies ${plain(name)}`))
  if (result.unchecked.length > 0)
    lines.push(
      colour.yellow(
        `  not looked at, because ${violation === null ? 'a bound was met' : 'something was found'} before: ${result.unchecked.map(plain).join(', ')}`,
      ),
    )
  if (result.looked !== null && violation === null)
    lines.push(
      `  looked at on all behaviours through ${plural(result.looked.states, 'visited state')}: ${result.looked.properties.map(plain).join(', ')}`,
    )
  return lines.map((line) => `${line}\n`).join('')
}

function headline({ verdict, violation, expected, expectation, incomplete, runs }: SimulationResult): string {
  const how = expected && expectation !== null ? ' as expected' : ''
  if (violation !== null) return `${verdict}${how}: ${plain(callText(violation.name, violation.parameters))} in ${plural(violation.steps, 'step')}`
  const where =
    incomplete === null
      ? `in ${plural(runs, 'run')}`
      : `in ${plural(runs, 'run')}, stopped by ${incomplete === 'timeout' ? '--timeout' : incomplete === 'interrupt' ? 'an interrupt' : 'lack of memory'}`
  return `nothing found ${where}${expected ? '' : `, although expected: ${plain(expectation ?? '')}`}`
}

/** How many runs were how long, in at most `ROWS` rows. */
function histogram({ lengths }: SimulationResult): string[] {
  if (lengths.length === 0) return ['none']
  const least = (lengths[0] as { steps: number }).steps
  const most = (lengths.at(-1) as { steps: number }).steps
  const size = Math.ceil((most - least + 1) / ROWS)
  const rows = Array.from({ length: Math.ceil((most - least + 1) / size) }, (_, i) => {
    const from = least + i * size
    const to = Math.min(most, from + size - 1)
    const runs = lengths.reduce((sum, { steps, runs }) => (steps >= from && steps <= to ? sum + runs : sum), 0)
    return { label: from === to ? String(from) : `${from} to ${to}`, runs }
  })
  const largest = Math.max(...rows.map(({ runs }) => runs))
  const label = Math.max(...rows.map(({ label }) => label.length))
  const count = Math.max(...rows.map(({ runs }) => number(runs).length))
  return rows.map(({ label: text, runs }) =>
    `${text.padStart(label)}  ${number(runs).padStart(count)}  ${'█'.repeat(Math.ceil((runs / largest) * BAR))}`.trimEnd(),
  )
}
