/**
 * The trace of a violation as a DOT graph: a vertical chain of states, an edge per step. Classes (`state`, `violating`, …) and the
 * mark in front of changed lines tell `svg.ts` what to colour; the graph is readable without it.
 */
import type { Result, StateValue, TraceStep, Violation } from '../program/result.ts'
import { callText, nameText, valueText } from '../program/text.ts'
import { columns, counted, dotString, leftLines, wrap } from './labels.ts'
import { type Entries, type Line, stateLines } from './state.ts'

/** In front of a line that a step changed. */
export const MARK = '▌'

/** A trace with more states is drawn without its middle. */
export const MAX_STATES = 100
const FIRST_STATES = 20

const MAX_REASONS = 30

export const COLORS = {
  ink: '#0f172a',
  line: '#475569',
  faint: '#64748b',
  red: '#b91c1c',
  pink: '#fef2f2',
  note: '#fffbeb',
  noteLine: '#a16207',
} as const

/** What a drawing says besides the violation. */
export type Drawn = Pick<Result, 'spec' | 'instance' | 'constants' | 'distinct' | 'incomplete'>

export function traceToDot(result: Drawn, violation: Violation): string {
  const { trace } = violation
  const title = [`${result.spec} · ${result.instance}`, ...wrap(headline(violation), 76, '  '), ...constantsLines(result.constants)]
  const states = trace.filter((step) => !step.failed).length
  if (states > 1) title.push(`${MARK} changed by the step before`)
  const out = [
    `digraph ${dotString(`${result.spec} ${result.instance}`)} {`,
    `  graph [class="trace" label="${leftLines([...title, ' '])}" labelloc=t labeljust=l fontname="Courier" fontsize=14 fontcolor="${COLORS.ink}" bgcolor="white" nodesep=0.35 ranksep=0.3 pad=0.2]`,
    `  node [shape=box fontname="Courier" fontsize=12 color="${COLORS.line}" fontcolor="${COLORS.ink}" margin="0.14,0.06"]`,
    `  edge [fontname="Courier" fontsize=12 color="${COLORS.line}" fontcolor="${COLORS.ink}" arrowsize=0.8 weight=100]`,
  ]
  if (trace.length === 0) {
    out.push(`  nothing [class="nothing" shape=box margin="0.25,0.15" label="${leftLines(wrap(nothingText(result, violation), 60))}"]`)
  } else {
    chain(out, violation)
  }
  out.push('}', '')
  return out.join('\n')
}

function chain(out: string[], violation: Violation): void {
  const { trace } = violation
  const left = trace.length > MAX_STATES ? { from: FIRST_STATES, to: trace.length - (MAX_STATES - FIRST_STATES) } : null
  const drawn = trace.map((step, i) =>
    left && i >= left.from && i < left.to
      ? []
      : step.failed
        ? failureLines(violation)
        : stateText(trace, i, i === trace.length - 1 ? violation : null),
  )
  // Boxes of one width: a column of Courier is 0.6 of its size.
  const widest = Math.max(24, ...drawn.flat().map(columns))
  const width = `width=${((widest * 0.6 * 12 + 20) / 72).toFixed(2)}`
  let previous = ''
  trace.forEach((step, i) => {
    if (left && i >= left.from && i < left.to) {
      if (i === left.from) {
        out.push(
          `  gap [class="gap" shape=box style=dashed label="${leftLines(gapLines(trace, left.from, left.to))}"]`,
          `  ${previous} -> gap [class="skip" style=dashed]`,
        )
        previous = 'gap'
      }
      return
    }
    const name = step.failed ? 'failure' : `s${i}`
    const last = i === trace.length - 1
    const label = `label="${leftLines(drawn[i] as string[])}" ${width}`
    const red = `color="${COLORS.red}" penwidth=3`
    if (step.failed) out.push(`  failure [class="failure" ${label} style=filled fillcolor="${COLORS.pink}" ${red}]`)
    else out.push(`  ${name} [class="state${last ? ' violating' : ''}" ${label}${last ? ` ${red}` : ''}]`)
    if (previous !== '') out.push(`  ${previous} -> ${name} [${stepAttributes(step, i, last && violation.kind === 'step')}]`)
    previous = name
  })
  lassoEdge(out, violation, previous, left)
  const note = noteLines(violation)
  if (note.length > 0) {
    out.push(
      `  why [class="why" shape=note style=filled color="${COLORS.noteLine}" fillcolor="${COLORS.note}" margin="0.16,0.1" label="${leftLines(note)}"]`,
      `  ${previous} -> why [class="because" style=dashed arrowhead=none color="${COLORS.noteLine}"]`,
      `  { rank=same; ${previous}; why }`,
    )
  }
}

