/** Expands states of a level, and has what is found looked at: the same for every exploration. The hot path. */
import type { Successors } from '../layout/successors.ts'
import type { Accelerator } from '../program/system.ts'
import type { Inspector, Places } from './inspector.ts'

/** Successors are looked up when this many are gathered. */
export const BATCH = 1 << 11
/** States expanded at a time where each takes long, so that the clock is looked at often enough. */
const SLOW_BATCH = 1 << 5

/**
 * Expands states from number `next` on and before `end`, which lie at `places`, until at least `batch` successors are gathered; at most so many states that the
 * clock is looked at often enough. Gives the number of the state to be expanded next.
 */
export function expandSome(
  accelerator: Accelerator,
  inspector: Inspector,
  places: Places,
  next: number,
  end: number,
  out: Successors,
  batch: number,
  depth: number,
): number {
  const from = out.count
  const last = Math.min(end, next + (accelerator.fast ? BATCH : SLOW_BATCH))
  let index = next
  while (index < last && out.count < from + batch) {
    const beside = Math.min(last, places.runEnd(index)) - index
    const count = inspector.symmetric ? Math.min(beside, inspector.stride) : beside
    const first = index
    index += accelerator.expandMany(places.segment(index), places.offset(index), count, index, out, from + batch)
    inspector.distinguish(first, index)
  }
  inspector.expanded(out, depth)
  inspector.checkSteps(out, depth, from)
  return index
}
