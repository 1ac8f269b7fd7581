/** A trace that was replayed: what is false at its end, and if it went on for ever; in words, and as an instance of the JSON document. */
import type { Result, TraceStep, Violation, ViolationKind } from '../program/result.ts'
import { callText } from '../program/text.ts'
import { instanceToJson, type Json, stepToJson } from './json.ts'
import type { TerminalOptions } from './page.ts'
import { terminalTrace } from './terminal.ts'
import { plain } from './text.ts'

interface Falsehood {
  readonly kind: ViolationKind
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** One way in which a trace may go on for ever: back to a step, or (-1) where it is. */
interface Way {
  readonly backTo: number
  /** The fairness that it does not have. */
  readonly unfair: readonly string[]
  readonly failed: readonly Falsehood[]
}

export interface Replayed {
  readonly file: string
  readonly spec: string
  readonly instance: string
  readonly constants: Readonly<Record<string, unknown>>
  readonly trace: readonly TraceStep[]
  /** What is false at its end. */
  readonly failed: readonly Falsehood[]
  readonly ways: readonly Way[]
  /** The trace as it was given. */
  readonly path: string
}

/** What the end of a trace is in words, by kind. */
const END: Readonly<Record<ViolationKind, (of: Falsehood) => string>> = {
  deadlock: () => 'deadlock: no action is enabled',
  assertion: ({ name }) => `assertion fails: ${name}`,
  range: ({ name }) => `a value does not fit: ${name}`,
  invariant: isFalse,
  step: isFalse,
  reachable: isFalse,
  property: isFalse,
  refinement: isFalse,
}

function isFalse({ kind, name, parameters }: Falsehood): string {
  return `${kind} ${callText(name, parameters)} is false`
}

export function replayedText({ spec, instance, trace, failed, ways }: Replayed, options: TerminalOptions): string {
  const steps = trace.length - 1
  const shown = terminalTrace(`${spec} ${instance}: ${steps} ${steps === 1 ? 'step' : 'steps'} replayed`, trace, options)
  const found = failed.map((one) => END[one.kind](one))
  const end = found.length === 0 ? 'nothing is false at its end' : `at its end: ${found.join('; ')}`
  return `${shown}\n${end}\n${ways.map((way) => `${endlessText(way)}\n`).join('')}`
}

/** What is false for a path that goes on for ever in one way. */
function endlessText({ backTo, unfair, failed }: Way): string {
  const how = backTo < 0 ? 'if it stays there for ever' : `if it goes back to step ${backTo} for ever`
  if (unfair.length > 0) return `${how}: no behaviour, for want of ${unfair.map(plain).join(', ')}`
  const found = failed.map(({ kind, name, parameters }) => `${kind} ${plain(callText(name, parameters))} is false`)
  return `${how}: ${found.length === 0 ? 'nothing is false' : found.join('; ')}`
}

export function replayedJson({ file, spec, instance, constants, trace, failed, ways, path }: Replayed): Json {
  const [first] = [...failed, ...ways.flatMap((way) => (way.unfair.length === 0 ? way.failed : []))]
  const violation: Violation | null = first
    ? { kind: first.kind, name: first.name, parameters: first.parameters, steps: trace.length - 1, because: [], trace, replay: path }
    : null
  const result: Result = {
    spec,
    instance,
    constants,
    verdict: violation === null ? 'incomplete' : violation.kind === 'deadlock' ? 'deadlocked' : 'violated',
    expectation: null,
    expected: violation === null,
    mismatches: [],
    distinct: trace.length,
    generated: trace.length,
    depth: trace.length,
    queue: 0,
    constrained: 0,
    seconds: 0,
    collisionProbability: 0,
    violation,
    violations: violation ? [violation] : [],
    incomplete: null,
    actions: [],
    warnings: [{ kind: 'only', text: 'only the states of the replayed trace were visited', vacuous: false }],
    engine: { keys: 'exact', bitsPerState: 0, slots: 0, leaves: 0, calls: 0, compared: 0, direct: [] },
  }
  // The trace is there whether or not anything is false at its end.
  return { ...(instanceToJson(file, result) as object), trace: trace.map(stepToJson) }
}
