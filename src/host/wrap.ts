/** Wraps functions, classes and properties of the language and of Node.js, so that whoever reads by them is looked at first (access.ts). */
import { noteInput } from './inputs.ts'
import { type AnyFunction, look, noteCall, watching } from './access.ts'
import type { SourceKind } from './trapTable.ts'

/** An object of which something is wrapped. */
export type Home = Record<PropertyKey, unknown>

/** What is a wrapper itself. */
export const wrapped = new WeakSet<object>()
/** The wrapper of a function, which may be found at several places. */
const wrappers = new WeakMap<object, AnyFunction>()

/** Gives a wrapper what its function has: name, length, `promisify.custom`. */
export function likeness<F extends AnyFunction>(wrapper: F, original: object): F {
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor
    if (key === 'prototype') (wrapper as { prototype: unknown }).prototype = descriptor.value
    else if (Object.getOwnPropertyDescriptor(wrapper, key)?.configurable !== false) Object.defineProperty(wrapper, key, descriptor)
  }
  return wrapper
}

/** Puts a wrapper, once, where a function is found by this name: in the object or what it inherits from. */
export function wrap(home: Home, name: string, make: (original: AnyFunction) => AnyFunction): void {
  let at: object | null = home
  while (at !== null && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at)
  const descriptor = at === null ? undefined : Object.getOwnPropertyDescriptor(at, name)
  if (at === null || descriptor === undefined) return
  const original = ('value' in descriptor ? descriptor.value : home[name]) as unknown
  if (typeof original !== 'function' || wrapped.has(original)) return
  let wrapper = wrappers.get(original)
  if (wrapper === undefined) {
    wrapper = make(original as AnyFunction)
    wrappers.set(original, wrapper)
    wrapped.add(wrapper)
  }
  if (!descriptor.configurable && !descriptor.writable) return
  if (!descriptor.configurable) (at as Home)[name] = wrapper
  else Object.defineProperty(at, name, { value: wrapper, writable: true, enumerable: descriptor.enumerable ?? true, configurable: true })
}

export const trapFunction =
  (kind: SourceKind, what: string) =>
  (original: AnyFunction): AnyFunction => {
    const wrapper: AnyFunction = function (...args) {
      const noted = watching() && look(kind, `${what}()`, wrapper)
      const result = Reflect.apply(original, this, args)
      if (noted) noteCall(kind, what, args, result)
      return result
    }
    return likeness(wrapper, original)
  }

/** The wrapper of a class, or of what can be called with and without `new`; `asked` is told of each call before it is made. */
export function wrapClass(original: AnyFunction, asked: (args: readonly unknown[], wrapper: AnyFunction) => void): AnyFunction {
  const wrapper: AnyFunction = function (...args) {
    if (watching()) asked(args, wrapper)
    return new.target === undefined
      ? Reflect.apply(original, this, args)
      : Reflect.construct(original, args, new.target === wrapper ? original : new.target)
  }
  const made = likeness(wrapper, original)
  ;(made as { prototype: unknown }).prototype = (original as { prototype?: unknown }).prototype
  return made
}

export const trapClass =
  (kind: SourceKind, what: string) =>
  (original: AnyFunction): AnyFunction =>
    wrapClass(original, (_args, wrapper) => look(kind, `new ${what}()`, wrapper))

export function trapProperty(kind: SourceKind, what: string, home: Home, name: string): void {
  let at: object | null = home
  while (at !== null && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at)
  const descriptor = at === null ? undefined : Object.getOwnPropertyDescriptor(at, name)
  if (at === null || descriptor === undefined || !descriptor.configurable) return
  let { value } = descriptor
  if (descriptor.get !== undefined && wrapped.has(descriptor.get)) return
  const get = function (this: unknown): unknown {
    const noted = watching() && look(kind, what, get)
    const result: unknown = descriptor.get ? descriptor.get.call(this) : value
    // How a program was called is no part of what it is: threads and later runs are called otherwise.
    if (noted && what !== 'process.argv') noteInput(what, result)
    return result
  }
  const set = function (this: unknown, next: unknown): void {
    if (descriptor.set) descriptor.set.call(this, next)
    else value = next
  }
  wrapped.add(get)
  Object.defineProperty(at, name, { get, set, enumerable: descriptor.enumerable ?? true, configurable: true })
}
