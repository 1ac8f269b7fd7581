/** Values as text, the way traces, diagrams and reasons show them; and what changed between two states. */
import { isCollection, isIndexed, isKeyed, isRecord, isSet } from 'immutable'
import type { Change, StateValue } from './result.ts'

const NAME = /^[\p{L}_$][\p{L}\p{N}_$.-]*$/u
let natural: Intl.Collator | undefined

/** Orders texts with numbers in them: r2 before r10. */
export function compareNatural(a: string, b: string): number {
  natural ??= new Intl.Collator('en', { numeric: true })
  return natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
const escaped = (c: string): string => (c === '\n' ? '\\n' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A name as it is, anything else in quotes with its control characters escaped. */
export function nameText(name: string): string {
  return NAME.test(name) && !['null', 'true', 'false'].includes(name) ? name : JSON.stringify(name).replace(CONTROL, escaped)
}

/** Where a value of a spec answers with an exception, or contains itself: showing it may cost nobody a verdict. */
const UNSHOWABLE = '(cannot be shown)'

/** A value, Immutable or plain, on one line: `{r1, r2}`, `[a, b]`, `{phase: active}`, `r1`. */
export function valueText(value: unknown): string {
  try {
    return partText(value)
  } catch {
    return UNSHOWABLE
  }
}

function partText(value: unknown): string {
  if (typeof value === 'string') return nameText(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? `function ${nameText(value.name)}` : String(value)
  if (isRecord(value)) {
    return `{${[...value.toSeq().entries()].map(([key, inner]) => `${nameText(String(key))}: ${partText(inner)}`).join(', ')}}`
  }
  if (isCollection(value)) {
    if (isKeyed(value)) {
      return `{${[...value.entries()]
        .map(([key, inner]): [string, string] => [partText(key), partText(inner)])
        .sort(([a], [b]) => compareNatural(a, b))
        .map(([key, inner]) => `${key}: ${inner}`)
        .join(', ')}}`
    }
    if (isIndexed(value)) return `[${[...value].map(partText).join(', ')}]`
    return `{${[...value].map(partText).sort(compareNatural).join(', ')}}`
  }
  if (Array.isArray(value)) return `[${value.map(partText).join(', ')}]`
  if (Symbol.iterator in value) return `{${[...(value as Iterable<unknown>)].map(partText).sort(compareNatural).join(', ')}}`
  return `{${Object.entries(value)
    .map(([key, inner]) => `${nameText(key)}: ${partText(inner)}`)
    .join(', ')}}`
}

/** A call as traces show it, on one line: `Prepare(region: r1)`. */
export function callText(name: string, parameters: Readonly<Record<string, unknown>>): string {
  const list = Object.entries(parameters).map(([key, value]) => `${nameText(key)}: ${valueText(value)}`)
  const line = name.replace(CONTROL, escaped)
  return list.length === 0 ? line : `${line}(${list.join(', ')})`
}

/** What differs between two states, as deep inside as the difference goes. */
export function changesBetween(before: StateValue, after: StateValue): Change[] {
  const changes: Change[] = []
  for (const [name, value] of after.toSeq().entries()) compare(nameText(String(name)), before.get(String(name)), value, changes)
  return changes
}

function compare(path: string, before: unknown, after: unknown, changes: Change[]): void {
  if (before === after || valueText(before) === valueText(after)) return
  if (isRecord(before) && isRecord(after)) {
    const old = before.toSeq()
    const next = after.toSeq()
    const keys = [...next.keys()].map(String)
    // Two variants of a union have different fields, or share all but the tag's value: show them whole when the fields differ.
    if (keys.join() === [...old.keys()].map(String).join()) {
      for (const key of keys) compare(`${path}.${nameText(key)}`, old.get(key), next.get(key), changes)
      return
    }
  } else if (isKeyed(before) && isKeyed(after)) {
    const keys = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => compareNatural(valueText(a), valueText(b)))
    for (const key of keys) {
      const place = typeof key === 'string' ? `${path}.${nameText(key)}` : `${path}[${valueText(key)}]`
      if (!before.has(key)) changes.push({ path: place, old: null, new: valueText(after.get(key)) })
      else if (!after.has(key)) changes.push({ path: place, old: valueText(before.get(key)), new: null })
      else compare(place, before.get(key), after.get(key), changes)
    }
    return
  } else if (isSet(before) && isSet(after)) {
    for (const element of before.subtract(after)) changes.push({ path, old: valueText(element), new: null })
    for (const element of after.subtract(before)) changes.push({ path, old: null, new: valueText(element) })
    return
  }
  changes.push({ path, old: valueText(before), new: valueText(after) })
}
