/** The models of bench/ have exactly the states and transitions of the peers' models. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { check, type Spec } from '../../src/index.ts'

interface Size {
  readonly distinct: number
  readonly transitions: number
}

/** The numbers that the benchmark holds every checker to. */
const sizes = JSON.parse(readFileSync(new URL('../../bench/sizes.json', import.meta.url), 'utf8')) as Record<string, Record<string, Size>>
const specs = await Promise.all(
  Object.keys(sizes).map(async (model) => {
    const { default: spec } = (await import(new URL(`../../bench/models/${model}.ts`, import.meta.url).href)) as { default: Spec }
    return spec
  }),
)
/** Fast enough for every run of the tests. */
const SMALL = 1_000_000

describe.each(specs.map((spec) => ({ name: spec.name, spec })))('$name', ({ name, spec }) => {
  it('has the sizes of the benchmark as instances, with the same numbers', () => {
    const pinned = Object.keys(sizes[name] as object).map((size) => {
      const { states, generated } = spec.instances.find((instance) => instance.name === size.replace('x', ','))?.expectation ?? {}
      return [size, states, generated]
    })
    expect(pinned).toEqual(
      Object.entries(sizes[name] as Record<string, Size>).map(([size, { distinct, transitions }]) => [size, distinct, transitions + 1]),
    )
  })

  it.each(spec.instances.filter(({ expectation }) => (expectation.states ?? 0) <= SMALL).map((instance) => instance.name))(
    '%s gives its numbers',
    async (instance) => {
      const result = await check(spec, { instance })
      expect(result.mismatches).toEqual([])
      expect(result.verdict).toBe('holds')
      expect(result.warnings).toEqual([])
    },
  )
})

it('the models are named after their files', () => {
  expect(specs.map((spec) => spec.name)).toEqual(Object.keys(sizes))
})
