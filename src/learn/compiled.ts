import type { Layout } from '../layout/layout.ts'
import { Heap } from '../layout/heap.ts'
import { Successors } from '../layout/successors.ts'
import type { Accelerator } from '../program/system.ts'
import { type Compiled, compile, start, type Trees } from './compile.ts'
import {
  COMPILE_AT,
  COMPILING_SHARE,
  EAGER_GROWTH,
  GROWING,
  type Knowledge,
  type Learned,
  type LearnedAction,
  type LearnedPredicate,
  type LearnOptions,
  MAX_SLOW,
  SAMPLE,
} from './learned.ts'
import type { Calls } from './calls.ts'
import type { Actions } from './actions.ts'
import type { Predicates } from './predicates.ts'

export interface Trained {
  /** Everything that has a tree in the forest of single states. */
  readonly all: readonly Learned[]
  readonly invariants: readonly LearnedPredicate[]
}

export class CompiledTrees implements Accelerator {
  heap: Heap | null = null
  /** Whether there should be a heap, and the machine has no room for one: then nothing is compiled. */
  heapless = false
  readonly layout: Layout
  readonly #actions: Actions
  readonly #predicates: Predicates
  readonly #calls: Calls
  readonly #trained: Trained
  readonly #learning: boolean
  readonly #reuse: boolean
  readonly #compiling: boolean
  readonly #eager: boolean
  #anyDirect = false
  #compiled: Compiled | null = null
  #trees: Trees | null = null
  /** States expanded by `expandMany`. */
  #expanded = 0
  /** How far the forest had grown when it was compiled last, and what the compiled code has handed to the interpreter since. */
  #compiledAt = -1
  #slowCalls = 0
  #out: Successors | null = null
  /** Milliseconds in which states were expanded, and those in which trees were compiled. */
  #exploring = 0
  #compilingTime = 0
  /** When compiling was thought of last: how far the search and the forest had come. */
  #thought = { expanded: 0, grown: 0 }
  /** Where the footprints of invariants lie in the heap, or -1. */
  #footprints = -1

  constructor(calls: Calls, actions: Actions, predicates: Predicates, trained: Trained, options: LearnOptions) {
    this.layout = calls.layout
    this.#calls = calls
    this.#actions = actions
    this.#predicates = predicates
    this.#trained = trained
    this.#learning = options.learning ?? true
    this.#reuse = options.reuse ?? true
    this.#compiling = this.#learning && options.compiling !== false
    this.#eager = options.compiling === 'eager'
    // The code that there is calls it.
    actions.awake = () => {
      this.#compiledAt = -1
    }
  }

  get expanding(): number {
    return this.#actions.expanding
  }
  get learned(): number {
    return this.#predicates.forest.leaves + this.#predicates.stepForest.leaves
  }

  get fast(): boolean {
    return this.#compiled !== null && !this.#anyDirect
  }

