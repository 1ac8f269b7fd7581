/** How a result counts. */
import type { Result } from '../program/result.ts'

/** Whether a result makes a run succeed; `strict` also asks for a spec without vacuous warnings. An incomplete search is neither, nor is a confirmation that was stopped. */
export function outcome(result: Result, strict: boolean): 'passed' | 'failed' | 'incomplete' {
  if (result.verdict === 'incomplete') return 'incomplete'
  if (!result.expected) return 'failed'
  if (result.confirmation?.stopped !== undefined) return 'incomplete'
  return strict && result.warnings.some(({ vacuous }) => vacuous) ? 'failed' : 'passed'
}
