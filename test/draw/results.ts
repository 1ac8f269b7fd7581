/** Hand-made results to draw. */
import { Map as ImmutableMap, Record as ImmutableRecord, List, Set as ImmutableSet } from 'immutable'
import type { Result, StateValue, TraceStep, Violation } from '../../src/program/result.ts'
import { changesBetween } from '../../src/program/text.ts'

export const stateOf = (variables: Readonly<Record<string, unknown>>): StateValue =>
  ImmutableRecord<Record<string, unknown>>(variables)() as StateValue

export interface Told {
  action?: string
  parameters?: Record<string, unknown>
  picks?: unknown[]
  /** What differs from the state before; all variables for the first. */
  set?: Record<string, unknown>
  shown?: TraceStep['shown']
  failed?: boolean
}

export function traceOf(told: readonly Told[]): TraceStep[] {
  let variables: Record<string, unknown> = {}
  let before: StateValue | null = null
  return told.map(({ action, parameters = {}, picks = [], set = {}, shown = [], failed = false }) => {
    variables = { ...variables, ...set }
    const state: StateValue = before !== null && Object.keys(set).length === 0 ? before : stateOf(variables)
    const changes = before === null ? [] : changesBetween(before, state)
    before = state
    return { action: action ?? null, parameters, picks, state, changes, shown, failed }
  })
}

export const violationOf = (violation: Partial<Violation>): Violation => ({
  kind: 'invariant',
  name: 'Small',
  parameters: {},
  steps: Math.max(0, (violation.trace?.length ?? 1) - 1),
  because: [],
  trace: [],
  replay: '0',
  ...violation,
})

export const resultOf = (violation: Violation, result: Partial<Result> = {}): Result => ({
  spec: 'counter',
  instance: 'default',
  constants: {},
  verdict: 'violated',
  expectation: 'everything holds',
  expected: false,
  mismatches: [],
  distinct: 4,
  generated: 5,
  depth: 4,
  queue: 0,
  constrained: 0,
  seconds: 0.1,
  collisionProbability: 0,
  violation,
  violations: [violation],
  incomplete: null,
  actions: [],
  warnings: [],
  engine: { keys: 'exact', bitsPerState: 8, slots: 1, leaves: 1, calls: 1, compared: 1, direct: [] },
  ...result,
})

const region = ImmutableRecord({ phase: 'absent', written: false, loadSnap: null as unknown })
const put = (name: string, n: number) => ImmutableRecord({ region: name, put: n })()

/** The panic of the write batch, ten steps: one apply thread, two regions. */
export function writeBatch(failing: boolean): Violation {
  const t = { thread: 't1' }
  const A = { thread: 't1', region: 'r1' }
  const B = { thread: 't1', region: 'r2' }
  const set = (...elements: unknown[]) => ImmutableSet(elements)
  const told: Told[] = [
    {
      set: {
        status: 'NotInCache',
        current: null,
        prepared: set(),
        inHand: null,
        owned: set(),
        diskBatch: List(),
        disk: ImmutableMap({ r1: set(), r2: set() }),
        region: ImmutableMap({ r1: region({ phase: 'active' }), r2: region() }),
      },
    },
    { action: 'Fetch', parameters: A, set: { inHand: 'r1', owned: set('r1') } },
    {
      action: 'Apply',
      parameters: A,
      picks: [1],
      set: {
        status: 'Cached',
        current: 'r1',
        prepared: set('r1'),
        diskBatch: List([put('r1', 1)]),
        region: ImmutableMap({ r1: region({ phase: 'active', written: true }), r2: region() }),
      },
    },
    { action: 'Change', parameters: A, set: { diskBatch: List(), disk: ImmutableMap({ r1: set(1), r2: set() }) } },
    { action: 'Done', parameters: A, set: { inHand: null } },
    { action: 'EndRound', parameters: t, set: { owned: set() } },
    { action: 'Fetch', parameters: B, set: { inHand: 'r2', owned: set('r2') } },
    {
      action: 'Apply',
      parameters: B,
      picks: [2],
      set: { status: 'NotInCache', current: 'r2', prepared: set('r1', 'r2'), diskBatch: List([put('r2', 2)]) },
    },
    { action: 'Done', parameters: B, set: { inHand: null } },
    { action: 'Fetch', parameters: A, set: { inHand: 'r1', owned: set('r1', 'r2') } },
    failing
      ? { action: 'Apply', parameters: A, failed: true }
      : { action: 'Apply', parameters: A, set: { current: 'r1', prepared: set('r1', 'r2'), status: 'Cached' } },
  ]
  return violationOf({
    kind: failing ? 'assertion' : 'invariant',
    name: failing ? 'region is prepared for write before but it is not the current region' : 'PreparedImpliesCurrent',
    parameters: failing ? {} : { region: 'r2' },
    because: [
      { path: 'prepared has r1', value: 'true' },
      { path: 'current', value: failing ? 'r2' : 'r1' },
    ],
    trace: traceOf(told),
  })
}
