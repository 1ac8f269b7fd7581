/**
 * A write-through cache between processors and a memory: writes go into the caches that hold the address and into a queue to the memory.
 *
 * Teaches: a component with an interface. The memory behind it answers through the queue; the property is that caches agree.
 * Origin: WriteThroughCache and LiveWriteThroughCache of Lamport's "Specifying Systems" (tlaplus/Examples, SpecifyingSystems/Liveness).
 */
import { enumOf, ids, map, model, option, pick, record, seq, spec, union, when } from 'tsmc'

export default spec('live-write-through-cache', { processors: 2, addresses: 1, values: 2, queue: 1 }, ({ processors, addresses, values, queue }) => {
  const Processor = ids('p', processors)
  const Address = ids('a', addresses)
  const Value = ids('v', values)
  const Request = union('op', { read: { address: Address }, write: { address: Address, value: Value } })
  /** What a processor has in hand: nothing, its request, or the value that it has read. */
  const Buffer = union('op', { none: {}, read: { address: Address }, write: { address: Address, value: Value }, answer: { value: Value } })

  const m = model({
    /** The last thing that passed between a processor and the cache. */
    interface: record({ processor: Processor, content: Buffer }),
    memory: map(Address, Value),
    control: map(Processor, enumOf('ready', 'busy', 'waiting', 'done')),
    buffer: map(Processor, Buffer),
    cache: map(Processor, map(Address, option(Value))),
    queue: seq(record({ processor: Processor, request: Request }), queue),
  })

  m.init((s) => {
    for (const address of Address) s.memory[address] = pick(Value)
  })

  m.action('Request', { processor: Processor, request: Request }, (s, { processor, request }) => {
    when(s.control[processor] === 'ready')
    s.interface = { processor, content: request }
    s.buffer[processor] = request
    s.control[processor] = 'busy'
  })

  m.action('Respond', { processor: Processor }, (s, { processor }) => {
    when(s.control[processor] === 'done')
    s.interface = { processor, content: s.buffer[processor] }
    s.control[processor] = 'ready'
  })

  m.action('ReadMiss', { processor: Processor }, (s, { processor }) => {
    when(s.control[processor] === 'busy')
    const request = s.buffer[processor]
    when(request.op === 'read')
    when(s.cache[processor][request.address] === null)
    when(s.queue.length < queue)
    s.queue.push({ processor, request: { op: 'read', address: request.address } })
    s.control[processor] = 'waiting'
  })

  m.action('Read', { processor: Processor }, (s, { processor }) => {
    when(s.control[processor] === 'busy' || s.control[processor] === 'waiting')
    const request = s.buffer[processor]
    when(request.op === 'read')
    const value = s.cache[processor][request.address]
    when(value !== null)
    s.buffer[processor] = { op: 'answer', value }
    s.control[processor] = 'done'
  })

  m.action('Write', { processor: Processor }, (s, { processor }) => {
    when(s.control[processor] === 'busy')
    const request = s.buffer[processor]
    when(request.op === 'write')
    when(s.queue.length < queue)
    const { address, value } = request
    for (const other of Processor) if (other === processor || s.cache[other][address] !== null) s.cache[other][address] = value
    s.queue.push({ processor, request: { op: 'write', address, value } })
    s.buffer[processor] = { op: 'none' }
    s.control[processor] = 'done'
  })

  m.action('MemoryWrites', (s) => {
    const request = s.queue.shift()?.request
    when(request?.op === 'write')
    s.memory[request.address] = request.value
  })

  // What is read is the memory as it will be once all writes in the queue are done.
  m.action('MemoryReads', (s) => {
    const head = s.queue.shift()
    when(head?.request.op === 'read')
    const { address } = head.request
    let value = s.memory[address]
    for (const { request } of s.queue) if (request.op === 'write' && request.address === address) value = request.value
    s.cache[head.processor][address] = value
  })

  m.action('Evict', { processor: Processor, address: Address }, (s, { processor, address }) => {
    if (s.control[processor] === 'waiting') {
      const request = s.buffer[processor]
      when(request.op === 'read' && request.address !== address)
    }
    s.cache[processor][address] = null
  })

  m.fair('Respond', 'weak')
  m.fair('Read', 'weak')
  m.fair(['MemoryWrites', 'MemoryReads'], 'weak')
  // The queue is full again and again: strong fairness, lest one processor always finds it so.
  m.fair(['ReadMiss', 'Write'], 'strong')
  m.property('Answers', { processor: Processor }, ({ leadsTo }, { processor }) =>
    leadsTo(
      (s) => s.control[processor] === 'busy',
      (s) => s.control[processor] === 'ready',
    ),
  )

  m.invariant('Coherent', { a: Processor, b: Processor, address: Address }, (s, { a, b, address }) => {
    const [one, two] = [s.cache[a][address], s.cache[b][address]]
    return one === null || two === null || one === two
  })
  return m
}).instance('two processors', {}, { states: 5196, generated: 28170, depth: 18 })
