/**
 * Trees that have stopped growing, as WebAssembly: a walk over an array of nodes becomes straight code with the words of the state in
 * variables, two words to a variable of 64 bits. A READ node is a shift, a mask and a jump; a leaf stores the words of a successor.
 *
 * Compiled code is a copy of what is known; where it meets a child that is not known, it hands the state over to the interpreter (`slow`),
 * which learns it. The code is made anew when enough has been learned since.
 *
 *     expand     the successors of states that lie one after the other
 *     check      the first of some new states for which the code does not know that all invariants hold
 *
 * Both work in the heap: on the arrays of a `Successors`, whose addresses are in variables of the module, since they may be replaced while
 * the interpreter is at work. Functions of many thousand nodes take long to optimise, so trees are dealt out to functions of some hundred.
 */
import type { Heap } from '../layout/heap.ts'
import type { Successors } from '../layout/successors.ts'
import {
  block,
  br,
  brTable,
  call,
  type Callee,
  type Code,
  get,
  type Global,
  give,
  I32,
  I64,
  i32,
  i64,
  increase,
  Label,
  type Local,
  type Locals,
  Module,
  read,
  repeat,
  seq,
  set,
  when,
  write,
} from '../wasm/assembler.ts'
import { compiled, instantiate, type Variable } from '../wasm/machine.ts'
import { COUNT, EVERY, FAILED, FALSE, FIND, HAS, NEXT, OFF, PICK, PICKSET, QUANT, READ, SOME, TRUE, WIDE } from './nodes.ts'
import type { Forest } from './tree.ts'

/** A tree with more nodes than this is left to the interpreter. */
const MAX_TREE = 4000
/** Nodes per function. */
const MAX_FUNCTION = 1000
/** How deep the nodes of a tree may lie below each other. */
const MAX_DEPTH = 500
/** Values that a jump is chosen by, and places that it may lead to: what has more is halved before. */
const MAX_TABLE = 1 << 12
const MAX_GROUPS = 64

/** What compiled code calls. Addresses are in bytes; `index` is the number of the state that is expanded. */
export interface Runtime {
  /** Expands one action instance by the interpreter: successors go to number n and on; gives the new n. */
  slow(instance: number, at: number, n: number, index: number): number
  /** Records that the assertion of an instance failed. */
  failed(instance: number, message: number, index: number): void
  /** Records that a state has no successors. */
  stuck(index: number): void
  /** Whether an interned set has an element; an interned set after a change. */
  has(set: number, value: number, element: number): number
  changed(change: number, value: number): number
}

export interface Compiled {
  /** Tells where successors go: called before `expand`, and by the runtime whenever the arrays were replaced. */
  target(out: Successors): void
  /**
   * Expands up to `count` states from address `at` on, which have the numbers from `first` on, until there are `enough` successors: they are
   * appended as number n and on. Gives the new n.
   */
  expand(at: number, count: number, first: number, n: number, enough: number): number
  /** How many states the last call of `expand` has expanded, and n before the last of them. */
  readonly done: number
  readonly before: number
  /**
   * Of the successors with the numbers `fresh[from]` to `fresh[count - 1]` (an address), the position of the first for which the code does not
   * know that all invariants hold; `count` where there is none. They are compared with the states that they come from, which lie from `parents` on
   * and have the numbers from `first` on, and in which all invariants hold.
   */
  check(fresh: number, from: number, count: number, parents: number, first: number): number
  /** How many successors one state has at most, not counting those that the interpreter makes. */
  readonly most: number
  /** Per action instance and per invariant, whether it is in the code; the others are left to the interpreter. */
  readonly actions: readonly boolean[]
  readonly invariants: readonly boolean[]
}

/** The code for a program, as threads can hand it over. */
export interface Trees extends Pick<Compiled, 'most' | 'actions' | 'invariants'> {
  readonly module: object
}

