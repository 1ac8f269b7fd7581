/** The functions of a model, with their names for messages. */
import type { Location } from '../errors.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { AnyType } from '../types/type.ts'
import type { AnyFunction } from './unit.ts'

export interface SpecFunction {
  readonly kind: string
  readonly name: string
  readonly source: AnyFunction
  readonly location: () => Location | undefined
  /** The type of its first two parameters, where they are the states before and after a step. */
  readonly states: (() => AnyType) | null
}

export function nameOfFunction({ kind, name }: SpecFunction): string {
  return kind === 'init' ? kind : name === '' ? `the ${kind}` : `the ${kind} ${name}`
}

export function functionsOf(model: Model<Variables>): SpecFunction[] {
  const state = (): AnyType => model.state
  const one = (
    kind: string,
    name: string,
    source: AnyFunction,
    location: () => Location | undefined,
    states: (() => AnyType) | null = null,
  ): SpecFunction => ({
    kind,
    name,
    source,
    location,
    states,
  })
  return [
    ...model.initials.map(({ run, location }) => one('init', '', run, location)),
    ...model.actions.map(({ name, run, source = run, location }) => one('action', name, source, location)),
    ...model.predicates.map(({ kind, name, test, location }) =>
      kind === 'invariant'
        ? one('invariant', name, test, location)
        : kind === 'reachable'
          ? one('property', name, test, location)
          : one(`${kind} condition`, '', test, location),
    ),
    ...model.steps.map(({ name, source, location }) => one('step property', name, source, location, state)),
    ...model.properties.map(({ name, source, location }) => one('property', name, source, location)),
    ...model.fairness.flatMap(({ name, where, location }) => (where ? [one('condition of the fairness of', name, where, location, state)] : [])),
    ...model.refinements.flatMap(({ name, mapping, abstract, location }) => [one('mapping of', name, mapping, location), ...functionsOf(abstract)]),
    ...model.views.map(({ value, location }) => one('view', '', value, location)),
    ...model.shows.map(({ name, value, location }) => one('shown value', name, value, location)),
  ]
}
