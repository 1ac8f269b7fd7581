/**
 * A trapped function was called: by whom, and what follows. While a function of a spec runs it is refused; while a spec is loaded some kinds are refused, and
 * of the others is noted what was found (inputs.ts). Calls of Node.js, of the library and of installed packages go through.
 */
import { isLibrary, SpecError } from '../errors.ts'
import { refuse, underWay } from '../spec/actions.ts'
import { loading, noteInput } from './inputs.ts'
import { HINTS, LOADING_HINTS, READS, type SourceKind } from './trapTable.ts'

// biome-ignore lint/suspicious/noExplicitAny: any function, called with anything
export type AnyFunction = (this: unknown, ...args: any[]) => unknown

/**
 * The file of a spec, or of what it imports, that called a wrapper; null where it was Node.js or the library. Asked for only while code of a spec runs.
 * `through`: also by way of these, which do it for the spec.
 */
function callerOf(wrapper: AnyFunction, through: readonly ('node' | 'library')[]): string | null {
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { stack?: unknown } = {}
  let sites: readonly NodeJS.CallSite[]
  try {
    Error.stackTraceLimit = through.length > 0 ? 8 : 1
    Error.prepareStackTrace = (_error, frames) => frames
    Error.captureStackTrace(holder, wrapper)
    sites = holder.stack as readonly NodeJS.CallSite[]
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
  const files = sites.map((site) => site.getFileName() ?? '')
  const whose = (file: string): 'node' | 'library' | 'spec' => (file.startsWith('node:') ? 'node' : isLibrary(file) ? 'library' : 'spec')
  const file = files.find((one) => !(through as readonly string[]).includes(whose(one))) ?? ''
  return whose(file) === 'spec' ? file : null
}
/** Installed packages, but not what tools keep beside them. */
const PACKAGE = /[\\/]node_modules[\\/](?!\.)/

/** Whose random numbers and formats are the spec's, too. */
const THROUGH: Partial<Readonly<Record<SourceKind, readonly ('node' | 'library')[]>>> = { random: ['node'], locale: ['library'] }

/** Whether code of a spec may be running. */
export const watching = (): boolean => underWay() !== null || loading() !== null

/** What may be read while a spec is loaded. */
const RECORDED: ReadonlySet<SourceKind> = new Set(['environment', 'zone', 'locale', 'file'])
/** What tells a spec nothing while it is loaded: a module may wait, hold on to things, and open a server. */
const TELLS_NOTHING = (kind: SourceKind, what: string): boolean =>
  kind === 'timer' || kind === 'memory' || (kind === 'network' && /\.create(?:Secure)?(?:Server|Socket)\(/.test(what))
const Format = Intl.DateTimeFormat
/** Where the machine is, as far as a spec can tell. */
function notePlace(): void {
  const { locale, timeZone } = Format().resolvedOptions()
  noteInput('the language and the time zone', [locale, timeZone])
}

/** Refuses what is read, where code of a spec reads it. True where it is allowed, and what is found is to be noted. */
export function look(kind: SourceKind, what: string, wrapper: AnyFunction): boolean {
  const execution = underWay()
  const load = execution === null ? loading() : null
  if (execution === null && load === null) return false
  const file = callerOf(wrapper, THROUGH[kind] ?? [])
  if (file === null) return false
  if (execution) return refuse(new SpecError(`${execution.what} ${READS[kind]}: ${what}`, { hint: HINTS[kind] }))
  if (load === null || PACKAGE.test(file) || TELLS_NOTHING(kind, what)) return false
  if (kind === 'zone' || kind === 'locale') notePlace()
  if (RECORDED.has(kind)) return true
  load.refused ??= new SpecError(`${load.what} ${READS[kind]} ${load.when}: ${what}`, { hint: LOADING_HINTS[kind] ?? HINTS[kind] })
  throw load.refused
}

/** What is read of files. All else, such as when one was changed, differs without a difference. */
const CONTENT = /\.(?:readFile|readFileSync|readdir|readdirSync|existsSync)$/
/** Notes what a call has found, or will have. */
export function noteCall(kind: SourceKind, what: string, args: readonly unknown[], result: unknown): void {
  if (kind !== 'environment' && !(kind === 'file' && CONTENT.test(what))) return
  const name = `${what}(${args
    .filter((one) => typeof one !== 'function')
    .map((one) => JSON.stringify(one))
    .join(', ')})`
  if (result instanceof Promise)
    result.then(
      (found) => noteInput(name, found),
      () => noteInput(name, 'failed'),
    )
  else noteInput(name, result)
}
