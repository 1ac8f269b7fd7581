/** Results for people: the verdict first, then how it came about, then the figures. */
import { isKeyed, isRecord } from 'immutable'
import type { Change, Confirmation, Reason, Result, TraceStep, Violation } from '../program/result.ts'
import { callText, compareNatural, nameText, valueText } from '../program/text.ts'
import { outcome } from './outcome.ts'
import { Page, type TerminalOptions } from './page.ts'
import { profileLines } from './profile.ts'
import { fold, number, plain, plural, secondsText } from './text.ts'

export interface Extras {
  /** The default constants of the spec: those of an instance that differ are shown. */
  readonly defaults?: Readonly<Record<string, unknown>>
  /** The command line that shows a violation again. */
  readonly reproduce?: (violation: Violation) => string | undefined
  /** Where the diagrams of a violation were written. */
  readonly diagrams?: (violation: Violation) => readonly string[]
}

const MARK = { passed: '✓', failed: '✗', incomplete: '?' } as const

/** The report of one instance. */
export function terminalReport(result: Result, options: TerminalOptions = {}, extras: Extras = {}): string {
  const page = new Page(options)
  headline(page, result, options, extras.defaults ?? {})
  for (const violation of result.violations.length > 0 ? result.violations : result.violation ? [result.violation] : []) {
    page.blank()
    violationLines(page, violation, options.verbose ?? false, result)
    const diagrams = extras.diagrams?.(violation) ?? []
    const reproduce = extras.reproduce?.(violation)
    if (reproduce !== undefined || diagrams.length > 0) page.blank()
    if (reproduce !== undefined) page.add(2, `reproduce: ${plain(reproduce)}`)
    if (diagrams.length > 0) page.add(2, `diagram: ${diagrams.map(plain).join(', ')}`)
    page.blank()
  }
  figures(page, result, options.verbose ?? false)
  if (result.profile) profileLines(page, result.profile, options.verbose ?? false)
  page.blank()
  return page.text()
}

export function instanceName({ spec, instance }: { spec: string; instance: string }): string {
  return `${plain(spec)} ${plain(instance)}`
}

function headline(
  page: Page,
  result: Result,
  { strict = false, verbose = false }: TerminalOptions,
  defaults: Readonly<Record<string, unknown>>,
): void {
  const status = outcome(result, strict)
  const colour = { passed: page.paint.green, failed: page.paint.red, incomplete: page.paint.yellow }[status]
  const vacuous = status === 'failed' && result.expected
  page.add(0, `${MARK[status]} ${instanceName(result)}: ${verdictText(result)}${vacuous ? ', but --strict allows no vacuous check' : ''}`, (line) =>
    page.paint.bold(colour(line)),
  )
  for (const mismatch of result.mismatches) page.add(2, plain(mismatch), page.paint.red)
  if (result.incomplete) page.add(2, plain(result.incomplete.text), page.paint.yellow)
  const differs = ([name, value]: [string, unknown]): boolean =>
    verbose || !Object.hasOwn(defaults, name) || valueText(defaults[name]) !== valueText(value)
  const constants = Object.entries(result.constants).filter(differs)
  if (constants.length > 0)
    page.add(2, constants.map(([name, value]) => `${plain(nameText(name))} = ${plain(valueText(value))}`).join(', '), page.paint.dim)
}

/** The verdict in words: "holds", "violated as expected: PreparedImpliesCurrent in 10 steps". */
export function verdictText(result: Result): string {
  const { verdict, violation, incomplete } = result
  if (verdict === 'holds') return 'holds'
  if (verdict === 'incomplete') return incomplete ? `incomplete: stopped by ${BOUNDS[incomplete.bound]}; nothing found so far` : 'incomplete'
  if (verdict === 'error') return 'error'
  const how = result.expected && result.expectation !== null ? `${verdict} as expected` : verdict
  if (!violation) return how
  const steps = ` in ${plural(violation.steps, 'step')}`
  if (violation.kind === 'reachable') return `${how}: ${plain(violation.name)} is never reached`
  return verdict === 'deadlocked' ? `${how}${steps}` : `${how}: ${plain(callText(violation.name, violation.parameters))}${steps}`
}

const BOUNDS = {
  'max-states': '--max-states',
  'max-depth': '--max-depth',
  timeout: '--timeout',
  interrupt: 'an interrupt',
  memory: 'lack of memory',
  capacity: 'lack of numbers for states',
} as const

