/**
 * Breadth-first search over a `Program`: every reachable state once, level by level.
 *
 *     level := initial states
 *     while level is not empty
 *       for each state of the level: for each successor
 *         a new state inside the constraints goes to the next level
 *
 * The states found are the arena, the frontier is a range of it. Successors are gathered in batches before they are looked up. A level is
 * always finished, so that what is found does not depend on the order within it. The hot path.
 *
 * With symmetry states are told apart by their canonical forms; what is kept and expanded are the states themselves, the first of each orbit
 * that was met, so that every state of the arena is a successor of its parent and a trace needs no translation.
 */
import { InternalError } from '../errors.ts'
import { symmetryOf } from '../layout/symmetry.ts'
import type { Heap } from '../program/heap.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Path } from '../program/path.ts'
import { type Program, Successors } from '../program/program.ts'
import type { Bound } from '../program/result.ts'
import { Arena, SEGMENT } from './arena.ts'
import { Canonical } from './canonical.ts'
import { Distinctions } from './distinctions.ts'
import { type Checks, type Finding, Inspector } from './inspector.ts'
import { CHUNKS, Kernel, possible, roundIn, roundOf } from './kernel.ts'
import { type Memory, PRIVATE } from './memory.ts'
import { PARTS } from './parts.ts'
import { Fingerprint, KeySet, StateSet } from './visited.ts'

/** Successors are looked up when this many are gathered; by compiled code, when so many are. */
const BATCH = 1 << 11
const ROUND = 1 << 17
const CHUNK = 1 << 14
/** States expanded at a time where each takes long, so that the clock is looked at often enough. */
const SLOW_BATCH = 1 << 5

/** How the states of a search are told apart, and where they lie. */
export interface Storage {
  readonly words: number
  readonly arena: Arena
  /** Canonical forms, where states are told apart by those and by all their words; else the arena. */
  readonly formArena: Arena
  readonly canonical: Canonical | null
  /** One of the two is there: keys of up to 64 bits, or states told apart by all their words. */
  readonly keys: KeySet | null
  readonly states: StateSet | null
}

export class BreadthFirst {
  generated = 0
  /** Successors outside the constraints. */
  constrained = 0
  /** Levels so far: the number of states on the longest shortest path. */
  depth = 0
  stopped: Bound | null = null
  readonly arena: Arena
  readonly exact: boolean
  readonly inspector: Inspector
  readonly storage: Storage
  /** Per action instance: successors, and new states among them. */
  readonly generatedBy: Float64Array
  readonly distinctBy: Float64Array

  readonly #program: Program
  readonly #options: SearchOptions
  readonly #words: number
  readonly #keys: KeySet | null
  readonly #states: StateSet | null
  readonly #fingerprint = new Fingerprint()
  readonly #packed: boolean
  readonly #batch: number
  readonly #out: Successors
  /** The state to be expanded next, and the end of its level. */
  #next = 0
  #levelEnd = 0

  /** Canonical forms of the gathered successors, and those of the arena where states are told apart by all their words. */
  readonly #canonical: Canonical | null
  #forms: Int32Array = new Int32Array(0)
  readonly #formArena: Arena
  readonly #distinctions: Distinctions | null