  expandMany(states: Int32Array, at: number, count: number, first: number, out: Successors, enough: number): number {
    if (this.#compiling && !this.heapless && (this.#eager || this.#pays())) this.#compile()
    const begun = performance.now()
    const done =
      this.#compiled === null
        ? this.#interpretMany(states, at, count, first, out, enough)
        : this.#expandCompiled(this.#compiled, states, at, count, first, out, enough)
    this.#expanded += done
    this.#exploring += performance.now() - begun
    return done
  }

  /**
   * Whether trees should be compiled now: compiled code asks the interpreter often, or there is none yet; trees have all but stopped growing, as what is
   * learned afterwards is not in the code; and compiling has taken no more than its share of the time.
   */
  #pays(): boolean {
    if (this.#compiled === null ? this.#expanded - this.#thought.expanded < COMPILE_AT : this.#slowCalls < MAX_SLOW) return false
    const { grown } = this.#predicates.forest
    const still = (grown - this.#thought.grown) * GROWING <= Math.max(1, this.#expanded - this.#thought.expanded)
    this.#thought = { expanded: this.#expanded, grown }
    this.#slowCalls = 0
    return still && this.#compilingTime <= COMPILING_SHARE * this.#exploring
  }

  #interpretMany(states: Int32Array, at: number, count: number, first: number, out: Successors, enough: number): number {
    const { words } = this.layout
    let done = 0
    while (done < count && out.count < enough) {
      const index = first + done
      const before = out.count
      const failures = out.failures.length
      this.#actions.expanding = index
      this.#actions.expand(states, at + done * words, out)
      if (out.count === before && out.failures.length === failures) out.stuck.push(index)
      else out.source.fill(index, before, out.count)
      done++
    }
    this.#actions.expanding = -1
    return done
  }

  #expandCompiled(compiled: Compiled, states: Int32Array, at: number, count: number, first: number, out: Successors, enough: number): number {
    const { words } = this.layout
    out.moveTo(this.heap as Heap)
    this.#out = out
    // No check of the room in compiled code: there is enough for all that one state can have.
    out.reserve(enough + 2 * compiled.most + 1)
    compiled.target(out)
    this.#actions.forget()
    const staged = out.stage(states, at, count, first)
    const { byteOffset } = out.parents
    let done = 0
    while (done < count && out.count < enough) {
      // Up to the next state that is also called.
      const some = Math.min(count - done, SAMPLE - (this.#calls.samples % SAMPLE))
      out.count = compiled.expand(byteOffset + 4 * (staged + done * words), some, first + done, out.count, enough)
      done += compiled.done
      this.#calls.samples += compiled.done
      this.#actions.asked += compiled.done
      if (this.#calls.samples % SAMPLE === 0) this.#sample(states, at + (done - 1) * words, first + done - 1, compiled.before, out)
    }
    out.staged(done)
    return done
  }

  /** Calls all actions on a state that was expanded by compiled code and compares. */
  #sample(states: Int32Array, at: number, index: number, first: number, out: Successors): void {
    const failed = out.failures.filter(({ source }) => source !== index).length
    this.#actions.expanding = index
    const again = new Successors(this.layout.words, 64)
    this.#calls.again = true
    this.#actions.all.forEach((action, i) => {
      if (this.#actions.expandPlainly(action, i, states, at, again) < 0) this.#actions.expandOnDrafts(action, i, states, at, again, true)
    })
    this.#calls.again = false
    const { words } = this.layout
    const same = (a: Int32Array, from: number, b: Int32Array, n: number): boolean => {
      for (let i = 0; i < n; i++) if (a[from + i] !== b[i]) return false
      return true
    }
    if (
      again.count === out.count - first &&
      again.failures.length === out.failures.length - failed &&
      same(out.states, first * words, again.states, again.count * words) &&
      same(out.instance, first, again.instance, again.count)
    ) {
      this.#actions.expanding = -1
      return
    }
    // Find out whose fault it is: the first action that differs.
    let position = first
    for (let i = 0; i < again.count; i++, position++) {
      const instance = again.instance[i] as number
      if (
        position >= out.count ||
        out.instance[position] !== instance ||
        !same(out.states, position * words, again.states.subarray(i * words), words)
      )
        throw this.#calls.impure(
          this.#actions.all[Math.min(instance, position < out.count ? (out.instance[position] as number) : instance)] as LearnedAction,
        )
    }
    throw this.#calls.impure(this.#actions.all[position < out.count ? (out.instance[position] as number) : 0] as LearnedAction)
  }

  /** The heap, made where there is none yet; null where there is no room for it. */
  openHeap(): Heap | null {
    if (this.heap !== null || this.heapless) return this.heap
    try {
      this.heap = new Heap()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.heapless = true
    }
    return this.heap
  }

