/** The net: what a function does on drafts, or what was learned of it, is compared with what it does on plain data. */
import { SpecError } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import { type Codec, differenceOf, lookedAt, type Outcome, type PlainRun, randomOf, runPlainAction, runPlainValue } from './net.ts'
import { type Event, FAILED, type Leaf, OFF } from './nodes.ts'
import { FIRST, fresh, type Learned, type LearnedAction, type LearnedPredicate, OFTEN, SECOND } from './learned.ts'
import type { Calls } from './calls.ts'

export class Comparison {
  /** How many calls were compared with plain data. */
  compared = 0
  readonly #calls: Calls
  readonly layout: Layout

  constructor(calls: Calls) {
    this.#calls = calls
    this.layout = calls.layout
  }

  /** How plain data is made: by code for the model, where it is made often. */
  get #codec(): Codec {
    return this.#calls.misses > OFTEN ? this.#calls.plain.codec : this.#calls.model.state
  }

  plainly(action: LearnedAction, row: readonly number[], script: readonly number[], sample = false): PlainRun {
    return this.#timed(action, sample, () =>
      runPlainAction(action.what, action.body, this.#calls.model.state, row, fresh(action.parameters), script, this.#codec),
    )
  }

  plainlyAsked(predicate: LearnedPredicate, rows: readonly (readonly number[])[], sample = false): PlainRun {
    const run = (): Outcome => runPlainValue(predicate.what, predicate.test, (value) => value, this.#calls.model.state, rows, this.#codec)
    return { outcome: this.#timed(predicate, sample, run), alternatives: [] }
  }

  /** Counts a call on plain data. */
  #timed<T>(learned: Learned, sample: boolean, run: () => T): T {
    this.#calls.tracer.calls++
    if (this.#calls.profiler === null) return run()
    const begun = performance.now()
    try {
      return run()
    } finally {
      this.#calls.profiler.called(learned, sample ? 'samples' : 'learning', performance.now() - begun)
    }
  }

  /** What the last run came to, applied to a state. */
  outcomeOf(leaf: Leaf, states: Int32Array, at: number): Outcome {
    if (leaf.op === OFF) return { kind: 'off' }
    if (leaf.op === FAILED) return { kind: 'failed', message: this.#calls.message(leaf.message) }
    const words = new Int32Array(this.layout.words)
    this.#calls.tracer.apply(states, at, words, 0)
    return { kind: 'next', row: this.#calls.rowOf(words, 0) }
  }

  /** Whether something that was learned is tried on a second state, too: the first times, and by the state afterwards. */
  varies(learned: Learned, rows: readonly ArrayLike<number>[]): boolean {
    return learned.misses <= FIRST || randomOf(rows)(SECOND) === 0
  }

  otherThan(rows: readonly (readonly number[])[], events: readonly Event[]): number[][] {
    const known = lookedAt(events)
    const random = randomOf(rows)
    return rows.map((row, i) => {
      const other = [...row]
      const base = i * row.length
      this.#calls.model.state.vary(other, 0, (slot) => known.has(base + slot), random)
      return other
    })
  }

  /** Compares a call with one on plain data. `again` and `anew` tell a function that is none of the state from a difference. */
  same(learned: Learned, plain: PlainRun, found: PlainRun, again?: () => PlainRun, anew?: () => PlainRun): void {
    this.compared++
    const difference = (a: PlainRun, b: PlainRun): string | undefined =>
      differenceOf(a.outcome, b.outcome, this.#calls.model.state) ??
      (a.outcome.kind !== 'error' && String(a.alternatives) !== String(b.alternatives)
        ? `on plain data it chooses among ${a.alternatives.join(', ') || 'nothing'}, here among ${b.alternatives.join(', ') || 'nothing'}`
        : undefined)
    const found1: PlainRun = { outcome: found.outcome, alternatives: [...found.alternatives] }
    const differs = difference(plain, found1)
    if (differs === undefined) return
    // Each twice: what comes out in turns shows itself at one of them.
    for (const [first, call] of [
      [found1, anew],
      [plain, again],
    ] as const)
      for (let i = 0; i < 2; i++) if (call !== undefined && difference(first, call()) !== undefined) throw this.#calls.impure(learned)
    const { outcome } = plain
    throw new SpecError(`${learned.what} does something else on plain data: ${differs}`, {
      location: learned.location(),
      cause: outcome.kind === 'error' ? outcome.error : undefined,
      hint: 'it may depend on something that is neither the state nor a choice; if it does not, this is a fault of tsmc: write it in another way, and report it',
    })
  }
}
