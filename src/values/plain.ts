/** Deep copies of plain data, as values of a state are made of it. */
import { isCollection, isRecord } from 'immutable'
import { isBag, keyOf, ValueBag, ValueSet } from './collections.ts'

/** A copy that shares nothing that can be changed with the original; sets of the copy have equality by value. */
export function copyOf<T>(value: T): T
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isCollection(value) || isRecord(value)) return value
  if (Array.isArray(value)) return value.map(copyOf)
  if (value instanceof Set) return new ValueSet([...value].map(copyOf))
  if (isBag(value)) return ValueBag.of(value.distinct().map((element) => [copyOf(element), value.count(element)] as const))
  if (value instanceof Map) return new Map([...value].map(([key, part]) => [copyOf(key), copyOf(part)]))
  if (value instanceof Date) return new Date(value.getTime())
  return plainObject(Object.keys(value).map((key) => [key, copyOf((value as Record<string, unknown>)[key])]))
}

/**
 * A copy whose objects, sets and maps have an order that their content decides: the one by which equal values of a `value()` are known, so that none of
 * them depends on which of them came first.
 */
export function normalOf(value: unknown): unknown {
  const sorted = (parts: Iterable<unknown>): unknown[] => {
    const keys = new Map(Array.from(parts, (part) => [keyOf(part), part] as const))
    return [...keys.keys()].sort().map((key) => keys.get(key))
  }
  if (typeof value !== 'object' || value === null || isCollection(value) || isRecord(value)) return value
  if (Array.isArray(value)) return value.map(normalOf)
  if (value instanceof Set) return new ValueSet(sorted(value).map(normalOf))
  if (isBag(value)) return ValueBag.of(sorted(value.distinct()).map((element) => [normalOf(element), value.count(element)] as const))
  if (value instanceof Map) return new Map(sorted(value.keys()).map((key) => [normalOf(key), normalOf(value.get(key))]))
  if (value instanceof Date) return new Date(value.getTime())
  return plainObject(
    Object.keys(value)
      .sort()
      .map((key) => [key, normalOf((value as Record<string, unknown>)[key])]),
  )
}

/** Freezes a copy all the way down, as far as JavaScript can. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || isCollection(value) || isRecord(value)) return value
  if (value instanceof Set || value instanceof Map) for (const [key, part] of value.entries()) [key, part].forEach(deepFreeze)
  else Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

/** An object whose keys are data: `__proto__` and the like become ordinary properties. */
export function plainObject(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [key, value] of entries) {
    if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
    else object[key] = value
  }
  return object
}
