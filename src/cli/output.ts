/** Where a command tells what it does: the thread that it runs in has no other way out. */
import type { Progress } from '../program/result.ts'
import type { Json } from '../report/json.ts'
import type { TerminalOptions } from '../report/page.ts'
import type { Work } from './channel.ts'

export interface Output {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly terminal: TerminalOptions
  readonly signal: AbortSignal
  /** Seconds since the command began. */
  readonly spent: () => number
  /** What is done from now on: told by others where it does not come back. */
  readonly working: (work: Work | null) => void
  /** Progress of what has a name; without progress it begins, without either it is over. */
  readonly status: (name: string | null, progress?: Progress) => void
  /** An instance for the JSON document. */
  readonly instance: (json: Json) => void
  /** What the command ends with as far as it is known. */
  readonly code: (code: number) => void
}
