/** Errors as text: where, what, what to do. */
import { EXIT, FaultError, SpecError, UsageError } from '../errors.ts'
import { plain } from '../report/text.ts'
import { shown } from './files.ts'

/** The text of an error, and the code with which the command ends because of it. */
export function describe(error: unknown): { text: string; code: number } {
  if (error instanceof SpecError) {
    const { location, message, trace } = error
    const place = location ? `${shown(location.file)}:${location.line}:${location.column}: ` : ''
    const lines = [`error: ${plain(place)}${message.split('\n').map(plain).join('\n  ')}`]
    if (trace.length > 0) lines.push('  it was reached by', ...trace.map((step, i) => `  ${String(i).padStart(4)}  ${plain(step)}`))
    return { text: withHint(lines, error.hint), code: EXIT.usage }
  }
  if (error instanceof UsageError) return { text: withHint([`error: ${plain(error.message)}`], error.hint), code: EXIT.usage }
  if (error instanceof FaultError) return { text: withHint([`error: ${plain(error.message)}`], error.hint), code: EXIT.fault }
  const detail = error instanceof Error ? stackOf(error) : String(error)
  const lines = ['error: a fault in tsmc itself; the spec is not to blame', ...detail.split('\n').map((line) => `  ${plain(line)}`)]
  return { text: `${lines.join('\n')}\n  please report it, with the spec if you can share it\n`, code: EXIT.fault }
}

/** The stack, without the line of source that the virtual machine puts before it: a line of the built command is most of a file. */
function stackOf({ name, message, stack = message }: Error): string {
  return stack.slice(Math.max(0, stack.indexOf(`${name}: ${message}`)))
}

function withHint(lines: readonly string[], hint: string | undefined): string {
  return `${[...lines, ...(hint === undefined || hint === '' ? [] : [`  hint: ${plain(hint)}`])].join('\n')}\n`
}
