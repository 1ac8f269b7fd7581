/** Tests of the command run a build of today's source that is theirs alone. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { bundle } from '../scripts/build.js'

declare module 'vitest' {
  interface ProvidedContext {
    command: string
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const root = join(import.meta.dirname, '..')
  const home = join(root, 'node_modules/.cache/tsmc', String(process.pid))
  mkdirSync(home, { recursive: true })
  copyFileSync(join(root, 'package.json'), join(home, 'package.json'))
  await bundle(join(home, 'dist'))
  project.provide('command', join(home, 'dist/tsmc.js'))
  return () => rmSync(home, { recursive: true, force: true })
}
