/**
 * Runs a function of a spec on a state and takes notes: which slots it read with which values, what it picked, what it wrote.
 *
 * Notes are taken in order, and a slot is noted once: what is known at a place of the tree need not be asked again. The callback of a
 * quantifier is a scope: what it reads is noted in the scope and forgotten outside, because the tree outside only goes by its answer.
 */
import { SpecError } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import { Formula } from '../spec/formulas.ts'
import { type ActionBody, DISABLED_LABEL } from '../spec/model.ts'
import { AssertionFailed, DISABLED, type Execution, execute } from '../spec/actions.ts'
import { watchQuantifiers } from '../types/quantify.ts'
import type { SetType } from '../types/set.ts'
import { type AnyType, MAX_LISTED, show, Type } from '../types/type.ts'
import { liveBits, liveInterned, liveSequence, type Store } from './drafts.ts'
import { type Event, FALSE, FAILED, HAS, type Leaf, NEXT, OFF, PICK, PICKANY, PICKSET, QUANT, QUANTIFIERS, READ, TRUE } from './tree.ts'

export class Tracer implements Store, Execution {
  /** What runs, for messages. */
  what = ''
  /** The words of the state that is read, and where they begin. */
  #states: Int32Array = new Int32Array(0)
  #at = 0
  readonly #layout: Layout
  readonly #word: Int32Array
  readonly #shift: Int32Array
  readonly #mask: Int32Array

  #noting = false
  #writable = false
  /** Whether a function of the spec runs: only then may drafts be used. */
  #active = false
  #scopes = 0
  #events: Event[] = []

  // Per slot: the run in which it was written or noted, and what was written: a value, or the slot that it was copied from.
  #run = 0
  readonly #written: Int32Array
  readonly #noted: Int32Array
  readonly #value: Int32Array
  readonly #from: Int32Array
  #writes: number[] = []
  #notedInScope: number[] = []

  #script: readonly number[] = []
  /** What was chosen in the last run, and among how many. */
  readonly chosen: number[] = []
  readonly alternatives: number[] = []
  /** The values chosen in the last run. */
  readonly picks: unknown[] = []
  #disabled = false
  /** How often functions of the spec were called. */
  calls = 0
  /** For a profile: told of every call, with whether notes were taken and its milliseconds. */
  onCall: ((noting: boolean, milliseconds: number) => void) | null = null
  /** The messages of all assertions seen, each with its number. */
  readonly messages = new Map<string, number>()

  /** `states`: how many states a run sees: two for step properties, whose slots follow one another. */
  constructor(layout: Layout, states = 1) {
    this.#layout = layout
    const n = layout.slots.length
    const double = (row: Int32Array, offset: number) =>
      Int32Array.from({ length: n * states }, (_, i) => (row[i % n] as number) + (i >= n ? offset : 0))
    this.#word = double(layout.word, layout.words)
    this.#shift = double(layout.shift, 0)
    this.#mask = double(layout.mask, 0)
    this.#written = new Int32Array(n * states)
    this.#noted = new Int32Array(n * states)
    this.#value = new Int32Array(n * states)
    this.#from = new Int32Array(n * states)
  }

  // --- the store under the drafts

  read(slot: number): number {
    if (this.#written[slot] === this.#run) {
      const from = this.#from[slot] as number
      if (from < 0) return this.#value[slot] as number
      const changes = this.#changesOf(slot)
      return changes === undefined ? this.#old(from) : changes.type.changed(this.#old(from), changes.elements)
    }
    return this.#old(slot)
  }

  // Interned sets of which elements were put in or taken out in this run without the set being read.
  readonly #changed = new Map<number, { readonly type: SetType<AnyType>; readonly elements: Map<number, boolean> }>()
  /** Elements asked for: noted in this run, per slot and element. */
  readonly #asked = new Map<string, boolean>()

