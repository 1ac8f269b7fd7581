/** Tasks that each run a process, a few at a time. */
import { availableParallelism } from 'node:os'

/** At most this many processes at a time. */
const PROCESSES = Math.min(2, availableParallelism())

/** Carries out tasks; gives their results in order. */
export async function inTurn(tasks) {
  const results = []
  let next = 0
  const worker = async () => {
    for (let i = next++; i < tasks.length; i = next++) results[i] = await tasks[i]()
  }
  await Promise.all(Array.from({ length: PROCESSES }, worker))
  return results
}
