/**
 * Errors of two kinds: the user's (`SpecError`, `UsageError`: what is wrong, where, what to do) and ours (`InternalError`: a bug).
 */

/** Exit codes of the command: the only ones. Where several hold, that of the first in the order fault, usage, unexpected, incomplete. */
export const EXIT = { expected: 0, unexpected: 1, usage: 2, incomplete: 3, fault: 4 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What each exit code means, as help and documents say it. */
export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  expected: 'every instance is as expected',
  unexpected: 'some instance is not',
  usage: 'wrong usage, or an error in a spec',
  incomplete: 'stopped before there was a verdict (a bound, the time, an interrupt, memory, another limit), and nothing found',
  fault: 'a fault in tsmc itself or in the machine; results that could not be written',
}

/** A place in a source file; line and column count from 1. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A value that a place of the state does not take: what was put where, and what the place takes; as text. */
export interface Outside {
  readonly variable: string
  readonly value: string
  readonly range: string
}

/**
 * An error of the user's reads as a paragraph, also where nobody catches it and Node.js shows its `stack`: what is wrong, where in the user's code, how it came
 * about, what to do. Frames of the library say nothing to the user; what else the error knows are properties that are not enumerated.
 */
export function readAsParagraph(
  error: Error & { readonly hint?: string | undefined; readonly location?: Location | undefined; readonly trace?: readonly string[] },
): void {
  const called = (error.stack ?? '').split('\n').filter((line) => placeIn(line) !== null)
  const stack = (): string => {
    const { location } = error
    const place = location && `${location.file}:${location.line}:${location.column}`
    const frames = place === undefined || called.some((line) => line.includes(place)) ? called : [`    at ${place}`, ...called]
    const trace = (error.trace ?? []).map((state, i) => `\n  ${i === 0 ? 'it was reached by\n  ' : ''}   ${i}  ${state}`)
    const hint = error.hint === undefined ? '' : `\n  hint: ${error.hint}`
    return `${error.name}: ${error.message}${frames.map((line) => `\n${line}`).join('')}${trace.join('')}${hint}`
  }
  Object.defineProperty(error, 'stack', { get: stack, enumerable: false, configurable: true })
  for (const name of Object.keys(error)) Object.defineProperty(error, name, { enumerable: false })
}

/** Something is wrong with a spec. `location` is where in the spec; `hint` says what to do. */
export class SpecError extends Error {
  override name = 'SpecError'
  readonly hint: string | undefined
  location: Location | undefined
  /** Where a value does not fit its place. */
  readonly outside: Outside | undefined
  /** How the state was reached in which it went wrong: the steps as text, the initial state first. */
  trace: readonly string[] = []

  /** `location` is by default what was running in the spec; give undefined where nothing was: whoever knows the place fills it in. */
  constructor(
    message: string,
    options: { hint?: string | undefined; location?: Location | undefined; outside?: Outside | undefined; cause?: unknown } = {},
  ) {
    const limit = Error.stackTraceLimit
    // The spec's own frame may lie below many of the library's.
    Error.stackTraceLimit = 60
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = limit
    this.hint = options.hint
    this.outside = options.outside
    this.location = 'location' in options ? options.location : locate(this)
    readAsParagraph(this)
  }
}

/** Something is wrong with the call: an unknown option, file, instance or constant. */
export class UsageError extends Error {
  override name = 'UsageError'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
    readAsParagraph(this)
  }
}

/** What tsmc runs on has failed it: a thread that died. Never a verdict. */
export class FaultError extends Error {
  override name = 'FaultError'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** Stopped before there was a verdict: by a time limit, an interrupt, or for want of memory. */
export class StoppedError extends Error {
  override name = 'StoppedError'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** A bug in tsmc itself. Never a verdict. */
export class InternalError extends Error {
  override name = 'InternalError'
}

/** A call that was interrupted because it took too long. */
export function isTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

/** The folders that hold the library's own code, built and as source maps name it: frames from them are not the user's. */
const HOMES = [new URL('./', import.meta.url).href, new URL('../src/', import.meta.url).href]
/** Nor are frames of what it depends on. */
const DEPENDENCY = /\/node_modules\/(immutable|commander|@aduh95\/viz\.js|sax|esbuild)\//

const urlOf = (place: string): string => (place.startsWith('file:') ? place : new URL(`file://${place.replaceAll('\\', '/')}`).href)

/** Whether a file or address is one of the library's own code. */
export function isLibrary(place: string): boolean {
  return /^(?:file:|\/|[A-Za-z]:[\\/])/.test(place) && HOMES.some((home) => urlOf(place).startsWith(home))
}

/** The place that a line of a stack names; null where it is of the library, what it depends on, or Node.js. */
function placeIn(line: string): Location | null {
  const match = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/.exec(line.trim())
  if (!match) return null
  const [, place, row, column] = match as unknown as [string, string, string, string]
  const url = urlOf(place)
  if (HOMES.some((home) => url.startsWith(home)) || DEPENDENCY.test(url)) return null
  return { file: decodeURIComponent(new URL(url).pathname).split('?')[0] as string, line: Number(row), column: Number(column) }
}

/** The first place of an error's stack that is neither the library nor Node.js. */
export function locate(error: Error): Location | undefined {
  for (const line of (error.stack ?? '').split('\n')) {
    const place = placeIn(line)
    if (place !== null) return place
  }
  return undefined
}

/** Remembers the place of the caller; the stack is only read when somebody asks. */
export function here(): () => Location | undefined {
  const stack = new Error()
  let found: Location | undefined
  let asked = false
  return () => {
    if (!asked) found = locate(stack)
    asked = true
    return found
  }
}

/** The known names nearest to a misspelt one, for "did you mean". */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  // A name of one letter is like any other of one letter.
  let least = Math.min(name.length, Math.max(2, Math.floor(name.length / 3)) + 1)
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] as number
}

/** "did you mean x? there are a, b, c" for an unknown name. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  const list = known.length === 0 ? 'there are none' : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`
  return near === undefined ? list : `did you mean ${near}? ${list}`
}
