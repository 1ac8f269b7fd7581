/** Where memory ends: the search stops, and says so. The figures of the machine come from the host, so that they can be any here. */
import { check, type CheckOptions, int, model, simulate, spec, type Result } from 'tsmc'
import { afterEach, describe, expect, test } from 'vitest'
import { exhausted } from '../../src/explore/exhausted.ts'
import { host, type MemoryFigures, useHost } from '../../src/run/host.ts'
import { Full } from '../../src/visited/arena.ts'
import { directory } from '../store/directory.ts'

const real = host
afterEach(() => useHost(real))

const GB = 2 ** 30
const ENOUGH: MemoryFigures = { held: GB, available: 4 * GB, heap: GB / 4, heapLimit: GB }

/** From the look number `from` on the figures are others. */
function given(figures: Partial<MemoryFigures>, from = 1): void {
  let looks = 0
  useHost({ ...real, memory: () => (++looks < from ? ENOUGH : { ...ENOUGH, ...figures }) })
}

const wheel = spec('wheel', () => {
  const m = model({ x: int(0, 999), y: int(0, 999) })
  m.action('X', (s) => {
    s.x = (s.x + 1) % 1000
  })
  m.action('Y', (s) => {
    s.y = (s.y + 1) % 1000
  })
  return m
})

async function stopped(options: CheckOptions = {}): Promise<Pick<Result, 'verdict' | 'expected' | 'incomplete'>> {
  const { verdict, expected, incomplete, distinct } = await check(wheel, options)
  expect(distinct).toBeLessThan(1_000_000)
  return { verdict, expected, incomplete }
}
const MEMORY = {
  verdict: 'incomplete',
  expected: false,
  incomplete: {
    bound: 'memory',
    text: expect.stringMatching(/^memory is used up: \d+ states? found but not expanded(?:; .*)?; --store keeps the states on disk$/),
  },
}

describe('at nine tenths of', () => {
  test('what the machine has', async () => {
    given({ held: 3.7 * GB })
    expect(await stopped()).toEqual(MEMORY)
  })
  test('the heap of JavaScript', async () => {
    given({ heap: 0.95 * GB })
    expect(await stopped()).toEqual(MEMORY)
  })
  test('before that, where as much again as came since the last look would be too much', async () => {
    given({ heap: 0.6 * GB }, 2)
    expect(await stopped()).toEqual(MEMORY)
  })
  test('with a store nobody is told to take one', async () => {
    given({ held: 3.7 * GB })
    const { incomplete } = await stopped({ store: { directory: `${directory()}/store`, memory: 64 } })
    expect(incomplete?.bound).toBe('memory')
    expect(incomplete?.text).not.toContain('--store')
  })
  test('a simulation', async () => {
    given({ held: 3.7 * GB })
    const { incomplete, verdict, runs } = await simulate(wheel, { seed: 1, runs: 1_000_000, depth: 1000 })
    expect([incomplete, verdict]).toEqual(['memory', 'nothing-found'])
    expect(runs).toBeLessThan(1_000_000)
  })
})

test('little less is enough', async () => {
  given({ held: 3.5 * GB, heap: 0.45 * GB })
  const small = spec('small', () => {
    const m = model({ x: int(0, 9) })
    m.action('X', (s) => {
      s.x = (s.x + 1) % 10
    })
    return m
  })
  expect((await check(small)).verdict).toBe('holds')
})

test('errors that say that something has ended', () => {
  const memory = ['Array buffer allocation failed', 'Invalid typed array length: 17179869184', 'Invalid array length', 'Map maximum size exceeded']
  expect([...memory, 'Set maximum size exceeded'].map((text) => exhausted(new RangeError(text)))).toEqual(Array(5).fill('memory'))
  expect(exhausted(new Full(7))).toBe('capacity')
  expect([new RangeError('Invalid string length'), new TypeError('Invalid array length'), null].map(exhausted)).toEqual([null, null, null])
})
