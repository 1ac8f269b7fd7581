/** `tsmc check --replay PATH`: takes a trace step by step through the reference checker and shows it. */
import { EXIT, UsageError } from '../errors.ts'
import { anew, LASSO, taken } from '../run/slices.ts'
import { beginLog, silently } from '../host/log.ts'
import { contained } from '../host/contain.ts'
import { parsePath } from '../program/path.ts'
import type { Result, Violation } from '../program/result.ts'
import { callText } from '../program/text.ts'
import { terminalTrace } from '../report/terminal.ts'
import { plain } from '../report/text.ts'
import { brokenAt, type Endless, endless } from '../reference/behaviour.ts'
import { replay } from '../reference/replay.ts'
import { runningNow } from '../reference/runs.ts'
import type { Constants } from '../spec/spec.ts'
import type { Output } from './output.ts'
import type { Job } from './jobs.ts'
import type { CheckFlags } from './options.ts'
import { workOf } from './work.ts'

export async function runReplay(jobs: readonly Job[], text: string, flags: CheckFlags, output: Output): Promise<number> {
  const path = parsePath(text)
  if (!path)
    throw new UsageError(
      `--replay was given ${JSON.stringify(text)}, which is no path`,
      'a path is what a report prints after --replay, for example 0.5.3~1',
    )
  if (jobs.length > 1)
    throw new UsageError(
      `--replay is about one instance, and there are ${jobs.length}`,
      `add --instance with one of ${jobs.map(({ selector, spec }) => selector ?? spec.name).join(', ')}`,
    )
  const { file, spec, instance, constants } = jobs[0] as Job
  output.working(workOf(jobs[0] as Job, []))
  beginLog(runningNow, false)
  const base = spec.instances.find(({ name }) => name === instance)
  const full = spec.withConstants(constants ?? {}, base?.constants ?? spec.constants) as Constants
  const model = contained(() => spec.build(full))
  // Nothing of the engine runs.
  const refer = <T>(run: () => T, more = 0): Promise<T> =>
    anew({}, async ({ callTimeout }: { callTimeout?: number }) => taken({ running: null }, run, path.length + more, callTimeout))
  const { trace, failed: atEnd, states } = await refer(() => replay(model, path, silently))
  const broken = await refer(() => silently(() => model.refinements.filter((refinement) => brokenAt(model, refinement, states) >= 0)), LASSO)
  const failed = [...atEnd, ...broken.map(({ name }) => ({ kind: 'refinement', name, parameters: {} }) as const)]
  const ways = trace.at(-1)?.failed || broken.length > 0 ? [] : await refer(() => silently(() => endless(model, states)), LASSO)
  const name = instance ?? 'default'

  if (flags.reporter === 'terminal') {
    const steps = trace.length - 1
    output.stdout(terminalTrace(`${spec.name} ${name}: ${steps} ${steps === 1 ? 'step' : 'steps'} replayed`, trace, output.terminal))
    const found = failed.map(({ kind, name, parameters }) =>
      kind === 'deadlock'
        ? 'deadlock: no action is enabled'
        : kind === 'assertion' || kind === 'range'
          ? `${kind === 'range' ? 'a value does not fit' : 'assertion fails'}: ${name}`
          : `${kind} ${callText(name, parameters)} is false`,
    )
    output.stdout(`\n${found.length === 0 ? 'nothing is false at its end' : `at its end: ${found.join('; ')}`}\n`)
    for (const way of ways) output.stdout(`${endlessText(way)}\n`)
    return EXIT.expected
  }
  const [first] = [...failed, ...ways.flatMap((way) => (way.unfair.length === 0 ? way.failed : []))]
  const violation: Violation | null = first
    ? { kind: first.kind, name: first.name, parameters: first.parameters, steps: trace.length - 1, because: [], trace, replay: text }
    : null
  const result: Result = {
    spec: spec.name,
    instance: name,
    constants: full,
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
  const { instanceToJson, stepToJson } = await import('../report/json.ts')
  // The trace is there whether or not anything is false at its end.
  output.instance({ ...(instanceToJson(file, result) as object), trace: trace.map(stepToJson) })
  return EXIT.expected
}

/** What is false for a path that goes on for ever in one way. */
function endlessText({ backTo, unfair, failed }: Endless): string {
  const how = backTo < 0 ? 'if it stays there for ever' : `if it goes back to step ${backTo} for ever`
  if (unfair.length > 0) return `${how}: no behaviour, for want of ${unfair.map(plain).join(', ')}`
  const found = failed.map(({ kind, name, parameters }) => `${kind} ${plain(callText(name, parameters))} is false`)
  return `${how}: ${found.length === 0 ? 'nothing is false' : found.join('; ')}`
}
