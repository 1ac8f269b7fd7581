/**
 * German's directory-based cache coherence protocol with one bit of data: clients ask the home node for a shared or an exclusive copy;
 * home invalidates the copies that are in the way, waits for the acknowledgements and grants. A channel holds one message. The same state
 * space as the models of the other checkers in this folder.
 */
import { bool, enumOf, int, map, model, option, record, set, spec, union, when } from 'tsmc'

export default spec('german', { nodes: 3 }, ({ nodes }) => {
  const Node = int(0, nodes - 1)
  const Data = int(0, 1)
  const Request = option(enumOf('shared', 'exclusive'))
  const m = model({
    cache: map(Node, record({ state: enumOf('invalid', 'shared', 'exclusive'), data: Data })),
    // Three channels per client: its requests, the orders from home, its acknowledgements with the data of an exclusive copy.
    request: map(Node, Request),
    order: map(Node, union('type', { none: {}, invalidate: {}, grantShared: { data: Data }, grantExclusive: { data: Data } })),
    acknowledgement: map(Node, option(Data)),
    // What home knows: who has a copy, who is yet to be told to drop it, whether somebody may write, and whom it serves.
    sharers: set(Node),
    invalidate: set(Node),
    exclusiveGranted: bool,
    current: Request,
    client: Node,
    memory: Data,
    // The value written last: what every copy must have.
    latest: Data,
  })

  m.action('RequestShared', { i: Node }, (s, { i }) => {
    when(s.request[i] === null && s.cache[i].state === 'invalid')
    s.request[i] = 'shared'
  })
  m.action('RequestExclusive', { i: Node }, (s, { i }) => {
    when(s.request[i] === null && s.cache[i].state !== 'exclusive')
    s.request[i] = 'exclusive'
  })
  m.action('Serve', { i: Node }, (s, { i }) => {
    when(s.current === null && s.request[i] !== null)
    s.current = s.request[i]
    s.client = i
    s.request[i] = null
    s.invalidate = s.sharers
  })
  m.action('Invalidate', { i: Node }, (s, { i }) => {
    when(s.invalidate.has(i) && s.order[i].type === 'none')
    when(s.current === 'exclusive' || (s.current === 'shared' && s.exclusiveGranted))
    s.order[i] = { type: 'invalidate' }
    s.invalidate.delete(i)
  })
  m.action('Acknowledge', { i: Node }, (s, { i }) => {
    when(s.order[i].type === 'invalidate' && s.acknowledgement[i] === null)
    s.order[i] = { type: 'none' }
    s.acknowledgement[i] = s.cache[i].state === 'exclusive' ? s.cache[i].data : 0
    s.cache[i] = { state: 'invalid', data: 0 }
  })
  m.action('ReceiveAcknowledgement', { i: Node }, (s, { i }) => {
    const data = s.acknowledgement[i]
    when(data !== null && s.current !== null)
    s.acknowledgement[i] = null
    s.sharers.delete(i)
    if (s.exclusiveGranted) {
      s.exclusiveGranted = false
      s.memory = data
    }
  })
  m.action('GrantShared', { i: Node }, (s, { i }) => {
    when(s.current === 'shared' && s.client === i && s.order[i].type === 'none' && !s.exclusiveGranted)
    s.order[i] = { type: 'grantShared', data: s.memory }
    s.sharers.add(i)
    s.current = null
    s.client = 0
  })
  m.action('GrantExclusive', { i: Node }, (s, { i }) => {
    when(s.current === 'exclusive' && s.client === i && s.order[i].type === 'none' && !s.exclusiveGranted && s.sharers.size === 0)
    s.order[i] = { type: 'grantExclusive', data: s.memory }
    s.sharers.add(i)
    s.exclusiveGranted = true
    s.current = null
    s.client = 0
  })
  m.action('ReceiveShared', { i: Node }, (s, { i }) => {
    const order = s.order[i]
    when(order.type === 'grantShared')
    s.cache[i] = { state: 'shared', data: order.data }
    s.order[i] = { type: 'none' }
  })
  m.action('ReceiveExclusive', { i: Node }, (s, { i }) => {
    const order = s.order[i]
    when(order.type === 'grantExclusive')
    s.cache[i] = { state: 'exclusive', data: order.data }
    s.order[i] = { type: 'none' }
  })
  m.action('Store', { i: Node, data: Data }, (s, { i, data }) => {
    when(s.cache[i].state === 'exclusive')
    s.cache[i].data = data
    s.latest = data
  })

  m.invariant('Control', { i: Node }, (s, { i }) => s.cache[i].state !== 'exclusive' || Node.every((j) => j === i || s.cache[j].state === 'invalid'))
  m.invariant('MemoryIsLatest', (s) => s.exclusiveGranted || s.memory === s.latest)
  m.invariant('CopiesAreLatest', { i: Node }, (s, { i }) => s.cache[i].state === 'invalid' || s.cache[i].data === s.latest)
  return m
})
  .instance('2', { nodes: 2 }, { states: 3381, generated: 9889, depth: 27 })
  .instance('3', { nodes: 3 }, { states: 58077, generated: 235765, depth: 35 })
  .instance('4', { nodes: 4 }, { states: 1105353, generated: 5921857, depth: 43 })
  .instance('5', { nodes: 5 }, { states: 22030785, generated: 147272581 })
