/** `tsmc render`: a DOT file as SVG. */
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { FaultError, UsageError } from '../errors.ts'
import type { Output } from './output.ts'
import { writeWhole } from './files.ts'

export async function runRender(file: string, flags: { out?: string }, { stdout, working }: Pick<Output, 'stdout' | 'working'>): Promise<number> {
  working({ doing: 'draw', file })
  let dot: string
  try {
    dot = readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${message}`)
  }
  const { renderSvg } = await import('../draw/svg.ts')
  let svg: string
  try {
    svg = await renderSvg(dot)
  } catch (error) {
    if (error instanceof FaultError) throw error
    throw new UsageError(`${file} cannot be drawn: ${error instanceof Error ? error.message : String(error)}`, 'is it a graph in the DOT language?')
  }
  stdout(`${writeWhole(flags.out ?? dirname(file), `${basename(file).replace(/\.(?:dot|gv)$/, '')}.svg`, svg)}\n`)
  return 0
}
