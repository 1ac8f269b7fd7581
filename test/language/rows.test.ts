/** What may be written in an action: the engine, in each of its ways, gives what is written by hand for plain data. */
import * as tsmc from 'tsmc'
import { check, type CheckOptions, model, spec } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { SpecError } from '../../src/errors.ts'
import { valueText } from '../../src/program/text.ts'
import { REFUSALS } from '../../src/reference/refusals.ts'
import { CASES, start, VARIABLES } from './cases.ts'

const WAYS: readonly (readonly [string, CheckOptions])[] = [
  ['learning', {}],
  ['compiling', { compiling: 'eager' }],
  ['calling', { learning: false }],
]

describe.each(WAYS)('%s', (_name, way) => {
  test.each(CASES.map((one) => [`${one.row}: ${one.name}`, one] as const))('%s', async (_title, { step, changes }) => {
    const m = model(VARIABLES)
    m.init((s) => Object.assign(s, start()))
    m.action('Do', step as () => void)
    m.terminal(() => true)
    // Any step that changes something is shown with the state that it leads to.
    m.step('Never', () => false)
    const { violations } = await check(
      spec('case', () => m),
      way,
    )
    expect(violations.map(({ name }) => name)).toEqual(['Never'])
    expect(valueText(violations[0]?.trace.at(-1)?.state)).toBe(valueText(m.state.immutable({ ...start(), ...changes })))
  })

  test.each(REFUSALS.map((refusal) => [refusal.id, refusal] as const))('refused: %s', async (_id, { example, says }) => {
    const build = new Function('tsmc', `const { ${Object.keys(tsmc).join(', ')} } = tsmc\n${example}`)
    const refused: unknown = await check(
      spec('example', () => build(tsmc)),
      way,
    ).then(
      () => undefined,
      (error) => error,
    )
    expect(refused).toBeInstanceOf(SpecError)
    expect((refused as SpecError).message).toMatch(says)
  })
})
