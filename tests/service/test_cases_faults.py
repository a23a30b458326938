"""A fault while a request is filed leaves nothing behind."""

from pathlib import Path

import pytest
from cases_given import World, given_world
from sqlalchemy import event
from sqlmodel import Session

from rightsdesk.requests.cases.tables import CaseCountRow, CaseRow, ElementRow, NoticeRow
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.web.jobs import TableJobs
from rightsdesk.web.tables import JobRow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# A fault at any statement leaves nothing behind (F-35).


SETTLING = "pg_logical_emit_message"  # after the commit, to bring it to the disk: it stands by then


class PowerCut(RuntimeError):
    """The machine stopped."""


def statements_of_a_filing(world: World) -> int:
    seen: list[str] = []

    def count(_c: object, _k: object, statement: str, *_: object) -> None:
        if SETTLING not in statement:
            seen.append(statement)

    event.listen(world.storage.engine, "before_cursor_execute", count)
    world.file()
    event.remove(world.storage.engine, "before_cursor_execute", count)
    return len(seen)


def traces(world: World) -> list[int]:
    tables = (CaseRow, ElementRow, AuditEventRow, NoticeRow, JobRow, CaseCountRow)
    return [len(world.rows(table)) for table in tables]


def test_a_fault_at_any_statement_or_at_the_commit_leaves_neither_case_nor_event_nor_notice_nor_job(
    tmp_path: Path,
) -> None:
    world = given_world(tmp_path, queue=TableJobs("us"))
    engine = world.storage.engine
    (tmp_path / "twin").mkdir()
    last = statements_of_a_filing(given_world(tmp_path / "twin", queue=TableJobs("us")))
    assert last > 10
    for at in range(1, last + 1):
        left = at

        def stop(_c: object, _k: object, statement: str, *_: object) -> None:
            nonlocal left
            left -= SETTLING not in statement
            if left == 0 and SETTLING not in statement:
                raise PowerCut(statement)

        event.listen(engine, "before_cursor_execute", stop)
        with pytest.raises(PowerCut):
            world.file()
        event.remove(engine, "before_cursor_execute", stop)
        assert traces(world) == [0] * 6, f"statement {at}"

    def cut(_session: Session) -> None:
        raise PowerCut

    event.listen(Session, "before_commit", cut)
    with pytest.raises(PowerCut):
        world.file()
    event.remove(Session, "before_commit", cut)
    assert traces(world) == [0] * 6
    world.file()
    assert traces(world) == [1, 1, 1, 2, 2, 2]
