"""What an import asks a server is planned by what is staged, also while the server's own cleaning holds a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from roster_given import CHILD, FAMILY, Desk, a_desk
from sqlalchemy import Engine, event, text
from sqlmodel import Session, SQLModel

from rightsdesk.requests.ledger.dialects import count_anew
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.merging.store import Merging
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.tables import StagedClaimRow

CLAIMS = SQLModel.metadata.tables["roster_staged_claims"]
RUN = UUID(int=8)
MANY = 300
CROWD = tuple(replace(CHILD, sourced_id=f"s-{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(30))
PLANNED_FOR = "SELECT reltuples FROM pg_class WHERE oid = 'roster_staged_claims'::regclass"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'roster_staged_claims'::regclass"
PATIENCE = 20.0  # seconds for a thread to come to where it waits


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    return a_desk(data_folder)


def claim(tx: Session, many: int, run: UUID = RUN) -> None:
    """Stage claims: each but the first two of another record is of something else."""
    tx.add_all(StagedClaimRow(run=run, source_key=f"k:{n}", value=f"v:{max(n, 1)}") for n in range(many))
    tx.flush()


@contextmanager
def cleaned(engine: Engine) -> Iterator[None]:
    """Hold the table as the server does that cleans it, until the block ends."""
    with engine.connect() as cleaning:
        cleaning.execute(text("LOCK TABLE roster_staged_claims IN SHARE UPDATE EXCLUSIVE MODE"))
        yield
        cleaning.rollback()


def asked(desk: Desk, question: str) -> float:
    with desk.engine.connect() as looking:
        return float(looking.execute(text(question)).scalar_one())


def test_claims_are_never_paired_with_each_other(desk: Desk) -> None:
    told: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *called: told.append(called[2]))
    scope = Scope(UUID(int=1), UUID(int=2), RUN, desk.now, is_first=True, has_people=True, keeps_everybody=False)
    with desk.begin() as tx:
        claim(tx, 4)
        claim(tx, 4, UUID(int=9))
        told.clear()
        assert Merging(tx, scope).rivals() == [("v:1", "k:0"), ("v:1", "k:1")]
    assert [one.count("roster_staged_claims \n") for one in told] == [1, 1]


@pytest.mark.server
def test_who_takes_stock_waits_for_the_servers_own_cleaning(desk: Desk) -> None:
    done = Event()

    def take_stock() -> None:
        with desk.begin() as tx:
            claim(tx, MANY)
            count_anew(tx, CLAIMS)
        done.set()

    counting = Thread(target=take_stock)
    with cleaned(desk.engine):
        counting.start()
        pause = Event()
        for _ in range(int(PATIENCE / 0.05)):
            if asked(desk, WAITING) or done.is_set():
                break
            pause.wait(0.05)
        assert not done.is_set(), "the table was passed over"
    counting.join(PATIENCE)
    assert asked(desk, PLANNED_FOR) == MANY


@pytest.mark.server
def test_a_table_that_is_held_for_long_ends_no_import(desk: Desk) -> None:
    with cleaned(desk.engine):
        with desk.begin() as tx:
            tx.execute(text("SET LOCAL lock_timeout = 50"))
            claim(tx, MANY)
            count_anew(tx, CLAIMS)
        assert asked(desk, "SELECT count(*) FROM roster_staged_claims") == MANY


@pytest.mark.server
def test_stock_is_taken_of_a_roster_before_it_is_compared(desk: Desk) -> None:
    told: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *called: told.append(called[2]))
    assert desk.import_members(*FAMILY, *CROWD).state is State.APPLIED
    order = [one for one in told if "ANALYZE" in one or "HAVING" in one]
    compared = next(at for at, one in enumerate(order) if "HAVING" in one)
    assert "ANALYZE roster_staged_claims" in order[:compared]
    assert "ANALYZE roster_staged_links" in order[compared:]
