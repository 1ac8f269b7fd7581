/**
 * What a function changes, and what else it does besides giving a result.
 *
 * A value is looked at by where it may come from: the objects outside the function that it may be, those that its parts may be, and so on. A literal, a
 * copy, a result of `filter` is new: it is nothing outside, though its elements may be. Control flow plays no part: what a name is ever given it may
 * always hold. So a function that is called free of effects is; the other way round some are not recognised.
 */
import type { AnyNode as Node, CallExpression, Expression, MemberExpression, NewExpression, SpreadElement } from 'acorn'
import { either } from '../spec/actions.ts'
import { SHAPE } from '../values/collections.ts'
import { Type } from '../types/type.ts'
import { type Binding, type Call, memberName, nameOfKey, type Parameter, REST, type Source, type Step } from './bindings.ts'
import {
  CHAINING,
  CHANGES_FIRST,
  CHOOSING,
  CONTAINERS,
  CONTROL,
  ELEMENTS,
  GROWING,
  isPlainConstructor,
  isReadingBuiltin,
  MUTATORS,
  QUANTIFYING,
  READERS,
  READING,
} from './methods.ts'
import { type FunctionNode, isFunction } from './parser.ts'
import { type AnyFunction, type Unit, unitOf } from './unit.ts'
import { property } from './values.ts'

/** An object outside: a free name's, one of a surrounding function, a parameter's or `this`, or a part of it so many steps below. */
type Origin =
  | { readonly kind: 'free'; readonly name: string }
  | { readonly kind: 'captured'; readonly binding: Binding }
  | { readonly kind: 'parameter'; readonly index: number; readonly depth: Depth }
  | { readonly kind: 'this'; readonly depth: Depth }
type Depth = 0 | 1 | 2 | 3
const DEPTHS: readonly Depth[] = [0, 1, 2, 3]

/** By depth: what the value may be itself, what its parts may be, the parts of those, and all below. */
type Value = readonly [Origins, Origins, Origins, Origins]
type Origins = ReadonlySet<Origin>
const NONE: Origins = new Set()
const NEW: Value = [NONE, NONE, NONE, NONE]

const merge = (a: Origins, b: Origins): Origins => (b.size === 0 || a === b ? a : a.size === 0 ? b : new Set([...a, ...b]))
const union = (a: Value, b: Value): Value =>
  a === b || b === NEW ? a : a === NEW ? b : [merge(a[0], b[0]), merge(a[1], b[1]), merge(a[2], b[2]), merge(a[3], b[3])]
const all = (values: readonly Value[]): Value => {
  let value = NEW
  for (const one of values) value = union(value, one)
  return value
}
/** A part of it. */
const element = (value: Value): Value => (value === NEW ? NEW : [value[1], value[2], value[3], value[3]])
/** Something new that has it as a part. */
const inside = (value: Value): Value => (value === NEW ? NEW : [NONE, value[0], value[1], merge(value[2], value[3])])
/** Something new that has its parts. */
const container = (value: Value): Value => (value === NEW ? NEW : [NONE, value[1], value[2], value[3]])
const outsider = (origin: Origin): Value => {
  const one = new Set([origin])
  return [one, one, one, one]
}
const sizeOf = ([a, b, c, d]: Value): number => a.size + b.size + c.size + d.size

/** Something outside is changed. */
export interface Change {
  readonly unit: Unit
  readonly node: Node
  /** What is changed, as it is written. */
  readonly what: string
}
/** A parameter is changed: by a method of that name, or an assignment. */
interface Touch extends Change {
  readonly method: string | null
  readonly used: boolean
}

export interface Summary {
  readonly changes: readonly Change[]
  readonly touches: readonly { readonly origin: Origin; readonly touch: Touch }[]
  /** Which parameters are called. */
  readonly calls: ReadonlySet<number>
  /** Whether it throws, waits, yields, picks or asserts. */
  readonly exits: boolean
  /** Whether it calls what is not known; 'depends': what only those around it know. */
  readonly opaque: false | 'depends' | true
  readonly returns: Value
}

const NOTHING: Summary = { changes: [], touches: [], calls: new Set(), exits: false, opaque: false, returns: NEW }
const UNKNOWN: Summary = { ...NOTHING, opaque: true }

const summaries = new WeakMap<Unit, Map<FunctionNode, Summary>>()

