/** Beyond 2^31 and up to 2^32 states, without the states: all segments of the arena are the same memory. */
import { expect, test } from 'vitest'
import { Heap } from '../../src/layout/heap.ts'
import { Arena, Full, SEGMENT } from '../../src/visited/arena.ts'
import { Kernel, roundIn } from '../../src/visited/kernel.ts'
import { PARTS } from '../../src/visited/parts.ts'
import { hashOf, StateSet } from '../../src/visited/visited.ts'
import { memoryOf } from '../../src/wasm/machine.ts'

const STATES = 2 ** 32

/** An arena with room for 2^32 states of one word, of which no two segments are told apart by what is in them. */
function largest(): Arena {
  const arena = new Arena(1, alike(), STATES)
  arena.reserve(STATES)
  return arena
}

/** Memory of which there is one piece of each size. */
function alike(): (bytes: number) => ArrayBuffer {
  const buffers = new Map<number, ArrayBuffer>()
  return (bytes) => {
    const known = buffers.get(bytes) ?? new ArrayBuffer(bytes)
    buffers.set(bytes, known)
    return known
  }
}

test('indices and parents around 2^31 and at 2^32 are what they are', () => {
  const arena = largest()
  expect(arena.room).toBe(STATES)
  const state = Int32Array.of(7)
  // Places of their own within a segment: a step is kept there.
  const pairs: [index: number, parent: number][] = [
    [5 * SEGMENT + 10, 5 * SEGMENT + 10],
    [2 ** 31 - 20, 5 * SEGMENT + 10],
    [2 ** 31 + 30, 2 ** 31 - 20],
    [STATES - 40, 2 ** 31 + 30],
    [STATES - 1, STATES - 40],
  ]
  for (const [index, parent] of pairs) arena.put(index, state, 0, parent)
  expect(pairs.map(([index]) => arena.parent(index))).toEqual(pairs.map(([, parent]) => parent))
  expect(arena.pathTo(STATES - 1)).toEqual(pairs.map(([index]) => index))
  expect(pairs.map(([index]) => arena.segment(index)[arena.offset(index)])).toEqual([7, 7, 7, 7, 7])
})

test('an arena has whole segments of as many states as it may have, and then says that it is full', () => {
  const arena = new Arena(1, (bytes) => new ArrayBuffer(bytes), 2 * SEGMENT + 10)
  expect(arena.most).toBe(2 * SEGMENT)
  arena.reserve(2 * SEGMENT)
  arena.length = 2 * SEGMENT - 1
  expect(arena.push(Int32Array.of(1), 0, 0)).toBe(2 * SEGMENT - 1)
  expect(() => arena.push(Int32Array.of(2), 0, 0)).toThrow(new Full(2 * SEGMENT))
  expect(() => arena.append(Int32Array.of(2), Uint32Array.of(0), 1)).toThrow(Full)
  expect(arena.length).toBe(2 * SEGMENT)
  expect(() => arena.atMost(SEGMENT)).toThrow(new Full(SEGMENT))
  // By default no number plus 1 is 2^32.
  const most = new Arena(1).most
  expect([most, most + SEGMENT]).toEqual([2 ** 32 - SEGMENT, 2 ** 32])
})

test('a visited set tells states by numbers around 2^31 and up to the largest', () => {
  const states = new Map<number, Int32Array>()
  const source = { words: 3, segment: (index: number) => states.get(index) as Int32Array, offset: () => 0 }
  const set = new StateSet(source)
  const numbers = [0, 1, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 3, 2 ** 32 - 2]
  const stateOf = (i: number): Int32Array => Int32Array.of(i, -i, 7)
  numbers.forEach((index, i) => {
    states.set(index, stateOf(i))
    expect(set.add(stateOf(i), 0, index)).toBe(true)
  })
  // Growing moves them.
  const before = set.parts.bytes
  for (let i = 100; i < 60_000; i++) {
    states.set(i, stateOf(i))
    set.add(stateOf(i), 0, i)
  }
  expect(set.parts.bytes).toBeGreaterThan(before)
  expect(numbers.map((_, i) => set.has(stateOf(i), 0))).toEqual(numbers.map(() => true))
  expect(set.has(stateOf(60_000), 0)).toBe(false)
  set.renumber(hashOf(stateOf(7), 0, 3), 2 ** 32 - 2, 2 ** 31 + 5)
  states.set(2 ** 31 + 5, stateOf(7)).delete(2 ** 32 - 2)
  expect([set.has(stateOf(7), 0), set.size]).toEqual([true, numbers.length + 59_900])
})

test('where compiled code has looked up states of more than 64 bits, there are numbers for less than 2^31', () => {
  const memory = memoryOf((1 << 26) >>> 16)
  new Int32Array(memory.buffer)[0] = 1
  const heap = new Heap(memory)
  const arena = new Arena(3, alike())
  const set = new StateSet(arena)
  const kernel = new Kernel(heap, set, arena, 1, roundIn(heap, 1), 0)
  const most = 2 ** 31 - SEGMENT
  expect(arena.most).toBe(most)
  // All that lies outside the heap is the same memory.
  arena.reserve(most)
  arena.length = most - 5
  const states = heap.int32(3 * 8)
  const sources = heap.uint32(8).fill(most - 6)
  const add = (count: number): number => {
    kernel.begin()
    kernel.beginChunk(0)
    kernel.deal(states, 0, count)
    kernel.endChunk(0)
    for (let part = 0; part < PARTS; part++) kernel.insert(part, 1)
    const found = kernel.collect(0, 0, count)
    kernel.gather(states, sources, heap.int32(8), found)
    kernel.number(0, arena.length)
    arena.append(kernel.states, kernel.sources, found)
    return found
  }
  for (let i = 0; i < 8; i++) states.set([i + 1, 2 * i, -i], 3 * i)
  expect(add(3)).toBe(3)
  expect([add(3), arena.length, set.size]).toEqual([0, most - 2, 3])
  expect(add(5)).toBe(2)
  expect([add(5), arena.length, set.size]).toEqual([0, most, 5])
  expect(arena.parent(most - 1)).toBe(most - 6)
  expect(() => add(6)).toThrow(new Full(most))
  expect(arena.length).toBe(most)
})

test('no compiled code looks up states of which there are too many already', () => {
  const many = new Arena(3, alike())
  many.reserve(2 ** 31)
  const heap = new Heap(memoryOf((1 << 24) >>> 16))
  expect(() => new Kernel(heap, new StateSet(many), many, 1, roundIn(heap, 1), 0)).toThrow(Full)
})
