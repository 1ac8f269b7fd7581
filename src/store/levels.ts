/**
 * The levels of a search as Parquet files, and the engine (DuckDB) that takes duplicates out of the next one.
 *
 *     level-00042.parquet    a row per state, in breadth-first order
 *       parent               the row of its parent in the file before (0 in level 0)
 *       action               the action instance that made it (in level 0: the initialisation)
 *       w0, w1, …            its words
 *       c0, c1, …            with symmetry: the words of its canonical form, by which states are told apart
 *     seen-00010-00041.parquet    the keys alone of levels that are small, so that there are never many files to look into
 *
 * Candidates for the next level go into a table of the engine, which spills to disk where memory is short, each with its place in the order in
 * which it was found: parent, number among the parent's successors, action instance, in one number. At the end of the level the least of each key stays, if
 * no earlier level has the key: these are the states, and the order, that a search in memory finds.
 *
 * The engine is an optional package and is loaded only by engine.ts.
 */
import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBResult } from '@duckdb/node-api'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InternalError, UsageError } from '../errors.ts'
import { damaged, type Engine, explained, isOutOfMemory, leave, MB, openEngine, pattern, text } from './engine.ts'
import { hasSum, type Sum, sumOf } from './sums.ts'
import { syncPath } from './sync.ts'

/** Rows of a chunk of the engine. */
const CHUNK = 1 << 11
/** States that are read at a time. */
export const BLOCK = 1 << 14
/** By default levels with fewer states are looked up in a table in memory, until they have this many together. */
const SMALL = 1 << 20
/** States of a level, by default: each is the parent of others by its row, in 32 bits. */
const MOST_ROWS = 2 ** 32
/** The part of the memory that the candidates dealt with at one time may take. */
const ROOM = 0.5
const MAX_PARTS = 1 << 12

/** Which levels are where: part of the manifest. */
export interface Places {
  /** The files to look into for keys: large levels, and files of keys of small ones. */
  readonly archives: readonly string[]
  /** Levels that are in no archive. */
  readonly loose: readonly number[]
  /** The checksum of each file. */
  readonly sums: Readonly<Record<string, Sum>>
}

export const levelFile = (level: number): string => `level-${String(level).padStart(5, '0')}.parquet`

export interface LevelsOptions {
  /** Words per state. */
  readonly words: number
  /** Whether states are told apart by their canonical forms. */
  readonly formed: boolean
  /** Megabytes for the engine. */
  readonly memory: number
  /** Levels with fewer states are looked up in a table in memory, until they have this many together; 2^20 by default. */
  readonly small?: number
  /** States of a level, at most; 2^32 by default. */
  readonly rows?: number
}

export class Levels {
  readonly directory: string
  readonly #words: number
  readonly #formed: boolean
  readonly #memory: number
  readonly #small: number
  readonly #most: number
  readonly #engine: Engine
  readonly #instance: DuckDBInstance
  readonly #writer: DuckDBConnection
  /** Results that are still being read have a connection of their own: one that is written to meanwhile would lose rows. */
  readonly #reader: DuckDBConnection
  readonly #chunk: DuckDBDataChunk
  /** The chunk by columns: the order (four words each), then the words of states. */
  readonly #order = new Int32Array(CHUNK * 4)
  readonly #columns: readonly Int32Array[]
  #filled = 0
  /** Candidates that the engine has. */
  #candidates = 0
  #appender: DuckDBAppender | null = null
  #source = -1
  #ordinal = 0
  #reading: DuckDBResult | null = null
  #readingFile = ''
  #archives: string[] = []
  #loose: number[] = []
  #looseStates = 0
  #sums = new Map<string, Sum>()
  /** The files of which the checksum was found right, as they were then. */
  readonly #right = new Map<string, string>()
  /** Files that may not be on the disk yet. */
  readonly #unsynced = new Set<string>()
  /** The states read last, one after the other. */
  readonly block: Int32Array
  /** Where a chunk did not fit. */
  #rest: DuckDBDataChunk | null = null