  /** Turns the trees into code, where they have grown since that was done last. */
  #compile(): void {
    this.#slowCalls = 0
    this.#anyDirect = [...this.#actions.all, ...this.#trained.invariants].some(({ direct }) => direct)
    const { grown } = this.#predicates.forest
    if (grown <= this.#compiledAt * (1 + (this.#eager ? EAGER_GROWTH : 0))) return
    this.#compiledAt = grown
    const heap = this.openHeap()
    if (heap === null) return
    const begun = performance.now()
    const watched = (): number => {
      this.#compilingTime += performance.now() - begun
      return performance.now() - begun
    }
    const footprints = this.#footprintsIn(heap)
    this.#trees = compile(
      this.#predicates.forest,
      this.layout.words,
      this.#actions.all.map(({ direct, root }) => (direct ? null : root)),
      this.#trained.invariants.map(({ direct, root }, i) => ({ direct, root, footprint: footprints + 4 * i * this.layout.words })),
      this.#reuse,
    )
    const compiled = this.#start(this.#trees)
    const milliseconds = watched()
    this.#compiled = this.#calls.profiler?.watch(compiled, milliseconds) ?? compiled
  }

  /**
   * Keeps the footprints of invariants in the heap, a row each from an address on. There compiled code reads them, and what one thread learns of an
   * invariant is known to all: the parent of a state that one checks may have been checked by another.
   */
  #footprintsIn(heap: Heap, at?: number): number {
    if (this.#footprints >= 0) return this.#footprints
    const { words } = this.layout
    this.#footprints = at ?? heap.allocate(4 * words * Math.max(1, this.#trained.invariants.length))
    this.#trained.invariants.forEach(({ root }, i) => {
      this.#predicates.forest.keepFootprint(root, new Int32Array(heap.buffer, this.#footprints + 4 * i * words, words))
    })
    return this.#footprints
  }

  /** Lets compiled code run. */
  #start(trees: Trees): Compiled {
    return start(trees, this.heap as Heap, {
      slow: (instance, at, n, index) => this.#expandSlowly(instance, at, n, index),
      has: (set, value, element) => (this.#predicates.forest.has(set, value, element) ? 1 : 0),
      changed: (change, value) => this.#predicates.forest.changed(change, value),
      failed: (instance, message, source) => {
        this.#out?.failures.push({ instance, message: this.#calls.message(message), source })
      },
      stuck: (index) => {
        const out = this.#out as Successors
        if (out.failures.at(-1)?.source !== index) out.stuck.push(index)
      },
    })
  }

  /**
   * What this program has learned, for those of other threads that are made of the same model and work in the same heap. From then on they look
   * at the same footprints of invariants.
   */
  share(heap: Heap): Knowledge {
    this.heap ??= heap
    const footprints = this.#footprintsIn(heap)
    return {
      forest: this.#predicates.forest.snapshot(),
      footprints,
      messages: [...this.#calls.tracer.messages.keys()],
      direct: this.#trained.all.map(({ direct }) => direct),
      expanded: this.#expanded,
      compiled: this.#trees && { trees: this.#trees, grown: this.#compiledAt, anyDirect: this.#anyDirect },
    }
  }

  /** Takes over what another program of the same model has learned, before this one has learned anything. */
  take({ forest, footprints, messages, direct, expanded, compiled }: Knowledge, heap: Heap): void {
    this.heap = heap
    this.#predicates.forest.adopt(forest)
    this.#footprintsIn(heap, footprints)
    messages.forEach((message, number) => {
      this.#calls.tracer.messages.set(message, number)
    })
    this.#trained.all.forEach((learned, i) => {
      learned.direct = direct[i] as boolean
    })
    // Of those that are called none is known to have no tree.
    for (const action of this.#actions.all) if (action.direct && this.#learning) action.resting = { probes: 0, missed: 0 }
    this.#expanded = expanded
    if (compiled === null) return
    this.#trees = compiled.trees
    this.#compiledAt = compiled.grown
    this.#anyDirect = compiled.anyDirect
    this.#compiled = this.#start(compiled.trees)
  }

  /** One action instance by the interpreter, called by compiled code: the state lies at an address of the heap. */
  #expandSlowly(instance: number, address: number, n: number, index: number): number {
    const out = this.#out as Successors
    const compiled = this.#compiled as Compiled
    this.#slowCalls++
    this.#actions.expanding = index
    out.count = n
    // What compiled code has recorded of this instance before it met what it does not know.
    while (out.failures.length > 0 && out.failures.at(-1)?.instance === instance && out.failures.at(-1)?.source === index) out.failures.pop()
    const room = out.instance.length
    this.#actions.expandOne(this.#actions.all[instance] as LearnedAction, instance, (this.heap as Heap).words, address >>> 2, out)
    out.reserve(out.count + 2 * compiled.most + 1)
    if (out.instance.length !== room) compiled.target(out)
    this.#actions.expanding = -1
    return out.count
  }

  uncertain(out: Successors, fresh: Int32Array, from: number, count: number): number {
    const compiled = this.#compiled
    // Successors of states that were expanded by the interpreter, before there was compiled code, may be among them.
    const known = compiled !== null && out.heap === this.heap && (out.source[fresh[from] as number] as number) >= out.firstParent
    if (!known) return from
    const next = compiled.check(fresh.byteOffset, from, count, out.parents.byteOffset, out.firstParent)
    if (next < count) this.#slowCalls++
    return next
  }
}
