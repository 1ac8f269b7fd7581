/** What is said between the command, which owns the terminal and the exit code, and the thread in which specs run. Plain data. */
import type { Progress } from '../program/result.ts'
import type { Json } from '../report/json.ts'
import type { TerminalOptions } from '../report/page.ts'

export interface Order {
  readonly command: 'check' | 'simulate' | 'render'
  readonly args: readonly string[]
  readonly flags: unknown
  readonly terminal: TerminalOptions
  /** When the command began, in milliseconds since 1970. */
  readonly began: number
}

/** What is being done: told by the command where it does not come back. */
export type Work =
  | { readonly doing: 'load'; readonly file: string }
  | { readonly doing: 'check'; readonly file: string; readonly spec: string; readonly instance: string; readonly constants: Json }
  | { readonly doing: 'draw'; readonly file: string }

export type Said =
  /** The thread is there and has taken the order. */
  | { readonly say: 'out' | 'err'; readonly text: string }
  | { readonly say: 'work'; readonly work: Work | null }
  | { readonly say: 'status'; readonly name?: string; readonly progress?: Progress }
  /** An instance of the JSON document; with what the command ends with as far as it is known. */
  | { readonly say: 'instance'; readonly json: Json }
  | { readonly say: 'code'; readonly code: number }
  /** A directory that is to be removed if the thread does not come to it. */
  | { readonly say: 'temporary'; readonly path: string; readonly there: boolean }
  | { readonly say: 'failed'; readonly text: string; readonly error: Json; readonly code: number }
  | { readonly say: 'done'; readonly code: number }

/** Counted up by the thread from time to time, while its event loop turns. */
export const BEAT_MS = 200
