/**
 * Whether ids that are declared to be interchangeable are. A claim of symmetry is checked, not trusted: what the program does from a state
 * must be, up to the names, what it does from the same state with two ids exchanged.
 *
 * Exchanges generate all permutations. The search asks at every state at which the engine learned something new, so that every local
 * situation that was ever met is looked at, and at some others.
 */
import { InternalError, SpecError } from '../errors.ts'
import { allPermutations, exchange, type Symmetry, symmetryOf } from './symmetry.ts'
import { Successors } from '../layout/successors.ts'
import type { Explorable, System } from '../program/system.ts'
import { Canonical } from './canonical.ts'

/** Two ids that the symmetry exchanges, and that something tells apart. */
export class Distinction extends Error {
  override name = 'Distinction'
  readonly kind: 'init' | 'action' | 'property' | 'step' | 'constraint' | 'terminal' | 'refinement'
  /** The name of the action or property. */
  readonly about: string
  readonly ids: readonly [string, string]
  readonly scalarset: string

  constructor(kind: Distinction['kind'], about: string, ids: readonly [string, string], scalarset: string) {
    super(`${about} tells ${ids[0]} from ${ids[1]}`)
    this.kind = kind
    this.about = about
    this.ids = ids
    this.scalarset = scalarset
  }
}

interface Exchange {
  readonly permutation: Int32Array
  readonly ids: readonly [string, string]
  readonly scalarset: string
}

export class Distinctions {
  /** States that were looked at. */
  looked = 0
  readonly #program: Explorable
  readonly #canonical: Canonical
  readonly #exchanges: readonly Exchange[]
  readonly #out: Successors
  readonly #other: Successors
  readonly #row: Int32Array
  readonly #rowAfter: Int32Array

  constructor(program: Explorable, canonical: Canonical) {
    this.#program = program
    this.#canonical = canonical
    this.#exchanges = exchangesOf(canonical.symmetry)
    this.#out = new Successors(program.layout.words, 64)
    this.#other = new Successors(program.layout.words, 64)
    this.#row = new Int32Array(program.layout.words)
    this.#rowAfter = new Int32Array(program.layout.words)
  }

