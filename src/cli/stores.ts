/** `--store DIR` and `--resume DIR`: a directory in DIR for each instance that is checked. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../errors.ts'
import type { StoreOptions } from '../program/options.ts'
import { contained } from '../host/contain.ts'
import { silently } from '../host/log.ts'
import { inputsFound, inputsOf, whileDefining } from '../host/inputs.ts'
import { filesRead, forgetReads } from '../host/reads.ts'
import type { Constants } from '../spec/spec.ts'
import { hash } from '../store/identity.ts'
import { textSum } from '../store/sums.ts'
import type { Job } from './jobs.ts'
import { fileName, shortName } from './files.ts'
import { LIBRARY } from './library.ts'
import type { CheckFlags } from './options.ts'

export class Stores {
  readonly #directories: ReadonlyMap<Job, string>
  readonly #resume: boolean
  readonly #memory: number | undefined
  readonly #sources = new Map<string, string>()
  /** What the files read while they were loaded. */
  readonly #read: readonly string[]
  /** What else they found then (host/inputs.ts). */
  readonly #inputs = inputsFound()

  private constructor(directories: ReadonlyMap<Job, string>, resume: boolean, memory: number | undefined, read: readonly string[]) {
    this.#read = read
    this.#directories = directories
    this.#resume = resume
    this.#memory = memory
  }

  /** Null without a store. Refuses what cannot go well before any work is done. */
  static of(
    { store, resume, storeMemory }: CheckFlags,
    jobs: readonly Job[],
    assignments: readonly string[],
    read: readonly string[],
  ): Stores | null {
    if (store !== undefined && resume !== undefined)
      throw new UsageError('--store begins anew and --resume goes on: only one of them can be meant', 'both name the directory of the store')
    const root = store ?? resume
    if (root === undefined) {
      if (storeMemory !== undefined) throw new UsageError('--store-memory says nothing without --store or --resume')
      return null
    }
    const directories = new Map(jobs.map((job) => [job, join(root, directoryName(job, assignments))]))
    if (new Set(directories.values()).size < jobs.length)
      throw new UsageError('two of the instances would have the same directory in the store', 'check their files one by one, with a store each')
    const used = [...directories.values()].filter((directory) => existsSync(directory) && readdirSync(directory).length > 0)
    if (resume !== undefined && used.length === 0)
      throw new UsageError(
        `there is no store in ${root} of what is to be checked`,
        `looked for ${[...directories.values()].join(', ')}; --store begins one`,
      )
    if (store !== undefined && used.length > 0)
      throw new UsageError(`there is a store in ${used[0]} already`, `go on with it by --resume ${root}, or choose another directory`)
    return new Stores(directories, resume !== undefined, storeMemory, read)
  }

  async options(job: Job): Promise<StoreOptions> {
    const path = resolve(job.file)
    let source = this.#sources.get(path)
    if (source === undefined) {
      const { sourceText } = await import('./bundle.ts')
      this.#sources.set(path, (source = hash(await sourceText(path))))
    }
    source = hash([source, dataOf(job, this.#read, this.#inputs)])
    const memory = this.#memory === undefined ? {} : { memory: this.#memory }
    return { directory: this.#directories.get(job) as string, resume: this.#resume, source, ...memory }
  }
}

/**
 * The files, as seen from the spec's, that the spec has read while it was loaded, or reads while its model is built, with what is in them; and what
 * it found in the environment.
 */
function dataOf({ file, spec, instance, constants }: Job, before: readonly string[], inputs: Inputs): readonly (readonly [string, string])[] {
  forgetReads()
  const found = inputsOf(() => {
    try {
      const base = spec.instances.find(({ name }) => name === instance)?.constants ?? spec.constants
      const full = spec.withConstants(constants ?? {}, base as Constants) as never
      contained(() => silently(() => whileDefining(spec.name, () => spec.build(full))))
    } catch {
      // The check says what is wrong.
    }
  })
  const files = [...new Set([...before, ...filesRead()])]
    .filter((path) => !SOURCE.test(path) && !OWN.some((home) => path.startsWith(home)))
    .sort()
    .map((path) => [relative(dirname(resolve(file)), path), contentOf(path)] as const)
  return [...files, ...new Map([...inputs, ...found].filter(([name]) => !name.startsWith('fs.')))]
}
type Inputs = ReturnType<typeof inputsFound>

/** Modules are known by what they say, however they are laid out (`sourceText`). */
const SOURCE = /\.[cm]?[jt]sx?$/
/** What the command reads for itself. */
const OWN = [fileURLToPath(new URL('.', LIBRARY)), fileURLToPath(new URL('../package.json', LIBRARY)), join(realpathSync(tmpdir()), 'tsmc-')]

function contentOf(path: string): string {
  try {
    return statSync(path).isDirectory() ? JSON.stringify(readdirSync(path).sort()) : textSum(readFileSync(path))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable'
  }
}

/** File, spec and instance as one name. Where a file system might take two for one, or they had to be changed, a hash tells them apart. */
function directoryName({ file, spec, instance }: Job, assignments: readonly string[]): string {
  const parts = [basename(file, extname(file)), spec.name, [instance ?? [], ...assignments].flat().join(' ')]
  const name = parts.map(fileName).join('.')
  const exact = name === parts.join('.') && name === name.toLowerCase() && !parts.some((part) => part.includes('.'))
  return shortName(exact ? name : `${name}.${hash(parts).slice(0, 8)}`)
}
