/** `check(spec, options)`: puts the model together, explores it, and gives the result. */
import { SpecError } from '../errors.ts'
import { CHECK, refuseContradictions, validate } from '../options.ts'
import { mergeFigures } from '../program/figures.ts'
import type { Result } from '../program/result.ts'
import type { AnySpec } from '../spec/spec.ts'
import { resultOf } from './result.ts'
import { confirm } from './confirm.ts'
import { type Context, noInitialState, prepared } from './context.ts'
import { MAX_RECALLED, recheckSymmetry } from './distinctions.ts'
import type { Engine } from '../explore/engine.ts'
import type { CheckOptions } from './options.ts'
import { explore, openSearch, type Search } from './search.ts'
import { anew, boundOf } from './slices.ts'
import { hasTemporal, needsTemporal, runTemporal } from './temporal.ts'

export type { CheckOptions } from './options.ts'

/**
 * Checks one instance of a spec: every reachable state, breadth first.
 *
 * Throws `UsageError` for an unknown instance or a wrong constant, `SpecError` where the spec itself is wrong; a violation is no error but in
 * the result.
 */
export async function check(spec: AnySpec, options: CheckOptions = {}): Promise<Result> {
  validate(options, CHECK, 'check()')
  refuseContradictions(options)
  const started = performance.now()
  return anew(options, (again) => checkOnce(prepared(spec, again, again, started)))
}

async function checkOnce(context: Context): Promise<Result> {
  const search = await openSearch(context)
  const { engine } = search
  let result: Result
  try {
    result = await carryOut(context, search)
  } catch (error) {
    // What went wrong first is what counts.
    await engine.close?.().catch(() => {})
    throw error
  }
  await engine.close?.()
  return result
}

async function carryOut(context: Context, search: Search): Promise<Result> {
  const { program, options, seconds } = context
  const { engine } = search
  const others = await explore(context, search)
  const searched = seconds()

  const reduced = engine.scalarsets.length > 0 && engine.stopped === null
  const allStates = (needsTemporal(engine, options) && hasTemporal(context)) || (reduced && engine.distinct <= MAX_RECALLED)
  await engine.recall?.(allStates, boundOf(options, seconds))
  if (reduced) await recheckSymmetry(context, engine)
  const temporal = await runTemporal(context, engine)
  const elapsed = seconds() + (engine.secondsBefore ?? 0)

  refuseNothing(context, engine)
  const figures = engine.figures?.() ?? mergeFigures([program.figures(), ...others])
  const confirmation = (options.confirm ?? options.confirmStates !== undefined) ? await confirm(context, engine) : null
  return resultOf(context, { search, temporal, figures, threaded: others.length > 0, searched, elapsed, confirmation })
}

/** A spec without a state to look at says nothing. */
function refuseNothing(context: Context, { generated, distinct, findings, stopped }: Engine): void {
  if (stopped !== null) return
  if (generated === 0) throw noInitialState(context)
  if (distinct === 0 && findings.length === 0)
    throw new SpecError(`every initial state of the spec ${context.spec.name} lies outside the constraint`, {
      location: context.model.predicates.find(({ kind }) => kind === 'constraint')?.location(),
      hint: 'a constraint says which states are expanded; nothing is, here',
    })
}
