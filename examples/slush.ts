/**
 * Slush, the simplest of the Avalanche protocols: a node asks a sample of the others for their colour and adopts one that enough of them have.
 *
 * Teaches: three process sets over one network. Each node runs a process that answers and one that asks; a client colours nodes.
 * Answers come from the message set and are removed from it.
 * Origin: Slush with its small model (tlaplus/Examples, SlushProtocol).
 */
import { count, type DraftState, enumOf, filter, ids, int, map, model, option, pick, set, some, spec, subsets, union, when } from 'tsmc'

export default spec('slush', { nodes: 3, rounds: 1, sample: 2, threshold: 2 }, ({ nodes, rounds, sample, threshold }) => {
  const Node = ids('n', nodes)
  const Colour = enumOf('red', 'blue')
  const Message = union('type', {
    query: { from: Node, to: Node, colour: Colour },
    answer: { from: Node, to: Node, colour: Colour },
    finished: { node: Node },
  })

  const m = model({
    colour: map(Node, option(Colour)),
    messages: set(Message),
    /** Whom a node has asked in the present round. */
    asked: map(Node, set(Node)),
    round: map(Node, int(0, rounds)),
  })
  type State = DraftState<typeof m>

  /** Everybody has finished and no other message is left. */
  const allFinished = (s: State) => Message.every((message) => s.messages.has(message) === (message.type === 'finished'))

  const answerer = m.process('answerer', Node, {
    loop: (s) => (allFinished(s) ? 'Done' : 'wait'),
    wait: (s, self) => {
      if (allFinished(s)) return 'loop'
      when(some(s.messages, (message) => message.type === 'query' && message.to === self))
      return 'answer'
    },
    answer: (s, self) => {
      const query = pick(filter(s.messages, (message) => message.type === 'query' && message.to === self))
      when(query.type === 'query')
      const colour = s.colour[self] ?? query.colour
      s.colour[self] = colour
      s.messages.delete(query)
      s.messages.add({ type: 'answer', from: self, to: query.from, colour })
      return 'loop'
    },
  })

  const asker = m.process('asker', Node, {
    start: (s, self) => {
      when(s.colour[self] !== null)
      return 'loop'
    },
    loop: (s, self) => (s.round[self] < rounds ? 'ask' : 'finish'),
    ask: (s, self) => {
      const colour = s.colour[self]
      when(colour !== null)
      const others = Node.filter((node) => node !== self)
      s.asked[self] = pick(subsets(others).filter((some) => some.size === sample))
      for (const to of s.asked[self]) s.messages.add({ type: 'query', from: self, to, colour })
      return 'tally'
    },
    tally: (s, self) => {
      const from = (node: string) => filter(s.messages, (message) => message.type === 'answer' && message.to === self && message.from === node)
      const answers = [...s.asked[self]].map(from)
      when(answers.every((answer) => answer.length > 0))
      for (const colour of Colour) {
        if (count(answers.flat(), (answer) => answer.type === 'answer' && answer.colour === colour) >= threshold) {
          s.colour[self] = colour
          break
        }
      }
      for (const answer of answers.flat()) s.messages.delete(answer)
      s.asked[self].clear()
      s.round[self]++
      return 'loop'
    },
    finish: (s, self) => {
      s.messages.add({ type: 'finished', node: self })
      return 'Done'
    },
  })

  const Client = enumOf('client')
  const client = m.process('client', Client, {
    loop: (s) => (Node.some((node) => s.colour[node] === null) ? 'colour' : 'Done'),
    colour: (s) => {
      const node = pick(Node)
      const colour = pick(Colour)
      s.colour[node] ??= colour
      return 'loop'
    },
  })

  // The original stutters when everything is done, and its number of generated states counts that.
  m.action('Terminating', (s) => {
    when(client.at(s, 'client') === 'Done')
    when(Node.every((node) => answerer.at(s, node) === 'Done' && asker.at(s, node) === 'Done'))
  })

  m.reachable('Disagreement', (s) => client.at(s, 'client') === 'Done' && Node.some((a) => Node.some((b) => s.colour[a] !== s.colour[b])))
  return m
}).instance('three nodes, one round', {}, { states: 274678, generated: 1621541, depth: 43 })
