/** Models, specs and instances that make no sense are refused while they are put together, or when they are checked. */
import { bool, check, enumOf, ids, int, map, model, option, pick, record, seq, set, spec, union, value, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { refused } from './refused.ts'

/** Counts x up to 5; with more. */
const counting = (more: (m: any) => void) =>
  spec('s', () => {
    const m = model({ x: int(0, 5) })
    m.action('Up', (s) => {
      when(s.x < 5)
      s.x++
    })
    m.terminal(() => true)
    more(m)
    return m
  })
const P = ids('p', 2)

describe('names', () => {
  test('two actions', async () => {
    const given = counting((m) => m.action('Up', () => {}))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.action('Up', () => {}))» there are two actions of the name "Up"; the first is in line 10
        hint: rename one of them
      "
    `)
  })
  test('two properties', async () => {
    const given = counting((m) => m.invariant('A', () => true).reachable('A', () => true))
    expect((await refused(given)).replace(/\d+$/m, 'N')).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.invariant('A', () => true).reachable('A', () => true))» there are two properties of the name "A"; the first is in line N
        hint: rename one of them
      "
    `)
  })
  test('two shown values', async () => {
    const given = counting((m) => m.show('A', () => 1).show('A', () => 2))
    expect((await refused(given)).replace(/\d+$/m, 'N')).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.show('A', () => 1).show('A', () => 2))» there are two shown values of the name "A"; the first is in line N
        hint: rename one of them
      "
    `)
  })
  test('two views', async () => {
    const given = counting((m) => m.view(() => 1).view(() => 2))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.view(() => 1).view(() => 2))» the model has two views
        hint: return both keys from one view: view(s => [a, b])
      "
    `)
  })
  test('two processes', async () => {
    const given = counting((m) => [m.process('Q', P, { a: () => 'Done' }), m.process('Q', P, { b: () => 'Done' })])
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => [m.process('Q', P, { a: () => 'Done' }), m.process('Q', P, { b: () => 'Done' })])» there are two processes of the name "Q"
        hint: rename one of them
      "
    `)
  })
  test('a variable like a program counter', async () => {
    const given = spec('s', () => {
      const m = model({ 'Q.pc': bool })
      m.process('Q', P, { a: () => 'Done' })
      return m
    })
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «m.process('Q', P, { a: () => 'Done' })» there are two variables of the name "Q.pc"
        hint: rename one of them; a process P has a variable P.pc
      "
    `)
  })
  test('a name that is no text', async () => {
    const given = counting((m) => m.action(3, () => {}))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.action(3, () => {}))» 3 is no name: actions need one
      "
    `)
  })
  test('two instances', async () => {
    const given = () =>
      spec('s', () => model({ x: bool }))
        .instance('a')
        .instance('a')
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «.instance('a')» the spec "s" has two instances of the name "a"
      "
    `)
  })
})

