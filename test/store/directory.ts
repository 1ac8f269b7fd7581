import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Result } from '../../src/index.ts'

/** A directory that is removed after the tests of the file. */
export function directory(): string {
  const made = mkdtempSync(join(realpathSync(tmpdir()), 'store-'))
  afterAll(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A result as data, without what differs from run to run: the time, and how the engine went about it. */
export function comparable(result: Result): unknown {
  const {
    seconds: _,
    engine: { leaves: _leaves, calls: _calls, compared: _compared, direct: _direct, ...engine },
    ...rest
  } = result
  return JSON.parse(JSON.stringify({ ...rest, engine }))
}
