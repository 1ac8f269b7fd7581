/** `tsmc check --replay PATH`: takes a trace step by step through the reference checker and shows it. */
import { EXIT, UsageError } from '../errors.ts'
import { anew, LASSO, taken } from '../run/slices.ts'
import { beginLog, silently } from '../host/log.ts'
import { contained } from '../host/contain.ts'
import { parsePath } from '../program/path.ts'
import { REPORTERS } from '../report/reporters.ts'
import { brokenAt, endless } from '../reference/behaviour.ts'
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

  const replayed = { file, spec: spec.name, instance: name, constants: full, trace, failed, ways, path: text }
  REPORTERS[flags.reporter](output, output.terminal).replayed(replayed)
  return EXIT.expected
}
