"""Bring a case back to the desk: stop a deletion that still waits, or open an answered request again (T-26, T-29)."""

from datetime import datetime, timedelta
from typing import Final

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases import notices
from rightsdesk.requests.cases.case import Approver, Case, Kind
from rightsdesk.requests.cases.conversation import explain
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.effects import has_ended
from rightsdesk.requests.cases.errors import MovedOn
from rightsdesk.requests.cases.standing import DECIDERS, require_no_conflict, require_role
from rightsdesk.requests.cases.states import Move, State, can
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event

REOPENABLE: Final = timedelta(days=90)
STOPPERS: Final = DECIDERS | {Role.ADMINISTRATOR}
REOPENERS: Final = frozenset({Role.ADMINISTRATOR})


def may_stop(case: Case, now: datetime) -> bool:
    """Say whether a granted deletion still waits: for its day, or behind something that holds it back."""
    if case.kind is not Kind.ERASURE or case.state is not State.FULFILLING or case.erase_at is None or case.has_begun:
        return False
    return now < case.erase_at or bool(case.blocked)


def stop(docket: Docket, approver: Approver, reference: str, version: int, reason: str, now: datetime) -> Case:
    """Stop a deletion that still waits and return the case in review; what it had hidden comes back (T-26).

    The family reads the reason among the messages.

    Raises:
        NotForYou: wrong role or own family.
        MovedOn: nothing waits to be deleted, or the case was changed since ``version``.
        BadDecision: the reason is shorter than 20 characters or too long.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, STOPPERS)
    require_no_conflict(docket, approver, case)
    if not may_stop(case, now):
        raise MovedOn("The deletion does not wait any more. It cannot be stopped.", case.version)
    explain(docket, approver, case, reason, now)
    if case.owner is Owner.SELF:
        docket.live.restore(case.id)
    back = case.take_back(Move.STOP, State.IN_REVIEW, state_before="", blocked="", claimed_by=_holder(approver))
    docket.record(Event("stopped", f"staff:{approver.staff}", case.reference, case.subject))
    notices.tell(docket, case, NoticeKind.STOPPED, now)
    return docket.cases.save(case, back)


def may_reopen(case: Case, now: datetime) -> bool:
    """Say whether a closed request is young enough, at most 90 days, to be opened again."""
    return can(case.state, Move.REOPEN) and case.closed_at is not None and now - case.closed_at <= REOPENABLE


def reopen(docket: Docket, approver: Approver, reference: str, version: int, reason: str, now: datetime) -> Case:
    """Open a closed request again and return it (T-29). Its first date stays, and what was erased stays erased.

    It goes to review while the family may act, else it waits for proof; a proof that was refused is never skipped.

    Raises:
        NotForYou: not an administrator, or own family.
        MovedOn: not closed, closed more than 90 days ago, or changed since ``version``.
        BadDecision: the reason is shorter than 20 characters or too long.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, REOPENERS)
    require_no_conflict(docket, approver, case)
    if not may_reopen(case, now) or docket.people.person(case.subject).erased_at is not None:
        raise MovedOn("This request cannot be opened again. The family can ask anew.", case.version)
    explain(docket, approver, case, reason, now)
    target, before = _target(docket, case, now)
    holder = _holder(approver) if target is State.IN_REVIEW else None
    again = case.take_back(
        Move.REOPEN, target, state_before=before, claimed_by=holder, closed_at=None, answer_by=None, blocked=""
    )
    facts = (("from", str(case.state)),)
    docket.record(Event("reopened", f"staff:{approver.staff}", case.reference, case.subject, facts))
    notices.tell(docket, case, NoticeKind.REOPENED, now)
    return docket.cases.save(case, again)


def _holder(approver: Approver) -> object:
    # An administrator who decides nothing leaves it to the others.
    return approver.staff if DECIDERS & approver.roles else None


def _target(docket: Docket, case: Case, now: datetime) -> tuple[State, str]:
    """Return where a reopened case goes, and its ``state_before``: never empty there, or the proof would time out."""
    if case.state is State.DENIED and case.came_from[0] is State.AWAITING_PROOF:
        return State.AWAITING_PROOF, case.came_from[1] or State.AWAITING_PROOF
    # The family's page says the same in both cases, so that a restriction is not seen.
    return (State.AWAITING_PROOF, State.IN_REVIEW) if has_ended(docket, case, now) else (State.IN_REVIEW, "")
