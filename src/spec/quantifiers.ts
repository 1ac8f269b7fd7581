/**
 * Quantifiers over the collections of a state: `every(s.prepared, r => …)`. Over a type they are its methods: `Region.every(r => …)`.
 * Arrays and sequences have their own methods of these names.
 *
 * Over a set these are better than a loop: the engine remembers the callback's answer for each element instead of the whole set.
 */
import { ValueSet } from '../values/collections.ts'
import { type Quantifiable, QUANTIFY, quantify } from '../values/quantify.ts'

/** A type, a set, a sequence, or anything else that can be iterated. */
export type Collection<T> = Iterable<T>

/** Whether `test` holds for every element. */
export function every<T>(collection: Collection<T>, test: (element: T) => boolean): boolean {
  return quantify('every', quantifiable(collection), test) as boolean
}
/** Whether `test` holds for at least one element. */
export function some<T>(collection: Collection<T>, test: (element: T) => boolean): boolean {
  return quantify('some', quantifiable(collection), test) as boolean
}
/** How many elements satisfy `test`. */
export function count<T>(collection: Collection<T>, test: (element: T) => boolean): number {
  return quantify('count', quantifiable(collection), test) as number
}
/** The first element that satisfies `test`, or undefined. */
export function find<T>(collection: Collection<T>, test: (element: T) => boolean): T | undefined {
  return quantify('find', quantifiable(collection), test) as T | undefined
}
/** The elements that satisfy `test`, in order. */
export function filter<T>(collection: Collection<T>, test: (element: T) => boolean): T[] {
  return quantify('filter', quantifiable(collection), test) as T[]
}

/** All subsets of a collection, to pick one: `pick(subsets(s.waiting))`. */
export function subsets<T>(collection: Collection<T>): Set<T>[] {
  const elements = [...collection]
  if (elements.length > 20) throw new RangeError(`subsets() of ${elements.length} elements are too many: at most 20 elements`)
  return Array.from({ length: 2 ** elements.length }, (_, bits) => new ValueSet(elements.filter((_, i) => (bits >> i) & 1)) as unknown as Set<T>)
}

function quantifiable<T>(collection: Collection<T>): Quantifiable<T> {
  if (typeof collection === 'object' && collection !== null && QUANTIFY in collection) return collection as unknown as Quantifiable<T>
  const elements = [...collection]
  return {
    [QUANTIFY]: () => ({ n: elements.length, element: (index) => elements[index] as T }),
    [Symbol.iterator]: () => elements[Symbol.iterator](),
  }
}