function violationLines(page: Page, violation: Violation, verbose: boolean, { constrained }: Pick<Result, 'constrained'> = { constrained: 0 }): void {
  const name = plain(callText(violation.name, violation.parameters))
  const after = `after ${plural(violation.steps, 'step')}`
  const title = {
    invariant: `invariant ${name} is false ${after}`,
    assertion: `assertion fails in step ${violation.steps}: ${name}`,
    deadlock: `deadlock ${after}: no action is enabled`,
    step: `step property ${name} is false for step ${violation.steps}`,
    reachable: `no reachable state satisfies ${name}${constrained > 0 ? ', as far as the constraint lets the search go' : ''}`,
    property: `property ${name} is false ${violation.lasso && 'stutters' in violation.lasso ? `${after}, where the behaviour ends` : `for a behaviour of ${plural(violation.steps, 'step')} that repeats itself`}`,
    refinement: `refinement ${name} fails ${after}`,
    range: `step ${violation.steps} leaves the range of a variable: ${name}`,
  }[violation.kind]
  page.add(2, title, (line) => page.paint.bold(page.paint.red(line)))
  if (violation.trace.length > 0) {
    page.blank()
    trace(page, violation.trace, verbose)
  }
  const [last] = violation.trace.slice(-1)
  if (last)
    page.add(
      6,
      {
        invariant: `here ${name} is false`,
        assertion: `here the assertion fails: ${name}`,
        deadlock: 'here no action is enabled',
        step: `this step violates ${name}`,
        reachable: '',
        property: lassoText(violation),
        range: rangeText(violation),
        refinement: lassoText(violation) || `this ${violation.steps === 0 ? 'beginning' : 'step'} is none of ${name}`,
      }[violation.kind],
      page.paint.red,
    )
  if (violation.because.length > 0) {
    page.blank()
    page.add(
      2,
      {
        invariant: 'it is false because it read',
        assertion: 'it fails because it read',
        deadlock: 'not enabled because',
        step: 'it is false because it read',
        reachable: 'because',
        property: 'because',
        refinement: 'because',
        range: 'it does so because it read',
      }[violation.kind],
    )
    reasons(page, violation.kind === 'deadlock' ? alike(violation.because) : violation.because)
  }
  if (violation.fairness !== undefined && violation.fairness.length > 0) {
    page.blank()
    page.add(2, 'why no fairness rules this behaviour out')
    for (const { text } of violation.fairness) page.add(4, text)
  }
}

/** Which value is put where, and what belongs there. */
function rangeText({ name, outside }: Violation): string {
  return plain(outside === undefined ? name : `here ${outside.variable} is given ${outside.value}, outside ${outside.range}`)
}

/** How the behaviour goes on for ever. */
function lassoText({ lasso }: Pick<Violation, 'lasso'>): string {
  if (lasso === undefined) return ''
  return 'stutters' in lasso
    ? 'stuttering: nothing changes any more'
    : `back to step ${lasso.backTo}: ${plain(callText(lasso.action, lasso.parameters))}${lasso.abstractStep === undefined ? '' : ` | ${plain(lasso.abstractStep)}`}`
}

function reasons(page: Page, because: readonly Reason[]): void {
  for (const { path, value } of because) page.add(4, value === '' ? plain(path) : `${plain(path)}: ${plain(value)}`)
}

/** Instances of one action that are not enabled for the same reason, as one. */
function alike(because: readonly Reason[]): Reason[] {
  const groups = new Map<string, { action: string; value: string; calls: string[] }>()
  for (const { path, value } of because) {
    const action = path.split('(')[0] as string
    const key = JSON.stringify([action, value])
    const group = groups.get(key)
    if (group) group.calls.push(path)
    else groups.set(key, { action, value, calls: [path] })
  }
  const several = new Set<string>()
  const seen = new Set<string>()
  for (const { action } of groups.values()) (seen.has(action) ? several : seen).add(action)
  return [...groups.values()].map(({ action, value, calls }) => ({
    path: calls.length === 1 ? (calls[0] as string) : several.has(action) ? calls.join(', ') : `${action} for all parameters`,
    value,
  }))
}

/** The least room for the abstract side of a trace. */
const LEAST_ROOM = 24

