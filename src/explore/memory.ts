/**
 * Layers in memory: the states found are the arena, the frontier is a range of it, and new is what the visited set does not have. The hot path.
 *
 * With symmetry states are told apart by their canonical forms; what is kept and expanded are the states themselves, the first of each orbit
 * that was met, so that every state of the arena is a successor of its parent and a trace needs no translation.
 *
 * Where there is compiled code, successors are dealt out to the parts of the visited set, and a *round* of them is looked up at once.
 */
import type { Heap } from '../layout/heap.ts'
import type { Successors } from '../layout/successors.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Accelerator, Explorable } from '../program/system.ts'
import { Canonical } from '../symmetry/canonical.ts'
import { symmetryOf } from '../symmetry/symmetry.ts'
import { Arena, Full } from '../visited/arena.ts'
import { CHUNKS, Kernel, possible, roundIn, roundOf } from '../visited/kernel.ts'
import { type Memory, PRIVATE } from '../visited/memory.ts'
import { PARTS } from '../visited/parts.ts'
import { Fingerprint, KeySet, StateSet } from '../visited/visited.ts'
import type { Frontier, Tally, Visited } from './explore.ts'
import type { Inspector } from './inspector.ts'

/** Successors of a round, and of a chunk of it. */
const ROUND = 1 << 17
const CHUNK = 1 << 14

export class MemoryLayers implements Frontier, Visited {
  next = 0
  end = 0
  readonly ready = true
  readonly arena: Arena
  /** Canonical forms, where states are told apart by those and by all their words; else the arena. */
  readonly formArena: Arena
  readonly canonical: Canonical | null
  /** One of the two is there: keys of up to 64 bits, or states told apart by all their words. */
  readonly keys: KeySet | null
  readonly states: StateSet | null
  /** Whether states that differ are never taken for one. */
  readonly exact: boolean

  readonly #program: Explorable
  readonly #accelerator: Accelerator
  readonly #tally: Tally
  readonly #words: number
  readonly #packed: boolean
  readonly #single: boolean
  readonly #fingerprint = new Fingerprint()
  #inspector: Inspector | null = null
  #forms: Int32Array = new Int32Array(0)
  #fresh = new Int32Array(0)
  #made = new Int32Array(0)

  /** Compiled code that looks successors up: undefined until the program has some, null where it is of no use. */
  #kernel: Kernel | null | undefined = undefined
  /** The chunks of the round: the number after the last successor of each. */
  readonly #chunks: number[] = []
  readonly #round: number

  constructor(program: Explorable, accelerator: Accelerator, tally: Tally, options: SearchOptions, memory: Memory = PRIVATE) {
    this.#program = program
    this.#accelerator = accelerator
    this.#tally = tally
    const { words } = program.layout
    this.#words = words
    this.arena = new Arena(words, memory, options.capacity)
    this.#packed = words <= 2 && !program.viewed
    this.#single = options.batching === false
    this.exact = this.#packed || program.viewed || options.keys !== 'fingerprint'
    this.keys = this.#packed || program.viewed || !this.exact ? new KeySet(this.#packed && words === 1 ? 1 : 2, memory) : null
    const symmetry = options.symmetry === false ? undefined : symmetryOf(program.layout)
    this.canonical = symmetry ? new Canonical(symmetry, program.layout) : null
    this.formArena = this.canonical && !this.keys ? new Arena(words, memory) : this.arena
    this.states = this.keys ? null : new StateSet(this.formArena, memory)
    this.#round = roundOf(ROUND, words)
  }

