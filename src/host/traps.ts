/**
 * Clocks, random numbers, the environment, files, the network: while a function of a spec runs, reading them is refused, each time. What a step does
 * depends on nothing but the state. While a spec is loaded and its model is put together the same is refused, but for files and the environment, of
 * which is noted what was found (inputs.ts). What installed packages do then is their own.
 *
 * The functions of Node.js and the language are wrapped when the library is loaded, in every thread that loads it. A wrapper looks who calls only while a
 * function of a spec runs; calls of Node.js and of the library itself go through. What a program has taken for itself before the library was loaded is
 * not wrapped: a spec imports the library first.
 */
import { isLibrary, SpecError } from '../errors.ts'
import { loading, noteInput } from './inputs.ts'
import './methods.ts'
import { refuse, underWay } from '../spec/actions.ts'

export type SourceKind = 'clock' | 'random' | 'environment' | 'zone' | 'locale' | 'file' | 'network' | 'timer' | 'memory'

const READS: Readonly<Record<SourceKind, string>> = {
  clock: 'reads the clock',
  random: 'draws a random number',
  environment: 'reads the environment',
  zone: 'depends on the time zone',
  locale: 'depends on the language of the machine',
  file: 'reads or writes files',
  network: 'uses the network',
  timer: 'does something later',
  memory: 'depends on when memory is collected',
}
const HINTS: Readonly<Record<SourceKind, string>> = {
  clock: 'model it: time is a variable that an action moves on, or pick() from the times that matter',
  random: 'pick() takes every value in turn: pick([…]) where the program draws one',
  environment: 'make it a constant of the spec: spec(name, { constant: 1 }, …), or read it while the model is put together',
  zone: 'use what is the same everywhere: toISOString(), getUTCHours(), Date.UTC()',
  locale: "name the language: n.toLocaleString('en')",
  file: 'read it while the model is put together, outside init, actions and properties',
  network: 'model the other side as an action; what it may answer as a pick()',
  timer: 'a step of the model happens at once; what happens later is another action',
  memory: 'what is to be remembered is a variable of the model',
}

/** Where a spec is loaded or its model is put together. */
const LOADING_HINTS: Partial<Readonly<Record<SourceKind, string>>> = {
  clock: 'the model must be the same each time: make it a constant of the spec, or read it from the environment',
  random: 'the model must be the same each time: make it a constant of the spec, or read it from a file',
  network: 'keep the answer in a file, and read that',
}

/** What is trapped: functions of an object, all of them, or its properties; `module`: of a module of Node.js, and what imports it. */
export interface Trap {
  readonly kind: SourceKind
  /** As it is written in a program. */
  readonly home: string
  readonly module?: string
  readonly functions?: readonly string[]
  /** Every function of the object that is no class. */
  readonly all?: true
  readonly properties?: readonly string[]
  /** Classes of which no object may be made. */
  readonly classes?: readonly string[]
}

const CRYPTO = [
  'randomUUID',
  'randomUUIDv7',
  'randomBytes',
  'pseudoRandomBytes',
  'prng',
  'rng',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
  'generateKey',
  'generateKeySync',
  'generateKeyPair',
  'generateKeyPairSync',
  'generatePrime',
  'generatePrimeSync',
]

/** Methods of `Date` that tell or take a local time. */
const LOCAL = [
  ...['getDate', 'getDay', 'getFullYear', 'getHours', 'getMinutes', 'getMonth', 'getTimezoneOffset', 'getYear'],
  ...['setDate', 'setFullYear', 'setHours', 'setMinutes', 'setMonth', 'setYear', 'toDateString', 'toString', 'toTimeString'],
]

/**
 * All that is trapped. `Date` is besides: only without arguments does it tell the time. So is what has a language as its argument: only without one
 * does it depend on the machine's.
 */
