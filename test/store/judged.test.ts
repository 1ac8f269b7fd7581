/** A store that is resumed has no trees: what an earlier run learned about the parent of a state says nothing to it. */
import { join } from 'node:path'
import { check, int, model, spec, when } from 'tsmc'
import { expect, test } from 'vitest'
import { directory } from './directory.ts'

test('a state whose parent an earlier run has judged is judged', async () => {
  const corner = spec('corner', () => {
    const m = model({ x: int(0, 5), y: int(0, 5) })
    m.action('X', (s) => {
      when(s.x < 5)
      s.x++
    })
    m.action('Y', (s) => {
      when(s.y < 5)
      s.y++
    })
    m.terminal(() => true)
    m.invariant('I', (s) => !(s.x === 2 && s.y === 1))
    return m
  })
  const store = { directory: join(directory(), 'store'), memory: 128 }
  // The run that goes on begins with (2, 0): it meets (3, 0), at which the invariant reads x alone, and then (2, 1).
  const begun = await check(corner, { store, maxDepth: 3 })
  expect([begun.verdict, begun.distinct]).toEqual(['incomplete', 6])
  const { verdict, violation } = await check(corner, { store: { ...store, resume: true } })
  expect([verdict, violation?.name, violation?.steps]).toEqual(['violated', 'I', 3])
})
