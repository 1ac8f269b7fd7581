/**
 * Trees that have stopped growing, as JavaScript: a walk over an array of nodes becomes straight code with the words of the state in
 * variables. `w0 >>> 4 & 3` is what one READ node compiles to, `o[p] = w0 & -49 | 32` a word of a successor.
 *
 * Compiled code is a copy of what is known; where it meets a child that is not known, it hands the state over to the interpreter (`slow`),
 * which learns it. The code is made anew when enough has been learned since.
 *
 *     expand(S, at, n)   appends the successors of the state at S[at..] as number n and on; returns the new n
 *     violated(S, at, P, pat)   the first false invariant, -1 for none, -2 where the code does not know
 *
 * V8 does not optimise functions beyond some size, so the code is cut into functions of some hundred nodes.
 */
import { COUNT, EVERY, FAILED, FALSE, FIND, type Forest, HAS, NEXT, OFF, PICK, PICKSET, QUANT, READ, SOME, TRUE } from './tree.ts'

/** A tree with more nodes than this is left to the interpreter. */
const MAX_TREE = 600
/** Nodes per function. */
const MAX_FUNCTION = 500
/** States of more words than this are copied by a loop. */
const MAX_UNROLLED = 8

/** What compiled code calls, and the arrays that it writes to. */
export interface Runtime {
  /** Expands one action instance by the interpreter: successors go to number n and on; gives the new n. */
  slow(instance: number, states: Int32Array, at: number, n: number): number
  /** Records that the assertion of an instance failed. */
  failed(instance: number, message: number): void
  /** Whether an interned set has an element; an interned set after a change. */
  has(set: number, value: number, element: number): boolean
  changed(change: number, value: number): number
}

export interface Compiled {
  /** Tells where successors go: called before `expand`, and by the runtime whenever the arrays were replaced. */
  target(states: Int32Array, instance: Int32Array): void
  expand(states: Int32Array, at: number, n: number): number
  violated(states: Int32Array, at: number, parent: Int32Array, parentAt: number): number
  /** How many successors one state has at most, not counting those that the interpreter makes. */
  readonly most: number
  /** Per action instance and per invariant, whether it is in the code; the others are left to the interpreter. */
  readonly actions: readonly boolean[]
  readonly invariants: readonly boolean[]
}

/** The code for a program: trees of its action instances and of its invariants (null: called directly). */
export function compile(
  forest: Forest,
  words: number,
  actions: readonly (number | null)[],
  invariants: readonly (number | null)[],
  runtime: Runtime,
): Compiled {
  const coder = new Coder(forest, words)
  const expanders = coder.functions(
    'e',
    actions.map((root, i) => () => (root === null ? { text: `n=slow(${i},S,at,n);`, nodes: 2 } : coder.action(root, i))),
    'S,at,n',
    'return n;',
  )
  const checkers = coder.functions(
    'c',
    // One that is called directly is decided by the interpreter, and so are those behind it, to keep their order.
    invariants.map((root, i) => () => (root === null ? { text: 'return -2;', nodes: 1 } : coder.invariant(root, i))),
    'S,at,P,pat',
    'return -1;',
  )
  const text = `'use strict';
let o, a;
const { slow, failed, has, changed } = runtime;
${expanders.text}
${checkers.text}
return {
  target(states, instance) { o = states; a = instance; },
  expand(S, at, n) { ${expanders.names.map((name) => `n = ${name}(S, at, n);`).join(' ')} return n; },
  violated(S, at, P, pat) { ${checkers.names.length > 0 ? 'let v;' : ''} ${checkers.names.map((name) => `if ((v = ${name}(S, at, P, pat)) !== -1) return v;`).join(' ')} return -1; },
};`
  const make = new Function('runtime', text) as (runtime: Runtime) => Pick<Compiled, 'target' | 'expand' | 'violated'>
  return {
    ...make(runtime),
    most: coder.leaves,
    actions: actions.map((root) => root !== null && !coder.tooLarge.has(root)),
    invariants: invariants.map((root) => root !== null && !coder.tooLarge.has(root)),
  }
}

interface Piece {
  readonly text: string
  readonly nodes: number
}

class Coder {
  readonly #nodes: Int32Array
  readonly #forest: Forest
  readonly #words: number
  #labels = 0
  #count = 0
  leaves = 0
  /** The roots of trees that are left to the interpreter. */
  readonly tooLarge = new Set<number>()

