/** `spec(name, constants, define)`, its constants and its instances. */
import { here, type Location, SpecError, suggest, UsageError } from '../errors.ts'
import { show } from '../types/type.ts'
import { type AnyModel, Model, type Variables } from './model.ts'

/** A constant of a spec: a number, boolean or string, or JSON-like data. */
export type Constant = number | boolean | string | null | readonly Constant[] | { readonly [key: string]: Constant }
export type Constants = Readonly<Record<string, Constant>>

/**
 * What an instance is expected to give. Without `violates` and `deadlocks`: everything holds.
 */
export interface Expectation {
  /** The property that is violated: the name of an invariant, a step property or a `reachable`, or the message of an `ensure`. */
  readonly violates?: string
  /** A deadlock is reached. */
  readonly deadlocks?: true
  /** The exact length of the shortest trace, in steps: the initial state alone is 0. */
  readonly steps?: number
  /** The exact number of distinct states found (where there is a violation: up to the end of its level). */
  readonly states?: number
  /** The exact number of states generated, counted as TLC does. */
  readonly generated?: number
  /** The exact depth, counted as TLC does: the number of states on the longest shortest path. */
  readonly depth?: number
  /** Only these properties are checked, by name ('deadlock' for deadlocks). Everything else is left out, and the report says so. */
  readonly only?: readonly string[]
}

export interface Instance<C extends Constants = Constants> {
  readonly name: string
  readonly constants: C
  readonly expectation: Expectation
  /** Where it stands in the spec; found when asked for. */
  readonly location?: () => Location | undefined
}

const EXPECTATIONS = ['violates', 'deadlocks', 'steps', 'states', 'generated', 'depth', 'only']

/** A spec: a model for every choice of constants, and the instances to check. */
export class Spec<C extends Constants = Constants> {
  readonly name: string
  readonly constants: C
  readonly #define: (constants: C) => Model<Variables>
  readonly #location = here()
  readonly #instances: Instance<C>[] = []

  constructor(name: string, constants: C, define: (constants: C) => Model<Variables>) {
    if (typeof name !== 'string' || name === '') throw new SpecError(`spec() was given ${show(name)} as its name`)
    if (typeof define !== 'function')
      throw new SpecError(`the spec ${show(name)} has no function that defines its model`, {
        hint: "write spec('name', { constant: 1 }, ({ constant }) => { … return m })",
      })
    this.name = name
    this.constants = Object.freeze({ ...constants })
    this.#define = define
  }

  /** Adds a concrete check: these constants instead of the defaults, and what is expected of it. */
  instance(name: string, constants: Partial<C> = {}, expectation: Expectation = {}): this {
    if (typeof name !== 'string' || name === '') throw new SpecError(`instance() of the spec ${show(this.name)} was given ${show(name)} as its name`)
    if (this.#instances.some((instance) => instance.name === name))
      throw new SpecError(`the spec ${show(this.name)} has two instances of the name ${show(name)}`)
    for (const key of Object.keys(expectation)) {
      if (!EXPECTATIONS.includes(key))
        throw new SpecError(`the instance ${show(name)} expects ${show(key)}, which is no expectation`, { hint: suggest(key, EXPECTATIONS) })
    }
    if (expectation.violates !== undefined && expectation.deadlocks)
      throw new SpecError(`the instance ${show(name)} expects both a violation and a deadlock`, {
        hint: 'a check ends with one of them: make two instances',
      })
    let full: C
    try {
      full = this.withConstants(constants as Constants)
    } catch (error) {
      if (error instanceof UsageError) throw new SpecError(`the instance ${show(name)}: ${error.message}`, { hint: error.hint })
      throw error
    }
    this.#instances.push({ name, constants: full, expectation: Object.freeze({ ...expectation }), location: here() })
    return this
  }

  /** The instances in order; a spec without any has one, `default`: its default constants, everything holds. */
  get instances(): readonly Instance<C>[] {
    return this.#instances.length > 0 ? this.#instances : [{ name: 'default', constants: this.constants, expectation: {} }]
  }

  /** The default constants with some replaced. Throws `UsageError` for an unknown name or a wrong type. */
  withConstants(overrides: Constants, base: C = this.constants): C {
    const known = Object.keys(this.constants)
    for (const [name, value] of Object.entries(overrides)) {
      if (!Object.hasOwn(this.constants, name))
        throw new UsageError(`the spec ${show(this.name)} has no constant ${show(name)}`, suggest(name, known))
      const expected = kindOf(this.constants[name])
      if (kindOf(value) !== expected)
        throw new UsageError(
          `the constant ${show(name)} of the spec ${show(this.name)} is a ${expected}, not ${show(value)}`,
          `its default is ${show(this.constants[name])}`,
        )
    }
    return Object.freeze({ ...base, ...overrides }) as C
  }

  /** The model for these constants. Throws `SpecError`. */
  build(constants: C): Model<Variables> {
    const built = this.#define(constants)
    if ((built as unknown) instanceof Promise)
      throw new SpecError(`the spec ${show(this.name)} returned a promise instead of a model`, {
        location: this.#location(),
        hint: 'load what the model needs at the top of the module, with a top-level await',
      })
    if (!(built instanceof Model))
      throw new SpecError(`the spec ${show(this.name)} returned ${show(built)} instead of a model`, {
        location: this.#location(),
        hint: 'end its function with return m',
      })
    return built
  }
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
}

/**
 * A spec. `constants` are defaults, which instances and the command line may override; `define` builds the model for one choice of
 * constants.
 */
export function spec<C extends Constants>(name: string, constants: C, define: (constants: Widened<C>) => AnyModel): Spec<Widened<C>>
export function spec(name: string, define: () => AnyModel): Spec<Readonly<Record<string, never>>>
export function spec(name: string, ...rest: [Constants, (constants: Constants) => AnyModel] | [() => AnyModel]): AnySpec {
  return rest.length === 1 ? new Spec<Constants>(name, {}, rest[0]) : new Spec<Constants>(name, rest[0], rest[1])
}

/** A spec with any constants: what a list of different specs holds. */
// biome-ignore lint/suspicious/noExplicitAny: neither a spec of more nor one of fewer constants is the other
export type AnySpec = Spec<any>

/** `2` as a default means a number, not 2. */
export type Widened<C> = {
  readonly [K in keyof C]: C[K] extends number ? number : C[K] extends boolean ? boolean : C[K] extends string ? string : C[K]
}