/** Makes code of the trees of action instances (null: called directly) and of invariants, whose footprints lie in the heap. */
export function compile(
  forest: Forest,
  words: number,
  actions: readonly (number | null)[],
  invariants: readonly { readonly root: number; readonly direct: boolean; readonly footprint: number }[],
  reuse: boolean,
): Trees {
  const coder = new Coder(forest, words, reuse)
  const expanders = coder.functions(
    'expand',
    actions.map((root, i) => (frame) => (root === null ? { code: coder.slow(frame, i), nodes: 2 } : coder.action(frame, root, i))),
    ({ n }) => get(n),
  )
  const checkers = coder.functions(
    'check',
    // One that is called directly is decided by the interpreter, and so are those behind it, to keep their order.
    invariants.map(
      ({ root, direct, footprint }) =>
        (frame) =>
          direct ? { code: give(i32.const(1)), nodes: 1 } : coder.invariant(frame, root, footprint),
    ),
    () => i32.const(0),
  )
  coder.finish(expanders, checkers)
  return {
    module: compiled(coder.module.bytes()),
    most: coder.leaves,
    actions: actions.map((root) => root !== null && !coder.tooLarge.has(root)),
    invariants: invariants.map(({ root, direct }) => !direct && !coder.tooLarge.has(root)),
  }
}

/** Lets code run in a heap. */
export function start({ module, most, actions, invariants }: Trees, heap: Heap, { slow, failed, stuck, has, changed }: Runtime): Compiled {
  const exported = instantiate<
    Pick<Compiled, 'expand' | 'check'> & Readonly<Record<'states' | 'instances' | 'sources' | 'done' | 'before', Variable>>
  >(module, { memory: heap.memory, slow, failed, stuck, has, changed })
  return {
    target({ states, instance, source }) {
      exported.states.value = states.byteOffset
      exported.instances.value = instance.byteOffset
      exported.sources.value = source.byteOffset
    },
    expand: exported.expand,
    check: exported.check,
    get done() {
      return exported.done.value
    },
    get before() {
      return exported.before.value
    },
    most,
    actions,
    invariants,
  }
}

/** The variables of one function, while it is written. */
interface Frame {
  readonly locals: Locals
  /** The address of the state. */
  readonly at: Local
  /** Of a function that expands: the number of the next successor, the same before this action, and the number of the state. */
  readonly n: Local
  readonly m: Local
  readonly index: Local
  /** Of a function that checks: the address of the state before. */
  readonly parent: Local
  /** Addresses of the arrays of the successors, and of the next successor. */
  readonly states: Local
  readonly instances: Local
  readonly p: Local
  /** Answers of quantifiers, by how deep they lie. */
  readonly answers: Local[]
  /** The words of the state, two and two; those that are used. */
  readonly lanes: (Local | undefined)[]
}

interface Piece {
  readonly code: Code
  readonly nodes: number
}

/** What to do where a walk ends. */
interface Ends {
  /** A successor or a failed assertion, by its node; true and false by their kind. The code must not fall out of its end. */
  readonly leaf: (node: number) => Code
  readonly miss: Code
}

class Coder {
  readonly module = new Module()
  readonly #slow: Callee
  readonly #failed: Callee
  readonly #stuck: Callee
  readonly #has: Callee
  readonly #changed: Callee
  readonly #states: Global
  readonly #instances: Global
  readonly #sources: Global
  readonly #done: Global
  readonly #before: Global

  readonly #nodes: Int32Array
  readonly #forest: Forest
  readonly #words: number
  readonly #reuse: boolean
  #count = 0
  #depth = 0
  leaves = 0
  /** The roots of trees that are left to the interpreter. */
  readonly tooLarge = new Set<number>()

  constructor(forest: Forest, words: number, reuse: boolean) {
    this.#forest = forest
    this.#nodes = forest.nodes
    this.#words = words
    this.#reuse = reuse
    const { module } = this
    this.#slow = module.import('slow', [I32, I32, I32, I32], [I32])
    this.#failed = module.import('failed', [I32, I32, I32], [])
    this.#stuck = module.import('stuck', [I32], [])
    this.#has = module.import('has', [I32, I32, I32], [I32])
    this.#changed = module.import('changed', [I32, I32], [I32])
    this.#states = module.global('states', I32)
    this.#instances = module.global('instances', I32)
    this.#sources = module.global('sources', I32)
    this.#done = module.global('done', I32)
    this.#before = module.global('before', I32)
  }

