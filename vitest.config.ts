import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

/** What `npm run test:fast` leaves out: what explores much, starts the command or a browser again and again, or goes through all examples. */
const SLOW = [
  'bench',
  'browser',
  'cli',
  'examples',
  'random',
  'specs',
  'store',
  'bad-input/functions.test.ts',
  'draw/safe.test.ts',
  'explore/workers.test.ts',
  'host/pause.test.ts',
  'source/examples.test.ts',
  'temporal/random.test.ts',
]
const fast = process.env['TSMC_TESTS'] === 'fast'

export default defineConfig({
  resolve: { alias: { tsmc: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(fast ? SLOW.map((name) => (name.endsWith('.ts') ? `test/${name}` : `test/${name}/**`)) : [])],
    // Types are tests too: test/**/*.test-d.ts must compile, with the errors they announce.
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    globalSetup: './test/setup.ts',
    // By default one processor is left free, which is half of a small machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // So long that only what hangs takes it, however busy the machine is.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
