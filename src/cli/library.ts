/** Where the running library lies. The same code runs from `src` and from `dist`, where all modules lie side by side. */
import { readFileSync } from 'node:fs'

const source = import.meta.url.endsWith('.ts')

/** The module that `import … from 'tsmc'` means in every spec, wherever the spec lies: a process holds one copy of the library. */
export const LIBRARY: string = new URL(source ? '../index.ts' : './index.js', import.meta.url).href

export function version(): string {
  return JSON.parse(readFileSync(new URL(source ? '../../package.json' : '../package.json', import.meta.url), 'utf8')).version
}
