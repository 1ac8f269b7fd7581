/** From a counterexample of a temporal property or a refinement to a trace that the reference checker has confirmed. */
import { pathAlong, pathOf } from './path.ts'
import { InternalError } from '../errors.ts'
import { unpack } from '../layout/layout.ts'
import type { Learner } from '../learn/learner.ts'
import { formatPath } from '../program/path.ts'
import type { AbstractStep, StateValue, Violation } from '../program/result.ts'
import type { RefinementInfo } from '../program/temporal.ts'
import { callText, changesBetween, valueText } from '../program/text.ts'
import { brokenAt, endless } from '../reference/behaviour.ts'
import { replay } from '../reference/replay.ts'
import type { Plain } from '../reference/runs.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { TemporalFinding } from '../temporal/temporal.ts'
import type { Lookup } from '../explore/engine.ts'
import { stateText } from './violation.ts'

/** A counterexample of a temporal property or a refinement, taken step by step by the reference checker. */
export function temporalViolationOf(model: Model<Variables>, program: Learner, search: Lookup, finding: TemporalFinding): Violation {
  const { kind, name, parameters, states: indices, last, backTo, because, fairness, refinement } = finding
  const { arena } = search
  const cycle = backTo !== undefined && backTo >= 0
  const states = [
    ...indices.map((index) => ({ words: arena.segment(index), at: arena.offset(index) })),
    ...(last ? [{ words: last.state, at: 0 }] : []),
  ]
  const path = last
    ? pathOf(program, arena, { kind, name, from: indices.at(-1) ?? -1, ...last })
    : pathAlong(program, arena, cycle ? [...indices, indices[backTo] as number] : indices)
  const { trace, states: taken } = replay(model, path)
  const texts = states.map(({ words, at }) => stateText(program, words, at))
  if (trace.some(({ state }, i) => valueText(state) !== texts[i < texts.length ? i : (backTo as number)]))
    throw new InternalError(`the trace of ${name} (${formatPath(path)}) is different in the reference checker`)
  if (!confirmed(model, program, finding, taken))
    throw new InternalError(`the counterexample of ${name} (${formatPath(path)}) is none in the reference checker`)
  const closing = cycle ? trace.at(-1) : undefined
  const shown = states.map(({ words, at }) => (refinement ? abstractOf(refinement, words, at) : undefined))
  return {
    kind,
    name,
    parameters,
    steps: path.length - 1,
    because,
    trace: (closing ? trace.slice(0, -1) : trace).map((step, i) => {
      const here = shown[i]
      if (here === undefined || refinement === undefined) return step
      const before = shown[i - 1]
      const abstract: AbstractStep = {
        name: refinement.name,
        step: before ? abstractStep(refinement, before.words, here.words) : null,
        state: here.state,
        changes: before ? changesBetween(before.state, here.state) : [],
      }
      return { ...step, abstract }
    }),
    replay: formatPath(path),
    ...(backTo === undefined
      ? {}
      : {
          lasso: closing
            ? {
                backTo,
                action: closing.action as string,
                parameters: closing.parameters,
                ...(refinement && { abstractStep: abstractStep(refinement, shown.at(-1)?.words as Int32Array, shown[backTo]?.words as Int32Array) }),
              }
            : { stutters: true },
        }),
    ...(backTo === undefined ? {} : { fairness }),
  }
}

/** How much work the reference checker may have with a counterexample; a larger one is not confirmed as a whole, only its steps are. */
const CONFIRMED = 20_000_000

/** Whether a counterexample is one by the definitions: that it is fair, and what it makes false. */
function confirmed(model: Model<Variables>, program: Learner, { name, backTo, parameters }: TemporalFinding, taken: readonly Plain[]): boolean {
  if (taken.length ** 2 * program.instances.length * (1 + program.temporal.fairness.length) > CONFIRMED) return true
  if (backTo === undefined) {
    const refinement = model.refinements.find((one) => one.name === name)
    return refinement !== undefined && brokenAt(model, refinement, taken) === taken.length - 1
  }
  const way = endless(model, taken).find((one) => one.backTo === backTo)
  return (
    way !== undefined &&
    way.unfair.length === 0 &&
    way.failed.some((falsehood) => falsehood.name === name && callText(name, falsehood.parameters) === callText(name, parameters))
  )
}

/** The abstract state that a state stands for. */
function abstractOf({ abstract, map }: RefinementInfo, states: Int32Array, at: number): { words: Int32Array; state: StateValue } {
  const words = new Int32Array(abstract.layout.words)
  map(states, at, words, 0)
  return { words, state: abstract.layout.type.immutable(unpack(abstract.layout, words, 0)) as StateValue }
}

/** What the abstract model does between two of its states, as text. */
function abstractStep({ abstract }: RefinementInfo, before: Int32Array, after: Int32Array): string {
  if (before.every((word, w) => word === after[w])) return 'stutters'
  const step = abstract.stepTo(before, 0, after, 0)
  const info = step && abstract.instances[step.instance]
  return info ? callText(info.name, info.parameters) : 'no step of the abstract model'
}
