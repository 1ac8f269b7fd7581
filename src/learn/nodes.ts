import type { SetType } from '../types/set.ts'
import type { AnyType } from '../types/type.ts'

export const READ = 1
export const WIDE = 2
export const PICK = 3
export const PICKSET = 4
export const QUANT = 5
export const OFF = 6
export const TRUE = 7
export const FALSE = 8
export const FAILED = 9
export const NEXT = 10
export const HAS = 11
export const PICKANY = 12

export const EVERY = 0
export const SOME = 1
export const COUNT = 2
export const FIND = 3
export const QUANTIFIERS = { every: EVERY, some: SOME, count: COUNT, find: FIND } as const

/** The fixed leaves. */
export const NODE_OFF = 1
export const NODE_TRUE = 2
export const NODE_FALSE = 3

/** Something that a function did, in the order in which it did it. `edge` is the child that it led to. */
export type Event =
  | { readonly op: typeof READ; readonly slot: number; readonly edge: number }
  | { readonly op: typeof PICK; readonly n: number; readonly edge: number }
  /** The slots of the elements that may be chosen, -1 for one that is there in any case; `edge` is an index into them, -1 where none is there. */
  | { readonly op: typeof PICKSET; readonly slots: readonly number[]; readonly edge: number }
  /** Whether an interned set has an element, by number. */
  | { readonly op: typeof HAS; readonly slot: number; readonly type: SetType<AnyType>; readonly element: number; readonly edge: number }
  /** A pick from an interned set with some elements put in or taken out; `edge` is the element, -1 where there is none. */
  | {
      readonly op: typeof PICKANY
      readonly slot: number
      readonly type: SetType<AnyType>
      readonly changes: ReadonlyMap<number, boolean>
      readonly edge: number
    }
  /** What each callback did, as far as they were called, and its answer. */
  | {
      readonly op: typeof QUANT
      readonly kind: number
      readonly n: number
      readonly inner: readonly { readonly events: readonly Event[]; readonly answer: boolean }[]
      readonly edge: number
    }

/** How a run ended. */
export type Leaf =
  | { readonly op: typeof OFF | typeof TRUE | typeof FALSE }
  | { readonly op: typeof FAILED; readonly message: number }
  | { readonly op: typeof NEXT; readonly writes: readonly Write[] }

/** A slot written: the new value, or the slot whose old value is taken (`from` >= 0), for interned sets with changes. */
export interface Write {
  readonly slot: number
  readonly value: number
  readonly from: number
  readonly changes?: { readonly type: SetType<AnyType>; readonly elements: ReadonlyMap<number, boolean> } | undefined
}
