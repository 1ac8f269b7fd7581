import { bool, either, ensure, enumOf, equal, ids, int, map, model, option, pick, record, set, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { SpecError } from '../../src/errors.ts'
import { formatPath } from '../../src/program/path.ts'
import { referenceCheck } from '../../src/reference/reference.ts'
import type { Model } from '../../src/spec/model.ts'

const figures = (m: Model<any>, options = {}) => {
  const { verdict, distinct, generated, depth } = referenceCheck(m, options)
  return { verdict, distinct, generated, depth }
}
const violations = (m: Model<any>, options = {}) =>
  referenceCheck(m, options).violations.map(({ kind, name, parameters, steps, path }) => [kind, name, parameters, steps, formatPath(path)])
const errorOf = (m: Model<any>): SpecError => {
  try {
    referenceCheck(m)
  } catch (error) {
    if (error instanceof SpecError) return error
    throw error
  }
  throw new Error('no SpecError')
}

/** Counts 0, 1, … hi, and stays there. */
const counter = (hi: number) => {
  const m = model({ n: int(0, hi) })
  m.action('Up', (s) => {
    s.n = Math.min(hi, s.n + 1)
  })
  return m
}

describe('counting', () => {
  test('a clock with twelve initial states: they and their ticks are generated, the depth is 1', () => {
    const Hour = int(1, 12)
    const m = model({ hour: Hour })
    m.init((s) => {
      s.hour = pick(Hour)
    })
    m.action('Tick', (s) => {
      s.hour = s.hour === 12 ? 1 : s.hour + 1
    })
    expect(figures(m)).toEqual({ verdict: 'holds', distinct: 12, generated: 24, depth: 1 })
  })

  test('transaction commit with three managers', () => {
    const RM = ids('r', 3)
    const m = model({ rm: map(RM, enumOf('working', 'prepared', 'committed', 'aborted')) })
    m.action('Prepare', { r: RM }, (s, { r }) => {
      when(s.rm[r] === 'working')
      s.rm[r] = 'prepared'
    })
    m.action('Commit', { r: RM }, (s, { r }) => {
      when(s.rm[r] === 'prepared' && RM.every((other) => s.rm[other] === 'prepared' || s.rm[other] === 'committed'))
      s.rm[r] = 'committed'
    })
    m.action('Abort', { r: RM }, (s, { r }) => {
      when(['working', 'prepared'].includes(s.rm[r]) && RM.every((other) => s.rm[other] !== 'committed'))
      s.rm[r] = 'aborted'
    })
    m.terminal((s) => RM.every((r) => s.rm[r] === 'committed' || s.rm[r] === 'aborted'))
    m.invariant('Consistent', { a: RM, b: RM }, (s, { a, b }) => !(s.rm[a] === 'aborted' && s.rm[b] === 'committed'))
    expect(figures(m)).toEqual({ verdict: 'holds', distinct: 34, generated: 94, depth: 7 })
  })

  test('several init are alternatives, a false guard leaves one out, none means the initial values', () => {
    const m = model({ n: int(0, 5) })
    m.init((s) => {
      s.n = 1
    })
    m.init((s) => {
      s.n = pick([1, 2, 3])
      when(s.n !== 3)
    })
    m.terminal(() => true)
    expect(figures(m)).toEqual({ verdict: 'holds', distinct: 2, generated: 3, depth: 1 })
    expect(figures(counter(2))).toEqual({ verdict: 'holds', distinct: 3, generated: 4, depth: 3 })
  })

  test('each choice is a successor; picks nest; an empty pick is not enabled', () => {
    const m = model({ a: int(0, 2), b: int(0, 2), none: set(bool) })
    m.action('Both', (s) => {
      when(s.a === 0 && s.b === 0)
      s.a = pick([1, 2])
      either(
        () => {
          s.b = pick([1, 2])
        },
        () => {},
      )
    })
    m.action('Never', (s) => {
      pick(s.none)
    })
    m.terminal((s) => s.a > 0)
    // From (0, 0): a is 1 or 2, and b is 1, 2 or stays 0.
    expect(figures(m)).toEqual({ verdict: 'holds', distinct: 7, generated: 7, depth: 2 })
  })

  test('states outside the constraint are generated and checked, not counted and not expanded', () => {
    const m = counter(9)
    m.constraint((s) => s.n <= 3)
    expect(figures(m)).toEqual({ verdict: 'holds', distinct: 4, generated: 5, depth: 4 })
    m.invariant('Small', (s) => s.n <= 3)
    expect(violations(m)).toEqual([['invariant', 'Small', {}, 4, '0.0.0.0.0']])
  })

  test('states with equal views count as one', () => {
    const m = counter(9)
    m.view((s) => [s.n % 4])
    expect(figures(m)).toEqual({ verdict: 'holds', distinct: 4, generated: 5, depth: 4 })
  })

  test('a bound on the number of states leaves the search incomplete', () => {
    expect(referenceCheck(counter(9), { maxStates: 3 }).verdict).toBe('incomplete')
  })
})

describe('violations', () => {
  test('the shortest path, the first failing parameters, and the level is finished', () => {
    const N = int(0, 2)
    const m = model({ n: map(ids('p', 2), N) })
    m.action('Up', { p: ids('p', 2) }, (s, { p }) => {
      s.n[p] = Math.min(2, s.n[p] + 1)
    })
    m.invariant('Low', { p: ids('p', 2), limit: N }, (s, { p, limit }) => limit === 0 || s.n[p] < 2)
    expect(violations(m)).toEqual([['invariant', 'Low', { p: 'p1', limit: 1 }, 2, '0.0.0']])
    // Levels of 1, 2 and 3 states; the 3 states of the first two have 2 successors each.
    expect(figures(m)).toEqual({ verdict: 'violated', distinct: 6, generated: 7, depth: 3 })
    expect(figures(m, { keepGoing: true })).toEqual({ verdict: 'violated', distinct: 9, generated: 19, depth: 5 })
  })

  test('a deadlock has fewer steps than what is found in the same level', () => {
    const m = model({ n: int(0, 3) })
    m.action('Up', (s) => {
      when(s.n < 3)
      s.n++
    })
    expect(violations(m)).toEqual([['deadlock', 'deadlock', {}, 3, '0.0.0.0']])
    expect(referenceCheck(m).verdict).toBe('deadlocked')
    m.terminal((s) => s.n === 3)
    expect(referenceCheck(m).verdict).toBe('holds')
  })

  test('a failed assertion is a step without a state, and no deadlock', () => {
    const m = model({ n: int(0, 1) })
    m.action('Go', (s) => {
      when(s.n === 0)
      s.n = 1
    })
    m.action('Fail', (s) => {
      when(s.n === 1)
      ensure(s.n !== 1, 'n is never 1')
    })
    expect(violations(m)).toEqual([['assertion', 'n is never 1', {}, 2, '0.0.1']])
    expect(figures(m)).toEqual({ verdict: 'violated', distinct: 2, generated: 2, depth: 2 })
    expect(violations(m, { only: ['deadlock'] })).toEqual([])
  })

  test('an assertion that the action catches has failed all the same, and a guard has disabled', () => {
    const m = model({ n: int(0, 3) })
    const swallow = (run: () => void) => {
      try {
        run()
      } catch {}
    }
    m.action('Guarded', (s) => {
      s.n = 2
      swallow(() => when(false))
      s.n = 3
    })
    m.action('Asserted', () => swallow(() => ensure(false, 'caught')))
    expect(violations(m)).toEqual([['assertion', 'caught', {}, 1, '0.1']])
    expect(figures(m)).toEqual({ verdict: 'violated', distinct: 1, generated: 1, depth: 1 })
  })

  test('step properties look at steps that change the state, and know the action', () => {
    const m = counter(3)
    m.action('Stay', () => {})
    m.step('Grows', (before, after) => after.n > before.n)
    m.step('ByUp', (_before, _after, { action }) => action === 'Up')
    expect(violations(m)).toEqual([])
    m.step('NeverThree', { n: int(2, 3) }, (_before, after, { n }) => after.n !== n || n === 2)
    expect(violations(m)).toEqual([['step', 'NeverThree', { n: 3 }, 3, '0.0.0.0']])
  })

  test('reachable is decided by a complete search', () => {
    const m = counter(3)
    m.reachable('Three', (s) => s.n === 3)
    expect(violations(m)).toEqual([])
    m.reachable('Never', (s) => s.n === 3 && s.n + 1 === 3)
    expect(violations(m)).toEqual([['reachable', 'Never', {}, 0, '']])
    expect(referenceCheck(m, { maxStates: 2 }).verdict).toBe('incomplete')
    expect(violations(m, { only: ['Three'] })).toEqual([])
  })

  test('processes end without deadlock when all are done, and only then', () => {
    const processes = (unlocks: boolean) => {
      const m = model({ lock: bool })
      m.process('P', ids('p', 2), {
        enter: (s) => {
          when(!s.lock)
          s.lock = true
          return 'leave'
        },
        leave: (s) => {
          if (unlocks) s.lock = false
          return 'Done'
        },
      })
      return m
    }
    // Both at the start, one of them inside, that one done, the other inside, both done.
    expect(figures(processes(true))).toEqual({ verdict: 'holds', distinct: 1 + 2 + 2 + 2 + 1, generated: 9, depth: 5 })
    expect(referenceCheck(processes(false)).violations[0]).toMatchObject({ kind: 'deadlock', steps: 2 })
  })
})

describe('errors of a spec', () => {
  const action = (run: (s: any) => unknown, variables: any = { n: int(0, 3), r: record({ x: bool }), o: option(ids('p', 2)) }) => {
    const m = model(variables)
    m.action('Do', run as () => void)
    return m
  }

  test('what an action throws is named with its place, and kept as the cause', () => {
    const thrown = new Error('oh no')
    const error = errorOf(
      action(() => {
        throw thrown
      }),
    )
    expect(error.message).toBe('the action Do threw Error: oh no')
    expect(error.cause).toBe(thrown)
    expect(error.location?.file).toMatch(/reference\.test\.ts$/)
  })

  test('promises and answers that are no boolean', () => {
    expect(errorOf(action(async () => {})).message).toBe('the action Do returned a promise')
    const predicate = (test: () => unknown) => errorOf(counter(1).invariant('I', { p: ids('p', 1) }, test as () => boolean)).message
    expect(predicate(async () => true)).toBe('the invariant I(p: p1) returned a promise instead of a boolean')
    expect(predicate(() => 1)).toBe('the invariant I(p: p1) returned 1 instead of a boolean')
    expect(predicate(() => undefined)).toBe('the invariant I(p: p1) returned undefined instead of a boolean')
  })

  test.each<[string, (s: any) => unknown, string]>([
    ['a value outside a range', (s) => (s.n = 4), 'n in the action Do: 4 is outside int(0, 3)'],
    ['inside a record', (s) => (s.r = { x: 1 }), 'r.x in the action Do: 1 is not a boolean'],
    ['an unknown member', (s) => (s.o = 'p3'), `o in the action Do: "p3" is not a member of ids('p', 2)`],
    [
      'an unknown variable, written',
      (s) => (s.m = 1),
      'the action Do: there is no field "m" in record({ n: int(0, 3), r: record({ x: bool }), o: option(ids(\'p\', 2)) })',
    ],
  ])('%s', (_name, run, message) => {
    expect(errorOf(action(run)).message).toBe(message)
  })

  test('what is not there is undefined, and callbacks of quantifiers do what they say, as anywhere', () => {
    const m = action((s) => {
      when(s.r.y === undefined && s.n === 0)
      ids('p', 2).every((p) => {
        when(p !== 'p3')
        return (s.n += 1) > 0
      })
    })
    expect(violations(m)).toEqual([['deadlock', 'deadlock', {}, 1, '0.0']])
    m.invariant('Zero', (s) => s.n !== 2)
    expect(violations(m)).toEqual([['invariant', 'Zero', {}, 1, '0.0']])
  })

  test('a predicate does not write, choose or guard', () => {
    const invariant = (test: (s: any) => unknown) => errorOf(counter(1).invariant('I', test as () => boolean)).message
    expect(invariant((s) => (s.n = 1) === 1)).toBe('the invariant I writes n, but it may only read')
    expect(invariant(() => pick([true]))).toBe('the invariant I calls pick()')
    expect(invariant(() => (when(false), true))).toBe('the invariant I calls when()')
  })

  test('no initial state', () => {
    const never = counter(1).init(() => when(false))
    expect(errorOf(never).message).toBe('the model has no initial state')
    expect(errorOf(counter(1).constraint((s) => equal(s.n, 1))).message).toBe('every initial state lies outside the constraint')
  })
})
