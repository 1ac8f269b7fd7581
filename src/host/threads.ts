/**
 * The threads of a search: the leading one, and worker threads, each of which loads the module of the spec itself; and what is said between them.
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getEnvironmentData, Worker } from 'node:worker_threads'
import { FaultError, InternalError, SpecError, UsageError } from '../errors.ts'
import { Paused, SLICE } from '../run/limits.ts'
import type { ThreadTask, Threads } from '../run/host.ts'
import { inputsFound } from './inputs.ts'
import { slice } from './slice.ts'
import type { Knowledge } from '../learn/learned.ts'
import type { Learner } from '../learn/learner.ts'
import { bundleName } from '../program/bundles.ts'
import type { Heap } from '../layout/heap.ts'
import type { SearchOptions } from '../program/options.ts'
import type { ProgramFigures } from '../program/figures.ts'
import { callText } from '../program/text.ts'
import type { BreadthFirst } from '../explore/breadthFirst.ts'
import { Distinction } from '../symmetry/distinctions.ts'
import type { Checks } from '../explore/inspector.ts'
import { LevelWorker } from '../explore/levelWorker.ts'
import type { ExploreOrder, ExploreReport, Setup } from '../explore/round.ts'
import { type Participant, Coordinator } from '../explore/coordinator.ts'
import type { Constants } from '../spec/spec.ts'

/** What a thread is started with. */
export interface Task {
  readonly file: string
  /** The module made of it, where there is one. */
  readonly bundle: unknown
  readonly spec: string
  readonly instance: string | undefined
  readonly constants: Constants | undefined
  readonly options: Pick<SearchOptions, 'learning' | 'reuse' | 'compiling' | 'callTimeout'>
  readonly setup: Setup
  /** What the leading thread has learned. */
  readonly knowledge: Knowledge
  /** What the model must look like. */
  readonly signature: string
  /** What was read while it was loaded and put together (host/inputs.ts). */
  readonly inputs: readonly (readonly [name: string, value: string])[]
}

export type Order = ExploreOrder | { readonly order: 'figures' }

/** What a thread answers. */
export type Answer =
  | { readonly answer: 'ready' }
  | { readonly answer: 'done'; readonly report: ExploreReport | ProgramFigures }
  | { readonly answer: 'failed'; readonly error: Failed }

/** An error of another thread. */
export interface Failed {
  readonly kind: 'spec' | 'usage' | 'distinction' | 'memory' | 'paused' | 'other'
  readonly message: string
  readonly stack: string | undefined
  readonly hint: string | undefined
  readonly location: SpecError['location']
  readonly outside: SpecError['outside']
  readonly distinction: Pick<Distinction, 'kind' | 'about' | 'ids' | 'scalarset'> | undefined
  readonly asking: BreadthFirst['asking']
}

/** The module that a thread runs: it lies beside this one where tsmc is built. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? '../../dist/worker.js' : './worker.js', import.meta.url)

/** Threads that are started and wait for a task. */
let spare: readonly Worker[] = []

/** Starts threads ahead of the time when there is something to do for them: they load the library meanwhile. They keep no process alive. */
export function prepare(workers: number): void {
  spare = Array.from({ length: workers }, () => {
    const worker = started()
    worker.unref()
    // One that cannot start is replaced by another, of which the error is told.
    const lost = (): void => {
      spare = spare.filter((other) => other !== worker)
    }
    worker.once('error', lost)
    worker.once('exit', lost)
    return worker
  })
}

function started(): Worker {
  return new Worker(WORKER, { stdout: false, stderr: false })
}

function takeThread(): Worker {
  const [worker = started(), ...rest] = spare
  spare = rest
  worker.ref()
  return worker
}

/** A description of a model's states and steps: equal for equal models. */
export function signatureOf(program: Learner, constants: Constants): string {
  return JSON.stringify([
    program.layout.slots.map(({ path, size }) => [path, size]),
    program.instances.map(({ name, parameters }) => callText(name, parameters)),
    program.invariants.map(({ name, parameters }) => callText(name, parameters)),
    program.steps.map(({ name, parameters }) => callText(name, parameters)),
    program.reachables.map(({ name }) => name),
    program.constrained,
    constants,
  ])
}

/** A path or URL of a module as a path. */
export function pathOfModule(file: string | URL): string {
  return typeof file !== 'string' ? fileURLToPath(file) : file.startsWith('file:') ? fileURLToPath(file) : resolve(file)
}

/** `workers` threads that explore: the leading one, and others. */
export class WorkerThreads implements Threads {
  readonly coordinator: Coordinator
  readonly #leading: Leading
  readonly #threads: readonly Thread[]
  /** Whether all threads are ready. */
  ready = false
  /** Why they cannot be. */
  failed: unknown = null
  readonly begun: Promise<void>

