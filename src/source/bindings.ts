/** Which names of a function are its own, what they are given, and everything in it that may have an effect. No regard to order: what a name is ever given, it may hold. */
import type {
  AnyNode as Node,
  AssignmentExpression,
  CallExpression,
  Expression,
  Identifier,
  MemberExpression,
  NewExpression,
  Pattern,
  TaggedTemplateExpression,
} from 'acorn'
import { children, type FunctionNode, isFunction } from './parser.ts'

/** A step from a value to a part of it: a name, any element (null), or the rest: a new container of parts. */
export type Step = string | null | typeof REST
export const REST = Symbol('rest')

/** A parameter of a function. */
export interface Parameter {
  readonly of: FunctionNode
  readonly index: number
}
/** What a name is given. */
export interface Source {
  readonly from: Node | Parameter
  readonly path: readonly Step[]
}

export interface Binding {
  readonly name: string
  /** The function or block that it belongs to. */
  readonly scope: Node
  readonly sources: Source[]
}

/** Something is assigned, counted up or deleted. */
export interface Write {
  readonly node: Node
  readonly target: Identifier | MemberExpression
  readonly given: Source | null
}
export type Call = CallExpression | NewExpression | TaggedTemplateExpression

export interface Contents {
  /** The bindings of names; a name that is not in it is free. */
  readonly refs: Map<Node, Binding>
  readonly bindings: Binding[]
  readonly writes: Write[]
  readonly calls: Call[]
  /** Calls whose value nobody looks at. */
  readonly dropped: Set<Node>
  /** What is thrown, awaited, yielded. */
  readonly exits: Node[]
  /** What is iterated over. */
  readonly iterated: Node[]
  readonly comparisons: Extract<Node, { type: 'BinaryExpression' }>[]
  readonly functions: FunctionNode[]
  /** The expressions that functions return. */
  readonly returned: Map<FunctionNode, Expression[]>
}

class Scope {
  readonly node: Node
  readonly outer: Scope | null
  readonly names = new Map<string, Binding>()
  constructor(node: Node, outer: Scope | null) {
    this.node = node
    this.outer = outer
  }
  find(name: string): Binding | undefined {
    return this.names.get(name) ?? this.outer?.find(name)
  }
}

