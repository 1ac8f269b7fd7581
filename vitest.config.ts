import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { tsmc: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
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
