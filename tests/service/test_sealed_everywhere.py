"""A whole year at a district, with names nobody else has: none of them is found in clear in any file, log or link."""

import logging
import re
from collections.abc import Iterator

import pytest
from fulfilment_given import CLASS, a_district
from metering_given import counting, figures, scraped
from sealed_given import CHILD, NEVER, PARENT, STOPPED, TEEN, Listening, Year, live
from sqlmodel import select

from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.tables import JobRow

pytestmark = pytest.mark.files


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("year")
    listening = Listening([])
    logging.getLogger().addHandler(listening)
    logging.getLogger("rightsdesk").setLevel(logging.DEBUG)
    district = a_district(folder, PARENT, STOPPED, CHILD, TEEN, *CLASS)
    district.portal = counting(district.portal)
    year = Year(district, logged=listening.lines)
    live(year)
    yield year
    logging.getLogger().removeHandler(listening)
    logging.getLogger("rightsdesk").setLevel(logging.NOTSET)


def test_the_year_was_lived(year: Year) -> None:
    assert {200, 303, 404, 422, 503, 400, 409} <= year.answers, year.answers
    assert len(year.logged) > 50
    assert any('"error": "ValueError"' in line for line in year.logged), "the carrier failed, and that was logged"
    with year.district.looking() as docket:
        states = sorted(str(case.state) for case in docket.cases.about(year.child()))
        verdict = verify(docket.session, year.district.agency.id, year.district.portal.checkpoints)
    assert states == ["denied", "fulfilled", "fulfilled"]
    assert verdict.ok, verdict
    assert year.district.live(year.district.one(TEEN), "picture") == ""
    assert len(set(year.secrets)) > 6


def test_no_file_holds_any_of_it_in_clear(year: Year) -> None:
    names = {name.rpartition("/")[2] for name in year.files}
    assert {"rightsdesk.sqlite3", "rightsdesk.sqlite3-wal", "subject-keys.sqlite3", "erasures.log"} <= names
    assert any(name.startswith("packages/") for name in year.files)
    assert any(name.startswith("checkpoints/") for name in year.files)
    assert any(name.startswith("uploads/") for name in year.files)
    assert year.district.holding("Marigold Unified")  # what is public is found, so the search can find
    assert year.found == {}


def test_no_code_stands_in_any_file(year: Year) -> None:
    codes = {one.encode() for one in year.secrets if re.fullmatch(r"\d{6}", one)}
    alone = re.compile(rb"(?<![0-9A-Za-z.])(" + b"|".join(codes) + rb")(?![0-9A-Za-z])")
    assert {name for name, content in year.district.files().items() if alone.search(content)} == set()


def test_no_log_line_link_or_job_holds_any_of_it(year: Year) -> None:
    with year.district.portal.storage.read() as tx:
        jobs = [f"{row.kind} {row.key} {row.ids} {row.error}" for row in tx.exec(select(JobRow)).all()]
    assert jobs
    written = {"log": "\n".join(year.logged), "link": "\n".join(year.led_to), "job": "\n".join(jobs)}
    never = (*NEVER, *(one for one in year.secrets if len(one) > 6))
    assert [(where, one) for where, text in written.items() for one in never if one in text] == []
    codes = [one for one in year.secrets if re.fullmatch(r"\d{6}", one)]
    assert [line for line in year.logged for one in codes if re.search(rf"\b{one}\b", line)] == []


def test_no_figure_holds_any_of_it(year: Year) -> None:
    told = scraped(year.district.portal)
    found = figures(told)
    assert found["rightsdesk_requests_total", "POST", "/desk/{agency}/cases/{reference}/decision", "3xx"] >= 1
    assert found["rightsdesk_messages_total", "text", "accepted", ""] >= 1
    labels = {label for one in found for label in one[1:]}
    assert [one for one in (*NEVER, *year.secrets) if one.lower() in "\n".join(labels).lower()] == []
    # Neither an id, nor a reference, nor a number: the longest run of digits is that of a span.
    assert [one for one in labels if re.search(r"[0-9a-f]{8}|MGD-|\d{4}", one)] == []
