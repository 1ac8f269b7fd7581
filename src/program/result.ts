/**
 * What comes out of a check: data only. Engines make it; reporters and drawings read it.
 */
import type { Record as ImmutableRecord } from 'immutable'
import type { Location, Outside } from '../errors.ts'

/** A state as programs see it: an Immutable.Record with a field per variable. */
export type StateValue = ImmutableRecord<Record<string, unknown>> & Readonly<Record<string, unknown>>

export type Verdict = 'holds' | 'violated' | 'deadlocked' | 'incomplete' | 'error'

/** `range`: no property is false, but a step puts a value where none such fits. It is an error of the spec (`OutOfRangeError`), told as violations are. */
export type ViolationKind = 'invariant' | 'assertion' | 'deadlock' | 'step' | 'reachable' | 'property' | 'refinement' | 'range'

/**
 * How the trace of a temporal property goes on for ever: from its last state back to the state with this index (counted from 0, the initial state)
 * by the step given, again and again; or its last state never changes any more.
 */
export type Lasso =
  | {
      readonly backTo: number
      readonly action: string
      readonly parameters: Readonly<Record<string, unknown>>
      /** Only for refinements: what the step back is in the abstract model. */
      readonly abstractStep?: string
    }
  | { readonly stutters: true }

/** Why a lasso is a legal behaviour, or what would make it illegal: one action and its part in the cycle. */
export interface FairnessNote {
  /** An action, with parameters, as text. */
  readonly action: string
  /** The fairness that is assumed of it; null where none is. */
  readonly fairness: 'weak' | 'strong' | null
  /**
   * Its part in what repeats for ever: it happens; it is never possible; it is possible at some times only; or it is possible at all
   * times. Where it is possible but does not happen it is starved.
   */
  readonly part: 'happens' | 'impossible' | 'sometimes possible' | 'always possible'
  readonly starved: boolean
  /** All of that as a sentence. */
  readonly text: string
}

/** One value that decided a property: where it was read and what it was. `value` is text as traces show it. */
export interface Reason {
  readonly path: string
  readonly value: string
}

/** One variable, or a part of one, that a step changed. Elements that come and go in a set have `old` or `new` null. */
export interface Change {
  readonly path: string
  readonly old: string | null
  readonly new: string | null
}

/** The abstract side of a step. */
export interface AbstractStep {
  /** The name of the refinement. */
  readonly name: string
  /** The abstract step as text; null for the initial state. */
  readonly step: string | null
  readonly state: StateValue
  readonly changes: readonly Change[]
}

/** A state of a trace and the step that led to it. */
export interface TraceStep {
  /** null for the initial state. */
  readonly action: string | null
  readonly parameters: Readonly<Record<string, unknown>>
  /** What `pick` and `either` chose, in order; a branch of `either` as its number from 0. */
  readonly picks: readonly unknown[]
  /** The state after the step; for a step whose assertion failed, the state before it. */
  readonly state: StateValue
  readonly changes: readonly Change[]
  /** Values of `m.show`. */
  readonly shown: readonly { readonly name: string; readonly value: unknown }[]
  /** Only where a refinement is violated: what the state stands for in the abstract model, and the step that leads there. */
  readonly abstract?: AbstractStep
  /** The step was attempted, and its assertion failed: it has no state after it. */
  readonly failed: boolean
}

export interface Violation {
  readonly kind: ViolationKind
  /** The name of the property, the message of the assertion, 'deadlock', or what is put where: "x: 4 is outside int(0, 3)". */
  readonly name: string
  /** The failing combination of a property with parameters. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** The length of the trace in steps; for an assertion and a value that does not fit the attempted step counts. */
  readonly steps: number
  /** What decided: the values read. For a deadlock: per action, the guard that stopped it. */
  readonly because: readonly Reason[]
  /** Empty for a `reachable` that was not reached. */
  readonly trace: readonly TraceStep[]
  /** The string that `--replay` takes. */
  readonly replay: string
  /** How the trace goes on for ever: only for temporal properties. The closing step of a cycle counts in `steps`. */
  readonly lasso?: Lasso
  /** Why the lasso is fair, and which actions it starves. */
  readonly fairness?: readonly FairnessNote[]
  /** Only of `range`: the variable (or its part), the value and what the variable takes, as text. The action is that of the last step. */
  readonly outside?: Outside
}

/** Why a search stopped before it had seen everything. */
export type Bound = 'max-states' | 'max-depth' | 'timeout' | 'interrupt' | 'memory' | 'capacity'

export interface ActionFigures {
  readonly name: string
  /** Successors generated by the action, over all its parameters. */
  readonly generated: number
  /** New states among them. */
  readonly distinct: number
  /** Whether it was possible in any state, for any parameters: also where its assertion failed each time. */
  readonly enabled: boolean
}

/** How the engine worked. */
export interface EngineFigures {
  /** How states are told apart: their packed bits, or a 64-bit fingerprint. */
  readonly keys: 'exact' | 'fingerprint'
  readonly bitsPerState: number
  readonly slots: number
  /** Leaves of all learned trees. */
  readonly leaves: number
  /** Threads that explored large levels together; absent where one thread did everything. */
  readonly workers?: number
  /** Calls of the spec's own functions. */
  readonly calls: number
  /** How many of them were compared with what the function does on plain data; the others follow from what was learned there. */
  readonly compared: number
  /** Actions and properties that are called directly for every state, with the reason. */
  readonly direct: readonly string[]
  /** Where temporal properties were checked: the states of the largest product of graph and automaton. */
  readonly product?: number
  /** Where states that differ only by interchangeable ids count as one: the scalarsets. `distinct` is then the number of orbits. */
  readonly symmetry?: { readonly scalarsets: readonly { readonly name: string; readonly size: number }[] }
}

