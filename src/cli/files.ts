/** Writing files: whole or not at all, and under names that every file system takes. */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, parse, relative, resolve, sep } from 'node:path'
import { UsageError } from '../errors.ts'

const HINT = 'choose another directory with --out, or leave the diagrams out with --no-diagrams'

/**
 * Makes a directory with those above it, one by one: what makes them all at once goes on for ever where a file system refuses without saying why (`/proc`).
 */
function makeDirectory(directory: string): void {
  const { root } = parse(resolve(directory))
  let place = root
  for (const name of relative(root, resolve(directory)).split(sep)) {
    place = join(place, name)
    try {
      mkdirSync(place)
    } catch (error) {
      // There already; a directory above may be there and not be writable.
      if (!isDirectory(place)) throw error
    }
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Writes a file by way of another one beside it, so that nobody ever sees a part of it. Gives back its path. */
export function writeWhole(directory: string, name: string, text: string): string {
  const path = join(directory, name)
  const part = `${path}.${process.pid}.part`
  try {
    makeDirectory(directory)
    const file = openSync(part, 'w')
    try {
      writeFileSync(file, text)
      // Only now a full disk, or one that is far away, has said whether it has all of it.
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(part, path)
  } catch (error) {
    removeQuietly(part)
    throw new UsageError(`cannot write ${path}: ${reason(error)}`, HINT)
  }
  return path
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Where nothing can be written nothing can be removed.
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left',
  EFBIG: 'files may not be so large (ulimit -f)',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'this process may open no more files (ulimit -n)',
  ENFILE: 'the machine has too many open files',
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
  // Windows keeps some names for itself.
  return /^(?:\.|$)/.test(short) || /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(short) ? `_${short}` : short
}

/** Bytes of a name: file systems take 255, and endings come behind it. */
const MOST_BYTES = 180

/** A name of a file that is not too long for any file system; of a longer one its beginning, and a hash that tells it from others. */
export function shortName(name: string): string {
  if (Buffer.byteLength(name) <= MOST_BYTES) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  let short = ''
  for (const c of name) {
    if (Buffer.byteLength(short + c) > MOST_BYTES - 9) break
    short += c
  }
  return `${short}-${hash}`
}
