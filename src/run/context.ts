/** What the parts of one check know: what is checked, and how. */
import { SpecError } from '../errors.ts'
import { Learner } from '../learn/learner.ts'
import type { LearnOptions } from '../learn/learned.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { AnySpec, Instance } from '../spec/spec.ts'
import { host } from './host.ts'
import { chosen, modelOf } from './instance.ts'
import type { CheckOptions } from './options.ts'

export interface Context<Options = CheckOptions> {
  readonly spec: AnySpec
  readonly instance: Instance
  readonly model: Model<Variables>
  readonly program: Learner
  readonly options: Options
  /** Whether a property is looked at: all are, unless the instance names some (`only`). */
  readonly checked: (name: string) => boolean
  /** Seconds since the check began. */
  readonly seconds: () => number
}

/** Puts the model of an instance together, and makes a program of it. `started`: by the clock of the process. */
export function prepared<O extends Pick<CheckOptions, 'instance' | 'constants'>>(
  spec: AnySpec,
  options: O,
  learning: LearnOptions,
  started: number,
): Context<O> {
  const instance = chosen(spec, options)
  host.beginLog(() => null, true)
  const model = host.contained(() => modelOf(spec, instance))
  const program = host.contained(() => new Learner(model, learning))
  host.beginLog(() => program.running?.what ?? null, true)
  const { only } = instance.expectation
  return {
    spec,
    instance,
    model,
    program,
    options,
    checked: (name) => only === undefined || only.includes(name),
    seconds: () => (performance.now() - started) / 1000,
  }
}

/** The error where a spec has nothing to explore. */
export function noInitialState({ spec, model }: Pick<Context, 'spec' | 'model'>): SpecError {
  return new SpecError(`the spec ${spec.name} has no initial state`, {
    location: model.initials[0]?.location(),
    hint: 'every way through init ends at a when() that is false, or picks from nothing',
  })
}
