/** What types say of wrong values. */

/** A value that does not belong to its type. `message` says what was given and what is allowed; the caller knows the variable. */
export class ValueError extends Error {
  override name = 'ValueError'
  /** Where inside the value: `.phase`, `[2]`. */
  path = ''
  /** The value, and what would have been right, as text; where that is what is wrong. */
  readonly misfit: { readonly value: string; readonly range: string } | undefined

  constructor(message: string, misfit?: { readonly value: string; readonly range: string }) {
    super(message)
    this.misfit = misfit
  }

  /** The same of a place of the state. */
  outside(place: string): { readonly variable: string; readonly value: string; readonly range: string } | undefined {
    return this.misfit && { variable: `${place}${this.path}`.replace(/^\./, ''), ...this.misfit }
  }
}

/**
 * What is told of a refusal before it is thrown, so that it stands whatever the spec catches. The engine that runs a function of a spec sets it;
 * null where none runs.
 */
let refusal: ((error: Error) => void) | null = null

/** Installs who is told of refusals and gives back the one before it. */
export function onRefusal(next: ((error: Error) => void) | null): ((error: Error) => void) | null {
  const before = refusal
  refusal = next
  return before
}

/** Throws an error that stands even where the function of the spec catches it. */
export function refuse(error: Error): never {
  refusal?.(error)
  throw error
}

/** Re-throws a `ValueError` from inside a composite with the place prefixed. */
export function within<T>(place: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof ValueError) error.path = place + error.path
    throw error
  }
}

/** A short rendering of a wrong value for an error message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol' || typeof value === 'bigint' || value === undefined || value === null) return String(value)
  if (value instanceof Promise) return 'a promise'
  // A type where a value belongs.
  if (typeof value === 'object' && 'decode' in value && 'slots' in value) return String(value)
  if (typeof value === 'object') {
    try {
      const text = JSON.stringify(value, (_key, inner) => (inner instanceof Set ? [...inner] : typeof inner === 'function' ? 'a function' : inner))
      return text.length > 80 ? `${text.slice(0, 77)}...` : text
    } catch {
      return Object.prototype.toString.call(value)
    }
  }
  return String(value)
}
