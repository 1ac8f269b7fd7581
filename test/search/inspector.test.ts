/** What is found out about states that are looked at one by one. */
import { int, model, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { Learner } from '../../src/learn/learner.ts'
import { Successors } from '../../src/program/program.ts'
import { Arena } from '../../src/search/arena.ts'
import { Inspector } from '../../src/search/inspector.ts'

describe('a state is judged by a program that has not judged its parent', () => {
  // Its tree has looked at x only so far, and the state differs from its parent in y.
  const counters = () => {
    const m = model({ x: int(0, 3), y: int(0, 3) })
    m.action('X', (s) => {
      when(s.x < 3)
      s.x++
    })
    m.action('Y', (s) => {
      when(s.y < 3)
      s.y++
    })
    m.invariant('I', (s) => !(s.x === 2 && s.y === 1))
    return m
  }
  test.each([
    ['as a thread of several', false, ['I']],
    // That is what it saves where all states before were judged by it.
    ['where it claims that it has', true, []],
  ])('%s', (_, alone, found) => {
    const program = new Learner(counters())
    const { words } = program.layout
    const arena = new Arena(words)
    const out = new Successors(words)
    const inspector = new Inspector(program, { invariants: [true], steps: [], reachables: [], deadlock: false, assertions: [] }, arena, null)
    inspector.alone = alone
    const take = (index: number, action: number): number => {
      out.count = 0
      program.expand(arena.segment(index), arena.offset(index), out)
      const i = out.instance.subarray(0, out.count).indexOf(action)
      return arena.push(out.states, i * words, index)
    }
    program.initial(out, 8)
    const [zero, one] = [arena.push(out.states, 0, 0), take(0, 0)]
    const two = take(one, 0)
    const corner = take(two, 1)
    inspector.check(arena.segment(zero), arena.offset(zero), -1, -1, 0)
    inspector.check(arena.segment(corner), arena.offset(corner), two, 1, 3)
    expect(inspector.findings.map(({ name }) => name)).toEqual(found)
  })
})