  #changesOf(slot: number): { readonly type: SetType<AnyType>; readonly elements: Map<number, boolean> } | undefined {
    return this.#written[slot] === this.#run ? this.#changed.get(slot) : undefined
  }

  has(slot: number, type: SetType<AnyType>, element: number): boolean {
    const written = this.#written[slot] === this.#run
    if (written && (this.#from[slot] as number) < 0) return type.hasMember(this.#value[slot] as number, element)
    const change = this.#changesOf(slot)?.elements.get(element)
    if (change !== undefined) return change
    const origin = written ? (this.#from[slot] as number) : slot
    const present = type.hasMember(this.#peek(origin), element)
    if (this.#noting && this.#noted[origin] !== this.#run) {
      const key = `${origin}:${element}`
      if (!this.#asked.has(key)) {
        this.#asked.set(key, present)
        if (this.#scopes > 0) this.#askedInScope.push(key)
        this.#events.push({ op: HAS, slot: origin, type, element, edge: present ? 1 : 0 })
      }
    }
    return present
  }
  #askedInScope: string[] = []

  put(slot: number, type: SetType<AnyType>, element: number, present: boolean): void {
    this.#mayWrite()
    if (this.#written[slot] !== this.#run) {
      this.#claim(slot)
      this.#from[slot] = slot
      this.#changed.delete(slot)
    }
    if ((this.#from[slot] as number) < 0) {
      this.#value[slot] = type.changed(this.#value[slot] as number, new Map([[element, present]]))
      return
    }
    const changes = this.#changed.get(slot)
    if (changes) changes.elements.set(element, present)
    else this.#changed.set(slot, { type, elements: new Map([[element, present]]) })
  }

  #peek(slot: number): number {
    if (!this.#active)
      throw new SpecError('a state was read after the function that it was given to had returned', {
        hint: 'do not keep the state, or a part of it, in a variable outside the function',
      })
    return ((this.#states[this.#at + (this.#word[slot] as number)] as number) >>> (this.#shift[slot] as number)) & (this.#mask[slot] as number)
  }

  #old(slot: number): number {
    const value = this.#peek(slot)
    if (this.#noting && this.#noted[slot] !== this.#run) {
      this.#note(slot)
      this.#events.push({ op: READ, slot, edge: value })
    }
    return value
  }

  #note(slot: number): void {
    this.#noted[slot] = this.#run
    if (this.#scopes > 0) this.#notedInScope.push(slot)
  }

  write(slot: number, value: number): void {
    this.#mayWrite()
    this.#claim(slot)
    this.#value[slot] = value
    this.#from[slot] = -1
    if (this.#changed.size > 0) this.#changed.delete(slot)
  }

  copy(to: number, from: number): void {
    this.#mayWrite()
    const resolved = this.#written[from] === this.#run
    const origin = resolved ? (this.#from[from] as number) : from
    const value = resolved ? (this.#value[from] as number) : 0
    const changes = this.#changed.size > 0 ? this.#changesOf(from) : undefined
    this.#claim(to)
    this.#value[to] = value
    this.#from[to] = origin
    if (changes) this.#changed.set(to, { type: changes.type, elements: new Map(changes.elements) })
    else if (this.#changed.size > 0) this.#changed.delete(to)
  }

  #claim(slot: number): void {
    if (this.#written[slot] !== this.#run) {
      this.#written[slot] = this.#run
      this.#writes.push(slot)
    }
  }

  #mayWrite(): void {
    if (!this.#writable) throw new SpecError(`${this.what} writes to the state`, { hint: 'only actions and init write; a property only reads' })
    if (this.#scopes > 0)
      throw new SpecError(`the callback of a quantifier in ${this.what} writes to the state`, {
        hint: 'callbacks only read; use a for loop to write',
      })
  }

  // --- what an action does besides reading and writing

  disable(): void {
    this.#refuseInScope('when()')
    this.#disabled = true
  }

  ensured(condition: boolean, message: string): void {
    this.#refuseInScope('ensure()')
    if (typeof message !== 'string' || message === '')
      throw new SpecError(`ensure() in ${this.what} has no message`, { hint: "name the assertion: ensure(condition, 'what must be true')" })
    if (!this.messages.has(message)) this.messages.set(message, this.messages.size)
    void condition
  }

  branch(n: number): number {
    this.#refuseInScope('either()')
    const choice = this.#choose(n)
    if (this.#noting) this.#events.push({ op: PICK, n, edge: choice })
    this.picks.push(choice)
    return choice
  }

  pick(from: Iterable<unknown>): unknown {
    this.#refuseInScope('pick()')
    const picked = this.#pickFrom(from)
    this.picks.push(picked)
    return picked
  }

  #pickFrom(from: Iterable<unknown>): unknown {
    const bits = liveBits(from)
    if (bits) return this.#pickBit(bits.type.inner.values() as readonly unknown[], bits.base)
    const interned = liveInterned(from)
    if (interned) return this.#pickAny(interned.type, interned.base)
    const sequence = liveSequence(from)
    if (sequence) return sequence.at(this.#pickIndex(sequence.length))
    if (from instanceof Type) {
      if (!(from.size <= MAX_LISTED))
        throw new SpecError(`pick() in ${this.what} was given ${from}, which has too many values to try them all`, {
          hint: `at most ${MAX_LISTED}; pick from a smaller type`,
        })
      return from.valueAt(this.#pickIndex(from.size))
    }
    const all = [...from]
    return all[this.#pickIndex(all.length)]
  }

  #pickIndex(n: number): number {
    const choice = this.#choose(n)
    if (this.#noting) this.#events.push({ op: PICK, n, edge: choice })
    return choice
  }

  /** Picks from a live set: the elements that are there decide what can be picked, without the set being read as a whole. */
  #pickBit(elements: readonly unknown[], base: number): unknown {
    const slots: number[] = []
    const candidates: number[] = []
    const present: number[] = []
    for (let i = 0; i < elements.length; i++) {
      const slot = base + i
      const written = this.#written[slot] === this.#run
      const origin = written ? (this.#from[slot] as number) : slot
      if (origin < 0 && this.#value[slot] === 0) continue
      if (origin < 0 || this.#peek(origin) !== 0) present.push(slots.length)
      slots.push(origin)
      candidates.push(i)
    }
    const index = present.length === 0 ? -1 : (present[this.#choose(present.length)] as number)
    if (this.#noting) {
      // Where nothing can be picked the run ends here: edge -1.
      this.#events.push({ op: PICKSET, slots, edge: index })
      const slot = index < 0 ? -1 : (slots[index] as number)
      if (slot >= 0 && this.#noted[slot] !== this.#run) this.#note(slot)
    }
    if (index < 0) this.#choose(0)
    return elements[candidates[index] as number]
  }

  /** Picks from a live interned set, one branch per element, without the set being read as a whole. */
  #pickAny(type: SetType<AnyType>, slot: number): unknown {
    const written = this.#written[slot] === this.#run
    const origin = written ? (this.#from[slot] as number) : slot
    if (origin < 0 || this.#noted[origin] === this.#run) {
      // Its value is known here: an ordinary choice among so many.
      const members = type.members(this.read(slot))
      return type.element(members[this.#pickIndex(members.length)] as number)
    }
    const changes = this.#changesOf(slot)?.elements ?? new Map<number, boolean>()
    const members = type.members(changes.size === 0 ? this.#peek(origin) : type.changed(this.#peek(origin), changes))
    const element = members.length === 0 ? -1 : (members[this.#choose(members.length)] as number)
    if (this.#noting) this.#events.push({ op: PICKANY, slot: origin, type, changes: new Map(changes), edge: element })
    if (element < 0) this.#choose(0)
    // It was there, or put there: asking for it again says nothing new.
    if (!changes.has(element)) this.#asked.set(`${origin}:${element}`, true)
    return type.element(element)
  }

  /** The next choice of the script, or the first alternative. */
  #choose(n: number): number {
    if (n === 0) {
      this.#disabled = true
      throw DISABLED
    }
    const position = this.chosen.length
    const choice = this.#script[position] ?? 0
    if (choice >= n) throw new Unfit()
    this.chosen.push(choice)
    this.alternatives.push(n)
    return choice
  }

  #refuseInScope(call: string): void {
    if (this.#scopes > 0)
      throw new SpecError(`${call} was called in the callback of a quantifier in ${this.what}`, { hint: 'callbacks only read and answer' })
    if (!this.#writable)
      throw new SpecError(`${call} was called in ${this.what}`, { hint: 'only actions choose, guard and assert; a property gives true or false' })
  }

  readonly #quantifier = (kind: keyof typeof QUANTIFIERS, n: number, test: (index: number) => boolean): number => {
    const outer = this.#events
    const inner: { events: Event[]; answer: boolean }[] = []
    let count = 0
    let answerOfAll = -1
    this.#scopes++
    for (let i = 0; i < n && answerOfAll < 0; i++) {
      const mark = this.#notedInScope.length
      const askedMark = this.#askedInScope.length
      this.#events = []
      const answer = test(i)
      inner.push({ events: this.#events, answer })
      while (this.#notedInScope.length > mark) this.#noted[this.#notedInScope.pop() as number] = 0
      for (const key of this.#askedInScope.splice(askedMark)) this.#asked.delete(key)
      if (answer) count++
      if (kind === 'every' && !answer) answerOfAll = 0
      else if (kind === 'some' && answer) answerOfAll = 1
      else if (kind === 'find' && answer) answerOfAll = i
    }
    this.#scopes--
    this.#events = outer
    if (answerOfAll < 0) answerOfAll = kind === 'every' ? 1 : kind === 'some' ? 0 : kind === 'find' ? n : count
    if (this.#noting) this.#events.push({ op: QUANT, kind: QUANTIFIERS[kind], n, inner, edge: answerOfAll })
    return answerOfAll
  }

  // --- running

  /** Prepares for a run on a state. */
  #begin(what: string, states: Int32Array, at: number, noting: boolean, writable: boolean, script: readonly number[]): void {
    this.what = what
    this.#states = states
    this.#at = at
    this.#noting = noting
    this.#writable = writable
    this.#scopes = 0
    this.#events = []
    this.#run++
    this.#writes = []
    this.#notedInScope = []
    this.#askedInScope = []
    if (this.#asked.size > 0) this.#asked.clear()
    if (this.#changed.size > 0) this.#changed.clear()
    this.#script = script
    this.chosen.length = 0
    this.alternatives.length = 0
    this.picks.length = 0
    this.#disabled = false
    this.#active = true
    this.calls++
  }

  /** Runs an action with these first choices; later ones take the first alternative. Throws `Unfit` where a choice does not exist. */
  runAction(
    what: string,
    body: ActionBody,
    draft: object,
    parameters: object,
    states: Int32Array,
    at: number,
    script: readonly number[],
    noting: boolean,
  ): { events: readonly Event[]; leaf: Leaf } {
    this.#begin(what, states, at, noting, true, script)
    const leaf = this.#guarded((): Leaf => {
      try {
        const returned = body(draft, parameters)
        refusePromise(returned, what)
        if (returned === DISABLED_LABEL || this.#disabled) return { op: OFF }
      } catch (thrown) {
        if (thrown === DISABLED || (this.#disabled && !(thrown instanceof Error))) return { op: OFF }
        if (thrown instanceof AssertionFailed) return { op: FAILED, message: this.messages.get(thrown.message) as number }
        throw thrown
      }
      return {
        op: NEXT,
        writes: this.#writes.map((slot) => {
          const changes = this.#changed.get(slot)
          // Changes kept aside: the next run clears the map.
          return {
            slot,
            value: this.#value[slot] as number,
            from: this.#from[slot] as number,
            changes: changes && { type: changes.type, elements: new Map(changes.elements) },
          }
        }),
      }
    })
    return { events: this.#events, leaf }
  }

  /** Runs a predicate. */
  runPredicate(
    what: string,
    test: () => unknown,
    states: Int32Array,
    at: number,
    noting: boolean,
  ): { events: readonly Event[]; leaf: Leaf & { op: typeof TRUE | typeof FALSE } } {
    this.#begin(what, states, at, noting, false, [])
    const answer = this.#guarded(test)
    refusePromise(answer, what)
    if (typeof answer !== 'boolean') {
      throw new SpecError(`${what} returned ${answer instanceof Formula ? 'a formula' : show(answer)}, not a boolean`, {
        location: undefined,
        hint:
          answer instanceof Formula
            ? 'operators stand around predicates, not in them: always(eventually((s) => …))'
            : 'return true or false; compare explicitly, for example with !== null',
      })
    }
    return { events: this.#events, leaf: { op: answer ? TRUE : FALSE } }
  }

  /** Runs a function for its value, a view or a mapping, which is used while it is live. */
  runValue<T>(what: string, derive: () => unknown, use: (value: unknown) => T, states: Int32Array, at: number): T {
    this.#begin(what, states, at, false, false, [])
    return this.#guarded(() => {
      const value = derive()
      refusePromise(value, what)
      return use(value)
    })
  }

  #guarded<T>(run: () => T): T {
    const begun = this.onCall === null ? 0 : performance.now()
    const execution = execute(this)
    const watcher = watchQuantifiers(this.#quantifier)
    try {
      return run()
    } finally {
      execute(execution)
      watchQuantifiers(watcher)
      this.#writable = false
      this.#active = false
      this.onCall?.(this.#noting, performance.now() - begun)
    }
  }

  /** The script of the next run of a depth-first enumeration of all choices, or undefined after the last. */
  nextScript(fixed = 0): number[] | undefined {
    for (let i = this.chosen.length - 1; i >= fixed; i--) {
      const next = (this.chosen[i] as number) + 1
      if (next < (this.alternatives[i] as number)) return [...this.chosen.slice(0, i), next]
    }
    return undefined
  }

  /** The state after the last run: the old words with what was written. */
  apply(states: Int32Array, at: number, out: Int32Array, to: number): void {
    const { words } = this.#layout
    for (let w = 0; w < words; w++) out[to + w] = states[at + w] as number
    for (const slot of this.#writes) {
      const from = this.#from[slot] as number
      const old =
        from < 0 ? 0 : ((states[at + (this.#word[from] as number)] as number) >>> (this.#shift[from] as number)) & (this.#mask[from] as number)
      const changes = this.#changed.get(slot)
      const value = from < 0 ? (this.#value[slot] as number) : changes ? changes.type.changed(old, changes.elements) : old
      const word = to + (this.#word[slot] as number)
      const shift = this.#shift[slot] as number
      out[word] = ((out[word] as number) & ~((this.#mask[slot] as number) << shift)) | (value << shift)
    }
  }
}

/** A choice that does not exist in this state: the function is not the one that made the script. */
export class Unfit extends Error {}

function refusePromise(value: unknown, what: string): void {
  if (typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function') {
    void Promise.resolve(value).catch(() => undefined)
    throw new SpecError(`${what} returned a promise`, {
      location: undefined,
      hint: 'functions of a spec are synchronous: a step of the model happens at once; remove async and await',
    })
  }
}
