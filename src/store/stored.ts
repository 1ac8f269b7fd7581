/**
 * Breadth-first search with its layers on disk: the same states in the same order, and the same findings, as the search in memory.
 *
 *     for each block of the level: expand it; what is not among the recent keys goes to the candidates      (slices, as in memory)
 *     at the end: the candidates without duplicates and without states of earlier levels are the next level  (the engine, meanwhile waiting)
 *
 * In memory are a block of the level, the recent keys and what the engine is allowed. A level that was not finished leaves nothing behind but
 * what is wrong in it.
 */
import { InternalError, UsageError } from '../errors.ts'
import { symmetryOf } from '../symmetry/symmetry.ts'
import type { SearchOptions, StoreOptions } from '../program/options.ts'
import type { Path } from '../program/path.ts'
import { type Program, type ProgramFigures, Successors } from '../program/program.ts'
import type { Bound } from '../program/result.ts'
import { Arena } from '../visited/arena.ts'
import { pathOf } from '../explore/breadthFirst.ts'
import type { Checks, Finding } from '../explore/inspector.ts'
import { mergeFigures } from '../program/looks.ts'
import { Canonical } from '../symmetry/canonical.ts'
import { Distinctions } from '../symmetry/distinctions.ts'
import { Judge } from './judge.ts'
import { damaged, Levels } from './levels.ts'
import { type Identity, makeDirectory, occupied, type Progressed, readManifest, requireSame, writeManifest } from './manifest.ts'
import { Recent } from './recent.ts'
import { Values } from './values.ts'

/** Successors are looked at when this many are gathered. */
const BATCH = 1 << 11
/** States expanded at a time where each takes long, so that the clock is looked at often enough. */
const SLOW_BATCH = 1 << 5
/** Milliseconds of work that a crash may cost where levels are small. */
const COMMIT_EVERY = 300

// Where symmetry is checked: the first states, a sample of the others, and states that taught the program something.
const LOOKED_AT = 16
const SAMPLE = 1 << 14
const MAX_STRIDE = 64

export { identityOf, refuseStore } from './identity.ts'
export { defaultMemory } from './levels.ts'

export class Stored {
  generated = 0
  constrained = 0
  depth = 0
  stopped: Bound | null = null
  readonly exact = true
  readonly generatedBy: Float64Array
  readonly distinctBy: Float64Array
  /** The states of traces, or all; filled by `recall`. */
  arena: Arena
  /** Seconds that earlier runs took. */
  secondsBefore = 0

  readonly #program: Program
  readonly #options: SearchOptions
  readonly #words: number
  readonly #canonical: Canonical | null
  readonly #distinctions: Distinctions | null
  readonly #judge: Judge
  readonly #levels: Levels
  readonly #values: Values
  readonly #identity: Identity
  readonly #began = performance.now()

  /** States per level. */
  #counts: number[] = []
  #distinct = 0
  /** Numbers of states in the level that is expanded: of the first in the block, of the next to expand, of the first behind the block. */
  #first = 0
  #next = 0
  #end = 0
  readonly #out: Successors
  #forms: Int32Array = new Int32Array(0)
  readonly #recent: Recent
  #stride = 1

  #begun = false
  #finished = false
  /** Nothing can be expanded before the store has been asked. */
  #waiting = true
  #appending = false
  /** The state of affairs at the end of the last level, while it is not written. */
  #uncommitted: Omit<Progressed, 'values'> | null = null
  #committed = performance.now()
  /** What earlier runs found out about the spec. */
  #figures: ProgramFigures | null = null
  /** The number in the arena of states that were recalled. */
  readonly #places = new Map<number, number>()

