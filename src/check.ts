/** `check(spec, options)`: builds the model, learns, searches, and gives the result. The only file that sees both halves. */
import { availableParallelism, totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { version } from './cli/library.ts'
import { confirmation, type Found, notConfirmed } from './confirm.ts'
import { Crew, pathOfModule, signatureOf } from './crew.ts'
import { InternalError, locate, type Location, SpecError, suggest, UsageError } from './errors.ts'
import { beginLog, silently } from './host/log.ts'
import { contained } from './host/contain.ts'
import { patiently, Paused, raise } from './host/pause.ts'
import { CHECK, MOST_WORKERS, refuseContradictions, validate } from './options.ts'
import { readSlot, unpack } from './layout/layout.ts'
import { plainOf } from './drafts/graph.ts'
import { arm, registerPlain } from './host/traps.ts'
import { DEFAULT_CALL_TIMEOUT, guarded, isMemory, SLICE } from './guard.ts'
import { Learner } from './learn/learner.ts'
import { adviceOf } from './learn/profile.ts'
import { OutOfRangeError } from './program/refusal.ts'
import type { SearchOptions, StoreOptions } from './program/options.ts'
import type { ProgramFigures } from './program/program.ts'
import { constantAmong, mergeFigures, unreadAmong } from './program/looks.ts'
import { formatPath, type Path, type PathStep } from './program/path.ts'
import type {
  AbstractStep,
  Bound,
  Confirmation,
  FunctionProfile,
  Profile,
  Reason,
  Result,
  StateValue,
  TraceStep,
  Verdict,
  Violation,
  ViolationKind,
  Warning,
} from './program/result.ts'
import type { RefinementInfo } from './program/temporal.ts'
import { callText, changesBetween, valueText } from './program/text.ts'
import { brokenAt, endless } from './reference/behaviour.ts'
import { replay } from './reference/replay.ts'
import { interruptedNow, type Plain } from './reference/runs.ts'
import { isSymmetric } from './layout/symmetry.ts'
import { Distinction } from './search/distinctions.ts'
import { underPermutations } from './search/permutations.ts'
import { BreadthFirst } from './search/breadthFirst.ts'
import type { Checks, Finding } from './search/inspector.ts'
import { PRIVATE, SHARED } from './search/memory.ts'
import { refuseImpure } from './source/source.ts'
import type { Model, Variables } from './spec/model.ts'
import type { AnySpec, Constants, Expectation, Instance } from './spec/spec.ts'
import { checkTemporal, needsEveryState, refuseTemporal, stepsOf, type TemporalFinding, type TemporalOutcome } from './temporal/temporal.ts'

export interface CheckOptions extends SearchOptions {
  /** The name of the instance; without one, the default constants. */
  readonly instance?: string
  /** Constants that replace those of the instance (or the defaults). With any there is no expectation. */
  readonly constants?: Constants
}

/** Milliseconds between two reports of progress. */
const PROGRESS = 250
/** The part of the machine's memory that a search may use. */
const MEMORY_SHARE = 0.9

/**
 * Checks one instance of a spec: every reachable state, breadth first.
 *
 * Throws `UsageError` for an unknown instance or a wrong constant, `SpecError` where the spec itself is wrong; a violation is no error but in
 * the result.
 */
export async function check(spec: AnySpec, options: CheckOptions = {}): Promise<Result> {
  validate(options, CHECK, 'check()')
  refuseContradictions(options)
  const started = performance.now()
  return anew(options, (again) => checkOnce(spec, again, started))
}

/** How often a check is begun anew after a pause; each time calls may take longer by the clock. */
const MOST_PAUSES = 3

/** Does something anew where it was cut short by a pause: a laptop's sleep is no error of a spec. A store goes on where it was. */
export async function anew<T, O extends { callTimeout?: number; store?: StoreOptions }>(options: O, attempt: (options: O) => Promise<T>): Promise<T> {
  let again = options
  for (let pauses = 0; ; pauses++) {
    try {
      return await attempt(again)
    } catch (error) {
      if (!(error instanceof Paused)) throw error
      if (pauses === MOST_PAUSES) throw error.reason
      const callTimeout = raise(again.callTimeout ?? DEFAULT_CALL_TIMEOUT)
      again = { ...again, callTimeout, ...(again.store && { store: { ...again.store, resume: true } }) }
    }
  }
}

async function checkOnce(spec: AnySpec, options: CheckOptions, started: number): Promise<Result> {
  const instance = chosen(spec, options)
  beginLog(() => null, true)
  const model = contained(() => modelOf(spec, instance))
  const expectation = instance.expectation
  const program = contained(() => new Learner(model, options))
  beginLog(() => program.running?.what ?? null, true)
  if (program.viewed && options.symmetry !== false && isSymmetric(program.layout)) throw viewWithSymmetry(model)
  const checked = (name: string): boolean => expectation.only === undefined || expectation.only.includes(name)
  const everyState = needsEveryState(program, checked)
  const unreduced = everyState.length > 0 && options.symmetry !== false && isSymmetric(program.layout)
  const checks = checksOf(program, expectation)
  const searchOptions = unreduced ? { ...options, symmetry: false } : options
  const workers = workersOf(options)
  // Numbers that stand for values of the spec are each thread's own.
  const numbered = program.viewed || program.layout.slots.some(({ seen }) => seen !== undefined)
  const shared = workers > 1 && !numbered && !options.profile && !options.store
  refuseTemporal(program, checked, options.keys, (name) => [...model.properties, ...model.refinements].find((one) => one.name === name)?.location())
  const memorySearch = options.store ? null : new BreadthFirst(program, checks, searchOptions, shared ? SHARED : PRIVATE)
  const search: Engine = memorySearch ?? (await storedSearch(spec, instance, model, program, searchOptions, options.store as StoreOptions))
  const crewOf = (leader: BreadthFirst) => (): Crew | null => {
    const heap = program.openHeap()
    if (heap === null) return null
    const { learning, reuse, compiling, callTimeout } = options
    const task = {
      file: pathOfModule(options.file as string | URL),
      spec: spec.name,
      instance: options.instance ?? (options.constants === undefined && spec.instances.length === 1 ? instance.name : undefined),
      constants: options.constants,
      options: defined({ learning, reuse, compiling, callTimeout }),
      signature: signatureOf(program),
    }
    return new Crew(leader, workers, program, heap, checks, task, searchOptions)
  }
  let result: Result
  try {
    result = await checkWith(search, program, model, spec, instance, options, {
      unreduced: unreduced ? everyState : null,
      workers,
      alone: workers > 1 && !shared,
      crewOf: shared && memorySearch ? crewOf(memorySearch) : null,
      started,
    })
  } catch (error) {
    // What went wrong first is what counts.
    await search.close?.().catch(() => {})
    throw error
  }
  await search.close?.()
  return result
}

async function storedSearch(
  { name }: AnySpec,
  instance: Instance,
  model: Model<Variables>,
  program: Learner,
  options: SearchOptions,
  { directory, resume = false, memory, source }: StoreOptions,
): Promise<Engine> {
  const { Stored, defaultMemory, identityOf, refuseStore } = await import('./store/stored.ts')
  refuseStore(program, options)
  const functions = [
    ...[...model.initials, ...model.actions].map(({ run }) => String(run)),
    ...model.predicates.map(({ test }) => String(test)),
    ...model.steps.map(({ source }) => String(source)),
  ]
  const described = { tsmc: version(), spec: name, instance: instance.name, constants: instance.constants, functions }
  const identity = identityOf(program, described, options, source)
  const checks = checksOf(program, instance.expectation)
  return Stored.open(program, checks, options, { directory, resume, memory: memory ?? defaultMemory(available()) }, identity)
}

/** What a search looks like from here, wherever its states lie. */
export type Engine = Pick<
  BreadthFirst,
  | 'findings'
  | 'generated'
  | 'constrained'
  | 'depth'
  | 'stopped'
  | 'arena'
  | 'exact'
  | 'generatedBy'
  | 'distinctBy'
  | 'passedOver'
  | 'distinct'
  | 'queue'
  | 'scalarsets'
  | 'asking'
  | 'ordered'
  | 'path'
  | 'pathTo'
  | 'pathAlong'
> &
  Sliced & {
    readonly reachedAtOnce: readonly number[]
    /** Brings states into the arena: those of traces, or all. Only where they are not there anyway. */
    readonly recall?: (all: boolean, enough: () => Bound | null) => Promise<void>
    /** The figures of the program, with those of earlier runs. */
    readonly figures?: () => ProgramFigures
    /** Seconds of earlier runs. */
    readonly secondsBefore?: number
    readonly close?: () => Promise<void>
  }

/** How a check goes about its work. */
interface Circumstances {
  /** The temporal properties because of which symmetry is not used, or null. */
  readonly unreduced: readonly string[] | null
  readonly workers: number
  /** Workers are asked for, and one thread does everything. */
  readonly alone: boolean
  /** Calls for the crew of worker threads; there is none where the machine has no room for a heap. */
  readonly crewOf: (() => Crew | null) | null
  /** When the check began, by the clock of the process. */
  readonly started: number
}

async function checkWith(
  search: Engine,
  program: Learner,
  model: Model<Variables>,
  spec: AnySpec,
  instance: Instance,
  options: CheckOptions,
  { unreduced, workers, alone, crewOf, started }: Circumstances,
): Promise<Result> {
  const expectation = instance.expectation
  const names = propertyNames(model)
  const checked = (name: string): boolean => expectation.only === undefined || expectation.only.includes(name)
  const seconds = (): number => (performance.now() - started) / 1000
  const enough = boundOf(options, seconds)

  const others: ProgramFigures[] = []
  let crew: Crew | null = null
  try {
    await run(
      search,
      program,
      options,
      seconds,
      crewOf &&
        (() => {
          crew = crewOf()
          return crew
        }),
    )
    const working = crew as Crew | null
    if (working?.ready && search.stopped !== 'memory') others.push(...(await working.figures()))
  } catch (thrown) {
    const error = thrown instanceof Distinction ? distinctionError(model, thrown) : thrown
    if (!(error instanceof SpecError)) throw error
    await search.recall?.(false, enough)
    const { asking } = search
    error.trace = traceOfError(model, program, search)
    if (error.outside === undefined || asking === null || asking.from < 0 || asking.state !== null) throw error
    const { from } = asking
    const words = search.arena.segment(from)
    throw outOfRange(model, program, error, search.pathTo(from), words, search.arena.offset(from), options)
  } finally {
    await (crew as Crew | null)?.end()
  }
  const searched = seconds()
  const lasting =
    needsTemporal(search, options) && [...program.temporal.properties, ...program.temporal.refinements].some(({ name }) => checked(name))
  const reduced = search.scalarsets.length > 0 && search.stopped === null
  await search.recall?.(lasting || (reduced && search.distinct <= MAX_RECALLED), enough)
  if (reduced) await recheckSymmetry(model, search, program, options, seconds)
  const temporal = await runTemporal(model, search, program, checked, options, seconds)
  const elapsed = seconds() + (search.secondsBefore ?? 0)
  if (search.generated === 0 && search.stopped === null)
    throw new SpecError(`the spec ${spec.name} has no initial state`, {
      location: model.initials[0]?.location(),
      hint: 'every way through init ends at a when() that is false, or picks from nothing',
    })
  if (search.distinct === 0 && search.findings.length === 0 && search.stopped === null)
    throw new SpecError(`every initial state of the spec ${spec.name} lies outside the constraint`, {
      location: model.predicates.find(({ kind }) => kind === 'constraint')?.location(),
      hint: 'a constraint says which states are expanded; nothing is, here',
    })

  const figures = search.figures?.() ?? mergeFigures([program.figures(), ...others])
  const stopped = search.stopped ?? temporal.stopped
  const complete = stopped === null
  // An assertion has no name but its message, and is not known before it is reached.
  const known = [...names, 'deadlock', ...figures.assertions]
  const strangers = complete
    ? [...new Set([expectation.violates, ...(expectation.only ?? [])])].filter((name) => name !== undefined && !known.includes(name))
    : []
  const unknown = (strangers as string[]).map(
    (name) =>
      `the instance names ${JSON.stringify(name)}: no property is called so, and no assertion with this message was reached (${suggest(name, known)})`,
  )

  const ordered: Wrong[] = [
    ...search.ordered().map((finding): Wrong => ({ ...finding, violation: () => violationOf(model, program, search, finding) })),
    ...temporal.findings
      .map((finding): Wrong => ({ ...finding, steps: stepsOf(finding), violation: () => temporalViolationOf(model, program, search, finding) }))
      .toSorted((a, b) => a.steps - b.steps),
  ]
  // The violation that is expected is shown first, wherever there are several.
  const wanted = ordered.find(({ name, kind }) => (expectation.deadlocks ? kind === 'deadlock' : name === expectation.violates))
  const first = wanted ?? ordered[0]
  const findings = first === undefined ? [] : options.keepGoing ? [first, ...ordered.filter((finding) => finding !== first)] : [first]
  // What the spec logs while a trace is taken again was told before.
  const lengths = findings.reduce((sum, { steps }) => sum + steps, temporal.findings.length > 0 ? LASSO : 0)
  const violations = taken(program, () => silently(() => findings.map(({ violation }) => violation())), lengths, options.callTimeout)
  const verdict: Verdict = first === undefined ? (complete ? 'holds' : 'incomplete') : first.kind === 'deadlock' ? 'deadlocked' : 'violated'
  const { distinct, generated, depth } = search
  const confirmed =
    (options.confirm ?? options.confirmStates !== undefined)
      ? await confirm(model, `${spec.name} ${instance.name}`, search, program, checked, expectation, options, seconds)
      : null
  const { states: _states, generated: _generated, ...outcome } = expectation
  // Numbers that an instance pins are those with symmetry.
  const compared = options.symmetry === false && isSymmetric(program.layout) ? outcome : expectation
  const overridden = options.constants !== undefined
  const mismatches = overridden ? [] : [...mismatchesOf(compared, verdict, first, { states: distinct, generated, depth }), ...unknown]
  return {
    spec: spec.name,
    instance: instance.name,
    constants: instance.constants,
    verdict,
    expectation: options.constants !== undefined ? null : expectationText(expectation),
    expected: options.constants !== undefined ? verdict === 'holds' : mismatches.length === 0,
    mismatches,
    distinct,
    generated,
    depth,
    queue: search.queue,
    constrained: search.constrained,
    seconds: elapsed,
    collisionProbability: search.exact ? 0 : Math.min(1, (distinct * (distinct - 1)) / 2 ** 65),
    violation: violations[0] ?? null,
    violations,
    incomplete: stopped === null ? null : { bound: stopped, text: boundText(stopped, search, program, options) },
    actions: program.actions.map((name, action) => ({
      name,
      generated: sum(search.generatedBy, (i) => program.instances[i]?.action === action),
      distinct: sum(search.distinctBy, (i) => program.instances[i]?.action === action),
      enabled: !figures.neverEnabled.includes(name),
    })),
    warnings: [
      ...(unreduced !== null
        ? [
            {
              kind: 'symmetry',
              text: `interchangeable ids were told apart, because temporal properties need every state: ${unreduced.join(', ')}`,
              vacuous: false,
            } as const,
          ]
        : []),
      ...temporal.warnings,
      ...(overridden ? onlyOf(spec, options, unknown) : []),
      ...(alone ? [ONE_THREAD] : []),
      ...(program.heapless ? [NO_HEAP] : []),
      ...warningsOf(model, program, figures, search, expectation, ordered, findings, verdict),
    ],
    engine: {
      keys: search.exact ? 'exact' : 'fingerprint',
      bitsPerState: program.layout.bits,
      slots: program.layout.slots.length,
      leaves: figures.leaves,
      calls: figures.calls,
      compared: figures.compared,
      direct: figures.direct,
      ...(temporal.nodes > 0 && { product: temporal.nodes }),
      ...(others.length > 0 && { workers }),
      ...(search.scalarsets.length > 0 && { symmetry: { scalarsets: search.scalarsets } }),
    },
    ...(confirmed && { confirmation: confirmed }),
    ...(figures.profile && { profile: profileOf(figures.profile, searched, elapsed) }),
  }
}

/** Has the reference checker check the instance as well. */
async function confirm(
  model: Model<Variables>,
  what: string,
  search: Engine,
  program: Learner,
  checked: (name: string) => boolean,
  { only }: Expectation,
  options: CheckOptions,
  seconds: () => number,
): Promise<Confirmation> {
  if (search.stopped !== null) return notConfirmed('the search was stopped before it had seen everything')
  const { distinct, generated, depth, scalarsets } = search
  const { properties, refinements } = program.temporal
  const beyond = (one: string, several: string, all: readonly { readonly name: string }[]): string[] => {
    const names = needsTemporal(search, options) ? [...new Set(all.map(({ name }) => name).filter(checked))] : []
    return names.length === 0 ? [] : [`the ${names.length === 1 ? one : several} ${names.join(', ')}`]
  }
  const found: Found = {
    distinct,
    generated,
    depth,
    violations: search.ordered(),
    reduced: scalarsets.length > 0,
    beyond: [...beyond('temporal property', 'temporal properties', properties), ...beyond('refinement', 'refinements', refinements)],
  }
  const bounds = { maxStates: options.confirmStates, keepGoing: options.keepGoing, only }
  const done = await inParts(program, confirmation(model, what, found, defined(bounds)), options, 0, seconds)
  if (typeof done !== 'string') return done
  return notConfirmed({ timeout: 'the time limit is over', interrupt: 'interrupted', memory: 'memory is used up' }[done as 'timeout'], done)
}

/** What has become of `only` where constants were overridden. */
function onlyOf(spec: AnySpec, { instance }: CheckOptions, unknown: readonly string[]): Warning[] {
  const warnings: Warning[] = unknown.map((text) => ({ kind: 'only', text: `with these constants ${text}`, vacuous: true }))
  const restricted = spec.instances.filter(({ expectation }) => expectation.only !== undefined)
  if (instance === undefined && restricted.length > 0)
    warnings.push({
      kind: 'only',
      text: `everything was checked; ${restricted.map(({ name, expectation }) => `the instance ${name} checks only ${expectation.only?.join(', ')}`).join('; ')}: name it to check the same`,
      vacuous: false,
    })
  return warnings
}

/** Of a store with more states they stay on the disk when symmetry is looked at once more. */
const MAX_RECALLED = 1 << 20

/** Looks at the claim of symmetry once more, at the states that were expanded. */
async function recheckSymmetry(
  model: Model<Variables>,
  { arena, distinct, queue }: Engine,
  program: Learner,
  options: CheckOptions,
  seconds: () => number,
): Promise<void> {
  if (arena.length !== distinct) return
  try {
    await inParts(program, underPermutations(program, arena, distinct - queue), options, 0, seconds)
  } catch (error) {
    throw error instanceof Distinction ? distinctionError(model, error) : error
  }
}

const ONE_THREAD: Warning = {
  kind: 'workers',
  text: 'one thread explored everything: threads share no store, no profile, and no numbers of values of value(), of very large sets and of views',
  vacuous: false,
}

const NO_HEAP: Warning = {
  kind: 'heap',
  text: 'nothing was compiled, and one thread explored everything: the address space has no room for the memory of compiled code, which reserves some 10 GiB of it and uses what it needs (ulimit -v)',
  vacuous: false,
}

function workersOf({ workers = 1, file }: CheckOptions): number {
  const count = workers === 'auto' ? Math.min(MOST_WORKERS, availableParallelism()) : workers
  if (count > 1 && file === undefined)
    throw new UsageError(
      'worker threads need to know the module that exports the spec',
      "give check() the option file, such as file: import.meta.resolve('./spec.ts')",
    )
  return count
}

/** An object without the fields that are undefined. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
/** Where the time of a search went that took so long, and all of the check with its temporal properties. */
function profileOf(
  { expanding, compiling, checking, functions }: NonNullable<ProgramFigures['profile']>,
  searched: number,
  elapsed: number,
): Profile {
  return {
    seconds: {
      expanding,
      compiling,
      checking,
      search: Math.max(0, searched - expanding - checking),
      temporal: elapsed - searched,
      functions: functions.reduce((sum, one) => sum + one.seconds, 0),
    },
    functions: functions.toSorted((a, b) => callsOf(b) - callsOf(a)),
    advice: adviceOf(functions, elapsed),
  }
}

const callsOf = ({ calls }: FunctionProfile): number => calls.learning + calls.samples + calls.direct

function viewWithSymmetry(model: Model<Variables>): SpecError {
  return new SpecError('the model has both a view and interchangeable ids', {
    location: model.views[0]?.location(),
    hint: 'a view would have to be the same for all permutations of the ids: use ids() instead of symmetric(), or turn symmetry off',
  })
}

/** The claim that ids are interchangeable is wrong: what tells them apart, and where it stands in the spec. */
function distinctionError(model: Model<Variables>, { kind, about, ids: [one, other], scalarset }: Distinction): SpecError {
  const definitions = {
    init: model.initials,
    action: model.actions,
    property: model.predicates,
    step: model.steps,
    constraint: model.predicates,
    terminal: model.predicates,
    refinement: model.refinements,
  }[kind]
  const definition = kind === 'init' ? definitions[0] : definitions.find(({ name }) => name === about)
  const what =
    kind === 'action'
      ? `the action ${about} distinguishes`
      : kind === 'init'
        ? 'the initial states distinguish'
        : kind === 'property'
          ? `the property ${about} distinguishes`
          : kind === 'step'
            ? `the step property ${about} distinguishes`
            : kind === 'refinement'
              ? `the mapping of ${about}, or its abstract model, distinguishes`
              : `the ${kind} condition distinguishes`
  const hint =
    kind === 'init'
      ? `a variable of a symmetric type begins with ${scalarset}1: make it an option(), or pick its value in init; or declare the ids with ids()`
      : 'interchangeable ids may be compared for equality with one another, but neither ordered nor named; nor may the first of several be taken. Otherwise declare them with ids()'
  return new SpecError(`${what} ${one} from ${other}, which symmetric('${scalarset}', …) declares to be interchangeable`, {
    location: definition?.location(),
    hint,
  })
}

/** The instance to check, with overridden constants in place. */
export function chosen(spec: AnySpec, options: Pick<CheckOptions, 'instance' | 'constants'>): Instance {
  const names = spec.instances.map(({ name }) => name)
  let instance: Instance | undefined
  if (options.instance !== undefined) {
    instance = spec.instances.find(({ name }) => name === options.instance)
    if (instance === undefined)
      throw new UsageError(`the spec ${spec.name} has no instance ${JSON.stringify(options.instance)}`, suggest(options.instance, names))
  } else if (options.constants === undefined && spec.instances.length === 1) instance = spec.instances[0]
  instance ??= { name: 'default', constants: spec.constants, expectation: {} }
  if (options.constants === undefined) return instance
  const overridden = Object.entries(options.constants).map(([name, value]) => `${name}=${valueText(value)}`)
  const base = options.instance === undefined ? '' : `${instance.name} with `
  return {
    name: `${base}${overridden.join(' ')}` || instance.name,
    constants: spec.withConstants(options.constants, instance.constants),
    expectation: instance.expectation.only === undefined ? {} : { only: instance.expectation.only },
  }
}

export function modelOf(spec: AnySpec, instance: Instance): Model<Variables> {
  try {
    const built = spec.build(instance.constants)
    arm()
    registerPlain(plainOf)
    refuseImpure(built)
    return built
  } catch (error) {
    if (error instanceof SpecError || error instanceof InternalError) throw error
    const text = error instanceof Error ? error.message : valueText(error)
    throw new SpecError(`the model of the spec ${spec.name} (instance ${instance.name}) cannot be built: ${text}`, {
      location: error instanceof Error ? locate(error) : undefined,
      cause: error,
    })
  }
}

export function propertyNames(model: Model<Variables>): string[] {
  return [
    ...model.predicates.filter(({ kind }) => kind === 'invariant' || kind === 'reachable'),
    ...model.steps,
    ...model.properties,
    ...model.refinements,
  ].map(({ name }) => name)
}

/** A finding, with what the result says of it. */
interface Wrong {
  readonly kind: ViolationKind
  readonly name: string
  readonly steps: number
  readonly violation: () => Violation
}

export function checksOf(program: Learner, { only }: Expectation): Checks {
  const checked = ({ name }: { name: string }): boolean => only === undefined || only.includes(name)
  return {
    invariants: program.invariants.map(checked),
    steps: program.steps.map(checked),
    reachables: program.reachables.map(checked),
    deadlock: checked({ name: 'deadlock' }),
    assertions: only ?? null,
  }
}

/** What is carried out in slices. */
export interface Sliced {
  readonly finished: boolean
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly queue: number
  advance(milliseconds: number): boolean
  stop(bound: Bound): void
  /** Waits for what goes on elsewhere, between two slices. */
  readonly settle?: () => Promise<void>
}

/** Says whether a bound other than the search's own is reached. */
function boundOf({ signal, timeout }: Pick<CheckOptions, 'timeout' | 'signal'>, seconds: () => number): () => Bound | null {
  let before = 0
  return () => {
    if (signal?.aborted) return 'interrupt'
    if (timeout !== undefined && seconds() > timeout) return 'timeout'
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
    // What came since the last look may come again before the next one.
    const next = used + Math.max(0, used - before)
    before = used
    return next > limit * MEMORY_SHARE || process.memoryUsage.rss() > available() * MEMORY_SHARE ? 'memory' : null
  }
}

type RunOptions = Pick<CheckOptions, 'callTimeout' | 'timeout' | 'signal' | 'onProgress' | 'workersFrom'>

/** Runs a search to its end, or until a bound; from some size on by a crew of threads, which is called for when it pays. */
export async function run(
  search: Sliced,
  program: Learner,
  options: RunOptions,
  seconds: () => number,
  crewOf: (() => Crew | null) | null = null,
): Promise<void> {
  const watch = watchOf(search, options, seconds)
  const look = (): void => {
    const bound = watch()
    if (bound !== null) search.stop(bound)
  }
  let crew: Crew | null = null
  const from = options.workersFrom ?? SHARED_FROM
  const breadthFirst = search as BreadthFirst
  while (!search.finished) {
    if (crewOf !== null && crew === null && (options.workersFrom !== undefined || search.distinct >= CREW_FROM)) {
      try {
        crew = crewOf()
        if (crew === null) crewOf = null
        else if (options.workersFrom !== undefined) await crew.begun
      } catch (error) {
        if (!isMemory(error)) throw error
        search.stop('memory')
        break
      }
    }
    if (crew !== null && crew.failed !== null) {
      if (!isMemory(crew.failed)) throw crew.failed
      search.stop('memory')
      break
    }
    if (crew?.ready) breadthFirst.shareFrom = Math.max(1, from)
    if (crew !== null && breadthFirst.sharing) await shared(crew, breadthFirst, watch)
    else {
      try {
        // Growing a large table is no endless loop: the limit grows with the number of states.
        slice(program, () => search.advance(SLICE), options.callTimeout, search.distinct / 1000)
      } catch (error) {
        if (!isMemory(error)) throw error
        search.stop('memory')
      }
      if (search.finished) break
      look()
      if (search.finished) break
      // Let timers, signals, output and the other threads have their turn.
      if (search.settle === undefined) await new Promise((resolve) => setImmediate(resolve))
      else await whileLooking(search.settle(), look)
    }
  }
}

/** Waits, and looks at the clock meanwhile. */
async function whileLooking(settling: Promise<void>, look: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const looking = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      try {
        look()
      } catch (error) {
        reject(error)
      }
    }, SLICE)
  })
  try {
    await Promise.race([settling, looking])
  } finally {
    clearInterval(timer)
  }
}

