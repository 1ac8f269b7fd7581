/** The thread for specs, begun before it is known what there is to do: it starts while the command line is read. */
import { url as debuggerAt } from 'node:inspector'
import { Worker } from 'node:worker_threads'

const HOST = new URL(import.meta.url.endsWith('.ts') ? '../../dist/host.js' : './host.js', import.meta.url)

export interface HostData {
  /** Counted up by the thread while its event loop turns. */
  readonly beats: SharedArrayBuffer
  /** What it will be asked for, as the command line says. */
  readonly command: string
}

const COMMANDS = ['check', 'simulate', 'render']

export const beats = new Int32Array(new SharedArrayBuffer(4))

/** A debugger is attached to the thread that it sees: specs then run in the command's own. */
export const debugged = (): boolean => debuggerAt() !== undefined

export function startHost(): Worker {
  const workerData: HostData = { beats: beats.buffer as SharedArrayBuffer, command: process.argv[2] ?? '' }
  return new Worker(HOST, { stdout: true, stderr: true, argv: process.argv.slice(2), workerData })
}

let early: Worker | null = null
let failed: unknown = null

export function begin(): void {
  if (debugged() || !COMMANDS.includes(process.argv[2] as string)) return
  early = startHost()
  early.on('error', (error) => {
    failed = error
  })
}

/** The thread that was begun, or a new one. Throws where it has failed already. */
export function takeHost(): Worker {
  if (failed !== null) throw failed
  const worker = early ?? startHost()
  early = null
  worker.removeAllListeners('error')
  return worker
}
