/**
 * A formula of linear temporal logic as a Büchi automaton: generalised, with the acceptance conditions on its transitions.
 *
 * The construction is the tableau of Couvreur ("On-the-fly verification of linear temporal logic", FM 1999), which goes back to Gerth,
 * Peled, Vardi and Wolper (PSTV 1995). A state is a set of formulas that the rest of the word has to satisfy. Taking a letter splits
 * each of them into what the letter must satisfy and what is left for later:
 *
 *     F until G   =   G   or   F and next (F until G), with a promise that G will come
 *     F release G =   G and F   or   G and next (F release G)
 *
 * A word is accepted if the automaton can read it so that every promise is, again and again, not made.
 */
import { SpecError } from '../errors.ts'
import type { ProgramFormula } from '../program/temporal.ts'

/** A transition: the letter's state predicates and events that must be true and false, as bits; where it leads; the promises it makes. */
export interface Transition {
  readonly atoms: number
  readonly notAtoms: number
  readonly events: number
  readonly notEvents: number
  readonly to: number
  readonly promises: number
}

export interface Automaton {
  /** The transitions of each state; 0 is the initial state. */
  readonly states: readonly (readonly Transition[])[]
  /** The bits of all promises. */
  readonly promises: number
  /** The atoms and events of the program that the bits stand for, bit 0 first. */
  readonly atoms: readonly number[]
  readonly events: readonly number[]
  /** Which states lie on cycles that may be accepted: a behaviour that is accepted stays in such states in the end, or stutters. */
  readonly cycles: readonly boolean[]
}

/** Formulas in negation normal form, each made once. */
type Normal =
  | { readonly id: number; readonly op: 'true' | 'false' }
  | { readonly id: number; readonly op: 'atom' | 'event'; readonly bit: number; readonly negated: boolean }
  | { readonly id: number; readonly op: 'next'; readonly of: Normal }
  | { readonly id: number; readonly op: 'and' | 'or' | 'release'; readonly left: Normal; readonly right: Normal }
  | { readonly id: number; readonly op: 'until'; readonly left: Normal; readonly right: Normal; readonly promise: number }

const MAX_BITS = 31
const MAX_STATES = 4096

