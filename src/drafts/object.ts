/** Handles of records, maps and unions: plain objects whose fields are read when they are asked for. */
import { SpecError, suggest } from '../errors.ts'
import { show, ValueError } from '../values/errors.ts'
import { type Content, copySlots, type DraftType, type Graph, NODE, type Node, Origin } from './graph.ts'

/** A field: its type, and where its slots lie behind those of the object. */
export interface Part {
  readonly name: string
  readonly type: DraftType
  readonly offset: number
}

/** The fields of an object as data that is made once per type. */
export class Shape {
  readonly parts: readonly Part[]
  readonly index: ReadonlyMap<string, number>
  /** The names in the order in which a plain object has them: integers first. */
  readonly keys: readonly string[]
  /** What it is, for messages: `the record`, `ids('r', 2)`. */
  readonly what: string

  constructor(parts: readonly Part[], what: string) {
    this.parts = parts
    this.index = new Map(parts.map(({ name }, i) => [name, i]))
    const order: Record<string, null> = Object.create(null)
    for (const { name } of parts) order[name] = null
    this.keys = Object.keys(order)
    this.what = what
  }
}

/** Names that JavaScript itself, or a library that asks what an object is, reads of any object. */
const ASKED_OF_ALL = /^(toJSON|then|asymmetricMatch|nodeType|@@.*|\$\$.*)$/
const TARGET = {}

/** Throws for a value that does not belong to a place, with the place. */
export function wrong(graph: Graph, path: string, error: unknown): never {
  if (!(error instanceof ValueError)) throw error
  return graph.store.refuse(new SpecError(`${path}${error.path} in ${graph.store.what}: ${error.message}`, { outside: error.outside(path) }))
}

