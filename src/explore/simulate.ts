/**
 * Simulation: random behaviours instead of all of them, for state spaces too large to exhaust. It finds what goes wrong often; it never shows
 * that nothing does.
 *
 *     for each run
 *       state := a random initial state
 *       at most `depth` times: state := a random successor
 *
 * Of the actions that are enabled each has the same chance, whatever the number of its successors; then each of these has. Every run has a
 * sequence of random numbers of its own, made from the seed and the number of the run.
 *
 * The first violation ends it. Its behaviour is then shortened: cycles and detours are cut out, and steps are left out as long as the
 * same property is violated (delta debugging: A. Zeller, R. Hildebrandt, Simplifying and isolating failure-inducing input, 2002).
 */
import { Successors } from '../layout/successors.ts'
import type { Explorable } from '../program/system.ts'
import type { Bound } from '../program/result.ts'
import { Arena } from '../visited/arena.ts'
import type { Checks, Finding } from './inspector.ts'
import { Random } from '../program/random.ts'
import { Fingerprint, KeySet } from '../visited/visited.ts'

export interface SimulationBounds {
  readonly seed: number
  readonly runs: number
  /** Steps per run. */
  readonly depth: number
  /** false: a violation is shown as it was found. */
  readonly shrink?: boolean
  /** How many of the different states are kept, for whoever wants to look at them all; none by default. */
  readonly keep?: number
}

/** A step of a behaviour, apart from the state in which it is taken: the action instance, and which of its successors. */
interface Step {
  readonly instance: number
  readonly ordinal: number
}

/** States one after the other, and the steps between them. */
interface Behaviour {
  readonly states: Int32Array[]
  readonly steps: Step[]
}

/** A refinement as far as single states and steps can break it. */
export interface SimulatedRefinement {
  readonly name: string
  begins(state: Int32Array): boolean
  goes(before: Int32Array, after: Int32Array): boolean
}

/** What is wrong at the end of a behaviour. */
type Wrong = Pick<Finding, 'kind' | 'name' | 'property' | 'instance'>

/** How many states may be expanded to shorten a behaviour. */
const SHRINK_BUDGET = 20_000
/** Initial states made between two looks at the clock. */
const INITIAL_BATCH = 1 << 10

export class Simulation {
  /** Runs that were finished. */
  runs = 0
  /** States visited, those visited again included. */
  visited = 0
  /** Steps taken. */
  taken = 0
  /** Runs that ended in a state without a successor; and of these, that is a deadlock. */
  ended = 0
  deadlocks = 0
  /** Runs that ended outside the constraint. */
  constrained = 0
  stopped: Bound | null = null
  /** Per number of steps: how many runs had so many. */
  readonly histogram = new Map<number, number>()
  /** Per action: how often it was taken. */
  readonly takenBy: Float64Array
  /** The violation, and the run and the number of steps with which it was found. */
  finding: Finding | null = null
  found: { readonly run: number; readonly steps: number } | null = null
  /** The states of the behaviour that shows the violation. */
  readonly arena: Arena
  /** States visited that lie inside the constraints, each once and as many as are to be kept; an initial state is its own parent. */
  readonly kept: Arena
  readonly #program: Explorable
  readonly #checks: Checks
  readonly #refinements: readonly SimulatedRefinement[]
  readonly #bounds: SimulationBounds
  readonly #words: number
  readonly #initial: Successors
  readonly #out: Successors
  readonly #seen = new KeySet()
  readonly #fingerprint = new Fingerprint()
  readonly #ignore: Uint8Array
  readonly #sought: boolean[]
  #random: Random
  #behaviour: Behaviour = { states: [], steps: [] }
  #running = false
  #finished = false

