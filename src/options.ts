/**
 * The options of `check()`, `simulate()` and the command, each said once: what it is, and between which bounds. All three refuse what does not fit by the same
 * sentence.
 */
import { suggest, UsageError } from './errors.ts'

type Rule =
  | { readonly is: 'whole'; readonly least: number; readonly most: number }
  | { readonly is: 'seconds' }
  | { readonly is: 'workers'; readonly most: number }
  | { readonly is: 'flag' }
  | { readonly is: 'choice'; readonly of: readonly unknown[] }
  | { readonly is: 'text' }
  | { readonly is: 'file' }
  | { readonly is: 'function' }
  | { readonly is: 'signal' }
  | { readonly is: 'constants' }
  | { readonly is: 'store' }

/** Each worker owns some of the 64 parts of the visited set. */
export const MOST_WORKERS = 64
/** Timers count milliseconds in 31 bits. */
export const MOST_SECONDS = Math.floor((2 ** 31 - 1) / 1000)
const COUNT: Rule = { is: 'whole', least: 1, most: Number.MAX_SAFE_INTEGER }
const FLAG: Rule = { is: 'flag' }

const COMMON = {
  instance: { is: 'text' },
  constants: { is: 'constants' },
  timeout: { is: 'seconds' },
  callTimeout: { is: 'seconds' },
  signal: { is: 'signal' },
  onProgress: { is: 'function' },
  learning: FLAG,
} as const satisfies Record<string, Rule>

/** Options of `check()`. */
export const CHECK: Readonly<Record<string, Rule>> = {
  ...COMMON,
  maxStates: COUNT,
  maxDepth: COUNT,
  capacity: { is: 'whole', least: 1, most: 2 ** 32 - 1 },
  keepGoing: FLAG,
  keys: { is: 'choice', of: ['exact', 'fingerprint'] },
  batching: FLAG,
  reuse: FLAG,
  compiling: { is: 'choice', of: [true, false, 'eager'] },
  symmetry: FLAG,
  workers: { is: 'workers', most: MOST_WORKERS },
  file: { is: 'file' },
  workersFrom: COUNT,
  profile: FLAG,
  confirm: FLAG,
  confirmStates: COUNT,
  store: { is: 'store' },
}

/** Options of `simulate()`. */
export const SIMULATE: Readonly<Record<string, Rule>> = {
  ...COMMON,
  seed: { is: 'whole', least: 0, most: 2 ** 32 - 1 },
  runs: { is: 'whole', least: 1, most: 2 ** 32 - 1 },
  depth: { is: 'whole', least: 1, most: 2 ** 32 - 1 },
  shrink: FLAG,
}

const STORE: Readonly<Record<string, Rule>> = {
  directory: { is: 'text' },
  resume: FLAG,
  memory: { is: 'whole', least: 1, most: Number.MAX_SAFE_INTEGER },
  source: { is: 'text' },
}

