import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bag, bool, check, enumOf, ids, int, map, type Model, model, option, pick, record, seq, set, spec, symmetric, union, value, when } from 'tsmc'
import { describe, expect, it } from 'vitest'
import german from '../../bench/models/german-symmetric.ts'
import twoPhase from '../../bench/models/two-phase.ts'
import { unpack } from '../../src/layout/layout.ts'
import { symmetryOf } from '../../src/symmetry/symmetry.ts'
import { Canonical } from '../../src/symmetry/canonical.ts'
import type { Variables } from '../../src/spec/model.ts'
import { keyOf } from '../../src/values/collections.ts'
import type { AnyType } from '../../src/types/type.ts'
import { bruteForce, explored, renamed, renamings } from './orbits.ts'

/** A model that writes every value of a type, by a few changes at a time. */
function anyValue(type: AnyType, changes: (s: { x: any }) => void): Model<Variables> {
  const m = model({ x: type, left: int(0, 5) })
  m.init((s) => {
    s.left = 4
  })
  m.action('Change', (s) => {
    when(s.left > 0)
    s.left--
    changes(s)
  })
  return m as unknown as Model<Variables>
}

const R = symmetric('r', 3)
const Q = symmetric('q', 2)
const names = (domain: Iterable<string>): string[] => [...domain]
const Message = union('type', { ask: { from: R, to: R }, vote: { from: R, yes: bool }, stop: {} })
const Overlaid = union('kind', { votes: { by: map(R, bool) }, one: { it: R, n: int(0, 3) }, none: {} })
const Nested = record({ flag: bool, who: option(R), pair: option(record({ a: R, b: Q })) })

const shapes: Record<string, [AnyType, (s: { x: any }) => void]> = {
  'a map': [map(R, int(0, 4)), (s) => void s.x[pick(R)]++],
  'an option': [option(R), (s) => void (s.x = pick(R))],
  'a map to ids': [map(R, option(R)), (s) => void (s.x[pick(R)] = pick(R))],
  'a map of maps': [map(R, map(R, bool)), (s) => void (s.x[pick(R)][pick(R)] = true)],
  'a map of two scalarsets': [map(R, map(Q, bool)), (s) => void (s.x[pick(R)][pick(Q)] = true)],
  'a set': [set(R), (s) => void s.x.add(pick(R))],
  'a set of pairs': [set(record({ a: R, b: R })), (s) => void s.x.add({ a: pick(R), b: pick(R) })],
  'a set of pairs of two scalarsets': [set(record({ a: R, n: int(0, 1), b: Q })), (s) => void s.x.add({ a: pick(R), n: pick([0, 1]), b: pick(Q) })],
  'a set of messages': [set(Message), (s) => void s.x.add(pick(Message))],
  'a bag of options': [bag(option(R), 4), (s) => void s.x.add(pick([...R, null]))],
  'a sequence': [seq(R, 4), (s) => void s.x.push(pick(R))],
  'a sequence of records': [
    seq(Nested, 2),
    (s) => {
      when(s.x.length < 2)
      const pair = pick([null, 0])
      s.x.push({ flag: true, who: pick([null, ...R]), pair: pair === null ? null : { a: pick(R), b: pick(Q) } })
    },
  ],
  'a set of sets': [set(set(R)), (s) => void s.x.add(new Set([pick(R), pick(R)]))],
  'a set of maps': [
    set(map(R, bool)),
    (s) => {
      const r = pick(R)
      s.x.add(Object.fromEntries([...R].map((other) => [other, other === r])))
    },
  ],
  'a map to sets': [map(Q, set(R)), (s) => void s.x[pick(Q)].add(pick(R))],
  'a map to sets of sets': [map(R, set(set(R))), (s) => void s.x[pick(R)].add(new Set([pick(R)]))],
  'a set of sequences': [set(seq(R, 2)), (s) => void s.x.add([pick(R), pick(R)].slice(pick([0, 1])))],
  'a union': [
    Overlaid,
    (s) => {
      const kind = pick(['votes', 'one', 'none'])
      s.x =
        kind === 'votes'
          ? { kind, by: { r1: false, r2: false, r3: false, [pick(R)]: true } }
          : kind === 'one'
            ? { kind, it: pick(R), n: pick([0, 2]) }
            : { kind }
    },
  ],
  'a map to unions': [
    map(R, Overlaid),
    (s) => {
      const r = pick(R)
      s.x[r] = pick([0, 1]) === 0 ? { kind: 'votes', by: { r1: false, r2: false, r3: false, [pick(R)]: true } } : { kind: 'none' }
    },
  ],
}

