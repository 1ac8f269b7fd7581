/** Temporal properties and refinements, after the search. */
import type { Location } from '../errors.ts'
import type { Bound } from '../program/result.ts'
import { Distinction } from '../symmetry/distinctions.ts'
import { checkTemporal, type TemporalOutcome } from '../temporal/temporal.ts'
import type { Context } from './context.ts'
import { distinctionError } from './distinctions.ts'
import type { Engine } from '../explore/engine.ts'
import type { CheckOptions } from './options.ts'
import { inParts } from './slices.ts'

export type TemporalRun = TemporalOutcome & { readonly stopped: Bound | null }

/** Whether the search leaves temporal properties to be checked. */
export function needsTemporal(search: Engine, { keepGoing }: CheckOptions): boolean {
  return search.stopped === null && (search.findings.length === 0 || keepGoing === true)
}

/** Whether there are any that are looked at. */
export function hasTemporal({ program, checked }: Context): boolean {
  return [...program.temporal.properties, ...program.temporal.refinements].some(({ name }) => checked(name))
}

/** Checks temporal properties after a complete search; slice by slice, as the search is. */
export async function runTemporal({ model, program, options, checked, seconds }: Context, search: Engine): Promise<TemporalRun> {
  const nothing = { findings: [], warnings: [], nodes: 0 }
  if (!needsTemporal(search, options)) return { ...nothing, stopped: null }
  const { arena, generated, constrained, exact } = search
  const constraintAt = (): Location | undefined => model.predicates.find(({ kind }) => kind === 'constraint')?.location()
  const parts = checkTemporal(program, { arena, generated, constrained, exact, reduced: search.scalarsets.length > 0, constraintAt }, checked)
  try {
    const done = await inParts(program, parts, options, search.generated / 10, seconds)
    return typeof done === 'string' ? { ...nothing, stopped: done } : { ...done, stopped: null }
  } catch (error) {
    throw error instanceof Distinction ? distinctionError(model, error) : error
  }
}
