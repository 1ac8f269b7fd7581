/**
 * The alternating bit protocol: values are delivered once and in order over channels that lose messages.
 *
 * Teaches: lossy channels as sequences, a constraint on their length, a step property about what the receiver sees, and
 * strong fairness against loss.
 * Origin: AlternatingBit of Lamport's "Specifying Systems" (tlaplus/Examples, SpecifyingSystems/TLC).
 */
import { ids, int, model, pick, record, seq, spec, when } from 'tsmc'

export default spec('alternating-bit', { values: 2, longest: 2 }, ({ values, longest }) => {
  const Value = ids('d', values)
  const Bit = int(0, 1)
  const m = model({
    messages: seq(record({ bit: Bit, value: Value }), longest + 1),
    acknowledgements: seq(Bit, longest + 1),
    /** The bit of the value that is being sent, and the last one acknowledged: they differ while it is under way. */
    sending: Bit,
    acknowledged: Bit,
    received: Bit,
    sent: Value,
    delivered: Value,
  })

  m.init((s) => {
    s.sending = pick(Bit)
    s.acknowledged = s.sending
    s.received = s.sending
    s.sent = pick(Value)
    s.delivered = pick(Value)
  })

  m.action('SendNew', { value: Value }, (s, { value }) => {
    when(s.acknowledged === s.sending)
    s.sent = value
    s.sending = 1 - s.sending
    s.messages.push({ bit: s.sending, value })
  })

  m.action('SendAgain', (s) => {
    when(s.acknowledged !== s.sending)
    s.messages.push({ bit: s.sending, value: s.sent })
  })

  m.action('Receive', (s) => {
    const message = s.messages.shift()
    when(message !== undefined)
    s.received = message.bit
    s.delivered = message.value
  })

  m.action('Acknowledge', (s) => {
    s.acknowledgements.push(s.received)
  })

  m.action('ReceiveAcknowledgement', (s) => {
    const bit = s.acknowledgements.shift()
    when(bit !== undefined)
    s.acknowledged = bit
  })

  m.action('LoseMessage', (s) => {
    s.messages.splice(pick(s.messages.keys()), 1)
  })

  m.action('LoseAcknowledgement', (s) => {
    s.acknowledgements.splice(pick(s.acknowledgements.keys()), 1)
  })

  m.constraint((s) => s.messages.length <= longest && s.acknowledgements.length <= longest, { temporal: 'inside' })

  // What is sent again and again arrives in the end: strong fairness, because messages may be lost in between.
  m.fair('SendAgain', 'weak')
  m.fair('Acknowledge', 'weak')
  m.fair('Receive', 'strong')
  m.fair('ReceiveAcknowledgement', 'strong')
  m.property('Arrives', { value: Value }, ({ leadsTo }, { value }) =>
    leadsTo(
      (s) => s.sent === value && s.sending !== s.acknowledged,
      (s) => s.delivered === value,
    ),
  )

  m.step('DeliversWhatIsSent', (before, after) => after.delivered === before.delivered || after.delivered === before.sent)
  return m
}).instance('two values, channels of two', {}, { states: 240, generated: 1392, depth: 10 })
