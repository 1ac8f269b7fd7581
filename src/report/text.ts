/** Text for terminals: colours, folding, numbers, and strings of specs made harmless. */

export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

const code =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`
const COLOURS: Paint = {
  bold: code(1, 22),
  dim: code(2, 22),
  red: code(31, 39),
  green: code(32, 39),
  yellow: code(33, 39),
  cyan: code(36, 39),
}
const same = (text: string): string => text
const NONE: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }

export function paint(colours: boolean): Paint {
  return colours ? COLOURS : NONE
}

// Control characters, and the marks that change the direction of text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** A string of a spec on one line, unable to steer the terminal. */
export function plain(text: string): string {
  return text.replace(UNSAFE, (c) =>
    c === '\n' ? '\\n' : c === '\t' ? '\\t' : c === '\r' ? '\\r' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** 1,234,567 */
export function number(n: number): string {
  // What the language has for this takes long when it is first used.
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 step`, `2 steps` */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`
}

export function secondsText(seconds: number): string {
  if (seconds < 0.1) return `${Math.ceil(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  const whole = Math.round(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (parts[0] === 0) parts.shift()
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/**
 * Folds a text at spaces, so that no line is longer than `width`; a word that is too long by itself is cut. Further lines are indented
 * by `indent`. `Infinity` folds nothing.
 */
export function fold(text: string, width: number, indent = 0): string[] {
  if (!(width < Infinity) || text.length <= width) return [text]
  const lines: string[] = []
  const hang = ' '.repeat(Math.min(indent, Math.max(0, width - 20)))
  let rest = text
  while (rest.length > width) {
    const least = lines.length === 0 ? (/^ */.exec(rest) as RegExpExecArray)[0].length : hang.length
    const space = rest.lastIndexOf(' ', width)
    let cut = space > least ? space : Math.max(width, least + 1)
    // Not between the halves of a surrogate pair.
    if (/[\ud800-\udbff]/.test(rest[cut - 1] as string)) cut = cut - 1 > least ? cut - 1 : cut + 1
    lines.push(rest.slice(0, cut).trimEnd())
    rest = hang + rest.slice(cut).trimStart()
  }
  if (rest.trim() !== '') lines.push(rest)
  return lines
}