/** What a function of this source does: the whole unit, or a function in it. */
export function summaryOf(unit: Unit, root: FunctionNode = unit.root): Summary {
  let known = summaries.get(unit)
  if (known === undefined) {
    known = new Map()
    summaries.set(unit, known)
  }
  const before = known.get(root)
  if (before !== undefined) return before
  // What helpers of helpers of helpers do, those of Node.js among them, is not followed for ever.
  if (depth >= DEEPEST) return UNKNOWN
  // Where it calls itself, that adds nothing.
  known.set(root, NOTHING)
  depth++
  try {
    const found = new Analysis(unit, root).run()
    known.set(root, found)
    return found
  } finally {
    depth--
  }
}

export const DEEPEST = 12
let depth = 0

export function summaryOfFunction(fn: AnyFunction): Summary {
  const unit = unitOf(fn)
  return unit === null ? UNKNOWN : summaryOf(unit)
}

/** What a call calls. */
type Target =
  | { readonly kind: 'source'; readonly node: FunctionNode }
  | { readonly kind: 'function'; readonly value: AnyFunction; readonly on: Node | null }
  | { readonly kind: 'method'; readonly name: string; readonly on: Node; readonly receiver: { readonly value: unknown } | undefined }
  | { readonly kind: 'parameter'; readonly parameter: Parameter }
  | { readonly kind: 'unknown' }

/** What calls call, found once. */
const targets = new WeakMap<Unit, Map<Call, Target>>()

/** Calls that a coverage tool put in. */
const COVERAGE = /^cov_\w+$/

class Analysis {
  readonly #unit: Unit
  readonly #root: FunctionNode
  readonly #values = new Map<Binding, Value>()
  readonly #parameters = new Map<FunctionNode, Value[]>()
  readonly #returns = new Map<FunctionNode, Value>()
  /** What is put into objects that a name holds. */
  readonly #stored = new Map<Binding, Value>()
  readonly #origins = new Map<string, Origin>()
  readonly #captured = new Map<Binding, Origin>()

  readonly #changes: Change[] = []
  readonly #touches = new Map<string, { origin: Origin; touch: Touch }>()
  readonly #called = new Set<number>()
  #exits = false
  #opaque: Summary['opaque'] = false

  constructor(unit: Unit, root: FunctionNode) {
    this.#unit = unit
    this.#root = root
  }

