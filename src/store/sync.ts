/** That what was written outlives a failure of the power. */
import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Waits until a file, or the names in a directory, are on the disk. Some systems cannot do that for directories. */
export function syncPath(path: string, flags: 'r' | 'r+'): void {
  let file: number
  try {
    file = openSync(path, flags)
  } catch (error) {
    if (flags === 'r') return
    throw error
  }
  try {
    fsyncSync(file)
  } catch (error) {
    if (flags !== 'r') throw error
  } finally {
    closeSync(file)
  }
}
