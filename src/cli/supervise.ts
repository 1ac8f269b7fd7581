/**
 * The command's own thread. Specs run in another one (docs/decisions/host.md): this one owns the terminal, the clock, the signals and the exit code. What
 * it has been told is written at once; where the other thread ends without a word, stops answering, or has no memory left, it says so, and what was told stands.
 */
import { rmSync, writeSync } from 'node:fs'
import { EXIT } from '../errors.ts'
import { leave } from '../host/contain.ts'
import type { Json } from '../report/json.ts'
import { IS_DOCUMENT, type ReporterName } from '../report/names.ts'
import type { Order, Said, Work } from './channel.ts'
import { beats, debugged, takeHost } from './early.ts'
import { describe, strayed } from './errors.ts'
import { Status } from './status.ts'

/** npx and others pass a signal on that the terminal has sent to everybody: two within this time are one. */
const ECHO_MS = 500
/** How long the other thread may take to react to a signal: while it loads, and later. */
const LOADING_MS = 1000
const DEAF_MS = 4000
/** How long a time limit may be exceeded by a thread that does not react: a call of a spec's function has its own limit, 10 seconds by default. */
const LATE_MS = 15_000
const LOOK_MS = 100

/** Which exit code counts where there are several. */
const RANK = [EXIT.expected, EXIT.incomplete, EXIT.unexpected, EXIT.usage, EXIT.fault] as readonly number[]
const worse = (a: number, b: number): number => (RANK.indexOf(a) > RANK.indexOf(b) ? a : b)

interface Thread {
  post(message: Order | 'stop'): void
  end(): Promise<unknown>
}

export class Supervisor {
  readonly #order: Order
  readonly #status = new Status()
  readonly #json: boolean
  readonly #timeout: number | undefined
  #instances: Json[] = []
  #work: Work | null = null
  #code: number = EXIT.expected
  #thread: Thread | null = null
  #temporary = new Set<string>()
  #states = 0
  #over = false
  /** Nobody reads our output any more, or it cannot be written. */
  #mute = false
  #lost: string | null = null
  #stopped = 0
  #end: (code: number) => void = () => {}
  #timer: NodeJS.Timeout | undefined

  constructor(order: Order) {
    this.#order = order
    const { reporter, timeout } = order.flags as { reporter?: ReporterName; timeout?: number }
    this.#json = reporter !== undefined && IS_DOCUMENT[reporter]
    this.#timeout = timeout
  }

  /** Carries out the order and gives the exit code. */
  run(): Promise<number> {
    return new Promise((resolve) => {
      this.#end = resolve
      this.#watchStreams()
      this.#stopOnSignals()
      this.#timer = setInterval(() => this.#look(), LOOK_MS)
      if (debugged()) this.#runHere()
      else {
        try {
          this.#runThere()
        } catch (error) {
          this.#fail(describe(error))
        }
      }
    })
  }

