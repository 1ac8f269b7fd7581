/** The instances that a command checks, or simulates, in order. */
import { suggest, UsageError } from '../errors.ts'
import type { Constants, Spec } from '../spec/spec.ts'
import type { LoadedFile } from './load.ts'
import { constantsFor } from './options.ts'

/** One instance to check. */
export interface Job {
  readonly file: string
  readonly spec: Spec
  /** undefined: the default constants, overridden. */
  readonly instance: string | undefined
  /** Overrides; undefined without `--set`. */
  readonly constants: Constants | undefined
  /** What --instance must say to mean this one. */
  readonly selector: string | undefined
}

/** The jobs in order. `wanted` are names of instances, or `spec.instance` where a name alone means several. */
export function jobsOf(loaded: readonly LoadedFile[], wanted: readonly string[] | undefined, assignments: readonly string[]): Job[] {
  const specs = loaded.flatMap(({ file, specs }) => specs.map((spec) => ({ file, spec })))
  const all = specs.flatMap(({ file, spec }) => spec.instances.map(({ name }) => ({ file, spec, instance: name })))
  const named = (name: string): typeof all => all.filter(({ spec, instance }) => instance === name || `${spec.name}.${instance}` === name)
  const selector = (spec: Spec, instance: string): string => (named(instance).length > 1 ? `${spec.name}.${instance}` : instance)
  const overrides = new Map<Spec, Constants>()
  if (assignments.length > 0) for (const { spec } of specs) overrides.set(spec, constantsFor(spec, assignments))

  if (wanted === undefined) {
    if (assignments.length > 0)
      return specs.map(({ file, spec }) => ({ file, spec, instance: undefined, constants: overrides.get(spec), selector: undefined }))
    return all.map((job) => ({ ...job, constants: undefined, selector: selector(job.spec, job.instance) }))
  }
  for (const name of wanted) {
    if (named(name).length > 0) continue
    const where = loaded.length === 1 ? (loaded[0] as LoadedFile).file : 'the given files'
    throw new UsageError(`no instance in ${where} is named ${JSON.stringify(name)}`, suggest(name, [...new Set(all.map(({ instance }) => instance))]))
  }
  const chosen = new Set(wanted.flatMap(named))
  return all
    .filter((job) => chosen.has(job))
    .map((job) => ({ ...job, constants: overrides.get(job.spec), selector: selector(job.spec, job.instance) }))
}
