/** Mistakes that checkers of temporal properties are known to make; each test fails for a checker that makes it. */
import { bool, check, enumOf, ids, int, map, model, spec, when } from 'tsmc'
import { expect, test } from 'vitest'
import type { Result } from '../../src/program/result.ts'
import { lockOf } from '../lock.ts'

const statesOf = (result: Result, variable: string) => result.violation?.trace.map(({ state }) => state[variable])

const clock = (fair: boolean) =>
  spec('clock', () => {
    const m = model({ hour: int(0, 11) })
    m.action('Tick', (s) => {
      s.hour = (s.hour + 1) % 12
    })
    if (fair) m.fair('Tick', 'weak')
    m.property('ComesAgain', ({ always, eventually }) => always(eventually((s) => s.hour === 3)))
    m.property('Ticks', ({ always, eventually, happens }) => always(eventually(happens('Tick'))))
    return m
  }).instance('it')

test('stuttering is implicit: without fairness nothing has to happen', async () => {
  const result = await check(clock(false))
  expect(result.violation).toMatchObject({ kind: 'property', name: 'ComesAgain', steps: 0, lasso: { stutters: true } })
  expect(result.violation?.fairness).toEqual([
    {
      action: 'Tick',
      fairness: null,
      part: 'always possible',
      starved: true,
      text: 'Tick is possible there and never happens: weak fairness of it would rule this out',
    },
  ])
  expect(result).toMatchObject({ verdict: 'violated', distinct: 12, generated: 13, depth: 12 })
  expect((await check(clock(true))).verdict).toBe('holds')
})

test('a step that is fair must change something: an action whose steps stutter keeps no promise', async () => {
  // Weak fairness of Poll as such is met by polling in vain for ever; of <<Poll>>_v it is met by doing nothing.
  const polling = spec('polling', () => {
    const m = model({ ready: bool, done: bool })
    m.action('Poll', (s) => {
      if (s.ready) s.done = true
    })
    m.action('GetReady', (s) => {
      when(!s.ready)
      s.ready = true
    })
    m.fair('Poll', 'weak')
    m.property('Done', ({ eventually }) => eventually((s) => s.done))
    m.property('DoneOnceReady', ({ leadsTo }) =>
      leadsTo(
        (s) => s.ready,
        (s) => s.done,
      ),
    )
    m.property('Polls', ({ implies, eventually, happens }) =>
      implies(
        eventually((s) => s.ready),
        eventually(happens('Poll')),
      ),
    )
    return m
  })
    .instance('done', {}, { violates: 'Done', only: ['Done'] })
    .instance('ready', {}, { only: ['DoneOnceReady', 'Polls'] })
  const result = await check(polling, { instance: 'done' })
  expect(result.violation).toMatchObject({ name: 'Done', steps: 0, lasso: { stutters: true } })
  // Poll is enabled in the state that stutters, but no step of it would change anything there.
  expect(result.violation?.fairness?.[0]).toMatchObject({ action: 'Poll', fairness: 'weak', part: 'impossible' })
  expect((await check(polling, { instance: 'ready' })).verdict).toBe('holds')
})

test('a cycle is short: not the whole component', async () => {
  const grid = spec('grid', () => {
    const m = model({ x: int(0, 9), y: int(0, 9), on: bool })
    m.action('Right', (s) => {
      s.x = (s.x + 1) % 10
    })
    m.action('Up', (s) => {
      s.y = (s.y + 1) % 10
    })
    m.action('Flip', (s) => {
      s.on = !s.on
    })
    m.fair('Flip', 'strong')
    m.property('Leaves', ({ eventually }) => eventually((s) => s.x === 5))
    return m
  }).instance('it', {}, { violates: 'Leaves' })
  const result = await check(grid)
  expect(result.distinct).toBe(200)
  // Flip has to happen again and again; it alone makes a cycle of two states.
  expect(result.violation).toMatchObject({ name: 'Leaves', steps: 2, lasso: { backTo: 0, action: 'Flip' } })
  expect(statesOf(result, 'on')).toEqual([false, true])
})

