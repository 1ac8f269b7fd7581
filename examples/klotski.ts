/**
 * Klotski: slide ten blocks on a board of four by five until the big square is at the exit.
 *
 * Teaches: sets of sets. A block is the set of cells that it covers and a board is a set of blocks, so blocks of one shape are
 * interchangeable without saying so. There are too many possible blocks for a bit each: such a set is kept as a whole.
 * Origin: SlidingPuzzles (tlaplus/Examples, SlidingPuzzles).
 */
import { enumOf, int, model, pick, set, spec } from 'tsmc'

const WIDTH = 4
const HEIGHT = 5
const START = `
  ABBC
  ABBC
  DEEF
  DGHF
  I  J`
const EXIT = [cell(1, 3), cell(2, 3), cell(1, 4), cell(2, 4)]

function cell(x: number, y: number): number {
  return y * WIDTH + x
}

/** The cell next to another, or undefined at the rim. */
const NEXT = {
  left: (c: number) => (c % WIDTH > 0 ? c - 1 : undefined),
  right: (c: number) => (c % WIDTH < WIDTH - 1 ? c + 1 : undefined),
  up: (c: number) => (c >= WIDTH ? c - WIDTH : undefined),
  down: (c: number) => (c < (HEIGHT - 1) * WIDTH ? c + WIDTH : undefined),
}

/** The blocks of a drawing: cells with the same letter. */
function blocks(drawing: string): Set<number>[] {
  const rows = drawing
    .trim()
    .split('\n')
    .map((row) => row.trim())
  const letters = new Map<string, Set<number>>()
  rows.forEach((row, y) => {
    for (const [x, letter] of [...row].entries()) {
      if (letter !== ' ') letters.set(letter, (letters.get(letter) ?? new Set()).add(cell(x, y)))
    }
  })
  return [...letters.values()]
}

export default spec('klotski', () => {
  const Cell = int(0, WIDTH * HEIGHT - 1)
  const m = model({ board: set(set(Cell)) })

  m.init((s) => {
    s.board = new Set(blocks(START))
  })

  m.action('Slide', { direction: enumOf('left', 'right', 'up', 'down') }, (s, { direction }) => {
    const board = [...s.board]
    const covered = board.flatMap((block) => [...block])
    const shifted = (block: Set<number>) => [...block].map(NEXT[direction])
    const block = pick(board.filter((block) => shifted(block).every((c) => c !== undefined && (block.has(c) || !covered.includes(c)))))
    s.board.delete(block)
    s.board.add(new Set(shifted(block) as number[]))
  })

  m.invariant('NotAtTheExit', (s) => !s.board.has(new Set(EXIT)))
  return m
}).instance('the classical start', {}, { violates: 'NotAtTheExit', steps: 116, states: 24048, generated: 77874, depth: 117 })