export function contentsOf(root: FunctionNode): Contents {
  const contents: Contents = {
    refs: new Map(),
    bindings: [],
    writes: [],
    calls: [],
    dropped: new Set(),
    exits: [],
    iterated: [],
    comparisons: [],
    functions: [],
    returned: new Map(),
  }
  const { refs, bindings, writes, calls, dropped, exits, iterated, comparisons, functions, returned } = contents

  const declare = (name: string, scope: Scope): Binding => {
    const before = scope.names.get(name)
    if (before) return before
    const binding: Binding = { name, scope: scope.node, sources: [] }
    scope.names.set(name, binding)
    bindings.push(binding)
    return binding
  }
  const declarePattern = (pattern: Pattern, scope: Scope): void => {
    for (const name of namesIn(pattern)) declare(name, scope)
  }
  /** `var` belongs to the function. */
  const hoist = (node: Node, scope: Scope): void => {
    if (isFunction(node) || node.type === 'ClassDeclaration' || node.type === 'ClassExpression') return
    if (node.type === 'VariableDeclaration' && node.kind === 'var') for (const { id } of node.declarations) declarePattern(id, scope)
    for (const child of children(node)) hoist(child, scope)
  }
  const lexical = (body: readonly Node[], scope: Scope): void => {
    for (const node of body) {
      if (node.type === 'VariableDeclaration' && node.kind !== 'var') for (const { id } of node.declarations) declarePattern(id, scope)
      if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') {
        if (node.id) declare(node.id.name, scope).sources.push({ from: node, path: [] })
      }
    }
  }
  const refer = (node: Identifier, scope: Scope): void => {
    const binding = scope.find(node.name)
    if (binding) refs.set(node, binding)
  }
  /** A pattern is given a value. `node`: where it is an assignment and not a declaration. */
  const assign = (pattern: Pattern, source: Source | null, scope: Scope, fn: FunctionNode, node: Node | null): void => {
    const part = (step: Step): Source | null => source && { from: source.from, path: [...source.path, step] }
    switch (pattern.type) {
      case 'Identifier':
        refer(pattern, scope)
        if (source) refs.get(pattern)?.sources.push(source)
        if (node) writes.push({ node, target: pattern, given: source })
        break
      case 'MemberExpression':
        visit(pattern, scope, fn)
        writes.push({ node: node ?? pattern, target: pattern, given: source })
        break
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') assign(property.argument, part(REST), scope, fn, node)
          else {
            if (property.computed) visit(property.key, scope, fn)
            assign(property.value, part(property.computed ? null : nameOfKey(property.key)), scope, fn, node)
          }
        }
        break
      case 'ArrayPattern':
        if (source && !('index' in source.from) && source.path.length === 0) iterated.push(source.from)
        pattern.elements.forEach((element, i) => {
          if (element?.type === 'RestElement') assign(element.argument, part(REST), scope, fn, node)
          else if (element) assign(element, part(String(i)), scope, fn, node)
        })
        break
      case 'RestElement':
        assign(pattern.argument, source, scope, fn, node)
        break
      case 'AssignmentPattern':
        visit(pattern.right, scope, fn)
        assign(pattern.left, source, scope, fn, node)
        assign(pattern.left, { from: pattern.right, path: [] }, scope, fn, node)
        break
    }
  }
  const visitFunction = (node: FunctionNode, outer: Scope | null): void => {
    functions.push(node)
    let around = outer
    if (node.type === 'FunctionExpression' && node.id) {
      around = new Scope(node, around)
      declare(node.id.name, around).sources.push({ from: node, path: [] })
    }
    const scope = new Scope(node, around)
    for (const parameter of node.params) declarePattern(parameter, scope)
    node.params.forEach((parameter, index) => {
      assign(parameter, { from: { of: node, index }, path: [] }, scope, node, null)
    })
    if (node.body.type === 'BlockStatement') {
      hoist(node.body, scope)
      lexical(node.body.body, scope)
      for (const statement of node.body.body) visit(statement, scope, node)
    } else {
      returned.set(node, [node.body])
      visit(node.body, scope, node)
    }
  }
  const declaration = (node: Node, scope: Scope): void => {
    if (node.type === 'VariableDeclaration' && node.kind !== 'var') for (const { id } of node.declarations) declarePattern(id, scope)
  }
  const visit = (node: Node, scope: Scope, fn: FunctionNode): void => {
    switch (node.type) {
      case 'FunctionExpression':
      case 'FunctionDeclaration':
      case 'ArrowFunctionExpression':
        return visitFunction(node as FunctionNode, scope)
      case 'Identifier':
        return refer(node, scope)
      case 'BlockStatement':
      case 'StaticBlock': {
        const inner = new Scope(node, scope)
        lexical(node.body, inner)
        for (const statement of node.body) visit(statement, inner, fn)
        return
      }
      case 'SwitchStatement': {
        visit(node.discriminant, scope, fn)
        const inner = new Scope(node, scope)
        for (const one of node.cases) lexical(one.consequent, inner)
        for (const one of node.cases) visit(one, inner, fn)
        return
      }
      case 'ForStatement': {
        const inner = new Scope(node, scope)
        if (node.init) declaration(node.init, inner)
        for (const child of children(node)) visit(child, inner, fn)
        return
      }
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = new Scope(node, scope)
        declaration(node.left, inner)
        if (node.type === 'ForOfStatement') {
          iterated.push(node.right)
          if (node.await) exits.push(node)
        }
        visit(node.right, inner, fn)
        const source: Source | null = node.type === 'ForOfStatement' ? { from: node.right, path: [null] } : null
        if (node.left.type === 'VariableDeclaration') {
          for (const { id } of node.left.declarations) assign(id, source, inner, fn, null)
        } else assign(node.left, source, inner, fn, node)
        visit(node.body, inner, fn)
        return
      }
      case 'CatchClause': {
        const inner = new Scope(node, scope)
        if (node.param) {
          declarePattern(node.param, inner)
          assign(node.param, null, inner, fn, null)
        }
        visit(node.body, inner, fn)
        return
      }
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          if (init) visit(init, scope, fn)
          assign(id, init ? { from: init, path: [] } : null, scope, fn, null)
        }
        return
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const inner = new Scope(node, scope)
        if (node.id) declare(node.id.name, inner)
        if (node.superClass) visit(node.superClass, inner, fn)
        visit(node.body, inner, fn)
        return
      }
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'Property':
        if (node.computed) visit(node.key, scope, fn)
        if (node.value) visit(node.value, scope, fn)
        return
      case 'MemberExpression':
        visit(node.object, scope, fn)
        if (node.computed) visit(node.property, scope, fn)
        return
      case 'LabeledStatement':
        return visit(node.body, scope, fn)
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
        return
      case 'AssignmentExpression':
        visit(node.right, scope, fn)
        assign(node.left, givenBy(node), scope, fn, node)
        return
      case 'UpdateExpression':
        visit(node.argument, scope, fn)
        writes.push({ node, target: node.argument as Identifier | MemberExpression, given: null })
        return
      case 'UnaryExpression': {
        visit(node.argument, scope, fn)
        const argument = node.argument.type === 'ChainExpression' ? node.argument.expression : node.argument
        if (node.operator === 'delete' && argument.type === 'MemberExpression') writes.push({ node, target: argument, given: null })
        return
      }
      case 'ExpressionStatement':
        dropped.add(node.expression.type === 'ChainExpression' ? node.expression.expression : node.expression)
        return visit(node.expression, scope, fn)
      case 'ReturnStatement':
        if (node.argument) {
          const all = returned.get(fn)
          if (all) all.push(node.argument)
          else returned.set(fn, [node.argument])
          visit(node.argument, scope, fn)
        }
        return
      case 'CallExpression':
      case 'NewExpression':
      case 'TaggedTemplateExpression':
        calls.push(node)
        break
      case 'SpreadElement':
        iterated.push(node.argument)
        break
      case 'ThrowStatement':
      case 'AwaitExpression':
      case 'YieldExpression':
      case 'ImportExpression':
        exits.push(node)
        break
      case 'BinaryExpression':
        comparisons.push(node)
        break
    }
    for (const child of children(node)) visit(child, scope, fn)
  }
  visitFunction(root, null)
  return contents
}

/** What an assignment gives: `x += y` gives a number or a text, which is no part of anything. */
function givenBy({ operator, right }: AssignmentExpression): Source | null {
  return operator === '=' || operator === '??=' || operator === '||=' || operator === '&&=' ? { from: right, path: [] } : null
}

export function nameOfKey(key: Node): string | null {
  return key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : null
}

/** The name of the member that is meant, where it is written down. */
export function memberName(node: MemberExpression): string | null {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : null
  return node.property.type === 'Literal' ? String(node.property.value) : null
}

function* namesIn(pattern: Pattern): Generator<string> {
  switch (pattern.type) {
    case 'Identifier':
      yield pattern.name
      break
    case 'ObjectPattern':
      for (const property of pattern.properties) yield* namesIn(property.type === 'RestElement' ? property.argument : property.value)
      break
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) yield* namesIn(element)
      break
    case 'RestElement':
      yield* namesIn(pattern.argument)
      break
    case 'AssignmentPattern':
      yield* namesIn(pattern.left)
      break
  }
}
