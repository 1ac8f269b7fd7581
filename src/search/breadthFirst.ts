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
import type { SearchOptions } from '../program/options.ts'
import type { Path } from '../program/path.ts'
import { type Program, Successors } from '../program/program.ts'
import type { Bound, ViolationKind } from '../program/result.ts'
import { Arena, SEGMENT } from './arena.ts'
import { Canonical } from './canonical.ts'
import { Distinctions } from './distinctions.ts'
import { Fingerprint, KeySet, StateSet } from './visited.ts'

/** Something that is wrong, and where: a state of the arena, and for all kinds but deadlock a step from it. */
export interface Finding {
  readonly kind: ViolationKind
  readonly name: string
  /** The number of the invariant, step property or reachable; -1 for the other kinds. */
  readonly property: number
  /** Steps from an initial state, the offending one included. */
  readonly steps: number
  /** The last state of the trace that lies in the arena; -1 where an initial state itself offends. */
  readonly from: number
  /** The words of the offending state; null where there is none behind `from`. */
  readonly state: Int32Array | null
  /** The action instance of the offending step. */
  readonly instance: number
}

/** What a search looks for. */
export interface Checks {
  readonly invariants: readonly boolean[]
  readonly steps: readonly boolean[]
  readonly reachables: readonly boolean[]
  readonly deadlock: boolean
  readonly assertion: (message: string) => boolean
}

/** Successors are looked up when this many are gathered. */
const BATCH = 1 << 11
/** States expanded at a time where each takes long, so that the clock is looked at often enough. */
const SLOW_BATCH = 1 << 5

// Where symmetry is checked: the first states, a sample of the others, and states that taught the program something, up to a number.
const LOOKED_AT = 16
const SAMPLE = 1 << 14
const LESSONS = 1 << 12
const MAX_STRIDE = 64

export class BreadthFirst {
  readonly findings: Finding[] = []
  generated = 0
  /** Successors outside the constraints. */
  constrained = 0
  /** Levels so far: the number of states on the longest shortest path. */
  depth = 0
  stopped: Bound | null = null
  readonly arena: Arena
  readonly exact: boolean
  /** Per action instance: successors, and new states among them. */
  readonly generatedBy: Float64Array
  readonly distinctBy: Float64Array
  /** Assertions that failed although nobody looks for them. */
  passedOver = 0
  /** Sought states among the initial ones. */
  readonly reachedAtOnce: number[] = []

  readonly #program: Program
  readonly #options: SearchOptions
  readonly #checks: Checks
  readonly #words: number
  readonly #keys: KeySet | null
  readonly #states: StateSet | null
  readonly #fingerprint = new Fingerprint()
  readonly #packed: boolean
  readonly #batch: number
  readonly #out: Successors
  /** Invariants that are not, or no longer, looked at. */
  readonly #ignore: Uint8Array
  readonly #brokenSteps: boolean[]
  readonly #sought: boolean[]
  readonly #found = new Set<string>()
  /** The state being expanded, and the end of its level. */
  #next = 0
  #levelEnd = 0
  #touched = 0

  /** Canonical forms of the gathered successors, and those of the arena where states are told apart by all their words. */
  readonly #canonical: Canonical | null
  #forms: Int32Array = new Int32Array(0)
  readonly #formArena: Arena
  readonly #distinctions: Distinctions | null
  /** What the program had learned when it was last looked at, and how often it was looked at since it learned something. */
  #learned = 0
  #lessons = 0
  /** How many states are expanded at once while symmetry is checked: more and more as long as the program learns nothing. */
  #stride = 1

