/** A program run by the reference checker and by the engine, and what differs. */
import { List } from 'immutable'
import * as tsmc from 'tsmc'
import { check, type CheckOptions, spec } from 'tsmc'
import { SpecError } from '../../src/errors.ts'
import { referenceCheck } from '../../src/reference/reference.ts'
import { refusalOf } from '../../src/reference/refusals.ts'
import type { Model } from '../../src/spec/model.ts'
import { type Piece, type Program, programOf, smaller, type Style, textOf } from './programs.ts'

/** Larger programs are passed over. */
const MAX_STATES = 400

/** How the engine may work. */
export const WAYS: readonly CheckOptions[] = [{}, { compiling: 'eager' }, { learning: false }]

/** What must agree; or the message of a refusal. */
export type Outcome = { readonly result: string } | { readonly refused: string } | { readonly fault: string }

export function build(text: string): () => Model<any> {
  return new Function('tsmc', 'List', `const { ${Object.keys(tsmc).join(', ')} } = tsmc\nreturn () => {\n${text}\n}`)(tsmc, List)
}

interface Found {
  readonly verdict: string
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly violations: readonly { readonly kind: string; readonly name: string; readonly steps: number }[]
}
const resultText = ({ verdict, distinct, generated, depth, violations }: Found): string =>
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

export async function ofEngine(text: string, way: CheckOptions): Promise<Outcome> {
  try {
    return { result: resultText(await check(spec('program', build(text)), { ...way, keepGoing: true })) }
  } catch (error) {
    return error instanceof SpecError ? { refused: error.message } : { fault: `${(error as Error).name}: ${(error as Error).message}` }
  }
}

/** How two outcomes differ, in one word; undefined where they agree. What the engine alone refuses is right if the reason is on the list. */
export function difference(toy: Outcome, engine: Outcome): string | undefined {
  if ('fault' in engine) return 'fault'
  if ('fault' in toy) return 'fault of the reference checker'
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
  readonly way: CheckOptions
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

export async function compare(seed: number, ways: readonly CheckOptions[], style: Style = 'all', shrinks = 150): Promise<Verdict> {
  const program = programOf(seed, style)
  const text = textOf(program.pieces)
  const toy = ofToy(text)
  let refused: string | undefined
  if (toy === undefined) return { seed, program, toy, refused, difference: undefined }
  if ('refused' in toy) refused = refusalOf(toy.refused)?.id ?? toy.refused
  for (const way of ways) {
    const engine = await ofEngine(text, way)
    if ('refused' in engine) refused ??= refusalOf(engine.refused)?.id ?? engine.refused
    const kind = difference(toy, engine)
    if (kind === undefined) continue
    return { seed, program, toy, refused, difference: { seed, kind, way, ...(await shrunk(program.pieces, way, kind, shrinks)) } }
  }
  return { seed, program, toy, refused, difference: undefined }
}

/** The smallest program found that shows the same difference. */
async function shrunk(whole: readonly Piece[], way: CheckOptions, kind: string, most: number): Promise<Pick<Difference, 'text' | 'toy' | 'engine'>> {
  let best = whole
  let tries = 0
  const outcomes = async (pieces: readonly Piece[]): Promise<Pick<Difference, 'text' | 'toy' | 'engine'> | undefined> => {
    const text = textOf(pieces)
    const toy = ofToy(text)
    if (toy === undefined || 'fault' in toy) return undefined
    const engine = await ofEngine(text, way)
    return difference(toy, engine) === kind ? { text, toy, engine } : undefined
  }
  let found = (await outcomes(whole)) as Pick<Difference, 'text' | 'toy' | 'engine'>
  for (let going = true; going; ) {
    going = false
    for (const candidate of smaller(best)) {
      if (++tries > most) return found
      const next = await outcomes(candidate)
      if (next === undefined) continue
      best = candidate
      found = next
      going = true
      break
    }
  }
  return found
}

/** What differs, to be read and run. */
export function report({ seed, kind, way, text, toy, engine }: Difference): string {
  const of = (outcome: Outcome): string =>
    Object.entries(outcome)
      .map(([what, said]) => `${what}: ${said}`)
      .join()
  return `seed ${seed}: ${kind} with ${JSON.stringify(way)}\n${text}\n  plain data  ${of(toy)}\n  engine      ${of(engine)}\n`
}
