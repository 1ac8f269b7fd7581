/** Every operation of every type, as a table: what is done, and what the state is afterwards. */
import { bag, bagOf, bool, enumOf, equal, ids, int, map, option, record, seq, set, union, value } from 'tsmc'
import { expect, test } from 'vitest'
import { valueText } from '../../src/program/text.ts'
import { draftOf, plainOf, type Root } from '../../src/reference/drafts.ts'

const Point = record({ x: int(0, 3), on: bool })
const type = record({
  point: Point,
  maybe: option(Point),
  points: map(ids('p', 2), Point),
  byNumber: map(int(0, 1), seq(int(0, 3), 3)),
  names: set(enumOf('a', 'b', 'c')),
  wide: set(record({ i: int(0, 99), j: int(0, 99) })),
  copies: bag(Point, 2),
  queue: seq(Point, 3),
  message: union('type', { none: {}, ask: { who: ids('p', 2) }, tell: { who: ids('p', 2), what: set(bool) } }),
  any: value<unknown>({ a: [1] }),
})

/** Runs something on a draft of the initial values; gives what it returns and the state afterwards. */
function run(body: (s: any) => unknown, readonly = false): { returned: unknown; state: any } {
  const root: Root = { value: type.decode(new Array(type.slots.length).fill(0), 0), what: 'the action Do', readonly }
  const returned = plainOf(body(draftOf(type, root)))
  return { returned, state: root.value }
}
const a = { x: 1, on: false }
const b = { x: 2, on: true }

test.each<[string, (s: any) => unknown, string, unknown]>([
  ['a field', (s) => (s.point.x = 2), 'point', { x: 2, on: false }],
  ['a view is live', (s) => ((p) => ((s.point = b), (p.x = 3)))(s.point), 'point', { x: 3, on: true }],
  ['assigning copies', (s) => ((s.points.p1 = s.point), (s.point.x = 3)), 'points', { p1: { x: 0, on: false }, p2: { x: 0, on: false } }],
  ['reads see writes', (s) => ((s.point.x = 1), (s.points.p2.x = s.point.x + 1)), 'points', { p1: { x: 0, on: false }, p2: { x: 2, on: false } }],
  ['spread', (s) => (s.points.p1 = { ...s.point, on: true }), 'points', { p1: { x: 0, on: true }, p2: { x: 0, on: false } }],
  ['into an option', (s) => ((s.maybe = a), (s.maybe.x = 2)), 'maybe', { x: 2, on: false }],
  ['null again', (s) => ((s.maybe = a), (s.maybe = null)), 'maybe', null],
  ['a map by numbers', (s) => (s.byNumber[1].push(2), s.byNumber[1].push(3)), 'byNumber', { 0: [], 1: [2, 3] }],
  ['a set in the order of its type', (s) => s.names.add('c').add('a').add('c'), 'names', new Set(['a', 'c'])],
  ['deleting', (s) => ((s.names = ['a', 'b']), s.names.delete('a'), s.names.delete('c')), 'names', new Set(['b'])],
  ['clearing', (s) => ((s.names = new Set(['a'])), s.names.clear()), 'names', new Set()],
  [
    'a wide set',
    (s) => s.wide.add({ i: 9, j: 1 }).add({ i: 2, j: 99 }).add({ j: 1, i: 9 }),
    'wide',
    new Set([
      { i: 2, j: 99 },
      { i: 9, j: 1 },
    ]),
  ],
  ['a union of sets', (s) => (s.names = s.names.add('b').union(['a'])), 'names', new Set(['a', 'b'])],
  ['a bag', (s) => (s.copies.add(b).add(a).add(b), s.copies.delete(a)), 'copies', bagOf([b, b])],
  ['pushing', (s) => s.queue.push(a, b), 'queue', [a, b]],
  ['an element is live', (s) => (s.queue.push(a), (s.queue[0].x = 3)), 'queue', [{ x: 3, on: false }]],
  ['an element found is live', (s) => (s.queue.push(a, b), (s.queue.find((p: any) => p.on).x = 0)), 'queue', [a, { x: 0, on: true }]],
  ['unshifting an element of its own', (s) => (s.queue.push(a, b), s.queue.unshift(s.queue[1])), 'queue', [b, a, b]],
  ['reversing', (s) => (s.queue.push(a, b), s.queue.reverse()), 'queue', [b, a]],
  ['sorting', (s) => (s.queue.push(b, a), s.queue.sort((p: any, q: any) => p.x - q.x)), 'queue', [a, b]],
  ['splicing', (s) => (s.queue.push(a, b, a), s.queue.splice(1, 1)), 'queue', [a, a]],
  ['assigning an element', (s) => (s.queue.push(a, b), (s.queue[0] = s.queue[1]), (s.queue[2] = a)), 'queue', [b, b, a]],
  ['shortening', (s) => (s.queue.push(a, b), (s.queue.length = 1)), 'queue', [a]],
  [
    'another variant',
    (s) => ((s.message = { type: 'tell', who: 'p1', what: [true] }), s.message.what.add(false)),
    'message',
    { type: 'tell', who: 'p1', what: new Set([false, true]) },
  ],
  ['copying a union', (s) => ((s.message = { type: 'ask', who: 'p2' }), (s.message = { ...s.message })), 'message', { type: 'ask', who: 'p2' }],
  ['an opaque value', (s) => (s.any = { b: s.any.a }), 'any', { b: [1] }],
])('changes: %s', (_name, body, variable, expected) => {
  const { state } = run(body)
  expect(valueText(state[variable])).toBe(valueText(expected))
  expect(equal(state[variable], expected)).toBe(true)
})

