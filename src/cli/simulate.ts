/** `tsmc simulate`: random behaviours of every instance of the files. */
import { EXIT, UsageError } from '../errors.ts'
import { simulationReport } from '../report/simulation.ts'
import { simulate } from '../simulate.ts'
import { jobsOf, type Output } from './check.ts'
import { describe } from './errors.ts'
import { loadAll } from './load.ts'
import { commandLine, splitFiles } from './options.ts'
import { Status } from './status.ts'

export interface SimulateFlags {
  readonly instance?: readonly string[]
  readonly set?: readonly string[]
  readonly seed?: number
  readonly runs: number
  readonly depth: number
  readonly timeout?: number
  readonly shrink: boolean
}

/** Simulates, writes, and gives the exit code: 1 where something is found that is not expected. That nothing is found is no failure. */
export async function runSimulate(args: readonly string[], flags: SimulateFlags, output: Output): Promise<number> {
  const { files, assignments } = splitFiles(args, flags.set)
  const jobs = jobsOf(await loadAll(files), flags.instance, assignments)
  const status = new Status()
  let code: number = EXIT.expected
  for (const { file, spec, instance, constants, selector } of jobs) {
    if (output.signal.aborted) return Math.max(code, EXIT.incomplete)
    status.begin(`${spec.name} ${instance ?? assignments.join(' ')}`)
    try {
      const result = await simulate(spec, {
        ...(instance === undefined ? {} : { instance }),
        ...(constants === undefined ? {} : { constants }),
        ...(flags.seed === undefined ? {} : { seed: flags.seed }),
        ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }),
        runs: flags.runs,
        depth: flags.depth,
        shrink: flags.shrink,
        signal: output.signal,
        onProgress: (progress) => status.update(progress),
      })
      status.clear()
      const reproduce = result.violation === null ? undefined : commandLine(file, selector, assignments, result.violation.replay)
      output.stdout(`${simulationReport(result, output.terminal, reproduce)}\n`)
      if (result.violation !== null && !result.expected) code = Math.max(code, EXIT.unexpected)
    } catch (error) {
      status.clear()
      if (error instanceof UsageError) throw error
      const { text, code: fault } = describe(error)
      output.stderr(`${text}  instance: ${spec.name} ${instance ?? assignments.join(' ')}\n`)
      code = Math.max(code, fault)
    }
  }
  return code
}
