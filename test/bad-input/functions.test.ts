/** Functions of a spec that throw, return the wrong thing, never return or do something else every time: refused, with the way to the state. */
import { List } from 'immutable'
import { bool, check, type CheckOptions, ensure, ids, int, model, pick, spec, value, when } from 'tsmc'
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

describe('throwing', () => {
  test('an action', async () => {
    expect(
      await refused(
        counting((m) => {
          m.action('Bad', (s: any) => {
            when(s.x === 2)
            throw new Error('two')
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «throw new Error('two')» the action Bad threw Error: two
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('an action, something that is no error', async () => {
    expect(
      await refused(
        counting((m) => {
          m.action('Bad', () => {
            throw 'two'
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.action('Bad', () => {» the action Bad threw two
        it was reached by
           0  {x: 0}
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('an action that assigns outside a range', async () => {
    expect(
      await refused(
        counting((m) => {
          m.action('Bad', (s: any) => {
            when(s.x === 3)
            s.x = 7
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «s.x = 7» x in the action Bad: 7 is outside int(0, 5)
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
           3  Up -> {x: 3}
      "
    `)
  })
  test('an action with parameters', async () => {
    expect(
      await refused(
        counting((m) => {
          m.action('Bad', { p: P }, (s: any, { p }: any) => {
            when(s.x === 1 && p === 'p2')
            s.x.y.z
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «s.x.y.z» the action Bad(p: p2) threw TypeError: Cannot read properties of undefined (reading 'z')
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('an invariant', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', { p: P }, (s: any, { p }: any) => {
            if (s.x === 2 && p === 'p2') throw new TypeError('two')
            return true
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «if (s.x === 2 && p === 'p2') throw new TypeError('two')» the invariant Bad(p: p2) threw TypeError: two
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('an invariant, in the initial state', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', () => {
            throw new Error('zero')
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «throw new Error('zero')» the invariant Bad threw Error: zero
        it was reached by
           0  {x: 0}
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('a step property', async () => {
    expect(
      await refused(
        counting((m) => {
          m.step('Bad', (_: any, s: any) => {
            if (s.x === 2) throw new Error('two')
            return true
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «if (s.x === 2) throw new Error('two')» the step property Bad threw Error: two
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('a view', async () => {
    expect(
      await refused(
        counting((m) => {
          m.view((s: any) => {
            if (s.x === 1) throw new Error('one')
            return s.x
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «if (s.x === 1) throw new Error('one')» the view threw Error: one
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('init', async () => {
    expect(
      await refused(
        counting((m) => {
          m.init(() => {
            throw new RangeError('zero')
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «throw new RangeError('zero')» init threw RangeError: zero
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
  test('an assertion in init', async () => {
    expect(
      await refused(
        counting((m) => {
          m.init(() => {
            ensure(false, 'sorted')
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.init(() => {» the assertion "sorted" failed in init
        hint: use when() to leave out initial states
      "
    `)
  })
})

describe('promises', () => {
  test('an action', async () => {
    expect(
      await refused(
        counting((m) => {
          m.action('Bad', async (s: any) => {
            s.x = 1
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.action('Bad', async (s: any) => {» the action Bad returned a promise
        it was reached by
           0  {x: 0}
        hint: functions of a spec are synchronous: a step of the model happens at once; remove async and await
      "
    `)
  })
  test('an action behind its guard', async () => {
    expect(
      await refused(
        counting((m) => {
          m.action('Bad', async (s: any) => {
            when(s.x === 3)
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.action('Bad', async (s: any) => {» the action Bad returned a promise
        it was reached by
           0  {x: 0}
        hint: functions of a spec are synchronous: a step of the model happens at once; remove async and await
      "
    `)
  })
  test('an invariant', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', async () => true)
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.invariant('Bad', async () => true)» the invariant Bad returned a promise
        it was reached by
           0  {x: 0}
        hint: functions of a spec are synchronous: a step of the model happens at once; remove async and await
      "
    `)
  })
  test('a view', async () => {
    expect(
      await refused(
        counting((m) => {
          m.view(async (s: any) => s.x)
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.view(async (s: any) => s.x)» the view returned a promise
        it was reached by
           0  {x: 0}
        hint: functions of a spec are synchronous: a step of the model happens at once; remove async and await
      "
    `)
  })
})

describe('answers that are no boolean', () => {
  test('an invariant that gives a number', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', (s: any) => s.x)
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.invariant('Bad', (s: any) => s.x)» the invariant Bad returned 0, not a boolean
        it was reached by
           0  {x: 0}
        hint: return true or false; compare explicitly, for example with !== null
      "
    `)
  })
  test('an invariant without a return', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', (s: any) => {
            s.x < 3
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.invariant('Bad', (s: any) => {» the invariant Bad returned undefined, not a boolean
        it was reached by
           0  {x: 0}
        hint: return true or false; compare explicitly, for example with !== null
      "
    `)
  })
  test('a step property', async () => {
    expect(
      await refused(
        counting((m) => {
          m.step('Bad', (before: any, after: any) => after.x - before.x)
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.step('Bad', (before: any, after: any) => after.x - before.x)» the step property Bad returned 1, not a boolean
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
        hint: return true or false; compare explicitly, for example with !== null
      "
    `)
  })
  test('a reachable', async () => {
    expect(
      await refused(
        counting((m) => {
          m.reachable('Bad', () => null)
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.reachable('Bad', () => null)» the property Bad returned null, not a boolean
        it was reached by
           0  {x: 0}
        hint: return true or false; compare explicitly, for example with !== null
      "
    `)
  })
  test('a constraint', async () => {
    expect(
      await refused(
        counting((m) => {
          m.constraint((s: any) => s.x)
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.constraint((s: any) => s.x)» the predicate constraint returned 0, not a boolean
        it was reached by
           0  {x: 0}
        hint: return true or false; compare explicitly, for example with !== null
      "
    `)
  })
  test('a view without a return', async () => {
    expect(
      await refused(
        counting((m) => {
          m.view((s: any) => {
            s.x
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.view((s: any) => {» the view returned undefined
        it was reached by
           0  {x: 0}
        hint: return the key: states with equal keys count as one
      "
    `)
  })
})

describe('what only actions may do', () => {
  test('an invariant that writes', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', (s: any) => {
            s.x = 1
            return true
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «s.x = 1» the invariant Bad writes to the state
        it was reached by
           0  {x: 0}
        hint: only actions and init write; a property only reads
      "
    `)
  })
  test('an invariant that picks', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', () => pick([true, false]))
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.invariant('Bad', () => pick([true, false]))» pick() was called in the invariant Bad
        it was reached by
           0  {x: 0}
        hint: only actions choose, guard and assert; a property gives true or false
      "
    `)
  })
  test('an invariant that guards', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', (s: any) => {
            when(s.x < 1)
            return true
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «when(s.x < 1)» when() was called in the invariant Bad
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
        hint: only actions choose, guard and assert; a property gives true or false
      "
    `)
  })
  test('an invariant that asserts', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', () => {
            ensure(true, 'fine')
            return true
          })
        }),
      ),
    ).toMatchInlineSnapshot(`
      "error: «ensure(true, 'fine')» ensure() was called in the invariant Bad
        it was reached by
           0  {x: 0}
        hint: only actions choose, guard and assert; a property gives true or false
      "
    `)
  })
})

describe('endless loops', () => {
  test('an action', async () => {
    expect(
      await refused(
        counting((m) => {
          m.action('Bad', (s: any) => {
            while (s.x === 2);
          })
        }),
        { callTimeout: 1 },
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.action('Bad', (s: any) => {» the action Bad did not return within 1 second
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
        hint: it may contain an endless loop
      "
    `)
  })
  test('an invariant', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', (s: any) => {
            while (s.x === 2);
            return true
          })
        }),
        { callTimeout: 1 },
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.invariant('Bad', (s: any) => {» the invariant Bad did not return within 1 second
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
        hint: it may contain an endless loop
      "
    `)
  })
  test('the callback of a quantifier', async () => {
    expect(
      await refused(
        counting((m) => {
          m.invariant('Bad', (s: any) =>
            P.every(() => {
              while (s.x === 2);
              return true
            }),
          )
        }),
        { callTimeout: 1 },
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.invariant('Bad', (s: any) =>» the invariant Bad did not return within 1 second
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
        hint: it may contain an endless loop
      "
    `)
  })
  test('a step property', async () => {
    expect(
      await refused(
        counting((m) => {
          m.step('Bad', (_: any, s: any) => {
            while (s.x === 2);
            return true
          })
        }),
        { callTimeout: 1 },
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.step('Bad', (_: any, s: any) => {» the step property Bad did not return within 1 second
        it was reached by
           0  {x: 0}
           1  Up -> {x: 1}
           2  Up -> {x: 2}
        hint: it may contain an endless loop
      "
    `)
  })
  test('init', async () => {
    expect(
      await refused(
        counting((m) => {
          m.init(() => {
            for (;;);
          })
        }),
        { callTimeout: 1 },
      ),
    ).toMatchInlineSnapshot(`
      "error: «m.init(() => {» init did not return within 1 second
        hint: it may contain an endless loop
      "
    `)
  })
  test('without learning', async () => {
    const s = counting((m) => {
      m.action('Bad', (s: any) => {
        while (s.x === 2);
      })
    })
    expect(await refused(s, { callTimeout: 1, learning: false })).toBe(await refused(s, { callTimeout: 1 }))
  })
  test('leave nothing behind', async () => {
    await refused(
      counting((m) => {
        m.action('Bad', () => {
          P.every(() => {
            for (;;);
          })
        })
      }),
      { callTimeout: 1 },
    )
    const outside = () => when(true)
    expect(await refused(outside)).toMatchInlineSnapshot(`
      "error: «const outside = () => when(true)» when() was called outside an action
        hint: call it in the body of an action, not while the model is put together
      "
    `)
    const asked: string[] = []
    const all = P.every((p) => {
      asked.push(p)
      return true
    })
    expect([all, asked]).toEqual([true, ['p1', 'p2']])
  })
})

describe('what is not a function of the state', () => {
  let calls = 0
  const impure = (more: (m: any) => void) =>
    spec('s', () => {
      const m = model({ x: int(0, 5), n: int(0, 999999) })
      m.terminal(() => true)
      m.action('Up', (s) => {
        s.x = 5
      })
      more(m)
      return m
    })
  // What is not to be read in the source: a function of the machine that counts.
  const counter = (function* () {
    for (;;) yield calls++
  })()
  const next = counter.next.bind(counter)
  const count = (): number => next().value as number
  const read: [string, string, (m: any) => void][] = [
    [
      'random numbers',
      'the action Bad draws a random number: Math.random()',
      (m) => m.action('Bad', (s: any) => void (s.n = Math.floor(Math.random() * 1e6))),
    ],
    [
      'the clock',
      'the action Bad reads the clock: performance.now()',
      (m) => m.action('Bad', (s: any) => void (s.n = Math.floor(performance.now()) % 1e6)),
    ],
    ['an action', 'the action Bad changes calls, which is declared outside it', (m) => m.action('Bad', (s: any) => void (s.x = calls++ % 6))],
    ['an invariant', 'the invariant Bad changes calls, which is declared outside it', (m) => m.invariant('Bad', () => calls++ % 2 === 0)],
    ['a step property', 'the step property Bad changes calls, which is declared outside it', (m) => m.step('Bad', () => calls++ % 2 === 0)],
    ['a view', 'the view changes calls, which is declared outside it', (m) => m.view(() => calls++)],
    ['init', 'init changes calls, which is declared outside it', (m) => m.init((s: any) => void (s.x = calls++ % 6))],
  ]
  const cases: [string, string, (m: any) => void][] = [
    ['an action', 'the action Bad', (m) => m.action('Bad', (s: any) => void (s.x = count() % 6))],
    ['a guard', 'the action Bad', (m) => m.action('Bad', () => when(count() % 2 === 0))],
    ['a pick', 'the action Bad', (m) => m.action('Bad', () => pick([...Array(count() % 4).keys()]))],
    ['an assertion', 'the action Bad', (m) => m.action('Bad', () => ensure(count() % 2 === 0, 'even'))],
    ['an invariant', 'the invariant Bad', (m) => m.invariant('Bad', () => count() % 2 === 0)],
    ['a step property', 'the step property Bad', (m) => m.step('Bad', () => count() % 2 === 0)],
    ['a view', 'the view', (m) => m.view(() => count())],
    ['init', 'init', (m) => m.init((s: any) => void (s.x = count() % 6))],
  ]
  const ways: [string, CheckOptions][] = [
    ['learned', {}],
    ['called', { learning: false }],
    ['compiled', { compiling: 'eager' }],
    ['walked', { compiling: false }],
  ]
  describe.each(read)('refused before or when it is read: %s', (_, what, more) => {
    test.each(ways)('%s', async (_, options) => {
      const [first] = (await refused(impure(more), options)).split('\n')
      expect(first?.slice(first.indexOf('» ') + 2)).toBe(what)
    })
  })
  describe.each(cases)('found by comparing: %s', (_, what, more) => {
    test.each(ways)('%s', async (_, options) => {
      calls = 0
      const lines = (await refused(impure(more), options)).split('\n')
      expect(lines[0]).toMatch(new RegExp(`» ${what} is not a function of the state: called twice on one state it did two different things$`))
      expect(lines.at(-2)).toBe(
        '  hint: it may depend on nothing but the state, its parameters and its picks: no clock, no random numbers, no variable outside that changes',
      )
    })
  })
  test.each(ways)('an action that changes its mind late is found by samples: %s', async (_, options) => {
    calls = 0
    const s = spec('s', () => {
      const m = model({ x: int(0, 99999), flag: bool })
      m.action('Up', (s) => {
        when(s.x < 99999)
        s.x++
      })
      m.action('Bad', (s) => {
        const calls = count()
        s.flag = calls > 10 && calls % 2 === 0
      })
      return m
    })
    expect((await refused(s, options)).split('\n')[0]).toMatch(/» the action Bad is not a function of the state/)
  })
})

describe('growth without bound', () => {
  const growing = spec('s', () => {
    const m = model({ flag: bool, entries: value(List<number>()), n: int(0, 1e6) })
    m.action('Append', (s) => {
      s.entries = s.entries.push(s.entries.size)
    })
    return m
  })
  test('is stopped by a bound on the states, and the variable is named', async () => {
    const { verdict, incomplete, violation } = await check(growing, { maxStates: 2000 })
    expect([verdict, incomplete, violation]).toEqual([
      'incomplete',
      {
        bound: 'max-states',
        text: 'more than 2000 distinct states: 1 state found but not expanded; entries may grow without bound: 2001 different ones so far',
      },
      null,
    ])
  })
  test('is stopped by a limit of time', async () => {
    const { verdict, incomplete } = await check(growing, { timeout: 0.5 })
    expect([verdict, incomplete?.bound]).toEqual(['incomplete', 'timeout'])
    // What grows is named as above, where it has grown enough in that time.
    expect(incomplete?.text).toMatch(/^the time limit of 0\.5 seconds is over: 1 state found but not expanded(;|$)/)
  })
  test('a wide int is named as well', async () => {
    const s = spec('s', () => {
      const m = model({ flag: bool, n: int(0, 1e9) })
      m.action('Up', (s) => {
        s.n++
      })
      m.action('Flip', (s) => {
        s.flag = !s.flag
      })
      return m
    })
    const { incomplete } = await check(s, { maxDepth: 3000 })
    expect(incomplete).toEqual({
      bound: 'max-depth',
      text: 'the bound on the depth, 3000, is reached: 2 states found but not expanded; n takes many values: 3000 different ones so far',
    })
  })
  test('nothing is named where nothing grows', async () => {
    const { incomplete } = await check(
      counting(() => {}),
      { maxStates: 2 },
    )
    expect(incomplete).toEqual({ bound: 'max-states', text: 'more than 2 distinct states: 1 state found but not expanded' })
  })
})
