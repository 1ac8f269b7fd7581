/**
 * Elements of sets and bags as a function of a spec gets them. They are values: while an element is in its set, a write to it is refused. One that
 * was taken out is an object like any other.
 */
import { refuseChange, ValueSet } from '../values/collections.ts'
import { copyOf } from '../values/plain.ts'
import { type Graph, NODE } from './graph.ts'

/** Of a set or a bag that has an element. */
export interface Owner {
  readonly graph: Graph
  readonly path: string
  holds(element: number): boolean
}

class Guard implements ProxyHandler<object> {
  readonly #owner: Owner
  readonly #element: number
  readonly #inside: Map<object, object>

  constructor(owner: Owner, element: number, inside: Map<object, object> = new Map()) {
    this.#owner = owner
    this.#element = element
    this.#inside = inside
  }

  #mayChange(): void {
    this.#owner.graph.store.touch()
    if (this.#owner.holds(this.#element)) refuseChange(`an element of ${this.#owner.path}`)
  }
  get(target: object, name: string | symbol, receiver: unknown): unknown {
    if (name === NODE) return { graph: this.#owner.graph, plain: () => copyOf(target) }
    this.#owner.graph.store.touch()
    const part: unknown = Reflect.get(target, name, target instanceof Set ? target : receiver)
    if (typeof part === 'function' && target instanceof Set)
      return (...args: unknown[]): unknown => {
        if (name === 'add' || name === 'delete' || name === 'clear') this.#mayChange()
        return (part as (...args: unknown[]) => unknown).apply(target, args)
      }
    return isPlain(part) ? this.guarded(part) : part
  }
  guarded(part: object): object {
    let guarded = this.#inside.get(part)
    if (guarded === undefined) this.#inside.set(part, (guarded = new Proxy(part, this)))
    return guarded
  }
  set(target: object, name: string | symbol, value: unknown): boolean {
    this.#mayChange()
    return Reflect.set(target, name, value)
  }
  defineProperty(target: object, name: string | symbol, descriptor: PropertyDescriptor): boolean {
    this.#mayChange()
    return Reflect.defineProperty(target, name, descriptor)
  }
  deleteProperty(target: object, name: string | symbol): boolean {
    this.#mayChange()
    return Reflect.deleteProperty(target, name)
  }
}

/** An element, given as plain data of its own, as the function sees it. */
export function elementOf(owner: Owner, element: number, plain: unknown): unknown {
  return isPlain(plain) ? new Guard(owner, element).guarded(plain) : plain
}

/** Whether it is plain data that could be written to: neither a collection of Immutable.js nor what is not usable through a proxy. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value) || value instanceof ValueSet) return true
  return Object.getPrototypeOf(value) === Object.prototype
}
