import type { ProgramFigures } from '../program/program.ts'
import type { Bound } from '../program/result.ts'
import type { BreadthFirst } from './breadthFirst.ts'

export type Engine = Pick<
  BreadthFirst,
  | 'findings'
  | 'generated'
  | 'constrained'
  | 'depth'
  | 'stopped'
  | 'arena'
  | 'exact'
  | 'generatedBy'
  | 'distinctBy'
  | 'passedOver'
  | 'distinct'
  | 'queue'
  | 'scalarsets'
  | 'asking'
  | 'ordered'
  | 'path'
  | 'pathTo'
  | 'pathAlong'
> &
  Sliced & {
    readonly reachedAtOnce: readonly number[]
    /** Brings states into the arena: those of traces, or all. Only where they are not there anyway. */
    readonly recall?: (all: boolean, enough: () => Bound | null) => Promise<void>
    /** The figures of the program, with those of earlier runs. */
    readonly figures?: () => ProgramFigures
    /** Seconds of earlier runs. */
    readonly secondsBefore?: number
    readonly close?: () => Promise<void>
  }

/** The same of a search whose layers lie on disk. */
export type StoredEngine = Engine & Required<Pick<Engine, 'recall' | 'figures' | 'close' | 'settle'>>

/** What is carried out in slices. */
export interface Sliced {
  readonly finished: boolean
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly queue: number
  advance(milliseconds: number): boolean
  stop(bound: Bound): void
  /** Waits for what goes on elsewhere, between two slices. */
  readonly settle?: () => Promise<void>
}
