/** A report for people as lines. */
import { fold, type Paint, paint } from './text.ts'

export interface TerminalOptions {
  /** Columns; `Infinity` where the output is no terminal. */
  readonly width?: number
  readonly colours?: boolean
  /** Whole states, the figures of every action, how the engine worked. */
  readonly verbose?: boolean
  readonly strict?: boolean
}

/** Lines that know the width and the colours. */
export class Page {
  readonly lines: string[] = []
  readonly width: number
  readonly paint: Paint

  constructor({ width = Infinity, colours = false }: TerminalOptions) {
    this.width = Math.max(20, width)
    this.paint = paint(colours)
  }

  /** A text from column `indent` on; what does not fit goes on two columns further right. */
  add(indent: number, text: string, colour: (text: string) => string = (same) => same): void {
    const at = this.width < 60 ? Math.ceil(indent / 2) : indent
    for (const line of fold(' '.repeat(at) + text, this.width, at + 2)) {
      const lead = line.length - line.trimStart().length
      this.lines.push(line.slice(0, lead) + colour(line.slice(lead)))
    }
  }

  blank(): void {
    if (this.lines.length > 0 && this.lines.at(-1) !== '') this.lines.push('')
  }

  text(): string {
    return this.lines.map((line) => `${line}\n`).join('')
  }
}
