/** Beyond 2^31 and up to 2^32 states, without the states: all segments of the arena are the same memory. */
import { expect, test } from 'vitest'
import { Arena, SEGMENT } from '../../src/visited/arena.ts'

const STATES = 2 ** 32

/** An arena with room for 2^32 states of one word, of which no two segments are told apart by what is in them. */
function largest(): Arena {
  const buffers = new Map<number, ArrayBuffer>()
  const arena = new Arena(1, (bytes) => {
    const known = buffers.get(bytes) ?? new ArrayBuffer(bytes)
    buffers.set(bytes, known)
    return known
  })
  arena.reserve(STATES)
  return arena
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
