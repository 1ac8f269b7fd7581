/** How much a model may consist of: told where it is written, before anything is made of it. */
import { SpecError } from '../errors.ts'

/** Combinations of parameters, over all actions of a model, and over all its properties. Each has a tree of its own. */
export const MOST_COMBINATIONS = 1 << 18

/** Counts the combinations of parameters of the actions or the properties of a model. */
export class Combinations {
  readonly #plural: string
  readonly #most: number
  #count = 0

  /** `plural` is what is counted: "actions". */
  constructor(plural: string, most: number = MOST_COMBINATIONS) {
    this.#plural = plural
    this.#most = most
  }

  /** Counts those of one more. Throws `SpecError` where there are too many: `what` is to blame. */
  add(what: string, parameters: Readonly<Record<string, { readonly size: number; toString(): string }>>): void {
    const types = Object.entries(parameters)
    const combinations = types.reduce((product, [, { size }]) => product * size, 1)
    this.#count += combinations
    if (this.#count <= this.#most) return
    const number = (n: number): string => (Number.isSafeInteger(n) ? String(n).replace(/\B(?=(\d{3})+$)/g, ',') : n.toPrecision(3))
    const product = types.length > 1 ? ` (${types.map(([, { size }]) => number(size)).join(' × ')})` : ''
    const others = this.#count > combinations ? `, and with the ${this.#plural} before it there are ${number(this.#count)}` : ''
    throw new SpecError(
      `${what} has ${number(combinations)} ${combinations === 1 ? 'combination' : 'combinations'} of parameters${product}${others}`,
      {
        hint: `at most ${number(this.#most)} over all ${this.#plural}; take a smaller type, or pick() in the action and every() in the property`,
      },
    )
  }
}
