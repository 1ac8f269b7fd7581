/**
 * A type as slots and bits. The only place that knows where a slot lies in the packed words of a state.
 *
 *     state      { current: option(Region), prepared: set(Region) }
 *     slots      0: current (0..2)   1: r1 in prepared (0..1)   2: r2 in prepared (0..1)
 *     words      [ .... .... .... .... .... .... ...p pcc ]      c: slot 0, two bits; p: slots 1 and 2, one bit each
 *
 * A slot never straddles two words, so that reading it is one load, one shift and one mask.
 */
import type { Interner } from '../types/intern.ts'
import { known } from '../types/kinds.ts'
import type { Fields, RecordType } from '../types/record.ts'
import type { AnyType, Type } from '../types/type.ts'

/** One slot: its name in traces, and what its numbers mean. */
export interface SlotInfo {
  /** `region.r1.phase`, `queue.length`, `r1 in prepared`. */
  readonly path: string
  /** The number of values; 0 where they are interned. */
  readonly size: number
  /** The value that a number stands for: a plain value. */
  readonly value: (number: number) => unknown
  /** For an interned slot: how many values have appeared. */
  readonly seen?: () => number
  /** For an interned slot: its numbers, of each type that may lie here. The same for all slots that share them. */
  readonly interned?: readonly Interned[]
}

/** Numbers given out to values as they appear. */
export interface Interned {
  seen(): number
  value(number: number): unknown
  /** The number of a value, a new one where it has not appeared. */
  number(value: unknown): number
}

export interface Layout {
  readonly type: RecordType<Fields>
  readonly slots: readonly SlotInfo[]
  /** Words per state, of 32 bits each. */
  readonly words: number
  /** Bits in use. */
  readonly bits: number
  /** Per slot: the word it lies in, how far to shift that word to the right, and the mask to apply then. */
  readonly word: Int32Array
  readonly shift: Int32Array
  readonly mask: Int32Array
}

const INTERNED_BITS = 32

/** Lays out a state. Slots go to the first word with room, in order; where that wastes a word, the widest slots go first. */
export function layoutOf(type: RecordType<Fields>): Layout {
  const slots = type.fields.flatMap(([name, inner]) => slotsOf(inner, name))
  const bits = slots.map(({ size }) => (size === 0 ? INTERNED_BITS : 32 - Math.clz32(size - 1)))
  const total = bits.reduce((sum, n) => sum + n, 0)
  const inOrder = slots.map((_, i) => i)
  let packed = pack(bits, inOrder)
  if (packed.words > Math.ceil(total / 32)) {
    const widestFirst = pack(
      bits,
      inOrder.sort((a, b) => (bits[b] as number) - (bits[a] as number) || a - b),
    )
    if (widestFirst.words < packed.words) packed = widestFirst
  }
  return { type, slots, bits: total, ...packed }
}

function pack(bits: readonly number[], order: readonly number[]): { words: number; word: Int32Array; shift: Int32Array; mask: Int32Array } {
  const word = new Int32Array(bits.length)
  const shift = new Int32Array(bits.length)
  const mask = new Int32Array(bits.length)
  const used: number[] = [0]
  // Words before this one have no room for even one bit.
  let open = 0
  for (const slot of order) {
    const width = bits[slot] as number
    let at = open
    while ((used[at] as number) + width > 32) if (++at === used.length) used.push(0)
    word[slot] = at
    shift[slot] = (used[at] as number) & 31
    mask[slot] = width === 32 ? -1 : (1 << width) - 1
    used[at] = (used[at] as number) + width
    while (used[open] === 32 && open < used.length - 1) open++
  }
  return { words: used.length, word, shift, mask }
}

/** Reads one slot of the state whose words begin at `at`. */
export function readSlot(layout: Layout, words: Int32Array, at: number, slot: number): number {
  return ((words[at + (layout.word[slot] as number)] as number) >>> (layout.shift[slot] as number)) & (layout.mask[slot] as number)
}

/** Writes one slot of the state whose words begin at `at`. */
export function writeSlot(layout: Layout, words: Int32Array, at: number, slot: number, value: number): void {
  const word = at + (layout.word[slot] as number)
  const shift = layout.shift[slot] as number
  words[word] = ((words[word] as number) & ~((layout.mask[slot] as number) << shift)) | (value << shift)
}

