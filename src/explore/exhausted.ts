import type { Bound } from '../program/result.ts'
import { Full } from '../visited/arena.ts'

/** What has come to its end where this was thrown: memory, or the numbers for states; null where it is an error of another kind. */
export function exhausted(error: unknown): Extract<Bound, 'memory' | 'capacity'> | null {
  if (error instanceof Full) return 'capacity'
  return error instanceof RangeError && /allocation|array length|(?:Map|Set) maximum/i.test(error.message) ? 'memory' : null
}
