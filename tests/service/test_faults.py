"""Power cuts, locks, full disks: nothing is lost, nothing is done twice, and whoever waits is told in words."""

import json
import os
import subprocess
import sys
import tempfile
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from family_given import Phone, field_value, given_families, given_phone
from faults_given import full_disk, held, impatient, killed, reopened, work_until_done
from fulfilment_given import ANA, BO, EVA, District, a_district
from isolation_given import Actor, World, given_world
from PIL import Image
from sqlmodel import func, select

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.mailroom.store import Mailroom
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow, NoticeRow
from rightsdesk.requests.fulfilment.packages import open_package, sweep_orphans
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.fulfilment.tables import CertificateRow, PackageRow
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import DraftFileRow, JobRow

pytestmark = pytest.mark.files

ELENA: Final = "(212) 555-0142"


def counted(portal: Portal, *tables: type) -> list[int]:
    with portal.storage.read() as tx:
        return [tx.exec(select(func.count()).select_from(table)).one() for table in tables]


def texts_of(portal: Portal, kind: str) -> list[str]:
    path = portal.settings.data / "texts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [line["body"] for line in lines if line["kind"] == kind]


def assert_whole(district: District, portal: Portal) -> None:
    with portal.storage.read() as tx:
        verdict = verify(tx, district.agency.id, portal.checkpoints)
    assert verdict.ok, verdict


@pytest.fixture
def erasing(tmp_path: Path) -> tuple[District, Case]:
    """Return a district in which a student's granted deletion is due now."""
    district = a_district(tmp_path)
    bo = district.one(BO)
    district.hold(bo)
    case = district.grant(district.ask(Kind.ERASURE, bo, bo, "picture")[0])
    district.work_off()
    district.wait(days=8)
    EFFECTS["effects_due"](district.portal, ())
    return district, case


@pytest.mark.parametrize("commit", [1, 2, 3, 4, 5, 6])
def test_an_erasure_killed_at_any_step_is_carried_out_once(erasing: tuple[District, Case], commit: int) -> None:
    district, case = erasing
    killed(district.folder, district.now, f"commit:{commit}")
    portal = reopened(district.folder, district.now)
    work_until_done(portal)
    after = District(portal, district.folder, district.agency)
    assert after.found(case).state is State.FULFILLED
    assert after.live(case.subject, "picture") == ""
    assert counted(portal, CertificateRow) == [1]
    assert {one.subject for one in portal.erasures.entries()} == {case.subject}
    assert len(texts_of(portal, "notice")) == len(set(texts_of(portal, "notice")))
    assert_whole(district, portal)


def test_a_package_whose_file_was_written_when_the_power_went_is_made_once(tmp_path: Path) -> None:
    district = a_district(tmp_path)
    eva, ana = district.one(EVA), district.one(ANA)
    district.hold(ana)
    case = district.grant(district.ask(Kind.ACCESS, eva, ana)[0])
    killed(tmp_path, district.now, "package")
    files = list((tmp_path / "packages").rglob("*.sealed"))
    assert len(files) == 1
    assert counted(district.portal, PackageRow) == [0]
    portal = reopened(tmp_path, district.now)
    work_until_done(portal)
    after = District(portal, tmp_path, district.agency)
    assert after.found(case).state is State.FULFILLED
    assert counted(portal, PackageRow) == [1]
    with after.at() as docket:
        os.utime(files[0], (0, 0))
        assert sweep_orphans(docket, portal.settings.packages, after.now) == 1
        opening = open_package(docket, portal.settings.packages, eva, case.reference, after.now, after.now)
        assert len(b"".join(opening.chunks)) == opening.size


@pytest.mark.parametrize("where", ["unsent", "sent"])
def test_a_text_whose_end_is_unknown_is_told_to_the_office_and_a_mail_is_sent_again(tmp_path: Path, where: str) -> None:
    district = a_district(tmp_path)
    district.ask(Kind.CORRECTION, district.one(EVA), district.one(ANA), name__family="Quillfether")
    killed(tmp_path, district.now, where)
    portal = reopened(tmp_path, district.now)
    work_until_done(portal)
    sent = texts_of(portal, "notice")
    mails = (tmp_path / "mail.jsonl").read_text().splitlines() if (tmp_path / "mail.jsonl").exists() else []
    with portal.storage.read() as tx:
        ends = sorted(tx.exec(select(NoticeRow.state)).all())
        waiting = [one.state for one in Mailroom(tx, district.agency.id).waiting()]
    assert ends in (["sent"], ["sent", "sent"], ["sent", "unknown"])
    assert waiting == [end for end in ends if end == "unknown"]
    assert len(sent) <= 1, "a text is never sent twice by itself"
    assert len(set(mails)) == 1


def test_a_text_asked_for_by_a_web_process_that_died_is_sent_by_the_next_one(tmp_path: Path) -> None:
    district = a_district(tmp_path)
    killed(tmp_path, district.now, "filed")
    assert texts_of(district.portal, "code") == []
    portal = reopened(tmp_path, district.now)
    work_until_done(portal)
    assert len(texts_of(portal, "code")) == 1


def ready_to_send(portal: Portal) -> tuple[Phone, str]:
    """Return Elena's phone with a request that only needs sending, and its ``once``."""
    phone = given_phone(portal)
    phone.prove(ELENA)
    phone.send("/marigold/ask", {"kind": "correction"})
    page = phone.send("/marigold/details", {"elements": "name.family", "correction.name.family": "Delgado"})
    return phone, field_value(page, "once")


