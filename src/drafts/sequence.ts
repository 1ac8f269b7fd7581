/**
 * Handles of sequences: arrays. The methods of `Array.prototype` work on them as they are, through the traps below, so with all arguments and whatever
 * their callbacks do; those that only move elements are written here, so that what is moved is not read.
 */
import { SpecError } from '../errors.ts'
import { show, ValueError } from '../values/errors.ts'
import { type Content, copySlots, type DraftType, type Graph, NODE, type Node, nodeOf, Origin } from './graph.ts'
import { wrong } from './object.ts'

/** What a sequence's node needs of its type. */
export interface SequenceType {
  readonly inner: DraftType
  readonly max: number
  overflow(length: number): ValueError
}

const TARGET: unknown[] = []
/** An element that was deleted and leaves a hole behind. */
const HOLE: unique symbol = Symbol('tsmc.hole')

const indexOf = (name: string | symbol): number => {
  if (typeof name !== 'string') return -1
  const index = Number(name)
  return Number.isInteger(index) && index >= 0 && String(index) === name ? index : -1
}

export class SequenceNode implements Node, ProxyHandler<unknown[]> {
  readonly graph: Graph
  readonly type: DraftType & SequenceType
  readonly base: number
  readonly path: string
  readonly handle: unknown[]
  /** Contents of elements; what is undefined is where it was. As long as the array itself was not changed, its length is that of the state. */
  #contents: Content[] = []
  #changed = false

  constructor(graph: Graph, type: DraftType & SequenceType, base: number, path: string) {
    this.graph = graph
    this.type = type
    this.base = base
    this.path = path
    this.handle = new Proxy(TARGET, this)
  }

  get length(): number {
    return this.#changed ? this.#contents.length : this.graph.store.read(this.base)
  }

