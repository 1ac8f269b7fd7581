/**
 * Temporal properties, fairness and refinement as a program carries them: formulas over numbered atoms (predicates of a state) and numbered
 * events (predicates of a step).
 *
 * A behaviour is an infinite sequence of states in which every step is one of an action or leaves the state as it is (stuttering). Formulas
 * are read over the behaviour *without its repetitions*: each position differs from the one before, except that a behaviour which
 * changes nothing any more repeats its last state for ever. So no formula can tell how often a behaviour stutters (Lamport: "What Good Is
 * Temporal Logic?", 1983), `next` is the next change of the state, and an event is a step that changes the state: TLA+'s <<A>>_v.
 */
import type { Judge, Measured, PropertyInfo, Replay, System } from './system.ts'

/** A formula of linear temporal logic over leaves of two sorts: state predicates and events. */
export type Formula<Atom, Event> =
  | { readonly op: 'constant'; readonly value: boolean }
  | { readonly op: 'atom'; readonly atom: Atom }
  | { readonly op: 'event'; readonly event: Event }
  | { readonly op: 'not' | 'next' | 'always' | 'eventually'; readonly of: Formula<Atom, Event> }
  | { readonly op: 'and' | 'or'; readonly all: readonly Formula<Atom, Event>[] }
  | { readonly op: 'implies' | 'leadsTo' | 'until'; readonly left: Formula<Atom, Event>; readonly right: Formula<Atom, Event> }

/** A formula over the numbers of a program's atoms and events. */
export type ProgramFormula = Formula<number, number>

export interface TemporalInfo extends PropertyInfo {
  readonly formula: ProgramFormula
}

export type FairnessKind = 'weak' | 'strong'

/**
 * Weak fairness of an event: if from some time on a step of it is always possible, it happens again and again. Strong: if a step of it is
 * possible again and again, it happens again and again. Only steps that change the state count, for being possible as for happening.
 */
export interface FairnessInfo {
  readonly kind: FairnessKind
  /** What is fair, as text: `Eat(phil: p1)`. */
  readonly text: string
  readonly event: number
}

/** A refinement: every behaviour of this program, mapped state by state, is one of the abstract program. */
export interface RefinementInfo {
  readonly name: string
  readonly abstract: System & Judge & Replay & Measured & { readonly temporal: TemporalProgram }
  /** Writes the abstract state that a state stands for. */
  map(states: Int32Array, at: number, out: Int32Array, to: number): void
}

export interface TemporalProgram {
  readonly properties: readonly TemporalInfo[]
  readonly fairness: readonly FairnessInfo[]
  readonly refinements: readonly RefinementInfo[]
  readonly atoms: number
  readonly events: number
  /** Behaviours are only looked at as long as they stay inside the constraints. */
  readonly inside: boolean

  /** Whether a state predicate is true. */
  holds(atom: number, states: Int32Array, at: number): boolean
  /** Whether a state predicate has read something of the state, wherever it was asked so far. */
  reads(atom: number): boolean
  /** Whether a step by an action instance is one of an event. Undefined where that depends on the states of the step. */
  always(event: number, instance: number): boolean | undefined
  /** The same for a step between two states. */
  happens(event: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): boolean
}
