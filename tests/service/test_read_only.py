"""A disk that lets nobody write: told in words, nothing lost, and over as soon as the disk is writable again."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from family_given import Phone, field_value, given_families, given_phone
from sqlalchemy import event
from sqlmodel import func, select

from rightsdesk.requests.cases.tables import CaseRow, NoticeRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow

pytestmark = pytest.mark.files

BY_HALF = "Nothing was done by half"


@contextmanager
def read_only(portal: Portal) -> Iterator[None]:
    """Let each database be opened as SQLite opens a file on a disk that is mounted to be read: it cannot be written."""

    def opened(_dialect: object, _record: object, given: Any, named: dict[str, Any]) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{given[0]}?mode=ro", uri=True, **named)

    engines = (portal.storage.engine, portal.storage.keys)
    for engine in engines:
        engine.dispose()
        event.listen(engine, "do_connect", opened)
    try:
        yield
    finally:
        for engine in engines:  # the pools keep the connections that were opened meanwhile
            event.remove(engine, "do_connect", opened)


def counted(portal: Portal) -> list[int]:
    with portal.storage.read() as tx:
        return [tx.exec(select(func.count()).select_from(table)).one() for table in (CaseRow, NoticeRow, JobRow)]


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_families(tmp_path)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    phone = given_phone(portal)
    phone.prove("(212) 555-0142")
    return phone


def test_a_request_sent_to_a_disk_that_is_only_read_is_told_so_and_works_when_it_can_be_written_again(
    portal: Portal, elena: Phone
) -> None:
    once = field_value(elena.send("/marigold/ask", {"kind": "access"}), "once")
    before = counted(portal)
    with read_only(portal):
        for _ in range(3):
            assert BY_HALF in elena.send("/marigold/check", {"once": once})
            assert elena.status == 503
        elena.open("/marigold/requests")
        assert elena.status == 200
        assert counted(portal) == before
    pressed = [elena.send("/marigold/check", {"once": once}) for _ in range(3)]  # the first may meet an old connection
    assert "Request sent" in pressed[-1]
    assert counted(portal)[0] == 1


def test_a_code_asked_for_while_nothing_can_be_written_is_refused_in_words(portal: Portal) -> None:
    phone = given_phone(portal)
    with read_only(portal):
        assert BY_HALF in phone.send("/marigold/phone", {"phone": "(212) 555-0143"})
        assert phone.status == 503
    for _ in range(3):
        phone.send("/marigold/phone", {"phone": "(212) 555-0143"})
    assert (phone.status, phone.path) == (200, "/marigold/code")
