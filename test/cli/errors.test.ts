/** What is said of errors that are nobody's but tsmc's, and of machines that refuse something. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describe } from '../../src/cli/errors.ts'
import { COMMAND, withoutProgress } from './run.ts'

test('a fault: its stack, without the line of source that may come before it', () => {
  const error = new TypeError('no such thing')
  error.stack = `file:///dist/chunk.js:1\n${'x'.repeat(1e5)}\n   ^\n\nTypeError: no such thing\n    at f (file:///dist/chunk.js:1:2)`
  expect(describe(error)).toEqual({
    json: { code: 'internal', message: 'no such thing', file: null, line: null, column: null, hint: null, trace: [] },
    text: `error: a fault in tsmc itself; the spec is not to blame
  TypeError: no such thing
      at f (file:///dist/chunk.js:1:2)
  please report it, with the spec if you can share it
`,
    code: 4,
  })
})

// From Node.js 24 on WebAssembly does with less.
const reserves = Number(process.versions.node.split('.')[0]) < 24

test.runIf(process.platform === 'linux').each(['1', '2'])(
  'a small address space: nothing is compiled, which is said; %s workers',
  async (workers) => {
    const { stdout, stderr } = await promisify(execFile)(
      'sh',
      [
        ...['-c', 'ulimit -v 6000000 && exec "$@"', 'sh', process.execPath, COMMAND],
        ...['check', 'bench/models/two-phase.ts', '--instance', '7', '--workers', workers, '--workers-from', '1'],
      ],
      { cwd: resolve(import.meta.dirname, '../..') },
    )
    expect(withoutProgress(stderr)).toBe('')
    expect(stdout).toContain('✓ two-phase 7: holds\n  296,448 distinct states, 2,744,706 generated, depth 23')
    expect(stdout.includes('warning: nothing was compiled, and one thread explored everything')).toBe(reserves)
  },
)
