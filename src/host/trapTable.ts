/**
 * What a function of a spec may not read, by kind of source; how that is told and what is advised; and what of the language and of Node.js is trapped for
 * it. How, is said in wrap.ts and traps.ts. The page of the language is made from these tables.
 */

export type SourceKind = 'clock' | 'random' | 'environment' | 'zone' | 'locale' | 'file' | 'network' | 'timer' | 'memory'

export const READS: Readonly<Record<SourceKind, string>> = {
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
export const HINTS: Readonly<Record<SourceKind, string>> = {
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
export const LOADING_HINTS: Partial<Readonly<Record<SourceKind, string>>> = {
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

/** The names of what copies and compares deeply, by module. */
export const DEEP: Readonly<Record<string, readonly string[]>> = {
  globalThis: ['structuredClone'],
  util: ['isDeepStrictEqual'],
  assert: ['deepEqual', 'deepStrictEqual', 'notDeepEqual', 'notDeepStrictEqual', 'partialDeepStrictEqual'],
}

/** Modules that are wrapped when the library is loaded; the others when a check begins, if they are there by then. */
export const AT_ONCE = new Set(['fs', 'fs/promises', 'os', 'crypto', 'timers', 'timers/promises'])

/** The objects of the tables, by how they are written. A machine may be without some. */
export const HOMES: Readonly<Record<string, () => unknown>> = {
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