  /** Who looks at new states. */
  inspectedBy(inspector: Inspector): void {
    this.#inspector = inspector
  }
  get #inspects(): Inspector {
    return this.#inspector as Inspector
  }

  // --- the frontier

  get distinct(): number {
    return this.arena.length
  }
  segment(index: number): Int32Array {
    return this.arena.segment(index)
  }
  offset(index: number): number {
    return this.arena.offset(index)
  }
  runEnd(index: number): number {
    return this.arena.runEnd(index)
  }

  endLevel(): number {
    const count = this.arena.length - this.end
    this.end = this.arena.length
    return count
  }

  /** Lets others use a heap: gives the kernel for it, where there is one. */
  shareIn(heap: Heap, out: Successors): Kernel | null {
    if (this.#kernel === undefined) this.#kernel = this.#kernelIn(heap, out)
    return this.#kernel
  }

  /**
   * Takes up what others have done: all states before `next` are expanded, and their new successors are in the arena. `moved`: parts of the
   * visited set were given other memory.
   */
  took(next: number, moved: boolean): void {
    this.next = next
    if (moved && this.#kernel) this.#kernel.elsewhere = true
  }

  // --- the visited set

  take(out: Successors, from: number, initial: boolean): void {
    const { heap } = this.#accelerator
    if (!initial && this.#kernel === undefined && heap !== null && out.heap === heap) this.#kernel = this.#kernelIn(heap, out)
    if (!initial && this.#kernel && out.heap !== null) this.#deal(this.#kernel, out, from)
    else this.#settle(out, initial)
  }

  #kernelIn(heap: Heap, out: Successors): Kernel | null {
    const program = this.#program
    const visited = this.#packed ? this.keys : this.states
    const plain = this.canonical === null && !program.constrained && !this.#single
    if (visited === null || !plain || !possible(this.#words)) return null
    try {
      const kernel = new Kernel(heap, visited, this.arena, program.instances.length, roundIn(heap, 1), 0)
      // Room for a round at once: what would be outgrown is lost.
      out.reserve(this.#round + (this.#round >> 2))
      return kernel
    } catch (error) {
      // The machine lets have a small heap only, or there are more states than compiled code has numbers for: JavaScript does it.
      if (error instanceof RangeError || error instanceof Full) return null
      throw error
    }
  }

  /** Deals out the successors from a number on; looks all up at the end of the round. */
  #deal(kernel: Kernel, out: Successors, from: number): void {
    if (from === 0) kernel.begin()
    if (from === (this.#chunks.at(-1) ?? 0)) kernel.beginChunk(this.#chunks.length)
    kernel.deal(out.states, from, out.count)
    if (out.count - (this.#chunks.at(-1) ?? 0) >= CHUNK) this.#endChunk(kernel, out)
    if (out.count >= this.#round || this.#chunks.length === CHUNKS) this.flush(out)
  }

  #endChunk(kernel: Kernel, out: Successors): void {
    kernel.endChunk(this.#chunks.length)
    this.#chunks.push(out.count)
  }

  /** Looks the successors of the round up, and checks and keeps the new ones: what `#settle` does, with compiled code. */
  flush(out: Successors): void {
    const kernel = this.#kernel
    if (out.count === 0 || !kernel) return
    if (out.count > (this.#chunks.at(-1) ?? 0)) this.#endChunk(kernel, out)
    const inspector = this.#inspects
    const tally = this.#tally
    const { arena } = this
    for (let part = 0; part < PARTS; part++) kernel.insert(part, this.#chunks.length)
    let from = 0
    this.#chunks.forEach((to, chunk) => {
      const found = kernel.collect(chunk, from, to)
      inspector.checkAll(out, kernel.fresh, found, tally.depth)
      kernel.gather(out.states, out.source, out.instance, found)
      kernel.number(chunk, arena.length)
      arena.append(kernel.states, kernel.sources, found)
      from = to
    })
    tally.generated += out.count
    kernel.count(out.instance, 0, out.count)
    kernel.takeCounts(tally.generatedBy, tally.distinctBy)
    this.#chunks.length = 0
    out.count = 0
    inspector.looksAt(-1)
  }

  /** Looks the gathered successors up, and checks and keeps the new ones. */
  #settle(out: Successors, initial: boolean): void {
    const inspector = this.#inspects
    const { count, states, instance } = out
    const words = this.#words
    const tally = this.#tally
    tally.generated += count
    if (!initial) for (let i = 0; i < count; i++) (tally.generatedBy[instance[i] as number] as number)++
    const forms = this.canonical === null ? states : this.#canonicalForms(this.canonical, out)
    if (this.#single || this.#program.constrained) {
      for (let i = 0; i < count; i++) {
        inspector.looksAt(i, initial)
        if (this.#isNew(forms, i * words)) this.#keep(out, i, initial, forms)
      }
    } else if (this.states !== null) {
      const hashes = this.states.ahead(forms, count)
      for (let i = 0; i < count; i++) {
        if (this.states.addHashed(forms, i * words, this.arena.length, hashes[i] as number)) this.#keep(out, i, initial, forms)
      }
    } else {
      if (this.#fresh.length < count) this.#fresh = new Int32Array(instance.length)
      const fresh = this.#fresh
      const found = (this.keys as KeySet).addAll(this.#packed ? forms : this.#keysOf(forms, count, initial), count, fresh)
      for (let f = 0; f < found; f++) this.#keep(out, fresh[f] as number, initial, forms)
    }
    out.count = 0
    inspector.looksAt(-1)
  }

  /** Checks a new successor, and appends it to the arena if it lies inside the constraints. */
  #keep(out: Successors, i: number, initial: boolean, forms: Int32Array): void {
    const { states, instance, source } = out
    const program = this.#program
    const inspector = this.#inspects
    inspector.looksAt(i, initial)
    const at = i * this.#words
    const from = initial ? -1 : (source[i] as number)
    inspector.check(states, at, from, instance[i] as number, this.#tally.depth)
    if (program.constrained) {
      if (!program.inside(states, at)) {
        this.#tally.constrained++
        return
      }
      this.#remember(forms, at)
    }
    this.arena.push(states, at, from < 0 ? this.arena.length : from)
    if (this.formArena !== this.arena) this.formArena.push(forms, at, 0)
    if (!initial) (this.#tally.distinctBy[instance[i] as number] as number)++
  }

  #canonicalForms(canonical: Canonical, { count, states }: Successors): Int32Array {
    const words = this.#words
    if (this.#forms.length < count * words) this.#forms = new Int32Array(states.length)
    for (let i = 0; i < count; i++) canonical.of(states, i * words, this.#forms, i * words)
    return this.#forms
  }

  /** Whether a state is not among those kept. With no constraint it is kept at once. */
  #isNew(states: Int32Array, at: number): boolean {
    const keep = !this.#program.constrained
    if (this.states) return keep ? this.states.add(states, at, this.arena.length) : !this.states.has(states, at)
    const keys = this.keys as KeySet
    this.#keyOf(states, at)
    return keep ? keys.add(this.#fingerprint.lo, this.#fingerprint.hi) : !keys.has(this.#fingerprint.lo, this.#fingerprint.hi)
  }

  #remember(states: Int32Array, at: number): void {
    if (this.states) this.states.add(states, at, this.arena.length)
    else {
      this.#keyOf(states, at)
      ;(this.keys as KeySet).add(this.#fingerprint.lo, this.#fingerprint.hi)
    }
  }

  /** The keys of states that are told apart by a fingerprint or by a view. */
  #keysOf(states: Int32Array, count: number, initial: boolean): Int32Array {
    if (this.#made.length < 2 * count) this.#made = new Int32Array(4 * count)
    const keys = this.#made
    for (let i = 0; i < count; i++) {
      this.#inspects.looksAt(i, initial)
      this.#keyOf(states, i * this.#words)
      keys[2 * i] = this.#fingerprint.lo
      keys[2 * i + 1] = this.#fingerprint.hi
    }
    return keys
  }

  #keyOf(states: Int32Array, at: number): void {
    const key = this.#fingerprint
    if (this.#packed) {
      key.lo = states[at] as number
      key.hi = this.#words === 2 ? (states[at + 1] as number) : 0
    } else if (this.#program.viewed) {
      key.lo = this.#program.viewOf(states, at) + 1
      key.hi = 0
    } else key.of(states, at, this.#words)
  }
}