  /** Looks at the set of initial states, which comes in pieces. */
  initial({ count, states }: Successors, last: boolean): void {
    const { words } = this.#program.layout
    for (let i = 0; i < count; i++) this.#initials.add(keyAt(states, i * words, words))
    if (!last) return
    for (const { permutation, ids, scalarset } of this.#exchanges) {
      for (const key of this.#initials) {
        this.#canonical.permute(Int32Array.from(key.split(','), Number), 0, permutation, this.#row, 0)
        if (!this.#initials.has(keyAt(this.#row, 0, words))) throw new Distinction('init', 'init', ids, scalarset)
      }
    }
    this.#initials.clear()
  }
  readonly #initials = new Set<string>()

  /** Looks at the steps from a state. */
  steps(states: Int32Array, at: number): void {
    this.looked++
    const program = this.#program
    const enabled = this.#expand(states, at, this.#out)
    const terminal = enabled === 0 && program.terminal(states, at)
    for (const one of this.#exchanges) {
      this.#canonical.permute(states, at, one.permutation, this.#row, 0)
      const there = this.#guarded(one, () => this.#expand(this.#row, 0, this.#other))
      // Per action: the successors on both sides, the first ones with their ids exchanged.
      const expected = this.#summary(this.#out, one.permutation)
      const found = this.#summary(this.#other, null)
      for (const name of program.actions) {
        const a = expected.get(name) ?? NONE
        const b = found.get(name) ?? NONE
        if (a.size !== b.size || [...a].some((key) => !b.has(key))) throw new Distinction('action', name, one.ids, one.scalarset)
      }
      if (enabled === 0 && there === 0 && this.#guarded(one, () => program.terminal(this.#row, 0)) !== terminal)
        throw new Distinction('terminal', 'terminal', one.ids, one.scalarset)
    }
  }

  /** Looks at the predicates in a state. */
  predicates(states: Int32Array, at: number): void {
    const program = this.#program
    const violated = this.#violated(states, at)
    const reached = program.reachables.map((_, i) => program.reaches(i, states, at))
    const inside = !program.constrained || program.inside(states, at)
    for (const one of this.#exchanges) {
      this.#canonical.permute(states, at, one.permutation, this.#row, 0)
      if (same(this.#row, states, at)) continue
      const there = this.#guarded(one, () => this.#violated(this.#row, 0))
      const name = [...violated].find((other) => !there.has(other)) ?? [...there].find((other) => !violated.has(other))
      if (name !== undefined) throw new Distinction('property', name, one.ids, one.scalarset)
      program.reachables.forEach(({ name: sought }, i) => {
        if (this.#guarded(one, () => program.reaches(i, this.#row, 0)) !== reached[i])
          throw new Distinction('property', sought, one.ids, one.scalarset)
      })
      if (program.constrained && this.#guarded(one, () => program.inside(this.#row, 0)) !== inside)
        throw new Distinction('constraint', 'constraint', one.ids, one.scalarset)
    }
  }

  /** Looks at the step properties of the steps from a state. */
  stepProperties(states: Int32Array, at: number): void {
    const program = this.#program
    const { words } = program.layout
    this.#expand(states, at, this.#out)
    const out = this.#out
    for (const one of this.#exchanges) {
      this.#canonical.permute(states, at, one.permutation, this.#row, 0)
      this.#guarded(one, () => this.#expand(this.#row, 0, this.#other))
      for (let i = 0; i < out.count; i++) {
        if (equalAt(out.states, i * words, states, at, words)) continue
        this.#canonical.permute(out.states, i * words, one.permutation, this.#rowAfter, 0)
        const here = this.#broken(states, at, out.states, i * words, out.instance[i] as number)
        // The step of the same action on the other side; which of its instances does not matter to a symmetric property.
        const action = program.instances[out.instance[i] as number]?.action
        const matches: string[] = []
        for (let j = 0; j < this.#other.count; j++) {
          if (program.instances[this.#other.instance[j] as number]?.action !== action || !same(this.#rowAfter, this.#other.states, j * words))
            continue
          matches.push(this.#broken(this.#row, 0, this.#other.states, j * words, this.#other.instance[j] as number))
        }
        if (matches.length === 0 || matches.includes(here)) continue
        const name = here.split('\n')[0] || (matches[0] as string).split('\n')[0]
        throw new Distinction('step', name as string, one.ids, one.scalarset)
      }
    }
  }

  #expand(states: Int32Array, at: number, out: Successors): number {
    out.count = 0
    out.failures.length = 0
    return this.#program.expand(states, at, out)
  }

  /** An error of the spec on one side only is a distinction as well. */
  #guarded<T>({ ids, scalarset }: Exchange, run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof SpecError)) throw error
      throw new SpecError(
        `${error.message}; this happened when ${ids[0]} and ${ids[1]} of symmetric('${scalarset}', …) were exchanged in a state in which it went well`,
        {
          hint: error.hint ?? 'interchangeable ids must be treated alike',
          location: error.location,
          cause: error,
        },
      )
    }
  }

  /** Per action: its successors and failed assertions as texts. */
  #summary({ count, states, instance, failures }: Successors, permutation: Int32Array | null): Map<string, Set<string>> {
    const { words } = this.#program.layout
    const summary = new Map<string, Set<string>>()
    const note = (index: number, key: string): void => {
      const name = this.#program.instances[index]?.name as string
      const keys = summary.get(name)
      if (keys) keys.add(key)
      else summary.set(name, new Set([key]))
    }
    for (let i = 0; i < count; i++) {
      if (permutation === null) note(instance[i] as number, keyAt(states, i * words, words))
      else {
        this.#canonical.permute(states, i * words, permutation, this.#rowAfter, 0)
        note(instance[i] as number, keyAt(this.#rowAfter, 0, words))
      }
    }
    for (const failure of failures) note(failure.instance, `failed: ${failure.message}`)
    return summary
  }

  #violated(states: Int32Array, at: number): ReadonlySet<string> {
    const { invariants } = this.#program
    const ignore = new Uint8Array(invariants.length)
    const names = new Set<string>()
    for (;;) {
      const broken = this.#program.violated(states, at, null, 0, ignore)
      if (broken < 0) return names
      const { name } = invariants[broken] as { name: string }
      names.add(name)
      invariants.forEach((other, i) => {
        if (other.name === name) ignore[i] = 1
      })
    }
  }

  /** The names of the step properties that a step breaks, a line each. */
  #broken(before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number, instance: number): string {
    const names = new Set<string>()
    for (let s = 0; s >= 0 && s < this.#program.steps.length; ) {
      const broken = this.#program.brokenStep(before, beforeAt, after, afterAt, instance, s)
      if (broken < 0) break
      names.add((this.#program.steps[broken] as { name: string }).name)
      s = broken + 1
    }
    return [...names].sort().join('\n')
  }
}

const NONE: ReadonlySet<string> = new Set()

function exchangesOf(symmetry: Symmetry): Exchange[] {
  return symmetry.scalarsets.flatMap(({ name, size, first }) =>
    Array.from({ length: size }, (_, a) =>
      Array.from({ length: size - a - 1 }, (_, d): Exchange => {
        const b = a + d + 1
        return { permutation: exchange(symmetry, first + a, first + b), ids: [`${name}${a + 1}`, `${name}${b + 1}`], scalarset: name }
      }),
    ).flat(),
  )
}

/** Writes a state with interchangeable ids permuted; two of those that change places. */
export interface Swap {
  readonly ids: readonly [string, string]
  readonly scalarset: string
  write(states: Int32Array, at: number, out: Int32Array, to: number): void
}

/**
 * The exchanges of two interchangeable ids in the states of a program; then all other permutations, unless there are more than `most` of them
 * (`whole` is then false).
 */
export function swapsOf({ layout }: Pick<System, 'layout'>, most: number): { readonly swaps: readonly Swap[]; readonly whole: boolean } {
  const symmetry = symmetryOf(layout)
  if (symmetry === undefined) return { swaps: [], whole: true }
  const canonical = new Canonical(symmetry, layout)
  const exchanges = exchangesOf(symmetry)
  const all = allPermutations(symmetry, most)
  const known = new Set(exchanges.map(({ permutation }) => permutation.join()))
  const others = (all ?? []).filter((permutation) => !known.has(permutation.join())).map((permutation) => movedBy(symmetry, permutation))
  const swaps = [...exchanges, ...others].map(
    ({ permutation, ids, scalarset }): Swap => ({
      ids,
      scalarset,
      write: (states, at, out, to) => canonical.permute(states, at, permutation, out, to),
    }),
  )
  return { swaps, whole: all !== null }
}

/** A permutation, with the first id that it moves and what it is moved to. */
function movedBy({ scalarsets }: Symmetry, permutation: Int32Array): Exchange {
  for (const { name, size, first } of scalarsets) {
    for (let id = 0; id < size; id++) {
      const to = permutation[first + id] as number
      if (to !== id) return { permutation, ids: [`${name}${id + 1}`, `${name}${to + 1}`], scalarset: name }
    }
  }
  throw new InternalError('a permutation that moves no id')
}

function keyAt(states: Int32Array, at: number, words: number): string {
  return words === 1 ? String(states[at]) : states.subarray(at, at + words).join()
}

function same(row: Int32Array, states: Int32Array, at: number): boolean {
  return equalAt(row, 0, states, at, row.length)
}

function equalAt(a: Int32Array, aAt: number, b: Int32Array, bAt: number, words: number): boolean {
  for (let w = 0; w < words; w++) if (a[aAt + w] !== b[bAt + w]) return false
  return true
}
