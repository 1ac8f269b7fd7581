/** The text of a function as a syntax tree. The parser is loaded when the first function is read, not with the library: that takes as long as a small check. */
import type { AnyNode, ArrowFunctionExpression, Expression, FunctionDeclaration, FunctionExpression, Options } from 'acorn'

export type FunctionNode = FunctionExpression | ArrowFunctionExpression | FunctionDeclaration
export type { AnyNode }

type Parse = (text: string, at: number, options: Options) => Expression

let parse: Parse | null | undefined

/** Where there is no Node.js to load it from, a parser (acorn's `parseExpressionAt`) may be given. */
export function useParser(given: Parse): void {
  parse = given
}

function parser(): Parse | null {
  if (parse !== undefined) return parse
  try {
    const { createRequire } = process.getBuiltinModule('node:module')
    parse = (createRequire(import.meta.url)('acorn') as { parseExpressionAt: Parse }).parseExpressionAt
  } catch {
    parse = null
  }
  return parse
}

/** A function as it was parsed: `node` is in it, and offsets in `text` are those of the function's own text, moved by `shift`. */
export interface Parsed {
  /** What was parsed: the function's text, with what makes an expression of it. */
  readonly text: string
  readonly shift: number
  /** A class has the function that makes its objects, or none. */
  readonly node: FunctionNode | null
}

const OPTIONS: Options = { ecmaVersion: 'latest', allowAwaitOutsideFunction: true, allowSuperOutsideMethod: true, allowReturnOutsideFunction: true }
const parsed = new Map<string, Parsed | null>()

/** The tree of a function; null where its text is not to be had (built in, bound) or is not understood. */
export function parseFunction(source: string): Parsed | null {
  const known = parsed.get(source)
  if (known !== undefined) return known
  const found = parseAnew(source)
  parsed.set(source, found)
  return found
}

function parseAnew(source: string): Parsed | null {
  if (/\{\s*\[native code\]\s*\}$/.test(source)) return null
  const run = parser()
  if (run === null) return null
  // A function, or else a method: `label(s) { … }`, `get x() { … }`, which only an object can hold.
  for (const [before, after] of [
    ['(', ')'],
    ['({', '})'],
    ['(class { ', ' })'],
  ] as const) {
    try {
      const text = `${before}${source}${after}`
      const expression = run(text, 0, OPTIONS)
      const node = functionIn(expression)
      if (node !== undefined) return { text, shift: before.length, node }
    } catch {
      // Tried in the next way.
    }
  }
  return null
}

function functionIn(expression: Expression): FunctionNode | null | undefined {
  switch (expression.type) {
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return expression
    case 'ObjectExpression': {
      const [property] = expression.properties
      return property?.type === 'Property' && property.value.type === 'FunctionExpression' ? property.value : undefined
    }
    case 'ClassExpression': {
      const methods = expression.body.body.filter((member) => member.type === 'MethodDefinition')
      const made = methods.find(({ kind }) => kind === 'constructor') ?? (expression.id ? undefined : methods.length === 1 ? methods[0] : undefined)
      return made?.value ?? null
    }
    default:
      return undefined
  }
}

/** The nodes right below a node. */
export function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const one of value) if (isNode(one)) yield one
    } else if (isNode(value)) yield value
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression' || node.type === 'FunctionDeclaration'
}
