/** What is known of methods and functions by their names: which only read, which change what they are called on. */
import { ensure, either, pick, when } from '../spec/actions.ts'
import { count, every, filter, find, some, subsets } from '../spec/quantifiers.ts'
import { bagOf, equal } from '../values/collections.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Methods that change the object that they are called on: of arrays, sets, maps, bags, iterators, dates, buffers. */
export const MUTATORS = words(`
  push pop shift unshift splice sort reverse fill copyWithin
  add set delete clear getOrInsert getOrInsertComputed
  next return throw
  setDate setFullYear setHours setMilliseconds setMinutes setMonth setSeconds setTime
  setUTCDate setUTCFullYear setUTCHours setUTCMilliseconds setUTCMinutes setUTCMonth setUTCSeconds setYear
  setInt8 setUint8 setInt16 setUint16 setInt32 setUint32 setBigInt64 setBigUint64 setFloat16 setFloat32 setFloat64
`)

/** Methods that give back the object that they change. */
export const CHAINING = words('sort reverse fill copyWithin add set')

/** Methods that only read. */
export const READERS = words(`
  at concat entries every filter find findIndex findLast findLastIndex flat flatMap forEach includes indexOf join keys lastIndexOf map reduce reduceRight
  slice some toReversed toSorted toSpliced values with
  has get size count union intersection difference symmetricDifference isSubsetOf isSupersetOf isDisjointFrom
  take drop toArray distinct
  charAt charCodeAt codePointAt endsWith isWellFormed localeCompare match matchAll normalize padEnd padStart repeat replace replaceAll search split
  startsWith substring substr toLowerCase toUpperCase toWellFormed trim trimEnd trimStart
  toString valueOf toLocaleString toFixed toPrecision toExponential toJSON toISOString getTime getFullYear getMonth getDate getHours
  hasOwnProperty isPrototypeOf propertyIsEnumerable test exec
  first last isEmpty equals hashCode getIn hasIn toJS toObject contains rest butLast keySeq valueSeq entrySeq groupBy sortBy min max
`)

/** Methods that give an element of what they are called on. */
export const ELEMENTS = words('at find findLast get pop shift first last next getIn')
/** Methods that give a new container of elements. */
export const CONTAINERS = words(`
  concat entries filter flat flatMap keys map slice splice toReversed toSorted toSpliced values with
  union intersection difference symmetricDifference take drop toArray distinct rest butLast
`)

/** Those whose new container may have what they are given. */
export const GROWING = words('concat splice toSpliced with union symmetricDifference')

/** Functions of tsmc that only read. */
export const READING: ReadonlySet<unknown> = new Set<unknown>([count, every, filter, find, some, subsets, bagOf, equal])
/** Of those, which call what they are given second. */
export const QUANTIFYING: ReadonlySet<unknown> = new Set<unknown>([count, every, filter, find, some])
/** Functions of tsmc that decide how a step goes on. */
export const CONTROL: ReadonlySet<unknown> = new Set<unknown>([when, ensure, pick, either])
/** Functions of tsmc whose value is an element of what they are given. */
export const CHOOSING: ReadonlySet<unknown> = new Set<unknown>([pick, find])

/** Functions of `Object` and `Reflect` that change their first argument. */
export const CHANGES_FIRST = words('assign defineProperty defineProperties setPrototypeOf set deleteProperty')
const FREEZES = words('freeze seal preventExtensions')

/** Functions of the language that have no effect but their result, by what they are; read when first asked for. */
let builtin: Set<unknown> | undefined
export function isReadingBuiltin(fn: unknown): boolean {
  if (builtin === undefined) {
    builtin = new Set<unknown>([
      String,
      Number,
      Boolean,
      BigInt,
      Symbol,
      parseInt,
      parseFloat,
      structuredClone,
      Array,
      Object,
      ...['isNaN', 'isFinite'].map((name) => (globalThis as unknown as Record<string, unknown>)[name]),
    ])
    for (const home of [Math, Object, Number, String, Array, JSON, Reflect, BigInt, Set, Map] as object[])
      for (const name of Object.getOwnPropertyNames(home)) {
        if (home === Math && name === 'random') continue
        if ((home === Object || home === Reflect) && (CHANGES_FIRST.has(name) || FREEZES.has(name))) continue
        const { value } = Object.getOwnPropertyDescriptor(home, name) as PropertyDescriptor
        if (typeof value === 'function') builtin.add(value)
      }
  }
  return builtin.has(fn)
}

/** Constructors that have no effect. */
const CONSTRUCTORS: ReadonlySet<unknown> = new Set<unknown>([
  Array,
  Object,
  Set,
  Map,
  WeakMap,
  WeakSet,
  String,
  Number,
  Boolean,
  RegExp,
  Error,
  TypeError,
  RangeError,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  ArrayBuffer,
  DataView,
])
export const isPlainConstructor = (fn: unknown): boolean => CONSTRUCTORS.has(fn)
