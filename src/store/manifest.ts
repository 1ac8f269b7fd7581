/** What a store says of itself: whose it is, and how far the search came. Written whole after every level, or a few at once where they are small. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '../errors.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { SavedInspection } from '../explore/inspector.ts'
import type { Places } from './levels.ts'
import { syncPath } from './sync.ts'
import { textSum } from './sums.ts'
import type { Kept } from './values.ts'

const FORMAT = 3
const FILE = 'store.json'

/** What the states of a store depend on. A store is only gone on with where all of it is the same. */
export interface Identity {
  readonly tsmc: string
  readonly spec: string
  readonly instance: string
  readonly constants: Readonly<Record<string, unknown>>
  /** A hash of the spec's source, where it is known, or of its functions. */
  readonly source: string
  /** A hash of the layout, the action instances, and the properties. */
  readonly shape: string
  readonly keepGoing: boolean
  readonly symmetry: boolean
}

/** How far a search came: all of it at the end of a level. */
export interface Progressed {
  /** States per level. */
  readonly levels: readonly number[]
  readonly places: Places
  readonly depth: number
  readonly generated: number
  readonly constrained: number
  readonly generatedBy: readonly number[]
  readonly distinctBy: readonly number[]
  /** States that are not expanded. */
  readonly queue: number
  readonly judged: SavedInspection
  readonly values: Kept
  /** Whether nothing is left to do. */
  readonly finished: boolean
  readonly seconds: number
}

export interface Manifest extends Progressed {
  readonly format: number
  readonly identity: Identity
  readonly figures: ProgramFigures | null
}

/** Whether there is anything in a directory. */
export function occupied(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).length > 0
}

/** The manifest of a directory. Null where it is empty, or not there, or where nothing was complete. */
export function readManifest(directory: string): Manifest | null {
  if (!occupied(directory)) return null
  let text: string
  try {
    text = readFileSync(join(directory, FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new UsageError(`${join(directory, FILE)} cannot be read: ${(error as Error).message}`)
    // A search that was killed in its first moments leaves files of the engine, and nothing else.
    if (
      readdirSync(directory).every((file) =>
        /^(?:lock(?:\.wal)?|tmp|store\.json\.part|(?:level|seen)-[\d-]+\.parquet(?:\.part)?|values-\d+\.jsonl)$/.test(file),
      )
    )
      return null
    throw new UsageError(`${directory} holds no store, but other files`, 'choose an empty directory, or one that does not exist')
  }
  // The text, and behind it its checksum.
  const [body = '', sum, end] = text.split('\n')
  const other = new UsageError(`${join(directory, FILE)} is not a store's`, 'begin anew with --store and another directory')
  let manifest: Manifest
  try {
    manifest = JSON.parse(body)
  } catch {
    throw other
  }
  if (typeof manifest !== 'object' || manifest === null || typeof manifest.format !== 'number') throw other
  if (manifest.format !== FORMAT)
    throw new UsageError(
      `the store in ${directory} has the format ${manifest.format}; this version reads ${FORMAT}`,
      'begin anew with --store and another directory',
    )
  if (sum !== textSum(body) || end !== '')
    throw new UsageError(`${join(directory, FILE)} is damaged: it is not as it was written`, 'begin anew with --store and another directory')
  return manifest
}

/** Refuses the store of another run. */
export function requireSame(directory: string, found: Identity, here: Identity): void {
  const refuse = (what: string): never => {
    throw new UsageError(`the store in ${directory} cannot be gone on with: ${what}`, 'begin anew with --store and another directory')
  }
  if (found.tsmc !== here.tsmc) refuse(`it was made by version ${found.tsmc} of tsmc, and this is ${here.tsmc}`)
  if (found.spec !== here.spec) refuse(`it is of the spec ${found.spec}, not ${here.spec}`)
  const names = [...new Set([...Object.keys(found.constants), ...Object.keys(here.constants)])]
  const differing = names.filter((name) => JSON.stringify(found.constants[name]) !== JSON.stringify(here.constants[name]))
  const values = ({ constants }: Identity): string => differing.map((name) => `${name}=${JSON.stringify(constants[name])}`).join(' ')
  if (differing.length > 0) refuse(`it has other constants, ${values(found)} instead of ${values(here)}`)
  if (found.instance !== here.instance) refuse(`it is of the instance ${found.instance}, not ${here.instance}`)
  if (found.source !== here.source || found.shape !== here.shape) refuse('the spec has changed since')
  if (found.keepGoing !== here.keepGoing) refuse(`it was made ${found.keepGoing ? 'with' : 'without'} --keep-going`)
  if (found.symmetry !== here.symmetry) refuse(`it was made ${found.symmetry ? 'with' : 'without'} symmetry`)
}

export function writeManifest(directory: string, progressed: Progressed, identity: Identity, figures: ProgramFigures | null): void {
  const manifest: Manifest = { format: FORMAT, identity, ...progressed, figures }
  const body = JSON.stringify(manifest)
  writeDurably(join(directory, FILE), `${body}\n${textSum(body)}\n`)
}

/** Makes the directory of a store. */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    throw new UsageError(`cannot make the directory ${directory}: ${(error as Error).message}`, 'choose another directory')
  }
}

function writeDurably(path: string, text: string): void {
  const part = `${path}.part`
  const file = openSync(part, 'w')
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(part, path)
  syncPath(dirname(path), 'r')
}
