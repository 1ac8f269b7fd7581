/**
 * The learner: a model as a `Program`.
 *
 * A function of the spec is called once per distinct local situation and remembered in a decision tree (tree.ts); every other time the
 * tree is walked. A walk that falls off the tree calls the function and grows the tree. Where a tree does not pay (it keeps missing, or
 * outgrows its budget) the function is called directly for every state. A sampled part of all walks is called as well and compared.
 *
 * The hot path is `expand` and `violated`: typed arrays and plain loops.
 */
import { SpecError } from '../errors.ts'
import { type Layout, layoutOf, packSlots } from '../layout/layout.ts'
import type { PathStep } from '../program/path.ts'
import type { Successors } from '../layout/successors.ts'
import type { Program } from '../program/program.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { InstanceInfo, PropertyInfo } from '../program/system.ts'
import type { Reason } from '../program/result.ts'
import type { RefinementInfo, TemporalProgram } from '../program/temporal.ts'
import { actionInstances } from '../spec/combinations.ts'
import type { ActionDefinition, DerivedDefinition, Model, Variables } from '../spec/model.ts'
import { keyOf } from '../values/collections.ts'
import { Interner } from '../types/intern.ts'
import { Profiler } from './profile.ts'
import { temporalOf } from './temporal.ts'
import { FAILED, type Leaf, NEXT, TRUE } from './nodes.ts'
import { Forest } from './tree.ts'
import { FIRST, type Learned, type LearnedPredicate, type LearnOptions, SAMPLE } from './learned.ts'
import { Calls } from './calls.ts'
import { Comparison } from './comparison.ts'
import { Predicates } from './predicates.ts'
import { Actions } from './actions.ts'
import { CompiledTrees } from './compiled.ts'
import { Traces } from './traces.ts'
import { type Learnings, readsOf, profileOfAll } from './figures.ts'

export class Learner implements Program {
  readonly layout: Layout
  readonly actions: readonly string[]
  readonly instances: readonly InstanceInfo[]
  readonly invariants: readonly PropertyInfo[]
  readonly steps: readonly PropertyInfo[]
  readonly reachables: readonly PropertyInfo[]
  readonly constrained: boolean
  readonly viewed: boolean
  readonly temporal: TemporalProgram
  readonly accelerator: CompiledTrees

  readonly #model: Model<Variables>
  readonly #learning: boolean
  readonly #reuse: boolean
  readonly #calls: Calls
  readonly #comparison: Comparison
  readonly #predicates: Predicates
  readonly #actions: Actions
  readonly #traces: Traces
  readonly #invariants: readonly LearnedPredicate[]
  readonly #reachables: readonly LearnedPredicate[]
  readonly #constraints: readonly LearnedPredicate[]
  readonly #terminals: readonly LearnedPredicate[]
  readonly #views = new Interner<null>()
  readonly #atoms: { readonly name: string; readonly predicate: LearnedPredicate }[] = []
  readonly #profiler: Profiler | null