  constructor(program: Program, checks: Checks, options: SearchOptions = {}) {
    this.#program = program
    this.#checks = checks
    this.#options = options
    this.#words = program.layout.words
    this.arena = new Arena(this.#words)
    this.#packed = this.#words <= 2 && !program.viewed
    this.exact = this.#packed || program.viewed || options.keys !== 'fingerprint'
    this.#keys = this.#packed || program.viewed || !this.exact ? new KeySet() : null
    const symmetry = options.symmetry === false ? undefined : symmetryOf(program.layout)
    this.#canonical = symmetry ? new Canonical(symmetry, program.layout) : null
    this.#distinctions = this.#canonical ? new Distinctions(program, this.#canonical) : null
    this.#formArena = this.#canonical ? new Arena(this.#words) : this.arena
    this.#states = this.#keys ? null : new StateSet(this.#formArena)
    this.#batch = options.batching === false ? 1 : BATCH
    this.#out = new Successors(this.#words)
    this.generatedBy = new Float64Array(program.instances.length)
    this.distinctBy = new Float64Array(program.instances.length)
    this.#ignore = Uint8Array.from(checks.invariants, (checked) => (checked ? 0 : 1))
    this.#brokenSteps = checks.steps.map((checked) => !checked)
    this.#sought = [...checks.reachables]
  }

  get distinct(): number {
    return this.arena.length
  }

  /** States found but not expanded. */
  get queue(): number {
    return this.arena.length - this.#next
  }

  /** The scalarsets by which states are reduced. */
  get scalarsets(): readonly { readonly name: string; readonly size: number }[] {
    return (this.#canonical?.symmetry.scalarsets ?? []).map(({ name, size }) => ({ name, size }))
  }

  /**
   * What the program is asked about, for whoever wants to know where a function of the spec threw or did not return: the state that is expanded
   * or is perhaps a deadlock (`state` null), or a successor of `from` (-1: an initial state). Null where it is about no state.
   */
  get asking(): { readonly from: number; readonly state: Int32Array | null } | null {
    const { states, source } = this.#out
    if (this.#program.expanding >= 0) return { from: this.#program.expanding, state: null }
    if (this.#stuck >= 0) return { from: this.#stuck, state: null }
    if (this.#looking < 0) return null
    const at = this.#looking * this.#words
    return { from: this.#initial ? -1 : (source[this.#looking] as number), state: states.slice(at, at + this.#words) }
  }
  /** The number among the successors of the one that is looked at, or -1; and whether they are initial states. */
  #looking = -1
  #initial = false
  /** The state that is perhaps a deadlock, or -1. */
  #stuck = -1

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

  /** Goes on for about this many milliseconds. Gives true when the search is over. */
  advance(milliseconds: number): boolean {
    const end = performance.now() + milliseconds
    while (!this.#finished) {
      if (!this.#begun) this.#begun = this.#begin()
      else if (this.#next === this.#levelEnd) this.#endLevel()
      else this.#expandSome()
      if (performance.now() > end) break
    }
    return this.#finished
  }

  /** Stops early: the result is then incomplete. */
  stop(bound: Bound): void {
    if (this.#finished) return
    this.stopped = bound
    this.#finished = true
  }

  /** Expands states of the level until a batch is full. */
  #expandSome(): void {
    const { arena } = this
    const out = this.#out
    // At most this many states a call, so that the clock is looked at where states have few successors.
    const last = Math.min(this.#levelEnd, this.#next + (this.#program.swift ? BATCH : SLOW_BATCH))
    while (this.#next < last && out.count < this.#batch) {
      const index = this.#next
      // States that lie in one segment.
      const inSegment = Math.min(last - index, SEGMENT - (index & (SEGMENT - 1)))
      const count = this.#distinctions === null ? inSegment : Math.min(inSegment, this.#stride)
      this.#next += this.#program.expandMany(arena.segment(index), arena.offset(index), count, index, out, this.#batch)
      if (this.#distinctions !== null) this.#distinguish(this.#distinctions, index)
    }
    if (out.failures.length > 0) this.#assertions()
    if (out.stuck.length > 0) this.#deadlocks()
    this.#settle(false)
    this.#checkBounds()
  }

  /** Checks symmetry at the states expanded since `first`, if they taught the program something; at the first states and a sample in any case. */
  #distinguish(distinctions: Distinctions, first: number): void {
    const { arena } = this
    const learned = this.#lesson()
    if (learned) this.#stride = 1
    else if (this.#stride < MAX_STRIDE) this.#stride *= 2
    for (let index = first; index < this.#next; index++) {
      if (!learned && index >= LOOKED_AT && index % SAMPLE !== 0) continue
      const states = arena.segment(index)
      const at = arena.offset(index)
      this.#stuck = index
      distinctions.steps(states, at)
      if (this.#program.steps.length > 0) distinctions.stepProperties(states, at)
      distinctions.predicates(states, at)
    }
    this.#stuck = -1
    // What the program learned by being asked this is no reason to ask again.
    this.#learned = this.#program.learned
  }

  /** Whether the program has learned something since this was asked last; where that happens all the time, some of the times. */
  #lesson(): boolean {
    const { learned } = this.#program
    if (learned === this.#learned) return false
    this.#learned = learned
    return ++this.#lessons <= LESSONS || this.#lessons % (LESSONS >> 6) === 0
  }

  #assertions(): void {
    for (const { instance, message, source } of this.#out.failures) {
      if (!this.#checks.assertion(message)) this.passedOver++
      else this.#report({ kind: 'assertion', name: message, property: -1, steps: this.depth, from: source, state: null, instance })
    }
    this.#out.failures.length = 0
  }

  #deadlocks(): void {
    for (const from of this.#out.stuck) {
      if (!this.#checks.deadlock || this.#found.has('deadlock')) break
      this.#stuck = from
      if (!this.#program.terminal(this.arena.segment(from), this.arena.offset(from))) {
        this.#report({ kind: 'deadlock', name: 'deadlock', property: -1, steps: this.depth - 1, from, state: null, instance: -1 })
      }
    }
    this.#stuck = -1
    this.#out.stuck.length = 0
  }

  /** Looks the gathered successors up, and checks and keeps the new ones. */
  #settle(initial: boolean): void {
    const out = this.#out
    const { count, states, instance } = out
    const words = this.#words
    const program = this.#program
    this.generated += count
    this.#initial = initial
    if (!initial) for (let i = 0; i < count; i++) (this.generatedBy[instance[i] as number] as number)++
    if (program.steps.length > 0 && !initial) this.#checkSteps()
    const keys = this.#canonical === null ? states : this.#canonicalForms(this.#canonical)
    if (this.#packed && !program.constrained && this.#batch > 1) {
      if (this.#fresh.length < count) this.#fresh = new Int32Array(instance.length)
      const fresh = this.#fresh
      const found = (this.#keys as KeySet).addAll(keys, words, count, fresh)
      for (let f = 0; f < found; f++) this.#keep(fresh[f] as number, initial, keys)
      out.count = 0
      this.#looking = -1
      return
    }
    if (count > 1 && this.#batch > 1) this.#touchAll(keys)
    for (let i = 0; i < count; i++) {
      this.#looking = i
      if (this.#isNew(keys, i * words)) this.#keep(i, initial, keys)
    }
    out.count = 0
    this.#looking = -1
  }
  #fresh = new Int32Array(0)

  /** Checks a new successor, and appends it to the arena if it lies inside the constraints. */
  #keep(i: number, initial: boolean, keys: Int32Array): void {
    const { states, instance, source } = this.#out
    const program = this.#program
    this.#looking = i
    const at = i * this.#words
    const from = initial ? -1 : (source[i] as number)
    this.#check(states, at, from, instance[i] as number)
    if (program.constrained) {
      if (!program.inside(states, at)) {
        this.constrained++
        return
      }
      this.#remember(keys, at)
    }
    this.arena.push(states, at, from < 0 ? this.arena.length : from)
    if (this.#states !== null && this.#canonical !== null) this.#formArena.push(keys, at, 0)
    if (!initial) (this.distinctBy[instance[i] as number] as number)++
  }

  #canonicalForms(canonical: Canonical): Int32Array {
    const { count, states } = this.#out
    const words = this.#words
    if (this.#forms.length < count * words) this.#forms = new Int32Array(states.length)
    for (let i = 0; i < count; i++) canonical.of(states, i * words, this.#forms, i * words)
    return this.#forms
  }

  #touchAll(states: Int32Array): void {
    const { count } = this.#out
    const words = this.#words
    let sum = 0
    if (this.#packed) {
      const keys = this.#keys as KeySet
      for (let i = 0; i < count; i++) sum += keys.touch(states[i * words] as number, words === 2 ? (states[i * words + 1] as number) : 0)
    } else if (this.#states) {
      for (let i = 0; i < count; i++) sum += this.#states.touch(states, i * words)
    }
    this.#touched = sum
  }

  /** The sum of what was touched: kept so that the reads are not optimised away. */
  get touched(): number {
    return this.#touched
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

  /** Checks a state that was not seen before. */
  #check(states: Int32Array, at: number, from: number, instance: number): void {
    const program = this.#program
    const parent = from < 0 ? null : this.arena.segment(from)
    const parentAt = from < 0 ? 0 : this.arena.offset(from)
    for (;;) {
      const broken = program.violated(states, at, parent, parentAt, this.#ignore)
      if (broken < 0) break
      const { name } = program.invariants[broken] as { name: string }
      this.#report({
        kind: 'invariant',
        name,
        property: broken,
        steps: from < 0 ? 0 : this.depth,
        from,
        state: states.slice(at, at + this.#words),
        instance,
      })
      // One violation per property: its other combinations are not looked at any more.
      program.invariants.forEach((other, i) => {
        if (other.name === name) this.#ignore[i] = 1
      })
    }
    if (this.#distinctions !== null && this.#lesson()) {
      this.#distinctions.predicates(states, at)
      this.#learned = this.#program.learned
    }
    for (let r = 0; r < this.#sought.length; r++) {
      if (!this.#sought[r] || !program.reaches(r, states, at)) continue
      this.#sought[r] = false
      if (from < 0) this.reachedAtOnce.push(r)
    }
  }

  /** Step properties look at every step that changes the state, also at those to states seen before. */
  #checkSteps(): void {
    const { count, states, instance, source } = this.#out
    const words = this.#words
    const program = this.#program
    for (let i = 0; i < count; i++) {
      const from = source[i] as number
      const before = this.arena.segment(from)
      const beforeAt = this.arena.offset(from)
      const at = i * words
      let w = 0
      while (w < words && before[beforeAt + w] === states[at + w]) w++
      if (w === words) continue
      for (let s = 0; s < this.#brokenSteps.length; s++) {
        if (this.#brokenSteps[s]) continue
        this.#looking = i
        s = program.brokenStep(before, beforeAt, states, at, instance[i] as number, s)
        if (s < 0) break
        if (this.#brokenSteps[s]) continue
        const { name } = program.steps[s] as { name: string }
        this.#report({
          kind: 'step',
          name,
          property: s,
          steps: this.depth,
          from,
          state: states.slice(at, at + words),
          instance: instance[i] as number,
        })
        program.steps.forEach((other, o) => {
          if (other.name === name) this.#brokenSteps[o] = true
        })
      }
      if (this.#distinctions !== null && this.#lesson()) {
        this.#distinctions.stepProperties(before, beforeAt)
        this.#learned = this.#program.learned
      }
    }
  }

  #report(finding: Finding): void {
    const key = `${finding.kind === 'deadlock' ? '' : `${finding.kind} `}${finding.name}`
    if (this.#found.has(key)) return
    this.#found.add(key)
    this.findings.push(finding)
  }

  #endLevel(): void {
    const more = this.arena.length > this.#levelEnd
    if (more) {
      this.depth++
      this.#levelEnd = this.arena.length
    }
    if (this.findings.length > 0 && !this.#options.keepGoing) this.#finished = true
    else if (!more) {
      this.#finished = true
      this.#unreached()
    } else if (this.#options.maxDepth !== undefined && this.depth >= this.#options.maxDepth) this.stop('max-depth')
  }

  /** A complete search has not found what is sought. */
  #unreached(): void {
    this.#sought.forEach((sought, i) => {
      if (sought)
        this.#report({
          kind: 'reachable',
          name: (this.#program.reachables[i] as { name: string }).name,
          property: i,
          steps: 0,
          from: -1,
          state: null,
          instance: -1,
        })
    })
  }

  /** Sought states that were not found so far. */
  get unreached(): readonly number[] {
    return this.#sought.flatMap((sought, i) => (sought ? [i] : []))
  }

  #checkBounds(): void {
    const { maxStates } = this.#options
    if (maxStates !== undefined && this.arena.length > maxStates) this.stop('max-states')
  }

  /**
   * The findings, those with the fewest steps first; among equals in the order of the states expanded, then of the actions. So the order
   * does not depend on how successors are gathered.
   */
  ordered(): readonly Finding[] {
    const rank = ({ kind }: Finding) => ['deadlock', 'assertion', 'step', 'invariant', 'reachable'].indexOf(kind)
    return this.findings.toSorted((a, b) => a.steps - b.steps || a.from - b.from || a.instance - b.instance || rank(a) - rank(b))
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
function pathTo(program: Program, arena: Arena, index: number): Path {
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
