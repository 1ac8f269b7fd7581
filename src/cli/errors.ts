/** Errors as text and as data: where, what, what to do. */
import { EXIT, FaultError, locate, SpecError, StoppedError, UsageError } from '../errors.ts'
import { plain } from '../report/text.ts'
import { shown } from './files.ts'

/** An error as the JSON document has it. */
export interface ErrorJson {
  readonly [key: string]: null | string | number | readonly string[]
  readonly code: 'spec' | 'usage' | 'stopped' | 'fault' | 'internal'
  readonly message: string
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly hint: string | null
  readonly trace: readonly string[]
}

/** The text of an error, the same as data, and the code with which the command ends because of it. `report` tells how it comes about, in place of the trace. */
export function describe(error: unknown, report?: string): { text: string; json: ErrorJson; code: number } {
  if (error instanceof SpecError) {
    const { location, message, trace } = error
    const place = location ? `${shown(location.file)}:${location.line}:${location.column}: ` : ''
    const lines = [`error: ${plain(place)}${message.split('\n').map(plain).join('\n  ')}`]
    if (report !== undefined) lines.push('', ...report.trimEnd().split('\n'), '')
    else if (trace.length > 0) lines.push('  it was reached by', ...trace.map((step, i) => `  ${String(i).padStart(4)}  ${plain(step)}`))
    return { text: withHint(lines, error.hint), json: jsonOf('spec', error, error.hint), code: EXIT.usage }
  }
  for (const [type, kind, code] of [
    [UsageError, 'usage', EXIT.usage],
    [FaultError, 'fault', EXIT.fault],
    [StoppedError, 'stopped', EXIT.incomplete],
  ] as const) {
    if (error instanceof type) return { text: withHint([`error: ${plain(error.message)}`], error.hint), json: jsonOf(kind, error, error.hint), code }
  }
  const machine = machineText(error)
  if (machine !== null) return { text: `error: ${machine}\n`, json: jsonOf('fault', new Error(machine), undefined), code: EXIT.fault }
  const detail = error instanceof Error ? stackOf(error) : String(error)
  const lines = ['error: a fault in tsmc itself; the spec is not to blame', ...detail.split('\n').map((line) => `  ${plain(line)}`)]
  return {
    text: `${lines.join('\n')}\n  please report it, with the spec if you can share it\n`,
    json: jsonOf('internal', error instanceof Error ? error : new Error(detail), undefined),
    code: EXIT.fault,
  }
}

/** An error that nobody has caught: where it comes from the code of a spec, it is an error of the spec. */
export function strayed(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SpecError || error instanceof UsageError) return error
  const [, first] = (error.stack ?? '').slice((error.stack ?? '').indexOf(error.message)).split(/\n\s+at /)
  // Only what it was thrown by counts: code of ours that a spec has called is ours.
  const location = first === undefined ? undefined : locate(Object.assign(new Error(error.message), { stack: `at ${first.split('\n')[0]}` }))
  if (location === undefined) return error
  const hint = 'it was thrown by a timer, a handler or a promise that the spec has left behind'
  return new SpecError(`${error.name}: ${error.message}`, { location, hint })
}

const MACHINE: Readonly<Record<string, string>> = {
  EMFILE: 'this process may open no more files (ulimit -n)',
  ENFILE: 'the machine has too many open files',
  EAGAIN: 'the machine gives no more threads or processes (ulimit -u)',
  ENOMEM: 'the machine has no memory left',
  ERR_WORKER_INIT_FAILED: 'no thread can be started: the machine lacks files, threads or memory',
}

/** What the machine lacks, where an error says so. */
function machineText(error: unknown): string | null {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return typeof code === 'string' && Object.hasOwn(MACHINE, code) ? (MACHINE[code] as string) : null
}

function jsonOf(code: ErrorJson['code'], error: Error, hint: string | undefined): ErrorJson {
  const location = error instanceof SpecError ? error.location : undefined
  return {
    code,
    message: error.message,
    file: location ? shown(location.file) : null,
    line: location?.line ?? null,
    column: location?.column ?? null,
    hint: hint ?? null,
    trace: error instanceof SpecError ? error.trace : [],
  }
}

/** The stack, without the line of source that the virtual machine puts before it: a line of the built command is most of a file. */
function stackOf({ name, message, stack = message }: Error): string {
  return stack.slice(Math.max(0, stack.indexOf(`${name}: ${message}`)))
}

function withHint(lines: readonly string[], hint: string | undefined): string {
  return `${[...lines, ...(hint === undefined || hint === '' ? [] : [`  hint: ${plain(hint)}`])].join('\n')}\n`
}