/** The plain value of a packed state. */
export function unpack(layout: Layout, words: Int32Array, at: number): Readonly<Record<string, unknown>> {
  return layout.type.decode(
    layout.slots.map((_, slot) => readSlot(layout, words, at, slot)),
    0,
  )
}

/** Packs the slots of a state. */
export function packSlots(layout: Layout, slots: ArrayLike<number>, words: Int32Array, at: number): void {
  words.fill(0, at, at + layout.words)
  for (let slot = 0; slot < layout.slots.length; slot++) writeSlot(layout, words, at, slot, slots[slot] as number)
}

/** The slots of a value of a type, in the order of `type.slots`, named from `path` on. */
function slotsOf(type: AnyType, path: string): SlotInfo[] {
  const one = known(type)
  switch (one.kind) {
    case 'record':
      return one.fields.flatMap(([name, inner]) => slotsOf(inner, `${path}.${name}`))
    case 'map': {
      const { names, inner, keys } = one
      return names.flatMap((name) => slotsOf(inner, keys.kind === 'int' ? `${path}[${name}]` : `${path}.${name}`))
    }
    case 'option': {
      const { merged, inner } = one
      if (merged) return [scalar(type, path)]
      return [{ path, size: 2, value: (n) => (n === 0 ? null : 'present') }, ...slotsOf(inner, path)]
    }
    case 'union': {
      const { tag, variants, slots } = one
      const bodies = variants.map(([, body]) => body.fields.flatMap(([name, inner]) => slotsOf(inner, `${path}.${name}`)))
      const overlaid = slots.slice(1).map((size, i): SlotInfo => {
        const sharing = bodies.flatMap((body) => body[i] ?? [])
        const first = sharing[0] as SlotInfo
        // Only the name is lost where variants share a slot under different names.
        const paths = [...new Set(sharing.map((slot) => slot.path))]
        const interned = sharing.flatMap((slot) => slot.interned ?? [])
        return {
          path: paths.join(' or '),
          size,
          value: (n) => (sharing.find((slot) => slot.size === 0 || n < slot.size) ?? first).value(n),
          ...(interned.length > 0 && { interned, seen: () => Math.max(...interned.map((numbers) => numbers.seen())) }),
        }
      })
      return [{ path: `${path}.${tag}`, size: variants.length, value: (n) => (variants[n] as readonly [string, unknown])[0] }, ...overlaid]
    }
    case 'set': {
      const { interned, inner } = one
      if (interned) return [scalar(type, path)]
      return elementNames(inner).map((name) => ({ path: `${name} in ${path}`, size: 2, value: (n) => n !== 0 }))
    }
    case 'bag': {
      const { inner, max, counts } = one
      const numbers = counts && internedBy(type, counts)
      return elementNames(inner).map((name) => ({
        path: `copies of ${name} in ${path}`,
        size: numbers ? 0 : max + 1,
        value: (n) => (counts ? counts.value(n) : n),
        ...(numbers && { interned: [numbers], seen: numbers.seen }),
      }))
    }
    case 'seq': {
      const { inner, max } = one
      return [
        { path: `${path}.length`, size: max + 1, value: (n: number) => n },
        ...Array.from({ length: max }, (_, i) => slotsOf(inner, `${path}[${i}]`)).flat(),
      ]
    }
    case 'bool':
    case 'int':
    case 'enum':
    case 'ids':
    case 'value':
      return [scalar(type, path)]
  }
}

function scalar(type: AnyType, path: string): SlotInfo {
  const slot = { path, size: type.slots[0] as number, value: (n: number) => type.decode([n], 0) }
  if (slot.size !== 0) return slot
  const interned = internedBy(type)
  return { ...slot, seen: interned.seen, interned: [interned] }
}

const interning = new WeakMap<AnyType, Interned>()

/** The numbers of a type's slots, or the counts of a bag. */
function internedBy(type: AnyType, counts?: Interner<number>): Interned {
  let interned = interning.get(type)
  if (interned === undefined) {
    interned =
      counts !== undefined
        ? { seen: () => counts.size, value: (n) => counts.value(n), number: (value) => counts.number(String(value), () => Number(value)) }
        : {
            seen: () => type.seen,
            value: (n) => type.decode([n], 0),
            number: (value) => type.row(value)[0] as number,
          }
    interning.set(type, interned)
  }
  return interned
}

function elementNames(type: Type<unknown>): string[] {
  return type.values().map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
}
