/** A place in a spec that is changed: what stands from `start` to `end` is replaced. */
export interface Mutant {
  readonly kind: 'guard' | 'assertion' | 'switch'
  readonly file: string
  readonly line: number
  /** The action, the label of a process, or the function that the place is in. */
  readonly inside: string
  readonly start: number
  readonly end: number
  readonly replacement: string
  readonly text: string
  /** What an assertion says where it fails, if no other one of the file says the same. */
  readonly message?: string | undefined
}
export function mutantsOf(text: string, file: string): Mutant[]
