/**
 * Where the values of a function come from (origins.ts). Control flow plays no part: what a name is ever given it may always hold.
 */
import type { AnyNode as Node, CallExpression, MemberExpression, NewExpression } from 'acorn'
import { type Binding, type Call, memberName, nameOfKey, REST, type Source, type Step, type Write } from './bindings.ts'
import { CHAINING, CHOOSING, CONTAINERS, CONTROL, ELEMENTS, GROWING, isPlainConstructor, isReadingBuiltin, MUTATORS, READING } from './methods.ts'
import { hasNoParts, isPrimitive } from './objects.ts'
import { all, container, DEPTHS, element, inside, NEW, NONE, type Origin, outsider, sizeOf, union, type Value } from './origins.ts'
import { type FunctionNode, isFunction } from './parser.ts'
import { isCoverage, targetOf } from './targets.ts'
import type { AnyFunction, Unit } from './unit.ts'

/** What is known of a function that is called and stands elsewhere. */
export interface Callee {
  readonly returns: Value
}
export interface Callees {
  of(unit: Unit, root: FunctionNode): Callee
  ofFunction(fn: AnyFunction): Callee
}

export class Flow {
  readonly #unit: Unit
  readonly #root: FunctionNode
  readonly #callees: Callees
  readonly #values = new Map<Binding, Value>()
  readonly #parameters = new Map<FunctionNode, Value[]>()
  readonly #returns = new Map<FunctionNode, Value>()
  /** What is put into objects that a name holds. */
  readonly #stored = new Map<Binding, Value>()
  readonly #origins = new Map<string, Origin>()
  readonly #captured = new Map<Binding, Origin>()
  /** Calls and writes of the function. */
  readonly calls: readonly Call[]
  readonly writes: readonly Write[]

  /** `root`: the whole unit, or a function in it. */
  constructor(unit: Unit, root: FunctionNode, callees: Callees) {
    this.#unit = unit
    this.#root = root
    this.#callees = callees
    this.calls = unit.contents.calls.filter((call) => this.within(call) && !isCoverage(call))
    this.writes = unit.contents.writes.filter(({ node }) => this.within(node))
    this.#follow()
  }

  #follow(): void {
    const { bindings, functions } = this.#unit.contents
    const own = bindings.filter(({ scope }) => this.within(scope))
    const ownFunctions = functions.filter((fn) => this.within(fn))
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
      for (const call of this.calls) this.#pass(call)
      for (const { target, given } of this.writes) if (target.type === 'MemberExpression' && given) this.#store(target, inside(this.#given(given)))
      for (const fn of ownFunctions) for (const value of this.#parameters.get(fn) ?? []) now += sizeOf(value)
      for (const value of this.#stored.values()) now += sizeOf(value)
      if (now === size) break
      size = now
    }
  }

