/**
 * Results as JSON: the contract of `result.schema.json`. Values of states have one form each:
 *
 *  - booleans, numbers, strings, null: themselves
 *  - records, unions, maps whose keys are strings or numbers, and bags of strings or numbers (element: count): objects
 *  - other maps and bags: `{ "#map": [[key, value], …] }`
 *  - sequences: arrays; sets: `{ "#set": [element, …] }`
 *
 * Elements of sets and keys of maps are in natural order, so equal values give equal texts.
 */
import { isCollection, isIndexed, isKeyed, isRecord, isSet } from 'immutable'
import type { Lasso, Profile, Result, TraceStep, Violation, Warning } from '../program/result.ts'
import { compareNatural, valueText } from '../program/text.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A value as JSON; where it answers with an exception, or contains itself, as a text that says so. */
export function valueToJson(value: unknown): Json {
  try {
    return partToJson(value)
  } catch {
    return valueText(value)
  }
}

function partToJson(value: unknown): Json {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'object':
      return value === null ? null : objectToJson(value)
    default:
      return String(value)
  }
}

interface BagLike {
  distinct(): unknown[]
  count(element: unknown): number
}
const isBag = (value: object): value is BagLike =>
  typeof (value as Partial<BagLike>).distinct === 'function' && typeof (value as Partial<BagLike>).count === 'function'

function objectToJson(value: object): Json {
  if (isRecord(value))
    return fields(
      [...value.toSeq().entries()].map(([name, inner]) => [String(name), inner]),
      partToJson,
    )
  if (isCollection(value)) {
    if (isKeyed(value)) return mapToJson([...value.entries()])
    if (isIndexed(value)) return [...value].map(partToJson)
    if (isSet(value)) return setToJson(value)
    return [...(value as Iterable<unknown>)].map(partToJson)
  }
  if (Array.isArray(value)) return value.map(partToJson)
  if (value instanceof Map) return mapToJson([...value.entries()])
  if (isBag(value)) return mapToJson(value.distinct().map((element) => [element, value.count(element)]))
  if (Symbol.iterator in value) return setToJson(value as Iterable<unknown>)
  return fields(Object.entries(value), partToJson)
}

function fields(entries: readonly [string, unknown][], convert: (value: unknown) => Json = valueToJson): Json {
  // A name that begins like the forms of sets and maps would be taken for one.
  if (entries.some(([name]) => name.startsWith('#'))) return { '#map': entries.map(([name, inner]) => [name, convert(inner)]) }
  const object = {}
  // `__proto__` is a name like any other.
  for (const [name, inner] of entries)
    Object.defineProperty(object, name, { value: convert(inner), enumerable: true, configurable: true, writable: true })
  return object
}

function mapToJson(entries: readonly [unknown, unknown][]): Json {
  const sorted = [...entries].sort(([a], [b]) => compareNatural(valueText(a), valueText(b)))
  const types = new Set(sorted.map(([key]) => typeof key))
  if (types.size <= 1 && [...types].every((type) => type === 'string' || type === 'number'))
    return fields(
      sorted.map(([key, inner]) => [String(key), inner]),
      partToJson,
    )
  return { '#map': sorted.map(([key, inner]) => [partToJson(key), partToJson(inner)]) }
}

function setToJson(elements: Iterable<unknown>): Json {
  return { '#set': [...elements].sort((a, b) => compareNatural(valueText(a), valueText(b))).map(partToJson) }
}

