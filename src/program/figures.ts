/** What is found out about a spec while it is explored; and the figures of several programs as those of one. */
import { mergeReads, type PropertyReads } from './reads.ts'
import type { FunctionProfile } from './result.ts'

export interface ProgramFigures {
  readonly leaves: number
  readonly calls: number
  /** How many of them were compared with what the function does on plain data. */
  readonly compared: number
  readonly direct: readonly string[]
  /** Messages of the assertions that were evaluated. */
  readonly assertions: readonly string[]
  /** Actions that were never enabled. */
  readonly neverEnabled: readonly string[]
  /** What properties have read. */
  readonly reads: readonly PropertyReads[]
  /** Only with the option `profile`: seconds spent expanding states, on the compilation of trees in that, and checking; and each function of the spec. */
  readonly profile?: {
    readonly expanding: number
    readonly compiling: number
    readonly checking: number
    readonly functions: readonly FunctionProfile[]
  }
}

/** The figures of programs that have each seen some of the states, as those of one that has seen them all. */
export function mergeFigures(all: readonly ProgramFigures[]): ProgramFigures {
  if (all.length === 1) return all[0] as ProgramFigures
  const common = (lists: readonly (readonly string[])[]): string[] => (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)))
  return {
    leaves: all.reduce((sum, { leaves }) => sum + leaves, 0),
    calls: all.reduce((sum, { calls }) => sum + calls, 0),
    compared: all.reduce((sum, { compared }) => sum + compared, 0),
    direct: [...new Set(all.flatMap(({ direct }) => direct))],
    assertions: [...new Set(all.flatMap(({ assertions }) => assertions))],
    neverEnabled: common(all.map(({ neverEnabled }) => neverEnabled)),
    reads: mergeReads(all.map(({ reads }) => reads)),
  }
}
