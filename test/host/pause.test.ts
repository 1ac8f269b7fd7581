/** A process that was stopped for a while is no endless loop: the check is begun anew, and gives what it always gives. */
import { spawn } from 'node:child_process'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { check, int, model, spec } from 'tsmc'
import { patiently } from '../../src/host/pause.ts'
import { Paused, raise } from '../../src/run/limits.ts'
import { COMMAND, COUNTER, place } from '../cli/run.ts'

// From a realm of their own: those of this one are refused where a function of a spec uses them.
const [OtherDate, OtherAtomics, cell] = runInNewContext('[Date, Atomics, new Int32Array(new SharedArrayBuffer(4))]') as [
  DateConstructor,
  Atomics,
  Int32Array<SharedArrayBuffer>,
]

/** Waits without using the processor, as a stopped process does. Bound, so that its source cannot be read. */
const sleep = ((milliseconds: number): void => {
  OtherAtomics.wait(cell, 0, 0, milliseconds)
}).bind(null)
const busy = ((milliseconds: number): void => {
  for (const end = OtherDate.now() + milliseconds; OtherDate.now() < end; );
}).bind(null)

/** Has the processor for so long, however busy the machine is. */
const works = (milliseconds: number): void => {
  const before = process.cpuUsage()
  const used = () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  while (used() < milliseconds);
}

test('what was cut short: a pause where the processor was idle, otherwise what it was', () => {
  const late = (work: () => void) => () =>
    patiently(100, () => {
      work()
      throw new Error('cut short')
    })
  expect(late(() => sleep(150))).toThrow(Paused)
  expect(late(() => works(300))).toThrow('cut short')
  expect(late(() => {})).toThrow('cut short')
  expect(patiently(0, () => 3)).toBe(3)
})

test('what has had the processor before it was stopped is no loop either: the time of the processor counts', () => {
  const stopped = (ran: number, limit: number) => () =>
    patiently(limit, () => {
      works(ran)
      sleep(1500)
      throw new Error('cut short')
    })
  // It had a tenth of the time that has gone by, and not half of its limit.
  expect(stopped(200, 1000)).toThrow(Paused)
  expect(stopped(300, 200)).toThrow('cut short')
})

test('another attempt has more time by the clock, and not by that of the processor', () => {
  const longer = raise(0.4)
  expect(longer).toBeCloseTo(1.2, 2)
  const late = (ran: number) => () =>
    patiently(longer * 1000, () => {
      works(ran)
      sleep(1300)
      throw new Error('cut short')
    })
  expect(late(20)).toThrow(Paused)
  expect(late(500)).toThrow('cut short')
  expect(raise(longer)).toBeCloseTo(3.6, 1)
})

describe('check()', () => {
  const counter = (act: (x: number) => void) =>
    spec('counter', () => {
      const m = model({ x: int(0, 9) })
      m.action('Up', (s) => {
        act(s.x)
        s.x = (s.x + 1) % 10
      })
      return m
    })

  test('a pause in a call: begun anew', async () => {
    let pauses = 0
    const once = (() => {
      if (pauses++ === 0) sleep(1000)
    }).bind(null)
    const { verdict, distinct } = await check(
      counter((x) => {
        if (x === 5) once()
      }),
      { callTimeout: 0.2 },
    )
    expect([verdict, distinct, pauses > 1]).toEqual(['holds', 10, true])
  })

  test('many calls that take long together, each of which returns: begun anew, with more time', async () => {
    let calls = 0
    const wide = spec('wide', () => {
      const m = model({ x: int(0, 1) })
      m.action('Up', { i: int(1, 100) }, (s) => {
        note()
        s.x = 1 - s.x
      })
      return m
    })
    const note = (() => {
      calls++
      busy(2)
    }).bind(null)
    // Of one state all instances are expanded at once.
    const { verdict, distinct, generated } = await check(wide, { callTimeout: 0.3 })
    expect([verdict, distinct, generated]).toEqual(['holds', 2, 201])
    expect(calls).toBeGreaterThan(200)
  })

  test('a loop that comes after many calls is one, and the action with the loop is to blame', async () => {
    const wide = spec('wide', () => {
      const m = model({ x: int(0, 1) })
      m.action('Up', { i: int(1, 200) }, (s, { i }) => {
        act(i)
        s.x = 1 - s.x
      })
      return m
    })
    const act = ((i: number) => {
      busy(i === 200 ? 60_000 : 2)
    }).bind(null)
    await expect(check(wide, { callTimeout: 0.3 })).rejects.toThrow('the action Up(i: 200) did not return within 0.3 seconds')
  })

  test('a loop is a loop', async () => {
    await expect(
      check(
        counter((x) => x === 5 && busy(60_000)),
        { callTimeout: 0.2 },
      ),
    ).rejects.toThrow('the action Up did not return within 0.2 seconds')
  })

  test('what always waits is told in the end', async () => {
    await expect(
      check(
        counter((x) => x === 5 && sleep(2500)),
        { callTimeout: 0.001 },
      ),
    ).rejects.toThrow(/^the action Up did not return within /)
  })
})

test.runIf(process.platform === 'linux')('the command, stopped for longer than a call may take', { timeout: 120_000 }, async () => {
  const text = COUNTER.replace("m.invariant('Small'", "m.action('Other', (s) => { s.x = (s.x * 7919 + 13) % 200000 })\n  m.invariant('Any'").replace(
    's.x < 5',
    's.x >= 0',
  )
  const at = place({ 'counter.ts': text.split("\n  .instance('small')")[0] as string })
  const child = spawn(process.execPath, [COMMAND, 'check', 'counter.ts', '--no-diagrams', '--no-learning', '--set', 'top=200000'], {
    cwd: at,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (part) => (output += part))
  const ended = new Promise((resolve) => child.on('close', resolve))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  child.kill('SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 12_000))
  child.kill('SIGCONT')
  const code = await ended
  expect([code, output.split('\n')[0]]).toEqual([0, '✓ counter top=200000: holds'])
})
