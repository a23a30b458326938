"""What the desk does with a case whose identity or authority is not proved (T-05, T-06)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from rightsdesk.requests.cases import lettering, notices
from rightsdesk.requests.cases.case import HOLD, Approver, Case, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import BadDecision, MovedOn
from rightsdesk.requests.cases.ruling import SHORTEST_TEXT
from rightsdesk.requests.cases.standing import (
    DECIDERS,
    KEEPERS,
    require_live_authority,
    require_no_conflict,
    require_role,
)
from rightsdesk.requests.cases.states import Move, State
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event

STANDING_GROUNDS: Final = ("NOT_IDENTIFIED", "NO_AUTHORITY", "RIGHTS_TRANSFERRED", "COURT_ORDER", "PROTECTION_ORDER")
LATE_PROOF: Final = timedelta(days=90)
MEANS: Final = ("office_visit", "school_sign_in", "call_back", "letter")


def prove(docket: Docket, approver: Approver, reference: str, version: int, means: str, now: datetime) -> Case:
    """Record that a person proved who they are, and return the case to the desk (F-10).

    Raises:
        NotForYou: wrong role or own family.
        AuthorityEnded: they may not act for the student: a restriction, a freeze, no link.
        BadDecision: the kind of proof is not one of ``MEANS``.
        MovedOn: it does not wait for proof, ended more than 90 days ago, or was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, KEEPERS)
    require_no_conflict(docket, approver, case)
    if means not in MEANS:
        raise BadDecision("Say how this person showed who they are.")
    require_live_authority(docket, case, now)
    if case.closed_at is not None and now - case.closed_at > LATE_PROOF:
        raise MovedOn("This request was closed more than 90 days ago. The family can ask again.", case.version)
    seen = case.state_before in {"", State.SUBMITTED}
    proved = case.move(
        Move.PROVE,
        to=State.SUBMITTED if seen else State.IN_REVIEW,
        state_before="",
        claimed_by=None if seen else case.claimed_by,
        answer_by=None,
        closed_at=None,
    )
    docket.record(Event("proved", f"staff:{approver.staff}", case.reference, case.subject, (("means", means),)))
    notices.tell(docket, case, NoticeKind.RECEIPT, now)
    return docket.cases.save(case, proved)


def refuse_proof(
    docket: Docket, approver: Approver, reference: str, version: int, answer: tuple[str, str], now: datetime
) -> Case:
    """Refuse a case for want of standing; ``answer`` is the ground and the words. A restriction reads as NO_AUTHORITY.

    Raises:
        NotForYou: wrong role or own family.
        BadDecision: the ground is not one about standing, or the words are fewer than 20 characters.
        LetterNotReady: words that a law demands are missing.
        MovedOn: it does not wait for proof, or was changed since ``version``.
    """
    ground, text = answer
    case = docket.cases.find(reference).at(version)
    require_role(approver, DECIDERS)
    require_no_conflict(docket, approver, case)
    if ground not in STANDING_GROUNDS:
        raise BadDecision("Choose why.")
    if len(text.strip()) < SHORTEST_TEXT:
        raise BadDecision("Explain it to the family in 20 letters or more.")
    refused = tuple(replace(one, outcome=Outcome.DENY, ground=ground, text=text.strip()) for one in case.elements)
    denied = case.move(
        Move.REFUSE_PROOF,
        elements=refused,
        outcome=Outcome.DENY,
        decided_by=approver.staff,
        decided_at=now,
        effective_at=now + HOLD,
        state_before=case.mark,
    )
    docket.cases.add_decision(docket.fresh_id(), denied, (ground, text.strip()), now)
    lettering.sent_text(docket, denied, now)
    facts = (("outcome", "deny"), ("grounds", ground))
    docket.record(Event("decided", f"staff:{approver.staff}", case.reference, case.subject, facts))
    return docket.cases.save(case, denied)
