/** Writing files: whole or not at all, and under names that every file system takes. */
import { accessSync, constants, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../errors.ts'

const HINT = 'choose another directory with --out, or leave the diagrams out with --no-diagrams'

/** Refuses a directory that cannot be written, before any work is done. Does not make it. */
export function requireWritable(directory: string): void {
  let place = resolve(directory)
  for (;;) {
    try {
      if (!statSync(place).isDirectory()) throw new UsageError(`cannot write to ${directory}: ${shown(place)} is not a directory`, HINT)
      accessSync(place, constants.W_OK | constants.X_OK)
      return
    } catch (error) {
      if (error instanceof UsageError) throw error
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new UsageError(`cannot write to ${directory}: ${reason(error)}`, HINT)
      if (dirname(place) === place) throw new UsageError(`cannot write to ${directory}: ${reason(error)}`, HINT)
      place = dirname(place)
    }
  }
}

/** Writes a file by way of another one beside it, so that nobody ever sees a part of it. Gives back its path. */
export function writeWhole(directory: string, name: string, text: string): string {
  const path = join(directory, name)
  const part = `${path}.${process.pid}.part`
  try {
    mkdirSync(directory, { recursive: true })
    writeFileSync(part, text)
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw new UsageError(`cannot write ${path}: ${reason(error)}`, HINT)
  }
  return path
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'a file is in the way',
  EISDIR: 'a directory is in the way',
  ENOENT: 'a part of the path does not exist',
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return REASONS[code ?? ''] ?? message
}

/** A path as people write it: relative where it lies below the working directory. */
export function shown(path: string): string {
  const below = relative(process.cwd(), path)
  return below === '' || below === '..' || below.startsWith(`..${sep}`) ? path : below
}

/** A part of a file name: letters, digits, and `._-`. */
export function fileName(text: string): string {
  const safe = text.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '_')
  const short = [...safe].slice(0, 80).join('')
  return /^(?:\.|$)/.test(short) ? `_${short}` : short
}
