"""What the wired portal tells about itself, and what follows a commit."""

from asyncio import get_running_loop
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter
from durable_given import submit
from given import MARIGOLD, NOON, Clock, given_agency, given_browser, given_portal, given_settings
from jinja2 import UndefinedError
from screens_given import SCREENS
from sqlalchemy.exc import IntegrityError

from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.errors import KeyFileMissing
from rightsdesk.requests.ledger.keyfile import MasterKey
from rightsdesk.web import words
from rightsdesk.web.app import create_app, wire
from rightsdesk.web.health import checked
from rightsdesk.web.jobs import Queue
from rightsdesk.web.pages import Pages, clock, day, moment, short_day
from rightsdesk.web.portal import Portal


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_portal(tmp_path, Clock())


def test_it_is_ready_when_a_worker_lives_and_says_what_is_missing_when_not(portal: Portal) -> None:
    visitor = given_browser(portal, SCREENS)
    assert visitor.get("/health/live").json() == {"status": "ok"}
    silent = visitor.get("/health/ready")
    assert (silent.status_code, silent.json()["database"]) == (503, "ok")
    assert "worker" in silent.json()["worker"]
    with portal.storage.write() as tx:
        Queue(tx, "w").beat()
    assert visitor.get("/health/ready").status_code == 200


def test_it_is_not_ready_while_jobs_wait_too_long_and_what_is_being_done_does_not_wait(portal: Portal) -> None:
    visitor = given_browser(portal, SCREENS)
    submit(portal, "quick", "one")
    with portal.storage.write() as tx:
        Queue(tx, "w").beat()
        tx.connection().exec_driver_sql("UPDATE jobs SET run_at = run_at - 1000")
    stuck = visitor.get("/health/ready")
    assert (stuck.status_code, stuck.json()["backlog"]) == (503, "the oldest job waits for more than 15 minutes")
    assert 1000 <= stuck.json()["oldest_job_seconds"] < 1100
    with portal.storage.write() as tx:
        Queue(tx, "w").claim(1)
    assert visitor.get("/health/ready").json()["oldest_job_seconds"] == 0


def test_it_is_not_ready_while_the_master_key_does_not_open_the_keys(portal: Portal) -> None:
    portal.vault.store.keysets(MARIGOLD.id)
    other = replace(portal, vault=replace(portal.vault, store=replace(portal.vault.store, master=another_master())))
    assert checked(portal)[0]["keys"] == "ok"
    assert checked(other)[0]["keys"] == "the master key does not open them"


def another_master() -> MasterKey:
    return keyfile.from_text(keyfile.Keys.new().to_text())


def test_it_lives_also_while_every_thread_waits(portal: Portal) -> None:
    with given_browser(portal, SCREENS) as visitor:
        assert visitor.portal is not None
        waiting = visitor.portal.call(no_thread_is_free)
        assert visitor.get("/health/live").status_code == 200
        assert waiting.borrowed_tokens == 1


async def no_thread_is_free() -> CapacityLimiter:
    """Return what counts the threads, all taken for two seconds."""
    limiter, page = current_default_thread_limiter(), "a page that waits for the database"
    limiter.total_tokens = 1
    await limiter.acquire_on_behalf_of(page)
    get_running_loop().call_later(2.0, limiter.release_on_behalf_of, page)
    return limiter


def test_a_lost_database_is_told_and_what_cannot_be_known_without_it(portal: Portal) -> None:
    visitor = given_browser(portal, SCREENS)
    with portal.storage.engine.begin() as tx:
        tx.exec_driver_sql("DROP TABLE workers")
    answer = visitor.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["database"] == "cannot be read"
    assert answer.json()["worker"] == answer.json()["backlog"] == "unknown: the database cannot be read"


def test_the_files_of_the_portal_are_its_owners_only(portal: Portal, tmp_path: Path) -> None:
    given_agency(portal)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix in {"", ".sqlite3", ".keys"}]
    assert files
    assert [path.name for path in files if path.stat().st_mode & 0o077] == []


def test_each_commit_notes_the_ledgers_end_outside_the_database(portal: Portal) -> None:
    with portal.storage.write() as tx:
        portal.ledger(tx, MARIGOLD.id, NOON)(Event("filed", "system"))
        assert portal.checkpoints.head(MARIGOLD.id) is None
    head = portal.checkpoints.head(MARIGOLD.id)
    assert head is not None
    assert head.seq == 1


