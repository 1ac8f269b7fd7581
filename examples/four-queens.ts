/**
 * Queens on a board, none attacking another: partial placements are extended row by row.
 *
 * Teaches: sets of sequences as a work list; the same model finds a solution (as a violation) or is checked to find all of them.
 * Origin: Queens (tlaplus/Examples, N-Queens).
 */
import { int, model, pick, seq, set, spec } from 'tsmc'

/** Element i is the column of the queen in row i. */
type Placement = readonly number[]

const attacks = (queens: Placement, i: number, j: number) => {
  const distance = Math.abs(queens[i] - queens[j])
  return distance === 0 || distance === Math.abs(i - j)
}
const legal = (queens: Placement) => queens.every((_, i) => queens.every((_, j) => i >= j || !attacks(queens, i, j)))

export default spec('four-queens', { n: 4 }, ({ n }) => {
  const Column = int(1, n)
  const m = model({ open: set(seq(Column, n)), solutions: set(seq(Column, n)) })
  const all = seq(Column, n).filter((queens) => queens.length === n && legal(queens))

  m.init((s) => {
    s.open.add([])
  })

  m.action('PlaceQueen', (s) => {
    const queens = pick(s.open)
    s.open.delete(queens)
    for (const column of Column) {
      const longer = [...queens, column]
      if (legal(longer)) (longer.length === n ? s.solutions : s.open).add(longer)
    }
  })

  m.terminal((s) => s.open.size === 0)
  m.invariant('NoSolution', (s) => s.solutions.size === 0)
  m.invariant('Sound', (s) => [...s.solutions].every(legal))
  m.invariant('Complete', (s) => s.open.size > 0 || all.every((queens) => s.solutions.has(queens)))
  return m
})
  .instance('find a solution', {}, { violates: 'NoSolution', steps: 4, states: 46, generated: 80, depth: 5 })
  .instance('find all solutions', {}, { only: ['Sound', 'Complete', 'deadlock'], states: 785, generated: 2970, depth: 16 })