/** The step that closes the cycle, or the stuttering of the last state: a bold edge. */
function lassoEdge(out: string[], violation: Violation, last: string, left: { from: number; to: number } | null): void {
  const { lasso, trace } = violation
  if (lasso === undefined) return
  const bold = `style=bold color="${COLORS.red}" fontcolor="${COLORS.red}" penwidth=3 constraint=false weight=0`
  if ('stutters' in lasso) {
    // Below the box: at its right side is the note that says why.
    out.push(`  ${last} -> ${last} [class="back" tailport=s headport=s label="stutters for ever" ${bold}]`)
    return
  }
  const { backTo, action, parameters, abstractStep } = lasso
  const target = left && backTo >= left.from && backTo < left.to ? 'gap' : `s${backTo}`
  const lines = [
    ...wrap(` ${trace.length}. ${callText(action, parameters)}`, 60, '     '),
    ...(abstractStep === undefined ? [] : wrap(`   ${violation.name}: ${abstractStep}`, 60, '     ')),
    `   back to ${backTo === 0 ? 'the initial state' : `state ${backTo}`}`,
  ]
  out.push(`  ${last} -> ${target} [class="back" label="${leftLines(lines)}" ${bold}]`)
}

/** The lines of a state's box; `violation` where it is the violating one. */
function stateText(trace: readonly TraceStep[], i: number, violation: Violation | null): string[] {
  const step = trace[i] as TraceStep
  const before = i > 0 ? (trace[i - 1] as TraceStep) : null
  // A step whose assertion failed has no state of its own: the last one is that before it.
  const lastState = trace.length - (trace.at(-1)?.failed ? 2 : 1)
  const compact = i > 0 && i < lastState
  const lines = stateLines(variables(step.state), before && new Map(variables(before.state)), compact)
  const shown = stateLines(shownEntries(step), before && new Map(shownEntries(before)))
  const same = before !== null && step.changes.length === 0 && !lines.some(({ changed }) => changed)
  const head =
    i === 0
      ? step.action === null
        ? 'Initial state'
        : `Initial state: ${callText(step.action, step.parameters)}`
      : `State ${i}${same ? ' (as before)' : ''}`
  const text = [...[head, ...(violation ? [`✗ ${verdict(violation)}`] : [])].flatMap((line) => wrap(line, 60)), ...body(lines)]
  if (shown.length > 0) text.push('Derived', ...body(shown))
  const { abstract } = step
  if (abstract) {
    text.push(...wrap(`${abstract.name}: ${abstract.step ?? 'initial state'}`, 60))
    text.push(...body(stateLines(variables(abstract.state), before?.abstract ? new Map(variables(before.abstract.state)) : null, compact)))
  }
  return text
}

const variables = (state: StateValue): Entries => [...state.toSeq().entries()].map(([name, value]): [string, unknown] => [String(name), value])
const shownEntries = (step: TraceStep): Entries => step.shown.map(({ name, value }) => [name, value] as const)

/** Each line behind the mark or behind empty columns: so no line of a value can be taken for a marked one, or for a heading. */
const body = (lines: readonly Line[]): string[] => lines.map(({ text, changed }) => `${changed ? MARK : ' '} ${text}`)

const failureLines = (violation: Violation): string[] => [
  '✗ The step fails: there is no next state',
  ...wrap(`  ${violation.kind === 'range' ? 'out of range' : 'assertion failed'}: ${violation.name}`, 60, '  '),
]

function stepAttributes(step: TraceStep, i: number, broken: boolean): string {
  const number = `${i}. `
  const lines = wrap(` ${number}${callText(step.action ?? '', step.parameters)}`, 60, '     ')
  if (step.picks.length > 0) lines.push(...wrap(`   picks ${step.picks.map(valueText).join(', ')}`, 60, '     '))
  const attributes = [`class="step"`, `label="${leftLines(lines)}"`]
  if (step.failed) attributes.push('style=dashed')
  if (step.failed || broken) attributes.push(`color="${COLORS.red}" fontcolor="${COLORS.red}" penwidth=2`)
  return attributes.join(' ')
}

