/**
 * What a function sees of the outside: the values of its free variables, and where it stands. Only an inspector knows: Node.js has one in every
 * thread. Elsewhere nothing is known.
 */
import type { Session } from 'node:inspector'
import { isLibrary, type Location } from '../errors.ts'

type AnyFunction = (...args: never[]) => unknown

/** Where a function begins in the code that runs, from 0: at its parameters. */
interface Begin {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber: number
}
interface Surroundings {
  readonly scopes: readonly object[]
  readonly begin: Begin | undefined
}

interface Remote {
  readonly objectId: string
}
interface Internal {
  readonly name: string
  readonly value?: Remote & { readonly value?: unknown }
}

const HOLD = Symbol.for('tsmc.source')
const hold: { given: unknown; taken: unknown } = { given: undefined, taken: undefined }

let session: Session | null | undefined

function inspector(): Session | null {
  if (session !== undefined) return session
  try {
    const { Session } = process.getBuiltinModule('node:inspector')
    session = new Session()
    session.connect()
    ;(globalThis as Record<symbol, unknown>)[HOLD] = hold
  } catch {
    session = null
  }
  return session
}

/** Ends the session; the next question begins another. */
export function release(): void {
  session?.disconnect()
  session = undefined
  delete (globalThis as Record<symbol, unknown>)[HOLD]
}

function post(to: Session, method: string, parameters?: object): unknown {
  let answer: unknown
  let wrong: unknown = null
  // In the same thread the answer comes at once.
  to.post(method, parameters, (error: unknown, result: unknown) => {
    wrong = error
    answer = result
  })
  if (wrong !== null) throw wrong
  return answer
}

const known = new WeakMap<object, Surroundings | null>()

function surroundings(of: AnyFunction): Surroundings | null {
  const before = known.get(of)
  if (before !== undefined) return before
  const found = ask(of)
  known.set(of, found)
  return found
}

const GROUP = 'tsmc'

function ask(of: AnyFunction): Surroundings | null {
  const to = inspector()
  if (to === null) return null
  try {
    hold.given = of
    const { result } = post(to, 'Runtime.evaluate', {
      expression: "globalThis[Symbol.for('tsmc.source')].given",
      objectGroup: GROUP,
      silent: true,
    }) as { result: Remote }
    const { internalProperties = [] } = post(to, 'Runtime.getProperties', { objectId: result.objectId, ownProperties: true }) as {
      internalProperties?: readonly Internal[]
    }
    const value = (name: string) => internalProperties.find((property) => property.name === name)?.value
    const scopes = value('[[Scopes]]')
    hold.taken = []
    if (scopes)
      post(to, 'Runtime.callFunctionOn', {
        objectId: scopes.objectId,
        functionDeclaration: "function () { globalThis[Symbol.for('tsmc.source')].taken = this }",
        silent: true,
      })
    const list = Array.from(hold.taken as ArrayLike<{ readonly object: object }>, ({ object }) => object)
    return { scopes: list, begin: value('[[FunctionLocation]]')?.value as Begin | undefined }
  } catch {
    return null
  } finally {
    hold.given = hold.taken = undefined
    try {
      post(to, 'Runtime.releaseObjectGroup', { objectGroup: GROUP })
    } catch {
      // The session is gone.
    }
  }
}

/** A value that is known, or undefined where it is not. */
export type Known = { readonly value: unknown } | undefined

/** What a free name means in a function. */
export function freeValue(of: AnyFunction, name: string): Known {
  const around = surroundings(of)
  if (around === null) return Object.hasOwn(globalThis, name) && typeof process === 'undefined' ? property(globalThis, name) : undefined
  for (const scope of around.scopes) if (Object.hasOwn(scope, name)) return property(scope, name)
  return name in globalThis ? property(globalThis, name) : undefined
}