/** The automaton that accepts the words that satisfy a formula, or with `negated` those that do not. */
export function automatonOf(formula: ProgramFormula, negated: boolean): Automaton {
  const atoms: number[] = []
  const events: number[] = []
  const known = new Map<string, Normal>()
  const byId: Normal[] = []
  let promises = 0

  const make = (key: string, build: (id: number) => Normal): Normal => {
    let found = known.get(key)
    if (!found) {
      found = build(byId.length)
      known.set(key, found)
      byId.push(found)
    }
    return found
  }
  const yes = make('true', (id) => ({ id, op: 'true' }))
  const no = make('false', (id) => ({ id, op: 'false' }))
  const bit = (list: number[], number: number): number => {
    if (!list.includes(number)) list.push(number)
    return 1 << checked(list.indexOf(number))
  }
  const leaf = (op: 'atom' | 'event', number: number, not: boolean): Normal =>
    make(`${op} ${number} ${not}`, (id) => ({ id, op, bit: bit(op === 'atom' ? atoms : events, number), negated: not }))
  const both = (op: 'and' | 'or', left: Normal, right: Normal): Normal => {
    const [unit, zero] = op === 'and' ? [yes, no] : [no, yes]
    if (left === zero || right === zero) return zero
    if (left === unit || left === right) return right
    if (right === unit) return left
    const [a, b] = left.id < right.id ? [left, right] : [right, left]
    return make(`${op} ${a.id} ${b.id}`, (id) => ({ id, op, left: a, right: b }))
  }
  const until = (left: Normal, right: Normal): Normal =>
    right === yes || right === no
      ? right
      : make(`until ${left.id} ${right.id}`, (id) => ({ id, op: 'until', left, right, promise: 1 << checked(promises++) }))
  const release = (left: Normal, right: Normal): Normal =>
    right === yes || right === no ? right : make(`release ${left.id} ${right.id}`, (id) => ({ id, op: 'release', left, right }))
  const next = (of: Normal): Normal => (of === yes || of === no ? of : make(`next ${of.id}`, (id) => ({ id, op: 'next', of })))

  /** Negation pushed down to the leaves. */
  const normal = (f: ProgramFormula, not: boolean): Normal => {
    switch (f.op) {
      case 'constant':
        return f.value !== not ? yes : no
      case 'atom':
        return leaf('atom', f.atom, not)
      case 'event':
        return leaf('event', f.event, not)
      case 'not':
        return normal(f.of, !not)
      case 'next':
        return next(normal(f.of, not))
      case 'always':
        return not ? until(yes, normal(f.of, true)) : release(no, normal(f.of, false))
      case 'eventually':
        return not ? release(no, normal(f.of, true)) : until(yes, normal(f.of, false))
      case 'and':
      case 'or':
        return f.all
          .map((one) => normal(one, not))
          .reduce((a, b) => both((f.op === 'and') !== not ? 'and' : 'or', a, b), (f.op === 'and') !== not ? yes : no)
      case 'implies':
        return both(not ? 'and' : 'or', normal(f.left, !not), normal(f.right, not))
      case 'until':
        return not ? release(normal(f.left, true), normal(f.right, true)) : until(normal(f.left, false), normal(f.right, false))
      case 'leadsTo':
        return normal({ op: 'always', of: { op: 'implies', left: f.left, right: { op: 'eventually', of: f.right } } }, not)
    }
  }

  interface Cover {
    atoms: number
    notAtoms: number
    events: number
    notEvents: number
    later: Set<Normal>
    promises: number
  }
  /** All ways to satisfy a set of formulas: what the letter must be, and what is left for later. */
  const cover = (todo: readonly Normal[], done: ReadonlySet<Normal>, sofar: Cover, out: Cover[]): undefined => {
    const [f, ...rest] = todo
    if (f === undefined) {
      out.push(sofar)
      return
    }
    if (done.has(f)) return cover(rest, done, sofar, out)
    const seen = new Set(done).add(f)
    switch (f.op) {
      case 'true':
        return cover(rest, seen, sofar, out)
      case 'false':
        return
      case 'atom':
      case 'event': {
        const with_ = { ...sofar }
        if (f.op === 'atom') f.negated ? (with_.notAtoms |= f.bit) : (with_.atoms |= f.bit)
        else f.negated ? (with_.notEvents |= f.bit) : (with_.events |= f.bit)
        if ((with_.atoms & with_.notAtoms) === 0 && (with_.events & with_.notEvents) === 0) cover(rest, seen, with_, out)
        return
      }
      case 'next':
        return cover(rest, seen, { ...sofar, later: new Set(sofar.later).add(f.of) }, out)
      case 'and':
        return cover([f.left, f.right, ...rest], seen, sofar, out)
      case 'or':
        cover([f.left, ...rest], seen, sofar, out)
        return cover([f.right, ...rest], seen, sofar, out)
      case 'until':
        cover([f.right, ...rest], seen, sofar, out)
        return cover([f.left, ...rest], seen, { ...sofar, later: new Set(sofar.later).add(f), promises: sofar.promises | f.promise }, out)
      case 'release':
        cover([f.left, f.right, ...rest], seen, sofar, out)
        return cover([f.right, ...rest], seen, { ...sofar, later: new Set(sofar.later).add(f) }, out)
    }
  }

  const states: Transition[][] = []
  const numbers = new Map<string, number>()
  const sets: (readonly Normal[])[] = []
  const numberOf = (set: Iterable<Normal>): number => {
    // What is always so is so now: to ask for it besides would tell states apart that are the same.
    const implied = new Set([...set].flatMap((f) => (f.op === 'release' && f.left === no ? conjuncts(f.right) : [])))
    const parts = [...set].filter((f) => f !== yes && !implied.has(f)).sort((a, b) => a.id - b.id)
    const key = parts.map(({ id }) => id).join()
    let number = numbers.get(key)
    if (number === undefined) {
      number = sets.length
      if (number === MAX_STATES) throw new SpecError('a temporal property is too large', { hint: 'split it into several properties' })
      numbers.set(key, number)
      sets.push(parts)
    }
    return number
  }
  numberOf([normal(formula, negated)])
  for (let s = 0; s < sets.length; s++) {
    const covers: Cover[] = []
    cover(sets[s] as readonly Normal[], new Set(), { atoms: 0, notAtoms: 0, events: 0, notEvents: 0, later: new Set(), promises: 0 }, covers)
    states.push(needed(covers.map(({ later, ...letter }) => ({ ...letter, to: numberOf(later) }))))
  }
  const all = 2 ** promises - 1
  const merge = merged(states)
  const { live } = accepting(merge, all)
  const useful = merge.map((transitions) => transitions.filter(({ to }) => live[to]))
  return { states: useful, promises: all, atoms, events, cycles: accepting(useful, all).cycles }
}

