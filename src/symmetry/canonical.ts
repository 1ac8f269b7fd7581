/**
 * Canonical forms: one representative for all states that differ only by a permutation of interchangeable ids. The hot path.
 *
 * Ids are put in an order that depends on what the state says of them, not on their names:
 *
 *  1. Each id has a local state: all that the state says of it alone (the slots that it addresses, the places that hold it), packed into a
 *     few words. Ids are sorted by it. Where the state says nothing of two ids together, ids with equal local states are exchangeable, and
 *     the sorted state is canonical.
 *  2. Otherwise ids get colours: a hash of the local state, refined by the colours of those they are together with, until no class of equal
 *     colours falls apart any more.
 *  3. What remains tied is tried out: one id of a class gets a colour of its own, and so on; of all states reached the least is canonical.
 *     Ids whose exchange does not change the state count as one, so that only real ambiguity costs time. (Individualisation and refinement:
 *     B. D. McKay, Practical graph isomorphism, 1981.)
 *
 * Every choice is made by something that a permutation carries along, so states of one orbit have one form. Hashes that collide make
 * classes larger, never wrong.
 */
import type { Layout } from '../layout/layout.ts'
import { elementsUnder, exchange, identity, type Key, type Move, type Scalarset, type Symmetry } from './symmetry.ts'
import { mix } from '../visited/visited.ts'

/** What the state says of an id alone: per id of a scalarset the move that carries it. */
interface Feature {
  /** Move per id of the set; for a place that holds ids the same move for all. */
  readonly moves: Int32Array
  /** Whether the place holds ids: the feature is whether it is this one. */
  readonly pointer: boolean
  readonly word: number
  readonly shift: number
}

/** What the state says of several ids together. */
interface Relation {
  readonly move: number
  /** A number for all moves that permutations carry to one another. */
  readonly kind: number
  readonly ids: readonly number[]
  readonly table: boolean
}

export class Canonical {
  readonly symmetry: Symmetry
  readonly #layout: Layout
  readonly #words: number

  // The moves as rows of numbers.
  readonly #slotWord: Int32Array
  readonly #slotShift: Int32Array
  readonly #slotMask: Int32Array
  readonly #base: Int32Array
  readonly #keyStart: Int32Array
  readonly #keyId: Int32Array
  readonly #keyStride: Int32Array
  /** The first id of the scalarset that a slot holds, or -1, and what is added. */
  readonly #holds: Int32Array
  readonly #plus: Int32Array
  readonly #guardStart: Int32Array
  readonly #guardSlot: Int32Array
  readonly #guardAbove: Uint8Array
  readonly #guardValue: Int32Array
  readonly #table: Int32Array
  readonly #element: Int32Array
  /** Per word: the bits that no permutation touches. */
  readonly #fixed: Int32Array
  readonly #elements: Int32Array[]

  readonly #permutation: Int32Array
  /** Per scalarset: what its ids are sorted by. */
  readonly #features: readonly (readonly Feature[])[]
  readonly #localWords: readonly number[]
  readonly #local: readonly Int32Array[]
  readonly #order: readonly Int32Array[]
  readonly #relations: readonly Relation[]
  /** Per scalarset: whether a relation speaks of its ids. */
  readonly #related: readonly boolean[]
  readonly #relatedIds: readonly number[]
  readonly #setOf: Int32Array

  // Scratch space for ties.
  #colours: Int32Array
  #next: Int32Array
  readonly #best: Int32Array
  readonly #trial: Int32Array
  readonly #exchanged: Int32Array
  #hasBest = false
  /** Per pair of ids: 0 not known for this state, 1 their exchange changes nothing, 2 it does. */
  readonly #exchangeable: Uint8Array
  readonly #exchanges = new Map<number, Int32Array>()
  #states: Int32Array = new Int32Array(0)
  #at = 0

