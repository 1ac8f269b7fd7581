/** An example of docs/language.md. */
export interface Case {
  readonly row: string
  readonly name: string
  readonly code: string
  /** `name: value` for each variable that is different afterwards. */
  readonly changes: readonly string[]
}
/** The cases of test/language/cases.ts, as texts. */
export function cases(): readonly Case[]
/** The text of the page with its generated parts made anew. */
export function fill(text: string): string
