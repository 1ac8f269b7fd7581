/** `tsmc check --replay PATH`: takes a trace step by step through the reference checker and shows it. */
import { EXIT, UsageError } from '../errors.ts'
import { parsePath } from '../program/path.ts'
import type { Result, Violation } from '../program/result.ts'
import { callText } from '../program/text.ts'
import { terminalTrace } from '../report/terminal.ts'
import { replay } from '../reference/replay.ts'
import type { Constants } from '../spec/spec.ts'
import type { Job, Output } from './check.ts'
import type { CheckFlags } from './options.ts'

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
  const base = spec.instances.find(({ name }) => name === instance)
  const full = spec.withConstants(constants ?? {}, base?.constants ?? spec.constants) as Constants
  const { trace, failed } = replay(spec.build(full), path)
  const name = instance ?? 'default'

  if (flags.reporter === 'terminal') {
    const steps = trace.length - 1
    output.stdout(terminalTrace(`${spec.name} ${name}: ${steps} ${steps === 1 ? 'step' : 'steps'} replayed`, trace, output.terminal))
    const found = failed.map(({ kind, name, parameters }) =>
      kind === 'deadlock'
        ? 'deadlock: no action is enabled'
        : kind === 'assertion'
          ? `assertion fails: ${name}`
          : `${kind} ${callText(name, parameters)} is false`,
    )
    output.stdout(`\n${found.length === 0 ? 'nothing is false at its end' : `at its end: ${found.join('; ')}`}\n`)
    return EXIT.expected
  }
  const [first] = failed
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
    engine: { keys: 'exact', bitsPerState: 0, slots: 0, leaves: 0, calls: 0, direct: [] },
  }
  const { jsonReport } = await import('../report/json.ts')
  output.stdout(jsonReport([{ file, results: [result] }], false))
  return EXIT.expected
}
