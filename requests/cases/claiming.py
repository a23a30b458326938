"""Take a case in hand, and let it go."""

from uuid import UUID

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import NotForYou
from rightsdesk.requests.cases.standing import DECIDERS, KEEPERS, require_no_conflict, require_role
from rightsdesk.requests.cases.states import Move, State
from rightsdesk.requests.ledger.audit import Event


def claim(docket: Docket, approver: Approver, reference: str, version: int) -> Case:
    """Take a case in hand and return it in review.

    Raises:
        NotForYou: wrong role, or the approver's own family.
        MovedOn: it is not waiting any more, or was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, DECIDERS)
    require_no_conflict(docket, approver, case)
    return _moved(docket, case, case.move(Move.CLAIM, claimed_by=approver.staff), approver, "claimed")


def release(docket: Docket, approver: Approver, reference: str, version: int) -> Case:
    """Let a case go back to everybody.

    Raises:
        NotForYou: wrong role or own family.
        MovedOn: it is not in review, or was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, KEEPERS)
    require_no_conflict(docket, approver, case)
    return _moved(docket, case, case.move(Move.RELEASE, claimed_by=None), approver, "released")


def give(docket: Docket, approver: Approver, reference: str, version: int, to: UUID) -> Case:
    """Put a case into the hands of a colleague who decides, and return it in review.

    Raises:
        NotForYou: wrong role of either, or the family of either.
        MovedOn: it is not waiting for a decision, or was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    colleague = Staff(docket.session, docket.agency.id, docket.vault).numbered(to)
    if colleague is None:
        raise NotForYou("This person does not decide here.")
    theirs = Approver(colleague.id, frozenset(colleague.roles), colleague.person, None)
    for one in (approver, theirs):
        require_role(one, DECIDERS)
        require_no_conflict(docket, one, case)
    free = case.move(Move.RELEASE, claimed_by=None) if case.state is State.IN_REVIEW else case
    return _moved(docket, case, free.move(Move.CLAIM, claimed_by=colleague.id), approver, "given")


def _moved(docket: Docket, before: Case, after: Case, approver: Approver, event: str) -> Case:
    saved = docket.cases.save(before, after)  # first: who was too slow leaves no entry
    docket.record(Event(event, f"staff:{approver.staff}", before.reference, before.subject))
    return saved
