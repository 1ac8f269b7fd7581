/** Where the running library lies, and whether this Node.js can load specs without help. The same code runs from `src` and from `dist`, where all modules lie side by side. */
import * as nodeModule from 'node:module'

const source = import.meta.url.endsWith('.ts')

/** The module that `import … from 'tsmc'` means in every spec, wherever the spec lies: a process holds one copy of the library. */
export const LIBRARY: string = new URL(source ? '../index.ts' : './index.js', import.meta.url).href

type Resolve = (specifier: string, context: object, next: (specifier: string, context: object) => object) => object
interface Hooks {
  readonly registerHooks?: (hooks: { resolve: Resolve }) => void
}
/** Not every Node.js has it. */
const { registerHooks } = nodeModule as Hooks

let resolved = false

/** From now on `tsmc` means the running library, whichever module imports it. */
export function resolveLibraryEverywhere(): void {
  if (resolved) return
  resolved = true
  if (registerHooks) {
    registerHooks({ resolve: (specifier, context, next) => (specifier === 'tsmc' ? { url: LIBRARY, shortCircuit: true } : next(specifier, context)) })
    return
  }
  const hooks = `export const resolve = (specifier, context, next) => specifier === 'tsmc' ? { url: ${JSON.stringify(LIBRARY)}, shortCircuit: true } : next(specifier, context)`
  nodeModule.register(`data:text/javascript,${encodeURIComponent(hooks)}`)
}

/** Whether this Node.js runs a spec file as it is. */
export function strips(path: string): boolean {
  return registerHooks !== undefined && (!/ts$/.test(path) || Boolean((process.features as { typescript?: unknown }).typescript))
}
