/**
 * Breadth-first search with its layers on disk: the same states in the same order, and the same findings, as the search in memory.
 *
 *     for each block of the level: expand it; what is not among the cached keys goes to the candidates      (slices, as in memory)
 *     at the end: the candidates without duplicates and without states of earlier levels are the next level  (the engine, meanwhile waiting)
 *
 * In memory are a block of the level, the cached keys and what the engine is allowed. A level that was not finished leaves nothing behind but
 * what is wrong in it.
 */
import { UsageError } from '../errors.ts'
import type { Asking, StoredEngine } from '../explore/engine.ts'
import { exhausted } from '../explore/exhausted.ts'
import { Exploration, Tally } from '../explore/explore.ts'
import { type Checks, type Finding, Inspector } from '../explore/inspector.ts'
import { acceleratorOf } from '../explore/oneByOne.ts'
import { mergeFigures } from '../program/figures.ts'
import type { SearchOptions, StoreOptions } from '../program/options.ts'
import type { Bound } from '../program/result.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { Explorable, Measured } from '../program/system.ts'
import { Canonical } from '../symmetry/canonical.ts'
import { Distinctions } from '../symmetry/distinctions.ts'
import { symmetryOf } from '../symmetry/symmetry.ts'
import { Arena } from '../visited/arena.ts'
import { DiskLayers } from './disk.ts'
import { damaged } from './engine.ts'
import { Levels } from './levels.ts'
import { type Identity, makeDirectory, occupied, type Progressed, readManifest, requireSame, writeManifest } from './manifest.ts'
import { Values } from './values.ts'

/** Milliseconds of work that a crash may cost where levels are small. */
const COMMIT_EVERY = 300

export { identityOf, refuseStore } from './identity.ts'
export { defaultMemory } from './engine.ts'

export class Stored extends Exploration implements StoredEngine {
  readonly exact = true
  /** The states of traces, or all; filled by `recall`. */
  readonly arena: Arena
  /** Seconds that earlier runs took. */
  secondsBefore = 0

  readonly #measured: Measured
  readonly #words: number
  readonly #canonical: Canonical | null
  readonly #layers: DiskLayers
  readonly #levels: Levels
  readonly #values: Values
  readonly #identity: Identity
  readonly #began = performance.now()

  /** The state of affairs at the end of the last level, while it is not written. */
  #uncommitted: Omit<Progressed, 'values'> | null = null
  #committed = performance.now()
  /** What earlier runs found out about the spec. */
  #figures: ProgramFigures | null = null
  /** The depth at which the search was gone on with, or -1. */
  #resumed = -1
  /** The number in the arena of states that were recalled. */
  readonly #places = new Map<number, number>()

  private constructor(
    program: Explorable & Measured,
    checks: Checks,
    options: SearchOptions,
    identity: Identity,
    levels: Levels,
    canonical: Canonical | null,
    begun: boolean,
  ) {
    const accelerator = acceleratorOf(program)
    const tally = new Tally(program.instances.length)
    const layers = new DiskLayers(program, levels, canonical, tally)
    const inspector = new Inspector(program, accelerator, checks, layers, canonical === null ? null : new Distinctions(program, canonical))
    layers.inspectedBy(inspector)
    super(program, options, { accelerator, frontier: layers, visited: layers, inspector, tally }, begun)
    this.#measured = program
    this.#identity = identity
    this.#layers = layers
    this.#levels = levels
    this.#values = new Values(levels.directory, program.layout)
    this.#words = program.layout.words
    this.#canonical = canonical
    this.arena = new Arena(this.#words, undefined, options.capacity)
  }

  /** Opens a store, or goes on with one. */
  static async open(
    program: Explorable & Measured,
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
      // Once more, now that nobody else writes it.
      const manifest = requireSameIf(directory, identity)
      const search = new Stored(program, checks, options, identity, levels, canonical, manifest !== null)
      await search.#restore(manifest)
      return search
    } catch (error) {
      levels.close()
      throw levels.explain(error)
    }
  }

  async #restore(manifest: ReturnType<typeof readManifest>): Promise<void> {
    const { directory } = this.#levels
    const { tally, inspector } = this
    const layers = this.#layers
    await this.#levels.restore(manifest?.levels ?? [], manifest?.places ?? { archives: [], loose: [], sums: {} })
    if (manifest === null) return layers.begin()
    if ('lost' in manifest.values)
      throw new UsageError(
        `the store in ${directory} cannot be gone on with: values of ${manifest.values.lost} cannot be written to a file`,
        'JSON-like values and Immutable collections can; begin anew with --store and another directory',
      )
    if (!this.#values.restore(manifest.values)) throw damaged(directory, 'values-*.jsonl')
    layers.restore(manifest.levels)
    layers.ready = false
    tally.generated = manifest.generated
    tally.constrained = manifest.constrained
    tally.depth = this.#resumed = manifest.depth
    tally.generatedBy.set(manifest.generatedBy)
    tally.distinctBy.set(manifest.distinctBy)
    inspector.restore(manifest.judged)
    inspector.base = layers.distinct - layers.last
    this.secondsBefore = manifest.seconds
    this.#figures = manifest.figures
    if (manifest.finished) {
      layers.next = layers.last - manifest.queue
      this.finish()
    } else if (!this.bounded(layers.counts.length === 1)) await this.#beginLevel()
  }

