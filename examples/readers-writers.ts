/**
 * Readers and writers who wait in one queue: many may read together, a writer is alone.
 *
 * Teaches: a queue of records, and actions on its head; with weak fairness alone everybody gets in again and again, thanks to the queue.
 * Origin: ReadersWriters (tlaplus/Examples, ReadersWriters).
 */
import { enumOf, ids, model, record, seq, set, some, spec, when } from 'tsmc'

export default spec('readers-writers', { actors: 3 }, ({ actors }) => {
  const Actor = ids('a', actors)
  const Wish = enumOf('read', 'write')
  const m = model({ readers: set(Actor), writers: set(Actor), waiting: seq(record({ wish: Wish, actor: Actor }), 2 * actors) })

  m.action('Ask', { actor: Actor, wish: Wish }, (s, { actor, wish }) => {
    when(!some(s.waiting, (other) => other.actor === actor && other.wish === wish))
    s.waiting.push({ wish, actor })
  })

  m.action('Begin', (s) => {
    when(s.writers.size === 0)
    const next = s.waiting.shift()
    when(next !== undefined)
    if (next.wish === 'read') {
      s.readers.add(next.actor)
    } else {
      when(s.readers.size === 0)
      s.writers.add(next.actor)
    }
  })

  m.action('End', { actor: Actor }, (s, { actor }) => {
    when(s.readers.has(actor) || s.writers.has(actor))
    if (!s.readers.delete(actor)) s.writers.delete(actor)
  })

  m.fair('Ask', 'weak')
  m.fair('Begin', 'weak')
  m.fair('End', 'weak', { per: 'action' })
  m.property('ReadsAgain', { actor: Actor }, ({ always, eventually }, { actor }) => always(eventually((s) => s.readers.has(actor))))
  m.property('WritesAgain', { actor: Actor }, ({ always, eventually }, { actor }) => always(eventually((s) => s.writers.has(actor))))
  m.property('StopsReading', { actor: Actor }, ({ always, eventually }, { actor }) => always(eventually((s) => !s.readers.has(actor))))
  m.property('StopsWriting', { actor: Actor }, ({ always, eventually }, { actor }) => always(eventually((s) => !s.writers.has(actor))))

  m.invariant('ReadersOrWriters', (s) => s.readers.size === 0 || s.writers.size === 0)
  m.invariant('OneWriter', (s) => s.writers.size <= 1)
  m.reachable('AllRead', (s) => s.readers.size === actors)
  return m
}).instance('three actors', {}, { states: 21527, generated: 59674, depth: 13 })
