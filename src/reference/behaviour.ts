/**
 * A path read as a behaviour that goes on for ever: which temporal properties and refinements are false for it, by their definitions.
 *
 * Its last state is repeated for ever, or it goes back to an earlier state that is the same. Each of these that is fair is a behaviour of the model.
 */
import { callText } from '../program/text.ts'
import type { Formula } from '../program/temporal.ts'
import { combinations } from '../spec/combinations.ts'
import { commonParameters, type AtomBody, type EventDefinition } from '../spec/formulas.ts'
import type { Model, RefinementDefinition, Variables } from '../spec/model.ts'
import { type Falsehood, initialRuns, same, successorRuns } from './reference.ts'
import { evaluate, holds, copied, nameOf, type Plain } from './runs.ts'
import { textOf } from './text.ts'
import { isFair, type Lasso, type SmallFormula, type SmallGraph, truth } from './temporal.ts'

/** One way to go on for ever. */
export interface Endless {
  /** The position to which the last one goes back; -1 where it stutters for ever. */
  readonly backTo: number
  /** The fairness that it does not meet, as text: with any it is no behaviour of the model. */
  readonly unfair: readonly string[]
  /** Properties and refinements that are false for it. */
  readonly failed: readonly Falsehood[]
}

/** The states of a path with all steps from them. A state that is not on the path has a number of its own. */
class Surroundings {
  readonly model: Model<Variables>
  /** The number of each state of the path. */
  readonly numbers: readonly number[]
  readonly #different: Plain[] = []
  readonly #steps: { readonly action: number; readonly from: number; readonly to: number }[] = []
  readonly #runs: { readonly name: string; readonly parameters: Readonly<Record<string, unknown>>; readonly before: Plain; readonly after: Plain }[] =
    []

  constructor(model: Model<Variables>, path: readonly Plain[]) {
    this.model = model
    const numbers = new Map<string, number>()
    this.numbers = path.map((plain) => {
      const text = textOf(plain)
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, this.#different.length)
      return this.#different.push(plain) - 1
    })
    let others = this.#different.length
    this.#different.forEach((before, from) => {
      for (const { outcome, after, action } of successorRuns(model, before)) {
        if (outcome !== 'done') continue
        this.#steps.push({ action: this.#runs.length, from, to: numbers.get(textOf(after)) ?? others++ })
        this.#runs.push({ name: action.definition.name, parameters: action.parameters, before, after })
      }
    })
  }

  /** Every step is an action of its own, so that any of them can be meant. */
  graph(fairness: SmallGraph['fairness']): SmallGraph {
    return { initial: [0], steps: this.#steps, fairness }
  }

  event({ actions, parameters, where }: EventDefinition): number[] {
    return this.#runs.flatMap(({ name, parameters: values, before, after }, run) => {
      if (!actions.includes(name) || !Object.entries(parameters).every(([key, value]) => textOf(values[key]) === textOf(value))) return []
      const meant = where === undefined || holds(this.model, 'the condition of a step', [before, after], (a, b) => where(a, b, values))
      return meant ? [run] : []
    })
  }

  atom(test: AtomBody, name: string): number[] {
    return this.#different.flatMap((plain, number) => (holds(this.model, nameOf('property', name), [plain], (s) => test(s)) ? [number] : []))
  }

  formula(tree: Formula<AtomBody, EventDefinition>, name: string): SmallFormula {
    const inner = (one: Formula<AtomBody, EventDefinition>): SmallFormula => this.formula(one, name)
    switch (tree.op) {
      case 'constant':
        return tree
      case 'atom':
        return { op: 'atom', atom: this.atom(tree.atom, name) }
      case 'event':
        return { op: 'event', event: this.event(tree.event) }
      case 'and':
      case 'or':
        return { op: tree.op, all: tree.all.map(inner) }
      case 'implies':
      case 'leadsTo':
      case 'until':
        return { op: tree.op, left: inner(tree.left), right: inner(tree.right) }
      default:
        return { op: tree.op, of: inner(tree.of) }
    }
  }

  /** The fairness of the model, each condition by itself. */
  conditions(): { readonly text: string; readonly graph: SmallGraph }[] {
    const { model } = this
    return model.fairness.flatMap(({ actions, kind, per, where }) => {
      const shared = commonParameters(actions.map((action) => model.actions.find(({ name }) => name === action)?.parameters ?? {}))
      return combinations(per === 'action' ? {} : shared).map((parameters) => ({
        text: `${kind} fairness of ${actions.map((action) => callText(action, parameters)).join(' or ')}`,
        graph: this.graph([{ kind, actions: this.event({ actions, parameters, where }) }]),
      }))
    })
  }

  unfair(lasso: Lasso): string[] {
    return this.conditions().flatMap(({ text, graph }) => (isFair(graph, lasso) ? [] : [text]))
  }
}

