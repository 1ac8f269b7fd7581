/**
 * The net under the rope: what a function of a spec does on drafts is compared with what it does on plain data.
 *
 * Of the two calls that teach the engine something one is made here: the state is decoded into plain objects, arrays and sets, the function runs
 * on them, and the result is encoded again. And since a read that was not noted shows only elsewhere, some are made on a second state too, which
 * agrees in all that was read and differs in everything else: what was learned, applied there, must be what plain data gives there.
 */
import { isTimeout, SpecError } from '../errors.ts'
import { silently } from '../spec/quiet.ts'
import { AssertionFailed, DISABLED, type Execution, execute } from '../spec/actions.ts'
import { type ActionBody, DISABLED_LABEL } from '../spec/model.ts'
import { isBag } from '../values/collections.ts'
import { onRefusal, ValueError } from '../values/errors.ts'
import { watchQuantifiers } from '../values/quantify.ts'
import type { Fields, RecordType } from '../types/record.ts'
import { MAX_LISTED, Type } from '../types/type.ts'
import { refusePromise } from './ends.ts'
import { type Event, HAS, PICKANY, PICKSET, QUANT, READ } from './nodes.ts'

/** What a run came to. `error`: it threw, and what. */
export type Outcome =
  | { readonly kind: 'off' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'next'; readonly row: ArrayLike<number> }
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown }

export interface PlainRun {
  readonly outcome: Outcome
  /** Among how many alternatives each choice was made. */
  readonly alternatives: readonly number[]
}

/** What makes plain data of rows, and rows of plain data: the type of the state, or code made for it. */
export type Codec = Pick<RecordType<Fields>, 'thaw' | 'row'>

/** Runs an action on plain data with these first choices; later ones take the first alternative. */
export function runPlainAction(
  what: string,
  body: ActionBody,
  type: RecordType<Fields>,
  row: ArrayLike<number>,
  parameters: object,
  script: readonly number[],
  codec: Codec = type,
): PlainRun {
  const alternatives: number[] = []
  const choose = (n: number): number => {
    if (n === 0) return execution.end(DISABLED)
    const choice = script[alternatives.length] ?? 0
    alternatives.push(n)
    return choice
  }
  const execution = new PlainExecution(what, {
    disable: () => execution.end(DISABLED),
    ensured: (condition, message) => {
      if (!condition) execution.end(new AssertionFailed(message))
    },
    branch: choose,
    pick: (from) => {
      if (from instanceof Type) {
        if (!(from.size <= MAX_LISTED)) throw new SpecError(`pick() in ${what} was given ${from}, which has too many values to try them all`)
        return from.fresh(choose(from.size))
      }
      const all = [...from]
      return all[choose(all.length)]
    },
  })
  const draft = codec.thaw(row, 0)
  const outcome = execution.run((): Outcome => {
    const returned = body(draft, parameters)
    refusePromise(returned, what)
    if (returned === DISABLED_LABEL) return { kind: 'off' }
    const changed = codec.row(draft)
    if (typeof returned !== 'object' || returned === null || returned === draft || returned instanceof Set || isBag(returned))
      return { kind: 'next', row: changed }
    const part = partOf(draft, returned)
    if (!part && Object.getPrototypeOf(returned) !== Object.prototype) return { kind: 'next', row: changed }
    const names = type.fields.map(([name]) => name)
    const whole = !Array.isArray(returned) && names.every((name) => Object.hasOwn(returned, name)) && Object.keys(returned).length === names.length
    if (!whole || part) throw new SpecError(`${what} returned an object that is not a whole state`)
    if (changed.some((number, slot) => number !== row[slot])) throw new SpecError(`${what} changed the state and returned a new one`)
    return { kind: 'next', row: codec.row(returned) }
  })
  return { outcome, alternatives }
}

/** Runs a function that only reads on plain data of one state, or of two that follow one another. */
export function runPlainValue(
  what: string,
  test: (...states: object[]) => unknown,
  use: (value: unknown) => unknown,
  type: RecordType<Fields>,
  rows: readonly ArrayLike<number>[],
  codec: Codec = type,
): Outcome {
  const refuse = (call: string) => (): never => {
    throw new SpecError(`${call} was called in ${what}`)
  }
  const acts = { disable: refuse('when()'), ensured: refuse('ensure()'), branch: refuse('either()'), pick: refuse('pick()') }
  return new PlainExecution(what, acts).run(() => {
    const states = rows.map((row) => codec.thaw(row, 0) as object)
    const answer = test(...states)
    refusePromise(answer, what)
    const value = use(answer)
    states.forEach((state, i) => {
      const now = codec.row(state)
      if (now.some((number, slot) => number !== rows[i]?.[slot])) throw new SpecError(`${what} writes to the state`)
    })
    return { kind: 'answer', value }
  })
}