  constructor(program: Explorable, checks: Checks, bounds: SimulationBounds, refinements: readonly SimulatedRefinement[] = []) {
    this.#program = program
    this.#checks = checks
    this.#refinements = refinements
    this.#bounds = bounds
    this.#words = program.layout.words
    this.#initial = new Successors(this.#words, 64)
    this.#out = new Successors(this.#words, 256)
    this.#ignore = Uint8Array.from(checks.invariants, (checked) => (checked ? 0 : 1))
    this.#sought = [...checks.reachables]
    this.#random = new Random(bounds.seed)
    this.takenBy = new Float64Array(program.actions.length)
    this.arena = new Arena(this.#words)
    this.kept = new Arena(this.#words)
  }

  get finished(): boolean {
    return this.#finished
  }
  /** Different states visited, told apart by a 64-bit fingerprint. */
  get distinct(): number {
    return this.#seen.size
  }
  get generated(): number {
    return this.visited
  }
  /** Runs left. */
  get queue(): number {
    return this.#bounds.runs - this.runs
  }
  get depth(): number {
    return Math.max(0, ...this.histogram.keys()) + 1
  }
  /** Sought states that were not visited. */
  get unreached(): readonly number[] {
    return this.#sought.flatMap((sought, i) => (sought ? [i] : []))
  }
  /** Where a function of the spec threw: the behaviour up to there. */
  get behaviour(): readonly Int32Array[] {
    return this.#behaviour.states
  }

  /** Goes on for about this many milliseconds. Gives true when it is over. */
  advance(milliseconds: number): boolean {
    const end = performance.now() + milliseconds
    while (!this.#finished) {
      if (!this.#begun) this.#begin()
      else if (this.#running) this.#step()
      else this.#start()
      if (performance.now() > end) break
    }
    return this.#finished
  }

  stop(bound: Bound): void {
    if (this.#finished) return
    this.stopped = bound
    this.#finished = true
  }

  #begun = false
  #begin(): void {
    this.#begun = this.#program.initial(this.#initial, this.#initial.count + INITIAL_BATCH)
    if (this.#begun && this.#initial.count === 0) this.#finished = true
  }

  #start(): void {
    this.#random = new Random(this.#bounds.seed, this.runs + 1)
    const chosen = this.#random.below(this.#initial.count)
    const state = this.#initial.states.slice(chosen * this.#words, (chosen + 1) * this.#words)
    this.#behaviour = { states: [state], steps: [] }
    this.#running = true
    this.#visit(state)
  }

  /** Looks at a state that was just reached. */
  #visit(state: Int32Array): void {
    const program = this.#program
    this.visited++
    this.#fingerprint.of(state, 0, this.#words)
    const isNew = this.#seen.add(this.#fingerprint.lo, this.#fingerprint.hi)
    for (let r = 0; r < this.#sought.length; r++) if (this.#sought[r] && program.reaches(r, state, 0)) this.#sought[r] = false
    const broken = program.violated(state, 0, null, 0, this.#ignore)
    if (broken >= 0)
      this.#violation({
        kind: 'invariant',
        name: program.invariants[broken]?.name as string,
        property: broken,
        instance: this.#behaviour.steps.at(-1)?.instance ?? -1,
      })
    else if (this.#brokenRefinement(this.#behaviour) >= 0) this.#refinementViolation()
    else if (program.constrained && !program.inside(state, 0)) {
      this.constrained++
      this.#end()
    } else {
      if (isNew && this.kept.length < (this.#bounds.keep ?? 0)) {
        // Of the others only that they are no initial states matters.
        const parent = this.#behaviour.steps.length === 0 ? this.kept.length : Math.max(0, this.kept.length - 1)
        if (this.kept.length > 0 || this.#behaviour.steps.length === 0) this.kept.push(state, 0, parent)
      }
      if (this.#behaviour.steps.length >= this.#bounds.depth) this.#end()
    }
  }

  #end(): void {
    const { length } = this.#behaviour.steps
    this.histogram.set(length, (this.histogram.get(length) ?? 0) + 1)
    this.runs++
    this.#running = false
    if (this.runs >= this.#bounds.runs) this.#finished = true
  }

  #step(): void {
    const program = this.#program
    const { states, steps } = this.#behaviour
    const state = states.at(-1) as Int32Array
    const enabled = this.#expand(state)
    const out = this.#out
    const failure = out.failures.find(({ message }) => this.#checks.assertions?.includes(message) ?? true)
    if (failure) {
      this.#violation({ kind: 'assertion', name: failure.message, property: -1, instance: failure.instance })
      return
    }
    if (out.count === 0) {
      this.ended++
      if (enabled === 0 && !program.terminal(state, 0)) {
        this.deadlocks++
        if (this.#checks.deadlock) {
          this.#violation({ kind: 'deadlock', name: 'deadlock', property: -1, instance: -1 })
          return
        }
      }
      this.#end()
      return
    }
    const chosen = this.#choose()
    const instance = out.instance[chosen] as number
    const next = out.states.slice(chosen * this.#words, (chosen + 1) * this.#words)
    this.taken++
    const action = program.instances[instance]?.action as number
    this.takenBy[action] = (this.takenBy[action] as number) + 1
    states.push(next)
    steps.push({ instance, ordinal: this.#ordinal(chosen) })
    const step = this.#brokenStep(state, next, instance)
    if (step >= 0) this.#violation({ kind: 'step', name: program.steps[step]?.name as string, property: step, instance })
    else this.#visit(next)
  }

  #expand(state: Int32Array): number {
    this.#out.count = 0
    this.#out.failures.length = 0
    return this.#program.expand(state, 0, this.#out)
  }

  /** A successor: first an action, then one of what it makes. */
  #choose(): number {
    const { count, instance } = this.#out
    const { instances } = this.#program
    // Successors of one action lie side by side.
    const firsts: number[] = []
    for (let i = 0; i < count; i++)
      if (i === 0 || instances[instance[i] as number]?.action !== instances[instance[i - 1] as number]?.action) firsts.push(i)
    const which = this.#random.below(firsts.length)
    const first = firsts[which] as number
    return first + this.#random.below((firsts[which + 1] ?? count) - first)
  }

  /** The how-manieth successor of its action instance a successor is. */
  #ordinal(chosen: number): number {
    const { instance } = this.#out
    let first = chosen
    while (first > 0 && instance[first - 1] === instance[chosen]) first--
    return chosen - first
  }

  /** The first step property that is looked at and broken, or -1. */
  #brokenStep(before: Int32Array, after: Int32Array, instance: number): number {
    if (this.#program.steps.length === 0 || equal(before, after)) return -1
    for (let s = 0; ; s++) {
      if (s >= this.#program.steps.length) return -1
      s = this.#program.brokenStep(before, 0, after, 0, instance, s)
      if (s < 0 || this.#checks.steps[s]) return s
    }
  }

  /** The first refinement that the last step of a behaviour breaks, or its only state; -1 for none. */
  #brokenRefinement({ states }: Behaviour): number {
    const after = states.at(-1) as Int32Array
    const before = states.at(-2)
    return this.#refinements.findIndex((refinement) => !(before === undefined ? refinement.begins(after) : refinement.goes(before, after)))
  }

  #refinementViolation(): void {
    const property = this.#brokenRefinement(this.#behaviour)
    const name = this.#refinements[property]?.name as string
    this.#violation({ kind: 'refinement', name, property, instance: this.#behaviour.steps.at(-1)?.instance ?? -1 })
  }

  // --- a violation

  #violation(wrong: Wrong): void {
    const run = this.runs
    this.found = { run, steps: this.#behaviour.steps.length + (wrong.kind === 'assertion' ? 1 : 0) }
    this.#end()
    this.#finished = true
    const behaviour = this.#bounds.shrink === false ? this.#behaviour : this.#shrink(this.#behaviour, wrong)
    this.#report(behaviour, wrong)
  }

  #report({ states, steps }: Behaviour, { kind, name, property, instance }: Wrong): void {
    // The state that offends lies behind the arena; a deadlock and the state in which an assertion fails are in it.
    const offending = kind === 'invariant' || kind === 'step' || kind === 'refinement'
    const inside = offending ? states.slice(0, -1) : states
    inside.forEach((state, i) => {
      this.arena.push(state, 0, Math.max(0, i - 1))
    })
    // The same property may be false for other parameters at the end of a shortened behaviour.
    const last = states.at(-1) as Int32Array
    const now = kind === 'invariant' ? this.#falseOf(name, last) : property
    this.finding = {
      kind,
      name,
      property: now,
      steps: steps.length + (kind === 'assertion' ? 1 : 0),
      from: inside.length - 1,
      state: offending ? last : null,
      instance: offending ? (steps.at(-1)?.instance ?? -1) : instance,
    }
  }

  /** The combination of an invariant that is false in a state, or -1. */
  #falseOf(name: string, state: Int32Array): number {
    const ignore = Uint8Array.from(this.#program.invariants, (invariant) => (invariant.name === name ? 0 : 1))
    return this.#program.violated(state, 0, null, 0, ignore)
  }

  /** The states of the behaviour that is under way, one after the other. */
  get underWay(): Arena {
    const arena = new Arena(this.#words)
    for (const [i, state] of this.#behaviour.states.entries()) arena.push(state, 0, Math.max(0, i - 1))
    return arena
  }

  // --- shortening

  #budget = SHRINK_BUDGET

  #shrink(behaviour: Behaviour, wrong: Wrong): Behaviour {
    let best = this.#direct(behaviour, wrong)
    let size = best.steps.length >> 1
    while (best.steps.length > 0 && this.#budget > 0) {
      size = Math.max(1, Math.min(size, best.steps.length))
      let shorter = false
      for (let at = 0; at < best.steps.length && this.#budget > 0; ) {
        const rest = best.steps.filter((_, i) => i < at || i >= at + size)
        const replayed = this.#replay(best.states[0] as Int32Array, rest, wrong)
        if (replayed !== null && replayed.steps.length < best.steps.length) {
          best = this.#direct(replayed, wrong)
          shorter = true
        } else at += size
      }
      if (!shorter && size === 1) break
      if (!shorter) size >>= 1
    }
    return best
  }

  /** Takes steps where they are enabled, the others not, until it is wrong. Null where it never is. */
  #replay(initial: Int32Array, steps: readonly Step[], wrong: Wrong): Behaviour | null {
    const made: Behaviour = { states: [initial], steps: [] }
    let state = initial
    const last = (): Behaviour | null => (this.#isWrong(made, wrong) ? made : null)
    for (const { instance, ordinal } of steps) {
      const already = last()
      if (already) return already
      if (this.#budget-- <= 0) return null
      if (this.#program.constrained && !this.#program.inside(state, 0)) return null
      this.#expand(state)
      const { count, instance: instances, states } = this.#out
      const first = instances.subarray(0, count).indexOf(instance)
      if (first < 0) continue
      let end = first
      while (end < count && instances[end] === instance) end++
      const chosen = Math.min(first + ordinal, end - 1)
      state = states.slice(chosen * this.#words, (chosen + 1) * this.#words)
      made.states.push(state)
      made.steps.push({ instance, ordinal: chosen - first })
    }
    return last()
  }

  #isWrong({ states, steps }: Behaviour, { kind, name }: Wrong): boolean {
    const state = states.at(-1) as Int32Array
    const program = this.#program
    switch (kind) {
      case 'invariant':
        return this.#falseOf(name, state) >= 0
      case 'step': {
        const before = states.at(-2)
        const step = before === undefined ? -1 : this.#brokenStep(before, state, steps.at(-1)?.instance as number)
        return step >= 0 && program.steps[step]?.name === name
      }
      case 'refinement':
        return this.#refinements[this.#brokenRefinement({ states, steps })]?.name === name
      case 'assertion':
        this.#expand(state)
        return this.#out.failures.some(({ message }) => message === name)
      default:
        return this.#expand(state) === 0 && !program.terminal(state, 0)
    }
  }

  /** Cuts out cycles, and detours where one step leads to a later state; the last step of a broken step property stays. */
  #direct(behaviour: Behaviour, { kind }: Wrong): Behaviour {
    const { states, steps } = behaviour
    const keep = (kind === 'step' || kind === 'refinement') && states.length > 1 ? states.length - 2 : states.length - 1
    const latest = new Map<string, number>()
    for (let i = 0; i <= keep; i++) latest.set((states[i] as Int32Array).join(), i)
    const made: Behaviour = { states: [], steps: [] }
    let at = latest.get((states[0] as Int32Array).join()) as number
    made.states.push(states[at] as Int32Array)
    while (at < keep) {
      let next = at + 1
      let step = steps[at] as Step
      if (this.#budget-- > 0) {
        this.#expand(states[at] as Int32Array)
        const { count, instance, states: successors } = this.#out
        for (let i = 0; i < count; i++) {
          const later = latest.get(successors.subarray(i * this.#words, (i + 1) * this.#words).join()) ?? -1
          if (later > next) {
            next = later
            step = { instance: instance[i] as number, ordinal: this.#ordinal(i) }
          }
        }
      }
      made.steps.push(step)
      made.states.push(states[next] as Int32Array)
      // The state may come again later.
      at = Math.max(next, latest.get((states[next] as Int32Array).join()) ?? next)
    }
    if (keep < states.length - 1) {
      made.steps.push(steps.at(-1) as Step)
      made.states.push(states.at(-1) as Int32Array)
    }
    return made
  }
}

function equal(a: Int32Array, b: Int32Array): boolean {
  return a.every((word, w) => word === b[w])
}
