/**
 * Clocks, random numbers, the environment, files, the network: while a function of a spec runs, reading them is refused, each time. What a step does
 * depends on nothing but the state. While a spec is loaded and its model is put together the same is refused, but for files and the environment, of
 * which is noted what was found (inputs.ts). What installed packages do then is their own. What is trapped stands in trapTable.ts.
 *
 * The functions of Node.js and the language are wrapped when the library is loaded, in every thread that loads it. A wrapper looks who calls only while a
 * function of a spec runs; calls of Node.js and of the library itself go through. What a program has taken for itself before the library was loaded is
 * not wrapped: a spec imports the library first.
 */
import { type AnyFunction, look, watching } from './access.ts'
import { deep, trapDescriptors } from './deepTraps.ts'
import { noteInput } from './inputs.ts'
import { trapDate, trapFormat, trapLanguages } from './localTraps.ts'
import './methods.ts'
import { AT_ONCE, DEEP, HOMES, type Trap, TRAPS } from './trapTable.ts'
import { type Home, trapClass, trapFunction, trapProperty, wrap } from './wrap.ts'

/** `process.env` is an object that programs keep: every look at it is one at the environment. */
function trapEnvironment(): void {
  const guard = <F extends AnyFunction>(of: F): F => {
    const trap: AnyFunction = (...args) => {
      const noted = watching() && look('environment', 'process.env', trap)
      const result = of(...args)
      const name = args[1] as string | symbol | undefined
      if (noted && typeof name === 'string') noteInput(`process.env.${name}`, Reflect.get(args[0], name))
      if (noted && name === undefined) noteInput('Object.keys(process.env)', result)
      return result
    }
    return trap as F
  }
  process.env = new Proxy(process.env, {
    get: guard(Reflect.get),
    // By itself a proxy would define the property anew, which the environment does not take.
    set: (target, name, value) => Reflect.set(target, name, value),
    has: guard(Reflect.has),
    ownKeys: guard(Reflect.ownKeys),
    getOwnPropertyDescriptor: guard(Reflect.getOwnPropertyDescriptor),
  }) as NodeJS.ProcessEnv
}

function trap({ kind, home: written, functions = [], all, properties = [], classes = [] }: Trap, object: Home): void {
  const prefix = written === 'globalThis' ? '' : `${written}.`
  const names = all ? Object.keys(object).filter((name) => /^[a-z]/.test(name) && typeof object[name] === 'function') : functions
  for (const name of names) wrap(object, name, trapFunction(kind, `${prefix}${name}`))
  for (const name of properties) trapProperty(kind, `${prefix}${name}`, object, name)
  for (const name of classes) wrap(object, name, trapClass(kind, name))
}

const done = new Set<string>()

function module(name: string): Home | undefined {
  return process.getBuiltinModule(`node:${name}`) as Home | undefined
}

function wrapModules(names: (name: string) => boolean): boolean {
  let any = false
  for (const one of TRAPS) {
    if (one.module === undefined || done.has(one.module) || !names(one.module)) continue
    const found = module(one.module)
    if (found) trap(one, found)
    any = true
  }
  for (const [name, functions] of Object.entries(DEEP)) {
    if (name === 'globalThis' || done.has(name) || !names(name)) continue
    const found = module(name)
    for (const home of [found, found?.['strict'] as Home | undefined]) if (home) for (const one of functions) wrap(home, one, deep)
    any = true
  }
  // Whoever has taken `http.get` for itself before still opens a socket.
  if (names('net') && !done.has('net')) {
    const net = module('net') as { readonly Socket: { readonly prototype: Home } }
    wrap(net.Socket.prototype, 'connect', trapFunction('network', 'net.Socket.connect'))
  }
  for (const name of [...TRAPS.flatMap(({ module: one }) => one ?? []), ...Object.keys(DEEP)]) if (names(name)) done.add(name)
  return any
}

function trapGlobals(): void {
  for (const one of TRAPS) {
    if (one.module !== undefined) continue
    const object = HOMES[one.home]?.()
    if (object !== undefined && object !== null) trap(one, object as Home)
  }
}

let installed = false

/** Wraps all that is there. Once per thread, when the library is loaded. */
function install(): void {
  if (installed) return
  installed = true
  trapDate()
  trapFormat()
  trapLanguages()
  trapGlobals()
  trapDescriptors()
  for (const name of DEEP['globalThis'] as readonly string[]) wrap(globalThis as unknown as Home, name, deep)
  if (typeof globalThis.process?.getBuiltinModule !== 'function') return
  trapEnvironment()
  wrapModules((name) => AT_ONCE.has(name) || Object.hasOwn(DEEP, name))
  process.getBuiltinModule('node:module').syncBuiltinESMExports()
}

/** Wraps modules of Node.js that have been loaded since, and what a test runner has put back. When a check begins. */
export function arm(): void {
  install()
  trapGlobals()
  const loaded = (globalThis.process as { moduleLoadList?: readonly string[] } | undefined)?.moduleLoadList
  if (loaded === undefined) return
  const there = new Set(loaded.map((entry) => entry.replace(/^NativeModule /, '')))
  if (wrapModules((name) => there.has(name.replace(/^dns\/.*/, 'dns')))) process.getBuiltinModule('node:module').syncBuiltinESMExports()
}

install()