export const joined = (path: string, name: string, index = false): string => (index ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`)

/** The node and the proxy handler of a record or a map. */
export class ObjectNode implements Node, ProxyHandler<object> {
  readonly graph: Graph
  readonly type: DraftType
  readonly base: number
  readonly path: string
  readonly handle: object
  readonly contents: Content[]
  readonly #shape: Shape

  constructor(graph: Graph, type: DraftType, shape: Shape, base: number, path: string) {
    this.graph = graph
    this.type = type
    this.base = base
    this.path = path
    this.#shape = shape
    this.contents = new Array(shape.parts.length).fill(undefined)
    this.handle = new Proxy(TARGET, this)
  }

  /** The fields that it has now. */
  shape(): Shape {
    return this.#shape
  }
  /** How far its fields lie behind its own place. */
  get offset(): number {
    return 0
  }
  pathOf(name: string): string {
    return joined(this.path, name, this.type.kind === 'map' && (this.type as { keys?: DraftType }).keys?.kind === 'int')
  }

  read(i: number): unknown {
    const part = this.shape().parts[i] as Part
    let content = this.contents[i]
    if (content === undefined) {
      const slot = this.base + this.offset + part.offset
      if (part.type.scalar) return part.type.fromSlot(this.graph.store.read(slot))
      content = this.contents[i] = new Origin(slot)
    }
    return content instanceof Origin ? part.type.open(this.graph, content, this.pathOf(part.name)) : content
  }

  write(i: number, value: unknown): void {
    const part = this.shape().parts[i] as Part
    this.graph.change()
    try {
      this.contents[i] = part.type.accept(this.graph, value)
    } catch (error) {
      wrong(this.graph, this.pathOf(part.name), error)
    }
  }

  unknown(name: string, verb: string): never {
    const shape = this.shape()
    const { what } = this.graph.store
    return this.graph.store.refuse(
      new SpecError(`${what} ${verb} ${this.pathOf(name)}, but ${shape.what} has no ${show(name)}`, {
        hint: suggest(name, shape.keys),
      }),
    )
  }

  /** A name that is no field now. Of a map, which is a table, it is undefined; of a record it is a mistake, which the compiler tells as well. */
  other(name: string): unknown {
    const shape = this.shape()
    if (this.type.kind !== 'map') return this.unknown(name, 'reads')
    this.graph.store.missed(`${this.pathOf(name)} is undefined: ${shape.what} has no ${show(name)}; ${suggest(name, shape.keys)}`)
    return undefined
  }

  // --- as a proxy

  get(_target: object, name: string | symbol, receiver: unknown): unknown {
    if (name === NODE) return this
    this.graph.touch()
    if (typeof name === 'symbol') return undefined
    const i = this.shape().index.get(name)
    if (i !== undefined) return this.read(i)
    if (name in Object.prototype) return Reflect.get(Object.prototype, name, receiver)
    return ASKED_OF_ALL.test(name) ? undefined : this.other(name)
  }
  set(_target: object, name: string | symbol, value: unknown): boolean {
    this.graph.touch()
    const i = typeof name === 'string' ? this.shape().index.get(name) : undefined
    if (i === undefined) return this.unknown(String(name), 'writes')
    this.write(i, value)
    return true
  }
  has(_target: object, name: string | symbol): boolean {
    this.graph.touch()
    return (typeof name === 'string' && this.shape().index.has(name)) || name in Object.prototype
  }
  ownKeys(): string[] {
    this.graph.touch()
    return [...this.shape().keys]
  }
  getOwnPropertyDescriptor(_target: object, name: string | symbol): PropertyDescriptor | undefined {
    this.graph.touch()
    const i = typeof name === 'string' ? this.shape().index.get(name) : undefined
    if (i === undefined) return undefined
    // An accessor, so that whoever only wants to know whether the field is there does not read it.
    return { get: () => this.read(i), set: (value) => this.write(i, value), enumerable: true, configurable: true }
  }
  defineProperty(_target: object, name: string | symbol, descriptor: PropertyDescriptor): boolean {
    if ('value' in descriptor && descriptor.enumerable !== false) return this.set(_target, name, descriptor.value)
    return this.graph.store.refuse(
      new SpecError(`${this.graph.store.what} defines the property ${this.pathOf(String(name))}`, { hint: 'assign a value' }),
    )
  }
  deleteProperty(_target: object, name: string | symbol): boolean {
    this.graph.touch()
    if (typeof name !== 'string' || !this.shape().index.has(name)) return true
    return this.graph.store.refuse(
      new SpecError(`${this.graph.store.what} deletes ${this.pathOf(name)}, but ${this.shape().what} always has it`, {
        hint: 'a field that may be absent is an option: assign null',
      }),
    )
  }
  preventExtensions(): boolean {
    return this.graph.store.refuse(
      new SpecError(`${this.graph.store.what} freezes ${this.path || 'the state'}, which belongs to the state`, { hint: 'freeze a copy' }),
    )
  }
  setPrototypeOf(): boolean {
    return this.graph.store.refuse(
      new SpecError(`${this.graph.store.what} sets the prototype of ${this.path || 'the state'}`, { hint: 'the state is plain data' }),
    )
  }

  // --- as a node

  save(to: number): void {
    const { store } = this.graph
    // Also where it is at home: what lay around it may have been told to be zero.
    copySlots(store, to, this.base, this.type.slots.length)
    this.contents.forEach((content, i) => {
      if (content === undefined) return
      const part = this.shape().parts[i] as Part
      part.type.save(this.graph, content, to + this.offset + part.offset, this.pathOf(part.name))
    })
  }

  plain(): unknown {
    const copy: Record<string, unknown> = {}
    this.shape().parts.forEach(({ name, type }, i) => {
      Object.defineProperty(copy, name, { value: type.plainOf(this.read(i)), enumerable: true, writable: true, configurable: true })
    })
    return copy
  }
}

/** The node of a union: its fields are those of the variant that its tag names. */
export class UnionNode extends ObjectNode {
  readonly #tag: string
  readonly #shapes: readonly Shape[]
  readonly #names: readonly string[]
  /** The fields of all variants. */
  readonly #known: ReadonlySet<string>

  constructor(
    graph: Graph,
    type: DraftType & { readonly tag: string },
    shapes: readonly Shape[],
    names: readonly string[],
    base: number,
    path: string,
  ) {
    super(graph, type, shapes[0] as Shape, base, path)
    this.#tag = type.tag
    this.#shapes = shapes
    this.#names = names
    this.#known = new Set(shapes.flatMap(({ keys }) => keys))
  }

  #variant(): number {
    return this.graph.store.read(this.base)
  }
  override shape(): Shape {
    return this.#shapes[this.#variant()] as Shape
  }
  override get offset(): number {
    return 1
  }
  override other(name: string): unknown {
    // A field of another variant is undefined, as in any TypeScript union; a name of none is a mistake.
    if (!this.#known.has(name)) return this.unknown(name, 'reads')
    const variant = this.#names[this.#variant()] as string
    this.graph.store.missed(
      `${this.pathOf(name)} is undefined: the variant ${show(variant)} of ${this.type} has no ${show(name)}; look at ${this.#tag} first; it has ${[this.#tag, ...this.shape().keys].join(', ')}`,
    )
    return undefined
  }
  override unknown(name: string, verb: string): never {
    const variant = this.#names[this.#variant()] as string
    return this.graph.store.refuse(
      new SpecError(`${this.graph.store.what} ${verb} ${this.pathOf(name)}, but the variant ${show(variant)} of ${this.type} has no ${show(name)}`, {
        hint: `look at ${this.#tag} first; it has ${[this.#tag, ...this.shape().keys].join(', ')}`,
      }),
    )
  }
  override get(target: object, name: string | symbol, receiver: unknown): unknown {
    if (name === this.#tag) {
      this.graph.touch()
      return this.#names[this.#variant()]
    }
    // Asked by JavaScript itself where no variant has it: no reason to read the tag.
    if (typeof name === 'string' && !this.#known.has(name) && (name in Object.prototype || ASKED_OF_ALL.test(name))) {
      this.graph.touch()
      return Reflect.get(Object.prototype, name, receiver)
    }
    return super.get(target, name, receiver)
  }
  override set(target: object, name: string | symbol, value: unknown): boolean {
    if (name === this.#tag) {
      if (value === this.#names[this.#variant()]) return true
      return this.graph.store.refuse(
        new SpecError(`${this.graph.store.what} writes ${this.pathOf(name)}, the tag of a union`, {
          hint: 'assign a whole record of the other variant instead',
        }),
      )
    }
    return super.set(target, name, value)
  }
  override has(target: object, name: string | symbol): boolean {
    return name === this.#tag || super.has(target, name)
  }
  override ownKeys(): string[] {
    this.graph.touch()
    const order: Record<string, null> = Object.create(null)
    for (const key of [this.#tag, ...this.shape().keys]) order[key] = null
    return Object.keys(order)
  }
  override getOwnPropertyDescriptor(target: object, name: string | symbol): PropertyDescriptor | undefined {
    if (name !== this.#tag) return super.getOwnPropertyDescriptor(target, name)
    this.graph.touch()
    return { get: () => this.#names[this.#variant()], set: (value) => this.set(target, name, value), enumerable: true, configurable: true }
  }
  override plain(): unknown {
    return { [this.#tag]: this.#names[this.#variant()], ...(super.plain() as object) }
  }
}
