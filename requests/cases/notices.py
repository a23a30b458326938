"""Messages that must go out: entered and enqueued in the transaction of the case they tell of."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select, update

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.tables import NoticeRow


class Notice(StrEnum):
    """What a person is told."""

    RECEIPT = "RECEIPT"
    PROOF_NEEDED = "PROOF_NEEDED"
    EXPIRED = "EXPIRED"
    DUPLICATE = "DUPLICATE"
    QUESTION = "QUESTION"
    ANSWERED = "ANSWERED"
    APPROVED = "APPROVED"
    PARTIAL = "PARTIAL"
    DENIED = "DENIED"
    STOPPED = "STOPPED"
    READY = "READY"
    CORRECTED = "CORRECTED"
    ERASED = "ERASED"
    WITHDRAWN = "WITHDRAWN"
    REOPENED = "REOPENED"
    LATE = "LATE"
    BLOCKED = "BLOCKED"
    PACKAGE_ENDING = "PACKAGE_ENDING"


def tell(docket: Docket, case: Case, kind: Notice, now: datetime) -> None:
    """Enter a notice to the requester: a text, and a mail where there is an address."""
    for channel in ("text", "mail"):
        if docket.people.contacts(case.requester, channel):
            _enter(docket, case, kind, channel, now)


def _enter(docket: Docket, case: Case, kind: Notice, channel: str, now: datetime) -> None:
    notice = docket.fresh_id()
    docket.session.add(
        NoticeRow(
            id=notice,
            agency=docket.agency.id,
            case=case.id,
            person=case.requester,
            kind=kind,
            channel=channel,
            language=case.language,
            queued_at=now,
        )
    )
    docket.jobs.submit(docket.session, f"{channel}_notice", f"notice:{notice}", str(docket.agency.id), str(notice))


def take(docket: Docket, notice: UUID) -> NoticeRow | None:
    """Return a notice that has not been tried, marked as tried; nothing when it was: an unknown end is not resent."""
    done = docket.session.exec(
        update(NoticeRow)
        .where(col(NoticeRow.id) == notice, col(NoticeRow.agency) == docket.agency.id)
        .where(col(NoticeRow.state).in_(("waiting", "refused")))
        .values(state="tried")
    )
    if done.rowcount != 1:
        return None
    return docket.session.exec(select(NoticeRow).where(NoticeRow.id == notice)).one()


def settle(docket: Docket, notice: UUID, state: str, receipt: str, now: datetime) -> None:
    """Note what became of a notice: sent, refused or unknown, with the carrier's id."""
    docket.session.exec(
        update(NoticeRow)
        .where(col(NoticeRow.id) == notice, col(NoticeRow.agency) == docket.agency.id)
        .values(state=state, receipt=receipt[:64], sent_at=now)
    )
