/**
 * A model: variables, initial states, actions, and what is to be checked. Here everything is only written down; the engine and
 * the reference checker give it its meaning.
 */
import { here, type Location, SpecError, suggest } from '../errors.ts'
import { Combinations } from './limits.ts'
import { enumOf } from '../types/enum.ts'
import { map } from '../types/map.ts'
import type { FairnessKind } from '../program/temporal.ts'
import { callText } from '../program/text.ts'
import { type DraftOf, type Fields, type ReadOf, RecordType } from '../types/record.ts'
import { type AnyType, type Infer, type InferRead, show, type Simplify, Type, ValueError } from '../types/type.ts'
import {
  actionNames,
  checkFilter,
  type FairnessDefinition,
  type FairnessOptions,
  type FormulaTree,
  formulaOf,
  LOGIC,
  type Logic,
  type Operand,
} from './formulas.ts'

export type Variables = Fields
/** Parameters of an action or a property: each ranges over the values of a type. */
export type Parameters = Readonly<Record<string, AnyType>>
export type Arguments<P extends Parameters> = { readonly [K in keyof P]: Infer<P[K]> }
/** The state as an action sees it. */
export type Draft<V extends Variables> = Simplify<DraftOf<V>>
/** The state as a predicate sees it. */
export type State<V extends Variables> = Simplify<ReadOf<V>>
/** The state of a model in an action: `DraftState<typeof m>`. */
export type DraftState<M> = M extends Model<infer V> ? Draft<V> : never
/** The state of a model in a predicate: `ReadState<typeof m>`. */
export type ReadState<M> = M extends Model<infer V> ? State<V> : never

/** An abstract state as a refinement mapping gives it: literals, or parts of the state that have the same values. */
export type Mapped<W extends Variables> = { readonly [K in keyof W]: Infer<W[K]> | InferRead<W[K]> }

/**
 * What an action may return: nothing, a new state, or what means nothing, as in `forEach`. No promise: a step happens at once.
 */
export type AtOnce =
  | void
  | undefined
  | null
  | boolean
  | number
  | string
  | bigint
  | symbol
  | (object & { readonly then?: never })
  | { readonly [variable: string]: unknown; readonly then?: never }

/** What a step property knows of a step besides its two states. */
export interface StepInfo {
  readonly action: string
  readonly parameters: Readonly<Record<string, unknown>>
}

// The bodies as the engines call them: the states are drafts made by the engine, so their types end here.
// biome-ignore lint/suspicious/noExplicitAny: the state of any model
type AnyState = any
export type ActionBody = (s: AnyState, parameters: AnyState) => unknown
export type PredicateBody = (s: AnyState, parameters: AnyState) => unknown
export type StepBody = (before: AnyState, after: AnyState, parameters: AnyState, step: StepInfo) => unknown

interface Definition {
  readonly name: string
  readonly parameters: Parameters
  /** Where it stands in the spec; found when asked for. */
  readonly location: () => Location | undefined
}
export interface ActionDefinition extends Definition {
  readonly run: ActionBody
  /** The function as it stands in the spec, where that is another one. */
  readonly source?: (...args: never[]) => unknown
}
export type PredicateKind = 'invariant' | 'reachable' | 'constraint' | 'terminal'
export interface PredicateDefinition extends Definition {
  readonly kind: PredicateKind
  readonly test: PredicateBody
}
export interface StepDefinition extends Definition {
  readonly test: StepBody
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
}
/** A temporal property: its formula for values of its parameters. */
export interface PropertyDefinition extends Definition {
  readonly formula: (parameters: Readonly<Record<string, unknown>>) => FormulaTree
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
}
export interface RefinementDefinition extends Definition {
  readonly abstract: Model<Variables>
  readonly mapping: PredicateBody
}
/** What an action may be given besides its body. */
export interface ActionOptions {
  /** Fairness of each combination of the parameters: the same as `m.fair(action, …)`. */
  readonly fair?: FairnessKind
}
/** What a constraint may be given besides its predicate. */
export interface ConstraintOptions {
  /**
   * 'inside': temporal properties are about the behaviours that stay inside the constraint. Without it they are refused where the constraint
   * cuts anything off.
   */
  readonly temporal?: 'inside'
}
/** A value derived from a state: `view`, `show`. */
export interface DerivedDefinition extends Definition {
  readonly value: PredicateBody
}

