"""Every statement about messages that the carrier took, for one agency, and about the words it passed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, func, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col

from rightsdesk.verification.delivery.reports import Delivered, Report, before, is_reported
from rightsdesk.verification.delivery.tables import MessageRow, ReplyRow
from rightsdesk.verification.dialects import insert_into
from rightsdesk.verification.sms.port import RefusedClass, TextKind

KEPT: Final = timedelta(days=30)  # a report comes within four days; STOP may come weeks after the text
REPLIES_KEPT: Final = timedelta(days=400)
_TOLD: Final = (col(MessageRow.kind), col(MessageRow.contact), col(MessageRow.about), col(MessageRow.number))


@dataclass(frozen=True, slots=True)
class Told:
    """Which message a report moved on: its kind, where it went, and the notice it carried."""

    kind: TextKind
    contact: UUID | None
    about: UUID | None
    number: str


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of one agency by the carrier's ids."""

    session: Session
    agency: UUID

    def note(self, row: MessageRow) -> None:
        """Remember a message the carrier took; ids of senders that report nothing are left out."""
        if is_reported(row.sid):
            wanted = insert_into(self.session, MessageRow).values(row.model_dump()).on_conflict_do_nothing()
            self.session.connection().execute(wanted)

    def move(self, report: Report, reason: str, now: datetime) -> Told | None:
        """Move a message on to what was reported; None when it is there or further already, or is not ours."""
        moved = (
            update(MessageRow)
            .where(col(MessageRow.sid) == report.sid, col(MessageRow.agency) == self.agency)
            .where(col(MessageRow.state).in_(before(report.state)))
            .values(state=report.state, reason=reason, reported_at=now)
            .returning(*_TOLD)
        )
        row = self.session.connection().execute(moved).one_or_none()
        return _told(row) if row else None

    def unreached(self, contact: UUID, since: datetime) -> int:
        """Return how many messages since then did not reach the phone of a contact point."""
        wanted = columns_of(func.count()).where(
            col(MessageRow.agency) == self.agency,
            col(MessageRow.contact) == contact,
            col(MessageRow.sent_at) > since,
            col(MessageRow.state).in_((Delivered.UNDELIVERED, Delivered.FAILED)),
            col(MessageRow.reason) == RefusedClass.UNREACHABLE,
        )
        return int(self.session.connection().execute(wanted).scalar_one())

    def sent_to(self, numbers: Sequence[str]) -> bool:
        """Say whether this agency sent anything to a number in the last 30 days."""
        mine = (col(MessageRow.agency) == self.agency, col(MessageRow.number).in_(numbers))
        wanted = columns_of(col(MessageRow.sid)).where(*mine).limit(1)
        return self.session.connection().execute(wanted).first() is not None

    def sweep(self, now: datetime) -> int:
        """Remove what is older than 30 days; return how many."""
        old = delete(MessageRow).where(col(MessageRow.agency) == self.agency, col(MessageRow.sent_at) <= now - KEPT)
        return self.session.exec(old.execution_options(synchronize_session=False)).rowcount


def owner_of(session: Session, sid: str) -> UUID | None:
    """Return whose message this is: the carrier's report names the message alone."""
    wanted = columns_of(col(MessageRow.agency)).where(col(MessageRow.sid) == sid)
    return session.connection().execute(wanted).scalar()


def take_reply(session: Session, sid: str, now: datetime) -> bool:
    """Remember a STOP or START; false when it was here before. Those of more than a year ago are forgotten."""
    session.connection().execute(delete(ReplyRow).where(col(ReplyRow.at) <= now - REPLIES_KEPT))
    wanted = insert_into(session, ReplyRow).values(sid=sid, at=now).on_conflict_do_nothing()
    return session.connection().execute(wanted.returning(col(ReplyRow.sid))).first() is not None


def _told(row: Row[*tuple[Any, ...]]) -> Told:
    return Told(TextKind(row.kind), row.contact, row.about, row.number)
