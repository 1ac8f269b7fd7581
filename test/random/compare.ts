/** A program run by the reference checker and by the engine, and what differs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { List } from 'immutable'
import * as tsmc from 'tsmc'
import { check, type CheckOptions, type Result, spec } from 'tsmc'
import { SpecError } from '../../src/errors.ts'
import { referenceCheck } from '../../src/reference/reference.ts'
import { refusalOf } from '../../src/reference/refusals.ts'
import type { Model } from '../../src/spec/model.ts'
import { type Piece, type Program, programOf, REFUSED_AT_LOAD, rowsOf, smaller, type Style, textOf } from './programs.ts'

/** Larger programs are passed over. */
const MAX_STATES = 400

/** How the engine may work: with options, or with threads or a store, which take longer. */
export type Way = CheckOptions | 'workers' | 'store'
export const WAYS: readonly CheckOptions[] = [{}, { compiling: 'eager' }, { learning: false }]
/** One program in so many is run by two threads, and one in a store that is gone on with after the first level. */
export const SHARE = 20

export const waysOf = (seed: number, all: boolean): readonly Way[] => [
  ...(all ? WAYS : [WAYS[seed % WAYS.length] as CheckOptions]),
  ...(seed % SHARE === 7 ? (['workers'] as const) : seed % SHARE === 13 ? (['store'] as const) : []),
]

/** What must agree; or the message of a refusal. */
export type Outcome = { readonly result: string } | { readonly refused: string } | { readonly fault: string }

const NAMES = `const { ${Object.keys(tsmc).join(', ')} } = tsmc`
export function build(text: string): () => Model<any> {
  return new Function('tsmc', 'List', 'isDeepStrictEqual', `'use strict'\n${NAMES}\nreturn () => {\n${text}\n}`)(tsmc, List, isDeepStrictEqual)
}

interface Found {
  readonly verdict: string
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly violations: readonly { readonly kind: string; readonly name: string; readonly steps: number }[]
}
export const resultText = ({ verdict, distinct, generated, depth, violations }: Found): string =>
  `${verdict}, ${distinct} states, ${generated} generated, depth ${depth}; ${violations
    .map(({ kind, name, steps }) => `${kind} ${name} in ${steps}`)
    .sort()
    .join(', ')}`

/** undefined for a program that has too many states. */
export function ofToy(text: string): Outcome | undefined {
  try {
    const found = referenceCheck(build(text)(), { keepGoing: true, maxStates: MAX_STATES })
    return found.verdict === 'incomplete' || found.distinct > MAX_STATES ? undefined : { result: resultText(found) }
  } catch (error) {
    return error instanceof SpecError ? { refused: error.message } : { fault: String((error as Error).stack) }
  }
}

export async function ofEngine(text: string, way: Way, command?: string): Promise<Outcome> {
  try {
    const result = way === 'workers' ? shared(text, command as string) : way === 'store' ? stored(text, command as string) : inMemory(text, way)
    return { result: resultText(await result) }
  } catch (error) {
    const { name, message } = error as Error
    return name === 'SpecError' ? { refused: message } : { fault: `${name}: ${message}` }
  }
}

const inMemory = (text: string, way: CheckOptions): Promise<Result> => check(spec('program', build(text)), { ...way, keepGoing: true })

let files = 0
/** By the built library, of which each thread loads the program from a file: beside the command, where `tsmc` means that library. */
async function shared(text: string, command: string): Promise<Result> {
  const directory = join(dirname(dirname(command)), 'programs')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `program-${process.pid}-${++files}.mjs`)
  const imports = `import * as tsmc from 'tsmc'\nimport { List } from 'immutable'\nimport { isDeepStrictEqual } from 'node:util'\n`
  writeFileSync(file, `${imports}${NAMES}\nexport default spec('program', () => {\n${text}\n})\n`)
  try {
    const built: typeof tsmc = await import(pathToFileURL(join(dirname(command), 'index.js')).href)
    const { default: program } = await import(pathToFileURL(file).href)
    return await built.check(program, { keepGoing: true, workers: 2, workersFrom: 1, file })
  } finally {
    rmSync(file)
  }
}

