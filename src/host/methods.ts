/**
 * The methods of arrays and sets, as of ECMAScript 2026. What the running Node.js lacks of them is supplied to plain data when the library is loaded, so
 * that a function of a spec does the same on every version. A test compares the lists with the prototypes of the Node.js that runs it.
 */

export const ARRAY_METHODS = [
  'at',
  'concat',
  'copyWithin',
  'entries',
  'every',
  'fill',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'flat',
  'flatMap',
  'forEach',
  'includes',
  'indexOf',
  'join',
  'keys',
  'lastIndexOf',
  'map',
  'pop',
  'push',
  'reduce',
  'reduceRight',
  'reverse',
  'shift',
  'slice',
  'some',
  'sort',
  'splice',
  'toLocaleString',
  'toReversed',
  'toSorted',
  'toSpliced',
  'toString',
  'unshift',
  'values',
  'with',
] as const

export const SET_METHODS = [
  'add',
  'clear',
  'delete',
  'difference',
  'entries',
  'forEach',
  'has',
  'intersection',
  'isDisjointFrom',
  'isSubsetOf',
  'isSupersetOf',
  'keys',
  'symmetricDifference',
  'union',
  'values',
] as const

/** What an argument of a set operation must have (GetSetRecord). */
interface SetRecord {
  readonly set: object
  readonly size: number
  readonly has: (value: unknown) => boolean
  readonly keys: () => Iterator<unknown>
}

function recordOf(other: unknown): SetRecord {
  if (typeof other !== 'object' && typeof other !== 'function') throw new TypeError(`${String(other)} is not a set`)
  if (other === null) throw new TypeError('null is not a set')
  const { size, has, keys } = other as { size: unknown; has: unknown; keys: unknown }
  const number = Number(size)
  if (Number.isNaN(number)) throw new TypeError('the size of a set is a number')
  const whole = Math.trunc(number)
  if (whole < 0) throw new RangeError('the size of a set is not negative')
  if (typeof has !== 'function') throw new TypeError('a set has a method has')
  if (typeof keys !== 'function') throw new TypeError('a set has a method keys')
  return {
    set: other as object,
    size: whole,
    has: (value) => Boolean(Reflect.apply(has, other, [value])),
    keys: () => Reflect.apply(keys, other, []),
  }
}

function* elementsOf({ keys }: SetRecord): Generator<unknown> {
  const iterator = keys()
  let finished = false
  try {
    for (;;) {
      const { done, value } = iterator.next()
      finished = Boolean(done)
      if (done) return
      yield value
    }
  } finally {
    if (!finished) iterator.return?.()
  }
}

/** An element of a set as the language keeps it: there is one zero. */
const zero = (value: unknown): unknown => (value === 0 ? 0 : value)

/** The set operations of ECMAScript 2025 (section 24.2.4), for a Node.js that has none. */
const OPERATIONS = {
  union(this: Set<unknown>, other: unknown): Set<unknown> {
    const record = recordOf(other)
    const result = new Set(Set.prototype.values.call(this))
    for (const value of elementsOf(record)) result.add(zero(value))
    return result
  },
  intersection(this: Set<unknown>, other: unknown): Set<unknown> {
    const record = recordOf(other)
    const result = new Set<unknown>()
    if (this.size <= record.size) {
      for (const value of this) if (record.has(value)) result.add(value)
    } else for (const value of elementsOf(record)) if (Set.prototype.has.call(this, value)) result.add(zero(value))
    return result
  },
  difference(this: Set<unknown>, other: unknown): Set<unknown> {
    const record = recordOf(other)
    const result = new Set(Set.prototype.values.call(this))
    if (this.size <= record.size) {
      for (const value of this) if (record.has(value)) result.delete(value)
    } else for (const value of elementsOf(record)) result.delete(value)
    return result
  },
  symmetricDifference(this: Set<unknown>, other: unknown): Set<unknown> {
    const record = recordOf(other)
    const result = new Set(Set.prototype.values.call(this))
    for (const value of elementsOf(record)) {
      if (Set.prototype.has.call(this, value)) result.delete(value)
      else result.add(zero(value))
    }
    return result
  },
  isSubsetOf(this: Set<unknown>, other: unknown): boolean {
    const record = recordOf(other)
    if (this.size > record.size) return false
    for (const value of this) if (!record.has(value)) return false
    return true
  },
  isSupersetOf(this: Set<unknown>, other: unknown): boolean {
    const record = recordOf(other)
    if (this.size < record.size) return false
    for (const value of elementsOf(record)) if (!Set.prototype.has.call(this, value)) return false
    return true
  },
  isDisjointFrom(this: Set<unknown>, other: unknown): boolean {
    const record = recordOf(other)
    if (this.size <= record.size) {
      for (const value of this) if (record.has(value)) return false
    } else for (const value of elementsOf(record)) if (Set.prototype.has.call(this, value)) return false
    return true
  },
}

/** Supplies what a prototype lacks. */
export function supply(prototype: object, methods: Readonly<Record<string, unknown>> = OPERATIONS): void {
  for (const [name, value] of Object.entries(methods))
    if (!(name in prototype)) Object.defineProperty(prototype, name, { value, writable: true, enumerable: false, configurable: true })
}

supply(Set.prototype)
