/** The engine's own WebAssembly, as far as it is used here. The types of Node.js leave it to those of browsers. */

/** A memory that threads can share, and hand over in messages. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
}

/** An exported variable. */
export interface Variable {
  value: number
}

/** What modules import, all from `env`. */
export type Imports = Readonly<Record<string, SharedMemory | ((...args: number[]) => number | void)>>

interface Machine {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => SharedMemory
  readonly validate: (bytes: Uint8Array<ArrayBuffer>) => boolean
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object, imports: { readonly env: Imports }) => { readonly exports: unknown }
}
const machine = (globalThis as unknown as { readonly WebAssembly: Machine }).WebAssembly

export const PAGE = 1 << 16
/** Pages of the largest memory: 4 GiB. */
export const MAXIMUM = 1 << 16

/** A memory of so many pages. Throws a RangeError where the machine does not let have it. */
export function memoryOf(pages: number): SharedMemory {
  return new machine.Memory({ initial: pages, maximum: MAXIMUM, shared: true })
}

/** A module, from its bytes. Threads can hand it over in messages: its code is then shared. */
export function compiled(bytes: Uint8Array<ArrayBuffer>): object {
  return new machine.Module(bytes)
}

/** Whether the processor lets a module of these bytes run. */
export function runs(bytes: Uint8Array<ArrayBuffer>): boolean {
  return machine.validate(bytes)
}

/** What a module exports. */
export function instantiate<Exports>(module: object, imports: Imports): Exports {
  return new machine.Instance(module, { env: imports }).exports as Exports
}