describe('the number of orbits', () => {
  for (const [name, [type, changes]] of Object.entries(shapes)) {
    it(`is the number of representatives: ${name}`, () => {
      // A union begins with its first variant, which holds no id here.
      const m = anyValue(type, changes)
      const expected = bruteForce(m, [names(R), names(Q)])
      const { search } = explored(anyValue(type, changes), true)
      expect({ orbits: search.distinct, depth: search.depth }).toEqual({ orbits: expected.orbits, depth: expected.depth })
      expect(expected.orbits).toBeLessThan(expected.states)
    })

    it(`every state has the form of its orbit: ${name}`, () => {
      const { program, search } = explored(anyValue(type, changes), false)
      const { layout } = program
      const symmetry = symmetryOf(layout)
      if (!symmetry) throw new Error('no symmetry')
      const canonical = new Canonical(symmetry, layout)
      const all = renamings([names(R), names(Q)])
      const forms = new Map<string, string>()
      const form = new Int32Array(layout.words)
      for (let i = 0; i < search.arena.length; i++) {
        const words = search.arena.segment(i)
        const at = search.arena.offset(i)
        canonical.of(words, at, form, 0)
        const plain = unpack(layout, words, at)
        const orbit = all.map((names) => renamed(plain, names)).sort()[0] as string
        // The form is itself a state of the orbit.
        expect(all.map((names) => renamed(unpack(layout, form, 0), names)).sort()[0]).toBe(orbit)
        expect(forms.get(orbit) ?? form.join()).toBe(form.join())
        forms.set(orbit, form.join())
      }
    })
  }

  it('four ids in a graph: 218 directed graphs with loops left out', () => {
    // The numbers of unlabelled digraphs on n nodes are 1, 3, 16, 218 (OEIS A000273).
    const N = symmetric('n', 4)
    const m = model({ edge: map(N, set(N)) })
    m.action('Connect', { a: N, b: N }, (s, { a, b }) => {
      when(a !== b)
      s.edge[a]?.add(b)
    })
    expect(explored(m as unknown as Model<Variables>, true).search.distinct).toBe(218)
    expect(explored(m as unknown as Model<Variables>, false).search.distinct).toBe(4096)
  })
})

describe('known models', () => {
  it('two-phase commit: 8 managers have 1,461 orbits, 10 have 3,300', async () => {
    for (const [instance, distinct] of [
      ['8 reduced', 1461],
      ['10 reduced', 3300],
    ] as const) {
      const result = await check(twoPhase, { instance })
      expect([result.expected, result.distinct]).toEqual([true, distinct])
    }
  })

  it('numbers that an instance pins are those with reduction', async () => {
    const { expected, distinct } = await check(german, { instance: '3 reduced', symmetry: false })
    expect([expected, distinct > 58077]).toEqual([true, true])
  })

  it("German's protocol: 3 clients have 5,235 orbits of clients and data, 4 have 28,088", async () => {
    expect((await check(german, { instance: '3 reduced' })).distinct).toBe(5235)
    const result = await check(german, { instance: '4 reduced' })
    expect({ expected: result.expected, distinct: result.distinct, symmetry: result.engine.symmetry }).toEqual({
      expected: true,
      distinct: 28088,
      symmetry: {
        scalarsets: [
          { name: 'c', size: 4 },
          { name: 'd', size: 2 },
        ],
      },
    })
  })

  it("German's protocol unreduced: 58,077 states", async () => {
    const result = await check(german, { instance: '3' })
    expect({ distinct: result.distinct, generated: result.generated, symmetry: result.engine.symmetry }).toEqual({
      distinct: 58077,
      generated: 235765,
      symmetry: undefined,
    })
  })
})

