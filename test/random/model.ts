/**
 * Random models for comparing engines. A model is built from a tape of numbers: whoever builds it asks the tape for a number below n
 * wherever there is a choice, and gets 0 where the tape has ended. So any tape makes a model, and a shorter tape of smaller numbers makes a
 * simpler one. Every piece knows its own source text, so a disagreement can be read, and pasted into a file.
 */
import { is, isCollection, List, Map as ImmutableMap, Set as ImmutableSet } from 'immutable'
import {
  bag,
  bagOf,
  bool,
  count,
  either,
  ensure,
  enumOf,
  equal,
  every,
  filter,
  find,
  ids,
  int,
  map,
  model,
  option,
  pick,
  record,
  seq,
  set,
  some,
  union,
  value,
  when,
} from 'tsmc'
import type { BagType } from '../../src/types/bag.ts'
import type { EnumType } from '../../src/types/enum.ts'
import type { IntType } from '../../src/types/int.ts'
import type { MapType } from '../../src/types/map.ts'
import type { Model } from '../../src/spec/model.ts'
import type { OptionType } from '../../src/types/option.ts'
import type { Fields, RecordType } from '../../src/types/record.ts'
import type { SeqType } from '../../src/types/seq.ts'
import type { SetType } from '../../src/types/set.ts'
import type { AnyType } from '../../src/types/type.ts'
import type { UnionType, Variants } from '../../src/types/union.ts'

/** A model that can be built any number of times, and its source. */
export interface RandomModel {
  readonly text: string
  readonly build: () => Model<any>
}

class Tape {
  readonly #numbers: readonly number[]
  #at = 0
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers
  }
  /** A number below n. */
  below(n: number): number {
    return (this.#numbers[this.#at++] ?? 0) % n
  }
  /** True once in n times; false when the tape has ended. */
  once(n: number): boolean {
    return this.below(n) === n - 1
  }
  get ended(): boolean {
    return this.#at >= this.#numbers.length
  }
}

/** Values bound by parameters, picks, loops and quantifiers. */
type Scope = Readonly<Record<string, unknown>>
interface Piece<T> {
  readonly text: string
  readonly run: (s: any, scope: Scope) => T
}
interface Named {
  readonly name: string
  readonly type: AnyType
}
/** A part of the state: `get` gives undefined where the way to it does not exist, for example through null. */
interface Place extends Piece<unknown> {
  readonly type: AnyType
  readonly set: (s: any, scope: Scope, value: unknown) => void
}

const PLAIN = [0, 1, 'a', null, { a: 1, b: [true] }, { b: [true], a: 2 }, [1, { c: 'x' }]] as const
const IMMUTABLE = [
  () => List([1]),
  () => ImmutableMap([['a', 1]]),
  () => ImmutableSet(['x', 'y']),
  () => List([1, 2]),
  () => ImmutableMap<string, unknown>().set('b', List()).set('a', 1),
] as const
/** The source of a type, by which types are told apart: a union's own text leaves its fields out. */
const sources = new WeakMap<object, string>()
const sourceOf = (type: AnyType): string => sources.get(type) ?? String(type)
const opaque = new WeakMap<object, 'plain' | 'immutable'>()
const show = (v: unknown): string =>
  v instanceof Set
    ? `new Set([${[...v].map(show)}])`
    : Array.isArray(v)
      ? `[${v.map(show)}]`
      : typeof v === 'object' && v !== null
        ? `{ ${Object.entries(v).map(([k, x]) => `${k}: ${show(x)}`)} }`
        : JSON.stringify(v)

/** A literal is a value of its own each time that it is run. */
function fresh(v: unknown): unknown {
  if (typeof v !== 'object' || v === null || isCollection(v)) return v
  if (Array.isArray(v)) return v.map(fresh)
  if ('distinct' in v) return bagOf([...(v as unknown as Iterable<unknown>)].map(fresh))
  if (Symbol.iterator in v) return new Set([...(v as Iterable<unknown>)].map(fresh))
  return Object.fromEntries(Object.entries(v).map(([key, inner]) => [key, fresh(inner)]))
}

