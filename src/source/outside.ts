/** Reading functions is no work of the spec, also where it happens while one of its functions runs. */
import { execute } from '../spec/actions.ts'

/** The parser may be loaded by this, and an inspector asked: that is no work of the spec. */
export function outside<T>(work: () => T): T {
  const execution = execute(null)
  try {
    return work()
  } finally {
    execute(execution)
  }
}
