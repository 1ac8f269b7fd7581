import type { Progress } from './result.ts'

/** How a search is bounded and carried out. Everything has a default. */
export interface SearchOptions {
  /** Stop when more than this many distinct states are found. */
  readonly maxStates?: number
  /** How many states there are numbers for in memory: no more than the default, 2^32 - 1. The search stops where they end. For tests. */
  readonly capacity?: number
  /** Do not expand states at this depth (an initial state has depth 1). */
  readonly maxDepth?: number
  /** Seconds of wall time. */
  readonly timeout?: number
  /** Seconds that one call of a function of the spec may take; 10 by default. */
  readonly callTimeout?: number
  /** Go on after a violation and collect one per property. */
  readonly keepGoing?: boolean
  /** How states too long for 64 bits are told apart: exactly (default), or by a 64-bit fingerprint. */
  readonly keys?: 'exact' | 'fingerprint'
  /** false: call the functions of the spec for every state. */
  readonly learning?: boolean
  /** false: look up every successor in the visited set at once instead of in batches. */
  readonly batching?: boolean
  /** false: evaluate everything anew for every state, even where nothing it reads has changed. */
  readonly reuse?: boolean
  /** false: walk the learned trees instead of compiling them; 'eager': compile them from the start, for tests. */
  readonly compiling?: boolean | 'eager'
  /** false: symmetric ids are told apart like any others. */
  readonly symmetry?: boolean
  /**
   * How many worker threads explore large levels together; 'auto': one per processor. By default the search has one thread. What is found
   * is the same for any number.
   */
  readonly workers?: number | 'auto'
  /** The module that exports the spec: worker threads load it. */
  readonly file?: string | URL
  /** Levels of at least so many states are explored by the worker threads. Given, they are awaited; by default they start when they pay. */
  readonly workersFrom?: number
  /** Measure where the time goes: the result then has a `profile`. Costs some time itself. */
  readonly profile?: boolean
  /**
   * Have the reference checker check the instance as well, and compare: a difference is an error, never a result. The result then has a
   * `confirmation`.
   */
  readonly confirm?: boolean
  /** With `confirm`: instances of more distinct states are not confirmed; 20,000 by default. Given, `confirm` is true. */
  readonly confirmStates?: number
  /** Keeps the layers on disk instead of in memory. */
  readonly store?: StoreOptions
  /** Stops the search; the result is then incomplete. */
  readonly signal?: AbortSignal
  /** Called a few times per second. */
  readonly onProgress?: (progress: Progress) => void
}

/** A directory with the layers of one search. Needs the package `@duckdb/node-api`. */
export interface StoreOptions {
  /** Made where it does not exist; must be empty, but for `resume`. */
  readonly directory: string
  /** Go on from the last complete level of the store in the directory; begin where it is empty. */
  readonly resume?: boolean
  /** Megabytes for what is done on disk; by default a quarter of the machine's memory. */
  readonly memory?: number
  /** A hash of the spec's source, so that the store of another version is refused; by default of the functions of its model. */
  readonly source?: string
}
