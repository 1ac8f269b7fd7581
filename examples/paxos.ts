/**
 * Paxos, one decision: acceptors vote in numbered ballots so that whatever a majority has voted for stays the decision.
 *
 * Teaches: a message soup whose messages carry composite values (a promise carries the acceptor's last vote, or null), choices of a quorum
 * and of a witness, and invariants about messages instead of about an implementation.
 * Also: a refinement. Without messages it is voting, in which everybody sees at once what is safe to vote for. And symmetry: no acceptor and no
 * value is special, so states that differ only by which is which count as one.
 * Origin: Paxos (tlaplus/Examples, Paxos and PaxosHowToWinATuringAward, which are the same algorithm).
 */
import { find, ids, type Infer, int, map, model, option, pick, type ReadState, record, set, some, spec, subsets, symmetric, union, when } from 'tsmc'

export default spec('paxos', { acceptors: 3, values: 2, ballots: 2, quorum: 0, alike: false }, ({ acceptors, values, ballots, quorum, alike }) => {
  const Acceptor = alike ? symmetric('a', acceptors) : ids('a', acceptors)
  const Value = alike ? symmetric('v', values) : ids('v', values)
  const Ballot = int(0, ballots - 1)
  const Vote = record({ ballot: Ballot, value: Value })
  const Message = union('type', {
    prepare: { ballot: Ballot },
    promise: { acceptor: Acceptor, ballot: Ballot, vote: option(Vote) },
    propose: { ballot: Ballot, value: Value },
    accept: { acceptor: Acceptor, ballot: Ballot, value: Value },
  })
  /** The smallest majorities, or all sets of a given size. */
  const Quorums = subsets(Acceptor).filter((some) => some.size === (quorum || Math.floor(acceptors / 2) + 1))

  const m = model({
    /** The highest ballot in which an acceptor takes part; -1 is none. */
    ballot: map(Acceptor, int(-1, ballots - 1)),
    vote: map(Acceptor, option(Vote)),
    messages: set(Message),
  })

  m.action('Prepare', { ballot: Ballot }, (s, { ballot }) => {
    s.messages.add({ type: 'prepare', ballot })
  })

  m.action('Promise', { acceptor: Acceptor, ballot: Ballot }, (s, { acceptor, ballot }) => {
    when(s.messages.has({ type: 'prepare', ballot }) && ballot > s.ballot[acceptor])
    s.ballot[acceptor] = ballot
    s.messages.add({ type: 'promise', acceptor, ballot, vote: s.vote[acceptor] })
  })

  // A quorum has promised, and the value is that of the latest vote in its promises; any value will do where there is none.
  m.action('Propose', { ballot: Ballot, value: Value }, (s, { ballot, value }) => {
    when(!Value.some((other) => s.messages.has({ type: 'propose', ballot, value: other })))
    const votes = []
    for (const acceptor of pick(Quorums)) {
      const promise = find(s.messages, (message) => message.type === 'promise' && message.acceptor === acceptor && message.ballot === ballot)
      when(promise?.type === 'promise')
      if (promise.vote !== null) votes.push(promise.vote)
    }
    if (votes.length > 0) {
      const latest = pick(votes)
      when(latest.value === value && votes.every((vote) => vote.ballot <= latest.ballot))
    }
    s.messages.add({ type: 'propose', ballot, value })
  })

  m.action('Accept', { acceptor: Acceptor, ballot: Ballot, value: Value }, (s, { acceptor, ballot, value }) => {
    when(s.messages.has({ type: 'propose', ballot, value }) && ballot >= s.ballot[acceptor])
    s.ballot[acceptor] = ballot
    s.vote[acceptor] = { ballot, value }
    s.messages.add({ type: 'accept', acceptor, ballot, value })
  })

  const chosen = (s: ReadState<typeof m>, value: Infer<typeof Value>) =>
    Ballot.some((ballot) => Quorums.some((quorum) => [...quorum].every((acceptor) => s.messages.has({ type: 'accept', acceptor, ballot, value }))))

  // Voting, which Paxos implements: who votes sees at once, without messages, what is safe to vote for.
  const voting = model({ ballot: map(Acceptor, int(-1, ballots - 1)), votes: map(Acceptor, set(Vote)) })
  voting.action('Raise', { acceptor: Acceptor, ballot: Ballot }, (s, { acceptor, ballot }) => {
    when(ballot > s.ballot[acceptor])
    s.ballot[acceptor] = ballot
  })
  voting.action('Vote', { acceptor: Acceptor, ballot: Ballot, value: Value }, (s, { acceptor, ballot, value }) => {
    when(s.ballot[acceptor] <= ballot)
    when(!some(s.votes[acceptor], (vote) => vote.ballot === ballot))
    when(!Acceptor.some((other) => some(s.votes[other], (vote) => vote.ballot === ballot && vote.value !== value)))
    const votedFor = (other: Infer<typeof Acceptor>, earlier: number) => s.votes[other].has({ ballot: earlier, value })
    const abstained = (other: Infer<typeof Acceptor>, earlier: number) => !some(s.votes[other], (vote) => vote.ballot === earlier)
    // A quorum takes part in nothing earlier any more, and the latest vote in it, if there is one, is for this value.
    when(
      Quorums.some((quorum) => {
        const members = [...quorum]
        if (!members.every((other) => s.ballot[other] >= ballot)) return false
        const latest = [...Ballot].filter((earlier) => earlier < ballot && !members.every((other) => abstained(other, earlier))).at(-1)
        return latest === undefined || members.some((other) => votedFor(other, latest))
      }),
    )
    s.ballot[acceptor] = ballot
    s.votes[acceptor].add({ ballot, value })
  })
  m.refines('Voting', voting, (s) => {
    const sent = (acceptor: Infer<typeof Acceptor>) =>
      new Set(Vote.filter(({ ballot, value }) => s.messages.has({ type: 'accept', acceptor, ballot, value })))
    return {
      ballot: s.ballot,
      votes: Object.fromEntries(Acceptor.values().map((acceptor) => [acceptor, sent(acceptor)])) as Record<
        Infer<typeof Acceptor>,
        ReturnType<typeof sent>
      >,
    }
  })

  m.invariant('OneDecision', (s) => Value.count((value) => chosen(s, value)) <= 1)
  m.invariant('OneProposal', { ballot: Ballot }, (s, { ballot }) => Value.count((value) => s.messages.has({ type: 'propose', ballot, value })) <= 1)
  m.invariant('VoteWasSent', { acceptor: Acceptor }, (s, { acceptor }) => {
    const vote = s.vote[acceptor]
    return vote === null || s.messages.has({ type: 'accept', acceptor, ballot: vote.ballot, value: vote.value })
  })
  m.reachable('Decision', (s) => Value.some((value) => chosen(s, value)))
  return m
})
  .instance('one acceptor, one value', { acceptors: 1, values: 1 }, { states: 25, generated: 82, depth: 9 })
  .instance('one ballot', { ballots: 1 }, { states: 73, generated: 314, depth: 9 })
  .instance('two ballots', {}, { states: 3921, generated: 23563, depth: 17 })
  .instance('one ballot, all alike', { ballots: 1, alike: true }, { states: 15, generated: 63, depth: 9 })
  .instance('two ballots, all alike', { alike: true }, { states: 443, generated: 2697, depth: 17 })
  .instance('quorums that do not meet', { quorum: 1 }, { violates: 'OneDecision', steps: 8, states: 2811, generated: 11565, depth: 9 })
