"""Codes that left, written down as the worker of any process would, and work that waits for one."""

from datetime import datetime
from typing import Final
from uuid import UUID

from given import MARIGOLD
from sqlalchemy import Engine
from sqlmodel import Session

from rightsdesk.verification.sms.tables import SendState, TextSendRow
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.jobs import Queue
from rightsdesk.web.portal import Portal

CENT: Final = 10_000  # millionths


def left(
    engine: Engine, count: int, at: datetime, cost: int = 0, answered: int = 0, agency: UUID = MARIGOLD.id
) -> None:
    """Write down that so many codes left then, each at this cost; the first ``answered`` of them came back."""
    with Session(engine) as tx:
        for n in range(count):
            row = TextSendRow(
                challenge=f"{agency.hex[:4]}{at:%d%H%M%S}{n}", counter=1, agency=agency, person=UUID(int=n + 50),
                contact=UUID(int=1), number=f"n{n}", prefix=f"p{n}", cost=cost, state=SendState.ACCEPTED,
                attempted_at=at, answered_at=at if n < answered else None,
            )  # fmt: skip
            tx.add(row)
        tx.commit()


def work(portal: Portal, kind: str, *more: str) -> int:
    """Do every job of these kinds that waits, once, as a worker does; return how many there were."""
    kinds, done = {kind, *more}, 0
    for texts in ("only", "without"):
        with portal.storage.write() as tx:
            claimed = Queue(tx, "test").claim(1000, texts=texts)
        for job in (one for one in claimed if one.kind in kinds):
            EFFECTS[job.kind](portal, job.ids)
            done += 1
            with portal.storage.write() as tx:
                Queue(tx, "test").finish(job)
    return done
