/** Checks that cannot fail, or not for the reason that they were written for: exact texts. */
import { bool, check, int, map, model, type Model, spec, when } from 'tsmc'
import { describe, expect, it } from 'vitest'

/** The warnings of a model that holds. */
async function warned(m: () => Model<any>): Promise<[kind: string, text: string][]> {
  const { verdict, warnings } = await check(spec('vacuous', m))
  expect(verdict).toBe('holds')
  expect(warnings.filter(({ kind }) => kind !== 'constraint').every(({ vacuous }) => vacuous)).toBe(true)
  return warnings.map(({ kind, text }) => [kind, text])
}

const counter = () =>
  model({ x: int(0, 3), failed: bool, loaded: bool, seen: map(int(0, 3), bool) }).action('Next', (s) => {
    s.x = (s.x + 1) % 4
    s.loaded = s.x > 1
    s.seen[s.x] = true
  })

describe('a premise that is never true', () => {
  it('an invariant never reads its conclusion', async () => {
    expect(await warned(() => counter().invariant('FailedIsLoaded', (s) => !s.failed || s.loaded))).toEqual([
      ['unread', 'the invariant FailedIsLoaded never looked at loaded: what stands before decided every time'],
    ])
    expect(await warned(() => counter().invariant('Loaded', (s) => s.x < 2 || s.loaded))).toEqual([])
  })

  it('with parameters: only where it is never true for any of them', async () => {
    const Index = int(0, 3)
    expect(await warned(() => counter().invariant('Never', { i: Index }, (s, { i }) => !s.failed || i > s.x || s.seen[i]))).toEqual([
      ['unread', 'the invariant Never never looked at x, seen: what stands before decided every time'],
    ])
    expect(await warned(() => counter().invariant('Seen', { i: Index }, (s, { i }) => i !== s.x || s.seen[i] || i === 0))).toEqual([])
  })

  it('a variable taken out of the state, and a function written out', async () => {
    expect(await warned(() => counter().invariant('Taken', ({ failed, loaded }) => !failed || loaded))).toEqual([])
    expect(
      await warned(() =>
        counter().invariant('Written', (state) => {
          if (!state.failed) return true
          return state.loaded
        }),
      ),
    ).toEqual([['unread', 'the invariant Written never looked at loaded: what stands before decided every time']])
  })

  it('a step property', async () => {
    expect(await warned(() => counter().step('Stays', (before, after) => !before.failed || after.loaded))).toEqual([
      ['unread', 'the step property Stays never looked at loaded: what stands before decided every time'],
    ])
    expect(await warned(() => counter().step('Counts', (before, after) => after.x === (before.x + 1) % 4))).toEqual([])
  })

  it('a premise over several variables, if what it saw was always the same', async () => {
    const still = () =>
      counter().action('Never', (s) => {
        when(s.x > 3)
        s.failed = true
      })
    expect((await warned(() => still().invariant('Both', (s) => !s.failed || !s.loaded || s.x > 0))).filter(([kind]) => kind === 'unread')).toEqual([
      ['unread', 'the invariant Both never looked at x, loaded: what stands before decided every time'],
    ])
  })

  it('a case among others that does not occur is no mistake', async () => {
    expect(
      await warned(() =>
        counter().invariant('Cases', (s) => {
          if (s.x === 0) return !s.loaded
          return s.x < 4 || s.failed
        }),
      ),
    ).toEqual([])
  })

  it('an invariant on a flag that is never set says what it means', async () => {
    expect(await warned(() => counter().invariant('NeverFailed', (s) => !s.failed))).toEqual([])
  })
})

describe('a property that cannot fail', () => {
  it('is true without looking at the state', async () => {
    expect(await warned(() => counter().invariant('True', () => true))).toEqual([
      ['constant-property', 'the invariant True is true without looking at the state'],
    ])
  })

  it('for some parameters only: it says something for the others', async () => {
    const Index = int(0, 3)
    expect(
      await warned(() => counter().invariant('Apart', { i: Index, j: Index }, (s, { i, j }) => i === j || s.seen[i] || s.seen[j] || s.x < 4)),
    ).toEqual([])
  })

  it('is reached in an initial state', async () => {
    expect(
      await warned(() =>
        counter()
          .reachable('Zero', (s) => s.x === 0)
          .reachable('Three', (s) => s.x === 3),
      ),
    ).toEqual([['reached-at-once', 'Zero is reached already in an initial state']])
  })
})

describe('what never happens', () => {
  it('an action', async () => {
    expect(
      await warned(() =>
        counter().action('Fail', (s) => {
          when(s.failed)
          s.x = 0
        }),
      ),
    ).toEqual([['never-enabled', 'never enabled: Fail']])
  })

  it('any step inside the constraint', async () => {
    expect(await warned(() => counter().constraint((s) => s.x === 0))).toEqual([
      ['constraint', '1 successor outside the constraint was checked but not expanded'],
      ['constraint-cuts-all', 'the constraint cuts off every step: only initial states lie inside'],
    ])
    expect(await warned(() => counter().constraint((s) => s.x < 2))).toEqual([
      ['constraint', '1 successor outside the constraint was checked but not expanded'],
    ])
  })
})
