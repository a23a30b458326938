"""Whoever watches the portal sees how it fares, and nobody of whom it keeps anything."""

import logging
import socket
import urllib.request
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import pytest
import typer
from durable_given import QUICK, given_worker, make_ledger, submit
from family_given import fix, given_families, given_phone, wait
from given import MARIGOLD, Clock, given_agency, given_browser, given_portal, given_settings
from metering_given import counting, figures, scraped
from screens_given import SCREENS
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.verification.sms.port import Refused, RefusedClass, Sent, Text
from rightsdesk.web.app import app_of, wire
from rightsdesk.web.carrying import text_code
from rightsdesk.web.commands.serving import measured
from rightsdesk.web.jobs import Queue
from rightsdesk.web.meter import CountedTexts, NoMeter
from rightsdesk.web.middleware import line
from rightsdesk.web.places import Place
from rightsdesk.web.portal import Portal


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    portal = given_portal(tmp_path, Clock())
    given_agency(portal)
    return counting(portal)


class Refusing:
    """A carrier that takes nothing."""

    def send(self, _: Text) -> Sent:
        """Refuse."""
        return Refused(RefusedClass.BAD_NUMBER, 21211)


def test_nothing_is_counted_or_shown_unless_an_address_is_set(tmp_path: Path) -> None:
    portal = given_portal(tmp_path, Clock())
    assert isinstance(portal.meter, NoMeter)
    browser = TestClient(app_of(portal), base_url="https://testserver")
    assert browser.get("/metrics").status_code == 404
    with measured(portal):
        pass
    told = wire(replace(given_settings(tmp_path), metrics=Place("127.0.0.1", 9464)))
    assert not isinstance(told.meter, NoMeter)


def test_requests_are_counted_by_the_template_of_their_path_and_by_nothing_they_brought(portal: Portal) -> None:
    visitor = given_browser(portal, SCREENS)
    visitor.get("/marigold/start")
    visitor.get("/marigold/refuses/MariaGarcia", params={"q": "+12125550142"})
    visitor.get("/MariaGarcia")
    visitor.get("/marigold/refuses/moved")
    visitor.request("MARIA", "/marigold/start")
    told = scraped(portal)
    found = figures(told)
    assert found["rightsdesk_requests_total", "GET", "/{agency}/refuses/{how}", "2xx"] == 1
    assert found["rightsdesk_requests_total", "GET", "/{agency}/refuses/{how}", "4xx"] == 1
    assert sum(number for (name, *at), number in found.items() if name.endswith("_total") and at[1:2] == [""]) == 1
    assert ("rightsdesk_request_seconds_count", "OTHER", "/{agency}/start") in found
    assert found["rightsdesk_request_seconds_bucket", "+Inf", "GET", "/{agency}/start"] == 1
    assert "maria" not in told.lower()
    assert "2125550142" not in told


def test_a_method_that_somebody_made_up_stands_in_no_log_line() -> None:
    assert "MARIA" not in line({"type": "http", "method": "MARIA", "path": "/"}, 405, 0.1)


def test_the_queue_is_told_by_kind_and_state(portal: Portal) -> None:
    make_ledger(portal.storage.engine)
    submit(portal, QUICK, "one", "two", "three")
    submit(portal, "slow", "four")
    with portal.storage.write() as tx:
        Queue(tx, "ada").beat()
        assert len(Queue(tx, "ada").claim(1)) == 1
        tx.connection().execute(text("UPDATE jobs SET dead_at = 1.0 WHERE key = 'four'"))
        tx.connection().execute(text("UPDATE jobs SET run_at = run_at - 1000 WHERE key = 'two'"))
    found = figures(scraped(portal))
    states = {state: found["rightsdesk_jobs", QUICK, state] for state in ("waiting", "held", "dead")}
    assert states == {"waiting": 2, "held": 1, "dead": 0}
    assert found["rightsdesk_jobs", "slow", "dead"] == 1
    assert 1000 <= found[("rightsdesk_jobs_oldest_seconds",)] < 1100
    assert found[("rightsdesk_workers",)] == 1


def test_what_a_worker_ends_is_counted_by_kind_and_end(portal: Portal) -> None:
    make_ledger(portal.storage.engine)
    submit(portal, QUICK, "one")
    submit(portal, "nobody does this", "two")
    worker = given_worker(portal, "ada")
    for job in worker._claim(2, 0):
        worker._work(job)
    found = figures(scraped(portal))
    assert found["rightsdesk_jobs_ended_total", "done", QUICK] == 1
    assert found["rightsdesk_jobs_ended_total", "failed", "nobody does this"] == 1
    assert found["rightsdesk_job_seconds_count", QUICK] == 1


