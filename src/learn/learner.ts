/**
 * The learner: a model as a `Program`.
 *
 * A function of the spec is called once per distinct local situation and remembered in a decision tree (tree.ts); every other time the
 * tree is walked. A walk that falls off the tree calls the function and grows the tree. Where a tree does not pay (it keeps missing, or
 * outgrows its budget) the function is called directly for every state. A sampled part of all walks is called as well and compared.
 *
 * The hot path is `expand` and `violated`: typed arrays and plain loops.
 */
import { InternalError, isTimeout, type Location, locate, SpecError } from '../errors.ts'
import { type Layout, layoutOf, packSlots, readSlot } from '../layout/layout.ts'
import type { PropertyReads } from '../program/reads.ts'
import type { PathStep } from '../program/path.ts'
import { Heap } from '../layout/heap.ts'
import { Successors } from '../layout/successors.ts'
import type { Accelerator, InstanceInfo, Program, ProgramFigures, PropertyInfo } from '../program/system.ts'
import type { FunctionKind, Reason } from '../program/result.ts'
import type { RefinementInfo, TemporalProgram } from '../program/temporal.ts'
import { callText, valueText } from '../program/text.ts'
import { type Callee, DirectCalls } from '../direct/calls.ts'
import { actionInstances, combinations } from '../spec/combinations.ts'
import type { ActionBody, ActionDefinition, DerivedDefinition, Model, PredicateDefinition, StepBody, StepInfo, Variables } from '../spec/model.ts'
import { keyOf } from '../values/collections.ts'
import { copyOf } from '../values/plain.ts'
import { Interner } from '../types/intern.ts'
import { ValueError } from '../types/type.ts'
import { type Compiled, compile, start, type Trees } from './compile.ts'
import { differenceOf, lookedAt, type Outcome, type PlainRun, randomOf, runPlainAction, runPlainValue } from './net.ts'
import { Parts, profileOf, type Profiled, Profiler } from './profile.ts'
import { temporalOf } from './temporal.ts'
import { ScopeBroken, Tracer, Unfit } from './tracer.ts'
import {
  decide,
  type Event,
  EVERY,
  FAILED,
  Forest,
  type ForestState,
  HAS,
  Inconsistent,
  type Leaf,
  NEXT,
  OFF,
  OverBudget,
  onePath,
  PICK,
  PICKANY,
  PICKSET,
  QUANT,
  quantified,
  READ,
  SOME,
  TRUE,
  WIDE,
} from './tree.ts'

export interface LearnOptions {
  /** false: call every function directly. */
  readonly learning?: boolean
  /** false: walk every tree for every state, even where nothing that it reads has changed. */
  readonly reuse?: boolean
  /** false: walk the trees, do not compile them; 'eager': compile them whenever they have grown some, however small the search. */
  readonly compiling?: boolean | 'eager'
  /** true: `figures().profile` tells where the time goes. */
  readonly profile?: boolean
}

/** A tree is given up when it has missed this often and more than half of its walks, or outgrows its budget in words. */
const PATIENCE = 4096
const TREE_BUDGET = 1 << 24
/** The same for a tree that has more words than this. */
const LARGE_TREE = 1 << 18
const LARGE_PATIENCE = 16
/**
 * When so much has been learned in all, an action rests whose situations go on being new: it is called, which is far cheaper than learning it. What it does in some
 * states is learned all the same; when most of what it meets is known by then, its tree is walked again.
 */
const MUCH = 1 << 15
const RESTING_PATIENCE = 64
const PROBES = 32
/** One in this many walks is called as well, and the first ones of every action. */
const SAMPLE = 4096
const FIRST = 4
/** One in this many of the things learned is tried on a second state, and the first of every function. */
const SECOND = 16
/** Trees are compiled when this many states are expanded. */
const COMPILE_AT = 2048
/** They are compiled when they have grown less often than once in so many states lately: what is learned afterwards is not in the code. */
const GROWING = 4
/** What compiling may take of the time in which states are expanded. */
const COMPILING_SHARE = 0.25
/** Without waiting they are compiled whenever they have grown by this share. */
const EAGER_GROWTH = 1 / 32
/** They are compiled anew when compiled code had to ask the interpreter this often: that took about as long as compiling does. */
const MAX_SLOW = 1 << 13

interface Learned {
  readonly what: string
  readonly location: () => Location | undefined
  readonly root: number
  direct: boolean
  walks: number
  misses: number
  words: number
}

interface LearnedAction extends Learned {
  readonly body: ActionBody
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
  readonly parameters: Readonly<Record<string, unknown>>
  /** Whether each call needs parameters of its own. */
  readonly copied: boolean
  /** The leaves that the state expanded last led to. */
  readonly leaves: number[]
  enabled: boolean
  /** How it is called on plain data. */
  callee?: Callee
  /** While it rests from being learned: how many states were looked at all the same, and how many of them were new. */
  resting: { probes: number; missed: number } | null
  /** How much was expanded and missed when it was last begun to learn it. */
  since: { expanded: number; misses: number }
  /** How many walks were compared with a call. */
  compared: number
}

interface LearnedPredicate extends Learned {
  readonly info: PropertyInfo
  readonly test: (...drafts: object[]) => unknown
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
  /** How it is called on plain data. */
  callee?: Callee
}

/** What a program has learned of single states. */
export interface Knowledge {
  readonly forest: ForestState
  /** The address of the footprints of invariants. */
  readonly footprints: number
  /** Of assertions, by number. */
  readonly messages: readonly string[]
  /** Per function of the spec, whether it is called directly. */
  readonly direct: readonly boolean[]
  readonly expanded: number
  readonly compiled: { readonly trees: Trees; readonly grown: number; readonly anyDirect: boolean } | null
}

/** A step property with values for its parameters. */
interface StepBodyOf {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly location: () => Location | undefined
  readonly test: StepBody
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
}

/** Thrown out of a walk whose action is called directly from now on. */
class GoDirect extends Error {}

export class Learner implements Program, Accelerator {
  readonly layout: Layout
  readonly actions: readonly string[]
  readonly instances: readonly InstanceInfo[]
  readonly invariants: readonly PropertyInfo[]
  readonly steps: readonly PropertyInfo[]
  readonly reachables: readonly PropertyInfo[]
  readonly constrained: boolean
  readonly viewed: boolean
  readonly temporal: TemporalProgram
  readonly accelerator: Accelerator = this

  readonly #model: Model<Variables>
  readonly #learning: boolean
  readonly #reuse: boolean
  readonly #compiling: boolean
  readonly #eager: boolean
  readonly #tracer: Tracer
  /** Calls on plain data. */
  readonly #plain: DirectCalls
  readonly #forest: Forest
  readonly #actions: readonly LearnedAction[]
  readonly #invariants: readonly LearnedPredicate[]
  readonly #reachables: readonly LearnedPredicate[]
  readonly #constraints: readonly LearnedPredicate[]
  readonly #terminals: readonly LearnedPredicate[]
  readonly #views = new Interner<null>()

  // Step properties look at two states: an own tracer and forest, a tree per property and action instance, made when needed.
  readonly #stepTracer: Tracer
  readonly #stepForest: Forest
  readonly #pair: Int32Array
  readonly #stepTrees = new Map<number, LearnedPredicate>()
  readonly #stepBodies: StepBodyOf[]

  /** What calls came to that are only compared. */
  readonly #anew: Successors

  // The state expanded last.
  readonly #last: Int32Array
  #hasLast = false
  #samples = 0

  readonly #profiler: Profiler | null
  /** Whether what is called now is only compared. */
  #again = false
  readonly #atoms: { readonly name: string; readonly predicate: LearnedPredicate }[] = []

