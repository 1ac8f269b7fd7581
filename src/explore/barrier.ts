/** Where the threads of a round wait for each other: none goes on before all have come. */
import { FLAG } from './round.ts'

/** How often a thread looks whether the others have come before it sleeps: some microseconds. */
const TURNS = 2000
/** Milliseconds that it sleeps at most before it looks for a failure of another. */
const NAP = 10

export class Barrier {
  readonly #flags: Int32Array
  readonly #threads: number
  readonly #alone: boolean
  /** How often all had come when this thread came; -1 where it does not wait. */
  #meeting = -1

  /** `alone`: whether each thread has a processor of its own. */
  constructor(flags: Int32Array, threads: number, alone: boolean) {
    this.#flags = flags
    this.#threads = threads
    this.#alone = alone
  }

  /**
   * Waits for the others until this time, in milliseconds. `last` is done by the last one to come, while the others wait. Whoever is told 'not yet' comes
   * back; where a thread has failed, nobody waits.
   */
  meet(until: number, last: ((flags: Int32Array) => void) | null): 'met' | 'not yet' | 'failed' {
    const flags = this.#flags
    if (this.#meeting < 0) {
      this.#meeting = Atomics.load(flags, FLAG.MEETINGS)
      if (Atomics.add(flags, FLAG.ARRIVED, 1) + 1 === this.#threads) {
        Atomics.store(flags, FLAG.ARRIVED, 0)
        last?.(flags)
        Atomics.add(flags, FLAG.MEETINGS, 1)
        Atomics.notify(flags, FLAG.MEETINGS)
      }
    }
    for (let turn = 0; Atomics.load(flags, FLAG.MEETINGS) === this.#meeting; turn++) {
      if (Atomics.load(flags, FLAG.FAILED) !== 0) return 'failed'
      // Often it is only a moment.
      if (this.#alone && turn < TURNS) continue
      const left = until - performance.now()
      if (left <= 0) return 'not yet'
      Atomics.wait(flags, FLAG.MEETINGS, this.#meeting, Math.min(left, NAP))
    }
    this.#meeting = -1
    return 'met'
  }

  /** Says that this thread will not come: the others need not wait for it. */
  fail(): void {
    Atomics.store(this.#flags, FLAG.FAILED, 1)
    Atomics.notify(this.#flags, FLAG.MEETINGS)
  }
}
