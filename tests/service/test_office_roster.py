"""Roster runs in the office: what a run found, and who decides about one on hold."""

import re
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from desk_given import MARIGOLD, ROSA, Clock, at_the_desk, open_portal
from sqlalchemy import Connection, event
from sqlmodel import select, update
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.people.tables import RosterProblemRow, RosterRunRow
from rightsdesk.web.office import uploads
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow
from rightsdesk.web.worker import Worker

ROOT = Path(__file__).parent.parent.parent
ROSTER = ROOT / "requests" / "people" / "roster"
TEMPLATES = ROOT / "web" / "templates"
RUN = UUID("dddddddd-0000-4000-8000-000000000001")
COUNTS = '{"people":[31,212,1204,9840],"guardianships":[58,40,0,17106],"dropped":[41,2],"marks":{}}'
PAGE = f"/office/marigold/roster/{RUN}"


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    """Return a portal with one run on hold."""
    opened = open_portal(data_folder, Clock())
    with opened.storage.write() as tx:
        tx.add(
            RosterRunRow(
                id=RUN, agency=MARIGOLD.id, state="held", started_at=opened.now(), counts=COUNTS, started_by="operator"
            )
        )
    return opened


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


def a_zip() -> bytes:
    """Return a zip that can be opened and holds no roster."""
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    return written.getvalue()


def wanted(portal: Portal) -> list[str]:
    with portal.storage.read() as tx:
        return [row.ids for row in tx.exec(select(JobRow).where(JobRow.kind == uploads.USE)).all()]


def test_a_run_on_hold_shows_what_it_would_remove_and_why_it_waits(rosa: TestClient) -> None:
    page = rosa.get(PAGE).text
    assert "This import is on hold" in page
    assert "<b>1204</b>" in page
    assert "43 mobile numbers of students under 13 or of unknown age were left out" in page


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("too_many_removed_students", "It would remove more than your limit allows."),
        ("too_many_changed_others", "It would change more than your limit allows."),
        ("empty_file", "A file in the package has no rows"),
        ("too_many_errors", "Too many of its rows cannot be used."),
    ],
)
def test_the_page_says_why_a_file_waits(portal: Portal, rosa: TestClient, reason: str, words: str) -> None:
    with portal.storage.write() as tx:
        tx.exec(update(RosterRunRow).values(reason=reason))
    page = rosa.get(PAGE).text
    assert words in page
    assert reason not in page


def test_every_reason_and_every_finding_has_words() -> None:
    source = "".join(file.read_text() for file in ROSTER.rglob("*.py"))
    codes = set(re.findall(r'(?:PackageRefused\(\s*|_ended\(State\.\w+, )"([a-z0-9_]+)"', source))
    codes |= set(re.findall(r'(?:\.error|\.warning)\([^)]*?, "([a-z0-9_]+)"', source))
    codes |= set(re.findall(r'(?:_BREAK: Final = |_DOUBT: Final = |BadLine\(number, )"([a-z0-9_]+)"', source))
    words = (TEMPLATES / "office" / "words.html").read_text()
    assert len(codes) > 40
    assert sorted(code for code in codes if f'"{code}": _(' not in words) == []


def test_findings_are_told_apart_on_the_page_and_all_of_them_are_a_file(portal: Portal, rosa: TestClient) -> None:
    found = [("short_row", "error", ""), ("unparseable_phone", "warning", "sms")]
    with portal.storage.write() as tx:
        for code, severity, column in found:
            tx.add(RosterProblemRow(run=RUN, file="users.csv", line=7, column=column, code=code, severity=severity))
    page = rosa.get(PAGE).text
    assert "too few fields (row not used)" in page
    assert "sms: not a phone number: left out (row used)" in page
    file = rosa.get(f"{PAGE}/problems")
    assert file.headers["content-disposition"] == 'attachment; filename="roster-marigold.csv"'
    assert file.text.splitlines()[1:] == ["users.csv,7,,short_row,error,", "users.csv,7,sms,unparseable_phone,warning,"]


def test_a_held_file_is_thrown_away_by_the_worker(portal: Portal, rosa: TestClient) -> None:
    rosa.post(PAGE, data={"do": "drop"})
    assert len(wanted(portal)) == 1
    uploads.use(portal, (str(MARIGOLD.id), str(RUN), uploads.DISCARD, str(ROSA)))
    assert "Thrown away" in rosa.get("/office/marigold/roster").text
    uploads.use(portal, (str(MARIGOLD.id), str(RUN), uploads.DISCARD, str(ROSA)))


def test_removing_everybody_takes_two_administrators(portal: Portal, rosa: TestClient) -> None:
    for _ in range(2):
        assert "Another administrator must press the same button" in rosa.post(PAGE, data={"do": "all"}).text
    assert wanted(portal) == []
    theo = Colleague(portal.fresh_id(), "Theo Lind", "theo@marigold.example", frozenset({Role.ADMINISTRATOR}))
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(theo, portal.now())
    at_the_desk(portal, theo.id).post(PAGE, data={"do": "all"})
    assert len(wanted(portal)) == 1


def test_an_unknown_run_looks_like_no_page(rosa: TestClient) -> None:
    assert rosa.get("/office/marigold/roster/00000000-0000-4000-8000-000000000000").status_code == 404


def test_while_a_file_is_imported_it_lies_open_under_no_name(portal: Portal, rosa: TestClient) -> None:
    rosa.post("/office/marigold/roster", files={"package": ("a.zip", a_zip(), "application/zip")})
    folder = portal.settings.data / "uploads"
    number = str(UUID(next(folder.iterdir()).stem))
    seen: list[set[str]] = []

    def look(_: Connection) -> None:
        seen.append({one.suffix for one in folder.iterdir()})

    event.listen(portal.storage.engine, "begin", look)
    uploads.read(portal, (str(MARIGOLD.id), number, str(ROSA)))
    assert set().union(*seen) == {".sealed"}
    page = rosa.get("/office/marigold/roster").text
    assert "Refused" in page
    assert "not a zip" not in page


def test_an_open_file_that_an_earlier_version_left_is_removed_when_the_worker_starts(portal: Portal) -> None:
    folder = portal.settings.data / "uploads"
    folder.mkdir()
    (folder / "0.zip").write_bytes(b"PK\x03\x04 of children")
    worker = Worker(portal)
    worker.start()
    worker.stop()
    assert list(folder.iterdir()) == []


def test_a_file_that_cannot_be_read_is_destroyed_with_its_key(portal: Portal, rosa: TestClient) -> None:
    rosa.post("/office/marigold/roster", files={"package": ("a.zip", b"PK\x03\x04 no zip at all", "application/zip")})
    kept = next((portal.settings.data / "uploads").iterdir())
    number = str(UUID(kept.stem))
    for _ in range(2):
        uploads.read(portal, (str(MARIGOLD.id), number, str(ROSA)))
    assert list((portal.settings.data / "uploads").iterdir()) == []
    page = rosa.get("/office/marigold/roster").text
    assert "Refused" in page
    assert "Rosa Marin" in page