/** The handle of a process set. */
export interface Process<S extends string | number, L extends string> {
  readonly name: string
  /** The label at which a process stands in a state. */
  at(s: object, self: S): L | 'Done'
}

const NONE: Parameters = {}

export class Model<V extends Variables> {
  /** The variables, and a program counter per process set, in the order of the state. */
  get state(): RecordType<Fields> {
    return (this.#state ??= new RecordType(this.#variables))
  }
  readonly initials: ActionDefinition[] = []
  readonly actions: ActionDefinition[] = []
  readonly predicates: PredicateDefinition[] = []
  readonly steps: StepDefinition[] = []
  readonly views: DerivedDefinition[] = []
  readonly shows: DerivedDefinition[] = []
  readonly properties: PropertyDefinition[] = []
  readonly fairness: (FairnessDefinition & Definition)[] = []
  readonly refinements: RefinementDefinition[] = []
  /** Whether temporal properties are about the behaviours inside the constraints only. */
  temporalInside = true
  readonly #variables: Record<string, AnyType> = {}
  #state: RecordType<Fields> | undefined

  readonly #instances = new Combinations('actions')
  readonly #claims = new Combinations('properties')

  constructor(variables: V) {
    if (typeof variables !== 'object' || variables === null)
      throw new SpecError(`model() was given ${show(variables)}`, { hint: 'give it an object of variables: model({ x: int(0, 3) })' })
    for (const [name, type] of Object.entries(variables)) this.#variable(name, type)
  }

  /**
   * Sets up initial states: runs on the initial values of the types; picks in it give several initial states. Several `init` are
   * alternatives. Without any there is one initial state, of the types' initial values.
   */
  init(run: (s: Draft<V>) => AtOnce): this {
    this.initials.push({ name: 'Init', parameters: NONE, run: check('init', 'Init', run), location: here() })
    return this
  }

  /** An action: one atomic step. With parameters it is one action per combination of their values. */
  action(name: string, run: (s: Draft<V>) => AtOnce, options?: ActionOptions): this
  action<P extends Parameters>(name: string, parameters: P, run: (s: Draft<V>, parameters: Arguments<P>) => AtOnce, options?: ActionOptions): this
  action(name: string, ...given: unknown[]): this {
    const at = typeof given[0] === 'function' ? 1 : 2
    const options = given[at] as ActionOptions | undefined
    const [parameters, run] = split('action', name, given.slice(0, at) as [ActionBody] | [Parameters, ActionBody])
    this.#unique(this.actions, 'actions', name)
    checkOptions(`the action ${name}`, options, ['fair'])
    this.#instances.add(`action ${show(name)}`, parameters)
    this.actions.push({ name, parameters, run, location: here() })
    if (options?.fair !== undefined) this.fair(name, options.fair)
    return this
  }

  /**
   * Fairness of an action, of several together (a step of any of them will do), or of a process (any of its labels): behaviours that are
   * not fair are left out of account by temporal properties. Each combination of the parameters is treated fairly on its own, unless
   * said otherwise; of several actions, each combination of the parameters that they share.
   */
  fair(actions: string | readonly string[] | Process<never, string>, kind: FairnessKind, options: FairnessOptions = {}): this {
    const names =
      typeof actions === 'string' || Array.isArray(actions)
        ? actionNames('fair', actions, 'give it the name of an action, or a list of names')
        : this.#labels((actions as Process<never, string>)?.name)
    const name = names.join(' or ')
    checkOptions(`the fairness of ${name}`, options, ['per', 'where'])
    const { per = 'instance', where } = options
    if (per !== 'instance' && per !== 'action')
      throw new SpecError(`the fairness of ${name} is per ${show(per)}`, {
        hint: "per: 'instance' treats each combination of parameters fairly, per: 'action' the action as a whole",
      })
    checkFilter(`the condition of the fairness of ${name}`, where)
    if (kind !== 'weak' && kind !== 'strong')
      throw new SpecError(`the fairness of ${name} is ${show(kind)}`, { hint: "fairness is 'weak' or 'strong'" })
    this.fairness.push({ name, parameters: NONE, actions: names, kind, per, where, location: here() })
    return this
  }

  #labels(process: string): string[] {
    if (!this.processes.some(({ name }) => name === process))
      throw new SpecError(`fair() was given ${show(process)}`, { hint: 'give it the name of an action, a list of names, or a process of this model' })
    return this.actions.filter(({ name, parameters }) => name.startsWith(`${process}.`) && 'self' in parameters).map(({ name }) => name)
  }