function conjuncts(f: Normal): Normal[] {
  return f.op === 'and' ? [f, ...conjuncts(f.left), ...conjuncts(f.right)] : [f]
}

function checked(bit: number): number {
  if (bit >= MAX_BITS)
    throw new SpecError(`a temporal property has more than ${MAX_BITS} different predicates or operators`, {
      hint: 'split it into several properties, or say it with parameters',
    })
  return bit
}

const within = (a: number, b: number): boolean => (a & b) === a

/** Leaves out transitions that can do nothing that another cannot. */
function needed(transitions: readonly Transition[]): Transition[] {
  const covers = (a: Transition, b: Transition) =>
    a.to === b.to &&
    within(a.atoms, b.atoms) &&
    within(a.notAtoms, b.notAtoms) &&
    within(a.events, b.events) &&
    within(a.notEvents, b.notEvents) &&
    within(a.promises, b.promises)
  return transitions.filter((b, i) => !transitions.some((a, j) => i !== j && covers(a, b) && (!covers(b, a) || j < i)))
}

/** Makes one of states that have the same transitions, until there are none. */
function merged(states: readonly (readonly Transition[])[]): Transition[][] {
  let current = states.map((transitions) => [...transitions])
  for (;;) {
    const classes = new Map<string, number>()
    const of = current.map((transitions) => {
      const key = JSON.stringify(transitions.map((t) => [t.to, t.atoms, t.notAtoms, t.events, t.notEvents, t.promises]).sort())
      const known = classes.get(key) ?? classes.size
      classes.set(key, known)
      return known
    })
    if (classes.size === current.length) return current
    const next: Transition[][] = []
    current.forEach((transitions, s) => {
      next[of[s] as number] ??= needed(transitions.map((t) => ({ ...t, to: of[t.to] as number })))
    })
    current = next
  }
}

/** Which states lie on cycles that leave no promise made by all their transitions, and which states can reach such a one. */
function accepting(edges: readonly (readonly Transition[])[], promises: number): { cycles: boolean[]; live: boolean[] } {
  const reach = edges.map((_, from) => {
    const seen = new Set<number>()
    const todo = [from]
    for (let s = todo.pop(); s !== undefined; s = todo.pop()) {
      for (const { to } of edges[s] as Transition[]) {
        if (!seen.has(to)) {
          seen.add(to)
          todo.push(to)
        }
      }
    }
    return seen
  })
  const cycles = reach.map((reached, s) => {
    if (!reached.has(s)) return false
    let always = promises
    for (const member of reached) {
      if (!(reach[member] as Set<number>).has(s)) continue
      for (const t of edges[member] as Transition[]) if (t.to === s || (reach[t.to] as Set<number>).has(s)) always &= t.promises
    }
    return always === 0
  })
  return { cycles, live: cycles.map((is, s) => is || [...(reach[s] as Set<number>)].some((r) => cycles[r])) }
}

/**
 * Which states of an automaton accept the word that repeats one letter for ever, in which nothing happens: the behaviour that stutters.
 */
export function acceptsForEver({ states, promises }: Automaton, atoms: number): boolean[] {
  const edges = states.map((transitions) => transitions.filter((t) => within(t.atoms, atoms) && (t.notAtoms & atoms) === 0 && t.events === 0))
  return accepting(edges, promises).live
}
