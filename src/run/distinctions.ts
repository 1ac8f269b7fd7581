/** The claim that ids are interchangeable, looked at once more after the search; and the error where it is wrong. */
import { SpecError } from '../errors.ts'
import { Distinction } from '../symmetry/distinctions.ts'
import { underPermutations } from '../symmetry/permutations.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { Engine } from '../explore/engine.ts'
import type { Context } from './context.ts'
import { inParts } from './slices.ts'

/** Of a store with more states they stay on the disk when symmetry is looked at once more. */
export const MAX_RECALLED = 1 << 20

/** Looks at the claim of symmetry once more, at the states that were expanded. */
export async function recheckSymmetry({ model, program, options, seconds }: Context, { arena, distinct, queue }: Engine): Promise<void> {
  if (arena.length !== distinct) return
  try {
    await inParts(program, underPermutations(program, arena, distinct - queue), options, 0, seconds)
  } catch (error) {
    throw error instanceof Distinction ? distinctionError(model, error) : error
  }
}

/** The claim that ids are interchangeable is wrong: what tells them apart, and where it stands in the spec. */
export function distinctionError(model: Model<Variables>, { kind, about, ids: [one, other], scalarset }: Distinction): SpecError {
  const definitions = {
    init: model.initials,
    action: model.actions,
    property: model.predicates,
    step: model.steps,
    constraint: model.predicates,
    terminal: model.predicates,
    refinement: model.refinements,
  }[kind]
  const definition = kind === 'init' ? definitions[0] : definitions.find(({ name }) => name === about)
  const what =
    kind === 'action'
      ? `the action ${about} distinguishes`
      : kind === 'init'
        ? 'the initial states distinguish'
        : kind === 'property'
          ? `the property ${about} distinguishes`
          : kind === 'step'
            ? `the step property ${about} distinguishes`
            : kind === 'refinement'
              ? `the mapping of ${about}, or its abstract model, distinguishes`
              : `the ${kind} condition distinguishes`
  const hint =
    kind === 'init'
      ? `a variable of a symmetric type begins with ${scalarset}1: make it an option(), or pick its value in init; or declare the ids with ids()`
      : 'interchangeable ids may be compared for equality with one another, but neither ordered nor named; nor may the first of several be taken. Otherwise declare them with ids()'
  return new SpecError(`${what} ${one} from ${other}, which symmetric('${scalarset}', …) declares to be interchangeable`, {
    location: definition?.location(),
    hint,
  })
}
