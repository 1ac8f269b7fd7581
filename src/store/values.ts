/**
 * What the numbers of interned slots stand for, on disk: the numbers are given out as values appear, and so differ from process to process.
 * A file per type, a line per value, in the order of the numbers; only ever appended to.
 */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCollection, List, Map as ImmutableMap, OrderedMap, OrderedSet, Set as ImmutableSet, Stack } from 'immutable'
import { InternalError } from '../errors.ts'
import type { Interned, Layout } from '../layout/layout.ts'
import { bagOf, isBag, isSequence, isSet } from '../values/collections.ts'
import { syncPath } from './sync.ts'

/** Of each type, how many values are kept, how many bytes of its file they are, and the checksum of these; or the slot whose values cannot be kept. */
export type Kept = readonly { readonly values: number; readonly bytes: number; readonly sha256: string }[] | { readonly lost: string }

export class Values {
  readonly #directory: string
  readonly #types: readonly { readonly path: string; readonly interned: Interned }[]
  #values: number[]
  #bytes: number[]
  /** Checksums that grow with the files. */
  readonly #sums: ReturnType<typeof createHash>[]
  #lost: string | null = null

  constructor(directory: string, { slots }: Layout) {
    this.#directory = directory
    const first = new Map<Interned, string>()
    for (const { interned, path } of slots) for (const numbers of interned ?? []) if (!first.has(numbers)) first.set(numbers, path)
    this.#types = [...first].map(([interned, path]) => ({ path, interned }))
    this.#values = this.#types.map(() => 0)
    this.#bytes = this.#types.map(() => 0)
    this.#sums = this.#types.map(() => createHash('sha256'))
  }

  #file(type: number): string {
    return join(this.#directory, `values-${type}.jsonl`)
  }

  get kept(): Kept {
    if (this.#lost !== null) return { lost: this.#lost }
    return this.#values.map((values, i) => ({
      values,
      bytes: this.#bytes[i] as number,
      sha256: (this.#sums[i] as ReturnType<typeof createHash>).copy().digest('hex'),
    }))
  }

  /** Writes the values that have appeared since. */
  save(): void {
    for (const [type, { path, interned }] of this.#types.entries()) {
      const count = interned.seen()
      const from = this.#values[type] as number
      if (this.#lost !== null || from === count) continue
      let text = ''
      for (let n = from; n < count; n++) {
        const line = toText(interned.value(n))
        // Only what comes back as the same value is kept at all.
        if (line === undefined || interned.number(fromText(line)) !== n) {
          this.#lost = path
          return
        }
        text += `${line}\n`
      }
      // A write that failed before may have left a part behind the bytes that count.
      if (from > 0) truncateSync(this.#file(type), this.#bytes[type] as number)
      const file = openSync(this.#file(type), from === 0 ? 'w' : 'a')
      try {
        writeFileSync(file, text)
      } finally {
        closeSync(file)
      }
      syncPath(this.#file(type), 'r+')
      this.#values[type] = count
      this.#sums[type]?.update(text)
      this.#bytes[type] = (this.#bytes[type] as number) + Buffer.byteLength(text)
    }
  }

  /** Gives the values their numbers again. Gives false where the files are not as they were. */
  restore(kept: Kept): boolean {
    if (!Array.isArray(kept) || kept.length !== this.#types.length) return false
    for (const [type, { interned }] of this.#types.entries()) {
      const { values, bytes, sha256 } = kept[type] as { values: number; bytes: number; sha256: string }
      const file = this.#file(type)
      if (!existsSync(file)) {
        if (values > 0) return false
        continue
      }
      const content = readFileSync(file)
      // What lies behind was written for a manifest that never came to be.
      if (content.length < bytes) return false
      const text = content.subarray(0, bytes).toString('utf8')
      this.#sums[type]?.update(text)
      if (this.#sums[type]?.copy().digest('hex') !== sha256) return false
      truncateSync(file, bytes)
      const lines = text.split('\n').slice(0, -1)
      if (lines.length !== values) return false
      for (const [n, line] of lines.entries()) {
        if (interned.number(fromText(line)) !== n) throw new InternalError('the values of the store have other numbers in this process')
      }
      this.#values[type] = values
      this.#bytes[type] = bytes
    }
    return true
  }
}

/** Collections by the name that stands for them on disk. */
const COLLECTIONS: Readonly<Record<string, { is(value: object): boolean; make(elements: readonly unknown[]): unknown }>> = {
  set: { is: (value) => !isCollection(value) && isSet(value), make: (elements) => new Set(elements) },
  bag: { is: isBag, make: (elements) => bagOf(elements) },
  List: { is: List.isList, make: (elements) => List(elements) },
  OrderedSet: { is: OrderedSet.isOrderedSet, make: (elements) => OrderedSet(elements) },
  Set: { is: ImmutableSet.isSet, make: (elements) => ImmutableSet(elements) },
  OrderedMap: { is: OrderedMap.isOrderedMap, make: (entries) => OrderedMap(entries as [unknown, unknown][]) },
  Map: { is: ImmutableMap.isMap, make: (entries) => ImmutableMap(entries as [unknown, unknown][]) },
  map: { is: (value) => value instanceof Map, make: (entries) => new Map(entries as [unknown, unknown][]) },
  date: { is: (value) => value instanceof Date, make: ([time]) => new Date(time as number) },
  Stack: { is: Stack.isStack, make: (elements) => Stack(elements) },
}

/** A value as JSON, with collections as `{"is":"Set","of":[…]}`, and objects by entries. Undefined for what cannot be written so. */
function toText(value: unknown): string | undefined {
  const failed = Symbol('failed')
  const write = (part: unknown): unknown => {
    if (part === null || typeof part === 'string' || typeof part === 'boolean') return part
    if (typeof part === 'number' && Number.isFinite(part) && !Object.is(part, -0)) return part
    if (typeof part === 'number') return { is: 'number', of: [String(part)] }
    if (typeof part === 'bigint') return { is: 'bigint', of: [String(part)] }
    if (part === undefined) return { is: 'undefined', of: [] }
    if (typeof part !== 'object') throw failed
    if (part instanceof Date) return { is: 'date', of: [write(part.getTime())] }
    for (const [name, { is }] of Object.entries(COLLECTIONS)) if (is(part)) return { is: name, of: [...(part as Iterable<unknown>)].map(write) }
    if (!isCollection(part) && isSequence(part)) return [...part].map(write)
    if (![Object.prototype, null].includes(Object.getPrototypeOf(part))) throw failed
    return { is: 'object', of: Object.entries(part).map(([name, inner]) => [name, write(inner)]) }
  }
  try {
    return JSON.stringify(write(value))
  } catch (error) {
    if (error === failed) return undefined
    throw error
  }
}

function fromText(text: string): unknown {
  const read = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part
    if (Array.isArray(part)) return part.map(read)
    const { is, of } = part as { is: string; of: readonly unknown[] }
    const elements = of.map(read)
    if (is === 'number') return Number(elements[0])
    if (is === 'bigint') return BigInt(elements[0] as string)
    if (is === 'undefined') return undefined
    if (is !== 'object') return COLLECTIONS[is]?.make(elements)
    const made: Record<string, unknown> = {}
    for (const [name, value] of elements as [string, unknown][])
      Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
    return made
  }
  return read(JSON.parse(text))
}
