/** Formulas, fairness, constraints and refinements that make no sense are refused: what, where, what to do. */
import { bool, ids, int, map, model, spec } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { refused } from './refused.ts'

const P = ids('p', 2)

/** Turns round, and flips; with more. */
const turning = (more: (m: any) => void) =>
  spec('s', () => {
    const m = model({ x: int(0, 3), on: map(P, bool) })
    m.action('Up', (s) => {
      s.x = (s.x + 1) % 4
    })
    m.action('Flip', { p: P }, (s, { p }) => {
      s.on[p] = !s.on[p]
    })
    more(m)
    return m
  })
const property = (formula: unknown) => turning((m) => m.property('Bad', formula))
/** What is said, and what to do. */
const said = async (given: Parameters<typeof refused>[0]): Promise<string[]> =>
  (await refused(given))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^error: «.*» /, '').replace(/^ +hint: /, ''))

describe('a formula', () => {
  test('whose function forgot to return it', async () => {
    const given = property(({ always }: any) => void always(() => true))
    expect(await said(given)).toEqual([
      'the function of the property Bad gave undefined, not a formula',
      'a function in braces needs a return: ({ always }) => { return always((s) => …) }',
    ])
  })
  test('that is promised', async () => {
    expect(await said(property(async ({ always }: any) => always(() => true)))).toEqual([
      'the function of the property Bad gave a promise, not a formula',
      'formulas are made at once; remove async and await',
    ])
  })
  test('that is a number', async () => {
    expect(await said(property(() => 3))).toEqual([
      'the function of the property Bad gave 3, not a formula',
      'return what the operators give: ({ always }) => always((s) => …)',
    ])
  })
  test('whose function throws: where', async () => {
    const given = property(() => {
      throw new Error('ouch')
    })
    expect(await refused(given)).toBe(
      "error: «throw new Error('ouch')» the function of the property Bad threw Error: ouch\n" +
        '  hint: it is called once, before the search, and gives a formula: ({ always }) => always((s) => …)\n',
    )
  })
  test('with a misspelt operator', async () => {
    expect(await said(property(({ allways }: any) => allways(() => true)))).toEqual([
      'there is no operator "allways" in formulas',
      'did you mean always? there are always, eventually, next, not, until, leadsTo, implies, and, or, happens; ' +
        'the state is what a predicate is given: ({ always }) => always((s) => …)',
    ])
  })
  test('that takes the operators for the state', async () => {
    const [what, hint] = await said(property((s: any) => s.x < 4))
    expect(what).toBe('there is no operator "x" in formulas')
    expect(hint).toMatch(/the state is what a predicate is given: \(\{ always \}\) => always\(\(s\) => …\)$/)
  })
  test('with something else where a formula belongs', async () => {
    expect(await said(property(({ eventually }: any) => eventually('x === 3')))).toEqual([
      'a formula was given "x === 3"',
      'give it a predicate, (s) => boolean, or another formula',
    ])
    expect(await said(property(({ leadsTo }: any) => leadsTo(() => true)))).toEqual([
      'a formula was given undefined',
      'give it a predicate, (s) => boolean, or another formula',
    ])
    expect(await said(property(({ and }: any) => and([() => true, () => false])))).toEqual([
      'a formula was given ["a function","a function"]',
      'give the formulas one by one: and(a, b), not and([a, b])',
    ])
  })
})

describe('a predicate', () => {
  test('that throws: where', async () => {
    const given = property(({ always }: any) =>
      always((s: any) => {
        if (s.x === 2) throw new Error('two')
        return true
      }),
    )
    expect(await refused(given)).toBe(
      "error: «if (s.x === 2) throw new Error('two')» a predicate of the property Bad threw Error: two\n" +
        '  hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()\n',
    )
  })
  test('that gives no boolean, or a formula', async () => {
    expect(await said(property(({ always }: any) => always((s: any) => s.x)))).toEqual([
      'a predicate of the property Bad returned 0, not a boolean',
      'return true or false; compare explicitly, for example with !== null',
    ])
    expect(await said(property(({ always, eventually }: any) => always(() => eventually(() => true))))).toEqual([
      'a predicate of the property Bad returned a formula, not a boolean',
      'operators stand around predicates, not in them: always(eventually((s) => …))',
    ])
  })
  test('that reads what is not there', async () => {
    expect(await said(property(({ always }: any) => always((s: any) => s.y < 4)))).toEqual([
      'a predicate of the property Bad reads y, but the state has no "y"',
      'there are x, on',
    ])
  })
})

describe('a step', () => {
  const happening = (...given: unknown[]) => property(({ eventually, happens }: any) => eventually(happens(...given)))
  const hint = "write happens('Action'), happens('Action', { parameter: value }) or happens('Action', {}, (before, after) => …)"

  test('of no action, of nothing', async () => {
    expect(await said(happening('Upp'))).toEqual(['the property Bad names "Upp", which is no action', 'did you mean Up? there are Up, Flip'])
    expect(await said(happening())).toEqual(['happens() was given undefined where the name of an action belongs', hint])
    expect(await said(happening([]))).toEqual(['happens() was given [] where the name of an action belongs', hint])
  })
  test('with parameters that the action does not have', async () => {
    expect(await said(happening('Flip', { q: 'p1' }))).toEqual(['the property Bad: the action Flip has no parameter "q"', 'there is p'])
    expect(await said(happening('Flip', { p: 'p3' }))).toEqual([
      'the property Bad: the parameter p of Flip is never "p3"',
      "it ranges over ids('p', 2)",
    ])
  })
  test('with a condition in the place of the parameters, or one that is none', async () => {
    expect(await said(happening('Flip', () => true))).toEqual(['happens() was given a function where values of parameters belong', hint])
    expect(await said(happening('Flip', {}, 'on'))).toEqual([
      'the condition of happens() is "on"',
      'give it a function: (before, after, parameters) => boolean',
    ])
    expect(await said(happening('Flip', {}, () => 1))).toEqual([
      'the condition of a step in the property Bad returned 1, not a boolean',
      'return true or false; compare explicitly, for example with !== null',
    ])
  })
})