export const TRAPS: readonly Trap[] = [
  { kind: 'clock', home: 'Date', functions: ['now'] },
  { kind: 'clock', home: 'performance', functions: ['now', 'mark', 'measure', 'eventLoopUtilization', 'toJSON'], properties: ['timeOrigin'] },
  { kind: 'clock', home: 'process', functions: ['hrtime', 'uptime', 'cpuUsage', 'threadCpuUsage', 'resourceUsage'] },
  { kind: 'clock', home: 'process.hrtime', functions: ['bigint'] },
  { kind: 'random', home: 'Math', functions: ['random'] },
  { kind: 'random', home: 'crypto', functions: ['getRandomValues', 'randomUUID'] },
  { kind: 'random', home: 'crypto', module: 'crypto', functions: CRYPTO },
  {
    kind: 'environment',
    home: 'process',
    functions: ['cwd', 'memoryUsage', 'availableMemory', 'constrainedMemory', 'loadEnvFile', 'getuid', 'getgid', 'umask'],
  },
  { kind: 'environment', home: 'process.memoryUsage', functions: ['rss'] },
  { kind: 'environment', home: 'process', properties: ['argv', 'pid', 'ppid'] },
  { kind: 'environment', home: 'os', module: 'os', all: true },
  { kind: 'environment', home: 'child_process', module: 'child_process', all: true },
  { kind: 'zone', home: 'Date.prototype', functions: LOCAL },
  { kind: 'file', home: 'fs', module: 'fs', all: true },
  { kind: 'file', home: 'fs.promises', module: 'fs/promises', all: true },
  { kind: 'network', home: 'globalThis', functions: ['fetch'], classes: ['WebSocket', 'EventSource', 'XMLHttpRequest'] },
  { kind: 'network', home: 'net', module: 'net', all: true },
  { kind: 'network', home: 'http', module: 'http', functions: ['get', 'request', 'createServer'] },
  { kind: 'network', home: 'https', module: 'https', functions: ['get', 'request', 'createServer'] },
  { kind: 'network', home: 'http2', module: 'http2', functions: ['connect', 'createServer', 'createSecureServer'] },
  { kind: 'network', home: 'tls', module: 'tls', functions: ['connect', 'createServer'] },
  { kind: 'network', home: 'dgram', module: 'dgram', functions: ['createSocket'] },
  { kind: 'network', home: 'dns', module: 'dns', all: true },
  { kind: 'network', home: 'dns.promises', module: 'dns/promises', all: true },
  { kind: 'timer', home: 'globalThis', functions: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'] },
  // The same functions.
  { kind: 'timer', home: 'globalThis', module: 'timers', functions: ['setTimeout', 'setInterval', 'setImmediate'] },
  { kind: 'timer', home: 'timers.promises', module: 'timers/promises', functions: ['setTimeout', 'setInterval', 'setImmediate'] },
  { kind: 'timer', home: 'process', functions: ['nextTick'] },
  { kind: 'timer', home: 'Atomics', functions: ['wait', 'waitAsync'] },
  { kind: 'memory', home: 'globalThis', classes: ['WeakRef', 'FinalizationRegistry'] },
  { kind: 'memory', home: 'WeakRef.prototype', functions: ['deref'] },
]

/** Modules that are wrapped when the library is loaded; the others when a check begins, if they are there by then. */
const AT_ONCE = new Set(['fs', 'fs/promises', 'os', 'crypto', 'timers', 'timers/promises'])

// biome-ignore lint/suspicious/noExplicitAny: any function, called with anything
type AnyFunction = (this: unknown, ...args: any[]) => unknown
type Home = Record<PropertyKey, unknown>

/**
 * The file of a spec, or of what it imports, that called a wrapper; null where it was Node.js or the library. Asked for only while code of a spec runs.
 * `through`: also by way of these, which do it for the spec.
 */
function callerOf(wrapper: AnyFunction, through: readonly ('node' | 'library')[]): string | null {
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { stack?: unknown } = {}
  let sites: readonly NodeJS.CallSite[]
  try {
    Error.stackTraceLimit = through.length > 0 ? 8 : 1
    Error.prepareStackTrace = (_error, frames) => frames
    Error.captureStackTrace(holder, wrapper)
    sites = holder.stack as readonly NodeJS.CallSite[]
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
  const files = sites.map((site) => site.getFileName() ?? '')
  const whose = (file: string): 'node' | 'library' | 'spec' => (file.startsWith('node:') ? 'node' : isLibrary(file) ? 'library' : 'spec')
  const file = files.find((one) => !(through as readonly string[]).includes(whose(one))) ?? ''
  return whose(file) === 'spec' ? file : null
}
/** Installed packages, but not what tools keep beside them. */
const PACKAGE = /[\\/]node_modules[\\/](?!\.)/

/** Whose random numbers and formats are the spec's, too. */
const THROUGH: Partial<Readonly<Record<SourceKind, readonly ('node' | 'library')[]>>> = { random: ['node'], locale: ['library'] }

/** Whether code of a spec may be running. */
const watching = (): boolean => underWay() !== null || loading() !== null

/** What may be read while a spec is loaded. */
const RECORDED: ReadonlySet<SourceKind> = new Set(['environment', 'zone', 'locale', 'file'])
/** What tells a spec nothing while it is loaded: a module may wait, hold on to things, and open a server. */
const TELLS_NOTHING = (kind: SourceKind, what: string): boolean =>
  kind === 'timer' || kind === 'memory' || (kind === 'network' && /\.create(?:Secure)?(?:Server|Socket)\(/.test(what))
const Format = Intl.DateTimeFormat
/** Where the machine is, as far as a spec can tell. */
function notePlace(): void {
  const { locale, timeZone } = Format().resolvedOptions()
  noteInput('the language and the time zone', [locale, timeZone])
}

/** Refuses what is read, where code of a spec reads it. True where it is allowed, and what is found is to be noted. */
function look(kind: SourceKind, what: string, wrapper: AnyFunction): boolean {
  const execution = underWay()
  const load = execution === null ? loading() : null
  if (execution === null && load === null) return false
  const file = callerOf(wrapper, THROUGH[kind] ?? [])
  if (file === null) return false
  if (execution) return refuse(new SpecError(`${execution.what} ${READS[kind]}: ${what}`, { hint: HINTS[kind] }))
  if (load === null || PACKAGE.test(file) || TELLS_NOTHING(kind, what)) return false
  if (kind === 'zone' || kind === 'locale') notePlace()
  if (RECORDED.has(kind)) return true
  load.refused ??= new SpecError(`${load.what} ${READS[kind]} ${load.when}: ${what}`, { hint: LOADING_HINTS[kind] ?? HINTS[kind] })
  throw load.refused
}

const wrapped = new WeakSet<object>()
/** The wrapper of a function, which may be found at several places. */
const wrappers = new WeakMap<object, AnyFunction>()

/** Gives a wrapper what its function has: name, length, `promisify.custom`. */
function likeness<F extends AnyFunction>(wrapper: F, original: object): F {
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor
    if (key === 'prototype') (wrapper as { prototype: unknown }).prototype = descriptor.value
    else if (Object.getOwnPropertyDescriptor(wrapper, key)?.configurable !== false) Object.defineProperty(wrapper, key, descriptor)
  }
  return wrapper
}

function wrap(home: Home, name: string, make: (original: AnyFunction) => AnyFunction): void {
  let at: object | null = home
  while (at !== null && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at)
  const descriptor = at === null ? undefined : Object.getOwnPropertyDescriptor(at, name)
  if (at === null || descriptor === undefined) return
  const original = ('value' in descriptor ? descriptor.value : home[name]) as unknown
  if (typeof original !== 'function' || wrapped.has(original)) return
  let wrapper = wrappers.get(original)
  if (wrapper === undefined) {
    wrapper = make(original as AnyFunction)
    wrappers.set(original, wrapper)
    wrapped.add(wrapper)
  }
  if (!descriptor.configurable && !descriptor.writable) return
  if (!descriptor.configurable) (at as Home)[name] = wrapper
  else Object.defineProperty(at, name, { value: wrapper, writable: true, enumerable: descriptor.enumerable ?? true, configurable: true })
}

/** What is read of files. All else, such as when one was changed, differs without a difference. */
const CONTENT = /\.(?:readFile|readFileSync|readdir|readdirSync|existsSync)$/
/** Notes what a call has found, or will have. */
function noteCall(kind: SourceKind, what: string, args: readonly unknown[], result: unknown): void {
  if (kind !== 'environment' && !(kind === 'file' && CONTENT.test(what))) return
  const name = `${what}(${args
    .filter((one) => typeof one !== 'function')
    .map((one) => JSON.stringify(one))
    .join(', ')})`
  if (result instanceof Promise)
    result.then(
      (found) => noteInput(name, found),
      () => noteInput(name, 'failed'),
    )
  else noteInput(name, result)
}

const trapFunction =
  (kind: SourceKind, what: string) =>
  (original: AnyFunction): AnyFunction => {
    const wrapper: AnyFunction = function (...args) {
      const noted = watching() && look(kind, `${what}()`, wrapper)
      const result = Reflect.apply(original, this, args)
      if (noted) noteCall(kind, what, args, result)
      return result
    }
    return likeness(wrapper, original)
  }

const trapClass =
  (kind: SourceKind, what: string) =>
  (original: AnyFunction): AnyFunction => {
    const wrapper: AnyFunction = function (...args) {
      if (watching()) look(kind, `new ${what}()`, wrapper)
      return new.target === undefined
        ? Reflect.apply(original, this, args)
        : Reflect.construct(original, args, new.target === wrapper ? original : new.target)
    }
    const made = likeness(wrapper, original)
    ;(made as { prototype: unknown }).prototype = (original as { prototype?: unknown }).prototype
    return made
  }

function trapProperty(kind: SourceKind, what: string, home: Home, name: string): void {
  let at: object | null = home
  while (at !== null && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at)
  const descriptor = at === null ? undefined : Object.getOwnPropertyDescriptor(at, name)
  if (at === null || descriptor === undefined || !descriptor.configurable) return
  let { value } = descriptor
  if (descriptor.get !== undefined && wrapped.has(descriptor.get)) return
  const get = function (this: unknown): unknown {
    const noted = watching() && look(kind, what, get)
    const result: unknown = descriptor.get ? descriptor.get.call(this) : value
    // How a program was called is no part of what it is: threads and later runs are called otherwise.
    if (noted && what !== 'process.argv') noteInput(what, result)
    return result
  }
  const set = function (this: unknown, next: unknown): void {
    if (descriptor.set) descriptor.set.call(this, next)
    else value = next
  }
  wrapped.add(get)
  Object.defineProperty(at, name, { get, set, enumerable: descriptor.enumerable ?? true, configurable: true })
}

/** `process.env` is an object that programs keep: every look at it is one at the environment. */
function trapEnvironment(): void {
  const guard = <F extends AnyFunction>(of: F): F => {
    const trap: AnyFunction = (...args) => {
      const noted = watching() && look('environment', 'process.env', trap)
      const result = of(...args)
      const name = args[1] as string | symbol | undefined
      if (noted && typeof name === 'string') noteInput(`process.env.${name}`, Reflect.get(args[0], name))
      if (noted && name === undefined) noteInput('Object.keys(process.env)', result)
      return result
    }
    return trap as F
  }
  process.env = new Proxy(process.env, {
    get: guard(Reflect.get),
    // By itself a proxy would define the property anew, which the environment does not take.
    set: (target, name, value) => Reflect.set(target, name, value),
    has: guard(Reflect.has),
    ownKeys: guard(Reflect.ownKeys),
    getOwnPropertyDescriptor: guard(Reflect.getOwnPropertyDescriptor),
  }) as NodeJS.ProcessEnv
}

/** A time in a text that says of which zone it is, or a day, which begins in that of Greenwich. */
const ZONED = /(?:z|gmt|utc|[+-]\d\d:?\d\d)\s*(?:\(.*\))?$|^[+-]?\d{4,6}(?:-\d\d){0,2}$/i
const isLocal = (text: unknown): boolean => typeof text === 'string' && !ZONED.test(text.trim())

/** The time is told by `Date()`, `new Date()` and `Date.now()`; `new Date(0)` is a value like others; of local times it depends on where one is. */
function trapDate(): void {
  const Original = Date
  const wrapper: AnyFunction = function (...args) {
    if (watching()) {
      if (new.target === undefined) look('clock', 'Date()', wrapper)
      else if (args.length === 0) look('clock', 'new Date()', wrapper)
      else if (args.length > 1 || isLocal(args[0])) look('zone', `new Date(${args.length > 1 ? 'year, month' : 'text'})`, wrapper)
    }
    return new.target === undefined ? Original() : Reflect.construct(Original, args, new.target === wrapper ? Original : new.target)
  }
  likeness(wrapper, Original)
  wrapper.prototype = Original.prototype
  Original.prototype.constructor = wrapper as unknown as DateConstructor
  globalThis.Date = wrapper as unknown as DateConstructor
}

/** Formats of which the language, or the time zone, is the machine's. */
function trapLanguages(): void {
  const zoned = (options: unknown): boolean => (options as { timeZone?: unknown } | null | undefined)?.timeZone !== undefined
  /** Looks at the arguments of a call. */
  const judge = (what: string, dates: boolean, args: readonly unknown[], wrapper: AnyFunction): void => {
    if (args[0] === undefined) look('locale', what, wrapper)
    else if (dates && !zoned(args[1])) look('zone', what, wrapper)
  }
  const method =
    (what: string, dates: boolean) =>
    (original: AnyFunction): AnyFunction => {
      const wrapper: AnyFunction = function (...args) {
        if (watching()) judge(`${what}()`, dates, args, wrapper)
        return Reflect.apply(original, this, args)
      }
      return likeness(wrapper, original)
    }
  const format =
    (what: string, dates: boolean) =>
    (original: AnyFunction): AnyFunction => {
      const wrapper: AnyFunction = function (...args) {
        if (watching()) judge(what, dates, args, wrapper)
        return new.target === undefined
          ? Reflect.apply(original, this, args)
          : Reflect.construct(original, args, new.target === wrapper ? original : new.target)
      }
      const made = likeness(wrapper, original)
      ;(made as { prototype: unknown }).prototype = (original as { prototype?: unknown }).prototype
      return made
    }
  for (const { home, name, dates } of LANGUAGES) {
    const object = HOMES[home]?.() as Home | undefined
    if (object === undefined || typeof object[name] !== 'function') continue
    wrap(object, name, home === 'Intl' ? format(`new Intl.${name}()`, dates) : method(`${home}.${name}`, dates))
  }
  wrap(Date as unknown as Home, 'parse', (original) => {
    const wrapper: AnyFunction = function (...args) {
      if (watching() && isLocal(args[0])) look('zone', 'Date.parse(text)', wrapper)
      return Reflect.apply(original, this, args)
    }
    return likeness(wrapper, original)
  })
}

/** What takes a language, or that of the machine; and of what is about dates a time zone among its options. */
export const LANGUAGES: readonly { readonly home: string; readonly name: string; readonly dates: boolean }[] = [
  { home: 'Number.prototype', name: 'toLocaleString', dates: false },
  { home: 'BigInt.prototype', name: 'toLocaleString', dates: false },
  { home: 'Date.prototype', name: 'toLocaleString', dates: true },
  { home: 'Date.prototype', name: 'toLocaleDateString', dates: true },
  { home: 'Date.prototype', name: 'toLocaleTimeString', dates: true },
  { home: 'Intl', name: 'DateTimeFormat', dates: true },
  { home: 'Intl', name: 'NumberFormat', dates: false },
  { home: 'Intl', name: 'Collator', dates: false },
  { home: 'Intl', name: 'PluralRules', dates: false },
  { home: 'Intl', name: 'RelativeTimeFormat', dates: false },
  { home: 'Intl', name: 'ListFormat', dates: false },
  { home: 'Intl', name: 'Segmenter', dates: false },
  { home: 'Intl', name: 'DurationFormat', dates: false },
]

/** A format without a time formats the present. */
function trapFormat(): void {
  const { prototype } = Intl.DateTimeFormat
  const now = (original: AnyFunction): AnyFunction => {
    const wrapper: AnyFunction = function (...args) {
      if (args[0] === undefined && watching()) look('clock', 'Intl.DateTimeFormat', wrapper)
      return Reflect.apply(original, this, args)
    }
    return likeness(wrapper, original)
  }
  wrap(prototype as unknown as Home, 'formatToParts', now)
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'format')
  const get = descriptor?.get as AnyFunction | undefined
  if (get === undefined || wrapped.has(get)) return
  const getter = function (this: unknown): unknown {
    return now(get.call(this) as AnyFunction)
  }
  wrapped.add(getter)
  Object.defineProperty(prototype, 'format', { ...descriptor, get: getter })
}

const HOMES: Readonly<Record<string, () => unknown>> = {
  Date: () => Date,
  'Date.prototype': () => Date.prototype,
  'Number.prototype': () => Number.prototype,
  'BigInt.prototype': () => BigInt.prototype,
  Intl: () => Intl,
  performance: () => performance,
  process: () => globalThis.process,
  'process.hrtime': () => globalThis.process?.hrtime,
  'process.memoryUsage': () => globalThis.process?.memoryUsage,
  Math: () => Math,
  crypto: () => globalThis.crypto,
  globalThis: () => globalThis,
  Atomics: () => Atomics,
  'WeakRef.prototype': () => WeakRef.prototype,
}

function trap({ kind, home: written, functions = [], all, properties = [], classes = [] }: Trap, object: Home): void {
  const prefix = written === 'globalThis' ? '' : `${written}.`
  const names = all ? Object.keys(object).filter((name) => /^[a-z]/.test(name) && typeof object[name] === 'function') : functions
  for (const name of names) wrap(object, name, trapFunction(kind, `${prefix}${name}`))
  for (const name of properties) trapProperty(kind, `${prefix}${name}`, object, name)
  for (const name of classes) wrap(object, name, trapClass(kind, name))
}

/** Gives plain data for a part of the state, and other values as they are. */
type PlainOf = (value: unknown) => unknown
let plainOf: PlainOf | null = null
let isLive: (value: object) => boolean = () => false

/** Tells how parts of the state become plain data: what copies and compares deeply gets that; and what is a part of the state. */
export function registerPlain(given: PlainOf | null, live: (value: object) => boolean = () => false): void {
  plainOf = given
  isLive = live
}

/** The names of what copies and compares deeply, by module. */
export const DEEP: Readonly<Record<string, readonly string[]>> = {
  globalThis: ['structuredClone'],
  util: ['isDeepStrictEqual'],
  assert: ['deepEqual', 'deepStrictEqual', 'notDeepEqual', 'notDeepStrictEqual', 'partialDeepStrictEqual'],
}

const deep = (original: AnyFunction): AnyFunction => {
  const wrapper: AnyFunction = function (...args) {
    const plain = plainOf
    return Reflect.apply(original, this, plain !== null && underWay() !== null ? args.map((value) => plain(value)) : args)
  }
  return likeness(wrapper, original)
}

/** The descriptors of a part of the state, which has accessors, as plain data have them. */
function trapDescriptors(): void {
  const valued = (descriptor: PropertyDescriptor): PropertyDescriptor =>
    descriptor.get ? { value: descriptor.get(), writable: true, enumerable: descriptor.enumerable ?? true, configurable: true } : descriptor
  const wrapper =
    (all: boolean) =>
    (original: AnyFunction): AnyFunction => {
      const asked: AnyFunction = function (...args) {
        const found = Reflect.apply(original, this, args)
        if (found === undefined || underWay() === null || !isLive(args[0])) return found
        if (!all) return valued(found as PropertyDescriptor)
        return Object.fromEntries(Object.entries(found as PropertyDescriptorMap).map(([name, one]) => [name, valued(one)]))
      }
      return likeness(asked, original)
    }
  wrap(Object as unknown as Home, 'getOwnPropertyDescriptor', wrapper(false))
  wrap(Reflect as unknown as Home, 'getOwnPropertyDescriptor', wrapper(false))
  wrap(Object as unknown as Home, 'getOwnPropertyDescriptors', wrapper(true))
}

const done = new Set<string>()

function module(name: string): Home | undefined {
  return process.getBuiltinModule(`node:${name}`) as Home | undefined
}

function wrapModules(names: (name: string) => boolean): boolean {
  let any = false
  for (const one of TRAPS) {
    if (one.module === undefined || done.has(one.module) || !names(one.module)) continue
    const found = module(one.module)
    if (found) trap(one, found)
    any = true
  }
  for (const [name, functions] of Object.entries(DEEP)) {
    if (name === 'globalThis' || done.has(name) || !names(name)) continue
    const found = module(name)
    for (const home of [found, found?.['strict'] as Home | undefined]) if (home) for (const one of functions) wrap(home, one, deep)
    any = true
  }
  // Whoever has taken `http.get` for itself before still opens a socket.
  if (names('net') && !done.has('net')) {
    const net = module('net') as { readonly Socket: { readonly prototype: Home } }
    wrap(net.Socket.prototype, 'connect', trapFunction('network', 'net.Socket.connect'))
  }
  for (const name of [...TRAPS.flatMap(({ module: one }) => one ?? []), ...Object.keys(DEEP)]) if (names(name)) done.add(name)
  return any
}

function trapGlobals(): void {
  for (const one of TRAPS) {
    if (one.module !== undefined) continue
    const object = HOMES[one.home]?.()
    if (object !== undefined && object !== null) trap(one, object as Home)
  }
}

let installed = false

/** Wraps all that is there. Once per thread, when the library is loaded. */
function install(): void {
  if (installed) return
  installed = true
  trapDate()
  trapFormat()
  trapLanguages()
  trapGlobals()
  trapDescriptors()
  for (const name of DEEP['globalThis'] as readonly string[]) wrap(globalThis as unknown as Home, name, deep)
  if (typeof globalThis.process?.getBuiltinModule !== 'function') return
  trapEnvironment()
  wrapModules((name) => AT_ONCE.has(name) || Object.hasOwn(DEEP, name))
  process.getBuiltinModule('node:module').syncBuiltinESMExports()
}

/** Wraps modules of Node.js that have been loaded since, and what a test runner has put back. When a check begins. */
export function arm(): void {
  install()
  trapGlobals()
  const loaded = (globalThis.process as { moduleLoadList?: readonly string[] } | undefined)?.moduleLoadList
  if (loaded === undefined) return
  const there = new Set(loaded.map((entry) => entry.replace(/^NativeModule /, '')))
  if (wrapModules((name) => there.has(name.replace(/^dns\/.*/, 'dns')))) process.getBuiltinModule('node:module').syncBuiltinESMExports()
}

install()