  run(): Summary {
    const { bindings, writes, calls, exits, iterated, functions } = this.#unit.contents
    const own = bindings.filter(({ scope }) => this.#within(scope))
    const ownCalls = calls.filter((call) => this.#within(call) && !this.#isCoverage(call))
    const ownFunctions = functions.filter((fn) => this.#within(fn))
    const ownWrites = writes.filter(({ node }) => this.#within(node))
    const root = this.#root
    this.#parameters.set(
      root,
      root.params.map(
        (_, index) => DEPTHS.map((depth) => new Set([this.#origin(`p${index}.${depth}`, { kind: 'parameter', index, depth })])) as unknown as Value,
      ),
    )
    // Until nothing is added any more: names are given values of other names.
    for (let round = 0, size = -1; round < 50; round++) {
      let now = 0
      for (const binding of own) {
        const value = all([
          this.#values.get(binding) ?? NEW,
          this.#stored.get(binding) ?? NEW,
          ...binding.sources.map((source) => this.#given(source)),
        ])
        this.#values.set(binding, value)
        now += sizeOf(value)
      }
      for (const fn of ownFunctions) now += sizeOf(this.#return(fn))
      for (const call of ownCalls) this.#pass(call)
      for (const { target, given } of ownWrites) if (target.type === 'MemberExpression' && given) this.#store(target, inside(this.#given(given)))
      for (const fn of ownFunctions) for (const value of this.#parameters.get(fn) ?? []) now += sizeOf(value)
      for (const value of this.#stored.values()) now += sizeOf(value)
      if (now === size) break
      size = now
    }
    for (const write of ownWrites) {
      const { node, target } = write
      if (target.type === 'Identifier') {
        const binding = this.#unit.binding(target)
        if (binding === undefined || !this.#within(binding.scope)) this.#change(node, this.#unit.write(target))
      } else this.#mutate(this.#value(target.object), { node, method: null, used: false, what: this.#unit.write(target) }, target.object)
    }
    for (const call of ownCalls) this.#call(call)
    for (const node of iterated) if (this.#within(node)) this.#iterate(node)
    this.#exits ||= exits.some((node) => this.#within(node))
    return {
      changes: this.#changes,
      touches: [...this.#touches.values()],
      calls: this.#called,
      exits: this.#exits || root.async || root.generator,
      opaque: this.#opaque,
      returns: this.#returned(root),
    }
  }

  #within(node: Node): boolean {
    return node.start >= this.#root.start && node.end <= this.#root.end
  }

  #isCoverage(call: Call): boolean {
    return call.type === 'CallExpression' && call.callee.type === 'Identifier' && COVERAGE.test(call.callee.name)
  }

  #origin(key: string, origin: Origin): Origin {
    const known = this.#origins.get(key)
    if (known) return known
    this.#origins.set(key, origin)
    return origin
  }

  // --- values

  #given({ from, path }: Source): Value {
    let value: Value
    if ('index' in from) {
      const given = this.#parameters.get(from.of) ?? []
      const last = from.of.params[from.index]?.type === 'RestElement'
      value = last ? inside(all(given.slice(from.index))) : (given[from.index] ?? NEW)
    } else value = this.#value(from)
    return path.reduce((now: Value, step: Step) => (step === REST ? container(now) : element(now)), value)
  }

  #value(node: Node): Value {
    switch (node.type) {
      case 'Identifier': {
        const binding = this.#unit.binding(node)
        if (binding === undefined) {
          const meaning = this.#unit.free(node.name)
          if (isPrimitive(meaning)) return NEW
          const origin = this.#origin(`f${node.name}`, { kind: 'free', name: node.name })
          return meaning && hasNoParts(meaning.value) ? [new Set([origin]), NONE, NONE, NONE] : outsider(origin)
        }
        if (this.#within(binding.scope)) return this.#values.get(binding) ?? NEW
        let origin = this.#captured.get(binding)
        if (origin === undefined) {
          origin = { kind: 'captured', binding }
          this.#captured.set(binding, origin)
        }
        return outsider(origin)
      }
      case 'ThisExpression':
        return DEPTHS.map((depth) => new Set([this.#origin(`this.${depth}`, { kind: 'this', depth })])) as unknown as Value
      case 'MemberExpression':
        return isPrimitive(this.#unit.meaning(node)) ? NEW : (this.#field(node) ?? element(this.#value(node.object)))
      case 'ArrayExpression':
        return all(
          node.elements.map((one) =>
            one === null ? NEW : one.type === 'SpreadElement' ? container(this.#value(one.argument)) : inside(this.#value(one)),
          ),
        )
      case 'ObjectExpression':
        return all(
          node.properties.map((one) =>
            one.type === 'SpreadElement' ? container(this.#value(one.argument)) : isFunction(one.value) ? NEW : inside(this.#value(one.value)),
          ),
        )
      case 'ConditionalExpression':
        return union(this.#value(node.consequent), this.#value(node.alternate))
      case 'LogicalExpression':
        return union(this.#value(node.left), this.#value(node.right))
      case 'SequenceExpression':
        return this.#value(node.expressions.at(-1) as Node)
      case 'AssignmentExpression':
        return node.operator.length === 1 || /^(?:\?\?|\|\||&&)=$/.test(node.operator) ? this.#value(node.right) : NEW
      case 'ChainExpression':
      case 'ParenthesizedExpression':
        return this.#value(node.expression)
      case 'AwaitExpression':
        return this.#value(node.argument)
      case 'CallExpression':
      case 'NewExpression':
        return this.#isCoverage(node) ? NEW : this.#result(node)
      default:
        return NEW
    }
  }

  /** A field of an object that a name always holds: `const copy = { ...x, field: { ...x.field } }`. */
  #field(node: MemberExpression): Value | null {
    const name = memberName(node)
    const binding = node.object.type === 'Identifier' ? this.#unit.binding(node.object) : undefined
    const [source, ...others] = binding?.sources ?? []
    if (name === null || binding === undefined || source === undefined || others.length > 0) return null
    if ('index' in source.from || source.from.type !== 'ObjectExpression' || source.path.length > 0 || !this.#within(binding.scope)) return null
    // What comes last counts.
    const last = source.from.properties.findLast((one) => one.type === 'SpreadElement' || one.computed || nameOfKey(one.key) === name)
    if (last?.type !== 'Property' || last.computed || last.kind !== 'init') return null
    return union(isFunction(last.value) ? NEW : this.#value(last.value), element(this.#stored.get(binding) ?? NEW))
  }

  #arguments(call: CallExpression | NewExpression): Value[] {
    return call.arguments.map((one) => (one.type === 'SpreadElement' ? element(this.#value(one.argument)) : this.#value(one)))
  }

  /** What a function of this source returns, as far as it is known by now. */
  #returned(fn: FunctionNode): Value {
    return this.#returns.get(fn) ?? NEW
  }

  #return(fn: FunctionNode): Value {
    const value = all((this.#unit.contents.returned.get(fn) ?? []).map((node) => this.#value(node)))
    const given = fn.generator || fn.async ? inside(value) : value
    this.#returns.set(fn, given)
    return given
  }

  #result(call: CallExpression | NewExpression): Value {
    const target = this.#target(call)
    const given = this.#arguments(call)
    switch (target.kind) {
      case 'source':
        return this.#within(target.node) ? this.#returned(target.node) : this.#resultOf(summaryOf(this.#unit, target.node), given, NEW)
      case 'function': {
        const { value, on } = target
        if (CHOOSING.has(value)) return element(given[0] ?? NEW)
        if (value === Object.assign) return given[0] ?? NEW
        if (READING.has(value) || isReadingBuiltin(value) || isPlainConstructor(value)) return value === structuredClone ? NEW : container(all(given))
        if (CONTROL.has(value)) return all(this.#callbacks(call).map((fn) => this.#returned(fn)))
        const summary = summaryOfFunction(value)
        if (call.type === 'NewExpression') return inside(all(given))
        return this.#resultOf(summary, given, on ? this.#value(on) : NEW)
      }
      case 'method': {
        const { name, on } = target
        const receiver = this.#value(on)
        const returned = all(this.#callbacks(call).map((fn) => this.#returned(fn)))
        if (name === 'reduce' || name === 'reduceRight') return all([returned, given.length > 1 ? (given[1] as Value) : element(receiver)])
        if (CHAINING.has(name)) return receiver
        if (ELEMENTS.has(name)) return element(receiver)
        if (name === 'map' || name === 'flatMap') return inside(union(returned, this.#resultOfCallback(call, element(receiver))))
        if (CONTAINERS.has(name)) return container(GROWING.has(name) ? all([receiver, inside(all(given)), all(given)]) : receiver)
        return NEW
      }
      default:
        return NEW
    }
  }

  /** What a callback gives that stands elsewhere. */
  #resultOfCallback(call: CallExpression | NewExpression, given: Value): Value {
    const [callback] = call.arguments
    if (callback === undefined || isFunction(callback)) return NEW
    const meaning = this.#unit.meaning(callback)
    if (meaning === undefined) return given
    if ('node' in meaning) return this.#within(meaning.node) ? NEW : this.#resultOf(summaryOf(this.#unit, meaning.node), [given], NEW)
    return typeof meaning.value === 'function' ? this.#resultOf(summaryOfFunction(meaning.value), [given], NEW) : given
  }

  #resultOf({ returns }: Summary, given: readonly Value[], receiver: Value): Value {
    return returns === NEW ? NEW : (returns.map((origins) => this.#translate(origins, given, receiver)) as unknown as Value)
  }

  /** What the origins of a called function are here. */
  #translate(origins: ReadonlySet<Origin>, given: readonly Value[], receiver: Value): ReadonlySet<Origin> {
    const here = new Set<Origin>()
    for (const origin of origins) {
      if (origin.kind === 'parameter' || origin.kind === 'this') {
        const value = origin.kind === 'this' ? receiver : (given[origin.index] ?? NEW)
        for (const one of value[origin.depth]) here.add(one)
      } else if (origin.kind === 'captured') {
        // A name of this function, or of one around it.
        for (const one of this.#within(origin.binding.scope) ? (this.#values.get(origin.binding)?.[0] ?? []) : [origin]) here.add(one)
      } else here.add(origin)
    }
    return here
  }

  /** Values go into an object that a name holds: they are among its parts from now on. What is put into a parameter is copied there. */
  #store(target: Node, value: Value): void {
    let at = target
    while (at.type === 'MemberExpression' || at.type === 'ChainExpression') at = at.type === 'MemberExpression' ? at.object : at.expression
    if (at.type !== 'Identifier') return
    const binding = this.#unit.binding(at)
    if (binding === undefined || !this.#within(binding.scope)) return
    const holds = this.#values.get(binding) ?? NEW
    if ([...holds[0]].some(({ kind }) => kind === 'parameter' || kind === 'this')) return
    this.#stored.set(binding, union(this.#stored.get(binding) ?? NEW, value))
  }

  // --- calls

  #target(call: Call): Target {
    let target = targets.get(this.#unit)?.get(call)
    if (target === undefined) {
      target = this.#targetOf(call.type === 'TaggedTemplateExpression' ? call.tag : call.callee)
      const known = targets.get(this.#unit) ?? new Map<Call, Target>()
      targets.set(this.#unit, known.set(call, target))
    }
    return target
  }

  #targetOf(callee: Node): Target {
    const node = callee.type === 'ChainExpression' ? callee.expression : callee
    if (node.type === 'MemberExpression') {
      const name = memberName(node)
      if (name === null) return { kind: 'unknown' }
      const receiver = this.#unit.meaning(node.object)
      const known = receiver && 'value' in receiver ? receiver : undefined
      if (known && !isCollection(known.value)) {
        const member = property(known.value, name)?.value
        if (typeof member === 'function') return { kind: 'function', value: member, on: node.object }
      }
      return { kind: 'method', name, on: node.object, receiver: known }
    }
    const meaning = this.#unit.meaning(node)
    if (meaning && 'node' in meaning) return { kind: 'source', node: meaning.node }
    if (meaning && typeof meaning.value === 'function') return { kind: 'function', value: meaning.value, on: null }
    if (node.type === 'Identifier') {
      const [source, ...others] = this.#unit.binding(node)?.sources ?? []
      if (source && others.length === 0 && 'index' in source.from && source.path.length === 0) return { kind: 'parameter', parameter: source.from }
    }
    return { kind: 'unknown' }
  }

  /** Functions of this source that a call is given: it may call them. */
  #callbacks(call: CallExpression | NewExpression): FunctionNode[] {
    return call.arguments.flatMap((one) => {
      const meaning = isFunction(one) ? { node: one } : this.#unit.meaning(one)
      return meaning && 'node' in meaning && this.#within(meaning.node) ? [meaning.node] : []
    })
  }

  /** What the parameters of functions of this source are given by a call. */
  #pass(call: Call): void {
    if (call.type === 'TaggedTemplateExpression') return
    const target = this.#target(call)
    const given = this.#arguments(call)
    if (target.kind === 'source' && this.#within(target.node)) {
      this.#receive(
        target.node,
        target.node.params.map((_, i) => given[i] ?? NEW),
      )
    }
    const callbacks = this.#callbacks(call)
    const receiver = target.kind === 'method' ? this.#value(target.on) : target.kind === 'function' && target.on ? this.#value(target.on) : NEW
    if (callbacks.length > 0) {
      const reducing = target.kind === 'method' && /^reduce(?:Right)?$/.test(target.name)
      // A library's own function tells its callbacks of what it was given.
      const elements = union(
        element(receiver),
        target.kind === 'function' && !CONTROL.has(target.value) ? all(given.map((one) => union(one, element(one)))) : NEW,
      )
      for (const fn of callbacks) {
        const first = reducing ? union(given.length > 1 ? (given[1] as Value) : element(receiver), this.#returned(fn)) : elements
        this.#receive(
          fn,
          fn.params.map((_, i) => (i === 0 ? first : i === (reducing ? 3 : 2) ? receiver : elements)),
        )
      }
    }
    // What is put into a new object.
    if (target.kind === 'method' && MUTATORS.has(target.name)) this.#store(target.on, inside(all(given)))
    if (target.kind === 'function' && target.value === Object.assign && call.arguments[0]) this.#store(call.arguments[0], container(all(given)))
  }

  #receive(fn: FunctionNode, values: readonly Value[]): void {
    const before = this.#parameters.get(fn) ?? []
    this.#parameters.set(
      fn,
      values.map((value, i) => union(before[i] ?? NEW, value)),
    )
  }

  #call(call: Call): void {
    const target = this.#target(call)
    const used = !this.#unit.contents.dropped.has(call)
    if (call.type === 'TaggedTemplateExpression') {
      const native = target.kind === 'function' && target.value === String.raw
      if (!native) this.#opaque = true
      return
    }
    const given = this.#arguments(call)
    call.arguments.forEach((one, index) => {
      this.#argument(one, index, target)
    })
    switch (target.kind) {
      case 'source':
        // What stands in this source is read with it.
        if (!this.#within(target.node)) this.#apply(summaryOf(this.#unit, target.node), call, given, null)
        break
      case 'function':
        this.#callFunction(call, target.value, target.on, given, used)
        break
      case 'method':
        this.#callMethod(call, target, used)
        break
      case 'parameter':
        if (target.parameter.of === this.#root) this.#called.add(target.parameter.index)
        else if (!this.#within(target.parameter.of)) this.#opaque ||= 'depends'
        else this.#opaque = true
        break
      case 'unknown':
        this.#opaque = true
    }
  }

  #callFunction(call: CallExpression | NewExpression, value: AnyFunction, on: Node | null, given: readonly Value[], used: boolean): void {
    if (CONTROL.has(value)) {
      this.#exits = true
      return
    }
    if (READING.has(value) || isReadingBuiltin(value) || isPlainConstructor(value)) return
    // Dates of given times are values as numbers are.
    if (call.type === 'NewExpression' && value === Date && call.arguments.length > 0) return
    const callee = call.callee.type === 'MemberExpression' ? call.callee : null
    const name = callee === null ? null : memberName(callee)
    const home = callee && this.#unit.meaning(callee.object)
    if (home && 'value' in home && (home.value === Object || home.value === Reflect) && name !== null) {
      if (CHANGES_FIRST.has(name) && call.arguments[0])
        this.#mutate(given[0] ?? NEW, { node: call, method: null, used: false, what: this.#unit.write(call.arguments[0]) }, call.arguments[0])
      else if (!/^(?:freeze|seal|preventExtensions)$/.test(name)) this.#opaque = true
      return
    }
    // Array.prototype.push.call(list, x)
    if ((name === 'call' || name === 'apply') && callee?.object.type === 'MemberExpression' && call.arguments[0]) {
      const method = memberName(callee.object)
      if (method !== null && MUTATORS.has(method)) {
        this.#mutate(given[0] ?? NEW, { node: call, method, used, what: this.#unit.write(call.arguments[0]) }, call.arguments[0])
        return
      }
    }
    if (on !== null && name !== null && isNative(value)) {
      this.#callMethod(call, { kind: 'method', name, on, receiver: undefined }, used)
      return
    }
    this.#apply(call.type === 'NewExpression' ? { ...summaryOfFunction(value), returns: NEW } : summaryOfFunction(value), call, given, on)
  }

  #callMethod(call: CallExpression | NewExpression, { name, on, receiver }: Extract<Target, { kind: 'method' }>, used: boolean): void {
    const value = receiver?.value
    if (isImmutable(value) || value instanceof Type) {
      if (!READERS.has(name) && !(isImmutable(value) && MUTATORS.has(name))) this.#opaque = true
      return
    }
    const remembers = (name === 'test' || name === 'exec') && value instanceof RegExp && (value.global || value.sticky)
    if (remembers) this.#mutate(this.#value(on), { node: call, method: null, used: false, what: `${this.#unit.write(on)}.lastIndex` }, on)
    else if (MUTATORS.has(name)) this.#mutate(this.#value(on), { node: call, method: name, used, what: this.#unit.write(on) }, on)
    else if (!READERS.has(name)) this.#opaque = true
  }

  /** Something is given to a call. A function may be called by it. */
  #argument(node: Expression | SpreadElement, index: number, target: Target): void {
    if (isFunction(node)) return
    const meaning = this.#unit.meaning(node)
    if (meaning && 'node' in meaning) {
      if (!this.#within(meaning.node)) this.#apply(summaryOf(this.#unit, meaning.node), node, [], null)
      return
    }
    if (meaning && typeof meaning.value === 'function') {
      const { value } = meaning
      if (READING.has(value) || isReadingBuiltin(value) || isPlainConstructor(value)) return
      const elements = target.kind === 'method' ? element(this.#value(target.on)) : NEW
      this.#apply(summaryOfFunction(value), node, [elements, elements, elements], null)
      return
    }
    if (node.type !== 'Identifier') return
    // A parameter that is handed on may be a function as well; whoever calls with one says so.
    const [source] = this.#unit.binding(node)?.sources ?? []
    if (source && 'index' in source.from && source.path.length === 0 && mayCall(target, index)) {
      if (source.from.of === this.#root) this.#called.add(source.from.index)
      else if (!this.#within(source.from.of)) this.#opaque ||= 'depends'
    }
  }

  /** What a called function does, here. */
  #apply({ changes, touches, calls, exits, opaque }: Summary, node: Node, given: readonly Value[], on: Node | null): void {
    for (const change of changes) this.#changes.push(change)
    this.#exits ||= exits
    // What its surroundings know, this function does not.
    if (opaque) this.#opaque = opaque === true ? true : this.#opaque || opaque
    const receiver = on ? this.#value(on) : NEW
    for (const { origin, touch } of touches) {
      const self = this.#translate(new Set([origin]), given, receiver)
      const at = origin.kind === 'parameter' && 'arguments' in node ? node.arguments[origin.index] : origin.kind === 'this' ? on : null
      const what = at ? this.#unit.write(at) : touch.what
      this.#mutate([self, NONE, NONE, NONE], { node, method: touch.method, used: touch.used, what }, at ?? null)
    }
    for (const index of calls) {
      const argument = 'arguments' in node ? (node.arguments[index] as Node | undefined) : undefined
      if (argument === undefined) {
        this.#opaque = true
        continue
      }
      if (isFunction(argument)) continue
      const meaning = this.#unit.meaning(argument)
      if (meaning && ('node' in meaning || typeof meaning.value === 'function')) continue
      const [source] = argument.type === 'Identifier' ? (this.#unit.binding(argument)?.sources ?? []) : []
      if (source && 'index' in source.from && source.path.length === 0) {
        if (source.from.of === this.#root) this.#called.add(source.from.index)
        else if (!this.#within(source.from.of)) this.#opaque ||= 'depends'
        else this.#opaque = true
      } else this.#opaque = true
    }
  }

  #iterate(node: Node): void {
    const meaning = this.#unit.meaning(node)
    if (!meaning || !('value' in meaning)) return
    const { value } = meaning
    if (typeof value === 'object' && value !== null && typeof property(value, 'next')?.value === 'function')
      this.#mutate(this.#value(node), { node, method: null, used: false, what: this.#unit.write(node) }, node)
  }

  // --- changes

  #change(node: Node, what: string): void {
    this.#changes.push({ unit: this.#unit, node, what })
  }

  #mutate([self]: Value, touch: Omit<Touch, 'unit'>, on: Node | null): void {
    for (const origin of self) {
      if (origin.kind === 'captured') this.#change(touch.node, touch.what)
      else if (origin.kind === 'free') {
        if (touch.method === null || this.#isChanged(origin.name, touch.used, on)) this.#change(touch.node, touch.what)
      } else {
        const key = `${origin.kind}${origin.kind === 'parameter' ? origin.index : ''}${origin.depth}${touch.method}`
        if (!this.#touches.has(key)) this.#touches.set(key, { origin, touch: { ...touch, unit: this.#unit } })
      }
    }
  }

  /** Whether a method of that name changes what a free name leads to. Immutable collections have methods of the same names, which do not. */
  #isChanged(name: string, used: boolean, on: Node | null): boolean {
    const meaning = on === null ? undefined : this.#unit.meaning(on)
    if (meaning && 'value' in meaning) {
      if (isImmutable(meaning.value)) return false
      if (isCollection(meaning.value)) return true
    }
    const root = this.#unit.free(name)
    if (root === undefined) return !used
    return !isImmutable(root.value) && (!used || !leadsToImmutable(root.value, 3))
  }
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
function mayCall(target: Target, index: number): boolean {
  if (target.kind === 'function') return (QUANTIFYING.has(target.value) && index === 1) || target.value === either
  return (
    target.kind === 'method' &&
    index === 0 &&
    /^(?:every|some|filter|find|findIndex|findLast|findLastIndex|forEach|map|flatMap|reduce|reduceRight|sort|toSorted|count)$/.test(target.name)
  )
}

const isNative = (fn: AnyFunction): boolean => /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn))

function isPrimitive(known: ReturnType<Unit['meaning']>): boolean {
  return (
    known !== undefined &&
    'value' in known &&
    (known.value === null || (typeof known.value !== 'object' && typeof known.value !== 'function')) &&
    known.value !== undefined
  )
}

/** A list or a type of numbers and texts has no parts that could be changed. */
function hasNoParts(value: unknown): boolean {
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
function isCollection(value: unknown): boolean {
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

function leadsToImmutable(value: unknown, depth: number): boolean {
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
