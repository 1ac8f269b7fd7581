/** Opens the store of a check. The engine that keeps it is only loaded where there is one. */
import type { StoredEngine, StoredTask } from '../run/host.ts'
import { version } from './version.ts'

/** `available`: bytes of memory that the process may use. */
export async function openStore(
  { spec, instance, constants, model, program, checks, options, store }: StoredTask,
  available: number,
): Promise<StoredEngine> {
  const { Stored, defaultMemory, identityOf, refuseStore } = await import('../store/stored.ts')
  refuseStore(program, options)
  const functions = [
    ...[...model.initials, ...model.actions].map(({ run }) => String(run)),
    ...model.predicates.map(({ test }) => String(test)),
    ...model.steps.map(({ source }) => String(source)),
  ]
  const { directory, resume = false, memory = defaultMemory(available), source } = store
  const identity = identityOf(program, { tsmc: version(), spec, instance, constants, functions }, options, source)
  return Stored.open(program, checks, options, { directory, resume, memory }, identity)
}
