/** Tells on stderr how a search is going: one line that is rewritten on a terminal, a line every few seconds elsewhere. */
import type { Progress } from '../program/result.ts'
import { statusLine } from '../report/status.ts'

const EVERY = 5000
/** Short searches need no status. */
const QUIET = 300

export class Status {
  readonly #out: NodeJS.WriteStream
  #name = ''
  #began = 0
  #said = 0
  #before: Progress | undefined
  #drawn = false

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out
  }

  begin(name: string): void {
    this.clear()
    this.#name = name
    this.#began = this.#said = performance.now()
    this.#before = undefined
  }

  update(progress: Progress): void {
    const now = performance.now()
    if (this.#out.isTTY) {
      if (now - this.#began < QUIET) return
      // One column stays free: a full line would wrap in some terminals.
      this.#out.write(`\r${statusLine(this.#name, progress, this.#before, (this.#out.columns || 80) - 1)}\u001b[K`)
      this.#drawn = true
    } else {
      if (now - this.#said < EVERY) return
      this.#said = now
      this.#out.write(`${statusLine(this.#name, progress, this.#before)}\n`)
    }
    this.#before = progress
  }

  /** Takes the line away, before anything else is written. */
  clear(): void {
    if (this.#drawn) this.#out.write('\r\u001b[K')
    this.#drawn = false
  }
}
