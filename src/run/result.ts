/** The result of a check: the verdict, what it rests on, and what is expected. */
import { suggest } from '../errors.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { Confirmation, Result, Verdict, Warning } from '../program/result.ts'
import type { Context } from './context.ts'
import type { Engine } from '../explore/engine.ts'
import { host } from './host.ts'
import { profileOf } from './profile.ts'
import { LASSO, taken } from './slices.ts'
import type { Search } from './search.ts'
import type { TemporalRun } from './temporal.ts'
import { isSymmetric } from '../symmetry/symmetry.ts'
import { stepsOf } from '../temporal/temporal.ts'
import { temporalViolationOf } from '../trace/temporal.ts'
import { violationOf } from '../trace/violation.ts'
import { boundText } from '../verdict/bounds.ts'
import { expectationText, mismatchesOf, propertyNames, type Wrong } from '../verdict/expectations.ts'
import { NO_HEAP, ONE_THREAD, onlyOf, warningsOf } from '../verdict/warnings.ts'

/** What a check has come to. */
export interface Outcome {
  readonly search: Search
  readonly temporal: TemporalRun
  readonly figures: ProgramFigures
  /** Whether other threads explored as well. */
  readonly threaded: boolean
  /** Seconds of the search, and of all, those of earlier runs included. */
  readonly searched: number
  readonly elapsed: number
  readonly confirmation: Confirmation | null
}

export function resultOf(context: Context, { search, temporal, figures, threaded, searched, elapsed, confirmation }: Outcome): Result {
  const { spec, instance, program, options } = context
  const { engine, workers, alone, unreduced } = search
  const { expectation } = instance
  const { distinct, generated, depth } = engine
  const stopped = engine.stopped ?? temporal.stopped
  const ordered = allWrong(context, engine, temporal)
  // The violation that is expected is shown first, wherever there are several.
  const wanted = ordered.find(({ name, kind }) => (expectation.deadlocks ? kind === 'deadlock' : name === expectation.violates))
  const first = wanted ?? ordered[0]
  const shown = first === undefined ? [] : options.keepGoing ? [first, ...ordered.filter((one) => one !== first)] : [first]
  // What the spec logs while a trace is taken again was told before.
  const lengths = shown.reduce((sum, { steps }) => sum + steps, temporal.findings.length > 0 ? LASSO : 0)
  const violations = taken(program, () => host.silently(() => shown.map(({ violation }) => violation())), lengths, options.callTimeout)
  const verdict: Verdict = first === undefined ? (stopped === null ? 'holds' : 'incomplete') : first.kind === 'deadlock' ? 'deadlocked' : 'violated'

  const overridden = options.constants !== undefined
  const unknown = stopped === null ? unknownNames(context, figures) : []
  const { states: _states, generated: _generated, ...outcome } = expectation
  // Numbers that an instance pins are those with symmetry.
  const compared = options.symmetry === false && isSymmetric(program.layout) ? outcome : expectation
  const mismatches = overridden ? [] : [...mismatchesOf(compared, verdict, first, { states: distinct, generated, depth }), ...unknown]
  return {
    spec: spec.name,
    instance: instance.name,
    constants: instance.constants,
    verdict,
    expectation: overridden ? null : expectationText(expectation),
    expected: overridden ? verdict === 'holds' : mismatches.length === 0,
    mismatches,
    distinct,
    generated,
    depth,
    queue: engine.queue,
    constrained: engine.constrained,
    seconds: elapsed,
    collisionProbability: engine.exact ? 0 : Math.min(1, (distinct * (distinct - 1)) / 2 ** 65),
    violation: violations[0] ?? null,
    violations,
    incomplete: stopped === null ? null : { bound: stopped, text: boundText(stopped, engine, program, options) },
    actions: program.actions.map((name, action) => ({
      name,
      generated: sum(engine.generatedBy, (i) => program.instances[i]?.action === action),
      distinct: sum(engine.distinctBy, (i) => program.instances[i]?.action === action),
      enabled: !figures.neverEnabled.includes(name),
    })),
    warnings: [
      ...(unreduced === null ? [] : [unreducedBecause(unreduced)]),
      ...temporal.warnings,
      ...(overridden ? onlyOf(spec, options, unknown) : []),
      ...(alone ? [ONE_THREAD] : []),
      ...(program.accelerator.heapless ? [NO_HEAP] : []),
      ...warningsOf(context, figures, engine, ordered, shown, verdict),
    ],
    engine: {
      keys: engine.exact ? 'exact' : 'fingerprint',
      bitsPerState: program.layout.bits,
      slots: program.layout.slots.length,
      leaves: figures.leaves,
      calls: figures.calls,
      compared: figures.compared,
      direct: figures.direct,
      ...(temporal.nodes > 0 && { product: temporal.nodes }),
      ...(threaded && { workers }),
      ...(engine.scalarsets.length > 0 && { symmetry: { scalarsets: engine.scalarsets } }),
    },
    ...(confirmation && { confirmation }),
    ...(figures.profile && { profile: profileOf(figures.profile, searched, elapsed) }),
  }
}

/** All that is wrong: what the search has found, and then what is wrong with whole behaviours; the shortest first. */
function allWrong({ model, program }: Context, engine: Engine, temporal: TemporalRun): Wrong[] {
  return [
    ...engine.ordered().map((finding): Wrong => ({ ...finding, violation: () => violationOf(model, program, engine, finding) })),
    ...temporal.findings
      .map((finding): Wrong => ({ ...finding, steps: stepsOf(finding), violation: () => temporalViolationOf(model, program, engine, finding) }))
      .toSorted((a, b) => a.steps - b.steps),
  ]
}

/** What the instance expects of properties that nobody knows. An assertion has no name but its message, and is not known before it is reached. */
function unknownNames({ model, instance }: Context, { assertions }: ProgramFigures): string[] {
  const { violates, only } = instance.expectation
  const known = [...propertyNames(model), 'deadlock', ...assertions]
  return [...new Set([violates, ...(only ?? [])])].flatMap((name) =>
    name === undefined || known.includes(name)
      ? []
      : [
          `the instance names ${JSON.stringify(name)}: no property is called so, and no assertion with this message was reached (${suggest(name, known)})`,
        ],
  )
}

function unreducedBecause(properties: readonly string[]): Warning {
  return {
    kind: 'symmetry',
    text: `interchangeable ids were told apart, because temporal properties need every state: ${properties.join(', ')}`,
    vacuous: false,
  }
}

function sum(figures: Float64Array, where: (index: number) => boolean): number {
  return figures.reduce((total, figure, i) => (where(i) ? total + figure : total), 0)
}