describe('fairness', () => {
  const fair = (...given: unknown[]) =>
    turning((m) => {
      m.fair(...given)
      m.property('P', ({ always, eventually }: any) => always(eventually((s: any) => s.x === 3)))
    })

  test('of no action', async () => {
    expect(await said(fair('Upp', 'weak'))).toEqual([
      'the weak fairness of Upp names "Upp", which is no action',
      'did you mean Up? there are Up, Flip',
    ])
    expect(await said(fair([], 'weak'))).toEqual([
      'fair() was given [] where the name of an action belongs',
      'give it the name of an action, or a list of names',
    ])
    expect(await said(fair(['Up', 3], 'weak'))).toEqual([
      'fair() was given ["Up",3] where the name of an action belongs',
      'give it the name of an action, or a list of names',
    ])
  })
  test('of no kind', async () => {
    expect(await said(fair('Up'))).toEqual(['the fairness of Up is undefined', "fairness is 'weak' or 'strong'"])
  })
  test('with options that do not exist', async () => {
    expect(await said(fair('Flip', 'weak', { perr: 'action' }))).toEqual([
      'the fairness of Flip is given "perr", which is no option',
      'did you mean per? there are per, where',
    ])
    expect(await said(fair('Flip', 'weak', { per: 'instances' }))).toEqual([
      'the fairness of Flip is per "instances"',
      "per: 'instance' treats each combination of parameters fairly, per: 'action' the action as a whole",
    ])
    expect(await said(turning((m) => m.action('Stop', () => {}, { fare: 'weak' })))).toEqual([
      'the action Stop is given "fare", which is no option',
      'did you mean fair? there is fair',
    ])
  })
  test('on a condition that is none, throws, or gives no boolean', async () => {
    expect(await said(fair('Flip', 'weak', { where: 'on' }))).toEqual([
      'the condition of the fairness of Flip is "on"',
      'give it a function: (before, after, parameters) => boolean',
    ])
    const throwing = fair('Flip', 'weak', {
      where: () => {
        throw new Error('bang')
      },
    })
    expect((await said(throwing))[0]).toBe('the condition of the weak fairness of Flip threw Error: bang')
    expect((await said(fair('Flip', 'weak', { where: () => 3 })))[0]).toBe('the condition of the weak fairness of Flip returned 3, not a boolean')
  })
})

describe('what temporal properties cannot be checked under: where', () => {
  const small = ({ always }: any) => always((s: any) => s.x < 4)

  test('a constraint', async () => {
    const given = turning((m) => {
      m.constraint((s: any) => s.x < 2)
      m.property('P', small)
    })
    expect(await refused(given)).toBe(
      'error: «m.constraint((s: any) => s.x < 2)» the constraint cut off 4 successors, so P cannot be said to hold: ' +
        'behaviours that leave the constraint were not looked at\n' +
        '  hint: widen the types or remove the constraint; or say that only behaviours inside are meant: ' +
        "m.constraint(…, { temporal: 'inside' })\n",
    )
    expect(await said(turning((m) => m.constraint(() => true, { temporal: 'insid' })))).toEqual([
      'the constraint is given temporal: "insid"',
      "temporal: 'inside' says that temporal properties are about behaviours inside it; there is nothing else",
    ])
  })
  test('a view', async () => {
    const given = turning((m) => {
      m.view((s: any) => s.x)
      m.property('P', small)
    })
    expect(await refused(given)).toMatch(/^error: «m.property\('P', small\)» P cannot be checked under a view: /)
  })
})

describe('a refinement', () => {
  const abstract = model({ x: int(0, 2) })
  test('without a mapping, of no model', async () => {
    expect(await said(turning((m) => m.refines(abstract)))).toEqual(['refines "refinement" was given undefined where its function belongs'])
    expect(await said(turning((m) => m.refines({}, () => ({}))))).toEqual([
      'refines() was given {} where the abstract model belongs',
      'give it what model(…) made, not a spec',
    ])
  })
  test('whose mapping gives no state of the abstract model', async () => {
    const mapped = async (mapping: (s: any) => unknown) => (await said(turning((m) => m.refines(abstract, mapping))))[0]
    expect(await mapped((s) => void s.x)).toBe('the mapping of refinement: undefined is not a record: record({ x: int(0, 2) }) was expected')
    expect(await mapped(() => ({}))).toBe('the mapping of refinement: the field "x" of record({ x: int(0, 2) }) is missing')
    expect(await mapped((s) => ({ x: s.x, y: 1 }))).toBe('the mapping of refinement: there is no field "y" in record({ x: int(0, 2) })')
    expect(await mapped((s) => ({ x: s.x }))).toBe('the mapping of refinement: .x: 3 is outside int(0, 2)')
    expect(await mapped(async () => ({ x: 0 }))).toBe('the mapping of refinement returned a promise')
  })
})
