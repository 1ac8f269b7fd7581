/** A function of a spec as it is read: its tree, its names, and what its free names mean. */
import type { AnyNode as Node } from 'acorn'
import { type Binding, type Contents, contentsOf, memberName, type Source } from './bindings.ts'
import { type FunctionNode, isFunction, type Parsed, parseFunction } from './parser.ts'
import { property, freeValue } from './values.ts'

// biome-ignore lint/complexity/noBannedTypes: any function at all
export type AnyFunction = Function

/** What a piece of source means before anything runs: a value, or a function that stands in the same source. */
export type Static = { readonly value: unknown } | { readonly node: FunctionNode } | undefined

export class Unit {
  readonly fn: AnyFunction
  readonly parsed: Parsed
  readonly root: FunctionNode
  readonly contents: Contents

  constructor(fn: AnyFunction, parsed: Parsed, root: FunctionNode, contents: Contents) {
    this.fn = fn
    this.parsed = parsed
    this.root = root
    this.contents = contents
  }

  /** A node as it is written, shortened. */
  write(node: Node): string {
    const text = this.parsed.text.slice(node.start, node.end).replace(/\s+/g, ' ')
    return text.length > 40 ? `${text.slice(0, 39)}…` : text
  }

  binding(node: Node): Binding | undefined {
    return this.contents.refs.get(node)
  }

  /** What a free name means. */
  free(name: string): { readonly value: unknown } | undefined {
    return freeValue(this.fn as never, name)
  }

  /** What an expression always means. */
  meaning(node: Node, depth = 0): Static {
    if (node.type === 'Literal' || depth > 8) return this.#mean(node, depth)
    if (this.#meanings.has(node)) return this.#meanings.get(node)
    const found = this.#mean(node, depth)
    if (depth === 0) this.#meanings.set(node, found)
    return found
  }
  readonly #meanings = new Map<Node, Static>()

  #mean(node: Node, depth: number): Static {
    if (depth > 8) return undefined
    if (isFunction(node)) return { node }
    switch (node.type) {
      case 'Identifier': {
        const binding = this.binding(node)
        if (binding === undefined) return this.free(node.name)
        const [only, ...others] = binding.sources
        return only === undefined || others.length > 0 ? undefined : this.#source(only, depth)
      }
      case 'MemberExpression': {
        const name = memberName(node)
        const object = name === null ? undefined : this.meaning(node.object, depth + 1)
        return object && 'value' in object ? property(object.value, name as string) : undefined
      }
      case 'ChainExpression':
        return this.meaning(node.expression, depth + 1)
      case 'SequenceExpression':
        return this.meaning(node.expressions.at(-1) as Node, depth + 1)
      case 'Literal':
        return node.regex ? undefined : { value: node.value }
      default:
        return undefined
    }
  }

  #source({ from, path }: Source, depth: number): Static {
    if ('index' in from) return undefined
    let found = this.meaning(from, depth + 1)
    for (const step of path) {
      if (found === undefined || !('value' in found) || typeof step !== 'string') return undefined
      found = property(found.value, step)
    }
    return found
  }
}

const units = new WeakMap<AnyFunction, Unit | null>()
const contentsByText = new WeakMap<Parsed, Contents>()

/** A function, read; null where its source is not to be had. */
export function unitOf(fn: AnyFunction): Unit | null {
  const known = units.get(fn)
  if (known !== undefined) return known
  const parsed = parseFunction(Function.prototype.toString.call(fn))
  let unit: Unit | null = null
  if (parsed?.node) {
    let contents = contentsByText.get(parsed)
    if (contents === undefined) {
      contents = contentsOf(parsed.node)
      contentsByText.set(parsed, contents)
    }
    unit = new Unit(fn, parsed, parsed.node, contents)
  }
  units.set(fn, unit)
  return unit
}
