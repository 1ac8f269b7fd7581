/** A search with its layers on disk says what the one in memory says: of every example and every spec. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check, type CheckOptions, type Result } from '../../src/index.ts'
import { Spec } from '../../src/spec/spec.ts'
import { comparable, directory } from './directory.ts'

/** Larger instances take their time in the nightly run: TSMC_LARGE=1. */
const LARGE = process.env.TSMC_LARGE === '1' ? Number.POSITIVE_INFINITY : 60_000

const specs: { file: string; spec: Spec }[] = []
for (const folder of ['examples', 'specs']) {
  for (const file of readdirSync(new URL(`../../${folder}/`, import.meta.url)).filter((name) => name.endsWith('.ts'))) {
    const namespace = (await import(new URL(`../../${folder}/${file}`, import.meta.url).href)) as Record<string, unknown>
    for (const one of new Set(Object.values(namespace))) if (one instanceof Spec) specs.push({ file: `${folder}/${file}`, spec: one })
  }
}

/** Checks in memory, on disk, and the finished store once more. */
async function both(one: Spec, options: CheckOptions): Promise<Result> {
  const at = join(directory(), 'store')
  const inMemory = await check(one, options)
  const stored = await check(one, { ...options, store: { directory: at, memory: 256 } })
  expect(comparable(stored)).toEqual(comparable(inMemory))
  const again = await check(one, { ...options, store: { directory: at, memory: 256, resume: true } })
  expect(comparable(again)).toEqual(comparable(inMemory))
  return stored
}

describe.each(specs)('$file', ({ spec: one }) => {
  for (const { name, expectation } of one.instances) {
    it.skipIf((expectation.states ?? 0) > LARGE)(name, { timeout: 600_000 }, async () => {
      await both(one, { instance: name })
    })
  }
})
