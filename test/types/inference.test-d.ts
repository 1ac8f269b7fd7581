/** What a spec's author gets from inference alone: what must compile with which types, and what must not compile. */
import {
  type Id,
  type AnySpec,
  type Bag,
  bag,
  bool,
  check,
  type DraftState,
  either,
  ensure,
  enumOf,
  every,
  filter,
  find,
  ids,
  int,
  map,
  model,
  option,
  pick,
  type ReadState,
  record,
  type Result,
  seq,
  set,
  spec,
  type Spec,
  union,
  value,
  when,
} from 'tsmc'
import type { List } from 'immutable'
import { describe, expectTypeOf, test } from 'vitest'

const Region = ids('r', 2)
const Message = union('type', { vote: { from: Region, term: int(0, 3) }, ack: {} })
const variables = {
  flag: bool,
  count: int(0, 3),
  phase: enumOf('absent', 'loading', 'active'),
  current: option(Region),
  loading: option(record({ by: Region, done: bool })),
  region: map(Region, record({ phase: enumOf('absent', 'active'), written: bool })),
  byNumber: map(int(0, 2), bool),
  prepared: set(Region),
  sent: set(Message),
  channel: bag(Message, 2),
  queue: seq(record({ region: Region, put: int(0, 2) }), 3),
  last: Message,
  log: value<{ term: number }[]>([]),
  total: value(0),
}
type R = Id<'r'>
type M = { readonly type: 'vote'; from: R; term: number } | { readonly type: 'ack' }

describe('drafts', () => {
  test('every type', () => {
    model(variables).action('A', (s) => {
      expectTypeOf(s.flag).toEqualTypeOf<boolean>()
      expectTypeOf(s.count).toEqualTypeOf<number>()
      expectTypeOf(s.phase).toEqualTypeOf<'absent' | 'loading' | 'active'>()
      expectTypeOf(s.current).toEqualTypeOf<R | null>()
      expectTypeOf(s.loading).toEqualTypeOf<{ by: R; done: boolean } | null>()
      expectTypeOf(s.region).toEqualTypeOf<Record<R, { phase: 'absent' | 'active'; written: boolean }>>()
      expectTypeOf(s.byNumber).toEqualTypeOf<Record<number, boolean>>()
      expectTypeOf(s.prepared).toEqualTypeOf<Set<R>>()
      expectTypeOf(s.sent).toEqualTypeOf<Set<M>>()
      expectTypeOf(s.channel).toEqualTypeOf<Bag<M>>()
      expectTypeOf(s.queue).toEqualTypeOf<{ region: R; put: number }[]>()
      expectTypeOf(s.last).toEqualTypeOf<M>()
      expectTypeOf(s.log).toEqualTypeOf<{ term: number }[]>()
      expectTypeOf(s.total).toEqualTypeOf<number>()
    })
  })

  test('what may be written', () => {
    model(variables).action('A', (s) => {
      s.count += 1
      s.phase = 'loading'
      s.current = 'r1'
      s.current = null
      s.region.r1.phase = 'active'
      s.region['r2'] = { phase: 'absent', written: false }
      s.prepared.add('r1').delete('r2')
      s.sent.add({ type: 'ack' })
      s.queue.push({ region: 'r1', put: 0 })
      s.last = { type: 'vote', from: 'r1', term: 1 }
      for (const { type } of s.sent) expectTypeOf(type).toEqualTypeOf<'vote' | 'ack'>()
    })
  })

  test('what must not be written', () => {
    model(variables).action('A', (s) => {
      // @ts-expect-error not a number
      s.count = '1'
      // @ts-expect-error no member of the enum
      s.phase = 'lodaing'
      // @ts-expect-error not an id of this prefix
      s.current = 'p1'
      // @ts-expect-error absent is null
      s.current = undefined
      // @ts-expect-error no member of the inner enum
      s.region.r1.phase = 'loading'
      // @ts-expect-error no such field
      s.region.r1.fase = 'active'
      // @ts-expect-error no such key
      s.region.p1.phase = 'active'
      // @ts-expect-error a field is missing
      s.region.r1 = { phase: 'active' }
      // @ts-expect-error a field too many
      s.region.r1 = { phase: 'active', written: true, more: 1 }
      // @ts-expect-error no such element
      s.prepared.add('p1')
      // @ts-expect-error no such variant
      s.sent.add({ type: 'nack' })
      // @ts-expect-error a field of the variant is missing
      s.sent.add({ type: 'vote', from: 'r1' })
      // @ts-expect-error a field of another variant
      s.last = { type: 'ack', term: 1 }
      // @ts-expect-error the tag tells which fields there are
      s.last.type = 'ack'
      // @ts-expect-error no such variable
      s.cuont = 1
      // @ts-expect-error may be null
      s.loading.done = true
      // @ts-expect-error not an element
      s.queue.push(3)
    })
  })
})

