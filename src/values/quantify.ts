/**
 * Quantifiers over a domain or a collection: `every`, `some`, `count`, `find`, `filter`.
 *
 * Each callback is a scope of its own for the engine: it remembers the callback's answer for one element, not everything that
 * it read (ARCHITECTURE.md, "Locality"). The engine takes part by setting a quantifier while it watches a function; without one
 * these are plain loops.
 */
import { show, ValueError } from './errors.ts'

export type Quantifier = 'every' | 'some' | 'count' | 'find' | 'filter'

export const QUANTIFY: unique symbol = Symbol.for('tsmc.quantify')

/** The elements that something may have, by number; where not all of them are present, whether one is. */
export interface Candidates<T> {
  readonly n: number
  element(index: number): T
  present?(index: number): boolean
  /** false: iteration has another order than the numbers. */
  readonly inOrder?: boolean
  /** true: an element may be there several times. */
  readonly copies?: boolean
}

/** What a quantifier can range over element by element, without looking at the whole. */
export interface Quantifiable<T> extends Iterable<T> {
  [QUANTIFY](): Candidates<T>
}

/** The engine's part while it watches a function. */
export interface Watcher {
  /** Whether a callback may be a scope of its own: nothing comes of it but its answer. */
  scoped(test: (value: never) => unknown): boolean
  /**
   * Runs `test(index)` for the indices 0 to n - 1 and gives the answer of the quantifier as a number: 0 or 1 for `every` and `some`,
   * a count for `count`, an index or n for `find`.
   */
  run(kind: 'every' | 'some' | 'count' | 'find', n: number, test: (index: number) => boolean): number
}

let watcher: Watcher | null = null

/** Installs the engine's watcher and gives back the one before it. */
export function watchQuantifiers(next: Watcher | null): Watcher | null {
  const before = watcher
  watcher = next
  return before
}

/** A quantifier as a loop: callbacks may do whatever they like. */
function loop<T>(kind: Quantifier, collection: Iterable<T>, test: (value: T) => boolean): unknown {
  let count = 0
  const found: T[] = []
  for (const value of collection) {
    const answer = test(value)
    if (kind === 'every' && !answer) return false
    if (kind === 'some' && answer) return true
    if (kind === 'find' && answer) return value
    if (!answer) continue
    count++
    if (kind === 'filter') found.push(value)
  }
  return kind === 'every' ? true : kind === 'some' ? false : kind === 'find' ? undefined : kind === 'count' ? count : found
}

/** Runs a quantifier over a collection. An answer of the callback that is no boolean is an error. `pure`: the callback is known to be a scope. */
export function quantify<T>(kind: Quantifier, collection: Quantifiable<T>, test: (value: T) => boolean, pure = false): unknown {
  const ask = (value: T): boolean => {
    const answer = test(value)
    if (typeof answer !== 'boolean') {
      throw new ValueError(`the callback of ${kind}() must return a boolean, it returned ${show(answer)}`)
    }
    return answer
  }
  const watching = watcher
  if (watching === null || !(pure || watching.scoped(test))) return loop(kind, collection, ask)
  const candidates = collection[QUANTIFY]()
  const { n } = candidates
  if (candidates.inOrder === false && (kind === 'find' || kind === 'filter')) return loop(kind, collection, ask)
  if (candidates.copies === true && (kind === 'count' || kind === 'filter')) return loop(kind, collection, ask)
  // An absent element is one for which the callback is not asked: it fails no `every` and is found by no `some`.
  const one = (index: number): boolean =>
    candidates.present === undefined || candidates.present(index) ? ask(candidates.element(index)) : kind === 'every'
  switch (kind) {
    case 'every':
    case 'some':
      return watching.run(kind, n, one) === 1
    case 'count':
      return watching.run(kind, n, one)
    case 'find': {
      const index = watching.run(kind, n, one)
      return index < n ? candidates.element(index) : undefined
    }
    case 'filter': {
      const found: T[] = []
      for (let index = 0; index < n; index++) if (watching.run('some', 1, () => one(index)) === 1) found.push(candidates.element(index))
      return found
    }
  }
}