  constructor(forest: Forest, words: number) {
    this.#forest = forest
    this.#nodes = forest.nodes
    this.#words = words
  }

  /** Cuts pieces into functions. */
  functions(prefix: string, pieces: readonly (() => Piece)[], parameters: string, end: string): { names: string[]; text: string } {
    const names: string[] = []
    const texts: string[] = []
    let body = ''
    let size = 0
    const close = (): void => {
      if (body === '') return
      const name = `${prefix}${names.length}`
      names.push(name)
      const used = Array.from({ length: this.#words }, (_, w) => w).filter((w) => new RegExp(`\\bw${w}\\b`).test(body))
      texts.push(
        `function ${name}(${parameters}) {\n${used.map((w) => `const w${w} = S[at${w === 0 ? '' : ` + ${w}`}];`).join(' ')}\nlet m = 0, p = 0, r = 0;\n${body}\n${end}\n}`,
      )
      body = ''
      size = 0
    }
    for (const piece of pieces) {
      const { text, nodes } = piece()
      if (size + nodes > MAX_FUNCTION) close()
      body += `${text}\n`
      size += nodes
    }
    close()
    return { names, text: texts.join('\n') }
  }

  /** The code of one action instance. */
  action(root: number, instance: number): Piece {
    this.#count = 0
    const slow = `n=slow(${instance},S,at,n);`
    try {
      const label = this.#label()
      const text = this.#node(root, label, (leaf) => this.#emit(leaf, instance), `{n=slow(${instance},S,at,m);break ${label};}`)
      return { text: `m=n;${label}:{${text}}`, nodes: this.#count }
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      this.tooLarge.add(root)
      return { text: slow, nodes: 2 }
    }
  }

  /** The code of one invariant: passed over where it looks at nothing that differs from the parent, in which it holds. */
  invariant(root: number, index: number): Piece {
    this.#count = 0
    const footprint = this.#forest.footprint(root)
    const differs = [...footprint].flatMap((mask, w) => (mask === 0 ? [] : [`((w${w}^P[pat+${w}])&${mask})`])).join('|') || '0'
    try {
      const label = this.#label()
      const text = this.#node(root, label, (leaf) => (leaf === FALSE ? `return ${index};` : `break ${label};`), 'return -2;')
      return { text: `if((${differs})!==0)${label}:{${text}}`, nodes: this.#count }
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      this.tooLarge.add(root)
      return { text: `if((${differs})!==0)return -2;`, nodes: 4 }
    }
  }

  #label(): string {
    return `L${this.#labels++}`
  }

  /**
   * The code below a cell. Every path ends by leaving `label` or by falling out of the end of its text, which then is the end of the block.
   * `leaf` gives the code of a leaf: of a successor by its node, of true and false by their kind. `miss` is the code for what is not known.
   */
  #node(cell: number, label: string, leaf: (node: number) => string, miss: string): string {
    const nodes = this.#nodes
    const node = nodes[cell] as number
    if (node === 0) return miss
    if (++this.#count > MAX_TREE) throw new TooLarge()
    switch (nodes[node]) {
      case READ: {
        const size = nodes[node + 5] as number
        const value = this.#value(nodes[node + 2] as number, nodes[node + 3] as number, nodes[node + 4] as number)
        const child = (i: number): string => this.#node(node + 6 + i, label, leaf, miss)
        if (size === 1) return child(0)
        if (size === 2) return `if((${value})!==0){${child(1)}}else{${child(0)}}`
        return this.#switch(value, size, child)
      }
      case PICK: {
        // The alternatives one after the other: a leaf ends its own only.
        const n = nodes[node + 1] as number
        let text = ''
        for (let i = 0; i < n; i++) {
          const inner = this.#label()
          text += `${inner}:{${this.#node(node + 2 + i, inner, leaf, miss)}}`
        }
        return text
      }
      case PICKSET: {
        const n = nodes[node + 1] as number
        let text = ''
        for (let i = 0; i < n; i++) {
          const word = nodes[node + 2 + 2 * i] as number
          const inner = this.#label()
          const body = this.#node(node + 2 + 2 * n + i, inner, leaf, miss)
          text += word < 0 ? `${inner}:{${body}}` : `if((w${word}&${1 << (nodes[node + 3 + 2 * i] as number)})!==0)${inner}:{${body}}`
        }
        return text
      }
      case HAS:
        return `if(has(${nodes[node + 3]},w${nodes[node + 2]},${nodes[node + 4]})){${this.#node(node + 6, label, leaf, miss)}}else{${this.#node(node + 5, label, leaf, miss)}}`
      case QUANT:
        return this.#quantifier(node, label, leaf, miss)
      case OFF:
        return ''
      case TRUE:
        return leaf(TRUE)
      case FALSE:
        return leaf(FALSE)
      case NEXT:
      case FAILED:
        return leaf(node)
      default:
        // WIDE, PICKANY: a child per value that appears.
        throw new TooLarge()
    }
  }

  #quantifier(node: number, label: string, leaf: (node: number) => string, miss: string): string {
    const nodes = this.#nodes
    const kind = nodes[node + 1] as number
    const n = nodes[node + 2] as number
    const result = `q${this.#labels}`
    const all = this.#label()
    let text = `let ${result}=${kind === EVERY ? 1 : kind === FIND ? n : 0};${all}:{`
    for (let i = 0; i < n; i++) {
      const one = this.#label()
      const answer = (answered: number): string => {
        if (answered === TRUE) {
          if (kind === SOME) return `${result}=1;break ${all};`
          if (kind === FIND) return `${result}=${i};break ${all};`
          if (kind === COUNT) return `${result}++;break ${one};`
        } else if (kind === EVERY) return `${result}=0;break ${all};`
        return `break ${one};`
      }
      text += `${one}:{${this.#node(node + 3 + i, one, answer, miss)}}`
    }
    const child = (i: number): string => this.#node(node + 3 + n + i, label, leaf, miss)
    text += '}'
    if (kind === EVERY || kind === SOME) return `{${text}if(${result}!==0){${child(1)}}else{${child(0)}}}`
    return `{${text}${this.#switch(result, n + 1, child)}}`
  }

  /** A switch over 0 to size - 1, cases with the same code together. */
  #switch(value: string, size: number, child: (i: number) => string): string {
    const cases = new Map<string, number[]>()
    for (let i = 0; i < size; i++) {
      const text = child(i)
      const same = cases.get(text)
      if (same) same.push(i)
      else cases.set(text, [i])
    }
    const label = this.#label()
    // A labelled block and `break label` instead of plain breaks, which would be taken for breaks of an enclosing loop by no one, but read alike.
    return `${label}:switch(${value}){${[...cases].map(([text, numbers]) => `${numbers.map((i) => `case ${i}:`).join('')}{${text}}break ${label};`).join('')}}`
  }

  #value(word: number, shift: number, mask: number): string {
    if (mask === 0) return '0'
    if (mask === -1) return `w${word}`
    if (mask === 1) return `w${word}&${1 << shift}`
    return shift === 0 ? `w${word}&${mask}` : `w${word}>>>${shift}&${mask}`
  }

