/** The options of the commands, and the command lines that are printed. */
import type { ReporterName } from '../report/names.ts'
import { existsSync } from 'node:fs'
import { UsageError } from '../errors.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Constant, Constants, Spec } from '../spec/spec.ts'

export interface CheckFlags {
  readonly instance?: readonly string[]
  readonly set?: readonly string[]
  readonly reporter: ReporterName
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
  readonly confirm?: boolean
  readonly confirmStates?: number
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
    if (typeof value !== 'string') requireExact(name, text)
    Object.defineProperty(constants, name, { value, enumerable: true, configurable: true, writable: true })
  }
  spec.withConstants(constants)
  return constants
}

/** Refuses a number that is another one in JavaScript, or none. */
function requireExact(name: string, text: string): void {
  for (const [number] of text.replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/-?\d[\d.]*(?:e[+-]?\d+)?/gi)) {
    const value = Number(number)
    if (!Number.isFinite(value))
      throw new UsageError(`--set ${name}: ${number} is larger than any number of JavaScript`, `the largest is ${Number.MAX_VALUE}`)
    if (/^-?\d+$/.test(number) && String(value) !== number.replace(/^-0$/, '0') && BigInt(number) !== BigInt(value))
      throw new UsageError(
        `--set ${name}: ${number} is no number of JavaScript: it would become ${value}`,
        `whole numbers are exact up to ${Number.MAX_SAFE_INTEGER}`,
      )
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new UsageError(
        `--set ${name}: ${number} cannot be told from its neighbours in JavaScript`,
        `whole numbers are exact up to ${Number.MAX_SAFE_INTEGER}`,
      )
  }
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
    confirm: flags.confirm ?? flags.confirmStates !== undefined,
    ...(flags.confirmStates === undefined ? {} : { confirmStates: flags.confirmStates }),
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
