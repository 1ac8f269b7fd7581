/**
 * Conway's game of life on a small board: every board is an initial state, and every step is determined.
 *
 * Teaches: many initial states by picks, and an action without locality: the next board depends on all of the present one.
 * Origin: GameOfLife (tlaplus/Examples, GameOfLife).
 */
import { bool, int, map, model, pick, spec } from 'tsmc'

export default spec('game-of-life', { n: 4 }, ({ n }) => {
  const Row = int(1, n)
  const m = model({ alive: map(Row, map(Row, bool)) })

  m.init((s) => {
    for (const y of Row) for (const x of Row) s.alive[y][x] = pick(bool)
  })

  m.action('Next', (s) => {
    const board = Row.values().map((y) => Row.values().map((x) => s.alive[y][x]))
    const at = (x: number, y: number) => (board[y - 1]?.[x - 1] ? 1 : 0)
    for (const y of Row) {
      for (const x of Row) {
        let neighbours = 0
        for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) if (dx !== 0 || dy !== 0) neighbours += at(x + dx, y + dy)
        s.alive[y][x] = neighbours === 3 || (neighbours === 2 && at(x, y) === 1)
      }
    }
  })
  return m
}).instance('four by four', {}, { states: 65536, generated: 131072, depth: 1 })