describe('models', () => {
  test('no initial state by a guard', async () => {
    const given = counting((m) => m.init(() => when(false)))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.init(() => when(false)))» the spec s has no initial state
        hint: every way through init ends at a when() that is false, or picks from nothing
      "
    `)
  })
  test('no initial state by a pick', async () => {
    const given = counting((m) => m.init((s: any) => void (s.x = pick([]))))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.init((s: any) => void (s.x = pick([]))))» the spec s has no initial state
        hint: every way through init ends at a when() that is false, or picks from nothing
      "
    `)
  })
  test('no initial state inside the constraint', async () => {
    const given = counting((m) => m.constraint((s: any) => s.x > 2))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.constraint((s: any) => s.x > 2))» every initial state of the spec s lies outside the constraint
        hint: a constraint says which states are expanded; nothing is, here
      "
    `)
  })
  test('a variable that is given no type', async () => {
    const given = spec('s', () => model({ x: 3 as never }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: 3 as never }))» the variable "x" is given 3, which is not a type
        hint: use bool, int(…), enumOf(…), ids(…), option(…), record(…), union(…), map(…), set(…), bag(…), seq(…) or value(…)
      "
    `)
  })
  test('no variables at all', async () => {
    const given = spec('s', () => model(3 as never))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model(3 as never))» model() was given 3
        hint: give it an object of variables: model({ x: int(0, 3) })
      "
    `)
  })
  test('a parameter that is given no type', async () => {
    const given = counting((m) => m.action('Bad', { p: 3 }, () => {}))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.action('Bad', { p: 3 }, () => {}))» action "Bad": the parameter "p" is given 3, which is not a type
      "
    `)
  })
  test('parameters that are none', async () => {
    const given = counting((m) => m.action('Bad', 3, () => {}))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.action('Bad', 3, () => {}))» action "Bad": 3 is no object of parameters
        hint: write action('Bad', { region: Region }, (s, { region }) => …)
      "
    `)
  })
  test('a parameter of too many values', async () => {
    const given = counting((m) => m.action('Bad', { n: int(0, 100000) }, () => {}))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.action('Bad', { n: int(0, 100000) }, () => {}))» action "Bad": the parameter "n" ranges over int(0, 100000), which has too many values
        hint: at most 65536; use pick() for a choice that depends on the state
      "
    `)
  })
  test('an action without a function', async () => {
    const given = counting((m) => m.action('Bad', { p: P }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.action('Bad', { p: P }))» action "Bad" was given an object where its function belongs
      "
    `)
  })
  test('an invariant without a function', async () => {
    const given = counting((m) => m.invariant('Bad', undefined))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.invariant('Bad', undefined))» invariant "Bad" was given undefined where its function belongs
      "
    `)
  })
  test('a process without labels', async () => {
    const given = counting((m) => m.process('Bad', P, {}))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.process('Bad', P, {}))» the process "Bad" has no labels
      "
    `)
  })
  test('a process that goes to no label', async () => {
    const given = counting((m) => m.process('Bad', P, { a: () => 'b' }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = counting((m) => m.process('Bad', P, { a: () => 'b' }))» the step Bad.a returned "b", which is no label of the process
        it was reached by
           0  {x: 0, Bad.pc: {p1: a, p2: a}}
        hint: return one of a, Done
      "
    `)
  })
  test('a function that gives no model', async () => {
    const given = spec('s', (() => 3) as never)
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', (() => 3) as never)» the spec "s" returned 3 instead of a model
        hint: end its function with return m
      "
    `)
  })
  test('a function that gives a promise', async () => {
    const given = spec('s', (async () => model({ x: bool })) as never)
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', (async () => model({ x: bool })) as never)» the spec "s" returned a promise instead of a model
        hint: load what the model needs at the top of the module, with a top-level await
      "
    `)
  })
  test('a function that throws', async () => {
    const given = spec('s', () => {
      throw new Error('while building')
    })
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «throw new Error('while building')» the model of the spec s (instance default) cannot be built: while building
      "
    `)
  })
  test('a guard outside an action', async () => {
    const given = spec('s', () => {
      when(true)
      return model({ x: bool })
    })
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «when(true)» when() was called outside an action
        hint: call it in the body of an action, not while the model is put together
      "
    `)
  })
})

