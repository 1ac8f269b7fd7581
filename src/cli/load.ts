/**
 * Loads spec files. A Node.js that strips types runs them as they are, so that their import.meta, packages and line numbers are their
 * own; elsewhere, and where stripping is not enough (enums, imports without extensions), esbuild bundles them first.
 */
import fs, { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { locate, SpecError, suggest, UsageError } from '../errors.ts'
import { whileLoading } from '../host/inputs.ts'
import '../host/traps.ts'
import { compareNatural } from '../program/text.ts'
import { Spec } from '../spec/spec.ts'
import { LIBRARY, resolveLibraryEverywhere, strips } from './library.ts'

export interface LoadedFile {
  /** As it was given, or below the directory that was given. */
  readonly file: string
  readonly specs: readonly Spec[]
}

const SOURCE = /(?<!\.d)\.(?:ts|mts|js|mjs)$/
/** Taken now, so that what the command itself looks at is not taken for something that a spec reads (host/reads.ts). */
const list = fs.readdirSync
const SKIPPED = /^(?:\.|node_modules$)/

/** A file of a directory that was not executed, or has no spec. */
export interface Skipped {
  readonly file: string
  readonly why: string
}

/**
 * All specs of files and directories, in order. A file that is given by name must have one. Of a directory only spec files are executed: modules that
 * import tsmc and have a default export.
 */
export async function loadAll(
  paths: readonly string[],
  begins: (file: string) => void = () => {},
): Promise<{ loaded: LoadedFile[]; skipped: Skipped[] }> {
  const loaded: LoadedFile[] = []
  const skipped: Skipped[] = []
  const seen = new Set<string>()
  for (const path of paths) {
    const directory = kindOf(path) === 'directory'
    const before = loaded.length
    for (const file of directory ? sourcesBelow(path) : [path]) {
      if (seen.has(resolve(file))) continue
      seen.add(resolve(file))
      begins(file)
      const why = directory ? await noSpecFile(resolve(file)) : null
      if (why !== null) {
        skipped.push({ file, why })
        continue
      }
      const specs = await loadSpecs(file)
      if (specs.length > 0) loaded.push({ file, specs })
      else if (directory) skipped.push({ file, why: 'its exports are no specs' })
      else {
        throw new UsageError(`${file} exports no spec`, "a spec file exports what spec() returns: export default spec('name', { … }, … )")
      }
    }
    if (directory && loaded.length === before) throw new UsageError(`no file in ${path} exports a spec`, SPEC_FILES)
  }
  return { loaded, skipped }
}

const SPEC_FILES = 'spec files end in .ts, .mts, .js or .mjs, import tsmc, and export what spec() returns: export default spec(…)'

/** Why a file of a directory is no spec file, found out without executing it; null where it is one. */
async function noSpecFile(path: string): Promise<string | null> {
  const { outlineOf } = await import('./bundle.ts')
  const outline = await outlineOf(path)
  if (outline === null) return null
  if (!outline.imports.includes('tsmc')) return 'no spec file: it does not import tsmc'
  return outline.exports.includes('default') ? null : 'no spec file: it has no default export'
}

function kindOf(path: string): 'file' | 'directory' {
  let stat: ReturnType<typeof statSync>
  try {
    stat = statSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UsageError(`there is no file ${path}`, `looked in ${process.cwd()}`)
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
  }
  if (stat.isDirectory()) return 'directory'
  if (!SOURCE.test(path)) throw new UsageError(`${path} is not a spec file`, 'spec files are modules that end in .ts, .mts, .js or .mjs')
  return 'file'
}

function sourcesBelow(directory: string): string[] {
  return list(directory, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.test(name))
    .sort((a, b) => compareNatural(a.name, b.name))
    .flatMap((entry) => {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) return sourcesBelow(path)
      return SOURCE.test(entry.name) ? [path] : []
    })
}

/**
 * The specs that a module exports, each once, in the order of their names in the module's namespace; the default export first. `again`: in a
 * worker thread, after the thread that started it has loaded the file.
 */
export async function loadSpecs(file: string, again = false): Promise<Spec[]> {
  const namespace = await settled(
    file,
    whileLoading(file, () => load(resolve(file), file, again)),
  )
  const names = Object.keys(namespace).sort((a, b) => Number(b === 'default') - Number(a === 'default'))
  return [...new Set(names.map((name) => namespace[name]).filter((value) => value instanceof Spec))]
}

type Namespace = Readonly<Record<string, unknown>>

async function load(path: string, file: string, again: boolean): Promise<Namespace> {
  const url = pathToFileURL(path).href
  try {
    if (runsNatively(path)) {
      try {
        return await import(url)
      } catch (error) {
        if (!isLinkError(error)) throw error
      }
    }
    const { importBundled } = await import('./bundle.ts')
    return await importBundled(path, again)
  } catch (error) {
    if (error instanceof SpecError || error instanceof UsageError) throw error
    throw await loadError(error, file)
  }
}

async function loadError(error: unknown, file: string): Promise<Error> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const [, from, name] =
    /^The requested module '(.*)' does not provide an export named '(.*)'/.exec(error instanceof SyntaxError ? error.message : '') ?? []
  if (from === LIBRARY && name !== undefined)
    return new UsageError(`${file} imports ${JSON.stringify(name)}, which tsmc does not export`, suggest(name, Object.keys(await import(LIBRARY))))
  const message = `${file} failed while it was loaded: ${text}`
  const location = error instanceof Error ? locate(error) : undefined
  return location ? new SpecError(message, { location, cause: error }) : new UsageError(message)
}

/** Errors before anything has run: another way of loading may do better, and esbuild tells better where the error is. */
function isLinkError(error: unknown): boolean {
  // Node.js strips types by WebAssembly, for which there may be no room (ulimit -v).
  if (error instanceof SyntaxError || (error instanceof RangeError && /Wasm memory/.test(error.message))) return true
  const code = (error as NodeJS.ErrnoException | null)?.code ?? ''
  return /^ERR_(?:MODULE_NOT_FOUND|UNSUPPORTED_|INVALID_TYPESCRIPT_SYNTAX|UNKNOWN_FILE_EXTENSION|IMPORT_ATTRIBUTE_MISSING|PACKAGE_)/.test(code)
}

/** Whether this Node.js can run the file as it is; then `tsmc` already means the running library for it. */
function runsNatively(path: string): boolean {
  if (!strips(path)) return false
  resolveLibraryEverywhere()
  return true
}

/** Turns "the event loop ran empty while the module still waits" into an error instead of a silent exit. */
async function settled<T>(file: string, loading: Promise<T>): Promise<T> {
  let empty = (): void => {}
  const stuck = new Promise<never>((_resolve, reject) => {
    empty = () => reject(new UsageError(`${file} never finishes loading`, 'a top-level await in it waits for something that never happens'))
    process.once('beforeExit', empty)
  })
  try {
    return await Promise.race([loading, stuck])
  } finally {
    process.off('beforeExit', empty)
  }
}