  /**
   * A process set, as in PlusCal: each of `selves` runs through labelled atomic steps; a step returns the next label, or 'Done'. The first
   * label is where they start. Where all processes of a model are done, a state without enabled actions is no deadlock.
   */
  process<S extends string | number, L extends string>(
    name: string,
    selves: Type<S>,
    labels: { readonly [K in L]: (s: Draft<V>, self: S) => NoInfer<L> | 'Done' },
  ): Process<S, L> {
    const variable = `${name}.pc`
    const names = Object.keys(labels) as L[]
    if (this.processes.some((process) => process.name === name))
      throw new SpecError(`there are two processes of the name ${show(name)}`, { hint: 'rename one of them' })
    if (names.length === 0) throw new SpecError(`the process ${show(name)} has no labels`)
    this.#variable(variable, map(selves, enumOf(...names, ...(names.includes('Done' as L) ? [] : ['Done']))))
    for (const label of names) {
      const step = labels[label] as (s: object, self: S) => string
      const action = `${name}.${label}`
      this.#unique(this.actions, 'actions', action)
      this.#instances.add(`action ${show(action)}`, { self: selves })
      this.actions.push({
        name: action,
        parameters: { self: selves },
        location: here(),
        source: step,
        run: (s: Record<string, Record<S, string>>, { self }: { self: S }) => {
          const pc = s[variable] as Record<S, string>
          if (pc[self] !== label) return DISABLED_LABEL
          const next = step(s, self)
          if ((next as unknown) instanceof Promise) return next
          if (!names.includes(next as L) && next !== 'Done') {
            throw new SpecError(`the step ${action} returned ${show(next)}, which is no label of the process`, {
              location: undefined,
              hint: `return one of ${names.join(', ')}, Done`,
            })
          }
          pc[self] = next
          return undefined
        },
      })
    }
    this.processes.push({ name, variable, selves })
    return { name, at: (s, self) => (s as Record<string, Record<S, L>>)[variable]?.[self] as L }
  }
  readonly processes: { name: string; variable: string; selves: AnyType }[] = []

  /** Holds in every reachable state. With parameters it must hold for every combination; the report names the failing one. */
  invariant(name: string, test: (s: State<V>) => boolean): this
  invariant<P extends Parameters>(name: string, parameters: P, test: (s: State<V>, parameters: Arguments<P>) => boolean): this
  invariant(name: string, ...rest: [PredicateBody] | [Parameters, PredicateBody]): this {
    const [parameters, test] = split('invariant', name, rest)
    this.#property('invariant', name, parameters, test)
    return this
  }

  /** Holds for every step that changes the state (TLA+'s `[][A]_v`). */
  step(name: string, test: (before: State<V>, after: State<V>, step: StepInfo) => boolean): this
  step<P extends Parameters>(
    name: string,
    parameters: P,
    test: (before: State<V>, after: State<V>, parameters: Arguments<P>, step: StepInfo) => boolean,
  ): this
  step(name: string, ...rest: [(...args: AnyState[]) => boolean] | [Parameters, (...args: AnyState[]) => boolean]): this {
    const [parameters, test] = split('step', name, rest) as unknown as [Parameters, (...args: AnyState[]) => boolean]
    this.#uniqueProperty(name)
    this.#claims.add(`step ${show(name)}`, parameters)
    const body: StepBody = rest.length === 1 ? (before, after, _parameters, step) => test(before, after, step) : test
    this.steps.push({ name, parameters, test: body, source: test, location: here() })
    return this
  }

