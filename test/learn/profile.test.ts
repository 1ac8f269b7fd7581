/** Where the time goes: exact facts of small specs, one badly written, one well. */
import {
  bool,
  check,
  type CheckOptions,
  enumOf,
  type FunctionProfile,
  ids,
  int,
  map,
  model,
  type Model,
  pick,
  type Profile,
  set,
  spec,
  value,
  when,
} from 'tsmc'
import { describe, expect, it } from 'vitest'
import { adviceOf } from '../../src/learn/profile.ts'
import type { ReadProfile } from '../../src/program/result.ts'

async function profiled(m: () => Model<any>, options: CheckOptions = {}) {
  const result = await check(spec('profiled', m), { ...options, profile: true })
  expect(result.verdict).toBe('holds')
  const profile = result.profile as Profile
  const named = (name: string) => profile.functions.find((one) => one.name === name)!
  return { result, profile, named }
}

const Node = ids('n', 5)
/** Sends to five nodes; `badly` reads the whole set, `well` asks for one element. */
const sending = () =>
  model({ sent: set(Node), last: int(0, 4) })
    .action('Send', { node: Node }, (s, { node }) => {
      when(!s.sent.has(node))
      s.sent.add(node)
    })
    .action('Badly', (s) => {
      let latest = 0
      Node.values().forEach((node, i) => {
        if (s.sent.has(node)) latest = i
      })
      s.last = latest
    })
    .action('Well', { node: Node }, (s, { node }) => {
      when(s.sent.has(node) && s.last !== 0)
      s.last = 0
    })

describe('the size of trees', () => {
  it('an action that goes through a set has a leaf per content, one that asks for an element has two', async () => {
    const { named } = await profiled(sending)
    const badly = named('Badly')
    expect(badly).toMatchObject({ kind: 'action', combinations: 1, tree: { leaves: 32, nodes: 63 }, direct: null })
    // One leaf would be left if the content of the set were known.
    expect(badly.reads).toEqual([{ path: 'sent', type: 'set', slots: 5, values: 2, leaves: 31 }])
    const send = named('Send')
    expect(send).toMatchObject({ combinations: 5, tree: { leaves: 10, nodes: 15 } })
    expect(send.reads).toEqual([{ path: 'sent', type: 'set', slots: 1, values: 2, leaves: 5 }])
    // Per node: not sent, or sent and one of five values of `last`, of which two outcomes are told apart by the value alone.
    expect(named('Well').tree.leaves).toBe(5 * (1 + 5))
    expect(named('Well').reads).toEqual([
      { path: 'last', type: 'int', slots: 1, values: 5, leaves: 20 },
      { path: 'sent', type: 'set', slots: 1, values: 2, leaves: 5 },
    ])
  })

  it('every tree is counted: without quantifiers their leaves are those of the engine', async () => {
    const { result, profile } = await profiled(sending)
    expect(profile.functions.reduce((sum, { tree }) => sum + tree.leaves, 0)).toBe(result.engine.leaves)
  })

  it('where each function stands', async () => {
    const { named } = await profiled(sending)
    const { file, line } = named('Badly').location!
    expect(file).toMatch(/profile\.test\.ts$/)
    expect(named('Send').location!.line).toBeLessThan(line)
  })

  it('reads that multiply are both to blame for the product', async () => {
    const { named } = await profiled(() =>
      model({ a: int(0, 3), b: int(0, 2), c: bool })
        .action('A', (s) => void (s.a = s.a === 3 ? 0 : s.a + 1))
        .action('B', (s) => void (s.b = s.b === 2 ? 0 : s.b + 1))
        .action('Both', (s) => void (s.c = s.a + s.b > 3)),
    )
    expect(named('Both').tree.leaves).toBe(12)
    expect(named('Both').reads).toEqual([
      { path: 'a', type: 'int', slots: 1, values: 4, leaves: 9 },
      { path: 'b', type: 'int', slots: 1, values: 3, leaves: 8 },
    ])
  })

  it('the fields of the records in a map are told of for all keys', async () => {
    const Phase = enumOf('idle', 'busy')
    const { named } = await profiled(() =>
      model({ phase: map(Node, Phase) })
        .action('Go', { node: Node }, (s, { node }) => void (s.phase[node] = s.phase[node] === 'idle' ? 'busy' : 'idle'))
        .invariant('Fine', (s) => Node.values().filter((node) => s.phase[node] === 'busy').length <= 5),
    )
    expect(named('Go').reads).toEqual([{ path: 'phase.*', type: 'enum', slots: 1, values: 2, leaves: 5 }])
    expect(named('Fine').reads).toEqual([{ path: 'phase.*', type: 'enum', slots: 5, values: 2, leaves: 31 }])
  })

  it('a quantifier: its callbacks have leaves of their own, its answer is a read of what they look at', async () => {
    const { named } = await profiled(() =>
      model({ sent: set(Node), few: bool })
        .action('Send', { node: Node }, (s, { node }) => void s.sent.add(node))
        .action('Ask', (s) => void (s.few = Node.count((node) => s.sent.has(node)) < 3)),
    )
    // Five callbacks with two leaves each, six answers.
    expect(named('Ask').tree.leaves).toBe(5 * 2 + 6)
    expect(named('Ask').reads).toEqual([{ path: 'sent', type: 'set', slots: 5, values: 2, leaves: 5 + 5 }])
  })

  it('picks are told of as picks', async () => {
    const { named } = await profiled(() => model({ x: int(0, 9) }).action('Jump', (s) => void (s.x = pick(int(0, 9)))))
    expect(named('Jump').reads).toEqual([{ path: 'picks', type: 'pick', slots: 0, values: 10, leaves: 9 }])
  })

  it('a step property reads two states', async () => {
    const { named } = await profiled(() =>
      model({ x: int(0, 3) })
        .action('Up', (s) => {
          when(s.x < 3)
          s.x++
        })
        .step('Grows', (before, after) => after.x > before.x)
        .terminal((s) => s.x === 3),
    )
    expect(named('Grows')).toMatchObject({ kind: 'step', combinations: 1, tree: { leaves: 3 } })
    // What was read first tells apart all that what is read behind it could.
    expect(named('Grows').reads.map(({ path }) => path)).toEqual(['x after the step'])
  })
})

