/**
 * The reference checker as a system that any exploration takes: its states are plain objects, and the number of a state's canonical text is its one word. It
 * says what is wrong and finds steps again, and gives no reasons: it does not know what was read.
 */
import type { Layout } from '../layout/layout.ts'
import type { Successors } from '../layout/successors.ts'
import type { PathStep } from '../program/path.ts'
import type { Explorable, InstanceInfo, PropertyInfo, Replay } from '../program/system.ts'
import { actionInstances, combinations } from '../spec/combinations.ts'
import type { Model, PredicateDefinition, PredicateKind, Variables } from '../spec/model.ts'
import { allHold, initialRuns, keyIn, mayEnd, successorRuns } from './reference.ts'
import { holds, nameOf, type Plain } from './runs.ts'

type Predicate = PropertyInfo & { readonly definition: PredicateDefinition }

/** `layout`: of a state that is one word, such as `layoutOf(record({}))` with `words` 1. */
export function referenceSystem(model: Model<Variables>, layout: Layout): Explorable & Replay & { readonly plain: (word: number) => Plain } {
  const numbers = new Map<string, number>()
  const plains: Plain[] = []
  const numberOf = (plain: Plain): number => {
    const key = keyIn(model, plain)
    let number = numbers.get(key)
    if (number === undefined) {
      number = plains.push(plain) - 1
      numbers.set(key, number)
    }
    return number
  }
  const plainAt = (states: Int32Array, at: number): Plain => plains[states[at] as number] as Plain
  const instances = actionInstances(model)
  const actions = model.actions.map(({ name }) => name)
  const predicates = (kind: PredicateKind): Predicate[] =>
    model.predicates
      .filter((definition) => definition.kind === kind)
      .flatMap((definition) => combinations(definition.parameters).map((parameters) => ({ name: definition.name, parameters, definition })))
  const invariants = predicates('invariant')
  const reachables = predicates('reachable')
  const isTrue = ({ name, parameters, definition }: Predicate, plain: Plain): boolean =>
    holds(model, nameOf(definition.kind, name, parameters), [plain], (s) => definition.test(s, parameters))
  const steps = model.steps.flatMap(({ name, parameters, test }) => combinations(parameters).map((values) => ({ name, parameters: values, test })))
  const put = (out: Successors, plain: Plain, instance: number): void => {
    if (out.count === out.instance.length) out.grow()
    out.states[out.count] = numberOf(plain)
    out.instance[out.count++] = instance
  }
  let initials: { plain: Plain; step: PathStep }[] | null = null
  const initialStates = (): { plain: Plain; step: PathStep }[] => {
    initials ??= [...initialRuns(model)].flatMap(({ after, outcome, step }) => (outcome === 'done' ? [{ plain: after, step }] : []))
    return initials
  }
  return {
    layout,
    actions,
    instances: instances.map(
      ({ definition, parameters }): InstanceInfo => ({ action: actions.indexOf(definition.name), name: definition.name, parameters }),
    ),
    invariants,
    reachables,
    steps,
    constrained: predicates('constraint').length > 0,
    // States of one view have one key, and so one number.
    viewed: false,
    plain: (word) => plains[word] as Plain,
    initial(out) {
      for (const { plain, step } of initialStates()) put(out, plain, step.instance)
      return true
    },
    expand(states, at, out) {
      let enabled = 0
      for (const { step, outcome, message, after } of successorRuns(model, plainAt(states, at))) {
        if (outcome === 'disabled') continue
        enabled++
        if (outcome === 'failed') out.failures.push({ instance: step.instance, message, source: -1 })
        else put(out, after, step.instance)
      }
      return enabled
    },
    inside: (states, at) => allHold(model, 'constraint', plainAt(states, at)),
    terminal: (states, at) => mayEnd(model, plainAt(states, at)),
    viewOf: (states, at) => states[at] as number,
    violated: (states, at, _parent, _parentAt, ignore) => invariants.findIndex((one, i) => ignore[i] === 0 && !isTrue(one, plainAt(states, at))),
    brokenStep(before, beforeAt, after, afterAt, instance, from) {
      const info = instances[instance] as (typeof instances)[number]
      const step = Object.freeze({ action: info.definition.name, parameters: info.parameters })
      return steps.findIndex(
        ({ name, parameters, test }, i) =>
          i >= from &&
          !holds(model, nameOf('step', name, parameters), [plainAt(before, beforeAt), plainAt(after, afterAt)], (one, other) =>
            test(one, other, parameters, step),
          ),
      )
    },
    reaches: (reachable, states, at) => isTrue(reachables[reachable] as Predicate, plainAt(states, at)),
    stepTo(states, at, to, toAt, only) {
      for (const { step, outcome, after } of successorRuns(model, plainAt(states, at)))
        if (outcome === 'done' && (only === undefined || only === step.instance) && numberOf(after) === to[toAt]) return step
      return undefined
    },
    failingStep(states, at, message) {
      for (const { step, outcome, message: failed } of successorRuns(model, plainAt(states, at)))
        if (outcome === 'failed' && failed === message) return step
      return undefined
    },
    initialStep: (to, toAt) => initialStates().find(({ plain }) => numberOf(plain) === to[toAt])?.step,
  }
}
