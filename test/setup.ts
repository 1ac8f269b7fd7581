/** Tests of the command run a build of today's source that is theirs alone; what tests write lies in one folder, which is removed with the run. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { bundle } from '../scripts/build.js'

declare module 'vitest' {
  interface ProvidedContext {
    command: string
  }
}

/** The names of folders begin with it, and with the process whose they are. */
const PREFIX = 'tsmc-tests-'

function isAlive(process: number): boolean {
  try {
    globalThis.process.kill(process, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What runs have left behind that were interrupted. */
function removeLeft(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, owner] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? []
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(directory, name), { recursive: true, force: true })
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const root = join(import.meta.dirname, '..')
  const home = join(root, 'node_modules/.cache/tsmc', String(process.pid))
  mkdirSync(home, { recursive: true })
  copyFileSync(join(root, 'package.json'), join(home, 'package.json'))
  await bundle(join(home, 'dist'))
  project.provide('command', join(home, 'dist/tsmc.js'))

  removeLeft(tmpdir())
  const temporary = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
  // That of Windows has other names.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = temporary
  return () => {
    for (const folder of [home, temporary]) rmSync(folder, { recursive: true, force: true })
  }
}