  /**
   * A formula of linear temporal logic that every fair behaviour satisfies; the counterexample is a lasso. With parameters it must hold for every
   * combination. Behaviours may stutter, for ever where no fairness prevents it.
   */
  property(name: string, formula: (logic: Logic<V>) => Operand<V>): this
  property<P extends Parameters>(name: string, parameters: P, formula: (logic: Logic<V>, parameters: Arguments<P>) => Operand<V>): this
  property(name: string, ...rest: [(...args: AnyState[]) => Operand<V>] | [Parameters, (...args: AnyState[]) => Operand<V>]): this {
    const [parameters, formula] = split('property', name, rest)
    this.#uniqueProperty(name)
    this.#claims.add(`property ${show(name)}`, parameters)
    const location = here()
    this.properties.push({
      name,
      parameters,
      formula: (values) => formulaOf(`the property ${callText(name, values)}`, location, () => formula(LOGIC, values)),
      source: formula,
      location,
    })
    return this
  }

  /**
   * Every behaviour, mapped state by state, is one of the abstract model: initial states are mapped to initial states, every step to a step or to
   * none, and the abstract model's fairness is met. Then all properties that the abstract model has hold here too, mapped; they are not looked at
   * again, so a spec of its own has to check that it has them.
   */
  refines<W extends Variables>(abstract: Model<W>, mapping: (s: State<V>) => Mapped<W>): this
  refines<W extends Variables>(name: string, abstract: Model<W>, mapping: (s: State<V>) => Mapped<W>): this
  refines(...given: [AnyModel, PredicateBody] | [string, AnyModel, PredicateBody]): this {
    const [name, abstract, mapping] =
      typeof given[0] === 'string' ? (given as [string, AnyModel, PredicateBody]) : (['refinement', ...given] as [string, AnyModel, PredicateBody])
    if (!(abstract instanceof Model))
      throw new SpecError(`refines() was given ${show(abstract)} where the abstract model belongs`, {
        hint: 'give it what model(…) made, not a spec',
      })
    this.#uniqueProperty(name)
    this.refinements.push({ name, parameters: NONE, abstract, mapping: check('refines', name, mapping), location: here() })
    return this
  }

  /** Some reachable state satisfies it. A property of the whole search: guards against specs that hold because nothing happens. */
  reachable(name: string, test: (s: State<V>) => boolean): this {
    this.#property('reachable', name, NONE, check('reachable', name, test))
    return this
  }

  /** States without an enabled action that are no deadlock. Several are alternatives. */
  terminal(test: (s: State<V>) => boolean): this {
    this.predicates.push({ kind: 'terminal', name: 'terminal', parameters: NONE, test: check('terminal', 'terminal', test), location: here() })
    return this
  }

  /** States outside are checked but not counted and not expanded; the report says so. Several must all hold. */
  constraint(test: (s: State<V>) => boolean, options: ConstraintOptions = {}): this {
    checkOptions('the constraint', options, ['temporal'])
    const { temporal } = options
    if (temporal !== undefined && temporal !== 'inside')
      throw new SpecError(`the constraint is given temporal: ${show(temporal)}`, {
        hint: "temporal: 'inside' says that temporal properties are about behaviours inside it; there is nothing else",
      })
    if (temporal !== 'inside') this.temporalInside = false
    this.predicates.push({
      kind: 'constraint',
      name: 'constraint',
      parameters: NONE,
      test: check('constraint', 'constraint', test),
      location: here(),
    })
    return this
  }

  /** States with equal keys count as one. */
  view(key: (s: State<V>) => unknown): this {
    if (this.views.length > 0) throw new SpecError('the model has two views', { hint: 'return both keys from one view: view(s => [a, b])' })
    this.views.push({ name: 'view', parameters: NONE, value: check('view', 'view', key), location: here() })
    return this
  }

