/** What depends on more than the state is refused each time, wherever a function of a spec reads it; and nothing changes for everybody else. */
import assert from 'node:assert'
import { spawnSync } from 'node:child_process'
import * as crypto from 'node:crypto'
import { createSocket } from 'node:dgram'
import dns, { promises as dnsPromises } from 'node:dns'
import fs, { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import { hostname } from 'node:os'
import { env, hrtime } from 'node:process'
import timers from 'node:timers'
import { setTimeout as later } from 'node:timers/promises'
import tls from 'node:tls'
import { isDeepStrictEqual, promisify } from 'node:util'
import { check, int, model, simulate, spec, SpecError, when } from 'tsmc'
import { afterAll, describe, expect, test } from 'vitest'
import { inputsFound, inputsOf, whileDefining, whileLoading } from '../../src/host/inputs.ts'
import { registerPlain } from '../../src/host/deepTraps.ts'
import { DEEP, LANGUAGES, TRAPS } from '../../src/host/trapTable.ts'
import { arm } from '../../src/host/traps.ts'
import { execute, type Execution } from '../../src/spec/actions.ts'

/** Taken before anything runs. */
const now = Date.now
const { random } = Math
const utc = new Intl.DateTimeFormat('en', { timeZone: 'UTC' })
const Clock = Date

/** By the source, as `TRAPS` writes it: a function of a spec that reads it. */
const READS: Readonly<Record<string, () => unknown>> = {
  'Date.now': () => now(),
  'performance.now': () => performance.now(),
  'performance.mark': () => performance.mark('x'),
  'performance.measure': () => performance.measure('x'),
  'performance.eventLoopUtilization': () => performance.eventLoopUtilization(),
  'performance.toJSON': () => performance.toJSON(),
  'performance.timeOrigin': () => performance.timeOrigin,
  'process.hrtime': () => hrtime(),
  'process.hrtime.bigint': () => process.hrtime.bigint(),
  'process.uptime': () => process.uptime(),
  'process.cpuUsage': () => process.cpuUsage(),
  'process.threadCpuUsage': () => (process as any).threadCpuUsage(),
  'process.resourceUsage': () => process.resourceUsage(),
  'Math.random': () => random(),
  'crypto.getRandomValues': () => globalThis.crypto.getRandomValues(new Uint8Array(1)),
  'crypto.randomUUID': () => globalThis.crypto.randomUUID(),
  'process.cwd': () => process.cwd(),
  'process.memoryUsage': () => process.memoryUsage(),
  'process.memoryUsage.rss': () => process.memoryUsage.rss(),
  'process.availableMemory': () => (process as any).availableMemory(),
  'process.constrainedMemory': () => process.constrainedMemory(),
  'process.loadEnvFile': () => (process as any).loadEnvFile(),
  'process.getuid': () => process.getuid?.(),
  'process.getgid': () => process.getgid?.(),
  'process.umask': () => process.umask(),
  'process.argv': () => process.argv,
  'process.pid': () => process.pid,
  'process.ppid': () => process.ppid,
  os: () => hostname(),
  child_process: () => spawnSync('true'),
  fs: () => readFileSync('package.json'),
  'fs.promises': () => void readFile('package.json'),
  fetch: () => void fetch('http://localhost'),
  WebSocket: () => new (globalThis as any).WebSocket('ws://localhost'),
  EventSource: () => new (globalThis as any).EventSource('http://localhost'),
  XMLHttpRequest: () => new (globalThis as any).XMLHttpRequest(),
  net: () => net.connect(1),
  'http.get': () => http.get('http://localhost'),
  'http.request': () => http.request('http://localhost'),
  'http.createServer': () => http.createServer(),
  'https.get': () => https.get('https://localhost'),
  'https.request': () => https.request('https://localhost'),
  'https.createServer': () => https.createServer(),
  'http2.connect': () => http2.connect('http://localhost'),
  'http2.createServer': () => http2.createServer(),
  'http2.createSecureServer': () => http2.createSecureServer(),
  'tls.connect': () => tls.connect(1),
  'tls.createServer': () => tls.createServer(),
  'dgram.createSocket': () => createSocket('udp4'),
  dns: () => dns.lookup('localhost', () => {}),
  'dns.promises': () => void dnsPromises.lookup('localhost'),
  setTimeout: () => setTimeout(() => {}),
  setInterval: () => setInterval(() => {}),
  setImmediate: () => setImmediate(() => {}),
  queueMicrotask: () => queueMicrotask(() => {}),
  'timers.promises.setTimeout': () => void later(1),
  'timers.promises.setInterval': () => process.getBuiltinModule('node:timers/promises').setInterval(1),
  'timers.promises.setImmediate': () => void process.getBuiltinModule('node:timers/promises').setImmediate(),
  'process.nextTick': () => process.nextTick(() => {}),
  'Atomics.wait': () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0),
  'Atomics.waitAsync': () => (Atomics as any).waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0),
  WeakRef: () => new WeakRef({}),
  FinalizationRegistry: () => new FinalizationRegistry(() => {}),
  'WeakRef.prototype.deref': () => reference.deref(),
}
const reference = new WeakRef(READS)
for (const name of Object.getOwnPropertyNames(Date.prototype))
  if (/^[gs]et|String$/.test(name)) Object.assign(READS, { [`Date.prototype.${name}`]: () => (new Date(0) as any)[name](1) })