  /** Whether a node is a part of the function. */
  within(node: Node): boolean {
    return node.start >= this.#root.start && node.end <= this.#root.end
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
    } else value = this.value(from)
    return path.reduce((now: Value, step: Step) => (step === REST ? container(now) : element(now)), value)
  }

  /** What a value may be. */
  value(node: Node): Value {
    switch (node.type) {
      case 'Identifier': {
        const binding = this.#unit.binding(node)
        if (binding === undefined) {
          const meaning = this.#unit.free(node.name)
          if (isPrimitive(meaning)) return NEW
          const origin = this.#origin(`f${node.name}`, { kind: 'free', name: node.name })
          return meaning && hasNoParts(meaning.value) ? [new Set([origin]), NONE, NONE, NONE] : outsider(origin)
        }
        if (this.within(binding.scope)) return this.#values.get(binding) ?? NEW
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
        return isPrimitive(this.#unit.meaning(node)) ? NEW : (this.#field(node) ?? element(this.value(node.object)))
      case 'ArrayExpression':
        return all(
          node.elements.map((one) =>
            one === null ? NEW : one.type === 'SpreadElement' ? container(this.value(one.argument)) : inside(this.value(one)),
          ),
        )
      case 'ObjectExpression':
        return all(
          node.properties.map((one) =>
            one.type === 'SpreadElement' ? container(this.value(one.argument)) : isFunction(one.value) ? NEW : inside(this.value(one.value)),
          ),
        )
      case 'ConditionalExpression':
        return union(this.value(node.consequent), this.value(node.alternate))
      case 'LogicalExpression':
        return union(this.value(node.left), this.value(node.right))
      case 'SequenceExpression':
        return this.value(node.expressions.at(-1) as Node)
      case 'AssignmentExpression':
        return node.operator.length === 1 || /^(?:\?\?|\|\||&&)=$/.test(node.operator) ? this.value(node.right) : NEW
      case 'ChainExpression':
      case 'ParenthesizedExpression':
        return this.value(node.expression)
      case 'AwaitExpression':
        return this.value(node.argument)
      case 'CallExpression':
      case 'NewExpression':
        return isCoverage(node) ? NEW : this.#result(node)
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
    if ('index' in source.from || source.from.type !== 'ObjectExpression' || source.path.length > 0 || !this.within(binding.scope)) return null
    // What comes last counts.
    const last = source.from.properties.findLast((one) => one.type === 'SpreadElement' || one.computed || nameOfKey(one.key) === name)
    if (last?.type !== 'Property' || last.computed || last.kind !== 'init') return null
    return union(isFunction(last.value) ? NEW : this.value(last.value), element(this.#stored.get(binding) ?? NEW))
  }

  /** What the arguments of a call may be. */
  arguments(call: CallExpression | NewExpression): Value[] {
    return call.arguments.map((one) => (one.type === 'SpreadElement' ? element(this.value(one.argument)) : this.value(one)))
  }

  /** What a function of this source returns, as far as it is known by now. */
  returned(fn: FunctionNode): Value {
    return this.#returns.get(fn) ?? NEW
  }

  #return(fn: FunctionNode): Value {
    const value = all((this.#unit.contents.returned.get(fn) ?? []).map((node) => this.value(node)))
    const given = fn.generator || fn.async ? inside(value) : value
    this.#returns.set(fn, given)
    return given
  }

  #result(call: CallExpression | NewExpression): Value {
    const target = targetOf(this.#unit, call)
    const given = this.arguments(call)
    switch (target.kind) {
      case 'source':
        return this.within(target.node) ? this.returned(target.node) : this.#resultOf(this.#callees.of(this.#unit, target.node), given, NEW)
      case 'function': {
        const { value, on } = target
        if (CHOOSING.has(value)) return element(given[0] ?? NEW)
        if (value === Object.assign) return given[0] ?? NEW
        if (READING.has(value) || isReadingBuiltin(value) || isPlainConstructor(value)) return value === structuredClone ? NEW : container(all(given))
        if (CONTROL.has(value)) return all(this.#callbacks(call).map((fn) => this.returned(fn)))
        const summary = this.#callees.ofFunction(value)
        if (call.type === 'NewExpression') return inside(all(given))
        return this.#resultOf(summary, given, on ? this.value(on) : NEW)
      }
      case 'method': {
        const { name, on } = target
        const receiver = this.value(on)
        const returned = all(this.#callbacks(call).map((fn) => this.returned(fn)))
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
    if ('node' in meaning) return this.within(meaning.node) ? NEW : this.#resultOf(this.#callees.of(this.#unit, meaning.node), [given], NEW)
    return typeof meaning.value === 'function' ? this.#resultOf(this.#callees.ofFunction(meaning.value), [given], NEW) : given
  }

  #resultOf({ returns }: Callee, given: readonly Value[], receiver: Value): Value {
    return returns === NEW ? NEW : (returns.map((origins) => this.translate(origins, given, receiver)) as unknown as Value)
  }

  /** What the origins of a called function are here. */
  translate(origins: ReadonlySet<Origin>, given: readonly Value[], receiver: Value): ReadonlySet<Origin> {
    const here = new Set<Origin>()
    for (const origin of origins) {
      if (origin.kind === 'parameter' || origin.kind === 'this') {
        const value = origin.kind === 'this' ? receiver : (given[origin.index] ?? NEW)
        for (const one of value[origin.depth]) here.add(one)
      } else if (origin.kind === 'captured') {
        // A name of this function, or of one around it.
        for (const one of this.within(origin.binding.scope) ? (this.#values.get(origin.binding)?.[0] ?? []) : [origin]) here.add(one)
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
    if (binding === undefined || !this.within(binding.scope)) return
    const holds = this.#values.get(binding) ?? NEW
    if ([...holds[0]].some(({ kind }) => kind === 'parameter' || kind === 'this')) return
    this.#stored.set(binding, union(this.#stored.get(binding) ?? NEW, value))
  }

  // --- calls

  /** Functions of this source that a call is given: it may call them. */
  #callbacks(call: CallExpression | NewExpression): FunctionNode[] {
    return call.arguments.flatMap((one) => {
      const meaning = isFunction(one) ? { node: one } : this.#unit.meaning(one)
      return meaning && 'node' in meaning && this.within(meaning.node) ? [meaning.node] : []
    })
  }

  /** What the parameters of functions of this source are given by a call. */
  #pass(call: Call): void {
    if (call.type === 'TaggedTemplateExpression') return
    const target = targetOf(this.#unit, call)
    const given = this.arguments(call)
    if (target.kind === 'source' && this.within(target.node)) {
      this.#receive(
        target.node,
        target.node.params.map((_, i) => given[i] ?? NEW),
      )
    }
    const callbacks = this.#callbacks(call)
    const receiver = target.kind === 'method' ? this.value(target.on) : target.kind === 'function' && target.on ? this.value(target.on) : NEW
    if (callbacks.length > 0) {
      const reducing = target.kind === 'method' && /^reduce(?:Right)?$/.test(target.name)
      // A library's own function tells its callbacks of what it was given.
      const elements = union(
        element(receiver),
        target.kind === 'function' && !CONTROL.has(target.value) ? all(given.map((one) => union(one, element(one)))) : NEW,
      )
      for (const fn of callbacks) {
        const first = reducing ? union(given.length > 1 ? (given[1] as Value) : element(receiver), this.returned(fn)) : elements
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
}
