"""Messages that must go out: entered and enqueued in the transaction of the case they tell of."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import col, select, update

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.ledger.errors import KeyGone

CHANNELS: Final = ("text", "mail")
_ADDRESSED: Final = "addressed"  # entered, with its address in it, and not let go yet
_SCOPE: Final = "notice"


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
    if _release(docket, case, kind):
        return
    for channel in CHANNELS:
        if docket.people.contacts(case.requester, channel):
            _submit(docket, _enter(docket, case, kind, channel, now), channel)


def address(docket: Docket, case: Case, kind: Notice, now: datetime) -> None:
    """Enter a notice that ``tell`` lets go later, each with its address in it: the record is about to lose them.

    An address lies under a key of its own, which ``settle`` destroys once the notice has gone.
    """
    for channel in CHANNELS:
        points = docket.people.contacts(case.requester, channel)
        if points:
            notice = _enter(docket, case, kind, channel, now)
            notice.state = _ADDRESSED
            notice.address = docket.vault.seal(notice.id, _SCOPE, _place(notice), points[0][1])
    docket.session.flush()


def addressed_to(docket: Docket, notice: NoticeRow) -> str:
    """Return the number or address a notice goes to: its own, else the newest on record; nothing when there is none."""
    if notice.address is not None:
        try:
            return docket.vault.unseal(notice.id, _SCOPE, _place(notice), notice.address)
        except KeyGone:  # it went out before
            return ""
    points = docket.people.contacts(notice.person, notice.channel)
    return points[0][1] if points else ""


def _release(docket: Docket, case: Case, kind: Notice) -> bool:
    """Let go what ``address`` entered, and say whether there was anything."""
    mine = select(NoticeRow).where(NoticeRow.agency == docket.agency.id, NoticeRow.case == case.id)
    waiting = docket.session.exec(mine.where(NoticeRow.kind == kind, NoticeRow.state == _ADDRESSED)).all()
    for notice in waiting:
        notice.state = "waiting"
        docket.session.add(notice)
        _submit(docket, notice, notice.channel)
    return bool(waiting)


def _enter(docket: Docket, case: Case, kind: Notice, channel: str, now: datetime) -> NoticeRow:
    notice = NoticeRow(
        id=docket.fresh_id(),
        agency=docket.agency.id,
        case=case.id,
        person=case.requester,
        kind=kind,
        channel=channel,
        language=case.language,
        queued_at=now,
    )
    docket.session.add(notice)
    return notice


def _submit(docket: Docket, notice: NoticeRow, channel: str) -> None:
    ids = (str(docket.agency.id), str(notice.id))
    docket.jobs.submit(docket.session, f"{channel}_notice", f"notice:{notice.id}", *ids)


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
    """Note what became of a notice: sent, refused or unknown, with the carrier's id.

    Its own address, where it has one, is forgotten for good unless it may be tried again.
    """
    mine = update(NoticeRow).where(col(NoticeRow.id) == notice, col(NoticeRow.agency) == docket.agency.id)
    docket.session.exec(mine.values(state=state, receipt=receipt[:64], sent_at=now))
    if state != "refused":
        forget_addresses(docket, [notice])


def forget_addresses(docket: Docket, among: Sequence[UUID]) -> int:
    """Destroy the addresses that stand in these notices themselves, and return how many there were."""
    own = select(NoticeRow.id).where(NoticeRow.agency == docket.agency.id, col(NoticeRow.id).in_(among))
    found = docket.session.exec(own.where(col(NoticeRow.address).is_not(None))).all()
    if found:
        docket.session.exec(update(NoticeRow).where(col(NoticeRow.id).in_(found)).values(address=None))
        docket.vault.destroy_many(found, _SCOPE)
    return len(found)


def _place(notice: NoticeRow) -> str:
    return f"notices:{notice.id}:address"
