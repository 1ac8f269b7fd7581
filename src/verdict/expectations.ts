import type { Verdict, Violation, ViolationKind } from '../program/result.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { Expectation } from '../spec/spec.ts'

/** A finding, with what the result says of it. */
export interface Wrong {
  readonly kind: ViolationKind
  readonly name: string
  readonly steps: number
  readonly violation: () => Violation
}

export function mismatchesOf(
  expectation: Expectation,
  verdict: Verdict,
  first: Wrong | undefined,
  counts: { states: number; generated: number; depth: number },
): string[] {
  const mismatches: string[] = []
  const outcome =
    first === undefined
      ? verdict === 'holds'
        ? 'everything holds'
        : 'the search is incomplete'
      : first.kind === 'deadlock'
        ? `a deadlock after ${count(first.steps, 'step')}`
        : first.kind === 'reachable'
          ? `${first.name} is never reached`
          : `${first.name} is violated after ${count(first.steps, 'step')}`
  const met = expectation.deadlocks
    ? verdict === 'deadlocked'
    : expectation.violates !== undefined
      ? first?.name === expectation.violates && first.kind !== 'deadlock'
      : verdict === 'holds'
  if (!met) mismatches.push(`expected: ${expectationText(expectation)}; found: ${outcome}`)
  else if (expectation.steps !== undefined && first?.steps !== expectation.steps)
    mismatches.push(
      `expected a trace of ${count(expectation.steps, 'step')}; found ${first === undefined || first.kind === 'reachable' ? 'none' : first.steps}`,
    )
  for (const key of ['states', 'generated', 'depth'] as const) {
    const expected = expectation[key]
    const label = key === 'states' ? 'distinct states' : key === 'generated' ? 'states generated' : 'depth'
    if (expected !== undefined && expected !== counts[key]) mismatches.push(`expected ${label}: ${expected}; found ${counts[key]}`)
  }
  return mismatches
}

export function expectationText({ violates, deadlocks, steps }: Expectation): string {
  const after = steps === undefined ? '' : ` after ${count(steps, 'step')}`
  return deadlocks ? `a deadlock${after}` : violates === undefined ? 'everything holds' : `${violates} is violated${after}`
}

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** The names of all properties of a model. */
export function propertyNames(model: Model<Variables>): string[] {
  return [
    ...model.predicates.filter(({ kind }) => kind === 'invariant' || kind === 'reachable'),
    ...model.steps,
    ...model.properties,
    ...model.refinements,
  ].map(({ name }) => name)
}
