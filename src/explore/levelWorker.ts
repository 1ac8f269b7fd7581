/**
 * One thread's part in a level that several threads explore together. The hot path.
 *
 * A level is explored in rounds; in each, some thousand states are expanded:
 *
 *     expand    each thread takes chunks of states, the next free one each time, gathers their successors, and puts those that it has not met
 *               lately on a list for the thread that owns their part of the visited set
 *     insert    each thread enters what is on its lists, chunk by chunk, and leaves the new ones on them
 *     finish    each thread gives the new ones among the successors that it gathered their places in the arena, and checks them
 *
 * No two threads ever write to the same place, so nothing is locked; they wait for each other before `insert` and before `finish`. Of equal
 * successors the first in the order of the chunks is the new one, and places are given in that order: the arena, and with it every count and
 * every trace, is the one that a single thread makes.
 *
 *     thread 0   states    s0 s1 s2 s3 s4 s5 …    successors, chunk after chunk; beside them their instances and where they come from
 *                list 0    0 3 4 …                those that thread 0 owns, then only the new ones among them
 *                list 1    1 5 …                  those that thread 1 owns
 *
 * Everything lies in a heap that the threads share. Where there is compiled code, the loops are those of kernel.ts, else those of successorLists.ts.
 */
import type { Heap } from '../layout/heap.ts'
import { Successors } from '../layout/successors.ts'
import type { Accelerator, Explorable } from '../program/system.ts'
import { BATCH, expandSome } from './expansion.ts'
import { acceleratorOf } from './oneByOne.ts'
import { Arena, SEGMENT } from '../visited/arena.ts'
import { symmetryOf } from '../symmetry/symmetry.ts'
import { Canonical } from '../symmetry/canonical.ts'
import { Distinctions } from '../symmetry/distinctions.ts'
import { Barrier } from './barrier.ts'
import { Inspector } from './inspector.ts'
import { type Chunk, endExpansion, type ExploreOrder, type ExploreReport, FLAG, type Setup } from './round.ts'
import { RoundStates, SuccessorLists, SUCCESSORS } from './successorLists.ts'
import { CHUNKS, Kernel, roundOf } from '../visited/kernel.ts'
import { SHARED } from '../visited/memory.ts'
import { PARTS } from '../visited/parts.ts'
import { KeySet, StateSet } from '../visited/visited.ts'

/** Successors of a round, of all threads: about so many. */
const ROUND = 1 << 18
/** A thread gets at least so many chunks of a round, where there are enough states, so that none waits for long. */
const SHARES = 8
const SMALLEST_CHUNK = 16
/** Milliseconds after which the leader is told what was done. */
const PATIENCE = 50

/** What a thread does next. */
type Phase = 'begin' | 'expand' | 'meet to insert' | 'insert' | 'meet to finish' | 'finish' | 'over'

export class LevelWorker {
  readonly inspector: Inspector
  readonly #accelerator: Accelerator
  readonly #setup: Setup
  readonly #heap: Heap
  readonly #arena: Arena
  /** The arena of the canonical forms, where there is one. */
  readonly #formArena: Arena | null
  readonly #visited: KeySet | StateSet
  readonly #numbers: RoundStates
  readonly #barrier: Barrier
  /** One of the two is there. */
  readonly #kernel: Kernel | null
  readonly #lists: SuccessorLists | null
  readonly #out: Successors
  /** Successors of one thread that are enough for a round. */
  readonly #round: number

  /** The chunks that this thread expanded in this round, and the one that it is at. */
  #chunks: Chunk[] = []
  #chunk: Chunk | null = null
  #cursor = 0

  // The order that is carried out.
  #order: ExploreOrder | null = null
  #began = 0
  #phase: Phase = 'over'
  /** The round: its states, and how many make a chunk. */
  #first = 0
  #end = 0
  #size = 0

  // For the report.
  #generated = 0
  #constrained = 0
  readonly #generatedBy: Float64Array
  readonly #distinctBy: Float64Array
  #givenUp = false
  #wanted = 0