/** The value of a property, without running anything of the user's. */
export function property(object: unknown, name: PropertyKey): Known {
  if (object === null || object === undefined) return undefined
  let at = Object(object) as object | null
  // What a proxy answers is its own code.
  if (isProxy(at)) return undefined
  for (; at !== null; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name)
    if (descriptor === undefined) continue
    if ('value' in descriptor) return { value: descriptor.value }
    // What bundlers and test runners make of a module: each export is a getter of a variable.
    const { get } = descriptor
    if (get !== undefined && EXPORT.test(Function.prototype.toString.call(get))) {
      try {
        return { value: get.call(object) }
      } catch {
        return undefined
      }
    }
    if (get !== undefined && name === 'size') return { value: 0 }
    return undefined
  }
  return { value: undefined }
}

const EXPORT =
  /^(?:\(\)\s*=>\s*[\w$.]+(?:\[[\w$]+\])?|(?:\(\)\s*=>|function\s*[\w$]*\s*\(\)|[\w$]+\s*\(\))\s*\{\s*(?:try\s*\{\s*)?return\s+[\w$.]+(?:\[[\w$]+\])?;?\s*\}(?:\s*catch\s*(?:\(\w+\)\s*)?\{\s*\}\s*\})?)$/

function isProxy(value: unknown): boolean {
  try {
    return process.getBuiltinModule('node:util').types.isProxy(value)
  } catch {
    return false
  }
}

/**
 * Where something in the text of a function stands in its file. `begin`: where its parameters begin in that text; `at`: what is meant. Null for a function of
 * Node.js itself, or of the library.
 */
export function placeOf(of: AnyFunction, text: string, begin: number, at: number): Location | null | undefined {
  const start = surroundings(of)?.begin
  if (start === undefined) return undefined
  const script = scripts().get(start.scriptId)
  if (script === undefined || script.url === '') return undefined
  if (script.url.startsWith('node:') || isLibrary(script.url)) return null
  const between = text.slice(Math.min(begin, at), Math.max(begin, at))
  const breaks = between.split('\n').length - 1
  const line = at < begin ? start.lineNumber - breaks : start.lineNumber + breaks
  const column = breaks > 0 ? at - text.lastIndexOf('\n', at - 1) - 1 : start.columnNumber + at - begin
  return original(script, line, column)
}

interface Script {
  readonly scriptId: string
  readonly url: string
  readonly sourceMapURL: string
}

/** All scripts of this thread. To be asked for only where something is to be told: it takes long. */
function scripts(): Map<string, Script> {
  const all = new Map<string, Script>()
  const to = inspector()
  if (to === null) return all
  const add = ({ params }: { params: Script }): void => void all.set(params.scriptId, params)
  to.on('Debugger.scriptParsed' as 'inspectorNotification', add as never)
  try {
    post(to, 'Debugger.enable')
    post(to, 'Debugger.disable')
  } catch {
    return all
  } finally {
    to.off('Debugger.scriptParsed' as 'inspectorNotification', add as never)
  }
  return all
}

function original({ url, sourceMapURL }: Script, line: number, column: number): Location | undefined {
  const { fileURLToPath, pathToFileURL } = process.getBuiltinModule('node:url')
  const at = url.startsWith('file:') ? url : /^(?:\/|[A-Za-z]:\\)/.test(url) ? pathToFileURL(url).href : undefined
  if (at === undefined) return undefined
  const plain = (file: string, row: number, col: number): Location => ({
    file: fileURLToPath(file.split('?')[0] as string),
    line: row + 1,
    column: col + 1,
  })
  if (sourceMapURL !== '') {
    try {
      const { SourceMap } = process.getBuiltinModule('node:module')
      const [, base64] = /^data:application\/json[^,]*;base64,(.*)$/.exec(sourceMapURL) ?? []
      const json =
        base64 !== undefined
          ? Buffer.from(base64, 'base64').toString('utf8')
          : process.getBuiltinModule('node:fs').readFileSync(fileURLToPath(new URL(sourceMapURL, at)), 'utf8')
      const entry = new SourceMap(JSON.parse(json)).findEntry(line, column)
      if ('originalSource' in entry) return plain(new URL(entry.originalSource, at).href, entry.originalLine, entry.originalColumn)
    } catch {
      // A map that cannot be read: the place in the code that runs is better than none.
    }
  }
  return plain(at, line, column)
}
