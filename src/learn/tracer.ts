/**
 * Runs a function of a spec on a state and takes notes: which slots it read with which values, what it picked, what it wrote.
 *
 * Notes are taken in order, and a slot is noted once: what is known at a place of the tree need not be asked again. The callback of a
 * quantifier is a scope: what it reads is noted in the scope and forgotten outside, because the tree outside only goes by its answer.
 */
import { PromiseReturned, refusePromise, ScopeBroken, Unfit } from './ends.ts'
import { Life } from './life.ts'
import { nextStateOf } from './returned.ts'
import { isTimeout, SpecError } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import { Formula } from '../spec/formulas.ts'
import { type ActionBody, DISABLED_LABEL } from '../spec/model.ts'
import { AssertionFailed, DISABLED, type Execution, execute } from '../spec/actions.ts'
import { effectFree } from '../source/source.ts'
import { type Watcher, watchQuantifiers } from '../values/quantify.ts'
import type { SetType } from '../types/set.ts'
import { type AnyType, MAX_LISTED, show, Type, ValueError } from '../types/type.ts'
import { Graph, nodeOf, Origin, type Store } from '../drafts/graph.ts'
import { SequenceNode } from '../drafts/sequence.ts'
import { BitSet, WideSet } from '../drafts/sets.ts'
import { onRefusal } from '../values/errors.ts'
import type { RecordType, Fields } from '../types/record.ts'
import { type Event, FALSE, FAILED, HAS, type Leaf, NEXT, OFF, PICK, PICKANY, PICKSET, QUANT, QUANTIFIERS, READ, TRUE } from './nodes.ts'

export class Tracer implements Store, Execution {
  /** What runs, for messages. */
  what = ''
  /** The words of the state that is read, and where they begin. */
  #states: Int32Array = new Int32Array(0)
  #at = 0
  readonly #layout: Layout
  readonly #count: number
  readonly #word: Int32Array
  readonly #shift: Int32Array
  readonly #mask: Int32Array

  #noting = false
  #writable = false
  #scopes = 0
  #events: Event[] = []

  // Per slot: the run in which it was noted, and what is told of it while a run is saved: a value, or the slot that it is copied from.
  #run = 0
  readonly #noted: Int32Array
  readonly #written: Int32Array
  readonly #value: Int32Array
  readonly #from: Int32Array
  /** Interned sets of which elements were put in or taken out without the set being read. */
  readonly #altered = new Map<number, { readonly type: SetType<AnyType>; readonly elements: ReadonlyMap<number, boolean> }>()
  #writes: number[] = []
  #notedInScope: number[] = []

  /** The drafts of the run. */
  #graph: Graph = new Graph(this)
  /** What ended the run, whatever the function catches: thrown again by whatever it does with a draft afterwards. */
  #final: unknown = undefined
  #ended = false

  #script: readonly number[] = []
  /** What was chosen in the last run, and among how many. */
  readonly chosen: number[] = []
  readonly alternatives: number[] = []
  /** The values chosen in the last run. */
  readonly picks: unknown[] = []
  /** How often functions of the spec were called. */
  calls = 0
  /** For a profile: told of every call, with whether notes were taken and its milliseconds. */
  onCall: ((noting: boolean, milliseconds: number) => void) | null = null
  /** The messages of all assertions seen, each with its number. */
  readonly messages = new Map<string, number>()

