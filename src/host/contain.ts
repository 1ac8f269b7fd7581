/**
 * Code of a spec may not end the process, nor choose its exit code: while such code runs, what would do so throws an error of the spec instead. A
 * spec that catches that error gains nothing, as it is kept and thrown again. That is against accidents; malice finds other ways (docs/threats.md).
 */
import { syncBuiltinESMExports } from 'node:module'
import host from 'node:process'
import { isMainThread } from 'node:worker_threads'
import { SpecError } from '../errors.ts'

/** How deep we are in code of a spec. */
let inside = 0
/** What the code that runs tried, and was refused. */
let refused: SpecError | null = null
let installed = false

type Ending = 'exit' | 'abort' | 'reallyExit' | 'kill'
type Anything = (...args: unknown[]) => unknown
const endings = host as unknown as Record<Ending, Anything>
/** What ends this process, whatever a spec has made of it. */
export const leave: (code: number) => never = (endings.reallyExit as (code: number) => never).bind(host)

function refuse(name: Ending, args: readonly unknown[]): never {
  const call = `process.${name}(${args.map(String).join(', ')})`
  refused ??= new SpecError(`a spec may not end the process, and this one calls ${call}`, {
    hint: 'an action that must not be taken begins with when(); what must hold is an invariant, or ensure()',
  })
  throw refused
}

/** Puts watchers in front of what ends a process: once, since modules hold on to the functions that they import. */
function install(): void {
  if (installed) return
  installed = true
  for (const name of ['exit', 'abort', 'reallyExit', 'kill'] as const) {
    const original = endings[name]
    endings[name] = function watched(this: unknown, ...args: unknown[]) {
      const own = name !== 'kill' || args[0] === host.pid || args[0] === 0
      if (inside > 0 && own) refuse(name, args)
      return original.apply(host, args)
    }
  }
  syncBuiltinESMExports()
}

/** Runs code that calls functions of a spec. */
export function contained<T>(run: () => T): T {
  install()
  if (inside > 0) return settle(run)
  // A thread's own exit code is nobody's.
  const code = isMainThread ? host.exitCode : undefined
  inside++
  try {
    return settle(run)
  } finally {
    inside--
    if (isMainThread && host.exitCode !== code) host.exitCode = code
  }
}

function settle<T>(run: () => T): T {
  try {
    return run()
  } finally {
    rethrow()
  }
}

/** Throws what was refused since it was last asked: also where the spec has caught it. */
export function rethrow(): void {
  const error = refused
  refused = null
  if (error !== null) throw error
}

/** From now on everything in this thread counts as code of a spec, timers and handlers included. */
export function containThread(): void {
  install()
  inside++
}