const partOf = (whole: unknown, part: object): boolean =>
  typeof whole === 'object' && whole !== null && Object.values(whole).some((inner) => inner === part || partOf(inner, part))

/** An execution that ends with the first thing that is final, whatever the function catches. */
class PlainExecution implements Execution {
  readonly what: string
  readonly #acts: Pick<Execution, 'disable' | 'ensured' | 'branch' | 'pick'>
  #final: unknown = undefined
  #ended = false

  constructor(what: string, acts: Pick<Execution, 'disable' | 'ensured' | 'branch' | 'pick'>) {
    this.what = what
    this.#acts = acts
  }
  end(final: unknown): never {
    if (!this.#ended) {
      this.#ended = true
      this.#final = final
    }
    throw this.#final
  }
  #go(): void {
    if (this.#ended) throw this.#final
  }
  disable(): void {
    this.#go()
    this.#acts.disable()
  }
  ensured(condition: boolean, message: string): void {
    this.#go()
    this.#acts.ensured(condition, message)
  }
  branch(n: number): number {
    this.#go()
    return this.#acts.branch(n)
  }
  pick(from: Iterable<unknown>): unknown {
    this.#go()
    return this.#acts.pick(from)
  }
  refuse(error: Error): never {
    return this.end(error)
  }

  run(body: () => Outcome): Outcome {
    const execution = execute(this)
    const watcher = watchQuantifiers(null)
    const refusal = onRefusal((error) => {
      if (!this.#ended) {
        this.#ended = true
        this.#final = error
      }
    })
    try {
      // What it logs is told where it runs on drafts.
      const outcome = silently(body)
      return this.#ended ? outcomeOf(this.#final) : outcome
    } catch (thrown) {
      if (isTimeout(thrown)) throw thrown
      return outcomeOf(this.#ended ? this.#final : thrown)
    } finally {
      execute(execution)
      watchQuantifiers(watcher)
      onRefusal(refusal)
    }
  }
}

function outcomeOf(thrown: unknown): Outcome {
  if (thrown === DISABLED) return { kind: 'off' }
  if (thrown instanceof AssertionFailed) return { kind: 'failed', message: thrown.message }
  return { kind: 'error', error: thrown }
}

/** All slots that a run has looked at, so that a second state must agree in them. */
export function lookedAt(events: readonly Event[], known: Set<number> = new Set()): Set<number> {
  for (const event of events)
    switch (event.op) {
      case READ:
      case HAS:
      case PICKANY:
        known.add(event.slot)
        break
      case PICKSET:
        for (const slot of event.slots) if (slot >= 0) known.add(slot)
        break
      case QUANT:
        for (const { events: inside } of event.inner) lookedAt(inside, known)
    }
  return known
}

/** How much was noted. */
export function noted(events: readonly Event[]): number {
  let n = events.length
  for (const event of events) if (event.op === QUANT) for (const { events: inside } of event.inner) n += 1 + noted(inside)
  return n
}

/** Random numbers that depend on the state alone. */
export function randomOf(rows: readonly ArrayLike<number>[]): (n: number) => number {
  let hash = 0x811c9dc5
  const mix = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193)
    hash ^= hash >>> 15
  }
  for (const row of rows) for (let i = 0; i < row.length; i++) mix(row[i] as number)
  return (n) => {
    mix(0x9e3779b9)
    return n <= 1 ? 0 : (hash >>> 0) % n
  }
}

/** Says where two outcomes differ; undefined where they do not. */
export function differenceOf(plain: Outcome, found: Outcome, type: RecordType<Fields>): string | undefined {
  if (plain.kind === 'error' && found.kind === 'error') return undefined
  if (plain.kind === 'next' && found.kind === 'next') {
    for (const [name, inner, offset] of type.fields) {
      const width = inner.slots.length
      for (let slot = offset; slot < offset + width; slot++)
        if (plain.row[slot] !== found.row[slot])
          return `${name} becomes ${text(inner.decode(plain.row, offset))} on plain data, but ${text(inner.decode(found.row, offset))} here`
    }
    return undefined
  }
  if (plain.kind === found.kind && toText(plain) === toText(found)) return undefined
  return `on plain data ${toText(plain)}, here ${toText(found)}`
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) => (inner instanceof Set ? [...inner] : inner))?.slice(0, 200) ?? String(value)

function toText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'off':
      return 'it is not enabled'
    case 'failed':
      return `the assertion ${JSON.stringify(outcome.message)} fails`
    case 'next':
      return 'there is a next state'
    case 'answer':
      return `it gives ${text(outcome.value)}`
    case 'error': {
      const { error } = outcome
      return `there is an error (${error instanceof ValueError || error instanceof Error ? error.message : String(error)})`
    }
  }
}
