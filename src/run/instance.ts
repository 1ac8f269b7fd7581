/** What is checked: an instance of a spec, its model, and its properties. */
import { InternalError, locate, SpecError, suggest, UsageError } from '../errors.ts'
import type { Learner } from '../learn/learner.ts'
import { valueText } from '../program/text.ts'
import type { Checks } from '../explore/inspector.ts'
import { refuseImpure } from '../source/source.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { AnySpec, Expectation, Instance } from '../spec/spec.ts'
import type { CheckOptions } from './options.ts'
import { host } from './host.ts'

/** The instance to check, with overridden constants in place. */
export function chosen(spec: AnySpec, options: Pick<CheckOptions, 'instance' | 'constants'>): Instance {
  const names = spec.instances.map(({ name }) => name)
  let instance: Instance | undefined
  if (options.instance !== undefined) {
    instance = spec.instances.find(({ name }) => name === options.instance)
    if (instance === undefined)
      throw new UsageError(`the spec ${spec.name} has no instance ${JSON.stringify(options.instance)}`, suggest(options.instance, names))
  } else if (options.constants === undefined && spec.instances.length === 1) instance = spec.instances[0]
  instance ??= { name: 'default', constants: spec.constants, expectation: {} }
  if (options.constants === undefined) return instance
  const overridden = Object.entries(options.constants).map(([name, value]) => `${name}=${valueText(value)}`)
  const base = options.instance === undefined ? '' : `${instance.name} with `
  return {
    name: `${base}${overridden.join(' ')}` || instance.name,
    constants: spec.withConstants(options.constants, instance.constants),
    expectation: instance.expectation.only === undefined ? {} : { only: instance.expectation.only },
  }
}

export function modelOf(spec: AnySpec, instance: Instance): Model<Variables> {
  try {
    host.arm()
    const built = host.defining(`the model of the spec ${spec.name}`, () => spec.build(instance.constants))
    refuseImpure(built)
    return built
  } catch (error) {
    if (error instanceof SpecError || error instanceof InternalError) throw error
    const text = error instanceof Error ? error.message : valueText(error)
    throw new SpecError(`the model of the spec ${spec.name} (instance ${instance.name}) cannot be built: ${text}`, {
      location: error instanceof Error ? locate(error) : undefined,
      cause: error,
    })
  }
}

export function checksOf(program: Learner, { only }: Expectation): Checks {
  const checked = ({ name }: { name: string }): boolean => only === undefined || only.includes(name)
  return {
    invariants: program.invariants.map(checked),
    steps: program.steps.map(checked),
    reachables: program.reachables.map(checked),
    deadlock: checked({ name: 'deadlock' }),
    assertions: only ?? null,
  }
}

export function viewWithSymmetry(model: Model<Variables>): SpecError {
  return new SpecError('the model has both a view and interchangeable ids', {
    location: model.views[0]?.location(),
    hint: 'a view would have to be the same for all permutations of the ids: use ids() instead of symmetric(), or turn symmetry off',
  })
}