  #slot(i: number): number {
    return this.base + 1 + i * this.type.inner.slots.length
  }

  element(i: number): unknown {
    const { inner } = this.type
    let content = this.#contents[i]
    if (content === undefined) {
      const slot = this.#slot(i)
      if (inner.scalar) return inner.fromSlot(this.graph.store.read(slot))
      content = this.#contents[i] = new Origin(slot)
    }
    if (content === HOLE) return undefined
    return content instanceof Origin ? inner.open(this.graph, content, `${this.path}[${i}]`) : content
  }

  /** The contents as an array that may be rearranged: each tells where it came from. */
  #list(): Content[] {
    this.graph.change()
    if (!this.#changed) {
      const length = this.graph.store.read(this.base)
      this.#contents = Array.from({ length }, (_, i) => this.#contents[i] ?? new Origin(this.#slot(i)))
      this.#changed = true
    }
    return this.#contents
  }

  #accept(i: number, value: unknown): Content {
    try {
      return this.type.inner.accept(this.graph, value)
    } catch (error) {
      return wrong(this.graph, `${this.path}[${i}]`, error)
    }
  }
  #room(length: number): void {
    if (length > this.type.max) wrong(this.graph, this.path, this.type.overflow(length))
  }
  #value(content: Content, i: number): unknown {
    if (content === HOLE) return undefined
    return content instanceof Origin ? this.type.inner.open(this.graph, content, `${this.path}[${i}]`) : content
  }

  // --- methods that move elements without reading them

  push(values: unknown[]): number {
    const list = this.#list()
    this.#room(list.length + values.length)
    for (const value of values) list.push(this.#accept(list.length, value))
    return list.length
  }
  pop(): unknown {
    if (this.length === 0) return undefined
    const list = this.#list()
    return this.#value(list.pop(), list.length)
  }
  shift(): unknown {
    if (this.length === 0) return undefined
    return this.#value(this.#list().shift(), 0)
  }
  unshift(values: unknown[]): number {
    const list = this.#list()
    this.#room(list.length + values.length)
    list.unshift(...values.map((value, i) => this.#accept(i, value)))
    return list.length
  }
  splice(args: unknown[]): unknown[] {
    const list = this.#list()
    if (args.length === 0) return []
    const [start, remove, ...values] = args as [number, number, ...unknown[]]
    const contents = values.map((value, i) => this.#accept(i, value))
    const removed = args.length === 1 ? list.splice(start) : list.splice(start, remove, ...contents)
    this.#room(list.length)
    return removed.map((content, i) => this.#value(content, i))
  }
  reverse(): unknown[] {
    this.#list().reverse()
    return this.handle
  }

  /** `indexOf` and the like: by identity. An object that is no part of the state can never be found. */
  search(name: 'indexOf' | 'lastIndexOf' | 'includes', args: unknown[]): unknown {
    const [wanted] = args
    const found = (Array.prototype[name] as (...args: unknown[]) => unknown).apply(this.handle, args)
    if (found !== -1 && found !== false) return found
    if (typeof wanted !== 'object' || wanted === null || nodeOf(wanted) !== undefined || this.type.inner.scalar) return found
    return this.graph.store.refuse(
      new SpecError(
        `${this.graph.store.what} looks with ${this.path}.${name}() for an object that is no part of the state: it compares by identity and can never find it`,
        {
          hint: 'to look for one of the same content use some((x) => equal(x, …)) or findIndex((x) => equal(x, …))',
        },
      ),
    )
  }

  // --- as a proxy

  get(_target: unknown[], name: string | symbol, receiver: unknown): unknown {
    if (name === NODE) return this
    this.graph.touch()
    if (name === 'length') return this.length
    const i = indexOf(name)
    if (i >= 0) return i < this.length ? this.element(i) : undefined
    const own = METHODS.get(name)
    if (own !== undefined) return own
    if (name in Array.prototype) return Reflect.get(Array.prototype, name, receiver)
    return undefined
  }
  set(_target: unknown[], name: string | symbol, value: unknown): boolean {
    this.graph.touch()
    if (name === 'length') return this.#setLength(value)
    const i = indexOf(name)
    const { what } = this.graph.store
    if (i < 0)
      return this.graph.store.refuse(new SpecError(`${what} writes ${this.path}.${String(name)}, but a sequence has no ${show(String(name))}`))
    const { length } = this
    if (i >= this.type.max) wrong(this.graph, this.path, this.type.overflow(i + 1))
    if (i > length)
      return this.graph.store.refuse(
        new SpecError(`${this.path}[${i}] in ${what}: the sequence has ${length} elements, so there would be a hole`, { hint: 'use push()' }),
      )
    const content = this.#accept(i, value)
    if (i === length) this.#list().push(content)
    else {
      this.graph.change()
      this.#contents[i] = content
    }
    return true
  }
  #setLength(length: unknown): boolean {
    const before = this.length
    if (!Number.isInteger(length) || (length as number) < 0 || (length as number) > before)
      return this.graph.store.refuse(
        new SpecError(`${this.path}.length in ${this.graph.store.what}: ${show(length)} is not a length from 0 to ${before}`, {
          hint: 'a sequence grows by push()',
        }),
      )
    if ((length as number) < before) this.#list().length = length as number
    else this.graph.change()
    return true
  }
  has(_target: unknown[], name: string | symbol): boolean {
    this.graph.touch()
    const i = indexOf(name)
    if (i >= 0) return i < this.length && this.#contents[i] !== HOLE
    return name === 'length' || name in Array.prototype
  }
  ownKeys(): string[] {
    this.graph.touch()
    const keys: string[] = []
    for (let i = 0; i < this.length; i++) if (this.#contents[i] !== HOLE) keys.push(String(i))
    return [...keys, 'length']
  }
  getOwnPropertyDescriptor(_target: unknown[], name: string | symbol): PropertyDescriptor | undefined {
    this.graph.touch()
    if (name === 'length') return { value: this.length, writable: true, enumerable: false, configurable: false }
    const i = indexOf(name)
    if (i < 0 || i >= this.length || this.#contents[i] === HOLE) return undefined
    return { get: () => this.element(i), set: (value) => this.set(_target, name, value), enumerable: true, configurable: true }
  }
  defineProperty(target: unknown[], name: string | symbol, descriptor: PropertyDescriptor): boolean {
    if ('value' in descriptor) return this.set(target, name, descriptor.value)
    return this.graph.store.refuse(new SpecError(`${this.graph.store.what} defines a property of ${this.path}`, { hint: 'assign a value' }))
  }
  deleteProperty(_target: unknown[], name: string | symbol): boolean {
    this.graph.touch()
    const i = indexOf(name)
    if (i < 0 || i >= this.length) return name !== 'length'
    this.#list()[i] = HOLE
    return true
  }
  preventExtensions(): boolean {
    return this.graph.store.refuse(
      new SpecError(`${this.graph.store.what} freezes ${this.path}, which belongs to the state`, { hint: 'freeze a copy' }),
    )
  }
  setPrototypeOf(): boolean {
    return this.graph.store.refuse(new SpecError(`${this.graph.store.what} sets the prototype of ${this.path}`, { hint: 'the state is plain data' }))
  }

  // --- as a node

  save(to: number): void {
    const { store } = this.graph
    const { inner } = this.type
    const width = inner.slots.length
    const place = (i: number): number => to + 1 + i * width
    if (!this.#changed) {
      copySlots(store, to, this.base, this.type.slots.length)
      this.#contents.forEach((content, i) => {
        if (content !== undefined) inner.save(this.graph, content, place(i), `${this.path}[${i}]`)
      })
      return
    }
    const { length } = this.#contents
    store.write(to, length)
    for (let i = 0; i < length; i++) {
      const content = this.#contents[i]
      if (content === HOLE) throw new ValueError(`${this.path}[${i}] is a hole: an element was deleted; use splice()`)
      if (content === undefined) {
        copySlots(store, place(i), this.#slot(i), width)
      } else inner.save(this.graph, content, place(i), `${this.path}[${i}]`)
    }
    // Behind the last element all slots are zero.
    const before = to === this.base ? store.read(this.base) : this.type.max
    for (let slot = place(length); slot < place(before); slot++) store.write(slot, 0)
  }

  plain(): unknown[] {
    return Array.from({ length: this.length }, (_, i) => this.type.inner.plainOf(this.element(i)))
  }
}

const node = (self: unknown): SequenceNode | undefined => {
  const found = nodeOf(self)
  return found instanceof SequenceNode ? found : undefined
}

/** Methods that look past the traps; on anything else that they are borrowed for they are the array's own. */
const METHODS = new Map<string | symbol, (...args: unknown[]) => unknown>()
for (const name of ['push', 'unshift', 'splice'] as const)
  METHODS.set(name, function (this: unknown, ...args: unknown[]) {
    const own = node(this)
    if (own === undefined) return (Array.prototype[name] as (...args: unknown[]) => unknown).apply(this, args)
    own.graph.touch()
    return own[name](args)
  })
for (const name of ['pop', 'shift', 'reverse'] as const)
  METHODS.set(name, function (this: unknown) {
    const own = node(this)
    if (own === undefined) return (Array.prototype[name] as () => unknown).apply(this)
    own.graph.touch()
    return own[name]()
  })
for (const name of ['indexOf', 'lastIndexOf', 'includes'] as const)
  METHODS.set(name, function (this: unknown, ...args: unknown[]) {
    const own = node(this)
    if (own === undefined) return (Array.prototype[name] as (...args: unknown[]) => unknown).apply(this, args)
    return own.search(name, args)
  })
