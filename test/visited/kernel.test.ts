/** Compiled look-ups against those of JavaScript, on one table. */
import { expect, test } from 'vitest'
import { Heap } from '../../src/layout/heap.ts'
import { Arena } from '../../src/visited/arena.ts'
import { Kernel, roundIn } from '../../src/visited/kernel.ts'
import { PARTS } from '../../src/visited/parts.ts'
import { hashOf, KeySet, StateSet } from '../../src/visited/visited.ts'
import { memoryOf } from '../../src/wasm/machine.ts'

/** A heap of so many bytes, all but the smallest of which is full after some million keys. */
function heapOf(bytes: number): Heap {
  const memory = memoryOf(bytes >>> 16)
  new Int32Array(memory.buffer)[0] = 1
  return new Heap(memory)
}

/** A search's table, with states that were found before there was a heap. */
function tableOf(heap: Heap, words: number, before: readonly (readonly number[])[] = []) {
  const arena = new Arena(words)
  const keys = words <= 2 ? new KeySet(words as 1 | 2) : null
  const states = keys === null ? new StateSet(arena) : null
  const visited = (keys ?? states) as KeySet | StateSet
  /** Adds a state by JavaScript. */
  const addOne = (state: readonly number[]): boolean => {
    const isNew = keys !== null ? keys.add(state[0] as number, state[1] ?? 0) : (states as StateSet).add(Int32Array.from(state), 0, arena.length)
    if (isNew) arena.push(Int32Array.from(state), 0, arena.length)
    return isNew
  }
  const has = (state: readonly number[]): boolean =>
    keys !== null ? keys.has(state[0] as number, state[1] ?? 0) : (states as StateSet).has(Int32Array.from(state), 0)
  for (const state of before) addOne(state)
  const kernel = new Kernel(heap, visited, arena, 1, roundIn(heap, 1), 0)
  const instances = heap.int32(1 << 17)
  const sources = heap.uint32(1 << 17)
  /** Looks up the states in an array of the heap; gives which are new. */
  const add = (all: Int32Array, count: number): number[] => {
    kernel.begin()
    const half = count >>> 1
    const found: number[] = []
    const chunks = [
      [0, 0, half],
      [1, half, count],
    ] as const
    for (const [chunk, from, to] of chunks) {
      kernel.beginChunk(chunk)
      kernel.deal(all, from, to)
      kernel.endChunk(chunk)
    }
    for (let part = 0; part < PARTS; part++) kernel.insert(part, chunks.length)
    for (const [chunk, from, to] of chunks) {
      const n = kernel.collect(chunk, from, to)
      expect(n).toBe(kernel.newIn(chunk))
      found.push(...kernel.fresh.subarray(0, n))
      kernel.gather(all, sources, instances, n)
      kernel.number(chunk, arena.length)
      arena.append(kernel.states, kernel.sources, n)
    }
    return found
  }
  return { heap, visited, arena, kernel, add, addOne, has }
}

test.each([1, 2, 3, 4, 7, 64])('the first of equal states is new, in order; JavaScript and compiled code take turns: states of %d words', (words) => {
  const heap = heapOf(1 << 28)
  let seed = 17
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % n
  }
  // Zero is among them. They differ in the first words, or in the last.
  const some = (): number[] => Array.from({ length: words }, (_, w) => (w === 0 ? random(1000) - 500 : w === words - 1 ? random(100) : 0))
  const before = [some(), some()]
  const { visited, arena, add, addOne, has } = tableOf(heap, words, before)
  const order: string[] = []
  const known = new Set<string>()
  const isNew = (state: readonly number[]): boolean => {
    const text = state.join()
    if (known.has(text)) return false
    known.add(text)
    order.push(text)
    return true
  }
  for (const state of before) isNew(state)
  const states = heap.int32(words * 4000)
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 4000; i++) states.set(some(), words * i)
    const expected: number[] = []
    for (let i = 0; i < 4000; i++) if (isNew([...states.subarray(words * i, words * (i + 1))])) expected.push(i)
    expect(add(states, 4000)).toEqual(expected)
    // JavaScript adds some.
    const one = [random(1000), ...Array.from({ length: words - 1 }, () => 100 + round)]
    expect(addOne(one)).toBe(isNew(one))
    expect([has(one), has(one.map((word) => word + 1000))]).toEqual([true, false])
  }
  expect(visited.size).toBe(known.size)
  expect(arena.length).toBe(known.size)
  const kept = order.map((_, i) =>
    arena
      .segment(i)
      .slice(arena.offset(i), arena.offset(i) + words)
      .join(),
  )
  expect(kept).toEqual(order)
})

test.each([2, 3])('a table that outgrows the heap is gone on with outside: states of %d words', (words) => {
  const heap = heapOf(1 << 26)
  const { visited, arena, kernel, add, has } = tableOf(heap, words)
  const count = 1 << 16
  const states = heap.int32(words * count)
  const stateOf = (i: number): number[] => [Math.imul(i, 0x9e3779b1), ...Array.from({ length: words - 1 }, () => i)]
  let fullAfter = 0
  let total = 0
  for (let next = 0; fullAfter === 0 || next < fullAfter + 4 * count; next += count) {
    for (let i = 0; i < count; i++) states.set(stateOf(next + i), words * i)
    expect(add(states, count).length).toBe(count)
    total += count
    if (fullAfter === 0 && kernel.full) fullAfter = next
  }
  // Of states in the arena half of the heap is taken.
  expect(fullAfter).toBeGreaterThan(words === 2 ? 2_000_000 : 800_000)
  expect(arena.outside).toBe(words === 3)
  expect(visited.size).toBe(total)
  for (let i = 0; i < total; i += 9973) expect([i, has(stateOf(i))]).toEqual([i, true])
  expect(has([1, ...Array.from({ length: words - 1 }, () => total + 5)])).toBe(false)
  // What was there is not new.
  for (let i = 0; i < count; i++) states.set(stateOf(15 * i), words * i)
  expect(add(states, count).length).toBe(0)
})

test('states with one hash are told apart', () => {
  const heap = heapOf(1 << 28)
  const { visited, arena, add, has } = tableOf(heap, 3)
  const stateOf = (i: number): number[] => [i, 31 * i, 7]
  const pairs: number[] = []
  const byHash = new Map<number, number>()
  for (let i = 0; pairs.length < 20; i++) {
    const hash = hashOf(Int32Array.from(stateOf(i)), 0, 3)
    const other = byHash.get(hash)
    if (other !== undefined) pairs.push(other, i)
    byHash.set(hash, i)
  }
  const states = heap.int32(3 * 2 * pairs.length)
  // All in one round, each twice; then those that have the hash of a state that is in the arena.
  pairs.forEach((i, k) => {
    states.set(stateOf(i), 3 * k)
    states.set(stateOf(i), 3 * (pairs.length + k))
  })
  expect(add(states, 2 * pairs.length)).toEqual(pairs.map((_, k) => k))
  expect(add(states, 2 * pairs.length)).toEqual([])
  expect([visited.size, arena.length, pairs.every((i) => has(stateOf(i)))]).toEqual([20, 20, true])
  const again = tableOf(heapOf(1 << 28), 3, [stateOf(pairs[0] as number)])
  const one = Int32Array.from(stateOf(pairs[1] as number))
  const target = again.heap.int32(3)
  target.set(one)
  expect(again.add(target, 1)).toEqual([0])
  expect(again.add(target, 1)).toEqual([])
})