test('fairness is about steps, not about states: being where a step leads is not taking it', async () => {
  // Both actions lead to the same states. Only B is fair, and A alone goes round for ever... over the very same steps: then A's are B's.
  const same = spec('same', { different: false }, ({ different }) => {
    const m = model({ at: int(0, 2) })
    m.action('A', (s) => {
      s.at = s.at === 0 ? 1 : 0
    })
    m.action('B', (s) => {
      when(s.at !== 2)
      s.at = s.at === 0 && different ? 2 : s.at === 0 ? 1 : 0
    })
    m.fair('B', 'weak')
    m.property('Returns', ({ eventually }) => eventually((s) => s.at === 2))
    m.property('B', ({ always, eventually, happens }) => always(eventually(happens('B'))))
    return m
  })
    .instance('same steps', {}, { violates: 'Returns' })
    .instance('one differs', { different: true }, { violates: 'Returns' })
  const result = await check(same, { instance: 'same steps' })
  expect(result.violation).toMatchObject({ name: 'Returns', steps: 2, lasso: { backTo: 0 } })
  expect(result.violations).toHaveLength(1)
  expect(result.warnings.filter(({ kind }) => kind === 'also-violated')).toEqual([])
  // With 0 -> 2 for B: in the cycle 0 -> 1 -> 0 the step back is one of B as well, so the cycle is still fair.
  expect((await check(same, { instance: 'one differs' })).violation).toMatchObject({ name: 'Returns', steps: 2, lasso: { backTo: 0 } })
})

test('visiting both ends of a fair step is not taking it', async () => {
  const ring = spec('ring', () => {
    const m = model({ at: int(0, 2), hops: bool })
    m.action('Round', (s) => {
      s.at = (s.at + 1) % 3
    })
    // From 0 to 2 directly. The cycle of Round visits 0 and 2, but takes no step of Back.
    m.action('Back', (s) => {
      when(s.at === 0)
      s.at = 2
      s.hops = true
    })
    m.fair('Back', 'strong')
    m.fair('Round', 'weak')
    m.property('Hops', ({ eventually }) => eventually((s) => s.hops))
    return m
  }).instance('it')
  expect((await check(ring)).verdict).toBe('holds')
})

test('a cycle that is closed by a step to the same state is stuttering, and no fair step', async () => {
  const self = spec('self', () => {
    const m = model({ at: int(0, 1) })
    m.action('Idle', () => {})
    m.action('Go', (s) => {
      when(s.at === 0)
      s.at = 1
    })
    m.fair('Idle', 'weak')
    m.property('Goes', ({ eventually }) => eventually((s) => s.at === 1))
    return m
  }).instance('it', {}, { violates: 'Goes' })
  const result = await check(self)
  expect(result.violation).toMatchObject({ name: 'Goes', steps: 0, lasso: { stutters: true } })
  expect(result.violation?.trace).toHaveLength(1)
})

const counter = (temporal: 'inside' | undefined) =>
  spec('counter', () => {
    const m = model({ n: int(0, 100), done: bool })
    m.action('Count', (s) => {
      when(!s.done)
      s.n += 1
    })
    m.action('Stop', (s) => {
      when(!s.done && s.n > 50)
      s.done = true
    })
    m.fair('Count', 'weak')
    m.constraint((s) => s.n <= 3, temporal ? { temporal } : {})
    m.property('Small', ({ always }) => always((s) => s.n <= 3))
    return m
  }).instance('it')

test('under a constraint that cuts something off a property is not said to hold', async () => {
  await expect(check(counter(undefined))).rejects.toThrow('the constraint cut off 1 successors, so Small cannot be said to hold')
  const inside = await check(counter('inside'))
  expect(inside.verdict).toBe('holds')
  expect(inside.warnings.map(({ text }) => text)).toContain('temporal properties were checked only over behaviours inside the constraint: Small')
})

test('what leads out of a constraint is possible nonetheless: nobody stutters where a fair step leaves', async () => {
  const leaving = spec('leaving', () => {
    const m = model({ n: int(0, 9) })
    m.action('Count', (s) => {
      when(s.n < 9)
      s.n += 1
    })
    m.fair('Count', 'weak')
    m.constraint((s) => s.n <= 3, { temporal: 'inside' })
    // Were Count impossible in 3, the behaviour could end there.
    m.property('Reaches', ({ eventually }) => eventually((s) => s.n === 9))
    return m
  }).instance('it', {}, { only: ['Reaches'] })
  const { verdict, warnings } = await check(leaving)
  expect(verdict).toBe('holds')
  // Nothing fair stays inside, and that is said.
  expect(warnings.filter(({ kind }) => kind === 'no-fair-behaviour')).toEqual([
    {
      kind: 'no-fair-behaviour',
      text: 'no fair behaviour stays inside the constraint for ever: every temporal property holds for want of one',
      vacuous: true,
    },
  ])
  expect((await check(counter('inside'))).warnings.map(({ kind }) => kind)).toContain('no-fair-behaviour')
})