test.each<[string, (s: any) => unknown, unknown]>([
  ['keys', (s) => [Object.keys(s.point), Object.keys(s.points), 'x' in s.point, 'y' in s.point], [['x', 'on'], ['p1', 'p2'], true, false]],
  ['keys of a union', (s) => ((s.message = { type: 'ask', who: 'p2' }), [Object.keys(s.message), s.message.what]), [['type', 'who'], undefined]],
  ['delete tells', (s) => [s.names.add('a').delete('a'), s.names.delete('a')], [true, false]],
  [
    'set operations',
    (s) => (
      (s.names = ['a', 'b']), [[...s.names.intersection(['b', 'c'])], [...s.names.difference(['b'])], [...s.names.symmetricDifference(['b', 'c'])]]
    ),
    [['b'], ['a'], ['a', 'c']],
  ],
  [
    'set relations',
    (s) => ((s.names = ['a']), [s.names.isSubsetOf(['a', 'b']), s.names.isSupersetOf(['b']), s.names.isDisjointFrom(['b']), s.names.size]),
    [true, false, true, 1],
  ],
  [
    'elements by value',
    (s) => [s.wide.add({ i: 1, j: 2 }).has({ j: 2, i: 1 }), s.queue.push(a), s.queue.includes({ ...a }), s.queue.indexOf(b)],
    [true, 1, true, -1],
  ],
  [
    'a bag counts',
    (s) => ((s.copies = bagOf([b, a, b])), [s.copies.count(b), s.copies.size, s.copies.distinct().length, [...s.copies].length]),
    [2, 3, 2, 3],
  ],
  [
    'shift and pop hand out values',
    (s) => (s.queue.push(a, b), [s.queue.shift(), s.queue.pop(), s.queue.pop(), s.queue.length]),
    [a, b, undefined, 0],
  ],
  ['elements of sets are frozen', (s) => s.wide.add({ i: 1, j: 2 }) && [...s.wide].every(Object.isFrozen), true],
  [
    'reading arrays',
    (s) => (s.queue.push(a, b), [s.queue.map((p: any) => p.x), s.queue.at(-1).x, [...s.queue].length, s.queue[5], s.queue.slice(1).length]),
    [[1, 2], 2, 2, undefined, 1],
  ],
  ['equality', (s) => [equal(s.point, { on: false, x: 0 }), equal(s.points.p1, s.points.p2), equal(s.queue, [])], [true, true, true]],
])('reads: %s', (_name, body, expected) => {
  expect(run(body).returned).toEqual(expected)
})

test.each<[string, (s: any) => unknown, string]>([
  ['a range', (s) => (s.points.p1.x = 4), 'points.p1.x in the action Do: 4 is outside int(0, 3)'],
  ['a missing field', (s) => (s.maybe = { x: 1 }), 'maybe in the action Do: the field "on" of record({ x: int(0, 3), on: bool }) is missing'],
  ['an element', (s) => s.names.add('d'), `an element of names in the action Do: "d" is not a member of enumOf('a', 'b', 'c')`],
  [
    'too long',
    (s) => s.byNumber[0].push(1, 1, 1, 1),
    'byNumber[0] in the action Do: a sequence of 4 elements is longer than seq(int(0, 3), 3) allows; guard the action with when(… .length < 3) or raise the bound',
  ],
  ['a hole', (s) => (s.queue[1] = a), 'queue[1] in the action Do: the sequence has 0 elements, so there would be a hole'],
  [
    'too many copies',
    (s) => s.copies.add(a).add(a).add(a),
    'copies in the action Do: more than 2 copies of {"on":false,"x":1} in bag(record({ x: int(0, 3), on: bool }), 2)',
  ],
  ['an unknown field', (s) => s.point.y, 'the action Do reads point.y, but the record has no "y"'],
  ['an unknown key', (s) => (s.points.p3 = a), 'the action Do writes points.p3, but the map has no "p3"'],
  ['the tag', (s) => (s.message.type = 'ask'), 'the action Do writes message.type, the tag of a union'],
  ['a field of another variant', (s) => (s.message.who = 'p1'), `the action Do writes message.who, but the variant "none" has no "who"`],
  ['deleting a field', (s) => delete s.point.x, 'the action Do deletes point.x'],
  ['a part that is gone', (s) => ((s.maybe = a), ((p) => ((s.maybe = null), p.x))(s.maybe)), 'the action Do reads maybe, which is no longer there'],
])('refuses: %s', (_name, body, message) => {
  expect(() => run(body)).toThrow(expect.objectContaining({ name: 'SpecError', message }))
})

test.each<[string, (s: any) => unknown, string]>([
  ['a field', (s) => (s.point.x = 0), 'point.x'],
  ['a set', (s) => s.names.add('a'), 'names'],
  ['a bag', (s) => s.copies.clear(), 'copies'],
  ['a sequence', (s) => s.queue.pop(), 'queue'],
])('only reads: %s', (_name, body, path) => {
  expect(() => run(body, true)).toThrow(expect.objectContaining({ name: 'SpecError', message: `the action Do writes ${path}, but it may only read` }))
})