def test_a_text_is_counted_by_what_became_of_it(tmp_path: Path) -> None:
    portal = counting(given_families(tmp_path))
    given_phone(portal).prove("(212) 555-0142")
    refused = replace(portal, texts=CountedTexts(Refusing(), portal.meter))
    given_phone(refused).send("/marigold/phone", {"phone": "(212) 555-0143"})
    with portal.storage.write() as tx:
        newest = Queue(tx, "hand").claim(9, texts="only")[-1]
    text_code(refused, newest.ids)
    found = figures(scraped(portal))
    assert found["rightsdesk_messages_total", "text", "accepted", ""] == 1
    assert found["rightsdesk_messages_total", "text", "refused", "bad_number"] == 1


def test_requests_of_families_are_told_by_agency_and_standing_and_the_late_ones_apart(tmp_path: Path) -> None:
    portal = counting(given_families(tmp_path))
    phone = given_phone(portal)
    phone.prove("(212) 555-0142")
    reference = fix(phone)
    with portal.storage.write() as tx:
        tx.connection().execute(
            text("INSERT INTO case_counts (agency, view, number) SELECT agency, :view, 3 FROM case_counts LIMIT 1"),
            {"view": f"mine:{MARIGOLD.id.hex}"},
        )
    told = scraped(portal)
    found = figures(told)
    assert found["rightsdesk_cases", "marigold", "undecided"] == 1
    assert found["rightsdesk_cases_late", "marigold"] == 0
    assert found["rightsdesk_ledger_entries", "marigold"] >= 2
    assert reference not in told
    assert MARIGOLD.id.hex not in told
    with portal.storage.read() as tx:
        due = tx.exec(select(CaseRow.due_on)).one()
    wait(portal, days=(due - portal.now().date()).days)
    assert figures(scraped(counting(portal)))["rightsdesk_cases_late", "marigold"] == 0, "the day itself is in time"
    wait(portal, days=1)
    assert figures(scraped(counting(portal)))["rightsdesk_cases_late", "marigold"] == 1


def test_the_process_the_disk_and_the_connections_stand_beside(portal: Portal) -> None:
    with portal.storage.read():
        found = figures(scraped(portal))
    assert found[("process_resident_memory_bytes",)] > 10_000_000
    assert found[("process_start_time_seconds",)] > 1_700_000_000
    assert found[("rightsdesk_data_free_bytes",)] > 0
    assert found["rightsdesk_database_connections", "main", "in_use"] == 1
    assert found["rightsdesk_database_connections", "keys", "most"] == 8


def test_a_database_that_is_away_is_a_figure_and_no_failure(portal: Portal) -> None:
    with portal.storage.engine.begin() as tx:
        tx.execute(text("ALTER TABLE case_counts RENAME TO gone"))
    found = figures(scraped(portal))
    with portal.storage.engine.begin() as tx:
        tx.execute(text("ALTER TABLE gone RENAME TO case_counts"))
    assert found[("rightsdesk_database_up",)] == 0
    assert ("rightsdesk_jobs_oldest_seconds",) not in found
    assert found[("process_start_time_seconds",)] > 0


def at_its_own_address(portal: Portal) -> Portal:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return replace(portal, settings=replace(portal.settings, metrics=Place("127.0.0.1", port)))


def read(portal: Portal, path: str) -> str:
    assert portal.settings.metrics is not None
    with urllib.request.urlopen(f"http://127.0.0.1:{portal.settings.metrics.port}{path}", timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=")
        return str(answer.read().decode())


def test_the_figures_are_read_at_their_own_address_and_only_while_the_portal_runs(
    portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    watched = at_its_own_address(portal)
    caplog.set_level(logging.INFO)
    with measured(watched):
        assert "rightsdesk_database_up 1.0" in read(watched, "/metrics")
        with pytest.raises(URLError, match="404"):
            read(watched, "/marigold/")
    with pytest.raises(URLError):
        read(watched, "/metrics")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_an_address_that_is_taken_is_refused_in_one_sentence(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = Place("127.0.0.1", other.getsockname()[1])
        busy = replace(portal, settings=replace(portal.settings, metrics=place))
        with pytest.raises(typer.Exit), measured(busy):
            pass
    assert "Choose another one with RIGHTSDESK_METRICS." in capsys.readouterr().err
