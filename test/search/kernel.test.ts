/** Compiled look-ups against those of JavaScript, on one table. */
import { expect, test } from 'vitest'
import { Heap } from '../../src/program/heap.ts'
import { Kernel, roundIn } from '../../src/search/kernel.ts'
import { PARTS } from '../../src/search/parts.ts'
import { KeySet } from '../../src/search/visited.ts'
import { memoryOf } from '../../src/wasm/machine.ts'

/** A heap of so many bytes, all but the smallest of which is full after some million keys. */
function heapOf(bytes: number): Heap {
  const memory = memoryOf(bytes >>> 16)
  new Int32Array(memory.buffer)[0] = 1
  return new Heap(memory)
}

function tableOf(heap: Heap, words: 1 | 2) {
  const keys = new KeySet(words)
  const kernel = new Kernel(heap, keys, words, 1, roundIn(heap, 1), 0)
  /** Looks up the keys in an array of the heap; gives which are new. */
  const add = (states: Int32Array, count: number): number[] => {
    kernel.begin()
    const half = count >>> 1
    const found: number[] = []
    for (const [chunk, from, to] of [
      [0, 0, half],
      [1, half, count],
    ] as const) {
      kernel.beginChunk(chunk)
      kernel.deal(states, from, to)
      kernel.endChunk(chunk)
    }
    for (let part = 0; part < PARTS; part++) kernel.insert(part, 2)
    for (const [chunk, from, to] of [
      [0, 0, half],
      [1, half, count],
    ] as const) {
      const n = kernel.collect(chunk, from, to)
      expect(n).toBe(kernel.newIn(chunk))
      found.push(...kernel.fresh.subarray(0, n))
    }
    return found
  }
  return { keys, kernel, add }
}

test.each([1, 2] as const)('the first of equal keys is new, in order; JavaScript and compiled code take turns: keys of %d words', (words) => {
  const heap = heapOf(1 << 28)
  const { keys, add } = tableOf(heap, words)
  const known = new Set<string>()
  const states = heap.int32(words * 4000)
  let seed = 17
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % n
  }
  const text = (lo: number, hi: number): string => `${lo},${hi}`
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 4000; i++) {
      // Zero is among them.
      states[words * i] = random(1000) - 500
      if (words === 2) states[2 * i + 1] = random(100)
    }
    const expected: number[] = []
    for (let i = 0; i < 4000; i++) {
      const key = text(states[words * i] as number, words === 2 ? (states[2 * i + 1] as number) : 0)
      if (!known.has(key)) expected.push(i)
      known.add(key)
    }
    expect(add(states, 4000)).toEqual(expected)
    // JavaScript adds some.
    const [lo, hi] = [random(1000), words === 2 ? 100 + round : 0]
    expect(keys.add(lo, hi)).toBe(!known.has(text(lo, hi)))
    known.add(text(lo, hi))
  }
  expect(keys.size).toBe(known.size)
})

test('a table that outgrows the heap is gone on with outside', () => {
  const heap = heapOf(1 << 26)
  const { keys, kernel, add } = tableOf(heap, 2)
  const count = 1 << 16
  const states = heap.int32(2 * count)
  let fullAfter = 0
  let total = 0
  for (let next = 0; fullAfter === 0 || next < fullAfter + 4 * count; next += count) {
    for (let i = 0; i < count; i++) {
      states[2 * i] = Math.imul(next + i, 0x9e3779b1)
      states[2 * i + 1] = next + i
    }
    expect(add(states, count).length).toBe(count)
    total += count
    if (fullAfter === 0 && kernel.full) fullAfter = next
  }
  expect(fullAfter).toBeGreaterThan(2_000_000)
  expect(keys.size).toBe(total)
  for (let i = 0; i < total; i += 9973) expect([i, keys.has(Math.imul(i, 0x9e3779b1), i)]).toEqual([i, true])
  expect(keys.has(1, total + 5)).toBe(false)
  // What was there is not new.
  for (let i = 0; i < count; i++) {
    states[2 * i] = Math.imul(30 * i, 0x9e3779b1)
    states[2 * i + 1] = 30 * i
  }
  expect(add(states, count).length).toBe(0)
})
