/** Finds steps again, for traces; and tells which values were read that decided. */
import type { Reasons, Replay } from '../program/system.ts'
import { SpecError } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import type { PathStep } from '../program/path.ts'
import type { InstanceInfo } from '../program/system.ts'
import type { Reason } from '../program/result.ts'
import { callText, valueText } from '../program/text.ts'
import type { ActionDefinition } from '../spec/model.ts'
import { ScopeBroken } from './ends.ts'
import { type Event, EVERY, FAILED, HAS, NEXT, QUANT, READ, SOME } from './nodes.ts'
import type { LearnedAction, LearnedPredicate } from './learned.ts'
import type { Calls } from './calls.ts'
import type { Actions } from './actions.ts'
import type { Predicates } from './predicates.ts'

export class Traces implements Replay, Reasons {
  readonly layout: Layout
  readonly instances: readonly InstanceInfo[]
  readonly #calls: Calls
  readonly #actions: Actions
  readonly #predicates: Predicates
  readonly #invariants: readonly LearnedPredicate[]

  constructor(calls: Calls, actions: Actions, predicates: Predicates, invariants: readonly LearnedPredicate[]) {
    this.layout = calls.layout
    this.instances = predicates.instances
    this.#calls = calls
    this.#actions = actions
    this.#predicates = predicates
    this.#invariants = invariants
  }

  stepTo(states: Int32Array, at: number, to: Int32Array, toAt: number, instance?: number): PathStep | undefined {
    const { words } = this.layout
    const next = new Int32Array(words)
    return this.#find(states, at, instance, (op) => {
      if (op === FAILED) return false
      this.#calls.tracer.apply(states, at, next, 0)
      return next.every((word, w) => word === to[toAt + w])
    })
  }

  failingStep(states: Int32Array, at: number, message: string): PathStep | undefined {
    return this.#find(states, at, undefined, (op, found) => op === FAILED && found === message)
  }

  #find(
    states: Int32Array,
    at: number,
    only: number | undefined,
    wanted: (op: typeof NEXT | typeof FAILED, message: string) => boolean,
  ): PathStep | undefined {
    for (let instance = 0; instance < this.#actions.all.length; instance++) {
      if (only !== undefined && instance !== only) continue
      let step: PathStep | undefined
      this.#actions.enumerate(this.#actions.all[instance] as LearnedAction, states, at, (op, message) => {
        if (!wanted(op, message)) return false
        step = { instance, picks: [...this.#calls.tracer.chosen] }
        return true
      })
      if (step) return step
    }
    return undefined
  }

  initialStep(to: Int32Array, toAt: number): PathStep | undefined {
    const zero = new Int32Array(this.layout.words)
    const next = new Int32Array(this.layout.words)
    const definitions = this.#calls.model.initials
    if (definitions.length === 0) return { instance: 0, picks: [] }
    for (let instance = 0; instance < definitions.length; instance++) {
      const definition = definitions[instance] as ActionDefinition
      let script: readonly number[] | undefined = []
      while (script) {
        const { leaf } = this.#calls.tracer.runAction('init', definition.run, this.#calls.model.state, {}, zero, 0, script, false)
        if (leaf.op === NEXT) {
          this.#calls.tracer.apply(zero, 0, next, 0)
          if (next.every((word, w) => word === to[toAt + w])) return { instance, picks: [...this.#calls.tracer.chosen] }
        }
        script = this.#calls.tracer.nextScript()
      }
    }
    return undefined
  }

  explainInvariant(invariant: number, states: Int32Array, at: number): Reason[] {
    const predicate = this.#invariants[invariant] as LearnedPredicate
    return this.#reasons(this.#calls.tracer.runPredicate(predicate.what, predicate.test, this.#calls.model.state, states, at, true).events)
  }

  explainStep(step: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): Reason[] {
    return this.#reasons(this.#predicates.stepEvents(step, instance, before, beforeAt, after, afterAt))
  }

  /**
   * The first step from a state that is refused because a value does not fit its place, as an error with this message says; with what it read until
   * then. Null where there is none.
   */
  refusedStep(states: Int32Array, at: number, message: string): { readonly step: PathStep; readonly because: Reason[] } | null {
    for (const [instance, action] of this.#actions.all.entries()) {
      let script: number[] | undefined = []
      while (script !== undefined) {
        const error = this.#refusalOf(action, states, at, script)
        if (error?.outside !== undefined && error.message === message)
          return { step: { instance, picks: [...this.#calls.tracer.chosen] }, because: this.#reasons(this.#calls.tracer.noted) }
        script = this.#calls.tracer.nextScript()
      }
    }
    return null
  }

  /** What messages call an action instance. */
  whatOf(instance: number): string {
    return (this.#actions.all[instance] as LearnedAction).what
  }

  #refusalOf(action: LearnedAction, states: Int32Array, at: number, script: readonly number[], noting = true): SpecError | null {
    try {
      this.#calls.run(action, states, at, script, noting)
      return null
    } catch (error) {
      if (error instanceof ScopeBroken && noting) return this.#refusalOf(action, states, at, script, false)
      if (error instanceof SpecError) return error
      throw error
    }
  }

  explainFailure({ instance, picks }: PathStep, states: Int32Array, at: number): Reason[] {
    return this.#reasons(this.#calls.run(this.#actions.all[instance] as LearnedAction, states, at, picks, true).events)
  }

  explainDeadlock(states: Int32Array, at: number): Reason[] {
    return this.#actions.all.map((action, i) => {
      const { name, parameters } = this.instances[i] as InstanceInfo
      const last = this.#reasons(this.#calls.run(action, states, at, [], true).events).at(-1)
      return { path: callText(name, parameters), value: last ? `not enabled: ${last.path} is ${last.value}` : 'not enabled' }
    })
  }

  /** The values that a run read, those inside quantifiers only where they decided. */
  #reasons(events: readonly Event[]): Reason[] {
    const reasons = new Map<string, Reason>()
    const visit = (event: Event): void => {
      if (event.op === READ) {
        const { length } = this.layout.slots
        const slot = this.layout.slots[event.slot % length] as Layout['slots'][number]
        const path = event.slot >= length ? `${slot.path} after the step` : slot.path
        reasons.set(path, { path, value: valueText(slot.value(event.edge)) })
      } else if (event.op === HAS) {
        const slot = this.layout.slots[event.slot % this.layout.slots.length] as Layout['slots'][number]
        const path = `${valueText(event.type.element(event.element))} in ${slot.path}${event.slot >= this.layout.slots.length ? ' after the step' : ''}`
        reasons.set(path, { path, value: String(event.edge === 1) })
      } else if (event.op === QUANT) {
        const decided = (event.kind === EVERY && event.edge === 0) || (event.kind === SOME && event.edge === 1)
        for (const { events: inside } of decided ? event.inner.slice(-1) : event.inner) inside.forEach(visit)
      }
    }
    events.forEach(visit)
    return [...reasons.values()]
  }
}
