/** `simulate(spec, options)`: random behaviours of one instance, for state spaces too large to check. */
import { SpecError } from '../errors.ts'
import { SIMULATE, validate } from '../options.ts'
import { stateText, violationOf } from '../trace/violation.ts'
import { temporalViolationOf } from '../trace/temporal.ts'
import { expectationText } from '../verdict/expectations.ts'
import { type Context, noInitialState, prepared } from './context.ts'
import { host } from './host.ts'
import { checksOf } from './instance.ts'
import type { CheckOptions } from './options.ts'
import { outOfRange } from './range.ts'
import { anew, inParts, LASSO, run, taken } from './slices.ts'
import type { SimulationResult } from '../program/simulation.ts'
import type { Violation } from '../program/result.ts'
import type { RefinementInfo } from '../program/temporal.ts'
import type { Finding } from '../explore/inspector.ts'
import { type SimulatedRefinement, Simulation } from '../explore/simulate.ts'
import { Abstract } from '../temporal/refinement.ts'
import { aboutRefinement, findTemporal, type TemporalFinding } from '../temporal/temporal.ts'
import type { AnySpec } from '../spec/spec.ts'

export interface SimulateOptions
  extends Pick<CheckOptions, 'instance' | 'constants' | 'timeout' | 'callTimeout' | 'signal' | 'onProgress' | 'learning'> {
  /** Decides all choices: a whole number from 0 to 2^32 - 1. Without one it is drawn, and the result tells it. */
  readonly seed?: number
  /** How many behaviours; 1000 by default. */
  readonly runs?: number
  /** Steps per behaviour; 100 by default. */
  readonly depth?: number
  /** false: a violation is shown as it was found, not shortened. */
  readonly shrink?: boolean
}

/**
 * Simulates one instance of a spec: random behaviours from its initial states, the same properties as in a check, until something is violated or
 * all runs are done. Temporal properties come last: a counterexample is looked for among all behaviours through the states that were visited. What
 * it finds is true and can be replayed; what it does not find may still be there.
 *
 * Throws `UsageError` and `SpecError` as `check` does.
 */
export async function simulate(spec: AnySpec, options: SimulateOptions = {}): Promise<SimulationResult> {
  validate(options, SIMULATE, 'simulate()')
  const started = performance.now()
  const { seed = Math.floor(Math.random() * 2 ** 32) } = options
  return anew({ ...options, seed }, (again) => simulateOnce(prepared(spec, again, { ...again, compiling: false }, started)))
}

async function simulateOnce(context: Context<SimulateOptions & { readonly seed: number }>): Promise<SimulationResult> {
  const { spec, instance, model, program, options, checked, seconds } = context
  const { runs = 1000, depth = 100, seed } = options
  const { expectation } = instance
  const refinements = program.temporal.refinements.filter(({ name }) => checked(name))
  const lasting = [
    ...new Set(model.properties.map(({ name }) => name).filter(checked)),
    ...refinements.filter(({ abstract }) => abstract.temporal.fairness.length > 0).map(({ name }) => `the fairness of ${name}`),
  ]
  const bounds = { seed, runs, depth, shrink: options.shrink ?? true, keep: lasting.length > 0 ? KEPT : 0 }
  const simulation = new Simulation(program, checksOf(program, expectation), bounds, refinements.map(simulated))
  try {
    await run(simulation, program, options, seconds)
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    error.trace = simulation.behaviour.map((state) => stateText(program, state, 0))
    const arena = simulation.underWay
    if (error.outside === undefined || arena.length === 0) throw error
    throw outOfRange(model, program, error, { arena, from: arena.length - 1 }, options)
  }
  if (simulation.visited === 0 && simulation.stopped === null) throw noInitialState(context)
  const broken = ({ property, state, instance }: Finding): Violation =>
    temporalViolationOf(model, program, simulation, {
      ...aboutRefinement(refinements[property] as RefinementInfo, simulation.arena.length === 0),
      states: Array.from({ length: simulation.arena.length }, (_, i) => i),
      last: { state: state as Int32Array, instance },
      backTo: undefined,
      fairness: [],
    })
  const { finding, found, visited, distinct } = simulation
  const looked =
    lasting.length > 0 && finding === null && simulation.stopped === null
      ? await inParts(program, findTemporal(program, simulation.kept, checked), options, simulation.taken / 10, seconds)
      : null
  const lassos = Array.isArray(looked) ? (looked as readonly TemporalFinding[]) : []
  const lasso = lassos.find(({ name }) => name === expectation.violates) ?? lassos[0]
  const violationFound = (): Violation | null =>
    finding !== null
      ? finding.kind === 'refinement'
        ? broken(finding)
        : violationOf(model, program, simulation, finding)
      : lasso
        ? temporalViolationOf(model, program, { arena: simulation.kept }, lasso)
        : null
  const violation = taken(program, () => host.silently(violationFound), depth + LASSO, options.callTimeout)
  const asExpected = expectation.deadlocks
    ? violation?.kind === 'deadlock'
    : expectation.violates !== undefined
      ? violation?.name === expectation.violates
      : violation === null
  return {
    spec: spec.name,
    instance: instance.name,
    constants: instance.constants,
    seed,
    runs: simulation.runs,
    depth,
    verdict: violation === null ? 'nothing-found' : violation.kind === 'deadlock' ? 'deadlocked' : 'violated',
    expectation: options.constants !== undefined ? null : expectationText(expectation),
    expected: options.constants !== undefined ? violation === null : asExpected,
    violation,
    found: found && { run: found.run + 1, steps: found.steps },
    visited,
    distinct,
    revisited: visited - distinct,
    steps: simulation.taken,
    lengths: [...simulation.histogram].map(([steps, runs]) => ({ steps, runs })).sort((a, b) => a.steps - b.steps),
    ended: simulation.ended,
    deadlocks: simulation.deadlocks,
    constrained: simulation.constrained,
    actions: program.actions.map((name, i) => ({ name, taken: simulation.takenBy[i] as number })),
    unreached: simulation.unreached.map((i) => program.reachables[i]?.name as string),
    unchecked: Array.isArray(looked) ? [] : lasting,
    looked: Array.isArray(looked) ? { properties: lasting, states: simulation.kept.length } : null,
    seconds: seconds(),
    incomplete: simulation.stopped ?? (typeof looked === 'string' ? looked : null),
  }
}

/** States that are kept to look for counterexamples of temporal properties among them. */
const KEPT = 1_000_000

/** A refinement as far as states and steps can break it. */
function simulated(info: RefinementInfo): SimulatedRefinement {
  const abstract = new Abstract(info)
  return {
    name: info.name,
    begins: (state) => abstract.begins(abstract.of(state, 0)),
    goes: (before, after) => abstract.goes(abstract.of(before, 0), abstract.of(after, 0)),
  }
}
