/**
 * Where the time goes: what `profile: true` measures, and what can be seen in the trees. Nothing here runs without that option.
 *
 * *What makes a tree large.* The slots of a state are grouped by the part of the state that they belong to: a set or a sequence is one part,
 * a field of the records in a map is one for all keys. For each part the leaves of the tree are counted again as if every read of it had met one
 * value only, the one with the most leaves behind it:
 *
 *     READ a ─┬─ READ b ─┬─ leaf        leaves 5;  as if `a` were known 3, so `a` makes 2 of them;
 *             │          ├─ leaf                   as if `b` were known 2, so `b` makes 3
 *             │          └─ leaf
 *             └─ READ b ─┬─ leaf
 *                        └─ leaf
 *
 * The answer of a quantifier counts as a read of the part that its callbacks look at, where that is one part; picks are a part of their own.
 */
import type { Location } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import type { Program } from '../program/program.ts'
import type { Accelerator } from '../program/system.ts'
import type { FunctionKind, FunctionProfile, ReadProfile } from '../program/result.ts'
import { known } from '../types/kinds.ts'
import type { AnyType } from '../types/type.ts'
import type { Compiled } from './compile.ts'
import { FALSE, FAILED, HAS, NEXT, OFF, PICK, PICKANY, PICKSET, QUANT, READ, TRUE, WIDE } from './nodes.ts'
import type { Forest } from './tree.ts'

// --- while the search runs

interface Tally {
  learning: number
  samples: number
  direct: number
  milliseconds: number
}

/** Counts and times the calls of the functions of a spec, and the parts of a search. */
export class Profiler {
  // Milliseconds.
  expanding = 0
  compiling = 0
  checking = 0
  readonly #tallies = new Map<unknown, Tally>()
  /** Per compiled code: how many states it expanded and checked, and which functions were in it. */
  readonly #codes: { readonly code: Compiled; expanded: number; checked: number }[] = []

  /** A call of a function, by what identifies it. */
  called(function_: unknown, kind: 'learning' | 'samples' | 'direct', milliseconds: number): void {
    let tally = this.#tallies.get(function_)
    if (tally === undefined) {
      tally = { learning: 0, samples: 0, direct: 0, milliseconds: 0 }
      this.#tallies.set(function_, tally)
    }
    tally[kind]++
    tally.milliseconds += milliseconds
  }

  tally(function_: unknown): Tally | undefined {
    return this.#tallies.get(function_)
  }

  /** The same code, counting; `milliseconds` is what it took to make it. */
  watch(code: Compiled, milliseconds: number): Compiled {
    this.compiling += milliseconds
    const counts = { code, expanded: 0, checked: 0 }
    this.#codes.push(counts)
    return {
      actions: code.actions,
      invariants: code.invariants,
      most: code.most,
      get done() {
        return code.done
      },
      get before() {
        return code.before
      },
      target: (out) => code.target(out),
      expand: (at, count, first, n, enough) => {
        const end = code.expand(at, count, first, n, enough)
        counts.expanded += code.done
        return end
      },
      check: (fresh, from, count, parents, first) => {
        const position = code.check(fresh, from, count, parents, first)
        counts.checked += position - from
        return position
      },
    }
  }

  /** How many of these action instances or invariants were compiled last, and how many states the code with one of them has seen. */
  compiled(kind: 'actions' | 'invariants', numbers: readonly number[]): FunctionProfile['compiled'] {
    const within = (code: Compiled): number => numbers.filter((number) => code[kind][number]).length
    const last = this.#codes.at(-1)
    const states = this.#codes.map(({ code, expanded, checked }) => (within(code) === 0 ? 0 : kind === 'actions' ? expanded : checked))
    return { combinations: last ? within(last.code) : 0, states: states.reduce((sum, n) => sum + n, 0) }
  }

  /** From here on the search's calls of the program are timed. */
  time(program: Program, accelerator: Accelerator): void {
    type Methods = Record<string, (...args: unknown[]) => unknown>
    let inside = false
    const timed = <T extends object>(of: T, name: keyof T & string, part: 'expanding' | 'checking'): void => {
      const methods = of as unknown as Methods
      const method = (methods[name] as Methods[string]).bind(of)
      methods[name] = (...args) => {
        if (inside) return method(...args)
        const begun = performance.now()
        inside = true
        try {
          return method(...args)
        } finally {
          inside = false
          this[part] += performance.now() - begun
        }
      }
    }
    timed(program, 'initial', 'expanding')
    timed(accelerator, 'expandMany', 'expanding')
    timed(accelerator, 'uncertain', 'checking')
    for (const name of ['violated', 'brokenStep', 'inside', 'terminal', 'reaches'] as const) timed(program, name, 'checking')
  }
}

