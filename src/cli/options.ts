/** The options of the commands, and the command lines that are printed. */
import { existsSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { UsageError } from '../errors.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Constant, Constants, Spec } from '../spec/spec.ts'

export interface CheckFlags {
  readonly instance?: readonly string[]
  readonly set?: readonly string[]
  readonly reporter: 'terminal' | 'json'
  readonly out: string
  readonly diagrams: boolean
  readonly maxStates?: number
  readonly maxDepth?: number
  readonly timeout?: number
  readonly store?: string
  readonly resume?: string
  readonly storeMemory?: number
  readonly keepGoing?: boolean
  readonly strict?: boolean
  readonly replay?: string
  readonly color: boolean
  readonly verbose?: boolean
  readonly keys: 'exact' | 'fingerprint'
  readonly learning: boolean
  readonly batching: boolean
  readonly reuse: boolean
  readonly compiling: boolean
  readonly symmetry: boolean
  readonly workers: number | 'auto'
  readonly workersFrom?: number
  readonly profile?: boolean
}

/** A whole number of at least 1; `1e6` and `1_000_000` are numbers too. */
export function wholeNumber(text: string): number {
  const n = /^[\d_]+(?:e\d+)?$/i.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return n
}

/** A number of threads. */
export function workerCount(text: string): number | 'auto' {
  if (text === 'auto') return text
  const n = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(n >= 1 && n <= 64)) throw new InvalidArgumentError("It must be a whole number from 1 to 64, or 'auto'.")
  return n
}

/** A whole number from 0 to 2^32 - 1. */
export function seedNumber(text: string): number {
  const n = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(n < 2 ** 32)) throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.')
  return n
}

export function positiveSeconds(text: string): number {
  const n = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN
  if (!(n > 0)) throw new InvalidArgumentError('It must be a number of seconds above 0.')
  return n
}

export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

const ASSIGNMENT = /^([^=]+)=(.*)$/s

/** After `--set a=1`, a further `b=2` among the files is an assignment as well. */
export function splitFiles(args: readonly string[], set: readonly string[] | undefined): { files: string[]; assignments: string[] } {
  if (set === undefined) return { files: [...args], assignments: [] }
  const isAssignment = (text: string): boolean => /^[\p{L}_$][\p{L}\p{N}_$]*=/u.test(text) && !existsSync(text)
  return { files: args.filter((text) => !isAssignment(text)), assignments: [...set, ...args.filter(isAssignment)] }
}

/** The constants that `--set` gives to a spec: the type of the default decides how the text is read. */
export function constantsFor(spec: Spec, assignments: readonly string[]): Constants {
  const constants: Record<string, Constant> = {}
  for (const assignment of assignments) {
    const [, name, text] = (ASSIGNMENT.exec(assignment) ?? []) as [string?, string?, string?]
    if (name === undefined || text === undefined) throw new UsageError(`--set was given ${JSON.stringify(assignment)}`, 'write --set name=value')
    const value = typeof (spec.constants as Constants)[name] === 'string' ? text : json(text)
    Object.defineProperty(constants, name, { value, enumerable: true, configurable: true, writable: true })
  }
  spec.withConstants(constants)
  return constants
}

function json(text: string): Constant {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function searchOptions(flags: CheckFlags): SearchOptions {
  return {
    ...(flags.maxStates === undefined ? {} : { maxStates: flags.maxStates }),
    ...(flags.maxDepth === undefined ? {} : { maxDepth: flags.maxDepth }),
    ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }),
    keepGoing: flags.keepGoing ?? false,
    keys: flags.keys,
    learning: flags.learning,
    batching: flags.batching,
    reuse: flags.reuse,
    compiling: flags.compiling,
    symmetry: flags.symmetry,
    workers: flags.workers,
    ...(flags.workersFrom === undefined ? {} : { workersFrom: flags.workersFrom }),
    profile: flags.profile ?? false,
  }
}

/** A word of a command line, quoted where a shell would take it for more than a word. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./=~-]+$/.test(text) && !text.startsWith('~') ? text : `'${text.replaceAll("'", "'\\''")}'`
}

export function commandLine(file: string, instance: string | undefined, assignments: readonly string[], replay: string): string {
  const words = ['npx', 'tsmc', 'check', file]
  if (instance !== undefined) words.push('--instance', instance)
  for (const assignment of assignments) words.push('--set', assignment)
  return [...words, '--replay', replay].map(shellWord).join(' ')
}
