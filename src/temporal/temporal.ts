/**
 * The temporal part of a check: after a complete search, properties and refinements over the graph of its states.
 */
import { type Location, SpecError } from '../errors.ts'
import { Successors } from '../layout/successors.ts'
import type { Program } from '../program/program.ts'
import type { FairnessNote, Reason, Warning } from '../program/result.ts'
import type { ProgramFormula, RefinementInfo, TemporalInfo } from '../program/temporal.ts'
import { callText } from '../program/text.ts'
import type { Arena } from '../visited/arena.ts'
import { type Automaton, automatonOf, type Transition } from './automaton.ts'
import { StateGraph } from './graph.ts'
import type { Found } from './lasso.ts'
import { Product } from './product.ts'
import { findFair } from './fairBehaviour.ts'
import { checkReduced, Refinement } from './refinement.ts'

/** A temporal property or a refinement that does not hold. */
export interface TemporalFinding {
  readonly kind: 'property' | 'refinement'
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** The states of the counterexample, as indices of the arena. */
  readonly states: readonly number[]
  /** The state after them in which the counterexample ends, where it does not lie in the arena, and the action instance that makes it. */
  readonly last?: { readonly state: Int32Array; readonly instance: number }
  /** Where they go back to; -1 where the last one stutters for ever; undefined where the counterexample is finite. */
  readonly backTo: number | undefined
  readonly because: readonly Reason[]
  readonly fairness: readonly FairnessNote[]
  /** The refinement that it is about. */
  readonly refinement?: RefinementInfo
}

export interface TemporalOutcome {
  readonly findings: readonly TemporalFinding[]
  readonly warnings: readonly Warning[]
  /** The states of the largest product that was searched. */
  readonly nodes: number
}

/** What of the search is needed. */
export interface Searched {
  readonly arena: Arena
  readonly generated: number
  /** Whether one state stands for all that differ from it by interchangeable ids. */
  readonly reduced: boolean
  /** Successors that were cut off by constraints. */
  readonly constrained: number
  readonly exact: boolean
  /** Where a constraint stands in the spec. */
  readonly constraintAt?: () => Location | undefined
}

/** Refuses what temporal properties cannot be checked under. Call it before the search. `place` is where a property stands in the spec. */
export function refuseTemporal(
  program: Program,
  checked: (name: string) => boolean,
  keys: 'exact' | 'fingerprint' | undefined,
  place: (name: string) => Location | undefined,
): void {
  const { properties, refinements } = program.temporal
  const name = [...properties, ...refinements].find((one) => checked(one.name))?.name
  if (name === undefined) return
  if (program.viewed) {
    throw new SpecError(
      `${name} cannot be checked under a view: states that the view takes for one may go on differently, and so cycles appear that no behaviour has`,
      {
        location: place(name),
        hint: 'remove the view, or leave the property out with only',
      },
    )
  }
  if (keys === 'fingerprint')
    throw new SpecError(`${name} cannot be checked with fingerprints: its graph needs every state`, {
      location: place(name),
      hint: 'leave out --keys fingerprint',
    })
}

/** The number of steps of a counterexample, the one that closes a cycle included. */
export function stepsOf({ states, last, backTo }: TemporalFinding): number {
  return states.length - 1 + (last !== undefined || (backTo !== undefined && backTo >= 0) ? 1 : 0)
}

/** What needs every state, and not one per orbit: a cycle of orbits need not be one of states, and fairness speaks of single ids. */
export function needsEveryState({ temporal }: Program, checked: (name: string) => boolean): string[] {
  const refinements = temporal.refinements.filter(({ abstract }) => abstract.temporal.fairness.length > 0)
  return [...new Set([...temporal.properties, ...refinements].map(({ name }) => name).filter(checked))]
}

