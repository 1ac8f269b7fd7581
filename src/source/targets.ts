/** What the calls in a function call: a function of the same source, one that a name means, a method of some object, a parameter. */
import type { AnyNode as Node } from 'acorn'
import { either } from '../spec/actions.ts'
import { type Call, memberName, type Parameter } from './bindings.ts'
import { CONTROL, isPlainConstructor, isReadingBuiltin, QUANTIFYING, READING } from './methods.ts'
import { isCollection } from './objects.ts'
import type { FunctionNode } from './parser.ts'
import { type AnyFunction, type Unit, unitOf } from './unit.ts'
import { property } from './values.ts'

/** What a call calls. */
export type Target =
  | { readonly kind: 'source'; readonly node: FunctionNode }
  | { readonly kind: 'function'; readonly value: AnyFunction; readonly on: Node | null }
  | { readonly kind: 'method'; readonly name: string; readonly on: Node; readonly receiver: { readonly value: unknown } | undefined }
  | { readonly kind: 'parameter'; readonly parameter: Parameter }
  | { readonly kind: 'unknown' }

/** What calls call, found once. */
const targets = new WeakMap<Unit, Map<Call, Target>>()

/** What a call of a function calls. */
export function targetOf(unit: Unit, call: Call): Target {
  let target = targets.get(unit)?.get(call)
  if (target === undefined) {
    target = targetOfCallee(unit, call.type === 'TaggedTemplateExpression' ? call.tag : call.callee)
    const known = targets.get(unit) ?? new Map<Call, Target>()
    targets.set(unit, known.set(call, target))
  }
  return target
}

function targetOfCallee(unit: Unit, callee: Node): Target {
  const node = callee.type === 'ChainExpression' ? callee.expression : callee
  if (node.type === 'MemberExpression') {
    const name = memberName(node)
    if (name === null) return { kind: 'unknown' }
    const receiver = unit.meaning(node.object)
    const known = receiver && 'value' in receiver ? receiver : undefined
    if (known && !isCollection(known.value)) {
      const member = property(known.value, name)?.value
      if (typeof member === 'function') return { kind: 'function', value: member, on: node.object }
    }
    return { kind: 'method', name, on: node.object, receiver: known }
  }
  const meaning = unit.meaning(node)
  if (meaning && 'node' in meaning) return { kind: 'source', node: meaning.node }
  if (meaning && typeof meaning.value === 'function') return { kind: 'function', value: meaning.value, on: null }
  if (node.type === 'Identifier') {
    const [source, ...others] = unit.binding(node)?.sources ?? []
    if (source && others.length === 0 && 'index' in source.from && source.path.length === 0) return { kind: 'parameter', parameter: source.from }
  }
  return { kind: 'unknown' }
}

/** Calls that a coverage tool put in. */
const COVERAGE = /^cov_\w+$/

/** Whether a call is one that a coverage tool put in. */
export function isCoverage(call: Call): boolean {
  return call.type === 'CallExpression' && call.callee.type === 'Identifier' && COVERAGE.test(call.callee.name)
}

/** The function of the spec that an expression means, where it is one that stands elsewhere. */
export function helperOf(unit: Unit, node: Node): Unit | null {
  if (node.type === 'MemberExpression') {
    const object = unit.meaning(node.object)
    if (object && 'value' in object && isCollection(object.value)) return null
  }
  const meaning = unit.meaning(node)
  if (!meaning || !('value' in meaning) || typeof meaning.value !== 'function') return null
  const { value } = meaning
  return READING.has(value) || CONTROL.has(value) || isReadingBuiltin(value) || isPlainConstructor(value) ? null : unitOf(value)
}

/** Whether a call calls the function that it is given there. */
export function mayCall(target: Target, index: number): boolean {
  if (target.kind === 'function') return (QUANTIFYING.has(target.value) && index === 1) || target.value === either
  return (
    target.kind === 'method' &&
    index === 0 &&
    /^(?:every|some|filter|find|findIndex|findLast|findLastIndex|forEach|map|flatMap|reduce|reduceRight|sort|toSorted|count)$/.test(target.name)
  )
}
