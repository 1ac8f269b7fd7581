/** Mistakes that the engine once made, each with the smallest model that showed it. */
import { bool, check, enumOf, every, ids, int, model, option, pick, record, seq, set, spec, union, when } from 'tsmc'
import { expect, test } from 'vitest'

test('a step property is replayed with the action that broke it, where another action makes the same step', async () => {
  const s = spec('two-ways', () => {
    const m = model({ x: bool })
    m.action('Allowed', (s) => {
      s.x = true
    })
    m.action('Forbidden', (s) => {
      s.x = true
    })
    m.step('OnlyAllowed', (_before, _after, { action }) => action === 'Allowed')
    return m
  })
  const { violation } = await check(s)
  expect(violation?.trace.map(({ action }) => action)).toEqual([null, 'Forbidden'])
})

test('an invariant that is called directly is still checked when everything else is compiled', async () => {
  const s = spec('large-sets', () => {
    // Every subset is another value of one interned slot: no locality, so the invariant's tree keeps missing and is given up.
    const Element = int(0, 2000)
    const m = model({ seen: set(Element), last: int(0, 13) })
    m.action('Take', (s) => {
      const x = pick([...Array(13).keys()])
      when(x >= s.last)
      s.seen.add(x)
      s.last = x + 1
    })
    m.terminal(() => true)
    m.invariant('NotAll', (s) => s.seen.size < 13)
    return m
  })
  const result = await check(s, { compiling: 'eager' })
  expect([result.verdict, result.violation?.name, result.violation?.steps, result.distinct]).toEqual(['violated', 'NotAll', 13, 8192])
  expect(result.engine.direct).toContain('the invariant NotAll: 4097 of its situations were new')
})

test.each(['eager', false] as const)(
  'an invariant that looks at more in late states is checked in those that differ in nothing else: compiling %s',
  async (compiling) => {
    const s = spec('late', () => {
      const m = model({ x: int(0, 99), y: int(0, 3) })
      m.action('X', (s) => {
        when(s.y === 0)
        s.x = (s.x + 1) % 100
      })
      m.action('Y', (s) => {
        s.y = (s.y + 1) % 4
      })
      // It reads y in these states only: when the code is made, it has not been seen to.
      m.invariant('NotLate', (s) => s.x !== 50 || s.y === 0)
      return m
    })
    const { verdict, violation } = await check(s, { compiling })
    expect([verdict, violation?.steps, violation?.trace.at(-1)?.action]).toEqual(['violated', 51, 'Y'])
  },
)

test('the draft of a union can be spread, copied and put into a literal', async () => {
  const s = spec('unions', () => {
    const Message = union('type', { a: { x: bool }, b: { y: ids('p', 2) } })
    const m = model({ first: Message, second: option(Message) })
    m.action('Copy', (s) => {
      when(s.second === null)
      s.second = { ...s.first }
    })
    m.action('Change', (s) => {
      s.first = { type: 'b', y: 'p2' }
    })
    m.terminal(() => true)
    return m
  })
  const result = await check(s)
  expect([result.verdict, result.distinct, result.generated, result.depth]).toEqual(['holds', 5, 8, 3])
})

test('initial states are enumerated in portions, so that many of them are no endless loop', async () => {
  const s = spec('many', () => {
    const m = model({ a: int(0, 99), b: int(0, 99) })
    m.init((s) => {
      s.a = pick(int(0, 99))
      s.b = pick(int(0, 99))
      when((s.a + s.b) % 2 === 0)
    })
    m.action('Stay', () => {})
    return m
  })
  const result = await check(s)
  expect([result.verdict, result.distinct, result.generated, result.depth]).toEqual(['holds', 5000, 10000, 1])
})

