/** `tsmc check`: every instance of every spec of the files, compared with what is expected of it. */
import { availableParallelism } from 'node:os'
import { check } from '../check.ts'
import { prepare } from '../crew.ts'
import { EXIT, SpecError, suggest, UsageError } from '../errors.ts'
import type { Profile, Result, Violation } from '../program/result.ts'
import type { Failure, FileResults } from '../report/json.ts'
import { outcome } from '../report/outcome.ts'
import { plain } from '../report/text.ts'
import { terminalReport, type TerminalOptions, terminalSummary } from '../report/terminal.ts'
import type { Constants, Spec } from '../spec/spec.ts'
import { describe } from './errors.ts'
import { fileName, requireWritable, shown, writeWhole } from './files.ts'
import { type LoadedFile, loadAll } from './load.ts'
import { type CheckFlags, commandLine, constantsFor, searchOptions, splitFiles } from './options.ts'
import { Status } from './status.ts'
import { Stores } from './stores.ts'

/** One instance to check. */
export interface Job {
  readonly file: string
  readonly spec: Spec
  /** undefined: the default constants, overridden. */
  readonly instance: string | undefined
  /** Overrides; undefined without `--set`. */
  readonly constants: Constants | undefined
  /** What --instance must say to mean this one. */
  readonly selector: string | undefined
}

export interface Output {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly terminal: TerminalOptions
  readonly signal: AbortSignal
}

/** Checks, writes, and gives the exit code. */
export async function runCheck(args: readonly string[], flags: CheckFlags, output: Output): Promise<number> {
  const { files, assignments } = splitFiles(args, flags.set)
  const workers = flags.workers === 'auto' ? availableParallelism() : flags.workers
  // They start while the specs are loaded.
  if (workers > 1 && flags.replay === undefined && flags.store === undefined && !flags.profile) prepare(Math.min(workers, availableParallelism()) - 1)
  const loaded = await loadAll(files)
  const jobs = jobsOf(loaded, flags.instance, assignments)
  if (flags.replay !== undefined) {
    const { runReplay } = await import('./replay.ts')
    return runReplay(jobs, flags.replay, flags, output)
  }
  if (flags.diagrams) requireWritable(flags.out)
  const stores = Stores.of(flags, jobs, assignments)
  return new Run(flags, assignments, output, stores).all(loaded, jobs, files.length > 1 || loaded.length > 1 || loaded[0]?.file !== files[0])
}

/** The jobs in order. `wanted` are names of instances, or `spec.instance` where a name alone means several. */
export function jobsOf(loaded: readonly LoadedFile[], wanted: readonly string[] | undefined, assignments: readonly string[]): Job[] {
  const specs = loaded.flatMap(({ file, specs }) => specs.map((spec) => ({ file, spec })))
  const all = specs.flatMap(({ file, spec }) => spec.instances.map(({ name }) => ({ file, spec, instance: name })))
  const named = (name: string): typeof all => all.filter(({ spec, instance }) => instance === name || `${spec.name}.${instance}` === name)
  const selector = (spec: Spec, instance: string): string => (named(instance).length > 1 ? `${spec.name}.${instance}` : instance)
  const overrides = new Map<Spec, Constants>()
  if (assignments.length > 0) for (const { spec } of specs) overrides.set(spec, constantsFor(spec, assignments))

  if (wanted === undefined) {
    if (assignments.length > 0)
      return specs.map(({ file, spec }) => ({ file, spec, instance: undefined, constants: overrides.get(spec), selector: undefined }))
    return all.map((job) => ({ ...job, constants: undefined, selector: selector(job.spec, job.instance) }))
  }
  for (const name of wanted) {
    if (named(name).length > 0) continue
    const where = loaded.length === 1 ? (loaded[0] as LoadedFile).file : 'the given files'
    throw new UsageError(`no instance in ${where} is named ${JSON.stringify(name)}`, suggest(name, [...new Set(all.map(({ instance }) => instance))]))
  }
  const chosen = new Set(wanted.flatMap(named))
  return all
    .filter((job) => chosen.has(job))
    .map((job) => ({ ...job, constants: overrides.get(job.spec), selector: selector(job.spec, job.instance) }))
}

class Run {
  readonly #flags: CheckFlags
  readonly #assignments: readonly string[]
  readonly #output: Output
  readonly #status: Status
  readonly #stores: Stores | null
  readonly #names = new Set<string>()
  readonly #results: Result[] = []
  readonly #failures: Failure[] = []
  #code = 0

  constructor(flags: CheckFlags, assignments: readonly string[], output: Output, stores: Stores | null) {
    this.#stores = stores
    this.#flags = flags
    this.#assignments = assignments
    this.#output = output
    this.#status = new Status()
  }

