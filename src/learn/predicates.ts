/**
 * Predicates of a state and of a step: a decision tree each, which answers for all states that agree in what it looks at. The hot path is `evaluate`.
 */
import type { Location } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import type { InstanceInfo } from '../program/system.ts'
import { callText } from '../program/text.ts'
import type { Callee } from '../direct/calls.ts'
import { combinations } from '../spec/combinations.ts'
import type { PredicateDefinition, StepInfo } from '../spec/model.ts'
import { noted, type PlainRun } from './net.ts'
import { ScopeBroken } from './ends.ts'
import type { Tracer } from './tracer.ts'
import { type Event, type Leaf, TRUE } from './nodes.ts'
import { decide } from './walk.ts'
import { Forest, OverBudget } from './tree.ts'
import { fresh, givenUp, type Learned, type LearnedPredicate, MUCH_NOTED, NOTED_PATIENCE, SAMPLE, type StepBodyOf } from './learned.ts'
import type { Calls } from './calls.ts'
import type { Comparison } from './comparison.ts'

export class Predicates {
  /** Of step properties: a tree per property and action instance, made when needed; by `step * instances + instance`. */
  readonly stepTrees = new Map<number, LearnedPredicate>()
  /** Step properties with values for their parameters; behind them the filters of temporal events. */
  readonly stepBodies: StepBodyOf[]
  readonly forest: Forest
  /** Step properties look at two states. */
  readonly stepForest: Forest
  readonly layout: Layout
  readonly instances: readonly InstanceInfo[]
  /** How many of the step bodies are properties. */
  readonly #steps: number
  readonly #calls: Calls
  readonly #comparison: Comparison
  readonly #learning: boolean
  readonly #pair: Int32Array

  constructor(calls: Calls, comparison: Comparison, forest: Forest, instances: readonly InstanceInfo[], learning: boolean) {
    const { layout, model } = calls
    this.#calls = calls
    this.#comparison = comparison
    this.forest = forest
    this.stepForest = new Forest(layout, 2)
    this.layout = layout
    this.instances = instances
    this.#learning = learning
    this.#pair = new Int32Array(layout.words * 2)
    this.stepBodies = model.steps.flatMap(({ name, parameters, location, test, source }) =>
      combinations(parameters).map((values) => ({ name, parameters: values, location, test, source })),
    )
    this.#steps = this.stepBodies.length
  }

  /** All of a kind, each with all values of its parameters. */
  all(kind: PredicateDefinition['kind']): LearnedPredicate[] {
    return this.#calls.model.predicates
      .filter((definition) => definition.kind === kind)
      .flatMap((definition) =>
        combinations(definition.parameters).map((parameters) =>
          this.predicate(
            `the ${kind === 'invariant' ? 'invariant' : kind === 'reachable' ? 'property' : 'predicate'} ${callText(definition.name, parameters)}`,
            definition,
            parameters,
          ),
        ),
      )
  }

  /** Whether a step has a property. */
  step(step: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): boolean {
    return this.evaluate(this.stepTree(step, instance), this.pairOf(before, beforeAt, after, afterAt), 0, this.#calls.stepTracer, this.stepForest)
  }

  /** The values that a step property reads of a step. */
  stepEvents(step: number, instance: number, before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): readonly Event[] {
    const { what, test } = this.stepTree(step, instance)
    const pair = this.pairOf(before, beforeAt, after, afterAt)
    return this.#calls.stepTracer.runPredicate(what, test, this.#calls.model.state, pair, 0, true).events
  }

  learned(what: string, location: () => Location | undefined, forest = this.forest): Learned {
    return { what, location, root: forest.root(), direct: !this.#learning, walks: 0, misses: 0, words: 0 }
  }

  predicate(
    what: string,
    { name, location, test }: Pick<PredicateDefinition, 'name' | 'location' | 'test'>,
    parameters: Readonly<Record<string, unknown>>,
  ): LearnedPredicate {
    return {
      ...this.learned(what, location),
      info: { name, parameters },
      test: (s) => test(s, fresh(parameters)),
      source: test,
      callee: undefined,
      noted: 0,
    }
  }

  #learnPredicate(predicate: LearnedPredicate, tracer: Tracer, forest: Forest, states: Int32Array, at: number): void {
    predicate.misses++
    this.#calls.misses++
    const before = forest.size
    try {
      this.#calls.call(predicate, () => {
        const rows = this.#calls.rowsOf(tracer, states, at)
        const call = (): PlainRun & { events: readonly Event[]; leaf: Leaf } => {
          const { events, leaf } = tracer.runPredicate(predicate.what, predicate.test, this.#calls.model.state, states, at, true)
          return { events, leaf, outcome: { kind: 'answer', value: leaf.op === TRUE }, alternatives: [] }
        }
        const plain = this.#comparison.plainlyAsked(predicate, rows)
        const found = call()
        this.#comparison.same(predicate, plain, found, () => this.#comparison.plainlyAsked(predicate, rows), call)
        forest.grow(predicate.root, found.events, found.leaf)
        predicate.noted += noted(found.events)
        if (!this.#comparison.varies(predicate, rows)) return
        const there = this.#comparison.plainlyAsked(predicate, this.#comparison.otherThan(rows, found.events), true)
        if (there.outcome.kind !== 'error') this.#comparison.same(predicate, there, found)
      })
    } catch (thrown) {
      if (!(thrown instanceof OverBudget || thrown instanceof ScopeBroken)) throw thrown
      predicate.direct = true
    }
    predicate.words += forest.size - before
    const { misses, walks } = predicate
    if (givenUp(predicate) || (predicate.noted > MUCH_NOTED && misses > NOTED_PATIENCE && misses * 2 > walks)) predicate.direct = true
    // It may look at anything from now on, and nobody notes it.
    if (predicate.direct) forest.footprint(predicate.root).fill(-1)
  }

  #ask(predicate: LearnedPredicate, tracer: Tracer, states: Int32Array, at: number): boolean {
    return (
      this.#calls.call(predicate, () => tracer.runPredicate(predicate.what, predicate.test, this.#calls.model.state, states, at, false)).leaf.op ===
      TRUE
    )
  }