export interface Warning {
  readonly kind:
    | 'never-enabled'
    | 'constant-property'
    | 'constraint'
    | 'only'
    | 'also-violated'
    | 'fingerprint'
    | 'workers'
    | 'heap'
    | 'vacuous-premise'
    | 'temporal-constraint'
    | 'symmetry'
    | 'unread'
    | 'constraint-cuts-all'
    | 'reached-at-once'
    | 'constant-mapping'
    | 'no-fair-behaviour'
  readonly text: string
  /** Whether `--strict` counts it as a failure: a sign that the spec does not say what it means to. */
  readonly vacuous: boolean
}

/** What a function of a spec is to the model. */
export type FunctionKind = 'action' | 'invariant' | 'step' | 'reachable' | 'constraint' | 'terminal' | 'temporal' | 'init' | 'view' | 'mapping'

/** What makes a tree branch: reads of one part of the state, or picks. */
export interface ReadProfile {
  /** The slot (`clock`, `holds.p1`) where only one is read; several by what they have in common (`holds.*`, `queue`); or `picks`. */
  readonly path: string
  /** The kind of type: `set`, `int`, `value` … */
  readonly type: string
  /** Slots of it that one tree reads, at most. */
  readonly slots: number
  /** Values that one of its reads has met, at most. */
  readonly values: number
  /**
   * Leaves that the trees would lose if each of its reads had met one value only, the one with the most leaves behind it. The shares of several
   * reads overlap: where two multiply, each is to blame for the product.
   */
  readonly leaves: number
}

/** One function of a spec, over all combinations of its parameters. */
export interface FunctionProfile {
  readonly kind: FunctionKind
  readonly name: string
  readonly location: Location | null
  /** Combinations of its parameters, each with a tree of its own; for a step property, with each action instance that it was asked about. */
  readonly combinations: number
  /** Calls of its code: to learn a tree (two per new situation), to compare a tree or an answer with a second call, and for want of a tree. */
  readonly calls: { readonly learning: number; readonly samples: number; readonly direct: number }
  /** Seconds inside its code. */
  readonly seconds: number
  /** Walks over its trees by the interpreter. Where nothing that a tree looks at has changed there is no walk, and compiled code is not counted. */
  readonly walks: number
  /** How many of its trees were compiled last, and how many states went through compiled code: expanded (actions), or checked (invariants). */
  readonly compiled: { readonly combinations: number; readonly states: number }
  /** The size of its trees. Leaves are the local situations told apart, those in callbacks of quantifiers included; words are 4 bytes each. */
  readonly tree: { readonly leaves: number; readonly nodes: number; readonly words: number }
  /** What makes the trees branch, the worst first. */
  readonly reads: readonly ReadProfile[]
  /** Of the combinations that are called for every state, how many, and why. */
  readonly direct: { readonly combinations: number; readonly why: string } | null
}

/** Where the time of a check went. */
export interface Profile {
  /**
   * Seconds of wall time: expanding states; checking successors; looking successors up and all else that the search does; temporal properties. And
   * parts of these: the compilation of trees (of expanding), and the time inside the functions of the spec.
   */
  readonly seconds: {
    readonly expanding: number
    readonly compiling: number
    readonly checking: number
    readonly search: number
    readonly temporal: number
    readonly functions: number
  }
  /** The functions with the most calls first. */
  readonly functions: readonly FunctionProfile[]
  /** What to mend first; null where nothing is slow because of how the spec is written. */
  readonly advice: string | null
}

/** What became of the comparison with the reference checker. A difference is no result but an error. */
export interface Confirmation {
  /** Whether the reference checker found the same. */
  readonly confirmed: boolean
  /** The distinct states that the reference checker found; null where it did not come to an end. */
  readonly states: number | null
  /** What was not confirmed: parts of the result, or why nothing was. Empty where all is confirmed. */
  readonly unconfirmed: readonly string[]
  /** Only where it was stopped on the way: by what. The run is then incomplete, whatever the search has found to hold. */
  readonly stopped?: Bound
}

/** The result of checking one instance. */
export interface Result {
  readonly spec: string
  readonly instance: string
  readonly constants: Readonly<Record<string, unknown>>
  readonly verdict: Verdict
  /** What the instance is expected to give, as text; null where nothing is expected (constants were overridden). */
  readonly expectation: string | null
  /** Whether the outcome is the expected one. Without an expectation: whether everything holds. */
  readonly expected: boolean
  /** How the outcome differs from the expectation. */
  readonly mismatches: readonly string[]
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  /** States found but not expanded: 0 where the search is complete. */
  readonly queue: number
  /** States outside the constraint. */
  readonly constrained: number
  readonly seconds: number
  /** The probability that two different states were taken for one; 0 with exact keys. */
  readonly collisionProbability: number
  /** The first violation. */
  readonly violation: Violation | null
  /** All violations found: more than one with `keepGoing`, one per property. */
  readonly violations: readonly Violation[]
  /** Why the search is not complete. */
  readonly incomplete: { readonly bound: Bound; readonly text: string } | null
  readonly actions: readonly ActionFigures[]
  readonly warnings: readonly Warning[]
  readonly engine: EngineFigures
  /** Only with the option `profile`. */
  readonly profile?: Profile
  /** Only with the option `confirm`. */
  readonly confirmation?: Confirmation
}

/** Figures while a search runs. */
export interface Progress {
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly queue: number
  readonly seconds: number
  /** Bytes held by the process. */
  readonly memory: number
}