/** What an option has to be, as a sentence goes on. */
function wanted(rule: Rule): string {
  switch (rule.is) {
    case 'whole':
      return rule.most === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${rule.least}` : `a whole number from ${rule.least} to ${rule.most}`
    case 'seconds':
      return 'a number of seconds above 0'
    case 'workers':
      return `a whole number from 1 to ${rule.most}, or 'auto'`
    case 'flag':
      return 'true or false'
    case 'choice':
      return `one of ${rule.of.map((one) => (typeof one === 'string' ? `'${one}'` : String(one))).join(', ')}`
    case 'text':
      return 'a string'
    case 'file':
      return 'a path or URL of a module'
    case 'function':
      return 'a function'
    case 'signal':
      return 'an AbortSignal'
    case 'constants':
      return 'an object with a value for each name'
    case 'store':
      return 'an object with the directory of the store'
  }
}

function fits(rule: Rule, value: unknown): boolean {
  switch (rule.is) {
    case 'whole':
      return Number.isSafeInteger(value) && (value as number) >= rule.least && (value as number) <= rule.most
    case 'seconds':
      return typeof value === 'number' && value > 0 && value <= MOST_SECONDS
    case 'workers':
      return value === 'auto' || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= rule.most)
    case 'flag':
      return typeof value === 'boolean'
    case 'choice':
      return rule.of.includes(value)
    case 'text':
      return typeof value === 'string'
    case 'file':
      return typeof value === 'string' || value instanceof URL
    case 'function':
      return typeof value === 'function'
    case 'signal':
      return typeof value === 'object' && value !== null && typeof (value as { aborted?: unknown }).aborted === 'boolean'
    case 'constants':
    case 'store':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
  }
}

/** Refuses unknown options and values that do not fit. What is undefined was not given. */
export function validate(options: unknown, rules: Readonly<Record<string, Rule>>, place: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new UsageError(`${place} was given ${describe(options)} for its options`, 'it must be an object')
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) throw new UsageError(`${place} has no option ${JSON.stringify(name)}`, suggest(name, Object.keys(rules)))
    if (value === undefined) continue
    if (!fits(rule, value)) throw new UsageError(`the option ${name} of ${place} is ${describe(value)}`, `it must be ${wanted(rule)}`)
    if (rule.is === 'store') validate(value, STORE, 'the store')
  }
}

/** Two options of which only one can be meant, and why. */
interface Contradiction {
  readonly are: (options: Readonly<Record<string, unknown>>) => boolean
  readonly message: string
  readonly hint: string
}

const given = (value: unknown): boolean => value !== undefined && value !== false

/** Of `check()`. */
const CHECK_CONTRADICTIONS: readonly Contradiction[] = [
  {
    are: ({ store }) => given(store) && typeof (store as { directory?: unknown }).directory !== 'string',
    message: 'the option store names no directory',
    hint: "such as store: { directory: 'layers' }",
  },
  {
    are: ({ confirm, confirmStates }) => confirm === false && confirmStates !== undefined,
    message: 'confirmStates says up to how many states are confirmed, and confirm: false that none are',
    hint: 'leave out one of them',
  },
  {
    are: ({ learning, compiling }) => learning === false && compiling === 'eager',
    message: "compiling: 'eager' compiles what is learned, and learning: false learns nothing",
    hint: 'leave out one of them',
  },
]

/** Flags of the command that say nothing beside `--replay`, which takes one path and searches nothing. */
const SEARCHING = ['store', 'resume', 'storeMemory', 'confirm', 'confirmStates', 'profile', 'keepGoing', 'maxStates', 'maxDepth', 'strict']

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`

/** Of `tsmc check`; what a flag becomes an option of `check()` for is looked at there. */
const FLAG_CONTRADICTIONS: readonly Contradiction[] = [
  ...SEARCHING.map((name) => ({
    are: (flags: Readonly<Record<string, unknown>>) => given(flags['replay']) && given(flags[name]),
    message: `--replay takes one path and searches nothing, so ${flagOf(name)} says nothing beside it`,
    hint: 'leave out one of them',
  })),
]

function refuse(options: object, contradictions: readonly Contradiction[]): void {
  const found = contradictions.find(({ are }) => are(options as Readonly<Record<string, unknown>>))
  if (found !== undefined) throw new UsageError(found.message, found.hint)
}

/** Refuses options of `check()` that contradict each other. */
export const refuseContradictions = (options: object): void => refuse(options, CHECK_CONTRADICTIONS)

/** Refuses flags of `tsmc check` that do. */
export const refuseFlags = (flags: object): void => refuse(flags, FLAG_CONTRADICTIONS)

/** The value of an option of the command, or undefined where the text says none that fits; and what would. */
export function parse(text: string, rule: Rule | undefined): { readonly value: unknown; readonly wanted: string } {
  if (rule === undefined) throw new Error('there is no such option')
  const value = rule.is === 'workers' && text === 'auto' ? text : numberOf(text, rule)
  return { value: fits(rule, value) ? value : undefined, wanted: wanted(rule) }
}

/** `1e6` and `1_000_000` are numbers too. */
function numberOf(text: string, rule: Rule): number {
  const form = rule.is === 'seconds' ? /^(?:\d+\.?\d*|\.\d+)$/ : /^\d[\d_]*(?:e\d+)?$/i
  return form.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value == null) return String(value)
  return Array.isArray(value) ? 'an array' : typeof value === 'function' ? 'a function' : 'an object'
}
