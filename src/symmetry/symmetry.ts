/**
 * A permutation of interchangeable ids as a permutation of slots and of the numbers in them.
 *
 *     state      { phase: map(R, bool), owner: option(R) }        R = symmetric('r', 3)
 *     slots      0..2: phase of r1, r2, r3     3: owner (0 null, 1..3)
 *     r1 <-> r3  slot 0 goes to slot 2 and back; in slot 3 the numbers 1 and 3 change places
 *
 * A `Move` says this of one slot for every permutation at once: where the slot goes is linear in the new numbers of the ids by which it is
 * addressed, because maps lie block by block and elements of sets are ranked like digits. Only elements that are sets, bags or maps over
 * ids themselves are not: for these there are tables, one per exchange of two ids.
 */
import { SpecError } from '../errors.ts'
import { SymmetricType } from '../types/ids.ts'
import { known } from '../types/kinds.ts'
import type { AnyType } from '../types/type.ts'
import type { Layout } from '../layout/layout.ts'

export interface Scalarset {
  /** The prefix of its ids. */
  readonly name: string
  readonly size: number
  /** The number of its first id among the ids of all scalarsets. */
  readonly first: number
}

/** An id by which a slot is addressed; a permutation that gives the id the number k within its set puts the slot `stride * k` behind `Move.base`. */
export interface Key {
  readonly id: number
  readonly stride: number
}

/** A condition on another slot: its number is `value`, or above it. */
export interface Guard {
  readonly slot: number
  readonly base: number
  readonly above: boolean
  readonly value: number
}

export interface Move {
  readonly slot: number
  /** Where the slot would go if all its ids got the number 0. */
  readonly base: number
  readonly keys: readonly Key[]
  /** The scalarset whose ids the slot holds, with what is added to their numbers (1 where 0 is null). Null for a slot of plain numbers. */
  readonly holds: { readonly set: number; readonly plus: number } | null
  /** All must hold, or the slot is zero or has another meaning. */
  readonly guards: readonly Guard[]
  /** For an element that is no list of ids: the table that says where it goes, its number in it, and the ids in it. */
  readonly table: { readonly number: number; readonly element: number; readonly ids: readonly number[] } | null
}

/** Where the elements of a set go when two ids are exchanged. */
export interface ElementTable {
  readonly size: number
  /** Per pair of ids of one scalarset, `a * ids + b` with a < b: the new number of each element. */
  readonly exchanged: ReadonlyMap<number, Int32Array>
}

export interface Symmetry {
  readonly scalarsets: readonly Scalarset[]
  /** The number of ids of all scalarsets. */
  readonly ids: number
  /** The slots that a permutation may touch; all others stay. */
  readonly moves: readonly Move[]
  readonly tables: readonly ElementTable[]
}

/** The symmetry of a state, or undefined where it holds no interchangeable ids. Throws `SpecError` where they lie in what cannot be permuted. */
export function symmetryOf({ type }: Layout): Symmetry | undefined {
  const found = new Map<string, SymmetricType<string>>()
  collect(type, found)
  const scalarsets: Scalarset[] = []
  let ids = 0
  for (const { prefix, size } of found.values()) {
    if (scalarsets.some(({ name }) => name === prefix))
      throw new SpecError(`there are two scalarsets of the name '${prefix}' and different numbers of ids`, { hint: 'give them different prefixes' })
    if (size < 2) continue
    scalarsets.push({ name: prefix, size, first: ids })
    ids += size
  }
  if (ids === 0) return undefined
  const walk = new Walk(scalarsets, ids)
  for (const [name, inner, offset] of type.fields) walk.visit(inner, offset, name, [], [], false)
  return { scalarsets, ids, moves: walk.moves, tables: walk.tables }
}

/** Whether a state holds interchangeable ids at all. */
export function isSymmetric({ type }: Layout): boolean {
  const found = new Map<string, SymmetricType<string>>()
  collect(type, found)
  return [...found.values()].some(({ size }) => size > 1)
}

