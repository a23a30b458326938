"""Take a case in hand, and let it go."""

from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.standing import DECIDERS, require_no_conflict, require_role
from rightsdesk.requests.cases.states import Move
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
        NotForYou: wrong role.
        MovedOn: it is not in review, or was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, DECIDERS)
    return _moved(docket, case, case.move(Move.RELEASE, claimed_by=None), approver, "released")


def _moved(docket: Docket, before: Case, after: Case, approver: Approver, event: str) -> Case:
    docket.record(Event(event, f"staff:{approver.staff}", before.reference, before.subject))
    return docket.cases.save(before, after)
