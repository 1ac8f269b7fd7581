/**
 * What a function changes, and what else it does besides giving a result: by where the values come from that it changes and calls (flow.ts). A function that
 * is called free of effects is; the other way round some are not recognised.
 */
import type { AnyNode as Node, CallExpression, Expression, NewExpression, SpreadElement } from 'acorn'
import { Type } from '../types/type.ts'
import { type Call, memberName } from './bindings.ts'
import { type Callees, Flow } from './flow.ts'
import { CHANGES_FIRST, CONTROL, isPlainConstructor, isReadingBuiltin, MUTATORS, READERS, READING } from './methods.ts'
import { isCollection, isImmutable, isNative, leadsToImmutable } from './objects.ts'
import { element, NEW, NONE, type Origin, type Value } from './origins.ts'
import { type FunctionNode, isFunction } from './parser.ts'
import { mayCall, type Target, targetOf } from './targets.ts'
import { type AnyFunction, type Unit, unitOf } from './unit.ts'
import { property } from './values.ts'

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

/** What the values of functions are that are called and stand elsewhere. */
const CALLEES: Callees = { of: summaryOf, ofFunction: summaryOfFunction }

class Analysis {
  readonly #unit: Unit
  readonly #root: FunctionNode
  readonly #flow: Flow

  readonly #changes: Change[] = []
  readonly #touches = new Map<string, { origin: Origin; touch: Touch }>()
  readonly #called = new Set<number>()
  #exits = false
  #opaque: Summary['opaque'] = false

  constructor(unit: Unit, root: FunctionNode) {
    this.#unit = unit
    this.#root = root
    this.#flow = new Flow(unit, root, CALLEES)
  }

  run(): Summary {
    const { exits, iterated } = this.#unit.contents
    const root = this.#root
    for (const write of this.#flow.writes) {
      const { node, target } = write
      if (target.type === 'Identifier') {
        const binding = this.#unit.binding(target)
        if (binding === undefined || !this.#flow.within(binding.scope)) this.#change(node, this.#unit.write(target))
      } else this.#mutate(this.#flow.value(target.object), { node, method: null, used: false, what: this.#unit.write(target) }, target.object)
    }
    for (const call of this.#flow.calls) this.#call(call)
    for (const node of iterated) if (this.#flow.within(node)) this.#iterate(node)
    this.#exits ||= exits.some((node) => this.#flow.within(node))
    return {
      changes: this.#changes,
      touches: [...this.#touches.values()],
      calls: this.#called,
      exits: this.#exits || root.async || root.generator,
      opaque: this.#opaque,
      returns: this.#flow.returned(root),
    }
  }

  #call(call: Call): void {
    const target = targetOf(this.#unit, call)
    const used = !this.#unit.contents.dropped.has(call)
    if (call.type === 'TaggedTemplateExpression') {
      const native = target.kind === 'function' && target.value === String.raw
      if (!native) this.#opaque = true
      return
    }
    const given = this.#flow.arguments(call)
    call.arguments.forEach((one, index) => {
      this.#argument(one, index, target)
    })
    switch (target.kind) {
      case 'source':
        // What stands in this source is read with it.
        if (!this.#flow.within(target.node)) this.#apply(summaryOf(this.#unit, target.node), call, given, null)
        break
      case 'function':
        this.#callFunction(call, target.value, target.on, given, used)
        break
      case 'method':
        this.#callMethod(call, target, used)
        break
      case 'parameter':
        if (target.parameter.of === this.#root) this.#called.add(target.parameter.index)
        else if (!this.#flow.within(target.parameter.of)) this.#opaque ||= 'depends'
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
    if (remembers) this.#mutate(this.#flow.value(on), { node: call, method: null, used: false, what: `${this.#unit.write(on)}.lastIndex` }, on)
    else if (MUTATORS.has(name)) this.#mutate(this.#flow.value(on), { node: call, method: name, used, what: this.#unit.write(on) }, on)
    else if (!READERS.has(name)) this.#opaque = true
  }

  /** Something is given to a call. A function may be called by it. */
  #argument(node: Expression | SpreadElement, index: number, target: Target): void {
    if (isFunction(node)) return
    const meaning = this.#unit.meaning(node)
    if (meaning && 'node' in meaning) {
      if (!this.#flow.within(meaning.node)) this.#apply(summaryOf(this.#unit, meaning.node), node, [], null)
      return
    }
    if (meaning && typeof meaning.value === 'function') {
      const { value } = meaning
      if (READING.has(value) || isReadingBuiltin(value) || isPlainConstructor(value)) return
      const elements = target.kind === 'method' ? element(this.#flow.value(target.on)) : NEW
      this.#apply(summaryOfFunction(value), node, [elements, elements, elements], null)
      return
    }
    if (node.type !== 'Identifier') return
    // A parameter that is handed on may be a function as well; whoever calls with one says so.
    const [source] = this.#unit.binding(node)?.sources ?? []
    if (source && 'index' in source.from && source.path.length === 0 && mayCall(target, index)) {
      if (source.from.of === this.#root) this.#called.add(source.from.index)
      else if (!this.#flow.within(source.from.of)) this.#opaque ||= 'depends'
    }
  }

  /** What a called function does, here. */
  #apply({ changes, touches, calls, exits, opaque }: Summary, node: Node, given: readonly Value[], on: Node | null): void {
    for (const change of changes) this.#changes.push(change)
    this.#exits ||= exits
    // What its surroundings know, this function does not.
    if (opaque) this.#opaque = opaque === true ? true : this.#opaque || opaque
    const receiver = on ? this.#flow.value(on) : NEW
    for (const { origin, touch } of touches) {
      const self = this.#flow.translate(new Set([origin]), given, receiver)
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
        else if (!this.#flow.within(source.from.of)) this.#opaque ||= 'depends'
        else this.#opaque = true
      } else this.#opaque = true
    }
  }

  #iterate(node: Node): void {
    const meaning = this.#unit.meaning(node)
    if (!meaning || !('value' in meaning)) return
    const { value } = meaning
    if (typeof value === 'object' && value !== null && typeof property(value, 'next')?.value === 'function')
      this.#mutate(this.#flow.value(node), { node, method: null, used: false, what: this.#unit.write(node) }, node)
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