def test_what_is_undone_notes_nothing(portal: Portal) -> None:
    with pytest.raises(ZeroDivisionError):
        _record_and_fail(portal)
    assert portal.checkpoints.head(MARIGOLD.id) is None


def _record_and_fail(portal: Portal) -> None:
    with portal.storage.write() as tx:
        portal.ledger(tx, MARIGOLD.id, NOON)(Event("filed", "system"))
        raise ZeroDivisionError


def test_a_checkpoint_that_cannot_be_written_does_not_undo_what_was_done(
    portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    portal.checkpoints.folder.write_text("a file where the folder should be")
    given_agency(portal)
    with portal.storage.write() as tx:
        portal.ledger(tx, MARIGOLD.id, NOON)(Event("filed", "system"))
    assert "checkpoint not kept" in caplog.text


def test_a_missing_key_file_is_not_replaced_when_a_database_needs_it(portal: Portal, tmp_path: Path) -> None:
    portal.storage.close()
    (tmp_path / "rightsdesk.keys").unlink()
    with pytest.raises(KeyFileMissing):
        wire(given_settings(tmp_path))


def test_the_app_starts_its_worker_and_stops_it(tmp_path: Path) -> None:
    given_portal(tmp_path).storage.close()
    app = create_app(replace(given_settings(tmp_path), embedded=True))
    with given_browser(app.state.portal, SCREENS) as visitor:
        assert visitor.get("/health/live").status_code == 200


def test_dates_are_written_as_families_read_them() -> None:
    assert day(date(2027, 1, 7), "en") == "January 7, 2027"
    assert day(date(2027, 1, 7), "es") == "7 de enero de 2027"
    assert short_day(date(2026, 11, 20), "en") == "Nov 20, 2026"
    at = NOON.replace(hour=23, minute=26)
    assert clock(at, "America/Los_Angeles", "en") == "3:26 pm"
    assert moment(at, "America/Los_Angeles", "en") == "Monday, November 23, 2026, 3:26 pm Pacific time"
    assert moment(at, "America/Los_Angeles", "es").startswith("lunes, 23 de noviembre de 2026, 3:26 pm")


def test_a_name_no_handler_gave_is_an_error_and_markup_in_a_value_is_text(portal: Portal, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "icons.html").write_text("{% macro icon(n) %}{{ n }}{% endmacro %}")
    (folder / "a.html").write_text("{% block one %}<b>{{ name }}</b>{% endblock %}")
    pages = Pages(portal.pages.assets, folder)
    assert pages.render("a.html", "en", {"name": "<i>"}) == "<b>&lt;i&gt;</b>"
    assert pages.render("a.html", "en", {"name": "x"}, "one") == "<b>x</b>"
    with pytest.raises(UndefinedError):
        pages.render("a.html", "en", {})


@pytest.mark.parametrize(
    ("choices", "accepts", "language"),
    [
        (("es",), "", "es"),
        (("xx", "es"), "en", "es"),
        ((), "fr-CA, es-419;q=0.9, en;q=0.1", "es"),
        ((), "en;q=0.2, es;q=0.8", "es"),
        ((), "es;q=0", "en"),
        ((), "nonsense;;q=,", "en"),
        ((), "", "en"),
    ],
)
def test_the_language_is_the_first_one_we_speak(choices: tuple[str, ...], accepts: str, language: str) -> None:
    assert words.wanted(*choices, accepts=accepts) == language


def test_writing_from_right_to_left_is_known() -> None:
    assert (words.direction("ar"), words.direction("es")) == ("rtl", "ltr")


def test_a_commit_that_failed_leaves_the_connection_fit_for_the_next_piece_of_work(portal: Portal) -> None:
    late = "CREATE TABLE child (parent INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)"
    with portal.storage.write() as tx:
        tx.connection().exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        tx.connection().exec_driver_sql(late)
    for _ in range(3):
        with pytest.raises(IntegrityError), portal.storage.write() as tx:
            tx.connection().exec_driver_sql("INSERT INTO child VALUES (9)")
    with portal.storage.write() as tx:
        assert tx.connection().exec_driver_sql("SELECT count(*) FROM child").scalar_one() == 0
