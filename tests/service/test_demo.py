"""The demo's story plays to its end: ``make run`` begins with it."""

from pathlib import Path
from typing import Final

import pytest
from given import Clock, given_settings
from sqlmodel import col, func, select

from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.web import casework, schema
from rightsdesk.web.app import wire
from rightsdesk.web.demo.command import _seeded

pytestmark = pytest.mark.files

BROUGHT_BY_TIME: Final = {State.FULFILLED, State.PARTLY_APPROVED, State.EXPIRED_UNVERIFIED}


def test_the_demo_shows_fifty_requests_in_every_state(data_folder: Path) -> None:
    portal = wire(given_settings(data_folder), Clock())
    schema.migrate(portal.storage.engine)
    staff = _seeded(portal, data_folder)
    casework.look_again(portal, ())  # what time brings must leave them to be seen
    with portal.storage.read() as tx:
        stand = dict(tx.exec(select(CaseRow.state, func.count(col(CaseRow.id))).group_by(CaseRow.state)).all())
    assert sum(stand.values()) == 50
    assert set(stand) >= set(State) - BROUGHT_BY_TIME
    assert [one.role for one in staff].count("approver") >= 2
