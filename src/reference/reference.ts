/**
 * The reference checker: what checking a model means, without anything that makes it fast.
 *
 * States are plain objects (plain.ts), told apart by their texts (text.ts). Level by level, every state is expanded by running every action with every
 * combination of its parameters and every choice. Slow, and right by inspection: the engine is compared against it. Of safety only: what
 * temporal properties and fairness mean is in temporal.ts, for graphs of a few states.
 */
import { type Outside, SpecError } from '../errors.ts'
import type { Path, PathStep } from '../program/path.ts'
import type { Verdict, ViolationKind } from '../program/result.ts'
import { type ActionInstance, actionInstances, combinations } from '../spec/combinations.ts'
import type { Model, PredicateDefinition, PredicateKind, Variables } from '../spec/model.ts'
import { initialOf } from './plain.ts'
import { evaluate, holds, nameOf, type Plain, runsOf, shapeOf } from './runs.ts'
import { textOf } from './text.ts'

export interface ReferenceOptions {
  /** Only these properties are checked ('deadlock' for deadlocks). */
  readonly only?: readonly string[]
  /** Stop when more than this many distinct states are found. */
  readonly maxStates?: number
  /** Go on after a violation and collect one per property. */
  readonly keepGoing?: boolean
}

/** A property that is false in a state or a step, with the values of its parameters for which it is. */
export interface Falsehood {
  readonly kind: ViolationKind
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** Only of `range`. */
  readonly outside?: Outside
}

export interface ReferenceViolation extends Falsehood {
  /** The length of the path in steps; an attempted one counts. */
  readonly steps: number
  /** The behaviour that leads there; empty for a `reachable` that was not reached. */
  readonly path: Path
}

export interface ReferenceResult {
  readonly verdict: Verdict
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  /** The fewest steps first, then in the order found. Without `keepGoing` only what was found up to the end of the first one's level. */
  readonly violations: readonly ReferenceViolation[]
}

/** A state that was found, and how. */
interface Node {
  readonly plain: Plain
  readonly path: Path
}

/** Where a violation was found: the number of the state expanded, and of the action instance. */
type Position = readonly [state: number, instance: number]

/** Among the violations of one action in one state. */
const ORDER: readonly ViolationKind[] = ['deadlock', 'assertion', 'step', 'invariant', 'reachable']

/** Checks a model: every reachable state, breadth first. */
export function referenceCheck(model: Model<Variables>, options: ReferenceOptions = {}): ReferenceResult {
  const search = referenceSearch(model, options)
  for (;;) {
    const { done, value } = search.next()
    if (done) return value
  }
}

/** The same, step by step: before each step it gives how many distinct states there are. */
export function* referenceSearch(model: Model<Variables>, options: ReferenceOptions = {}): Generator<number, ReferenceResult> {
  const { only, maxStates = Infinity, keepGoing = false } = options
  const violations = new Map<string, ReferenceViolation & { position: Position }>()
  const sought = new Set(predicates(model, 'reachable'))
  const visited = new Set<string>()
  let generated = 0
  let depth = 1
  let expanded = 0

  /** Keeps the first violation of each property. */
  const report = (falsehood: Falsehood, path: Path, position: Position): void => {
    const { kind, name } = falsehood
    if ((only && !only.includes(name)) || violations.has(`${kind} ${name}`)) return
    violations.set(`${kind} ${name}`, { ...falsehood, steps: Math.max(0, path.length - 1), path, position })
  }

  /** Looks at a state that was generated; adds it to the level if it is new and inside the constraints. */
  const found = (plain: Plain, path: Path, position: Position, level: Node[]): void => {
    generated++
    const key = keyIn(model, plain)
    if (visited.has(key)) return
    for (const falsehood of falseInvariants(model, plain)) report(falsehood, path, position)
    for (const reachable of sought) if (isTrue(model, reachable, plain)) sought.delete(reachable)
    if (!allHold(model, 'constraint', plain)) return
    visited.add(key)
    level.push({ plain, path })
  }

  let level: Node[] = []
  for (const { after, outcome, message, step } of initialRuns(model)) {
    if (outcome === 'failed')
      throw new SpecError(`the assertion ${JSON.stringify(message)} failed in init`, { hint: 'use when() to leave out initial states' })
    if (outcome === 'done') found(after, [step], [-1, step.instance], level)
    yield visited.size
  }
  if (generated === 0)
    throw new SpecError('the model has no initial state', { hint: 'every way through init ends at a when() that is false, or picks from nothing' })

  while (level.length > 0) {
    if (visited.size > maxStates || (violations.size > 0 && !keepGoing)) break
    const next: Node[] = []
    for (const { plain, path } of level) {
      const state = expanded++
      let enabled = false
      for (const { after, outcome, message, step, action } of successorRuns(model, plain)) {
        yield visited.size
        if (outcome === 'disabled') continue
        enabled = true
        const longer = [...path, step]
        const position: Position = [state, step.instance]
        if (outcome === 'failed') {
          report({ kind: 'assertion', name: message, parameters: {} }, longer, position)
          continue
        }
        found(after, longer, position, next)
        for (const falsehood of falseSteps(model, plain, after, action)) report(falsehood, longer, position)
      }
      if (!enabled && !mayEnd(model, plain)) report({ kind: 'deadlock', name: 'deadlock', parameters: {} }, path, [state, -1])
    }
    if (next.length > 0) depth++
    level = next
  }

  const complete = level.length === 0
  if (complete && (keepGoing || violations.size === 0))
    for (const { name } of sought) report({ kind: 'reachable', name, parameters: {} }, [], [-1, -1])
  if (visited.size === 0 && violations.size === 0) throw new SpecError('every initial state lies outside the constraint')
  const list = [...violations.values()]
    .sort(
      (a, b) => a.steps - b.steps || a.position[0] - b.position[0] || a.position[1] - b.position[1] || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind),
    )
    .map(({ position: _, ...violation }) => violation)
  const verdict = list[0] ? (list[0].kind === 'deadlock' ? 'deadlocked' : 'violated') : complete ? 'holds' : 'incomplete'
  return { verdict, distinct: visited.size, generated, depth, violations: list }
}