// --- parts of a state

/** A part of a state whose slots are told of together. */
interface Part {
  readonly path: string
  readonly type: string
}

/** The part that each slot belongs to. Keys of maps are one part, and so are the elements of what has any. */
function partsOf(type: AnyType, path: string): Part[] {
  const one = known(type)
  switch (one.kind) {
    case 'record':
      return one.fields.flatMap(([name, inner]) => partsOf(inner, path === '' ? name : `${path}.${name}`))
    case 'map': {
      const parts = partsOf(one.inner, `${path}.*`)
      return one.names.flatMap(() => parts)
    }
    case 'option':
      return one.merged ? [{ path, type: one.inner.kind }] : [{ path, type: 'option' }, ...partsOf(one.inner, path)]
    case 'bool':
    case 'int':
    case 'enum':
    case 'ids':
    case 'union':
    case 'set':
    case 'bag':
    case 'seq':
    case 'value':
      return one.slots.map(() => ({ path, type: one.kind }))
  }
}

/** The part of each slot of one state or of two, as a number; the last part are the picks. */
export class Parts {
  readonly parts: readonly Part[]
  readonly #ofSlot: readonly number[]
  readonly #paths: readonly string[]

  constructor(layout: Layout, states: number) {
    const once = partsOf(layout.type, '')
    const all = Array.from({ length: states }, (_, second) =>
      once.map(({ path, type }) => ({ path: second === 0 ? path : `${path} after the step`, type })),
    ).flat()
    const numbers = new Map<string, number>()
    const parts: Part[] = []
    this.#ofSlot = all.map((part) => {
      const key = `${part.type} ${part.path}`
      if (!numbers.has(key)) numbers.set(key, parts.push(part) - 1)
      return numbers.get(key) as number
    })
    this.parts = [...parts, { path: 'picks', type: 'pick' }]
    this.#paths = Array.from({ length: states }, (_, second) =>
      layout.slots.map(({ path }) => (second === 0 ? path : `${path} after the step`)),
    ).flat()
  }

  of(slot: number): number {
    return this.#ofSlot[slot] as number
  }

  get picks(): number {
    return this.parts.length - 1
  }

  /** The name of a part of which these slots are read. */
  name(part: number, slots: ReadonlySet<number>): string {
    const [slot] = slots
    return slots.size === 1 ? (this.#paths[slot as number] as string) : (this.parts[part] as Part).path
  }
}

// --- the size of trees

interface Read {
  readonly slots: ReadonlySet<number>
  readonly values: number
  readonly leaves: number
}

export interface Measured {
  readonly leaves: number
  readonly nodes: number
  readonly reads: ReadonlyMap<number, Read>
}

const NO_PART = -1
const SEVERAL = -2

