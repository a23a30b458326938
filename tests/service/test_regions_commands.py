"""The command line where there are several regions: an agency says its region, nobody else is asked for it."""

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from fulfilment_given import ANA, CLASS, EVA
from roster_given import package_of
from typer.testing import CliRunner, Result

from rightsdesk.requests.agencies.control.store import Control, Home
from rightsdesk.web.cli import app
from rightsdesk.web.demo.cast import Relation
from rightsdesk.web.storage import open_engine

pytestmark = pytest.mark.files  # which database a region has is the same to a command

NAMED = ("--zone", "Europe/Berlin", "--name")
UNSET = ("DATABASE", "KEYS_DATABASE", "KEYS", "SMS", "MAIL", "PUBLIC_URL")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "regions.toml").write_text("[us]\n[eu]\n")
    return tmp_path


def run(folder: Path, *words: str, **variables: str) -> Result:
    environment = {f"RIGHTSDESK_{name}": "" for name in UNSET} | {
        "RIGHTSDESK_DATA": str(folder / "data"),
        "RIGHTSDESK_REGIONS": str(folder / "regions.toml"),
    }
    return CliRunner().invoke(app, words, env=environment | variables, catch_exceptions=False)


def control_of(folder: Path) -> Control:
    return Control(open_engine(f"sqlite:///{folder / 'data' / 'control.sqlite3'}"))


@pytest.fixture
def settled(folder: Path) -> Path:
    assert run(folder, "agency", "add", "marigold", *NAMED, "Marigold", "--region", "us").exit_code == 0
    assert run(folder, "agency", "add", "linden", *NAMED, "Linden", "--region", "eu", "--law", "eu-gdpr").exit_code == 0
    return folder


def listed(folder: Path) -> list[tuple[str, str]]:
    return [(one["slug"], one["region"]) for one in json.loads(run(folder, "agency", "list", "--json").stdout)]


def test_an_agency_is_entered_into_its_region_and_its_slug_is_taken_in_all(settled: Path) -> None:
    assert listed(settled) == [("marigold", "us"), ("linden", "eu")]
    for region in ("us", "eu"):
        again = run(settled, "agency", "add", "linden", *NAMED, "Another", "--region", region)
        assert (again.exit_code, "There is an agency with the slug linden already" in again.stderr) == (1, True)
    assert run(settled, "agency", "add", "desk", *NAMED, "Desk", "--region", "eu").exit_code == 1
    unsaid = run(settled, "agency", "add", "ash-grove", *NAMED, "Ash Grove")
    assert (unsaid.exit_code, "Say which one with --region" in unsaid.stderr) == (1, True)
    wrong = run(settled, "agency", "add", "ash-grove", *NAMED, "Ash Grove", "--region", "mars")
    assert (wrong.exit_code, "There is no region mars. Configured: us, eu." in wrong.stderr) == (1, True)
    assert listed(settled) == [("marigold", "us"), ("linden", "eu")]


def test_an_entry_that_broke_off_between_the_two_stores_is_finished_by_the_same_command(settled: Path) -> None:
    first = UUID(int=77)
    control_of(settled).settle(Home("ash-grove", first, "Ash Grove", "eu"))
    assert run(settled, "staff", "list", "ash-grove").exit_code == 1
    elsewhere = run(settled, "agency", "add", "ash-grove", *NAMED, "Ash Grove", "--region", "us")
    assert (elsewhere.exit_code, "in region eu" in elsewhere.stderr) == (1, True)
    assert run(settled, "agency", "add", "ash-grove", *NAMED, "Ash Grove", "--region", "eu").exit_code == 0
    assert ("ash-grove", "eu") in listed(settled)
    assert control_of(settled).home("ash-grove").id == first


