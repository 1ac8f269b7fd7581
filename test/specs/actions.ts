import type { Result } from 'tsmc'

/** The steps of a result's trace, each as its action and parameters in short: `Fetch t1 r1`; a failed one ends with `!`. */
export function actions(result: Result): string[] {
  return (result.violation?.trace ?? [])
    .slice(1)
    .map(({ action, parameters, failed }) => [action, ...Object.values(parameters), ...(failed ? ['!'] : [])].join(' '))
}
