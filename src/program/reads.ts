/** What properties read: whether they can fail at all. */

/** What one tree of a property (the property with values for its parameters; for a step property also per action) has read so far. */
export interface PropertyReads {
  readonly kind: 'invariant' | 'step'
  readonly name: string
  /** Tells the trees of a property apart. */
  readonly tree: number
  /** It has no tree: what it reads is not known. */
  readonly direct: boolean
  /** The variables that it has read. */
  readonly read: readonly string[]
  /** The reads that it has made every time, as text; null where they differ. */
  readonly path: string | null
  /** The variables that its source names. */
  readonly named: readonly string[]
}

/** What properties have read in several programs that have each seen some of the states, as in one that has seen them all. */
export function mergeReads(all: readonly (readonly PropertyReads[])[]): PropertyReads[] {
  const merged = new Map<string, PropertyReads>()
  for (const one of all.flat()) {
    const key = `${one.kind} ${one.tree} ${one.name}`
    const other = merged.get(key)
    merged.set(
      key,
      other === undefined
        ? one
        : {
            ...one,
            direct: one.direct || other.direct,
            read: [...new Set([...one.read, ...other.read])],
            path: one.path === other.path ? one.path : null,
          },
    )
  }
  return [...merged.values()]
}

function byProperty(reads: readonly PropertyReads[]): PropertyReads[][] {
  const groups = new Map<string, PropertyReads[]>()
  for (const one of reads) {
    const key = `${one.kind} ${one.name}`
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return [...groups.values()]
}

/**
 * Invariants whose truth was decided without ever reading the state. (One that is constant for some parameters only, such as two equal
 * ones, says something for the others.)
 */
export function constantAmong(reads: readonly PropertyReads[]): string[] {
  return byProperty(reads.filter(({ kind }) => kind === 'invariant'))
    .filter((trees) => trees.every(({ direct, read }) => !direct && read.length === 0))
    .map(([first]) => (first as PropertyReads).name)
}

/**
 * Per property the variables that its source names and that it never read, where a premise decided every time: it only ever read one
 * variable, or only ever saw one situation. (A branch that was not taken, among others that were, is no sign of a mistake.)
 */
export function unreadAmong(
  reads: readonly PropertyReads[],
): { readonly name: string; readonly kind: PropertyReads['kind']; readonly variables: readonly string[] }[] {
  return byProperty(reads).flatMap((trees) => {
    if (trees.some(({ direct }) => direct)) return []
    const read = new Set(trees.flatMap((tree) => tree.read))
    // A property that reads nothing at all is told of as constant.
    if (read.size === 0 || (read.size > 1 && trees.some(({ path }) => path === null))) return []
    const { name, kind, named } = trees[0] as PropertyReads
    const variables = named.filter((variable) => !read.has(variable))
    return variables.length > 0 ? [{ name, kind, variables }] : []
  })
}