describe('narrowing', () => {
  test('by when()', () => {
    model(variables).action('A', (s) => {
      when(s.current !== null && s.loading !== null)
      expectTypeOf(s.current).toEqualTypeOf<R>()
      s.loading.done = true
      s.region[s.current].written = true
    })
  })
  test('by ensure()', () => {
    model(variables).action('A', (s) => {
      const { current } = s
      ensure(current !== null, 'there is a region')
      expectTypeOf(current).toEqualTypeOf<R>()
    })
  })
  test('of unions, by their tag', () => {
    model(variables).action('A', (s) => {
      const message = pick(s.sent)
      // @ts-expect-error not every variant has it
      message.term
      when(message.type === 'vote')
      expectTypeOf(message).toEqualTypeOf<{ readonly type: 'vote'; from: R; term: number }>()
      if (s.last.type === 'ack') {
        // @ts-expect-error this variant has no fields
        s.last.term
      } else expectTypeOf(s.last.term).toEqualTypeOf<number>()
    })
  })
})

describe('choices', () => {
  test('pick and either give what they choose from', () => {
    model(variables).action('A', (s) => {
      expectTypeOf(pick(Region)).toEqualTypeOf<R>()
      expectTypeOf(pick(s.prepared)).toEqualTypeOf<R>()
      expectTypeOf(pick(s.queue)).toEqualTypeOf<{ region: R; put: number }>()
      expectTypeOf(pick([1, 2])).toEqualTypeOf<number>()
      expectTypeOf(
        either(
          () => 1,
          () => 'a',
        ),
      ).toEqualTypeOf<number | string>()
      // @ts-expect-error nothing to choose from
      pick(3)
    })
  })
  test('quantifiers hand out elements', () => {
    model(variables).invariant('I', (s) => {
      expectTypeOf(find(s.sent, (message) => message.type === 'vote')).toExtend<{ readonly type: string } | undefined>()
      expectTypeOf(filter(s.prepared, (r) => r !== 'r1')).toEqualTypeOf<R[]>()
      // @ts-expect-error a callback answers true or false
      every(s.prepared, (r) => r)
      // @ts-expect-error a callback answers true or false
      Region.some((r) => r)
      return Region.every((r) => s.region[r].written)
    })
  })
})

describe('parameters', () => {
  test('have the values of their types', () => {
    const m = model(variables)
    m.action('A', { region: Region, n: int(0, 1) }, (s, { region, n }) => {
      expectTypeOf(region).toEqualTypeOf<R>()
      expectTypeOf(n).toEqualTypeOf<number>()
      s.region[region].written = n > 0
    })
    m.invariant('I', { region: Region }, (s, { region }) => s.region[region].written)
    m.step('S', { region: Region }, (before, after, { region }, { action }) => {
      expectTypeOf(action).toEqualTypeOf<string>()
      return before.region[region].written === after.region[region].written
    })
    m.step('T', (before, after, { action }) => before.count <= after.count || action === 'A')
    // @ts-expect-error not declared
    m.action('B', { region: Region }, (_, { regoin }) => regoin)
    // @ts-expect-error not a type
    m.action('C', { region: 3 }, () => {})
  })
})

describe('predicates only read', () => {
  test('of every type', () => {
    const m = model(variables)
    m.invariant('I', (s) => {
      // @ts-expect-error read only
      s.count = 1
      // @ts-expect-error read only
      s.region.r1.written = true
      // @ts-expect-error read only
      s.region.r1 = { phase: 'absent', written: true }
      // @ts-expect-error read only
      s.prepared.add('r1')
      // @ts-expect-error read only
      s.channel.add({ type: 'ack' })
      // @ts-expect-error read only
      s.queue.push({ region: 'r1', put: 0 })
      // @ts-expect-error read only
      s.queue[0] = { region: 'r1', put: 0 }
      if (s.loading !== null) {
        // @ts-expect-error read only
        s.loading.done = true
      }
      for (const message of s.sent) {
        // @ts-expect-error read only
        if (message.type === 'vote') message.term = 1
      }
      expectTypeOf(s.prepared).toEqualTypeOf<ReadonlySet<R>>()
      expectTypeOf(s.queue).toEqualTypeOf<readonly { readonly region: R; readonly put: number }[]>()
      return s.queue.length < 3 && s.prepared.has('r1')
    })
  })
  test('and answer booleans', () => {
    const m = model(variables)
    // @ts-expect-error not a boolean
    m.invariant('I', (s) => s.count)
    // @ts-expect-error a promise is no boolean
    m.reachable('R', async () => true)
    // @ts-expect-error not a boolean
    m.constraint((s) => s.current)
    // @ts-expect-error nothing
    m.terminal(() => {})
    // @ts-expect-error not a boolean
    m.step('S', (_, after) => after.count)
  })
})

