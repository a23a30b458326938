"""Take a request back (T-28)."""

from datetime import datetime
from uuid import UUID

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases import notices
from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.duplicating import reopen_doubles
from rightsdesk.requests.cases.errors import MovedOn
from rightsdesk.requests.cases.states import Move, State, can
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event


def may_withdraw(case: Case) -> bool:
    """Say whether a request can be taken back: nothing was released, changed or erased yet."""
    if case.state is State.FULFILLING and case.has_begun:
        return False
    return can(case.state, Move.WITHDRAW)


def withdraw(docket: Docket, requester: UUID, reference: str, now: datetime) -> Case:
    """Take a request back and return it closed; what it had hidden comes back, and what was joined to it is opened.

    Raises:
        NoSuchCase: not a case of this requester.
        MovedOn: it was answered or carried out in the meantime.
    """
    case = docket.cases.of(requester, reference)
    if not may_withdraw(case):
        raise MovedOn("This request has been answered. It cannot be taken back any more.", case.version)
    if case.owner is Owner.SELF:
        docket.live.restore(case.id)
    back = case.move(Move.WITHDRAW, closed_at=now, claimed_by=None, effective_at=None, answer_by=None, blocked="")
    docket.record(Event("withdrawn", f"requester:{requester}", case.reference, case.subject))
    notices.tell(docket, case, NoticeKind.WITHDRAWN, now)
    reopen_doubles(docket, case, now)
    return docket.cases.save(case, back)
