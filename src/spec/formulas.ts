/**
 * Formulas of linear temporal logic, as `m.property` takes them, and fairness.
 *
 * They are read over behaviours without repetitions (program/temporal.ts): `next` is the next change of the state, and something happens only
 * in a step that changes the state. A state that is left as it is for ever is repeated for ever.
 */
import { type Location, locate, SpecError, suggest } from '../errors.ts'
import type { FairnessKind, Formula as FormulaOf } from '../program/temporal.ts'
import { show } from '../types/type.ts'
import type { Parameters, State, Variables } from './model.ts'

// biome-ignore lint/suspicious/noExplicitAny: the state of any model
type AnyState = any

/** A predicate of a state, as a formula holds it. */
export type AtomBody = (s: AnyState) => unknown
/** Which steps are meant, of all those of these actions: parameters with these values, and between these states. */
export interface EventDefinition {
  readonly actions: readonly string[]
  readonly parameters: Readonly<Record<string, unknown>>
  readonly where: StepFilter | undefined
}
export type StepFilter = (before: AnyState, after: AnyState, parameters: AnyState) => unknown

export type FormulaTree = FormulaOf<AtomBody, EventDefinition>

/** A formula over the states of a model. Made by the functions that `m.property` hands in. */
export class Formula {
  readonly tree: FormulaTree

  constructor(tree: FormulaTree) {
    this.tree = tree
  }
}

/** Where a formula is expected, a predicate of a state will do: it is meant of the current state. */
export type Operand<V extends Variables> = Formula | boolean | ((s: State<V>) => boolean)

/** The operators of linear temporal logic. */
export interface Logic<V extends Variables> {
  /** From now on for ever. TLA+: `[]F`. */
  always(formula: Operand<V>): Formula
  /** Now or at some later time. TLA+: `<>F`. */
  eventually(formula: Operand<V>): Formula
  /** After the next change of the state; where the state changes no more: now. TLA+ has no such operator. */
  next(formula: Operand<V>): Formula
  /** `goal` is true now or later, and `formula` at all times before. */
  until(formula: Operand<V>, goal: Operand<V>): Formula
  /** At all times: once `premise` is true, `goal` is true then or later. TLA+: `F ~> G`. */
  leadsTo(premise: Operand<V>, goal: Operand<V>): Formula
  not(formula: Operand<V>): Formula
  and(...formulas: Operand<V>[]): Formula
  or(...formulas: Operand<V>[]): Formula
  implies(premise: Operand<V>, conclusion: Operand<V>): Formula
  /**
   * The next change of the state is a step of this action, with parameters of these values where any are given. A step that two actions
   * can make is one of both. TLA+: `<<A>>_v`, to be used as in `eventually(happens('A'))` and `always(not(happens('A')))`, that is `[][~A]_v`.
   */
  happens(
    action: string | readonly string[],
    parameters?: Readonly<Record<string, unknown>>,
    where?: (before: State<V>, after: State<V>, parameters: AnyState) => boolean,
  ): Formula
}

function tree(operand: Operand<Variables>): FormulaTree {
  if (operand instanceof Formula) return operand.tree
  if (typeof operand === 'boolean') return { op: 'constant', value: operand }
  if (typeof operand === 'function') return { op: 'atom', atom: operand as AtomBody }
  throw new SpecError(`a formula was given ${show(operand)}`, {
    hint: Array.isArray(operand)
      ? 'give the formulas one by one: and(a, b), not and([a, b])'
      : 'give it a predicate, (s) => boolean, or another formula',
  })
}

const unary =
  (op: 'not' | 'next' | 'always' | 'eventually') =>
  (operand: Operand<Variables>): Formula =>
    new Formula({ op, of: tree(operand) })
const binary =
  (op: 'implies' | 'leadsTo' | 'until') =>
  (left: Operand<Variables>, right: Operand<Variables>): Formula =>
    new Formula({ op, left: tree(left), right: tree(right) })
const nary =
  (op: 'and' | 'or') =>
  (...all: Operand<Variables>[]): Formula =>
    new Formula({ op, all: all.map(tree) })

