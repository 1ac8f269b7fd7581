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

/** Something that lists the elements it may have and, where not all of them are present, tells of one whether it is. */
export interface Quantifiable<T> {
  [QUANTIFY](): { elements: readonly T[]; present?: (index: number) => boolean }
}

/**
 * Runs `test(index)` for the indices 0 to n - 1 and gives the answer of the quantifier as a number: 0 or 1 for `every` and `some`,
 * a count for `count`, an index or n for `find`.
 */
export type Watcher = (kind: 'every' | 'some' | 'count' | 'find', n: number, test: (index: number) => boolean) => number

let watcher: Watcher | null = null

/** Installs the engine's watcher and gives back the one before it. */
export function watchQuantifiers(next: Watcher | null): Watcher | null {
  const before = watcher
  watcher = next
  return before
}

const plain: Watcher = (kind, n, test) => {
  let count = 0
  for (let index = 0; index < n; index++) {
    const answer = test(index)
    if (kind === 'every' && !answer) return 0
    if (kind === 'some' && answer) return 1
    if (kind === 'find' && answer) return index
    if (answer) count++
  }
  return kind === 'every' ? 1 : kind === 'some' ? 0 : kind === 'find' ? n : count
}

/** Runs a quantifier over a collection. An answer of the callback that is no boolean is an error. */
export function quantify<T>(kind: Quantifier, collection: Quantifiable<T>, test: (value: T) => boolean): unknown {
  const { elements, present } = collection[QUANTIFY]()
  const ask = (index: number): boolean => {
    const answer = test(elements[index] as T)
    if (typeof answer !== 'boolean') {
      throw new ValueError(`the callback of ${kind}() must return a boolean, it returned ${show(answer)}`)
    }
    return answer
  }
  // An absent element is one for which the callback is not asked: it fails no `every` and is found by no `some`.
  const one = present ? (index: number) => (present(index) ? ask(index) : kind === 'every') : ask
  const run = watcher ?? plain
  switch (kind) {
    case 'every':
    case 'some':
      return run(kind, elements.length, one) === 1
    case 'count':
      return run(kind, elements.length, one)
    case 'find':
      return elements[run(kind, elements.length, one)]
    case 'filter':
      return elements.filter((_, index) => run('some', 1, () => one(index)) === 1)
  }
}
