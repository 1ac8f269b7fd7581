/** `before.x === after.x` where both are objects: parts of two states, of which each function gets copies of its own, are never the same object. */
import type { AnyNode as Node, BinaryExpression } from 'acorn'
import { BagType } from '../types/bag.ts'
import { MapType } from '../types/map.ts'
import { OptionType } from '../types/option.ts'
import { RecordType } from '../types/record.ts'
import { SeqType } from '../types/seq.ts'
import { SetType } from '../types/set.ts'
import type { AnyType } from '../types/type.ts'
import { UnionType } from '../types/union.ts'
import { memberName, REST, type Source, type Step } from './bindings.ts'
import { isFunction } from './parser.ts'
import type { Unit } from './unit.ts'

export interface Comparison {
  readonly node: BinaryExpression
  readonly left: string
  readonly right: string
}

/** A part of one of the two states: which (0 is before), and its type. */
interface Part {
  readonly state: number
  readonly type: AnyType
}

/** The comparisons in a function of two states that are decided before anything runs. */
export function* neverTheSame(unit: Unit, state: () => AnyType): Generator<Comparison> {
  for (const node of unit.contents.comparisons) {
    if (!/^[!=]==?$/.test(node.operator) || node.left.type === 'PrivateIdentifier') continue
    const left = partOf(unit, node.left, state)
    const right = left && partOf(unit, node.right, state)
    if (left && right && left.state !== right.state && isComposite(left.type) && isComposite(right.type))
      yield { node, left: unit.write(node.left), right: unit.write(node.right) }
  }
}

function isComposite(type: AnyType): boolean {
  // Not an option: both may be null.
  return [RecordType, UnionType, MapType, SeqType, SetType, BagType].some((kind) => type instanceof kind)
}

function partOf(unit: Unit, node: Node, state: () => AnyType, depth = 0): Part | undefined {
  if (depth > 8) return undefined
  switch (node.type) {
    case 'Identifier': {
      const [source, ...others] = unit.binding(node)?.sources ?? []
      return source === undefined || others.length > 0 ? undefined : sourcePart(unit, source, state, depth)
    }
    case 'ChainExpression':
      return partOf(unit, node.expression, state, depth + 1)
    case 'MemberExpression': {
      const object = partOf(unit, node.object, state, depth + 1)
      return object && step(object, memberName(node))
    }
    case 'CallExpression': {
      // Elements of sequences, and of sets as arrays have them.
      const { callee } = node
      if (callee.type !== 'MemberExpression' || !/^(?:at|find|findLast)$/.test(memberName(callee) ?? '')) return undefined
      const object = partOf(unit, callee.object, state, depth + 1)
      return object?.type instanceof SeqType ? { state: object.state, type: object.type.inner } : undefined
    }
    default:
      return undefined
  }
}

function sourcePart(unit: Unit, { from, path }: Source, state: () => AnyType, depth: number): Part | undefined {
  let part: Part | undefined
  if ('index' in from) {
    if (from.of !== unit.root || from.index > 1) return undefined
    part = { state: from.index, type: state() }
  } else part = isFunction(from) ? undefined : partOf(unit, from, state, depth + 1)
  for (const one of path) part = part && step(part, one)
  return part
}

function step({ state, type }: Part, name: Step): Part | undefined {
  if (name === REST) return undefined
  const found = stepType(type, name)
  return found && { state, type: found }
}

function stepType(type: AnyType, name: string | null): AnyType | undefined {
  if (type instanceof OptionType) return stepType(type.inner, name)
  if (type instanceof RecordType) return (type.fields as readonly (readonly [string, AnyType, number])[]).find(([field]) => field === name)?.[1]
  if (type instanceof MapType) return type.inner
  if (type instanceof SeqType) return name === null || /^\d+$/.test(name) ? type.inner : undefined
  if (type instanceof SetType || type instanceof BagType) return name === null ? type.inner : undefined
  if (type instanceof UnionType) {
    const found = (type.variants as readonly (readonly [string, RecordType<Record<string, AnyType>>])[]).flatMap(
      ([, body]) => stepType(body, name) ?? [],
    )
    return found.every((one) => isComposite(one)) ? found[0] : undefined
  }
  return undefined
}
