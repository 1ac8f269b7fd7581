/** What must compile and what must not: the language is typed by inference. */
import { bool, ensure, enumOf, ids, int, map, model, option, pick, record, seq, set, spec, union, when } from 'tsmc'
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
    expectTypeOf(s.current).toEqualTypeOf<`r${number}` | null>()
    expectTypeOf(region).toEqualTypeOf<`r${number}`>()
    expectTypeOf(s.queue).toEqualTypeOf<number[]>()
    expectTypeOf(s.region[region].phase).toEqualTypeOf<'absent' | 'active'>()
    expectTypeOf(pick(s.prepared)).toEqualTypeOf<`r${number}`>()
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
    expectTypeOf(s.current).toEqualTypeOf<`r${number}`>()
    ensure(s.message.type === 'ask', 'asked')
    expectTypeOf(s.message.from).toEqualTypeOf<`r${number}`>()
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
