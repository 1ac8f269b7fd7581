/** `tsmc check`: every instance of every spec of the files, compared with what is expected of it. */
import { availableParallelism } from 'node:os'
import { check } from '../run/check.ts'
import { prepare } from '../host/threads.ts'
import { EXIT, SpecError, suggest, UsageError } from '../errors.ts'
import { filesRead, watchReads } from '../host/reads.ts'
import { MOST_WORKERS, refuseFlags } from '../options.ts'
import type { Profile, Progress, Result, Violation } from '../program/result.ts'
import { OutOfRangeError } from '../program/refusal.ts'
import type { Drawn } from '../draw/dot.ts'
import { type Json, valueToJson, violationToJson } from '../report/json.ts'
import { unfinished } from '../report/document.ts'
import { outcome } from '../report/outcome.ts'
import { plain } from '../report/text.ts'
import { terminalReport, type TerminalOptions, terminalSummary, terminalViolation } from '../report/terminal.ts'
import type { Constants, Spec } from '../spec/spec.ts'
import type { Work } from './channel.ts'
import { describe, type ErrorJson } from './errors.ts'
import { fileName, shortName, shown, writeWhole } from './files.ts'
import { type LoadedFile, loadAll } from './load.ts'
import { type CheckFlags, commandLine, constantsFor, searchOptions, splitFiles } from './options.ts'
import { Stores } from './stores.ts'
import { timeoutFor, workOf } from './work.ts'

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
  /** Seconds since the command began. */
  readonly spent: () => number
  /** What is done from now on: told by others where it does not come back. */
  readonly working: (work: Work | null) => void
  /** Progress of what has a name; without progress it begins, without either it is over. */
  readonly status: (name: string | null, progress?: Progress) => void
  /** An instance for the JSON document. */
  readonly instance: (json: Json) => void
  /** What the command ends with as far as it is known. */
  readonly code: (code: number) => void
}

/** An instance that could not be checked. */
export interface Failure {
  readonly spec: string
  readonly instance: string
  readonly constants: Readonly<Record<string, unknown>>
  readonly error: ErrorJson
}

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
  }

  async all(jobs: readonly Job[]): Promise<number> {
    let begun = 0
    for (const job of jobs) {
      if (this.#output.signal.aborted && begun > 0) break
      await this.#one(job, begun++ === 0)
      this.#output.code(this.#exitCode(false))
    }
    this.#output.working(null)
    if (this.#flags.reporter === 'terminal' && jobs.length > 1) {
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
    if (this.#flags.reporter === 'terminal') {
      this.#output.stdout(
        terminalReport(result, this.#output.terminal, {
          defaults: spec.constants,
          reproduce: ({ replay, trace }) => (trace.length === 0 ? undefined : commandLine(job.file, job.selector, this.#assignments, replay)),
        }),
      )
    } else {
      const { instanceToJson } = await import('../report/json.ts')
      this.#output.instance(instanceToJson(job.file, result))
    }
    if (!this.#flags.diagrams) return
    const drawn: string[] = []
    for (const violation of result.violations) {
      const first = violation === result.violation
      const paths = await this.#draw(result, violation, first ? [] : [violation.name])
      const which = result.violations.length > 1 ? ` of ${plain(violation.name)}` : ''
      if (paths.length > 0) drawn.push(`  diagram${which}: ${paths.map(plain).join(', ')}\n`)
    }
    if (drawn.length > 0 && this.#flags.reporter === 'terminal') this.#output.stdout(`${drawn.join('')}\n`)
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
    const which = `  instance: ${plain(`${spec.name} ${failure.instance}`)}
`
    this.#output.stderr(
      again
        ? `error: the same
${which}`
        : text + which + (violation === null ? '' : `  reproduce: ${plain(commandLine(file, selector, this.#assignments, violation.replay))}\n`),
    )
    this.#output.code(this.#exitCode(false))
    if (this.#flags.reporter === 'json') {
      const begun = { file, spec: failure.spec, instance: failure.instance, constants: valueToJson(failure.constants) }
      this.#output.instance(unfinished(begun, json, violation && violationToJson(violation)))
    }
    if (violation === null || again || !this.#flags.diagrams) return
    const paths = await this.#draw({ ...failure, distinct: 0, incomplete: null }, violation)
    if (paths.length > 0) this.#output.stderr(`  diagram: ${paths.map(plain).join(', ')}\n`)
  }

  /** Writes the diagram of a violation; where drawing fails that is said, and the verdict stands. */
  async #draw(result: Drawn, violation: Violation, more: readonly string[] = []): Promise<string[]> {
    if (violation.trace.length === 0) return []
    const name = this.#unused(shortName([result.spec, result.instance, ...more].map(fileName).join('.')))
    const paths: string[] = []
    try {
      const { traceToDot } = await import('../draw/dot.ts')
      const dot = traceToDot(result, violation)
      paths.push(writeWhole(this.#flags.out, `${name}.dot`, dot))
      const { renderSvg } = await import('../draw/svg.ts')
      paths.unshift(writeWhole(this.#flags.out, `${name}.svg`, await renderSvg(dot)))
    } catch (error) {
      const hint = error instanceof UsageError && error.hint !== undefined ? `\n  hint: ${plain(error.hint)}` : ''
      const what = paths[0] === undefined ? `the diagram of ${violation.name} is lost` : `${shown(paths[0])} was not drawn`
      this.#output.stderr(`${plainLines(`warning: ${what}: ${error instanceof Error ? error.message : String(error)}`)}${hint}\n`)
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

const plainLines = (text: string): string => text.split('\n').map(plain).join('\n  ')

/** Places of functions as people write them, and as documents may be kept. */
function withShownFiles(profile: Profile): Profile {
  const functions = profile.functions.map((one) => (one.location ? { ...one, location: { ...one.location, file: shown(one.location.file) } } : one))
  return { ...profile, functions }
}
