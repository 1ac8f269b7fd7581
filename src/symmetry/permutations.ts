/**
 * The claim of symmetry once more, after the search: at the states that were found, under permutations that the search did not try.
 *
 * While the search runs, exchanges of two ids are tried at the states that taught the program something (`distinctions.ts`). What tells ids
 * apart in a combination of situations each of which is known can be missed so, and the very state in which it shows may be the one that the
 * reduction left out. So all permutations are tried at all states where there are not too many, which is a proof: what is alike at one state
 * of every orbit under every permutation is alike everywhere. Otherwise a sample of states and of permutations is looked at.
 */
import { SpecError } from '../errors.ts'
import { allPermutations, identity, type Symmetry, symmetryOf } from './symmetry.ts'
import { Successors } from '../layout/successors.ts'
import type { Program } from '../program/program.ts'
import type { Arena } from '../visited/arena.ts'
import { Canonical } from './canonical.ts'
import { Distinctions } from './distinctions.ts'
import { Random } from '../program/random.ts'
import { mix } from '../visited/visited.ts'

/** All permutations are tried at all states where that takes so many comparisons at most. */
const ALL = 1 << 15
/** Otherwise there are so many; of large searches one at a part of the states. */
const LOOKS = 1 << 14
const PART = 3
/** Of more permutations than this a sample is tried. */
const MAX_PERMUTATIONS = 5040
const SEED = 1

/** Looks at the first `count` states of the arena, those that were expanded; throws a `Distinction` where one is found. */
export function* underPermutations(program: Program, arena: Arena, count: number): Generator<void, { readonly whole: boolean }> {
  const symmetry = symmetryOf(program.layout)
  if (symmetry === undefined || count === 0) return { whole: true }
  const here = new Sides(program, new Canonical(symmetry, program.layout))
  const all = allPermutations(symmetry, Math.min(MAX_PERMUTATIONS, ALL / count + 1))
  if (all !== null) {
    for (let index = 0; index < count; index++) {
      here.at(arena.segment(index), arena.offset(index))
      for (const permutation of all) {
        here.under(permutation)
        yield
      }
    }
    return { whole: true }
  }
  const random = new Random(SEED)
  const looks = Math.max(LOOKS, count >> PART)
  let last = -1
  for (let look = 0; look < looks; look++) {
    const index = Math.floor((look * count) / looks)
    if (index !== last) here.at(arena.segment(index), arena.offset(index))
    last = index
    here.under(shuffled(symmetry, random))
    yield
  }
  return { whole: false }
}

/** What the program says of a state, and of the same state with permuted ids: compared by sums of hashes, in no order. */
class Sides {
  readonly #program: Program
  readonly #canonical: Canonical
  readonly #distinctions: Distinctions
  readonly #ignore: Uint8Array
  readonly #out: Successors
  readonly #other: Successors
  readonly #row: Int32Array
  readonly #after: Int32Array
  #states: Int32Array = new Int32Array(0)
  #at = 0
  /** What is true of the state itself, whatever its names. */
  #truths = ''

  constructor(program: Program, canonical: Canonical) {
    const { words } = program.layout
    this.#program = program
    this.#canonical = canonical
    this.#distinctions = new Distinctions(program, canonical)
    this.#ignore = new Uint8Array(program.invariants.length)
    this.#out = new Successors(words, 64)
    this.#other = new Successors(words, 64)
    this.#row = new Int32Array(words)
    this.#after = new Int32Array(words)
  }

  /** Looks at a state of the search. */
  at(states: Int32Array, at: number): void {
    this.#states = states
    this.#at = at
    this.#truths = this.#said(states, at, this.#out)
  }

