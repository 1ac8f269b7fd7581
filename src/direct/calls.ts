/**
 * Calls of a spec's functions on plain data, which is what the language is defined by: for every state where a function has no tree, and for comparing.
 *
 * Only what went well is told. Whatever else happens (an error, a wrong value, a state that is returned in an unusual way), the answer is that somebody else has
 * to be asked: drafts know how to refuse.
 */
import { isTimeout } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import type { Successors } from '../layout/successors.ts'
import { effectFree } from '../source/source.ts'
import type { AnyFunction } from '../source/unit.ts'
import { DISABLED, type Execution, execute } from '../spec/actions.ts'
import { DISABLED_LABEL } from '../spec/model.ts'
import { isBag } from '../values/collections.ts'
import { onRefusal } from '../values/errors.ts'
import { copyOf } from '../values/plain.ts'
import { watchQuantifiers } from '../values/quantify.ts'
import { MAX_LISTED, Type } from '../types/type.ts'
import { OFF, onlyNames, withoutThrowing } from './source.ts'
import { type PlainState, plainStateOf, rowCodec, WRONG } from './state.ts'

/** The first calls of a function are made on drafts as well, those of functions of the same text together, and one in so many by the state afterwards. */
const FIRST = 256
const FIRST_OF_EACH = 8
const SHARE = 64
/** When guards of a function were false so often, and threw, that took as long as it takes to read its source. */
const OFTEN = 192

/** A function of the spec, as it is called here. */
export interface Callee {
  call: AnyFunction
  readonly states: number
  readonly lazy: boolean
  /** Whether it may change what it is given; asked where that matters. */
  changes: boolean | undefined
  readonly source: AnyFunction
  /** How often it was left by an exception. */
  thrown: number
  /** How many of its calls were made on drafts as well, and of those of all functions of its text. */
  checked: number
  readonly text: { checked: number }
  rewritten: boolean
}

/** What a run came to. */
const NONE = 0
const NOT_ENABLED = 1
const FAILED = 2
const ASK = 3
type End = typeof NONE | typeof NOT_ENABLED | typeof FAILED | typeof ASK

export class DirectCalls implements Execution {
  what = ''
  /** How often functions of the spec were called here. */
  calls = 0
  /** For a profile: told the milliseconds of every call. */
  onCall: ((milliseconds: number) => void) | null = null
  readonly #layout: Layout
  readonly #variables: ReadonlySet<string>
  readonly #callees = new Map<AnyFunction, Callee>()
  readonly #register: (message: string) => void
  readonly #often: number
  #state: PlainState | null = null

  // The run that is under way.
  #writable = false
  #end: End = NONE
  #message = ''
  readonly #chosen: number[] = []
  readonly #alternatives: number[] = []
  #position = 0
  readonly #scratch: Int32Array

  /** `register` is told the text of every assertion that is seen; `eager`: functions are read however seldom they are called. */
  constructor(layout: Layout, register: (message: string) => void, eager: boolean) {
    this.#layout = layout
    this.#often = eager ? 0 : OFTEN
    this.#register = register
    this.#variables = new Set(layout.type.fields.map(([name]) => name))
    this.#scratch = new Int32Array(layout.words)
  }

