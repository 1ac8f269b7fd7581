/** Random programs for as long as is said: `npm run fuzz -- --minutes 60 --seed 1`. What differs is printed as it is found, with its seed. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } },
})
console.log(`seed ${values.seed}, ${values.minutes} minutes for each style`)
const { status } = spawnSync(
  process.execPath,
  [
    fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url)),
    'run',
    'test/random/programs.test.ts',
    '-t',
    'in the style',
    '--disable-console-intercept',
  ],
  { stdio: 'inherit', env: { ...process.env, TSMC_FUZZ_MINUTES: values.minutes, TSMC_FUZZ_SEED: values.seed } },
)
process.exitCode = status ?? 1