describe('processes', () => {
  test('labels are checked', () => {
    const m = model(variables)
    const worker = m.process('Worker', Region, {
      idle: (s, self) => {
        expectTypeOf(self).toEqualTypeOf<R>()
        s.current = self
        return 'busy'
      },
      busy: () => 'Done',
    })
    m.process('Wrong', Region, {
      // @ts-expect-error there is no such label
      idle: () => 'bsuy',
      busy: () => 'idle',
    })
    m.invariant('I', (s) => {
      expectTypeOf(worker.at(s, 'r1')).toEqualTypeOf<'idle' | 'busy' | 'Done'>()
      // @ts-expect-error no such process
      return worker.at(s, 'p1') === 'idle'
    })
  })
})

describe('types', () => {
  test('refuse what makes no sense', () => {
    // @ts-expect-error members are strings
    enumOf(1, 2)
    // @ts-expect-error bounds are numbers
    int('0', 3)
    // @ts-expect-error keys are scalars
    map(record({ a: bool }), bool)
    // @ts-expect-error a field needs a type
    record({ a: 3 })
    // @ts-expect-error how many copies at most?
    bag(Region)
    // @ts-expect-error how long at most?
    seq(Region)
    // @ts-expect-error a variable needs a type
    model({ x: 'bool' })
  })
  test('are domains', () => {
    expectTypeOf([...Region]).toEqualTypeOf<R[]>()
    expectTypeOf(Region.filter((r) => r === 'r1')).toEqualTypeOf<R[]>()
    expectTypeOf(int(0, 3).find((n) => n > 2)).toEqualTypeOf<number | undefined>()
    expectTypeOf(value<List<number> | null>(null).valueAt(0)).toEqualTypeOf<List<number> | null>()
  })
})

describe('helpers', () => {
  const m = model(variables)
  type Draft = DraftState<typeof m>
  type State = ReadState<typeof m>
  const prepare = (s: Draft, region: R): void => {
    s.prepared.add(region)
  }
  const isIdle = (s: State): boolean => s.current === null && s.prepared.size === 0
  const broken = (s: State): void => {
    // @ts-expect-error a predicate's state is read only
    s.current = null
  }
  test('take the state of a model, and a draft where one only reads', () => {
    m.action('Prepare', { region: Region }, (s, { region }) => {
      when(isIdle(s))
      prepare(s, region)
    })
    m.invariant('Idle', (s) => isIdle(s))
    m.invariant('Wrong', (s) => {
      broken(s)
      // @ts-expect-error a predicate's state is no draft
      prepare(s, 'r1')
      return true
    })
  })
  test('add to a model', () => {
    const withClear = (to: typeof m): void => {
      to.action('Clear', (s) => s.prepared.clear())
    }
    withClear(m)
    // @ts-expect-error another model
    withClear(model({ x: bool }))
  })
})

describe('specs', () => {
  const counter = spec('counter', { top: 3, strict: true, name: 'x', sizes: [1, 2] }, ({ top, strict, name, sizes }) => {
    expectTypeOf(top).toEqualTypeOf<number>()
    expectTypeOf(strict).toEqualTypeOf<boolean>()
    expectTypeOf(name).toEqualTypeOf<string>()
    expectTypeOf(sizes).toEqualTypeOf<number[]>()
    return model({ x: int(0, top) })
  })
  test('constants are widened, and instances check them', () => {
    counter.instance('a', { top: 4, strict: false }).instance('b', {}, { violates: 'I', steps: 3, states: 4, only: ['I'] })
    // @ts-expect-error no such constant
    counter.instance('c', { tpo: 4 })
    // @ts-expect-error not a number
    counter.instance('d', { top: '4' })
    // @ts-expect-error no such expectation
    counter.instance('e', {}, { violate: 'I' })
    // @ts-expect-error a number of steps
    counter.instance('f', {}, { steps: '3' })
    // @ts-expect-error true or left out
    counter.instance('g', {}, { deadlocks: false })
    // @ts-expect-error constants are read only
    counter.constants.top = 3
  })
  test('without constants', () => {
    const plain = spec('plain', () => model({ x: bool }))
    plain.instance('a').instance('b', {}, { deadlocks: true })
    // @ts-expect-error there are none
    plain.instance('c', { top: 3 })
  })
  test('a spec gives a model', () => {
    // @ts-expect-error nothing is returned
    spec('none', () => {})
    // @ts-expect-error a promise is no model
    spec('promise', async () => model({ x: bool }))
    // @ts-expect-error a function is no constant
    spec('function', { f: () => 1 }, () => model({ x: bool }))
  })
  test('a list of different specs is one of AnySpec', () => {
    const specs: AnySpec[] = [counter, spec('plain', () => model({ x: bool }))]
    expectTypeOf(check(specs[0] as AnySpec)).toEqualTypeOf<Promise<Result>>()
    // @ts-expect-error constants of another type
    const wrong: Spec<{ readonly other: string }>[] = [counter]
    wrong.pop()
  })
  test('check gives a result', () => {
    expectTypeOf(check(counter, { instance: 'a', constants: { top: 4 }, maxStates: 3 })).toEqualTypeOf<Promise<Result>>()
    // @ts-expect-error no such option
    check(counter, { maxState: 3 })
  })
})
