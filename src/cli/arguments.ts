/** How the command line reads the values of options. Only the command's own thread parses one, so only it loads the parser. */
import { InvalidArgumentError } from 'commander'
import { CHECK, parse, SIMULATE } from '../options.ts'

/** Reads a text as the option of check() or simulate() that has this name. */
const reader =
  (rules: typeof CHECK, name: string) =>
  (text: string): never => {
    const { value, wanted } = parse(text, rules[name])
    if (value === undefined) throw new InvalidArgumentError(`It must be ${wanted}.`)
    return value as never
  }

/** A whole number of at least 1; `1e6` and `1_000_000` are numbers too. */
export const wholeNumber: (text: string) => number = reader(CHECK, 'maxStates')
export const workerCount: (text: string) => number | 'auto' = reader(CHECK, 'workers')
export const seconds: (text: string) => number = reader(CHECK, 'timeout')
export const seedNumber: (text: string) => number = reader(SIMULATE, 'seed')
export const runCount: (text: string) => number = reader(SIMULATE, 'runs')
export const stepCount: (text: string) => number = reader(SIMULATE, 'depth')

export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}
