/**
 * The one loop: breadth-first exploration of a system, every reachable state once, level by level.
 *
 *     level := initial states
 *     while level is not empty
 *       for each state of the level: for each successor
 *         a new state inside the constraints goes to the next level
 *
 * Where states come from and go to is a *frontier*, which of them are new a *visited* set, what is wrong an *inspector*. Memory, disk and threads differ in
 * their parts, not in the loop. A level is finished, unless a bound ends the search, so that what is found does not depend on the order within it.
 */
import { Successors } from '../layout/successors.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Bound } from '../program/result.ts'
import type { Accelerator, Explorable } from '../program/system.ts'
import { BATCH, expandSome } from './expansion.ts'
import type { Finding, Inspector, Places } from './inspector.ts'

/** Where states to be expanded come from, and new ones go to. */
export interface Frontier extends Places {
  /** The number of the state to be expanded next, and the one behind the last that can be expanded now. */
  next: number
  readonly end: number
  /** false: it has to be waited for, for states of the level or for the next level. */
  readonly ready: boolean
  /** States of all levels that are known as a whole; in memory those of the next level, too. */
  readonly distinct: number
  /**
   * The level has no more states to be expanded, or the initial states are all there. Gives the number of states in the next level; undefined where it has to
   * be waited for: then `levelEnded` is told.
   */
  endLevel(): number | undefined
}

/** Tells which successors are new. */
export interface Visited {
  /** Looks up the successors from number `from` on; has the new ones inspected, and hands them to the frontier. It may leave that to `flush`. */
  take(out: Successors, from: number, initial: boolean): void
  /** Looks up all that were taken and left. */
  flush(out: Successors): void
}

/** What is counted. */
export class Tally {
  generated = 0
  /** Successors outside the constraints. */
  constrained = 0
  /** Levels so far: the number of states on the longest shortest path. */
  depth = 0
  /** Per action instance: successors, and new states among them. */
  readonly generatedBy: Float64Array
  readonly distinctBy: Float64Array

  constructor(instances: number) {
    this.generatedBy = new Float64Array(instances)
    this.distinctBy = new Float64Array(instances)
  }
}

export interface Parts {
  readonly accelerator: Accelerator
  readonly frontier: Frontier
  readonly visited: Visited
  readonly inspector: Inspector
  readonly tally: Tally
}

export class Exploration {
  stopped: Bound | null = null
  readonly inspector: Inspector
  protected readonly program: Explorable
  protected readonly out: Successors
  protected readonly tally: Tally
  readonly #accelerator: Accelerator
  readonly #frontier: Frontier
  readonly #visited: Visited
  readonly #options: SearchOptions
  readonly #batch: number
  #begun: boolean
  #finished = false

  constructor(program: Explorable, options: SearchOptions, { accelerator, frontier, visited, inspector, tally }: Parts, begun = false) {
    this.program = program
    this.#options = options
    this.#accelerator = accelerator
    this.#frontier = frontier
    this.#visited = visited
    this.inspector = inspector
    this.tally = tally
    this.#batch = options.batching === false ? 1 : BATCH
    this.out = new Successors(program.layout.words)
    this.#begun = begun
  }

  get generated(): number {
    return this.tally.generated
  }
  get constrained(): number {
    return this.tally.constrained
  }
  get depth(): number {
    return this.tally.depth
  }
  get generatedBy(): Float64Array {
    return this.tally.generatedBy
  }
  get distinctBy(): Float64Array {
    return this.tally.distinctBy
  }
  get distinct(): number {
    return this.#frontier.distinct
  }
  get findings(): readonly Finding[] {
    return this.inspector.findings
  }
  get passedOver(): number {
    return this.inspector.passedOver
  }
  get reachedAtOnce(): readonly number[] {
    return this.inspector.reachedAtOnce
  }
  get finished(): boolean {
    return this.#finished
  }
  /** Whether all initial states are there. */
  get begun(): boolean {
    return this.#begun
  }
  /** Whether others have their turn: the disk, or other threads. */
  protected get waiting(): boolean {
    return !this.#frontier.ready
  }

  /** Goes on for about this many milliseconds, or until others have their turn. Gives true when the search is over. */
  advance(milliseconds: number): boolean {
    const end = performance.now() + milliseconds
    while (!this.#finished && !this.waiting) {
      if (!this.#begun) this.#begin()
      else if (this.#frontier.next < this.#frontier.end) this.#expandSome()
      else this.endLevel()
      if (performance.now() > end) break
    }
    this.#flush()
    return this.#finished
  }

  /** Stops early: the result is then incomplete. */
  stop(bound: Bound): void {
    if (this.#finished) return
    this.stopped = bound
    this.#finished = true
  }

  /** Finds some initial states. */
  #begin(): void {
    const { out, tally } = this
    this.#begun = this.program.initial(out, BATCH)
    if (out.count > 0) tally.depth = 1
    this.inspector.initial(out, this.#begun)
    this.#visited.take(out, 0, true)
    this.checkStates()
    if (this.#begun) this.#end(true)
  }

  #expandSome(): void {
    const { out } = this
    const frontier = this.#frontier
    const from = out.count
    frontier.next = expandSome(this.#accelerator, this.inspector, frontier, frontier.next, frontier.end, out, this.#batch, this.tally.depth)
    this.#visited.take(out, from, false)
    this.checkStates()
  }

  #flush(): void {
    if (this.out.count === 0) return
    this.#visited.flush(this.out)
    this.checkStates()
  }

  /** Goes to the next level, if there is one. */
  endLevel(): void {
    this.#flush()
    if (!this.#finished) this.#end(false)
  }

  #end(initial: boolean): void {
    const count = this.#frontier.endLevel()
    if (count !== undefined) this.levelEnded(count, initial)
  }

  /** A level has ended, and the next one has so many states. */
  protected levelEnded(count: number, initial: boolean): void {
    const { keepGoing } = this.#options
    const { tally } = this
    if (count > 0 && !initial) tally.depth++
    if (this.findings.length > 0 && !keepGoing) this.#finished = true
    else if (count === 0) {
      this.#finished = true
      if (tally.depth > 0) this.inspector.unreached()
    } else this.bounded(initial)
  }

  /** Ends the search. */
  protected finish(): void {
    this.#finished = true
  }

  /** Whether a bound ends the search at the end of a level. */
  protected bounded(initial: boolean): boolean {
    const { maxDepth } = this.#options
    this.checkStates()
    if (!initial && maxDepth !== undefined && this.tally.depth >= maxDepth) this.stop('max-depth')
    return this.#finished
  }

  /** Whether there are more states than are wanted. */
  protected checkStates(): void {
    const { maxStates } = this.#options
    if (maxStates !== undefined && this.#frontier.distinct > maxStates) this.stop('max-states')
  }
}
