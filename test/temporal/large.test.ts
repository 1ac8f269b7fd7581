/** Temporal properties on the bench's model of them: the figures of its small instances. Large ones: bench/README.md. */
import { check } from 'tsmc'
import { expect, test } from 'vitest'
import liveness from '../../bench/models/liveness.ts'

test.each(['small', 'small, strong', 'small, unfair'])('%s', async (instance) => {
  const { mismatches, engine } = await check(liveness, { instance })
  expect([mismatches, engine.product]).toEqual([[], 93312])
})
