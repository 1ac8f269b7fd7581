/** `tsmc check`: every instance of every spec of the files, compared with what is expected of it. */
import { availableParallelism } from 'node:os'
import { check } from '../run/check.ts'
import { prepare } from '../host/threads.ts'
import { EXIT, SpecError, UsageError } from '../errors.ts'
import { filesRead, watchReads } from '../host/reads.ts'
import { MOST_WORKERS, refuseFlags } from '../options.ts'
import type { Profile, Result, Violation } from '../program/result.ts'
import { OutOfRangeError } from '../program/refusal.ts'
import { outcome } from '../report/outcome.ts'
import { plain } from '../report/text.ts'
import { type Failure, type Reporter, REPORTERS } from '../report/reporters.ts'
import { terminalViolation } from '../report/terminal.ts'
import type { Output } from './output.ts'
import { Diagrams } from './diagrams.ts'
import { describe } from './errors.ts'
import { shown } from './files.ts'
import { type Job, jobsOf } from './jobs.ts'
import { type LoadedFile, loadAll } from './load.ts'
import { type CheckFlags, commandLine, searchOptions, splitFiles } from './options.ts'
import { Stores } from './stores.ts'
import { timeoutFor, workOf } from './work.ts'

/** All specs of files, told file by file, and what was passed over in directories. */
export async function loadTold(files: readonly string[], output: Output): Promise<LoadedFile[]> {
  const { loaded, skipped } = await loadAll(files, (file) => output.working({ doing: 'load', file }))
  output.working(null)
  for (const { file, why } of skipped) output.stderr(`skipped ${plain(file)}: ${why}\n`)
  return loaded
}

/** Checks, writes, and gives the exit code. */
export async function runCheck(args: readonly string[], flags: CheckFlags, output: Output): Promise<number> {
  refuseFlags(flags)
  const { files, assignments } = splitFiles(args, flags.set)
  const workers = flags.workers === 'auto' ? Math.min(MOST_WORKERS, availableParallelism()) : flags.workers
  // They start while the specs are loaded.
  if (workers > 1 && flags.replay === undefined && flags.store === undefined && !flags.profile) prepare(Math.min(workers, availableParallelism()) - 1)
  // A store is only gone on with where what the spec reads is the same.
  if (flags.store !== undefined || flags.resume !== undefined) watchReads()
  const loaded = await loadTold(files, output)
  const read = filesRead()
  const jobs = jobsOf(loaded, flags.instance, assignments)
  if (flags.replay !== undefined) {
    const { runReplay } = await import('./replay.ts')
    return runReplay(jobs, flags.replay, flags, output)
  }
  const stores = Stores.of(flags, jobs, assignments, read)
  return new Run(flags, assignments, output, stores).all(jobs)
}

class Run {
  readonly #flags: CheckFlags
  readonly #assignments: readonly string[]
  readonly #output: Output
  readonly #stores: Stores | null
  readonly #reporter: Reporter
  readonly #diagrams: Diagrams
  readonly #results: Result[] = []
  readonly #failures: Failure[] = []
  #code = 0

  constructor(flags: CheckFlags, assignments: readonly string[], output: Output, stores: Stores | null) {
    this.#stores = stores
    this.#flags = flags
    this.#assignments = assignments
    this.#output = output
    this.#reporter = REPORTERS[flags.reporter](output, output.terminal)
    this.#diagrams = new Diagrams(flags.out, output.stderr)
  }

  async all(jobs: readonly Job[]): Promise<number> {
    let begun = 0
    for (const job of jobs) {
      if (this.#output.signal.aborted && begun > 0) break
      await this.#one(job, begun++ === 0)
      this.#output.code(this.#exitCode(false))
    }
    this.#output.working(null)
    this.#reporter.ended({ results: this.#results, failures: this.#failures, left: jobs.length - begun, instances: jobs.length })
    return this.#exitCode(begun < jobs.length)
  }

  #exitCode(cutShort: boolean): number {
    if (this.#code !== 0) return this.#code
    const outcomes = this.#results.map((result) => outcome(result, this.#flags.strict ?? false))
    if (outcomes.includes('failed')) return EXIT.unexpected
    return outcomes.includes('incomplete') || cutShort ? EXIT.incomplete : EXIT.expected
  }

  async #one(job: Job, first: boolean): Promise<void> {
    const { spec, instance, constants } = job
    const name = `${spec.name} ${instance ?? this.#assignments.join(' ')}`
    this.#output.working(workOf(job, this.#assignments))
    this.#output.status(name)
    let result: Result
    try {
      result = await check(spec, {
        ...searchOptions(this.#flags),
        ...timeoutFor(this.#flags.timeout, first, this.#output),
        file: job.file,
        ...(instance === undefined ? {} : { instance }),
        ...(constants === undefined ? {} : { constants }),
        ...(this.#stores === null ? {} : { store: await this.#stores.options(job) }),
        signal: this.#output.signal,
        onProgress: (progress) => this.#output.status(null, progress),
      })
    } catch (error) {
      this.#output.status(null)
      if (error instanceof UsageError) throw error
      await this.#fail(job, error)
      return
    }
    this.#output.status(null)
    if (result.profile) result = { ...result, profile: withShownFiles(result.profile) }
    this.#results.push(result)
    // The verdict first: what comes after it may fail.
    this.#output.code(this.#exitCode(false))
    this.#reporter.checked({
      result,
      file: job.file,
      defaults: spec.constants,
      reproduce: ({ replay, trace }) => (trace.length === 0 ? undefined : commandLine(job.file, job.selector, this.#assignments, replay)),
    })
    if (!this.#flags.diagrams) return
    const diagrams: { violation: Violation; paths: string[] }[] = []
    for (const violation of result.violations)
      diagrams.push({ violation, paths: await this.#diagrams.write(result, violation, violation === result.violation ? [] : [violation.name]) })
    this.#reporter.drawn({ diagrams, several: result.violations.length > 1, failed: false })
  }

  /** Goes on with the next instance: an error may lie in the constants of this one. */
  async #fail({ file, spec, instance, constants, selector }: Job, error: unknown): Promise<void> {
    const violation = error instanceof OutOfRangeError ? error.violation : null
    const { text, code, json } = describe(error, violation === null ? undefined : terminalViolation(violation, this.#output.terminal))
    this.#code = Math.max(this.#code, code)
    const failure: Failure = {
      spec: spec.name,
      instance: instance ?? this.#assignments.join(' '),
      constants: { ...(spec.instances.find(({ name }) => name === instance)?.constants ?? spec.constants), ...constants },
      error: json,
    }
    const again = error instanceof SpecError && this.#failures.some((before) => JSON.stringify(before.error) === JSON.stringify(json))
    this.#failures.push(failure)
    this.#output.code(this.#exitCode(false))
    const reproduce = violation === null ? undefined : commandLine(file, selector, this.#assignments, violation.replay)
    this.#reporter.failed({ failure, file, text, again, violation, reproduce })
    if (violation === null || again || !this.#flags.diagrams) return
    const paths = await this.#diagrams.write({ ...failure, distinct: 0, incomplete: null }, violation)
    this.#reporter.drawn({ diagrams: [{ violation, paths }], several: false, failed: true })
  }
}

/** Places of functions as people write them, and as documents may be kept. */
function withShownFiles(profile: Profile): Profile {
  const functions = profile.functions.map((one) => (one.location ? { ...one, location: { ...one.location, file: shown(one.location.file) } } : one))
  return { ...profile, functions }
}
