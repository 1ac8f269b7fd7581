/**
 * Lamport's distributed mutual exclusion by logical clocks: requests are ordered by their time stamps, and who has heard from all others
 * and is first enters.
 *
 * Teaches: a FIFO channel per pair of processes (a map of maps of sequences), and a constraint on clocks that would grow for ever.
 * Origin: LamportMutex (tlaplus/Examples, lamport_mutex), after "Time, Clocks and the Ordering of Events in a Distributed System".
 */
import { int, map, model, seq, set, spec, union, when } from 'tsmc'

export default spec('lamport-mutex', { processes: 3, latest: 6 }, ({ processes, latest }) => {
  const Process = int(1, processes)
  const Clock = int(1, latest + 1)
  const Message = union('type', { request: { clock: Clock }, acknowledge: {}, release: {} })

  const m = model({
    clock: map(Process, Clock),
    /** request[p][q]: the time of q's request as far as p knows; 0 is none. */
    request: map(Process, map(Process, int(0, latest + 1))),
    acknowledged: map(Process, set(Process)),
    /** network[p][q]: from p to q. */
    network: map(Process, map(Process, seq(Message, 4))),
    critical: set(Process),
  })

  m.action('Request', { p: Process }, (s, { p }) => {
    when(s.request[p][p] === 0)
    s.request[p][p] = s.clock[p]
    s.acknowledged[p] = new Set([p])
    for (const q of Process) if (q !== p) s.network[p][q].push({ type: 'request', clock: s.clock[p] })
  })

  m.action('Enter', { p: Process }, (s, { p }) => {
    when(Process.every((q) => s.acknowledged[p].has(q)))
    const own = s.request[p][p]
    when(Process.every((q) => q === p || s.request[p][q] === 0 || own < s.request[p][q] || (own === s.request[p][q] && p < q)))
    s.critical.add(p)
  })

  m.action('Exit', { p: Process }, (s, { p }) => {
    when(s.critical.delete(p))
    s.request[p][p] = 0
    s.acknowledged[p].clear()
    for (const q of Process) if (q !== p) s.network[p][q].push({ type: 'release' })
  })

  m.action('Receive', { p: Process, from: Process }, (s, { p, from }) => {
    const message = s.network[from][p].shift()
    when(message !== undefined)
    switch (message.type) {
      case 'request':
        s.request[p][from] = message.clock
        s.clock[p] = Math.max(message.clock, s.clock[p]) + 1
        s.network[p][from].push({ type: 'acknowledge' })
        break
      case 'acknowledge':
        s.acknowledged[p].add(from)
        break
      case 'release':
        s.request[p][from] = 0
    }
  })

  m.constraint((s) => Process.every((p) => s.clock[p] <= latest))

  m.invariant('MutualExclusion', (s) => s.critical.size <= 1)
  m.invariant('ShortChannels', { p: Process, q: Process }, (s, { p, q }) => s.network[p][q].length <= 3)
  return m
}).instance('three processes, clocks up to six', {}, { states: 724274, generated: 2729079, depth: 61 })
