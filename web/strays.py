"""Jobs of another region in this region's queue, after a wrong restore or a hand in the database: never done here."""

import json
from contextlib import suppress
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session, col

from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.web.jobs import db_now
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow

AT_ONCE: Final = 1000
_NOBODY: Final = UUID(int=0)  # a text code names its challenge, and no agency


def turn_back(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - a duty carries no ids
    """Note each agency whose jobs are another region's, and give the jobs up; nobody else's work waits for it."""
    region = portal.settings.region
    with portal.storage.read() as tx:
        found = _strays(tx, region)
    for _, owner, agency in found:
        portal.turn_away("job", OtherRegion(agency, owner))
    if found:
        with portal.storage.write() as tx:
            ours = [number for number, _, _ in found]
            given_up = {"dead_at": db_now(), "error": OtherRegion.__name__, "lease_until": None}
            tx.connection().execute(update(JobRow).where(col(JobRow.id).in_(ours)).values(**given_up))


def _strays(tx: Session, region: str) -> list[tuple[int, str, UUID]]:
    wanted = select(col(JobRow.id), col(JobRow.region), col(JobRow.ids)).where(
        col(JobRow.done_at).is_(None), col(JobRow.dead_at).is_(None), col(JobRow.region) != region
    )
    rows = tx.connection().execute(wanted.order_by(col(JobRow.id)).limit(AT_ONCE))
    return [(number or 0, owner, _agency(json.loads(ids))) for number, owner, ids in rows]


def _agency(ids: list[str]) -> UUID:
    with suppress(ValueError):
        return UUID(ids[0]) if ids and "-" in ids[0] else _NOBODY
    return _NOBODY
