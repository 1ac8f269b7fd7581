/**
 * How soon random programs find each class of faults of a library from before they were mended:
 *
 *     TSMC_BASE=../base TSMC_FUZZ_PROGRAMS=5000 npx vitest run test/random/rediscover.test.ts
 *
 * `TSMC_BASE` is a built checkout. Prints the table of docs/decisions/random-programs.md. A class is found by a program that differs from plain data
 * also when all is taken out of it that was written for rows of other classes, and no more when that of its own is taken out as well.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { List } from 'immutable'
import type * as tsmc from 'tsmc'
import { expect, test } from 'vitest'
import { difference, ofToy, type Outcome, resultText } from './compare.ts'
import { type Piece, programOf, rowsOf, textOf, without } from './programs.ts'

const BASE = process.env['TSMC_BASE']
const PROGRAMS = Number(process.env['TSMC_FUZZ_PROGRAMS'] ?? 5000)
const SEED = Number(process.env['TSMC_FUZZ_SEED'] ?? 1)

/** The rows whose statements may be left in a program that stands for a class. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  'live views': ['holds a composite', 'changes the container', 'copies that hold parts', 'swaps', 'two places', 'fresh values', 'natural code'],
  'methods of arrays': ['methods'],
  'texts of live values': ['text of what was read'],
  'closures and exceptions': ['callbacks with effects', 'catches'],
  'returned states': ['returned state'],
  identity: ['===', 'looks for a composite', 'value()', 'holds a composite'],
  'loops over what changes': ['changes what it loops over'],
  numbers: ['large numbers'],
  nondeterminism: ['reads a clock', 'changes what is outside'],
  'kept drafts': ['keeps a draft'],
}
/** Rows of which one must be left. */
const CHARACTERISTIC: Readonly<Record<string, readonly string[]>> = { identity: ['===', 'looks for a composite', 'value()'] }
/** What is no refusal, and not what plain data give. */
const WRONG = ['another result', 'not refused']

test.skipIf(BASE === undefined)('each class is found again', { timeout: 24 * 3_600_000 }, async () => {
  const base: typeof tsmc = await import(pathToFileURL(join(BASE as string, 'dist/index.js')).href)
  const engine = async (text: string): Promise<Outcome> => {
    try {
      const build = new Function(
        'tsmc',
        'List',
        'isDeepStrictEqual',
        `'use strict'\nconst { ${Object.keys(base).join(', ')} } = tsmc\nreturn () => {\n${text}\n}`,
      )
      return { result: resultText(await base.check(base.spec('program', build(base, List, isDeepStrictEqual)), { keepGoing: true })) }
    } catch (error) {
      const { name, message } = error as Error
      return name === 'SpecError' ? { refused: message } : { fault: `${name}: ${message}` }
    }
  }
  /** How a program goes wrong, if it does. */
  const wrong = async (pieces: readonly Piece[]): Promise<string | undefined> => {
    const text = textOf(pieces)
    const toy = ofToy(text)
    if (toy === undefined || 'fault' in toy) return undefined
    const outcome = await engine(text)
    const kind = difference(toy, outcome, rowsOf(pieces))
    if (kind === 'fault' && 'fault' in outcome) return outcome.fault.replace(/\(.*?\)/g, '')
    return kind !== undefined && WRONG.includes(kind) ? kind : undefined
  }
  const found = new Map<string, { program: number; kind: string }>()
  let programs = 0
  let different = 0
  while (programs < PROGRAMS && found.size < Object.keys(CLASSES).length) {
    const { pieces } = programOf(SEED + programs++)
    if ((await wrong(pieces)) === undefined) continue
    different++
    for (const [name, rows] of Object.entries(CLASSES)) {
      if (found.has(name)) continue
      const alone = [...rowsOf(pieces)].filter((row) => !rows.includes(row)).reduce((rest, row) => without(rest, row), pieces)
      const left = rowsOf(alone)
      if (!(CHARACTERISTIC[name] ?? rows).some((row) => left.has(row))) continue
      const kind = await wrong(alone)
      // Of large numbers the type itself is one.
      const control = name === 'numbers' ? [textOf(alone).replaceAll('2 ** 32', '9')] : [...left].reduce((rest, row) => without(rest, row), alone)
      if (kind === undefined || (await wrong(control)) !== undefined) continue
      found.set(name, { program: programs, kind })
      if (process.env['TSMC_FIGURES']) console.log(`${name} by program ${programs}: ${kind}\n${textOf(alone)}`)
    }
  }
  const lines = Object.keys(CLASSES).map((name) => {
    const one = found.get(name)
    return `| ${name} | ${one ? `${one.program} | ${one.kind}` : '– | –'} |`
  })
  console.log(
    `${programs} programs from seed ${SEED}, ${different} differ\n\n| class | first found by program | which gave |\n| --- | ---: | --- |\n${lines.join('\n')}`,
  )
  expect([...found.keys()].sort()).toEqual(Object.keys(CLASSES).sort())
})
