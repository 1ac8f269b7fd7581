/** `tsmc simulate`: random behaviours of every instance of the files. */
import { EXIT, UsageError } from '../errors.ts'
import { OutOfRangeError } from '../program/refusal.ts'
import { simulationReport } from '../report/simulation.ts'
import { terminalViolation } from '../report/terminal.ts'
import { simulate } from '../run/simulate.ts'
import { loadTold } from './check.ts'
import type { Output } from './output.ts'
import { jobsOf } from './jobs.ts'
import { describe } from './errors.ts'
import { commandLine, splitFiles } from './options.ts'
import { timeoutFor, workOf } from './work.ts'

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
  const jobs = jobsOf(await loadTold(files, output), flags.instance, assignments)
  let code: number = EXIT.expected
  let first = true
  for (const job of jobs) {
    const { file, spec, instance, constants, selector } = job
    if (output.signal.aborted && !first) return code === EXIT.expected ? EXIT.incomplete : code
    output.working(workOf(job, assignments))
    output.status(`${spec.name} ${instance ?? assignments.join(' ')}`)
    try {
      const result = await simulate(spec, {
        ...(instance === undefined ? {} : { instance }),
        ...(constants === undefined ? {} : { constants }),
        ...(flags.seed === undefined ? {} : { seed: flags.seed }),
        ...timeoutFor(flags.timeout, first, output),
        runs: flags.runs,
        depth: flags.depth,
        shrink: flags.shrink,
        signal: output.signal,
        onProgress: (progress) => output.status(null, progress),
      })
      output.status(null)
      const reproduce = result.violation === null ? undefined : commandLine(file, selector, assignments, result.violation.replay)
      output.stdout(`${simulationReport(result, output.terminal, reproduce)}\n`)
      if (result.violation !== null && !result.expected) code = Math.max(code, EXIT.unexpected)
    } catch (error) {
      output.status(null)
      if (error instanceof UsageError) throw error
      const { text, code: fault } = describe(
        error,
        error instanceof OutOfRangeError ? terminalViolation(error.violation, output.terminal) : undefined,
      )
      const again = error instanceof OutOfRangeError ? `  reproduce: ${commandLine(file, selector, assignments, error.violation.replay)}\n` : ''
      output.stderr(`${text}  instance: ${spec.name} ${instance ?? assignments.join(' ')}\n${again}`)
      code = Math.max(code, fault)
    }
    first = false
    output.code(code)
  }
  return code
}
