/**
 * The engine (DuckDB) that the search on disk works with: how it is loaded, opened on a directory for this process alone, and what its errors mean to the
 * user. It is an optional package and is loaded only here.
 */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { availableParallelism } from 'node:os'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { InternalError, UsageError } from '../errors.ts'

export type Engine = typeof import('@duckdb/node-api')

export const MB = 2 ** 20
/** Threads need memory each. */
const MAX_THREADS = 4

/** A text in SQL. */
export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
/** File names are patterns to the engine where it reads. */
export const pattern = (path: string): string => text(path.replace(/[[*?]/g, '[$&]'))

/** Directories in use by this process: locks of files do not hold within one. */
const open = new Set<string>()

async function load(): Promise<Engine> {
  try {
    return await import('@duckdb/node-api')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes("'@duckdb/node-api'"))
      throw new UsageError('--store needs the package @duckdb/node-api, which is not installed', 'npm install @duckdb/node-api')
    throw new UsageError(
      `--store needs the package @duckdb/node-api, which cannot be loaded here: ${message.split('\n')[0]}`,
      'its engine comes as an optional package for each platform: install it again, without --omit=optional',
    )
  }
}

/** Opens an engine on a directory, which must be there, with so many megabytes of memory. Refuses where another check is at work in it. */
export async function openEngine(
  directory: string,
  memory: number,
): Promise<{ readonly engine: Engine; readonly instance: DuckDBInstance; readonly writer: DuckDBConnection }> {
  const engine = await load()
  const inUse = new UsageError(`another check is at work in ${directory}`, 'wait for its end, or choose another directory')
  if (open.has(resolve(directory))) throw inUse
  const temporary = join(directory, 'tmp')
  const lock = join(directory, 'lock')
  const instance = await engine.DuckDBInstance.create(':memory:', {
    memory_limit: `${memory}MiB`,
    threads: String(Math.min(MAX_THREADS, availableParallelism())),
    temp_directory: temporary,
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const writer = await instance.connect()
  const attach = (): Promise<unknown> => writer.run(`ATTACH ${text(lock)} AS lock`)
  await attach().catch(async (error: Error) => {
    if (/Could not set lock|being used by another process/i.test(error.message)) throw inUse
    // A process that was killed, or had no room, while it made the file has left something else. Nobody holds it.
    try {
      rmSync(lock, { force: true })
      rmSync(`${lock}.wal`, { force: true })
      await attach()
    } catch (again) {
      throw new UsageError(`cannot write to ${directory}: ${((again as Error).message.split('\n')[0] ?? '').slice(0, 300)}`)
    }
  })
  open.add(resolve(directory))
  rmSync(temporary, { recursive: true, force: true })
  return { engine, instance, writer }
}

/** The directory is free for others, once the engine is closed. */
export function leave(directory: string): void {
  rmSync(join(directory, 'tmp'), { recursive: true, force: true })
  open.delete(resolve(directory))
}

/** What went wrong in the engine, as an error of the user where it is one. */
export function explained(error: unknown, directory: string, memory: number): unknown {
  if (!(error instanceof Error) || error instanceof UsageError || error instanceof InternalError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const line = message.split('\n')[0] as string
  const stays = 'the complete levels stay: go on with --resume'
  if (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    code === 'EFBIG' ||
    /no space left|max_temp_directory_size|disk is full|disk quota|file too large/i.test(message)
  )
    return new UsageError(`no space is left for the store in ${directory}`, `free some; ${stays}`)
  if (isOutOfMemory(error))
    return new UsageError(`the store needs more memory than ${memory} MB: ${line}`, `give it more with --store-memory; ${stays}`)
  if (code !== undefined || /^(?:IO|Invalid Input) Error/i.test(message))
    return new UsageError(`the store in ${directory} cannot be read or written: ${line}`, stays)
  return error
}

/** A file that is not as it was written, or is not there. */
export function damaged(directory: string, file: string): UsageError {
  return new UsageError(
    `files of the store in ${directory} are missing or damaged: ${file} is not as it was written`,
    'begin anew with --store and another directory, or bring the file back from a copy',
  )
}

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /^Out of Memory Error/i.test(error.message) && !/temp_directory/i.test(error.message)
}

/** The default for the engine's memory, in megabytes: a quarter of what there is. */
export function defaultMemory(available: number): number {
  return Math.max(256, Math.floor(available / MB / 4))
}
