/**
 * Runs a spec file by way of esbuild: the file and its relative imports become one module; packages stay outside, each resolved from
 * the file that imports it. `import.meta` keeps telling each file its own place, and a source map keeps line numbers right.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import type { BuildFailure, Loader, Message, Plugin } from 'esbuild'
import { SpecError } from '../errors.ts'
import { bundleName } from '../program/bundles.ts'
import { LIBRARY, resolveLibraryEverywhere } from './library.ts'
import { temporary } from './temporary.ts'

/** A spec file as one module. */
interface Bundle {
  readonly contents: Uint8Array
  /** Whether it imports packages, which may import the library themselves. */
  readonly packages: boolean
}

/** A module that was made of a spec file, and where it is to be written. */
interface Made {
  readonly output: string
  readonly bundle: Bundle
  readonly remove: () => void
}

/** What was begun ahead of the time. */
const begun = new Map<string, Promise<Made>>()

/** Begins to bundle a file which will be loaded: esbuild is a process of its own, and works while the rest of the program is loaded. */
export function begin(path: string): void {
  const made = make(path, false)
  begun.set(path, made)
  // Whoever loads the file sees the error.
  made.catch(() => {})
}

/** `again`: a worker thread takes what the thread that started it has made. */
export async function importBundled(path: string, again: boolean): Promise<Readonly<Record<string, unknown>>> {
  const { output, bundle, remove } = await (begun.get(path) ?? make(path, again))
  begun.delete(path)
  try {
    const { contents, packages } = bundle
    setEnvironmentData(bundleName(path), bundle)
    await writeFile(output, contents)
    if (packages) resolveLibraryEverywhere()
    process.setSourceMapsEnabled(true)
    return await import(pathToFileURL(output).href)
  } finally {
    remove()
    process.off('exit', remove)
  }
}

async function make(path: string, again: boolean): Promise<Made> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'tsmc-'))
  temporary.made(folder)
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true })
    temporary.gone(folder)
  }
  // Where the process ends while the module still loads.
  process.once('exit', remove)
  try {
    const output = join(folder, 'spec.mjs')
    const made = again ? (getEnvironmentData(bundleName(path)) as Bundle | undefined) : undefined
    return { output, bundle: made ?? (await bundleOf(path, output)), remove }
  } catch (error) {
    remove()
    process.off('exit', remove)
    throw error
  }
}

async function bundleOf(path: string, output: string): Promise<Bundle> {
  const packages = new Set<string>()
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [path],
    outfile: output,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    conditions: [],
    mainFields: ['main'],
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'silent',
    plugins: [plugin(packages)],
  }).catch((failure: BuildFailure) => {
    throw syntaxError(failure)
  })
  return { contents: (outputFiles[0] as { contents: Uint8Array }).contents, packages: packages.size > 0 }
}

/** A spec file with all that it imports, packages included, as one text, in which comments and the way it is laid out do not matter. */
export async function sourceText(path: string): Promise<string> {
  try {
    return await textWith(path, packagesInside)
  } catch {
    // A package that is no JavaScript, or not there: its description stands for it.
    const descriptions = new Map<string, string>()
    const text = await textWith(path, packagesDescribed(descriptions)).catch((failure: BuildFailure) => {
      throw syntaxError(failure)
    })
    return JSON.stringify([text, [...descriptions].sort()])
  }
}

async function textWith(path: string, packages: Plugin): Promise<string> {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    conditions: [],
    mainFields: ['main'],
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [packages],
  })
  return (outputFiles[0] as { text: string }).text
}

/** Takes packages in with what they say, but for the library itself. */
const packagesInside: Plugin = {
  name: 'tsmc-packages-inside',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path }) => (isBuiltin(path) || path === 'tsmc' ? { path, external: true } : undefined))
  },
}

/** Leaves packages outside, and keeps their `package.json`: the version is in it. */
const packagesDescribed = (descriptions: Map<string, string>): Plugin => ({
  name: 'tsmc-packages-described',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, kind, resolveDir, pluginData, with: attributes }) => {
      if (kind === 'entry-point' || pluginData === ASKED) return undefined
      if (isBuiltin(path) || path === 'tsmc') return { path, external: true }
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: ASKED, with: attributes })
      if (found.errors.length === 0 && !found.path.split(/[\\/]/).includes('node_modules')) return found
      descriptions.set(path, descriptionOf(found.path))
      return { path, external: true }
    })
  },
})