test('a large set keeps its locality: elements are asked for, put in, taken out and picked one at a time', async () => {
  const s = spec('soup', () => {
    const P = ids('p', 3)
    const Message = record({ from: P, to: P, number: int(0, 400) })
    const m = model({ sent: set(Message), got: set(Message) })
    m.action('Send', { from: P, to: P }, (s, { from, to }) => {
      when(from !== to)
      s.sent.add({ from, to, number: 7 })
    })
    m.action('Receive', (s) => {
      const message = pick(s.sent)
      when(!s.got.has(message))
      s.got.add(message)
    })
    m.terminal(() => true)
    m.invariant('Sent', (s) => every(s.got, (message) => s.sent.has(message)))
    return m
  })
  // Each of six messages is unsent, sent or received: 3^6 states. Send is always enabled: 729 * 6; one of three messages can be received: 729 * 6 / 3.
  const result = await check(s)
  expect([result.verdict, result.distinct, result.generated, result.depth, result.engine.direct]).toEqual([
    'holds',
    729,
    1 + 729 * 6 + 243 * 6,
    13,
    [],
  ])
  // Actions have a leaf per message, not per set; the invariant, which looks at all of `got`, has one per value of that set.
  expect(result.engine.leaves).toBeLessThan(800)
  expect((await check(s, { learning: false })).generated).toBe(result.generated)
})

test('the elements of a sequence keep their values while they are moved within it', async () => {
  const s = spec('reverse', () => {
    const m = model({ queue: seq(record({ name: enumOf('a', 'b', 'c') }), 3), done: bool })
    m.init((s) => {
      s.queue = [{ name: 'c' }, { name: 'a' }, { name: 'b' }]
    })
    m.action('Reverse', (s) => {
      when(!s.done)
      s.queue.reverse()
      s.done = true
    })
    m.action('Sort', (s) => {
      when(!s.done)
      s.queue.sort((x, y) => (x.name < y.name ? -1 : 1))
      s.done = true
    })
    m.terminal((s) => s.done)
    m.reachable('Reversed', (s) => s.queue.map(({ name }) => name).join('') === 'bac')
    m.reachable('Sorted', (s) => s.queue.map(({ name }) => name).join('') === 'abc')
    return m
  })
  const result = await check(s)
  expect([result.verdict, result.distinct, result.generated]).toEqual(['holds', 3, 3])
})

test('what an invariant has learned late is compiled too, when nothing else was learned', async () => {
  const s = spec('late-leaf', () => {
    const Bit = ids('b', 14)
    const bits = Bit.values()
    const m = model({ on: set(Bit), late: bool })
    m.action('Set', { bit: Bit }, (s, { bit }) => {
      when(!s.on.has(bit))
      s.on.add(bit)
    })
    m.action('Late', (s) => {
      when(!s.late)
      s.late = true
    })
    m.terminal(() => true)
    // Only its last read has a second outcome that no other read follows.
    m.invariant('Few', { bit: Bit }, (s) => !bits.slice(0, 3).every((bit) => s.on.has(bit)) || !s.late || true)
    return m
  })
  const { verdict, distinct, profile } = await check(s, { compiling: 'eager', reuse: false, profile: true })
  expect([verdict, distinct]).toEqual(['holds', 2 ** 15])
  // Each was walked by the interpreter in five states, before it was compiled with that outcome. Left out, it would be walked in 2,052.
  expect(profile?.functions.find(({ name }) => name === 'Few')).toMatchObject({ combinations: 14, walks: 14 * 5 })
})

test('an action whose situations go on being new is called, and learned again when they are known', async () => {
  const phases = (last: number) =>
    spec('phases', () => {
      const m = model({ n: int(0, 6000), m: int(0, 6000) })
      m.action('First', (s) => {
        when(s.n < 6000)
        s.n++
      })
      // It looks at `n`, which is another one in each state of the first phase and the same in the second.
      m.action('Second', (s) => {
        when(s.n === 6000 && s.m < last)
        s.m++
      })
      m.terminal(() => true)
      return m
    })
  const called = await check(phases(10))
  expect([called.verdict, called.distinct, called.depth]).toEqual(['holds', 6011, 6011])
  expect(called.engine.direct.map((text) => text.split(':')[0])).toEqual(['the action First', 'the action Second'])
  const again = await check(phases(6000))
  expect([again.verdict, again.distinct, again.depth]).toEqual(['holds', 12001, 12001])
  expect(again.engine.direct.map((text) => text.split(':')[0])).not.toContain('the action First')
})
