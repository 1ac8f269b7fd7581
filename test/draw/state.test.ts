import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable'
import { expect, test } from 'vitest'
import { stateLines } from '../../src/draw/state.ts'

// 17 variables of a line each, the heading `batch:`, and four entries, of which `note` takes two lines: 23.
const entries = (current: number): [string, unknown][] => [
  ...Array.from({ length: 17 }, (_, i): [string, unknown] => [`v${i}`, i]),
  [
    'batch',
    ImmutableMap({
      current,
      prepared: ImmutableSet(['r1', 'r2']),
      note: 'a long value that does not fit on one line with the others',
      more: 'and more of it',
    }),
  ],
]

test('a long state is shown compactly by what changed, under the names it belongs to', () => {
  const lines = stateLines(entries(2), new Map(entries(1)), true)
  expect(lines).toEqual([
    { text: 'batch:', changed: false },
    { text: '  current: 2', changed: true },
    { text: '… 21 lines as before', changed: false },
  ])
})

test('the same state is shown whole where it is not to be compact', () => {
  expect(stateLines(entries(2), new Map(entries(1)))).toHaveLength(23)
})