/** States from which on threads are started, and states of a level that are worth sharing. */
const CREW_FROM = 1 << 14
const SHARED_FROM = 1 << 12

/** Explores a piece of a level by a crew, and goes to the next level at its end. */
async function shared(crew: Crew, search: BreadthFirst, watch: () => Bound | null): Promise<void> {
  let bound: Bound | null = null
  const timer = setInterval(() => {
    bound ??= watch()
    if (bound !== null) crew.team.stop()
  }, SLICE)
  try {
    while (!search.finished && search.next < search.levelEnd) {
      const whole = await crew.explore()
      bound ??= watch()
      if (bound !== null || !whole) return search.stop(bound ?? 'interrupt')
    }
  } catch (error) {
    if (!isMemory(error)) throw error
    search.stop('memory')
  } finally {
    clearInterval(timer)
  }
  if (!search.finished) search.endLevel()
}

/** Looks at the signal, the clock and the memory, and tells of progress; gives what the search has to stop for. */
function watchOf(search: Sliced, options: RunOptions, seconds: () => number): () => Bound | null {
  const bound = boundOf(options, seconds)
  let reported = 0
  return () => {
    const reached = bound()
    const now = performance.now()
    if (reached !== null || now - reported < PROGRESS) return reached
    reported = now
    const { distinct, generated, depth, queue } = search
    options.onProgress?.({ distinct, generated, depth, queue, seconds: seconds(), memory: process.memoryUsage.rss() })
    return null
  }
}

