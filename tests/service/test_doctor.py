"""What an operator is told about a portal that is not well: each finding with its fix, and nothing is changed by it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import databases
import pytest
from desk_given import ask, settle
from durable_given import submit
from given import MARIGOLD, NOON, Clock, given_agency, given_portal
from package_given import granted, made, working
from sqlalchemy import text
from typer.testing import CliRunner, Result

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.fulfilment.certificates import Line, LineOutcome, issue
from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.audit import Kind as Act
from rightsdesk.requests.ledger.erasures import Erasure
from rightsdesk.requests.ledger.listing.file import ErasureFile
from rightsdesk.web import checkup, schema
from rightsdesk.web.cli import app
from rightsdesk.web.diagnosis import Finding, diagnose
from rightsdesk.web.jobs import Queue
from rightsdesk.web.loosening import loosened
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Settings, read
from rightsdesk.web.storage import open_engine

ADD = ("agency", "add", "marigold", "--name", "Marigold Unified", "--zone", "America/New_York")
FAR = {
    "RIGHTSDESK_PUBLIC_URL": "https://requests.example.org",
    "RIGHTSDESK_SMS": "twilio",
    "RIGHTSDESK_MAIL": "smtps://mail.example.org",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "secret-token",
    "TWILIO_FROM": "+12125550100",
}


def run(folder: Path, *words: str, **variables: str) -> Result:
    environment = dict.fromkeys(("RIGHTSDESK_DATABASE", "RIGHTSDESK_KEYS", "RIGHTSDESK_SMS", "RIGHTSDESK_MAIL"), "")
    environment |= {"RIGHTSDESK_DATA": str(folder), **variables}
    return CliRunner().invoke(app, words, env=environment, catch_exceptions=False)


def ill(findings: Iterable[Finding]) -> dict[str, str]:
    return {one.what: one.fix for one in findings if not one.is_well}


def told(folder: Path, **variables: str) -> dict[str, str]:
    """Return what the command says is not well, by its fix, but not which settings are missing."""
    said = json.loads(run(folder, "doctor", "--json", **variables).stdout)
    wrong = {one["what"]: one["fix"] for one in said["findings"] if not one["ok"]}
    return {what: fix for what, fix in wrong.items() if not what.endswith("is not set")}


@pytest.fixture
def settled(data_folder: Path) -> Path:
    assert run(data_folder, *ADD).exit_code == 0
    return data_folder


@pytest.mark.files
def test_looking_at_nothing_makes_nothing(data_folder: Path, tmp_path: Path) -> None:
    assert told(data_folder) == {}
    assert list(data_folder.iterdir()) == []
    assert told(tmp_path / "none") == {}
    assert not (tmp_path / "none").exists()


@pytest.mark.files
def test_a_portal_of_today_has_nothing_to_mend_but_its_two_people(settled: Path) -> None:
    assert list(told(settled)) == ["marigold: 0 people at the desk, 0 of them decide"]


@pytest.mark.files
def test_what_a_restore_put_aside_is_named(settled: Path) -> None:
    aside = settled / "rightsdesk.sqlite3.before-20261031T120000Z"
    aside.touch()
    fix = told(settled)["1 files that a restore put aside still hold what was erased since"]
    assert str(aside) in fix


@pytest.mark.files
def test_wrong_settings_are_findings_with_a_fix(data_folder: Path) -> None:
    found = told(data_folder, RIGHTSDESK_METRICS="here", RIGHTSDESK_TRUSTED_PROXIES="there")
    assert [what.partition(":")[0] for what in found] == ["RIGHTSDESK_TRUSTED_PROXIES", "RIGHTSDESK_METRICS"]
    assert all(found.values())


@pytest.mark.files
def test_a_missing_key_file_and_lost_keys_are_named_and_not_replaced(settled: Path) -> None:
    key, keys = settled / "rightsdesk.keys", settled / "subject-keys.sqlite3"
    for file in (key, keys):
        file.rename(file.with_suffix(".away"))
    found = told(settled)
    assert str(key) in found["the master key is missing"]
    assert "backup" in found["the keys of the data subjects are in their place"]
    assert not key.exists()
    assert not keys.exists()


@pytest.mark.files
def test_a_folder_in_which_no_command_may_work_is_a_finding_beside_the_others(settled: Path) -> None:
    (settled / "in-use.lock").unlink()
    (settled / "in-use.lock").mkdir()  # stands for a disk that can only be read: root may write everywhere else
    settled.chmod(0o755)
    found = told(settled)
    assert "must be writable" in found["commands may work in the data folder"]
    assert "the data folder is its owner's alone" in found


@pytest.mark.server
def test_a_new_database_on_a_server_needs_no_copy_of_a_key_file(backend: str, tmp_path: Path) -> None:
    database, keys = databases.blank(tmp_path), databases.blank(tmp_path)
    key = tmp_path / "data" / "rightsdesk.keys"
    found = told(key.parent, RIGHTSDESK_DATABASE=database, RIGHTSDESK_KEYS_DATABASE=keys)
    databases.free(tmp_path)
    assert backend == "server"
    assert "rightsdesk migrate makes one" in found["the master key is missing"]


@pytest.mark.files
def test_files_that_others_may_read_are_named_with_the_command_that_closes_them(settled: Path) -> None:
    for file, mode in ((settled, 0o755), (settled / "rightsdesk.keys", 0o640), (settled / "rightsdesk.sqlite3", 0o644)):
        file.chmod(mode)
    found = told(settled)
    assert found["the data folder is its owner's alone"] == f"Run: chmod 700 {settled}"
    assert "chmod 600 rightsdesk.sqlite3" in found["the databases are their owner's alone"]
    assert "chmod 600" in found["the master key can be used"]


@pytest.mark.files
@pytest.mark.parametrize(("step", "fix"), [("0000", "Run rightsdesk migrate."), ("9999", "newer release")])
def test_a_database_of_another_release_is_named_and_stays_as_it_is(settled: Path, step: str, fix: str) -> None:
    engine = open_engine(f"sqlite:///{settled / 'rightsdesk.sqlite3'}")
    with engine.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": step})
    assert fix in told(settled)[f"the database is at step {step}, this release needs {schema.head()}"]
    assert schema.at(engine) == step
    engine.dispose()


@pytest.mark.files
def test_a_server_that_does_not_answer_is_named_without_its_address(data_folder: Path) -> None:
    away = "postgresql+psycopg://rosa:hidden@127.0.0.1:1/none"
    found = told(data_folder, RIGHTSDESK_DATABASE=away, RIGHTSDESK_KEYS_DATABASE=f"{away}-keys")
    assert "RIGHTSDESK_DATABASE" in found["the database cannot be reached (OperationalError)"]
    assert "hidden" not in str(found)


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    portal = given_portal(tmp_path, Clock(datetime.now(UTC)))  # noqa: TID251 - a database has the real time too
    given_agency(portal)
    with portal.storage.write() as tx:
        Queue(tx, "ada").beat()
    return portal


def test_a_portal_that_is_well_has_nothing_to_mend(portal: Portal) -> None:
    assert ill(checkup.within(portal)) == {}


def test_work_that_waits_for_a_worker_that_never_started_is_named(portal: Portal) -> None:
    with portal.storage.write() as tx:
        tx.connection().execute(text("DELETE FROM workers"))
    assert ill(checkup.within(portal)) == {}
    submit(portal, "mail_notice", "one")
    assert list(ill(checkup.within(portal))) == ["0 workers showed themselves within a minute"]


def test_a_backup_is_missed_after_two_days(portal: Portal) -> None:
    with portal.storage.write() as tx:
        portal.ledger(tx, MARIGOLD.id, portal.now())(Event(Act.SEARCHED, "system"))
    missed = "no backup was made yet"
    assert missed not in ill(diagnose(portal))
    later = replace(portal, now=Clock(portal.now() + timedelta(days=2, seconds=1)))
    is_of_files = portal.settings.database.startswith("sqlite")
    assert (missed in ill(diagnose(later))) is is_of_files


def test_clocks_that_differ_and_workers_that_are_gone_are_named(portal: Portal) -> None:
    with portal.storage.write() as tx:
        tx.connection().execute(text("UPDATE workers SET beat_at = beat_at - 100"))
    found = ill(checkup.within(replace(portal, now=Clock(NOON))))
    skewed, gone = found
    assert skewed.startswith("this machine's clock and the database's are ")
    assert "NTP" in found[skewed]
    assert gone.startswith("0 workers showed themselves within a minute, the last one 10")


def test_what_gave_up_is_told_by_kind_and_error_and_without_its_ids(portal: Portal) -> None:
    submit(portal, "mail_notice", "one", "two")
    with portal.storage.write() as tx:
        tx.connection().execute(text("UPDATE jobs SET dead_at = 1.0, error = 'MailRefused'"))
    assert list(ill(checkup.within(portal))) == ["2 jobs of the kind mail_notice gave up over MailRefused"]


def test_keys_that_the_master_key_does_not_open_are_named(portal: Portal) -> None:
    portal.vault.store.keysets(MARIGOLD.id)
    other = keyfile.from_text(keyfile.Keys.new().to_text())
    vault = replace(portal.vault, store=replace(portal.vault.store, master=other))
    found = ill(checkup.within(replace(portal, vault=vault)))
    assert "Put back the key file" in found["the master key opens the keys of the agencies"]


def test_a_list_of_erasures_that_was_altered_is_named(portal: Portal) -> None:
    portal.erasures.append(Erasure(MARIGOLD.id, MARIGOLD.id, "picture", NOON, "MGD-1"))
    if isinstance(portal.erasures, ErasureFile):
        path = portal.erasures.path
        path.write_text(path.read_text().replace("picture", "files"))
    else:
        with portal.storage.keys.begin() as tx:
            tx.execute(text("""UPDATE erasure_lines SET text = replace(text, 'picture', 'files')"""))
    assert "was altered" in ill(checkup.within(portal))["the list of erasures is whole"]


def test_a_certificate_that_was_altered_is_named_by_its_case(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    settle(portal)
    case = ask(portal, Kind.ERASURE, wanted=(Wanted("picture"),))
    with working(portal) as docket:
        issue(docket, portal.signer, case, (Line("picture", "directory", 1, LineOutcome.ERASED),), NOON.date(), NOON)
    whole = "marigold: 1 newest certificates of erasures, all signed by this portal"
    assert whole not in ill(checkup.within(portal))
    with portal.storage.write() as tx:
        tx.connection().execute(text("""UPDATE certificates SET document = replace(document, 'erased', 'masked')"""))
    assert str(case.id) in ill(checkup.within(portal))[whole]


def test_each_loosened_setting_is_named(tmp_path: Path) -> None:
    assert named(read(FAR)) == []
    loose = {
        "RIGHTSDESK_MAIL": "smtp://mail.example.org",
        "RIGHTSDESK_TRUSTED_PROXIES": "10.0.0.0/8, 0.0.0.0/0",
        "RIGHTSDESK_METRICS": "0.0.0.0:9464",
        "TWILIO_API_URL": "http://127.0.0.1:9",
    }
    assert named(read(FAR | loose)) == sorted(loose)
    local = {
        "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1:8000",
        "RIGHTSDESK_SMS": "console",
        "RIGHTSDESK_MAIL": f"file:{tmp_path}",
    }
    assert named(read(local)) == sorted(local)


def named(settings: Settings) -> list[str]:
    return sorted(one.name for one in loosened(settings))


def test_the_doctor_names_how_many_copies_are_missing_where_a_machine_has_a_folder_of_its_own(
    tmp_path: Path,
) -> None:
    portal = given_portal(tmp_path)
    settle(portal)
    folder = portal.settings.packages
    made(portal, folder, granted(portal))
    named = "{} copies for families are on file and not in the data folder"
    found = {one.what: one.is_well for one in checkup.within(portal)}
    assert found[named.format(0)]
    folder.rename(folder.with_name("elsewhere"))
    found = {one.what: one.is_well for one in checkup.within(portal)}
    assert not found[named.format(1)]
