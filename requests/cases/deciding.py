"""Rule on a case: grant, refuse, grant in part; an erasure needs two different people (F-35 to F-40)."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases import lettering
from rightsdesk.requests.cases.case import HOLD, Approver, Asked, Case, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import BadDecision, MovedOn
from rightsdesk.requests.cases.ruling import Ruling, granted, ruled
from rightsdesk.requests.cases.standing import (
    DECIDERS,
    SECONDS,
    require_fresh_proof,
    require_live_authority,
    require_no_conflict,
    require_role,
    require_two_people,
)
from rightsdesk.requests.cases.states import Move, State
from rightsdesk.requests.ledger.audit import Event

_MOVES: Final = {Outcome.APPROVE: Move.APPROVE, Outcome.PARTIAL: Move.APPROVE_PART, Outcome.DENY: Move.DENY}


def decide(docket: Docket, approver: Approver, ruling: Ruling, now: datetime) -> Case:
    """Rule on a case and return it; nothing leaves for ten minutes.

    Granting an erasure of agency data only proposes it: a second person confirms with ``confirm``.

    Raises:
        NotForYou: wrong role, own family, or the proposer confirming their own proposal.
        NeedsFreshProof: an erasure, and the second factor is older than five minutes.
        MovedOn: the case changed since ``ruling.version``, or is not waiting for a decision.
        AuthorityEnded: a grant, and the family may no longer act.
        BadDecision, LiveValueChanged: see ``ruling.ruled``.
        LetterNotReady: a refusal, and words that a law demands are missing (F-37).
    """
    case = docket.cases.find(ruling.reference).at(ruling.version)
    if case.state is State.AWAITING_SECOND_APPROVAL:
        return _confirm(docket, approver, case, ruling, now)
    require_role(approver, DECIDERS)
    require_no_conflict(docket, approver, case)
    answered = ruled(docket, case, ruling)
    if granted(answered):
        require_live_authority(docket, case, now)
        if case.kind is Kind.ERASURE and case.owner is not Owner.SELF:
            return _propose(docket, approver, case, answered, now)
    return _decided(docket, approver, case, (answered, ruling, _MOVES[ruling.outcome]), now)


def return_proposal(docket: Docket, approver: Approver, reference: str, version: int) -> Case:
    """Give a proposed erasure back to review: the second person disagrees, or the first takes it back.

    Raises:
        NotForYou: wrong role or own family.
        MovedOn: it is not waiting for a second person, or was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, SECONDS)
    require_no_conflict(docket, approver, case)
    # A second approver from elsewhere cannot review: then the case stays with the one who proposed.
    holder = approver.staff if DECIDERS & approver.roles else case.claimed_by
    back = case.move(Move.RETURN, elements=_cleared(case), outcome="", decided_by=None, claimed_by=holder)
    docket.record(Event("returned", f"staff:{approver.staff}", case.reference, case.subject))
    return docket.cases.save(case, back)


def undo(docket: Docket, approver: Approver, reference: str, version: int, now: datetime) -> Case:
    """Take a decision back while it is held; undoing is an event of its own (T-23).

    Raises:
        NotForYou: neither a decider of this case nor a lead or administrator, or own family.
        MovedOn: the ten minutes are over, or the case was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_no_conflict(docket, approver, case)
    if approver.staff not in {case.decided_by, case.confirmed_by}:
        require_role(approver, frozenset({Role.LEAD, Role.ADMINISTRATOR}))
    if not case.is_held or case.effective_at is None or now >= case.effective_at or case.decided_by is None:
        raise MovedOn("The answer has left. It cannot be taken back any more.", case.version)
    target, words = case.came_from if case.state is State.DENIED else (State.IN_REVIEW, "")
    cleared = {"outcome": "", "decided_at": None, "decided_by": None, "confirmed_by": None, "effective_at": None}
    claimed = case.claimed_by if target is State.IN_REVIEW else None
    back = case.move(Move.UNDO, to=target, elements=_cleared(case), state_before=words, claimed_by=claimed, **cleared)
    docket.cases.mark_undone(case.id, approver.staff, now)
    docket.record(Event("undone", f"staff:{approver.staff}", case.reference, case.subject))
    return docket.cases.save(case, back)


def _propose(docket: Docket, approver: Approver, case: Case, answered: tuple[Asked, ...], now: datetime) -> Case:
    require_fresh_proof(approver, now)
    outcome = Outcome.APPROVE if all(one.outcome == Outcome.APPROVE for one in answered) else Outcome.PARTIAL
    proposed = case.move(
        Move.PROPOSE_ERASURE, elements=answered, outcome=outcome, decided_by=approver.staff, claimed_by=approver.staff
    )
    _check_letter(docket, proposed, now)
    facts = (("outcome", str(outcome)),)
    docket.record(Event("proposed", f"staff:{approver.staff}", case.reference, case.subject, facts))
    return docket.cases.save(case, proposed)


def _confirm(docket: Docket, approver: Approver, case: Case, ruling: Ruling, now: datetime) -> Case:
    require_role(approver, SECONDS)
    require_no_conflict(docket, approver, case)
    require_two_people(docket, approver, case.decided_by)
    if ruling.outcome is not Outcome.APPROVE:
        raise BadDecision("Agree to the deletion, or give the request back.")
    require_fresh_proof(approver, now)
    require_live_authority(docket, case, now)
    target = State.APPROVED if case.outcome == Outcome.APPROVE else State.PARTLY_APPROVED
    confirmed = case.move(
        Move.CONFIRM_ERASURE,
        to=target,
        confirmed_by=approver.staff,
        decided_at=now,
        effective_at=now + HOLD,
        state_before=case.state,
    )
    docket.cases.add_decision(docket.fresh_id(), confirmed, (ruling.ground, ruling.text.strip()), now)
    docket.record(Event("confirmed", f"staff:{approver.staff}", case.reference, case.subject))
    return docket.cases.save(case, confirmed)


def _decided(
    docket: Docket, approver: Approver, case: Case, answer: tuple[tuple[Asked, ...], Ruling, Move], now: datetime
) -> Case:
    answered, ruling, move = answer
    decided = case.move(
        move,
        elements=answered,
        outcome=ruling.outcome,
        decided_by=approver.staff,
        decided_at=now,
        effective_at=now + HOLD,
        claimed_by=approver.staff,
        state_before=case.state,
    )
    _check_letter(docket, decided, now)
    docket.cases.add_decision(docket.fresh_id(), decided, (ruling.ground, ruling.text.strip()), now)
    facts = (("outcome", str(ruling.outcome)), ("grounds", ".".join(sorted({one.ground for one in answered} - {""}))))
    docket.record(Event("decided", f"staff:{approver.staff}", case.reference, case.subject, facts))
    return docket.cases.save(case, decided)


def _check_letter(docket: Docket, decided: Case, now: datetime) -> None:
    # Nothing would tell the approver later: the letter leaves when they have long gone on.
    if any(one.outcome == Outcome.DENY for one in decided.elements):
        lettering.sent_text(docket, decided, now)


def _cleared(case: Case) -> tuple[Asked, ...]:
    return tuple(replace(one, outcome="", ground="", text="", accepted="") for one in case.elements)
