/** What must compile and what must not: the language is typed by inference. */
import { type Id, bool, ensure, enumOf, ids, int, map, model, option, pick, record, seq, set, spec, union, when } from 'tsmc'
import { expectTypeOf, test } from 'vitest'

const Region = ids('r', 2)
const base = () =>
  model({
    current: option(Region),
    prepared: set(Region),
    region: map(Region, record({ phase: enumOf('absent', 'active'), written: bool })),
    queue: seq(int(0, 3), 2),
    message: union('type', { ask: { from: Region }, stop: {} }),
  })

test('drafts', () => {
  base().action('Act', { region: Region }, (s, { region }) => {
    expectTypeOf(s.current).toEqualTypeOf<Id<'r'> | null>()
    expectTypeOf(region).toEqualTypeOf<Id<'r'>>()
    expectTypeOf(s.queue).toEqualTypeOf<number[]>()
    expectTypeOf(s.region[region].phase).toEqualTypeOf<'absent' | 'active'>()
    expectTypeOf(pick(s.prepared)).toEqualTypeOf<Id<'r'>>()
    s.queue = []
    s.prepared = new Set([region])
    s.region[region] = { phase: 'active', written: true }
    // @ts-expect-error no member of the enum
    s.region[region].phase = 'gone'
    // @ts-expect-error no field of the record
    s.region[region].colour = 1
    // @ts-expect-error no variable
    s.missing = 1
    when(s.current !== null)
    expectTypeOf(s.current).toEqualTypeOf<Id<'r'>>()
    ensure(s.message.type === 'ask', 'asked')
    expectTypeOf(s.message.from).toEqualTypeOf<Id<'r'>>()
  })
})

test('predicates only read', () => {
  base().invariant('I', (s) => {
    // @ts-expect-error predicates do not write
    s.current = null
    // @ts-expect-error nor change sets
    s.prepared.add('r1')
    // @ts-expect-error nor sequences
    s.queue.push(1)
    return s.prepared.has('r1')
  })
  // @ts-expect-error a predicate gives a boolean
  base().invariant('J', (s) => s.queue.length)
})

test('processes name their labels', () => {
  base().process('p', Region, { one: () => 'two', two: () => 'Done' })
  // @ts-expect-error no such label
  base().process('q', Region, { one: () => 'three' })
})

test('constants and instances', () => {
  const s = spec('s', { regions: 2, fixed: true }, ({ regions, fixed }) => {
    expectTypeOf(regions).toEqualTypeOf<number>()
    expectTypeOf(fixed).toEqualTypeOf<boolean>()
    return base()
  })
  s.instance('a', { regions: 3 }, { violates: 'I', steps: 4 })
  // @ts-expect-error no such constant
  s.instance('b', { region: 3 })
  // @ts-expect-error a constant of another type
  s.instance('c', { fixed: 1 })
  // @ts-expect-error no such expectation
  s.instance('d', {}, { breaks: 'I' })
})

test('what an action returns', () => {
  const m = base()
  m.action('Count', (s) => s.queue.push(1))
  m.action('Add', (s) => s.prepared.add('r1'))
  m.action('Nothing', () => {})
  m.action('State', (s) => ({ ...s, current: null }))
  m.action('Maybe', (s) => (s.current === null ? undefined : s))
  // @ts-expect-error a step happens at once
  m.action('Async', async (s) => {
    s.current = null
  })
  // @ts-expect-error a step happens at once
  m.action('Waits', { region: Region }, async (s, { region }) => {
    s.current = region
  })
  // @ts-expect-error a promise is no step
  m.action('Promise', () => Promise.resolve())
  // @ts-expect-error initial states are made at once
  m.init(async (s) => {
    s.current = null
  })
  // @ts-expect-error a predicate gives a boolean
  m.invariant('I', async (s) => s.current === null)
  // @ts-expect-error a predicate gives a boolean
  m.step('S', async (before, after) => before.current === after.current)
  // @ts-expect-error a predicate gives a boolean
  m.terminal(async () => true)
  // @ts-expect-error a label
  m.process('P', Region, { start: async () => 'Done' })
})

test('what is no value of a place', () => {
  base().action('Act', (s) => {
    // @ts-expect-error a map is an object
    s.region = new Map()
    // @ts-expect-error a record is an object with its fields
    s.region.r1 = new Map([['phase', 'active']])
    // @ts-expect-error a field is missing
    s.region.r1 = { phase: 'active' }
    // @ts-expect-error a field that does not exist
    s.region.r1 = { phase: 'active', written: true, more: 1 }
    // @ts-expect-error a set is no array
    s.prepared = ['r1']
    // @ts-expect-error nor is a date a number
    s.queue.push(new Date())
    // @ts-expect-error ids have names
    s.current = 'x1'
  })
  // @ts-expect-error the fields of a record are types
  record({ many: new Map() })
  // @ts-expect-error so are variables
  model({ many: new Map() })
  // @ts-expect-error fairness is weak or strong
  base().fair('Act', 'fair')
  // @ts-expect-error an option that does not exist
  base().action('Act', () => {}, { fairness: 'weak' })
})
