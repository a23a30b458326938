"""The SQL that finds the cases whose time has come, so that none that cannot move keeps the others waiting."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.requests.people.tables import PersonRow


def leaving(agency: UUID, now: datetime) -> SelectOfScalar[UUID]:
    """Return the query for answers whose hold is over, oldest first.

    A grant about a frozen student cannot leave: found each time, enough of them would fill every look at the table.
    """
    frozen = exists().where(col(PersonRow.id) == col(CaseRow.subject), col(PersonRow.frozen_at).is_not(None))
    wanted = select(CaseRow.id).where(
        CaseRow.agency == agency, col(CaseRow.effective_at) <= now, col(CaseRow.took_effect_at).is_(None)
    )
    return wanted.where((col(CaseRow.state) == State.DENIED) | ~frozen).order_by(col(CaseRow.effective_at))


def erasing(agency: UUID, now: datetime) -> SelectOfScalar[UUID]:
    """Return the query for erasures whose waiting is over, oldest first, held back or not."""
    wanted = select(CaseRow.id).where(
        CaseRow.agency == agency, CaseRow.state == State.FULFILLING, col(CaseRow.is_open), col(CaseRow.erase_at) <= now
    )
    return wanted.order_by(col(CaseRow.erase_at))