class Builder {
  readonly tape: Tape
  readonly pool: [AnyType, string][] = []
  readonly variables: Record<string, AnyType> = {}
  readonly lines: string[] = []
  #names = 0
  constructor(tape: Tape) {
    this.tape = tape
  }
  one<T>(from: readonly T[]): T {
    return from[this.tape.below(from.length)] as T
  }
  name(prefix: string): string {
    return `${prefix}${++this.#names}`
  }

  // --- types

  scalar(): [AnyType, string] {
    const scalars: (() => [AnyType, string])[] = [
      () => [bool, 'bool'],
      () => {
        const lo = this.tape.below(3) - 1
        const hi = lo + 1 + this.tape.below(3)
        return [int(lo, hi), `int(${lo}, ${hi})`]
      },
      () => [enumOf('a', 'b', 'c'), "enumOf('a', 'b', 'c')"],
      () => {
        const n = 2 + this.tape.below(2)
        return [ids('p', n), `ids('p', ${n})`]
      },
    ]
    return this.one(scalars)()
  }

  type(depth: number): [AnyType, string] {
    if (this.pool.length > 0 && this.tape.once(3)) return this.one(this.pool)
    const made = this.#type(depth)
    sources.set(...made)
    this.pool.push(made)
    return made
  }

  #type(depth: number): [AnyType, string] {
    if (depth === 0) return this.scalar()
    const kind = this.one(['scalar', 'option', 'record', 'map', 'set', 'seq', 'union', 'bag', 'wide', 'value', 'scalar'])
    if (kind === 'scalar') return this.scalar()
    if (kind === 'value') {
      const immutable = this.tape.once(2)
      const type = immutable ? value<unknown>((IMMUTABLE[0] as () => unknown)()) : value<unknown>(PLAIN[0])
      opaque.set(type, immutable ? 'immutable' : 'plain')
      return [type, immutable ? 'value(List([1]))' : 'value(0)']
    }
    if (kind === 'record' || kind === 'union') {
      const fields = (prefix: string): [Fields, string] => {
        const list = Array.from({ length: 1 + this.tape.below(2) }, (_, i) => [`${prefix}${i}`, ...this.finite(depth - 1)] as const)
        return [Object.fromEntries(list.map(([name, type]) => [name, type])), `{ ${list.map(([name, , text]) => `${name}: ${text}`).join(', ')} }`]
      }
      if (kind === 'record') {
        const [types, text] = fields('f')
        return [record(types), `record(${text})`]
      }
      const [a, aText] = fields('x')
      const [b, bText] = fields(this.tape.once(2) ? 'x' : 'y')
      return [union('type', { a, b, none: {} }), `union('type', { a: ${aText}, b: ${bText}, none: {} })`]
    }
    if (kind === 'wide') {
      // More possible elements than a set has slots for.
      return [set(record({ i: int(0, 63), j: int(0, 31), k: bool })), 'set(record({ i: int(0, 63), j: int(0, 31), k: bool }))']
    }
    const [inner, text] = this.finite(depth - 1)
    switch (kind) {
      case 'option':
        return [option(inner), `option(${text})`]
      case 'map': {
        const [keys, keysText] = this.one<[any, string]>([
          [ids('p', 2), "ids('p', 2)"],
          [int(0, 1), 'int(0, 1)'],
          [enumOf('a', 'b'), "enumOf('a', 'b')"],
          [ids('p', 3), "ids('p', 3)"],
        ])
        return [map(keys, inner), `map(${keysText}, ${text})`]
      }
      case 'seq': {
        const max = 1 + this.tape.below(3)
        return [seq(inner, max), `seq(${text}, ${max})`]
      }
      case 'bag':
        return inner.size <= 64 ? [bag(inner, 2), `bag(${text}, 2)`] : [inner, text]
      default:
        return [set(inner), `set(${text})`]
    }
  }

  /** A type without value() and without wide sets, for the inside of others. */
  finite(depth: number): [AnyType, string] {
    const made = this.type(depth)
    return made[0].size <= 4096 ? made : this.scalar()
  }

  // --- values

  /** A value of a type as a literal. */
  literal(type: AnyType): unknown {
    switch (type.kind) {
      case 'value':
        return opaque.get(type) === 'immutable' ? this.one(IMMUTABLE)() : this.one(PLAIN)
      case 'set': {
        const { inner } = type as SetType<AnyType>
        const elements = Array.from({ length: this.tape.below(3) }, () => this.literal(inner))
        return new Set(elements)
      }
      case 'record':
        return Object.fromEntries((type as RecordType<Fields>).fields.map(([name, inner]) => [name, this.literal(inner)]))
      default:
        return type.valueAt(this.tape.below(Math.min(type.size, 5)))
    }
  }

  /** Something of a type: a name in scope, another place, or a literal. */
  value(type: AnyType, scope: readonly Named[], depth = 1): Piece<unknown> {
    const named = scope.filter((one) => sourceOf(one.type) === sourceOf(type))
    if (named.length > 0 && this.tape.below(3) > 0) {
      const { name } = this.one(named)
      return { text: name, run: (_s, values) => values[name] }
    }
    const literal = this.literal(type)
    const constant: Piece<unknown> = { text: show(literal), run: () => fresh(literal) }
    if (type.kind === 'int' && depth > 0 && this.tape.once(3)) {
      const place = this.placeOf((other) => other.kind === 'int', scope, depth - 1)
      const { lo, hi } = type as IntType
      const by = this.one([1, -1])
      if (place) {
        return {
          text: `clamp(${place.text} + ${by}, ${lo}, ${hi})`,
          run: (s, values) => {
            const n = place.run(s, values)
            return n === undefined ? lo : Math.min(hi, Math.max(lo, (n as number) + by))
          },
        }
      }
    }
    if (depth === 0 || this.tape.ended || this.tape.below(3) > 0) return constant
    const place = this.placeOf((other) => sourceOf(other) === sourceOf(type), scope, depth - 1)
    if (!place) return constant
    return { text: `(${place.text} ?? ${constant.text})`, run: (s, values) => place.run(s, values) ?? fresh(literal) }
  }

  // --- places

  /** A random part of the state. */
  place(scope: readonly Named[], depth = 1): Place {
    const name = this.one(Object.keys(this.variables))
    let place: Place = {
      type: this.variables[name] as AnyType,
      text: `s.${name}`,
      run: (s) => s[name],
      set: (s, _scope, v) => {
        s[name] = v
      },
    }
    for (;;) {
      const inner = this.inside(place, scope, depth)
      if (inner === undefined) return place
      place = inner
    }
  }

  /** A part of a place, or undefined where it is taken as a whole. */
  inside(outer: Place, scope: readonly Named[], depth: number): Place | undefined {
    const { type } = outer
    const part = (
      key: Piece<string | number>,
      inner: AnyType,
      there: (whole: any, key: string | number) => boolean,
      chain = `${outer.text}?.[${key.text}]`,
    ): Place => {
      const get = (s: any, values: Scope): [any, string | number] | undefined => {
        const whole = outer.run(s, values)
        if (whole === undefined || whole === null) return undefined
        const at = key.run(s, values)
        return there(whole, at) ? [whole, at] : undefined
      }
      return {
        type: inner,
        text: chain,
        run: (s, values) => {
          const found = get(s, values)
          return found?.[0][found[1]]
        },
        set: (s, values, v) => {
          const found = get(s, values)
          if (found) found[0][found[1]] = v
        },
      }
    }
    const constant = (key: string | number): Piece<string | number> => ({ text: show(key), run: () => key })
    switch (type.kind) {
      case 'record': {
        if (this.tape.once(4)) return undefined
        const [name, inner] = this.one((type as RecordType<Fields>).fields)
        return part(constant(name), inner, () => true, `${outer.text}?.${name}`)
      }
      case 'union': {
        if (this.tape.once(3)) return undefined
        const [variant, body] = this.one((type as unknown as UnionType<string, Variants>).variants.filter(([, { fields }]) => fields.length > 0))
        const [name, inner] = this.one(body.fields)
        return part(constant(name), inner, (whole) => whole.type === variant, `as_${variant}(${outer.text})?.${name}`)
      }
      case 'map': {
        if (this.tape.once(5)) return undefined
        const { keys, inner } = type as MapType<string, AnyType>
        return part(this.value(keys, scope, depth) as Piece<string | number>, inner, () => true)
      }
      case 'seq': {
        if (this.tape.below(3) > 0) return undefined
        const { inner, max } = type as SeqType<AnyType>
        return part(constant(this.tape.below(max)), inner, (whole, at) => (at as number) < whole.length)
      }
      case 'option': {
        const { inner } = type as OptionType<AnyType>
        if (this.tape.below(3) > 0 || !['record', 'union', 'map', 'seq', 'set', 'bag'].includes(inner.kind)) return undefined
        return { ...outer, type: inner, run: (s, values) => outer.run(s, values) ?? undefined, set: (s, values, v) => outer.set(s, values, v) }
      }
      default:
        return undefined
    }
  }

  /** A place whose type is as asked for; undefined where a few tries find none. */
  placeOf(fits: (type: AnyType) => boolean, scope: readonly Named[], depth = 1): Place | undefined {
    for (let tries = 0; tries < 4; tries++) {
      const place = this.place(scope, depth)
      if (fits(place.type)) return place
      if (this.tape.ended) return undefined
    }
    return undefined
  }

  // --- conditions

  condition(scope: readonly Named[], depth = 2): Piece<boolean> {
    const form = depth === 0 ? 0 : this.tape.below(8)
    if (form === 5) {
      const a = this.condition(scope, depth - 1)
      const b = this.condition(scope, depth - 1)
      return this.tape.once(2)
        ? { text: `(${a.text} && ${b.text})`, run: (s, v) => a.run(s, v) && b.run(s, v) }
        : { text: `(${a.text} || ${b.text})`, run: (s, v) => a.run(s, v) || b.run(s, v) }
    }
    if (form === 6) {
      const a = this.condition(scope, depth - 1)
      return { text: `!${a.text}`, run: (s, v) => !a.run(s, v) }
    }
    if (form === 7) return this.quantified(scope, depth)
    return this.atom(this.place(scope), scope)
  }

  quantified(scope: readonly Named[], depth: number): Piece<boolean> {
    const name = this.name('x')
    const place = this.tape.once(3) ? undefined : this.placeOf((type) => ['set', 'bag', 'seq'].includes(type.kind), scope)
    const domain = place ? undefined : this.one([ids('p', 2), enumOf('a', 'b', 'c'), int(0, 1), ids('p', 3)] as const)
    const type = place ? (place.type as SetType<AnyType>).inner : (domain as AnyType)
    const test = this.condition([...scope, { name, type }], depth - 1)
    const over: Piece<Iterable<unknown>> = place
      ? { text: `(${place.text} ?? [])`, run: (s, v) => (place.run(s, v) as Iterable<unknown>) ?? [] }
      : { text: String(domain), run: () => domain as Iterable<unknown> }
    const ask = (s: any, v: Scope) => (x: unknown) => test.run(s, { ...v, [name]: x })
    const call = (kind: string): string => `${kind}(${over.text}, (${name}) => ${test.text})`
    const n = this.tape.below(3)
    const forms: (() => Piece<boolean>)[] = [
      () => ({ text: call('every'), run: (s, v) => every(over.run(s, v), ask(s, v)) }),
      () => ({ text: call('some'), run: (s, v) => some(over.run(s, v), ask(s, v)) }),
      () => ({ text: `(${call('count')} <= ${n})`, run: (s, v) => count(over.run(s, v), ask(s, v)) <= n }),
      () => ({ text: `(${call('find')} === undefined)`, run: (s, v) => find(over.run(s, v), ask(s, v)) === undefined }),
      () => ({ text: `(${call('filter')}.length === ${n})`, run: (s, v) => filter(over.run(s, v), ask(s, v)).length === n }),
    ]
    return this.one(forms)()
  }

  /** A condition on a place, in a way that fits its type. */
  atom(place: Place, scope: readonly Named[]): Piece<boolean> {
    const { type } = place
    const on = (text: string, test: (v: any, s: any, scope: Scope) => boolean): Piece<boolean> => ({
      text: `(${text})`,
      run: (s, scopeValues) => {
        const v = place.run(s, scopeValues)
        return v !== undefined && test(v, s, scopeValues)
      },
    })
    const n = this.tape.below(3)
    switch (type.kind) {
      case 'bool':
        return on(`${place.text} === true`, (v) => v)
      case 'int': {
        const other = this.value(type, scope)
        return this.tape.once(2)
          ? on(`${place.text} <= ${other.text}`, (v, s, values) => v <= (other.run(s, values) as number))
          : on(`${place.text} === ${other.text}`, (v, s, values) => v === other.run(s, values))
      }
      case 'set':
      case 'bag': {
        const { inner } = type as SetType<AnyType>
        const element = this.value(inner, scope)
        const forms = [
          () => on(`${place.text}.has(${element.text})`, (v, s, values) => v.has(element.run(s, values))),
          () => on(`${place.text}.size > ${n}`, (v) => v.size > n),
          () => on(`[...${place.text}][0] equals ${element.text}`, (v, s, values) => equal([...v][0] ?? null, element.run(s, values))),
        ]
        if (type.kind === 'bag')
          forms.push(() => on(`${place.text}.count(${element.text}) > ${n}`, (v, s, values) => v.count(element.run(s, values)) > n))
        else {
          const literal = this.literal(type) as Iterable<unknown>
          forms.push(() => on(`${place.text}.isSubsetOf(new Set(${show(literal)}))`, (v) => v.isSubsetOf(new Set(literal as Iterable<unknown>))))
          forms.push(() =>
            on(`${place.text}.isDisjointFrom(new Set(${show(literal)}))`, (v) => v.isDisjointFrom(new Set(literal as Iterable<unknown>))),
          )
          forms.push(() => on(`${place.text}.isSupersetOf(new Set(${show(literal)}))`, (v) => v.isSupersetOf(new Set(literal as Iterable<unknown>))))
          forms.push(() => on(`${place.text}.union(${show(literal)}).size > ${n}`, (v) => v.union(literal).size > n))
          forms.push(() => on(`${place.text}.symmetricDifference(${show(literal)}).size > ${n}`, (v) => v.symmetricDifference(literal).size > n))
        }
        return this.one(forms)()
      }
      case 'seq': {
        const element = this.value((type as SeqType<AnyType>).inner, scope)
        const forms = [
          () => on(`${place.text}.length > ${n}`, (v) => v.length > n),
          () =>
            on(`${place.text}.some((e) => equal(e, ${element.text}))`, (v, s, values) => v.some((e: unknown) => equal(e, element.run(s, values)))),
          () =>
            on(
              `${place.text}.findIndex((e) => equal(e, ${element.text})) === ${n}`,
              (v, s, values) => v.findIndex((e: unknown) => equal(e, element.run(s, values))) === n,
            ),
          () => on(`${place.text}.at(-1) equals ${element.text}`, (v, s, values) => equal(v.at(-1) ?? null, element.run(s, values))),
          () => on(`${place.text}.some(equals ${element.text})`, (v, s, values) => v.some((x: unknown) => equal(x, element.run(s, values)))),
        ]
        return this.one(forms)()
      }
      case 'option':
        if (this.tape.once(2)) return on(`${place.text} === null`, (v) => v === null)
        break
      case 'union':
        if (this.tape.below(3) > 0) {
          const tag = this.one(['a', 'b', 'none'])
          return on(`${place.text}.type === '${tag}'`, (v) => v.type === tag)
        }
        break
      case 'enum':
      case 'ids': {
        const other = this.value(type as EnumType<string>, scope)
        return on(`${place.text} === ${other.text}`, (v, s, values) => v === other.run(s, values))
      }
    }
    const other = this.value(type, scope)
    const same = opaque.get(type) === 'immutable' ? is : equal
    return on(`${place.text} equals ${other.text}`, (v, s, values) => same(v, other.run(s, values)))
  }

  // --- statements

  statements(scope: readonly Named[], depth: number): Piece<void> {
    const list = Array.from({ length: 1 + this.tape.below(depth > 1 ? 3 : 2) }, () => this.statement(scope, depth))
    return {
      text: list.map(({ text }) => text).join('; '),
      run: (s, values) => {
        for (const { run } of list) run(s, values)
      },
    }
  }

  statement(scope: readonly Named[], depth: number): Piece<void> {
    const form = this.tape.below(depth === 0 ? 6 : 14)
    switch (form) {
      case 6: {
        const a = this.condition(scope)
        const b = this.statements(scope, depth - 1)
        const c = this.statements(scope, depth - 1)
        return { text: `if (${a.text}) { ${b.text} } else { ${c.text} }`, run: (s, v) => (a.run(s, v) ? b.run(s, v) : c.run(s, v)) }
      }
      case 7: {
        const a = this.condition(scope)
        return { text: `when(${a.text})`, run: (s, v) => when(a.run(s, v)) }
      }
      case 8: {
        if (this.tape.below(3) > 0) return this.change(scope)
        const a = this.condition(scope)
        const b = this.condition(scope)
        const message = this.name('ensured ')
        return { text: `ensure(${a.text} || ${b.text}, '${message}')`, run: (s, v) => ensure(a.run(s, v) || b.run(s, v), message) }
      }
      case 9: {
        const a = this.statements(scope, depth - 1)
        const b = this.statements(scope, depth - 1)
        return {
          text: `either(() => { ${a.text} }, () => { ${b.text} })`,
          run: (s, v) =>
            either(
              () => a.run(s, v),
              () => b.run(s, v),
            ),
        }
      }
      case 10:
      case 11: {
        const name = this.name('y')
        const place = this.tape.once(3) ? undefined : this.placeOf((type) => ['set', 'bag', 'seq'].includes(type.kind), scope)
        const domain = place
          ? undefined
          : this.one<[AnyType, string]>([
              [ids('p', 2), "ids('p', 2)"],
              [int(0, 2), 'int(0, 2)'],
              [bool, 'bool'],
              [enumOf('a', 'b', 'c'), "enumOf('a', 'b', 'c')"],
            ])
        const type = place ? (place.type as SetType<AnyType>).inner : (domain as [AnyType, string])[0]
        const body = this.statements([...scope, { name, type }], depth - 1)
        const remove = place && place.type.kind !== 'seq' && this.tape.once(2)
        return {
          text: `const ${name} = pick(${place ? `${place.text} ?? []` : (domain as [AnyType, string])[1]}); ${remove ? `${place.text}.delete(${name}); ` : ''}${body.text}`,
          run: (s, v) => {
            const from = place ? ((place.run(s, v) as Iterable<unknown>) ?? []) : type
            const chosen = pick(from as Iterable<unknown>)
            if (remove) (from as Set<unknown>).delete(chosen)
            body.run(s, { ...v, [name]: chosen })
          },
        }
      }
      case 12: {
        const name = this.name('z')
        // Not over a sequence: its elements are views, which show nothing once the body has removed them.
        const place = this.placeOf((type) => ['set', 'bag'].includes(type.kind), scope)
        if (!place) return this.change(scope)
        const body = this.statements([...scope, { name, type: (place.type as SetType<AnyType>).inner }], 0)
        return {
          text: `for (const ${name} of [...(${place.text} ?? [])]) { ${body.text} }`,
          run: (s, v) => {
            for (const x of [...((place.run(s, v) as Iterable<unknown>) ?? [])]) body.run(s, { ...v, [name]: x })
          },
        }
      }
      case 13: {
        if (this.tape.below(3) > 0) return this.change(scope)
        const a = this.condition(scope)
        const b = this.change(scope)
        return {
          text: `try { when(${a.text}) } catch { ${b.text} }`,
          run: (s, v) => {
            try {
              when(a.run(s, v))
            } catch {
              b.run(s, v)
            }
          },
        }
      }
      default:
        return this.change(scope)
    }
  }

  /** A statement that changes a place, in a way that fits its type. */
  change(scope: readonly Named[]): Piece<void> {
    const place = this.place(scope)
    const { type } = place
    const on = (text: string, run: (v: any, s: any, scope: Scope) => void): Piece<void> => ({
      text,
      run: (s, values) => {
        const v = place.run(s, values)
        if (v !== undefined && v !== null) run(v, s, values)
      },
    })
    const assign = (): Piece<void> => {
      const to = this.value(type, scope)
      return { text: `${place.text} = ${to.text}`, run: (s, v) => place.set(s, v, to.run(s, v)) }
    }
    if (type.kind === 'bool' && this.tape.once(2)) return { text: `${place.text} = !${place.text}`, run: (s, v) => place.set(s, v, !place.run(s, v)) }
    if (!['set', 'bag', 'seq'].includes(type.kind) || this.tape.once(5)) return assign()
    const { inner } = type as SetType<AnyType>
    const element = this.value(inner, scope)
    if (type.kind === 'set') {
      const literal = this.literal(type) as Iterable<unknown>
      return this.one([
        () => on(`${place.text}?.add(${element.text})`, (v, s, values) => v.add(element.run(s, values))),
        () => on(`${place.text}?.delete(${element.text})`, (v, s, values) => v.delete(element.run(s, values))),
        () => on(`${place.text}?.clear()`, (v) => v.clear()),
        () => on(`${place.text} = ${place.text}.union(${show(literal)})`, (v, s, values) => place.set(s, values, v.union(literal))),
        () => on(`${place.text} = ${place.text}.difference(${show(literal)})`, (v, s, values) => place.set(s, values, v.difference(literal))),
        () => on(`${place.text} = ${place.text}.intersection(${show(literal)})`, (v, s, values) => place.set(s, values, v.intersection(literal))),
      ])()
    }
    if (type.kind === 'bag') {
      const { max } = type as BagType<AnyType>
      return this.one([
        () =>
          on(`if (${place.text}?.count(${element.text}) < ${max}) ${place.text}.add(${element.text})`, (v, s, values) => {
            const x = element.run(s, values)
            if (v.count(x) < max) v.add(x)
          }),
        () => on(`${place.text}?.delete(${element.text})`, (v, s, values) => v.delete(element.run(s, values))),
        () => on(`${place.text}?.clear()`, (v) => v.clear()),
      ])()
    }
    const { max } = type as SeqType<AnyType>
    const room = (v: any, run: () => void): void => {
      if (v.length < max) run()
    }
    const some2 = (v: any, run: () => void): void => {
      if (v.length >= 2) run()
    }
    return this.one([
      () =>
        on(`if (${place.text}?.length < ${max}) ${place.text}.push(${element.text})`, (v, s, values) =>
          room(v, () => v.push(element.run(s, values))),
        ),
      () => on(`${place.text}?.shift()`, (v) => v.shift()),
      () => on(`${place.text}?.pop()`, (v) => v.pop()),
      () =>
        on(`if (${place.text}?.length < ${max}) ${place.text}.unshift(${element.text})`, (v, s, values) =>
          room(v, () => v.unshift(element.run(s, values))),
        ),
      () => on(`${place.text}?.splice(0, 1)`, (v) => v.splice(0, 1)),
      () =>
        on(`if (${place.text}?.length >= 2) ${place.text}.splice(1, 1, ${element.text})`, (v, s, values) =>
          some2(v, () => v.splice(1, 1, element.run(s, values))),
        ),
      () => on(`if (${place.text}?.length >= 2) ${place.text}[0] = ${place.text}[1]`, (v) => some2(v, () => (v[0] = v[1]))),
      () => on(`if (${place.text}?.length >= 1) ${place.text}.length--`, (v) => v.length > 0 && v.length--),
      () =>
        on(`if (${place.text}?.length >= 1) ${place.text}[0] = ${element.text}`, (v, s, values) => v.length > 0 && (v[0] = element.run(s, values))),
      () => on(`${place.text}?.reverse()`, (v) => v.reverse()),
    ])()
  }
}

