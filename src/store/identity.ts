/** Whose a store is, and what cannot be kept in one. */
import { createHash } from 'node:crypto'
import { SpecError, UsageError } from '../errors.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Program } from '../program/program.ts'
import type { Identity } from './manifest.ts'

/** What is known of a spec from outside. */
export interface Described {
  readonly tsmc: string
  readonly spec: string
  readonly instance: string
  readonly constants: Readonly<Record<string, unknown>>
  /** The source of each of its functions, looked at where there is no hash of the whole. */
  readonly functions: readonly string[]
}

export function identityOf(program: Program, { functions, ...described }: Described, options: SearchOptions, source: string | undefined): Identity {
  const { layout, instances, actions, invariants, steps, reachables } = program
  return {
    ...described,
    // As it comes back from a file.
    constants: JSON.parse(JSON.stringify(described.constants)),
    source: source ?? hash(functions),
    shape: hash([layout.slots.map(({ path, size }) => [path, size]), actions, instances, invariants, steps, reachables]),
    keepGoing: options.keepGoing === true,
    symmetry: options.symmetry !== false,
  }
}

export function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}

/** Refuses what would give another result on disk than in memory. */
export function refuseStore(program: Program, options: SearchOptions): void {
  if (options.keys === 'fingerprint')
    throw new UsageError('--store tells states apart exactly: there are no fingerprints to keep', 'leave out --keys fingerprint, or --store')
  if (program.viewed)
    throw new SpecError(
      'a model with a view cannot be kept in a store: of states with one key only the first is judged, and a store finds out too late which it is',
      {
        location: undefined,
        hint: 'remove the view, or check without --store',
      },
    )
}
