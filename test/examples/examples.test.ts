/** Every instance of every example gives what it expects. The README's table of numbers says the same. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { check, type Expectation, type Spec } from '../../src/index.ts'

const folder = new URL('../../examples/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
/** The rows of the README's tables, without the alignment of their columns. */
const readme = readFileSync(new URL('README.md', folder), 'utf8')
  .split('\n')
  .map((line) => line.replace(/ {2,}/g, ' '))

const examples = await Promise.all(
  files.map(async (file) => {
    const { default: spec } = (await import(new URL(file, folder).href)) as { default: Spec }
    return { file, spec }
  }),
)

/** How the outcome stands in the README's table. */
function outcome({ violates, deadlocks, steps }: Expectation): string {
  if (violates !== undefined) return `${violates} is violated after ${steps} steps`
  return deadlocks ? `deadlock after ${steps} steps` : 'holds'
}

describe.each(examples)('examples/$file', ({ file, spec }) => {
  it('is named after its file', () => {
    expect(`${spec.name}.ts`).toBe(file)
  })

  describe.each(spec.instances)('$name', ({ name, expectation }) => {
    it('gives what is expected', async () => {
      const result = await check(spec, { instance: name })
      expect(result.mismatches).toEqual([])
      expect(result.expected).toBe(true)
      expect(result.incomplete).toBe(null)
    })

    it('says all its numbers, and so does the README', () => {
      const { states, generated, depth } = expectation
      expect(expectation).toMatchObject({ states: expect.any(Number), generated: expect.any(Number), depth: expect.any(Number) })
      expect(readme).toContain(`| ${spec.name} | ${name} | ${outcome(expectation)} | ${states} | ${generated} | ${depth} |`)
    })
  })
})

it('the README has no other rows', () => {
  const rows = readme.filter((line) => /\| \d+ \|$/.test(line))
  expect(rows.length).toBe(examples.flatMap(({ spec }) => spec.instances).length)
})
