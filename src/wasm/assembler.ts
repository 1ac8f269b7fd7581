/**
 * WebAssembly modules, written as expressions. What is not needed here is not there.
 *
 *     const module = new Module()
 *     const twice = module.define('twice', [I32], [I32], (f) => [i32.mul(f.parameter(0), i32.const(2))])
 *     module.export(twice)
 *     instantiate(module.bytes(), { memory })
 *
 * An expression is a function that writes its own bytes, operands before the operator, as the machine is a stack machine. Binary format:
 * WebAssembly Core Specification 2.0, chapter 5.
 */
import { MAXIMUM } from './machine.ts'

export const I32 = 0x7f
export const I64 = 0x7e
export const F64 = 0x7c
export const V128 = 0x7b
export type ValueType = typeof I32 | typeof I64 | typeof F64 | typeof V128

const VOID = 0x40

/** Bytes, and the blocks that are open while they are written. */
class Writer {
  #bytes = new Uint8Array(1 << 10)
  length = 0
  readonly blocks: Label[] = []

  byte(byte: number): void {
    if (this.length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.length++] = byte
  }

  raw(bytes: ArrayLike<number>): void {
    if (this.length + bytes.length > this.#bytes.length) this.#grow(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + more))
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }

  /** LEB128 without a sign: 7 bits a byte, the least first. */
  unsigned(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest & 0x7f) | 0x80)
    this.byte(rest)
  }

  /** LEB128 with a sign. */
  signed(value: bigint): void {
    for (let rest = value; ; rest >>= 7n) {
      const seven = Number(rest & 0x7fn)
      if ((rest >> 7n === 0n && seven < 0x40) || (rest >> 7n === -1n && seven >= 0x40)) return this.byte(seven)
      this.byte(seven | 0x80)
    }
  }

  name(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.unsigned(bytes.length)
    this.raw(bytes)
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }
}

/** An expression or a statement. */
export type Code = (to: Writer) => void

/** Names a block or a loop, so that `br` can tell where to go: to the end of a block, to the beginning of a loop. */
export class Label {}

/** A local variable, or a parameter. */
export interface Local {
  readonly index: number
  readonly type: ValueType
}

/** A global variable. */
export interface Global {
  readonly index: number
  readonly type: ValueType
}

/** A function of the module or an imported one. */
export interface Callee {
  readonly name: string
  readonly index: () => number
}

const all = (codes: readonly Code[]) => (to: Writer) => {
  for (const code of codes) code(to)
}
const op =
  (byte: number) =>
  (...operands: readonly Code[]): Code =>
  (to) => {
    all(operands)(to)
    to.byte(byte)
  }
const access =
  (byte: number, align: number) =>
  (operands: readonly Code[], offset: number): Code =>
  (to) => {
    all(operands)(to)
    to.byte(byte)
    to.unsigned(align)
    to.unsigned(offset)
  }
const load =
  (byte: number, align: number) =>
  (at: Code, offset = 0) =>
    access(byte, align)([at], offset)
const store =
  (byte: number, align: number) =>
  (at: Code, value: Code, offset = 0) =>
    access(byte, align)([at, value], offset)

type Unary = (a: Code) => Code
type Binary = (a: Code, b: Code) => Code

/** Addresses and offsets are in bytes. Operators are named as in the specification. */
export const i32 = {
  const:
    (value: number): Code =>
    (to) => {
      to.byte(0x41)
      to.signed(BigInt(value | 0))
    },
  load: load(0x28, 2),
  load8u: load(0x2d, 0),
  store: store(0x36, 2),
  store8: store(0x3a, 0),
  ctz: op(0x68) as Unary,
  eqz: op(0x45) as Unary,
  eq: op(0x46) as Binary,
  ne: op(0x47) as Binary,
  ltS: op(0x48) as Binary,
  ltU: op(0x49) as Binary,
  geS: op(0x4e) as Binary,
  geU: op(0x4f) as Binary,
  add: op(0x6a) as Binary,
  sub: op(0x6b) as Binary,
  mul: op(0x6c) as Binary,
  and: op(0x71) as Binary,
  or: op(0x72) as Binary,
  xor: op(0x73) as Binary,
  shl: op(0x74) as Binary,
  shrS: op(0x75) as Binary,
  shrU: op(0x76) as Binary,
  rotl: op(0x77) as Binary,
  ofI64: op(0xa7) as Unary,
}

export const i64 = {
  const:
    (value: bigint): Code =>
    (to) => {
      to.byte(0x42)
      to.signed(BigInt.asIntN(64, value))
    },
  load: load(0x29, 3),
  store: store(0x37, 3),
  eqz: op(0x50) as Unary,
  eq: op(0x51) as Binary,
  ne: op(0x52) as Binary,
  ltU: op(0x54) as Binary,
  geU: op(0x5a) as Binary,
  add: op(0x7c) as Binary,
  mul: op(0x7e) as Binary,
  and: op(0x83) as Binary,
  or: op(0x84) as Binary,
  xor: op(0x85) as Binary,
  shl: op(0x86) as Binary,
  shrU: op(0x88) as Binary,
  ofI32: op(0xad) as Unary,
}