/** The types of interchangeable ids inside a type, by what tells them apart. */
function collect(type: AnyType, found: Map<string, SymmetricType<string>>): void {
  if (type instanceof SymmetricType) found.set(type.toString(), type)
  for (const part of type.parts) collect(part, found)
}

class Walk {
  readonly moves: Move[] = []
  readonly tables: ElementTable[] = []
  readonly #scalarsets: readonly Scalarset[]
  readonly #ids: number
  readonly #tableOf = new Map<AnyType, number>()

  constructor(scalarsets: readonly Scalarset[], ids: number) {
    this.#scalarsets = scalarsets
    this.#ids = ids
  }

  #setOf(type: AnyType): number {
    return type instanceof SymmetricType ? this.#scalarsets.findIndex(({ name, size }) => name === type.prefix && size === type.size) : -1
  }

  #holdsIds(type: AnyType): boolean {
    return this.#setOf(type) >= 0 || type.parts.some((part) => this.#holdsIds(part))
  }

  /** Notes the moves of the slots of a type; `all`: also of slots that stay, because they share their place with some that move. */
  visit(type: AnyType, at: number, path: string, keys: readonly Key[], guards: readonly Guard[], all: boolean): void {
    const one = known(type)
    if (one.kind === 'value') {
      throw new SpecError(`the variable ${path} is a value(), in which interchangeable ids cannot be found`, {
        hint: 'give it a finite type, declare the ids with ids() instead of symmetric(), or turn symmetry off',
      })
    }
    if (!this.#holdsIds(type)) {
      for (const [i] of type.slots.entries()) this.#move(at + i, keys, guards, null, all)
      if (type.parts.some(holdsValue)) this.#refuseValues(type, path)
      return
    }
    switch (one.kind) {
      case 'record':
        for (const [name, inner, offset] of one.fields) this.visit(inner, at + offset, `${path}.${name}`, keys, guards, all)
        return
      case 'map': {
        const width = one.inner.slots.length
        const set = this.#setOf(one.keys)
        one.names.forEach((name, i) => {
          const here = set < 0 ? keys : [...keys, { id: this.#first(set) + i, stride: width }]
          this.visit(one.inner, at + i * width, `${path}.${name}`, here, guards, all)
        })
        return
      }
      case 'option':
        if (one.merged) {
          this.#move(at, keys, guards, { set: this.#setOf(one.inner), plus: 1 }, all)
          return
        }
        this.#move(at, keys, guards, null, all)
        this.visit(one.inner, at + 1, path, keys, [...guards, this.#guard(at, keys, true, 0)], all)
        return
      case 'union':
        this.#move(at, keys, guards, null, all)
        one.variants.forEach(([, body], i) => {
          this.visit(body, at + 1, path, keys, [...guards, this.#guard(at, keys, false, i)], true)
        })
        return
      case 'seq': {
        const width = one.inner.slots.length
        this.#move(at, keys, guards, null, all)
        for (let i = 0; i < one.max; i++)
          this.visit(one.inner, at + 1 + i * width, `${path}[${i}]`, keys, [...guards, this.#guard(at, keys, true, i)], all)
        return
      }
      case 'set':
        if (one.interned) {
          throw new SpecError(`the set ${path} has too many possible elements for its interchangeable ids to be permuted: ${type}`, {
            hint: 'make the element type smaller, declare the ids with ids() instead of symmetric(), or turn symmetry off',
          })
        }
        this.#elements(one.inner, at, path, keys, guards)
        return
      case 'bag':
        this.#elements(one.inner, at, path, keys, guards)
        return
      case 'bool':
      case 'int':
      case 'enum':
      case 'ids':
        this.#move(at, keys, guards, { set: this.#setOf(type), plus: 0 }, all)
        return
      default:
        one satisfies never
    }
  }

  #refuseValues(type: AnyType, path: string): void {
    for (const part of type.parts) this.visit(part, 0, path, [], [], false)
  }

  #first(set: number): number {
    return (this.#scalarsets[set] as Scalarset).first
  }

  #base(slot: number, keys: readonly Key[]): number {
    return keys.reduce((base, { id, stride }) => base - stride * this.#numberOf(id), slot)
  }

  #numberOf(id: number): number {
    return id - (this.#scalarsets.findLast(({ first }) => first <= id) as Scalarset).first
  }

  #guard(slot: number, keys: readonly Key[], above: boolean, value: number): Guard {
    return { slot, base: this.#base(slot, keys), above, value }
  }

  #move(slot: number, keys: readonly Key[], guards: readonly Guard[], holds: Move['holds'], all: boolean): void {
    if (keys.length > 0 || holds !== null || all) this.moves.push({ slot, base: this.#base(slot, keys), keys, holds, guards, table: null })
  }

  /** A slot per possible element. */
  #elements(inner: AnyType, at: number, path: string, keys: readonly Key[], guards: readonly Guard[]): void {
    if (holdsValue(inner)) this.#refuseValues(inner, path)
    const linear = isLinear(inner, (type) => this.#holdsIds(type))
    const parts = new Walk(this.#scalarsets, this.#ids)
    parts.visit(inner, 0, path, [], [], false)
    // One table per type: blocks of a map that permutations carry to one another share theirs.
    let table = linear ? -1 : this.#tableOf.get(inner)
    if (table === undefined) this.#tableOf.set(inner, (table = this.tables.push(this.#table(inner, parts)) - 1))
    const row = new Array<number>(inner.slots.length).fill(0)
    for (let rank = 0; rank < inner.size; rank++) {
      inner.unrank(rank, row, 0)
      const present = parts.moves.filter((move) => holdsGuards(move, row))
      const slot = at + rank
      if (linear) {
        const inside = present.flatMap(({ slot: position, holds }): Key[] => {
          if (holds === null || (row[position] as number) < holds.plus) return []
          const number = (row[position] as number) - holds.plus
          const { first, size } = this.#scalarsets[holds.set] as Scalarset
          // The rank of an element with this id replaced by a neighbour shows what one id more is worth.
          const step = number + 1 < size ? 1 : -1
          const neighbour = row.with(position, (row[position] as number) + step)
          return [{ id: first + number, stride: (inner.rank(neighbour, 0) - rank) * step }]
        })
        const all = [...keys, ...inside]
        this.moves.push({ slot, base: this.#base(slot, all), keys: all, holds: null, guards, table: null })
      } else {
        const ids = present.flatMap(({ slot: position, holds, keys: addressed }) => {
          const number = row[position] as number
          if (holds !== null) return number < holds.plus ? [] : [this.#first(holds.set) + number - holds.plus]
          return number === 0 ? [] : addressed.map(({ id }) => id)
        })
        this.moves.push({ slot, base: this.#base(slot, keys) - rank, keys, holds: null, guards, table: { number: table, element: rank, ids } })
      }
    }
  }

  #table(inner: AnyType, parts: Walk): ElementTable {
    const exchanged = new Map<number, Int32Array>()
    const row = new Array<number>(inner.slots.length).fill(0)
    const symmetry: Symmetry = { scalarsets: this.#scalarsets, ids: this.#ids, moves: parts.moves, tables: parts.tables }
    for (const { first, size } of this.#scalarsets) {
      for (let a = first; a < first + size; a++) {
        for (let b = a + 1; b < first + size; b++) {
          const permutation = exchange(symmetry, a, b)
          exchanged.set(
            a * this.#ids + b,
            Int32Array.from({ length: inner.size }, (_, rank) => {
              inner.unrank(rank, row, 0)
              return inner.rank(permuteSlots(symmetry, row, permutation), 0)
            }),
          )
        }
      }
    }
    return { size: inner.size, exchanged }
  }
}

function holdsValue(type: AnyType): boolean {
  return type.kind === 'value' || type.parts.some(holdsValue)
}

/** Whether the ids in an element stand at places of their own, so that its rank is a sum over them. */
function isLinear(type: AnyType, holdsIds: (type: AnyType) => boolean): boolean {
  if (!holdsIds(type)) return true
  const one = known(type)
  if (one.kind === 'set' || one.kind === 'bag') return false
  if (one.kind === 'map' && holdsIds(one.keys)) return false
  return type.parts.every((part) => isLinear(part, holdsIds))
}

function holdsGuards({ guards }: Move, slots: ArrayLike<number>): boolean {
  return guards.every(({ slot, above, value }) => (above ? (slots[slot] as number) > value : slots[slot] === value))
}

/** The permutation that changes nothing: per id its number within its scalarset. */
export function identity({ scalarsets }: Symmetry): Int32Array {
  return Int32Array.from(scalarsets.flatMap(({ size }) => Array.from({ length: size }, (_, i) => i)))
}

/** The permutation that exchanges two ids of one scalarset. */
export function exchange(symmetry: Symmetry, a: number, b: number): Int32Array {
  const permutation = identity(symmetry)
  const number = permutation[a] as number
  permutation[a] = permutation[b] as number
  permutation[b] = number
  return permutation
}

/** All permutations but the one that changes nothing; null where there are more than `most`. */
export function allPermutations(symmetry: Symmetry, most: number): Int32Array[] | null {
  let count = 1
  for (const { size } of symmetry.scalarsets) for (let i = 2; i <= size; i++) count *= i
  if (count > most) return null
  let all = [identity(symmetry)]
  for (const { first, size } of symmetry.scalarsets) {
    for (let place = 0; place < size; place++) {
      all = all.flatMap((one) =>
        Array.from({ length: size - place }, (_, d) => {
          const other = one.slice()
          other[first + place] = one[first + place + d] as number
          other[first + place + d] = one[first + place] as number
          return other
        }),
      )
    }
  }
  return all.slice(1)
}

/** The number of each element of a table's set under a permutation, put together from exchanges. */
export function elementsUnder({ scalarsets, ids }: Symmetry, { size, exchanged }: ElementTable, permutation: Int32Array, out: Int32Array): void {
  for (let e = 0; e < size; e++) out[e] = e
  for (const { first, size: n } of scalarsets) {
    // Where each id stands so far; each exchange puts one id where it belongs.
    const at = Array.from({ length: n }, (_, i) => i)
    for (let id = 0; id < n; id++) {
      const to = permutation[first + id] as number
      const from = at[id] as number
      if (from === to) continue
      const table = exchanged.get((first + Math.min(from, to)) * ids + first + Math.max(from, to)) as Int32Array
      for (let e = 0; e < size; e++) out[e] = table[out[e] as number] as number
      at[at.indexOf(to)] = from
      at[id] = to
    }
  }
}

/** The slots of a state, or of a part of one, under a permutation: per id its new number within its scalarset. */
export function permuteSlots(symmetry: Symmetry, slots: ArrayLike<number>, permutation: Int32Array): number[] {
  const out = Array.from(slots)
  const elements = symmetry.tables.map((table) => {
    const numbers = new Int32Array(table.size)
    elementsUnder(symmetry, table, permutation, numbers)
    return numbers
  })
  for (const { slot } of symmetry.moves) out[slot] = 0
  for (const move of symmetry.moves) {
    if (!holdsGuards(move, slots)) continue
    const { slot, base, keys, holds, table } = move
    let to = base
    for (const { id, stride } of keys) to += stride * (permutation[id] as number)
    if (table !== null) to += (elements[table.number] as Int32Array)[table.element] as number
    const value = slots[slot] as number
    out[to] =
      holds === null || value < holds.plus
        ? value
        : (permutation[(symmetry.scalarsets[holds.set] as Scalarset).first + value - holds.plus] as number) + holds.plus
  }
  return out
}
