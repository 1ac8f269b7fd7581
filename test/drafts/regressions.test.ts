/** Mistakes that random programs have found in drafts: each gives what plain data give, however it is run. */
import { bag, bagOf, bool, type CheckOptions, check, ids, int, map, model, record, seq, set, spec, union, value, when } from 'tsmc'
import { describe, expect, test } from 'vitest'

const WAYS: readonly CheckOptions[] = [{}, { compiling: 'eager' }, { learning: false }]
const Job = record({ id: int(0, 3), n: int(0, 9) })
const Message = union('kind', { ask: { id: int(0, 3), n: int(0, 255) }, pack: { job: Job }, none: {} })

describe.each(WAYS)('%j', (way) => {
  const momentary = (act: (s: any) => void) =>
    spec('momentary', () => {
      const m = model({ a: Job, q: seq(Job, 2), nums: seq(int(0, 9), 2), got: int(0, 9), done: bool })
      m.action('Do', (s) => {
        when(!s.done)
        s.done = true
        act(s)
      })
      m.terminal((s) => s.done)
      m.invariant('Zero', (s) => s.got === 0)
      return m
    })
  test.each<[string, (s: any) => void, number]>([
    [
      'the object',
      (s) => {
        const job = { id: 1, n: 9 }
        s.q.push(job)
        job.n = 12
        job.n = 3
        s.got = s.q[0].n
      },
      3,
    ],
    [
      'its place',
      (s) => {
        s.a = { id: 1, n: 9 }
        s.a.n = 12
        s.a.n = 4
        s.got = s.a.n
      },
      4,
    ],
    [
      'read while it is',
      (s) => {
        const job = { id: 1, n: 9 }
        s.a = job
        job.n = 12
        s.got = s.a.n - 7
        job.n = 0
      },
      5,
    ],
    [
      'a list too long',
      (s) => {
        const list = [1]
        s.nums = list
        list.push(2, 3)
        list.length = 1
        s.got = list.length + 5
      },
      6,
    ],
  ])('out of range for a moment in an object of the function: as on plain data (%s)', async (_, act, got) => {
    const { violations } = await check(momentary(act), way)
    expect(violations.map(({ name, steps, trace }) => [name, steps, trace.at(-1)?.state['got']])).toEqual([['Zero', 1, got]])
  })
  test.each<[string, (s: any) => void, string]>([
    [
      'when the function ends',
      (s) => {
        const job = { id: 1, n: 9 }
        s.q.push(job)
        job.n = 12
      },
      '12 is outside int(0, 9)',
    ],
    [
      'in what is a part of the state',
      (s) => {
        s.a.n = 12
        s.a.n = 3
      },
      'a.n in the action Do: 12 is outside int(0, 9)',
    ],
    [
      'when it is put in',
      (s) => {
        s.a = { id: 1, n: 12 }
        s.a.n = 3
      },
      '12 is outside int(0, 9)',
    ],
  ])('out of range %s: refused', async (_, act, said) => {
    await expect(check(momentary(act), way)).rejects.toThrow(said)
  })

  test('a part of a union is put into a new value of it, at its own place', async () => {
    const packed = spec('packed', () => {
      const m = model({ msg: Message, done: bool })
      m.init((s) => {
        s.msg = { kind: 'pack', job: { id: 2, n: 7 } }
      })
      m.action('Again', (s) => {
        when(!s.done)
        s.done = true
        if (s.msg.kind === 'pack') s.msg = { kind: 'pack', job: s.msg.job }
      })
      m.terminal((s) => s.done)
      m.invariant('Kept', (s) => s.msg.kind === 'pack' && s.msg.job.id === 2 && s.msg.job.n === 7)
      return m
    })
    const { verdict, distinct } = await check(packed, way)
    expect([verdict, distinct]).toEqual(['holds', 2])
  })

  test('a record is copied into a union, whose slots are wider than its own', async () => {
    const copied = spec('copied', () => {
      const m = model({ b: Job, flag: map(ids('k', 3), bool), msg: Message, n: int(0, 3) })
      m.init((s) => {
        s.b = { id: 3, n: 9 }
        s.flag.k1 = true
        s.flag.k3 = true
      })
      m.action('Send', { k: ids('k', 2), c: int(0, 1) }, (s, { k, c }) => {
        when(s.n < 3)
        s.n++
        s.msg = { kind: 'pack', job: s.b }
        s.flag[k] = c === 0
      })
      m.terminal((s) => s.n === 3)
      m.invariant('Whole', (s) => s.msg.kind !== 'pack' || (s.msg.job.id === 3 && s.msg.job.n === 9))
      return m
    })
    const { verdict, distinct, generated } = await check(copied, way)
    // Two flags: 1 state, then 3, 4 and 4; each is left in four ways.
    expect([verdict, distinct, generated]).toEqual(['holds', 12, 1 + 4 * (1 + 3 + 4)])
  })

  test('a bag hands out what was put in again behind all others, and nothing twice', async () => {
    const looped = spec('looped', () => {
      const m = model({ tokens: bag(int(0, 4), 3), seen: value(''), done: bool })
      m.init((s) => {
        s.tokens = bagOf([1, 1, 3])
      })
      m.action('Loop', (s) => {
        when(!s.done)
        s.done = true
        let seen = ''
        let rounds = 0
        for (const token of s.tokens) {
          if (++rounds > 8) break
          seen += token
          if (s.tokens.count(4) < 2) s.tokens.add(4)
          if (token === 3) {
            s.tokens.delete(3)
            if (rounds < 6) s.tokens.add(3)
          }
        }
        s.seen = seen
      })
      m.terminal((s) => s.done)
      m.invariant('InOrder', (s) => !s.done || s.seen === '113443')
      return m
    })
    const { verdict } = await check(looped, way)
    expect(verdict).toBe('holds')
  })

  test('what is looked for need not be of the type', async () => {
    const asked = spec('asked', () => {
      const m = model({ x: set(int(0, 9)), y: bag(int(0, 9), 2), n: int(0, 4) })
      m.action('Ask', (s) => {
        s.n = Number(s.x.has(14)) + Number(s.x.delete(-1)) + s.y.count(14) + Number(s.y.delete(14))
      })
      m.invariant('Nothing', (s) => s.n === 0)
      return m
    })
    const { verdict, distinct } = await check(asked, way)
    expect([verdict, distinct]).toEqual(['holds', 1])
  })
})
