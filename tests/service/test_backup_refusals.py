"""What a backup and a restore refuse, in words and without a change; what the commands and the doctor say."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest
from backups_given import FORCE, a_kept_district, backed_up, backups_of, put_back_into, rotate
from fulfilment_given import BO, District
from given import given_settings
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.errors import LedgerProblem
from rightsdesk.requests.ledger.streams import StreamKey
from rightsdesk.web.app import app_of
from rightsdesk.web.backups import turns
from rightsdesk.web.backups.errors import BackupProblem, WouldReplace, WrongKeys
from rightsdesk.web.backups.making import back_up, require_embedded
from rightsdesk.web.backups.putting_back import Wish, put_back
from rightsdesk.web.cli import app

pytestmark = pytest.mark.files

ADD = ("agency", "add", "marigold", "--name", "Marigold Unified", "--zone", "America/New_York")


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_kept_district(data_folder)


def run(folder: Path, *words: str) -> Result:
    environment = dict.fromkeys(("RIGHTSDESK_DATABASE", "RIGHTSDESK_KEYS", "RIGHTSDESK_SMS", "RIGHTSDESK_MAIL"), "")
    return CliRunner().invoke(app, words, env=environment | {"RIGHTSDESK_DATA": str(folder)}, catch_exceptions=False)


def another_key_file(district: District, _: Path) -> None:
    key_file = district.folder / "rightsdesk.keys"
    key_file.unlink()
    keyfile.open_or_create(key_file)


def no_key_file(district: District, _: Path) -> None:
    (district.folder / "rightsdesk.keys").unlink()


def cut_off(_: District, made: Path) -> None:
    file = made / "data.sealed"
    file.write_bytes(file.read_bytes()[:-1])


def altered(_: District, made: Path) -> None:
    file = made / "data.sealed"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def altered_notes(_: District, made: Path) -> None:
    next((made / "checkpoints").glob("*.head")).write_bytes(b"{}")


def altered_manifest(_: District, made: Path) -> None:
    page = made / "manifest.json"
    page.write_text(page.read_text().replace('"step": "', '"step": "9'))


def unreadable_manifest(_: District, made: Path) -> None:
    (made / "manifest.json").write_text("{")


def nothing_there(_: District, made: Path) -> None:
    (made / "manifest.json").unlink()


def altered_list(district: District, _: Path) -> None:
    file = district.folder / "erasures.log"
    file.write_bytes(b"{}\n")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (another_key_file, "another key file"),
        (no_key_file, "is missing"),
        (cut_off, "data.sealed was altered, is cut off or is missing"),
        (altered, "data.sealed was altered"),
        (altered_notes, "was altered"),
        (altered_manifest, "manifest.json was altered"),
        (unreadable_manifest, "cannot be read"),
        (nothing_there, "no whole backup"),
        (altered_list, "Line 1 of the erasure ledger"),
    ],
)
def test_a_restore_that_cannot_be_trusted_is_refused_and_changes_nothing(
    district: District, harm: Callable[[District, Path], None], told: str
) -> None:
    made = backed_up(district).folder
    district.portal.storage.close()
    harm(district, made)
    before = {name: content for name, content in district.files().items() if not name.endswith(".lock")}
    with pytest.raises((BackupProblem, LedgerProblem), match=told):
        put_back(given_settings(district.folder), backups_of(district), FORCE, district.now)
    assert {name: one for name, one in district.files().items() if not name.endswith(".lock")} == before


def test_a_backup_of_another_release_or_region_is_refused(district: District) -> None:
    made = backed_up(district).folder
    district.portal.storage.close()
    other = replace(given_settings(district.folder), region="eu")
    with pytest.raises(BackupProblem, match="of region us, not of eu"):
        put_back(other, made, FORCE, district.now)
    with district.portal.storage.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    newer = backed_up(district).folder
    district.portal.storage.close()
    with pytest.raises(BackupProblem, match="at step 0000 of the database"):
        put_back(given_settings(district.folder), newer, FORCE, district.now)


def test_a_database_that_is_there_is_moved_aside_only_when_asked(district: District) -> None:
    made = backed_up(district).folder
    with pytest.raises(WouldReplace, match="With --force it is moved aside"):
        put_back_into(district, made, Wish())
    done, _ = put_back_into(district, made)
    aside = [path for path in done.aside if path.name.startswith("rightsdesk.sqlite3.before-")]
    assert [path.read_bytes()[:13] for path in aside] == [b"SQLite format"]


def test_nobody_restores_under_a_running_portal_nor_starts_one_meanwhile(district: District) -> None:
    made = backed_up(district).folder
    with (
        TestClient(app_of(district.portal)),
        pytest.raises(BackupProblem, match=r"works on .* Stop it first"),
    ):
        put_back(given_settings(district.folder), made, FORCE, district.now)
    with turns.alone(district.folder):
        refused = run(district.folder, "agency", "list")
    assert (refused.exit_code, "is being restored" in refused.stderr) == (1, True)


def test_keys_renewed_twice_need_the_older_copy_of_the_key_file(district: District, tmp_path: Path) -> None:
    made = backed_up(district).folder
    older = tmp_path / "older.keys"
    older.touch(mode=0o600)
    older.write_bytes((district.folder / "rightsdesk.keys").read_bytes())
    rotate(district)
    rotate(district)
    with pytest.raises(WrongKeys, match="--key-file"):
        put_back_into(district, made)
    (district.folder / "subject-keys.sqlite3").unlink()
    done, back = put_back_into(district, made, Wish(may_replace=True, key_file=older))
    assert (done.keys, back.live(back.one(BO), "name.given")) == ("restored", "Bogdan")


def test_on_a_server_its_own_tools_are_named(district: District) -> None:
    settings = replace(given_settings(district.folder), database="postgresql+psycopg://127.0.0.1/main")
    with pytest.raises(BackupProblem, match=r"pg_dump, .* After pg_restore run rightsdesk restore without"):
        require_embedded(settings)


def test_a_backup_does_not_lie_in_what_it_protects_and_a_damaged_database_is_none(district: District) -> None:
    with pytest.raises(BackupProblem, match="outside of the data folder"):
        back_up(district.portal, district.folder / "backups")
    district.portal.storage.flush_log()
    file = district.folder / "rightsdesk.sqlite3"
    content = file.read_bytes()
    district.portal.storage.close()
    file.write_bytes(content[:4096] + bytes(8192) + content[12288:])
    with pytest.raises(BackupProblem, match=r"is damaged\. Nothing was backed up"):
        backed_up(district)
    assert list(backups_of(district).glob("2*")) == []


def test_a_disk_that_is_full_is_named_as_such(tmp_path: Path) -> None:
    source, limit = tmp_path / "source", getrlimit(RLIMIT_FSIZE)
    source.write_bytes(bytes(3 * 1024 * 1024))
    setrlimit(RLIMIT_FSIZE, (1024 * 1024, limit[1]))
    try:
        with pytest.raises(OSError, match="too large") as full:
            StreamKey.new().seal(source, tmp_path / "sealed", "it")
    finally:
        setrlimit(RLIMIT_FSIZE, limit)
    assert full.value.filename == str(tmp_path / "sealed")


def test_the_commands_speak_to_people_and_to_programs(data_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    run(data_folder, *ADD)
    run(data_folder, "staff", "add", "marigold", "rosa@m.example", "--role", "administrator")
    made = json.loads(run(data_folder, "backup", str(folder), "--json").stdout)
    assert set(made) == {"folder", "made_at", "bytes", "removed", "keys_removed"}
    refused = run(data_folder, "restore", str(folder))
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    done = json.loads(run(data_folder, "restore", str(folder), "--force", "--json").stdout)
    assert set(done) == {"folder", "made_at", "keys", "aside", "agencies", "letters"}
    assert done["agencies"] == [{"slug": "marigold", "entries": 3, "lost": 0, "erased_again": 0}]
    told = run(data_folder, "restore", made["folder"], "--force")
    assert (told.exit_code, "0 people erased again" in told.stdout) == (0, True)
    listed = json.loads(run(data_folder, "staff", "list", "marigold", "--json").stdout)
    assert [one["email"] for one in listed] == ["rosa@m.example"]
    whole = json.loads(run(data_folder, "audit", "verify", "--json").stdout)
    assert whole == {"entries": 4, "ok": True, "first_bad": None}
    assert run(data_folder, "backup").exit_code == 2
    assert run(data_folder, "backup", str(folder), "--keep-days", "0").exit_code == 2


def test_doctor_says_when_the_last_backup_was_made_and_which_are_too_old(data_folder: Path, tmp_path: Path) -> None:
    run(data_folder, *ADD)
    assert "no backup was made yet" in run(data_folder, "doctor").stdout
    folder = tmp_path / "backups"
    made = Path(json.loads(run(data_folder, "backup", str(folder), "--json").stdout)["folder"])
    told = run(data_folder, "doctor").stdout
    assert "ok    the last backup was made" in told
    note = data_folder / "backup.json"
    kept = json.loads(note.read_text())
    note.write_text(json.dumps(kept | {"at": "2026-01-05T09:00:00+00:00"}))
    made.rename(folder / "20260105T090000Z")
    told = run(data_folder, "doctor").stdout
    assert "MEND  the last backup was made 2026-01-05 09:00 UTC" in told
    assert "MEND  1 backups still hold keys of more than seven days" in told