const running: Execution = { what: 'the action A', disable: () => {}, pick: () => 0, branch: () => 0, ensured: () => {} }
/** What reading while a function of a spec runs is refused with. */
function refusal(read: () => unknown, execution = running): SpecError {
  // The test runner puts some of it back.
  arm()
  const before = execute(execution)
  try {
    read()
  } catch (error) {
    if (error instanceof SpecError) return error
    throw error
  } finally {
    execute(before)
  }
  throw new Error('it was not refused')
}
afterAll(() => {
  execute(null)
})

/** Where a source is at all in this Node.js. */
const HOMES: Readonly<Record<string, any>> = {
  Date,
  'Date.prototype': Date.prototype,
  performance,
  process,
  Math,
  globalThis,
  Atomics,
  'WeakRef.prototype': WeakRef.prototype,
}
const exists = (home: string, name: string): boolean =>
  home === 'crypto' || /^process\../.test(home) ? true : HOMES[home] === undefined ? true : name in HOMES[home]

describe('refused while a function of a spec runs', () => {
  const all = TRAPS.flatMap(({ home, module, functions = [], properties = [], classes = [], all }) =>
    all
      ? [home]
      : home === 'crypto' && module !== undefined
        ? []
        : [...functions, ...properties, ...classes]
            .filter((name) => exists(home, name))
            .map((name) => (home === 'globalThis' ? name : `${home}.${name}`)),
  )
  test.each(all)('%s', (source) => {
    const read = READS[source]
    if (read === undefined) throw new Error(`no test reads ${source}`)
    const { message, location, hint } = refusal(read)
    expect(message.replace(/^the action A (?:\w+ ){2,6}\w*: (?:new )?/, '')).toMatch(new RegExp(`^${source.replaceAll('.', '\\.')}\\b`))
    expect(location?.file).toBe(import.meta.filename)
    expect(hint).not.toBe(undefined)
  })
  test.each(TRAPS.flatMap(({ home, module, functions = [] }) => (home === 'crypto' && module ? functions.filter((name) => name in crypto) : [])))(
    'node:crypto %s',
    (name) => {
      expect(refusal(() => (crypto as any)[name](new Uint8Array(1))).message).toMatch(/^the action A draws a random number: crypto\.\w+\(\)$/)
    },
  )
  test('timers of the module', () => {
    expect(refusal(() => timers.setTimeout(() => {})).message).toBe('the action A does something later: setTimeout()')
    expect(timers.setTimeout).toBe(setTimeout)
  })
  test.each([
    ['Date()', () => Date()],
    ['Date()', () => Clock()],
    ['new Date()', () => new Date()],
    ['new Date()', () => new Clock()],
    ['new Date()', () => Reflect.construct(Date, [])],
    ['Date.now()', () => [0].map(Date.now)],
    ['Intl.DateTimeFormat', () => utc.format()],
    ['Intl.DateTimeFormat', () => utc.formatToParts()],
  ])('the clock: %s', (what, read) => {
    expect(refusal(read).message).toBe(`the action A reads the clock: ${what}`)
  })
  test.each([
    ['read', () => process.env['HOME']],
    ['asked for', () => 'HOME' in process.env],
    ['listed', () => Object.keys(process.env)],
    ['taken for itself', () => env['HOME']],
  ])('the environment: %s', (_, read) => {
    expect(refusal(read).message).toBe('the action A reads the environment: process.env')
  })
  test.each([
    ['new Date(year, month)', () => new Date(2020, 1)],
    ['new Date(text)', () => new Date('2020-01-01T00:00')],
    ['new Date(text)', () => new Date('Jan 1 2020')],
    ['Date.parse(text)', () => Date.parse('2020-01-01 10:00')],
    ['Date.prototype.toString()', () => `${new Date(0)}`],
    ['Date.prototype.toLocaleString()', () => new Date(0).toLocaleString('en')],
    ['new Intl.DateTimeFormat()', () => new Intl.DateTimeFormat('en')],
  ])('the time zone: %s', (what, read) => {
    expect(refusal(read).message).toBe(`the action A depends on the time zone: ${what}`)
  })
  test.each(LANGUAGES.filter(({ name }) => name !== 'DurationFormat' || 'DurationFormat' in Intl))('the language: $home.$name', ({ home, name }) => {
    const values: Readonly<Record<string, any>> = { 'Number.prototype': 1, 'BigInt.prototype': 1n, 'Date.prototype': new Date(0) }
    const read = () => (home === 'Intl' ? new (Intl as any)[name]() : values[home][name]())
    const what = home === 'Intl' ? `new Intl.${name}()` : `${home}.${name}()`
    expect(refusal(read).message).toBe(`the action A depends on the language of the machine: ${what}`)
  })
  test('the language of the elements of an array', () => {
    expect(refusal(() => [1000, 2].toLocaleString()).message).toBe(
      'the action A depends on the language of the machine: Number.prototype.toLocaleString()',
    )
  })
  test('the line is told', () => {
    const { location } = refusal(() => Date.now())
    expect(readFileSync(location!.file, 'utf8').split('\n')[location!.line - 1]!.trim()).toBe('const { location } = refusal(() => Date.now())')
  })
  test('an execution remembers the first refusal, whatever the function does with it', () => {
    const refusals: SpecError[] = []
    const execution = { ...running, refuse: (error: SpecError) => void refusals.push(error) }
    const before = execute(execution)
    try {
      Date.now()
    } catch {
      // Swallowed.
    } finally {
      execute(before)
    }
    expect(refusals.map(({ message }) => message)).toEqual(['the action A reads the clock: Date.now()'])
  })
})

