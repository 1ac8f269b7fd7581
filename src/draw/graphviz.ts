/**
 * Graphviz, in a thread of its own: a layout can take for ever, and then only the thread ends. It is given a text and gives one back; it sees no file.
 */
import { Worker } from 'node:worker_threads'
import { createRequire } from 'node:module'
import { FaultError } from '../errors.ts'

/** Seconds that a layout may take. */
export const LAYOUT_SECONDS = 60
/** Megabytes that it may take. */
export const LAYOUT_MEGABYTES = 1024

interface Answer {
  readonly result?: string
  readonly error?: { readonly message: string }
}

let idle: Worker | null = null

/** The thread of the last layout, or a new one. The package starts it so itself, but only from the main thread. */
function start(): Worker {
  // Graphviz comes with graphviz-cli, whose own calls start it from the main thread only.
  const file = createRequire(import.meta.resolve('graphviz-cli')).resolve('@aduh95/viz.js/worker')
  const worker = new Worker(file, {
    workerData: { __filename: file, moduleOverrides: undefined },
    resourceLimits: { maxOldGenerationSizeMb: LAYOUT_MEGABYTES },
    stdout: true,
    stderr: true,
    execArgv: [],
  })
  // While it is idle nobody waits for it.
  return worker.on('error', () => {})
}

/** Draws a graph in the DOT language as the SVG of Graphviz. Throws what Graphviz says of a text that is none. */
export function layout(dot: string, seconds: number = LAYOUT_SECONDS): Promise<string> {
  const worker = idle ?? start()
  idle = null
  return new Promise<string>((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer)
      worker.off('message', answered).off('error', failed).off('exit', gone)
    }
    const fail = (error: unknown): void => {
      done()
      worker.terminate()
      reject(error)
    }
    const answered = ({ result, error }: Answer): void => {
      done()
      worker.unref()
      idle = worker
      if (error) reject(new Error(error.message))
      else resolve(result ?? '')
    }
    const failed = (error: NodeJS.ErrnoException): void =>
      fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new FaultError('the layout has run out of memory', 'draw a part of the graph') : error)
    const gone = (): void => fail(new FaultError('the layout ended without a picture', HINT))
    const timer = setTimeout(() => fail(new FaultError(`the layout took more than ${seconds} seconds`, HINT)), seconds * 1000)
    worker.on('message', answered).on('error', failed).on('exit', gone)
    worker.ref()
    worker.postMessage({ id: 0, src: dot, options: { format: 'svg', engine: 'dot', files: [], yInvert: false, nop: 0 } })
  })
}

const HINT = 'draw a part of the graph, or use Graphviz itself: dot -Tsvg'
