---- MODULE TwoPC ----
\* Two-phase commit with a message set; a message is never taken out of the set.
CONSTANT RM
VARIABLES rm, tm, prepared, msgs
vars == <<rm, tm, prepared, msgs>>
Ready(r) == [type |-> "ready", from |-> r]
Commit == [type |-> "commit"]
Abort == [type |-> "abort"]
Init == /\ rm = [r \in RM |-> "working"] /\ tm = "init" /\ prepared = {} /\ msgs = {}
Decide(to, m) == /\ tm = "init" /\ tm' = to /\ msgs' = msgs \cup {m} /\ UNCHANGED <<rm, prepared>>
DecideCommit == prepared = RM /\ Decide("committed", Commit)
DecideAbort == Decide("aborted", Abort)
ReceiveReady(r) == /\ tm = "init" /\ Ready(r) \in msgs /\ prepared' = prepared \cup {r} /\ UNCHANGED <<rm, tm, msgs>>
Prepare(r) == /\ rm[r] = "working" /\ rm' = [rm EXCEPT ![r] = "prepared"] /\ msgs' = msgs \cup {Ready(r)} /\ UNCHANGED <<tm, prepared>>
ChooseAbort(r) == /\ rm[r] = "working" /\ rm' = [rm EXCEPT ![r] = "aborted"] /\ UNCHANGED <<tm, prepared, msgs>>
Obey(r, m, to) == /\ m \in msgs /\ rm' = [rm EXCEPT ![r] = to] /\ UNCHANGED <<tm, prepared, msgs>>
Next == \/ DecideCommit \/ DecideAbort
  \/ \E r \in RM : ReceiveReady(r) \/ Prepare(r) \/ ChooseAbort(r) \/ Obey(r, Commit, "committed") \/ Obey(r, Abort, "aborted")
Spec == Init /\ [][Next]_vars
Inv == \A a, b \in RM : ~(rm[a] = "aborted" /\ rm[b] = "committed")
====
