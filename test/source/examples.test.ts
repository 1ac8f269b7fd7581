/** All specs of this project: none is refused for its source, and of every callback it is known whether it has effects. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { modelOf } from '../../src/run/instance.ts'
import { simulate } from '../../src/run/simulate.ts'
import { effectFree, impurities } from '../../src/source/source.ts'
import { Spec } from '../../src/spec/spec.ts'

type Callback = (...given: unknown[]) => unknown
const { given } = vi.hoisted(() => ({ given: new Set<unknown>() }))

// Everything that a quantifier is given.
vi.mock('../../src/values/quantify.ts', async (original) => {
  const real = await original<typeof import('../../src/values/quantify.ts')>()
  return {
    ...real,
    quantify: ((kind, collection, callback) => {
      given.add(callback)
      return real.quantify(kind, collection, callback)
    }) as typeof real.quantify,
  }
})

const root = join(import.meta.dirname, '../..')
const files = ['examples', 'specs', 'bench/models'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
)

test('there are specs', () => {
  expect(files.length).toBeGreaterThan(35)
})

describe.each(files)('%s', (file) => {
  test('is not refused, and its callbacks have no effects', { timeout: 120_000 }, async () => {
    const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>
    given.clear()
    for (const spec of Object.values(module)) {
      if (!(spec instanceof Spec)) continue
      for (const instance of spec.instances) expect(impurities(modelOf(spec, instance))).toEqual([])
      const { name } = spec.instances[0]!
      await simulate(spec, { ...(spec.instances.length > 1 && { instance: name }), runs: 3, depth: 15, seed: 1, learning: false })
    }
    const effects = [...given].filter((callback) => !effectFree(callback as Callback)).map(String)
    expect([...new Set(effects)]).toEqual([])
  })
})