function gapLines(trace: readonly TraceStep[], from: number, to: number): string[] {
  const counts = new Map<string, number>()
  for (const { action } of trace.slice(from, to)) counts.set(action ?? '', (counts.get(action ?? '') ?? 0) + 1)
  const common = [...counts].sort(([, a], [, b]) => b - a)
  const list = common.slice(0, 8).map(([action, n]) => `${action} ×${n}`)
  if (common.length > list.length) list.push('…')
  return [`⋮ ${counted(to - from, 'step')} left out: ${from} to ${to - 1}`, ...wrap(list.join(', '), 60)]
}

/** The one line that says what happened. */
function headline(violation: Violation): string {
  const { kind, steps } = violation
  const when = steps === 0 ? 'in the initial state' : `after ${counted(steps, 'step')}`
  const name = callText(violation.name, violation.parameters)
  switch (kind) {
    case 'invariant':
      return `Invariant ${name} is violated ${when}`
    case 'assertion':
      return `Assertion failed ${when}: ${name}`
    case 'range':
      return `Out of range ${when}: ${name}`
    case 'deadlock':
      return `Deadlock ${when}`
    case 'step':
      return `Step property ${name} is violated ${when}`
    case 'property':
      return `Property ${name} is violated ${violation.lasso && 'stutters' in violation.lasso ? `${when}, where the behaviour ends` : `by a behaviour that repeats itself ${when}`}`
    case 'refinement':
      return `Refinement ${name} is violated ${when}`
    case 'reachable':
      return `No reachable state satisfies ${name}`
    default:
      return `${kind as string} ${name} ${when}`
  }
}

/** What is wrong with the state, in its header. */
function verdict(violation: Violation): string {
  const name = callText(violation.name, violation.parameters)
  switch (violation.kind) {
    case 'deadlock':
      return 'deadlock: no action is enabled'
    case 'step':
      return `the step to here violates ${name}`
    case 'assertion':
      return `assertion failed: ${name}`
    case 'property':
      return violation.lasso && 'stutters' in violation.lasso ? `stutters here for ever: violates ${name}` : `goes back: violates ${name}`
    case 'refinement':
      return violation.lasso ? `violates ${name}` : `the step to here is none of ${name}`
    default:
      return `violates ${name}`
  }
}

function noteLines(violation: Violation): string[] {
  const { because, kind, fairness = [] } = violation
  if (kind === 'property' || kind === 'refinement') {
    const notes = fairness.slice(0, MAX_REASONS).flatMap(({ text }) => wrap(text, 56, '  '))
    if (fairness.length > MAX_REASONS) notes.push(`… ${fairness.length - MAX_REASONS} more left out`)
    return [
      ...because.flatMap(({ path, value }) => wrap(`${path}: ${value}`, 56, '  ')),
      ...(notes.length > 0 ? ['Why no fairness rules this out', ...notes] : []),
    ]
  }
  if (because.length === 0) return []
  const lines = [
    kind === 'deadlock' ? 'What stops each action' : kind === 'assertion' || kind === 'range' ? 'What the step read' : 'Why: the values that decided',
  ]
  for (const { path, value } of because.slice(0, MAX_REASONS))
    lines.push(...wrap(kind === 'deadlock' ? `${path}: ${value}` : `${path} = ${value}`, 56, '  '))
  if (because.length > MAX_REASONS) lines.push(`… ${because.length - MAX_REASONS} more left out`)
  return lines
}

function nothingText(result: Drawn, violation: Violation): string {
  if (violation.kind !== 'reachable') return 'There is no trace to draw.'
  const complete = result.incomplete === null
  const seen = counted(result.distinct, 'distinct state')
  return complete
    ? `All ${seen} were visited: ${callText(violation.name, violation.parameters)} is false in each of them. There is no trace to draw.`
    : `Not found in the ${seen} that were visited; the search is not complete. There is no trace to draw.`
}

function constantsLines(constants: Readonly<Record<string, unknown>>): string[] {
  const list = Object.entries(constants).map(([name, value]) => `${nameText(name)}: ${valueText(value)}`)
  return list.length === 0 ? [] : wrap(`with ${list.join(', ')}`, 76, '     ').slice(0, 4)
}
