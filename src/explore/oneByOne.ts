/** Expands states one by one: the accelerator of a system that has none. */
import type { Successors } from '../layout/successors.ts'
import type { Accelerator, System } from '../program/system.ts'

export function oneByOne(system: System): Accelerator {
  const { words } = system.layout
  const accelerator = {
    heap: null,
    fast: false,
    expanding: -1,
    learned: 0,
    expandMany(states: Int32Array, at: number, count: number, first: number, out: Successors, enough: number): number {
      let done = 0
      for (; done < count && out.count < enough; done++) {
        const index = first + done
        const before = out.count
        const failures = out.failures.length
        accelerator.expanding = index
        system.expand(states, at + done * words, out)
        for (let f = failures; f < out.failures.length; f++) (out.failures[f] as { source: number }).source = index
        if (out.count === before && out.failures.length === failures) out.stuck.push(index)
        else out.source.fill(index, before, out.count)
      }
      accelerator.expanding = -1
      return done
    },
    uncertain: (_out: Successors, _fresh: Int32Array, from: number) => from,
  }
  return accelerator
}

export function acceleratorOf(system: System): Accelerator {
  return system.accelerator ?? oneByOne(system)
}
