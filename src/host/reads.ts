/**
 * Which files a spec reads besides those that it imports. What it reads decides what its states are, so a store is only gone on with where it is the same.
 *
 * The functions of `node:fs` that open files are watched, in this thread; Node.js itself loads modules by others.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const read = new Set<string>()
let watching = false

type Reader = (path: unknown, ...others: unknown[]) => unknown

function watch(home: object, name: string): void {
  const readers = home as Record<string, Reader>
  const original = readers[name]
  if (original === undefined) return
  readers[name] = function watched(this: unknown, path, ...others) {
    note(path)
    return original.call(this, path, ...others)
  }
}

function note(path: unknown): void {
  try {
    if (typeof path === 'string' || Buffer.isBuffer(path)) read.add(resolve(String(path)))
    else if (path instanceof URL) read.add(fileURLToPath(path))
  } catch {
    // No path: whoever opens it says so.
  }
}

/** From now on it is known which files code in this thread reads. */
export function watchReads(): void {
  if (watching) return
  watching = true
  for (const name of ['readFileSync', 'readFile', 'openSync', 'open', 'createReadStream', 'readdirSync', 'readdir']) watch(fs, name)
  for (const name of ['readFile', 'open', 'readdir']) watch(fs.promises, name)
  syncBuiltinESMExports()
}

/** The files and directories read so far. */
export function filesRead(): readonly string[] {
  return [...read].sort()
}

/** Forgets what was read so far. */
export function forgetReads(): void {
  read.clear()
}
