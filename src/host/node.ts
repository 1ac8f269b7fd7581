/** Node.js as the place where checks run. Loaded before anything of a spec is: what it traps must be trapped by then. */
import './traps.ts'
import { availableParallelism, totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { isLive, plainOf } from '../drafts/graph.ts'
import { type Host, type MemoryFigures, useHost } from '../run/host.ts'
import { contained } from './contain.ts'
import { whileDefining } from './inputs.ts'
import { beginLog, silently } from './log.ts'
import { slice } from './slice.ts'
import { openStore } from './store.ts'
import { WorkerThreads } from './threads.ts'
import { registerPlain } from './deepTraps.ts'
import { arm } from './traps.ts'

/** Bytes of memory that the process may use: those of the machine, or of its container. */
function available(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

function memory(): MemoryFigures {
  const { used_heap_size: heap, heap_size_limit: heapLimit } = getHeapStatistics()
  return { held: process.memoryUsage.rss(), available: available(), heap, heapLimit }
}

const node: Host = {
  contained,
  silently,
  beginLog,
  arm: () => {
    arm()
    registerPlain(plainOf, isLive)
  },
  defining: whileDefining,
  slice,
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  memory,
  processors: availableParallelism(),
  threads: (search, workers, program, checks, task, options) => {
    const heap = program.accelerator.openHeap()
    return heap === null ? null : new WorkerThreads(search, workers, program, heap, checks, task, options)
  },
  openStore: (task) => openStore(task, available()),
}

useHost(node)
