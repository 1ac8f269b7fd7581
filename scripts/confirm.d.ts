/** The day of the year, from 1, everywhere the same. */
export function dayOf(date: Date): number
/** Those of a list whose turn it is on a day. */
export function onDay<T>(all: readonly T[], day: number): T[]
/** What became of an instance of the JSON document, in one word, and as text. */
export function outcomeOf(instance: object): { name: string; is: 'wrong' | 'left' | 'confirmed'; text: string }
