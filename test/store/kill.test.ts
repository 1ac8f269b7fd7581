/**
 * The command is killed (SIGKILL) at random moments and resumed, again and again: in the end it says what it says undisturbed.
 *
 * TSMC_KILLS sets how often (over all models), TSMC_SEED the seed, which is printed.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMAND, withoutProgress } from '../cli/run.ts'
import { directory } from './directory.ts'

const KILLS = Number(process.env.TSMC_KILLS ?? 9)
const SEED = Number(process.env.TSMC_SEED ?? Date.now() % 2 ** 31)

const example = (name: string): string => new URL(`../../examples/${name}.ts`, import.meta.url).pathname
const model = (name: string): string => new URL(`../../bench/models/${name}.ts`, import.meta.url).pathname

/** What is checked: one that holds, one with a trace, one with interned values and many levels, one with symmetry. */
const RUNS: readonly (readonly [string, ...string[]])[] = [
  [example('two-phase'), '--instance', 'five managers'],
  [example('paxos'), '--instance', 'quorums that do not meet'],
  [example('four-queens'), '--instance', 'find all solutions'],
  [model('german-symmetric'), '--instance', '4 reduced'],
]

/** Mulberry32. */
let state = SEED | 0
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

interface Ended {
  readonly killed: boolean
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly milliseconds: number
}

/** Runs the command, for at most so long. */
function run(args: readonly string[], killAfter?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(process.execPath, [COMMAND, 'check', ...args, '--no-diagrams', '--reporter', 'json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ killed: signal === 'SIGKILL', code, stdout, stderr, milliseconds: performance.now() - began })
    })
  })
}

/** A report without what differs from run to run. */
function comparable(stdout: string): unknown {
  return JSON.parse(stdout, (key, value) => (key === 'seconds' || key === 'engine' ? undefined : value))
}

test.each(RUNS.map((args) => ({ name: args.map((arg) => arg.split('/').at(-1)).join(' '), args })))(
  `$name, killed and resumed (seed ${SEED})`,
  { timeout: 3_600_000 },
  async ({ args, name }) => {
    const undisturbed = await run(args)
    const expected = comparable(undisturbed.stdout)
    const whole = await run([...args, '--store', join(directory(), 'store')])
    expect(comparable(whole.stdout)).toEqual(expected)

    let kills = 0
    let completed = 0
    while (kills < KILLS / RUNS.length) {
      const at = join(directory(), 'store')
      for (;;) {
        const begun = existsSync(at) && readdirSync(at).some((below) => readdirSync(join(at, below)).length > 0)
        const delay = kills < KILLS / RUNS.length ? 50 + random() * whole.milliseconds : undefined
        const ended = await run([...args, begun ? '--resume' : '--store', at], delay)
        if (ended.killed) {
          kills++
          continue
        }
        expect([withoutProgress(ended.stderr), ended.code]).toEqual(['', undisturbed.code])
        expect(comparable(ended.stdout)).toEqual(expected)
        completed++
        break
      }
    }
    console.log(`${name}: ${kills} kills, ${completed} results, seed ${SEED}`)
  },
)