export const f64 = {
  const:
    (value: number): Code =>
    (to) => {
      to.byte(0x44)
      to.raw(new Uint8Array(new Float64Array([value]).buffer))
    },
  store: store(0x39, 3),
  mul: op(0xa2) as Binary,
  ofI32: op(0xb8) as Unary,
}

/** Operators of vectors have a prefix, and their numbers are written as LEB128. */
const vector =
  (number: number) =>
  (...operands: readonly Code[]): Code =>
  (to) => {
    all(operands)(to)
    to.byte(0xfd)
    to.unsigned(number)
  }
export const v128 = {
  load:
    (at: Code, offset = 0): Code =>
    (to) => {
      vector(0x00)(at)(to)
      to.unsigned(4)
      to.unsigned(offset)
    },
  or: vector(0x50) as Binary,
  anyTrue: vector(0x53) as Unary,
}
export const i32x4 = { splat: vector(0x11) as Unary, eq: vector(0x37) as Binary, bitmask: vector(0xa4) as Unary }
export const i64x2 = { splat: vector(0x12) as Unary, eq: vector(0xd6) as Binary, bitmask: vector(0xc4) as Unary }

export const get =
  ({ index }: Local): Code =>
  (to) => {
    to.byte(0x20)
    to.unsigned(index)
  }
export const set =
  ({ index }: Local, value: Code): Code =>
  (to) => {
    value(to)
    to.byte(0x21)
    to.unsigned(index)
  }
/** Sets a variable and gives its value. */
export const tee =
  ({ index }: Local, value: Code): Code =>
  (to) => {
    value(to)
    to.byte(0x22)
    to.unsigned(index)
  }
/** `local += by`, of a variable of 32 bits. */
export const increase = (local: Local, by: Code | number): Code => set(local, i32.add(get(local), typeof by === 'number' ? i32.const(by) : by))

export const read =
  ({ index }: Global): Code =>
  (to) => {
    to.byte(0x23)
    to.unsigned(index)
  }
export const write =
  ({ index }: Global, value: Code): Code =>
  (to) => {
    value(to)
    to.byte(0x24)
    to.unsigned(index)
  }

export const drop = op(0x1a) as Unary
/** `condition ? a : b`, both evaluated. */
export const select = (a: Code, b: Code, condition: Code): Code => op(0x1b)(a, b, condition)

export const call =
  ({ index }: Callee, ...operands: readonly Code[]): Code =>
  (to) => {
    all(operands)(to)
    to.byte(0x10)
    to.unsigned(index())
  }

export const seq = (...codes: readonly Code[]): Code => all(codes)

const enclosed =
  (byte: number) =>
  (label: Label, ...codes: readonly Code[]): Code =>
  (to) => {
    to.byte(byte)
    to.byte(VOID)
    to.blocks.push(label)
    all(codes)(to)
    to.blocks.pop()
    to.byte(0x0b)
  }
export const block = enclosed(0x02)
export const loop = enclosed(0x03)

const depthOf = (to: Writer, label: Label): number => {
  const at = to.blocks.lastIndexOf(label)
  if (at < 0) throw new Error('a jump out of a block that is not open')
  return to.blocks.length - 1 - at
}

export const br =
  (label: Label): Code =>
  (to) => {
    to.byte(0x0c)
    to.unsigned(depthOf(to, label))
  }
export const brIf =
  (label: Label, condition: Code): Code =>
  (to) => {
    condition(to)
    to.byte(0x0d)
    to.unsigned(depthOf(to, label))
  }
/** Goes to the label with the number `index`, or to the last one. */
export const brTable =
  (labels: readonly Label[], index: Code): Code =>
  (to) => {
    index(to)
    to.byte(0x0e)
    to.unsigned(labels.length - 1)
    for (const label of labels) to.unsigned(depthOf(to, label))
  }
export const when =
  (condition: Code, then: readonly Code[], otherwise: readonly Code[] = []): Code =>
  (to) => {
    condition(to)
    to.byte(0x04)
    to.byte(VOID)
    to.blocks.push(new Label())
    all(then)(to)
    if (otherwise.length > 0) {
      to.byte(0x05)
      all(otherwise)(to)
    }
    to.blocks.pop()
    to.byte(0x0b)
  }
/** Repeats `codes` while `condition`. */
export const repeat = (condition: Code, ...codes: readonly Code[]): Code => {
  const [end, again] = [new Label(), new Label()]
  return block(end, loop(again, brIf(end, i32.eqz(condition)), ...codes, br(again)))
}
export const give = (value: Code): Code => op(0x0f)(value)
export const trap: Code = (to) => to.byte(0x00)

