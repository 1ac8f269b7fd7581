/** A state as the lines of a box: a line per variable, more where its value is long, each line marked that the step changed. */
import { type Collection, isAssociative, isCollection, isIndexed, isKeyed, isRecord, isSet, type Record as ImmutableRecord } from 'immutable'
import { compareNatural, nameText, valueText } from '../program/text.ts'
import { columns, oneLine, wrap } from './labels.ts'

export interface Line {
  readonly text: string
  readonly changed: boolean
}

/** The widest line, in columns, where a value can be broken. */
export const WIDTH = 60
/** The most lines of a box. */
export const MAX_LINES = 40

/** Stands for a value that was not there before. */
const ABSENT = Symbol('absent')
/** Stands for the value before where nothing came before: then nothing counts as changed. */
const NONE = Symbol('none')

export type Entries = Iterable<readonly [name: string, value: unknown]>

/** A state of more lines than this is shown by what changed, where it is neither the first nor the last of its trace. */
export const MAX_COMPACT = 16

/** `before` is null for a first state. `compact` leaves out what did not change, where the state is long. */
export function stateLines(entries: Entries, before: ReadonlyMap<string, unknown> | null, compact = false): Line[] {
  const all = [...entries]
  const names = all.map(([name]) => nameText(name))
  const aligned = Math.min(16, Math.max(0, ...names.map(columns)))
  const lines = all.flatMap(([name, value], i) => {
    const label = names[i] as string
    const old = before === null ? NONE : before.has(name) ? before.get(name) : ABSENT
    return valueLines(label + ' '.repeat(Math.max(0, aligned - columns(label))), ' = ', value, old, '')
  })
  return compact && lines.length > MAX_COMPACT ? onlyChanged(lines) : shorten(lines)
}

/** The changed lines, each with the lines that it stands under; the others are counted. */
function onlyChanged(lines: readonly Line[]): Line[] {
  const depth = lines.map(({ text }) => text.length - text.trimStart().length)
  const kept = new Set<number>()
  lines.forEach(({ changed }, i) => {
    if (changed) keepWithParents(i, depth, kept)
  })
  const hidden = lines.length - kept.size
  return [...shorten(lines.filter((_, i) => kept.has(i))), { text: `… ${hidden} ${hidden === 1 ? 'line' : 'lines'} as before`, changed: false }]
}

/** Keeps a line and those of less indentation above it. */
function keepWithParents(i: number, depth: readonly number[], kept: Set<number>): void {
  kept.add(i)
  for (let above = i - 1, least = depth[i] as number; above >= 0 && least > 0; above--) {
    if ((depth[above] as number) >= least) continue
    kept.add(above)
    least = depth[above] as number
  }
}

const differs = (value: unknown, old: unknown): boolean => old !== NONE && (old === ABSENT || valueText(value) !== valueText(old))

function valueLines(label: string, sign: string, value: unknown, old: unknown, indent: string): Line[] {
  const whole = oneLine(`${indent}${label}${sign}${valueText(value)}`)
  const changed = differs(value, old)
  if (columns(whole) <= WIDTH) return [{ text: whole, changed }]
  const inner = `${indent}  `
  const parts = entriesOf(value)
  if (parts) {
    const before = old === NONE || old === ABSENT ? undefined : entriesOf(old)
    const keys = new Set(parts.map(([key]) => key))
    const gone = before?.some(([key]) => !keys.has(key)) ?? old === ABSENT
    const olds = before && new Map(before)
    return [
      { text: oneLine(`${indent}${label.trimEnd()}:`), changed: gone },
      ...parts.flatMap(([key, part]) => valueLines(key, ': ', part, old === NONE ? NONE : olds?.has(key) ? olds.get(key) : ABSENT, inner)),
    ]
  }
  const elements = elementsOf(value, old)
  if (elements) return packed(`${indent}${label}${sign}`, elements, inner)
  return wrap(whole, WIDTH, inner).map((text) => ({ text, changed }))
}

