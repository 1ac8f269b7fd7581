/** What copies and compares deeply, and asks for descriptors, gets plain data for the parts of a state, which have accessors. */
import { underWay } from '../spec/actions.ts'
import type { AnyFunction } from './access.ts'
import { type Home, likeness, wrap } from './wrap.ts'

/** Gives plain data for a part of the state, and other values as they are. */
type PlainOf = (value: unknown) => unknown
let plainOf: PlainOf | null = null
let isLive: (value: object) => boolean = () => false

/** Tells how parts of the state become plain data: what copies and compares deeply gets that; and what is a part of the state. */
export function registerPlain(given: PlainOf | null, live: (value: object) => boolean = () => false): void {
  plainOf = given
  isLive = live
}

export const deep = (original: AnyFunction): AnyFunction => {
  const wrapper: AnyFunction = function (...args) {
    const plain = plainOf
    return Reflect.apply(original, this, plain !== null && underWay() !== null ? args.map((value) => plain(value)) : args)
  }
  return likeness(wrapper, original)
}

/** The descriptors of a part of the state, which has accessors, as plain data have them. */
export function trapDescriptors(): void {
  const valued = (descriptor: PropertyDescriptor): PropertyDescriptor =>
    descriptor.get ? { value: descriptor.get(), writable: true, enumerable: descriptor.enumerable ?? true, configurable: true } : descriptor
  const wrapper =
    (all: boolean) =>
    (original: AnyFunction): AnyFunction => {
      const asked: AnyFunction = function (...args) {
        const found = Reflect.apply(original, this, args)
        if (found === undefined || underWay() === null || !isLive(args[0])) return found
        if (!all) return valued(found as PropertyDescriptor)
        return Object.fromEntries(Object.entries(found as PropertyDescriptorMap).map(([name, one]) => [name, valued(one)]))
      }
      return likeness(asked, original)
    }
  wrap(Object as unknown as Home, 'getOwnPropertyDescriptor', wrapper(false))
  wrap(Reflect as unknown as Home, 'getOwnPropertyDescriptor', wrapper(false))
  wrap(Object as unknown as Home, 'getOwnPropertyDescriptors', wrapper(true))
}
