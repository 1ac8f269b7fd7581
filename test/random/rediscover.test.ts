/**
 * How soon random programs find each class of faults of a library from before they were mended:
 *
 *     TSMC_BASE=../base TSMC_FUZZ_PROGRAMS=5000 npx vitest run test/random/rediscover.test.ts
 *
 * `TSMC_BASE` is a built checkout. Prints the table of docs/decisions/random-programs.md. A class is found by a program that differs from plain data
 * and, made smaller, has nothing left in it but what belongs to that class.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { List } from 'immutable'
import type * as tsmc from 'tsmc'
import { expect, test } from 'vitest'
import { compare, type Outcome, resultText } from './compare.ts'

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
const WRONG = ['another result', 'not refused', 'fault']

test.skipIf(BASE === undefined)('each class is found again', { timeout: 24 * 3_600_000 }, async () => {
  const base: typeof tsmc = await import(pathToFileURL(join(BASE as string, 'dist/index.js')).href)
  const engine = async (text: string): Promise<Outcome> => {
    try {
      const build = new Function('tsmc', 'List', 'isDeepStrictEqual', `const { ${Object.keys(base).join(', ')} } = tsmc\nreturn () => {\n${text}\n}`)
      return { result: resultText(await base.check(base.spec('program', build(base, List, isDeepStrictEqual)), { keepGoing: true })) }
    } catch (error) {
      const { name, message } = error as Error
      return name === 'SpecError' ? { refused: message } : { fault: `${name}: ${message}` }
    }
  }
  const found = new Map<string, { seed: number; kind: string; count: number }>()
  let programs = 0
  let different = 0
  for (let seed = SEED; seed < SEED + PROGRAMS; seed++) {
    programs++
    const { difference } = await compare(seed, { ways: [{}], engine, shrinks: 60 })
    if (difference === undefined || !WRONG.includes(difference.kind)) continue
    different++
    for (const [name, rows] of Object.entries(CLASSES)) {
      if (difference.rows.length === 0 || !difference.rows.every((row) => rows.includes(row))) continue
      const characteristic = CHARACTERISTIC[name]
      if (characteristic && !difference.rows.some((row) => characteristic.includes(row))) continue
      const known = found.get(name)
      if (known) known.count++
      else found.set(name, { seed, kind: difference.kind, count: 1 })
    }
    if (programs % 50 === 0 && found.size === Object.keys(CLASSES).length) break
  }
  const lines = Object.keys(CLASSES).map((name) => {
    const one = found.get(name)
    return one ? `| ${name} | ${one.seed - SEED + 1} | ${one.kind} | ${one.count} |` : `| ${name} | – | – | 0 |`
  })
  console.log(
    `${programs} programs from seed ${SEED}, ${different} differ\n\n| class | first found by program | which gave | programs that show it alone |\n| --- | ---: | --- | ---: |\n${lines.join('\n')}`,
  )
  expect([...found.keys()].sort()).toEqual(Object.keys(CLASSES).sort())
})
