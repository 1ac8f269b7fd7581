/**
 * Actions: a decision tree for each instance, whose leaves are the steps. A walk that falls off the tree calls the function and grows the tree; where a tree does
 * not pay, the function is called for every state. The hot path is `expand`.
 */
import { InternalError } from '../errors.ts'
import { type Layout, packSlots } from '../layout/layout.ts'
import { Successors } from '../layout/successors.ts'
import { callText } from '../program/text.ts'
import type { Callee } from '../direct/calls.ts'
import type { actionInstances } from '../spec/combinations.ts'
import { ScopeBroken } from './ends.ts'
import { FAILED, HAS, NEXT, OFF, PICK, PICKANY, PICKSET, QUANT, READ, WIDE } from './nodes.ts'
import { quantified } from './walk.ts'
import { type Forest, OverBudget } from './tree.ts'
import { FIRST, givenUp, GoDirect, type LearnedAction, MUCH, PROBES, RESTING_PATIENCE, SAMPLE } from './learned.ts'
import type { Calls } from './calls.ts'
import type { Comparison } from './comparison.ts'
import type { Predicates } from './predicates.ts'

export class Actions {
  readonly all: readonly LearnedAction[]
  readonly forest: Forest
  readonly layout: Layout
  /** The index of the state that is expanded, or -1. */
  expanding = -1
  /** For how many states actions were asked. */
  asked = 0
  /** Told when an action that was called is to be walked again. */
  awake: () => void = () => {}
  readonly #calls: Calls
  readonly #comparison: Comparison
  readonly #reuse: boolean
  /** What calls came to that are only compared. */
  readonly #anew: Successors
  // The state expanded last.
  readonly #last: Int32Array
  #hasLast = false
  readonly #choices: number[] = []

  constructor(calls: Calls, comparison: Comparison, predicates: Predicates, instances: ReturnType<typeof actionInstances>, reuse: boolean) {
    const { layout } = calls
    this.#calls = calls
    this.#comparison = comparison
    this.forest = predicates.forest
    this.layout = layout
    this.#reuse = reuse
    this.#anew = new Successors(layout.words, 64)
    this.#last = new Int32Array(layout.words)
    this.all = instances.map(({ definition, parameters }) => ({
      ...predicates.learned(`the action ${callText(definition.name, parameters)}`, definition.location),
      body: definition.run,
      source: definition.source ?? definition.run,
      parameters,
      copied: Object.values(parameters).some((value) => typeof value === 'object'),
      leaves: [],
      callee: undefined,
      resting: null,
      since: { expanded: 0, misses: 0 },
      enabled: false,
      compared: 0,
    }))
  }

  /** The leaves that are remembered are not those of the state expanded last any more. */
  forget(): void {
    this.#hasLast = false
  }

  /** Calls an action and adds what it did to its tree; twice, so that a random one is found out at once. */
  #learnAction(action: LearnedAction, states: Int32Array, at: number, script: readonly number[]): void {
    action.misses++
    const before = this.forest.size
    try {
      this.#calls.call(action, () => {
        const row = this.#calls.rowOf(states, at)
        const plain = this.#comparison.plainly(action, row, script)
        const { events, leaf } = this.#calls.run(action, states, at, script, true)
        const found = this.#comparison.outcomeOf(leaf, states, at)
        this.#comparison.same(
          action,
          plain,
          { outcome: found, alternatives: this.#calls.tracer.alternatives },
          () => this.#comparison.plainly(action, row, script),
          () => {
            const again = this.#calls.run(action, states, at, script, true)
            return { outcome: this.#comparison.outcomeOf(again.leaf, states, at), alternatives: this.#calls.tracer.alternatives }
          },
        )
        this.forest.grow(action.root, events, leaf)
        if (!this.#comparison.varies(action, [row])) return
        // A second state that agrees in all that was read: what was learned must be right there too.
        const other = this.#comparison.otherThan([row], events)
        const words = new Int32Array(this.layout.words)
        packSlots(this.layout, other[0] as number[], words, 0)
        const applied = this.#comparison.outcomeOf(leaf, words, 0)
        const there = this.#comparison.plainly(action, other[0] as number[], script, true)
        if (there.outcome.kind !== 'error') this.#comparison.same(action, there, { outcome: applied, alternatives: there.alternatives })
      })
    } catch (thrown) {
      if (!(thrown instanceof ScopeBroken)) throw thrown
      action.direct = true
      throw new GoDirect()
    }
    action.words += this.forest.size - before
    this.#calls.plain.checked(this.#calleeOf(action))
    this.#calls.misses++
    if (givenUp(action)) {
      action.direct = true
      action.resting = null
      throw new GoDirect()
    }
    if (action.direct || !this.#tires(action)) return
    action.direct = true
    action.resting = { probes: 0, missed: 0 }
    throw new GoDirect()
  }

