import { expect, test } from 'vitest'
import { Arena, SEGMENT } from '../../src/visited/arena.ts'

/** Parents as a search gives them: 100 initial states, then in order, with pauses of all lengths. */
function parentsOf(count: number): number[] {
  const parents: number[] = []
  let parent = 0
  for (let i = 0; i < count; i++) {
    if (i < 100) parents.push(i)
    else {
      const pause = (i * 7919) % 1000
      parent = Math.min(i - 1, parent + (pause < 990 ? (pause < 500 ? 0 : 1) : pause < 997 ? 254 : pause < 999 ? 255 : 70_000))
      parents.push(parent)
    }
  }
  return parents
}
const COUNT = SEGMENT + 5000

test('parents are those that were given, asked for in order and in any order', () => {
  const parents = parentsOf(COUNT)
  const arena = new Arena(2)
  const state = new Int32Array(2)
  for (let i = 0; i < 1000; i++) arena.push(state, 0, parents[i] as number)
  const rest = COUNT - 1000
  arena.append(new Int32Array(2 * rest), Uint32Array.from(parents.slice(1000)), rest)
  expect(arena.length).toBe(COUNT)
  expect(parents.map((_, i) => arena.parent(i))).toEqual(parents)
  const some = Array.from({ length: 2000 }, (_, i) => (i * 104_729) % COUNT)
  expect(some.map((i) => arena.parent(i))).toEqual(some.map((i) => parents[i]))
})

test('what several threads write is one arena', () => {
  const parents = parentsOf(COUNT)
  const leader = new Arena(1)
  leader.reserve(COUNT)
  leader.length = COUNT
  const others = [new Arena(1), new Arena(1)]
  for (const other of others) other.adopt(leader.segments(0))
  // Pieces in turn, the second thread first.
  for (let first = 0, piece = 0; first < COUNT; first += 700, piece++) {
    const count = Math.min(700, COUNT - first)
    const states = Int32Array.from({ length: count }, (_, i) => first + i)
    others[piece % 2]?.putAll(first, states, Uint32Array.from(parents.slice(first, first + count)), count)
  }
  leader.addAnchors(others[1]?.takeAnchors() as Uint32Array)
  leader.addAnchors(others[0]?.takeAnchors() as Uint32Array)
  expect(parents.map((_, i) => leader.parent(i))).toEqual(parents)
  expect([0, 699, 700, COUNT - 1].map((i) => leader.segment(i)[leader.offset(i)])).toEqual([0, 699, 700, COUNT - 1])
  // The leader goes on.
  leader.push(new Int32Array(1), 0, parents.at(-1) as number)
  leader.push(new Int32Array(1), 0, COUNT - 1)
  expect([leader.parent(COUNT), leader.parent(COUNT + 1), leader.parent(3)]).toEqual([parents.at(-1), COUNT - 1, 3])
})