/** All ways in which a path can go on for ever, stuttering first. */
export function endless(model: Model<Variables>, path: readonly Plain[]): Endless[] {
  if (path.length === 0 || model.properties.length + model.refinements.length === 0) return []
  const here = new Surroundings(model, path)
  const last = here.numbers.at(-1) as number
  const back = here.numbers.flatMap((number, i) => (number === last && i < path.length - 1 ? [i] : []))
  const formulas = model.properties.flatMap(({ name, parameters: types, formula }) =>
    combinations(types).map((parameters) => ({ name, parameters, meaning: here.formula(formula(parameters), name) })),
  )
  return [-1, ...back].map((backTo): Endless => {
    const end = backTo < 0 ? path.length : path.length - 1
    const lasso: Lasso = { states: here.numbers.slice(0, end), backTo }
    const graph = here.graph([])
    const properties = formulas
      .filter(({ meaning }) => !truth(graph, lasso, meaning)[0])
      .map(({ name, parameters }): Falsehood => ({ kind: 'property', name, parameters }))
    const refinements = model.refinements
      .filter((refinement) => breaks(model, refinement, path, backTo))
      .map(({ name }): Falsehood => ({ kind: 'refinement', name, parameters: {} }))
    return { backTo, unfair: here.unfair(lasso), failed: [...properties, ...refinements] }
  })
}

/** Whether a path, mapped, is no behaviour of the abstract model: its beginning, a step of it, or its fairness. */
function breaks(model: Model<Variables>, refinement: RefinementDefinition, path: readonly Plain[], backTo: number): boolean {
  const { abstract } = refinement
  const images = path.map((plain) => imageOf(model, refinement, plain))
  if (brokenAt(model, refinement, path) >= 0) return true
  const there = new Surroundings(abstract, images)
  return there.unfair({ states: there.numbers.slice(0, backTo < 0 ? path.length : path.length - 1), backTo }).length > 0
}

/** The first position of a path at which it, mapped, is no beginning and no step of the abstract model; -1 for none. */
export function brokenAt(model: Model<Variables>, refinement: RefinementDefinition, path: readonly Plain[]): number {
  const { abstract } = refinement
  const images = path.map((plain) => imageOf(model, refinement, plain))
  return images.findIndex((image, i) => {
    const before = images[i - 1]
    if (before === undefined) return ![...initialRuns(abstract)].some(({ outcome, after }) => outcome === 'done' && same(after, image))
    return !same(before, image) && ![...successorRuns(abstract, before)].some(({ outcome, after }) => outcome === 'done' && same(after, image))
  })
}

/** The abstract state that a state stands for. */
function imageOf(model: Model<Variables>, { name, abstract, mapping }: RefinementDefinition, plain: Plain): Plain {
  const what = `the mapping of ${name}`
  return copied(
    abstract,
    what,
    evaluate(model, what, [plain], (s) => mapping(s, {})),
  )
}