  private constructor(engine: Engine, instance: DuckDBInstance, connections: readonly DuckDBConnection[], directory: string, options: LevelsOptions) {
    this.#engine = engine
    this.#instance = instance
    this.#writer = connections[0] as DuckDBConnection
    this.#reader = connections[1] as DuckDBConnection
    this.directory = directory
    this.#words = options.words
    this.#formed = options.formed
    this.#memory = options.memory
    this.#small = options.small ?? SMALL
    this.#most = options.rows ?? MOST_ROWS
    this.#columns = Array.from({ length: options.words * (options.formed ? 2 : 1) }, () => new Int32Array(CHUNK))
    this.#chunk = engine.DuckDBDataChunk.create([engine.HUGEINT, ...this.#columns.map(() => engine.INTEGER)])
    this.block = new Int32Array(BLOCK * options.words)
  }

  /** Opens the store in a directory, which must be there; for this process alone. */
  static async open(directory: string, options: LevelsOptions): Promise<Levels> {
    const { engine, instance, writer } = await openEngine(directory, options.memory)
    const levels = new Levels(engine, instance, [writer, await instance.connect()], directory, options)
    await levels.#do(`CREATE TABLE loose (${levels.#keys.map((name) => `${name} INTEGER`).join()})`)
    return levels
  }

  get #stateColumns(): string[] {
    return Array.from({ length: this.#words }, (_, w) => `w${w}`)
  }

  get #formColumns(): string[] {
    return this.#formed ? Array.from({ length: this.#words }, (_, w) => `c${w}`) : []
  }