/** Bytes of memory that the process may use: those of the machine, or of its container. */
function available(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** Milliseconds that a step of a trace may take besides what is waited for one call. */
const STEP = 10
/** What judging how a trace goes on for ever may take, in such steps. */
export const LASSO = 20_000

/**
 * What comes of taking traces of so many steps again, by the engine and the reference checker. It calls functions that no search has called (`show`), so
 * it ends as searches do where one of them does not.
 */
export function taken<T>(program: Pick<Learner, 'running'>, work: () => T, steps: number, callTimeout = DEFAULT_CALL_TIMEOUT): T {
  let result: T | undefined
  const running = {
    get running() {
      const what = interruptedNow()
      return what === null ? program.running : { what, location: () => undefined }
    },
  }
  patiently(callTimeout * 1000, () =>
    contained(() =>
      guarded(
        running,
        () => {
          result = work()
        },
        callTimeout,
        STEP * steps,
      ),
    ),
  )
  return result as T
}

/** A slice of work that calls functions of the spec: it ends, it does not end the process, and a pause is no endless loop. */
function slice(program: Learner, work: () => void, callTimeout = DEFAULT_CALL_TIMEOUT, more = 0): void {
  patiently(callTimeout * 1000, () => contained(() => guarded(program, work, callTimeout, more)))
}

/** Whether the search leaves temporal properties to be checked. */
function needsTemporal(search: Engine, options: CheckOptions): boolean {
  return search.stopped === null && (search.findings.length === 0 || options.keepGoing === true)
}

/** Checks temporal properties after a complete search; slice by slice, as the search is. */
async function runTemporal(
  model: Model<Variables>,
  search: Engine,
  program: Learner,
  checked: (name: string) => boolean,
  options: CheckOptions,
  seconds: () => number,
): Promise<TemporalOutcome & { stopped: Bound | null }> {
  const nothing = { findings: [], warnings: [], nodes: 0 }
  if (!needsTemporal(search, options)) return { ...nothing, stopped: null }
  const { arena, generated, constrained, exact } = search
  const constraintAt = (): Location | undefined => model.predicates.find(({ kind }) => kind === 'constraint')?.location()
  const parts = checkTemporal(program, { arena, generated, constrained, exact, reduced: search.scalarsets.length > 0, constraintAt }, checked)
  try {
    const done = await inParts(program, parts, options, search.generated / 10, seconds)
    return typeof done === 'string' ? { ...nothing, stopped: done } : { ...done, stopped: null }
  } catch (error) {
    throw error instanceof Distinction ? distinctionError(model, error) : error
  }
}

/** Carries out what comes in parts, slice by slice, until it is done or a bound is met. A part may take `more` milliseconds. */
export async function inParts<T extends object>(
  program: Learner,
  parts: Generator<void, T>,
  { callTimeout, signal, timeout }: Pick<CheckOptions, 'callTimeout' | 'signal' | 'timeout'>,
  more: number,
  seconds: () => number,
): Promise<T | Bound> {
  let done: T | undefined
  const part = (): void => {
    const end = performance.now() + SLICE
    while (done === undefined && performance.now() < end) {
      const part = parts.next()
      if (part.done) done = part.value
    }
  }
  for (;;) {
    try {
      // A part may go through the whole product: the limit grows with it.
      slice(program, part, callTimeout, more)
    } catch (error) {
      if (isMemory(error)) return 'memory'
      throw error
    }
    if (done !== undefined) return done
    if (signal?.aborted) return 'interrupt'
    if (timeout !== undefined && seconds() > timeout) return 'timeout'
    await new Promise((resolve) => setImmediate(resolve))
  }
}

// --- traces

/** A counterexample of a temporal property or a refinement, taken step by step by the reference checker. */
export function temporalViolationOf(
  model: Model<Variables>,
  program: Learner,
  search: Located & Partial<Pick<Engine, 'pathAlong'>>,
  finding: TemporalFinding,
): Violation {
  const { kind, name, parameters, states: indices, last, backTo, because, fairness, refinement } = finding
  const { arena } = search
  const cycle = backTo !== undefined && backTo >= 0
  const states = [
    ...indices.map((index) => ({ words: arena.segment(index), at: arena.offset(index) })),
    ...(last ? [{ words: last.state, at: 0 }] : []),
  ]
  const path = last
    ? search.path({ kind, name, property: -1, steps: indices.length, from: indices.at(-1) ?? -1, ...last })
    : (search as Engine).pathAlong(cycle ? [...indices, indices[backTo] as number] : indices)
  const { trace, states: taken } = replay(model, path)
  const texts = states.map(({ words, at }) => stateText(model, program, words, at))
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

/** Where the states of a finding lie, and how they are reached. */
type Located = Pick<BreadthFirst, 'arena' | 'path'>

export function violationOf(model: Model<Variables>, program: Learner, search: Located, finding: Finding): Violation {
  const path = search.path(finding)
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

function because(program: Learner, search: Located, { kind, property, from, state, instance }: Finding, path: Path): Reason[] {
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
function traceOf(model: Model<Variables>, program: Learner, search: Located, finding: Finding, path: Path): readonly TraceStep[] {
  if (path.length === 0) return []
  const { trace, failed } = replay(model, path)
  const last =
    finding.state !== null
      ? stateText(model, program, finding.state, 0)
      : stateText(model, program, search.arena.segment(finding.from), search.arena.offset(finding.from))
  const same = valueText(trace.at(-1)?.state) === last && failed.some(({ kind, name }) => kind === finding.kind && name === finding.name)
  if (!same) throw new InternalError(`the trace of ${finding.name} (${formatPath(path)}) ends differently in the reference checker`)
  return trace
}

export function stateText(model: Model<Variables>, program: Learner, words: Int32Array, at: number): string {
  return valueText(model.state.immutable(unpack(program.layout, words, at)))
}

/** How the state was reached in which a function of the spec went wrong, as text. */
function traceOfError(model: Model<Variables>, program: Learner, search: Engine): string[] {
  const { asking } = search
  if (asking === null) return []
  try {
    return traceTo(model, program, search, asking)
  } catch {
    // A function that is not a function of the state does not always do again what led there.
    return []
  }
}

/** What is put where, without advice: "x: 4 is outside int(0, 3)". */
const misfitName = ({ message }: SpecError, what: string): string => message.replace(` in ${what}`, '').replace(/; .*/s, '')

/**
 * The error of a step that puts a value where none such fits, told as violations are: `path` leads to the state, in which the step is looked for. Where
 * the reference checker does not agree, or calls take too long now, the error stays as it is.
 */
export function outOfRange(
  model: Model<Variables>,
  program: Learner,
  error: SpecError,
  path: Path,
  words: Int32Array,
  at: number,
  options: Pick<CheckOptions, 'callTimeout'>,
): SpecError {
  const violation = (): Violation | null => {
    const found = program.refusedStep(words, at, error.message)
    const { outside } = error
    if (found === null || outside === undefined) return null
    const whole = [...path, found.step]
    const { trace } = replay(model, whole)
    const [before, last] = trace.slice(-2) as [TraceStep, TraceStep]
    if (valueText(before.state) !== stateText(model, program, words, at)) return null
    return {
      kind: 'range',
      name: misfitName(error, program.whatOf(found.step.instance)),
      parameters: {},
      steps: path.length,
      because: found.because,
      // A value that was there for a moment only: the reference checker looks when the action is done.
      trace: [...trace.slice(0, -1), { ...last, state: before.state, changes: [], shown: before.shown, failed: true }],
      replay: formatPath(whole),
      outside,
    }
  }
  try {
    const told = taken(program, () => silently(violation), path.length, options.callTimeout)
    return told === null ? error : new OutOfRangeError(error, told)
  } catch {
    return error
  }
}

function traceTo(model: Model<Variables>, program: Learner, search: Engine, { from, state }: NonNullable<Engine['asking']>): string[] {
  const { arena } = search
  const line = (step: PathStep | undefined, words: Int32Array, at: number): string => {
    const info = step && program.instances[step.instance]
    const text = stateText(model, program, words, at)
    return info ? `${callText(info.name, info.parameters)} -> ${text}` : text
  }
  const indices = from < 0 ? [] : arena.pathTo(from)
  const steps = from < 0 ? [] : search.pathTo(from)
  const trace = indices.map((index, i) => line(i === 0 ? undefined : steps[i], arena.segment(index), arena.offset(index)))
  if (state !== null) trace.push(line(from < 0 ? undefined : program.stepTo(arena.segment(from), arena.offset(from), state, 0), state, 0))
  return trace
}

// --- verdicts against expectations

function mismatchesOf(
  expectation: Expectation,
  verdict: Verdict,
  first: Wrong | undefined,
  counts: { states: number; generated: number; depth: number },
): string[] {
  const mismatches: string[] = []
  const outcome =
    first === undefined
      ? verdict === 'holds'
        ? 'everything holds'
        : 'the search is incomplete'
      : first.kind === 'deadlock'
        ? `a deadlock after ${count(first.steps, 'step')}`
        : first.kind === 'reachable'
          ? `${first.name} is never reached`
          : `${first.name} is violated after ${count(first.steps, 'step')}`
  const met = expectation.deadlocks
    ? verdict === 'deadlocked'
    : expectation.violates !== undefined
      ? first?.name === expectation.violates && first.kind !== 'deadlock'
      : verdict === 'holds'
  if (!met) mismatches.push(`expected: ${expectationText(expectation)}; found: ${outcome}`)
  else if (expectation.steps !== undefined && first?.steps !== expectation.steps)
    mismatches.push(
      `expected a trace of ${count(expectation.steps, 'step')}; found ${first === undefined || first.kind === 'reachable' ? 'none' : first.steps}`,
    )
  for (const key of ['states', 'generated', 'depth'] as const) {
    const expected = expectation[key]
    const label = key === 'states' ? 'distinct states' : key === 'generated' ? 'states generated' : 'depth'
    if (expected !== undefined && expected !== counts[key]) mismatches.push(`expected ${label}: ${expected}; found ${counts[key]}`)
  }
  return mismatches
}

export function expectationText({ violates, deadlocks, steps }: Expectation): string {
  const after = steps === undefined ? '' : ` after ${count(steps, 'step')}`
  return deadlocks ? `a deadlock${after}` : violates === undefined ? 'everything holds' : `${violates} is violated${after}`
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

function warningsOf(
  model: Model<Variables>,
  program: Learner,
  figures: ProgramFigures,
  search: Engine,
  expectation: Expectation,
  ordered: readonly Wrong[],
  shown: readonly Wrong[],
  verdict: Verdict,
): Warning[] {
  const warnings: Warning[] = []
  for (const { kind, name, steps } of ordered.filter((finding) => !shown.includes(finding))) {
    const text = kind === 'reachable' ? `${name} is never reached either` : `${name} is violated as well, after ${count(steps, 'step')}`
    warnings.push({ kind: 'also-violated', text, vacuous: false })
  }
  if (expectation.only) {
    const left = [...propertyNames(model), 'deadlock'].filter((name) => !expectation.only?.includes(name))
    const passed = search.passedOver > 0 ? `; ${count(search.passedOver, 'failed assertion')} passed over` : ''
    warnings.push({
      kind: 'only',
      text: `checked only ${expectation.only.join(', ')}; left out: ${left.join(', ') || 'assertions'}${passed}`,
      vacuous: false,
    })
  }
  if (search.constrained > 0)
    warnings.push({
      kind: 'constraint',
      text: `${count(search.constrained, 'successor')} outside the constraint ${search.constrained === 1 ? 'was' : 'were'} checked but not expanded`,
      vacuous: false,
    })
  if (!search.exact)
    warnings.push({ kind: 'fingerprint', text: 'states were told apart by 64-bit fingerprints: see the collision probability', vacuous: false })
  if (verdict !== 'holds') return warnings
  if (figures.neverEnabled.length > 0)
    warnings.push({
      kind: 'never-enabled',
      text: `never enabled${search.constrained > 0 ? ' inside the constraint' : ''}: ${figures.neverEnabled.join(', ')}`,
      vacuous: true,
    })
  for (const name of constantAmong(figures.looks))
    warnings.push({ kind: 'constant-property', text: `the invariant ${name} is true without looking at the state`, vacuous: true })
  for (const { name, kind, variables } of unreadAmong(figures.looks)) {
    if (expectation.only && !expectation.only.includes(name)) continue
    const what = kind === 'step' ? 'step property' : 'invariant'
    warnings.push({
      kind: 'unread',
      text: `the ${what} ${name} never looked at ${variables.join(', ')}: what stands before decided every time`,
      vacuous: true,
    })
  }
  for (const i of search.reachedAtOnce) {
    const name = program.reachables[i]?.name as string
    warnings.push({ kind: 'reached-at-once', text: `${name} is reached already in an initial state`, vacuous: true })
  }
  if (search.constrained > 0 && search.depth === 1) {
    warnings.push({ kind: 'constraint-cuts-all', text: 'the constraint cuts off every step: only initial states lie inside', vacuous: true })
  }
  return warnings
}

/** Values of a slot that are no sign of growth. */
const FEW = 1000
/** States that are looked at for growth. */
const LOOKED_AT = 1 << 14

/** The slot of the most different values, where they are many. */
function growing(search: Engine, { layout }: Learner): { path: string; bounded: boolean; seen: number } | undefined {
  const { arena } = search
  const stride = Math.ceil(arena.length / LOOKED_AT)
  const seenIn = (slot: number): number => {
    const values = new Set<number>()
    for (let index = 0; index < arena.length; index += stride) values.add(readSlot(layout, arena.segment(index), arena.offset(index), slot))
    return values.size
  }
  return layout.slots
    .map(({ path, size, seen }, slot) => ({ path, bounded: seen === undefined, seen: seen?.() ?? (size > FEW ? seenIn(slot) : 0) }))
    .filter(({ seen }) => seen > FEW)
    .sort((a, b) => b.seen - a.seen)[0]
}

function boundText(bound: Bound, search: Engine, program: Learner, options: CheckOptions): string {
  const left = `${count(search.queue, 'state')} found but not expanded`
  const grows = growing(search, program)
  const growth =
    grows === undefined
      ? ''
      : `; ${grows.path} ${grows.bounded ? 'takes many values' : 'may grow without bound'}: ${grows.seen} different ones so far`
  const reason = {
    'max-states': `more than ${options.maxStates} distinct states`,
    'max-depth': `the bound on the depth, ${options.maxDepth}, is reached`,
    timeout: `the time limit of ${options.timeout} seconds is over`,
    interrupt: 'interrupted',
    memory: 'memory is used up',
  }[bound]
  return `${reason}: ${left}${growth}`
}

function sum(figures: Float64Array, where: (index: number) => boolean): number {
  return figures.reduce((total, figure, i) => (where(i) ? total + figure : total), 0)
}