  constructor(model: Model<Variables>, options: LearnOptions = {}) {
    this.#model = model
    this.#learning = options.learning ?? true
    this.#reuse = options.reuse ?? true
    this.#compiling = this.#learning && options.compiling !== false
    this.#profiler = options.profile ? new Profiler() : null
    this.#eager = options.compiling === 'eager'
    this.layout = layoutOf(model.state)
    this.#tracer = new Tracer(this.layout)
    this.#plain = new DirectCalls(this.layout, (message) => this.#tracer.number(message), this.#eager)
    this.#forest = new Forest(this.layout)
    this.#stepTracer = new Tracer(this.layout, 2)
    this.#stepForest = new Forest(this.layout, 2)
    this.#pair = new Int32Array(this.layout.words * 2)
    this.#last = new Int32Array(this.layout.words)
    this.#anew = new Successors(this.layout.words, 64)

    const names = model.actions.map(({ name }) => name)
    this.actions = names
    const instances = actionInstances(model)
    this.instances = instances.map(({ definition, parameters }) => ({ action: names.indexOf(definition.name), name: definition.name, parameters }))
    this.#actions = instances.map(({ definition, parameters }) => ({
      ...this.#learned(`the action ${callText(definition.name, parameters)}`, definition.location),
      body: definition.run,
      source: definition.source ?? definition.run,
      parameters,
      copied: Object.values(parameters).some((value) => typeof value === 'object'),
      leaves: [],
      resting: null,
      since: { expanded: 0, misses: 0 },
      enabled: false,
      compared: 0,
    }))
    const predicates = (kind: PredicateDefinition['kind']): LearnedPredicate[] =>
      model.predicates
        .filter((definition) => definition.kind === kind)
        .flatMap((definition) =>
          combinations(definition.parameters).map((parameters) =>
            this.#predicate(
              `the ${kind === 'invariant' ? 'invariant' : kind === 'reachable' ? 'property' : 'predicate'} ${callText(definition.name, parameters)}`,
              definition,
              parameters,
            ),
          ),
        )
    this.#invariants = predicates('invariant')
    this.#reachables = predicates('reachable')
    this.#constraints = predicates('constraint')
    this.#terminals = predicates('terminal')
    this.invariants = this.#invariants.map(({ info }) => info)
    this.reachables = this.#reachables.map(({ info }) => info)
    this.#stepBodies = model.steps.flatMap(({ name, parameters, location, test, source }) =>
      combinations(parameters).map((values) => ({ name, parameters: values, location, test, source })),
    )
    this.steps = this.#stepBodies.map(({ name, parameters }) => ({ name, parameters }))
    this.constrained = this.#constraints.length > 0
    this.viewed = model.views.length > 0
    this.temporal = this.#temporal(options)
    if (this.#profiler !== null) this.#watch(this.#profiler)
  }

  /** Counts and times every call of the spec's functions; what is called by `#call` is known while it runs. */
  #watch(profiler: Profiler): void {
    profiler.time(this)
    const called = (noting: boolean, milliseconds: number): void => {
      const { running } = this
      if (running === null) return
      const learned = 'root' in running ? (running as Learned) : null
      const kind = noting ? 'learning' : this.#again || learned?.direct === false ? 'samples' : 'direct'
      profiler.called(learned ?? running.what, kind, milliseconds)
    }
    this.#tracer.onCall = this.#stepTracer.onCall = called
    this.#plain.onCall = (milliseconds) => called(false, milliseconds)
  }

  /** Temporal properties: their predicates are learned as others are, the filters of their events as step properties are. */
  #temporal(options: LearnOptions): TemporalProgram {
    const model = this.#model
    const { atoms, events, properties, fairness } = temporalOf(model, this.instances)
    const predicates = atoms.map(({ what, location, test }) => this.#predicate(what, { name: what, location, test }, {}))
    predicates.forEach((predicate, i) => {
      this.#atoms.push({ name: (atoms[i] as { name: string }).name, predicate })
    })
    const filters = events.map(({ what, location, where }) => {
      if (where === undefined) return -1
      this.#stepBodies.push({
        name: what,
        parameters: {},
        location,
        test: (before, after, _parameters, step) => where(before, after, step.parameters),
        source: where,
      })
      return this.#stepBodies.length - 1
    })
    const refinements = model.refinements.map(({ name, abstract, mapping, location }): RefinementInfo => {
      const program = new Learner(abstract, options)
      const called = { what: `the mapping of ${name}`, location }
      const slots = new Int32Array(program.layout.slots.length)
      return {
        name,
        abstract: program,
        map: (states, at, out, to) => {
          slots.fill(0)
          this.#call(called, () =>
            this.#tracer.runValue(
              called.what,
              (s) => mapping(s, {}),
              model.state,
              (value) => abstract.state.encode(value, slots, 0),
              states,
              at,
            ),
          )
          packSlots(program.layout, slots, out, to)
        },
      }
    })
    return {
      properties,
      fairness,
      refinements,
      atoms: atoms.length,
      events: events.length,
      inside: model.temporalInside,
      holds: (atom, states, at) => this.#evaluate(predicates[atom] as LearnedPredicate, states, at),
      reads: (atom) => {
        const { direct, root } = predicates[atom] as LearnedPredicate
        return direct || this.#forest.footprint(root).some((mask) => mask !== 0)
      },
      always: (event, instance) => ((events[event]?.instances[instance] ?? 0) === 0 ? false : (filters[event] as number) < 0 ? true : undefined),
      happens: (event, instance, before, beforeAt, after, afterAt) => {
        if ((events[event]?.instances[instance] ?? 0) === 0) return false
        const filter = filters[event] as number
        if (filter < 0) return true
        this.#pairOf(before, beforeAt, after, afterAt)
        return this.#evaluate(this.#stepTree(filter, instance), this.#pair, 0, this.#stepTracer, this.#stepForest)
      },
    }
  }

  #learned(what: string, location: () => Location | undefined, forest = this.#forest): Learned {
    return { what, location, root: forest.root(), direct: !this.#learning, walks: 0, misses: 0, words: 0 }
  }

  #predicate(
    what: string,
    { name, location, test }: Pick<PredicateDefinition, 'name' | 'location' | 'test'>,
    parameters: Readonly<Record<string, unknown>>,
  ): LearnedPredicate {
    return { ...this.#learned(what, location), info: { name, parameters }, test: (s) => test(s, fresh(parameters)), source: test }
  }

  // --- calling the functions of the spec

  /** The function of the spec that is running; it stays set when a call is interrupted. */
  running: { readonly what: string; readonly location: () => Location | undefined } | null = null

  /** Runs something of the spec; what it throws becomes an error that names it and its place. */
  #call<T>(learned: { readonly what: string; readonly location: () => Location | undefined }, run: () => T): T {
    this.running = learned
    try {
      const value = run()
      this.running = null
      return value
    } catch (thrown) {
      if (isTimeout(thrown)) throw thrown
      this.running = null
      if (thrown instanceof Inconsistent || thrown instanceof Unfit) throw this.#impure(learned)
      // What is only seen when the function has returned has no place of its own.
      if (thrown instanceof SpecError) thrown.location ??= learned.location()
      if (
        thrown instanceof SpecError ||
        thrown instanceof InternalError ||
        thrown instanceof OverBudget ||
        thrown instanceof GoDirect ||
        thrown instanceof ScopeBroken
      )
        throw thrown
      if (thrown instanceof ValueError)
        throw new SpecError(`${learned.what}: ${thrown.path}${thrown.path ? ': ' : ''}${thrown.message}`, {
          location: locate(thrown) ?? learned.location(),
          cause: thrown,
          outside: thrown.outside(''),
        })
      const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : valueText(thrown)
      throw new SpecError(`${learned.what} threw ${text}`, {
        location: (thrown instanceof Error ? locate(thrown) : undefined) ?? learned.location(),
        cause: thrown,
        hint: this.#missed ?? 'a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()',
      })
    }
  }

  /** The name that the function read last although there is none such. */
  get #missed(): string | undefined {
    return this.#tracer.missedName ?? this.#stepTracer.missedName
  }

  #impure(learned: { readonly what: string; readonly location: () => Location | undefined }): SpecError {
    return new SpecError(`${learned.what} is not a function of the state: called twice on one state it did two different things`, {
      location: learned.location(),
      hint: 'it may depend on nothing but the state, its parameters and its picks: no clock, no random numbers, no variable outside that changes',
    })
  }

  #runAction(action: LearnedAction, states: Int32Array, at: number, script: readonly number[], noting: boolean): ReturnType<Tracer['runAction']> {
    return this.#call(action, () =>
      this.#tracer.runAction(action.what, action.body, this.#model.state, fresh(action.parameters), states, at, script, noting),
    )
  }

  /** Calls an action and adds what it did to its tree; twice, so that a random one is found out at once. */
  #learnAction(action: LearnedAction, states: Int32Array, at: number, script: readonly number[]): void {
    action.misses++
    const before = this.#forest.size
    try {
      this.#call(action, () => {
        const row = this.#rowOf(states, at)
        const plain = this.#plainly(action, row, script)
        const { events, leaf } = this.#runAction(action, states, at, script, true)
        const found = this.#outcomeOf(leaf, states, at)
        this.#same(
          action,
          plain,
          { outcome: found, alternatives: this.#tracer.alternatives },
          () => this.#plainly(action, row, script),
          () => {
            const again = this.#runAction(action, states, at, script, true)
            return { outcome: this.#outcomeOf(again.leaf, states, at), alternatives: this.#tracer.alternatives }
          },
        )
        this.#forest.grow(action.root, events, leaf)
        if (!this.#varies(action, [row])) return
        // A second state that agrees in all that was read: what was learned must be right there too.
        const other = this.#otherThan([row], events)
        const words = new Int32Array(this.layout.words)
        packSlots(this.layout, other[0] as number[], words, 0)
        const applied = this.#outcomeOf(leaf, words, 0)
        const there = this.#plainly(action, other[0] as number[], script, true)
        if (there.outcome.kind !== 'error') this.#same(action, there, { outcome: applied, alternatives: there.alternatives })
      })
    } catch (thrown) {
      if (!(thrown instanceof ScopeBroken)) throw thrown
      action.direct = true
      throw new GoDirect()
    }
    action.words += this.#forest.size - before
    this.#plain.checked(this.#calleeOf(action))
    this.#misses++
    if (givenUp(action)) {
      action.direct = true
      action.resting = null
      throw new GoDirect()
    }
    if (action.direct || !this.#tires(action)) return
    action.direct = true
    action.resting = { probes: 0, missed: 0 }
    throw new GoDirect()
  }

  /** What all actions have missed, and for how many states they were asked. */
  #misses = 0
  #asked = 0

  /** Whether what an action meets goes on being new. */
  #tires({ misses, since }: LearnedAction): boolean {
    const missed = misses - since.misses
    return this.#misses > MUCH && missed > RESTING_PATIENCE && missed * 2 > this.#asked - since.expanded
  }

  /** Learns what an action that rests does in a state; where most of that is known by now it rests no longer. */
  #probe(action: LearnedAction, states: Int32Array, at: number): void {
    const { resting, misses } = action
    if (resting === null) return
    try {
      if (action.leaves.length > 0) action.leaves.length = 0
      if (this.#choices.length > 0) this.#choices.length = 0
      this.#walk(action, action.root, states, at)
    } catch (thrown) {
      if (!(thrown instanceof OverBudget || thrown instanceof GoDirect)) throw thrown
      action.resting = null
      return
    }
    if (action.misses > misses) resting.missed++
    if (++resting.probes < PROBES) return
    if (resting.missed * 4 > PROBES) {
      action.resting = { probes: 0, missed: 0 }
      return
    }
    action.resting = null
    action.direct = false
    action.since = { expanded: this.#asked, misses: action.misses }
    // The code that there is calls it.
    this.#compiledAt = -1
  }

  // --- the net: plain data beside the drafts

  /** How many calls were compared with plain data. */
  #compared = 0

  #rowOf(states: Int32Array, at: number): number[] {
    const row = new Array<number>(this.layout.slots.length)
    for (let slot = 0; slot < row.length; slot++) row[slot] = readSlot(this.layout, states, at, slot)
    return row
  }
  #plainly(action: LearnedAction, row: readonly number[], script: readonly number[], sample = false): PlainRun {
    return this.#timed(action, sample, () => runPlainAction(action.what, action.body, this.#model.state, row, fresh(action.parameters), script))
  }
  #plainlyAsked(predicate: LearnedPredicate, rows: readonly (readonly number[])[], sample = false): PlainRun {
    const run = (): Outcome => runPlainValue(predicate.what, predicate.test, (value) => value, this.#model.state, rows)
    return { outcome: this.#timed(predicate, sample, run), alternatives: [] }
  }
  /** Counts a call on plain data. */
  #timed<T>(learned: Learned, sample: boolean, run: () => T): T {
    this.#tracer.calls++
    if (this.#profiler === null) return run()
    const begun = performance.now()
    try {
      return run()
    } finally {
      this.#profiler.called(learned, sample ? 'samples' : 'learning', performance.now() - begun)
    }
  }
  /** What the last run came to, applied to a state. */
  #outcomeOf(leaf: Leaf, states: Int32Array, at: number): Outcome {
    if (leaf.op === OFF) return { kind: 'off' }
    if (leaf.op === FAILED) return { kind: 'failed', message: this.#message(leaf.message) }
    const words = new Int32Array(this.layout.words)
    this.#tracer.apply(states, at, words, 0)
    return { kind: 'next', row: this.#rowOf(words, 0) }
  }
  /** Whether something that was learned is tried on a second state, too: the first times, and by the state afterwards. */
  #varies(learned: Learned, rows: readonly ArrayLike<number>[]): boolean {
    return learned.misses <= FIRST || randomOf(rows)(SECOND) === 0
  }
  #otherThan(rows: readonly (readonly number[])[], events: readonly Event[]): number[][] {
    const known = lookedAt(events)
    const random = randomOf(rows)
    return rows.map((row, i) => {
      const other = [...row]
      const base = i * row.length
      this.#model.state.vary(other, 0, (slot) => known.has(base + slot), random)
      return other
    })
  }
  /** Compares a call with one on plain data. `again` and `anew` tell a function that is none of the state from a difference. */
  #same(learned: Learned, plain: PlainRun, found: PlainRun, again?: () => PlainRun, anew?: () => PlainRun): void {
    this.#compared++
    const difference = (a: PlainRun, b: PlainRun): string | undefined =>
      differenceOf(a.outcome, b.outcome, this.#model.state) ??
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
      for (let i = 0; i < 2; i++) if (call !== undefined && difference(first, call()) !== undefined) throw this.#impure(learned)
    const { outcome } = plain
    throw new SpecError(`${learned.what} does something else on plain data: ${differs}`, {
      location: learned.location(),
      cause: outcome.kind === 'error' ? outcome.error : undefined,
      hint: 'it may depend on something that is neither the state nor a choice; if it does not, this is a fault of tsmc: write it in another way, and report it',
    })
  }

  #learnPredicate(predicate: LearnedPredicate, tracer: Tracer, forest: Forest, states: Int32Array, at: number): void {
    predicate.misses++
    const before = forest.size
    try {
      this.#call(predicate, () => {
        const rows = this.#rowsOf(tracer, states, at)
        const call = (): PlainRun & { events: readonly Event[]; leaf: Leaf } => {
          const { events, leaf } = tracer.runPredicate(predicate.what, predicate.test, this.#model.state, states, at, true)
          return { events, leaf, outcome: { kind: 'answer', value: leaf.op === TRUE }, alternatives: [] }
        }
        const plain = this.#plainlyAsked(predicate, rows)
        const found = call()
        this.#same(predicate, plain, found, () => this.#plainlyAsked(predicate, rows), call)
        forest.grow(predicate.root, found.events, found.leaf)
        if (!this.#varies(predicate, rows)) return
        const there = this.#plainlyAsked(predicate, this.#otherThan(rows, found.events), true)
        if (there.outcome.kind !== 'error') this.#same(predicate, there, found)
      })
    } catch (thrown) {
      if (!(thrown instanceof OverBudget || thrown instanceof ScopeBroken)) throw thrown
      predicate.direct = true
    }
    predicate.words += forest.size - before
    if (givenUp(predicate)) predicate.direct = true
    // It may look at anything from now on, and nobody notes it.
    if (predicate.direct) forest.footprint(predicate.root).fill(-1)
  }

  /** The slots of the state that a tracer sees, or of its two. */
  #rowsOf(tracer: Tracer, states: Int32Array, at: number): number[][] {
    const first = this.#rowOf(states, at)
    return tracer === this.#stepTracer ? [first, this.#rowOf(states, at + this.layout.words)] : [first]
  }

  #ask(predicate: LearnedPredicate, tracer: Tracer, states: Int32Array, at: number): boolean {
    return this.#call(predicate, () => tracer.runPredicate(predicate.what, predicate.test, this.#model.state, states, at, false)).leaf.op === TRUE
  }

  #evaluate(predicate: LearnedPredicate, states: Int32Array, at: number, tracer = this.#tracer, forest = this.#forest): boolean {
    if (predicate.direct) return this.#askDirectly(predicate, tracer, states, at)
    predicate.walks++
    for (;;) {
      const answer = decide(forest, predicate.root, states, at)
      if (answer >= 0) {
        if (
          ++this.#samples % SAMPLE === 0 &&
          (this.#askPlainly(predicate, tracer, states, at) ?? this.#ask(predicate, tracer, states, at)) !== (answer === 1)
        )
          throw this.#impure(predicate)
        return answer === 1
      }
      this.#learnPredicate(predicate, tracer, forest, states, at)
      if (predicate.direct) return this.#askDirectly(predicate, tracer, states, at)
    }
  }

  #calleeOfPredicate(predicate: LearnedPredicate, tracer: Tracer): Callee {
    return (predicate.callee ??= this.#plain.callee(predicate.test, predicate.source, tracer === this.#stepTracer ? 2 : 1))
  }

  /** Asks a predicate on plain data; undefined: drafts have to be asked. */
  #askPlainly(predicate: LearnedPredicate, tracer: Tracer, states: Int32Array, at: number): boolean | undefined {
    this.running = predicate
    const answer = this.#plain.ask(this.#calleeOfPredicate(predicate, tracer), predicate.what, predicate.test, states, at)
    this.running = null
    return answer
  }

  /** Asks a predicate that has no tree; sometimes on drafts, too. */
  #askDirectly(predicate: LearnedPredicate, tracer: Tracer, states: Int32Array, at: number): boolean {
    const words = tracer === this.#stepTracer ? 2 * this.layout.words : this.layout.words
    const checked = this.#plain.checks(this.#calleeOfPredicate(predicate, tracer), states, at, words, 0)
    const plain = this.#askPlainly(predicate, tracer, states, at)
    if (!checked && plain !== undefined) return plain
    const answer = this.#ask(predicate, tracer, states, at)
    if (checked === 'some' && plain === answer) {
      this.#compared++
      return answer
    }
    const rows = this.#rowsOf(tracer, states, at)
    this.#call(predicate, () => {
      const thawed = this.#plainlyAsked(predicate, rows, true)
      const answered = (value: boolean): PlainRun => ({ outcome: { kind: 'answer', value }, alternatives: [] })
      this.#same(predicate, thawed, answered(answer), undefined, () => answered(this.#ask(predicate, tracer, states, at)))
    })
    if (plain !== undefined && plain !== answer) throw this.#impure(predicate)
    return answer
  }

  // --- states and steps

  /** Where the enumeration of initial states goes on: the initialisation, and its next choices. */
  #initialisation = 0
  #initialScript: readonly number[] = []

  initial(out: Successors, enough = Infinity): boolean {
    const zero = new Int32Array(this.layout.words)
    const definitions = this.#model.initials
    if (definitions.length === 0) this.#emitWords(zero, 0, 0, out)
    for (; this.#initialisation < definitions.length; this.#initialisation++) {
      const definition = definitions[this.#initialisation] as ActionDefinition
      const init = { what: 'init', location: definition.location }
      let script: readonly number[] | undefined = this.#initialScript
      for (let calls = 0; script !== undefined; calls++) {
        this.#initialScript = script
        // Many ways through init may lead to no state at all: stop after as many calls, too.
        if (out.count >= enough || calls >= enough) return false
        const choices: readonly number[] = script
        const run = (): { leaf: Leaf; alternatives: string } => {
          const { leaf } = this.#call(init, () => this.#tracer.runAction('init', definition.run, this.#model.state, {}, zero, 0, choices, false))
          return { leaf, alternatives: String(this.#tracer.alternatives) }
        }
        this.#again = calls < FIRST
        const first = this.#again ? run() : undefined
        this.#again = false
        const { leaf, alternatives } = run()
        if (first !== undefined && (first.alternatives !== alternatives || JSON.stringify(first.leaf) !== JSON.stringify(leaf)))
          throw this.#impure(init)
        if (leaf.op === FAILED)
          throw new SpecError(`the assertion ${JSON.stringify(this.#message(leaf.message))} failed in init`, {
            location: definition.location(),
            hint: 'use when() to leave out initial states',
          })
        if (leaf.op === NEXT) this.#emitApplied(zero, 0, this.#initialisation, out)
        script = this.#tracer.nextScript()
      }
      this.#initialScript = []
    }
    this.#initialisation = 0
    return true
  }

  expand(states: Int32Array, at: number, out: Successors): number {
    let enabled = 0
    this.#asked++
    const reuse = this.#reuse && this.#hasLast
    // Until this state is done there is no state whose leaves are all known.
    this.#hasLast = false
    for (let i = 0; i < this.#actions.length; i++) {
      const action = this.#actions[i] as LearnedAction
      const first = out.count
      const failed = out.failures.length
      const steps =
        reuse && !action.direct && this.#unchanged(action.root, states, at)
          ? this.#emitLeaves(action.leaves, i, states, at, out)
          : this.#expandOne(action, i, states, at, out)
      enabled += steps
      if (action.compared < FIRST || ++this.#samples % SAMPLE === 0) {
        action.compared++
        this.#compare(action, i, states, at, out, first, failed)
      }
    }
    for (let w = 0; w < this.layout.words; w++) this.#last[w] = states[at + w] as number
    this.#hasLast = true
    return enabled
  }

  /** Expands a state by one action instance: walks its tree, or calls it. */
  #expandOne(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors): number {
    if (!action.direct) {
      if (action.leaves.length > 0) action.leaves.length = 0
      action.walks++
      try {
        if (this.#choices.length > 0) this.#choices.length = 0
        this.#walk(action, action.root, states, at)
      } catch (thrown) {
        if (thrown instanceof OverBudget) action.direct = true
        else if (!(thrown instanceof GoDirect)) throw thrown
      }
    }
    const steps = action.direct ? this.#expandDirectly(action, instance, states, at, out) : this.#emitLeaves(action.leaves, instance, states, at, out)
    if (steps > 0) action.enabled = true
    return steps
  }

  get fast(): boolean {
    return this.#compiled !== null && !this.#anyDirect
  }
  #anyDirect = false

  expanding = -1
  heap: Heap | null = null
  #compiled: Compiled | null = null
  #trees: Trees | null = null
  /** States expanded by `expandMany`. */
  #expanded = 0
  /** How far the forest had grown when it was compiled last, and what the compiled code has handed to the interpreter since. */
  #compiledAt = -1
  #slowCalls = 0
  #out: Successors | null = null

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

  /** Milliseconds in which states were expanded, and those in which trees were compiled. */
  #exploring = 0
  #compilingTime = 0
  /** When compiling was thought of last: how far the search and the forest had come. */
  #thought = { expanded: 0, grown: 0 }

  /**
   * Whether trees should be compiled now: compiled code asks the interpreter often, or there is none yet; trees have all but stopped growing, as what is
   * learned afterwards is not in the code; and compiling has taken no more than its share of the time.
   */
  #pays(): boolean {
    if (this.#compiled === null ? this.#expanded - this.#thought.expanded < COMPILE_AT : this.#slowCalls < MAX_SLOW) return false
    const { grown } = this.#forest
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
      this.expanding = index
      this.expand(states, at + done * words, out)
      if (out.count === before && out.failures.length === failures) out.stuck.push(index)
      else out.source.fill(index, before, out.count)
      done++
    }
    this.expanding = -1
    return done
  }

  #expandCompiled(compiled: Compiled, states: Int32Array, at: number, count: number, first: number, out: Successors, enough: number): number {
    const { words } = this.layout
    out.moveTo(this.heap as Heap)
    this.#out = out
    // No check of the room in compiled code: there is enough for all that one state can have.
    out.reserve(enough + 2 * compiled.most + 1)
    compiled.target(out)
    // Leaves remembered by the interpreter are not those of the state expanded last any more.
    this.#hasLast = false
    const staged = out.stage(states, at, count, first)
    const { byteOffset } = out.parents
    let done = 0
    while (done < count && out.count < enough) {
      // Up to the next state that is also called.
      const some = Math.min(count - done, SAMPLE - (this.#samples % SAMPLE))
      out.count = compiled.expand(byteOffset + 4 * (staged + done * words), some, first + done, out.count, enough)
      done += compiled.done
      this.#samples += compiled.done
      this.#asked += compiled.done
      if (this.#samples % SAMPLE === 0) this.#sample(states, at + (done - 1) * words, first + done - 1, compiled.before, out)
    }
    out.staged(done)
    return done
  }

  /** Calls all actions on a state that was expanded by compiled code and compares. */
  #sample(states: Int32Array, at: number, index: number, first: number, out: Successors): void {
    const failed = out.failures.filter(({ source }) => source !== index).length
    this.expanding = index
    const again = new Successors(this.layout.words, 64)
    this.#again = true
    this.#actions.forEach((action, i) => {
      if (this.#expandPlainly(action, i, states, at, again) < 0) this.#expandOnDrafts(action, i, states, at, again, true)
    })
    this.#again = false
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
      this.expanding = -1
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
        throw this.#impure(this.#actions[Math.min(instance, position < out.count ? (out.instance[position] as number) : instance)] as LearnedAction)
    }
    throw this.#impure(this.#actions[position < out.count ? (out.instance[position] as number) : 0] as LearnedAction)
  }

  /** Whether there should be a heap, and the machine has no room for one: then nothing is compiled. */
  heapless = false

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
    this.#anyDirect = [...this.#actions, ...this.#invariants].some(({ direct }) => direct)
    const { grown } = this.#forest
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
      this.#forest,
      this.layout.words,
      this.#actions.map(({ direct, root }) => (direct ? null : root)),
      this.#invariants.map(({ direct, root }, i) => ({ direct, root, footprint: footprints + 4 * i * this.layout.words })),
      this.#reuse,
    )
    const compiled = this.#start(this.#trees)
    const milliseconds = watched()
    this.#compiled = this.#profiler?.watch(compiled, milliseconds) ?? compiled
  }

  /** Where the footprints of invariants lie in the heap, or -1. */
  #footprints = -1

  /**
   * Keeps the footprints of invariants in the heap, a row each from an address on. There compiled code reads them, and what one thread learns of an
   * invariant is known to all: the parent of a state that one checks may have been checked by another.
   */
  #footprintsIn(heap: Heap, at?: number): number {
    if (this.#footprints >= 0) return this.#footprints
    const { words } = this.layout
    this.#footprints = at ?? heap.allocate(4 * words * Math.max(1, this.#invariants.length))
    this.#invariants.forEach(({ root }, i) => {
      this.#forest.keepFootprint(root, new Int32Array(heap.buffer, this.#footprints + 4 * i * words, words))
    })
    return this.#footprints
  }

  /** Lets compiled code run. */
  #start(trees: Trees): Compiled {
    return start(trees, this.heap as Heap, {
      slow: (instance, at, n, index) => this.#expandSlowly(instance, at, n, index),
      has: (set, value, element) => (this.#forest.has(set, value, element) ? 1 : 0),
      changed: (change, value) => this.#forest.changed(change, value),
      failed: (instance, message, source) => {
        this.#out?.failures.push({ instance, message: this.#message(message), source })
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
      forest: this.#forest.snapshot(),
      footprints,
      messages: [...this.#tracer.messages.keys()],
      direct: this.#trained.map(({ direct }) => direct),
      expanded: this.#expanded,
      compiled: this.#trees && { trees: this.#trees, grown: this.#compiledAt, anyDirect: this.#anyDirect },
    }
  }

  /** Takes over what another program of the same model has learned, before this one has learned anything. */
  take({ forest, footprints, messages, direct, expanded, compiled }: Knowledge, heap: Heap): void {
    this.heap = heap
    this.#forest.adopt(forest)
    this.#footprintsIn(heap, footprints)
    messages.forEach((message, number) => {
      this.#tracer.messages.set(message, number)
    })
    this.#trained.forEach((learned, i) => {
      learned.direct = direct[i] as boolean
    })
    this.#expanded = expanded
    if (compiled === null) return
    this.#trees = compiled.trees
    this.#compiledAt = compiled.grown
    this.#anyDirect = compiled.anyDirect
    this.#compiled = this.#start(compiled.trees)
  }

  /** Everything that has a tree in the forest of single states. */
  get #trained(): readonly Learned[] {
    return [
      ...this.#actions,
      ...this.#invariants,
      ...this.#reachables,
      ...this.#constraints,
      ...this.#terminals,
      ...this.#atoms.map(({ predicate }) => predicate),
    ]
  }

  /** One action instance by the interpreter, called by compiled code: the state lies at an address of the heap. */
  #expandSlowly(instance: number, address: number, n: number, index: number): number {
    const out = this.#out as Successors
    const compiled = this.#compiled as Compiled
    this.#slowCalls++
    this.expanding = index
    out.count = n
    // What compiled code has recorded of this instance before it met what it does not know.
    while (out.failures.length > 0 && out.failures.at(-1)?.instance === instance && out.failures.at(-1)?.source === index) out.failures.pop()
    const room = out.instance.length
    this.#expandOne(this.#actions[instance] as LearnedAction, instance, (this.heap as Heap).words, address >>> 2, out)
    out.reserve(out.count + 2 * compiled.most + 1)
    if (out.instance.length !== room) compiled.target(out)
    this.expanding = -1
    return out.count
  }

  /** Whether nothing that a tree looks at differs from the state expanded last. */
  #unchanged(root: number, states: Int32Array, at: number): boolean {
    const footprint = this.#forest.footprint(root)
    for (let w = 0; w < footprint.length; w++)
      if ((((states[at + w] as number) ^ (this.#last[w] as number)) & (footprint[w] as number)) !== 0) return false
    return true
  }

  readonly #choices: number[] = []

  /** Walks an action's tree from the node in a cell; appends the leaves that are steps. */
  #walk(action: LearnedAction, cell: number, states: Int32Array, at: number): void {
    const forest = this.#forest
    let { nodes } = forest
    let node = nodes[cell] as number
    let before = 0
    for (;;) {
      if (node === 0) {
        // Off the tree: call the function, and look again.
        this.#learnAction(action, states, at, this.#choices.slice())
        nodes = forest.nodes
        node = before === 0 ? (nodes[cell] as number) : before
        before = 0
        if (node === 0) throw new InternalError(`${action.what} was called and its tree did not grow`)
      }
      switch (nodes[node]) {
        case READ:
          before = node
          node = nodes[
            node + 6 + (((states[at + (nodes[node + 2] as number)] as number) >>> (nodes[node + 3] as number)) & (nodes[node + 4] as number))
          ] as number
          break
        case WIDE:
          before = node
          node = nodes[
            forest.wide(node, ((states[at + (nodes[node + 2] as number)] as number) >>> (nodes[node + 3] as number)) & (nodes[node + 4] as number))
          ] as number
          break
        case QUANT: {
          const edge = quantified(forest, node, states, at)
          before = node
          node = edge < 0 ? 0 : (nodes[node + 3 + (nodes[node + 2] as number) + edge] as number)
          break
        }
        case PICK: {
          const n = nodes[node + 1] as number
          for (let i = 0; i < n; i++) {
            this.#choices.push(i)
            this.#walk(action, node + 2 + i, states, at)
            this.#choices.pop()
          }
          return
        }
        case PICKSET: {
          const n = nodes[node + 1] as number
          let present = 0
          for (let i = 0; i < n; i++) {
            const word = forest.nodes[node + 2 + 2 * i] as number
            if (word >= 0 && (((states[at + word] as number) >>> (forest.nodes[node + 3 + 2 * i] as number)) & 1) === 0) continue
            this.#choices.push(present++)
            this.#walk(action, node + 2 + 2 * n + i, states, at)
            this.#choices.pop()
          }
          return
        }
        case HAS:
          before = node
          node = nodes[
            node + 5 + (forest.has(nodes[node + 3] as number, states[at + (nodes[node + 2] as number)] as number, nodes[node + 4] as number) ? 1 : 0)
          ] as number
          break
        case PICKANY: {
          const members = forest.members(
            nodes[node + 3] as number,
            forest.changed(nodes[node + 4] as number, states[at + (nodes[node + 2] as number)] as number),
          )
          for (let i = 0; i < members.length; i++) {
            this.#choices.push(i)
            let below = forest.wide(node, members[i] as number)
            if (below === 0) {
              this.#learnAction(action, states, at, this.#choices.slice())
              below = forest.wide(node, members[i] as number)
            }
            this.#walk(action, below, states, at)
            this.#choices.pop()
          }
          return
        }
        case OFF:
          return
        default:
          action.leaves.push(node)
          return
      }
    }
  }

  /** Appends the successors that leaves stand for. */
  #emitLeaves(leaves: readonly number[], instance: number, states: Int32Array, at: number, out: Successors): number {
    const { nodes } = this.#forest
    const { words } = this.layout
    for (let l = 0; l < leaves.length; l++) {
      let p = leaves[l] as number
      if (nodes[p] === FAILED) {
        out.failures.push({ instance, message: this.#message(nodes[p + 1] as number), source: this.expanding })
        continue
      }
      if (out.count === out.instance.length) out.grow()
      const to = out.count * words
      const target = out.states
      for (let w = 0; w < words; w++) target[to + w] = states[at + w] as number
      p++
      for (let k = nodes[p++] as number; k > 0; k--) {
        const word = to + (nodes[p] as number)
        target[word] = ((target[word] as number) & (nodes[p + 1] as number)) | (nodes[p + 2] as number)
        p += 3
      }
      for (let c = nodes[p++] as number; c > 0; c--) {
        const value = ((states[at + (nodes[p + 2] as number)] as number) >>> (nodes[p + 3] as number)) & (nodes[p + 4] as number)
        const word = to + (nodes[p] as number)
        target[word] = (target[word] as number) | (value << (nodes[p + 1] as number))
        p += 5
      }
      for (let d = nodes[p++] as number; d > 0; d--) {
        target[to + (nodes[p] as number)] = this.#forest.changed(nodes[p + 2] as number, states[at + (nodes[p + 1] as number)] as number)
        p += 3
      }
      out.instance[out.count++] = instance
    }
    return leaves.length
  }

  /** Calls an action for every choice and appends what comes out: on plain data, or on both where that is to be compared. */
  #expandDirectly(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors): number {
    const checked = action.direct && this.#plain.checks(this.#calleeOf(action), states, at, this.layout.words, instance)
    const first = out.count
    const failed = out.failures.length
    const steps = checked ? -1 : this.#expandPlainly(action, instance, states, at, out)
    if (steps >= 0) return steps
    const found = this.#expandOnDrafts(action, instance, states, at, out, checked !== 'some')
    if (checked) this.#compare(action, instance, states, at, out, first, failed)
    if (checked === 'some') this.#probe(action, states, at)
    return found
  }

  #calleeOf(action: LearnedAction): Callee {
    return (action.callee ??= this.#plain.callee(action.body, action.source))
  }

  /** Calls an action on plain data. -1, and nothing is appended: drafts have to be asked. */
  #expandPlainly(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors): number {
    const first = out.count
    const failed = out.failures.length
    const { what, parameters, copied } = action
    this.running = action
    const steps = this.#plain.expand(this.#calleeOf(action), what, parameters, copied, instance, states, at, out, this.expanding)
    this.running = null
    if (steps >= 0) return steps
    out.count = first
    out.failures.length = failed
    return -1
  }

  /** `compared`: each call is made on plain data, too. */
  #expandOnDrafts(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors, compared: boolean): number {
    let steps = 0
    this.#enumerate(
      action,
      states,
      at,
      (op, message) => {
        steps++
        if (op === FAILED) out.failures.push({ instance, message, source: this.expanding })
        else this.#emitApplied(states, at, instance, out)
        return false
      },
      compared,
    )
    return steps
  }

  /** Calls an action for every choice; `visit` is told of each enabled one and stops the enumeration with true. */
  #enumerate(
    action: LearnedAction,
    states: Int32Array,
    at: number,
    visit: (op: typeof NEXT | typeof FAILED, message: string) => boolean,
    compared = false,
  ): void {
    let script: readonly number[] | undefined = []
    const row = compared ? this.#rowOf(states, at) : undefined
    while (script) {
      const { leaf } = this.#runAction(action, states, at, script, false)
      if (row !== undefined) {
        const choices: readonly number[] = script
        const found = { outcome: this.#outcomeOf(leaf, states, at), alternatives: [...this.#tracer.alternatives] }
        this.#call(action, () =>
          this.#same(
            action,
            this.#plainly(action, row, choices, true),
            found,
            () => this.#plainly(action, row, choices, true),
            () => {
              const again = this.#runAction(action, states, at, choices, false)
              return { outcome: this.#outcomeOf(again.leaf, states, at), alternatives: [...this.#tracer.alternatives] }
            },
          ),
        )
      }
      if (leaf.op === NEXT && visit(NEXT, '')) return
      if (leaf.op === FAILED && visit(FAILED, this.#message(leaf.message))) return
      script = this.#tracer.nextScript()
    }
  }

  #emitApplied(states: Int32Array, at: number, instance: number, out: Successors): void {
    if (out.count === out.instance.length) out.grow()
    this.#tracer.apply(states, at, out.states, out.count * this.layout.words)
    out.instance[out.count++] = instance
  }

  #emitWords(states: Int32Array, at: number, instance: number, out: Successors): void {
    if (out.count === out.instance.length) out.grow()
    for (let w = 0; w < this.layout.words; w++) out.states[out.count * this.layout.words + w] = states[at + w] as number
    out.instance[out.count++] = instance
  }

  #message(number: number): string {
    return [...this.#tracer.messages.keys()][number] as string
  }

  /** Calls an action whose successors were found in another way, and compares. */
  #compare(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors, first: number, failed: number): void {
    this.#compared++
    const again = this.#anew
    again.count = 0
    if (again.failures.length > 0) again.failures.length = 0
    this.#again = true
    if (this.#expandPlainly(action, instance, states, at, again) < 0) this.#expandOnDrafts(action, instance, states, at, again, true)
    this.#again = false
    const { words } = this.layout
    let same = again.count === out.count - first && again.failures.length === out.failures.length - failed
    for (let i = 0; same && i < again.count; i++) {
      same = out.instance[first + i] === instance
      for (let w = 0; w < words; w++) same &&= out.states[(first + i) * words + w] === again.states[i * words + w]
    }
    for (let i = 0; same && i < again.failures.length; i++) same = again.failures[i]?.message === out.failures[failed + i]?.message
    if (same) return
    // Two that were called: what plain data says of the same state tells more.
    if (action.direct) this.#enumerate(action, states, at, () => false, true)
    throw this.#impure(action)
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

  violated(states: Int32Array, at: number, parent: Int32Array | null, parentAt: number, ignore: Uint8Array): number {
    for (let p = 0; p < this.#invariants.length; p++) {
      if (ignore[p] === 1) continue
      const invariant = this.#invariants[p] as LearnedPredicate
      if (this.#reuse && parent !== null && !invariant.direct && invariant.walks > 0 && this.#untouched(invariant.root, states, at, parent, parentAt))
        continue
      if (!this.#evaluate(invariant, states, at)) return p
    }
    return -1
  }

  /** Whether a tree looks at nothing in which two states differ. */
  #untouched(root: number, states: Int32Array, at: number, parent: Int32Array, parentAt: number): boolean {
    const footprint = this.#forest.footprint(root)
    for (let w = 0; w < footprint.length; w++)
      if ((((states[at + w] as number) ^ (parent[parentAt + w] as number)) & (footprint[w] as number)) !== 0) return false
    return true
  }

  brokenStep(before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number, instance: number, from: number): number {
    this.#pairOf(before, beforeAt, after, afterAt)
    for (let s = from; s < this.steps.length; s++) {
      if (!this.#evaluate(this.#stepTree(s, instance), this.#pair, 0, this.#stepTracer, this.#stepForest)) return s
    }
    return -1
  }

  #pairOf(before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): void {
    const { words } = this.layout
    for (let w = 0; w < words; w++) {
      this.#pair[w] = before[beforeAt + w] as number
      this.#pair[words + w] = after[afterAt + w] as number
    }
  }

  #stepTree(step: number, instance: number): LearnedPredicate {
    const key = step * this.#actions.length + instance
    let tree = this.#stepTrees.get(key)
    if (!tree) {
      const { name, parameters, location, test, source } = this.#stepBodies[step] as StepBodyOf
      const { name: action, parameters: values } = this.instances[instance] as InstanceInfo
      const info: StepInfo = Object.freeze({ action, parameters: values })
      tree = {
        ...this.#learned(step < this.steps.length ? `the step property ${callText(name, parameters)}` : name, location, this.#stepForest),
        info: { name, parameters },
        test: (before, after) => test(before, after, fresh(parameters), info),
        source,
      }
      this.#stepTrees.set(key, tree)
    }
    return tree
  }

  inside(states: Int32Array, at: number): boolean {
    return this.#constraints.every((constraint) => this.#evaluate(constraint, states, at))
  }

  terminal(states: Int32Array, at: number): boolean {
    if (this.#terminals.some((terminal) => this.#evaluate(terminal, states, at))) return true
    const { processes } = this.#model
    return processes.length > 0 && this.#allDone(states, at)
  }

  #allDone(states: Int32Array, at: number): boolean {
    const done = { what: 'the end of all processes', location: () => undefined }
    return (
      this.#call(done, () =>
        this.#tracer.runPredicate(
          done.what,
          (s) =>
            this.#model.processes.every(({ variable }) =>
              Object.values((s as Record<string, Record<string, string>>)[variable] as Record<string, string>).every((label) => label === 'Done'),
            ),
          this.#model.state,
          states,
          at,
          false,
        ),
      ).leaf.op === TRUE
    )
  }

  reaches(reachable: number, states: Int32Array, at: number): boolean {
    return this.#evaluate(this.#reachables[reachable] as LearnedPredicate, states, at)
  }

  #viewings = 0

  viewOf(states: Int32Array, at: number): number {
    const view = this.#model.views[0] as DerivedDefinition
    const called = { what: 'the view', location: view.location }
    const key = (value: unknown): string => {
      if (value !== undefined) return keyOf(value)
      throw new SpecError('the view returned undefined', { location: undefined, hint: 'return the key: states with equal keys count as one' })
    }
    const run = (): string =>
      this.#call(called, () => this.#tracer.runValue(called.what, (s) => view.value(s, {}), this.#model.state, key, states, at))
    const found = run()
    if (this.#viewings++ < FIRST || ++this.#samples % SAMPLE === 0) {
      this.#again = true
      if (run() !== found) throw this.#impure(called)
      this.#again = false
    }
    return this.#views.number(found, () => null)
  }

  // --- finding a step again

  stepTo(states: Int32Array, at: number, to: Int32Array, toAt: number, instance?: number): PathStep | undefined {
    const { words } = this.layout
    const next = new Int32Array(words)
    return this.#find(states, at, instance, (op) => {
      if (op === FAILED) return false
      this.#tracer.apply(states, at, next, 0)
      return next.every((word, w) => word === to[toAt + w])
    })
  }

  failingStep(states: Int32Array, at: number, message: string): PathStep | undefined {
    return this.#find(states, at, undefined, (op, found) => op === FAILED && found === message)
  }

  #find(
    states: Int32Array,
    at: number,
    only: number | undefined,
    wanted: (op: typeof NEXT | typeof FAILED, message: string) => boolean,
  ): PathStep | undefined {
    for (let instance = 0; instance < this.#actions.length; instance++) {
      if (only !== undefined && instance !== only) continue
      let step: PathStep | undefined
      this.#enumerate(this.#actions[instance] as LearnedAction, states, at, (op, message) => {
        if (!wanted(op, message)) return false
        step = { instance, picks: [...this.#tracer.chosen] }
        return true
      })
      if (step) return step
    }
    return undefined
  }

  initialStep(to: Int32Array, toAt: number): PathStep | undefined {
    const zero = new Int32Array(this.layout.words)
    const next = new Int32Array(this.layout.words)
    const definitions = this.#model.initials
    if (definitions.length === 0) return { instance: 0, picks: [] }
    for (let instance = 0; instance < definitions.length; instance++) {
      const definition = definitions[instance] as ActionDefinition
      let script: readonly number[] | undefined = []
      while (script) {
        const { leaf } = this.#tracer.runAction('init', definition.run, this.#model.state, {}, zero, 0, script, false)
        if (leaf.op === NEXT) {
          this.#tracer.apply(zero, 0, next, 0)
          if (next.every((word, w) => word === to[toAt + w])) return { instance, picks: [...this.#tracer.chosen] }
        }
        script = this.#tracer.nextScript()
      }
    }
    return undefined
  }

  // --- explaining

  explainInvariant(invariant: number, states: Int32Array, at: number): Reason[] {
    const predicate = this.#invariants[invariant] as LearnedPredicate
    return this.#reasons(this.#tracer.runPredicate(predicate.what, predicate.test, this.#model.state, states, at, true).events)
  }

  explainStep(step: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): Reason[] {
    this.#pairOf(before, beforeAt, after, afterAt)
    const predicate = this.#stepTree(step, instance)
    return this.#reasons(this.#stepTracer.runPredicate(predicate.what, predicate.test, this.#model.state, this.#pair, 0, true).events)
  }

  /**
   * The first step from a state that is refused because a value does not fit its place, as an error with this message says; with what it read until
   * then. Null where there is none.
   */
  refusedStep(states: Int32Array, at: number, message: string): { readonly step: PathStep; readonly because: Reason[] } | null {
    for (const [instance, action] of this.#actions.entries()) {
      let script: number[] | undefined = []
      while (script !== undefined) {
        const error = this.#refusalOf(action, states, at, script)
        if (error?.outside !== undefined && error.message === message)
          return { step: { instance, picks: [...this.#tracer.chosen] }, because: this.#reasons(this.#tracer.noted) }
        script = this.#tracer.nextScript()
      }
    }
    return null
  }

  /** What messages call an action instance. */
  whatOf(instance: number): string {
    return (this.#actions[instance] as LearnedAction).what
  }

  #refusalOf(action: LearnedAction, states: Int32Array, at: number, script: readonly number[], noting = true): SpecError | null {
    try {
      this.#runAction(action, states, at, script, noting)
      return null
    } catch (error) {
      if (error instanceof ScopeBroken && noting) return this.#refusalOf(action, states, at, script, false)
      if (error instanceof SpecError) return error
      throw error
    }
  }

  explainFailure({ instance, picks }: PathStep, states: Int32Array, at: number): Reason[] {
    return this.#reasons(this.#runAction(this.#actions[instance] as LearnedAction, states, at, picks, true).events)
  }

  explainDeadlock(states: Int32Array, at: number): Reason[] {
    return this.#actions.map((action, i) => {
      const { name, parameters } = this.instances[i] as InstanceInfo
      const last = this.#reasons(this.#runAction(action, states, at, [], true).events).at(-1)
      return { path: callText(name, parameters), value: last ? `not enabled: ${last.path} is ${last.value}` : 'not enabled' }
    })
  }

  /** The values that a run read, those inside quantifiers only where they decided. */
  #reasons(events: readonly Event[]): Reason[] {
    const reasons = new Map<string, Reason>()
    const visit = (event: Event): void => {
      if (event.op === READ) {
        const { length } = this.layout.slots
        const slot = this.layout.slots[event.slot % length] as Layout['slots'][number]
        const path = event.slot >= length ? `${slot.path} after the step` : slot.path
        reasons.set(path, { path, value: valueText(slot.value(event.edge)) })
      } else if (event.op === HAS) {
        const slot = this.layout.slots[event.slot % this.layout.slots.length] as Layout['slots'][number]
        const path = `${valueText(event.type.element(event.element))} in ${slot.path}${event.slot >= this.layout.slots.length ? ' after the step' : ''}`
        reasons.set(path, { path, value: String(event.edge === 1) })
      } else if (event.op === QUANT) {
        const decided = (event.kind === EVERY && event.edge === 0) || (event.kind === SOME && event.edge === 1)
        for (const { events: inside } of decided ? event.inner.slice(-1) : event.inner) inside.forEach(visit)
      }
    }
    events.forEach(visit)
    return [...reasons.values()]
  }

  get learned(): number {
    return this.#forest.leaves + this.#stepForest.leaves
  }

  figures(): ProgramFigures {
    const all: readonly Learned[] = [
      ...this.#actions,
      ...this.#invariants,
      ...this.#reachables,
      ...this.#constraints,
      ...this.#terminals,
      ...this.#stepTrees.values(),
    ]
    const enabled = new Set(this.#actions.flatMap(({ enabled: is }, i) => (is ? [(this.instances[i] as InstanceInfo).name] : [])))
    return {
      leaves: this.#forest.leaves - this.#forest.adopted + this.#stepForest.leaves,
      calls: this.#tracer.calls + this.#stepTracer.calls + this.#plain.calls,
      compared: this.#compared,
      direct: this.#learning ? all.filter(({ direct }) => direct).map(({ what, misses }) => `${what}: ${misses} of its situations were new`) : [],
      assertions: [...this.#tracer.messages.keys()],
      neverEnabled: this.actions.filter((name) => !enabled.has(name)),
      reads: this.#propertyReads(),
      ...(this.#profiler && { profile: (this.#profile ??= this.#profileOf(this.#profiler)) }),
    }
  }

  /** Made once, by whoever asks first: after the search, before traces are made. */
  #profile: ProgramFigures['profile']

  #profileOf(profiler: Profiler): NonNullable<ProgramFigures['profile']> {
    const parts = new Parts(this.layout, 1)
    const stepParts = new Parts(this.layout, 2)
    const model = this.#model
    const none = { combinations: 0, states: 0 }
    const of = (
      kind: FunctionKind,
      name: string,
      location: () => Location | undefined,
      learned: readonly Learned[],
      compiled = none,
      step = false,
    ): Profiled => ({
      kind,
      name,
      location,
      compiled,
      combinations: learned.map((one) => ({
        ...one,
        identity: one,
        tree: { forest: step ? this.#stepForest : this.#forest, root: one.root, parts: step ? stepParts : parts },
      })),
    })
    const loose = (kind: FunctionKind, name: string, what: string, location: () => Location | undefined): Profiled[] =>
      profiler.tally(what) === undefined
        ? []
        : [{ kind, name, location, compiled: none, combinations: [{ identity: what, walks: 0, misses: 0, words: 0, direct: true, tree: null }] }]
    const numbers = (named: readonly { readonly name: string }[], name: string) => named.flatMap((one, i) => (one.name === name ? [i] : []))
    const lists = { invariant: this.#invariants, reachable: this.#reachables, constraint: this.#constraints, terminal: this.#terminals }
    const steps = [...this.#stepTrees].map(([key, tree]) => ({ step: Math.floor(key / this.#actions.length), tree }))
    const properties = new Set(this.#atoms.map(({ name }) => name))
    const functions = [
      ...loose('init', 'init', 'init', () => model.initials[0]?.location()),
      ...model.actions.map(({ name, location }) => {
        const mine = numbers(this.instances, name)
        return of(
          'action',
          name,
          location,
          mine.map((i) => this.#actions[i] as Learned),
          profiler.compiled('actions', mine),
        )
      }),
      ...uniqueNames(model.predicates).map(({ kind, name, location }) => {
        const mine = lists[kind].filter(({ info }) => info.name === name)
        const compiled = kind === 'invariant' ? profiler.compiled('invariants', numbers(this.invariants, name)) : none
        return of(kind, name, location, mine, compiled)
      }),
      ...uniqueNames(this.#stepBodies.map((body, step) => ({ ...body, kind: step < this.steps.length ? 'step' : 'temporal' }) as const)).map(
        ({ kind, name, location }) =>
          of(
            kind,
            name,
            location,
            steps.flatMap(({ step, tree }) => (tree.info.name === name && step < this.steps.length === (kind === 'step') ? [tree] : [])),
            none,
            true,
          ),
      ),
      ...[...properties].map((name) => {
        const mine = this.#atoms.flatMap((atom) => (atom.name === name ? [atom.predicate] : []))
        return of('temporal', name, (mine[0] as Learned).location, mine)
      }),
      ...loose('terminal', 'the end of all processes', 'the end of all processes', () => undefined),
      ...loose('view', 'view', 'the view', () => model.views[0]?.location()),
      ...model.refinements.flatMap(({ name, location }) => loose('mapping', name, `the mapping of ${name}`, location)),
    ].map((one) => profileOf(one, profiler, this.#learning))
    // The functions of abstract models, which are asked what their steps are.
    for (const { name, abstract } of this.temporal.refinements)
      functions.push(...(abstract.figures().profile?.functions ?? []).map((one) => ({ ...one, name: `${name}: ${one.name}` })))
    const { expanding, compiling, checking } = profiler
    return { expanding: expanding / 1000, compiling: compiling / 1000, checking: checking / 1000, functions }
  }

  /** What the trees of properties have looked at. */
  #propertyReads(): PropertyReads[] {
    const { fields } = this.#model.state
    const { words, mask, shift, word } = this.layout
    const names = fields.map(([name]) => name)
    const bits = fields.map(([, type, offset]) => {
      const row = new Int32Array(words)
      for (let slot = offset; slot < offset + type.slots.length; slot++) {
        const w = word[slot] as number
        row[w] = (row[w] as number) | ((mask[slot] as number) << (shift[slot] as number))
      }
      return row
    })
    const look = (
      kind: PropertyReads['kind'],
      tree: number,
      { direct, walks, root, info }: LearnedPredicate,
      forest: Forest,
      named: readonly string[],
    ): PropertyReads[] => {
      if (walks === 0) return []
      const footprint = forest.footprint(root)
      const read = direct ? [] : names.filter((_, i) => footprint.some((mask, w) => (mask & (bits[i]?.[w % words] as number)) !== 0))
      return [{ kind, name: info.name, tree, direct, read, path: direct ? null : onePath(forest, root), named }]
    }
    const mentioned = (test: ((...args: never[]) => unknown) | undefined, states: number): string[] =>
      test === undefined ? [] : [...mentions(test, names, states)]
    const sources = new Map(this.#model.predicates.map(({ kind, name, test }) => [`${kind} ${name}`, test]))
    const stepSources = new Map(this.#model.steps.map(({ name, source }) => [name, source]))
    const invariants = this.#invariants.flatMap((tree, i) =>
      look('invariant', i, tree, this.#forest, mentioned(sources.get(`invariant ${tree.info.name}`), 1)),
    )
    const steps = [...this.#stepTrees].flatMap(([key, tree]) => {
      const source = stepSources.get(tree.info.name)
      return source === undefined ? [] : look('step', key, tree, this.#stepForest, mentioned(source, 2))
    })
    return [...invariants, ...steps]
  }
}

/** Whether a tree does not pay: it is too large, or keeps missing; one that is large already is given less time. */
function givenUp({ words, misses, walks }: Learned): boolean {
  if (words > TREE_BUDGET) return true
  return misses * 2 > walks && (misses > PATIENCE || (misses > LARGE_PATIENCE && words > LARGE_TREE))
}

/** Parameters as a function may have them for itself: composite values of a type are copied. */
function fresh(parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  for (const name in parameters) if (typeof parameters[name] === 'object') return copyOf(parameters)
  return parameters
}

/** The first of each kind and name. */
function uniqueNames<T extends { readonly kind: string; readonly name: string }>(all: readonly T[]): readonly T[] {
  return all.filter(({ kind, name }, i) => all.findIndex((other) => other.kind === kind && other.name === name) === i)
}

/**
 * The variables that a function names as `s.variable`, or takes out of its first parameters. Only what is written in the function itself is
 * found, and it is only used for a hint.
 */
function mentions(test: (...args: never[]) => unknown, variables: readonly string[], states: number): ReadonlySet<string> {
  const source = String(test)
  const list = /^(?:function\s*\w*\s*)?(?:\(([^)]*)\)|([\p{L}\p{N}_$]+))/u.exec(source)
  const parameters = list?.[1] ?? list?.[2] ?? ''
  const named = new Set<string>()
  let rest = parameters
  for (let i = 0; i < states; i++) {
    const [whole, fields, name] = /^\s*(?:\{([^}]*)\}|([\p{L}\p{N}_$]+))\s*,?/u.exec(rest) ?? []
    if (whole === undefined) break
    rest = rest.slice(whole.length)
    if (fields !== undefined) for (const field of fields.split(',')) named.add((field.split(/[:=]/)[0] as string).trim())
    if (name !== undefined)
      for (const [, variable] of source.matchAll(new RegExp(`(?<![\\p{L}\\p{N}_$.])${name.replaceAll('$', '\\$')}\\.([\\p{L}\\p{N}_$]+)`, 'gu')))
        named.add(variable as string)
  }
  return new Set(variables.filter((variable) => named.has(variable)))
}