  /** Deals pieces out to functions. */
  functions(name: 'expand' | 'check', pieces: readonly ((frame: Frame) => Piece)[], end: (frame: Frame) => Code): Callee[] {
    const functions: Callee[] = []
    let rest = pieces
    while (rest.length > 0) {
      functions.push(
        this.module.define(`${name}${functions.length}`, [I32, I32, I32], [I32], (locals) => {
          const frame = frameOf(locals)
          const body: Code[] = []
          let taken = 0
          for (let size = 0; taken < rest.length && size < MAX_FUNCTION; taken++) {
            const { code, nodes } = (rest[taken] as (frame: Frame) => Piece)(frame)
            body.push(code)
            size += nodes
          }
          rest = rest.slice(taken)
          return [...(name === 'expand' ? this.#targets(frame) : []), ...lanesOf(frame), ...body, end(frame)]
        }),
      )
    }
    return functions
  }

  /** The addresses of the arrays of the successors. */
  #targets({ states, instances }: Frame): Code[] {
    return [set(states, read(this.#states)), set(instances, read(this.#instances))]
  }

  /** The exported functions. */
  finish(expanders: readonly Callee[], checkers: readonly Callee[]): void {
    const { module } = this
    const bytes = 4 * this.#words
    const expand = module.define('expand', [I32, I32, I32, I32, I32], [I32], (f) => {
      const [at, count, first, n, enough] = [0, 1, 2, 3, 4].map((i) => f.parameter(i)) as [Local, Local, Local, Local, Local]
      const [done, before, p, end] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)]
      const index = i32.add(get(first), get(done))
      return [
        repeat(
          i32.and(i32.ltU(get(done), get(count)), i32.ltU(get(n), get(enough))),
          set(before, get(n)),
          ...expanders.map((expander) => set(n, call(expander, get(at), get(n), index))),
          when(
            i32.eq(get(n), get(before)),
            [call(this.#stuck, index)],
            [
              set(p, i32.add(read(this.#sources), i32.shl(get(before), i32.const(2)))),
              set(end, i32.add(read(this.#sources), i32.shl(get(n), i32.const(2)))),
              repeat(i32.ltU(get(p), get(end)), i32.store(get(p), index), increase(p, 4)),
            ],
          ),
          increase(at, bytes),
          increase(done, 1),
        ),
        write(this.#done, get(done)),
        write(this.#before, get(before)),
        get(n),
      ]
    })
    const check = module.define('check', [I32, I32, I32, I32, I32], [I32], (f) => {
      const [fresh, from, count, parents, first] = [0, 1, 2, 3, 4].map((i) => f.parameter(i)) as [Local, Local, Local, Local, Local]
      const [at, parent, i] = [f.local(I32), f.local(I32), f.local(I32)]
      return checkers.length === 0
        ? [get(count)]
        : [
            repeat(
              i32.ltU(get(from), get(count)),
              set(i, i32.load(i32.add(get(fresh), i32.shl(get(from), i32.const(2))))),
              set(at, i32.add(read(this.#states), i32.mul(get(i), i32.const(bytes)))),
              set(
                parent,
                i32.add(
                  get(parents),
                  i32.mul(i32.sub(i32.load(i32.add(read(this.#sources), i32.shl(get(i), i32.const(2)))), get(first)), i32.const(bytes)),
                ),
              ),
              ...checkers.map((checker) => when(call(checker, get(at), get(parent), i32.const(0)), [give(get(from))])),
              increase(from, 1),
            ),
            get(count),
          ]
    })
    module.export(expand, check)
  }

  /** One action instance, by the interpreter: from the successor that is next, or from the first one of this action on. */
  slow(frame: Frame, instance: number, from: Local = frame.n): Code {
    const { n, at, index } = frame
    return seq(set(n, call(this.#slow, i32.const(instance), get(at), get(from), get(index))), ...this.#targets(frame))
  }

  /** The code of one action instance. */
  action(frame: Frame, root: number, instance: number): Piece {
    this.#count = 0
    this.#depth = 0
    const { leaves } = this
    const label = new Label()
    const miss = seq(this.slow(frame, instance, frame.m), br(label))
    try {
      const walk = this.#node(frame, root, label, { leaf: (leaf) => this.#emit(frame, leaf, instance), miss }, 0)
      return { code: seq(set(frame.m, get(frame.n)), block(label, walk)), nodes: this.#count }
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      this.tooLarge.add(root)
      this.leaves = leaves
      return { code: this.slow(frame, instance), nodes: 2 }
    }
  }

  /**
   * The code of one invariant: passed over where it looks at nothing that differs from the parent, in which it holds. What it looks at may grow
   * later, so it is read from `footprint`, an address.
   */
  invariant(frame: Frame, root: number, footprint: number): Piece {
    this.#count = 0
    this.#depth = 0
    const differences: Code[] = []
    for (let l = 0; 2 * l < this.#words; l++) {
      const lane = this.#lane(frame, l)
      const [type, differ] = lane.type === I64 ? [i64, i64.ne] : [i32, i32.ne]
      const difference = type.xor(get(lane), type.load(get(frame.parent), 8 * l))
      differences.push(differ(type.and(difference, type.load(i32.const(footprint + 8 * l))), lane.type === I64 ? i64.const(0n) : i32.const(0)))
    }
    const differs = this.#reuse ? differences.reduce((a, b) => i32.or(a, b), i32.const(0)) : i32.const(1)
    const unknown = give(i32.const(1))
    try {
      const label = new Label()
      const walk = this.#node(frame, root, label, { leaf: (leaf) => (leaf === FALSE ? unknown : br(label)), miss: unknown }, 0)
      return { code: when(differs, [block(label, walk)]), nodes: this.#count }
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      this.tooLarge.add(root)
      return { code: when(differs, [unknown]), nodes: 4 }
    }
  }

  /**
   * The code below a cell. Every path ends by leaving `label` or by falling out of its end, which then is the end of the block. `depth` counts
   * the quantifiers around it.
   */
  #node(frame: Frame, cell: number, label: Label, ends: Ends, depth: number): Code {
    const nodes = this.#nodes
    const node = nodes[cell] as number
    if (node === 0) return ends.miss
    if (++this.#count > MAX_TREE || this.#depth === MAX_DEPTH) throw new TooLarge()
    this.#depth++
    const code = this.#codeOf(frame, node, label, ends, depth)
    this.#depth--
    return code
  }

  #codeOf(frame: Frame, node: number, label: Label, ends: Ends, depth: number): Code {
    const nodes = this.#nodes
    const child = (cell: number): Code => this.#node(frame, cell, label, ends, depth)
    switch (nodes[node]) {
      case READ: {
        const cells = Array.from({ length: nodes[node + 5] as number }, (_, i) => [i, node + 6 + i] as const)
        return this.#choose(this.#read(frame, node), cells, true, ends.miss, label, child)
      }
      case WIDE:
        return this.#choose(this.#read(frame, node), this.#forest.edges(node), false, ends.miss, label, child)
      case PICK: {
        // The alternatives one after the other: a leaf ends its own only.
        const n = nodes[node + 1] as number
        const alternatives: Code[] = []
        for (let i = 0; i < n; i++) {
          const inner = new Label()
          alternatives.push(block(inner, this.#node(frame, node + 2 + i, inner, ends, depth)))
        }
        return seq(...alternatives)
      }
      case PICKSET: {
        const n = nodes[node + 1] as number
        const alternatives: Code[] = []
        for (let i = 0; i < n; i++) {
          const word = nodes[node + 2 + 2 * i] as number
          const inner = new Label()
          const body = block(inner, this.#node(frame, node + 2 + 2 * n + i, inner, ends, depth))
          alternatives.push(word < 0 ? body : when(this.#value(frame, word, nodes[node + 3 + 2 * i] as number, 1), [body]))
        }
        return seq(...alternatives)
      }
      case HAS: {
        const has = call(
          this.#has,
          i32.const(nodes[node + 3] as number),
          this.#word(frame, nodes[node + 2] as number),
          i32.const(nodes[node + 4] as number),
        )
        return when(has, [child(node + 6)], [child(node + 5)])
      }
      case QUANT:
        return this.#quantifier(frame, node, label, ends, depth)
      case OFF:
        return br(label)
      case TRUE:
        return ends.leaf(TRUE)
      case FALSE:
        return ends.leaf(FALSE)
      case NEXT:
      case FAILED:
        return seq(ends.leaf(node), br(label))
      default:
        // PICKANY: a child per element of a set that the code does not see.
        throw new TooLarge()
    }
  }

  /** The value that a READ or a WIDE node reads. */
  #read(frame: Frame, node: number): Code {
    const nodes = this.#nodes
    return this.#value(frame, nodes[node + 2] as number, nodes[node + 3] as number, nodes[node + 4] as number)
  }

  #quantifier(frame: Frame, node: number, label: Label, ends: Ends, depth: number): Code {
    const nodes = this.#nodes
    const kind = nodes[node + 1] as number
    const n = nodes[node + 2] as number
    const children = node + 3 + n
    const child = (cell: number): Code => this.#node(frame, cell, label, ends, depth)
    /** The callbacks one after the other; `answered` says what their answers mean, and ends with a jump. */
    const callbacks = (answered: (answer: number, next: Label, i: number) => Code): Code[] =>
      Array.from({ length: n }, (_, i) => {
        const next = new Label()
        return block(next, this.#node(frame, node + 3 + i, next, { leaf: (answer) => answered(answer, next, i), miss: ends.miss }, depth + 1))
      })
    if (kind === EVERY || kind === SOME) {
      const decided = new Label()
      const deciding = kind === EVERY ? FALSE : TRUE
      const through = kind === EVERY ? 1 : 0
      return seq(
        block(decided, ...callbacks((answer, next) => br(answer === deciding ? decided : next)), child(children + through), br(label)),
        child(children + 1 - through),
      )
    }
    const result = (frame.answers[depth] ??= frame.locals.local(I32))
    const all = new Label()
    return seq(
      set(result, i32.const(kind === FIND ? n : 0)),
      block(
        all,
        ...callbacks((answer, next, i) => {
          if (answer !== TRUE) return br(next)
          return kind === COUNT ? seq(increase(result, 1), br(next)) : seq(set(result, i32.const(i)), br(all))
        }),
      ),
      this.#choose(
        get(result),
        Array.from({ length: n + 1 }, (_, i) => [i, children + i] as const),
        true,
        ends.miss,
        label,
        child,
      ),
    )
  }

  /**
   * Goes on at the cell of a value; values with the same below their cells together. What has no cell is not known: with `all`, there is
   * no such value.
   */
  #choose(
    value: Code,
    cells: readonly (readonly [value: number, cell: number])[],
    all: boolean,
    miss: Code,
    label: Label,
    child: (cell: number) => Code,
  ): Code {
    // Groups by shape, the smallest first; the last one takes all other values as well.
    const groups = new Map<number, { readonly values: number[]; readonly cell: number }>()
    for (const [one, cell] of cells) {
      const shape = this.#shape(cell)
      const same = groups.get(shape)
      if (same) same.values.push(one)
      else groups.set(shape, { values: [one], cell })
    }
    if (groups.size > MAX_GROUPS) {
      const ordered = cells.toSorted(([a], [b]) => a - b)
      const half = ordered.length >> 1
      const [middle] = ordered[half] as readonly [number, number]
      const part = (some: typeof cells): Code => this.#choose(value, some, all, miss, label, child)
      return when(i32.ltU(value, i32.const(middle)), [part(ordered.slice(0, half))], [part(ordered.slice(half))])
    }
    const sorted = [...groups.values()].sort((a, b) => a.values.length - b.values.length)
    const values = cells.map(([one]) => one)
    const [lowest, highest] = [Math.min(...values), Math.max(...values)]
    if (!all) sorted.push({ values: [], cell: 0 })
    const below = ({ cell }: { readonly cell: number }): Code => (cell === 0 ? miss : child(cell))
    const last = sorted.pop() as { readonly values: number[]; readonly cell: number }
    if (sorted.length === 0) return below(last)
    const single = sorted.length === 1 && sorted[0]?.values.length === 1 ? (sorted[0].values[0] as number) : undefined
    if (single !== undefined) {
      const [one, other] = [below(sorted[0] as { readonly cell: number }), below(last)]
      if (single === 0) return when(value, [other], [one])
      return when(all && cells.length === 2 ? value : i32.eq(value, i32.const(single)), [one], [other])
    }
    if (highest - lowest > MAX_TABLE) {
      // Values far from each other.
      const branches = sorted.flatMap((group) => group.values.map((one) => ({ one, group })))
      if (branches.length > MAX_GROUPS) throw new TooLarge()
      return branches.reduceRight<Code>((rest, { one, group }) => when(i32.eq(value, i32.const(one)), [below(group)], [rest]), below(last))
    }
    const otherwise = new Label()
    const targets = sorted.map((group) => ({ group, at: new Label() }))
    const table = new Array<Label>(highest - lowest + 1).fill(otherwise)
    for (const { group, at } of targets) for (const one of group.values) table[one - lowest] = at
    let code: Code = brTable([...table, otherwise], lowest === 0 ? value : i32.sub(value, i32.const(lowest)))
    for (const { group, at } of [...targets, { group: last, at: otherwise }]) code = seq(block(at, code), below(group), br(label))
    return code
  }

  // Numbers for what lies below cells: equal for equal trees.
  readonly #shapes = new Map<number, number>()
  readonly #shapeNumbers = new Map<string, number>()

  #shape(cell: number, depth = 0): number {
    const nodes = this.#nodes
    const node = nodes[cell] as number
    if (node === 0) return 0
    const known = this.#shapes.get(node)
    if (known !== undefined) return known
    if (depth > MAX_DEPTH) throw new TooLarge()
    const children = [...this.#forest.callbacks(node), ...this.#forest.children(node)]
    const key = `${nodes.subarray(node, node + this.#forest.headOf(node)).join()}:${children.map((child) => this.#shape(child, depth + 1)).join()}`
    let number = this.#shapeNumbers.get(key)
    if (number === undefined) {
      number = this.#shapeNumbers.size + 1
      this.#shapeNumbers.set(key, number)
    }
    this.#shapes.set(node, number)
    return number
  }

  #lane(frame: Frame, l: number): Local {
    return (frame.lanes[l] ??= frame.locals.local(2 * l + 1 < this.#words ? I64 : I32))
  }

  /** A word of the state. */
  #word(frame: Frame, word: number): Code {
    const lane = this.#lane(frame, word >> 1)
    if (lane.type === I32) return get(lane)
    return i32.ofI64(word % 2 === 0 ? get(lane) : i64.shrU(get(lane), i64.const(32n)))
  }

  /** `word >>> shift & mask` */
  #value(frame: Frame, word: number, shift: number, mask: number): Code {
    if (mask === 0) return i32.const(0)
    if (mask === -1) return this.#word(frame, word)
    const lane = this.#lane(frame, word >> 1)
    const by = lane.type === I64 && word % 2 === 1 ? shift + 32 : shift
    if (lane.type === I64) return i32.and(i32.ofI64(by === 0 ? get(lane) : i64.shrU(get(lane), i64.const(BigInt(by)))), i32.const(mask))
    return i32.and(by === 0 ? get(lane) : i32.shrU(get(lane), i32.const(by)), i32.const(mask))
  }

  /** The code that appends the successor of a leaf. */
  #emit(frame: Frame, node: number, instance: number): Code {
    const nodes = this.#nodes
    const { n, p, index, states, instances } = frame
    if (nodes[node] === FAILED) return call(this.#failed, i32.const(instance), i32.const(nodes[node + 1] as number), get(index))
    this.leaves++
    const lanes = Math.ceil(this.#words / 2)
    // Per lane: what is kept, what is put in, and what is computed.
    const keep = Array.from({ length: lanes }, () => -1n)
    const bits = Array.from({ length: lanes }, () => 0n)
    const computed: Code[][] = Array.from({ length: lanes }, () => [])
    const within = (word: number, value: number): bigint => BigInt(value >>> 0) << (word % 2 === 0 ? 0n : 32n)
    const put = (word: number, shift: number, value: Code): void => {
      const by = word % 2 === 0 ? shift : shift + 32
      const wide = this.#lane(frame, word >> 1).type === I64
      const one = wide ? i64.ofI32(value) : value
      computed[word >> 1]?.push(by === 0 ? one : wide ? i64.shl(one, i64.const(BigInt(by))) : i32.shl(one, i32.const(by)))
    }
    let q = node + 1
    for (let k = nodes[q++] as number; k > 0; k--) {
      const word = nodes[q] as number
      keep[word >> 1] = (keep[word >> 1] as bigint) & ~within(word, ~(nodes[q + 1] as number))
      bits[word >> 1] = (bits[word >> 1] as bigint) | within(word, nodes[q + 2] as number)
      q += 3
    }
    for (let c = nodes[q++] as number; c > 0; c--) {
      const [word, shift, from, fromShift, mask] = nodes.subarray(q, q + 5) as unknown as [number, number, number, number, number]
      put(word, shift, this.#value(frame, from, fromShift, mask))
      q += 5
    }
    for (let d = nodes[q++] as number; d > 0; d--) {
      const word = nodes[q] as number
      keep[word >> 1] = (keep[word >> 1] as bigint) & ~within(word, -1)
      put(word, 0, call(this.#changed, i32.const(nodes[q + 2] as number), this.#word(frame, nodes[q + 1] as number)))
      q += 3
    }
    const stores = Array.from({ length: lanes }, (_, l) => {
      const lane = this.#lane(frame, l)
      const wide = lane.type === I64
      const kept = BigInt.asIntN(wide ? 64 : 32, keep[l] as bigint)
      const constant = BigInt.asIntN(wide ? 64 : 32, bits[l] as bigint)
      const literal = (value: bigint): Code => (wide ? i64.const(value) : i32.const(Number(value)))
      const parts: Code[] = [
        ...(kept === -1n ? [get(lane)] : kept === 0n ? [] : [(wide ? i64 : i32).and(get(lane), literal(kept))]),
        ...(computed[l] as Code[]),
        ...(constant === 0n ? [] : [literal(constant)]),
      ]
      const value = parts.length === 0 ? literal(0n) : parts.reduce((a, b) => (wide ? i64 : i32).or(a, b))
      return (wide ? i64 : i32).store(get(p), value, 8 * l)
    })
    return seq(
      set(p, i32.add(get(states), i32.mul(get(n), i32.const(4 * this.#words)))),
      ...stores,
      i32.store(i32.add(get(instances), i32.shl(get(n), i32.const(2))), i32.const(instance)),
      increase(n, 1),
    )
  }
}

function frameOf(locals: Locals): Frame {
  const [at, second, third] = [locals.parameter(0), locals.parameter(1), locals.parameter(2)]
  const local = (): Local => locals.local(I32)
  return { locals, at, n: second, parent: second, index: third, m: local(), states: local(), instances: local(), p: local(), answers: [], lanes: [] }
}

/** Loads the words that the body of a function uses. */
function lanesOf({ lanes, at }: Frame): Code[] {
  return lanes.flatMap((lane, l) => (lane === undefined ? [] : [set(lane, (lane.type === I64 ? i64 : i32).load(get(at), 8 * l))]))
}

class TooLarge extends Error {}