  constructor(model: Model<Variables>, options: LearnOptions = {}) {
    this.#model = model
    this.#learning = options.learning ?? true
    this.#reuse = options.reuse ?? true
    this.#profiler = options.profile ? new Profiler() : null
    this.layout = layoutOf(model.state)
    this.#calls = new Calls(model, this.layout, options.compiling === 'eager', this.#profiler)
    this.#comparison = new Comparison(this.#calls)

    const names = model.actions.map(({ name }) => name)
    this.actions = names
    const instances = actionInstances(model)
    this.instances = instances.map(({ definition, parameters }) => ({ action: names.indexOf(definition.name), name: definition.name, parameters }))
    const forest = new Forest(this.layout)
    this.#predicates = new Predicates(this.#calls, this.#comparison, forest, this.instances, this.#learning)
    this.#actions = new Actions(this.#calls, this.#comparison, this.#predicates, instances, this.#reuse)
    this.#invariants = this.#predicates.all('invariant')
    this.#reachables = this.#predicates.all('reachable')
    this.#constraints = this.#predicates.all('constraint')
    this.#terminals = this.#predicates.all('terminal')
    this.invariants = this.#invariants.map(({ info }) => info)
    this.reachables = this.#reachables.map(({ info }) => info)
    this.steps = this.#predicates.stepBodies.map(({ name, parameters }) => ({ name, parameters }))
    this.constrained = this.#constraints.length > 0
    this.viewed = model.views.length > 0
    this.temporal = this.#temporal(options)
    const atoms = this.#atoms.map(({ predicate }) => predicate)
    const all = [...this.#actions.all, ...this.#invariants, ...this.#reachables, ...this.#constraints, ...this.#terminals, ...atoms]
    this.accelerator = new CompiledTrees(this.#calls, this.#actions, this.#predicates, { all, invariants: this.#invariants }, options)
    this.#traces = new Traces(this.#calls, this.#actions, this.#predicates, this.#invariants)
    this.#profiler?.time(this, this.accelerator)
  }

  /** The function of the spec that is running; it stays set when a call is interrupted. */
  get running(): Calls['running'] {
    return this.#calls.running
  }
  /** See `Calls.lately`. */
  get lately(): number {
    return this.#calls.lately
  }

  /** Temporal properties: their predicates are learned as others are, the filters of their events as step properties are. */
  #temporal(options: LearnOptions): TemporalProgram {
    const model = this.#calls.model
    const { atoms, events, properties, fairness } = temporalOf(model, this.instances)
    const predicates = atoms.map(({ what, location, test }) => this.#predicates.predicate(what, { name: what, location, test }, {}))
    predicates.forEach((predicate, i) => {
      this.#atoms.push({ name: (atoms[i] as { name: string }).name, predicate })
    })
    const filters = events.map(({ what, location, where }) => {
      if (where === undefined) return -1
      this.#predicates.stepBodies.push({
        name: what,
        parameters: {},
        location,
        test: (before, after, _parameters, step) => where(before, after, step.parameters),
        source: where,
      })
      return this.#predicates.stepBodies.length - 1
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
          this.#calls.call(called, () =>
            this.#calls.tracer.runValue(
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
      holds: (atom, states, at) => this.#predicates.evaluate(predicates[atom] as LearnedPredicate, states, at),
      reads: (atom) => {
        const { direct, root } = predicates[atom] as LearnedPredicate
        return direct || this.#predicates.forest.footprint(root).some((mask) => mask !== 0)
      },
      always: (event, instance) => ((events[event]?.instances[instance] ?? 0) === 0 ? false : (filters[event] as number) < 0 ? true : undefined),
      happens: (event, instance, before, beforeAt, after, afterAt) => {
        if ((events[event]?.instances[instance] ?? 0) === 0) return false
        const filter = filters[event] as number
        if (filter < 0) return true
        return this.#predicates.step(filter, instance, before, beforeAt, after, afterAt)
      },
    }
  }

  // --- states and steps

  /** Where the enumeration of initial states goes on: the initialisation, and its next choices. */
  #initialisation = 0
  #initialScript: readonly number[] = []

  initial(out: Successors, enough = Infinity): boolean {
    const zero = new Int32Array(this.layout.words)
    const definitions = this.#calls.model.initials
    if (definitions.length === 0) this.#actions.emitWords(zero, 0, 0, out)
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
          const { leaf } = this.#calls.call(init, () =>
            this.#calls.tracer.runAction('init', definition.run, this.#calls.model.state, {}, zero, 0, choices, false),
          )
          return { leaf, alternatives: String(this.#calls.tracer.alternatives) }
        }
        this.#calls.again = calls < FIRST
        const first = this.#calls.again ? run() : undefined
        this.#calls.again = false
        const { leaf, alternatives } = run()
        if (first !== undefined && (first.alternatives !== alternatives || JSON.stringify(first.leaf) !== JSON.stringify(leaf)))
          throw this.#calls.impure(init)
        if (leaf.op === FAILED)
          throw new SpecError(`the assertion ${JSON.stringify(this.#calls.message(leaf.message))} failed in init`, {
            location: definition.location(),
            hint: 'use when() to leave out initial states',
          })
        if (leaf.op === NEXT) this.#actions.emitApplied(zero, 0, this.#initialisation, out)
        script = this.#calls.tracer.nextScript()
      }
      this.#initialScript = []
    }
    this.#initialisation = 0
    return true
  }

  expand(states: Int32Array, at: number, out: Successors): number {
    return this.#actions.expand(states, at, out)
  }

  violated(states: Int32Array, at: number, parent: Int32Array | null, parentAt: number, ignore: Uint8Array): number {
    for (let p = 0; p < this.#invariants.length; p++) {
      if (ignore[p] === 1) continue
      const invariant = this.#invariants[p] as LearnedPredicate
      if (this.#reuse && parent !== null && !invariant.direct && invariant.walks > 0 && this.#untouched(invariant.root, states, at, parent, parentAt))
        continue
      if (!this.#predicates.evaluate(invariant, states, at)) return p
    }
    return -1
  }

  /** Whether a tree looks at nothing in which two states differ. */
  #untouched(root: number, states: Int32Array, at: number, parent: Int32Array, parentAt: number): boolean {
    const footprint = this.#predicates.forest.footprint(root)
    for (let w = 0; w < footprint.length; w++)
      if ((((states[at + w] as number) ^ (parent[parentAt + w] as number)) & (footprint[w] as number)) !== 0) return false
    return true
  }

  brokenStep(before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number, instance: number, from: number): number {
    for (let s = from; s < this.steps.length; s++) if (!this.#predicates.step(s, instance, before, beforeAt, after, afterAt)) return s
    return -1
  }

  inside(states: Int32Array, at: number): boolean {
    return this.#constraints.every((constraint) => this.#predicates.evaluate(constraint, states, at))
  }

  terminal(states: Int32Array, at: number): boolean {
    if (this.#terminals.some((terminal) => this.#predicates.evaluate(terminal, states, at))) return true
    const { processes } = this.#calls.model
    return processes.length > 0 && this.#allDone(states, at)
  }

  #allDone(states: Int32Array, at: number): boolean {
    const done = { what: 'the end of all processes', location: () => undefined }
    return (
      this.#calls.call(done, () =>
        this.#calls.tracer.runPredicate(
          done.what,
          (s) =>
            this.#calls.model.processes.every(({ variable }) =>
              Object.values((s as Record<string, Record<string, string>>)[variable] as Record<string, string>).every((label) => label === 'Done'),
            ),
          this.#calls.model.state,
          states,
          at,
          false,
        ),
      ).leaf.op === TRUE
    )
  }

  reaches(reachable: number, states: Int32Array, at: number): boolean {
    return this.#predicates.evaluate(this.#reachables[reachable] as LearnedPredicate, states, at)
  }

  #viewings = 0

  viewOf(states: Int32Array, at: number): number {
    const view = this.#calls.model.views[0] as DerivedDefinition
    const called = { what: 'the view', location: view.location }
    const key = (value: unknown): string => {
      if (value !== undefined) return keyOf(value)
      throw new SpecError('the view returned undefined', { location: undefined, hint: 'return the key: states with equal keys count as one' })
    }
    const run = (): string =>
      this.#calls.call(called, () => this.#calls.tracer.runValue(called.what, (s) => view.value(s, {}), this.#calls.model.state, key, states, at))
    const found = run()
    if (this.#viewings++ < FIRST || ++this.#calls.samples % SAMPLE === 0) {
      this.#calls.again = true
      if (run() !== found) throw this.#calls.impure(called)
      this.#calls.again = false
    }
    return this.#views.number(found, () => null)
  }

  // --- traces

  stepTo(states: Int32Array, at: number, to: Int32Array, toAt: number, instance?: number): PathStep | undefined {
    return this.#traces.stepTo(states, at, to, toAt, instance)
  }
  failingStep(states: Int32Array, at: number, message: string): PathStep | undefined {
    return this.#traces.failingStep(states, at, message)
  }
  initialStep(to: Int32Array, toAt: number): PathStep | undefined {
    return this.#traces.initialStep(to, toAt)
  }
  explainInvariant(invariant: number, states: Int32Array, at: number): Reason[] {
    return this.#traces.explainInvariant(invariant, states, at)
  }
  explainStep(step: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): Reason[] {
    return this.#traces.explainStep(step, instance, before, beforeAt, after, afterAt)
  }
  explainFailure(step: PathStep, states: Int32Array, at: number): Reason[] {
    return this.#traces.explainFailure(step, states, at)
  }
  explainDeadlock(states: Int32Array, at: number): Reason[] {
    return this.#traces.explainDeadlock(states, at)
  }
  /** The first step from a state that is refused because a value does not fit its place: see `Traces.refusedStep`. */
  refusedStep(states: Int32Array, at: number, message: string): ReturnType<Traces['refusedStep']> {
    return this.#traces.refusedStep(states, at, message)
  }
  /** What messages call an action instance. */
  whatOf(instance: number): string {
    return this.#traces.whatOf(instance)
  }

  figures(): ProgramFigures {
    const { forest, stepForest, stepTrees } = this.#predicates
    const { tracer, stepTracer, plain } = this.#calls
    const all: readonly Learned[] = [
      ...this.#actions.all,
      ...this.#invariants,
      ...this.#reachables,
      ...this.#constraints,
      ...this.#terminals,
      ...stepTrees.values(),
    ]
    const enabled = new Set(this.#actions.all.flatMap(({ enabled: is }, i) => (is ? [(this.instances[i] as InstanceInfo).name] : [])))
    const learnings = this.#learnings()
    return {
      leaves: forest.leaves - forest.adopted + stepForest.leaves,
      calls: tracer.calls + stepTracer.calls + plain.calls,
      compared: this.#comparison.compared,
      direct: this.#learning ? all.filter(({ direct }) => direct).map(({ what, misses }) => `${what}: ${misses} of its situations were new`) : [],
      assertions: [...tracer.messages.keys()],
      neverEnabled: this.actions.filter((name) => !enabled.has(name)),
      reads: readsOf(learnings),
      ...(this.#profiler && { profile: (this.#profile ??= profileOfAll(learnings, this.#profiler)) }),
    }
  }
  /** Made once, by whoever asks first: after the search, before traces are made. */
  #profile: ProgramFigures['profile']

  #learnings(): Learnings {
    return {
      model: this.#model,
      layout: this.layout,
      learning: this.#learning,
      instances: this.instances,
      invariants: this.invariants,
      steps: this.steps.length,
      actions: this.#actions.all,
      predicates: this.#predicates,
      kinds: { invariant: this.#invariants, reachable: this.#reachables, constraint: this.#constraints, terminal: this.#terminals },
      atoms: this.#atoms,
      temporal: this.temporal,
    }
  }
}
