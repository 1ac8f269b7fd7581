/** What a function of a spec returns as the next state. */
import { SpecError } from '../errors.ts'
import { type Graph, nodeOf, type Origin } from '../drafts/graph.ts'
import type { Fields, RecordType } from '../types/record.ts'
import { isBag } from '../values/collections.ts'

/**
 * The state that a function of the spec returns as the next one; undefined where it returns none. A plain object with all variables is one; the
 * draft itself, a primitive, and the collections that `add` and the like give back mean nothing.
 */
export function nextStateOf(returned: unknown, type: RecordType<Fields>, graph: Graph, root: Origin, what: string): object | undefined {
  if (typeof returned !== 'object' || returned === null) return undefined
  const node = nodeOf(returned)
  if (node !== undefined && (node === root.made || returned instanceof Set || isBag(returned))) return undefined
  if (node === undefined && Object.getPrototypeOf(returned) !== Object.prototype) return undefined
  const names = type.fields.map(([name]) => name)
  const whole = node === undefined && names.every((name) => Object.hasOwn(returned, name)) && Object.keys(returned).length === names.length
  if (!whole)
    throw new SpecError(`${what} returned ${node === undefined ? 'an object that is not a whole state' : 'a part of the state'}`, {
      location: undefined,
      hint: `return nothing where the draft was changed, or a new state with all variables: { ...s, ${names[0] ?? 'x'}: … }; an arrow that is not meant to return anything needs braces`,
    })
  if (graph.changed)
    throw new SpecError(`${what} changes its state and returns a new one`, {
      location: undefined,
      hint: 'do one of the two: change the draft, or return a new state',
    })
  type.accept(graph, returned)
  return returned
}