test('under a view temporal properties are refused', async () => {
  const viewed = spec('viewed', () => {
    const m = model({ n: int(0, 9) })
    m.action('Count', (s) => {
      s.n = (s.n + 1) % 10
    })
    m.view((s) => s.n % 2)
    m.property('Nine', ({ eventually }) => eventually((s) => s.n === 9))
    return m
  })
  await expect(check(viewed)).rejects.toThrow('Nine cannot be checked under a view')
})

test('a premise that is never true is said', async () => {
  const vacuous = spec('vacuous', () => {
    const P = ids('p', 2)
    const m = model({ at: map(P, enumOf('idle', 'busy', 'broken')) })
    m.action('Work', { p: P }, (s, { p }) => {
      s.at[p] = s.at[p] === 'idle' ? 'busy' : 'idle'
    })
    m.property('Repaired', { p: P }, ({ leadsTo }, { p }) =>
      leadsTo(
        (s) => s.at[p] === 'broken',
        (s) => s.at[p] === 'idle',
      ),
    )
    m.property('Rests', ({ implies, always, eventually }) => implies(always(eventually((s) => s.at.p1 === 'broken')), false))
    m.property('Fine', ({ always, implies, not }) =>
      always(
        implies(
          (s) => s.at.p1 === 'busy',
          not((s) => s.at.p1 === 'broken'),
        ),
      ),
    )
    return m
  })
  const { verdict, warnings } = await check(vacuous)
  expect(verdict).toBe('holds')
  expect(warnings.filter(({ kind }) => kind === 'vacuous-premise')).toEqual([
    { kind: 'vacuous-premise', text: 'Repaired holds only because its premise is never true', vacuous: true },
    { kind: 'vacuous-premise', text: 'Rests holds only because its premise is never true', vacuous: true },
  ])
})

test('a property that cannot be false is said', async () => {
  const constant = spec('constant', () => {
    const m = model({ n: int(0, 1) })
    m.action('Flip', (s) => {
      s.n = 1 - s.n
    })
    const one = (s: { readonly n: number }) => s.n === 1
    m.property('True', ({ always }) => always(true))
    m.property('Trivial', ({ leadsTo }) => leadsTo(false, one))
    m.property('Excluded', { k: int(0, 1) }, ({ or, always }, { k }) => or(k < 2, always(one)))
    m.property('Some', { k: int(0, 1) }, ({ or, always }, { k }) =>
      or(
        k === 0,
        always((s) => s.n < 2),
      ),
    )
    return m
  })
  const { verdict, warnings } = await check(constant)
  expect(verdict).toBe('holds')
  expect(warnings).toEqual(
    ['True', 'Trivial', 'Excluded'].map((name) => ({
      kind: 'constant-property',
      text: `the property ${name} is true of every behaviour, whatever its states`,
      vacuous: true,
    })),
  )
})

const lock = (kind: 'weak' | 'strong') =>
  spec('lock', () => {
    const P = ids('p', 2)
    const m = model({ held: bool, at: map(P, enumOf('idle', 'waiting', 'in')) })
    m.action('Ask', { p: P }, (s, { p }) => {
      when(s.at[p] === 'idle')
      s.at[p] = 'waiting'
    })
    m.action(
      'Enter',
      { p: P },
      (s, { p }) => {
        when(s.at[p] === 'waiting' && !s.held)
        s.held = true
        s.at[p] = 'in'
      },
      { fair: kind },
    )
    m.action(
      'Leave',
      { p: P },
      (s, { p }) => {
        when(s.at[p] === 'in')
        s.held = false
        s.at[p] = 'idle'
      },
      { fair: 'weak' },
    )
    m.property('Served', { p: P }, ({ leadsTo }, { p }) =>
      leadsTo(
        (s) => s.at[p] === 'waiting',
        (s) => s.at[p] === 'in',
      ),
    )
    return m
  }).instance('it')

test('weak and strong fairness differ where a step is possible again and again only', async () => {
  expect((await check(lock('strong'))).verdict).toBe('holds')
  const { violation } = await check(lock('weak'))
  expect(violation).toMatchObject({
    name: 'Served',
    parameters: { p: 'p1' },
    steps: 4,
    lasso: { backTo: 1, action: 'Leave', parameters: { p: 'p2' } },
    replay: '0.0.1.3.5',
  })
  expect(violation?.trace.map(({ action }) => action)).toEqual([null, 'Ask', 'Ask', 'Enter'])
  expect(violation?.fairness?.map(({ text }) => text)).toEqual([
    'Enter(p: p1) (weak fairness) is not always possible in the cycle, so weak fairness does not make it happen: it is starved',
    'Enter(p: p2) (weak fairness) happens in the cycle',
    'Leave(p: p1) (weak fairness) is never possible in the cycle',
    'Leave(p: p2) (weak fairness) happens in the cycle',
  ])
})

