/**
 * Text in labels. Strings of a spec are data: whatever they hold, they come out as they are, and nothing of them is taken for
 * DOT, for a record's structure or for an escape of Graphviz.
 */

/** What would be invisible, break a line, turn the direction of writing or be refused by XML. */
const UNSEEN = /[\p{Cc}\p{Cs}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]/gu
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line of text: characters that cannot be seen are shown as escapes. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, (c) => SHORT[c] ?? `\\u${(c.codePointAt(0) as number).toString(16).padStart(4, '0')}`)
}

/** A text as a DOT string in which it means itself: for names of nodes. */
export function dotString(text: string): string {
  return `"${oneLine(text).replace(/["\\&]/g, escaped)}"`
}

/** A line for a label. Spaces that Graphviz or SVG would drop become no-break spaces. `record`: the label is a record's. */
export function escapeLine(text: string, record = false): string {
  return oneLine(text)
    .replace(/^ | $| (?= )|(?<= ) /g, '\u00a0')
    .replace(record ? /["\\&{}|<>]/g : /["\\&]/g, escaped)
}

const escaped = (c: string): string => (c === '&' ? '&amp;' : `\\${c}`)

/** Lines as the text of a label, each ended by `\l`: to the left. */
export function leftLines(lines: readonly string[], record = false): string {
  return lines.map((line) => `${escapeLine(line, record)}\\l`).join('')
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f1e6}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const ZERO = /^(?:\p{Mn}|\p{Me}|\u200c|\u200d)$/u

/** How many columns of a fixed-width font a text takes. */
export function columns(text: string): number {
  let n = 0
  for (const c of text) n += c < '\u0300' ? 1 : ZERO.test(c) ? 0 : WIDE.test(c) ? 2 : 1
  return n
}

/** Breaks a text into lines of at most `width` columns: at spaces where there are some, else anywhere. Later lines are indented. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const c of oneLine(text)) {
    const n = columns(c)
    if (used + n > width && line.trim() !== '') {
      const space = line.lastIndexOf(' ')
      const cut = space > indent.length + (width - indent.length) / 3 ? space + 1 : line.length
      lines.push(line.slice(0, cut).trimEnd())
      line = indent + line.slice(cut)
      used = columns(line)
      if (c === ' ' && line === indent) continue
    }
    line += c
    used += n
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line)
  return lines
}

/** `1 step`, `2 steps`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
