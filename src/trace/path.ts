/** The way to a state that an exploration has found, as steps that can be taken again. */
import { InternalError } from '../errors.ts'
import type { Finding } from '../explore/inspector.ts'
import type { Path } from '../program/path.ts'
import type { Replay } from '../program/system.ts'
import type { Arena } from '../visited/arena.ts'

/** The path to a state of an arena. */
export function pathTo(replay: Replay, arena: Arena, index: number): Path {
  return pathAlong(replay, arena, arena.pathTo(index))
}

/** The path along states of an arena, the first of which is an initial one. */
export function pathAlong(replay: Replay, arena: Arena, states: readonly number[]): Path {
  return states.map((state, i) => {
    const words = arena.segment(state)
    const at = arena.offset(state)
    const before = states[i - 1]
    const step = before === undefined ? replay.initialStep(words, at) : replay.stepTo(arena.segment(before), arena.offset(before), words, at)
    if (step === undefined) throw new InternalError('a state that was found is no successor of its parent')
    return step
  })
}

/** The path of a finding. */
export function pathOf(replay: Replay, arena: Arena, { from, state, kind, name, instance }: Omit<Finding, 'property' | 'steps'>): Path {
  if (from < 0) {
    if (state === null) return []
    const initial = replay.initialStep(state, 0)
    if (initial === undefined) throw new InternalError('an initial state cannot be found again')
    return [initial]
  }
  const path = pathTo(replay, arena, from)
  const words = arena.segment(from)
  const at = arena.offset(from)
  if (kind === 'deadlock') return path
  const last = kind === 'assertion' ? replay.failingStep(words, at, name) : replay.stepTo(words, at, state as Int32Array, 0, instance)
  if (last === undefined) throw new InternalError(`the step that breaks ${name} cannot be found again`)
  return [...path, last]
}