test('the cycle is the shortest that meets every fairness, and what leads to it is no longer than it has to be', async () => {
  // Another process that asks does no good to the cycle, but would be the nearest step.
  const three = spec('three', () => {
    const { m } = lockOf(3)
    m.fair('Enter', 'weak')
    m.fair('Leave', 'weak')
    m.property('Served', ({ leadsTo }) =>
      leadsTo(
        (s) => s.at.p2 === 'waiting',
        (s) => s.at.p2 === 'in',
      ),
    )
    return m
  }).instance('it', {}, { violates: 'Served', steps: 4 })
  const { mismatches, violation } = await check(three)
  expect([mismatches, violation?.lasso]).toEqual([[], { backTo: 1, action: 'Leave', parameters: { p: 'p1' } }])
})

test('many strong fairness conditions: no blow-up', async () => {
  const many = spec('many', () => {
    const P = ids('p', 40)
    const m = model({ at: P, token: bool })
    m.action('Pass', { p: P }, (s, { p }) => {
      s.at = p
    })
    m.fair('Pass', 'strong')
    m.property('Everyone', { p: P }, ({ always, eventually }, { p }) => always(eventually((s) => s.at === p)))
    return m
  })
  const result = await check(many)
  expect(result.verdict).toBe('holds')
  expect(result.distinct).toBe(40)
})

/** Up and down a stair; each step up is strongly fair, but perhaps not one of them. */
const stair = (steps: number) =>
  spec('stair', { unfair: -1 }, ({ unfair }) => {
    const m = model({ at: int(0, steps) })
    for (let step = 0; step < steps; step++) {
      m.action(`Up${step}`, (s) => {
        when(s.at === step)
        s.at++
      })
      if (step !== unfair) m.fair(`Up${step}`, 'strong')
    }
    m.action('Down', (s) => {
      when(s.at > 0)
      s.at--
    })
    m.fair('Down', 'weak')
    m.property('TopAgain', ({ always, eventually }) => always(eventually((s) => s.at === steps)))
    m.property('BottomAgain', ({ always, eventually }) => always(eventually((s) => s.at === 0)))
    return m
  })

test.each([12, 64])('%i strong fairness conditions, each of which matters only when the one before is met', async (steps) => {
  // Going back and forth below a step is unfair to it: one state after the other is removed, and nothing fair is left.
  const top = stair(steps).instance('all', {}, { only: ['TopAgain'] })
  expect((await check(top, { instance: 'all' })).verdict).toBe('holds')
  // Where step 5 is not fair, it is never taken, and only there.
  const five = stair(steps).instance('but one', { unfair: 5 }, { violates: 'TopAgain', steps: 6, only: ['TopAgain'] })
  const { mismatches, violation } = await check(five, { instance: 'but one' })
  expect([mismatches, violation?.trace.map(({ state }) => state.at), violation?.lasso]).toEqual([
    [],
    [0, 1, 2, 3, 4, 5],
    { backTo: 4, action: 'Down', parameters: {} },
  ])
  // Nothing makes anybody go down to the bottom.
  const bottom = stair(steps).instance('all', {}, { violates: 'BottomAgain', only: ['BottomAgain'] })
  expect((await check(bottom, { instance: 'all' })).mismatches).toEqual([])
})

test('fairness of an action as a whole may pass over some of its parameters', async () => {
  const whole = spec('whole', { per: 'action' }, ({ per }) => {
    const P = ids('p', 3)
    const m = model({ at: P })
    m.action('Pass', { p: P }, (s, { p }) => {
      s.at = p
    })
    m.fair('Pass', 'strong', { per: per as 'action' | 'instance' })
    m.property('Third', ({ eventually }) => eventually((s) => s.at === 'p3'))
    return m
  })
    .instance('whole', {}, { violates: 'Third', steps: 2 })
    .instance('each', { per: 'instance' })
  expect((await check(whole, { instance: 'whole' })).mismatches).toEqual([])
  expect((await check(whole, { instance: 'each' })).mismatches).toEqual([])
})

