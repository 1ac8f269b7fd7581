/** What is being done, told so that others can say it where it does not come back; and what is left of the time for it. */
import { valueToJson } from '../report/json.ts'
import type { Work } from './channel.ts'
import type { Output } from './output.ts'
import type { Job } from './jobs.ts'

/** A job as it is told while it is under way. */
export function workOf({ file, spec, instance, constants }: Job, assignments: readonly string[]): Work {
  const all = { ...(spec.instances.find(({ name }) => name === instance)?.constants ?? spec.constants), ...constants }
  return { doing: 'check', file, spec: spec.name, instance: instance ?? assignments.join(' '), constants: valueToJson(all) }
}

/** What is left of a time limit for the first of several jobs: loading counts. */
export function timeoutFor(timeout: number | undefined, first: boolean, output: Output): { timeout?: number } {
  if (timeout === undefined) return {}
  return { timeout: first ? Math.max(0.001, timeout - output.spent()) : timeout }
}