  /** `states`: how many states a run sees: two for step properties, whose slots follow one another. */
  constructor(layout: Layout, states = 1) {
    this.#layout = layout
    this.#count = states
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

  /** Elements asked for: noted in this run, per slot and element. */
  readonly #asked = new Map<string, boolean>()
  #askedInScope: string[] = []

  read(slot: number): number {
    const value = this.#peek(slot)
    if (this.#noting && this.#noted[slot] !== this.#run) {
      this.#note(slot)
      this.#events.push({ op: READ, slot, edge: value })
    }
    return value
  }

  has(slot: number, type: SetType<AnyType>, element: number): boolean {
    const present = type.hasMember(this.#peek(slot), element)
    if (this.#noting && this.#noted[slot] !== this.#run) {
      const key = `${slot}:${element}`
      if (!this.#asked.has(key)) {
        this.#asked.set(key, present)
        if (this.#scopes > 0) this.#askedInScope.push(key)
        this.#events.push({ op: HAS, slot, type, element, edge: present ? 1 : 0 })
      }
    }
    return present
  }

  #peek(slot: number): number {
    return ((this.#states[this.#at + (this.#word[slot] as number)] as number) >>> (this.#shift[slot] as number)) & (this.#mask[slot] as number)
  }

  #note(slot: number): void {
    this.#noted[slot] = this.#run
    if (this.#scopes > 0) this.#notedInScope.push(slot)
  }

  touch(): void {
    if (this.#ended) throw this.#final
  }

  /** The name that was read last although there is none such, with what there is: where the function fails, that may be why. */
  missedName: string | undefined = undefined

  missed(text: string): void {
    this.missedName = text
  }

  change(): void {
    this.touch()
    if (!this.#writable)
      this.refuse(new SpecError(`${this.what} writes to the state`, { hint: 'only actions and init write; a property only reads' }))
    if (this.#scopes > 0) this.#breakScope()
  }

  refuse(error: Error): never {
    if (!this.#ended) this.#end(error)
    throw this.#final
  }

  /** From here on nothing that the function does counts. */
  #end(final: unknown): void {
    this.#ended = true
    this.#final = final
  }

  /** A callback that was thought to do nothing but answer does more: the function has no tree. */
  #breakScope(): never {
    return this.refuse(new ScopeBroken())
  }

  // What the state becomes: told while the graph is saved. The last word on a slot counts.

  write(slot: number, value: number): void {
    // It was read, so that whoever walks here has this value in it.
    if (this.#noting && this.#noted[slot] === this.#run && this.#peek(slot) === value) return this.#keep(slot)
    this.#claim(slot)
    this.#value[slot] = value
    this.#from[slot] = -1
    this.#altered.delete(slot)
  }

  copy(to: number, from: number): void {
    if (to === from) return this.#keep(to)
    // Its value is known here, and so the copy is a constant.
    if (this.#noting && this.#noted[from] === this.#run) return this.write(to, this.#peek(from))
    this.#claim(to)
    this.#value[to] = 0
    this.#from[to] = from
    this.#altered.delete(to)
  }

  alter(to: number, from: number, type: SetType<AnyType>, changes: ReadonlyMap<number, boolean>): void {
    if (this.#noted[from] === this.#run) return this.write(to, type.changed(this.#peek(from), changes))
    this.#claim(to)
    this.#value[to] = 0
    this.#from[to] = from
    this.#altered.set(to, { type, elements: new Map(changes) })
  }

  #claim(slot: number): void {
    if (this.#written[slot] !== this.#run) {
      this.#written[slot] = this.#run
      this.#writes.push(slot)
    }
  }

  #keep(slot: number): void {
    if (this.#written[slot] !== this.#run) return
    this.#written[slot] = 0
    this.#writes = this.#writes.filter((other) => other !== slot)
  }

  // --- what an action does besides reading and writing

  disable(): void {
    this.#mayAct('when()')
    this.#disable()
  }

  #disable(): void {
    if (!this.#ended) this.#end(DISABLED)
  }

  ensured(condition: boolean, message: string): void {
    this.#mayAct('ensure()')
    if (typeof message !== 'string' || message === '')
      this.refuse(new SpecError(`ensure() in ${this.what} has no message`, { hint: "name the assertion: ensure(condition, 'what must be true')" }))
    this.number(message)
    if (!condition && !this.#ended) this.#end(new AssertionFailed(message))
  }

  /** Gives an assertion its number, where it has none. */
  number(message: string): void {
    if (!this.messages.has(message)) this.messages.set(message, this.messages.size)
  }

  branch(n: number): number {
    this.#mayAct('either()')
    const choice = this.#pickIndex(n)
    this.picks.push(choice)
    return choice
  }

  pick(from: Iterable<unknown>): unknown {
    this.#mayAct('pick()')
    const picked = this.#pickFrom(from)
    this.picks.push(picked)
    return picked
  }

  #pickFrom(from: Iterable<unknown>): unknown {
    if (from instanceof BitSet) return this.#pickBit(from)
    if (from instanceof WideSet) return this.#pickAny(from)
    const node = nodeOf(from)
    if (node instanceof SequenceNode) return node.element(this.#pickIndex(node.length))
    if (from instanceof Type) {
      if (!(from.size <= MAX_LISTED))
        this.refuse(
          new SpecError(`pick() in ${this.what} was given ${from}, which has too many values to try them all`, {
            hint: `at most ${MAX_LISTED}; pick from a smaller type`,
          }),
        )
      return from.fresh(this.#pickIndex(from.size))
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
  #pickBit(set: BitSet): unknown {
    const candidates = set.candidates()
    const present: number[] = []
    candidates.forEach(({ slot }, i) => {
      if (slot < 0 || this.#peek(slot) !== 0) present.push(i)
    })
    const index = present.length === 0 ? -1 : (present[this.#choose(present.length)] as number)
    if (this.#noting) {
      // Where nothing can be picked the run ends here: edge -1.
      this.#events.push({ op: PICKSET, slots: candidates.map(({ slot }) => slot), edge: index })
      const slot = index < 0 ? -1 : (candidates[index]?.slot as number)
      if (slot >= 0 && this.#noted[slot] !== this.#run) this.#note(slot)
    }
    if (index < 0) this.#choose(0)
    return set.element(candidates[index]?.element as number)
  }

  /** Picks from a live interned set, one branch per element, without the set being read as a whole. */
  #pickAny(set: WideSet): unknown {
    const { base } = set
    const type = set.type as SetType<AnyType>
    const { known, changes } = set.altered()
    if (known || this.#noted[base] === this.#run) {
      // Its value is known here: an ordinary choice among so many.
      const elements = [...set]
      return elements[this.#pickIndex(elements.length)]
    }
    const members = type.members(changes.size === 0 ? this.#peek(base) : type.changed(this.#peek(base), changes))
    const element = members.length === 0 ? -1 : (members[this.#choose(members.length)] as number)
    if (this.#noting) this.#events.push({ op: PICKANY, slot: base, type, changes: new Map(changes), edge: element })
    if (element < 0) this.#choose(0)
    // It was there, or put there: asking for it again says nothing new.
    if (!changes.has(element)) this.#asked.set(`${base}:${element}`, true)
    return set.element(element)
  }

  /** The next choice of the script, or the first alternative. */
  #choose(n: number): number {
    if (n === 0) {
      this.#disable()
      throw DISABLED
    }
    const position = this.chosen.length
    const choice = this.#script[position] ?? 0
    if (choice >= n) throw new Unfit()
    this.chosen.push(choice)
    this.alternatives.push(n)
    return choice
  }

  #mayAct(call: string): void {
    this.touch()
    if (!this.#writable)
      this.refuse(
        new SpecError(`${call} was called in ${this.what}`, { hint: 'only actions choose, guard and assert; a property gives true or false' }),
      )
    if (this.#scopes > 0) this.#breakScope()
  }

  readonly #quantifiers: Watcher = {
    scoped: (test) => this.#noting && effectFree(test),
    run: (kind, n, test) => {
      const outer = this.#events
      const inner: { events: Event[]; answer: boolean }[] = []
      let count = 0
      let answerOfAll = -1
      this.#scopes++
      for (let i = 0; i < n && answerOfAll < 0; i++) {
        const mark = this.#notedInScope.length
        const askedMark = this.#askedInScope.length
        this.#events = []
        let answer: boolean
        try {
          answer = test(i)
        } catch (error) {
          // The function may catch it: what was read until then has no place in the tree.
          if (!isTimeout(error) && !this.#ended) this.#end(new ScopeBroken())
          throw error
        }
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
    },
  }

  /** What the last run has noted, also where it was cut short. */
  get noted(): readonly Event[] {
    return this.#events
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
    if (this.#altered.size > 0) this.#altered.clear()
    this.#script = script
    this.chosen.length = 0
    this.alternatives.length = 0
    this.picks.length = 0
    this.#graph = new Graph(this.#life())
    this.#ended = false
    this.#final = undefined
    this.missedName = undefined
    this.calls++
  }

  /** A store for the drafts of one run, which refuse to be used when it is over. */
  #life(): Store {
    return (this.#store = new Life(this))
  }
  #store: Life = new Life(this)

  /** Runs an action with these first choices; later ones take the first alternative. Throws `Unfit` where a choice does not exist. */
  runAction(
    what: string,
    body: ActionBody,
    type: RecordType<Fields>,
    parameters: object,
    states: Int32Array,
    at: number,
    script: readonly number[],
    noting: boolean,
  ): { events: readonly Event[]; leaf: Leaf } {
    this.#begin(what, states, at, noting, true, script)
    const leaf = this.#guarded((): Leaf => {
      const root = new Origin(0)
      try {
        const returned = body(type.open(this.#graph, root, ''), parameters)
        refusePromise(returned, what)
        this.touch()
        if (returned === DISABLED_LABEL) return { op: OFF }
        this.#graph.settle()
        this.#save(type, root, nextStateOf(returned, type, this.#graph, root, what))
      } catch (thrown) {
        if (isTimeout(thrown)) throw thrown
        const final = this.#ended && !(thrown instanceof PromiseReturned) ? this.#final : thrown
        if (final === DISABLED) return { op: OFF }
        if (final instanceof AssertionFailed) return { op: FAILED, message: this.messages.get(final.message) as number }
        throw final
      }
      return {
        op: NEXT,
        writes: this.#writes.map((slot) => ({
          slot,
          value: this.#value[slot] as number,
          from: this.#from[slot] as number,
          changes: this.#altered.get(slot),
        })),
      }
    })
    return { events: this.#events, leaf }
  }

  /** Tells of every slot what it becomes. */
  #save(type: RecordType<Fields>, root: Origin, next: object | undefined): void {
    try {
      type.save(this.#graph, next ?? root, 0, '')
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      // Something that the function owns has become wrong since it was put into the state.
      throw new SpecError(`${error.path.replace(/^\./, '')} in ${this.what}: ${error.message}`, { location: undefined, outside: error.outside('') })
    }
  }

  /** Runs a predicate over one state, or over two that follow one another. */
  runPredicate(
    what: string,
    test: (...drafts: object[]) => unknown,
    type: RecordType<Fields>,
    states: Int32Array,
    at: number,
    noting: boolean,
  ): { events: readonly Event[]; leaf: Leaf & { op: typeof TRUE | typeof FALSE } } {
    const answer = this.runValue(what, test, type, (value) => value, states, at, noting)
    if (typeof answer !== 'boolean') {
      throw new SpecError(`${what} returned ${answer instanceof Formula ? 'a formula' : show(answer)}, not a boolean`, {
        location: undefined,
        hint:
          this.missedName !== undefined
            ? this.missedName
            : answer instanceof Formula
              ? 'operators stand around predicates, not in them: always(eventually((s) => …))'
              : 'return true or false; compare explicitly, for example with !== null',
      })
    }
    return { events: this.#events, leaf: { op: answer ? TRUE : FALSE } }
  }

  /** Runs a function that only reads for its value, a view or a mapping, which is used while it is live. */
  runValue<T>(
    what: string,
    derive: (...drafts: object[]) => unknown,
    type: RecordType<Fields>,
    use: (value: unknown) => T,
    states: Int32Array,
    at: number,
    noting = false,
  ): T {
    this.#begin(what, states, at, noting, false, [])
    return this.#guarded(() => {
      try {
        const drafts: object[] = []
        for (let state = 0; state < this.#count; state++)
          drafts.push(type.open(this.#graph, new Origin(state * this.#layout.slots.length), '') as object)
        const value = derive(...drafts)
        refusePromise(value, what)
        this.touch()
        this.#graph.unchanged()
        return use(value)
      } catch (thrown) {
        throw this.#ended && !isTimeout(thrown) ? this.#final : thrown
      }
    })
  }

  #guarded<T>(run: () => T): T {
    const begun = this.onCall === null ? 0 : performance.now()
    const execution = execute(this)
    const watcher = watchQuantifiers(this.#noting ? this.#quantifiers : null)
    const refusal = onRefusal((error) => {
      if (!this.#ended) this.#end(error)
    })
    try {
      return run()
    } finally {
      execute(execution)
      watchQuantifiers(watcher)
      onRefusal(refusal)
      this.#writable = false
      this.#store.end()
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
      const changes = this.#altered.get(slot)
      const value = from < 0 ? (this.#value[slot] as number) : changes ? changes.type.changed(old, changes.elements) : old
      const word = to + (this.#word[slot] as number)
      const shift = this.#shift[slot] as number
      out[word] = ((out[word] as number) & ~((this.#mask[slot] as number) << shift)) | (value << shift)
    }
  }
}