  constructor(
    search: BreadthFirst,
    workers: number,
    program: Learner,
    heap: Heap,
    checks: Checks,
    given: ThreadTask,
    options: Setup['options'] & Pick<SearchOptions, 'maxStates' | 'callTimeout'>,
  ) {
    const knowledge = program.accelerator.share(heap)
    const { values, ...rest } = given
    const task = { ...rest, file: pathOfModule(given.file), signature: signatureOf(program, values), inputs: inputsFound() }
    this.coordinator = new Coordinator(search, workers, heap, options.maxStates)
    const processors = availableParallelism()
    const bundle = getEnvironmentData(bundleName(task.file))
    const setup = (number: number): Setup => this.coordinator.setup(number, checks, options, processors)
    this.#threads = Array.from({ length: workers - 1 }, (_, number) => new Thread({ ...task, bundle, knowledge, setup: setup(number) }, search))
    this.#leading = new Leading(search, program, setup(workers - 1), heap, options.callTimeout)
    // The leading thread last: while it explores it tells the others nothing.
    this.coordinator.take([...this.#threads, this.#leading])
    this.begun = Promise.all([this.#leading, ...this.#threads].map(({ ready }) => ready)).then(() => {
      this.ready = true
    })
    // Whoever waits for it sees the error.
    this.begun.catch((error: unknown) => {
      this.failed = error
    })
  }

  /** Explores a piece of the level; false where it was stopped. When it throws, nobody explores any more. */
  async explore(): Promise<boolean> {
    try {
      return await this.coordinator.explore()
    } catch (error) {
      await this.#leading.end()
      throw error
    }
  }

  stop(): void {
    this.coordinator.stop()
  }

  /** What the programs of the other threads have learned. */
  async figures(): Promise<ProgramFigures[]> {
    return Promise.all(this.#threads.map((thread) => thread.figures()))
  }

  async end(): Promise<void> {
    await Promise.all([this.#leading, ...this.#threads].map((thread) => thread.end()))
  }
}

/** The leading thread as one of those that explore, slice by slice; between slices it does what it does besides. */
class Leading implements Participant {
  readonly ready: Promise<void>
  readonly #search: BreadthFirst
  readonly #program: Learner
  readonly #callTimeout: number | undefined
  #worker: LevelWorker | null = null
  /** The slices that are under way. */
  #exploring: Promise<unknown> = Promise.resolve()

  constructor(search: BreadthFirst, program: Learner, setup: Setup, heap: Heap, callTimeout: number | undefined) {
    this.#search = search
    this.#program = program
    this.#callTimeout = callTimeout
    // Where there is no memory for it, that is told as by the other threads.
    this.ready = Promise.resolve().then(() => {
      this.#worker = new LevelWorker(program, setup, heap)
    })
  }

  explore(order: ExploreOrder): Promise<ExploreReport> {
    const exploring = this.#explore(this.#worker as LevelWorker, order)
    this.#exploring = exploring.catch(() => {})
    return exploring
  }

  async #explore(worker: LevelWorker, order: ExploreOrder): Promise<ExploreReport> {
    worker.begin(order)
    let done = false
    const some = (): void => {
      done = worker.advance(SLICE)
    }
    try {
      for (;;) {
        slice(this.#program, some, this.#callTimeout)
        if (done) return worker.report()
        await new Promise((resolve) => setImmediate(resolve))
      }
    } catch (error) {
      this.#search.askedElsewhere = worker.asking
      worker.fail()
      throw error
    }
  }

  /** Ends what is under way. */
  async end(): Promise<void> {
    this.#worker?.fail()
    await this.#exploring
  }
}

class Thread implements Participant {
  readonly ready: Promise<void>
  readonly #worker: Worker
  readonly #search: BreadthFirst
  #waiting: { resolve: (report: never) => void; reject: (error: Error) => void } | null = null
  #lost: Error | null = null
  #ended = false

  constructor(task: Task, search: BreadthFirst) {
    this.#search = search
    this.#worker = takeThread()
    this.ready = new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
    this.#worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting
      this.#waiting = null
      if (answer.answer === 'failed') {
        this.#lost = this.#errorOf(answer.error)
        waiting?.reject(this.#lost)
      } else waiting?.resolve((answer.answer === 'done' ? answer.report : undefined) as never)
    })
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#lose(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new FaultError(
              'a worker thread has run out of memory: nothing is known of the states that it had to explore',
              'use fewer --workers, or give each more memory: NODE_OPTIONS=--max-old-space-size=<megabytes>',
            )
          : new FaultError(`a worker thread has died: ${error.message}`, 'run it again with --workers 1'),
      )
    })
    this.#worker.on('messageerror', (error: Error) => {
      this.#lose(new FaultError(`what a worker thread says cannot be read: ${error.message}`, 'run it again with --workers 1'))
    })
    this.#worker.on('exit', (code) => {
      if (!this.#ended) this.#lose(new FaultError(`a worker thread has ended with code ${code}`, 'run it again with --workers 1'))
    })
    this.#worker.postMessage(task)
  }

  #lose(error: Error): void {
    this.#lost ??= error
    this.#waiting?.reject(this.#lost)
    this.#waiting = null
  }

  #errorOf({ kind, message, stack, hint, location, outside, distinction, asking }: Failed): Error {
    this.#search.askedElsewhere = asking
    if (kind === 'spec') return new SpecError(message, { hint, location, outside })
    if (kind === 'usage') return new UsageError(message, hint)
    if (kind === 'distinction' && distinction) return new Distinction(distinction.kind, distinction.about, distinction.ids, distinction.scalarset)
    if (kind === 'paused') return new Paused(new SpecError(message, { hint, location }))
    if (kind === 'memory') return new RangeError(message)
    const error = new InternalError(message)
    if (stack !== undefined) error.stack = stack
    return error
  }

  #send<T>(order: Order): Promise<T> {
    if (this.#lost) return Promise.reject(this.#lost)
    return new Promise<T>((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#worker.postMessage(order)
    })
  }

  explore(order: ExploreOrder): Promise<ExploreReport> {
    return this.#send(order)
  }

  figures(): Promise<ProgramFigures> {
    return this.#send({ order: 'figures' })
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#worker.terminate()
  }
}