def test_commands_for_one_agency_find_its_region_by_themselves(settled: Path) -> None:
    package = package_of(settled, (ANA, replace(EVA, relations=(Relation("s-1"),)), *CLASS))
    assert run(settled, "roster", "import", "linden", str(package)).exit_code == 0
    assert run(settled, "staff", "add", "linden", "rosa@l.example", "--role", "administrator").exit_code == 0
    assert [one["email"] for one in json.loads(run(settled, "staff", "list", "linden", "--json").stdout)] == [
        "rosa@l.example"
    ]
    assert json.loads(run(settled, "staff", "list", "marigold", "--json").stdout) == []
    both = json.loads(run(settled, "audit", "verify", "--json").stdout)
    each = [json.loads(run(settled, "audit", "verify", "--region", one, "--json").stdout) for one in ("us", "eu")]
    assert both["ok"]
    assert both["entries"] == sum(one["entries"] for one in each)
    alone = json.loads(run(settled, "audit", "verify", "--agency", "linden", "--json").stdout)
    assert alone["entries"] == each[1]["entries"] > each[0]["entries"] > 0
    renewed = run(settled, "keys", "rotate")
    assert [line.partition(":")[0] for line in renewed.stdout.splitlines() if "wrapped anew" in line] == [
        "marigold",
        "linden",
    ]


def test_every_region_is_migrated_and_looked_at(settled: Path) -> None:
    assert [line.partition(" is at")[0] for line in run(settled, "migrate").stdout.splitlines()] == [
        "The database of region us",
        "The database of region eu",
    ]
    said = json.loads(run(settled, "doctor", "--json").stdout)
    told = [one["what"] for one in said["findings"]]
    assert "us: marigold: it lives in region us" in told
    assert "eu: linden: it lives in region eu" in told
    assert {what.partition(":")[0] for what in told if not what.endswith("is not set")} == {"us", "eu"}
    one = [found["what"] for found in json.loads(run(settled, "doctor", "--region", "eu", "--json").stdout)["findings"]]
    assert not any(what.startswith("us:") for what in one)


def test_a_backup_of_each_region_lies_apart_and_comes_back_alone(settled: Path) -> None:
    backups = settled / "backups"
    made = [json.loads(line) for line in run(settled, "backup", str(backups), "--json").stdout.splitlines()]
    assert [(one["region"], Path(one["folder"]).parent) for one in made] == [
        ("us", backups / "us"),
        ("eu", backups / "eu"),
    ]
    unsaid = run(settled, "restore", str(backups))
    assert (unsaid.exit_code, "--region" in unsaid.stderr) == (1, True)
    crossed = run(settled, "restore", str(made[0]["folder"]), "--region", "eu", "--force")
    assert (crossed.exit_code, "another key file" in crossed.stderr) == (1, True)
    assert run(settled, "restore", str(backups), "--region", "eu", "--force").exit_code == 0
    assert listed(settled) == [("marigold", "us"), ("linden", "eu")]


def test_a_region_that_is_given_anothers_place_is_refused_in_words(settled: Path) -> None:
    us = settled / "data" / "us"
    (settled / "regions.toml").write_text(f'[eu]\ndata = "{us}"\n')
    refused = run(settled, "agency", "list")
    assert refused.exit_code == 1
    assert f"The data folder {us} belongs to region us, not to eu: nothing was changed." in refused.stderr
    (settled / "regions.toml").write_text(f'[us]\n[eu]\nkeys = "{us / "rightsdesk.keys"}"\n')
    (settled / "data" / "eu" / "rightsdesk.keys").unlink()
    refused = run(settled, "migrate", "--region", "eu")
    assert (refused.exit_code, "belongs to region us" in refused.stderr) == (1, True)


def test_an_agency_of_the_days_of_one_region_is_known_when_there_are_several(folder: Path) -> None:
    alone = {"RIGHTSDESK_DATA": str(folder / "data" / "us"), "RIGHTSDESK_REGIONS": ""}
    assert run(folder, "agency", "add", "marigold", *NAMED, "Marigold", **alone).exit_code == 0
    assert run(folder, "migrate").exit_code == 0
    assert control_of(folder).home("marigold").region == "us"
    assert listed(folder) == [("marigold", "us")]


def test_work_serves_one_region_and_asks_which(settled: Path) -> None:
    served = {"RIGHTSDESK_SMS": "console", "RIGHTSDESK_MAIL": "console", "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1"}
    unsaid = run(settled, "work", **served)
    assert (unsaid.exit_code, "There are the regions us, eu" in unsaid.stderr) == (1, True)