  constructor(program: Explorable, setup: Setup, heap: Heap) {
    const { words } = program.layout
    this.#accelerator = acceleratorOf(program)
    const { workers, number, shared, checks, options } = setup
    this.#setup = setup
    this.#heap = heap
    this.#arena = new Arena(words, SHARED)
    this.#formArena = setup.withForms ? new Arena(words, SHARED) : null
    const symmetry = options.symmetry === false ? undefined : symmetryOf(program.layout)
    const canonical = symmetry ? new Canonical(symmetry, program.layout) : null
    const distinctions = canonical ? new Distinctions(program, canonical) : null
    this.#numbers = new RoundStates(this.#formArena ?? this.#arena, heap, workers, shared)
    const keys = setup.keys ? new KeySet(Math.min(words, 2) as 1 | 2, SHARED, setup.keys, heap) : null
    const states = setup.states ? new StateSet(this.#numbers, SHARED, setup.states, heap) : null
    this.#visited = (keys ?? states) as KeySet | StateSet
    this.#kernel =
      setup.kernel !== null ? new Kernel(heap, this.#visited, this.#arena, program.instances.length, shared.round, number, setup.kernel) : null
    this.#round = roundOf(ROUND, words) / workers
    this.#out = new Successors(words)
    this.#out.moveTo(heap)
    const successors = this.#out
    this.#lists =
      this.#kernel === null ? new SuccessorLists({ program, setup, heap, successors, keys, states, canonical, numbers: this.#numbers }) : null
    this.#barrier = new Barrier(shared.flags, workers, setup.alone)
    this.#generatedBy = new Float64Array(program.instances.length)
    this.#distinctBy = new Float64Array(program.instances.length)
    this.inspector = new Inspector(program, this.#accelerator, checks, this.#arena, distinctions)
  }

  /** What the program is asked about. */
  get asking(): ReturnType<Inspector['asking']> {
    return this.inspector.asking(this.#out)
  }

  /** Begins to carry out an order. */
  begin(order: ExploreOrder): void {
    this.#arena.adopt(order.segments, this.#heap)
    this.#formArena?.adopt(order.formSegments, this.#heap)
    for (const [part, table] of order.moved) this.#visited.parts.adopt(part, table)
    if (order.moved.length > 0 && this.#kernel !== null) this.#kernel.elsewhere = true
    if (this.#kernel?.full) Atomics.store(this.#setup.shared.flags, FLAG.FULL, 1)
    this.inspector.overlook(order.found)
    this.#order = order
    this.#began = performance.now()
    this.#givenUp = false
    // The round before may wait for room in the arena.
    if (this.#wanted === 0) {
      this.#end = order.first
      this.#numbers.length = order.length
      this.#phase = 'begin'
    } else this.#phase = 'finish'
    this.#wanted = 0
  }

  /** Goes on for about this many milliseconds. Gives true when the order is carried out. */
  advance(milliseconds: number): boolean {
    const until = performance.now() + milliseconds
    do {
      switch (this.#phase) {
        case 'begin':
          this.#beginRound()
          break
        case 'expand':
          if (Atomics.load(this.#setup.shared.flags, FLAG.STOP) !== 0) {
            Atomics.store(this.#setup.shared.flags, FLAG.GIVEN_UP, 1)
            this.#phase = 'meet to insert'
          } else if (this.#chunk !== null) this.#expandSome()
          else if (!this.#nextChunk()) this.#phase = 'meet to insert'
          break
        case 'meet to insert':
          if (this.#meets(until)) this.#phase = Atomics.load(this.#setup.shared.flags, FLAG.GIVEN_UP) === 0 ? this.#closeRound() : this.#giveUp()
          break
        case 'insert':
          this.#insert()
          this.#phase = 'meet to finish'
          break
        case 'meet to finish':
          if (this.#meets(until)) this.#phase = 'finish'
          break
        case 'finish':
          this.#phase = this.#finish()
          break
        case 'over':
          return true
      }
    } while (performance.now() < until)
    return this.#phase === 'over'
  }

  /** Says that this thread will not go on: the others need not wait for it. */
  fail(): void {
    this.#barrier.fail()
  }

  /** Whether all threads have come this far. Where one has failed the order is over. */
  #meets(until: number): boolean {
    const met = this.#barrier.meet(until, this.#phase === 'meet to insert' ? endExpansion : null)
    if (met === 'failed') {
      this.#givenUp = true
      this.#phase = 'over'
    }
    return met === 'met'
  }

  #beginRound(): void {
    const { workers, shared } = this.#setup
    const { end, enough, chunk } = this.#order as ExploreOrder
    const first = this.#end
    if (first === end || this.#numbers.length > enough || Atomics.load(shared.flags, FLAG.PAUSE) !== 0) {
      this.#phase = 'over'
      return
    }
    const left = end - first
    this.#first = first
    this.#size = Math.max(SMALLEST_CHUNK, Math.min(chunk, Math.ceil(left / (workers * SHARES))))
    this.#end = Math.min(end, first + this.#size * CHUNKS)
    this.#chunks = []
    this.#chunk = null
    this.#out.count = 0
    this.#kernel?.begin()
    this.#lists?.begin()
    this.#phase = 'expand'
  }

  /** The round ends behind the last chunk that was taken. */
  #closeRound(): Phase {
    const taken = Atomics.load(this.#setup.shared.flags, FLAG.TAKEN)
    this.#end = Math.min(this.#end, this.#first + taken * this.#size)
    return 'insert'
  }

  #giveUp(): Phase {
    this.#givenUp = true
    this.#end = this.#first
    return 'over'
  }

  /** Chunks of the round, once it is closed. */
  get #taken(): number {
    return Math.ceil((this.#end - this.#first) / this.#size)
  }

  // --- expand

  #nextChunk(): boolean {
    const { flags } = this.#setup.shared
    if (Atomics.load(flags, FLAG.ENOUGH) !== 0) return false
    const number = Atomics.add(flags, FLAG.NEXT_CHUNK, 1)
    const first = this.#first + number * this.#size
    if (first >= this.#end) {
      Atomics.sub(flags, FLAG.NEXT_CHUNK, 1)
      return false
    }
    const starts = this.#lists?.lengths() ?? []
    const chunk: Chunk = { number, first, count: Math.min(this.#size, this.#end - first), start: this.#out.count, end: this.#out.count, starts }
    this.#chunk = chunk
    this.#chunks.push(chunk)
    this.#cursor = first
    this.#kernel?.beginChunk(number)
    this.#lists?.beginChunk(chunk)
    return true
  }

  /** Expands states of the chunk. */
  #expandSome(): void {
    const { inspector } = this
    const out = this.#out
    const chunk = this.#chunk as Chunk
    const { depth } = this.#order as ExploreOrder
    const from = out.count
    const end = chunk.first + chunk.count
    this.#cursor = expandSome(this.#accelerator, inspector, this.#arena, this.#cursor, end, out, BATCH, depth)
    this.#deal(from, depth)
    if (this.#cursor < end) return
    chunk.end = out.count
    if (out.count > this.#round) Atomics.store(this.#setup.shared.flags, FLAG.ENOUGH, 1)
    this.#chunk = null
    this.#kernel?.endChunk(chunk.number)
    this.#lists?.endChunk(chunk)
  }

  /** Puts the successors from a number on on the lists of their owners. */
  #deal(from: number, depth: number): void {
    const out = this.#out
    if (out.count > SUCCESSORS) throw new RangeError(`allocation failed: a round has more than ${SUCCESSORS} successors`)
    this.#kernel?.deal(out.states, from, out.count)
    if (this.#lists === null) return
    this.#lists.deal(from, this.inspector, depth)
    this.inspector.looksAt(-1)
  }

  // --- insert

  #insert(): void {
    const { shared, number: me } = this.#setup
    const { flags } = shared
    if (me === 0 && performance.now() - this.#began > PATIENCE) Atomics.store(flags, FLAG.PAUSE, 1)
    if (this.#kernel !== null) this.#insertParts(this.#kernel, this.#taken)
    this.#lists?.insert(this.#taken)
    // Whoever gives a state its place writes to the visited set.
    if (this.#visited instanceof StateSet && this.#visited.parts.moved.size > 0) Atomics.store(flags, FLAG.MOVED, 1)
  }

  #insertParts(kernel: Kernel, chunks: number): void {
    const { shared, workers, number: me } = this.#setup
    const { flags } = shared
    if (Atomics.load(flags, FLAG.SHARED_PARTS) === 0) for (let part = me; part < PARTS; part += workers) kernel.insert(part, chunks)
    else
      for (let part = Atomics.add(flags, FLAG.NEXT_PART, 1); part < PARTS; part = Atomics.add(flags, FLAG.NEXT_PART, 1)) kernel.insert(part, chunks)
    if (kernel.full) Atomics.store(flags, FLAG.FULL, 1)
  }

  // --- finish

  /** Gives the new states of the round their places, and checks them. Only once the arena has room for all. */
  #finish(): Phase {
    const { flags } = this.#setup.shared
    const { room } = this.#order as ExploreOrder
    const all = this.#taken
    let place = this.#numbers.length
    const bases = new Float64Array(all)
    for (let chunk = 0; chunk < all; chunk++) {
      bases[chunk] = place
      place += this.#kernel?.newIn(chunk) ?? this.#lists?.newIn(chunk) ?? 0
    }
    if (place > room || Atomics.load(flags, FLAG.MOVED) !== 0) {
      this.#wanted = place
      return 'over'
    }
    for (const chunk of this.#chunks) {
      const base = bases[chunk.number] as number
      this.#generated += chunk.end - chunk.start
      if (this.#kernel !== null) this.#finishByKernel(this.#kernel, chunk, base)
      if (this.#lists !== null) this.#finishByLists(this.#lists, chunk, base)
    }
    this.inspector.looksAt(-1)
    this.#constrained += this.#lists?.constrained ?? 0
    this.#numbers.length = place
    return 'begin'
  }

  #finishByKernel(kernel: Kernel, chunk: Chunk, place: number): void {
    const { depth } = this.#order as ExploreOrder
    const out = this.#out
    const { start, end } = chunk
    const found = kernel.collect(chunk.number, start, end)
    kernel.count(out.instance, start, end)
    this.#restage(chunk)
    this.inspector.checkAll(out, kernel.fresh, found, depth)
    kernel.gather(out.states, out.source, out.instance, found)
    kernel.number(chunk.number, place)
    this.#arena.putAll(place, kernel.states, kernel.sources, found)
  }

  #finishByLists(lists: SuccessorLists, chunk: Chunk, place: number): void {
    const { inspector } = this
    const { depth } = this.#order as ExploreOrder
    const arena = this.#arena
    const forms = this.#formArena
    const { words } = arena
    const { start, end } = chunk
    const { instance, source, states } = this.#out
    for (let i = start; i < end; i++) (this.#generatedBy[instance[i] as number] as number)++
    let next = place
    for (const i of lists.collect(chunk)) {
      const from = source[i] as number
      arena.put(next, states, i * words, from)
      lists.number(i, next, forms)
      inspector.looksAt(i)
      inspector.check(states, i * words, from, instance[i] as number, depth)
      ;(this.#distinctBy[instance[i] as number] as number)++
      next++
    }
  }

  /** Says where the states of a chunk lie, that the compiled code compares their successors with. */
  #restage({ first, count }: Chunk): void {
    const arena = this.#arena
    for (let index = first; index < first + count; ) {
      const some = Math.min(first + count - index, SEGMENT - (index & (SEGMENT - 1)))
      this.#out.restage(arena.segment(index), arena.offset(index), some, index, index === first)
      index += some
    }
  }

  report(): ExploreReport {
    this.#kernel?.takeCounts(this.#generatedBy, this.#distinctBy)
    const { parts } = this.#visited
    const report: ExploreReport = {
      next: this.#wanted > 0 ? this.#first : this.#end,
      length: this.#numbers.length,
      wanted: this.#wanted,
      generated: this.#generated,
      constrained: this.#constrained,
      generatedBy: this.#generatedBy.slice(),
      distinctBy: this.#distinctBy.slice(),
      findings: this.inspector.findings,
      passedOver: this.inspector.passedOver,
      reached: this.inspector.sought.flatMap((sought, i) => (this.#setup.checks.reachables[i] && !sought ? [i] : [])),
      givenUp: this.#givenUp,
      moved: [...parts.moved].map((part) => [part, parts.tables[part] as Int32Array] as const),
      anchors: this.#arena.takeAnchors(),
    }
    parts.moved.clear()
    this.#generated = 0
    this.#constrained = 0
    this.#generatedBy.fill(0)
    this.#distinctBy.fill(0)
    this.inspector.findings = []
    this.inspector.passedOver = 0
    return report
  }
}