  /** States of the last complete level that are not expanded. */
  get queue(): number {
    return this.#layers.last - this.#layers.next
  }

  get scalarsets(): readonly { readonly name: string; readonly size: number }[] {
    return (this.#canonical?.symmetry.scalarsets ?? []).map(({ name, size }) => ({ name, size }))
  }

  override stop(bound: Bound): void {
    if (this.finished) return
    super.stop(bound)
    this.#levels.interrupt()
  }

  /** Waits for the disk: the next block, or the end of the level. */
  readonly settle = async (): Promise<void> => {
    // Timers, signals and output have their turn, too.
    await new Promise((resolve) => setImmediate(resolve))
    const layers = this.#layers
    if (this.finished || layers.ready) return
    try {
      if (layers.counts.length > 0 && (await layers.nextBlock())) return
      await this.#endLevel()
    } catch (error) {
      // An interrupted engine complains.
      if (!this.finished || this.stopped === null) throw this.#levels.explain(error)
    }
  }

  // --- levels

  async #beginLevel(): Promise<void> {
    // What was learned of the states of a level that an earlier process has found is not known: nothing is taken over from them.
    this.inspector.trusting = this.depth !== this.#resumed
    await this.#layers.beginLevel()
  }

  async #endLevel(): Promise<void> {
    const initial = this.#layers.counts.length === 0
    const count = await this.#layers.finishLevel()
    if (this.finished) return
    this.levelEnded(count, initial)
    this.#uncommitted = this.#progressed(this.finished && this.stopped === null)
    if (this.finished) this.#commit()
    else {
      if (performance.now() - this.#committed > COMMIT_EVERY) this.#commit()
      await this.#beginLevel()
    }
  }

  #progressed(finished: boolean): Omit<Progressed, 'values'> {
    return {
      levels: [...this.#layers.counts],
      places: this.#levels.places,
      depth: this.depth,
      generated: this.generated,
      constrained: this.constrained,
      generatedBy: [...this.generatedBy],
      distinctBy: [...this.distinctBy],
      queue: this.queue,
      judged: this.inspector.save(),
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
  readonly close = async (): Promise<void> => {
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
  readonly figures = (): ProgramFigures => {
    const now = this.#measured.figures()
    return this.#figures === null ? now : mergeFigures([this.#figures, now])
  }

  // --- what was found

  /** As in memory; once it has been recalled. */
  get asking(): Asking | null {
    const asking = this.inspector.asking(this.out)
    if (asking === null || asking.from < 0) return asking
    const from = this.#places.get(asking.from)
    return from === undefined ? null : { ...asking, from }
  }

  /** The findings in order, as they lie in the arena. */
  ordered(): readonly Finding[] {
    return this.inspector.ordered().map((finding) => (finding.from < 0 ? finding : { ...finding, from: this.#places.get(finding.from) as number }))
  }

  /**
   * Reads back from the disk what traces are made of: the states on the way to what was found, or to where the spec threw; or all states, as long
   * as `enough` does not say why to stop.
   */
  readonly recall = async (all: boolean, enough: () => Bound | null): Promise<void> => {
    const asking = this.inspector.asking(this.out)
    try {
      if (all) await this.#recallAll(enough)
      else for (const { from } of [...this.findings, ...(asking === null ? [] : [asking])]) if (from >= 0) await this.#recallOne(from)
    } catch (error) {
      const bound = all ? exhausted(error) : null
      if (bound === null) throw this.#levels.explain(error)
      this.stopped ??= bound
    }
  }

  async #recallOne(index: number): Promise<void> {
    if (this.#places.has(index)) return
    const { counts } = this.#layers
    let level = 0
    let row = index
    while (row >= (counts[level] as number)) row -= counts[level++] as number
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
    for (const [level, levelCount] of this.#layers.counts.entries()) {
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
}

/** The manifest in a directory, if there is one. Throws where it is of another run. */
function requireSameIf(directory: string, identity: Identity): ReturnType<typeof readManifest> {
  const manifest = readManifest(directory)
  if (manifest !== null) requireSame(directory, manifest.identity, identity)
  return manifest
}