async function stored(text: string, command: string): Promise<Result> {
  const directory = join(dirname(dirname(command)), 'programs', `store-${process.pid}-${++files}`)
  const options = { keepGoing: true, store: { directory, memory: 128, resume: true } }
  try {
    await check(spec('program', build(text)), { ...options, maxDepth: 1 })
    return await check(spec('program', build(text)), options)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** How two outcomes differ, in one word; undefined where they agree. What the engine alone refuses is right if the reason is on the list. */
export function difference(toy: Outcome, engine: Outcome, rows: ReadonlySet<string>): string | undefined {
  if ('fault' in engine) return 'fault'
  if ('fault' in toy) return 'fault of the reference checker'
  if (!('refused' in engine) && REFUSED_AT_LOAD.some((row) => rows.has(row))) return 'not refused'
  if ('refused' in engine) {
    if ('refused' in toy) return undefined
    const reason = refusalOf(engine.refused)
    if (reason === undefined) return 'refused for no reason of the list'
    if (reason.id === 'impure') return 'taken for no function of the state'
    // A function that only reads puts no value anywhere, not even for a moment.
    const misread = ['range', 'shape'].includes(reason.id) && /\bthe (invariant|step)/.test(engine.refused)
    return reason.plain && (!reason.momentary || misread) ? `refused (${reason.id}) where plain data go on` : undefined
  }
  if ('refused' in toy) return 'not refused'
  return toy.result === engine.result ? undefined : 'another result'
}

export interface Difference {
  readonly seed: number
  readonly kind: string
  readonly way: Way
  /** The rows that are left. */
  readonly rows: readonly string[]
  readonly text: string
  readonly toy: Outcome
  readonly engine: Outcome
}

/** What one seed's program says. */
export interface Verdict {
  readonly seed: number
  readonly program: Program
  readonly toy: Outcome | undefined
  /** Whether the engine refused it in one of its ways, and the reason. */
  readonly refused: string | undefined
  readonly difference: Difference | undefined
}

export interface Comparing {
  readonly ways: readonly Way[]
  readonly style?: Style
  readonly shrinks?: number
  /** The built command, for threads and stores. */
  readonly command?: string
  /** Runs a program by an engine; that of this checkout, if nothing is said. */
  readonly engine?: (text: string, way: Way, command?: string) => Promise<Outcome>
}

export async function compare(seed: number, { ways, style = 'all', shrinks = 150, command, engine = ofEngine }: Comparing): Promise<Verdict> {
  const program = programOf(seed, style)
  const text = textOf(program.pieces)
  const toy = ofToy(text)
  const rows = rowsOf(program.pieces)
  let refused: string | undefined
  if (toy === undefined) return { seed, program, toy, refused, difference: undefined }
  if ('refused' in toy) refused = refusalOf(toy.refused)?.id ?? toy.refused
  for (const way of ways) {
    const outcome = await engine(text, way, command)
    if ('refused' in outcome) refused ??= refusalOf(outcome.refused)?.id ?? outcome.refused
    const kind = difference(toy, outcome, rows)
    if (kind === undefined) continue
    const whole = { pieces: program.pieces, text, toy, engine: outcome }
    const small = await shrunk(whole, kind, shrinks, (other) => engine(other, way, command))
    return { seed, program, toy, refused, difference: { seed, kind, way, rows: [...rowsOf(small.pieces)], ...small } }
  }
  return { seed, program, toy, refused, difference: undefined }
}

type Shrunk = Pick<Difference, 'text' | 'toy' | 'engine'> & { readonly pieces: readonly Piece[] }

/** The smallest program found that shows the same difference. */
async function shrunk(whole: Shrunk, kind: string, most: number, engine: (text: string) => Promise<Outcome>): Promise<Shrunk> {
  let found = whole
  let tries = 0
  const attempt = async (pieces: readonly Piece[]): Promise<Shrunk | undefined> => {
    const text = textOf(pieces)
    const toy = ofToy(text)
    if (toy === undefined || 'fault' in toy) return undefined
    const outcome = await engine(text)
    return difference(toy, outcome, rowsOf(pieces)) === kind ? { pieces, text, toy, engine: outcome } : undefined
  }
  for (let going = true; going; ) {
    going = false
    for (const candidate of smaller(found.pieces)) {
      if (++tries > most) return found
      const next = await attempt(candidate)
      if (next === undefined) continue
      found = next
      going = true
      break
    }
  }
  return found
}

/** What differs, to be read and run. */
export function report({ seed, kind, way, rows, text, toy, engine }: Difference): string {
  const of = (outcome: Outcome): string =>
    Object.entries(outcome)
      .map(([what, said]) => `${what}: ${said}`)
      .join()
  return `seed ${seed}: ${kind} with ${JSON.stringify(way)}; of ${rows.join(', ')}\n${text}\n  plain data  ${of(toy)}\n  engine      ${of(engine)}\n`
}