/** Measures one tree. */
export function measure(forest: Forest, root: number, parts: Parts): Measured {
  // The tree as rows, parents before children; the first row stands above the root.
  const cells: number[] = [root]
  const parent: number[] = [-1]
  const part: number[] = [NO_PART]
  const leaf: number[] = [0]
  const slots = new Map<number, Set<number>>()
  const values = new Map<number, number>()
  /** The row of the answer of each quantifier. */
  const answers = new Map<number, number>()
  let nodes = 0
  let leaves = 0
  const add = (cell: number, above: number): void => {
    if (forest.nodes[cell] === 0) return
    cells.push(cell)
    parent.push(above)
    part.push(NO_PART)
    leaf.push(0)
  }
  add(root, 0)
  for (let i = 1; i < cells.length; i++) {
    const cell = cells[i] as number
    if (cell < 0) continue
    const node = forest.nodes[cell] as number
    nodes++
    let above = i
    switch (forest.nodes[node]) {
      case OFF:
      case TRUE:
      case FALSE:
      case FAILED:
      case NEXT:
        leaf[i] = 1
        leaves++
        continue
      case READ:
      case WIDE:
      case HAS: {
        const slot = forest.nodes[node + 1] as number
        part[i] = parts.of(slot)
        const known = slots.get(part[i] as number)
        if (known) known.add(slot)
        else slots.set(part[i] as number, new Set([slot]))
        break
      }
      case PICK:
      case PICKSET:
      case PICKANY:
        part[i] = parts.picks
        break
      case QUANT:
        for (const inner of forest.callbacks(node)) add(inner, i)
        above = cells.length
        cells.push(-1)
        parent.push(i)
        part.push(NO_PART)
        leaf.push(0)
        answers.set(i, above)
        break
    }
    const first = cells.length
    for (const child of forest.children(node)) add(child, above)
    const own = part[i] as number
    if (own !== NO_PART) values.set(own, Math.max(values.get(own) ?? 0, cells.length - first))
  }

  // Which part the callbacks of each quantifier look at.
  const looks = new Int32Array(cells.length).fill(NO_PART)
  const merge = (a: number, b: number): number => (a === NO_PART || a === b ? b : b === NO_PART ? a : SEVERAL)
  for (let i = cells.length - 1; i > 0; i--) {
    const answer = answers.get(i)
    // All rows below a quantifier stand behind it: what is merged so far are its callbacks, and its answer.
    if (answer !== undefined) {
      part[answer] = (looks[i] as number) >= 0 ? (looks[i] as number) : NO_PART
      looks[i] = merge(looks[i] as number, looks[answer] as number)
    }
    const own = merge(looks[i] as number, part[i] as number)
    looks[i] = own
    const above = parent[i] as number
    if (answers.get(above) !== i) looks[above] = merge(looks[above] as number, own)
  }

  const reads = new Map<number, Read>()
  const count = new Float64Array(cells.length)
  for (const read of new Set(part)) {
    if (read === NO_PART) continue
    count.fill(0)
    for (let i = cells.length - 1; i > 0; i--) {
      const mine = leaf[i] === 1 ? 1 : (count[i] as number)
      const above = parent[i] as number
      count[above] = part[above] === read ? Math.max(count[above] as number, mine) : (count[above] as number) + mine
    }
    const saved = leaves - (count[0] as number)
    if (saved > 0) reads.set(read, { slots: slots.get(read) ?? new Set(), values: values.get(read) ?? 0, leaves: saved })
  }
  return { leaves, nodes, reads }
}

/** The reads of several trees of one function, the worst first. */
function readsOf(trees: readonly Measured[], parts: Parts): ReadProfile[] {
  const numbers = [...new Set(trees.flatMap(({ reads }) => [...reads.keys()]))]
  return numbers
    .map((part): ReadProfile => {
      const reads = trees.flatMap((tree) => tree.reads.get(part) ?? [])
      return {
        path: parts.name(part, new Set(reads.flatMap(({ slots }) => [...slots]))),
        type: (parts.parts[part] as Part).type,
        slots: Math.max(...reads.map(({ slots }) => slots.size)),
        values: Math.max(...reads.map(({ values }) => values)),
        leaves: reads.reduce((sum, { leaves }) => sum + leaves, 0),
      }
    })
    .sort((a, b) => b.leaves - a.leaves || (a.path < b.path ? -1 : 1))
}

// --- functions

/** One combination of a function: what identifies it to the profiler, and its tree. */
export interface Combination {
  readonly identity: unknown
  readonly walks: number
  readonly misses: number
  readonly words: number
  readonly direct: boolean
  readonly tree: { readonly forest: Forest; readonly root: number; readonly parts: Parts } | null
}

export interface Profiled {
  readonly kind: FunctionKind
  readonly name: string
  readonly location: () => Location | undefined
  readonly combinations: readonly Combination[]
  readonly compiled: FunctionProfile['compiled']
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0)