/** Numbered steps; the whole first state, then what changes. Where a refinement is violated, the abstract steps beside them. */
function trace(page: Page, steps: readonly TraceStep[], verbose: boolean): void {
  const [refinement] = steps.flatMap(({ abstract }) => (abstract ? [abstract.name] : []))
  if (refinement === undefined) {
    steps.forEach((step, i) => {
      stepLines(page, step, i, verbose)
    })
    return
  }
  // Both sides of each step by themselves, to know how wide they are; the colours come last.
  const wide = new Page({})
  const left = steps.map((step, i) => {
    const before = wide.lines.length
    stepLines(wide, step, i, verbose)
    return wide.lines.slice(before)
  })
  const right = steps.map(abstractLines)
  const column = Math.max(...left.flat().map((line) => line.length)) + 3
  const room = page.width - column - 2
  if (room < LEAST_ROOM) {
    steps.forEach((step, i) => {
      stepLines(page, step, i, verbose)
      for (const line of right[i] as string[]) page.add(6, `${plain(refinement)} | ${line}`, page.paint.dim)
    })
    return
  }
  page.add(0, `${' '.repeat(column)}| ${plain(refinement)}`, page.paint.bold)
  steps.forEach((_, i) => {
    const beside = (right[i] as string[]).flatMap((line) => fold(line, room, 2))
    const own = left[i] as string[]
    for (let row = 0; row < Math.max(own.length, beside.length); row++) {
      const colour = row === 0 ? page.paint.bold : i === 0 ? page.paint.dim : page.paint.cyan
      page.lines.push(`${colour((own[row] ?? '').padEnd(column))}${page.paint.dim('|')} ${colour(beside[row] ?? '')}`.trimEnd())
    }
  })
}

/** The abstract side of a step: what it is there, and what changes. */
function abstractLines({ abstract }: TraceStep): string[] {
  if (abstract === undefined) return []
  if (abstract.step === null)
    return [
      'initial state',
      ...abstract.state
        .toSeq()
        .entrySeq()
        .map(([name, value]) => `${plain(nameText(String(name)))}: ${plain(valueText(value))}`),
    ]
  return [plain(abstract.step), ...changeTexts(abstract.changes).map(plain)]
}

function stepLines(page: Page, step: TraceStep, i: number, verbose: boolean): void {
  const name = step.action === null ? 'initial state' : plain(callText(step.action, step.parameters))
  const picks = step.picks.length > 0 ? `  picks ${step.picks.map((pick) => plain(valueText(pick))).join(', ')}` : ''
  page.add(2, `${String(i).padStart(2)}  ${name}${picks}`, page.paint.bold)
  if (step.action !== null) changes(page, step)
  if (step.failed) return
  if (step.action === null || verbose) {
    if (step.action !== null) page.add(6, 'state:', page.paint.dim)
    for (const [variable, value] of step.state.toSeq().entries()) valueLines(page, step.action === null ? 6 : 8, nameText(String(variable)), value)
  }
  for (const { name, value } of step.shown) page.add(6, `${plain(nameText(name))} = ${plain(valueText(value))}`, page.paint.dim)
}

/** A variable on one line where it fits, its parts on lines of their own where it does not. */
function valueLines(page: Page, indent: number, name: string, value: unknown): void {
  const line = `${plain(name)}: ${plain(valueText(value))}`
  const room = Math.min(page.width, 100) - indent
  const parts = line.length > room ? partsOf(value) : []
  if (parts.length === 0) {
    page.add(indent, line, page.paint.dim)
    return
  }
  page.add(indent, `${plain(name)}:`, page.paint.dim)
  for (const [key, part] of parts) valueLines(page, indent + 2, valueText(key), part)
}

function partsOf(value: unknown): [unknown, unknown][] {
  if (isRecord(value)) return [...value.toSeq().entries()]
  return isKeyed(value) ? [...value.entries()].sort(([a], [b]) => compareNatural(valueText(a), valueText(b))) : []
}

function changes(page: Page, step: TraceStep): void {
  if (step.changes.length === 0 && !step.failed) page.add(6, 'nothing changes', page.paint.dim)
  for (const text of changeTexts(step.changes)) page.add(6, plain(text), page.paint.cyan)
}

/** `current: null -> r1`, `prepared: + r1 - r2` */
export function changeTexts(changes: readonly Change[]): string[] {
  const texts: string[] = []
  const elements = new Map<string, { gone: string[]; come: string[] }>()
  for (const { path, old, new: next } of changes) {
    if (old !== null && next !== null) texts.push(`${path}: ${old} -> ${next}`)
    else {
      const group = elements.get(path) ?? { gone: [], come: [] }
      if (!elements.has(path)) texts.push(path)
      elements.set(path, group)
      if (old !== null) group.gone.push(old)
      if (next !== null) group.come.push(next)
    }
  }
  return texts.map((text) => {
    const group = elements.get(text)
    if (!group) return text
    const parts = [
      ...group.come.sort(compareNatural).map((element) => `+ ${element}`),
      ...group.gone.sort(compareNatural).map((element) => `- ${element}`),
    ]
    return `${text}: ${parts.join(' ')}`
  })
}

