import { afterAll, expect, test } from 'vitest'
import { beginLog, captureConsole, type Logged, MOST_LINES, silently } from '../../src/host/log.ts'

const before = { ...globalThis.console }
const heard: Logged[] = []
captureConsole((logged) => heard.push(logged))
afterAll(() => Object.assign(globalThis.console, before))

test('the same line of the same function once, where it is asked for', () => {
  beginLog(() => 'the action A', true)
  console.log('x %d', 1)
  console.log('x 1')
  beginLog(() => 'the action B', true)
  console.log('x 1')
  beginLog(() => null, false)
  console.log('y')
  console.log('y')
  silently(() => console.log('z'))
  expect(heard.splice(0).map(({ what, text }) => [what, text])).toEqual([
    ['the action A', 'x 1'],
    ['the action B', 'x 1'],
    [null, 'y'],
    [null, 'y'],
  ])
})

test(`no more than ${MOST_LINES} lines of one check, and none that is endless`, () => {
  beginLog(() => null, true)
  for (let i = 0; i < MOST_LINES + 10; i++) console.log(i)
  const lines = heard.splice(0)
  expect([lines.length, lines.at(-2)?.text, lines.at(-1)?.text]).toEqual([MOST_LINES + 1, '999', 'more than 1000 lines: the others are left out'])
  beginLog(() => null, true)
  console.log('x'.repeat(1e6))
  expect(heard.splice(0)[0]?.text).toHaveLength(10_001)
})

test('parts of a state that are read by functions are shown as what they are', () => {
  beginLog(() => null, true)
  let held: Set<number> = new (class Held extends Set<number> {})([1, 2])
  const record = {
    n: 1,
    get seen() {
      return held
    },
    set seen(value) {
      held = value
    },
  }
  console.log(record, { inner: [record] })
  console.log({ plain: new Map([[1, { x: 2 }]]), at: new Set([3]) })
  expect(heard.splice(0).map(({ text }) => text.replace(/\s+/g, ' '))).toEqual([
    '{ n: 1, seen: Set(2) { 1, 2 } } { inner: [ { n: 1, seen: [Set] } ] }',
    '{ plain: Map(1) { 1 => { x: 2 } }, at: Set(1) { 3 } }',
  ])
})
