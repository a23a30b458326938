"""A database that is gone, or older than an agency, is named; no empty one stands in its place and looks well."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import databases
import pytest
from backups_given import a_kept_district, backed_up, put_back_into, stopped, taken_over
from click.testing import Result
from fulfilment_given import EVA, District
from given import MARIGOLD, given_settings
from typer.testing import CliRunner

from rightsdesk.requests.ledger.errors import DatabaseLost, OlderCopy
from rightsdesk.web import schema
from rightsdesk.web.backups.putting_back import Wish
from rightsdesk.web.backups.taking_over import take_over
from rightsdesk.web.cli import app
from rightsdesk.web.restoring import refuse_older
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import open_engine


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_kept_district(data_folder)


@pytest.fixture
def lost(district: District, tmp_path: Path) -> Iterator[Settings]:
    """Yield the settings of a stopped portal at whose address there is no database any more."""
    settings = stopped(district).portal.settings
    yield replace(settings, database=databases.blank(tmp_path))
    databases.free(tmp_path)


def run(settings: Settings, *words: str) -> Result:
    places = {
        "RIGHTSDESK_DATA": str(settings.data),
        "RIGHTSDESK_DATABASE": settings.database,
        "RIGHTSDESK_KEYS_DATABASE": settings.keys_database,
    }
    unset = dict.fromkeys(("RIGHTSDESK_KEYS", "RIGHTSDESK_SMS", "RIGHTSDESK_MAIL"), "")
    return CliRunner().invoke(app, words, env=unset | places, catch_exceptions=False)


def wrong(settings: Settings) -> dict[str, str]:
    """Return what doctor marks, each with its fix."""
    findings = json.loads(run(settings, "doctor", "--json").stdout)["findings"]
    return {one["what"]: one["fix"] for one in findings if not one["ok"]}


@pytest.mark.parametrize("words", [("migrate",), ("audit", "verify"), ("agency", "list")])
def test_no_command_makes_an_empty_database_in_place_of_a_lost_one(lost: Settings, words: tuple[str, ...]) -> None:
    ended = run(lost, *words)
    assert ended.exit_code == 1
    assert "it was lost, or the settings name another" in ended.stderr
    engine = open_engine(lost.database)
    assert not schema.is_there(engine)
    engine.dispose()


def test_a_lost_database_is_not_taken_over_either(district: District, lost: Settings) -> None:
    with pytest.raises(DatabaseLost, match="rightsdesk restore FOLDER"):
        take_over(lost, district.now)


def test_doctor_names_a_lost_database(lost: Settings) -> None:
    (fix,) = (fix for what, fix in wrong(lost).items() if what.startswith("the database is"))
    assert "it was lost" in fix


def test_a_portal_that_never_signed_anything_begins_with_an_empty_database(lost: Settings) -> None:
    (lost.data / "checkpoints").rename(lost.data / "elsewhere")
    assert run(lost, "migrate").exit_code == 0


@pytest.mark.files
def test_a_backup_goes_into_the_place_of_a_lost_database_without_force(district: District) -> None:
    made = backed_up(district)
    main = stopped(district).folder / "rightsdesk.sqlite3"
    main.unlink()
    assert run(given_settings(district.folder), "audit", "verify").exit_code == 1
    _, back = put_back_into(district, made.folder, Wish())
    refuse_older(back.portal)
    assert back.one(EVA) == district.one(EVA)


def test_a_copy_that_is_older_than_an_agency_is_refused_until_it_was_taken_over(district: District) -> None:
    later = UUID(int=5)  # entered after the copy was made
    district.portal.checkpoints.keep(later, 7, b"7" * 32, district.now)
    with pytest.raises(OlderCopy, match=f"agency {later}: the ledger ends with entry 0, but .* entry 7"):
        refuse_older(district.portal)
    settings = stopped(district).portal.settings
    assert f"agency {later}: entry 1 is the first" in run(settings, "audit", "verify").stdout
    assert "rightsdesk restore" in wrong(settings)[f"agency {later}: its ledger is in the database"]
    done, back = taken_over(district)
    refuse_older(back.portal)
    assert [(one.slug, one.lost) for one in done.ledgers if one.lost] == [(f"agency {later}", 7)]
    assert done.aside is not None


def test_what_a_copying_program_left_beside_the_notes_is_no_note(district: District) -> None:
    settings = stopped(district).portal.settings
    for name in (f"._{MARIGOLD.id}.head", "notes.log", ".DS_Store"):
        (settings.data / "checkpoints" / name).touch()
    assert run(settings, "audit", "verify").exit_code == 0
