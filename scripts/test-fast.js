/** Runs the fast selection of the tests (vitest.config.ts says what it leaves out) on every system: `npm run test:fast`, with arguments for vitest. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')))
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TSMC_TESTS: 'fast' },
})
process.exit(status ?? 1)