describe('types', () => {
  test('an int without values', async () => {
    const given = spec('s', () => model({ x: int(3, 1) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: int(3, 1) }))» the model of the spec s (instance default) cannot be built: int(3, 1) has no value: the second bound must not be below the first
      "
    `)
  })
  test('an int that is too wide', async () => {
    const given = spec('s', () => model({ x: int(0, 2 ** 40) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: int(0, 2 ** 40) }))» the model of the spec s (instance default) cannot be built: int(0, 1099511627776) is too wide: at most 2^31 values
      "
    `)
  })
  test('an int without integers', async () => {
    const given = spec('s', () => model({ x: int(0, 1.5) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: int(0, 1.5) }))» the model of the spec s (instance default) cannot be built: int(0, 1.5): both bounds must be integers
      "
    `)
  })
  test('a member twice', async () => {
    const given = spec('s', () => model({ x: enumOf('a', 'a') }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: enumOf('a', 'a') }))» the model of the spec s (instance default) cannot be built: the member "a" is named twice
      "
    `)
  })
  test('no ids', async () => {
    const given = spec('s', () => model({ x: ids('p', 0) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: ids('p', 0) }))» the model of the spec s (instance default) cannot be built: ids('p', 0): the number of ids must be an integer of at least 1
      "
    `)
  })
  test('keys that are no scalars', async () => {
    const given = spec('s', () => model({ x: map(record({ a: bool }) as never, bool) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: map(record({ a: bool }) as never, bool) }))» the model of the spec s (instance default) cannot be built: map(record({ a: bool }), …): the keys must be ids, enumOf or int; for pairs of keys nest two maps
      "
    `)
  })
  test('a field that is given no type', async () => {
    const given = spec('s', () => model({ x: record({ a: 'bool' as never }) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: record({ a: 'bool' as never }) }))» the model of the spec s (instance default) cannot be built: field "a": "bool" is not a type
      "
    `)
  })
  test('a field like the tag', async () => {
    const given = spec('s', () => model({ x: union('type', { a: { type: bool } }) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: union('type', { a: { type: bool } }) }))» the model of the spec s (instance default) cannot be built: the variant "a" has a field with the name of the tag, "type"
      "
    `)
  })
  test('no variants', async () => {
    const given = spec('s', () => model({ x: union('type', {}) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: union('type', {}) }))» the model of the spec s (instance default) cannot be built: a union needs at least one variant
      "
    `)
  })
  test('a sequence without room', async () => {
    const given = spec('s', () => model({ x: seq(bool, 0) }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = spec('s', () => model({ x: seq(bool, 0) }))» the model of the spec s (instance default) cannot be built: seq(…, 0): the largest length must be an integer of at least 1
      "
    `)
  })
  test('a domain that cannot be listed', async () => {
    const given = spec('s', () => {
      const m = model({ x: option(set(P)) })
      m.action('Bad', { n: value(0) }, () => {})
      return m
    })
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «m.action('Bad', { n: value(0) }, () => {})» action "Bad": the parameter "n" ranges over value(), which has too many values
        hint: at most 65536; use pick() for a choice that depends on the state
      "
    `)
  })
})

describe('specs and instances', () => {
  test('a spec without a name', async () => {
    const given = () => spec('', () => model({ x: bool }))
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = () => spec('', () => model({ x: bool }))» spec() was given "" as its name
      "
    `)
  })
  test('a spec without a function', async () => {
    const given = () => spec('s', {}, 3 as never)
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = () => spec('s', {}, 3 as never)» the spec "s" has no function that defines its model
        hint: write spec('name', { constant: 1 }, ({ constant }) => { … return m })
      "
    `)
  })
  test('an instance without a name', async () => {
    const given = () => spec('s', () => model({ x: bool })).instance('')
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = () => spec('s', () => model({ x: bool })).instance('')» instance() of the spec "s" was given "" as its name
      "
    `)
  })
  test('an unknown constant', async () => {
    const given = () => spec('s', { size: 3 }, () => model({ x: bool })).instance('a', { sise: 3 } as never)
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = () => spec('s', { size: 3 }, () => model({ x: bool })).instance('a', { sise: 3 } as never)» the instance "a": the spec "s" has no constant "sise"
        hint: did you mean size? there is size
      "
    `)
  })
  test('a constant of another type', async () => {
    const given = () => spec('s', { size: 3 }, () => model({ x: bool })).instance('a', { size: '3' } as never)
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = () => spec('s', { size: 3 }, () => model({ x: bool })).instance('a', { size: '3' } as never)» the instance "a": the constant "size" of the spec "s" is a number, not "3"
        hint: its default is 3
      "
    `)
  })
  test('an expectation that does not exist', async () => {
    const given = () => spec('s', () => model({ x: bool })).instance('a', {}, { violate: 'A' } as never)
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = () => spec('s', () => model({ x: bool })).instance('a', {}, { violate: 'A' } as never)» the instance "a" expects "violate", which is no expectation
        hint: did you mean violates? there are violates, deadlocks, steps, states, generated, depth, only
      "
    `)
  })
  test('two expectations', async () => {
    const given = () => spec('s', () => model({ x: bool })).instance('a', {}, { violates: 'A', deadlocks: true })
    expect(await refused(given)).toMatchInlineSnapshot(`
      "error: «const given = () => spec('s', () => model({ x: bool })).instance('a', {}, { violates: 'A', deadlocks: true })» the instance "a" expects both a violation and a deadlock
        hint: a check ends with one of them: make two instances
      "
    `)
  })
})

describe('checks', () => {
  const checked = counting((m) => m.invariant('NoPanic', () => true)).instance('a', {}, { violates: 'NoPnaic' })
  test('an expectation that names no property is not met', async () => {
    const { verdict, expected, mismatches } = await check(checked, { instance: 'a' })
    expect({ verdict, expected, mismatches }).toMatchInlineSnapshot(`
      {
        "expected": false,
        "mismatches": [
          "expected: NoPnaic is violated; found: everything holds",
          "the instance names "NoPnaic": no property is called so, and no assertion with this message was reached (did you mean NoPanic? there are NoPanic, deadlock)",
        ],
        "verdict": "holds",
      }
    `)
  })
  test('a property left that does not exist is not met', async () => {
    const only = counting((m) => m.invariant('NoPanic', () => true)).instance('a', {}, { only: ['NoPnaic'] })
    const { verdict, expected, mismatches } = await check(only, { instance: 'a' })
    expect({ verdict, expected, mismatches }).toMatchInlineSnapshot(`
      {
        "expected": false,
        "mismatches": [
          "the instance names "NoPnaic": no property is called so, and no assertion with this message was reached (did you mean NoPanic? there are NoPanic, deadlock)",
        ],
        "verdict": "holds",
      }
    `)
  })
  test('an unknown instance', async () => {
    expect(await refused(checked, { instance: 'b' })).toMatchInlineSnapshot(`
      "error: the spec s has no instance "b"
        hint: there is a
      "
    `)
  })
  test('an unknown constant', async () => {
    expect(await refused(checked, { constants: { size: 3 } })).toMatchInlineSnapshot(`
      "error: the spec "s" has no constant "size"
        hint: there are none
      "
    `)
  })
  test('the promise of the check is rejected', async () => {
    await expect(check(checked, { instance: 'b' })).rejects.toThrow('the spec s has no instance "b"')
  })
})
