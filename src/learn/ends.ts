/** How a run of a function of a spec may end besides returning. */
import { SpecError } from '../errors.ts'

/** Thrown where a callback of a quantifier does more than answer although it was thought not to: its function is called directly from then on. */
export class ScopeBroken extends Error {}

/** A choice that does not exist in this state: the function is not the one that made the script. */
export class Unfit extends Error {}

/** An action that is asynchronous is refused even where its guard was false. */
export class PromiseReturned extends SpecError {
  override name = 'SpecError'
}

export function refusePromise(value: unknown, what: string): void {
  if (typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function') {
    void Promise.resolve(value).catch(() => undefined)
    throw new PromiseReturned(`${what} returned a promise`, {
      location: undefined,
      hint: 'functions of a spec are synchronous: a step of the model happens at once; remove async and await',
    })
  }
}
