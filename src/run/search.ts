/** The search of a check: in memory, by one thread or several, or with its layers on disk. */
import { SpecError, UsageError } from '../errors.ts'
import { BreadthFirst } from '../explore/breadthFirst.ts'
import type { Checks } from '../explore/inspector.ts'
import { MOST_WORKERS } from '../options.ts'
import type { SearchOptions } from '../program/options.ts'
import type { ProgramFigures } from '../program/figures.ts'
import { Distinction } from '../symmetry/distinctions.ts'
import { isSymmetric } from '../symmetry/symmetry.ts'
import { needsEveryState, refuseTemporal } from '../temporal/temporal.ts'
import { traceOfError } from '../trace/violation.ts'
import { PRIVATE, SHARED } from '../visited/memory.ts'
import type { Context } from './context.ts'
import { distinctionError } from './distinctions.ts'
import type { Engine } from '../explore/engine.ts'
import { host, type Threads } from './host.ts'
import { checksOf, viewWithSymmetry } from './instance.ts'
import type { CheckOptions } from './options.ts'
import { outOfRange } from './range.ts'
import { boundOf, defined, run } from './slices.ts'

/** A search that has not begun. */
export interface Search {
  readonly engine: Engine
  readonly workers: number
  /** Starts the threads that are asked for, where they can be of use; null where the machine has no room for a heap. */
  readonly startThreads: (() => Threads | null) | null
  /** Workers are asked for, and one thread does everything. */
  readonly alone: boolean
  /** The temporal properties because of which symmetry is not used, or null. */
  readonly unreduced: readonly string[] | null
}

export async function openSearch(context: Context): Promise<Search> {
  const { model, program, options, instance, checked } = context
  const symmetric = options.symmetry !== false && isSymmetric(program.layout)
  if (program.viewed && symmetric) throw viewWithSymmetry(model)
  const workers = workersOf(options)
  refuseTemporal(program, checked, options.keys, (name) => [...model.properties, ...model.refinements].find((one) => one.name === name)?.location())
  const everyState = needsEveryState(program, checked)
  const unreduced = symmetric && everyState.length > 0
  const searchOptions = unreduced ? { ...options, symmetry: false } : options
  const checks = checksOf(program, instance.expectation)
  // Numbers that stand for values of the spec are each thread's own.
  const numbered = program.viewed || program.layout.slots.some(({ seen }) => seen !== undefined)
  const shared = workers > 1 && !numbered && !options.profile && !options.store && host.threads !== undefined
  const common = { workers, alone: workers > 1 && !shared, unreduced: unreduced ? everyState : null }
  if (options.store) return { ...common, engine: await openStore(context, checks, searchOptions), startThreads: null }
  const engine = new BreadthFirst(program, checks, searchOptions, shared ? SHARED : PRIVATE)
  return { ...common, engine, startThreads: shared ? threadsOf(context, engine, workers, checks, searchOptions) : null }
}

function openStore({ spec, instance, model, program, options }: Context, checks: Checks, searchOptions: SearchOptions): Promise<Engine> {
  if (host.openStore === undefined) throw new UsageError('layers can only be kept on disk where there is one', 'leave out the option store')
  return host.openStore({
    spec: spec.name,
    instance: instance.name,
    constants: instance.constants,
    model,
    program,
    checks,
    options: searchOptions,
    store: options.store as NonNullable<CheckOptions['store']>,
  })
}

function threadsOf(
  { spec, instance, program, options }: Context,
  search: BreadthFirst,
  workers: number,
  checks: Checks,
  searchOptions: SearchOptions,
): () => Threads | null {
  const { learning, reuse, compiling, callTimeout } = options
  return () =>
    host.threads?.(
      search,
      workers,
      program,
      checks,
      {
        file: options.file as string | URL,
        spec: spec.name,
        instance: options.instance ?? (options.constants === undefined && spec.instances.length === 1 ? instance.name : undefined),
        constants: options.constants,
        values: instance.constants,
        options: defined({ learning, reuse, compiling, callTimeout }),
      },
      searchOptions,
    ) ?? null
}

function workersOf({ workers = 1, file }: CheckOptions): number {
  const count = workers === 'auto' ? Math.min(MOST_WORKERS, host.processors) : workers
  if (count > 1 && file === undefined)
    throw new UsageError(
      'worker threads need to know the module that exports the spec',
      "give check() the option file, such as file: import.meta.resolve('./spec.ts')",
    )
  return count
}

/** Explores until the search is over; gives what the programs of other threads have learned. */
export async function explore({ model, program, options, seconds }: Context, { engine, startThreads }: Search): Promise<ProgramFigures[]> {
  let threads: Threads | null = null
  const start = startThreads && (() => (threads = startThreads()))
  try {
    await run(engine, program, options, seconds, start)
    const working = threads as Threads | null
    return working?.ready && engine.stopped !== 'memory' && engine.stopped !== 'capacity' ? await working.figures() : []
  } catch (thrown) {
    const error = thrown instanceof Distinction ? distinctionError(model, thrown) : thrown
    if (!(error instanceof SpecError)) throw error
    await engine.recall?.(false, boundOf(options, seconds))
    const { asking, arena } = engine
    error.trace = traceOfError(program, engine)
    if (error.outside === undefined || asking === null || asking.from < 0 || asking.state !== null) throw error
    throw outOfRange(model, program, error, { arena, from: asking.from }, options)
  } finally {
    await (threads as Threads | null)?.end()
  }
}