/** Checks everything, a part at a time, so that a caller can look at the clock in between. */
export function* checkTemporal(program: Program, search: Searched, checked: (name: string) => boolean): Generator<void, TemporalOutcome> {
  const { temporal } = program
  const properties = temporal.properties.filter(({ name }) => checked(name))
  const refinements = temporal.refinements.filter(({ name }) => checked(name))
  const findings: TemporalFinding[] = []
  const warnings: Warning[] = []
  if (properties.length + refinements.length === 0) return { findings, warnings, nodes: 0 }
  if (search.reduced) {
    for (const info of refinements) {
      const broken = yield* checkReduced(program, search.arena, info)
      if ('moves' in broken) {
        if (!broken.moves) warnings.push(constantMapping(info.name))
        continue
      }
      const { from, state, instance } = broken
      const states = from < 0 ? [] : search.arena.pathTo(from)
      findings.push({ ...aboutRefinement(info, from < 0), states, last: { state, instance }, backTo: undefined, fairness: [] })
    }
    return { findings, warnings, nodes: 0 }
  }
  const graph = new StateGraph(program, search.arena, search.generated)
  yield* graph.build()
  const checker = new Checker(program, graph)

  // One counterexample per property: that of the combination of parameters with the fewest steps.
  const byName = new Map<string, { worst: TemporalFinding | undefined; vacuous: boolean; constant: boolean; blind: boolean; settled: boolean }>()
  for (const property of properties) {
    const { found, vacuous } = yield* checker.property(property)
    const constant = isConstant(property.formula)
    const atoms = atomsOf(property.formula)
    const blind = atoms.length > 0 && !atoms.some((atom) => temporal.reads(atom))
    const settled = found === undefined && checker.settled(property.formula)
    const known = byName.get(property.name)
    if (!known) byName.set(property.name, { worst: found, vacuous, constant, blind, settled })
    else {
      if (found && (!known.worst || stepsOf(found) < stepsOf(known.worst))) known.worst = found
      known.vacuous &&= vacuous
      known.constant &&= constant
      known.blind &&= blind
      known.settled &&= settled
    }
  }
  for (const [name, { worst, vacuous, constant, blind, settled }] of byName) {
    if (worst) findings.push(worst)
    else if (blind) warnings.push({ kind: 'constant-property', text: `the property ${name} never looks at the state`, vacuous: true })
    else if (constant)
      warnings.push({ kind: 'constant-property', text: `the property ${name} is true of every behaviour, whatever its states`, vacuous: true })
    else if (vacuous) warnings.push({ kind: 'vacuous-premise', text: `${name} holds only because its premise is never true`, vacuous: true })
    else if (settled)
      warnings.push({ kind: 'reached-at-once', text: `${name} is true already because of the initial states, whatever happens then`, vacuous: true })
  }
  for (const refinement of refinements) {
    const found = yield* checker.refinement(refinement)
    if (found) findings.push(found)
    else if (checker.unmoved.has(refinement.name)) warnings.push(constantMapping(refinement.name))
  }

  const about = [...properties, ...refinements.filter(({ abstract }) => abstract.temporal.fairness.length > 0)].map(({ name }) => name)
  if (search.constrained > 0 && about.length > 0) {
    if (findings.length === 0 && !temporal.inside) {
      throw new SpecError(
        `the constraint cut off ${search.constrained} successors, so ${about[0]} cannot be said to hold: behaviours that leave the constraint were not looked at`,
        {
          location: search.constraintAt?.(),
          hint: "widen the types or remove the constraint; or say that only behaviours inside are meant: m.constraint(…, { temporal: 'inside' })",
        },
      )
    }
    if (findings.length === 0 && !(yield* checker.anyBehaviour()))
      warnings.push({
        kind: 'no-fair-behaviour',
        text: 'no fair behaviour stays inside the constraint for ever: every temporal property holds for want of one',
        vacuous: true,
      })
    warnings.push({
      kind: 'temporal-constraint',
      text: `temporal properties were checked only over behaviours inside the constraint: ${[...new Set(about)].join(', ')}`,
      vacuous: false,
    })
  }
  return { findings, warnings, nodes: checker.nodes }
}

