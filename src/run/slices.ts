import type { Learner } from '../learn/learner.ts'
import type { StoreOptions } from '../program/options.ts'
import type { Bound } from '../program/result.ts'
import type { BreadthFirst } from '../explore/breadthFirst.ts'
import type { CheckOptions } from './options.ts'
import type { Sliced } from '../explore/engine.ts'
import { exhausted } from '../explore/exhausted.ts'
import { host, type Threads } from './host.ts'
import { DEFAULT_CALL_TIMEOUT, Paused, SLICE, raise } from './limits.ts'
import { interruptedNow } from '../reference/runs.ts'

/** Milliseconds between two reports of progress. */
const PROGRESS = 250
/** The part of the machine's memory that a search may use. */
const MEMORY_SHARE = 0.9

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

/** Says whether a bound other than the search's own is reached. */
export function boundOf({ signal, timeout }: Pick<CheckOptions, 'timeout' | 'signal'>, seconds: () => number): () => Bound | null {
  let before = 0
  return () => {
    if (signal?.aborted) return 'interrupt'
    if (timeout !== undefined && seconds() > timeout) return 'timeout'
    const memory = host.memory()
    if (memory === undefined) return null
    const { heap, heapLimit, held, available } = memory
    // What came since the last look may come again before the next one.
    const next = heap + Math.max(0, heap - before)
    before = heap
    return next > heapLimit * MEMORY_SHARE || held > available * MEMORY_SHARE ? 'memory' : null
  }
}

export type RunOptions = Pick<CheckOptions, 'callTimeout' | 'timeout' | 'signal' | 'onProgress' | 'workersFrom'>

/** Runs a search to its end, or until a bound; from some size on by several threads, which are started when it pays. */
export async function run(
  search: Sliced,
  program: Learner,
  options: RunOptions,
  seconds: () => number,
  startThreads: (() => Threads | null) | null = null,
): Promise<void> {
  const watch = watchOf(search, options, seconds)
  const look = (): void => {
    const bound = watch()
    if (bound !== null) search.stop(bound)
  }
  let threads: Threads | null = null
  const from = options.workersFrom ?? SHARED_FROM
  const breadthFirst = search as BreadthFirst
  while (!search.finished) {
    if (startThreads !== null && threads === null && (options.workersFrom !== undefined || search.distinct >= THREADS_FROM)) {
      try {
        threads = startThreads()
        if (threads === null) startThreads = null
        else if (options.workersFrom !== undefined) await threads.begun
      } catch (error) {
        stopFor(search, error)
        break
      }
    }
    if (threads !== null && threads.failed !== null) {
      stopFor(search, threads.failed)
      break
    }
    if (threads?.ready) breadthFirst.shareFrom = Math.max(1, from)
    if (threads !== null && breadthFirst.sharing) await shared(threads, breadthFirst, watch)
    else {
      try {
        // Growing a large table is no endless loop: the limit grows with the number of states.
        slice(program, () => search.advance(SLICE), options.callTimeout, search.distinct / 1000)
      } catch (error) {
        stopFor(search, error)
      }
      if (search.finished) break
      look()
      if (search.finished) break
      // Let timers, signals, output and the other threads have their turn.
      if (search.settle === undefined) await host.turn()
      else await whileLooking(search.settle(), look)
    }
  }
}

/** Stops a search where something has come to its end; throws what is an error of another kind. */
function stopFor(search: Sliced, error: unknown): void {
  const bound = exhausted(error)
  if (bound === null) throw error
  search.stop(bound)
}

/** Waits, and looks at the clock meanwhile. */
async function whileLooking(settling: Promise<void>, look: () => void): Promise<void> {
  let timer: ReturnType<typeof setInterval> | undefined
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
const THREADS_FROM = 1 << 14
const SHARED_FROM = 1 << 12

/** Explores a piece of a level by several threads, and goes to the next level at its end. */
async function shared(threads: Threads, search: BreadthFirst, watch: () => Bound | null): Promise<void> {
  let bound: Bound | null = null
  const timer = setInterval(() => {
    bound ??= watch()
    if (bound !== null) threads.stop()
  }, SLICE)
  try {
    while (!search.finished && search.layers.next < search.layers.end) {
      const whole = await threads.explore()
      bound ??= watch()
      if (bound !== null || !whole) return search.stop(bound ?? 'interrupt')
    }
  } catch (error) {
    stopFor(search, error)
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
    options.onProgress?.({ distinct, generated, depth, queue, seconds: seconds(), memory: host.memory()?.held ?? 0 })
    return null
  }
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
  host.slice(
    running,
    () => {
      result = work()
    },
    callTimeout,
    STEP * steps,
  )
  return result as T
}

/** A slice of work that calls functions of the spec: it ends, it does not end the process, and a pause is no endless loop. */
export function slice(program: Learner, work: () => void, callTimeout = DEFAULT_CALL_TIMEOUT, more = 0): void {
  host.slice(program, work, callTimeout, more)
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
      const bound = exhausted(error)
      if (bound !== null) return bound
      throw error
    }
    if (done !== undefined) return done
    if (signal?.aborted) return 'interrupt'
    if (timeout !== undefined && seconds() > timeout) return 'timeout'
    await host.turn()
  }
}

/** An object without the fields that are undefined. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
