/** States of the reference checker as results hand them out. */
import type { StateValue } from '../program/result.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { Plain } from './runs.ts'

/** The Immutable form of a state. What a `value()` holds is the one that the engine has for it. */
export function stateOf(model: Model<Variables>, plain: Plain): StateValue {
  return model.state.immutable(model.state.decode(model.state.row(plain), 0)) as StateValue
}