/**
 * Looks for counterexamples among some of the states only, as a simulation has visited them: the behaviours that go through no other state. Each
 * is one of the program, since whatever leads elsewhere counts as possible; that there is none says nothing. One per property.
 */
export function* findTemporal(program: Program, arena: Arena, checked: (name: string) => boolean): Generator<void, readonly TemporalFinding[]> {
  const { properties, refinements } = program.temporal
  const graph = new StateGraph(program, arena, 0, true)
  yield* graph.build()
  const checker = new Checker(program, graph)
  const shortest = new Map<string, TemporalFinding>()
  const note = (found: TemporalFinding | undefined): void => {
    const known = found && shortest.get(found.name)
    if (found && (!known || stepsOf(found) < stepsOf(known))) shortest.set(found.name, found)
  }
  for (const property of properties) if (checked(property.name)) note(yield* checker.counterexample(property))
  for (const refinement of refinements) if (checked(refinement.name)) note(yield* checker.refinement(refinement))
  return [...shortest.values()].sort((a, b) => stepsOf(a) - stepsOf(b))
}

/** What a refinement that is broken by an initial state or by a step says of itself. */
export function aboutRefinement(info: RefinementInfo, initially: boolean) {
  const because: Reason = initially
    ? { path: 'initial state', value: 'mapped to no initial state of the abstract model' }
    : { path: 'last step', value: 'mapped to no step of the abstract model, nor to stuttering' }
  return { kind: 'refinement', name: info.name, parameters: {}, refinement: info, because: [because] } as const
}

class Checker {
  readonly #program: Program
  readonly #graph: StateGraph
  /** Refinements of which no step changes the abstract state. */
  readonly unmoved = new Set<string>()
  nodes = 0

  constructor(program: Program, graph: StateGraph) {
    this.#program = program
    this.#graph = graph
  }

