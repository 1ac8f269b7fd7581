/**
 * Dijkstra's self-stabilising token ring (EWD 426): from whatever state, sooner or later there is exactly one token.
 *
 * Teaches: every state is initial, which is what self-stabilisation means, and then a step property: tokens never become more.
 * Origin: TokenRing (tlaplus/Examples, ewd426).
 */
import { int, map, model, pick, spec, when } from 'tsmc'

export default spec('token-ring', { nodes: 6, values: 6 }, ({ nodes, values }) => {
  const Node = int(0, nodes - 1)
  const Value = int(0, values - 1)
  const m = model({ counter: map(Node, Value) })

  /** Node 0 has a token where it equals the last node, the others where they differ from the node before. */
  const hasToken = (counter: Readonly<Record<number, number>>, node: number) =>
    node === 0 ? counter[0] === counter[nodes - 1] : counter[node] !== counter[node - 1]

  m.init((s) => {
    for (const node of Node) s.counter[node] = pick(Value)
  })

  m.action('Move', { node: Node }, (s, { node }) => {
    when(hasToken(s.counter, node))
    s.counter[node] = node === 0 ? (s.counter[nodes - 1] + 1) % values : s.counter[node - 1]
  })

  m.invariant('SomeToken', (s) => Node.some((node) => hasToken(s.counter, node)))
  m.step(
    'NoMoreTokens',
    (before, after) => Node.count((node) => hasToken(after.counter, node)) <= Node.count((node) => hasToken(before.counter, node)),
  )
  // Something happens as long as anything can.
  m.fair('Move', 'weak', { per: 'action' })
  m.property('Stabilises', ({ eventually, always }) => eventually(always((s) => Node.count((node) => hasToken(s.counter, node)) === 1)))
  return m
}).instance('six nodes, six values', {}, { states: 46656, generated: 248832, depth: 1 })