  private constructor(program: Program, checks: Checks, options: SearchOptions, identity: Identity, levels: Levels, canonical: Canonical | null) {
    this.#program = program
    this.#options = options
    this.#identity = identity
    this.#levels = levels
    this.#values = new Values(levels.directory, program.layout)
    this.#words = program.layout.words
    this.#canonical = canonical
    this.#distinctions = canonical === null ? null : new Distinctions(program, canonical)
    this.#judge = new Judge(program, checks, this.#distinctions)
    this.#out = new Successors(this.#words)
    this.#recent = new Recent(this.#words)
    this.arena = new Arena(this.#words)
    this.generatedBy = new Float64Array(program.instances.length)
    this.distinctBy = new Float64Array(program.instances.length)
  }

  /** Opens a store, or goes on with one. */
  static async open(
    program: Program,
    checks: Checks,
    options: SearchOptions,
    store: Required<Omit<StoreOptions, 'source'>>,
    identity: Identity,
  ): Promise<Stored> {
    const { directory, resume, memory } = store
    if (!resume && occupied(directory))
      throw new UsageError(`the directory ${directory} is not empty`, 'go on with the store in it by --resume, or choose another directory')
    requireSameIf(directory, identity)
    makeDirectory(directory)
    const symmetry = options.symmetry === false ? undefined : symmetryOf(program.layout)
    const canonical = symmetry ? new Canonical(symmetry, program.layout) : null
    const levels = await Levels.open(directory, { words: program.layout.words, formed: canonical !== null, memory })
    try {
      const search = new Stored(program, checks, options, identity, levels, canonical)
      await search.#restore()
      return search
    } catch (error) {
      levels.close()
      throw levels.explain(error)
    }
  }

  async #restore(): Promise<void> {
    const { directory } = this.#levels
    // Once more, now that nobody else writes it.
    const manifest = requireSameIf(directory, this.#identity)
    await this.#levels.restore(manifest?.levels ?? [], manifest?.places ?? { archives: [], loose: [], sums: {} })
    if (manifest === null) {
      await this.#levels.begin()
      this.#appending = true
      return
    }
    if ('lost' in manifest.values)
      throw new UsageError(
        `the store in ${directory} cannot be gone on with: values of ${manifest.values.lost} cannot be written to a file`,
        'JSON-like values and Immutable collections can; begin anew with --store and another directory',
      )
    if (!this.#values.restore(manifest.values)) throw damaged(directory, 'values-*.jsonl')
    this.#begun = true
    this.#counts = [...manifest.levels]
    this.#distinct = this.#counts.reduce((sum, count) => sum + count, 0)
    this.generated = manifest.generated
    this.constrained = manifest.constrained
    this.depth = manifest.depth
    this.#resumed = manifest.depth
    this.generatedBy.set(manifest.generatedBy)
    this.distinctBy.set(manifest.distinctBy)
    this.#judge.restore(manifest.judged)
    this.secondsBefore = manifest.seconds
    this.#figures = manifest.figures
    if (manifest.finished) {
      this.#next = (this.#counts.at(-1) ?? 0) - manifest.queue
      this.#finished = true
    } else if (!this.#bounded(this.#counts.length === 1)) await this.#beginLevel()
  }

  get findings(): Finding[] {
    return this.#judge.findings
  }

  get passedOver(): number {
    return this.#judge.passedOver
  }

  get reachedAtOnce(): readonly number[] {
    return this.#judge.reachedAtOnce
  }

  /** The depth at which the search was gone on with, or -1. */
  #resumed = -1

  /** States of all complete levels. */
  get distinct(): number {
    return this.#distinct
  }

  /** States of the last complete level that are not expanded. */
  get queue(): number {
    return (this.#counts.at(-1) ?? 0) - this.#next
  }

  get scalarsets(): readonly { readonly name: string; readonly size: number }[] {
    return (this.#canonical?.symmetry.scalarsets ?? []).map(({ name, size }) => ({ name, size }))
  }

  get finished(): boolean {
    return this.#finished
  }

  /** The index of the first state of the level that is expanded, among all states. */
  get #start(): number {
    return this.#distinct - (this.#counts.at(-1) ?? 0)
  }

  /** Goes on for about this many milliseconds, or until `settle` has to be waited for. Gives true when the search is over. */
  advance(milliseconds: number): boolean {
    const end = performance.now() + milliseconds
    while (!this.#finished && (!this.#begun || !this.#waiting)) {
      if (!this.#begun) this.#begin()
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
    this.#levels.interrupt()
  }

  /** Waits for the disk: the next block, or the end of the level. */
  async settle(): Promise<void> {
    // Timers, signals and output have their turn, too.
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#finished || !this.#begun || !this.#waiting) return
    try {
      if (this.#counts.length > 0 && (await this.#nextBlock())) return
      await this.#endLevel()
    } catch (error) {
      // An interrupted engine complains.
      if (!this.#finished || this.stopped === null) throw this.#levels.explain(error)
    }
  }

  // --- levels

  async #beginLevel(): Promise<void> {
    await this.#levels.begin()
    this.#appending = true
    await this.#levels.read(this.#counts.length - 1)
    this.#first = this.#next = this.#end = 0
    await this.#nextBlock()
  }

  async #nextBlock(): Promise<boolean> {
    // The level has a file only if it has states.
    if (!this.#appending || this.#end === (this.#counts.at(-1) ?? 0)) return false
    const count = await this.#levels.next()
    if (count === 0) throw new InternalError('a level of the store has fewer states than were written')
    this.#first = this.#end
    this.#end += count
    this.#waiting = false
    return true
  }

  async #endLevel(): Promise<void> {
    const initial = this.#counts.length === 0
    this.#appending = false
    const { count, byInstance } = await this.#levels.end(this.#counts.length)
    if (this.#finished) return
    if (!initial) for (const [instance, n] of byInstance) (this.distinctBy[instance] as number) += n
    if (count > 0) {
      this.#counts.push(count)
      this.#distinct += count
      this.#next = 0
      if (!initial) this.depth++
    }
    const wrong = this.findings.length > 0 && !this.#options.keepGoing
    const over = count === 0 || wrong
    if (over && !wrong && this.depth > 0) this.#judge.complete()
    this.#uncommitted = this.#progressed(over)
    if (over) {
      this.#finished = true
      this.#commit()
    } else if (this.#bounded(initial)) this.#commit()
    else {
      if (performance.now() - this.#committed > COMMIT_EVERY) this.#commit()
      await this.#beginLevel()
    }
  }

  /** Whether a bound ends the search here. */
  #bounded(initial = false): boolean {
    const { maxStates, maxDepth } = this.#options
    if (maxStates !== undefined && this.#distinct > maxStates) this.stop('max-states')
    else if (!initial && maxDepth !== undefined && this.depth >= maxDepth) this.stop('max-depth')
    return this.#finished
  }

  #progressed(finished: boolean): Omit<Progressed, 'values'> {
    return {
      levels: [...this.#counts],
      places: this.#levels.places,
      depth: this.depth,
      generated: this.generated,
      constrained: this.constrained,
      generatedBy: [...this.generatedBy],
      distinctBy: [...this.distinctBy],
      queue: this.queue,
      judged: this.#judge.save(),
      finished,
      seconds: this.secondsBefore + (performance.now() - this.#began) / 1000,
    }
  }

  /** Makes the levels so far safe. */
  #commit(): void {
    if (this.#uncommitted === null) return
    this.#levels.sync()
    // More than the levels need, if the next one has begun; what the numbers mean stays the same.
    this.#values.save()
    writeManifest(this.#levels.directory, { ...this.#uncommitted, values: this.#values.kept }, this.#identity, this.figures())
    this.#uncommitted = null
    this.#committed = performance.now()
  }

  /** Ends the use of the store; complete levels that are not safe yet are made so. */
  async close(): Promise<void> {
    try {
      this.#commit()
    } catch (error) {
      throw this.#levels.explain(error)
    } finally {
      this.#levels.close()
    }
  }

  get bytes(): number {
    return this.#levels.bytes
  }

  /** What was found out about the spec, in this run and before. */
  figures(): ProgramFigures {
    const now = this.#program.figures()
    return this.#figures === null ? now : mergeFigures([this.#figures, now])
  }

  // --- expansion

  /** Finds initial states. */
  #begin(): void {
    const out = this.#out
    const last = this.#program.initial(out, BATCH)
    if (out.count > 0) this.depth = 1
    this.#distinctions?.initial(out, last)
    this.#gather(true)
    this.#begun = last
  }

  /** Expands states of the block until a batch is full. */
  #expandSome(): void {
    const out = this.#out
    const { block } = this.#levels
    const last = Math.min(this.#end, this.#next + (this.#program.swift ? BATCH : SLOW_BATCH))
    while (this.#next < last && out.count < BATCH) {
      const index = this.#next
      const count = this.#distinctions === null ? last - index : Math.min(last - index, this.#stride)
      this.#next += this.#program.expandMany(block, (index - this.#first) * this.#words, count, index, out, BATCH)
      if (this.#distinctions !== null) this.#distinguish(this.#distinctions, index)
    }
    for (const { instance, message, source } of out.failures) this.#judge.assertion(message, this.depth, this.#start + source, instance)
    out.failures.length = 0
    for (const from of out.stuck) {
      if (!this.#judge.looksForDeadlock) break
      this.#stuck = from
      if (!this.#program.terminal(block, (from - this.#first) * this.#words)) this.#judge.deadlock(this.depth - 1, this.#start + from)
    }
    this.#stuck = -1
    out.stuck.length = 0
    this.#gather(false)
    this.#waiting = this.#next === this.#end
  }
  /** The state that is perhaps a deadlock, or -1. */
  #stuck = -1

  /** Checks symmetry at the states expanded since `first`, as the search in memory does. */
  #distinguish(distinctions: Distinctions, first: number): void {
    const { block } = this.#levels
    const learned = this.#judge.lesson()
    if (learned) this.#stride = 1
    else if (this.#stride < MAX_STRIDE) this.#stride *= 2
    for (let index = first; index < this.#next; index++) {
      const number = this.#start + index
      if (!learned && number >= LOOKED_AT && number % SAMPLE !== 0) continue
      const at = (index - this.#first) * this.#words
      this.#stuck = index
      distinctions.steps(block, at)
      if (this.#program.steps.length > 0) distinctions.stepProperties(block, at)
      distinctions.predicates(block, at)
    }
    this.#stuck = -1
    this.#judge.heard()
  }

  /** Judges the gathered successors, and hands on those that may be new. */
  #gather(initial: boolean): void {
    const out = this.#out
    const { count, states, instance, source } = out
    const words = this.#words
    const program = this.#program
    const judge = this.#judge
    // What was learned of the states of a level that an earlier process has found is not known: nothing is taken over from them.
    const block = initial || this.depth === this.#resumed ? null : this.#levels.block
    const start = this.#start
    this.generated += count
    this.#initial = initial
    const forms = this.#canonical === null ? states : this.#canonicalForms(this.#canonical)
    if (!initial) {
      for (let i = 0; i < count; i++) (this.generatedBy[instance[i] as number] as number)++
      if (program.steps.length > 0) {
        for (let i = 0; i < count; i++) {
          this.#looking = i
          const from = source[i] as number
          judge.step(this.#levels.block, (from - this.#first) * words, out, i, this.depth, start + from)
        }
      }
    }
    for (let i = 0; i < count; i++) {
      const at = i * words
      if (this.#recent.has(forms, at)) continue
      this.#looking = i
      const from = initial ? 0 : (source[i] as number)
      const parentAt = (from - this.#first) * words
      judge.state(states, at, block, initial ? 0 : parentAt, initial ? 0 : this.depth, initial ? -1 : start + from, instance[i] as number)
      if (program.constrained && !program.inside(states, at)) {
        this.constrained++
        continue
      }
      this.#recent.put(forms, at)
      this.#levels.append(states, at, forms, from, instance[i] as number)
    }
    this.#looking = -1
    out.count = 0
  }
  /** The number among the successors of the one that is looked at, or -1; and whether they are initial states. */
  #looking = -1
  #initial = false

  #canonicalForms(canonical: Canonical): Int32Array {
    const { count, states } = this.#out
    const words = this.#words
    if (this.#forms.length < count * words) this.#forms = new Int32Array(states.length)
    for (let i = 0; i < count; i++) canonical.of(states, i * words, this.#forms, i * words)
    return this.#forms
  }

  // --- traces

  /** What the program is asked about; `from` is the index of a state among all. */
  get #askingAbout(): { readonly from: number; readonly state: Int32Array | null } | null {
    const { states, source } = this.#out
    if (this.#program.expanding >= 0) return { from: this.#start + this.#program.expanding, state: null }
    if (this.#stuck >= 0) return { from: this.#start + this.#stuck, state: null }
    if (this.#looking < 0) return null
    const at = this.#looking * this.#words
    return { from: this.#initial ? -1 : this.#start + (source[this.#looking] as number), state: states.slice(at, at + this.#words) }
  }

  /** As in memory; once it has been recalled. */
  get asking(): { readonly from: number; readonly state: Int32Array | null } | null {
    const asking = this.#askingAbout
    if (asking === null || asking.from < 0) return asking
    const from = this.#places.get(asking.from)
    return from === undefined ? null : { ...asking, from }
  }

  /**
   * Reads back from the disk what traces are made of: the states on the way to what was found, or to where the spec threw; or all states, as long
   * as `enough` does not say why to stop.
   */
  async recall(all: boolean, enough: () => Bound | null): Promise<void> {
    try {
      if (all) await this.#recallAll(enough)
      else
        for (const { from } of [...this.findings, ...(this.#askingAbout === null ? [] : [this.#askingAbout])]) {
          if (from >= 0) await this.#recallOne(from)
        }
    } catch (error) {
      throw this.#levels.explain(error)
    }
  }

  async #recallOne(index: number): Promise<void> {
    if (this.#places.has(index)) return
    let level = 0
    let row = index
    while (row >= (this.#counts[level] as number)) row -= this.#counts[level++] as number
    const states: Int32Array[] = []
    for (; level >= 0; level--) {
      const { words, parent } = await this.#levels.row(level, row)
      states.push(words)
      row = parent
    }
    for (const [i, words] of states.reverse().entries()) {
      const { length } = this.arena
      this.arena.push(words, 0, i === 0 ? length : length - 1)
    }
    this.#places.set(index, this.arena.length - 1)
  }

  async #recallAll(enough: () => Bound | null): Promise<void> {
    let before = 0
    let start = 0
    for (const [level, levelCount] of this.#counts.entries()) {
      for await (const { count, words, parents } of this.#levels.rowsOf(level)) {
        for (let i = 0; i < count; i++) {
          const { length } = this.arena
          this.arena.push(words, i * this.#words, level === 0 ? length : before + (parents[i] as number))
        }
        this.stopped ??= enough()
        if (this.stopped !== null) return
      }
      before = start
      start += levelCount
    }
    for (const { from } of this.findings) this.#places.set(from, from)
  }

  /** The findings in order, as they lie in the arena. */
  ordered(): readonly Finding[] {
    return this.#judge.ordered().map((finding) => (finding.from < 0 ? finding : { ...finding, from: this.#places.get(finding.from) as number }))
  }

  /** The path to a state of the arena. */
  pathTo(index: number): Path {
    return this.pathAlong(this.arena.pathTo(index))
  }

  /** The path along states of the arena, the first of which is an initial one. */
  pathAlong(states: readonly number[]): Path {
    const { arena } = this
    return states.map((state, i) => {
      const words = arena.segment(state)
      const at = arena.offset(state)
      const before = states[i - 1]
      const step =
        before === undefined ? this.#program.initialStep(words, at) : this.#program.stepTo(arena.segment(before), arena.offset(before), words, at)
      if (step === undefined) throw new InternalError('a state of the store is no successor of its parent')
      return step
    })
  }

  /** The path of a finding. */
  path(finding: Finding): Path {
    return pathOf(this.#program, this.arena, finding)
  }
}

/** The manifest in a directory, if there is one. Throws where it is of another run. */
function requireSameIf(directory: string, identity: Identity): ReturnType<typeof readManifest> {
  const manifest = readManifest(directory)
  if (manifest !== null) requireSame(directory, manifest.identity, identity)
  return manifest
}