describe('calls', () => {
  it('every call is told of once', async () => {
    for (const options of [{}, { learning: false }, { compiling: 'eager' }, { reuse: false }, { batching: false }] as const) {
      const { result, profile } = await profiled(sending, options)
      const calls = profile.functions.reduce((sum, { calls: { learning, samples, direct } }) => sum + learning + samples + direct, 0)
      expect(calls).toBe(result.engine.calls)
    }
  })

  it('two per leaf to learn a tree', async () => {
    const { named } = await profiled(sending)
    expect(named('Badly').calls).toEqual({ learning: 64, samples: 10, direct: 0 })
    expect(named('Badly').walks).toBeGreaterThanOrEqual(32)
    expect(named('Badly').compiled).toEqual({ combinations: 0, states: 0 })
  })

  it('compiled code: the states that went through it', async () => {
    const { named, result } = await profiled(sending, { compiling: 'eager' })
    expect(named('Badly').compiled.combinations).toBe(1)
    expect(named('Send').compiled).toEqual({ combinations: 5, states: named('Badly').compiled.states })
    expect(named('Send').compiled.states).toBe(result.distinct)
  })

  it('without learning everything is called directly, and that is no fault of the spec', async () => {
    const { named, profile, result } = await profiled(sending, { learning: false })
    expect(named('Badly')).toMatchObject({
      calls: { learning: 0, direct: result.distinct },
      tree: { leaves: 0 },
      reads: [],
      direct: { combinations: 1, why: 'learning is off' },
    })
    expect(profile.advice).toBe(null)
  })

  it('init, views, temporal properties', async () => {
    const { named } = await profiled(() =>
      model({ x: int(0, 3), noise: bool })
        .init((s) => void (s.noise = pick(bool)))
        .action('Up', (s) => void (s.x = s.x === 3 ? 0 : s.x + 1), { fair: 'weak' })
        .property('Returns', ({ always, eventually }) => always(eventually((s) => s.x === 0))),
    )
    expect(named('init')).toMatchObject({ kind: 'init', calls: { samples: 2, direct: 2 }, direct: { why: 'it has no tree' } })
    expect(named('Returns')).toMatchObject({ kind: 'temporal', calls: { learning: 8 }, tree: { leaves: 4 } })
    const viewed = await profiled(() =>
      model({ x: int(0, 3) })
        .action('Up', (s) => void (s.x = s.x === 3 ? 0 : s.x + 1))
        .view((s) => s.x),
    )
    // The initial state and four successors.
    expect(viewed.named('view')).toMatchObject({ kind: 'view', calls: { learning: 0, samples: 4, direct: 5 } })
  })

  it('a refinement: its mapping, and the functions of the abstract model', async () => {
    const abstract = model({ odd: bool }).action('Flip', (s) => void (s.odd = !s.odd))
    const { named } = await profiled(() =>
      model({ x: int(0, 3) })
        .action('Up', (s) => void (s.x = s.x === 3 ? 0 : s.x + 1))
        .refines('Parity', abstract, (s) => ({ odd: s.x % 2 === 1 })),
    )
    expect(named('Parity')).toMatchObject({ kind: 'mapping', calls: { learning: 0 } })
    expect(named('Parity: Flip')).toMatchObject({ kind: 'action', tree: { leaves: 2 }, reads: [{ path: 'odd', leaves: 1 }] })
  })

  it('no profile without the option', async () => {
    expect(await check(spec('sending', sending))).not.toHaveProperty('profile')
  })
})

