/** From a finding to a trace that the reference checker has taken, and the values that decided. */
import { pathOf, pathTo } from './path.ts'
import { InternalError } from '../errors.ts'
import { unpack } from '../layout/layout.ts'
import type { Learner } from '../learn/learner.ts'
import { formatPath, type Path, type PathStep } from '../program/path.ts'
import type { Reason, TraceStep, Violation } from '../program/result.ts'
import { callText, valueText } from '../program/text.ts'
import { replay } from '../reference/replay.ts'
import type { Finding } from '../explore/inspector.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { Engine, Lookup } from '../explore/engine.ts'

export function violationOf(model: Model<Variables>, program: Learner, search: Lookup, finding: Finding): Violation {
  const path = pathOf(program, search.arena, finding)
  const parameters =
    finding.kind === 'invariant'
      ? program.invariants[finding.property]?.parameters
      : finding.kind === 'step'
        ? program.steps[finding.property]?.parameters
        : undefined
  return {
    kind: finding.kind,
    name: finding.name,
    parameters: parameters ?? {},
    steps: finding.steps,
    because: because(program, search, finding, path),
    trace: traceOf(model, program, search, finding, path),
    replay: formatPath(path),
  }
}

function because(program: Learner, search: Lookup, { kind, property, from, state, instance }: Finding, path: Path): Reason[] {
  if (kind === 'reachable') return []
  if (kind === 'invariant') return program.explainInvariant(property, state as Int32Array, 0)
  const words = search.arena.segment(from)
  const at = search.arena.offset(from)
  if (kind === 'deadlock') return program.explainDeadlock(words, at)
  if (kind === 'step') return program.explainStep(property, instance, words, at, state as Int32Array, 0)
  return program.explainFailure(path[path.length - 1] as Path[number], words, at)
}

/**
 * The trace of a finding, taken step by step by the reference checker. Where that does not end in the same state with the same property
 * false, the fault is ours: nothing is reported then.
 */
function traceOf(model: Model<Variables>, program: Learner, search: Lookup, finding: Finding, path: Path): readonly TraceStep[] {
  if (path.length === 0) return []
  const { trace, failed } = replay(model, path)
  const last =
    finding.state !== null
      ? stateText(program, finding.state, 0)
      : stateText(program, search.arena.segment(finding.from), search.arena.offset(finding.from))
  const same = valueText(trace.at(-1)?.state) === last && failed.some(({ kind, name }) => kind === finding.kind && name === finding.name)
  if (!same) throw new InternalError(`the trace of ${finding.name} (${formatPath(path)}) ends differently in the reference checker`)
  return trace
}

export function stateText({ layout }: Pick<Learner, 'layout'>, words: Int32Array, at: number): string {
  return valueText(layout.type.immutable(unpack(layout, words, at)))
}

/** How the state was reached in which a function of the spec went wrong, as text. */
export function traceOfError(program: Learner, search: Engine): string[] {
  const { asking } = search
  if (asking === null) return []
  try {
    return traceTo(program, search, asking)
  } catch {
    // A function that is not a function of the state does not always do again what led there.
    return []
  }
}

function traceTo(program: Learner, search: Engine, { from, state }: NonNullable<Engine['asking']>): string[] {
  const { arena } = search
  const line = (step: PathStep | undefined, words: Int32Array, at: number): string => {
    const info = step && program.instances[step.instance]
    const text = stateText(program, words, at)
    return info ? `${callText(info.name, info.parameters)} -> ${text}` : text
  }
  const indices = from < 0 ? [] : arena.pathTo(from)
  const steps = from < 0 ? [] : pathTo(program, arena, from)
  const trace = indices.map((index, i) => line(i === 0 ? undefined : steps[i], arena.segment(index), arena.offset(index)))
  if (state !== null) trace.push(line(from < 0 ? undefined : program.stepTo(arena.segment(from), arena.offset(from), state, 0), state, 0))
  return trace
}
