/**
 * An allocator of resources: clients ask for sets of resources, get them in parts, and give them back in parts.
 *
 * Teaches: actions that choose a subset, sets per client; fairness of some of an action's steps, and strong fairness.
 * Origin: SimpleAllocator (tlaplus/Examples, allocator).
 */
import { ids, map, model, pick, set, spec, subsets, when } from 'tsmc'

export default spec('simple-allocator', { clients: 3, resources: 2 }, ({ clients, resources }) => {
  const Client = ids('c', clients)
  const Resource = ids('r', resources)
  const m = model({ wanted: map(Client, set(Resource)), held: map(Client, set(Resource)) })

  const someOf = <T>(elements: Iterable<T>): Set<T> => {
    const chosen = pick(subsets(elements))
    when(chosen.size > 0)
    return chosen
  }

  m.action('Request', { client: Client }, (s, { client }) => {
    when(s.wanted[client].size === 0 && s.held[client].size === 0)
    s.wanted[client] = someOf(Resource)
  })

  m.action('Allocate', { client: Client }, (s, { client }) => {
    const free = Resource.filter((resource) => !Client.some((other) => s.held[other].has(resource)))
    for (const resource of someOf(free.filter((resource) => s.wanted[client].has(resource)))) {
      s.held[client].add(resource)
      s.wanted[client].delete(resource)
    }
  })

  m.action('Return', { client: Client }, (s, { client }) => {
    for (const resource of someOf(s.held[client])) s.held[client].delete(resource)
  })

  // Clients give everything back in the end, and whoever can be given something again and again is given something.
  m.fair('Return', 'weak', { where: (_before, after, { client }) => after.held[client].size === 0 })
  m.fair('Allocate', 'strong')
  m.property('Returns', { client: Client }, ({ leadsTo }, { client }) =>
    leadsTo(
      (s) => s.wanted[client].size === 0,
      (s) => s.held[client].size === 0,
    ),
  )
  m.property('Obtains', { client: Client, resource: Resource }, ({ leadsTo }, { client, resource }) =>
    leadsTo(
      (s) => s.wanted[client].has(resource),
      (s) => s.held[client].has(resource),
    ),
  )
  m.property('SatisfiedAgain', { client: Client }, ({ always, eventually }, { client }) => always(eventually((s) => s.wanted[client].size === 0)))

  m.invariant('HeldOnce', { resource: Resource }, (s, { resource }) => Client.count((client) => s.held[client].has(resource)) <= 1)
  m.invariant('WantedIsNotHeld', { client: Client }, (s, { client }) => s.wanted[client].isDisjointFrom(s.held[client]))
  return m
}).instance('three clients, two resources', {}, { states: 400, generated: 1633, depth: 6 })