describe('advice', () => {
  const Many = ids('n', 13)

  it('a tree that keeps missing: which read, and what to do', async () => {
    const { profile, named } = await profiled(() =>
      model({ sent: set(Many), parity: bool })
        .action('Send', { node: Many }, (s, { node }) => {
          when(!s.sent.has(node))
          s.sent.add(node)
          s.parity = false
        })
        .action('Parity', (s) => {
          let odd = false
          for (const node of Many) if (s.sent.has(node)) odd = !odd
          when(!s.parity)
          s.parity = odd
        })
        .terminal(() => true),
    )
    const { calls, direct, tree, reads } = named('Parity')
    expect(direct).toEqual({ combinations: 1, why: '4097 of its situations were new' })
    expect(calls.learning).toBe(2 * 4097)
    expect(reads[0]).toMatchObject({ path: 'sent', type: 'set', slots: 13 })
    expect(profile.advice).toBe(
      `the action Parity was called ${calls.direct} times for want of a tree, because 4097 of its situations were new: ${reads[0]!.leaves} of ${tree.leaves} leaves are there because it reads sent; ask sent for single elements with has(), or with every(), some() or count(), or pick() one of it, instead of going through it`,
    )
  })

  it('a value of many parts', async () => {
    const { profile } = await profiled(() =>
      model({ count: value(0), done: bool })
        .action('Next', (s) => {
          when(s.count < 9000)
          s.count = s.count + 1
        })
        .terminal(() => true),
    )
    expect(profile.advice).toMatch(
      /^the action Next was called \d+ times for want of a tree, because 4097 of its situations were new: \d+ of \d+ leaves are there because it reads count; each new value of count is a new situation: give it a type with parts/,
    )
  })

  const slow = (reads: readonly Partial<ReadProfile>[], other: Partial<FunctionProfile> = {}): FunctionProfile => ({
    kind: 'invariant',
    name: 'Slow',
    location: null,
    combinations: 2,
    calls: { learning: 2000, samples: 0, direct: 0 },
    seconds: 3,
    walks: 5000,
    compiled: { combinations: 0, states: 0 },
    tree: { leaves: 1000, nodes: 3000, words: 9000 },
    reads: reads.map((read) => ({ path: 'x', type: 'int', slots: 1, values: 2, leaves: 900, ...read })),
    direct: null,
    ...other,
  })

  it.each<[Partial<ReadProfile>[], string]>([
    [[{ type: 'pick', path: 'picks' }], 'it picks; pick from less, or make what is picked a parameter, so that each value has a tree of its own'],
    [[{ values: 90 }], 'it reads x; it met 90 values of x: give it a smaller range, or ask about it in every() or some()'],
    [
      [{ path: 'holds.*', slots: 6 }],
      'it reads holds.*; one call reads 6 of holds.*: make the key a parameter, so that each has a tree of its own, or ask with every(), some() or count()',
    ],
    [
      [{}, { path: 'y', leaves: 800 }],
      'it reads x, multiplied by y; split it, or ask about x and y in every() or some(), whose answers alone make branches',
    ],
    [[{}, { path: 'y', leaves: 10 }], 'it reads x; ask about x in every() or some(), or make it a parameter'],
    [[{ type: 'seq', slots: 4 }], 'it reads x; read only the part of x that decides, or ask with every(), some() or count()'],
  ])('learned for a large part of the time: %j', (reads, end) => {
    expect(adviceOf([slow(reads)], 10)).toBe(
      `the invariant Slow was called 2000 times to learn its trees: 900 of 1000 leaves are there because ${end}`,
    )
  })

  it('none for a small part of the time, a short time, or a small tree', () => {
    expect(adviceOf([slow([{}])], 20)).toBe(null)
    expect(adviceOf([slow([{}], { seconds: 0.9 })], 0.95)).toBe(null)
    expect(adviceOf([slow([{}], { tree: { leaves: 200, nodes: 400, words: 900 } })], 4)).toBe(null)
  })

  it('none where nothing is slow', async () => {
    expect((await profiled(sending)).profile.advice).toBe(null)
  })
})