/** The parts of a record or map, in the order in which traces show them. */
function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (isRecord(value))
    return [...(value as ImmutableRecord<Record<string, unknown>>).toSeq().entries()].map(([key, part]) => [nameText(String(key)), part])
  if (isKeyed(value))
    return [...value.entries()].map(([key, part]): [string, unknown] => [valueText(key), part]).sort(([a], [b]) => compareNatural(a, b))
  if (typeof value === 'object' && value !== null && !isCollection(value) && !(Symbol.iterator in value))
    return Object.entries(value).map(([key, part]) => [nameText(key), part])
  return undefined
}

interface Elements {
  readonly open: string
  readonly close: string
  /** Whether an element of before is missing. */
  readonly gone: boolean
  readonly items: readonly Line[]
}

function elementsOf(value: unknown, old: unknown): Elements | undefined {
  if (Array.isArray(value) || isIndexed(value)) {
    const before = Array.isArray(old) || isIndexed(old) ? [...old] : []
    const items = [...(value as Iterable<unknown>)].map((item, i) => ({
      text: valueText(item),
      changed: differs(item, old === NONE ? NONE : i < before.length ? before[i] : ABSENT),
    }))
    return { open: '[', close: ']', gone: old !== NONE && (isAssociative(old) || Array.isArray(old)) && before.length > items.length, items }
  }
  if (isSet(value) || value instanceof Set) {
    const before = new Set(isSet(old) || old instanceof Set ? [...(old as Iterable<unknown>)].map(valueText) : [])
    const texts = [...(value as Collection<unknown, unknown> | Set<unknown>)].map((item) => valueText(item)).sort(compareNatural)
    const now = new Set(texts)
    return {
      open: '{',
      close: '}',
      gone: [...before].some((text) => !now.has(text)),
      items: texts.map((text) => ({ text, changed: old !== NONE && !before.has(text) })),
    }
  }
  return undefined
}

/** Elements one after the other, as many as go on a line. A line is changed where one of its elements is. */
function packed(head: string, { open, close, gone, items }: Elements, indent: string): Line[] {
  const lines: Line[] = []
  let text = head + open
  let changed = gone
  let empty = true
  items.forEach((item, i) => {
    const piece = item.text + (i === items.length - 1 ? close : ',')
    if (columns(text) + columns(piece) + 1 > WIDTH && !(empty && lines.length > 0)) {
      lines.push({ text: oneLine(text), changed })
      text = indent
      changed = false
      empty = true
    }
    text += (empty ? '' : ' ') + piece
    changed ||= item.changed
    empty = false
    if (columns(text) > WIDTH) {
      const broken = wrap(text, WIDTH, `${indent}  `)
      text = broken.pop() as string
      lines.push(...broken.map((line) => ({ text: line, changed: item.changed })))
    }
  })
  lines.push({ text: oneLine(text), changed })
  return lines
}

/** At most about MAX_LINES lines: changed ones first, each with the lines it stands under, then variables, then from the top. Says what is left out. */
function shorten(lines: readonly Line[]): Line[] {
  if (lines.length <= MAX_LINES) return [...lines]
  const kept = new Set<number>()
  const depth = lines.map(({ text }) => text.length - text.trimStart().length)
  lines.forEach(({ changed }, i) => {
    if (changed && kept.size < MAX_LINES - 10) keepWithParents(i, depth, kept)
  })
  for (const wanted of [(i: number) => depth[i] === 0, () => true]) {
    for (let i = 0; i < lines.length && kept.size < MAX_LINES; i++) if (wanted(i)) kept.add(i)
  }
  const out: Line[] = []
  for (let i = 0; i < lines.length; i++) {
    if (kept.has(i)) out.push(lines[i] as Line)
    else {
      const from = i
      while (i + 1 < lines.length && !kept.has(i + 1)) i++
      const hidden = lines.slice(from, i + 1)
      const changed = hidden.filter((line) => line.changed).length
      out.push({
        text: `${' '.repeat(depth[from] as number)}… ${hidden.length} ${hidden.length === 1 ? 'line' : 'lines'} left out${changed > 0 ? `, ${changed} of them changed` : ''}`,
        changed: changed > 0,
      })
    }
  }
  return out
}