  evaluate(predicate: LearnedPredicate, states: Int32Array, at: number, tracer = this.#calls.tracer, forest = this.forest): boolean {
    if (predicate.direct) return this.#askDirectly(predicate, tracer, states, at)
    predicate.walks++
    for (;;) {
      const answer = decide(forest, predicate.root, states, at)
      if (answer >= 0) {
        if (
          ++this.#calls.samples % SAMPLE === 0 &&
          (this.#askPlainly(predicate, tracer, states, at) ?? this.#ask(predicate, tracer, states, at)) !== (answer === 1)
        )
          throw this.#calls.impure(predicate)
        return answer === 1
      }
      this.#learnPredicate(predicate, tracer, forest, states, at)
      if (predicate.direct) return this.#askDirectly(predicate, tracer, states, at)
    }
  }

  #calleeOfPredicate(predicate: LearnedPredicate, tracer: Tracer): Callee {
    return (predicate.callee ??= this.#calls.plain.callee(predicate.test, predicate.source, tracer === this.#calls.stepTracer ? 2 : 1))
  }

  /** Asks a predicate on plain data; undefined: drafts have to be asked. */
  #askPlainly(predicate: LearnedPredicate, tracer: Tracer, states: Int32Array, at: number): boolean | undefined {
    this.#calls.begins(predicate)
    const answer = this.#calls.plain.ask(this.#calleeOfPredicate(predicate, tracer), predicate.what, predicate.test, states, at)
    this.#calls.running = null
    return answer
  }

  /** Asks a predicate that has no tree; sometimes on drafts, too. */
  #askDirectly(predicate: LearnedPredicate, tracer: Tracer, states: Int32Array, at: number): boolean {
    const words = tracer === this.#calls.stepTracer ? 2 * this.layout.words : this.layout.words
    const checked = this.#calls.plain.checks(this.#calleeOfPredicate(predicate, tracer), states, at, words, 0)
    const plain = this.#askPlainly(predicate, tracer, states, at)
    if (!checked && plain !== undefined) return plain
    const answer = this.#ask(predicate, tracer, states, at)
    if (checked === 'some' && plain === answer) {
      this.#comparison.compared++
      return answer
    }
    const rows = this.#calls.rowsOf(tracer, states, at)
    this.#calls.call(predicate, () => {
      const thawed = this.#comparison.plainlyAsked(predicate, rows, true)
      const answered = (value: boolean): PlainRun => ({ outcome: { kind: 'answer', value }, alternatives: [] })
      this.#comparison.same(predicate, thawed, answered(answer), undefined, () => answered(this.#ask(predicate, tracer, states, at)))
    })
    if (plain !== undefined && plain !== answer) throw this.#calls.impure(predicate)
    return answer
  }

  pairOf(before: Int32Array, beforeAt: number, after: Int32Array, afterAt: number): Int32Array {
    const { words } = this.layout
    for (let w = 0; w < words; w++) {
      this.#pair[w] = before[beforeAt + w] as number
      this.#pair[words + w] = after[afterAt + w] as number
    }
    return this.#pair
  }

  stepTree(step: number, instance: number): LearnedPredicate {
    const key = step * this.instances.length + instance
    let tree = this.stepTrees.get(key)
    if (!tree) {
      const { name, parameters, location, test, source } = this.stepBodies[step] as StepBodyOf
      const { name: action, parameters: values } = this.instances[instance] as InstanceInfo
      const info: StepInfo = Object.freeze({ action, parameters: values })
      tree = {
        ...this.learned(step < this.#steps ? `the step property ${callText(name, parameters)}` : name, location, this.stepForest),
        info: { name, parameters },
        test: (before, after) => test(before, after, fresh(parameters), info),
        source,
        callee: undefined,
        noted: 0,
      }
      this.stepTrees.set(key, tree)
    }
    return tree
  }
}
