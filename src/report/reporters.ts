/**
 * Reporters: who tells of a run. A run has a few kinds of events, and a reporter a method for each, so that a kind which one of them does not handle is an error of
 * types. A new reporter is a function here, and a name in names.ts, from which the command line takes its choices.
 */
import type { Result, Violation } from '../program/result.ts'
import { unfinished } from './document.ts'
import { instanceToJson, type Json, valueToJson, violationToJson } from './json.ts'
import { terminalReport, terminalSummary } from './terminal.ts'
import type { TerminalOptions } from './page.ts'
import type { ReporterName } from './names.ts'
import { type Replayed, replayedJson, replayedText } from './replayed.ts'
import { plain } from './text.ts'

/** An instance that could not be checked. */
export interface Failure {
  readonly spec: string
  readonly instance: string
  readonly constants: Readonly<Record<string, unknown>>
  /** As it stands in the JSON document. */
  readonly error: Json
}

/** What happens in a run. */
export interface Events {
  /** An instance was checked. */
  readonly checked: {
    readonly result: Result
    readonly file: string
    /** The default constants of its spec. */
    readonly defaults: Readonly<Record<string, unknown>>
    /** The command line that shows a violation again. */
    readonly reproduce: (violation: Violation) => string | undefined
  }
  /** An instance could not be checked; `text` says why. */
  readonly failed: {
    readonly failure: Failure
    readonly file: string
    readonly text: string
    /** The error is that of an instance before. */
    readonly again: boolean
    /** Of a step that puts a value where none such fits, with the command line that shows it again. */
    readonly violation: Violation | null
    readonly reproduce: string | undefined
  }
  /** Diagrams of an instance were written: of each violation, the files. `failed`: of one that could not be checked. */
  readonly drawn: {
    readonly diagrams: readonly { readonly violation: Violation; readonly paths: readonly string[] }[]
    /** Whether there are several violations, also such without a diagram. */
    readonly several: boolean
    readonly failed: boolean
  }
  /** A trace was taken again. */
  readonly replayed: Replayed
  /** Nothing more is checked. `left`: instances that were not begun. */
  readonly ended: { readonly results: readonly Result[]; readonly failures: readonly Failure[]; readonly left: number; readonly instances: number }
}

export type Reporter = { readonly [Kind in keyof Events]: (event: Events[Kind]) => void }

/** Where a reporter's words go. */
export interface Sink {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** An instance for the JSON document. */
  readonly instance: (json: Json) => void
}

/** Whatever is written: an error is told on stderr. */
function tellFailure({ stderr }: Sink, { failure, text, again, reproduce }: Events['failed']): void {
  const which = `  instance: ${plain(`${failure.spec} ${failure.instance}`)}\n`
  const how = reproduce === undefined ? '' : `  reproduce: ${plain(reproduce)}\n`
  stderr(again ? `error: the same\n${which}` : `${text}${which}${how}`)
}

const diagramOf = (violation: string, paths: readonly string[]): string =>
  paths.length === 0 ? '' : `  diagram${violation}: ${paths.map(plain).join(', ')}\n`

/** For people. */
const terminal = (sink: Sink, options: TerminalOptions): Reporter => ({
  checked: ({ result, defaults, reproduce }) => sink.stdout(terminalReport(result, options, { defaults, reproduce })),
  failed: (event) => tellFailure(sink, event),
  drawn({ diagrams, several, failed }) {
    const lines = diagrams.map(({ violation, paths }) => diagramOf(several ? ` of ${plain(violation.name)}` : '', paths)).join('')
    if (lines === '') return
    if (failed) sink.stderr(lines)
    else sink.stdout(`${lines}\n`)
  },
  replayed: (event) => sink.stdout(replayedText(event, options)),
  ended({ results, failures, left, instances }) {
    if (instances <= 1) return
    sink.stdout(terminalSummary(results, failures, options))
    if (left > 0) sink.stdout(`${left} more not checked: interrupted\n`)
  },
})

/** For other programs: the document is written when the run has ended, whatever ended it (document.ts). */
const json = (sink: Sink): Reporter => ({
  checked: ({ result, file }) => sink.instance(instanceToJson(file, result)),
  failed(event) {
    tellFailure(sink, event)
    const { failure, file, violation } = event
    const begun = { file, spec: failure.spec, instance: failure.instance, constants: valueToJson(failure.constants) }
    sink.instance(unfinished(begun, failure.error, violation && violationToJson(violation)))
  },
  drawn({ diagrams, failed }) {
    if (failed) for (const { paths } of diagrams) sink.stderr(diagramOf('', paths))
  },
  replayed: (event) => sink.instance(replayedJson(event)),
  ended() {},
})

export const REPORTERS: Readonly<Record<ReporterName, (sink: Sink, options: TerminalOptions) => Reporter>> = { terminal, json }
