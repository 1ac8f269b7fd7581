import { readSlot } from '../layout/layout.ts'
import type { Learner } from '../learn/learner.ts'
import type { Bound } from '../program/result.ts'
import type { SearchOptions } from '../program/options.ts'
import type { Engine } from '../explore/engine.ts'
import { count } from './expectations.ts'

/** Values of a slot that are no sign of growth. */
const FEW = 1000
/** States that are looked at for growth. */
const LOOKED_AT = 1 << 14

/** The slot of the most different values, where they are many. */
function growing(search: Engine, { layout }: Learner): { path: string; bounded: boolean; seen: number } | undefined {
  const { arena } = search
  const stride = Math.ceil(arena.length / LOOKED_AT)
  const seenIn = (slot: number): number => {
    const values = new Set<number>()
    for (let index = 0; index < arena.length; index += stride) values.add(readSlot(layout, arena.segment(index), arena.offset(index), slot))
    return values.size
  }
  return layout.slots
    .map(({ path, size, seen }, slot) => ({ path, bounded: seen === undefined, seen: seen?.() ?? (size > FEW ? seenIn(slot) : 0) }))
    .filter(({ seen }) => seen > FEW)
    .sort((a, b) => b.seen - a.seen)[0]
}

export function boundText(bound: Bound, search: Engine, program: Learner, options: SearchOptions): string {
  // Of a round that was cut short nothing is left: then the last states count as expanded, but not all that follows from them is found.
  const left =
    search.queue === 0 ? 'not everything that follows from the states found was looked at' : `${count(search.queue, 'state')} found but not expanded`
  const grows = growing(search, program)
  const growth =
    grows === undefined
      ? ''
      : `; ${grows.path} ${grows.bounded ? 'takes many values' : 'may grow without bound'}: ${grows.seen} different ones so far`
  const reason = {
    'max-states': `more than ${options.maxStates} distinct states`,
    'max-depth': `the bound on the depth, ${options.maxDepth}, is reached`,
    timeout: `the time limit of ${options.timeout} seconds is over`,
    interrupt: 'interrupted',
    memory: 'memory is used up',
    capacity: `there are numbers for ${count(search.arena.most, 'state')} in memory`,
  }[bound]
  const way = (bound === 'memory' || bound === 'capacity') && options.store === undefined ? '; --store keeps the states on disk' : ''
  return `${reason}: ${left}${growth}${way}`
}