describe('in a check and a simulation', () => {
  const reading = (read: () => unknown, more = (_: any) => {}) =>
    spec('s', () => {
      const m = model({ n: int(0, 3) })
      m.action('Step', (s) => {
        when(s.n < 3)
        s.n++
        if (s.n === 3) read()
      })
      m.terminal(() => true)
      more(m)
      return m
    })
  test('an action', async () => {
    await expect(check(reading(() => Math.random()))).rejects.toThrow('the action Step draws a random number: Math.random()')
    await expect(simulate(reading(() => new Date()))).rejects.toThrow('the action Step reads the clock: new Date()')
  })
  test('an invariant, a step property, a view', async () => {
    const nothing = (): void => {}
    await expect(check(reading(nothing, (m) => m.invariant('I', () => Date.now() > 0)))).rejects.toThrow(
      'the invariant I reads the clock: Date.now()',
    )
    await expect(check(reading(nothing, (m) => m.step('S', () => Date.now() > 0)))).rejects.toThrow('the step property S reads the clock: Date.now()')
    await expect(check(reading(nothing, (m) => m.view(() => Date.now())))).rejects.toThrow('the view reads the clock: Date.now()')
  })
  test('what tells no time is fine', async () => {
    const fine = () => [
      ...[new Date(0).getTime(), new Date('2020-01-01').getUTCHours(), new Date('2020-01-01T10:00Z').toISOString(), Date.UTC(2020), Math.max(1, 2)],
      ...[JSON.stringify(new Date(0)), Date.parse('Thu, 01 Jan 1970 00:00:00 GMT'), (1234).toLocaleString('en'), 'a'.localeCompare('b')],
      ...[new Date(0).toLocaleString('en', { timeZone: 'UTC' }), new Intl.NumberFormat('en').format(5)],
      ...[new Intl.DateTimeFormat('en', { timeZone: 'UTC' }).format(0)],
    ]
    expect((await check(reading(fine))).verdict).toBe('holds')
  })
})

