/** What comes out of a simulation: data only. */
import type { Bound, Violation } from './result.ts'

export interface SimulationResult {
  readonly spec: string
  readonly instance: string
  readonly constants: Readonly<Record<string, unknown>>
  /** With the same seed, runs and depth the same behaviours are made. */
  readonly seed: number
  /** Runs carried out: all that were asked for, unless something was found or a bound was met. */
  readonly runs: number
  /** The largest number of steps of a run. */
  readonly depth: number
  /** `nothing-found` is no proof: only a check that ends shows that everything holds. */
  readonly verdict: 'violated' | 'deadlocked' | 'nothing-found'
  /** What the instance is expected to give, as text; null where constants were overridden. */
  readonly expectation: string | null
  /** Whether what was found is what is expected; where a violation is expected and none was found: false. */
  readonly expected: boolean
  /** The first violation, its behaviour shortened. */
  readonly violation: Violation | null
  /** The run, counted from 1, and the number of steps with which it was found; null for what was found in the states of all runs. */
  readonly found: { readonly run: number; readonly steps: number } | null
  /** States visited in all runs, and how many different ones (told apart by 64-bit fingerprints); the others were visited again. */
  readonly visited: number
  readonly distinct: number
  readonly revisited: number
  readonly steps: number
  /** How long the runs were: in steps, in ascending order. */
  readonly lengths: readonly { readonly steps: number; readonly runs: number }[]
  /** Runs that ended in a state without a successor, and those of them that are deadlocks. */
  readonly ended: number
  readonly deadlocks: number
  /** Runs that ended outside the constraint. */
  readonly constrained: number
  /** How often each action was taken. */
  readonly actions: readonly { readonly name: string; readonly taken: number }[]
  /** States that are sought and were not visited. */
  readonly unreached: readonly string[]
  /** Temporal properties and the fairness of refinements, where they were not looked at: something else was found before, or a bound was met. */
  readonly unchecked: readonly string[]
  /** Those that were looked at when all runs were done, on all behaviours through this many of the states visited. */
  readonly looked: { readonly properties: readonly string[]; readonly states: number } | null
  readonly seconds: number
  readonly incomplete: Bound | null
}
