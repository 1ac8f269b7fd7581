/**
 * Formulas of linear temporal logic, as `m.property` takes them, and fairness.
 *
 * They are read over behaviours without repetitions (program/temporal.ts): `next` is the next change of the state, and something happens only
 * in a step that changes the state. A state that is left as it is for ever is repeated for ever.
 */
import { SpecError } from '../errors.ts'
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
  throw new SpecError(`a formula was given ${show(operand)}`, { hint: 'give it a predicate, (s) => boolean, or another formula' })
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

export const LOGIC: Logic<Variables> = {
  always: unary('always'),
  eventually: unary('eventually'),
  next: unary('next'),
  not: unary('not'),
  until: binary('until'),
  leadsTo: binary('leadsTo'),
  implies: binary('implies'),
  and: nary('and'),
  or: nary('or'),
  happens: (action, parameters = {}, where = undefined) =>
    new Formula({ op: 'event', event: { actions: typeof action === 'string' ? [action] : action, parameters, where } }),
}

/** The formula that a property's function gave back. */
export function formulaOf(operand: Operand<Variables>): FormulaTree {
  return tree(operand)
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
  return Object.fromEntries(Object.entries(first).filter(([name, type]) => others.every((parameters) => parameters[name] === type)))
}
