import type { ActionDefinition, Model, Parameters, Variables } from './model.ts'

/** All combinations of values of the parameters, the last parameter fastest; one empty combination where there are none. */
export function combinations(parameters: Parameters): Readonly<Record<string, unknown>>[] {
  let all: Record<string, unknown>[] = [{}]
  for (const [name, type] of Object.entries(parameters)) {
    all = all.flatMap((before) => (type.values() as readonly unknown[]).map((value) => ({ ...before, [name]: value })))
  }
  return all.map((combination) => Object.freeze(combination))
}

/** An action with values for its parameters: what a step of a behaviour is an instance of. */
export interface ActionInstance {
  readonly definition: ActionDefinition
  readonly parameters: Readonly<Record<string, unknown>>
}

/** The action instances of a model in the order in which a path numbers them. */
export function actionInstances(model: Model<Variables>): ActionInstance[] {
  return model.actions.flatMap((definition) => combinations(definition.parameters).map((parameters) => ({ definition, parameters })))
}