function figures(page: Page, result: Result, verbose: boolean): void {
  const { distinct, generated, depth, queue, seconds, engine, actions, warnings } = result
  const speed = seconds >= 0.1 ? `, ${number(distinct / seconds)} states/s` : ''
  page.add(
    2,
    `${plural(distinct, 'distinct state')}, ${number(generated)} generated, depth ${number(depth)}, ${secondsText(seconds)}${speed}${queue > 0 ? `, ${number(queue)} not expanded` : ''}`,
  )
  page.add(
    2,
    `${plural(engine.leaves, 'learned leaf', 'learned leaves')}, ${plural(engine.calls, 'call')} of the spec's functions${verbose ? `, ${number(engine.compared)} of them compared with plain data` : ''}, ${engine.keys} keys${collisions(result)}`,
    page.paint.dim,
  )
  if (engine.symmetry)
    page.add(
      2,
      `states that differ only by a permutation of ids count as one: ${engine.symmetry.scalarsets.map(({ name, size }) => `${plain(name)}1 to ${plain(name)}${size}`).join(', ')}`,
      page.paint.dim,
    )
  const idle = (enabled: boolean): string =>
    actions
      .filter((action) => action.generated === 0 && action.enabled === enabled)
      .map(({ name }) => plain(name))
      .join(', ')
  const all = result.incomplete === null && queue === 0
  const where = `${result.constrained > 0 ? ' inside the constraint' : ''}${all ? '' : ' so far'}`
  if (idle(false) !== '' && !warnings.some(({ kind }) => kind === 'never-enabled'))
    page.add(2, `actions never enabled${where}: ${idle(false)}`, page.paint.dim)
  if (idle(true) !== '') page.add(2, `actions enabled only where their assertion fails${where}: ${idle(true)}`, page.paint.dim)
  if (verbose) {
    page.add(
      2,
      `${plural(engine.slots, 'slot')}, ${plural(engine.bitsPerState, 'bit')} per state${result.constrained > 0 ? `, ${plural(result.constrained, 'state')} outside the constraint` : ''}`,
      page.paint.dim,
    )
    if (engine.product !== undefined)
      page.add(2, `temporal properties: ${plural(engine.product, 'state')} of the largest product of graph and automaton`, page.paint.dim)
    for (const reason of engine.direct) page.add(2, `called directly: ${plain(reason)}`, page.paint.dim)
    const width = Math.max(0, ...actions.map(({ name }) => plain(name).length))
    for (const action of actions)
      page.add(4, `${plain(action.name).padEnd(width)}  ${number(action.generated)} generated, ${number(action.distinct)} new`, page.paint.dim)
  }
  if (result.confirmation) page.add(2, confirmationText(result.confirmation), page.paint.dim)
  for (const warning of warnings) page.add(2, `warning: ${plain(warning.text)}`, page.paint.yellow)
}

/** "confirmed by the reference checker: 733 states", or why not. */
export function confirmationText({ states, unconfirmed }: Confirmation): string {
  const left = unconfirmed.length > 0 ? `not confirmed: ${unconfirmed.map(plain).join('; ')}` : ''
  if (states === null) return left
  return `confirmed by the reference checker: ${plural(states, 'state')}${left === '' ? '' : `; ${left}`}`
}

function collisions({ collisionProbability }: Result): string {
  return collisionProbability > 0 ? `, probability that two states were taken for one: ${collisionProbability.toPrecision(2)}` : ''
}

/** What closes the report of several instances: where something was found, a line each; then how many are as expected. */
export function terminalSummary(
  results: readonly Result[],
  failures: readonly { spec: string; instance: string }[],
  options: TerminalOptions = {},
): string {
  const page = new Page(options)
  const status = (result: Result): 'passed' | 'failed' | 'incomplete' => outcome(result, options.strict ?? false)
  const passed = results.filter((result) => status(result) === 'passed').length
  const all = results.length + failures.length
  if (results.some(({ violation }) => violation !== null) || failures.length > 0) {
    const colours = { passed: page.paint.green, failed: page.paint.red, incomplete: page.paint.yellow }
    for (const result of results) page.add(0, `${MARK[status(result)]} ${instanceName(result)}: ${verdictText(result)}`, colours[status(result)])
    for (const failure of failures) page.add(0, `✗ ${instanceName(failure)}: error`, page.paint.red)
    page.blank()
  }
  page.add(0, `${number(passed)} of ${plural(all, 'instance')} as expected`, (line) =>
    page.paint.bold(passed === all ? page.paint.green(line) : line),
  )
  return page.text()
}

/** A replayed trace by itself. */
export function terminalTrace(title: string, steps: readonly TraceStep[], options: TerminalOptions = {}): string {
  const page = new Page(options)
  page.add(0, plain(title), page.paint.bold)
  page.blank()
  trace(page, steps, options.verbose ?? false)
  return page.text()
}

/** A violation by itself: its title, its trace and what decided. */
export function terminalViolation(violation: Violation, options: TerminalOptions = {}): string {
  const page = new Page(options)
  violationLines(page, violation, options.verbose ?? false)
  return page.text()
}
