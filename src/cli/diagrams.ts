/** Diagrams of violations as files; each has a name of its own, also where names differ by case only. */
import type { Drawn } from '../draw/dot.ts'
import { UsageError } from '../errors.ts'
import type { Violation } from '../program/result.ts'
import { plain } from '../report/text.ts'
import { fileName, shortName, shown, writeWhole } from './files.ts'

const plainLines = (text: string): string => text.split('\n').map(plain).join('\n  ')

export class Diagrams {
  readonly #directory: string
  readonly #warn: (text: string) => void
  readonly #names = new Set<string>()

  /** `warn` is told of a diagram that cannot be drawn or written: the verdict stands. */
  constructor(directory: string, warn: (text: string) => void) {
    this.#directory = directory
    this.#warn = warn
  }

  /** Writes the diagram of a violation; gives the files. `more`: what its name has behind those of spec and instance. */
  async write(result: Drawn, violation: Violation, more: readonly string[] = []): Promise<string[]> {
    if (violation.trace.length === 0) return []
    const name = this.#unused(shortName([result.spec, result.instance, ...more].map(fileName).join('.')))
    const paths: string[] = []
    try {
      const { traceToDot } = await import('../draw/dot.ts')
      const dot = traceToDot(result, violation)
      paths.push(writeWhole(this.#directory, `${name}.dot`, dot))
      const { renderSvg } = await import('../draw/svg.ts')
      paths.unshift(writeWhole(this.#directory, `${name}.svg`, await renderSvg(dot)))
    } catch (error) {
      const hint = error instanceof UsageError && error.hint !== undefined ? `\n  hint: ${plain(error.hint)}` : ''
      const what = paths[0] === undefined ? `the diagram of ${violation.name} is lost` : `${shown(paths[0])} was not drawn`
      this.#warn(`${plainLines(`warning: ${what}: ${error instanceof Error ? error.message : String(error)}`)}${hint}\n`)
    }
    return paths
  }

  #unused(name: string): string {
    let free = name
    for (let n = 2; this.#names.has(free.toLowerCase()); n++) free = `${name}-${n}`
    this.#names.add(free.toLowerCase())
    return free
  }
}
