/**
 * Dijkstra's detection of termination on a ring (EWD 840): a token goes round and comes back white only if everybody is at rest.
 *
 * Teaches: an algorithm whose invariant is worth more than its code. Dijkstra's own is checked beside what it is for.
 * Origin: EWD840 (tlaplus/Examples, ewd840).
 */
import { bool, enumOf, int, map, model, pick, type ReadState, spec, when } from 'tsmc'

export default spec('ewd840', { n: 3 }, ({ n }) => {
  const Node = int(0, n - 1)
  const Colour = enumOf('white', 'black')
  const m = model({ active: map(Node, bool), colour: map(Node, Colour), token: Node, tokenColour: Colour })

  m.init((s) => {
    for (const node of Node) {
      s.active[node] = pick(bool)
      s.colour[node] = pick(Colour)
    }
    s.token = pick(Node)
    s.tokenColour = 'black'
  })

  // Each reason to pass the token on is a step of its own, as it is in the original.
  m.action('StartProbe', { because: enumOf('black token', 'black node') }, (s, { because }) => {
    when(s.token === 0)
    when(because === 'black token' ? s.tokenColour === 'black' : s.colour[0] === 'black')
    s.token = n - 1
    s.tokenColour = 'white'
    s.colour[0] = 'white'
  })

  m.action('PassToken', { node: Node, because: enumOf('at rest', 'black token', 'black node') }, (s, { node, because }) => {
    when(node > 0 && s.token === node)
    when(because === 'at rest' ? !s.active[node] : because === 'black token' ? s.tokenColour === 'black' : s.colour[node] === 'black')
    s.token = node - 1
    if (s.colour[node] === 'black') s.tokenColour = 'black'
    s.colour[node] = 'white'
  })

  m.action('Activate', { from: Node, to: Node }, (s, { from, to }) => {
    when(from !== to && s.active[from])
    s.active[to] = true
    if (to > from) s.colour[from] = 'black'
  })

  m.action('Rest', { node: Node }, (s, { node }) => {
    when(s.active[node])
    s.active[node] = false
  })

  m.terminal(() => true)

  const quiet = (active: Readonly<Record<number, boolean>>) => !Node.some((node) => active[node] === true)
  const isDetected = (s: ReadState<typeof m>) => s.token === 0 && s.tokenColour === 'white' && s.colour[0] === 'white' && !s.active[0]
  // The token goes on as long as it can.
  m.fair(['StartProbe', 'PassToken'], 'weak', { per: 'action' })
  m.property('IsDetected', ({ leadsTo }) => leadsTo((s) => quiet(s.active), isDetected))

  // What detection is for, with everybody seen at once: it is detected only when everybody is at rest, and then it is in the end.
  const detection = model({ active: map(Node, bool), detected: bool })
  detection.init((s) => {
    for (const node of Node) s.active[node] = pick(bool)
    if (quiet(s.active)) s.detected = pick(bool)
  })
  detection.action('Rest', { node: Node }, (s, { node }) => {
    s.active[node] = false
    if (quiet(s.active)) s.detected = s.detected || pick(bool)
  })
  detection.action('Activate', { from: Node, to: Node }, (s, { from, to }) => {
    when(s.active[from])
    s.active[to] = true
  })
  detection.action(
    'Detect',
    (s) => {
      when(quiet(s.active))
      s.detected = true
    },
    { fair: 'weak' },
  )
  m.refines('Detection', detection, (s) => ({ active: s.active, detected: isDetected(s) }))

  m.invariant('DetectionIsRight', (s) => !isDetected(s) || quiet(s.active))
  m.invariant(
    'Dijkstra',
    (s) =>
      Node.every((node) => node <= s.token || !s.active[node]) ||
      Node.some((node) => node <= s.token && s.colour[node] === 'black') ||
      s.tokenColour === 'black',
  )
  return m
}).instance('a ring of three', {}, { states: 302, generated: 2001, depth: 9 })
