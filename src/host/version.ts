/** The version of the library: that of its package. The same code runs from `src` and from `dist`, where all modules lie side by side. */
import { readFileSync } from 'node:fs'

export function version(): string {
  const place = import.meta.url.endsWith('.ts') ? '../../package.json' : '../package.json'
  return JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')).version
}
