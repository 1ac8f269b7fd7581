import { check, type Result } from 'tsmc'
import { describe, expect, test } from 'vitest'
import writtenFlag from '../../specs/written-flag.ts'
import { actions } from './actions.ts'

const run = (instance: string): Promise<Result> => check(writtenFlag, { instance })
const last = (result: Result) => JSON.parse(JSON.stringify(result.violation?.trace.at(-1)?.state))

describe('is_written under splits and merges', () => {
  test('the children of a split inherit the flag; a mutant that does not is caught at the flush', async () => {
    const result = await run('children-do-not-inherit')
    expect([result.mismatches, actions(result)]).toEqual([[], ['Fetch t1 r1', 'Load r1', 'Prepare t1 r1', 'Split t1 r1', 'Commit t1 r1 !']])
  })

  test('H7: after CommitMerge a write to the range of the source is kept, and the cached region does not cover it', async () => {
    const result = await run('merge-residue')
    expect([result.mismatches, actions(result)]).toEqual([
      [],
      [
        'Fetch t1 r1',
        'Prepare t1 r1',
        'PrepareMerge t1 r1',
        'Done t1',
        'EndRound t1',
        'Fetch t1 r2',
        'Load r2',
        'Prepare t1 r2',
        'CommitMerge t1 r2 r1',
        'Apply t1 r2 0',
        'Commit t1 r2',
      ],
    ])
    const { truth, metas, memory } = last(result)
    expect(truth.r2).toMatchObject({ version: 3, start: 0, end: 2 })
    expect(metas).toMatchObject({ r1: null, r2: { version: 1, start: 1, end: 2, phase: 'LoadingCanceled' } })
    expect(memory).toEqual({ 0: 1, 1: 0 })
  })

  test('split and merge in one model: no assertion fails', async () => {
    // Trees of this size take longer to compile than the search does.
    const result = await check(writtenFlag, { instance: 'today-split-and-merge-assertions', compiling: false })
    expect(result.mismatches).toEqual([])
  }, 60_000)
})
