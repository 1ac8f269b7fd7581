/** The JSON document of a run: one shape, whatever the number of files, specs and instances, and however it ended. */
import type { Result } from '../program/result.ts'
import { instanceToJson, type Json } from './json.ts'

/** The version of the document; `result-1.schema.json` describes the one before. */
export const VERSION = 2

/** An instance that was begun. */
interface Begun {
  readonly file: string
  readonly spec: string
  readonly instance: string
  readonly constants: Json
}

/** `running` is the instance at which the run ended with `error`; without one, the error is of the run. */
export function documentText(instances: readonly Json[], running: Begun | null, error: Json): string {
  const all = running === null ? instances : [...instances, unfinished(running, error)]
  const text = JSON.stringify({ version: VERSION, instances: all, error: running === null ? error : null }, null, 2)
  // The same document, that can stand inside an element of HTML or a program as well.
  return `${text.replace(/[<\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

/** An instance of which nothing is known but what went wrong, and how it came to that. */
export function unfinished({ file, spec, instance, constants }: Begun, error: Json, violation: Json = null): Json {
  const { message, bound } = error as { message: string; bound?: string }
  const stopped = bound !== undefined
  return {
    file,
    spec,
    instance,
    constants,
    verdict: stopped ? 'incomplete' : 'error',
    expected: false,
    expectation: null,
    distinct: 0,
    generated: 0,
    depth: 0,
    queue: 0,
    constrained: 0,
    seconds: 0,
    collisionProbability: 0,
    violation,
    violations: violation === null ? [] : [violation],
    actions: [],
    incomplete: stopped ? { bound, text: message } : null,
    error: stopped ? null : error,
    warnings: [{ kind: stopped ? 'incomplete' : 'error', text: message }],
  }
}

/** The document of instances that were all checked. */
export function jsonReport(files: readonly { readonly file: string; readonly results: readonly Result[] }[]): string {
  const instances = files.flatMap(({ file, results }) => results.map((result) => instanceToJson(file, result)))
  return documentText(instances, null, null)
}