  constructor(symmetry: Symmetry, layout: Layout) {
    const { moves, scalarsets, ids } = symmetry
    this.symmetry = symmetry
    this.#layout = layout
    this.#words = layout.words
    this.#slotWord = Int32Array.from(moves, ({ slot }) => layout.word[slot] as number)
    this.#slotShift = Int32Array.from(moves, ({ slot }) => layout.shift[slot] as number)
    this.#slotMask = Int32Array.from(moves, ({ slot }) => layout.mask[slot] as number)
    this.#base = Int32Array.from(moves, ({ base }) => base)
    const keys = moves.flatMap((move) => move.keys)
    this.#keyStart = starts(moves.map((move) => move.keys.length))
    this.#keyId = Int32Array.from(keys, ({ id }) => id)
    this.#keyStride = Int32Array.from(keys, ({ stride }) => stride)
    this.#holds = Int32Array.from(moves, ({ holds }) => (holds === null ? -1 : (scalarsets[holds.set] as Scalarset).first))
    this.#plus = Int32Array.from(moves, ({ holds }) => holds?.plus ?? 0)
    const guards = moves.flatMap((move) => move.guards)
    this.#guardStart = starts(moves.map((move) => move.guards.length))
    this.#guardSlot = Int32Array.from(guards, ({ slot }) => slot)
    this.#guardAbove = Uint8Array.from(guards, ({ above }) => (above ? 1 : 0))
    this.#guardValue = Int32Array.from(guards, ({ value }) => value)
    this.#table = Int32Array.from(moves, ({ table }) => table?.number ?? -1)
    this.#element = Int32Array.from(moves, ({ table }) => table?.element ?? 0)
    this.#elements = symmetry.tables.map(({ size }) => new Int32Array(size))
    this.#fixed = new Int32Array(layout.words).fill(-1)
    moves.forEach((_, m) => {
      const word = this.#slotWord[m] as number
      this.#fixed[word] = (this.#fixed[word] as number) & ~((this.#slotMask[m] as number) << (this.#slotShift[m] as number))
    })

    this.#permutation = identity(symmetry)
    this.#setOf = Int32Array.from(scalarsets.flatMap(({ size }, set) => new Array<number>(size).fill(set)))
    const local = moves.map((move) => arity(move) === 1)
    const packed = scalarsets.map((scalarset, set) => this.#featuresOf(moves, local, scalarset, set))
    this.#features = packed.map(({ features }) => features)
    this.#localWords = packed.map(({ words }) => words)
    this.#local = packed.map(({ words }, set) => new Int32Array(words * (scalarsets[set] as Scalarset).size))
    this.#order = scalarsets.map(({ size }) => new Int32Array(size))
    const kinds = new Map<string, number>()
    this.#relations = moves.flatMap((move, m): Relation[] => {
      if (arity(move) < 2) return []
      const kind = kindOf(move)
      if (!kinds.has(kind)) kinds.set(kind, kinds.size + 1)
      return [
        { move: m, kind: kinds.get(kind) as number, ids: [...move.keys.map(({ id }) => id), ...(move.table?.ids ?? [])], table: move.table !== null },
      ]
    })
    const related = new Set<number>()
    for (const { move, ids: inside } of this.#relations) {
      for (const id of inside) related.add(this.#setOf[id] as number)
      const { holds } = moves[move] as Move
      if (holds) related.add(holds.set)
    }
    this.#related = scalarsets.map((_, set) => related.has(set))
    this.#relatedIds = [...this.#setOf.keys()].filter((id) => related.has(this.#setOf[id] as number))
    this.#colours = new Int32Array(ids)
    this.#next = new Int32Array(ids)
    this.#best = new Int32Array(layout.words)
    this.#trial = new Int32Array(layout.words)
    this.#exchanged = new Int32Array(layout.words)
    this.#exchangeable = new Uint8Array(ids * ids)
  }

