/**
 * What the source of a function allows: to be given a state whose variables are made when it names them, and to leave without an exception where a guard is
 * false. Where the source is not to be had, or says anything unusual: neither.
 */
import { outside } from '../source/outside.ts'
import { memberName } from '../source/bindings.ts'
import { type AnyNode as Node, children, isFunction } from '../source/parser.ts'
import { type AnyFunction, type Unit, unitOf } from '../source/unit.ts'
import { when } from '../spec/actions.ts'

/** What a function returns in place of the exception of a guard. */
export const OFF: unique symbol = Symbol('not enabled')

/** Whether a function does nothing with its first parameters, which are states, but to name their variables. */
export function onlyNames(fn: AnyFunction, states: number, variables: ReadonlySet<string>): boolean {
  return outside(() => {
    const unit = unitOf(fn)
    return unit !== null && !unit.root.generator && !unit.root.async && namesOnly(unit, states, variables)
  })
}

function namesOnly(unit: Unit, states: number, variables: ReadonlySet<string>): boolean {
  const { root } = unit
  const parameters = root.params.slice(0, states)
  const bindings = new Set<unknown>()
  for (const parameter of parameters) {
    if (parameter.type === 'Identifier') bindings.add(unit.binding(parameter))
    else if (parameter.type !== 'ObjectPattern') return false
    else
      for (const part of parameter.properties)
        if (part.type !== 'Property' || part.computed || part.key.type !== 'Identifier' || !variables.has(part.key.name)) return false
  }
  const own = new Set<Node>(parameters)
  const named = new Set<Node>()
  let plain = true
  const visit = (node: Node): void => {
    if (node.type === 'Identifier') {
      if ((node.name === 'arguments' || node.name === 'eval') && unit.binding(node) === undefined) plain = false
      if (bindings.has(unit.binding(node)) && !named.has(node) && !own.has(node)) plain = false
    }
    if (node.type === 'MemberExpression' && node.object.type === 'Identifier') {
      const name = memberName(node)
      if (name !== null && variables.has(name)) named.add(node.object)
    }
    // There is nothing to be deleted from.
    if (node.type === 'UnaryExpression' && node.operator === 'delete') plain = false
    for (const child of children(node)) visit(child)
  }
  visit(root)
  return plain
}

/** The same function with guards that return `OFF`; the function itself where that can't be had. */
export function withoutThrowing(fn: AnyFunction): AnyFunction {
  return outside(() => {
    try {
      return rewritten(fn) ?? fn
    } catch {
      // Code generation is forbidden here, or this is no code that can stand alone.
      return fn
    }
  })
}

/** What a function can't have that is made anew: it would mean something else. */
const BOUND = /^(?:ThisExpression|Super|MetaProperty|AwaitExpression|YieldExpression|TryStatement|WithStatement|ImportExpression)$/

function rewritten(fn: AnyFunction): AnyFunction | undefined {
  const unit = unitOf(fn)
  if (unit === null || unit.parsed.shift !== 1 || Object.getPrototypeOf(fn) !== Function.prototype) return undefined
  const { root, parsed } = unit
  if (root.async || root.generator || root.body.type !== 'BlockStatement') return undefined
  const free = freeNames(unit)
  if (free === null) return undefined
  const guards: { readonly from: number; readonly to: number; readonly condition: string }[] = []
  const visit = (node: Node): void => {
    if (isFunction(node)) return
    if (node.type === 'ExpressionStatement' && node.expression.type === 'CallExpression') {
      const { callee, arguments: given } = node.expression
      const meaning = unit.meaning(callee)
      const [condition] = given
      if (meaning && 'value' in meaning && meaning.value === when && given.length === 1 && condition && condition.type !== 'SpreadElement')
        guards.push({ from: node.start, to: node.end, condition: parsed.text.slice(condition.start, condition.end) })
      return
    }
    for (const child of children(node)) visit(child)
  }
  visit(root.body)
  if (guards.length === 0) return undefined
  let text = parsed.text.slice(root.start, root.end)
  let own = '$'
  while (text.includes(own)) own += '$'
  for (const { from, to, condition } of guards.reverse())
    text = `${text.slice(0, from - root.start)}{const ${own}=(${condition});if(!${own})return ${own}off;if(${own}!==true)${own}when(${own})}${text.slice(to - root.start)}`
  // One for all functions of a text, so that the engine of JavaScript knows them as one.
  const key = `${free.names.join(',')}:${text}`
  let make = makers.get(key)
  if (make === undefined) {
    make = new Function(`${own}off`, `${own}when`, ...free.names, `'use strict';return (${text})`) as Maker
    makers.set(key, make)
  }
  return make(OFF, when, ...free.values)
}

type Maker = (...values: unknown[]) => AnyFunction
const makers = new Map<string, Maker>()

/** The names that a function does not declare, with their values; null where one of them is not known, or it is bound to its place. */
function freeNames(unit: Unit): { readonly names: readonly string[]; readonly values: readonly unknown[] } | null {
  const names = new Set<string>()
  let known = true
  const visit = (node: Node, parent: Node | null): void => {
    if (BOUND.test(node.type)) known = false
    if (node.type === 'Identifier' && unit.binding(node) === undefined && isReference(node, parent)) names.add(node.name)
    for (const child of children(node)) visit(child, node)
  }
  visit(unit.root, null)
  for (const { target } of unit.contents.writes) if (target.type === 'Identifier' && unit.binding(target) === undefined) known = false
  if (!known || names.has('arguments') || names.has('eval') || names.has('console')) return null
  const values: unknown[] = []
  const given: string[] = []
  for (const name of names) {
    const found = unit.free(name)
    if (found === undefined) return null
    if (name in globalThis && found.value === (globalThis as Record<string, unknown>)[name]) continue
    given.push(name)
    values.push(found.value)
  }
  return { names: given, values }
}

/** Whether an identifier stands for a variable. */
function isReference(node: Node, parent: Node | null): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.object === node || parent.computed
    case 'Property':
      return parent.value === node || parent.computed
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return parent.value === node || parent.computed
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return false
    default:
      return true
  }
}