  /** Whether what an action meets goes on being new. */
  #tires({ misses, since }: LearnedAction): boolean {
    const missed = misses - since.misses
    return this.#calls.misses > MUCH && missed > RESTING_PATIENCE && missed * 2 > this.asked - since.expanded
  }

  /** Learns what an action that rests does in a state; where most of that is known by now it rests no longer. */
  #probe(action: LearnedAction, states: Int32Array, at: number): void {
    const { resting, misses } = action
    if (resting === null) return
    try {
      if (action.leaves.length > 0) action.leaves.length = 0
      if (this.#choices.length > 0) this.#choices.length = 0
      this.#walk(action, action.root, states, at)
    } catch (thrown) {
      if (!(thrown instanceof OverBudget || thrown instanceof GoDirect)) throw thrown
      action.resting = null
      return
    }
    if (action.misses > misses) resting.missed++
    if (++resting.probes < PROBES) return
    if (resting.missed * 4 > PROBES) {
      action.resting = { probes: 0, missed: 0 }
      return
    }
    action.resting = null
    action.direct = false
    action.since = { expanded: this.asked, misses: action.misses }
    this.awake()
  }

  expand(states: Int32Array, at: number, out: Successors): number {
    let enabled = 0
    this.asked++
    const reuse = this.#reuse && this.#hasLast
    // Until this state is done there is no state whose leaves are all known.
    this.#hasLast = false
    for (let i = 0; i < this.all.length; i++) {
      const action = this.all[i] as LearnedAction
      const first = out.count
      const failed = out.failures.length
      const steps =
        reuse && !action.direct && this.#unchanged(action.root, states, at)
          ? this.#emitLeaves(action.leaves, i, states, at, out)
          : this.expandOne(action, i, states, at, out)
      enabled += steps
      if (action.compared < FIRST || ++this.#calls.samples % SAMPLE === 0) {
        action.compared++
        this.#compare(action, i, states, at, out, first, failed)
      }
    }
    for (let w = 0; w < this.layout.words; w++) this.#last[w] = states[at + w] as number
    this.#hasLast = true
    return enabled
  }

  /** Expands a state by one action instance: walks its tree, or calls it. */
  expandOne(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors): number {
    if (!action.direct) {
      if (action.leaves.length > 0) action.leaves.length = 0
      action.walks++
      try {
        if (this.#choices.length > 0) this.#choices.length = 0
        this.#walk(action, action.root, states, at)
      } catch (thrown) {
        if (thrown instanceof OverBudget) action.direct = true
        else if (!(thrown instanceof GoDirect)) throw thrown
      }
    }
    const steps = action.direct ? this.#expandDirectly(action, instance, states, at, out) : this.#emitLeaves(action.leaves, instance, states, at, out)
    if (steps > 0) action.enabled = true
    return steps
  }

  /** Whether nothing that a tree looks at differs from the state expanded last. */
  #unchanged(root: number, states: Int32Array, at: number): boolean {
    const footprint = this.forest.footprint(root)
    for (let w = 0; w < footprint.length; w++)
      if ((((states[at + w] as number) ^ (this.#last[w] as number)) & (footprint[w] as number)) !== 0) return false
    return true
  }

  /** Walks an action's tree from the node in a cell; appends the leaves that are steps. */
  #walk(action: LearnedAction, cell: number, states: Int32Array, at: number): void {
    const forest = this.forest
    let { nodes } = forest
    let node = nodes[cell] as number
    let before = 0
    for (;;) {
      if (node === 0) {
        // Off the tree: call the function, and look again.
        this.#learnAction(action, states, at, this.#choices.slice())
        nodes = forest.nodes
        node = before === 0 ? (nodes[cell] as number) : before
        before = 0
        if (node === 0) throw new InternalError(`${action.what} was called and its tree did not grow`)
      }
      switch (nodes[node]) {
        case READ:
          before = node
          node = nodes[
            node + 6 + (((states[at + (nodes[node + 2] as number)] as number) >>> (nodes[node + 3] as number)) & (nodes[node + 4] as number))
          ] as number
          break
        case WIDE:
          before = node
          node = nodes[
            forest.wide(node, ((states[at + (nodes[node + 2] as number)] as number) >>> (nodes[node + 3] as number)) & (nodes[node + 4] as number))
          ] as number
          break
        case QUANT: {
          const edge = quantified(forest, node, states, at)
          before = node
          node = edge < 0 ? 0 : (nodes[node + 3 + (nodes[node + 2] as number) + edge] as number)
          break
        }
        case PICK: {
          const n = nodes[node + 1] as number
          for (let i = 0; i < n; i++) {
            this.#choices.push(i)
            this.#walk(action, node + 2 + i, states, at)
            this.#choices.pop()
          }
          return
        }
        case PICKSET: {
          const n = nodes[node + 1] as number
          let present = 0
          for (let i = 0; i < n; i++) {
            const word = forest.nodes[node + 2 + 2 * i] as number
            if (word >= 0 && (((states[at + word] as number) >>> (forest.nodes[node + 3 + 2 * i] as number)) & 1) === 0) continue
            this.#choices.push(present++)
            this.#walk(action, node + 2 + 2 * n + i, states, at)
            this.#choices.pop()
          }
          return
        }
        case HAS:
          before = node
          node = nodes[
            node + 5 + (forest.has(nodes[node + 3] as number, states[at + (nodes[node + 2] as number)] as number, nodes[node + 4] as number) ? 1 : 0)
          ] as number
          break
        case PICKANY: {
          const members = forest.members(
            nodes[node + 3] as number,
            forest.changed(nodes[node + 4] as number, states[at + (nodes[node + 2] as number)] as number),
          )
          for (let i = 0; i < members.length; i++) {
            this.#choices.push(i)
            let below = forest.wide(node, members[i] as number)
            if (below === 0) {
              this.#learnAction(action, states, at, this.#choices.slice())
              below = forest.wide(node, members[i] as number)
            }
            this.#walk(action, below, states, at)
            this.#choices.pop()
          }
          return
        }
        case OFF:
          return
        default:
          action.leaves.push(node)
          return
      }
    }
  }

  /** Appends the successors that leaves stand for. */
  #emitLeaves(leaves: readonly number[], instance: number, states: Int32Array, at: number, out: Successors): number {
    const { nodes } = this.forest
    const { words } = this.layout
    for (let l = 0; l < leaves.length; l++) {
      let p = leaves[l] as number
      if (nodes[p] === FAILED) {
        out.failures.push({ instance, message: this.#calls.message(nodes[p + 1] as number), source: this.expanding })
        continue
      }
      if (out.count === out.instance.length) out.grow()
      const to = out.count * words
      const target = out.states
      for (let w = 0; w < words; w++) target[to + w] = states[at + w] as number
      p++
      for (let k = nodes[p++] as number; k > 0; k--) {
        const word = to + (nodes[p] as number)
        target[word] = ((target[word] as number) & (nodes[p + 1] as number)) | (nodes[p + 2] as number)
        p += 3
      }
      for (let c = nodes[p++] as number; c > 0; c--) {
        const value = ((states[at + (nodes[p + 2] as number)] as number) >>> (nodes[p + 3] as number)) & (nodes[p + 4] as number)
        const word = to + (nodes[p] as number)
        target[word] = (target[word] as number) | (value << (nodes[p + 1] as number))
        p += 5
      }
      for (let d = nodes[p++] as number; d > 0; d--) {
        target[to + (nodes[p] as number)] = this.forest.changed(nodes[p + 2] as number, states[at + (nodes[p + 1] as number)] as number)
        p += 3
      }
      out.instance[out.count++] = instance
    }
    return leaves.length
  }

  /** Calls an action for every choice and appends what comes out: on plain data, or on both where that is to be compared. */
  #expandDirectly(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors): number {
    const checked = action.direct && this.#calls.plain.checks(this.#calleeOf(action), states, at, this.layout.words, instance)
    const first = out.count
    const failed = out.failures.length
    const steps = checked ? -1 : this.expandPlainly(action, instance, states, at, out)
    if (steps >= 0) return steps
    const found = this.expandOnDrafts(action, instance, states, at, out, checked !== 'some')
    if (checked) this.#compare(action, instance, states, at, out, first, failed)
    if (checked === 'some') this.#probe(action, states, at)
    return found
  }

  #calleeOf(action: LearnedAction): Callee {
    return (action.callee ??= this.#calls.plain.callee(action.body, action.source))
  }

  /** Calls an action on plain data. -1, and nothing is appended: drafts have to be asked. */
  expandPlainly(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors): number {
    const first = out.count
    const failed = out.failures.length
    const { what, parameters, copied } = action
    this.#calls.begins(action)
    const steps = this.#calls.plain.expand(this.#calleeOf(action), what, parameters, copied, instance, states, at, out, this.expanding)
    this.#calls.running = null
    if (steps >= 0) return steps
    out.count = first
    out.failures.length = failed
    return -1
  }

  /** `compared`: each call is made on plain data, too. */
  expandOnDrafts(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors, compared: boolean): number {
    let steps = 0
    this.enumerate(
      action,
      states,
      at,
      (op, message) => {
        steps++
        if (op === FAILED) out.failures.push({ instance, message, source: this.expanding })
        else this.emitApplied(states, at, instance, out)
        return false
      },
      compared,
    )
    return steps
  }

  /** Calls an action for every choice; `visit` is told of each enabled one and stops the enumeration with true. */
  enumerate(
    action: LearnedAction,
    states: Int32Array,
    at: number,
    visit: (op: typeof NEXT | typeof FAILED, message: string) => boolean,
    compared = false,
  ): void {
    let script: readonly number[] | undefined = []
    const row = compared ? this.#calls.rowOf(states, at) : undefined
    while (script) {
      const { leaf } = this.#calls.run(action, states, at, script, false)
      if (row !== undefined) {
        const choices: readonly number[] = script
        const found = { outcome: this.#comparison.outcomeOf(leaf, states, at), alternatives: [...this.#calls.tracer.alternatives] }
        this.#calls.call(action, () =>
          this.#comparison.same(
            action,
            this.#comparison.plainly(action, row, choices, true),
            found,
            () => this.#comparison.plainly(action, row, choices, true),
            () => {
              const again = this.#calls.run(action, states, at, choices, false)
              return { outcome: this.#comparison.outcomeOf(again.leaf, states, at), alternatives: [...this.#calls.tracer.alternatives] }
            },
          ),
        )
      }
      if (leaf.op === NEXT && visit(NEXT, '')) return
      if (leaf.op === FAILED && visit(FAILED, this.#calls.message(leaf.message))) return
      script = this.#calls.tracer.nextScript()
    }
  }

  emitApplied(states: Int32Array, at: number, instance: number, out: Successors): void {
    if (out.count === out.instance.length) out.grow()
    this.#calls.tracer.apply(states, at, out.states, out.count * this.layout.words)
    out.instance[out.count++] = instance
  }

  emitWords(states: Int32Array, at: number, instance: number, out: Successors): void {
    if (out.count === out.instance.length) out.grow()
    for (let w = 0; w < this.layout.words; w++) out.states[out.count * this.layout.words + w] = states[at + w] as number
    out.instance[out.count++] = instance
  }

  /** Calls an action whose successors were found in another way, and compares. */
  #compare(action: LearnedAction, instance: number, states: Int32Array, at: number, out: Successors, first: number, failed: number): void {
    this.#comparison.compared++
    const again = this.#anew
    again.count = 0
    if (again.failures.length > 0) again.failures.length = 0
    this.#calls.again = true
    // The code for plain data is made when a state is sampled, or a function called: many a search has ended before.
    const early = !action.direct && action.compared <= FIRST
    if (early || this.expandPlainly(action, instance, states, at, again) < 0) this.expandOnDrafts(action, instance, states, at, again, !early)
    this.#calls.again = false
    const { words } = this.layout
    let same = again.count === out.count - first && again.failures.length === out.failures.length - failed
    for (let i = 0; same && i < again.count; i++) {
      same = out.instance[first + i] === instance
      for (let w = 0; w < words; w++) same &&= out.states[(first + i) * words + w] === again.states[i * words + w]
    }
    for (let i = 0; same && i < again.failures.length; i++) same = again.failures[i]?.message === out.failures[failed + i]?.message
    if (same) return
    // Two that were called: what plain data says of the same state tells more.
    if (action.direct) this.enumerate(action, states, at, () => false, true)
    throw this.#calls.impure(action)
  }
}
