/**
 * The only place that says "wrong": it looks at states and steps. Every exploration asks it about every new state and every step; each of its threads
 * has one.
 *
 * It keeps one finding per property: the first in the order in which it is asked. Where several inspectors share the states of a level,
 * the first of all is the one with the smallest numbers (`before`). A state may be shown to it before it is known whether it is new: of equal states the
 * first is shown first, and a property that is false in a state seen before has been reported then.
 */
import type { Successors } from '../layout/successors.ts'
import type { Accelerator, Explorable } from '../program/system.ts'
import type { ViolationKind } from '../program/result.ts'
import type { Distinctions } from '../symmetry/distinctions.ts'

/** Something that is wrong, and where: a state of the arena, and for all kinds but deadlock a step from it. */
export interface Finding {
  readonly kind: ViolationKind
  readonly name: string
  /** The number of the invariant, step property or reachable; -1 for the other kinds. */
  readonly property: number
  /** Steps from an initial state, the offending one included. */
  readonly steps: number
  /** The number of the last state of the trace that was expanded, or could be; -1 where an initial state itself offends. */
  readonly from: number
  /** The words of the offending state; null where there is none behind `from`. */
  readonly state: Int32Array | null
  /** The action instance of the offending step. */
  readonly instance: number
}

/** A finding as it is written to a file. */
export type SavedFinding = Omit<Finding, 'state'> & { readonly state: readonly number[] | null }

/** What an inspector knows, as it is written to a file. */
export interface SavedInspection {
  readonly findings: readonly SavedFinding[]
  readonly passedOver: number
  readonly reachedAtOnce: readonly number[]
  readonly unreached: readonly number[]
}

/** Where the states that are expanded lie, by their numbers. */
export interface Places {
  /** The words among which a state lies, and at which of them it begins. */
  segment(index: number): Int32Array
  offset(index: number): number
  /** The number behind the last state that lies beside this one: they follow one another. */
  runEnd(index: number): number
}

/** What a search looks for. */
export interface Checks {
  readonly invariants: readonly boolean[]
  readonly steps: readonly boolean[]
  readonly reachables: readonly boolean[]
  readonly deadlock: boolean
  /** Messages of assertions that are looked at; null for all. */
  readonly assertions: readonly string[] | null
}

const RANKS: readonly ViolationKind[] = ['deadlock', 'assertion', 'step', 'invariant', 'reachable']

/**
 * The order of findings: the fewest steps first; among equals in the order of the states expanded, then of the actions. So it does not
 * depend on how successors are gathered, nor by whom.
 */
export function before(a: Finding, b: Finding): number {
  return a.steps - b.steps || a.from - b.from || a.instance - b.instance || RANKS.indexOf(a.kind) - RANKS.indexOf(b.kind)
}

/** One finding per property is kept: what tells properties apart. */
export function keyOf({ kind, name }: Pick<Finding, 'kind' | 'name'>): string {
  return `${kind === 'deadlock' ? '' : `${kind} `}${name}`
}

// Where symmetry is checked: the first states, a sample of the others, and states that taught the program something, up to a number.
const LOOKED_AT = 16
const SAMPLE = 1 << 14
const TIMES_LEARNED = 1 << 12
const MAX_STRIDE = 64

export class Inspector {
  findings: Finding[] = []
  /** Assertions that failed although nobody looks for them. */
  passedOver = 0
  /** Sought states among the initial ones. */
  readonly reachedAtOnce: number[] = []
  /** Per reachable: whether it is still sought. */
  readonly sought: boolean[]
  /** How many states are expanded at once while symmetry is checked: more and more as long as the program learns nothing. */
  stride = 1
  /** The numbers of the states that are expanded count from this one on; in findings they count from the first state of all. */
  base = 0
  /** Whether all invariants were looked at in the states that are expanded, by this process. */
  trusting = true

  readonly #program: Explorable
  readonly #accelerator: Accelerator
  readonly #checks: Checks
  readonly #places: Places
  readonly #words: number
  readonly #distinctions: Distinctions | null
  /** Invariants that are not, or no longer, looked at. */
  readonly #ignore: Uint8Array
  readonly #brokenSteps: boolean[]
  readonly #found = new Set<string>()
  /** What the program had learned when it was last looked at, and how often it was looked at since it learned something. */
  #learned = 0
  #timesLearned = 0

  // What the program is asked about.
  /** The number among the successors of the one that is looked at, or -1; and whether they are initial states. */
  #looking = -1
  #initial = false
  /** The state that is perhaps a deadlock, or -1. */
  #stuck = -1

  constructor(program: Explorable, accelerator: Accelerator, checks: Checks, places: Places, distinctions: Distinctions | null) {
    this.#program = program
    this.#accelerator = accelerator
    this.#checks = checks
    this.#places = places
    this.#words = program.layout.words
    this.#distinctions = distinctions
    this.#ignore = Uint8Array.from(checks.invariants, (checked) => (checked ? 0 : 1))
    this.#brokenSteps = checks.steps.map((checked) => !checked)
    this.sought = [...checks.reachables]
  }

