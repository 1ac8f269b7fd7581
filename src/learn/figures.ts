/** What was found out about a spec while it was explored: what its properties looked at, and, for a profile, where the time went. */
import type { Location } from '../errors.ts'
import type { Layout } from '../layout/layout.ts'
import type { PropertyReads } from '../program/reads.ts'
import type { ProgramFigures } from '../program/figures.ts'
import type { InstanceInfo, PropertyInfo } from '../program/system.ts'
import type { FunctionKind } from '../program/result.ts'
import type { TemporalProgram } from '../program/temporal.ts'
import type { Model, PredicateDefinition, Variables } from '../spec/model.ts'
import { Parts, profileOf, type Profiled, type Profiler } from './profile.ts'
import { onePath } from './walk.ts'
import type { Forest } from './tree.ts'
import type { Learned, LearnedAction, LearnedPredicate } from './learned.ts'
import type { Predicates } from './predicates.ts'

/** What was learned of a model, for those who tell of it. */
export interface Learnings {
  readonly model: Model<Variables>
  readonly layout: Layout
  readonly learning: boolean
  readonly instances: readonly InstanceInfo[]
  readonly invariants: readonly PropertyInfo[]
  /** How many step properties there are, with all values of their parameters. */
  readonly steps: number
  readonly actions: readonly LearnedAction[]
  readonly predicates: Predicates
  readonly kinds: Readonly<Record<PredicateDefinition['kind'], readonly LearnedPredicate[]>>
  readonly atoms: readonly { readonly name: string; readonly predicate: LearnedPredicate }[]
  readonly temporal: TemporalProgram
}

export function profileOfAll(of: Learnings, profiler: Profiler): NonNullable<ProgramFigures['profile']> {
  const parts = new Parts(of.layout, 1)
  const stepParts = new Parts(of.layout, 2)
  const model = of.model
  const none = { combinations: 0, states: 0 }
  const told = (
    kind: FunctionKind,
    name: string,
    location: () => Location | undefined,
    learned: readonly Learned[],
    compiled = none,
    step = false,
  ): Profiled => ({
    kind,
    name,
    location,
    compiled,
    combinations: learned.map((one) => ({
      ...one,
      identity: one,
      tree: { forest: step ? of.predicates.stepForest : of.predicates.forest, root: one.root, parts: step ? stepParts : parts },
    })),
  })
  const loose = (kind: FunctionKind, name: string, what: string, location: () => Location | undefined): Profiled[] =>
    profiler.tally(what) === undefined
      ? []
      : [{ kind, name, location, compiled: none, combinations: [{ identity: what, walks: 0, misses: 0, words: 0, direct: true, tree: null }] }]
  const numbers = (named: readonly { readonly name: string }[], name: string) => named.flatMap((one, i) => (one.name === name ? [i] : []))
  const lists = of.kinds
  const steps = [...of.predicates.stepTrees].map(([key, tree]) => ({ step: Math.floor(key / of.actions.length), tree }))
  const properties = new Set(of.atoms.map(({ name }) => name))
  const functions = [
    ...loose('init', 'init', 'init', () => model.initials[0]?.location()),
    ...model.actions.map(({ name, location }) => {
      const mine = numbers(of.instances, name)
      return told(
        'action',
        name,
        location,
        mine.map((i) => of.actions[i] as Learned),
        profiler.compiled('actions', mine),
      )
    }),
    ...uniqueNames(model.predicates).map(({ kind, name, location }) => {
      const mine = lists[kind].filter(({ info }) => info.name === name)
      const compiled = kind === 'invariant' ? profiler.compiled('invariants', numbers(of.invariants, name)) : none
      return told(kind, name, location, mine, compiled)
    }),
    ...uniqueNames(of.predicates.stepBodies.map((body, step) => ({ ...body, kind: step < of.steps ? 'step' : 'temporal' }) as const)).map(
      ({ kind, name, location }) =>
        told(
          kind,
          name,
          location,
          steps.flatMap(({ step, tree }) => (tree.info.name === name && step < of.steps === (kind === 'step') ? [tree] : [])),
          none,
          true,
        ),
    ),
    ...[...properties].map((name) => {
      const mine = of.atoms.flatMap((atom) => (atom.name === name ? [atom.predicate] : []))
      return told('temporal', name, (mine[0] as Learned).location, mine)
    }),
    ...loose('terminal', 'the end of all processes', 'the end of all processes', () => undefined),
    ...loose('view', 'view', 'the view', () => model.views[0]?.location()),
    ...model.refinements.flatMap(({ name, location }) => loose('mapping', name, `the mapping of ${name}`, location)),
  ].map((one) => profileOf(one, profiler, of.learning))
  // The functions of abstract models, which are asked what their steps are.
  for (const { name, abstract } of of.temporal.refinements)
    functions.push(...(abstract.figures().profile?.functions ?? []).map((one) => ({ ...one, name: `${name}: ${one.name}` })))
  const { expanding, compiling, checking } = profiler
  return { expanding: expanding / 1000, compiling: compiling / 1000, checking: checking / 1000, functions }
}

