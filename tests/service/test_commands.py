"""The command line as an operator and a program use it."""

import json
import re
import socket
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from tree_given import ROOT
from typer.testing import CliRunner, Result

from rightsdesk.web.cli import app
from rightsdesk.web.demo.district import write_package

TODAY = date(2026, 11, 23)
ADD = ("agency", "add", "marigold", "--name", "Marigold Unified", "--zone", "America/New_York")


def run(folder: Path, *words: str) -> Result:
    environment = dict.fromkeys(("RIGHTSDESK_DATABASE", "RIGHTSDESK_KEYS", "RIGHTSDESK_SMS", "RIGHTSDESK_MAIL"), "")
    return CliRunner().invoke(app, words, env=environment | {"RIGHTSDESK_DATA": str(folder)}, catch_exceptions=False)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "roster.zip"
    write_package(path, students=40, seed=3, today=TODAY)
    return path


def test_an_agency_is_entered_once_and_listed(data_folder: Path) -> None:
    assert run(data_folder, *ADD, "--law", "us-ferpa", "--law", "us-ny-2d").exit_code == 0
    again = run(data_folder, *ADD)
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    listed = json.loads(run(data_folder, "agency", "list", "--json").stdout)
    assert [(one["slug"], one["laws"]) for one in listed] == [("marigold", ["us-ferpa", "us-ny-2d"])]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("agency", "add", "desk", "--name", "Desk", "--zone", "America/New_York"), "portal itself"),
        (("agency", "add", "plum", "--name", "Plum", "--zone", "New York"), "not a time zone"),
        (("agency", "add", "plum", "--name", "Plum", "--zone", "America/New_York", "--law", "us-xx"), "No law"),
        (("agency", "add", "plum", "--name", "Plum", "--zone", "America/New_York", "--region", "eu"), "no region"),
        (("roster", "import", "nobody", __file__), "No agency"),
        (("agency", "add", "plum", "--name", " ", "--zone", "America/New_York"), "full name"),
        (("staff", "list", "nobody"), "No agency"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_one(data_folder: Path, words: tuple[str, ...], told: str) -> None:
    refused = run(data_folder, *words)
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert "Traceback" not in refused.output


def test_wrong_usage_is_exit_code_two(data_folder: Path) -> None:
    assert run(data_folder, "agency", "add").exit_code == 2
    assert run(data_folder, "fly").exit_code == 2


def test_an_import_prints_the_shape_that_programs_rely_on(data_folder: Path, package: Path) -> None:
    run(data_folder, *ADD)
    looked = run(data_folder, "roster", "import", "marigold", str(package), "--dry-run", "--json")
    assert looked.exit_code == 0
    first = json.loads(run(data_folder, "roster", "import", "marigold", str(package), "--json").stdout)
    assert set(first) == {"state", "counts", "dropped_student_numbers", "problems"}
    assert first["state"] == "applied"
    assert set(first["counts"]) == {"people", "guardianships", "contacts", "orgs"}
    assert all(set(count) == {"added", "changed", "removed"} for count in first["counts"].values())
    assert set(first["dropped_student_numbers"]) == {"under_13", "age_unknown"}
    assert first["counts"]["people"]["added"] > 40
    again = json.loads(run(data_folder, "roster", "import", "marigold", str(package), "--json").stdout)
    assert again["state"] == "unchanged"
    assert all(count == {"added": 0, "changed": 0, "removed": 0} for count in again["counts"].values())


def test_a_look_at_a_package_says_that_nothing_has_changed(data_folder: Path, package: Path) -> None:
    run(data_folder, *ADD)
    looked = run(data_folder, "roster", "import", "marigold", str(package), "--dry-run")
    assert looked.stdout.startswith("would be applied.")
    assert "Nothing has changed" in looked.stderr
    used = run(data_folder, "roster", "import", "marigold", str(package))
    assert used.stdout.startswith("applied.")
    assert "The roster is in use." in used.stderr


def test_half_a_package_is_refused_and_changes_nothing(data_folder: Path, package: Path) -> None:
    run(data_folder, *ADD)
    half = package.with_name("half.zip")
    half.write_bytes(package.read_bytes()[:-2000])
    refused = run(data_folder, "roster", "import", "marigold", str(half), "--json")
    assert refused.exit_code == 1
    said = json.loads(refused.stdout)
    assert (said["state"], "damaged or cut off" in refused.stderr) == ("refused", True)
    assert said["problems"] == [{"file": "", "line": 0, "column": "", "code": "not_a_zip", "severity": "error"}]
    assert "applied" in run(data_folder, "roster", "import", "marigold", str(package)).stdout


def test_staff_are_added_listed_and_removed(data_folder: Path) -> None:
    run(data_folder, *ADD)
    rosa = run(data_folder, "staff", "add", "marigold", "rosa@m.example", "--role", "administrator")
    assert "The invitation goes by mail." in rosa.stdout
    printed = ("--role", "approver", "--print-invitation", "--json")
    dana = json.loads(run(data_folder, "staff", "add", "marigold", "dana@m.example", *printed).stdout)
    assert (dana["email"], dana["roles"]) == ("dana@m.example", ["approver"])
    assert re.search(r"/desk/marigold/join\?invitation=[\w-]{43}$", dana["invitation"])
    anew = run(data_folder, "staff", "invite", "marigold", "dana@m.example", "--print-invitation")
    assert re.search(r"Invitation: http\S+/desk/marigold/join\?invitation=[\w-]{43}\n", anew.stdout)
    assert dana["invitation"] not in anew.stdout
    assert run(data_folder, "staff", "invite", "marigold", "nobody@m.example").exit_code == 1
    assert run(data_folder, "staff", "remove", "marigold", "dana@m.example").exit_code == 0
    assert run(data_folder, "staff", "remove", "marigold", "dana@m.example").exit_code == 1
    last = run(data_folder, "staff", "remove", "marigold", "rosa@m.example")
    assert (last.exit_code, "last administrator" in last.stderr) == (1, True)
    listed = json.loads(run(data_folder, "staff", "list", "marigold", "--json").stdout)
    assert [one["email"] for one in listed] == ["rosa@m.example"]
    assert run(data_folder, "staff", "add", "marigold", "x@m.example", "--role", "emperor").exit_code == 2


def test_worked_dates_are_counted_again(data_folder: Path, tmp_path: Path) -> None:
    worked = ROOT / "tests" / "law" / "deadline_examples.csv"
    passed = run(data_folder, "law", "examples", str(worked))
    assert (passed.exit_code, passed.stdout.splitlines()[-1]) == (0, "57 passed, 0 failed")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(worked.read_text("utf-8").replace(",2027-01-07,", ",2027-01-08,"), "utf-8")
    failed = run(data_folder, "law", "examples", str(wrong))
    assert (failed.exit_code, failed.stdout.splitlines()[-1]) == (1, "56 passed, 1 failed")


def test_an_altered_entry_of_the_ledger_is_named(data_folder: Path, package: Path) -> None:
    run(data_folder, *ADD)
    run(data_folder, "roster", "import", "marigold", str(package))
    whole = json.loads(run(data_folder, "audit", "verify", "--json").stdout)
    assert (whole["ok"], whole["first_bad"], whole["entries"] >= 2) == (True, None, True)
    with sqlite3.connect(data_folder / "rightsdesk.sqlite3") as database:
        database.execute("UPDATE audit_events SET actor = 'system' WHERE seq = 1")
    broken = run(data_folder, "audit", "verify", "--agency", "marigold", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["first_bad"] == 1


def test_keys_are_renewed_and_everybody_is_still_found(data_folder: Path, package: Path) -> None:
    run(data_folder, *ADD)
    run(data_folder, "roster", "import", "marigold", str(package))
    run(data_folder, "staff", "add", "marigold", "rosa@m.example", "--role", "administrator")
    renewed = run(data_folder, "keys", "rotate")
    assert renewed.exit_code == 0, renewed.output
    assert "index entries renewed" in renewed.stdout
    again = json.loads(run(data_folder, "roster", "import", "marigold", str(package), "--json").stdout)
    assert again["state"] == "unchanged"
    listed = json.loads(run(data_folder, "staff", "list", "marigold", "--json").stdout)
    assert [one["email"] for one in listed] == ["rosa@m.example"]


def test_doctor_lists_every_setting_and_says_what_to_mend(data_folder: Path) -> None:
    run(data_folder, *ADD)
    run(data_folder, "staff", "add", "marigold", "rosa@m.example", "--role", "administrator")
    run(data_folder, "staff", "add", "marigold", "dana@m.example", "--role", "approver")
    told = run(data_folder, "doctor")
    assert told.exit_code == 1
    assert "RIGHTSDESK_PUBLIC_URL" in told.stdout
    assert "MEND  marigold: 2 people at the desk, 1 of them decide\n      An erasure needs two people" in told.stdout


def test_doctor_tells_a_program_what_keeps_the_portal_from_being_served(data_folder: Path) -> None:
    run(data_folder, "backup", str(data_folder.parent / "backups"))
    told = run(data_folder, "doctor", "--json")
    said = json.loads(told.stdout)
    assert told.exit_code == 1
    assert {one["name"] for one in said["settings"]} >= {"RIGHTSDESK_SMS", "RIGHTSDESK_DATA"}
    assert [one["name"] for one in said["loosened"]] == ["RIGHTSDESK_SMS", "RIGHTSDESK_MAIL", "RIGHTSDESK_PUBLIC_URL"]
    missing = [one["what"] for one in said["findings"] if not one["ok"]]
    assert missing == [f"RIGHTSDESK_{name} is not set" for name in ("MAIL", "PUBLIC_URL", "SMS")]
    assert all(one["fix"] for one in said["findings"] if not one["ok"])
    served = {"RIGHTSDESK_MAIL": "console", "RIGHTSDESK_SMS": "console", "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1"}
    environment = served | {"RIGHTSDESK_DATA": str(data_folder)}
    with sqlite3.connect(data_folder / "rightsdesk.sqlite3") as database:
        database.execute("INSERT INTO workers VALUES ('ada', (julianday('now') - 2440587.5) * 86400.0)")
    well = CliRunner().invoke(app, ["doctor", "--json"], env=environment, catch_exceptions=False)
    assert (well.exit_code, all(one["ok"] for one in json.loads(well.stdout)["findings"])) == (0, True)


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for group in app.registered_groups:
        assert f"{group.name} " in readme, group.name
        assert group.typer_instance is not None
        names = [
            one.name or (one.callback.__name__ if one.callback else "")
            for one in group.typer_instance.registered_commands
        ]
        assert all(f"{group.name} {name}" in readme for name in names), (group.name, names)
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"rightsdesk {command.callback.__name__}" in readme


def test_a_demo_that_was_not_finished_says_what_to_do(data_folder: Path) -> None:
    run(data_folder, *ADD)
    refused = run(data_folder, "demo", "--data", str(data_folder), "--port", "0")
    assert (refused.exit_code, "was not finished" in refused.stderr) == (1, True)


def test_a_demo_whose_port_is_in_use_says_so_before_it_makes_or_prints_anything(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with socket.create_server(("127.0.0.1", 0)) as other:
        refused = run(folder, "demo", "--data", str(folder), "--port", str(other.getsockname()[1]), "--json")
    assert (refused.exit_code, refused.stdout, folder.exists()) == (1, "", False)
    assert "Choose another one with --port" in refused.stderr
    assert run(folder, "demo", "--data", str(folder), "--port", "65536").exit_code == 2


def test_a_folder_that_cannot_be_used_is_named_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for words in (("demo", "--data", str(file), "--port", "0"), ("agency", "list")):
        refused = run(file, *words)
        assert (refused.exit_code, refused.stderr) == (1, f"{file} cannot be used: File exists.\n")


def test_the_keys_can_come_from_a_secret_store_instead_of_a_file(data_folder: Path) -> None:
    run(data_folder, *ADD)
    run(data_folder, "staff", "add", "marigold", "rosa@m.example", "--role", "administrator")
    file = data_folder / "rightsdesk.keys"
    text = file.read_text("utf-8")
    file.unlink()
    lost = run(data_folder, "staff", "list", "marigold")
    assert (lost.exit_code, "missing" in lost.stderr) == (1, True)
    environment = {"RIGHTSDESK_DATA": str(data_folder), "RIGHTSDESK_KEYS": text}
    found = CliRunner().invoke(app, ["staff", "list", "marigold", "--json"], env=environment, catch_exceptions=False)
    assert [one["email"] for one in json.loads(found.stdout)] == ["rosa@m.example"]
    assert not file.exists()
    cut = CliRunner().invoke(app, ["staff", "list", "marigold"], env=environment | {"RIGHTSDESK_KEYS": text[:-9]})
    assert (cut.exit_code, "cannot be read" in cut.stderr) == (1, True)