  async all(loaded: readonly LoadedFile[], jobs: readonly Job[], several: boolean): Promise<number> {
    const documents = new Map(loaded.map(({ file }) => [file, [] as (Result | Failure)[]]))
    let begun = 0
    for (const job of jobs) {
      if (this.#output.signal.aborted) break
      begun++
      documents.get(job.file)?.push(await this.#one(job))
    }
    const json = this.#flags.reporter === 'json'
    if (json) {
      const { jsonReport } = await import('../report/json.ts')
      const files: FileResults[] = [...documents].filter(([, results]) => results.length > 0).map(([file, results]) => ({ file, results }))
      this.#output.stdout(jsonReport(files, several))
    } else if (jobs.length > 1) {
      this.#output.stdout(terminalSummary(this.#results, this.#failures, this.#output.terminal))
      if (begun < jobs.length) this.#output.stdout(`${jobs.length - begun} more not checked: interrupted\n`)
    }
    return this.#exitCode(begun < jobs.length)
  }

  #exitCode(cutShort: boolean): number {
    if (this.#code !== 0) return this.#code
    const outcomes = this.#results.map((result) => outcome(result, this.#flags.strict ?? false))
    if (outcomes.includes('failed')) return EXIT.unexpected
    return outcomes.includes('incomplete') || cutShort ? EXIT.incomplete : EXIT.expected
  }

  async #one(job: Job): Promise<Result | Failure> {
    const { spec, instance, constants } = job
    this.#status.begin(`${spec.name} ${instance ?? this.#assignments.join(' ')}`)
    let result: Result
    try {
      result = await check(spec, {
        ...searchOptions(this.#flags),
        file: job.file,
        ...(instance === undefined ? {} : { instance }),
        ...(constants === undefined ? {} : { constants }),
        ...(this.#stores === null ? {} : { store: await this.#stores.options(job) }),
        signal: this.#output.signal,
        onProgress: (progress) => this.#status.update(progress),
      })
    } catch (error) {
      this.#status.clear()
      if (error instanceof UsageError) throw error
      return this.#fail(job, error)
    }
    this.#status.clear()
    if (result.profile) result = { ...result, profile: withShownFiles(result.profile) }
    this.#results.push(result)
    const diagrams = new Map<Violation, string[]>()
    if (this.#flags.diagrams) for (const violation of result.violations) diagrams.set(violation, await this.#draw(result, violation))
    if (this.#flags.reporter === 'terminal') {
      this.#output.stdout(
        terminalReport(result, this.#output.terminal, {
          defaults: spec.constants,
          reproduce: ({ replay, trace }) => (trace.length === 0 ? undefined : commandLine(job.file, job.selector, this.#assignments, replay)),
          diagrams: (violation) => diagrams.get(violation) ?? [],
        }),
      )
    }
    return result
  }

  /** Goes on with the next instance: an error may lie in the constants of this one. */
  #fail({ spec, instance, constants }: Job, error: unknown): Failure {
    const { text, code } = describe(error)
    this.#code = Math.max(this.#code, code)
    const failure: Failure = {
      spec: spec.name,
      instance: instance ?? this.#assignments.join(' '),
      constants: { ...(spec.instances.find(({ name }) => name === instance)?.constants ?? spec.constants), ...constants },
      error: text.replace(/^error: /, '').trimEnd(),
    }
    const again = error instanceof SpecError && this.#failures.some((before) => before.error === failure.error)
    this.#failures.push(failure)
    const which = `  instance: ${plain(`${spec.name} ${failure.instance}`)}
`
    this.#output.stderr(
      again
        ? `error: the same
${which}`
        : text + which,
    )
    return failure
  }

  /** Writes the diagram of a violation; where drawing fails that is said, and the verdict stands. */
  async #draw(result: Result, violation: Violation): Promise<string[]> {
    if (violation.trace.length === 0) return []
    const first = violation === result.violation
    const name = this.#unused([result.spec, result.instance, ...(first ? [] : [violation.name])].map(fileName).join('.'))
    const { traceToDot } = await import('../draw/dot.ts')
    const dot = traceToDot(result, violation)
    const paths = [writeWhole(this.#flags.out, `${name}.dot`, dot)]
    try {
      const { renderSvg } = await import('../draw/svg.ts')
      paths.unshift(writeWhole(this.#flags.out, `${name}.svg`, await renderSvg(dot)))
    } catch (error) {
      if (error instanceof UsageError) throw error
      this.#output.stderr(`warning: ${shown(paths[0] as string)} could not be drawn: ${error instanceof Error ? error.message : String(error)}\n`)
    }
    return paths
  }

  #unused(name: string): string {
    let free = name
    for (let n = 2; this.#names.has(free.toLowerCase()); n++) free = `${name}-${n}`
    this.#names.add(free.toLowerCase())
    return free
  }
}

/** Places of functions as people write them, and as documents may be kept. */
function withShownFiles(profile: Profile): Profile {
  const functions = profile.functions.map((one) => (one.location ? { ...one, location: { ...one.location, file: shown(one.location.file) } } : one))
  return { ...profile, functions }
}
