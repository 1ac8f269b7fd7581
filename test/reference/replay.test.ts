import { ensure, int, model, pick, set, when } from 'tsmc'
import { expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { parsePath } from '../../src/program/path.ts'
import { valueText } from '../../src/program/text.ts'
import { replay } from '../../src/reference/replay.ts'

/** Numbers are drawn from a set, up to two; the second must be larger. */
const draws = () => {
  const m = model({ left: set(int(1, 3)), last: int(0, 3) })
  m.init((s) => {
    s.left = new Set([1, 2, 3])
  })
  m.action('Draw', (s) => {
    const n = pick(s.left)
    ensure(n > s.last, 'numbers grow')
    s.left.delete(n)
    s.last = n
  })
  m.action('Reset', { to: int(0, 1) }, (s, { to }) => {
    when(s.last === 3)
    s.last = to
  })
  m.invariant('NotThree', (s) => s.last !== 3)
  m.step('ByOne', (before, after) => after.last <= before.last + 1)
  m.show('sum', (s) => [...s.left].reduce((sum, n) => sum + n, 0))
  return m
}
const replayed = (path: string) => replay(draws(), parsePath(path) ?? [])

test('a path, step by step', () => {
  const { trace, failed } = replayed('0.0~0.0~1')
  expect(
    trace.map(({ action, parameters, picks, state, changes, shown, failed }) => ({
      action,
      parameters,
      picks,
      state: valueText(state),
      changes,
      shown,
      failed,
    })),
  ).toEqual([
    { action: null, parameters: {}, picks: [], state: '{left: {1, 2, 3}, last: 0}', changes: [], shown: [{ name: 'sum', value: 6 }], failed: false },
    {
      action: 'Draw',
      parameters: {},
      picks: [1],
      state: '{left: {2, 3}, last: 1}',
      changes: [
        { path: 'left', old: '1', new: null },
        { path: 'last', old: '0', new: '1' },
      ],
      shown: [{ name: 'sum', value: 5 }],
      failed: false,
    },
    {
      action: 'Draw',
      parameters: {},
      picks: [3],
      state: '{left: {2}, last: 3}',
      changes: [
        { path: 'left', old: '3', new: null },
        { path: 'last', old: '1', new: '3' },
      ],
      shown: [{ name: 'sum', value: 2 }],
      failed: false,
    },
  ])
  expect(failed).toEqual([
    { kind: 'invariant', name: 'NotThree', parameters: {} },
    { kind: 'step', name: 'ByOne', parameters: {} },
  ])
})

test('a failed assertion leaves the state as it was', () => {
  const { trace, failed } = replayed('0.0~1.0~0')
  expect(trace.map(({ failed, state, picks }) => [failed, valueText(state), picks])).toEqual([
    [false, '{left: {1, 2, 3}, last: 0}', []],
    [false, '{left: {1, 3}, last: 2}', [2]],
    [true, '{left: {1, 3}, last: 2}', [1]],
  ])
  expect(failed).toEqual([{ kind: 'assertion', name: 'numbers grow', parameters: {} }])
})

test('a deadlock at the end', () => {
  const m = model({ n: int(0, 1) }).action('Up', (s) => {
    when(s.n === 0)
    s.n = 1
  })
  expect(replay(m, parsePath('0.0') ?? []).failed).toEqual([{ kind: 'deadlock', name: 'deadlock', parameters: {} }])
  expect(replay(m, parsePath('0') ?? []).failed).toEqual([])
})

test.each([
  ['1', 'its initial state is initialisation 1, and there are 1'],
  ['0~0', 'its initial state (Init) makes 0 choices, not 1'],
  ['0.9', 'step 1 is action 9, and there are 3'],
  ['0.0', 'step 1 (Draw) has more than 0 choices to make'],
  ['0.0~3', 'step 1 (Draw) takes alternative 3 where there are 3'],
  ['0.0~0~0', 'step 1 (Draw) makes 1 choices, not 2'],
  ['0.1', 'step 1 (Reset(to: 0)) is not enabled there'],
  ['0.0~1.0~0.0~0', 'step 2 (Draw) fails its assertion "numbers grow", so nothing follows it'],
])('the path %s does not fit', (path, why) => {
  expect(() => replayed(path)).toThrow(
    new UsageError(`the path ${path} does not fit the model: ${why}`, 'a path belongs to one instance of one version of a spec'),
  )
})
