/** Breadth-first search in memory: by one thread, or by several, which take over levels that are large. */
import type { Heap } from '../layout/heap.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Explorable } from '../program/system.ts'
import { Distinctions } from '../symmetry/distinctions.ts'
import type { Arena } from '../visited/arena.ts'
import type { Kernel } from '../visited/kernel.ts'
import { type Memory, PRIVATE } from '../visited/memory.ts'
import type { Asking } from './engine.ts'
import { Exploration, Tally } from './explore.ts'
import { type Checks, type Finding, Inspector } from './inspector.ts'
import { MemoryLayers } from './memory.ts'
import { acceleratorOf } from './oneByOne.ts'

export class BreadthFirst extends Exploration {
  readonly layers: MemoryLayers
  /** Others explore levels of which so many states are left. */
  shareFrom = Number.POSITIVE_INFINITY
  /** Where another thread was when a function of the spec threw or did not return. */
  askedElsewhere: Asking | null = null

  constructor(program: Explorable, checks: Checks, options: SearchOptions = {}, memory: Memory = PRIVATE) {
    const accelerator = acceleratorOf(program)
    const tally = new Tally(program.instances.length)
    const layers = new MemoryLayers(program, accelerator, tally, options, memory)
    const distinctions = layers.canonical ? new Distinctions(program, layers.canonical) : null
    const inspector = new Inspector(program, accelerator, checks, layers, distinctions)
    layers.inspectedBy(inspector)
    super(program, options, { accelerator, frontier: layers, visited: layers, inspector, tally })
    this.layers = layers
  }

  get arena(): Arena {
    return this.layers.arena
  }
  get exact(): boolean {
    return this.layers.exact
  }
  /** States found but not expanded. */
  get queue(): number {
    return this.layers.arena.length - this.layers.next
  }
  /** The scalarsets by which states are reduced. */
  get scalarsets(): readonly { readonly name: string; readonly size: number }[] {
    return (this.layers.canonical?.symmetry.scalarsets ?? []).map(({ name, size }) => ({ name, size }))
  }
  /** What the program is asked about: see `Inspector.asking`. */
  get asking(): Asking | null {
    return this.askedElsewhere ?? this.inspector.asking(this.out)
  }
  /** The findings, in order. */
  ordered(): readonly Finding[] {
    return this.inspector.ordered()
  }

  // --- several threads

  /** Whether it is for others to go on. */
  get sharing(): boolean {
    return !this.finished && this.begun && this.layers.end - this.layers.next >= this.shareFrom
  }
  protected override get waiting(): boolean {
    return this.sharing
  }

  /** Lets others use a heap: gives the kernel for it, where there is one. */
  shareIn(heap: Heap): Kernel | null {
    return this.layers.shareIn(heap, this.out)
  }

  /** Takes up what others have done: see `MemoryLayers.took`, and what they have counted. */
  took(next: number, moved: boolean, counted: Pick<Tally, 'generated' | 'constrained' | 'generatedBy' | 'distinctBy'>[]): void {
    const { tally } = this
    for (const { generated, constrained, generatedBy, distinctBy } of counted) {
      tally.generated += generated
      tally.constrained += constrained
      generatedBy.forEach((n, i) => {
        ;(tally.generatedBy[i] as number) += n
      })
      distinctBy.forEach((n, i) => {
        ;(tally.distinctBy[i] as number) += n
      })
    }
    this.layers.took(next, moved)
    this.checkStates()
  }
}