const lock = spec('lock', { clients: 3, broken: false, interchangeable: true }, ({ clients, broken, interchangeable }) => {
  const Client = interchangeable ? symmetric('c', clients) : ids('c', clients)
  const m = model({ at: map(Client, enumOf('out', 'waiting', 'in')), queue: seq(Client, 5) })
  m.action('Ask', { c: Client }, (s, { c }) => {
    when(s.at[c] === 'out')
    s.at[c] = 'waiting'
    s.queue.push(c)
  })
  m.action('Enter', { c: Client }, (s, { c }) => {
    when(s.at[c] === 'waiting' && (broken || s.queue[0] === c))
    s.at[c] = 'in'
  })
  m.action('Leave', { c: Client }, (s, { c }) => {
    when(s.at[c] === 'in')
    s.at[c] = 'out'
    s.queue = s.queue.filter((other) => other !== c)
  })
  m.invariant('Exclusive', { a: Client, b: Client }, (s, { a, b }) => a === b || s.at[a] !== 'in' || s.at[b] !== 'in')
  return m
})

describe('verdicts and traces', () => {
  it('are those without reduction, the length of the trace included', async () => {
    const reduced = await check(lock, { constants: { broken: true } })
    const full = await check(lock, { constants: { broken: true, interchangeable: false } })
    const off = await check(lock, { constants: { broken: true }, symmetry: false })
    expect([reduced, full, off].map(({ verdict, violation, depth }) => [verdict, violation?.name, violation?.steps, depth])).toEqual([
      ['violated', 'Exclusive', 4, 5],
      ['violated', 'Exclusive', 4, 5],
      ['violated', 'Exclusive', 4, 5],
    ])
    expect(off.engine.symmetry).toBe(undefined)
    expect(off.distinct).toBe(full.distinct)
    expect(reduced.distinct).toBeLessThan(full.distinct)
  })

  it('hold: 3 clients', async () => {
    const full = await check(lock, { constants: { interchangeable: false } })
    const reduced = await check(lock, { constants: {} })
    expect([full.distinct, full.depth, reduced.distinct, reduced.depth]).toEqual([31, 5, 7, 5])
  })

  it('a trace keeps its names: every step starts where the one before it ended', async () => {
    const { violation } = await check(lock, { constants: { broken: true } })
    const steps = violation?.trace.map(({ action, parameters, changes }) => [
      action,
      parameters,
      changes.map(({ path, new: value }) => `${path} ${value}`),
    ])
    expect(steps).toEqual([
      [null, {}, []],
      ['Ask', { c: 'c1' }, ['at.c1 waiting', 'queue [c1]']],
      ['Ask', { c: 'c2' }, ['at.c2 waiting', 'queue [c1, c2]']],
      ['Enter', { c: 'c1' }, ['at.c1 in']],
      ['Enter', { c: 'c2' }, ['at.c2 in']],
    ])
    expect(violation?.parameters).toEqual({ a: 'c1', b: 'c2' })
    expect(violation?.replay).toBe('0.0.1.3.4')
  })
})

const fails = async (m: () => Model<any>, options = {}): Promise<unknown> => {
  try {
    const { verdict } = await check(spec('claim', m), options)
    return verdict
  } catch (error) {
    const { name, message, location } = error as Error & { location?: { file: string } }
    return [name, message, location?.file.endsWith('symmetry.test.ts')]
  }
}

