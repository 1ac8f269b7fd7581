/**
 * Layers on disk: states to be expanded come from the blocks of a level, and successors go to its candidates. Which of them are new is only known when
 * the level has ended: candidates without duplicates and without states of earlier levels are the next level.
 */
import { InternalError } from '../errors.ts'
import type { Frontier, Tally, Visited } from '../explore/explore.ts'
import type { Inspector } from '../explore/inspector.ts'
import type { Successors } from '../layout/successors.ts'
import type { Explorable } from '../program/system.ts'
import type { Canonical } from '../symmetry/canonical.ts'
import { KeyCache } from './keyCache.ts'
import type { Levels } from './levels.ts'

export class DiskLayers implements Frontier, Visited {
  /** Numbers of states in the level that is expanded: of the next to expand, and of the first behind the block that is in memory. */
  next = 0
  end = 0
  /** false: the next block, or the end of the level, has to be waited for. */
  ready = true
  /** States of all complete levels, and of each. */
  distinct = 0
  readonly counts: number[] = []

  readonly #program: Explorable
  readonly #levels: Levels
  readonly #canonical: Canonical | null
  readonly #tally: Tally
  readonly #words: number
  readonly #cache: KeyCache
  #inspector: Inspector | null = null
  #forms: Int32Array = new Int32Array(0)
  /** The number of the first state of the block. */
  #first = 0
  #appending = false

  constructor(program: Explorable, levels: Levels, canonical: Canonical | null, tally: Tally) {
    this.#program = program
    this.#levels = levels
    this.#canonical = canonical
    this.#tally = tally
    this.#words = program.layout.words
    this.#cache = new KeyCache(this.#words)
  }

  /** Who looks at states. */
  inspectedBy(inspector: Inspector): void {
    this.#inspector = inspector
  }

  /** Takes up the levels that an earlier process has completed. */
  restore(counts: readonly number[]): void {
    this.counts.push(...counts)
    this.distinct = counts.reduce((sum, count) => sum + count, 0)
  }

  // --- the frontier

  segment(_index: number): Int32Array {
    return this.#levels.block
  }
  offset(index: number): number {
    return (index - this.#first) * this.#words
  }
  runEnd(_index: number): number {
    return this.end
  }

  /** States of the last complete level. */
  get last(): number {
    return this.counts.at(-1) ?? 0
  }

  endLevel(): undefined {
    this.ready = false
  }

  /** Begins to gather the initial states. */
  async begin(): Promise<void> {
    await this.#levels.begin()
    this.#appending = true
  }

  async beginLevel(): Promise<void> {
    await this.begin()
    await this.#levels.read(this.counts.length - 1)
    this.#first = this.next = this.end = 0
    if (this.#inspector) this.#inspector.base = this.distinct - this.last
    await this.nextBlock()
  }

  /** Reads more states of the level; false where there are none. */
  async nextBlock(): Promise<boolean> {
    // The level has a file only if it has states.
    if (!this.#appending || this.end === this.last) return false
    const count = await this.#levels.next()
    if (count === 0) throw new InternalError('a level of the store has fewer states than were written')
    this.#first = this.end
    this.end += count
    this.ready = true
    return true
  }

  /** Ends the level on disk: what is new among its candidates is the next. Gives the number of states there. */
  async finishLevel(): Promise<number> {
    const initial = this.counts.length === 0
    this.#appending = false
    const { count, byInstance } = await this.#levels.end(this.counts.length)
    if (!initial) for (const [instance, n] of byInstance) (this.#tally.distinctBy[instance] as number) += n
    if (count > 0) {
      this.counts.push(count)
      this.distinct += count
      this.next = 0
    }
    return count
  }

  // --- the visited set

  take(out: Successors, _from: number, initial: boolean): void {
    const { count, states, instance, source } = out
    const words = this.#words
    const program = this.#program
    const inspector = this.#inspector as Inspector
    const tally = this.#tally
    tally.generated += count
    if (!initial) for (let i = 0; i < count; i++) (tally.generatedBy[instance[i] as number] as number)++
    const forms = this.#canonical === null ? states : this.#canonicalForms(this.#canonical, out)
    for (let i = 0; i < count; i++) {
      const at = i * words
      if (this.#cache.has(forms, at)) continue
      inspector.looksAt(i, initial)
      const from = initial ? 0 : (source[i] as number)
      inspector.check(states, at, initial ? -1 : from, instance[i] as number, tally.depth)
      if (program.constrained && !program.inside(states, at)) {
        tally.constrained++
        continue
      }
      this.#cache.put(forms, at)
      this.#levels.append(states, at, forms, from, instance[i] as number)
    }
    inspector.looksAt(-1)
    out.count = 0
  }

  /** Nothing is left over. */
  flush(): void {}

  #canonicalForms(canonical: Canonical, { count, states }: Successors): Int32Array {
    const words = this.#words
    if (this.#forms.length < count * words) this.#forms = new Int32Array(states.length)
    for (let i = 0; i < count; i++) canonical.of(states, i * words, this.#forms, i * words)
    return this.#forms
  }
}