  /**
   * What the program is asked about, for whoever wants to know where a function of the spec threw or did not return: the state that is expanded
   * or is perhaps a deadlock (`state` null), or a successor of `from` (-1: an initial state). Null where it is about no state.
   */
  asking(out: Successors): { readonly from: number; readonly state: Int32Array | null } | null {
    const { expanding } = this.#accelerator
    if (expanding >= 0) return { from: this.base + expanding, state: null }
    if (this.#stuck >= 0) return { from: this.base + this.#stuck, state: null }
    if (this.#looking < 0) return null
    const at = this.#looking * this.#words
    return { from: this.#initial ? -1 : this.base + (out.source[this.#looking] as number), state: out.states.slice(at, at + this.#words) }
  }

  /** Whether symmetry is checked as well. */
  get symmetric(): boolean {
    return this.#distinctions !== null
  }

  /** Looks at initial states, which come in pieces. */
  initial(out: Successors, last: boolean): void {
    this.#distinctions?.initial(out, last)
  }

  /** Says which successor the program is asked about next; -1: none. */
  looksAt(number: number, initial = false): void {
    this.#looking = number
    this.#initial = initial
  }

  /** Keeps a finding, unless there is one of its property. */
  report(finding: Finding): void {
    const key = keyOf(finding)
    if (this.#found.has(key)) return
    this.#found.add(key)
    this.findings.push(finding)
  }

  /** Keeps findings of others; of two for one property the first in order. */
  merge(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const at = this.findings.findIndex((other) => keyOf(other) === keyOf(finding))
      if (at < 0) this.report(finding)
      else if (before(finding, this.findings[at] as Finding) < 0) this.findings[at] = finding
    }
    this.overlook(findings)
  }

  /** Does not look at the properties of these findings any more. */
  overlook(findings: readonly Pick<Finding, 'kind' | 'name'>[]): void {
    for (const finding of findings) {
      const { kind, name } = finding
      this.#found.add(keyOf(finding))
      if (kind === 'invariant') this.#ignoreInvariant(name)
      if (kind === 'step') this.#ignoreStep(name)
    }
  }

  #ignoreInvariant(name: string): void {
    this.#program.invariants.forEach((other, i) => {
      if (other.name === name) this.#ignore[i] = 1
    })
  }