describe('while a spec is loaded and its model is put together', () => {
  const refused = (read: () => unknown): SpecError => {
    try {
      whileDefining('the model of the spec S', () => {
        try {
          read()
        } catch {
          // A spec gains nothing by it.
        }
      })
    } catch (error) {
      return error as SpecError
    }
    throw new Error('it was not refused')
  }
  test.each([
    ['reads the clock while it is put together: Date.now()', () => Date.now()],
    ['reads the clock while it is put together: new Date()', () => new Date()],
    ['draws a random number while it is put together: Math.random()', () => Math.random()],
    ['uses the network while it is put together: fetch()', () => fetch('http://localhost')],
  ])('refused: %s', (said, read) => {
    arm()
    const { message, location } = refused(read)
    expect(message).toBe(`the model of the spec S ${said}`)
    expect(location?.file).toBe(import.meta.filename)
  })
  test('by the API', async () => {
    const clocked = spec('S', () => {
      const n = Date.now() % 3
      const m = model({ n: int(0, 3) })
      m.action('Step', (s) => {
        s.n = n
      })
      return m
    })
    await expect(check(clocked)).rejects.toThrow('the model of the spec S reads the clock while it is put together: Date.now()')
  })
  test('the environment, files, the time zone and the language are noted', async () => {
    arm()
    process.env['TSMC_TEST'] = 'yes'
    const noted = new Map(
      inputsOf(() =>
        whileDefining('S', () => [
          process.env['TSMC_TEST'],
          env['TSMC_NONE'],
          process.cwd(),
          readFileSync('.gitignore', 'utf8'),
          existsSync('no such file'),
          new Date(0).getHours(),
          setTimeout(() => {}),
          net.createServer(),
        ]),
      ),
    )
    delete process.env['TSMC_TEST']
    const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions()
    expect(Object.fromEntries(noted)).toEqual({
      'process.env.TSMC_TEST': '"yes"',
      'process.env.TSMC_NONE': 'undefined',
      'process.cwd()': JSON.stringify(process.cwd()),
      'fs.readFileSync(".gitignore", "utf8")': JSON.stringify(readFileSync('.gitignore', 'utf8')),
      'fs.existsSync("no such file")': 'false',
      'the language and the time zone': JSON.stringify([locale, timeZone]),
    })
    await whileLoading('s.ts', async () => void (await readFile('.gitignore')))
    expect(inputsFound().map(([name]) => name)).toContain('fs.promises.readFile(".gitignore")')
  })
})

describe('for everybody else nothing changes', () => {
  test('dates', () => {
    expect(new Date() instanceof Date).toBe(true)
    expect(new Date(0).constructor).toBe(Date)
    expect(typeof Date()).toBe('string')
    expect(Date.length).toBe(7)
    expect(Date.name).toBe('Date')
    expect(Object.prototype.toString.call(new Date())).toBe('[object Date]')
    class Later extends Date {
      more = 1
    }
    expect(new Later(5)).toBeInstanceOf(Later)
    expect(new Later(5).getTime()).toBe(5)
    expect(structuredClone(new Date(7))).toEqual(new Date(7))
  })
  test('files, promisified and plain', async () => {
    expect(existsSync('package.json')).toBe(true)
    expect(await promisify(fs.exists)('package.json')).toBe(true)
    expect(fs.realpathSync.native('.')).toBe(process.cwd())
  })
  test('timers', async () => {
    expect(await promisify(setTimeout)(1, 'done')).toBe('done')
    expect(await later(1, 'done')).toBe('done')
  })
  test('the environment', () => {
    process.env['TSMC_TEST'] = 'yes'
    expect(env['TSMC_TEST']).toBe('yes')
    process.env['TSMC_TEST'] = 'again'
    expect(env['TSMC_TEST']).toBe('again')
    process.env['TSMC_TEST'] = 'yes'
    expect({ ...process.env }['TSMC_TEST']).toBe('yes')
    delete process.env['TSMC_TEST']
    expect('TSMC_TEST' in process.env).toBe(false)
  })
  test('weak references', () => {
    expect(new WeakRef(READS)).toBeInstanceOf(WeakRef)
    expect(reference.deref()).toBe(READS)
  })
})

describe('deep copies and comparisons are given plain data while a function of a spec runs', () => {
  const live = { live: true }
  const plain = { n: [1, 2] }
  const within = <T>(work: () => T): T => {
    registerPlain((value) => (value === live ? plain : value))
    const before = execute(running)
    try {
      return work()
    } finally {
      execute(before)
      registerPlain(null)
    }
  }
  test('structuredClone', () => {
    expect(within(() => structuredClone(live as unknown))).toEqual(plain)
    expect(structuredClone(live)).toEqual(live)
  })
  test('isDeepStrictEqual', () => {
    expect(within(() => isDeepStrictEqual(live, { n: [1, 2] }))).toBe(true)
    expect(isDeepStrictEqual(live, { n: [1, 2] })).toBe(false)
  })
  test.each(DEEP['assert']!.filter((name) => name in assert))('assert.%s', (name) => {
    const holds = !name.startsWith('not')
    const compare = (): boolean => {
      try {
        ;(assert as any)[name](live, { n: [1, 2] })
        return true
      } catch {
        return false
      }
    }
    expect(within(compare)).toBe(holds)
    expect(compare()).toBe(!holds)
  })
})
