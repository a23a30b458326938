"""What a person does with a notice that no carrier can finish: post the printed letter, or send the text again."""

from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.cases import notices
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.requests.cases.lettering import compose_notice, kept_letter
from rightsdesk.requests.cases.mailroom.store import Mailroom
from rightsdesk.requests.cases.notices import PAPER, TO_PRINT, UNKNOWN
from rightsdesk.requests.cases.standing import KEEPERS, require_no_conflict, require_role
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event

_DECISIONS: Final = frozenset({NoticeKind.APPROVED, NoticeKind.PARTIAL, NoticeKind.DENIED})


def printed(docket: Docket, case: Case) -> tuple[tuple[UUID, str], ...]:
    """Return the notices of a case that are to be printed, each with its whole text; of a decision the kept letter."""
    waiting = [
        docket_notice(docket, one.notice) for one in Mailroom(docket.session, docket.agency.id).to_print(case.id)
    ]
    return tuple((row.id, _text(docket, case, row)) for row in waiting)


def _text(docket: Docket, case: Case, row: NoticeRow) -> str:
    letter = kept_letter(docket, case) if row.kind in _DECISIONS else None
    return letter or compose_notice(docket, row, docket.public_url).body


def mark_posted(docket: Docket, approver: Approver, case: Case, notice: UUID, now: datetime) -> None:
    """Note that a printed letter was posted; twice is once.

    Raises:
        NotForYou: wrong role or own family.
        NoSuchCase: no letter of this case.
    """
    row = _mine(docket, approver, notice, case)
    if row.channel == PAPER and Mailroom(docket.session, docket.agency.id).change(notice, TO_PRINT, "sent", now):
        notices.noted(docket, docket_notice(docket, notice), f"staff:{approver.staff}")


def resend(docket: Docket, approver: Approver, notice: UUID, now: datetime) -> Case:
    """Send a notice again of which nobody knows whether it arrived, and return its case; twice is once.

    Raises:
        NotForYou: wrong role or own family.
        NoSuchCase: no notice of this agency.
    """
    row = _mine(docket, approver, notice, None)
    case = docket.cases.numbered(row.case or notice)
    if Mailroom(docket.session, docket.agency.id).change(notice, UNKNOWN, "waiting", now):
        key = f"notice:{notice}:{int(now.timestamp())}"
        docket.jobs.submit(docket.session, f"{row.channel}_notice", key, str(docket.agency.id), str(notice))
        facts = (("notice", str(notice)),)
        docket.record(Event("retried", f"staff:{approver.staff}", case.reference, case.subject, facts))
    return case


def docket_notice(docket: Docket, notice: UUID) -> NoticeRow:
    """Return a notice of this agency.

    Raises:
        NoSuchCase: unknown, or another agency's.
    """
    row = Mailroom(docket.session, docket.agency.id).numbered(notice)
    if row is None or row.case is None:
        raise NoSuchCase("We cannot find that notice.")
    return row


def _mine(docket: Docket, approver: Approver, notice: UUID, case: Case | None) -> NoticeRow:
    require_role(approver, KEEPERS)
    row = docket_notice(docket, notice)
    about = docket.cases.numbered(row.case or notice)
    if case is not None and about.id != case.id:
        raise NoSuchCase("We cannot find that notice.")
    require_no_conflict(docket, approver, about)
    return row
