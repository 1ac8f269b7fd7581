/** Compares what a search has found with what the reference checker finds, for a whole instance. */
import { InternalError, SpecError } from '../errors.ts'
import type { Bound, Confirmation, Verdict, ViolationKind } from '../program/result.ts'
import { type ReferenceOptions, type ReferenceResult, referenceSearch } from '../reference/reference.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { Context } from './context.ts'
import type { Engine } from '../explore/engine.ts'
import { host } from './host.ts'
import { defined, inParts } from './slices.ts'
import { needsTemporal } from './temporal.ts'

/** Instances with more distinct states are too large for the reference checker, by default. */
export const CONFIRMED_STATES = 20_000

/** What a complete search has found, temporal properties and refinements left out. */
export interface Found {
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  /** All that is violated, the first one first. */
  readonly violations: readonly { readonly kind: ViolationKind; readonly name: string; readonly steps: number }[]
  /** Whether states that differ only by interchangeable ids counted as one. */
  readonly reduced: boolean
  /** What the reference checker does not know, as texts: temporal properties and refinements that were checked. */
  readonly beyond: readonly string[]
}

export const notConfirmed = (why: string, stopped?: Bound): Confirmation => ({
  confirmed: false,
  states: null,
  unconfirmed: [why],
  ...(stopped !== undefined && { stopped }),
})

const number = (n: number): string => n.toLocaleString('en-US')

/** Has the reference checker check the model; it throws where that finds anything else. In parts. */
export function* confirmation(
  model: Model<Variables>,
  what: string,
  found: Found,
  { maxStates = CONFIRMED_STATES, ...options }: ReferenceOptions,
): Generator<void, Confirmation> {
  if (found.distinct > maxStates)
    return notConfirmed(`too large (${number(found.distinct)} states; the reference checker is given up to ${number(maxStates)})`)
  const search = referenceSearch(model, options)
  let result: ReferenceResult
  for (;;) {
    const { done, value } = told(what, () => host.silently(() => search.next()))
    if (done) {
      result = value
      break
    }
    if (found.reduced && value > maxStates)
      return notConfirmed(`too large (more than ${number(maxStates)} states, where interchangeable ids are told apart)`)
    // There are more than the search has found already.
    if (!found.reduced && value > maxStates)
      throw differs(what, [`more than ${number(maxStates)} distinct states, and not ${number(found.distinct)}`])
    yield
  }
  const differences = differencesOf(found, result)
  if (differences.length > 0) throw differs(what, differences)
  return {
    confirmed: true,
    states: result.distinct,
    unconfirmed: [
      ...(found.reduced ? ['the numbers of states, since the search counted those as one that differ only by interchangeable ids'] : []),
      ...found.beyond,
    ],
  }
}

/** What the reference checker refuses, the search should have refused. */
function told<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    throw new InternalError(`the reference checker refuses ${what}, and the search did not: ${error.message}`, { cause: error })
  }
}

const differs = (what: string, differences: readonly string[]): InternalError =>
  new InternalError(`the reference checker finds something else for ${what}: ${differences.join('; ')}`)

/** How two results differ, as texts: what the reference checker says, and what the search said. */
export function differencesOf(found: Found, result: ReferenceResult): string[] {
  const differences: string[] = []
  const compare = (name: string, reference: string, search: string): void => {
    if (reference !== search) differences.push(`${name} ${reference}, and not ${search}`)
  }
  if (!found.reduced) {
    compare('verdict', result.verdict, verdictOf(found))
    compare('distinct states', number(result.distinct), number(found.distinct))
    compare('generated', number(result.generated), number(found.generated))
  }
  compare('depth', number(result.depth), number(found.depth))
  compare('violated', violatedOf(result, found.reduced), violatedOf(found, found.reduced))
  return differences
}

function verdictOf({ violations: [first] }: Found): Verdict {
  return first === undefined ? 'holds' : first.kind === 'deadlock' ? 'deadlocked' : 'violated'
}

/** What is violated, and after how many steps. Messages of assertions may name one of several interchangeable ids. */
function violatedOf({ violations }: Pick<Found, 'violations'>, reduced: boolean): string {
  const texts = violations.map(({ kind, name, steps }) => {
    const title = kind === 'deadlock' ? kind : kind === 'assertion' && reduced ? 'an assertion' : `${kind} ${name}`
    return `${title} after ${steps} ${steps === 1 ? 'step' : 'steps'}`
  })
  return [...new Set(texts)].sort().join(', ') || 'nothing'
}

/** Has the reference checker check the instance as well. */
export async function confirm(context: Context, search: Engine): Promise<Confirmation> {
  const { spec, instance, model, program, options, checked, seconds } = context
  if (search.stopped !== null) return notConfirmed('the search was stopped before it had seen everything')
  const { distinct, generated, depth, scalarsets } = search
  const { properties, refinements } = program.temporal
  const beyond = (one: string, several: string, all: readonly { readonly name: string }[]): string[] => {
    const names = needsTemporal(search, options) ? [...new Set(all.map(({ name }) => name).filter(checked))] : []
    return names.length === 0 ? [] : [`the ${names.length === 1 ? one : several} ${names.join(', ')}`]
  }
  const found: Found = {
    distinct,
    generated,
    depth,
    violations: search.ordered(),
    reduced: scalarsets.length > 0,
    beyond: [...beyond('temporal property', 'temporal properties', properties), ...beyond('refinement', 'refinements', refinements)],
  }
  const bounds = { maxStates: options.confirmStates, keepGoing: options.keepGoing, only: instance.expectation.only }
  const done = await inParts(program, confirmation(model, `${spec.name} ${instance.name}`, found, defined(bounds)), options, 0, seconds)
  if (typeof done !== 'string') return done
  return notConfirmed(
    { timeout: 'the time limit is over', interrupt: 'interrupted', memory: 'memory is used up', capacity: 'there are no more numbers for states' }[
      done as 'timeout'
    ],
    done,
  )
}