/** An instance of the document (document.ts). */
export function instanceToJson(file: string, result: Result): Json {
  return {
    file,
    spec: result.spec,
    instance: result.instance,
    constants: fields(Object.entries(result.constants)),
    verdict: result.verdict,
    expected: result.expected,
    expectation: result.expectation,
    distinct: result.distinct,
    generated: result.generated,
    depth: result.depth,
    queue: result.queue,
    constrained: result.constrained,
    seconds: Math.round(result.seconds * 1000) / 1000,
    collisionProbability: result.collisionProbability,
    ...(result.engine.symmetry && { symmetry: result.engine.symmetry.scalarsets.map(({ name, size }) => ({ name, size })) }),
    violation: result.violation ? violationToJson(result.violation) : null,
    violations: result.violations.map(violationToJson),
    actions: result.actions.map(({ name, generated, distinct, enabled }) => ({ name, generated, distinct, enabled })),
    incomplete: result.incomplete && { bound: result.incomplete.bound, text: result.incomplete.text },
    error: null,
    warnings: warningsToJson(result),
    ...(result.confirmation && {
      confirmation: {
        confirmed: result.confirmation.confirmed,
        states: result.confirmation.states,
        unconfirmed: result.confirmation.unconfirmed,
        ...(result.confirmation.stopped !== undefined && { stopped: result.confirmation.stopped }),
      },
    }),
    ...(result.profile ? { profile: profileToJson(result.profile) } : {}),
  }
}

function profileToJson({ seconds, functions, advice }: Profile): Json {
  const rounded = (n: number): number => Math.round(n * 1e6) / 1e6
  return {
    seconds: {
      expanding: rounded(seconds.expanding),
      compiling: rounded(seconds.compiling),
      checking: rounded(seconds.checking),
      search: rounded(seconds.search),
      temporal: rounded(seconds.temporal),
      functions: rounded(seconds.functions),
    },
    functions: functions.map(({ kind, name, location, combinations, calls, seconds: own, walks, compiled, tree, reads, direct }) => ({
      kind,
      name,
      location: location && { file: location.file, line: location.line, column: location.column },
      combinations,
      calls: { learning: calls.learning, samples: calls.samples, direct: calls.direct },
      seconds: rounded(own),
      walks,
      compiled: { combinations: compiled.combinations, states: compiled.states },
      tree: { leaves: tree.leaves, nodes: tree.nodes, words: tree.words },
      reads: reads.map(({ path, type, slots, values, leaves }) => ({ path, type, slots, values, leaves })),
      direct: direct && { combinations: direct.combinations, why: direct.why },
    })),
    advice,
  }
}

function warningsToJson(result: Result): Json {
  const all: Pick<Warning, 'kind' | 'text'>[] | { kind: string; text: string }[] = [
    ...result.mismatches.map((text) => ({ kind: 'mismatch', text })),
    ...(result.incomplete ? [{ kind: 'incomplete', text: result.incomplete.text }] : []),
    ...result.warnings,
  ]
  return all.map(({ kind, text }) => ({ kind, text }))
}

export function violationToJson(violation: Violation): Json {
  return {
    kind: violation.kind,
    name: violation.name,
    parameters: fields(Object.entries(violation.parameters)),
    steps: violation.steps,
    because: violation.because.map(({ path, value }) => ({ path, value })),
    trace: violation.trace.map(stepToJson),
    replay: violation.replay,
    ...(violation.outside && { outside: { variable: violation.outside.variable, value: violation.outside.value, range: violation.outside.range } }),
    ...(violation.lasso ? { lasso: lassoToJson(violation.lasso) } : {}),
    ...(violation.fairness
      ? { fairness: violation.fairness.map(({ action, fairness, part, starved, text }) => ({ action, fairness, part, starved, text })) }
      : {}),
  }
}

function lassoToJson(lasso: Lasso): Json {
  return 'stutters' in lasso
    ? { stutters: true }
    : {
        backTo: lasso.backTo,
        action: lasso.action,
        parameters: fields(Object.entries(lasso.parameters)),
        ...(lasso.abstractStep === undefined ? {} : { abstractStep: lasso.abstractStep }),
      }
}

export function stepToJson(step: TraceStep): Json {
  const { abstract } = step
  const shown: [string, unknown][] = [
    ...step.shown.map(({ name, value }): [string, unknown] => [name, value]),
    ...(abstract ? [[abstract.name, abstract.state] as [string, unknown]] : []),
    ...(abstract && abstract.step !== null ? [[`${abstract.name} step`, abstract.step] as [string, unknown]] : []),
  ]
  return {
    action: step.action,
    parameters: fields(Object.entries(step.parameters)),
    picks: step.picks.map(valueToJson),
    state: step.failed ? null : valueToJson(step.state),
    ...(shown.length > 0 && !step.failed ? { shown: fields(shown) } : {}),
  }
}