describe('a wrong claim is found', () => {
  it('a literal in an action', async () => {
    const m = () =>
      model({ at: map(R, int(0, 2)) }).action('Go', { r: R }, (s, { r }) => {
        when(r !== 'r2' && (s.at[r] as number) < 2)
        s.at[r] = (s.at[r] as number) + 1
      })
    expect(await fails(m)).toEqual([
      'SpecError',
      "the action Go distinguishes r1 from r2, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
    expect(await fails(m, { symmetry: false })).toBe('deadlocked')
  })

  it('a literal that matters only in a rare situation, deep in the search', async () => {
    const m = () =>
      model({ at: map(R, int(0, 60)), turn: option(R) }).action('Go', { r: R }, (s, { r }) => {
        when((s.at[r] as number) < 60)
        s.at[r] = (s.at[r] as number) + ((s.at[r] as number) === 57 && r === 'r3' ? 2 : 1)
      })
    expect(await fails(m)).toEqual([
      'SpecError',
      "the action Go distinguishes r1 from r3, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
  })

  it('an order of ids', async () => {
    const m = () =>
      model({ at: map(R, bool), n: int(0, 1) }).action('Go', { a: R, b: R }, (s, { a, b }) => {
        when(a < b && !s.at[a])
        s.at[b] = true
      })
    expect(await fails(m)).toEqual([
      'SpecError',
      "the action Go distinguishes r1 from r2, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
  })

  it('the first of several', async () => {
    const m = () =>
      model({ at: map(R, bool) }).action('Go', (s) => {
        const first = R.find((r) => !s.at[r])
        when(first !== undefined)
        s.at[first] = true
      })
    expect(await fails(m)).toEqual([
      'SpecError',
      "the action Go distinguishes r1 from r2, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
  })

  it('a property', async () => {
    const m = () =>
      model({ at: map(R, bool) })
        .action('Go', { r: R }, (s, { r }) => void (s.at[r] = true))
        .invariant('NotTheSecond', (s) => !s.at.r2 || s.at.r1)
    expect(await fails(m)).toEqual([
      'SpecError',
      "the property NotTheSecond distinguishes r1 from r2, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
  })

  it('a step property, a constraint, a terminal condition', async () => {
    const base = () =>
      model({ at: map(R, bool) }).action('Go', { r: R }, (s, { r }) => {
        when(!s.at[r])
        s.at[r] = true
      })
    expect(await fails(() => base().step('Later', (before, after) => before.at.r1 || !after.at.r3))).toEqual([
      'SpecError',
      "the step property Later distinguishes r1 from r3, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
    expect(await fails(() => base().constraint((s) => !s.at.r1))).toEqual([
      'SpecError',
      "the constraint condition distinguishes r1 from r2, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
    const once = () =>
      model({ chosen: option(R) }).action('Choose', { r: R }, (s, { r }) => {
        when(s.chosen === null)
        s.chosen = r
      })
    expect(await fails(() => once().terminal((s) => s.chosen === 'r1'))).toEqual([
      'SpecError',
      "the terminal condition distinguishes r1 from r2, which symmetric('r', …) declares to be interchangeable",
      true,
    ])
    expect(await fails(() => once().terminal((s) => s.chosen !== null))).toBe('holds')
  })

  it('the initial states', async () => {
    const m = () => model({ leader: R, at: map(R, bool) }).action('Go', (s) => void (s.leader = pick(R)))
    // There is no init that could be pointed at: the place is that of no line of the spec.
    expect(await fails(m)).toEqual([
      'SpecError',
      "the initial states distinguish r1 from r2, which symmetric('r', …) declares to be interchangeable",
      undefined,
    ])
    const picked = () =>
      model({ leader: R, at: map(R, bool) })
        .init((s) => void (s.leader = pick(R)))
        .action('Go', (s) => void (s.leader = pick(R)))
    expect(await fails(picked)).toBe('holds')
  })
})

describe('a wrong claim is found wherever it shows', () => {
  const number = (r: string): number => Number(r.slice(1))
  const all = ['r1', 'r2', 'r3'] as const
  const counters = (most: number) =>
    model({ at: map(R, int(0, most)) })
      .action('Up', { r: R }, (s, { r }) => {
        when(s.at[r] < most)
        s.at[r]++
      })
      .terminal(() => true)
  /** Nothing about it is local: its functions are called for every state. */
  const hash = ({ at }: { readonly at: any }): number => at.r1 * 961 + at.r2 * 31 + at.r3

  const claims: Record<string, readonly [about: string, () => Model<any>]> = {
    'the next in a ring': [
      'the action Pass',
      () =>
        model({ at: option(R), n: int(0, 40) })
          .action('Wait', (s) => {
            when(s.n < 40)
            s.n++
          })
          .action('Pass', { r: R }, (s, { r }) => {
            when(s.n === 40)
            s.at = s.at === null ? r : (all[number(s.at) % 3] as 'r1')
          }),
    ],
    'the number of an id, kept': [
      'the action Go',
      () =>
        model({ at: map(R, bool), last: int(0, 3) }).action('Go', { r: R }, (s, { r }) => {
          when(!s.at[r])
          s.at[r] = true
          s.last = number(r)
        }),
    ],
    'the least of a set': [
      'the action Elect',
      () =>
        model({ members: set(R), leader: option(R) })
          .action('Join', { r: R }, (s, { r }) => void s.members.add(r))
          .action('Elect', (s) => {
            when(s.members.size === 2)
            s.leader = [...s.members].sort()[0] ?? null
          }),
    ],
    'a set as a list': [
      'the action List',
      () =>
        model({ members: set(R), list: seq(R, 3) })
          .action('Join', { r: R }, (s, { r }) => void s.members.add(r))
          .action('List', (s) => void (s.list = [...s.members])),
    ],
    'ids with weights': [
      'the action Sum',
      () =>
        model({ at: map(R, bool), sum: int(0, 6) })
          .action('Go', { r: R }, (s, { r }) => void (s.at[r] = !s.at[r]))
          .action('Sum', (s) => {
            s.sum = 0
            for (const r of R) if (s.at[r]) s.sum += number(r)
          }),
    ],
    'what is to be reachable': ['the property Second', () => counters(1).reachable('Second', (s) => s.at.r2 === 1 && s.at.r1 === 0)],
    'a label that one process never sees': [
      'the action p.leave',
      () => {
        const m = model({ turn: option(R) })
        m.process('p', R, {
          enter: (s, self) => {
            when(s.turn === null)
            s.turn = self
            return 'leave'
          },
          leave: (s, self) => {
            s.turn = null
            return self === 'r2' ? 'rest' : 'enter'
          },
          rest: () => 'enter',
        })
        return m
      },
    ],
    // Each situation of a single id is known when these show, and the state in which they do is one that the reduction may leave out.
    'a combination of known situations': [
      'the property I',
      () => counters(20).invariant('I', { r: R }, (s, { r }) => s.at[r] !== 20 || r !== 'r3' || s.at.r1 !== 20),
    ],
    'one step of thousands': [
      'the step property S',
      () => counters(30).step('S', (before, after) => after.at.r2 !== 30 || before.at.r1 !== 29 || before.at.r2 !== 29 || before.at.r3 !== 30),
    ],
    'one state of thousands': ['the property I', () => counters(30).invariant('I', (s) => hash(s) !== hash({ at: { r1: 23, r2: 29, r3: 17 } }))],
    'an action that is possible in one state of thousands': [
      'the action Rare',
      () =>
        counters(30).action('Rare', (s) => {
          when(hash(s) === hash({ at: { r1: 23, r2: 29, r3: 17 } }))
          s.at.r1 = 0
        }),
    ],
    'a mapping, in one state of thousands': [
      'the mapping of Lamp, or its abstract model,',
      () => {
        const lamp = model({ lit: bool })
        lamp.action('Light', (s) => void (s.lit = true))
        return counters(20).refines('Lamp', lamp, ({ at }) => {
          const [low, high] = [Math.min(at.r1, at.r2), Math.max(at.r1, at.r2)]
          // Lit between two of its values only where r3 is the one in the middle.
          return { lit: low === 7 && at.r3 === 9 && high === 12 }
        })
      },
    ],
  }
  for (const [name, [about, m]] of Object.entries(claims))
    it(name, async () => {
      expect(await fails(m)).toEqual([
        'SpecError',
        expect.stringMatching(new RegExp(`^${about} distinguishes r\\d from r\\d, which symmetric\\('r', …\\) declares to be interchangeable$`)),
        true,
      ])
    })

  it('with its line', async () => {
    const error = await check(spec('claim', () => counters(2).invariant('First', (s) => s.at.r1 < 2))).catch((e) => e)
    const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
    expect(lines[error.location.line - 1]).toContain(".invariant('First'")
  })

  it('of very many states and permutations a sample is tried', async () => {
    const Many = symmetric('x', 12)
    const m = () =>
      model({ at: map(Many, int(0, 3)) })
        .action('Up', { x: Many }, (s, { x }) => {
          when(s.at[x] < 3)
          s.at[x]++
        })
        .terminal(() => true)
        // Not alike in one of eight states, and only for ids whose situations are known.
        .invariant('Mixed', (s) => Many.count((x) => s.at[x] === 1) !== 6 || Many.count((x) => s.at[x] === 2) !== 3 || s.at.x7 !== 3 || s.at.x1 !== 3)
    expect(((await fails(m)) as string[])[1]).toMatch(/^the property Mixed distinguishes x\d+ from x\d+, /)
  })

  it('nothing is found where nothing is: two scalarsets, a tie in a relation, several like steps', async () => {
    const m = () =>
      model({ link: map(R, option(R)), flag: map(Q, bool), n: int(0, 2) })
        .action('Link', { a: R, b: R }, (s, { a, b }) => void (s.link[a] = b))
        .action('Twice', (s) => {
          pick([1, 2])
          s.link[pick(R)] = null
        })
        .action('Flag', { q: Q }, (s, { q }) => void (s.flag[q] = !s.flag[q]))
    expect(await fails(m)).toBe('holds')
  })
})

describe('temporal properties', () => {
  it('need every state: the ids are told apart, and the report says so', async () => {
    const live = spec('live', () => {
      const m = model({ at: map(R, bool) })
      m.action('Go', { r: R }, (s, { r }) => {
        s.at[r] = true
      })
      m.property('Eventually', ({ eventually }) => eventually((s) => R.every((r) => s.at[r])))
      m.fair('Go', 'weak')
      return m
    })
    const { verdict, distinct, engine, warnings } = await check(live)
    expect({ verdict, distinct, symmetry: engine.symmetry, warnings: warnings.map(({ text }) => text) }).toEqual({
      verdict: 'holds',
      distinct: 8,
      symmetry: undefined,
      warnings: ['interchangeable ids were told apart, because temporal properties need every state: Eventually'],
    })
  })
})

describe('a refinement', () => {
  /** A lock as an abstract model, and clients that take it; broken: without looking. */
  const taken = (how: 'right' | 'broken' | 'begun' | 'named', fair = false) =>
    spec('taken', () => {
      const abstract = model({ holders: set(R) })
      abstract.action('Take', { r: R }, (s, { r }) => {
        when(s.holders.size === 0 && (how !== 'named' || r === 'r1'))
        s.holders.add(r)
      })
      abstract.action('Give', (s) => {
        when(s.holders.size > 0)
        s.holders.clear()
      })
      if (fair) abstract.fair('Give', 'weak')
      const m = model({ at: map(R, enumOf('out', 'asks', 'in')) })
      if (how === 'begun')
        m.init((s) => {
          s.at[pick(R)] = 'in'
        })
      m.action('Ask', { r: R }, (s, { r }) => {
        when(s.at[r] === 'out')
        s.at[r] = 'asks'
      })
      m.action('Enter', { r: R }, (s, { r }) => {
        when(s.at[r] === 'asks' && (how === 'broken' || R.every((other) => s.at[other] !== 'in')))
        s.at[r] = 'in'
      })
      m.action('Leave', { r: R }, (s, { r }) => {
        when(s.at[r] === 'in')
        s.at[r] = 'out'
      })
      if (fair) m.fair('Leave', 'weak')
      m.refines('Lock', abstract, (s) => ({ holders: new Set(R.filter((r) => s.at[r] === 'in')) }))
      return m
    }).instance('it', {}, how === 'right' || how === 'named' ? {} : { violates: 'Lock' })

  it('without fairness is checked over one state per orbit', async () => {
    const reduced = await check(taken('right'))
    const full = await check(taken('right'), { symmetry: false })
    expect([reduced, full].map(({ verdict, distinct, warnings }) => [verdict, distinct, warnings])).toEqual([
      ['holds', 7, []],
      ['holds', 20, []],
    ])
  })

  it('that is broken is broken after as many steps, in original names', async () => {
    for (const how of ['broken', 'begun'] as const) {
      const reduced = await check(taken(how))
      const full = await check(taken(how), { symmetry: false })
      expect([reduced.violation?.steps, reduced.violation?.because]).toEqual([full.violation?.steps, full.violation?.because])
      expect(reduced.engine.symmetry).toBeDefined()
    }
    const { violation } = await check(taken('broken'))
    expect(violation?.trace.map(({ action, parameters, abstract }) => [action, parameters, abstract?.step])).toEqual([
      [null, {}, null],
      ['Ask', { r: 'r1' }, 'stutters'],
      ['Ask', { r: 'r2' }, 'stutters'],
      ['Enter', { r: 'r1' }, 'Take(r: r1)'],
      ['Enter', { r: 'r2' }, 'no step of the abstract model'],
    ])
  })

  it('of which the mapping tells ids apart is found out', async () => {
    await expect(check(taken('named'))).rejects.toThrow(
      "the mapping of Lock, or its abstract model, distinguishes r1 from r2, which symmetric('r', …) declares to be interchangeable",
    )
  })

  it('with fairness needs every state', async () => {
    const { verdict, distinct, warnings } = await check(taken('right', true))
    expect([verdict, distinct, warnings.map(({ text }) => text)]).toEqual([
      'holds',
      20,
      ['interchangeable ids were told apart, because temporal properties need every state: Lock'],
    ])
  })
})

describe('what cannot be permuted is refused', () => {
  it('value()', async () => {
    expect(((await fails(() => model({ owner: option(R), x: value(0) }).action('Go', (s) => void (s.x = 1)))) as string[])[1]).toBe(
      'the variable x is a value(), in which interchangeable ids cannot be found',
    )
  })

  it('a set of very many possible elements', async () => {
    const Big = record({ a: R, n: int(0, 999) })
    expect(((await fails(() => model({ soup: set(Big) }).action('Go', (s) => void s.soup.clear()))) as string[])[1]).toMatch(
      /^the set soup has too many possible elements for its interchangeable ids to be permuted: set\(record/,
    )
  })

  it('a view', async () => {
    expect(
      (
        (await fails(() =>
          model({ owner: option(R) })
            .action('Go', (s) => void (s.owner = null))
            .view((s) => s.owner),
        )) as string[]
      )[1],
    ).toBe('the model has both a view and interchangeable ids')
  })

  it('two scalarsets of one name', async () => {
    expect(((await fails(() => model({ a: option(R), b: option(symmetric('r', 4)) }).action('Go', (s) => void (s.a = null)))) as string[])[1]).toBe(
      "there are two scalarsets of the name 'r' and different numbers of ids",
    )
  })
})

it('a text that is equal for equal values keeps the tests honest', () => {
  expect(
    renamed(
      { r1: 'r2', x: ['r1'] },
      new Map([
        ['r1', 'r2'],
        ['r2', 'r1'],
      ]),
    ),
  ).toBe('(r2:r1,x:[r2])')
  expect(keyOf({ a: 1 })).toBe('{"a":1}')
})