test('fairness of several actions together is for each value of a parameter that they share, wherever its type was written', async () => {
  const shared = spec('shared', { name: 'p' }, ({ name }) => {
    const m = model({ at: map(ids('p', 2), bool), last: int(0, 1) })
    m.action('Rise', { p: ids('p', 2) }, (s, { p }) => {
      when(!s.at[p])
      s.at[p] = true
    })
    m.action('Fall', { [name]: ids('p', 2) }, (s, values) => {
      const p = values[name] as 'p1' | 'p2'
      when(s.at[p])
      s.at[p] = false
    })
    m.fair(['Rise', 'Fall'], 'weak')
    m.property('Second', ({ eventually }) => eventually((s) => s.at.p2))
    return m
  })
    .instance('shared')
    .instance('not shared', { name: 'q' }, { violates: 'Second', steps: 2 })
  for (const instance of ['shared', 'not shared']) expect((await check(shared, { instance })).mismatches).toEqual([])
})

test('next is the next change of the state, and the same state where there is none', async () => {
  const stepper = spec('next', { fair: true }, ({ fair }) => {
    const m = model({ n: int(0, 3), idle: bool })
    m.action('Count', (s) => {
      when(s.n < 3)
      s.n += 1
    })
    if (fair) m.fair('Count', 'weak')
    m.property('OneAfterNought', ({ next }) => next((s) => s.n === 1))
    m.property('StaysThree', ({ always, implies, next }) =>
      always(
        implies(
          (s) => s.n === 3,
          next((s) => s.n === 3),
        ),
      ),
    )
    m.terminal((s) => s.n === 3)
    return m
  })
    .instance('fair')
    .instance('unfair', { fair: false }, { violates: 'OneAfterNought', steps: 0 })
  expect((await check(stepper, { instance: 'fair' })).mismatches).toEqual([])
  expect((await check(stepper, { instance: 'unfair' })).mismatches).toEqual([])
})

const flipping = (more: (m: any) => void) =>
  spec('flipping', () => {
    const m = model({ x: int(0, 3), on: bool })
    m.action('Up', (s) => {
      s.x = (s.x + 1) % 4
    })
    m.action('Flip', (s) => {
      s.on = !s.on
    })
    m.fair('Up', 'weak')
    more(m)
    return m
  }).instance('it')
const vacuous = async (more: (m: any) => void): Promise<string[]> => {
  const { verdict, warnings } = await check(flipping(more))
  expect(verdict).toBe('holds')
  return warnings.filter((warning) => warning.vacuous).map(({ text }) => text)
}

test('a property that never looks at the state is said, with parameters only where it does so for none', async () => {
  expect(await vacuous((m) => m.property('P', ({ always }: any) => always(() => true)))).toEqual(['the property P never looks at the state'])
  const some = (m: any) =>
    m.property('P', { k: int(0, 1) }, ({ always, eventually }: any, { k }: any) => always(eventually((s: any) => k === 0 || s.x === 3)))
  expect(await vacuous(some)).toEqual([])
})

test('a property that is true whatever its predicate says: the same predicate is the same', async () => {
  const excluded = (m: any) =>
    m.property('P', ({ or, eventually, not }: any) => {
      const three = (s: any) => s.x === 3
      return or(eventually(three), not(eventually(three)))
    })
  expect(await vacuous(excluded)).toEqual(['the property P is true of every behaviour, whatever its states'])
})

test('a property that the initial states settle is said, unless it is about them', async () => {
  expect(await vacuous((m) => m.property('P', ({ eventually }: any) => eventually((s: any) => s.x === 0)))).toEqual([
    'P is true already because of the initial states, whatever happens then',
  ])
  expect(await vacuous((m) => m.property('P', () => (s: any) => s.x === 0))).toEqual([])
  expect(await vacuous((m) => m.property('P', ({ eventually }: any) => eventually((s: any) => s.x === 1)))).toEqual([])
  expect(await vacuous((m) => m.property('P', ({ always, eventually }: any) => always(eventually((s: any) => s.x === 0))))).toEqual([])
})

test('a refinement of which every step is mapped to stuttering is said', async () => {
  const lamp = model({ lit: bool })
  lamp.action('Switch', (s) => {
    s.lit = !s.lit
  })
  expect(await vacuous((m) => m.refines('Lamp', lamp, () => ({ lit: false })))).toEqual([
    'Lamp holds only because every step is mapped to stuttering: the abstract state never changes',
  ])
  expect(await vacuous((m) => m.refines('Lamp', lamp, (s: any) => ({ lit: s.on })))).toEqual([])
})