  #runThere(): void {
    const worker = takeHost()
    // What does not go by the console goes the same way: it can never get among results.
    for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (data: Buffer) => this.#stderr(data.toString()))
    worker.on('message', (said: Said) => this.#hear(said))
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.#noMemory()
      else this.#fail(describe(error))
    })
    worker.on('exit', () => this.#gone())
    this.#thread = { post: (message) => worker.postMessage(message), end: () => worker.terminate() }
    worker.postMessage(this.#order)
  }

  async #runHere(): Promise<void> {
    const { serve, failed } = await import('./serve.ts')
    const { containThread } = await import('../host/contain.ts')
    const interrupt = new AbortController()
    this.#thread = { post: () => interrupt.abort(), end: async () => {} }
    containThread()
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => this.#hear({ say: 'failed', ...failed(strayed(error)) }))
    process.on('beforeExit', () => this.#gone())
    await serve(this.#order, (said) => this.#hear(said), interrupt.signal)
  }

  #hear(said: Said): void {
    if (this.#over) return
    switch (said.say) {
      case 'out':
        this.#status.clear()
        return this.#stdout(said.text)
      case 'err':
        this.#status.clear()
        return this.#stderr(said.text)
      case 'work':
        this.#work = said.work
        this.#states = 0
        this.#since = performance.now()
        return
      case 'status':
        if (said.name !== undefined) this.#status.begin(said.name)
        else if (said.progress) {
          this.#states = said.progress.distinct
          this.#status.update(said.progress)
        } else this.#status.clear()
        return
      case 'instance':
        this.#instances.push(said.json)
        return
      case 'code':
        this.#code = worse(this.#code, said.code)
        return
      case 'temporary':
        if (said.there) this.#temporary.add(said.path)
        else this.#temporary.delete(said.path)
        return
      case 'failed':
        return this.#fail({ text: said.text, json: said.error, code: said.code })
      case 'done':
        this.#code = worse(this.#code, said.code)
        this.#finish(null)
    }
  }
  #since = performance.now()

  /** The other thread has ended without saying what came of it. */
  #gone(): void {
    if (this.#over) return
    const file = this.#work?.doing === 'load' ? this.#work.file : null
    const message = file === null ? 'the check ended before it was over' : `${file} never finishes loading`
    this.#fail({
      text: `error: ${message}\n  hint: ${file === null ? 'nothing was left that could go on: please report it' : 'a top-level await in it waits for something that never happens'}\n`,
      json: { code: file === null ? 'internal' : 'usage', message, file, line: null, column: null, hint: null, trace: [] },
      code: file === null ? EXIT.fault : EXIT.usage,
    })
  }

  #noMemory(): void {
    const states = this.#states > 0 ? `; ${this.#states.toLocaleString('en-US')} distinct states were found` : ''
    this.#stop(
      'memory',
      `memory is used up${states}: this is not a verdict`,
      '--store keeps the states on disk; NODE_OPTIONS=--max-old-space-size=<megabytes> allows more memory',
    )
  }

  /** Ends what does not end by itself. */
  #stop(bound: string, why: string, hint: string): void {
    if (this.#over) return
    const work = this.#work
    const where =
      work === null
        ? ''
        : ` while ${work.doing === 'check' ? `${work.spec} ${work.instance} was checked` : `${work.file} was ${work.doing === 'load' ? 'loaded' : 'drawn'}`}`
    const message = `stopped${where}: ${why}`
    this.#fail({
      text: `${message}\n  hint: ${hint}\n`,
      json: { code: 'stopped', message, file: work?.file ?? null, line: null, column: null, hint, trace: [], bound },
      code: EXIT.incomplete,
    })
  }

  #fail({ text, json, code }: { text: string; json: Json; code: number }): void {
    if (this.#over) return
    this.#status.clear()
    this.#stderr(text)
    this.#code = worse(this.#code, code)
    this.#finish(json)
  }

  async #finish(error: Json): Promise<void> {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#timer)
    this.#status.clear()
    await this.#thread?.end().catch(() => {})
    for (const path of this.#temporary) rmSync(path, { recursive: true, force: true })
    if (this.#json && (this.#instances.length > 0 || error !== null)) {
      const { documentText } = await import('../report/document.ts')
      this.#stdout(documentText(this.#instances, this.#running(error), error))
    }
    await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))))
    // Errors of a stream come after what was written to it.
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#lost !== null) this.#code = worse(this.#code, EXIT.fault)
    this.#end(this.#code)
  }

  /** The instance that was being checked when it was stopped, as one of the document. */
  #running(error: Json): { file: string; spec: string; instance: string; constants: Json } | null {
    return error !== null && this.#work?.doing === 'check' ? this.#work : null
  }

  // --- time and signals

  #look(): void {
    const now = performance.now()
    const count = Atomics.load(beats, 0)
    if (count !== this.#beat) {
      this.#beat = count
      this.#beaten = now
    }
    const silent = now - this.#beaten
    const loading = this.#work?.doing === 'load'
    if (this.#timeout !== undefined) {
      const limit = this.#timeout * 1000
      const over = loading ? now > limit : now - this.#since > limit + LATE_MS && silent > LATE_MS
      if (over && !debugged()) {
        this.#stop(
          'timeout',
          `the time limit of ${this.#timeout} seconds is over: this is not a verdict`,
          'see what it waits for, or give it more time by --timeout',
        )
        return
      }
    }
    if (this.#stopped > 0 && now - this.#stopped > (loading ? LOADING_MS : DEAF_MS) && (loading || silent > DEAF_MS))
      this.#stop('interrupt', 'interrupted: this is not a verdict', 'it did not react to the signal')
  }
  #beat = 0
  #beaten = performance.now()

  #stopOnSignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (this.#stopped > 0) {
          if (performance.now() - this.#stopped > ECHO_MS)
            this.#stop('interrupt', 'interrupted twice: this is not a verdict', 'one signal alone waits for partial figures')
          return
        }
        this.#stopped = performance.now()
        this.#thread?.post('stop')
        this.#stderr('\nstopping; once more to stop at once\n')
      })
    }
  }

  // --- output

  #stdout(text: string): void {
    if (!this.#mute) process.stdout.write(text)
  }

  /** Progress, warnings and errors are never a reason to fail. */
  #stderr(text: string): void {
    process.stderr.write(text)
  }

  #watchStreams(): void {
    process.stderr.on('error', () => {})
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#mute) return
      this.#mute = true
      this.#thread?.post('stop')
      // Whoever reads our output may stop reading: `tsmc check … | head`.
      if (error.code === 'EPIPE') return
      this.#lost = error.message
      this.#stderr(`error: results cannot be written to stdout: ${error.message}\n`)
    })
  }
}

/** Ends the process: with this code, whatever has been done to it. */
export function end(code: number): never {
  return leave(code)
}

/** For errors of the command itself. */
export function die(error: unknown): never {
  try {
    writeSync(2, describe(error).text)
  } catch {
    // There is nobody to tell.
  }
  return leave(EXIT.fault)
}
