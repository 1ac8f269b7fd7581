/**
 * What a spec logs (console and its like). It is told line by line, with its place and what was running, to whoever listens; it never reaches the stream that
 * results are written to.
 *
 * The language calls a function again to be sure that it does the same twice, so the same line of the same function is told once while it is learned.
 */
import { format, types } from 'node:util'
import { here, type Location } from '../errors.ts'

export interface Logged {
  readonly text: string
  /** The function of the spec that wrote it, such as "the action Step"; null outside of any. */
  readonly what: string | null
  readonly location: Location | undefined
  /** It was written while the function was learned: equal lines of it are told once. */
  readonly learning: boolean
}

type Listener = (logged: Logged) => void

const METHODS = ['log', 'info', 'debug', 'warn', 'error', 'dir', 'table', 'trace'] as const
/** Lines that are told of one check; further ones are only counted. */
export const MOST_LINES = 1000
const MOST_CHARACTERS = 10_000

let listener: Listener | null = null
let running: () => string | null = () => null
/** Lines told already, where the same ones are told once; null where each is. */
let told: Set<string> | null = null
let lines = 0

/** From now on the console of this thread is the listener's. */
export function captureConsole(listen: Listener): void {
  listener = listen
  const console = globalThis.console as unknown as Record<string, (...args: unknown[]) => void>
  for (const name of METHODS) console[name] = (...args) => logged(name === 'dir' ? args.slice(0, 1) : args)
  console['assert'] = (condition, ...args) => {
    if (!condition) logged(['Assertion failed:', ...args])
  }
}

/** A check or a replay begins: what runs is asked for by `what`; `once` tells equal lines of one function once. */
export function beginLog(what: () => string | null, once: boolean): void {
  running = what
  told = once ? new Set() : null
  lines = 0
}

/** Another way of running functions of the spec begins, within a check: a trace is taken again, for example. Gives the way back. */
export function silently<T>(run: () => T): T {
  const before = listener
  listener = null
  try {
    return run()
  } finally {
    listener = before
  }
}

function logged(args: readonly unknown[]): void {
  if (listener === null) return
  const location = here()
  const what = running()
  const text = textOf(args)
  if (told !== null) {
    const key = JSON.stringify([what, text])
    if (told.has(key)) return
    if (told.size < MOST_LINES) told.add(key)
  }
  lines++
  if (lines > MOST_LINES) {
    if (lines === MOST_LINES + 1)
      listener({ text: `more than ${MOST_LINES} lines: the others are left out`, what: null, location: undefined, learning: false })
    return
  }
  listener({ text, what, location: location(), learning: told !== null })
}

function textOf(args: readonly unknown[]): string {
  const text = format(...args.map((arg) => (typeof arg === 'object' && arg !== null ? shown(arg, 0) : arg)))
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}

const SHAPE = Symbol.for('tsmc.shape')
const DEPTH = 8

/** Parts of a state as plain values: they answer to nothing but their own names. */
function shown(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH) return '…'
  const inner = (part: unknown): unknown => shown(part, depth + 1)
  const shape = (value as Record<symbol, unknown>)[SHAPE]
  if (shape === 'set') return new Set([...(value as Iterable<unknown>)].map(inner))
  if (shape === 'seq') return [...(value as Iterable<unknown>)].map(inner)
  if (shape === 'bag') return new Map([...new Set(value as Iterable<unknown>)].map((element) => [inner(element), countOf(value, element)]))
  if (Array.isArray(value)) return Array.from(value, inner)
  if (value instanceof Set && Object.getPrototypeOf(value) !== Set.prototype) return new Set([...value].map(inner))
  if (!types.isProxy(value) && known(Object.getPrototypeOf(value)) && !guarded(value, 0)) return value
  const plain: Record<string, unknown> = {}
  for (const name of Object.keys(value))
    Object.defineProperty(plain, name, {
      value: inner((value as Record<string, unknown>)[name]),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  return plain
}

/** Whether some part of plain data is read and written by functions, as sets are that are fields of a state. */
function guarded(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > DEPTH || types.isProxy(value)) return false
  if (![null, Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value))) return false
  return Object.values(Object.getOwnPropertyDescriptors(value)).some(
    (one) => (one.get !== undefined && one.set !== undefined) || guarded(one.value, depth + 1),
  )
}

function countOf(bag: object, element: unknown): unknown {
  return (bag as { count?: (element: unknown) => number }).count?.(element)
}

/** Whether objects of a prototype are shown by Node.js as they are: those of a class, or of the language. */
function known(prototype: unknown): boolean {
  if (prototype === null || prototype === Object.prototype) return true
  return !types.isProxy(prototype) && Object.hasOwn(prototype as object, 'constructor')
}