/** All ways to begin: each `init` with each of its choices; without any, the initial values of the types. */
export function* initialRuns(model: Model<Variables>) {
  const initial = initialOf(shapeOf(model)) as Plain
  const inits = model.initials.length > 0 ? model.initials : [{ run: () => {} }]
  for (const [instance, { run }] of inits.entries())
    for (const result of runsOf(model, 'the init', run, initial, {})) yield { ...result, step: { instance, picks: result.picks } satisfies PathStep }
}

/** All ways to go on from a state: each action with each combination of its parameters and each of its choices. */
export function* successorRuns(model: Model<Variables>, before: Plain) {
  for (const [instance, action] of actionInstances(model).entries()) {
    const { definition, parameters } = action
    for (const result of runsOf(model, nameOf('action', definition.name, parameters), definition.run, before, parameters))
      yield { ...result, action, step: { instance, picks: result.picks } satisfies PathStep }
  }
}

/** Whether it is no deadlock where nothing more happens: a terminal state, or one in which all processes are done. */
export function mayEnd(model: Model<Variables>, plain: Plain): boolean {
  const { processes } = model
  const done = (variable: string): boolean => Object.values(plain[variable] as object).every((label) => label === 'Done')
  return (
    predicates(model, 'terminal').some((terminal) => isTrue(model, terminal, plain)) ||
    (processes.length > 0 && processes.every(({ variable }) => done(variable)))
  )
}

/** Whether a state has no enabled step and should have. */
export function deadlocked(model: Model<Variables>, plain: Plain): boolean {
  try {
    for (const { outcome } of successorRuns(model, plain)) if (outcome !== 'disabled') return false
  } catch (error) {
    // An action that goes wrong here is at least not disabled.
    if (error instanceof SpecError) return false
    throw error
  }
  return !mayEnd(model, plain)
}

const predicates = (model: Model<Variables>, of: PredicateKind): PredicateDefinition[] => model.predicates.filter(({ kind }) => kind === of)

function isTrue(model: Model<Variables>, { kind, name, test }: PredicateDefinition, plain: Plain, parameters = {}): boolean {
  return holds(model, nameOf(kind, name, parameters), [plain], (s) => test(s, parameters))
}

export function allHold(model: Model<Variables>, kind: PredicateKind, plain: Plain): boolean {
  return predicates(model, kind).every((predicate) => isTrue(model, predicate, plain))
}

/** The invariants that are false in a state, in order, each with the first combination of its parameters for which it is. */
export function* falseInvariants(model: Model<Variables>, plain: Plain): Generator<Falsehood> {
  for (const invariant of predicates(model, 'invariant')) {
    const parameters = combinations(invariant.parameters).find((values) => !isTrue(model, invariant, plain, values))
    if (parameters) yield { kind: 'invariant', name: invariant.name, parameters }
  }
}

/** The step properties that a step breaks. A step that changes nothing breaks none. */
export function* falseSteps(model: Model<Variables>, before: Plain, after: Plain, { definition, parameters }: ActionInstance): Generator<Falsehood> {
  if (model.steps.length === 0 || same(before, after)) return
  const step = { action: definition.name, parameters }
  for (const { name, parameters: types, test } of model.steps) {
    const isFalse = (values: object): boolean =>
      !holds(model, nameOf('step', name, { ...values }), [before, after], (a, b) => test(a, b, values, step))
    const first = combinations(types).find(isFalse)
    if (first) yield { kind: 'step', name, parameters: first }
  }
}

/** Whether two states are one. */
export const same = (a: Plain, b: Plain): boolean => textOf(a) === textOf(b)

/** What tells states apart: the whole state, or its view. */
export function keyIn(model: Model<Variables>, plain: Plain): string {
  const [view] = model.views
  return textOf(view ? evaluate(model, 'the view', [plain], (s) => view.value(s, {})) : plain)
}