  /** The columns by which states are told apart. */
  get #keys(): string[] {
    return this.#formed ? this.#formColumns : this.#stateColumns
  }

  #path(file: string): string {
    return join(this.directory, file)
  }

  async #do(sql: string): Promise<void> {
    await this.#writer.run(sql)
  }

  // --- candidates

  /** Notes a candidate for the next level. `source` is the row of its parent in the level that is expanded; candidates come in its order. */
  append(states: Int32Array, at: number, forms: Int32Array, source: number, instance: number): void {
    const words = this.#words
    const row = this.#filled++
    if (source !== this.#source) {
      this.#source = source
      this.#ordinal = 0
    }
    this.#order[4 * row] = instance
    this.#order[4 * row + 1] = this.#ordinal++
    this.#order[4 * row + 2] = source
    for (let w = 0; w < words; w++) (this.#columns[w] as Int32Array)[row] = states[at + w] as number
    if (this.#formed) for (let w = 0; w < words; w++) (this.#columns[words + w] as Int32Array)[row] = forms[at + w] as number
    if (this.#filled === CHUNK) this.#flush()
  }

  #flush(): void {
    const count = this.#filled
    if (count === 0 || this.#appender === null) return
    const chunk = this.#chunk
    chunk.reset()
    chunk.rowCount = count
    const { DuckDBHugeIntVector, DuckDBIntegerVector } = this.#engine
    const order = chunk.getColumnVector(0)
    if (!(order instanceof DuckDBHugeIntVector)) throw new InternalError('a column of the store has another type')
    const { buffer, byteOffset } = (order as unknown as { dataView: DataView }).dataView
    new Int32Array(buffer, byteOffset, 4 * count).set(this.#order.subarray(0, 4 * count))
    order.flush()
    for (let c = 0; c < this.#columns.length; c++) {
      const column = chunk.getColumnVector(c + 1)
      if (!(column instanceof DuckDBIntegerVector)) throw new InternalError('a column of the store has another type')
      ;(column as unknown as { items: Int32Array }).items.set((this.#columns[c] as Int32Array).subarray(0, count))
      column.flush()
    }
    this.#appender.appendDataChunk(chunk)
    this.#candidates += count
    this.#filled = 0
  }

  /** Makes room for the candidates of the next level. */
  async begin(): Promise<void> {
    const columns = [...this.#stateColumns, ...this.#formColumns]
    await this.#do(`CREATE OR REPLACE TABLE candidate (place HUGEINT, ${columns.map((name) => `${name} INTEGER`).join()})`)
    this.#appender = await this.#writer.createAppender('candidate')
    this.#filled = this.#candidates = 0
    this.#source = -1
  }

  /** Takes the duplicates out of the candidates and writes what is left as a level, if anything is. Gives the number of new states by action instance. */
  async end(level: number): Promise<{ count: number; byInstance: readonly (readonly [number, number])[] }> {
    this.#flush()
    this.#appender?.flushSync()
    this.#appender?.closeSync()
    this.#appender = null
    // Order costs memory, and is only needed where it is asked for.
    await this.#do('SET preserve_insertion_order = false')
    for (let parts = Math.ceil((this.#candidates * this.#bytesEach) / (this.#memory * MB * ROOM)); ; parts *= 4) {
      try {
        await this.#intact(this.#archives, () => this.#distil(Math.max(1, parts)))
        break
      } catch (error) {
        // The engine does not always get by with what it has: smaller parts do.
        if (!isOutOfMemory(error) || parts > MAX_PARTS) throw error
      }
    }
    await this.#do('DROP TABLE candidate')
    const rows = await this.#rows('SELECT (place & 4294967295)::INTEGER AS action, count(*)::DOUBLE FROM fresh GROUP BY ALL ORDER BY ALL')
    const byInstance = rows.map(([action, count]) => [Number(action), Number(count)] as const)
    const count = byInstance.reduce((sum, [, n]) => sum + n, 0)
    if (count > this.#most)
      throw new UsageError(`level ${level} has ${count} states, and a store has numbers for ${this.#most} in each`, 'the complete levels stay')
    if (count > 0) await this.#write(level, count)
    await this.#do('DROP TABLE fresh')
    await this.#do('SET preserve_insertion_order = true')
    return { count, byInstance }
  }

  /** Fills `fresh` with the new states among the candidates, a part of all keys at a time. */
  async #distil(parts: number): Promise<void> {
    const keys = this.#keys.join()
    const same = (other: string): string => this.#keys.map((key) => `${other}.${key} = first.${key}`).join(' AND ')
    const others = this.#formed ? this.#stateColumns.map((name) => `arg_min(${name}, place) AS ${name}`) : []
    for (let part = 0; part < parts; part++) {
      const where = parts === 1 ? '' : ` WHERE hash(${keys}) % ${parts} = ${part}`
      const first = `SELECT ${['min(place) AS place', ...others, keys].join()} FROM candidate${where} GROUP BY ${keys}`
      const old = `(SELECT ${keys} FROM ${this.#scan(this.#archives)}${where})`
      const archived = this.#archives.length === 0 ? '' : ` ANTI JOIN ${old} AS old ON ${same('old')}`
      const fresh = `SELECT first.* FROM (${first}) AS first ANTI JOIN loose ON ${same('loose')}${archived}`
      await this.#do(part === 0 ? `CREATE OR REPLACE TABLE fresh AS ${fresh}` : `INSERT INTO fresh ${fresh}`)
    }
  }

  /** Bytes that a candidate takes in the tables of the engine, about. */
  get #bytesEach(): number {
    return 48 + 4 * this.#columns.length
  }

  async #write(level: number, count: number): Promise<void> {
    const columns = [...this.#stateColumns, ...this.#formColumns].join()
    await this.#copy(
      `SELECT (place >> 64)::UINTEGER AS parent, (place & 4294967295)::INTEGER AS action, ${columns} FROM fresh ORDER BY place`,
      levelFile(level),
    )
    if (count >= this.#small) {
      this.#archives.push(levelFile(level))
      return
    }
    await this.#do(`INSERT INTO loose SELECT ${this.#keys.join()} FROM fresh`)
    this.#loose.push(level)
    this.#looseStates += count
    if (this.#looseStates < this.#small) return
    const [first, last] = [this.#loose[0], this.#loose.at(-1)].map((number) => String(number).padStart(5, '0'))
    const archive = `seen-${first}-${last}.parquet`
    await this.#copy(`SELECT * FROM loose ORDER BY ALL`, archive)
    await this.#do('TRUNCATE loose')
    this.#archives.push(archive)
    this.#loose = []
    this.#looseStates = 0
  }

  /** Writes a file under another name first: a file with the right name is a whole one. */
  async #copy(query: string, file: string): Promise<void> {
    const path = this.#path(file)
    await this.#do(`COPY (${query}) TO ${text(`${path}.part`)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)`)
    this.#sums.set(file, await sumOf(`${path}.part`))
    renameSync(`${path}.part`, path)
    this.#unsynced.add(file)
  }

  #scan(files: readonly string[], options = ''): string {
    return `read_parquet([${files.map((file) => pattern(this.#path(file))).join()}]${options})`
  }

  async #rows(sql: string): Promise<unknown[][]> {
    return (await this.#writer.runAndReadAll(sql)).getRows()
  }

  // --- reading

  /** Begins to read the states of a level. */
  async read(level: number): Promise<void> {
    const file = levelFile(level)
    this.#rest = null
    this.#readingFile = file
    this.#reading = await this.#intact([file], () => this.#reader.stream(`SELECT ${this.#stateColumns.join()} FROM ${this.#scan([file])}`))
  }

  /** Reads the next states of the level into `block`. Gives their number: 0 after the last. */
  async next(): Promise<number> {
    let count = 0
    while (this.#reading !== null) {
      const reading: DuckDBResult = this.#reading
      const chunk: DuckDBDataChunk | null = this.#rest ?? (await this.#intact([this.#readingFile], () => reading.fetchChunk()))
      this.#rest = null
      if (chunk === null || chunk.rowCount === 0) {
        this.#reading = null
        break
      }
      if (count + chunk.rowCount > BLOCK) {
        this.#rest = chunk
        break
      }
      this.#unpack(chunk, 0, this.block, count * this.#words)
      count += chunk.rowCount
    }
    return count
  }

  /** Copies the words of the states of a chunk, which begin at a column. */
  #unpack(chunk: DuckDBDataChunk, first: number, to: Int32Array, at: number): void {
    const words = this.#words
    const { rowCount } = chunk
    for (let w = 0; w < words; w++) {
      const { items } = chunk.getColumnVector(first + w) as unknown as { items: Int32Array }
      for (let row = 0; row < rowCount; row++) to[at + row * words + w] = items[row] as number
    }
  }

  /** A state of a level, and the row of its parent. */
  async row(level: number, index: number): Promise<{ words: Int32Array; parent: number }> {
    const file = levelFile(level)
    const columns = ['parent', ...this.#stateColumns].join()
    const rows = await this.#intact([file], () =>
      this.#rows(`SELECT ${columns} FROM ${this.#scan([file], ', file_row_number = true')} WHERE file_row_number = ${index}`),
    )
    if (rows.length !== 1) throw new InternalError(`${file} has no row ${index}`)
    const [parent, ...words] = (rows[0] as unknown[]).map(Number)
    return { words: Int32Array.from(words), parent: parent as number }
  }

  /** Refuses a file that is not as it was written. */
  async #verify(file: string): Promise<void> {
    const stamp = this.#stamp(file)
    if (!(await hasSum(this.#path(file), this.#sums.get(file)))) throw damaged(this.directory, file)
    this.#right.set(file, stamp)
  }

  /** What is another where somebody has written to a file, or put another in its place. */
  #stamp(file: string): string {
    const found = statSync(this.#path(file), { bigint: true, throwIfNoEntry: false })
    return found === undefined ? '' : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join()
  }

  /** Refuses a file that is not as it was written, unless nothing has happened to it since that was looked at. */
  async #verifyChanged(files: readonly string[]): Promise<void> {
    for (const file of files) if (this.#right.get(file) !== this.#stamp(file)) await this.#verify(file)
  }

  /** Reads files. They are as they were written, before and afterwards: what the engine says of a damaged one is nothing to rely on, nor are its rows. */
  async #intact<T>(files: readonly string[], read: () => Promise<T>): Promise<T> {
    await this.#verifyChanged(files)
    let result: T
    try {
      result = await read()
    } catch (error) {
      for (const file of files) await this.#verify(file)
      throw error
    }
    await this.#verifyChanged(files)
    return result
  }

  /** All states of a level with the rows of their parents, a part at a time. */
  async *rowsOf(level: number): AsyncGenerator<{ count: number; words: Int32Array; parents: Uint32Array }> {
    const file = levelFile(level)
    const result = await this.#intact([file], () => this.#reader.stream(`SELECT parent, ${this.#stateColumns.join()} FROM ${this.#scan([file])}`))
    const words = new Int32Array(CHUNK * this.#words)
    for (;;) {
      const chunk = await this.#intact([file], () => result.fetchChunk())
      if (chunk === null || chunk.rowCount === 0) return
      this.#unpack(chunk, 1, words, 0)
      const { items } = chunk.getColumnVector(0) as unknown as { items: Uint32Array }
      yield { count: chunk.rowCount, words, parents: items }
    }
  }

  // --- across processes

  get places(): Places {
    return { archives: [...this.#archives], loose: [...this.#loose], sums: Object.fromEntries(this.#sums) }
  }

  /** Takes up what a manifest says; files that it does not know are removed. Refuses files that are missing or not as they were. */
  async restore(counts: readonly number[], { archives, loose, sums }: Places): Promise<void> {
    const known = new Set([...counts.map((_, level) => levelFile(level)), ...archives])
    for (const file of readdirSync(this.directory)) {
      if (/^(?:level|seen)-.*\.parquet(?:\.part)?$/.test(file) && !known.has(file)) rmSync(this.#path(file))
      else known.delete(file)
    }
    const [missing] = known
    if (missing !== undefined) throw damaged(this.directory, missing)
    this.#sums = new Map(Object.entries(sums))
    for (const file of new Set([...counts.map((_, level) => levelFile(level)), ...archives])) await this.#verify(file)
    if (counts.length > 0) {
      const names = counts.map((_, level) => levelFile(level))
      const rows = await this.#rows(
        `SELECT file_name, num_rows FROM parquet_file_metadata([${names.map((file) => pattern(this.#path(file))).join()}])`,
      ).catch(() => [])
      const found = new Map(rows.map(([path, count]) => [path, Number(count)]))
      const other = counts.findIndex((count, level) => found.get(this.#path(levelFile(level))) !== count)
      if (other >= 0) throw damaged(this.directory, levelFile(other))
    }
    this.#archives = [...archives]
    this.#loose = [...loose]
    this.#looseStates = loose.reduce((sum, level) => sum + (counts[level] as number), 0)
    const files = loose.map(levelFile)
    if (loose.length > 0) await this.#intact(files, () => this.#do(`INSERT INTO loose SELECT ${this.#keys.join()} FROM ${this.#scan(files)}`))
  }

  /** Sees to it that all levels so far outlive a failure of the power. */
  sync(): void {
    for (const file of this.#unsynced) syncPath(this.#path(file), 'r+')
    this.#unsynced.clear()
    syncPath(this.directory, 'r')
  }

  /** Bytes of all levels and keys. */
  get bytes(): number {
    return readdirSync(this.directory)
      .filter((file) => file.endsWith('.parquet'))
      .reduce((sum, file) => sum + statSync(this.#path(file)).size, 0)
  }

  /** Ends what the engine is doing. */
  interrupt(): void {
    this.#writer.interrupt()
    this.#reader.interrupt()
  }

  close(): void {
    this.#reading = null
    this.#reader.closeSync()
    this.#writer.closeSync()
    this.#instance.closeSync()
    leave(this.directory)
  }

  /** What went wrong in the engine, as an error of the user where it is one. */
  explain(error: unknown): unknown {
    return explained(error, this.directory, this.#memory)
  }
}
