/** What the source of a function allows, and that a guard which returns is the guard that throws. */
import { ensure, ids, int, map, model, pick, seq, set, spec, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { check } from 'tsmc'
import { OFF, onlyNames, withoutThrowing } from '../../src/direct/source.ts'
import { execute } from '../../src/spec/actions.ts'

const variables = new Set(['n', 'm', 'q'])
const limit = 3
const helper = (state: any): boolean => state.n > 0
const keep: any[] = []

describe('a state of which only variables are named', () => {
  test.each<[string, boolean, (...given: any[]) => unknown]>([
    ['reads and writes', true, (s) => (s.n = s.m + s.q.length)],
    ['in callbacks', true, (s) => [1, 2].every((x) => s.n > x)],
    ['by a literal', true, (s) => s['n']],
    ['taken out', true, ({ n, m: other }) => n + other],
    ['not used', true, () => true],
    ['a name of an inner function', true, (s) => [{ x: 1 }].map((s) => s).length + s.n],
    ['given to a helper', false, (s) => helper(s)],
    ['spread', false, (s) => ({ ...s })],
    ['returned', false, (s) => s],
    ['by a computed name', false, (s, { name }) => s[name]],
    ['a name that is no variable', false, (s) => s.other],
    ['kept', false, (s) => keep.push(s)],
    ['the rest of it', false, ({ n, ...rest }) => rest],
    ['something is deleted', false, (s) => delete s.n],
    [
      'arguments',
      false,
      function () {
        // biome-ignore lint/complexity/noArguments: that is what is tried
        return arguments[0]
      },
    ],
  ])('%s: %s', (_, expected, fn) => {
    expect(onlyNames(fn, 1, variables)).toBe(expected)
  })

  test('both states of a step', () => {
    expect(onlyNames((before: any, after: any) => before.n <= after.n, 2, variables)).toBe(true)
    expect(onlyNames((before: any, after: any) => before.n <= helper(after), 2, variables)).toBe(false)
  })
})

/** What a function comes to: its value, or that a guard threw. */
function outcome(fn: (...given: any[]) => unknown, state: any): unknown {
  const before = execute({ what: 'a test', disable: () => {}, pick: () => 0, branch: () => 0, ensured: () => {} })
  try {
    const value = fn(state, {})
    return value === OFF ? 'off' : { value, state }
  } catch {
    return 'off'
  } finally {
    execute(before)
  }
}

describe('guards that return', () => {
  const inLoops = (s: any): string => {
    for (const x of s.q) when(x < limit)
    switch (s.n) {
      case 0:
        when(s.m > 0)
        break
      default: {
        if (s.m > 1) when(s.n > 1)
        else s.n = 5
      }
    }
    return 'done'
  }
  const state = (n: number, m: number, q: number[]): any => ({ n, m, q })
  const states = [0, 1, 2].flatMap((n) => [0, 1, 2].flatMap((m) => [[], [1], [1, 3]].map((q) => [n, m, q] as const)))

  test('in blocks, loops and cases', () => {
    const other = withoutThrowing(inLoops) as typeof inLoops
    expect(other).not.toBe(inLoops)
    const outcomes = states.map(([n, m, q]) => {
      const one = outcome(other, state(n, m, [...q]))
      expect(one).toEqual(outcome(inLoops, state(n, m, [...q])))
      return one
    })
    expect(outcomes.filter((one) => one === 'off').length).toBeGreaterThan(5)
    expect(outcomes.filter((one) => one !== 'off').length).toBeGreaterThan(5)
  })

  test('it does not throw', () => {
    const guard = (s: any): void => {
      when(s.n > limit)
      s.n = 0
    }
    let thrown = 0
    const before = execute({ what: 'a test', disable: () => thrown++, pick: () => 0, branch: () => 0, ensured: () => {} })
    expect((withoutThrowing(guard) as typeof guard)(state(1, 1, []))).toBe(OFF)
    execute(before)
    expect(thrown).toBe(0)
  })

  test('what can be had no other way stays as it is', () => {
    const caught = (s: any): void => {
      try {
        when(s.n > 0)
      } finally {
        s.n = 1
      }
    }
    const own = function (this: any, s: any): void {
      when(s.n > this.n)
    }
    const logs = (s: any): void => {
      when(s.n > 0)
      console.log(s.n)
    }
    const inside = (s: any): void => {
      s.q.forEach((x: number) => {
        when(x > 0)
      })
    }
    const shadowed = (s: any): void => {
      const when = (x: boolean): boolean => x
      when(s.n > 0)
    }
    for (const fn of [caught, own, logs, inside, shadowed]) expect(withoutThrowing(fn)).toBe(fn)
  })
})

describe('a search by calls alone', () => {
  const tokens = spec('tokens', () => {
    const Place = ids('p', 3)
    const m = model({ at: map(Place, int(0, 6)), seen: set(Place), log: seq(Place, 2) })
    m.init((s) => {
      s.at.p1 = 6
    })
    m.action('Move', { to: Place }, (s, { to }) => {
      const from = pick(Place)
      when(from !== to)
      when(s.at[from]! > 0)
      s.at[from]!--
      s.at[to]!++
      s.seen.add(to)
      ensure(s.at[to]! <= 6, 'no more than there are')
    })
    m.action('Log', (s) => {
      when(s.log.length < 2)
      s.log.push(pick(s.seen))
    })
    m.invariant('Six', (s) => Place.values().reduce((sum, p) => sum + s.at[p]!, 0) === 6)
    return m
  })

  test('is the same as one by trees', async () => {
    const [learned, called] = [await check(tokens), await check(tokens, { learning: false })]
    const figures = ({ verdict, distinct, generated, depth }: typeof learned) => ({ verdict, distinct, generated, depth })
    expect(figures(called)).toEqual(figures(learned))
    expect(learned.verdict).toBe('holds')
  })
})