/** Fills `length` bytes. */
export const fill =
  (at: Code, byte: Code, length: Code): Code =>
  (to) => {
    all([at, byte, length])(to)
    to.raw([0xfc, 0x0b, 0])
  }
/** Copies `length` bytes; the ranges may overlap. */
export const copy =
  (to: Code, from: Code, length: Code): Code =>
  (w) => {
    all([to, from, length])(w)
    w.raw([0xfc, 0x0a, 0, 0])
  }

/** The variables of a function. */
export class Locals {
  readonly #parameters: number
  readonly types: ValueType[]

  constructor(parameters: readonly ValueType[]) {
    this.#parameters = parameters.length
    this.types = [...parameters]
  }

  parameter(index: number): Local {
    return { index, type: this.types[index] as ValueType }
  }

  local(type: ValueType): Local {
    return { index: this.types.push(type) - 1, type }
  }

  get declared(): readonly ValueType[] {
    return this.types.slice(this.#parameters)
  }
}

interface Import {
  readonly name: string
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
}
interface Definition extends Import {
  readonly body: Uint8Array
}

/** All imports come from a module called `env`; the memory is `env.memory`, a shared one. */
export class Module {
  readonly #imports: Import[] = []
  readonly #definitions: Definition[] = []
  readonly #globals: { readonly name: string; readonly type: ValueType }[] = []
  readonly #exports: Callee[] = []
  /** All imported functions come before the first defined one. */
  import(name: string, parameters: readonly ValueType[], results: readonly ValueType[]): Callee {
    if (this.#definitions.length > 0) throw new Error(`${name} is imported too late`)
    const index = this.#imports.push({ name, parameters, results }) - 1
    return { name, index: () => index }
  }

  /** A variable that lives with the module, exported under its name; zero to begin with. */
  global(name: string, type: ValueType): Global {
    return { index: this.#globals.push({ name, type }) - 1, type }
  }

  define(name: string, parameters: readonly ValueType[], results: readonly ValueType[], body: (locals: Locals) => readonly Code[]): Callee {
    const locals = new Locals(parameters)
    const code = body(locals)
    const writer = new Writer()
    const { declared } = locals
    // Runs of one type together.
    const runs: [number, ValueType][] = []
    for (const type of declared) {
      const last = runs.at(-1)
      if (last?.[1] === type) last[0]++
      else runs.push([1, type])
    }
    writer.unsigned(runs.length)
    for (const [count, type] of runs) {
      writer.unsigned(count)
      writer.byte(type)
    }
    all(code)(writer)
    writer.byte(0x0b)
    const number = this.#definitions.push({ name, parameters, results, body: writer.view() }) - 1
    return { name, index: () => this.#imports.length + number }
  }

  export(...functions: readonly Callee[]): void {
    this.#exports.push(...functions)
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Writer()
    out.raw([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    const functions = [...this.#imports, ...this.#definitions]
    const types = [...new Set(functions.map(typeKey))]
    section(out, 1, types, (to, type) => to.raw(type.split(',').map(Number)))
    const typeOf = (one: Import): number => types.indexOf(typeKey(one))
    const imported: Code[] = [
      (to) => {
        to.name('env')
        to.name('memory')
        to.raw([0x02, 0x03])
        to.unsigned(1)
        to.unsigned(MAXIMUM)
      },
      ...this.#imports.map(
        (one): Code =>
          (to) => {
            to.name('env')
            to.name(one.name)
            to.byte(0x00)
            to.unsigned(typeOf(one))
          },
      ),
    ]
    section(out, 2, imported, (to, write) => write(to))
    section(out, 3, this.#definitions, (to, one) => to.unsigned(typeOf(one)))
    section(out, 6, this.#globals, (to, { type }) => {
      to.raw([type, 1])
      ;(type === I64 ? i64.const(0n) : i32.const(0))(to)
      to.byte(0x0b)
    })
    const exported: Code[] = [
      ...this.#exports.map(
        ({ name, index }): Code =>
          (to) => {
            to.name(name)
            to.byte(0x00)
            to.unsigned(index())
          },
      ),
      ...this.#globals.map(
        ({ name }, index): Code =>
          (to) => {
            to.name(name)
            to.byte(0x03)
            to.unsigned(index)
          },
      ),
    ]
    section(out, 7, exported, (to, write) => write(to))
    section(out, 10, this.#definitions, (to, { body }) => {
      to.unsigned(body.length)
      to.raw(body)
    })
    return out.view().slice()
  }
}

/** The bytes of a function's type, as text. */
function typeKey({ parameters, results }: Import): string {
  return [0x60, parameters.length, ...parameters, results.length, ...results].join(',')
}

function section<T>(out: Writer, id: number, items: readonly T[], write: (to: Writer, item: T) => void): void {
  if (items.length === 0) return
  const inside = new Writer()
  inside.unsigned(items.length)
  for (const item of items) write(inside, item)
  out.byte(id)
  out.unsigned(inside.length)
  out.raw(inside.view())
}
