"""Messages that must go out: entered and enqueued in the transaction of the case they tell of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable, bindparam, insert
from sqlalchemy import select as columns_of
from sqlmodel import col, select, update

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import KeyGone

CHANNELS: Final = ("text", "mail")
PAPER: Final = "paper"
TO_PRINT: Final = "to_print"
UNKNOWN: Final = "unknown"
_AGAIN: Final = "again"  # the mark of a mail that was begun a second time
_ADDRESSED: Final = "addressed"  # entered, with its address in it, and not let go yet
_SCOPE: Final = "notice"
_ENTER: Final = insert(NoticeRow)
_ROW: Final = tuple(col(getattr(NoticeRow, name)) for name in NoticeRow.model_fields)
_MINE: Final = (col(NoticeRow.id) == bindparam("b_notice"), col(NoticeRow.agency) == bindparam("b_agency"))
_ONE: Final = columns_of(*_ROW).where(*_MINE)
_TAKE: Final = (
    update(NoticeRow)
    .where(*_MINE, col(NoticeRow.state).in_(("waiting", "refused")))
    .values(state="tried")
    .returning(*_ROW)
)
_TAKE_AGAIN: Final = (
    update(NoticeRow)
    .where(*_MINE, col(NoticeRow.state) == "tried", col(NoticeRow.receipt) != _AGAIN)
    .values(receipt=_AGAIN)
    .returning(*_ROW)
)
_SETTLE: Final = (
    update(NoticeRow)
    .where(*_MINE)
    .values(state=bindparam("b_state"), receipt=bindparam("b_receipt"), sent_at=bindparam("b_at"))
    .returning(*_ROW)
)
_OWN_ADDRESSES: Final = (
    columns_of(col(NoticeRow.id))
    .where(col(NoticeRow.agency) == bindparam("agency"), col(NoticeRow.id).in_(bindparam("among", expanding=True)))
    .where(col(NoticeRow.address).is_not(None))
)


def tell(docket: Docket, case: Case, kind: NoticeKind, now: datetime) -> None:
    """Enter a notice to the requester: a text, a mail where there is an address, and paper where there is neither."""
    if not _release(docket, case, kind):
        tell_first(docket, case, kind, docket.people.channels(case.requester), now)


def tell_first(docket: Docket, case: Case, kind: NoticeKind, reached: frozenset[str], now: datetime) -> None:
    """Enter the notice of a new case, which has none with an address yet; ``reached`` is where the person can be."""
    channels = [channel for channel in CHANNELS if channel in reached]
    entered = [_notice(docket, case, kind, channel, now) for channel in channels or (PAPER,)]
    run(docket.session, _ENTER, [{**one, "state": "waiting" if channels else TO_PRINT} for one in entered])
    for one in entered if channels else ():
        _submit(docket, one["id"], one["channel"])


def address(docket: Docket, case: Case, kind: NoticeKind, now: datetime) -> None:
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


def _release(docket: Docket, case: Case, kind: NoticeKind) -> bool:
    """Let go what ``address`` entered, and say whether there was anything."""
    mine = select(NoticeRow).where(NoticeRow.agency == docket.agency.id, NoticeRow.case == case.id)
    waiting = docket.session.exec(mine.where(NoticeRow.kind == kind, NoticeRow.state == _ADDRESSED)).all()
    for notice in waiting:
        notice.state = "waiting"
        docket.session.add(notice)
        _submit(docket, notice.id, notice.channel)
    return bool(waiting)


def _notice(docket: Docket, case: Case, kind: NoticeKind, channel: str, now: datetime) -> dict[str, Any]:
    return {
        "id": docket.fresh_id(),
        "agency": docket.agency.id,
        "case": case.id,
        "person": case.requester,
        "kind": kind,
        "channel": channel,
        "language": case.language,
        "queued_at": now,
    }


def _enter(docket: Docket, case: Case, kind: NoticeKind, channel: str, now: datetime) -> NoticeRow:
    notice = NoticeRow(**_notice(docket, case, kind, channel, now))
    docket.session.add(notice)
    return notice


def _submit(docket: Docket, notice: UUID, channel: str) -> None:
    docket.jobs.submit(docket.session, f"{channel}_notice", f"notice:{notice}", str(docket.agency.id), str(notice))


def take(docket: Docket, notice: UUID) -> NoticeRow | None:
    """Return a notice that has not been tried, marked as tried; nothing when it was: an unknown end is not resent."""
    return _row(docket, notice, _TAKE)


def take_mail(docket: Docket, notice: UUID) -> NoticeRow | None:
    """Return a mail that may be sent, marked as tried; one whose end nobody knows too, once: twice is harmless."""
    return take(docket, notice) or _row(docket, notice, _TAKE_AGAIN)


def give_up(docket: Docket, notice: UUID, now: datetime) -> None:
    """Note of a notice that an earlier run left in the middle that nobody knows whether it arrived."""
    wanted = select(NoticeRow.id).where(NoticeRow.id == notice, NoticeRow.agency == docket.agency.id)
    if docket.session.exec(wanted.where(NoticeRow.state == "tried")).first() is not None:
        settle(docket, notice, UNKNOWN, "", now)


def _row(docket: Docket, notice: UUID, wanted: Executable, **bound: object) -> NoticeRow | None:
    """Return what a statement above gives of a notice; a copy, which the session knows nothing of."""
    row = run(docket.session, wanted, {"b_notice": notice, "b_agency": docket.agency.id, **bound}).one_or_none()
    return None if row is None else NoticeRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def settle(docket: Docket, notice: UUID, state: str, receipt: str, now: datetime) -> None:
    """Note what became of a notice: sent, refused or unknown, with the carrier's id.

    Its own address, where it has one, is forgotten for good unless it may be tried again.
    """
    settled = _row(docket, notice, _SETTLE, b_state=state, b_receipt=receipt[:64], b_at=now)
    if settled is not None:
        noted(docket, settled, "system")
    if state not in {"refused", UNKNOWN}:
        forget_addresses(docket, [notice])


def noted(docket: Docket, notice: NoticeRow, actor: str) -> None:
    """Record what became of a notice, in ids and codes."""
    if notice.case is None:
        return
    reference, subject = docket.cases.told_of(notice.case)
    kind = "notice_sent" if notice.state == "sent" else "notice_failed"
    facts = (("notice", str(notice.id)), ("channel", notice.channel), ("end", notice.state))
    docket.record(Event(kind, actor, reference, subject, facts))


def fall_back(docket: Docket, notice: UUID, now: datetime) -> None:
    """Enter a notice that was refused for good on paper, unless it also goes another way."""
    gone = _row(docket, notice, _ONE)
    if gone is None:
        return
    others = select(NoticeRow.id).where(NoticeRow.agency == docket.agency.id, NoticeRow.case == gone.case)
    others = others.where(NoticeRow.kind == gone.kind, NoticeRow.channel != gone.channel)
    if gone.case is None or docket.session.exec(others).first() is not None:
        return
    _enter(docket, docket.cases.numbered(gone.case), NoticeKind(gone.kind), PAPER, now).state = TO_PRINT
    docket.session.flush()


def forget_addresses(docket: Docket, among: Sequence[UUID]) -> int:
    """Destroy the addresses that stand in these notices themselves, and return how many there were."""
    bound = {"agency": docket.agency.id, "among": list(among)}
    found = run(docket.session, _OWN_ADDRESSES, bound).scalars().all()
    if found:
        docket.session.exec(update(NoticeRow).where(col(NoticeRow.id).in_(found)).values(address=None))
        docket.vault.destroy_many(found, _SCOPE)
    return len(found)


def _place(notice: NoticeRow) -> str:
    return f"notices:{notice.id}:address"