@pytest.mark.parametrize("database", ["rightsdesk.sqlite3", "subject-keys.sqlite3"])
def test_a_request_sent_while_the_database_is_held_is_told_in_words_and_works_afterwards(
    tmp_path: Path, database: str
) -> None:
    portal = given_families(tmp_path)
    phone, once = ready_to_send(portal)
    impatient(portal)
    before = counted(portal, CaseRow, NoticeRow, JobRow)
    with held(tmp_path / database):
        page = phone.send("/marigold/check", {"once": once})
    assert phone.status == 503
    assert "Nothing was done by half" in page
    assert counted(portal, CaseRow, NoticeRow, JobRow) == before
    assert "Request sent" in phone.send("/marigold/check", {"once": once})
    assert counted(portal, CaseRow) == [1]


def test_a_page_that_is_only_read_opens_while_another_program_writes(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    phone, _ = ready_to_send(portal)
    impatient(portal)
    with held(tmp_path / "rightsdesk.sqlite3"):
        phone.open("/marigold/requests")
    assert phone.status == 200


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def test_a_roster_that_finds_no_room_is_refused_in_words_and_leaves_nothing(world: World) -> None:
    world.sit(Actor.ADMINISTRATOR)
    folder, before = world.portal.settings.data, counted(world.portal, JobRow)
    package = {"package": ("roster.zip", b"PK\x03\x04" + os.urandom(900_000), "application/zip")}
    with full_disk(700_000):
        answer = world.browser.post("/office/marigold/roster", files=package)
    assert answer.status_code == 503
    assert "Nothing was done by half" in answer.text
    assert [path for path in (folder / "uploads").rglob("*") if path.is_file()] == []
    assert counted(world.portal, JobRow) == before
    assert world.browser.post("/office/marigold/roster", files=package).status_code == 303


def test_a_roster_that_a_crash_left_behind_is_removed_after_a_week(world: World) -> None:
    folder = world.portal.settings.data / "uploads"
    folder.mkdir()
    now = world.portal.now().timestamp()
    for name, days in (("old.sealed", 8), ("old.zip", 8), ("young.sealed", 6)):
        (folder / name).write_bytes(b"a roster")
        os.utime(folder / name, (now - days * 86_400, now - days * 86_400))
    EFFECTS["retention"](world.portal, ())
    assert [path.name for path in folder.iterdir()] == ["young.sealed"]


def test_an_upload_never_lies_in_the_folder_for_temporary_files(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    world.sit(Actor.ADMINISTRATOR)
    package = {"package": ("roster.zip", b"PK\x03\x04" + os.urandom(3_000_000), "application/zip")}
    assert world.browser.post("/office/marigold/roster", files=package).status_code == 303


def test_a_photo_that_finds_no_room_is_refused_in_words_and_the_request_goes_on(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    phone, _ = ready_to_send(portal)
    picture = photo()
    fields = {"elements": "name.family", "correction.name.family": "Delgado"}
    file = ("passport.png", picture, "image/png")
    with full_disk((tmp_path / "rightsdesk.sqlite3-wal").stat().st_size + 50_000):
        page = phone.send("/marigold/details", fields, evidence=file)
    assert phone.status == 503
    assert "Nothing was done by half" in page
    assert counted(portal, DraftFileRow) == [0]
    once = field_value(phone.send("/marigold/details", fields, evidence=file), "once")
    assert counted(portal, DraftFileRow) == [1]
    assert "Request sent" in phone.send("/marigold/check", {"once": once})


def photo() -> bytes:
    """Return a picture that no compression makes small."""
    written = BytesIO()
    Image.frombytes("RGB", (400, 400), os.urandom(480_000)).save(written, "PNG")
    return written.getvalue()


def test_a_package_that_finds_no_room_leaves_no_file_and_is_made_when_there_is(tmp_path: Path) -> None:
    district = a_district(tmp_path)
    eva, ana = district.one(EVA), district.one(ANA)
    district.hold(ana, Holding("picture", (("content", b64encode(os.urandom(1_000_000)).decode()),)))
    case = district.grant(district.ask(Kind.ACCESS, eva, ana)[0])
    with full_disk((tmp_path / "subject-keys.sqlite3-wal").stat().st_size + 100_000), pytest.raises(OSError):  # noqa: PT011 - the system's words differ
        district.effect("fulfil", case)
    assert [path for path in (tmp_path / "packages").rglob("*") if path.is_file()] == []
    assert district.found(case).state is State.FULFILLING
    assert district.effect("fulfil", case).state is State.FULFILLED


@pytest.mark.parametrize("command", [("migrate",), ("work",), ("serve", "--port", "0")], ids=lambda command: command[0])
def test_a_folder_that_cannot_be_written_is_refused_in_words(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "plain").touch()  # not even an administrator of the machine can put a file below a file
    environment = {
        "PATH": os.defpath,
        "RIGHTSDESK_DATA": str(tmp_path / "plain" / "data"),
        "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1:8000",
        "RIGHTSDESK_SMS": "console",
        "RIGHTSDESK_MAIL": "console",
    }
    whole = (sys.executable, "-m", "rightsdesk.web", *command)
    ended = subprocess.run(whole, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "data" in ended.stderr
