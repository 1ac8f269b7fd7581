/**
 * German's cache coherence protocol as in german.ts, written so that it can be reduced by symmetry: with `reduced` clients and data are
 * interchangeable. Values that have no meaning are null, since no data is the first one.
 */
import { bool, enumOf, ids, map, model, option, pick, spec, symmetric, when } from 'tsmc'

export default spec('german-symmetric', { clients: 3, reduced: false }, ({ clients, reduced }) => {
  const Client = reduced ? symmetric('c', clients) : ids('c', clients)
  const Data = reduced ? symmetric('d', 2) : ids('d', 2)
  const request = enumOf('empty', 'shared', 'exclusive')
  const m = model({
    cache: map(Client, enumOf('invalid', 'shared', 'exclusive')),
    cacheData: map(Client, option(Data)),
    channel1: map(Client, request),
    channel2: map(Client, enumOf('empty', 'invalidate', 'grant shared', 'grant exclusive')),
    channel2Data: map(Client, option(Data)),
    channel3: map(Client, bool),
    channel3Data: map(Client, option(Data)),
    toInvalidate: map(Client, bool),
    sharers: map(Client, bool),
    exclusive: bool,
    command: request,
    requester: option(Client),
    memory: option(Data),
    latest: Data,
  })

  m.action('RequestShared', { c: Client }, (s, { c }) => {
    when(s.channel1[c] === 'empty' && s.cache[c] === 'invalid')
    s.channel1[c] = 'shared'
  })
  m.action('RequestExclusive', { c: Client }, (s, { c }) => {
    when(s.channel1[c] === 'empty' && s.cache[c] !== 'exclusive')
    s.channel1[c] = 'exclusive'
  })
  m.action('ReceiveRequest', { c: Client }, (s, { c }) => {
    when(s.command === 'empty' && s.channel1[c] !== 'empty')
    s.command = s.channel1[c]
    s.requester = c
    s.channel1[c] = 'empty'
    s.toInvalidate = s.sharers
  })
  m.action('Invalidate', { c: Client }, (s, { c }) => {
    when(s.channel2[c] === 'empty' && s.toInvalidate[c] && (s.command === 'exclusive' || (s.command === 'shared' && s.exclusive)))
    s.channel2[c] = 'invalidate'
    s.toInvalidate[c] = false
  })
  m.action('Acknowledge', { c: Client }, (s, { c }) => {
    when(s.channel2[c] === 'invalidate' && !s.channel3[c])
    s.channel2[c] = 'empty'
    s.channel3[c] = true
    if (s.cache[c] === 'exclusive') s.channel3Data[c] = s.cacheData[c]
    s.cache[c] = 'invalid'
    s.cacheData[c] = null
  })
  m.action('ReceiveAcknowledgement', { c: Client }, (s, { c }) => {
    when(s.channel3[c] && s.command !== 'empty')
    s.channel3[c] = false
    s.sharers[c] = false
    if (s.exclusive) {
      s.exclusive = false
      s.memory = s.channel3Data[c]
      s.channel3Data[c] = null
    }
  })
  m.action('GrantShared', { c: Client }, (s, { c }) => {
    when(s.command === 'shared' && s.requester === c && s.channel2[c] === 'empty' && !s.exclusive)
    s.channel2[c] = 'grant shared'
    s.channel2Data[c] = s.memory
    s.sharers[c] = true
    s.command = 'empty'
    s.requester = null
  })
  m.action('GrantExclusive', { c: Client }, (s, { c }) => {
    when(s.command === 'exclusive' && s.requester === c && s.channel2[c] === 'empty' && !s.exclusive && Client.every((d) => !s.sharers[d]))
    s.channel2[c] = 'grant exclusive'
    s.channel2Data[c] = s.memory
    s.sharers[c] = true
    s.exclusive = true
    s.command = 'empty'
    s.requester = null
  })
  m.action('ReceiveShared', { c: Client }, (s, { c }) => {
    when(s.channel2[c] === 'grant shared')
    s.cache[c] = 'shared'
    s.cacheData[c] = s.channel2Data[c]
    s.channel2[c] = 'empty'
    s.channel2Data[c] = null
  })
  m.action('ReceiveExclusive', { c: Client }, (s, { c }) => {
    when(s.channel2[c] === 'grant exclusive')
    s.cache[c] = 'exclusive'
    s.cacheData[c] = s.channel2Data[c]
    s.channel2[c] = 'empty'
    s.channel2Data[c] = null
  })
  m.action('Store', { c: Client, d: Data }, (s, { c, d }) => {
    when(s.cache[c] === 'exclusive')
    s.cacheData[c] = d
    s.latest = d
  })

  m.init((s) => {
    // Interchangeable data has no first value to begin with.
    s.memory = s.latest = reduced ? pick(Data) : 'd1'
  })
  m.invariant(
    'Coherent',
    { a: Client, b: Client },
    (s, { a, b }) => a === b || ((s.cache[a] !== 'exclusive' || s.cache[b] === 'invalid') && (s.cache[a] !== 'shared' || s.cache[b] !== 'exclusive')),
  )
  m.invariant(
    'Current',
    (s) => (s.exclusive || s.memory === s.latest) && Client.every((c) => s.cache[c] === 'invalid' || s.cacheData[c] === s.latest),
  )
  return m
})
  .instance('3', { clients: 3 }, { states: 58077, generated: 235765 })
  .instance('4', { clients: 4 }, { states: 1105353, generated: 5921857 })
  .instance('5', { clients: 5 }, { states: 22030785, generated: 147272581 })
  .instance('3 reduced', { clients: 3, reduced: true }, { states: 5235 })
  .instance('4 reduced', { clients: 4, reduced: true }, { states: 28088 })
  .instance('5 reduced', { clients: 5, reduced: true }, { states: 131112 })
