/**
 * Several threads explore a level together: the side of the thread that leads. How the work is shared is told in member.ts.
 *
 * The leader expands nothing itself while the others do; it hands out orders, adds up what they report, and makes room in the arena.
 */
import type { Finding } from './inspector.ts'
import type { BreadthFirst } from './breadthFirst.ts'
import {
  type Board,
  boardOf,
  CHUNK,
  CHUNKS,
  type ExpandOrder,
  type ExpandReport,
  type InsertOrder,
  type InsertReport,
  type Records,
  type Setup,
  STOP,
} from './member.ts'
import type { KeySet, StateSet } from './visited.ts'

/** What the leader needs of a thread. */
export interface Colleague {
  expand(order: ExpandOrder): Promise<ExpandReport>
  insert(order: InsertOrder): Promise<InsertReport>
}

/** A thread gets at least so many chunks of a round, where there are enough states, so that none waits for long. */
const SHARES = 8
const SMALLEST_CHUNK = 16

export class Team {
  readonly #search: BreadthFirst
  readonly #board: Board
  readonly #members: number
  #colleagues: readonly Colleague[] = []
  #segments = 0
  #formSegments = 0
  /** Parts of the visited set whose memory was replaced, and records: not told to all so far. */
  readonly #moved = new Map<number, Int32Array>()
  readonly #replaced = new Map<number, Records>()
  /** The length of the arena before the round that is not finished, or -1. */
  #unfinished = -1
  #found: Pick<Finding, 'kind' | 'name'>[] = []

  constructor(search: BreadthFirst, members: number) {
    this.#search = search
    this.#members = members
    this.#board = boardOf(members)
  }

  /** With what the thread of this number begins. */
  setup(number: number, checks: Setup['checks'], options: Setup['options']): Setup {
    const { keys, states, arena, formArena } = this.#search.storage
    return {
      members: this.#members,
      number,
      board: this.#board,
      checks,
      options: { ...(options.symmetry !== undefined && { symmetry: options.symmetry }), ...(options.keys !== undefined && { keys: options.keys }) },
      keys: keys?.handle ?? null,
      states: states?.parts.handle ?? null,
      withForms: formArena !== arena,
    }
  }

  /** Takes threads on. They have what `setup` gave them: what has changed since is told with the first order. */
  take(colleagues: readonly Colleague[]): void {
    this.#colleagues = colleagues
  }

  /** Asks the threads to stop where they are: the round is then given up. */
  stop(): void {
    Atomics.store(this.#board.flags, STOP, 1)
  }

  /** Explores a piece of the level. Gives false where it was stopped. */
  async round(): Promise<boolean> {
    const search = this.#search
    search.inspector.alone = false
    const { arena, formArena } = search.storage
    const first = search.next
    const left = search.levelEnd - first
    const chunk = Math.max(SMALLEST_CHUNK, Math.min(CHUNK, Math.ceil(left / (this.#members * SHARES))))
    const end = Math.min(search.levelEnd, first + chunk * CHUNKS * this.#members)
    if (!(await this.#expand(first, end, chunk))) return false

    const chunks = Math.ceil((end - first) / chunk)
    const length = arena.length
    const replaced = [...this.#replaced]
    this.#replaced.clear()
    const order: InsertOrder = { order: 'insert', chunks, length, replaced, ...this.#news() }
    const reports = await Promise.all(this.#colleagues.map((colleague) => colleague.insert(order)))
    const { parts } = (search.storage.keys ?? search.storage.states) as KeySet | StateSet
    for (const { moved } of reports)
      for (const [part, table] of moved) {
        parts.adopt(part, table)
        this.#moved.set(part, table)
      }
    let place = length
    for (let c = 0; c < chunks; c++) {
      this.#board.bases[c] = place
      for (let owner = 0; owner < this.#members; owner++) place += this.#board.counts[c * this.#members + owner] as number
    }
    for (const target of new Set([arena, formArena])) {
      target.reserve(place)
      target.length = place
    }
    this.#unfinished = length
    // The last round of a level has none after it that would finish it.
    if (end === search.levelEnd && !(await this.#expand(end, end, 1))) return false
    search.took(end)
    return true
  }

  /** Finishes the round before, and expands the states from `first` to `end`. */
  async #expand(first: number, end: number, chunk: number): Promise<boolean> {
    const search = this.#search
    Atomics.store(this.#board.flags, 0, 0)
    const order: ExpandOrder = {
      order: 'expand',
      depth: search.depth,
      first,
      end,
      chunk,
      finish: this.#unfinished,
      found: this.#found,
      ...this.#news(),
    }
    this.#unfinished = -1
    this.#found = []
    const reports = await Promise.all(this.#colleagues.map((colleague) => colleague.expand(order)))
    const partial = reports.some((report) => report.partial)
    reports.forEach((report, number) => {
      report.distinctBy.forEach((n, i) => {
        ;(search.distinctBy[i] as number) += n
      })
      search.inspector.merge(report.findings)
      this.#found.push(...report.findings.map(({ kind, name }) => ({ kind, name })))
      for (const reachable of report.reached) search.inspector.sought[reachable] = false
      if (report.replaced) this.#replaced.set(number, report.replaced)
      if (partial) return
      search.generated += report.generated
      search.constrained += report.constrained
      search.inspector.passedOver += report.passedOver
      report.generatedBy.forEach((n, i) => {
        ;(search.generatedBy[i] as number) += n
      })
    })
    return !partial
  }

  /** What the threads do not know yet. */
  #news(): Pick<ExpandOrder, 'segments' | 'formSegments' | 'moved'> {
    const { arena, formArena, keys, states } = this.#search.storage
    const segments = arena.segments(this.#segments)
    const formSegments = formArena === arena ? [] : formArena.segments(this.#formSegments)
    this.#segments += segments.length
    this.#formSegments += formSegments.length
    const { parts } = (keys ?? states) as KeySet | StateSet
    for (const part of parts.moved) this.#moved.set(part, parts.tables[part] as Int32Array)
    parts.moved.clear()
    const moved = [...this.#moved]
    this.#moved.clear()
    return { segments, formSegments, moved }
  }
}
