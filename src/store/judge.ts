/**
 * What is wrong in the states and steps of a stored search: the same findings, in the same order, as those of the search in memory.
 *
 * States are judged when they are generated, before it is known whether they are new. That changes nothing: of equal states the first is judged
 * first, and a property that is false in a state seen before has been reported then.
 */
import type { Program, Successors } from '../program/program.ts'
import type { Checks, Finding } from '../explore/inspector.ts'
import type { Distinctions } from '../symmetry/distinctions.ts'

/** A judge as a manifest holds it. */
export interface Saved {
  readonly findings: readonly (Omit<Finding, 'state'> & { readonly state: readonly number[] | null })[]
  readonly passedOver: number
  readonly reachedAtOnce: readonly number[]
  readonly unreached: readonly number[]
}

// How often symmetry is checked: at states that taught the program something, up to a number, and then at some of those.
const LESSONS = 1 << 12

export class Judge {
  readonly findings: Finding[] = []
  /** Assertions that failed although nobody looks for them. */
  passedOver = 0
  /** Sought states among the initial ones. */
  readonly reachedAtOnce: number[] = []

  readonly #program: Program
  readonly #checks: Checks
  readonly #words: number
  readonly #distinctions: Distinctions | null
  /** Invariants that are not, or no longer, looked at. */
  readonly #ignore: Uint8Array
  readonly #brokenSteps: boolean[]
  readonly #sought: boolean[]
  readonly #found = new Set<string>()
  /** What the program had learned when it was last looked at, and how often it was looked at since it learned something. */
  #learned = 0
  #lessons = 0

  constructor(program: Program, checks: Checks, distinctions: Distinctions | null) {
    this.#program = program
    this.#checks = checks
    this.#words = program.layout.words
    this.#distinctions = distinctions
    this.#ignore = Uint8Array.from(checks.invariants, (checked) => (checked ? 0 : 1))
    this.#brokenSteps = checks.steps.map((checked) => !checked)
    this.#sought = [...checks.reachables]
  }

  /** Sought states that were not found so far. */
  get unreached(): readonly number[] {
    return this.#sought.flatMap((sought, i) => (sought ? [i] : []))
  }

  get looksForDeadlock(): boolean {
    return this.#checks.deadlock && !this.#found.has('deadlock')
  }

  /** Whether the program has learned something since this was asked last; where that happens all the time, some of the times. */
  lesson(): boolean {
    const { learned } = this.#program
    if (learned === this.#learned) return false
    this.#learned = learned
    return ++this.#lessons <= LESSONS || this.#lessons % (LESSONS >> 6) === 0
  }

  /** What the program learned by being asked about symmetry is no reason to ask again. */
  heard(): void {
    this.#learned = this.#program.learned
  }

  assertion(message: string, steps: number, from: number, instance: number): void {
    if (this.#checks.assertions !== null && !this.#checks.assertions.includes(message)) this.passedOver++
    else this.#report({ kind: 'assertion', name: message, property: -1, steps, from, state: null, instance })
  }

  deadlock(steps: number, from: number): void {
    this.#report({ kind: 'deadlock', name: 'deadlock', property: -1, steps, from, state: null, instance: -1 })
  }

  /** Judges a state; `from` is the index of its parent, or -1 for an initial one. */
  state(states: Int32Array, at: number, parent: Int32Array | null, parentAt: number, steps: number, from: number, instance: number): void {
    const program = this.#program
    for (;;) {
      const broken = program.violated(states, at, parent, parentAt, this.#ignore)
      if (broken < 0) break
      const { name } = program.invariants[broken] as { name: string }
      const state = states.slice(at, at + this.#words)
      this.#report({ kind: 'invariant', name, property: broken, steps, from, state, instance })
      // One violation per property: its other combinations are not looked at any more.
      program.invariants.forEach((other, i) => {
        if (other.name === name) this.#ignore[i] = 1
      })
    }
    if (this.#distinctions !== null && this.lesson()) {
      this.#distinctions.predicates(states, at)
      this.heard()
    }
    for (let r = 0; r < this.#sought.length; r++) {
      if (!this.#sought[r] || !program.reaches(r, states, at)) continue
      this.#sought[r] = false
      if (from < 0) this.reachedAtOnce.push(r)
    }
  }

  /** Judges the step to successor `i` of the state with the index `from`. */
  step(before: Int32Array, beforeAt: number, { states, instance: instances }: Successors, i: number, steps: number, from: number): void {
    const program = this.#program
    const words = this.#words
    const at = i * words
    const instance = instances[i] as number
    let w = 0
    while (w < words && before[beforeAt + w] === states[at + w]) w++
    if (w === words) return
    for (let s = 0; s < this.#brokenSteps.length; s++) {
      if (this.#brokenSteps[s]) continue
      s = program.brokenStep(before, beforeAt, states, at, instance, s)
      if (s < 0) break
      if (this.#brokenSteps[s]) continue
      const { name } = program.steps[s] as { name: string }
      this.#report({ kind: 'step', name, property: s, steps, from, state: states.slice(at, at + words), instance })
      this.#breakAll(name)
    }
    if (this.#distinctions !== null && this.lesson()) {
      this.#distinctions.stepProperties(before, beforeAt)
      this.heard()
    }
  }

  #breakAll(name: string): void {
    this.#program.steps.forEach((other, o) => {
      if (other.name === name) this.#brokenSteps[o] = true
    })
  }

  /** The search is complete: what is sought and was not found. */
  complete(): void {
    for (const property of this.unreached) {
      const { name } = this.#program.reachables[property] as { name: string }
      this.#report({ kind: 'reachable', name, property, steps: 0, from: -1, state: null, instance: -1 })
    }
  }

  #report(finding: Finding): void {
    const key = `${finding.kind === 'deadlock' ? '' : `${finding.kind} `}${finding.name}`
    if (this.#found.has(key)) return
    this.#found.add(key)
    this.findings.push(finding)
  }

  /** The findings, those with the fewest steps first; among equals in the order of the states expanded, then of the actions. */
  ordered(): readonly Finding[] {
    const rank = ({ kind }: Finding) => ['deadlock', 'assertion', 'step', 'invariant', 'reachable'].indexOf(kind)
    return this.findings.toSorted((a, b) => a.steps - b.steps || a.from - b.from || a.instance - b.instance || rank(a) - rank(b))
  }

  save(): Saved {
    return {
      findings: this.findings.map((finding) => ({ ...finding, state: finding.state && [...finding.state] })),
      passedOver: this.passedOver,
      reachedAtOnce: [...this.reachedAtOnce],
      unreached: this.unreached,
    }
  }

  restore({ findings, passedOver, reachedAtOnce, unreached }: Saved): void {
    for (const finding of findings) {
      this.#report({ ...finding, state: finding.state && Int32Array.from(finding.state) })
      if (finding.kind === 'step') this.#breakAll(finding.name)
      if (finding.kind !== 'invariant') continue
      this.#program.invariants.forEach((other, i) => {
        if (other.name === finding.name) this.#ignore[i] = 1
      })
    }
    this.passedOver = passedOver
    this.reachedAtOnce.push(...reachedAtOnce)
    this.#sought.forEach((_, i) => {
      this.#sought[i] = unreached.includes(i)
    })
  }
}
