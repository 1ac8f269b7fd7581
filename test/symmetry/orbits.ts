/** The orbits of a model's states under permutations of its ids, by trying all permutations of all states. */
import { unpack } from '../../src/layout/layout.ts'
import { Learner } from '../../src/learn/learner.ts'
import { BreadthFirst } from '../../src/explore/breadthFirst.ts'
import type { Model, Variables } from '../../src/spec/model.ts'
import { isBag, isSet } from '../../src/values/collections.ts'

/** A search of everything, with nothing checked. */
export function explored(m: Model<Variables>, symmetry: boolean) {
  const program = new Learner(m)
  const checks = { invariants: [], steps: [], reachables: [], deadlock: false, assertions: [] }
  const search = new BreadthFirst(program, checks, { symmetry })
  while (!search.finished) search.advance(1000)
  return { program, search }
}

/** All permutations of a list. */
function permutations<T>(list: readonly T[]): T[][] {
  return list.length === 0 ? [[]] : list.flatMap((first, i) => permutations(list.filter((_, j) => j !== i)).map((rest) => [first, ...rest]))
}

/** Every combination of permutations of several lists, as renamings. */
export function renamings(sets: readonly (readonly string[])[]): Map<string, string>[] {
  let all: [string, string][][] = [[]]
  for (const names of sets)
    all = all.flatMap((before) =>
      permutations(names).map((other) => [...before, ...names.map((name, i): [string, string] => [name, other[i] as string])]),
    )
  return all.map((pairs) => new Map(pairs))
}

/** A plain value with the ids in it renamed, as text: written without slots, so that it can judge what works on slots. */
export function renamed(plain: unknown, names: ReadonlyMap<string, string>): string {
  const text = (name: string): string => names.get(name) ?? name
  if (typeof plain === 'string') return text(plain)
  if (typeof plain !== 'object' || plain === null) return String(plain)
  if (isBag(plain) || isSet(plain)) return `{${[...(plain as Iterable<unknown>)].map((element) => renamed(element, names)).sort()}}`
  if (Array.isArray(plain)) return `[${plain.map((element) => renamed(element, names))}]`
  return `(${Object.entries(plain)
    .map(([key, inner]) => `${text(key)}:${renamed(inner, names)}`)
    .sort()})`
}

/** The number of orbits of the reachable states, by trying all renamings of all of them. */
export function bruteForce(m: Model<Variables>, sets: readonly (readonly string[])[]): { states: number; orbits: number; depth: number } {
  const { program, search } = explored(m, false)
  const all = renamings(sets)
  const orbits = new Set<string>()
  for (let i = 0; i < search.arena.length; i++) {
    const plain = unpack(program.layout, search.arena.segment(i), search.arena.offset(i))
    orbits.add(all.map((names) => renamed(plain, names)).sort()[0] as string)
  }
  return { states: search.distinct, orbits: orbits.size, depth: search.depth }
}
