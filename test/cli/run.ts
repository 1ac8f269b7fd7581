/** Runs the built command in a directory of its own. */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, inject } from 'vitest'

export const COMMAND: string = inject('command')

/** A directory outside the project, removed after the tests of the file. */
export function place(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'specs-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  /** Without the lines about progress, which come where something takes more than a few seconds. */
  readonly stderr: string
}

/** What the command wrote to stderr, without the lines about progress. */
export function withoutProgress(stderr: string): string {
  return stderr.replace(/^.+? {2}[\d,]+ states {2}.*\bdepth [\d,]+ {2}queue [\d,]+ {2}.*\n/gm, '')
}

/** A report without what depends on the time that a run took: the time itself, and the rate that is told beside long ones. */
export function timeless(report: string): string {
  return report.replace(/, (?:[\d.]+ m?s|\d+(?::\d\d)+)(?:, [\d,]+ states\/s)?(?=,|$)/gm, '')
}

export function tsmc(
  cwd: string,
  args: readonly string[],
  { env = {}, signal }: { env?: Record<string, string>; signal?: { after: RegExp; name: NodeJS.Signals } } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let sent = false
    const look = (): void => {
      if (!sent && signal?.after.test(stdout + stderr)) sent = child.kill(signal.name)
    }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      look()
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
      look()
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr: withoutProgress(stderr) }))
  })
}

/** The same in a shell, behind limits: `ulimit -f 1`. A file that grows beyond its limit is an error, not a signal. */
export function limited(cwd: string, limits: string, args: readonly string[], redirect = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const words = ['-c', `trap '' XFSZ; ${limits}; exec "$@" ${redirect}`, 'bash', process.execPath, COMMAND, ...args]
    execFile('bash', words, { cwd, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr: withoutProgress(stderr) })
    })
  })
}

/** Counts x up to `top`; with `top` at 5 or more the invariant Small is violated in 5 steps. */
export const COUNTER = `import { int, model, spec } from 'tsmc'

export default spec('counter', { top: 3, label: 'x' }, ({ top }) => {
  const m = model({ x: int(0, 1000000) })
  m.action('Up', (s) => {
    s.x = s.x === top ? 0 : s.x + 1
  })
  m.invariant('Small', (s) => s.x < 5)
  return m
})
  .instance('small')
  .instance('large', { top: 9 }, { violates: 'Small', steps: 5 })
`
