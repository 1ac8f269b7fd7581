/**
 * What a check asks of the place where it runs. Node.js has all of it (`host/`). A bare place, such as a browser, has little: there nothing interrupts an endless
 * loop in a spec, clocks are not refused, and one thread explores everything in memory.
 */
import type { BreadthFirst } from '../explore/breadthFirst.ts'
import type { Checks } from '../explore/inspector.ts'
import type { Learner } from '../learn/learner.ts'
import type { SearchOptions, StoreOptions } from '../program/options.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { Constants } from '../spec/spec.ts'
import { useSilence } from '../spec/quiet.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { StoredEngine } from '../explore/engine.ts'

export type { StoredEngine } from '../explore/engine.ts'

/** Bytes of memory. */
export interface MemoryFigures {
  /** What the process holds, and what it may hold: all of the machine, or of its container. */
  readonly held: number
  readonly available: number
  /** What the JavaScript heap holds, and its limit. */
  readonly heap: number
  readonly heapLimit: number
}

/** What other threads need to explore the same instance. */
export interface ThreadTask {
  /** Path or URL of the module that exports the spec. */
  readonly file: string | URL
  readonly spec: string
  readonly instance: string | undefined
  /** Those that replace the instance's, and all as they are. */
  readonly constants: Constants | undefined
  readonly values: Constants
  readonly options: Pick<SearchOptions, 'learning' | 'reuse' | 'compiling' | 'callTimeout'>
}

/** Threads that explore levels together with the thread that leads. */
export interface Threads {
  /** Whether all threads are ready, and why they cannot be. */
  readonly ready: boolean
  readonly failed: unknown
  readonly begun: Promise<void>
  /** Explores a piece of the level; false where it was stopped. When it throws, nobody explores any more. */
  explore(): Promise<boolean>
  stop(): void
  /** What the programs of the other threads have learned. */
  figures(): Promise<ProgramFigures[]>
  end(): Promise<void>
}

/** What a store is opened with. */
export interface StoredTask {
  readonly spec: string
  readonly instance: string
  readonly constants: Constants
  readonly model: Model<Variables>
  readonly program: Learner
  readonly checks: Checks
  readonly options: SearchOptions
  readonly store: StoreOptions
}

export interface Host {
  /** Runs code that calls functions of a spec: it may not end the process. */
  contained<T>(run: () => T): T
  /** Runs something of which nothing that a spec logs is told. */
  silently<T>(run: () => T): T
  /** A check begins, or a replay: `what` tells what runs, for what is logged; `once`: equal lines of one function are told once. */
  beginLog(what: () => string | null, once: boolean): void
  /** Before functions of a spec are called: from here on what they read beside the state is refused. */
  arm(): void
  /** Puts a model together: clocks and the like are refused, and what it finds in files and the environment is recorded. `what` is put together, for messages. */
  defining<T>(what: string, run: () => T): T
  /**
   * Runs a slice of work that calls functions of a spec. One that does not return within `callTimeout` seconds, and `more` milliseconds where something else may
   * take long, is interrupted where that is possible: `SpecError`, or `Paused` where the process was stopped meanwhile, or no call took so long by itself.
   */
  slice(program: Pick<Learner, 'running'> & { readonly lately?: number }, work: () => void, callTimeout: number, more: number): void
  /** Lets timers, signals and output have their turn. */
  turn(): Promise<void>
  /** undefined where nobody knows. */
  memory(): MemoryFigures | undefined
  /** Processors that `workers: 'auto'` uses. */
  readonly processors: number
  /** Threads; without it one explores everything. */
  readonly threads?: (
    search: BreadthFirst,
    workers: number,
    program: Learner,
    checks: Checks,
    task: ThreadTask,
    options: SearchOptions,
  ) => Threads | null
  /** Layers on disk. */
  readonly openStore?: (task: StoredTask) => Promise<StoredEngine>
}

/** Nothing but the language. */
export const BARE: Host = {
  contained: (run) => run(),
  silently: (run) => run(),
  beginLog: () => {},
  arm: () => {},
  defining: (_what, run) => run(),
  slice: (_program, work) => work(),
  turn: () => new Promise((resolve) => setTimeout(resolve, 0)),
  memory: () => undefined,
  processors: 1,
}

/** Where this thread runs. */
export let host: Host = BARE

export function useHost(given: Host): void {
  host = given
  useSilence((run) => given.silently(run))
}