/** The `package.json` of the package that a file belongs to. */
function descriptionOf(file: string): string {
  for (let folder = dirname(file); file !== '' && dirname(folder) !== folder; folder = dirname(folder)) {
    const place = join(folder, 'package.json')
    if (existsSync(place)) return readFileSync(place, 'utf8')
  }
  return ''
}

/** What a module imports and exports, without executing it. Null where it has no syntax that could be read: whoever loads it sees the error. */
export async function outlineOf(path: string): Promise<{ imports: readonly string[]; exports: readonly string[] } | null> {
  const { build } = await import('esbuild')
  const made = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    logLevel: 'silent',
    plugins: [
      {
        name: 'tsmc-outline',
        setup(builder) {
          builder.onResolve({ filter: /.*/ }, ({ path: name, kind }) => (kind === 'entry-point' ? undefined : { path: name, external: true }))
        },
      },
    ],
  }).catch(() => null)
  const [output] = Object.values(made?.metafile.outputs ?? {})
  return output === undefined ? null : { imports: output.imports.map(({ path: name }) => name), exports: output.exports }
}

function syntaxError({ errors, message }: BuildFailure): Error {
  const [first] = errors ?? []
  if (!first) return new Error(message)
  return new SpecError(first.text, { location: placeOf(first), hint: first.notes[0]?.text })
}

function placeOf({ location }: Message): { file: string; line: number; column: number } | undefined {
  if (!location) return undefined
  return { file: join(process.cwd(), location.file), line: location.line, column: location.column + 1 }
}

const LOADERS: Readonly<Record<string, Loader>> = { '.ts': 'ts', '.mts': 'ts', '.cts': 'ts', '.tsx': 'tsx', '.jsx': 'jsx' }
/** Marks the plugin's own question to esbuild. */
const ASKED = Symbol('asked')

function plugin(packages: Set<string>): Plugin {
  return {
    name: 'tsmc',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, kind, resolveDir, pluginData, with: attributes }) => {
        if (kind === 'entry-point' || pluginData === ASKED) return undefined
        if (path === 'tsmc') return { path: LIBRARY, external: true }
        if (isBuiltin(path)) return { path, external: true }
        if (/^(?:file|data|https?):/.test(path)) return { path, external: true }
        const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: ASKED, with: attributes })
        if (found.errors.length === 0) {
          // What a tsconfig maps to the project's own files is bundled with them.
          if (!found.path.split(/[\\/]/).includes('node_modules')) return found
          if (path !== 'immutable') packages.add(path)
          return { path: pathToFileURL(found.path).href, external: true }
        }
        // States contain Immutable values: a spec may use them where its project has none installed.
        if (path === 'immutable') return { path: import.meta.resolve('immutable'), external: true }
        return {
          errors: [{ text: `cannot find the package "${path}"`, notes: [{ text: `install it where ${importer} finds it, or correct its name` }] }],
        }
      })
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
        const contents = await readFile(path, 'utf8')
        if (!/\bimport\s*\.\s*meta\b/.test(contents)) return undefined
        const { transform } = await import('esbuild')
        const transformed = await transform(contents, {
          loader: LOADERS[extname(path)] ?? 'js',
          format: 'esm',
          target: 'esnext',
          sourcefile: path,
          sourcemap: 'inline',
          sourcesContent: false,
          logLevel: 'silent',
          define: {
            'import.meta.url': JSON.stringify(pathToFileURL(path).href),
            'import.meta.filename': JSON.stringify(path),
            'import.meta.dirname': JSON.stringify(dirname(path)),
          },
        }).catch((failure: BuildFailure) => failure)
        if ('errors' in transformed) return { errors: transformed.errors }
        return { contents: transformed.code, loader: 'js', resolveDir: dirname(path) }
      })
    },
  }
}
