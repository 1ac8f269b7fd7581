/** What is known of each function of a spec while it is learned, and when learning it is given up. */
import type { Location } from '../errors.ts'
import type { PropertyInfo } from '../program/system.ts'
import type { Callee } from '../direct/calls.ts'
import type { ActionBody, StepBody } from '../spec/model.ts'
import { copyOf } from '../values/plain.ts'
import type { Trees } from './compile.ts'
import type { ForestState } from './tree.ts'

export interface LearnOptions {
  /** false: call every function directly. */
  readonly learning?: boolean
  /** false: walk every tree for every state, even where nothing that it reads has changed. */
  readonly reuse?: boolean
  /** false: walk the trees, do not compile them; 'eager': compile them whenever they have grown some, however small the search. */
  readonly compiling?: boolean | 'eager'
  /** true: `figures().profile` tells where the time goes. */
  readonly profile?: boolean
}

/** A tree is given up when it has missed this often and more than half of its walks, or outgrows its budget in words. */
export const PATIENCE = 4096
export const TREE_BUDGET = 1 << 24
/** The same for a tree that has more words than this. */
export const LARGE_TREE = 1 << 18
export const LARGE_PATIENCE = 16
/**
 * When so much has been learned in all, an action rests whose situations go on being new: it is called, which is far cheaper than learning it. What it does in some
 * states is learned all the same; when most of what it meets is known by then, its tree is walked again.
 */
export const MUCH = 1 << 12
export const RESTING_PATIENCE = 64
export const PROBES = 32
/** When so much has been learned, plain data is made by code for the model. */
export const OFTEN = 512
/** A predicate is given up, too, when it goes on missing and so much was noted of it. */
export const MUCH_NOTED = 1 << 19
export const NOTED_PATIENCE = 4
/** One in this many walks is called as well, and the first ones of every action. */
export const SAMPLE = 4096
export const FIRST = 4
/** One in this many of the things learned is tried on a second state, and the first of every function. */
export const SECOND = 16
/** Trees are compiled when this many states are expanded. */
export const COMPILE_AT = 2048
/** They are compiled when they have grown less often than once in so many states lately: what is learned afterwards is not in the code. */
export const GROWING = 4
/** What compiling may take of the time in which states are expanded. */
export const COMPILING_SHARE = 0.25
/** Without waiting they are compiled whenever they have grown by this share. */
export const EAGER_GROWTH = 1 / 32
/** They are compiled anew when compiled code had to ask the interpreter this often: that took about as long as compiling does. */
export const MAX_SLOW = 1 << 13

export interface Learned {
  readonly what: string
  readonly location: () => Location | undefined
  readonly root: number
  direct: boolean
  walks: number
  misses: number
  words: number
}

export interface LearnedAction extends Learned {
  readonly body: ActionBody
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
  readonly parameters: Readonly<Record<string, unknown>>
  /** Whether each call needs parameters of its own. */
  readonly copied: boolean
  /** The leaves that the state expanded last led to. */
  readonly leaves: number[]
  enabled: boolean
  /** How it is called on plain data. */
  callee: Callee | undefined
  /** While it rests from being learned: how many states were looked at all the same, and how many of them were new. */
  resting: { probes: number; missed: number } | null
  /** How much was expanded and missed when it was last begun to learn it. */
  since: { expanded: number; misses: number }
  /** How many walks were compared with a call. */
  compared: number
}

export interface LearnedPredicate extends Learned {
  readonly info: PropertyInfo
  readonly test: (...drafts: object[]) => unknown
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
  /** How it is called on plain data. */
  callee: Callee | undefined
  /** How much was noted while it was learned. */
  noted: number
}

/** What a program has learned of single states. */
export interface Knowledge {
  readonly forest: ForestState
  /** The address of the footprints of invariants. */
  readonly footprints: number
  /** Of assertions, by number. */
  readonly messages: readonly string[]
  /** Per function of the spec, whether it is called directly. */
  readonly direct: readonly boolean[]
  readonly expanded: number
  readonly compiled: { readonly trees: Trees; readonly grown: number; readonly anyDirect: boolean } | null
}

/** A step property with values for its parameters. */
export interface StepBodyOf {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly location: () => Location | undefined
  readonly test: StepBody
  /** The function as it stands in the spec. */
  readonly source: (...args: never[]) => unknown
}

/** Thrown out of a walk whose action is called directly from now on. */
export class GoDirect extends Error {}

/** Whether a tree does not pay: it is too large, or keeps missing; one that is large already is given less time. */
export function givenUp({ words, misses, walks }: Learned): boolean {
  if (words > TREE_BUDGET) return true
  return misses * 2 > walks && (misses > PATIENCE || (misses > LARGE_PATIENCE && words > LARGE_TREE))
}

/** Parameters as a function may have them for itself: composite values of a type are copied. */
export function fresh(parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  for (const name in parameters) if (typeof parameters[name] === 'object') return copyOf(parameters)
  return parameters
}
