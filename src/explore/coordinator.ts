/**
 * Several threads explore a level together: the side of the thread that leads. How the work is shared is told in levelWorker.ts.
 *
 * The coordinator hands out orders, adds up what is reported, and makes room in the arena.
 */
import type { Heap } from '../layout/heap.ts'
import { SEGMENT } from '../visited/arena.ts'
import type { BreadthFirst } from './breadthFirst.ts'
import type { Finding } from './inspector.ts'
import type { Kernel } from '../visited/kernel.ts'
import { CHUNK, type ExploreOrder, type ExploreReport, type Setup, type Shared, sharedBy, stop } from './round.ts'
import { mostShared } from './successorLists.ts'
import type { KeySet, StateSet } from '../visited/visited.ts'

/** What the coordinator needs of a thread. */
export interface Participant {
  explore(order: ExploreOrder): Promise<ExploreReport>
}

/** Room in the arena for so many states is made ahead; it costs nothing before it is used. */
const AHEAD = 64 * SEGMENT

export class Coordinator {
  readonly #search: BreadthFirst
  readonly #shared: Shared
  readonly #workers: number
  readonly #heap: Heap
  readonly #kernel: Kernel | null
  readonly #enough: number
  #participants: readonly Participant[] = []
  #segments = 0
  #formSegments = 0
  #found: Pick<Finding, 'kind' | 'name'>[] = []
  /** The length that the arena needs before a round can be finished, or 0. */
  #wanted = 0

  /** `enough`: more states than this are not wanted. */
  constructor(search: BreadthFirst, workers: number, heap: Heap, enough = Number.POSITIVE_INFINITY) {
    this.#search = search
    this.#workers = workers
    this.#heap = heap
    this.#kernel = search.shareIn(heap)
    if (this.#kernel === null) search.arena.atMost(mostShared(workers))
    this.#shared = sharedBy(workers, heap)
    this.#enough = enough
  }

  /** With what the thread of this number begins; `processors`: how many the machine has. */
  setup(number: number, checks: Setup['checks'], options: Setup['options'], processors: number): Setup {
    const { keys, states, arena, formArena } = this.#search.layers
    return {
      workers: this.#workers,
      number,
      shared: this.#shared,
      memory: this.#heap.memory,
      checks,
      options: { ...(options.symmetry !== undefined && { symmetry: options.symmetry }), ...(options.keys !== undefined && { keys: options.keys }) },
      keys: keys?.handle ?? null,
      states: states?.parts.handle ?? null,
      withForms: formArena !== arena,
      kernel: this.#kernel?.module ?? null,
      alone: this.#workers <= processors,
    }
  }

  /** Takes threads on. They have what `setup` gave them: what has changed since is told with the first order. */
  take(participants: readonly Participant[]): void {
    this.#participants = participants
  }

  /** Asks the threads to stop where they are: the round is then given up. */
  stop(): void {
    stop(this.#shared)
  }

  /** Explores a piece of the level. Gives false where it was stopped. */
  async explore(): Promise<boolean> {
    const search = this.#search
    const { arena, formArena, keys, states } = search.layers
    const { parts } = (keys ?? states) as KeySet | StateSet
    const { length } = arena
    const needed = Math.max(this.#wanted, length)
    const room = Math.max(needed, Math.min(needed + AHEAD, arena.most))
    for (const target of new Set([arena, formArena])) target.reserve(room)
    const moved = [...parts.moved].map((part) => [part, parts.tables[part] as Int32Array] as const)
    parts.moved.clear()
    this.#shared.flags.fill(0)
    const order: ExploreOrder = {
      order: 'explore',
      depth: search.depth,
      first: search.layers.next,
      end: search.layers.end,
      length,
      room,
      enough: this.#enough,
      // As many states as make a chunk, if they go on as those so far.
      chunk: Math.ceil((CHUNK * (search.layers.next + 1)) / (search.generated + 1)),
      found: this.#found,
      segments: arena.segments(this.#segments),
      formSegments: formArena === arena ? [] : formArena.segments(this.#formSegments),
      moved,
    }
    this.#segments += order.segments.length
    this.#formSegments += order.formSegments.length
    this.#found = []
    const reports = await Promise.all(this.#participants.map((participant) => participant.explore(order)))
    for (const report of reports) this.#takeOver(report)
    const one = reports[0] as ExploreReport
    this.#wanted = one.wanted
    for (const target of new Set([arena, formArena])) target.length = one.length
    search.took(
      one.next,
      reports.some((report) => report.moved.length > 0),
      reports,
    )
    return !one.givenUp
  }

  #takeOver(report: ExploreReport): void {
    const search = this.#search
    const { keys, states } = search.layers
    const { parts } = (keys ?? states) as KeySet | StateSet
    for (const [part, table] of report.moved) {
      parts.adopt(part, table)
      // Told to the others as well.
      parts.moved.add(part)
    }
    search.arena.addAnchors(report.anchors)
    search.inspector.merge(report.findings)
    this.#found.push(...report.findings.map(({ kind, name }) => ({ kind, name })))
    for (const reachable of report.reached) search.inspector.sought[reachable] = false
    search.inspector.passedOver += report.passedOver
  }
}