export function profileOf({ kind, name, location, combinations, compiled }: Profiled, profiler: Profiler, learning: boolean): FunctionProfile {
  const tallies = [...new Set(combinations.map(({ identity }) => identity))].flatMap((identity) => profiler.tally(identity) ?? [])
  const trees = combinations.flatMap(({ tree }) => (tree ? [measure(tree.forest, tree.root, tree.parts)] : []))
  const parts = combinations.find(({ tree }) => tree)?.tree?.parts
  const direct = combinations.filter((combination) => combination.direct)
  const calls = {
    learning: sum(tallies, (tally) => tally.learning),
    samples: sum(tallies, (tally) => tally.samples),
    direct: sum(tallies, (tally) => tally.direct),
  }
  const misses = sum(direct, (one) => one.misses)
  const why = !learning ? 'learning is off' : parts === undefined ? 'it has no tree' : `${misses} of its situations were new`
  return {
    kind,
    name,
    location: location() ?? null,
    combinations: combinations.length,
    calls,
    seconds: sum(tallies, (tally) => tally.milliseconds) / 1000,
    walks: sum(combinations, ({ walks }) => walks),
    compiled,
    tree: { leaves: sum(trees, ({ leaves }) => leaves), nodes: sum(trees, ({ nodes }) => nodes), words: sum(combinations, ({ words }) => words) },
    reads: parts ? readsOf(trees, parts) : [],
    direct: direct.length === 0 ? null : { combinations: direct.length, why },
  }
}

// --- advice

/** What is called directly is told of from this many calls on, and anything else from this many seconds and this part of the whole time on. */
const MANY_CALLS = 1000
const LONG = 1
const LARGE_PART = 0.2
/** A tree with fewer leaves is not to blame. */
const MANY_LEAVES = 256
/** A read of as many values as this is told of as one of many values. */
const MANY_VALUES = 16

/** What to mend first: a function whose tree was given up, or is learned for a large part of the time. */
export function adviceOf(functions: readonly FunctionProfile[], seconds: number): string | null {
  const treed = functions.filter(({ reads, direct }) => reads.length > 0 && direct?.why !== 'learning is off')
  const slow = treed.filter(
    ({ direct, calls, seconds: own, tree }) =>
      (direct !== null && calls.direct >= MANY_CALLS) || (seconds >= LONG && own >= LARGE_PART * seconds && tree.leaves >= MANY_LEAVES),
  )
  // Calls, not seconds, decide: the same run gives the same advice.
  const callsOf = ({ calls }: FunctionProfile): number => calls.direct + calls.learning
  const [worst] = slow.toSorted((a, b) => callsOf(b) - callsOf(a))
  if (worst === undefined) return null
  const { kind, name, direct, calls, tree, reads, combinations } = worst
  const [first, second] = reads as [ReadProfile, ReadProfile?]
  const what = `${kind === 'action' ? 'the action' : kind === 'invariant' ? 'the invariant' : kind === 'step' ? 'the step property' : 'the predicate'} ${name}`
  const fault = direct
    ? `${what} was called ${calls.direct} times for want of a tree, because ${direct.why}`
    : `${what} was called ${calls.learning} times to learn its ${combinations === 1 ? 'tree' : 'trees'}`
  const blame = `${first.leaves} of ${tree.leaves} leaves are there because it ${first.type === 'pick' ? 'picks' : `reads ${first.path}`}`
  const product = second !== undefined && second.leaves * 2 >= tree.leaves && second.type !== 'pick' ? `, multiplied by ${second.path}` : ''
  return `${fault}: ${blame}${product}; ${mend(first, product === '' ? undefined : second)}`
}

/** What helps against a read. */
function mend({ path, type, slots, values }: ReadProfile, second: ReadProfile | undefined): string {
  if (type === 'pick') return 'pick from less, or make what is picked a parameter, so that each value has a tree of its own'
  if (type === 'set' && slots > 1)
    return `ask ${path} for single elements with has(), or with every(), some() or count(), or pick() one of it, instead of going through it`
  if (type === 'set' || type === 'value')
    return `each new value of ${path} is a new situation: ${type === 'set' ? 'ask it for elements with has(), or pick() one' : 'give it a type with parts (record, map, set), of which only what is read counts'}`
  if (type === 'seq' || type === 'bag') return `read only the part of ${path} that decides, or ask with every(), some() or count()`
  if (slots > 1 && path.includes('*'))
    return `one call reads ${slots} of ${path}: make the key a parameter, so that each has a tree of its own, or ask with every(), some() or count()`
  if (second !== undefined)
    return `split it, or ask about ${path} and ${second.path} in every() or some(), whose answers alone make branches${values > MANY_VALUES ? '; a smaller range helps, too' : ''}`
  if (values > MANY_VALUES) return `it met ${values} values of ${path}: give it a smaller range, or ask about it in every() or some()`
  return `ask about ${path} in every() or some(), or make it a parameter`
}
