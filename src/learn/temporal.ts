/** Temporal properties, fairness and refinements of a model with their predicates and events numbered. */
import { type Location, SpecError, suggest } from '../errors.ts'
import type { InstanceInfo } from '../program/system.ts'
import type { FairnessInfo, ProgramFormula, TemporalInfo } from '../program/temporal.ts'
import { callText } from '../program/text.ts'
import { combinations } from '../spec/combinations.ts'
import { type AtomBody, commonParameters, type EventDefinition, type FormulaTree, type StepFilter } from '../spec/formulas.ts'
import type { Model, Variables } from '../spec/model.ts'
import { equal } from '../values/collections.ts'
import { show } from '../types/type.ts'

type Place = () => Location | undefined

export interface AtomOf {
  /** The name of the property. */
  readonly name: string
  readonly what: string
  readonly location: Place
  readonly test: AtomBody
}

/** Steps by any of some action instances, of which a filter may leave out some. */
export interface EventOf {
  readonly what: string
  readonly location: Place
  readonly instances: Uint8Array
  readonly where: StepFilter | undefined
}

export interface TemporalParts {
  readonly atoms: readonly AtomOf[]
  readonly events: readonly EventOf[]
  readonly properties: readonly TemporalInfo[]
  readonly fairness: readonly FairnessInfo[]
}

export function temporalOf(model: Model<Variables>, instances: readonly InstanceInfo[]): TemporalParts {
  const atoms: AtomOf[] = []
  const events: EventOf[] = []
  const names = model.actions.map(({ name }) => name)
  const byAction = new Map<string, number[]>()
  for (const [i, { name }] of instances.entries()) {
    const known = byAction.get(name)
    if (known) known.push(i)
    else byAction.set(name, [i])
  }
  /** Events without a filter, by the instances that they mean. */
  const unfiltered = new Map<string, number>()

  /** The number of the event of these steps; one that was numbered before where it is the same. */
  const event = ({ actions, parameters, where }: EventDefinition, what: string, condition: string, location: Place): number => {
    for (const action of actions) {
      const definition = model.actions.find(({ name }) => name === action)
      if (!definition)
        throw new SpecError(`${what} names ${show(action)}, which is no action`, { location: location(), hint: suggest(String(action), names) })
      for (const [name, value] of Object.entries(parameters)) {
        const type = definition.parameters[name]
        if (!type)
          throw new SpecError(`${what}: the action ${action} has no parameter ${show(name)}`, {
            location: location(),
            hint: suggest(name, Object.keys(definition.parameters)),
          })
        if (!type.values().some((one) => equal(one, value)))
          throw new SpecError(`${what}: the parameter ${name} of ${action} is never ${show(value)}`, {
            location: location(),
            hint: `it ranges over ${type}`,
          })
      }
    }
    const wanted = Object.entries(parameters)
    const meant = actions
      .flatMap((action) => byAction.get(action) ?? [])
      .filter((i) => wanted.every(([key, value]) => equal((instances[i] as InstanceInfo).parameters[key], value)))
    const key = meant.sort((a, b) => a - b).join(' ')
    const known = where === undefined ? unfiltered.get(key) : undefined
    if (known !== undefined) return known
    if (where === undefined) unfiltered.set(key, events.length)
    const marks = new Uint8Array(instances.length)
    for (const i of meant) marks[i] = 1
    events.push({ what: condition, location, instances: marks, where })
    return events.length - 1
  }

  /** `known`: the predicates of the same formula. One that occurs twice is one atom, so that what holds whatever it says is seen to. */
  const numbered = (tree: FormulaTree, name: string, what: string, location: Place, known = new Map<AtomBody, number>()): ProgramFormula => {
    const inside = (inner: FormulaTree): ProgramFormula => numbered(inner, name, what, location, known)
    switch (tree.op) {
      case 'constant':
        return tree
      case 'atom': {
        const atom = known.get(tree.atom) ?? atoms.length
        if (atom === atoms.length) atoms.push({ name, what: `a predicate of ${what}`, location, test: tree.atom })
        known.set(tree.atom, atom)
        return { op: 'atom', atom }
      }
      case 'event':
        return { op: 'event', event: event(tree.event, what, `the condition of a step in ${what}`, location) }
      case 'and':
      case 'or':
        return { op: tree.op, all: tree.all.map(inside) }
      case 'implies':
      case 'leadsTo':
      case 'until':
        return { op: tree.op, left: inside(tree.left), right: inside(tree.right) }
      default:
        return { op: tree.op, of: inside(tree.of) }
    }
  }

  const properties = model.properties.flatMap(({ name, parameters, formula, location }) =>
    combinations(parameters).map((values): TemporalInfo => {
      const what = `the property ${callText(name, values)}`
      return { name, parameters: values, formula: numbered(formula(values), name, what, location) }
    }),
  )

  const fairness = model.fairness.flatMap(({ actions, kind, per, where, location }): FairnessInfo[] => {
    const what = `the ${kind} fairness of ${actions.join(' or ')}`
    const parameters =
      per === 'action' ? {} : commonParameters(actions.map((action) => model.actions.find(({ name }) => name === action)?.parameters ?? {}))
    return combinations(parameters).map((values) => ({
      kind,
      text: `${actions.map((action) => callText(action, values)).join(' or ')}${where ? ' (where its condition holds)' : ''}`,
      event: event({ actions, parameters: values, where }, what, `the condition of ${what}`, location),
    }))
  })

  return { atoms, events, properties, fairness }
}