/** The model of a tape. */
export function modelOf(numbers: readonly number[]): RandomModel {
  const { text } = build(numbers)
  return { text, build: () => build(numbers).m }
}

function build(numbers: readonly number[]): { m: Model<any>; text: string } {
  const tape = new Tape(numbers)
  const b = new Builder(tape)
  const lines: string[] = []
  const types: string[] = []
  const variables = 1 + tape.below(4)
  for (let i = 0; i < variables; i++) {
    const [type, text] = b.type(2)
    b.variables[`v${i}`] = type
    types.push(`v${i}: ${text}`)
  }
  const m = model(b.variables) as Model<any>
  lines.push(`const m = model({ ${types.join(', ')} })`)
  const parametersOf = (): [Named[], string] => {
    const list: [Named, string][] = Array.from({ length: tape.below(3) }, (_, i) => {
      const [type, text] = b.one<[AnyType, string]>([
        [ids('p', 2), "ids('p', 2)"],
        [int(0, 1), 'int(0, 1)'],
        [enumOf('a', 'b', 'c'), "enumOf('a', 'b', 'c')"],
        [ids('p', 3), "ids('p', 3)"],
      ])
      return [{ name: `a${i}`, type }, text]
    })
    return [list.map(([named]) => named), list.length === 0 ? '' : `{ ${list.map(([{ name }, text]) => `${name}: ${text}`).join(', ')} }, `]
  }
  const objectOf = (named: readonly Named[]): Record<string, AnyType> => Object.fromEntries(named.map(({ name, type }) => [name, type]))
  const args = (named: readonly Named[]): string => (named.length === 0 ? '' : `, { ${named.map(({ name }) => name).join(', ')} }`)

  const actions = 1 + tape.below(5)
  for (let i = 0; i < actions; i++) {
    const [parameters, text] = parametersOf()
    const guard = tape.below(3) > 0 ? { text: 'true', run: () => true } : b.condition(parameters)
    const body = b.statements(parameters, 2)
    m.action(`A${i}`, objectOf(parameters), (s, values) => {
      when(guard.run(s, values as Scope))
      body.run(s, values as Scope)
    })
    lines.push(`m.action('A${i}', ${text}(s${args(parameters)}) => { when(${guard.text}); ${body.text} })`)
  }
  for (let i = tape.below(3); i > 0; i--) {
    const body = b.statements([], 1)
    m.init((s) => body.run(s, {}))
    lines.push(`m.init((s) => { ${body.text} })`)
  }
  for (let i = tape.below(3); i > 0; i--) {
    const [parameters, text] = parametersOf()
    const tests = [b.condition(parameters), b.condition(parameters), b.condition(parameters), b.condition(parameters)]
    m.invariant(`I${i}`, objectOf(parameters), (s, values) => tests.some((test) => test.run(s, values as Scope)))
    lines.push(`m.invariant('I${i}', ${text}(s${args(parameters)}) => ${tests.map((test) => test.text).join(' || ')})`)
  }
  if (tape.once(3)) {
    const [parameters, text] = parametersOf()
    const [before, after, third] = [b.condition(parameters), b.condition(parameters), b.condition(parameters)]
    m.step(
      'S',
      objectOf(parameters),
      (s, t, values, info) =>
        before.run(s, values as Scope) || after.run(t, values as Scope) || (info.action === 'A0' && third.run(s, values as Scope)),
    )
    lines.push(
      `m.step('S', ${text || '{}, '}(s, t, values, { action }) => ${before.text} || (of t) ${after.text} || action === 'A0' && ${third.text})`,
    )
  }
  for (let i = tape.below(3); i > 1; i--) {
    const test = b.condition([])
    m.reachable(`R${i}`, (s) => test.run(s, {}))
    lines.push(`m.reachable('R${i}', (s) => ${test.text})`)
  }
  if (tape.once(3)) {
    const test = b.condition([])
    m.terminal((s) => test.run(s, {}))
    lines.push(`m.terminal((s) => ${test.text})`)
  }
  if (tape.once(4)) {
    const [one, two] = [b.condition([]), b.condition([])]
    m.constraint((s) => one.run(s, {}) || two.run(s, {}))
    lines.push(`m.constraint((s) => ${one.text} || ${two.text})`)
  }
  if (tape.once(6)) {
    const places = [b.place([]), b.place([])]
    if (places.every(({ type }) => opaque.get(type) !== 'immutable')) {
      m.view((s) => places.map((place) => place.run(s, {}) ?? null))
      lines.push(`m.view((s) => [${places.map(({ text }) => `${text} ?? null`).join(', ')}])`)
    }
  }
  if (tape.once(5)) {
    const Self = ids('p', 2)
    const self: Named = { name: 'self', type: Self }
    const guard = b.condition([self])
    const first = b.statements([self], 1)
    const branch = b.condition([self])
    const second = b.statements([self], 1)
    m.process('P', Self, {
      one: (s, self) => {
        when(guard.run(s, { self }))
        first.run(s, { self })
        return branch.run(s, { self }) ? 'one' : 'two'
      },
      two: (s, self) => {
        second.run(s, { self })
        return 'Done'
      },
    })
    lines.push(
      `m.process('P', ids('p', 2), { one: (s, self) => { when(${guard.text}); ${first.text}; return ${branch.text} ? 'one' : 'two' }, two: (s, self) => { ${second.text}; return 'Done' } })`,
    )
  }
  return { m, text: lines.join('\n') }
}
