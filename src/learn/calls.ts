/** Calls the functions of a spec on drafts: what they throw becomes an error that names them and their place. */
import { InternalError, isTimeout, type Location, locate, SpecError } from '../errors.ts'
import { type Layout, readSlot } from '../layout/layout.ts'
import { valueText } from '../program/text.ts'
import { DirectCalls } from '../direct/calls.ts'
import type { Model, Variables } from '../spec/model.ts'
import { ValueError } from '../types/type.ts'
import type { Profiler } from './profile.ts'
import { ScopeBroken, Unfit } from './ends.ts'
import { Tracer } from './tracer.ts'
import { Inconsistent, OverBudget } from './tree.ts'
import { fresh, GoDirect, type Learned, type LearnedAction } from './learned.ts'

/** Something of the spec that is called. */
interface Callable {
  readonly what: string
  readonly location: () => Location | undefined
}

/** How many calls share a look at the clock. */
const MARKED = 16

export class Calls {
  /** The function of the spec that is running; it stays set when a call is interrupted. */
  running: Callable | null = null
  /** By `performance.now()`: since then no more than `MARKED` functions were called. So a call that was interrupted has not run for longer, or not by much. */
  lately = 0
  #unmarked = 0
  /** Whether what is called now is only compared. */
  again = false
  /** What all functions have missed, and how many walks there were by which samples are chosen. */
  misses = 0
  samples = 0
  readonly model: Model<Variables>
  readonly layout: Layout
  /** Drafts of one state, and of two that follow one another. */
  readonly tracer: Tracer
  readonly stepTracer: Tracer
  /** Calls on plain data. */
  readonly plain: DirectCalls
  readonly profiler: Profiler | null

  constructor(model: Model<Variables>, layout: Layout, eager: boolean, profiler: Profiler | null) {
    this.model = model
    this.layout = layout
    this.tracer = new Tracer(layout)
    this.stepTracer = new Tracer(layout, 2)
    this.plain = new DirectCalls(layout, (message) => this.tracer.number(message), eager)
    this.profiler = profiler
    if (profiler !== null) this.#watch(profiler)
  }

  /** Counts and times every call of the spec's functions; what is called by `call` is known while it runs. */
  #watch(profiler: Profiler): void {
    const called = (noting: boolean, milliseconds: number): void => {
      const { running } = this
      if (running === null) return
      const learned = 'root' in running ? (running as Learned) : null
      const kind = noting ? 'learning' : this.again || learned?.direct === false ? 'samples' : 'direct'
      profiler.called(learned ?? running.what, kind, milliseconds)
    }
    this.tracer.onCall = this.stepTracer.onCall = called
    this.plain.onCall = (milliseconds) => called(false, milliseconds)
  }

  /** Something of the spec runs from here on. */
  begins(callable: Callable): void {
    if (this.#unmarked-- === 0) {
      this.#unmarked = MARKED
      this.lately = performance.now()
    }
    this.running = callable
  }

  /** Runs something of the spec; what it throws becomes an error that names it and its place. */
  call<T>(learned: Callable, run: () => T): T {
    this.begins(learned)
    try {
      const value = run()
      this.running = null
      return value
    } catch (thrown) {
      if (isTimeout(thrown)) throw thrown
      this.running = null
      if (thrown instanceof Inconsistent || thrown instanceof Unfit) throw this.impure(learned)
      // What is only seen when the function has returned has no place of its own.
      if (thrown instanceof SpecError) thrown.location ??= learned.location()
      if (
        thrown instanceof SpecError ||
        thrown instanceof InternalError ||
        thrown instanceof OverBudget ||
        thrown instanceof GoDirect ||
        thrown instanceof ScopeBroken
      )
        throw thrown
      if (thrown instanceof ValueError)
        throw new SpecError(`${learned.what}: ${thrown.path}${thrown.path ? ': ' : ''}${thrown.message}`, {
          location: locate(thrown) ?? learned.location(),
          cause: thrown,
          outside: thrown.outside(''),
        })
      const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : valueText(thrown)
      throw new SpecError(`${learned.what} threw ${text}`, {
        location: (thrown instanceof Error ? locate(thrown) : undefined) ?? learned.location(),
        cause: thrown,
        hint: this.#missed ?? 'a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()',
      })
    }
  }

  /** The name that the function read last although there is none such. */
  get #missed(): string | undefined {
    return this.tracer.missedName ?? this.stepTracer.missedName
  }

  impure(learned: { readonly what: string; readonly location: () => Location | undefined }): SpecError {
    return new SpecError(`${learned.what} is not a function of the state: called twice on one state it did two different things`, {
      location: learned.location(),
      hint: 'it may depend on nothing but the state, its parameters and its picks: no clock, no random numbers, no variable outside that changes',
    })
  }

  run(action: LearnedAction, states: Int32Array, at: number, script: readonly number[], noting: boolean): ReturnType<Tracer['runAction']> {
    return this.call(action, () =>
      this.tracer.runAction(action.what, action.body, this.model.state, fresh(action.parameters), states, at, script, noting),
    )
  }

  message(number: number): string {
    return [...this.tracer.messages.keys()][number] as string
  }

  rowOf(states: Int32Array, at: number): number[] {
    const row = new Array<number>(this.layout.slots.length)
    for (let slot = 0; slot < row.length; slot++) row[slot] = readSlot(this.layout, states, at, slot)
    return row
  }

  /** The slots of the state that a tracer sees, or of its two. */
  rowsOf(tracer: Tracer, states: Int32Array, at: number): number[][] {
    const first = this.rowOf(states, at)
    return tracer === this.stepTracer ? [first, this.rowOf(states, at + this.layout.words)] : [first]
  }
}
