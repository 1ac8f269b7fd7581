/** Plain data by generated code is the plain data of the types, and packs to the same words; what the types refuse is not packed. */
import { bag, bool, enumOf, ids, int, map, option, record, seq, set, union, value } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { RankedSet } from '../../src/direct/rankedSet.ts'
import { interpreted, plainStateOf } from '../../src/direct/state.ts'
import { layoutOf, packSlots, readSlot } from '../../src/layout/layout.ts'
import { RecordType } from '../../src/types/record.ts'
import type { AnyType } from '../../src/types/type.ts'
import { keyOf } from '../../src/values/collections.ts'

/** Numbers that follow from a seed. */
function numbers(seed: number): (n: number) => number {
  let x = seed * 2654435761 + 1
  return (n) => {
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return ((x ^ (x >>> 13)) >>> 0) % n
  }
}

function scalar(random: (n: number) => number): AnyType {
  switch (random(5)) {
    case 0:
      return bool
    case 1:
      return int(0, 1 + random(9))
    case 2:
      return int(-3 - random(4), 5)
    case 3:
      return enumOf('idle', 'busy', '__proto__', 'a b', 'c', 'd')
    default:
      return ids('r', 1 + random(3))
  }
}

function typeOf(random: (n: number) => number, depth: number): AnyType {
  const inner = (): AnyType => typeOf(random, depth - 1)
  switch (depth === 0 ? 0 : random(12)) {
    case 1:
    case 2:
      return record({ b: inner(), a: inner(), ...(random(2) === 0 && { ['__proto__']: inner() }) })
    case 3:
      return map(ids('k', 2), inner())
    case 4:
      return map(int(-1, 20), scalar(random))
    case 5:
      return seq(inner(), 1 + random(4))
    case 6:
      return seq(scalar(random), 60)
    case 7:
      return set(scalar(random))
    case 8:
      return set(record({ x: scalar(random), y: option(int(0, 8)) }))
    case 9:
      return union('type', { one: { x: scalar(random) }, two: {}, three: { y: scalar(random), x: set(bool) } })
    case 10:
      return option(inner())
    case 11:
      return random(2) === 0 ? bag(scalar(random), 3) : value<unknown>(null)
    default:
      return scalar(random)
  }
}

/** A text of plain data, with the order of keys. */
const textOf = (plain: unknown): string =>
  JSON.stringify(plain, (_key, inner) =>
    inner instanceof Set || (typeof inner === 'object' && inner !== null && 'distinct' in inner) ? { all: [...inner] } : inner,
  )

/** Something that may be no value of a type any more. */
function spoilt(plain: unknown, random: (n: number) => number): unknown {
  const odd = [undefined, null, -1, 1.5, -0, 'x', {}, [], new Set(), true, 100, { a: 1 }]
  if (typeof plain !== 'object' || plain === null || random(4) === 0) return odd[random(odd.length)]
  if (plain instanceof Set) {
    plain.add(odd[random(odd.length)])
    return plain
  }
  if (Array.isArray(plain)) {
    if (random(2) === 0 || plain.length === 0) plain.push(odd[random(odd.length)])
    else plain[0] = spoilt(plain[0], random)
    return plain
  }
  if ('distinct' in plain) return plain
  const object = plain as Record<string, unknown>
  const names = Object.keys(object)
  const way = random(8)
  if (way < 2) object['more'] = 1
  else if (way < 4 && names.length > 0) delete object[names[random(names.length)] as string]
  else if (names.length > 0) {
    const name = names[random(names.length)] as string
    object[name] = spoilt(object[name], random)
  }
  return object
}