  constructor(program: Program, checks: Checks, options: SearchOptions = {}, memory: Memory = PRIVATE) {
    this.#program = program
    this.#options = options
    const words = program.layout.words
    this.#words = words
    this.arena = new Arena(words, memory)
    this.#packed = words <= 2 && !program.viewed
    this.exact = this.#packed || program.viewed || options.keys !== 'fingerprint'
    this.#keys = this.#packed || program.viewed || !this.exact ? new KeySet(this.#packed && words === 1 ? 1 : 2, memory) : null
    const symmetry = options.symmetry === false ? undefined : symmetryOf(program.layout)
    this.#canonical = symmetry ? new Canonical(symmetry, program.layout) : null
    this.#distinctions = this.#canonical ? new Distinctions(program, this.#canonical) : null
    this.#formArena = this.#canonical && !this.#keys ? new Arena(words, memory) : this.arena
    this.#states = this.#keys ? null : new StateSet(this.#formArena, memory)
    this.#batch = options.batching === false ? 1 : BATCH
    this.#round = roundOf(ROUND, words)
    this.#out = new Successors(words)
    this.generatedBy = new Float64Array(program.instances.length)
    this.distinctBy = new Float64Array(program.instances.length)
    this.inspector = new Inspector(program, checks, this.arena, this.#distinctions)
    this.storage = {
      words,
      arena: this.arena,
      formArena: this.#formArena,
      canonical: this.#canonical,
      keys: this.#keys,
      states: this.#states,
    }
  }

  get distinct(): number {
    return this.arena.length
  }

  /** States found but not expanded. */
  get queue(): number {
    return this.arena.length - this.#next
  }

  /** States of the level that are not expanded yet, from `next` on. */
  get next(): number {
    return this.#next
  }
  get levelEnd(): number {
    return this.#levelEnd
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

  /** The scalarsets by which states are reduced. */
  get scalarsets(): readonly { readonly name: string; readonly size: number }[] {
    return (this.#canonical?.symmetry.scalarsets ?? []).map(({ name, size }) => ({ name, size }))
  }

  /** Where another thread was when a function of the spec threw or did not return. */
  askedElsewhere: { readonly from: number; readonly state: Int32Array | null } | null = null

  /** What the program is asked about: see `Inspector.asking`. */
  get asking(): { readonly from: number; readonly state: Int32Array | null } | null {
    return this.askedElsewhere ?? this.inspector.asking(this.#out)
  }

  /** Finds initial states; gives true after the last. */
  #begin(): boolean {
    const out = this.#out
    const last = this.#program.initial(out, BATCH)
    if (out.count > 0) this.depth = 1
    this.#distinctions?.initial(out, last)
    this.#settle(true)
    this.#levelEnd = this.arena.length
    this.#checkBounds()
    if (last && ((this.findings.length > 0 && !this.#options.keepGoing) || this.depth === 0)) this.#finished = true
    return last
  }
  #begun = false

  #finished = false
  get finished(): boolean {
    return this.#finished
  }

  /** Others explore levels of which so many states are left. */
  shareFrom = Number.POSITIVE_INFINITY

  /** Whether it is for others to go on. */
  get sharing(): boolean {
    return !this.#finished && this.#begun && this.#levelEnd - this.#next >= this.shareFrom
  }

  /** Goes on for about this many milliseconds, or until it is for others to go on. Gives true when the search is over. */
  advance(milliseconds: number): boolean {
    const end = performance.now() + milliseconds
    while (!this.#finished && !this.sharing) {
      if (!this.#begun) this.#begun = this.#begin()
      else if (this.#next < this.#levelEnd) this.#expandSome()
      else {
        this.#settleRound()
        if (!this.#finished) this.endLevel()
      }
      if (performance.now() > end) break
    }
    this.#settleRound()
    return this.#finished
  }

  /** Stops early: the result is then incomplete. */
  stop(bound: Bound): void {
    if (this.#finished) return
    this.stopped = bound
    this.#finished = true
  }

  /** Lets others use a heap: gives the kernel for it, where there is one. */
  shareIn(heap: Heap): Kernel | null {
    if (this.#kernel === undefined) this.#kernel = this.#kernelIn(heap)
    return this.#kernel
  }

  /**
   * Takes up what others have done: all states before `next` are expanded, and their new successors are in the arena. `moved`: parts of the
   * visited set were given other memory.
   */
  took(next: number, moved: boolean): void {
    this.#next = next
    if (moved && this.#kernel) this.#kernel.elsewhere = true
    this.#checkBounds()
  }

  /** Expands states of the level until a batch is full. */
  #expandSome(): void {
    const { arena, inspector } = this
    const out = this.#out
    const from = out.count
    // At most this many states a call, so that the clock is looked at where states have few successors.
    const last = Math.min(this.#levelEnd, this.#next + (this.#program.swift ? BATCH : SLOW_BATCH))
    while (this.#next < last && out.count < from + this.#batch) {
      const index = this.#next
      // States that lie in one segment.
      const inSegment = Math.min(last - index, SEGMENT - (index & (SEGMENT - 1)))
      const count = this.#distinctions === null ? inSegment : Math.min(inSegment, inspector.stride)
      this.#next += this.#program.expandMany(arena.segment(index), arena.offset(index), count, index, out, from + this.#batch)
      if (this.#distinctions !== null) inspector.distinguish(index, this.#next)
    }
    inspector.expanded(out, this.depth)
    const { heap } = this.#program
    if (this.#kernel === undefined && heap !== null && out.heap === heap) this.#kernel = this.#kernelIn(heap)
    if (this.#kernel && out.heap !== null) this.#deal(this.#kernel, from)
    else {
      this.#settle(false)
      this.#checkBounds()
    }
  }

  /** Compiled code that looks successors up: undefined until the program has some, null where it is of no use. */
  #kernel: Kernel | null | undefined = undefined
  /** The chunks of the round: the number after the last successor of each. */
  readonly #chunks: number[] = []
  readonly #round: number

  #kernelIn(heap: Heap): Kernel | null {
    const program = this.#program
    const visited = this.#packed ? this.#keys : this.#states
    const plain = this.#canonical === null && !program.constrained && this.#batch > 1
    if (visited === null || !plain || !possible(this.#words)) return null
    try {
      const kernel = new Kernel(heap, visited, this.arena, program.instances.length, roundIn(heap, 1), 0)
      // Room for a round at once: what would be outgrown is lost.
      this.#out.reserve(this.#round + (this.#round >> 2))
      return kernel
    } catch (error) {
      // The machine lets have a small heap only: JavaScript does it.
      if (error instanceof RangeError) return null
      throw error
    }
  }

  /** Deals out the successors from a number on; looks all up at the end of the round. */
  #deal(kernel: Kernel, from: number): void {
    const out = this.#out
    if (this.#program.steps.length > 0) this.inspector.checkSteps(out, this.depth, from)
    if (from === 0) kernel.begin()
    if (from === (this.#chunks.at(-1) ?? 0)) kernel.beginChunk(this.#chunks.length)
    kernel.deal(out.states, from, out.count)
    if (out.count - (this.#chunks.at(-1) ?? 0) >= CHUNK) this.#endChunk(kernel)
    if (out.count >= this.#round || this.#chunks.length === CHUNKS) this.#settleRound()
  }

  #endChunk(kernel: Kernel): void {
    kernel.endChunk(this.#chunks.length)
    this.#chunks.push(this.#out.count)
  }

  /** Looks the successors of the round up, and checks and keeps the new ones: what `#settle` does, with compiled code. */
  #settleRound(): void {
    const out = this.#out
    const kernel = this.#kernel
    if (out.count === 0 || !kernel) return
    if (out.count > (this.#chunks.at(-1) ?? 0)) this.#endChunk(kernel)
    const { inspector, arena } = this
    for (let part = 0; part < PARTS; part++) kernel.insert(part, this.#chunks.length)
    let from = 0
    this.#chunks.forEach((to, chunk) => {
      const found = kernel.collect(chunk, from, to)
      inspector.checkAll(out, kernel.fresh, found, this.depth)
      kernel.gather(out.states, out.source, out.instance, found)
      kernel.number(chunk, arena.length)
      arena.append(kernel.states, kernel.sources, found)
      from = to
    })
    this.generated += out.count
    kernel.count(out.instance, 0, out.count)
    kernel.takeCounts(this.generatedBy, this.distinctBy)
    this.#chunks.length = 0
    out.count = 0
    inspector.looksAt(-1)
    this.#checkBounds()
  }

  /** Looks the gathered successors up, and checks and keeps the new ones. */
  #settle(initial: boolean): void {
    const out = this.#out
    const { inspector } = this
    const { count, states, instance } = out
    const words = this.#words
    const program = this.#program
    this.generated += count
    if (!initial) {
      const by = this.generatedBy
      for (let i = 0; i < count; i++) (by[instance[i] as number] as number)++
      if (program.steps.length > 0) inspector.checkSteps(out, this.depth)
    }
    const forms = this.#canonical === null ? states : this.#canonicalForms(this.#canonical)
    if (this.#batch === 1 || program.constrained) {
      for (let i = 0; i < count; i++) {
        inspector.looksAt(i, initial)
        if (this.#isNew(forms, i * words)) this.#keep(i, initial, forms)
      }
    } else if (this.#states !== null) {
      const hashes = this.#states.ahead(forms, count)
      for (let i = 0; i < count; i++) {
        if (this.#states.addHashed(forms, i * words, this.arena.length, hashes[i] as number)) this.#keep(i, initial, forms)
      }
    } else {
      if (this.#fresh.length < count) this.#fresh = new Int32Array(instance.length)
      const fresh = this.#fresh
      const found = (this.#keys as KeySet).addAll(this.#packed ? forms : this.#keysOf(forms, count, initial), count, fresh)
      for (let f = 0; f < found; f++) this.#keep(fresh[f] as number, initial, forms)
    }
    out.count = 0
    inspector.looksAt(-1)
  }
  #fresh = new Int32Array(0)

  /** Checks a new successor, and appends it to the arena if it lies inside the constraints. */
  #keep(i: number, initial: boolean, forms: Int32Array): void {
    const { states, instance, source } = this.#out
    const program = this.#program
    this.inspector.looksAt(i, initial)
    const at = i * this.#words
    const from = initial ? -1 : (source[i] as number)
    this.inspector.check(states, at, from, instance[i] as number, this.depth)
    if (program.constrained) {
      if (!program.inside(states, at)) {
        this.constrained++
        return
      }
      this.#remember(forms, at)
    }
    this.arena.push(states, at, from < 0 ? this.arena.length : from)
    if (this.#formArena !== this.arena) this.#formArena.push(forms, at, 0)
    if (!initial) (this.distinctBy[instance[i] as number] as number)++
  }

  #canonicalForms(canonical: Canonical): Int32Array {
    const { count, states } = this.#out
    const words = this.#words
    if (this.#forms.length < count * words) this.#forms = new Int32Array(states.length)
    for (let i = 0; i < count; i++) canonical.of(states, i * words, this.#forms, i * words)
    return this.#forms
  }

  /** Whether a state is not among those kept. With no constraint it is kept at once. */
  #isNew(states: Int32Array, at: number): boolean {
    const keep = !this.#program.constrained
    if (this.#states) return keep ? this.#states.add(states, at, this.arena.length) : !this.#states.has(states, at)
    const keys = this.#keys as KeySet
    this.#keyOf(states, at)
    return keep ? keys.add(this.#fingerprint.lo, this.#fingerprint.hi) : !keys.has(this.#fingerprint.lo, this.#fingerprint.hi)
  }

  #remember(states: Int32Array, at: number): void {
    if (this.#states) this.#states.add(states, at, this.arena.length)
    else {
      this.#keyOf(states, at)
      ;(this.#keys as KeySet).add(this.#fingerprint.lo, this.#fingerprint.hi)
    }
  }

  /** The keys of states that are told apart by a fingerprint or by a view. */
  #keysOf(states: Int32Array, count: number, initial: boolean): Int32Array {
    if (this.#made.length < 2 * count) this.#made = new Int32Array(4 * count)
    const keys = this.#made
    for (let i = 0; i < count; i++) {
      this.inspector.looksAt(i, initial)
      this.#keyOf(states, i * this.#words)
      keys[2 * i] = this.#fingerprint.lo
      keys[2 * i + 1] = this.#fingerprint.hi
    }
    return keys
  }
  #made = new Int32Array(0)

  #keyOf(states: Int32Array, at: number): void {
    const key = this.#fingerprint
    if (this.#packed) {
      key.lo = states[at] as number
      key.hi = this.#words === 2 ? (states[at + 1] as number) : 0
    } else if (this.#program.viewed) {
      key.lo = this.#program.viewOf(states, at) + 1
      key.hi = 0
    } else key.of(states, at, this.#words)
  }

  /** Goes to the next level, if there is one. */
  endLevel(): void {
    const more = this.arena.length > this.#levelEnd
    if (more) {
      this.depth++
      this.#levelEnd = this.arena.length
    }
    if (this.findings.length > 0 && !this.#options.keepGoing) this.#finished = true
    else if (!more) {
      this.#finished = true
      this.inspector.unreached()
    } else if (this.#options.maxDepth !== undefined && this.depth >= this.#options.maxDepth) this.stop('max-depth')
  }

  #checkBounds(): void {
    const { maxStates } = this.#options
    if (maxStates !== undefined && this.arena.length > maxStates) this.stop('max-states')
  }

  /** The findings, in order. */
  ordered(): readonly Finding[] {
    return this.inspector.ordered()
  }

  /** The path to a state of the arena. */
  pathTo(index: number): Path {
    return pathTo(this.#program, this.arena, index)
  }

  /** The path along states of the arena, the first of which is an initial one. */
  pathAlong(states: readonly number[]): Path {
    return pathAlong(this.#program, this.arena, states)
  }

  /** The path of a finding. */
  path(finding: Finding): Path {
    return pathOf(this.#program, this.arena, finding)
  }
}

/** The path to a state of an arena. */
export function pathTo(program: Program, arena: Arena, index: number): Path {
  return pathAlong(program, arena, arena.pathTo(index))
}

/** The path along states of an arena, the first of which is an initial one. */
function pathAlong(program: Program, arena: Arena, states: readonly number[]): Path {
  return states.map((state, i, all) => {
    const words = arena.segment(state)
    const at = arena.offset(state)
    const before = all[i - 1]
    const step = before === undefined ? program.initialStep(words, at) : program.stepTo(arena.segment(before), arena.offset(before), words, at)
    if (step === undefined) throw new InternalError('a state of the search is no successor of its parent')
    return step
  })
}

/** The path of a finding. */
export function pathOf(program: Program, arena: Arena, { from, state, kind, name, instance }: Finding): Path {
  if (from < 0) {
    if (state === null) return []
    const initial = program.initialStep(state, 0)
    if (initial === undefined) throw new InternalError('an initial state cannot be found again')
    return [initial]
  }
  const path = pathTo(program, arena, from)
  const words = arena.segment(from)
  const at = arena.offset(from)
  if (kind === 'deadlock') return path
  const last = kind === 'assertion' ? program.failingStep(words, at, name) : program.stepTo(words, at, state as Int32Array, 0, instance)
  if (last === undefined) throw new InternalError(`the step that breaks ${name} cannot be found again`)
  return [...path, last]
}
