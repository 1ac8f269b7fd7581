/**
 * Values by where they may come from: the objects outside a function that a value may be, those that its parts may be, and so on. A literal, a copy, a
 * result of `filter` is new: it is nothing outside, though its elements may be.
 */
import type { Binding } from './bindings.ts'

/** An object outside: a free name's, one of a surrounding function, a parameter's or `this`, or a part of it so many steps below. */
export type Origin =
  | { readonly kind: 'free'; readonly name: string }
  | { readonly kind: 'captured'; readonly binding: Binding }
  | { readonly kind: 'parameter'; readonly index: number; readonly depth: Depth }
  | { readonly kind: 'this'; readonly depth: Depth }
type Depth = 0 | 1 | 2 | 3
export const DEPTHS: readonly Depth[] = [0, 1, 2, 3]

/** By depth: what the value may be itself, what its parts may be, the parts of those, and all below. */
export type Value = readonly [Origins, Origins, Origins, Origins]
export type Origins = ReadonlySet<Origin>
export const NONE: Origins = new Set()
export const NEW: Value = [NONE, NONE, NONE, NONE]

const merge = (a: Origins, b: Origins): Origins => (b.size === 0 || a === b ? a : a.size === 0 ? b : new Set([...a, ...b]))
export const union = (a: Value, b: Value): Value =>
  a === b || b === NEW ? a : a === NEW ? b : [merge(a[0], b[0]), merge(a[1], b[1]), merge(a[2], b[2]), merge(a[3], b[3])]
export const all = (values: readonly Value[]): Value => {
  let value = NEW
  for (const one of values) value = union(value, one)
  return value
}
/** A part of it. */
export const element = (value: Value): Value => (value === NEW ? NEW : [value[1], value[2], value[3], value[3]])
/** Something new that has it as a part. */
export const inside = (value: Value): Value => (value === NEW ? NEW : [NONE, value[0], value[1], merge(value[2], value[3])])
/** Something new that has its parts. */
export const container = (value: Value): Value => (value === NEW ? NEW : [NONE, value[1], value[2], value[3]])
export const outsider = (origin: Origin): Value => {
  const one = new Set([origin])
  return [one, one, one, one]
}
export const sizeOf = ([a, b, c, d]: Value): number => a.size + b.size + c.size + d.size