describe.each([
  ['generated', plainStateOf, 150],
  ['interpreted', interpreted, 30],
] as const)('%s, over random types', (_, make, seeds) => {
  test.each(Array.from({ length: seeds }, (_, seed) => [seed]))('seed %i', (seed) => {
    const random = numbers(seed)
    const type = new RecordType(Object.fromEntries(['n', 'm', 'w', '_x'].map((name) => [name, typeOf(random, 3)])))
    const layout = layoutOf(type)
    const code = make(layout)
    const packed = (row: readonly number[]): Int32Array => {
      const words = new Int32Array(layout.words)
      packSlots(layout, row, words, 0)
      return words
    }
    /** The row of a value: one in which nothing is `null` in two ways, as an option of an option may be. */
    const rowOf = (): number[] => {
      const row = new Array<number>(layout.slots.length).fill(0)
      type.vary(row, 0, () => false, random)
      return type.row(type.thaw(row, 0))
    }
    let refused = 0
    for (let round = 0; round < 20; round++) {
      const row = rowOf()
      const words = packed(row)
      expect(Array.from({ length: row.length }, (_, slot) => readSlot(layout, words, 0, slot))).toEqual(row)
      const whole = code.whole(words, 0) as Record<string, unknown>
      const thawed = type.thaw(row, 0) as Record<string, unknown>
      expect(keyOf(whole)).toBe(keyOf(thawed))
      expect(textOf(whole)).toBe(textOf(thawed))
      const out = new Int32Array(layout.words).fill(-1)
      code.encode(code.whole(words, 0), out, 0)
      expect(out).toEqual(words)

      const lazy = code.lazy(words, 0) as Record<string, unknown>
      for (const [name] of type.fields) expect(textOf(lazy[name])).toBe(textOf(thawed[name]))
      expect(code.assigned(lazy)).toBe(false)
      code.save(lazy, out.fill(-1), 0)
      expect(out).toEqual(words)
      // A variable of another state, put in.
      const other = rowOf()
      const [name, inner, offset] = type.fields[random(4)] as (typeof type.fields)[number]
      const mixed = code.lazy(words, 0) as Record<string, unknown>
      mixed[name] = (type.thaw(other, 0) as Record<string, unknown>)[name]
      const expected = [...row]
      for (let i = 0; i < inner.slots.length; i++) expected[offset + i] = other[offset + i] as number
      code.save(mixed, out.fill(-1), 0)
      expect(out).toEqual(packed(expected))

      // What is packed is what the types say; what they refuse is not packed.
      const wrong = spoilt(code.whole(words, 0), random)
      let legal: number[] | undefined
      try {
        legal = type.row(wrong)
      } catch {
        refused++
      }
      let told = true
      try {
        code.encode(wrong as object, out.fill(-1), 0)
      } catch {
        told = false
      }
      if (legal === undefined) expect(told, textOf(wrong)).toBe(false)
      if (told) expect(out).toEqual(packed(legal as number[]))
    }
    expect(refused).toBeGreaterThan(0)
  })
})

describe('a ranked set is a set by value', () => {
  const elements = { n: 40, rank: (v: unknown) => (typeof v === 'number' && v >= 0 && v < 40 ? v : -1), fresh: (rank: number) => rank }
  const made = (): RankedSet => new RankedSet(elements, [0b101, 0b1])

  test('before and after it is listed', () => {
    const one = made()
    expect([one.size, one.has(0), one.has(1), one.has(30), one.has('x')]).toEqual([3, true, false, true, false])
    one.add(1).add(1).delete(0)
    one.add(0)
    expect(one.size).toBe(4)
    expect([...one]).toEqual([2, 30, 1, 0])
    expect(one.delete(2)).toBe(true)
    expect(one.delete(2)).toBe(false)
    expect([...one]).toEqual([30, 1, 0])
    expect(one.bits(elements)).toEqual([0b11, 0b1])
    one.add('x')
    expect(one.bits(elements)).toBe(null)
  })

  test('what was put in is the same object, and is looked at again', () => {
    const records = {
      n: 4,
      rank: (v: unknown) => ((v as { x: number }).x < 4 ? (v as { x: number }).x : -1),
      fresh: (x: number) => ({ x }),
    }
    const one = new RankedSet(records, [0])
    const mine = { x: 3 }
    one.add(mine)
    expect(one.has({ x: 3 })).toBe(true)
    expect(one.bits(records)).toEqual([0b1000])
    mine.x = 2
    expect(one.bits(records)).toBe(null)
    expect([...one][0]).toBe(mine)
  })

  test('its other methods', () => {
    expect([...made().union(new Set([7]))]).toEqual([0, 2, 30, 7])
    expect(made().isSubsetOf(new Set([0, 2, 30, 31]))).toBe(true)
    expect(JSON.stringify(made())).toBe('{}')
    expect(Object.keys(made())).toEqual([])
    expect(made().constructor).toBe(Set)
    const one = made()
    one.clear()
    expect([one.size, one.bits(elements)]).toEqual([0, [0, 0]])
    expect(structuredClone(new Set(made()))).toEqual(new Set([0, 2, 30]))
  })
})
