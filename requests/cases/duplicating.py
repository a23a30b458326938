"""Join a request to the open one it repeats, and take that back (T-08, T-09)."""

from dataclasses import replace
from datetime import datetime

from rightsdesk.requests.cases import notices
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import BadDecision
from rightsdesk.requests.cases.filing import clocks_from
from rightsdesk.requests.cases.standing import DECIDERS, require_no_conflict, require_role
from rightsdesk.requests.cases.states import UNANSWERED, Move
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event


def repeats(case: Case, other: Case) -> bool:
    """Say whether ``other`` is open and asks the very same: person, student, kind, elements and proposed values (T-08).

    Capitals and spaces make no difference to what is proposed. Anything else would close a request nobody answered.
    So would joining what a person proved to what somebody only sent in their name.
    """
    is_worth_less = other.was_never_proved and not case.was_never_proved
    is_same = other.id != case.id and _question(other) == _question(case)
    return is_same and other.state in UNANSWERED and not is_worth_less


def _question(case: Case) -> tuple[object, ...]:
    wanted = frozenset((one.element, " ".join(one.proposed.casefold().split())) for one in case.elements)
    return case.requester, case.subject, case.kind, wanted


def mark_duplicate(
    docket: Docket, approver: Approver, reference: str, version: int, same_as: str, now: datetime
) -> Case:
    """Join a case to the open case ``same_as`` and return it closed; that one takes the earlier first contact.

    Raises:
        NotForYou: wrong role or own family.
        BadDecision: the other case is not open, or does not ask the very same.
        MovedOn: the case is decided, or was changed since ``version``.
    """
    case, other = docket.cases.find(reference).at(version), docket.cases.find(same_as)
    require_role(approver, DECIDERS)
    require_no_conflict(docket, approver, case)
    if not repeats(case, other):
        raise BadDecision("Choose an open request of the same person about the same student and thing.")
    joined = case.move(Move.MARK_DUPLICATE, duplicate_of=other.id, state_before=case.mark, closed_at=now)
    docket.record(
        Event("duplicated", f"staff:{approver.staff}", case.reference, case.subject, (("of", other.reference),))
    )
    if case.received_at < other.received_at:
        _begin_earlier(docket, other, case.received_at)
    notices.tell(docket, case, NoticeKind.DUPLICATE, now)
    return docket.cases.save(case, joined)


def _begin_earlier(docket: Docket, case: Case, received_at: datetime) -> None:
    # The clock runs from the first contact, so each law's date moves with it.
    clocks = clocks_from(docket, case.kind, case.requester_kind, received_at)
    first = clocks[0]
    earlier = replace(case, received_at=received_at, due_on=first.due_on, due_rule=first.rule, version=case.version + 1)
    docket.cases.set_clocks(case.id, clocks)
    docket.cases.save(case, earlier)


def not_duplicate(docket: Docket, approver: Approver, reference: str, version: int, now: datetime) -> Case:
    """Open a joined case again, where it stood, and return it: it never skips its own proof (T-09).

    Raises:
        NotForYou: wrong role or own family.
        MovedOn: it is not a duplicate, or was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, DECIDERS)
    require_no_conflict(docket, approver, case)
    return _apart(docket, case, f"staff:{approver.staff}", now)


def reopen_doubles(docket: Docket, gone: Case, now: datetime) -> int:
    """Open again what was joined to a case that ends without an answer, and return how many that were (T-09)."""
    doubles = [one for one in docket.cases.about(gone.subject) if one.duplicate_of == gone.id]
    for case in doubles:
        _apart(docket, case, "system", now)
    return len(doubles)


def _apart(docket: Docket, case: Case, actor: str, now: datetime) -> Case:
    target, words = case.came_from
    back = case.move(Move.NOT_DUPLICATE, to=target, state_before=words, duplicate_of=None, closed_at=None)
    docket.record(Event("reopened", actor, case.reference, case.subject))
    notices.tell(docket, case, NoticeKind.RECEIPT, now)
    return docket.cases.save(case, back)
