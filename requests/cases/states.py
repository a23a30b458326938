"""The life of a case as a closed table: any other move is refused and changes nothing."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a case stands. Lateness, pauses, claims and blocks are facts beside it."""

    AWAITING_PROOF = "awaiting_proof"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    WAITING_ON_FAMILY = "waiting_on_family"
    AWAITING_SECOND_APPROVAL = "awaiting_second_approval"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    DENIED = "denied"
    FULFILLING = "fulfilling"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"
    EXPIRED_UNVERIFIED = "expired_unverified"
    DUPLICATE = "duplicate"


class Move(StrEnum):
    """What can happen to a case (T-05 to T-30; filing and entering make one instead)."""

    PROVE = "prove"
    REFUSE_PROOF = "refuse_proof"
    PROOF_TIMEOUT = "proof_timeout"
    MARK_DUPLICATE = "mark_duplicate"
    NOT_DUPLICATE = "not_duplicate"
    AUTO_DECIDE = "auto_decide"
    CLAIM = "claim"
    RELEASE = "release"
    ASK = "ask"
    ANSWER = "answer"
    GO_ON = "go_on"
    EXTEND = "extend"
    APPROVE = "approve"
    APPROVE_PART = "approve_part"
    PROPOSE_ERASURE = "propose_erasure"
    CONFIRM_ERASURE = "confirm_erasure"
    RETURN = "return"
    DENY = "deny"
    UNDO = "undo"
    TAKE_EFFECT = "take_effect"
    AUTHORITY_LOST = "authority_lost"
    STOP = "stop"
    FINISH = "finish"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


S = State
UNDECIDED: Final = frozenset({S.SUBMITTED, S.IN_REVIEW})
OPEN: Final = frozenset(
    {S.AWAITING_PROOF, *UNDECIDED, S.WAITING_ON_FAMILY, S.AWAITING_SECOND_APPROVAL, S.APPROVED, S.PARTLY_APPROVED}
)
GRANTED: Final = frozenset({S.APPROVED, S.PARTLY_APPROVED})
# The clock runs in these: nobody has been answered yet.
UNANSWERED: Final = frozenset({S.AWAITING_PROOF, *UNDECIDED, S.WAITING_ON_FAMILY, S.AWAITING_SECOND_APPROVAL})

# (state, move) -> the states it may lead to. More than one: the rules of the use case choose.
_TABLE: Final[dict[tuple[State, Move], frozenset[State]]] = {
    (S.AWAITING_PROOF, Move.PROVE): frozenset(UNDECIDED),
    (S.EXPIRED_UNVERIFIED, Move.PROVE): frozenset(UNDECIDED),
    (S.AWAITING_PROOF, Move.REFUSE_PROOF): frozenset({S.DENIED}),
    (S.AWAITING_PROOF, Move.PROOF_TIMEOUT): frozenset({S.EXPIRED_UNVERIFIED}),
    **{(state, Move.MARK_DUPLICATE): frozenset({S.DUPLICATE}) for state in (S.AWAITING_PROOF, *UNDECIDED)},
    (S.DUPLICATE, Move.NOT_DUPLICATE): frozenset({S.AWAITING_PROOF, *UNDECIDED}),
    (S.SUBMITTED, Move.AUTO_DECIDE): frozenset({S.APPROVED}),
    (S.SUBMITTED, Move.CLAIM): frozenset({S.IN_REVIEW}),
    (S.IN_REVIEW, Move.RELEASE): frozenset({S.SUBMITTED}),
    **{(state, Move.ASK): frozenset({S.WAITING_ON_FAMILY}) for state in UNDECIDED},
    (S.WAITING_ON_FAMILY, Move.ANSWER): frozenset({S.IN_REVIEW}),
    (S.WAITING_ON_FAMILY, Move.GO_ON): frozenset({S.IN_REVIEW}),
    **{
        (state, Move.EXTEND): frozenset({state})
        for state in (*UNDECIDED, S.WAITING_ON_FAMILY, S.AWAITING_SECOND_APPROVAL)
    },
    **{(state, Move.APPROVE): frozenset({S.APPROVED}) for state in UNDECIDED},
    **{(state, Move.APPROVE_PART): frozenset({S.PARTLY_APPROVED}) for state in UNDECIDED},
    **{(state, Move.PROPOSE_ERASURE): frozenset({S.AWAITING_SECOND_APPROVAL}) for state in UNDECIDED},
    (S.AWAITING_SECOND_APPROVAL, Move.CONFIRM_ERASURE): GRANTED,
    (S.AWAITING_SECOND_APPROVAL, Move.RETURN): frozenset({S.IN_REVIEW}),
    **{(state, Move.DENY): frozenset({S.DENIED}) for state in UNDECIDED},
    **{(state, Move.UNDO): frozenset({S.IN_REVIEW}) for state in GRANTED},
    (S.DENIED, Move.UNDO): frozenset({S.IN_REVIEW, S.SUBMITTED, S.AWAITING_PROOF}),
    **{(state, Move.TAKE_EFFECT): frozenset({S.FULFILLING}) for state in GRANTED},
    (S.DENIED, Move.TAKE_EFFECT): frozenset({S.DENIED}),
    **{
        (state, Move.AUTHORITY_LOST): frozenset({S.AWAITING_PROOF})
        for state in (*UNDECIDED, S.WAITING_ON_FAMILY, S.AWAITING_SECOND_APPROVAL, *GRANTED, S.FULFILLING)
    },
    (S.FULFILLING, Move.STOP): frozenset({S.IN_REVIEW}),
    (S.FULFILLING, Move.FINISH): frozenset({S.FULFILLED}),
    **{(state, Move.WITHDRAW): frozenset({S.WITHDRAWN}) for state in (*OPEN, S.FULFILLING)},
    **{
        (state, Move.REOPEN): frozenset({S.IN_REVIEW, S.AWAITING_PROOF})
        for state in (S.DENIED, S.FULFILLED, S.WITHDRAWN)
    },
}


def leads_to(state: State, move: Move) -> frozenset[State]:
    """Return the states this move may lead to from here; empty when the table does not know the move."""
    return _TABLE.get((state, move), frozenset())


def can(state: State, move: Move) -> bool:
    """Say whether the table knows this move from here."""
    return (state, move) in _TABLE
