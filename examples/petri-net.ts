/**
 * A Petri net from a JSON file: tokens lie on places, and a transition fires where there are enough of them on all its inputs.
 *
 * Teaches: a model made by a program. Variables and actions come from data in a loop; so a spec can be a front end for any other notation.
 * The form of a file: `{ name, places: [[id, tokens]…], transitions: [[id, [[place, weight]…inputs], [[place, weight]…outputs]]…] }`, where a
 * place is its number in the list.
 */
import { readFileSync } from 'node:fs'
import { int, model, some, spec, when } from 'tsmc'

type Arc = readonly [place: number, weight: number]
interface Net {
  readonly name: string
  readonly places: readonly (readonly [id: string, tokens: number])[]
  readonly transitions: readonly (readonly [id: string, inputs: readonly Arc[], outputs: readonly Arc[]])[]
}

/** The constants: the file, relative to this one; the most tokens that a place may hold; whether a dead marking is a deadlock or stays as it is. */
const defaults = { file: 'nets/producer-consumer.json', bound: 1, deadlock: true }

export default spec('petri-net', defaults, ({ file, bound, deadlock }) => {
  const net = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Net
  const ids = net.places.map(([id]) => id)
  const m = model(Object.fromEntries(ids.map((id) => [id, int(0, bound)])))

  m.init((s) => {
    for (const [id, tokens] of net.places) s[id] = tokens
  })

  for (const [name, inputs, outputs] of net.transitions) {
    m.action(name, (s) => {
      for (const [place, weight] of inputs) {
        when(s[ids[place]] >= weight)
        s[ids[place]] -= weight
      }
      for (const [place, weight] of outputs) s[ids[place]] += weight
    })
  }

  // Its number of generated states is the number of dead markings.
  if (!deadlock) {
    m.action('(dead)', (s) => {
      when(!some(net.transitions, ([, inputs]) => inputs.every(([place, weight]) => s[ids[place]] >= weight)))
    })
  }
  return m
})
  .instance('producer and consumer', { bound: 3 }, { states: 16, generated: 29, depth: 11 })
  .instance('opposite order', { file: 'nets/opposite-order.json' }, { deadlocks: true, steps: 2, states: 6, generated: 9, depth: 3 })
  .instance('one order', { file: 'nets/one-order.json' }, { states: 5, generated: 7, depth: 3 })
