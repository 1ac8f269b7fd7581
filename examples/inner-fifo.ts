/**
 * A queue between two handshake channels: the sender puts a value on one, the buffer moves it along, the receiver takes it off the other.
 *
 * Teaches: composition in plain TypeScript (both channels are the same type with the same two functions), sequences, and a constraint: the
 * queue is unbounded, so only states with a short one are explored. States outside are still checked.
 * Origin: InnerFIFO of Lamport's "Specifying Systems" (tlaplus/Examples, SpecifyingSystems/FIFO).
 */
import { ids, type Infer, int, model, pick, record, seq, spec, when } from 'tsmc'

export default spec('inner-fifo', { messages: 3, longest: 3 }, ({ messages, longest }) => {
  const Value = ids('m', messages)
  const Bit = int(0, 1)

  // A value is under way while the two bits differ: the sender flips `ready`, the receiver flips `acknowledged`.
  const Channel = record({ value: Value, ready: Bit, acknowledged: Bit })
  type Channel = Infer<typeof Channel>
  const send = (channel: Channel, value: Channel['value']) => {
    when(channel.ready === channel.acknowledged)
    channel.value = value
    channel.ready = 1 - channel.ready
  }
  const receive = (channel: Channel): Channel['value'] => {
    when(channel.ready !== channel.acknowledged)
    channel.acknowledged = 1 - channel.acknowledged
    return channel.value
  }

  const m = model({ input: Channel, queue: seq(Value, longest + 1), output: Channel })

  m.init((s) => {
    for (const channel of [s.input, s.output]) {
      channel.value = pick(Value)
      channel.ready = pick(Bit)
      channel.acknowledged = channel.ready
    }
  })

  m.action('Send', { value: Value }, (s, { value }) => send(s.input, value))
  m.action('BufferReceives', (s) => {
    s.queue.push(receive(s.input))
  })
  m.action('BufferSends', (s) => {
    when(s.queue.length > 0)
    send(s.output, s.queue.shift()!)
  })
  m.action('Receive', (s) => {
    receive(s.output)
  })

  m.constraint((s) => s.queue.length <= longest)
  return m
}).instance('three values, at most three in the queue', {}, { states: 3864, generated: 9660, depth: 11 })
