"""The chain of entries: gapless under parallel writers, one for each agency."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from ledger_books_given import ENTRIES, Books, open_books
from ledger_given import AGENCY, NOON, OTHER_AGENCY, main_engine
from sqlmodel import Session, select

from rightsdesk.requests.ledger.audit import Event, Kind, Ledger
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.tables import AuditHeadRow
from rightsdesk.requests.ledger.verify import Verdict


@pytest.fixture
def books(data_folder: Path) -> Iterator[Books]:
    yield from open_books(data_folder)


def test_parallel_writers_leave_no_gap(books: Books) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: books.write(3), range(40)))
    assert books.verdict() == Verdict(ENTRIES + 120, ok=True, first_bad=None, why="")


def test_the_first_entries_of_an_agency_may_come_at_once(data_folder: Path) -> None:
    engine = main_engine(data_folder)
    books = Books(engine, Checkpoints(data_folder / "checkpoints", Signer.new()))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: books.write(1), range(16)))
    assert books.verdict().entries == 16
    assert books.verdict().ok
    engine.dispose()


def test_a_transaction_that_is_rolled_back_leaves_no_entry(books: Books) -> None:
    with Session(books.engine) as session:
        Ledger(session, AGENCY, NOON)(Event(Kind.FILED, "system"))
        session.rollback()
    books.write(1)
    assert books.verdict() == Verdict(ENTRIES + 1, ok=True, first_bad=None, why="")


def test_each_agency_has_its_own_chain(books: Books) -> None:
    with Session(books.engine) as session:
        ledger = Ledger(session, OTHER_AGENCY, NOON)
        ledger(Event(Kind.FILED, "system"))
        session.commit()
        assert ledger.head is not None
        assert ledger.head.seq == 1
        assert len(session.exec(select(AuditHeadRow)).all()) == 2
    assert books.verdict().ok


def test_a_twin_of_the_event_is_checked_too(books: Books) -> None:
    @dataclass(frozen=True)
    class Twin:
        kind: str = "code_sent"
        actor: str = "system"
        case: str = ""
        subject: None = None
        facts: tuple[tuple[str, str], ...] = (("to", "Maria"),)

    with Session(books.engine) as session, pytest.raises(ValueError, match="fact"):
        Ledger(session, AGENCY, NOON)(Twin())
