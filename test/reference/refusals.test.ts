/** Each reason for which something is refused: the reference checker refuses its example for it, or cannot see it and goes on. */
import * as tsmc from 'tsmc'
import { expect, test } from 'vitest'
import { SpecError } from '../../src/errors.ts'
import { referenceCheck } from '../../src/reference/reference.ts'
import { REFUSALS, refusalOf } from '../../src/reference/refusals.ts'
import type { Model } from '../../src/spec/model.ts'

const build = (example: string): Model<any> => new Function('tsmc', `const { ${Object.keys(tsmc).join(', ')} } = tsmc\n${example}`)(tsmc)

test.each(REFUSALS.map((refusal) => [refusal.id, refusal] as const))('%s', (id, { example, plain }) => {
  let message = ''
  try {
    referenceCheck(build(example))
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    message = error.message
  }
  expect(message === '' ? undefined : refusalOf(message)?.id).toBe(plain ? id : undefined)
})