/** What the trees of properties have looked at. */
export function readsOf(of: Learnings): PropertyReads[] {
  const { fields } = of.model.state
  const { words, mask, shift, word } = of.layout
  const names = fields.map(([name]) => name)
  const bits = fields.map(([, type, offset]) => {
    const row = new Int32Array(words)
    for (let slot = offset; slot < offset + type.slots.length; slot++) {
      const w = word[slot] as number
      row[w] = (row[w] as number) | ((mask[slot] as number) << (shift[slot] as number))
    }
    return row
  })
  const look = (
    kind: PropertyReads['kind'],
    tree: number,
    { direct, walks, root, info }: LearnedPredicate,
    forest: Forest,
    named: readonly string[],
  ): PropertyReads[] => {
    if (walks === 0) return []
    const footprint = forest.footprint(root)
    const read = direct ? [] : names.filter((_, i) => footprint.some((mask, w) => (mask & (bits[i]?.[w % words] as number)) !== 0))
    return [{ kind, name: info.name, tree, direct, read, path: direct ? null : onePath(forest, root), named }]
  }
  const mentioned = (test: ((...args: never[]) => unknown) | undefined, states: number): string[] =>
    test === undefined ? [] : [...mentions(test, names, states)]
  const sources = new Map(of.model.predicates.map(({ kind, name, test }) => [`${kind} ${name}`, test]))
  const stepSources = new Map(of.model.steps.map(({ name, source }) => [name, source]))
  const invariants = of.kinds.invariant.flatMap((tree, i) =>
    look('invariant', i, tree, of.predicates.forest, mentioned(sources.get(`invariant ${tree.info.name}`), 1)),
  )
  const steps = [...of.predicates.stepTrees].flatMap(([key, tree]) => {
    const source = stepSources.get(tree.info.name)
    return source === undefined ? [] : look('step', key, tree, of.predicates.stepForest, mentioned(source, 2))
  })
  return [...invariants, ...steps]
}

/** The first of each kind and name. */
function uniqueNames<T extends { readonly kind: string; readonly name: string }>(all: readonly T[]): readonly T[] {
  return all.filter(({ kind, name }, i) => all.findIndex((other) => other.kind === kind && other.name === name) === i)
}

/**
 * The variables that a function names as `s.variable`, or takes out of its first parameters. Only what is written in the function itself is
 * found, and it is only used for a hint.
 */
function mentions(test: (...args: never[]) => unknown, variables: readonly string[], states: number): ReadonlySet<string> {
  const source = String(test)
  const list = /^(?:function\s*\w*\s*)?(?:\(([^)]*)\)|([\p{L}\p{N}_$]+))/u.exec(source)
  const parameters = list?.[1] ?? list?.[2] ?? ''
  const named = new Set<string>()
  let rest = parameters
  for (let i = 0; i < states; i++) {
    const [whole, fields, name] = /^\s*(?:\{([^}]*)\}|([\p{L}\p{N}_$]+))\s*,?/u.exec(rest) ?? []
    if (whole === undefined) break
    rest = rest.slice(whole.length)
    if (fields !== undefined) for (const field of fields.split(',')) named.add((field.split(/[:=]/)[0] as string).trim())
    if (name !== undefined)
      for (const [, variable] of source.matchAll(new RegExp(`(?<![\\p{L}\\p{N}_$.])${name.replaceAll('$', '\\$')}\\.([\\p{L}\\p{N}_$]+)`, 'gu')))
        named.add(variable as string)
  }
  return new Set(variables.filter((variable) => named.has(variable)))
}
