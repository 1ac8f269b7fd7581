/** The interfaces of the waist put together. */
import type { Accelerator, Judge, Measured, Reasons, Replay, System } from './system.ts'
import type { TemporalProgram } from './temporal.ts'

/** All of it: what a spec becomes. */
export interface Program extends System, Judge, Replay, Reasons, Measured {
  readonly accelerator: Accelerator
  readonly temporal: TemporalProgram
}