  *property(property: TemporalInfo): Generator<void, { found: TemporalFinding | undefined; vacuous: boolean }> {
    const found = yield* this.counterexample(property)
    return { found, vacuous: found === undefined && (yield* this.#vacuous(property.formula)) }
  }

  /** A behaviour that does not satisfy a property. */
  *counterexample({ name, parameters, formula }: TemporalInfo): Generator<void, TemporalFinding | undefined> {
    const lasso = yield* this.#run(automatonOf(formula, true))
    return lasso ? { kind: 'property', name, parameters, ...lasso, because: [], fairness: this.#notes(lasso) } : undefined
  }

  /** A fair behaviour that an automaton accepts. */
  *#run(automaton: Automaton): Generator<void, Found | null> {
    const graph = this.#graph
    const atoms = yield* graph.valuation(automaton.atoms)
    const product = new Product(graph, automaton, { atoms, label: graph.label, labels: graph.labels }, this.#program.temporal.fairness)
    const lasso = yield* findFair(product)
    this.nodes = Math.max(this.nodes, product.length)
    return lasso
  }

  /** Whether a formula about what is to come is true because of the initial states already. (One that is about these only means them.) */
  settled(formula: ProgramFormula): boolean {
    if (ofStates(formula)) return false
    const { atoms, states } = automatonOf(formula, true)
    const { arena } = this.#graph
    for (let s = 0; s < arena.length; s++) {
      if (arena.parent(s) !== s) continue
      const words = arena.segment(s)
      const at = arena.offset(s)
      const letter = atoms.reduce((bits, atom, b) => (this.#program.temporal.holds(atom, words, at) ? bits | (1 << b) : bits), 0)
      if ((states[0] as readonly Transition[]).some((t) => (t.atoms & letter) === t.atoms && (t.notAtoms & letter) === 0)) return false
    }
    return true
  }

  /** Whether there is any fair behaviour at all. */
  *anyBehaviour(): Generator<void, boolean> {
    return (yield* this.#run(automatonOf({ op: 'constant', value: true }, false))) !== null
  }

  /** Whether a formula is true only because one of its premises never is. */
  *#vacuous(formula: ProgramFormula): Generator<void, boolean> {
    for (const premise of premisesOf(formula)) {
      if (ofStates(premise)) {
        if (!(yield* this.#everTrue(premise))) return true
        continue
      }
      // Whether some fair behaviour ever comes to where the premise is true; for a premise about the whole behaviour: whether one satisfies it.
      const sometimes: ProgramFormula =
        premise === (formula as { left?: ProgramFormula }).left && formula.op === 'implies' ? premise : { op: 'eventually', of: premise }
      if ((yield* this.#run(automatonOf(sometimes, false))) === null) return true
    }
    return false
  }

  /** Whether a formula over one state is true in any. */
  *#everTrue(premise: ProgramFormula): Generator<void, boolean> {
    const automaton = automatonOf(premise, false)
    const letters = new Set(yield* this.#graph.valuation(automaton.atoms))
    return [...letters].some((letter) =>
      (automaton.states[0] as readonly Transition[]).some((t) => (t.atoms & letter) === t.atoms && (t.notAtoms & letter) === 0),
    )
  }

  *refinement(info: RefinementInfo): Generator<void, TemporalFinding | undefined> {
    const graph = this.#graph
    const refinement = new Refinement(graph, info)
    const broken = yield* refinement.check()
    if (!refinement.moves) this.unmoved.add(info.name)
    const about = { kind: 'refinement', name: info.name, parameters: {}, refinement: info } as const
    if (broken) {
      const { from, to } = broken
      const states = [...graph.arena.pathTo(from), ...(to < 0 ? [] : [to])]
      return { ...aboutRefinement(info, to < 0), states, backTo: undefined, fairness: [] }
    }
    // The abstract fairness: weak is "again and again impossible or happening", strong is "again and again happening, or in the end never possible".
    for (const { kind, text, event } of info.abstract.temporal.fairness) {
      const possible: ProgramFormula = { op: 'atom', atom: 0 }
      const happens: ProgramFormula = { op: 'event', event }
      const impossible: ProgramFormula = { op: 'not', of: possible }
      const again = (of: ProgramFormula): ProgramFormula => ({ op: 'always', of: { op: 'eventually', of } })
      const formula: ProgramFormula =
        kind === 'weak'
          ? again({ op: 'or', all: [impossible, happens] })
          : { op: 'or', all: [again(happens), { op: 'eventually', of: { op: 'always', of: impossible } }] }
      const product = new Product(
        graph,
        automatonOf(formula, true),
        { atoms: refinement.possible(event), label: refinement.label, labels: refinement.labels },
        this.#program.temporal.fairness,
      )
      const lasso = yield* findFair(product)
      this.nodes = Math.max(this.nodes, product.length)
      if (lasso)
        return {
          ...about,
          ...lasso,
          because: [
            {
              path: `${kind} fairness of ${text}`,
              value: `demanded by the abstract model and not met: ${kind === 'weak' ? 'always possible' : 'possible again and again'}, and never happens`,
            },
          ],
          fairness: this.#notes(lasso),
        }
    }
    return undefined
  }

  /** What each action does in the part of a lasso that repeats. */
  #notes({ states, backTo }: Found): FairnessNote[] {
    const graph = this.#graph
    const { arena, labels } = graph
    const program = this.#program
    const { temporal, instances } = program
    const stutters = backTo < 0
    const cycle = stutters ? states.slice(-1) : states.slice(backTo)
    const notes: FairnessNote[] = []
    const where = stutters ? 'there' : 'in the cycle'

    const possible = cycle.map((state) => graph.enabled.values[state] as number)
    const taken = stutters ? [] : cycle.map((state, i) => graph.label.values[graph.edge(state, cycle[(i + 1) % cycle.length] as number)] as number)
    for (const { kind, text, event } of temporal.fairness) {
      const part = partOf(
        taken.some((label) => labels.has(label, event)),
        possible.map((label) => labels.has(label, event)),
      )
      const starved = part === 'sometimes possible'
      const said = {
        happens: `happens ${where}`,
        impossible: `is never possible ${where}`,
        'sometimes possible': `is not always possible ${where}, so weak fairness does not make it happen: it is starved`,
        'always possible': '',
      }[part]
      notes.push({ action: text, fairness: kind, part, starved, text: `${text} (${kind} fairness) ${said}` })
    }

    // Action instances that nothing makes happen.
    const out = new Successors(program.layout.words)
    const happens = instances.map(() => false)
    const can = instances.map(() => cycle.map(() => false))
    const { words } = out
    cycle.forEach((state, c) => {
      const from = arena.segment(state)
      const at = arena.offset(state)
      const next = cycle[(c + 1) % cycle.length] as number
      const differs = (segment: Int32Array, offset: number, i: number): boolean => {
        for (let w = 0; w < words; w++) if (segment[offset + w] !== out.states[i * words + w]) return true
        return false
      }
      out.count = 0
      program.expand(from, at, out)
      out.failures.length = 0
      for (let i = 0; i < out.count; i++) {
        if (!differs(from, at, i)) continue
        const instance = out.instance[i] as number
        ;(can[instance] as boolean[])[c] = true
        if (!stutters && !differs(arena.segment(next), arena.offset(next), i)) happens[instance] = true
      }
    })
    instances.forEach(({ name, parameters }, i) => {
      const action = callText(name, parameters)
      const part = partOf(happens[i] as boolean, can[i] as boolean[])
      if (
        part === 'happens' ||
        part === 'impossible' ||
        temporal.fairness.some(({ event, text }) => text === action && temporal.always(event, i) !== false)
      )
        return
      const would = part === 'always possible' ? 'weak' : 'strong'
      const how =
        part === 'always possible' ? (stutters ? 'possible there' : 'always possible in the cycle') : 'possible again and again in the cycle'
      notes.push({
        action,
        fairness: null,
        part,
        starved: true,
        text: `${action} is ${how} and never happens: ${would} fairness of it would rule this out`,
      })
    })
    return notes
  }
}

function partOf(happens: boolean, possible: readonly boolean[]): FairnessNote['part'] {
  if (happens) return 'happens'
  const often = possible.filter(Boolean).length
  return often === 0 ? 'impossible' : often === possible.length ? 'always possible' : 'sometimes possible'
}

/** Whether a formula cannot be false: nothing is a counterexample of it, whatever its predicates say. */
function isConstant(formula: ProgramFormula): boolean {
  return !automatonOf(formula, true).cycles.some((is) => is)
}

const constantMapping = (name: string): Warning => ({
  kind: 'constant-mapping',
  text: `${name} holds only because every step is mapped to stuttering: the abstract state never changes`,
  vacuous: true,
})

/** The state predicates of a formula. */
function atomsOf(formula: ProgramFormula): number[] {
  switch (formula.op) {
    case 'atom':
      return [formula.atom]
    case 'and':
    case 'or':
      return formula.all.flatMap(atomsOf)
    case 'implies':
    case 'leadsTo':
    case 'until':
      return [...atomsOf(formula.left), ...atomsOf(formula.right)]
    case 'constant':
    case 'event':
      return []
    default:
      return atomsOf(formula.of)
  }
}

/** Whether a formula is about one state only. */
function ofStates(formula: ProgramFormula): boolean {
  switch (formula.op) {
    case 'constant':
    case 'atom':
      return true
    case 'and':
    case 'or':
      return formula.all.every(ofStates)
    case 'not':
      return ofStates(formula.of)
    case 'implies':
      return ofStates(formula.left) && ofStates(formula.right)
    default:
      return false
  }
}

/** The premises in a formula, of implications and of "leads to", wherever they are meant positively. */
function premisesOf(formula: ProgramFormula): ProgramFormula[] {
  switch (formula.op) {
    case 'implies':
    case 'leadsTo':
      return [formula.left, ...premisesOf(formula.right)]
    case 'and':
      return formula.all.flatMap(premisesOf)
    case 'always':
    case 'eventually':
    case 'next':
      return premisesOf(formula.of)
    default:
      return []
  }
}
