/** What an exploration looks like to what runs it and tells of it, wherever its states lie. */
import type { Bound } from '../program/result.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { Arena } from '../visited/arena.ts'
import type { Finding } from './inspector.ts'

/** What is carried out in slices. */
export interface Sliced {
  readonly finished: boolean
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  /** States found but not expanded. */
  readonly queue: number
  /** Goes on for about this many milliseconds, or until `settle` has to be waited for. Gives true when it is over. */
  advance(milliseconds: number): boolean
  /** Stops early: the result is then incomplete. */
  stop(bound: Bound): void
  /** Waits for what goes on elsewhere, between two slices. */
  readonly settle?: () => Promise<void>
}

/** A found state by its number, and the way to it. */
export interface Lookup {
  readonly arena: Arena
}

/** The state that is expanded or is perhaps a deadlock (`state` null), or a successor of `from` (-1: an initial state). */
export interface Asking {
  readonly from: number
  readonly state: Int32Array | null
}

export interface Engine extends Sliced, Lookup {
  readonly stopped: Bound | null
  /** Successors outside the constraints. */
  readonly constrained: number
  /** Whether states that differ were never taken for one. */
  readonly exact: boolean
  /** Per action instance: successors, and new states among them. */
  readonly generatedBy: Float64Array
  readonly distinctBy: Float64Array
  readonly findings: readonly Finding[]
  /** Assertions that failed although nobody looks for them. */
  readonly passedOver: number
  /** Sought states among the initial ones. */
  readonly reachedAtOnce: readonly number[]
  /** The scalarsets by which states are reduced. */
  readonly scalarsets: readonly { readonly name: string; readonly size: number }[]
  /** What the program is asked about, for whoever wants to know where a function of the spec threw. */
  readonly asking: Asking | null
  /** The findings, the one with the fewest steps first, as they lie in the arena. */
  ordered(): readonly Finding[]

  // Of those that go on where an earlier run ended:
  /** Brings states into the arena: those of traces, or all. Only where they are not there anyway. */
  readonly recall?: (all: boolean, enough: () => Bound | null) => Promise<void>
  /** The figures of the program, with those of earlier runs. */
  readonly figures?: () => ProgramFigures
  /** Seconds of earlier runs. */
  readonly secondsBefore?: number
  readonly close?: () => Promise<void>
}

/** One whose layers lie on disk. */
export type StoredEngine = Engine & Required<Pick<Engine, 'recall' | 'figures' | 'close' | 'settle'>>
