/** What is known of a value that a name of a spec has by the time it is read: whether it has parts, whether its methods are known by their names. */
import { SHAPE } from '../values/collections.ts'
import { Type } from '../types/type.ts'
import type { AnyFunction, Static } from './unit.ts'
import { property } from './values.ts'

/** A function of the language, or a bound one. */
export const isNative = (fn: AnyFunction): boolean => /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn))

/** Whether what is known is a number, a text, a truth value or null. */
export function isPrimitive(known: Static): boolean {
  return (
    known !== undefined &&
    'value' in known &&
    (known.value === null || (typeof known.value !== 'object' && typeof known.value !== 'function')) &&
    known.value !== undefined
  )
}

/** A list or a type of numbers and texts has no parts that could be changed. */
export function hasNoParts(value: unknown): boolean {
  if (value instanceof Type) return true
  return Array.isArray(value) && value.length <= 1000 && value.every((one) => typeof one !== 'object' && typeof one !== 'function')
}

/** A collection of Immutable.js, or another value of it. */
export function isImmutable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['@@__IMMUTABLE_ITERABLE__@@', '@@__IMMUTABLE_RECORD__@@', '@@__IMMUTABLE_COLLECTION__@@'].some(
    (mark) => property(value, mark)?.value === true,
  )
}

/** Objects whose methods are known by their names. */
export function isCollection(value: unknown): boolean {
  return (
    Array.isArray(value) ||
    value instanceof Set ||
    value instanceof Map ||
    value instanceof WeakSet ||
    value instanceof WeakMap ||
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Type ||
    property(value, SHAPE)?.value !== undefined ||
    ArrayBuffer.isView(value) ||
    isImmutable(value) ||
    typeof value === 'string' ||
    typeof value === 'number'
  )
}

/** Whether a collection of Immutable.js is among the values that a value leads to, in so many steps. */
export function leadsToImmutable(value: unknown, depth: number): boolean {
  if (isImmutable(value)) return true
  if (depth === 0 || typeof value !== 'object' || value === null) return false
  const parts =
    value instanceof Map
      ? [...value.values()]
      : Array.isArray(value) || value instanceof Set
        ? [...value]
        : Object.keys(value).map((key) => property(value, key)?.value)
  return parts.slice(0, 100).some((part) => leadsToImmutable(part, depth - 1))
}