const OPERATORS: Logic<Variables> = {
  always: unary('always'),
  eventually: unary('eventually'),
  next: unary('next'),
  not: unary('not'),
  until: binary('until'),
  leadsTo: binary('leadsTo'),
  implies: binary('implies'),
  and: nary('and'),
  or: nary('or'),
  happens: (action, parameters = {}, where = undefined) => {
    const hint = "write happens('Action'), happens('Action', { parameter: value }) or happens('Action', {}, (before, after) => …)"
    const actions = actionNames('happens', action, hint)
    if (typeof parameters !== 'object' || parameters === null)
      throw new SpecError(`happens() was given ${show(parameters)} where values of parameters belong`, { hint })
    checkFilter('the condition of happens()', where)
    return new Formula({ op: 'event', event: { actions, parameters, where } })
  },
}

/** The operators as `m.property` hands them in. Whoever asks for another one has misspelt it, or takes them for the state. */
export const LOGIC: Logic<Variables> = new Proxy(OPERATORS, {
  get(operators, name, receiver) {
    if (typeof name === 'string' && !Object.hasOwn(operators, name))
      throw new SpecError(`there is no operator ${show(name)} in formulas`, {
        hint: `${suggest(name, Object.keys(operators))}; the state is what a predicate is given: ({ always }) => always((s) => …)`,
      })
    return Reflect.get(operators, name, receiver)
  },
})

/** The names of the actions that a step is one of. */
export function actionNames(call: string, action: unknown, hint: string): readonly string[] {
  const names = typeof action === 'string' ? [action] : action
  if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== 'string'))
    throw new SpecError(`${call}() was given ${show(action)} where the name of an action belongs`, { hint })
  return names
}

/** Which steps of an action are meant is said by a function, or not at all. */
export function checkFilter(what: string, where: unknown): void {
  if (where !== undefined && typeof where !== 'function')
    throw new SpecError(`${what} is ${show(where)}`, { hint: 'give it a function: (before, after, parameters) => boolean' })
}

/** The formula that a property's function makes. */
export function formulaOf(what: string, location: () => Location | undefined, make: () => unknown): FormulaTree {
  let operand: unknown
  try {
    operand = make()
  } catch (thrown) {
    if (thrown instanceof SpecError) {
      thrown.location ??= location()
      throw thrown
    }
    throw new SpecError(`the function of ${what} threw ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : show(thrown)}`, {
      location: (thrown instanceof Error ? locate(thrown) : undefined) ?? location(),
      cause: thrown,
      hint: 'it is called once, before the search, and gives a formula: ({ always }) => always((s) => …)',
    })
  }
  if (operand instanceof Promise) void operand.catch(() => undefined)
  if (operand instanceof Formula || typeof operand === 'function' || typeof operand === 'boolean') return tree(operand as Operand<Variables>)
  throw new SpecError(`the function of ${what} gave ${show(operand)}, not a formula`, {
    location: location(),
    hint:
      operand === undefined
        ? 'a function in braces needs a return: ({ always }) => { return always((s) => …) }'
        : operand instanceof Promise
          ? 'formulas are made at once; remove async and await'
          : 'return what the operators give: ({ always }) => always((s) => …)',
  })
}

export interface FairnessOptions {
  /**
   * 'instance' (default): each combination of parameters is treated fairly on its own. 'action': only the action as a whole is, some
   * parameters may be passed over for ever.
   */
  readonly per?: 'instance' | 'action'
  /** Only these steps of the action. */
  readonly where?: StepFilter
}

/** `m.fair` as written down. */
export interface FairnessDefinition {
  readonly actions: readonly string[]
  readonly kind: FairnessKind
  readonly per: 'instance' | 'action'
  readonly where: StepFilter | undefined
}

/** The parameters that a fairness condition over several actions ranges over: those that all of them have. */
export function commonParameters(all: readonly Parameters[]): Parameters {
  const [first = {}, ...others] = all
  return Object.fromEntries(
    Object.entries(first).filter(([name, type]) => others.every((parameters) => name in parameters && String(parameters[name]) === String(type))),
  )
}