  /** The code that appends the successor of a leaf. */
  #emit(node: number, instance: number): string {
    const nodes = this.#nodes
    if (nodes[node] === FAILED) return `failed(${instance},${nodes[node + 1]});`
    this.leaves++
    const values = new Map<number, string>()
    let q = node + 1
    for (let k = nodes[q++] as number; k > 0; k--) {
      const word = nodes[q] as number
      const keep = nodes[q + 1] as number
      const bits = nodes[q + 2] as number
      values.set(word, `${keep === 0 ? '' : `w${word}&${keep}`}${bits === 0 && keep !== 0 ? '' : `${keep === 0 ? '' : '|'}${bits}`}`)
      q += 3
    }
    for (let c = nodes[q++] as number; c > 0; c--) {
      const [word, shift, from, fromShift, mask] = nodes.subarray(q, q + 5) as unknown as [number, number, number, number, number]
      values.set(word, `${values.get(word)}|(w${from}>>>${fromShift}&${mask})<<${shift}`)
      q += 5
    }
    for (let d = nodes[q++] as number; d > 0; d--) {
      values.set(nodes[q] as number, `changed(${nodes[q + 2]},w${nodes[q + 1]})`)
      q += 3
    }
    const stores =
      this.#words > MAX_UNROLLED
        ? `for(let k=0;k<${this.#words};k++)o[p+k]=S[at+k];${[...values].map(([word, value]) => `o[p+${word}]=${value};`).join('')}`
        : Array.from({ length: this.#words }, (_, word) => `o[p+${word}]=${values.get(word) ?? `w${word}`};`).join('')
    return `p=n*${this.#words};${stores}a[n++]=${instance};`
  }
}

class TooLarge extends Error {}
