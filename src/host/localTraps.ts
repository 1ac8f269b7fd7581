/** What is trapped only with some arguments: dates and formats, which tell the time without one, and depend on the machine where no language and no zone are named. */
import { HOMES, LANGUAGES } from './trapTable.ts'
import { type AnyFunction, look, watching } from './access.ts'
import { type Home, likeness, wrap, wrapped, wrapClass } from './wrap.ts'

/** A time in a text that says of which zone it is, or a day, which begins in that of Greenwich. */
const ZONED = /(?:z|gmt|utc|[+-]\d\d:?\d\d)\s*(?:\(.*\))?$|^[+-]?\d{4,6}(?:-\d\d){0,2}$/i
const isLocal = (text: unknown): boolean => typeof text === 'string' && !ZONED.test(text.trim())

/** The time is told by `Date()`, `new Date()` and `Date.now()`; `new Date(0)` is a value like others; of local times it depends on where one is. */
export function trapDate(): void {
  const Original = Date
  const wrapper: AnyFunction = function (...args) {
    if (watching()) {
      if (new.target === undefined) look('clock', 'Date()', wrapper)
      else if (args.length === 0) look('clock', 'new Date()', wrapper)
      else if (args.length > 1 || isLocal(args[0])) look('zone', `new Date(${args.length > 1 ? 'year, month' : 'text'})`, wrapper)
    }
    return new.target === undefined ? Original() : Reflect.construct(Original, args, new.target === wrapper ? Original : new.target)
  }
  likeness(wrapper, Original)
  wrapper.prototype = Original.prototype
  Original.prototype.constructor = wrapper as unknown as DateConstructor
  globalThis.Date = wrapper as unknown as DateConstructor
}

/** Formats of which the language, or the time zone, is the machine's. */
export function trapLanguages(): void {
  const zoned = (options: unknown): boolean => (options as { timeZone?: unknown } | null | undefined)?.timeZone !== undefined
  /** Looks at the arguments of a call. */
  const judge = (what: string, dates: boolean, args: readonly unknown[], wrapper: AnyFunction): void => {
    if (args[0] === undefined) look('locale', what, wrapper)
    else if (dates && !zoned(args[1])) look('zone', what, wrapper)
  }
  const method =
    (what: string, dates: boolean) =>
    (original: AnyFunction): AnyFunction => {
      const wrapper: AnyFunction = function (...args) {
        if (watching()) judge(`${what}()`, dates, args, wrapper)
        return Reflect.apply(original, this, args)
      }
      return likeness(wrapper, original)
    }
  const format =
    (what: string, dates: boolean) =>
    (original: AnyFunction): AnyFunction =>
      wrapClass(original, (args, wrapper) => judge(what, dates, args, wrapper))
  for (const { home, name, dates } of LANGUAGES) {
    const object = HOMES[home]?.() as Home | undefined
    if (object === undefined || typeof object[name] !== 'function') continue
    wrap(object, name, home === 'Intl' ? format(`new Intl.${name}()`, dates) : method(`${home}.${name}`, dates))
  }
  wrap(Date as unknown as Home, 'parse', (original) => {
    const wrapper: AnyFunction = function (...args) {
      if (watching() && isLocal(args[0])) look('zone', 'Date.parse(text)', wrapper)
      return Reflect.apply(original, this, args)
    }
    return likeness(wrapper, original)
  })
}

/** A format without a time formats the present. */
export function trapFormat(): void {
  const { prototype } = Intl.DateTimeFormat
  const now = (original: AnyFunction): AnyFunction => {
    const wrapper: AnyFunction = function (...args) {
      if (args[0] === undefined && watching()) look('clock', 'Intl.DateTimeFormat', wrapper)
      return Reflect.apply(original, this, args)
    }
    return likeness(wrapper, original)
  }
  wrap(prototype as unknown as Home, 'formatToParts', now)
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'format')
  const get = descriptor?.get as AnyFunction | undefined
  if (get === undefined || wrapped.has(get)) return
  const getter = function (this: unknown): unknown {
    return now(get.call(this) as AnyFunction)
  }
  wrapped.add(getter)
  Object.defineProperty(prototype, 'format', { ...descriptor, get: getter })
}
