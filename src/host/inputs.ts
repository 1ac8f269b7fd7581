/**
 * What code of a spec reads of the world while it is loaded and while its model is put together. Files and the environment may be read then: what was
 * found is noted, since threads and searches that are gone on with must find the same. Files are noted by reads.ts.
 */
import type { SpecError } from '../errors.ts'

/** What is loaded or put together at the moment. */
interface Loading {
  /** As messages call it: `spec.ts`, `the model of the spec Queue`. */
  readonly what: string
  /** `while it is loaded`. */
  readonly when: string
  /** What it was refused first. */
  refused: SpecError | null
}

let current: Loading | null = null
let found = new Map<string, string>()

/** What is loaded or put together at the moment, if anything is. */
export function loading(): Loading | null {
  return current
}

function begin(what: string, when: string): () => void {
  const outer = current
  const here: Loading = { what, when, refused: null }
  current = here
  return () => {
    current = outer
    // Also where the code has caught it.
    if (here.refused) throw here.refused
  }
}

/** Runs code that loads a module of a spec. */
export async function whileLoading<T>(what: string, run: () => Promise<T>): Promise<T> {
  const end = begin(what, 'while it is loaded')
  try {
    return await run()
  } finally {
    end()
  }
}

/** Runs code that puts a model together. */
export function whileDefining<T>(what: string, run: () => T): T {
  const end = begin(what, 'while it is put together')
  try {
    return run()
  } finally {
    end()
  }
}

/** Notes what was found under a name: `process.env.SIZE`. */
export function noteInput(name: string, value: unknown): void {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // It contains itself: it is known by what it says of itself.
  }
  found.set(name, text ?? String(value))
}

/** All that was found so far in this thread, by name, in the order of the names. */
export function inputsFound(): readonly (readonly [name: string, value: string])[] {
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What is found while something runs. */
export function inputsOf(run: () => void): readonly (readonly [name: string, value: string])[] {
  const before = found
  found = new Map()
  try {
    run()
    return inputsFound()
  } finally {
    found = new Map([...before, ...found])
  }
}