  /** Looks at the same with its ids permuted. */
  under(permutation: Int32Array): void {
    this.#canonical.permute(this.#states, this.#at, permutation, this.#row, 0)
    try {
      if (this.#said(this.#row, 0, this.#other) === this.#truths && this.#sum(this.#out, permutation) === this.#sum(this.#other, null)) return
    } catch (error) {
      if (!(error instanceof SpecError)) throw error
      this.#explain(permutation)
      throw error
    }
    this.#explain(permutation)
  }

  /** What a state is found to be: how many of which steps break something, whether it is terminal, which of its properties are true. */
  #said(states: Int32Array, at: number, out: Successors): string {
    const program = this.#program
    const { words } = program.layout
    out.count = 0
    out.failures.length = 0
    const enabled = program.expand(states, at, out)
    const broken = new Set<string>()
    for (let i = 0; program.steps.length > 0 && i < out.count; i++) {
      const to = i * words
      let w = 0
      while (w < words && out.states[to + w] === states[at + w]) w++
      if (w === words) continue
      const step = program.brokenStep(states, at, out.states, to, out.instance[i] as number, 0)
      if (step >= 0) broken.add((program.steps[step] as { name: string }).name)
    }
    const terminal = enabled === 0 && program.terminal(states, at)
    const violated = this.#violated(states, at)
    const inside = !program.constrained || program.inside(states, at)
    const reached = program.reachables.map((_, i) => program.reaches(i, states, at))
    return `${terminal} ${inside} ${reached} ${[...violated].sort().join('\n')}\n\n${[...broken].sort().join('\n')}`
  }

  /** The names of the invariants that a state violates. */
  #violated(states: Int32Array, at: number): ReadonlySet<string> {
    const { invariants } = this.#program
    const names = new Set<string>()
    for (;;) {
      const broken = this.#program.violated(states, at, null, 0, this.#ignore)
      if (broken < 0) break
      const { name } = invariants[broken] as { name: string }
      names.add(name)
      invariants.forEach((other, i) => {
        if (other.name === name) this.#ignore[i] = 1
      })
    }
    if (names.size > 0) this.#ignore.fill(0)
    return names
  }

  /** The steps of each action and the failed assertions, under a permutation. */
  #sum({ count, states, instance, failures }: Successors, permutation: Int32Array | null): number {
    const { words } = this.#program.layout
    const hashes = new Set<number>()
    for (let i = 0; i < count; i++) {
      let row = states
      let at = i * words
      if (permutation !== null) {
        this.#canonical.permute(states, at, permutation, this.#after, 0)
        row = this.#after
        at = 0
      }
      let hash = (this.#program.instances[instance[i] as number] as { action: number }).action
      for (let w = 0; w < words; w++) hash = mix(row[at + w] as number, hash)
      hashes.add(hash)
    }
    let sum = new Set(failures.map(({ instance, message }) => `${this.#program.instances[instance]?.action} ${message}`)).size
    for (const hash of hashes) sum = (sum + hash) | 0
    return sum
  }

  /** Somewhere between the two an exchange of two ids makes the difference. */
  #explain(permutation: Int32Array): void {
    const { words } = this.#program.layout
    const { symmetry } = this.#canonical
    let row = this.#states.slice(this.#at, this.#at + words)
    for (const exchange of exchangesTo(symmetry, permutation)) {
      this.#distinctions.predicates(row, 0)
      this.#distinctions.steps(row, 0)
      this.#distinctions.stepProperties(row, 0)
      const next = new Int32Array(words)
      this.#canonical.permute(row, 0, exchange, next, 0)
      row = next
    }
    this.#out.count = 0
    this.#out.failures.length = 0
    this.#program.expand(this.#states, this.#at, this.#out)
  }
}

/** Exchanges of two ids that, one after the other, are a permutation. */
function exchangesTo(symmetry: Symmetry, permutation: Int32Array): Int32Array[] {
  const exchanges: Int32Array[] = []
  for (const { first, size } of symmetry.scalarsets) {
    // Where each id stands so far.
    const at = Array.from({ length: size }, (_, i) => i)
    for (let id = 0; id < size; id++) {
      const from = at[id] as number
      const to = permutation[first + id] as number
      if (from === to) continue
      const exchange = identity(symmetry)
      exchange[first + from] = to
      exchange[first + to] = from
      exchanges.push(exchange)
      at[at.indexOf(to)] = from
      at[id] = to
    }
  }
  return exchanges
}

function shuffled(symmetry: Symmetry, random: Random): Int32Array {
  const permutation = identity(symmetry)
  for (const { first, size } of symmetry.scalarsets) {
    for (let place = size - 1; place > 0; place--) {
      const other = random.below(place + 1)
      const number = permutation[first + place] as number
      permutation[first + place] = permutation[first + other] as number
      permutation[first + other] = number
    }
  }
  return permutation
}