  /** The features of a scalarset, each with its place in the packed local state. */
  #featuresOf(moves: readonly Move[], local: readonly boolean[], { first, size }: Scalarset, set: number): { features: Feature[]; words: number } {
    const aligned = new Map<string, { moves: Int32Array; pointer: boolean; bits: number }>()
    moves.forEach((move, m) => {
      if (!local[m]) return
      if (move.holds !== null) {
        if (move.holds.set === set) aligned.set(`pointer ${m}`, { moves: new Int32Array(size).fill(m), pointer: true, bits: 1 })
        return
      }
      const { id } = move.keys[0] as Key
      if (this.#setOf[id] !== set) return
      const kind = kindOf(move)
      let feature = aligned.get(kind)
      if (!feature)
        aligned.set(
          kind,
          (feature = { moves: new Int32Array(size).fill(-1), pointer: false, bits: 32 - Math.clz32(this.#layout.mask[move.slot] as number) }),
        )
      feature.moves[id - first] = m
    })
    const features: Feature[] = []
    let word = 0
    let shift = 0
    for (const { moves: row, pointer, bits } of aligned.values()) {
      if (shift + bits > 32) {
        word++
        shift = 0
      }
      features.push({ moves: row, pointer, word, shift })
      shift += bits
    }
    return { features, words: features.length === 0 ? 0 : word + 1 }
  }

  /** Writes the canonical form of the state at `at` to `out` at `to`. */
  of(states: Int32Array, at: number, out: Int32Array, to: number): void {
    let sorted = true
    const { scalarsets } = this.symmetry
    for (let set = 0; set < scalarsets.length; set++) {
      this.#localStates(set, states, at)
      if (!this.#related[set] && !this.#sort(set)) sorted = false
    }
    if (this.#relations.length > 0) {
      this.#ofRelated(states, at, out, to)
      return
    }
    if (sorted) for (let w = 0; w < this.#words; w++) out[to + w] = states[at + w] as number
    else this.permute(states, at, this.#permutation, out, to)
  }

  #peek(states: Int32Array, at: number, move: number): number {
    return ((states[at + (this.#slotWord[move] as number)] as number) >>> (this.#slotShift[move] as number)) & (this.#slotMask[move] as number)
  }

  /** Whether the guards of a move hold in a state. */
  #applies(states: Int32Array, at: number, move: number): boolean {
    const { word, shift, mask } = this.#layout
    for (let g = this.#guardStart[move] as number; g < (this.#guardStart[move + 1] as number); g++) {
      const slot = this.#guardSlot[g] as number
      const value = ((states[at + (word[slot] as number)] as number) >>> (shift[slot] as number)) & (mask[slot] as number)
      if (this.#guardAbove[g] === 1 ? value <= (this.#guardValue[g] as number) : value !== this.#guardValue[g]) return false
    }
    return true
  }

  #localStates(set: number, states: Int32Array, at: number): void {
    const local = this.#local[set] as Int32Array
    const words = this.#localWords[set] as number
    const features = this.#features[set] as readonly Feature[]
    local.fill(0)
    for (let f = 0; f < features.length; f++) {
      const { moves, pointer, word, shift } = features[f] as Feature
      if (pointer) {
        const move = moves[0] as number
        const id = this.#peek(states, at, move) - (this.#plus[move] as number)
        if (id >= 0 && this.#applies(states, at, move)) local[id * words + word] = (local[id * words + word] as number) | (1 << shift)
        continue
      }
      for (let i = 0; i < moves.length; i++) {
        const move = moves[i] as number
        if (move < 0) continue
        const value = this.#peek(states, at, move)
        if (value !== 0 && this.#applies(states, at, move)) local[i * words + word] = (local[i * words + word] as number) | (value << shift)
      }
    }
  }

  /** Sorts the ids of a scalarset by their local states. Gives true where they are in order. */
  #sort(set: number): boolean {
    const { first, size } = this.symmetry.scalarsets[set] as Scalarset
    const order = this.#order[set] as Int32Array
    const local = this.#local[set] as Int32Array
    const words = this.#localWords[set] as number
    let sorted = true
    order[0] = 0
    // Insertion sort: the ids are few and often in order.
    for (let i = 1; i < size; i++) {
      let j = i
      while (j > 0 && compare(local, (order[j - 1] as number) * words, i * words, words) > 0) {
        order[j] = order[j - 1] as number
        j--
      }
      order[j] = i
      if (j !== i) sorted = false
    }
    for (let i = 0; i < size; i++) this.#permutation[first + (order[i] as number)] = i
    return sorted
  }

  /** Writes a state under a permutation: per id its new number within its scalarset. */
  permute(states: Int32Array, at: number, permutation: Int32Array, out: Int32Array, to: number): void {
    const { word, shift } = this.#layout
    const words = this.#words
    for (let w = 0; w < words; w++) out[to + w] = (states[at + w] as number) & (this.#fixed[w] as number)
    const { tables } = this.symmetry
    for (let t = 0; t < tables.length; t++)
      elementsUnder(this.symmetry, tables[t] as (typeof tables)[number], permutation, this.#elements[t] as Int32Array)
    const moves = this.#base.length
    for (let m = 0; m < moves; m++) {
      const value = this.#peek(states, at, m)
      const holds = this.#holds[m] as number
      // Zero is what is there already, except where it is the number of an id.
      if (value === 0 && (holds < 0 || (this.#plus[m] as number) > 0)) continue
      if ((this.#guardStart[m] as number) !== (this.#guardStart[m + 1] as number) && !this.#applies(states, at, m)) continue
      let slot = this.#base[m] as number
      for (let k = this.#keyStart[m] as number; k < (this.#keyStart[m + 1] as number); k++)
        slot += (this.#keyStride[k] as number) * (permutation[this.#keyId[k] as number] as number)
      if ((this.#table[m] as number) >= 0) slot += (this.#elements[this.#table[m] as number] as Int32Array)[this.#element[m] as number] as number
      const plus = this.#plus[m] as number
      const moved = holds < 0 ? value : (permutation[holds + value - plus] as number) + plus
      const target = to + (word[slot] as number)
      out[target] = (out[target] as number) | (moved << (shift[slot] as number))
    }
  }

  // --- ties

  #ofRelated(states: Int32Array, at: number, out: Int32Array, to: number): void {
    this.#states = states
    this.#at = at
    this.#hasBest = false
    this.#exchangeable.fill(0)
    const { scalarsets } = this.symmetry
    for (const id of this.#relatedIds) {
      const set = this.#setOf[id] as number
      const words = this.#localWords[set] as number
      const local = this.#local[set] as Int32Array
      let colour = set + 1
      for (let w = 0; w < words; w++) colour = mix(colour, local[(id - (scalarsets[set] as Scalarset).first) * words + w] as number) | 0
      this.#colours[id] = colour
    }
    this.#search()
    for (let w = 0; w < this.#words; w++) out[to + w] = this.#best[w] as number
  }

  /** Tries out every way to tell tied ids apart. */
  #search(): void {
    this.#refine()
    const tied = this.#firstTie()
    if (tied === null) {
      this.#leaf()
      return
    }
    const colours = this.#colours.slice()
    for (const id of tied) {
      this.#colours.set(colours)
      this.#colours[id] = mix(colours[id] as number, 0x51ed270b) | 0
      this.#search()
    }
  }

  /** Mixes into each colour the colours that the state relates it to, until the classes no longer fall apart. */
  #refine(): void {
    let classes = this.#classes()
    for (;;) {
      const colours = this.#colours
      const next = this.#next
      for (const id of this.#relatedIds) next[id] = colours[id] as number
      for (const relation of this.#relations) this.#relate(relation, colours, next)
      for (const id of this.#relatedIds) next[id] = mix(next[id] as number, colours[id] as number) | 0
      this.#colours = next
      this.#next = colours
      const after = this.#classes()
      if (after <= classes) return
      classes = after
    }
  }

  #relate({ move, kind, ids, table }: Relation, colours: Int32Array, next: Int32Array): void {
    const states = this.#states
    const at = this.#at
    const raw = this.#peek(states, at, move)
    const holds = this.#holds[move] as number
    const value = holds < 0 ? raw : raw - (this.#plus[move] as number)
    if (holds < 0 ? value === 0 : value < 0) return
    if (!this.#applies(states, at, move)) return
    // An id is told apart by its position, except in elements that are sets.
    let all = mix(kind, holds < 0 ? value : 0)
    for (let p = 0; p < ids.length; p++) all = (all + mix(table ? 1 : p + 1, colours[ids[p] as number] as number)) | 0
    if (holds >= 0) all = (all + mix(-1, colours[holds + value] as number)) | 0
    for (let p = 0; p < ids.length; p++) {
      const id = ids[p] as number
      next[id] = ((next[id] as number) + mix(table ? 1 : p + 1, all)) | 0
    }
    if (holds >= 0) next[holds + value] = ((next[holds + value] as number) + mix(-1, all)) | 0
  }

  /** The number of different colours, over all scalarsets. */
  #classes(): number {
    const ids = this.#relatedIds
    let classes = 0
    for (let i = 0; i < ids.length; i++) {
      let j = 0
      while (
        j < i &&
        (this.#setOf[ids[i] as number] !== this.#setOf[ids[j] as number] || this.#colours[ids[i] as number] !== this.#colours[ids[j] as number])
      )
        j++
      if (j === i) classes++
    }
    return classes
  }

  /** The class of least colour that is really tied: one id for all that can be exchanged with it. Null where there is none. */
  #firstTie(): readonly number[] | null {
    const { scalarsets } = this.symmetry
    let best: readonly number[] | null = null
    let least = 0
    for (let set = 0; set < scalarsets.length; set++) {
      if (!this.#related[set]) continue
      const { first, size } = scalarsets[set] as Scalarset
      for (let id = first; id < first + size; id++) {
        const colour = this.#colours[id] as number
        const members: number[] = []
        for (let other = first; other < first + size; other++) if (this.#colours[other] === colour) members.push(other)
        if (members[0] !== id || members.length === 1) continue
        const different = members.filter((member, i) => !members.slice(0, i).some((earlier) => this.#canExchange(earlier, member)))
        if (different.length > 1 && (best === null || colour < least)) {
          best = different
          least = colour
        }
      }
      if (best !== null) return best
    }
    return null
  }

  /** Whether the state stays the same when two ids are exchanged. */
  #canExchange(a: number, b: number): boolean {
    const { ids } = this.symmetry
    const known = this.#exchangeable[a * ids + b] as number
    if (known !== 0) return known === 1
    let permutation = this.#exchanges.get(a * ids + b)
    if (permutation === undefined) this.#exchanges.set(a * ids + b, (permutation = exchange(this.symmetry, a, b)))
    this.permute(this.#states, this.#at, permutation, this.#exchanged, 0)
    let same = true
    for (let w = 0; w < this.#words; w++) if (this.#exchanged[w] !== this.#states[this.#at + w]) same = false
    this.#exchangeable[a * ids + b] = same ? 1 : 2
    return same
  }

  /** All ids are told apart, or exchangeable: the state in their order is a candidate. */
  #leaf(): void {
    const { scalarsets } = this.symmetry
    const permutation = this.#permutation
    const colours = this.#colours
    for (let set = 0; set < scalarsets.length; set++) {
      if (!this.#related[set]) continue
      const { first, size } = scalarsets[set] as Scalarset
      for (let id = first; id < first + size; id++) {
        let number = 0
        for (let other = first; other < first + size; other++) {
          const difference = (colours[other] as number) - (colours[id] as number)
          if (difference < 0 || (difference === 0 && other < id)) number++
        }
        permutation[id] = number
      }
    }
    this.permute(this.#states, this.#at, permutation, this.#trial, 0)
    if (this.#hasBest && compareAll(this.#trial, this.#best) >= 0) return
    this.#best.set(this.#trial)
    this.#hasBest = true
  }
}

/** How many ids a slot is about; an element that is a set counts as being about several. */
function arity({ keys, holds, table }: Move): number {
  const inside = table?.ids.length ?? 0
  if (table !== null && keys.length + inside > 0) return keys.length + inside + 1
  return keys.length + (holds === null ? 0 : 1)
}

/** A text that is equal for moves that permutations carry to one another. */
function kindOf({ base, keys, holds, guards, table }: Move): string {
  return JSON.stringify([
    base,
    keys.map(({ stride }) => stride),
    holds,
    guards.map(({ base: at, above, value }) => [at, above, value]),
    table && [table.number, table.ids.length],
  ])
}

function starts(lengths: readonly number[]): Int32Array {
  const row = new Int32Array(lengths.length + 1)
  lengths.forEach((length, i) => {
    row[i + 1] = (row[i] as number) + length
  })
  return row
}

/** Orders two rows in one array. */
function compare(row: Int32Array, a: number, b: number, length: number): number {
  for (let i = 0; i < length; i++) {
    if (row[a + i] !== row[b + i]) return (row[a + i] as number) < (row[b + i] as number) ? -1 : 1
  }
  return 0
}

function compareAll(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number) ? -1 : 1
  return 0
}
