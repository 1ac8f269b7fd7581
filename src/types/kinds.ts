/** All kinds of types as one union, so that the compiler knows whether a switch over `kind` is complete. What a type does itself is a method of it. */
import type { BagType } from './bag.ts'
import type { BoolType } from './bool.ts'
import type { EnumType } from './enum.ts'
import type { IdsType } from './ids.ts'
import type { IntType } from './int.ts'
import type { MapType } from './map.ts'
import type { OptionType } from './option.ts'
import type { Fields, RecordType } from './record.ts'
import type { SeqType } from './seq.ts'
import type { SetType } from './set.ts'
import type { AnyType, Kind } from './type.ts'
import type { UnionType, Variants } from './union.ts'
import type { ValueType } from './value.ts'

interface Kinds {
  bool: BoolType
  int: IntType
  enum: EnumType<string>
  ids: IdsType<string>
  option: OptionType<AnyType>
  record: RecordType<Fields>
  union: UnionType<string, Variants>
  map: MapType<string, AnyType>
  set: SetType<AnyType>
  bag: BagType<AnyType>
  seq: SeqType<AnyType>
  value: ValueType<unknown>
}

/** A type, told apart by its kind. */
export type KnownType = { readonly [K in Kind]: Kinds[K] & { readonly kind: K } }[Kind]

/** The same type, of which the compiler knows that it is one of these. */
export const known = (type: AnyType): KnownType => type as unknown as KnownType