  #ignoreStep(name: string): void {
    this.#program.steps.forEach((other, i) => {
      if (other.name === name) this.#brokenSteps[i] = true
    })
  }

  /** Checks symmetry at states that were expanded, if they taught the program something; at the first states and a sample in any case. */
  distinguish(first: number, end: number): void {
    const distinctions = this.#distinctions
    if (distinctions === null) return
    const places = this.#places
    const learned = this.#hasLearned()
    if (learned) this.stride = 1
    else if (this.stride < MAX_STRIDE) this.stride *= 2
    for (let index = first; index < end; index++) {
      const number = this.base + index
      if (!learned && number >= LOOKED_AT && number % SAMPLE !== 0) continue
      const states = places.segment(index)
      const at = places.offset(index)
      this.#stuck = index
      distinctions.steps(states, at)
      if (this.#program.steps.length > 0) distinctions.stepProperties(states, at)
      distinctions.predicates(states, at)
    }
    this.#stuck = -1
    // What the program learned by being asked this is no reason to ask again.
    this.#learned = this.#accelerator.learned
  }

  /** Whether the program has learned something since this was asked last; where that happens all the time, some of the times. */
  #hasLearned(): boolean {
    const { learned } = this.#accelerator
    if (learned === this.#learned) return false
    this.#learned = learned
    return ++this.#timesLearned <= TIMES_LEARNED || this.#timesLearned % (TIMES_LEARNED >> 6) === 0
  }

  /** Looks at the failed assertions and the states without a step that expanding has found, in a level of this depth. */
  expanded(out: Successors, depth: number): void {
    if (out.failures.length > 0) this.#assertions(out, depth)
    if (out.stuck.length > 0) this.#deadlocks(out, depth)
  }

  #assertions(out: Successors, depth: number): void {
    const { assertions } = this.#checks
    for (const { instance, message, source } of out.failures) {
      if (assertions !== null && !assertions.includes(message)) this.passedOver++
      else this.report({ kind: 'assertion', name: message, property: -1, steps: depth, from: this.base + source, state: null, instance })
    }
    out.failures.length = 0
  }

  #deadlocks(out: Successors, depth: number): void {
    for (const from of out.stuck) {
      if (!this.#checks.deadlock || this.#found.has('deadlock')) break
      this.#stuck = from
      if (!this.#program.terminal(this.#places.segment(from), this.#places.offset(from))) {
        this.report({ kind: 'deadlock', name: 'deadlock', property: -1, steps: depth - 1, from: this.base + from, state: null, instance: -1 })
      }
    }
    this.#stuck = -1
    out.stuck.length = 0
  }

  /** Checks successors that were not seen before: `count` numbers in an array of the heap. */
  checkAll(out: Successors, fresh: Int32Array, count: number, depth: number): void {
    const { words } = this.#program.layout
    const all = this.#distinctions !== null || this.sought.some(Boolean)
    let next = 0
    for (let k = 0; k < count; k++) {
      if (next <= k) next = this.#accelerator.uncertain(out, fresh, k, count)
      if (next > k && !all) {
        k = next
        if (k === count) return
      }
      const i = fresh[k] as number
      this.looksAt(i)
      if (next <= k) this.check(out.states, i * words, out.source[i] as number, out.instance[i] as number, depth)
      else this.#checkRest(out.states, i * words, out.source[i] as number)
    }
  }

  /** Checks a state that was not seen before; `from` is its parent, -1 for an initial state. */
  check(states: Int32Array, at: number, from: number, instance: number, depth: number): void {
    const program = this.#program
    const known = from >= 0 && this.trusting
    const parent = known ? this.#places.segment(from) : null
    const parentAt = known ? this.#places.offset(from) : 0
    for (;;) {
      const broken = program.violated(states, at, parent, parentAt, this.#ignore)
      if (broken < 0) break
      const { name } = program.invariants[broken] as { name: string }
      this.report({
        kind: 'invariant',
        name,
        property: broken,
        steps: from < 0 ? 0 : depth,
        from: from < 0 ? -1 : this.base + from,
        state: states.slice(at, at + this.#words),
        instance,
      })
      // One violation per property: its other combinations are not looked at any more.
      this.#ignoreInvariant(name)
    }
    this.#checkRest(states, at, from)
  }

  /** All that there is to check but invariants. */
  #checkRest(states: Int32Array, at: number, from: number): void {
    const program = this.#program
    if (this.#distinctions !== null && this.#hasLearned()) {
      this.#distinctions.predicates(states, at)
      this.#learned = this.#accelerator.learned
    }
    for (let r = 0; r < this.sought.length; r++) {
      if (!this.sought[r] || !program.reaches(r, states, at)) continue
      this.sought[r] = false
      if (from < 0) this.reachedAtOnce.push(r)
    }
  }

  /** Step properties look at every step that changes the state, also at those to states seen before: at the successors from number `first` on. */
  checkSteps({ count, states, instance, source }: Successors, depth: number, first = 0): void {
    const words = this.#words
    const program = this.#program
    if (program.steps.length === 0) return
    for (let i = first; i < count; i++) {
      const from = source[i] as number
      const before = this.#places.segment(from)
      const beforeAt = this.#places.offset(from)
      const at = i * words
      let w = 0
      while (w < words && before[beforeAt + w] === states[at + w]) w++
      if (w === words) continue
      for (let s = 0; s < this.#brokenSteps.length; s++) {
        if (this.#brokenSteps[s]) continue
        this.#looking = i
        this.#initial = false
        s = program.brokenStep(before, beforeAt, states, at, instance[i] as number, s)
        if (s < 0) break
        if (this.#brokenSteps[s]) continue
        const { name } = program.steps[s] as { name: string }
        this.report({
          kind: 'step',
          name,
          property: s,
          steps: depth,
          from: this.base + from,
          state: states.slice(at, at + words),
          instance: instance[i] as number,
        })
        this.#ignoreStep(name)
      }
      if (this.#distinctions !== null && this.#hasLearned()) {
        this.#distinctions.stepProperties(before, beforeAt)
        this.#learned = this.#accelerator.learned
      }
    }
  }

  /** After a complete search: what is sought has not been found. */
  unreached(): void {
    this.sought.forEach((sought, i) => {
      if (!sought) return
      const { name } = this.#program.reachables[i] as { name: string }
      this.report({ kind: 'reachable', name, property: i, steps: 0, from: -1, state: null, instance: -1 })
    })
  }

  ordered(): readonly Finding[] {
    return this.findings.toSorted(before)
  }

  /** For a file: the search goes on in another process. */
  save(): SavedInspection {
    return {
      findings: this.findings.map((finding) => ({ ...finding, state: finding.state && [...finding.state] })),
      passedOver: this.passedOver,
      reachedAtOnce: [...this.reachedAtOnce],
      unreached: this.sought.flatMap((sought, i) => (sought ? [i] : [])),
    }
  }

  restore({ findings, passedOver, reachedAtOnce, unreached }: SavedInspection): void {
    this.merge(findings.map((finding) => ({ ...finding, state: finding.state && Int32Array.from(finding.state) })))
    this.passedOver = passedOver
    this.reachedAtOnce.push(...reachedAtOnce)
    this.sought.forEach((_, i) => {
      this.sought[i] = unreached.includes(i)
    })
  }
}