  /** A derived value shown in traces and diagrams; not part of the state. */
  show(name: string, value: (s: State<V>) => unknown): this {
    this.#unique(this.shows, 'shown values', name)
    this.shows.push({ name, parameters: NONE, value: check('show', name, value), location: here() })
    return this
  }

  #variable(name: string, type: AnyType): void {
    if (!(type instanceof Type))
      throw new SpecError(`the variable ${show(name)} is given ${show(type)}, which is not a type`, {
        hint: 'use bool, int(…), enumOf(…), ids(…), option(…), record(…), union(…), map(…), set(…), bag(…), seq(…) or value(…)',
      })
    if (Object.hasOwn(this.#variables, name))
      throw new SpecError(`there are two variables of the name ${show(name)}`, { hint: 'rename one of them; a process P has a variable P.pc' })
    Object.defineProperty(this.#variables, name, { value: type, enumerable: true })
    this.#state = undefined
  }

  #property(kind: PredicateKind, name: string, parameters: Parameters, test: PredicateBody): void {
    this.#uniqueProperty(name)
    this.#claims.add(`${kind} ${show(name)}`, parameters)
    this.predicates.push({ kind, name, parameters, test, location: here() })
  }

  #uniqueProperty(name: string): void {
    this.#unique(
      [...this.predicates.filter(({ kind }) => kind === 'invariant' || kind === 'reachable'), ...this.steps, ...this.properties, ...this.refinements],
      'properties',
      name,
    )
  }

  #unique(definitions: readonly Definition[], what: string, name: string): void {
    if (typeof name !== 'string' || name === '') throw new SpecError(`${show(name)} is no name: ${what} need one`)
    const first = definitions.find((definition) => definition.name === name)
    if (!first) return
    const line = first.location()?.line
    throw new SpecError(`there are two ${what} of the name ${show(name)}${line === undefined ? '' : `; the first is in line ${line}`}`, {
      hint: 'rename one of them',
    })
  }
}

/** What a labelled step returns where its process stands at another label: the engine takes it for a false guard. */
export const DISABLED_LABEL = Symbol('not at this label')

// biome-ignore lint/suspicious/noExplicitAny: a model over any variables
export type AnyModel = Model<any>

/** A model over these variables. */
export function model<V extends Variables>(variables: V): Model<V> {
  try {
    return new Model(variables)
  } catch (error) {
    if (error instanceof ValueError) throw new SpecError(error.message)
    throw error
  }
}

function check<F>(call: string, name: string, body: F): F {
  if (typeof body !== 'function')
    throw new SpecError(
      `${call} ${show(name)} was given ${typeof body === 'object' && body !== null ? 'an object' : show(body)} where its function belongs`,
    )
  return body
}

/** Options that do not exist would be overlooked without a word. */
function checkOptions(what: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null)
    throw new SpecError(`${what} is given ${show(options)} where its options belong`, { hint: `an object; it may have ${known.join(', ')}` })
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new SpecError(`${what} is given ${show(name)}, which is no option`, { hint: suggest(name, known) })
}

function split<F>(call: string, name: string, rest: readonly [F] | readonly [Parameters, F]): [Parameters, F] {
  const [parameters, body] = rest.length === 1 ? [NONE, rest[0]] : rest
  check(call, name, body)
  if (typeof parameters !== 'object' || parameters === null)
    throw new SpecError(`${call} ${show(name)}: ${show(parameters)} is no object of parameters`, {
      hint: `write ${call}('${name}', { region: Region }, (s, { region }) => …)`,
    })
  for (const [parameter, type] of Object.entries(parameters)) {
    if (!(type instanceof Type))
      throw new SpecError(`${call} ${show(name)}: the parameter ${show(parameter)} is given ${show(type)}, which is not a type`)
    if (!(type.size <= 65536))
      throw new SpecError(`${call} ${show(name)}: the parameter ${show(parameter)} ranges over ${type}, which has too many values`, {
        hint: 'at most 65536; use pick() for a choice that depends on the state',
      })
  }
  return [parameters, body as F]
}
