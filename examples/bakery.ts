/**
 * The bakery algorithm: whoever wants in draws a number higher than all that he sees, and the lowest number goes first.
 *
 * Teaches: checking that an invariant is inductive. The initial states are not where the algorithm starts but all states in which the
 * invariant holds; if no step leads out of it, it holds for ever, from wherever one starts. Numbers and flags are what Lamport calls safe
 * registers: who reads one while it is being written may see anything, so a write is any number of changes before the last.
 * Origin: Bakery (tlaplus/Examples, Bakery-Boulangerie), after Lamport's "A New Solution of Dijkstra's Concurrent Programming Problem".
 */
import { bool, type DraftState, either, enumOf, type Infer, int, map, model, pick, type ReadState, set, spec, when } from 'tsmc'

export default spec('bakery', { processes: 2, highest: 2 }, ({ processes, highest }) => {
  const Process = int(1, processes)
  const Ticket = int(0, highest)
  const Label = enumOf('rest', 'flag', 'look', 'draw', 'unflag', 'wait', 'compare', 'critical', 'exit')
  type Label = Infer<typeof Label>
  const m = model({
    number: map(Process, Ticket),
    choosing: map(Process, bool),
    unchecked: map(Process, set(Process)),
    max: map(Process, Ticket),
    next: map(Process, Process),
    // A variable and not `m.process`, because the initial states choose it.
    at: map(Process, Label),
  })
  type State = ReadState<typeof m>

  /** (number, process) of i is less than that of j. */
  const precedes = (s: State, i: number, j: number) => s.number[i] < s.number[j] || (s.number[i] === s.number[j] && i < j)

  /** If j is about to draw a number, or has one, i goes first. */
  const before = (s: State, i: number, j: number): boolean => {
    if (s.number[i] === 0) return false
    switch (s.at[j]) {
      case 'rest':
      case 'flag':
      case 'exit':
        return true
      case 'look':
        return s.unchecked[j].has(i) || s.max[j] >= s.number[i]
      case 'draw':
        return s.max[j] >= s.number[i]
      case 'unflag':
        return precedes(s, i, j)
      case 'wait':
      case 'compare':
        return precedes(s, i, j) && s.unchecked[j].has(i)
      default:
        return false
    }
  }

  /** What holds of a process by itself. */
  const sane = (s: State, i: number): boolean => {
    switch (s.at[i]) {
      case 'look':
      case 'draw':
        return s.choosing[i]
      case 'unflag':
      case 'critical':
        return s.number[i] > 0
      case 'wait':
        return s.number[i] > 0 && !s.unchecked[i].has(i)
      case 'compare':
        return s.number[i] > 0 && !s.unchecked[i].has(i) && s.next[i] !== i
      default:
        return true
    }
  }

  /** i goes before those it has checked, and one whose number it is about to compare has seen i's. */
  const inOrder = (s: State, i: number): boolean => {
    const at = s.at[i]
    if (at === 'compare') {
      const j = s.next[i]
      const hasLooked = s.at[j] === 'draw' || (s.at[j] === 'look' && !s.unchecked[j].has(i))
      if (hasLooked && s.max[j] < s.number[i]) return false
    }
    if (at === 'wait' || at === 'compare') return Process.every((j) => j === i || s.unchecked[i].has(j) || before(s, i, j))
    return at !== 'critical' || Process.every((j) => j === i || before(s, i, j))
  }

  m.init((s) => {
    for (const i of Process) {
      s.at[i] = pick(Label)
      s.number[i] = pick(Ticket)
      s.choosing[i] = pick(bool)
      s.unchecked[i] = pick(set(Process))
      s.next[i] = pick(Process)
      when(sane(s, i))
      s.max[i] = pick(Ticket)
    }
    when(Process.every((i) => inOrder(s, i)))
  })

  const step = (at: Label, name: string, run: (s: DraftState<typeof m>, i: number) => Label) =>
    m.action(name, { i: Process }, (s, { i }) => {
      when(s.at[i] === at)
      s.at[i] = run(s, i)
    })
  const others = (i: number) => new Set(Process.filter((j) => j !== i))

  step('rest', 'Begin', () => 'flag')
  step('flag', 'RaiseFlag', (s, i) =>
    either(
      () => {
        s.choosing[i] = !s.choosing[i]
        return 'flag' as const
      },
      () => {
        s.choosing[i] = true
        s.unchecked[i] = others(i)
        s.max[i] = 0
        return 'look' as const
      },
    ),
  )
  step('look', 'Look', (s, i) => {
    if (s.unchecked[i].size === 0) return 'draw'
    const j = pick(s.unchecked[i])
    s.unchecked[i].delete(j)
    s.max[i] = Math.max(s.max[i], s.number[j])
    return 'look'
  })
  step('draw', 'Draw', (s, i) =>
    either(
      () => {
        s.number[i] = pick(Ticket)
        return 'draw' as const
      },
      () => {
        s.number[i] = pick(Ticket.filter((ticket) => ticket > s.max[i]))
        return 'unflag' as const
      },
    ),
  )
  step('unflag', 'LowerFlag', (s, i) =>
    either(
      () => {
        s.choosing[i] = !s.choosing[i]
        return 'unflag' as const
      },
      () => {
        s.choosing[i] = false
        s.unchecked[i] = others(i)
        return 'wait' as const
      },
    ),
  )
  step('wait', 'Wait', (s, i) => {
    if (s.unchecked[i].size === 0) return 'critical'
    s.next[i] = pick(s.unchecked[i])
    when(!s.choosing[s.next[i]])
    return 'compare'
  })
  step('compare', 'Compare', (s, i) => {
    const j = s.next[i]
    when(s.number[j] === 0 || precedes(s, i, j))
    s.unchecked[i].delete(j)
    return 'wait'
  })
  step('critical', 'Leave', () => 'exit')
  step('exit', 'Exit', (s, i) =>
    either(
      () => {
        s.number[i] = pick(Ticket)
        return 'exit' as const
      },
      () => {
        s.number[i] = 0
        return 'rest' as const
      },
    ),
  )

  // Numbers end at a bound here, and not every state of the invariant can be reached: being stuck means nothing.
  m.terminal(() => true)
  m.invariant('MutualExclusion', (s) => Process.count((i) => s.at[i] === 'critical') <= 1)
  m.invariant('Sane', { i: Process }, (s, { i }) => sane(s, i))
  m.invariant('InOrder', { i: Process }, (s, { i }) => inOrder(s, i))
  return m
}).instance('two processes, numbers up to two', {}, { states: 655200, generated: 3403584, depth: 1 })
