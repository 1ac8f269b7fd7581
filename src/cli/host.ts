/** What the thread of the command runs in which specs are loaded and checked. */
import { parentPort, workerData } from 'node:worker_threads'
import { containThread, leave } from '../host/contain.ts'
import { BEAT_MS, type Order, type Said } from './channel.ts'
import { strayed } from './errors.ts'
import type { HostData } from './early.ts'
import { failed, serve } from './serve.ts'

const port = parentPort as NonNullable<typeof parentPort>
const post = (said: Said): void => port.postMessage(said)
const interrupt = new AbortController()

containThread()
const { beats: shared, command } = workerData as HostData
const beats = new Int32Array(shared)
// It is needed in any case; the error, if there is one, comes once more.
if (command === 'check') import('./check.ts').catch(() => {})
setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS).unref()

// Thrown by what a spec has left behind: a timer, a promise that nobody waits for.
process.on('uncaughtException', (error) => {
  post({ say: 'failed', ...failed(strayed(error)) })
  leave(0)
})
port.on('message', (message: Order | 'stop') => {
  if (message === 'stop') interrupt.abort()
  else {
    // What a spec waits for must be its own.
    port.unref()
    serve(message, post, interrupt.signal)
  }
})