  /** A function of the spec; `source`: as it stands there, where `fn` only wraps it. */
  callee(fn: AnyFunction, source: AnyFunction = fn, states = 1): Callee {
    let callee = this.#callees.get(fn)
    if (callee === undefined) {
      callee = {
        call: fn,
        states,
        lazy: onlyNames(source, states, this.#variables),
        changes: undefined,
        source,
        thrown: 0,
        checked: 0,
        text: this.#textOf(source),
        rewritten: source !== fn,
      }
      this.#callees.set(fn, callee)
    }
    return callee
  }

  /** How rows are made plain data, and plain data rows. */
  get codec(): ReturnType<typeof rowCodec> {
    this.#state ??= plainStateOf(this.#layout)
    return (this.#codec ??= rowCodec(this.#layout, this.#state))
  }
  #codec: ReturnType<typeof rowCodec> | null = null

  readonly #texts = new Map<string, { checked: number }>()
  #textOf(source: AnyFunction): { checked: number } {
    const text = Function.prototype.toString.call(source)
    let known = this.#texts.get(text)
    if (known === undefined) this.#texts.set(text, (known = { checked: 0 }))
    return known
  }

  /** Says that a call was made on drafts as well. */
  checked(callee: Callee): void {
    callee.checked++
    callee.text.checked++
  }

  /** Whether a call on this state is made on drafts, too: among the first, by the state, or not. */
  checks(callee: Callee, states: Int32Array, at: number, words: number, salt: number): 'first' | 'some' | null {
    if (callee.checked < FIRST_OF_EACH || callee.text.checked < FIRST) {
      this.checked(callee)
      return 'first'
    }
    let hash = 0x811c9dc5 ^ salt
    for (let w = 0; w < words; w++) {
      hash = Math.imul(hash ^ (states[at + w] as number), 0x01000193)
      hash ^= hash >>> 15
    }
    return (hash >>> 8) % SHARE === 0 ? 'some' : null
  }

  // --- what a function may do besides

  disable(): void {
    this.#go()
    if (this.#writable) this.#final(NOT_ENABLED)
    else this.#ask()
  }
  ensured(condition: boolean, message: string): void {
    this.#go()
    if (!this.#writable || typeof message !== 'string' || message === '') this.#ask()
    this.#register(message)
    if (condition) return
    this.#message = message
    this.#final(FAILED)
  }
  branch(n: number): number {
    return this.#choose(n)
  }
  pick(from: Iterable<unknown>): unknown {
    if (Array.isArray(from)) return from[this.#choose(from.length)]
    if (from instanceof Type) {
      if (!(from.size <= MAX_LISTED)) this.#ask()
      return from.fresh(this.#choose(from.size))
    }
    const all = [...from]
    return all[this.#choose(all.length)]
  }
  refuse(): void {
    this.#final(ASK)
  }

  /** What has come to its end does nothing more, whatever the function caught. */
  #go(): void {
    if (this.#end !== NONE) throw WRONG
  }
  #final(end: End): void {
    if (this.#end === NONE) this.#end = end
  }
  #ask(): never {
    this.#final(ASK)
    throw WRONG
  }
  #choose(n: number): number {
    this.#go()
    if (!this.#writable) this.#ask()
    if (n === 0) {
      this.#final(NOT_ENABLED)
      throw DISABLED
    }
    const choice = this.#position < this.#chosen.length ? (this.#chosen[this.#position] as number) : 0
    if (choice >= n) this.#ask()
    this.#chosen[this.#position] = choice
    this.#alternatives[this.#position++] = n
    return choice
  }
  /** The next choices, depth first; false after the last. */
  #next(): boolean {
    for (let i = this.#position - 1; i >= 0; i--) {
      const next = (this.#chosen[i] as number) + 1
      if (next >= (this.#alternatives[i] as number)) continue
      this.#chosen[i] = next
      this.#chosen.length = i + 1
      return true
    }
    return false
  }

  // --- calls

  readonly #refused = (): void => this.#final(ASK)

  /**
   * Calls an action on a state for every choice and appends what comes out. Gives the number of steps, failed ones included, or -1 where drafts have to be asked:
   * then nothing of what was appended counts.
   */
  expand(
    callee: Callee,
    what: string,
    parameters: object,
    copied: boolean,
    instance: number,
    states: Int32Array,
    at: number,
    out: Successors,
    source: number,
  ): number {
    const state = (this.#state ??= plainStateOf(this.#layout))
    const { words } = this.#layout
    if (callee.thrown >= this.#often && !callee.rewritten) {
      callee.rewritten = true
      callee.call = withoutThrowing(callee.call)
    }
    this.what = what
    this.#writable = true
    if (this.#chosen.length > 0) this.#chosen.length = 0
    const execution = execute(this)
    const watcher = watchQuantifiers(null)
    const refusal = onRefusal(this.#refused)
    let steps = 0
    try {
      do {
        this.calls++
        this.#position = 0
        this.#end = NONE
        const draft = callee.lazy ? state.lazy(states, at) : state.whole(states, at)
        const begun = this.onCall === null ? 0 : performance.now()
        let returned: unknown
        try {
          returned = callee.call(draft as never, (copied ? copyOf(parameters) : parameters) as never)
        } catch (thrown) {
          callee.thrown++
          if (this.#end === NONE) {
            if (isTimeout(thrown)) throw thrown
            return -1
          }
          if (thrown !== DISABLED && isTimeout(thrown)) throw thrown
        } finally {
          this.onCall?.(performance.now() - begun)
        }
        const end = this.#end as End
        if (end === ASK) return -1
        if (end === NOT_ENABLED) continue
        if (end === FAILED) {
          steps++
          out.failures.push({ instance, message: this.#message, source })
          continue
        }
        if (returned === OFF || returned === DISABLED_LABEL) continue
        if (out.count === out.instance.length) out.grow()
        const to = out.count * words
        if (!this.#save(callee, draft, returned, states, at, out.states, to)) return -1
        out.instance[out.count++] = instance
        steps++
      } while (this.#next())
    } finally {
      execute(execution)
      watchQuantifiers(watcher)
      onRefusal(refusal)
      this.#writable = false
    }
    return steps
  }

  /** Packs the state after a call; false where it can't be told here. */
  #save(callee: Callee, draft: object, returned: unknown, states: Int32Array, at: number, out: Int32Array, to: number): boolean {
    const state = this.#state as PlainState
    try {
      if (typeof returned !== 'object' || returned === null || returned === draft || returned instanceof Set || isBag(returned)) {
        if (callee.lazy) state.save(draft, out, to)
        else state.encode(draft, out, to)
        return true
      }
      // A new state: one that shares nothing with the old one, which is as it was.
      if (callee.lazy && state.assigned(draft)) return false
      if (callee.lazy) state.save(draft, out, to)
      else state.encode(draft, out, to)
      if (!same(out, to, states, at, this.#layout.words)) return false
      if (Object.getPrototypeOf(returned) !== Object.prototype) return false
      if (!callee.lazy && partOf(draft, returned)) return false
      state.encode(returned, out, to)
      return true
    } catch (thrown) {
      if (isTimeout(thrown)) throw thrown
      return false
    }
  }

  /** Asks a predicate of one state, or of two that follow one another; undefined where drafts have to be asked. */
  ask(callee: Callee, what: string, test: (...states: object[]) => unknown, states: Int32Array, at: number): boolean | undefined {
    const state = (this.#state ??= plainStateOf(this.#layout))
    const { words } = this.#layout
    this.what = what
    this.#writable = false
    this.#end = NONE
    this.calls++
    const first = callee.lazy ? state.lazy(states, at) : state.whole(states, at)
    const second = callee.states < 2 ? undefined : callee.lazy ? state.lazy(states, at + words) : state.whole(states, at + words)
    const execution = execute(this)
    const watcher = watchQuantifiers(null)
    const refusal = onRefusal(this.#refused)
    const begun = this.onCall === null ? 0 : performance.now()
    let answer: unknown
    try {
      answer = second === undefined ? test(first) : test(first, second)
    } catch (thrown) {
      if (isTimeout(thrown)) throw thrown
      return undefined
    } finally {
      execute(execution)
      watchQuantifiers(watcher)
      onRefusal(refusal)
      this.onCall?.(performance.now() - begun)
    }
    if (this.#end !== NONE || typeof answer !== 'boolean') return undefined
    callee.changes ??= !effectFree(callee.source)
    if (
      callee.changes &&
      !(this.#unchanged(callee, first, states, at) && (second === undefined || this.#unchanged(callee, second, states, at + words)))
    )
      return undefined
    return answer
  }

  /** Whether a state is as it was. */
  #unchanged(callee: Callee, draft: object, states: Int32Array, at: number): boolean {
    const state = this.#state as PlainState
    try {
      if (callee.lazy) {
        if (state.assigned(draft)) return false
        state.save(draft, this.#scratch, 0)
      } else state.encode(draft, this.#scratch, 0)
    } catch (thrown) {
      if (isTimeout(thrown)) throw thrown
      return false
    }
    return same(this.#scratch, 0, states, at, this.#layout.words)
  }
}

function same(a: Int32Array, from: number, b: Int32Array, at: number, words: number): boolean {
  for (let w = 0; w < words; w++) if (a[from + w] !== b[at + w]) return false
  return true
}

const partOf = (whole: unknown, part: object): boolean =>
  typeof whole === 'object' && whole !== null && Object.values(whole).some((inner) => inner === part || partOf(inner, part))
