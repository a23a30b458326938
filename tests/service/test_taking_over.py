"""Databases that an operator put back from older dumps: what was erased since stays erased, and nobody is signed in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from backups_given import a_kept_district, erased_at_once, served, stopped, taken_over
from dumps_given import LIST, dump, dumped_both, put_back, put_back_both
from erasing_given import approved
from fulfilment_given import BO, LEO, ROSTER, District
from roster_given import package_of
from starlette.testclient import TestClient
from typer.testing import CliRunner

from rightsdesk.requests.cases.states import State
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.checkpoints import Checkpoint, Checkpoints
from rightsdesk.requests.ledger.errors import ErasureLedgerBroken, KeyGone, OlderCopy
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.app import app_of
from rightsdesk.web.backups.errors import Damaged, InUse, KeysOlder
from rightsdesk.web.backups.turns import beside_others
from rightsdesk.web.cli import app
from rightsdesk.web.restoring import keep_erased, refuse_older


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_kept_district(data_folder)


def gone(district: District, person: object) -> bool:
    """Say whether nothing of the student can be found or read, though the copy knew them."""
    with district.looking() as docket, pytest.raises(KeyGone):
        docket.vault.unseal(person, "identity", f"people:{person}:given", b"")  # type: ignore[arg-type]  # an id
    assert list(district.named("bogdan quillfeather")) == []
    assert list(district.holders(BO.number)) == []
    return [district.live(person, one) for one in ("name.given", "email", "picture")] == [""] * 3  # type: ignore[arg-type]  # as above


def by_starting(district: District) -> District:
    """Start the portal as if nothing had happened."""
    back = served(district)
    with TestClient(app_of(back.portal)):
        return served(back)


def by_taking_over(district: District) -> District:
    return taken_over(district)[1]


@pytest.mark.parametrize("words", [(), ("-T", LIST)], ids=["list in the dump", "list not in the dump"])
@pytest.mark.parametrize("begin", [by_starting, by_taking_over])
def test_nothing_erased_comes_back_from_older_dumps_of_data_and_keys(
    district: District, tmp_path: Path, words: tuple[str, ...], begin: Callable[[District], District]
) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "account")
    district.wait(days=8)
    dumps = dumped_both(stopped(district).portal.settings, tmp_path, *words)
    assert erased_at_once(district, case).state is State.FULFILLED
    put_back_both(stopped(district).portal.settings, dumps)
    back = begin(district)
    assert gone(back, person)
    outcome = back.take(*ROSTER, replace(LEO, sourced_id="p-9", given="Newcomer"))
    assert (outcome.state, outcome.counts.erased_skipped) == ("applied", 1)


def test_a_data_folder_that_is_lost_too_gets_the_list_from_its_own_dump(
    district: District, tmp_path: Path, backend: str
) -> None:
    person = district.one(BO)
    case = approved(district, "account")
    district.wait(days=8)
    settings = stopped(district).portal.settings
    dumps = dumped_both(settings, tmp_path, "-T", LIST)
    erased_at_once(district, case)
    lists = [path for path in district.folder.glob("erasures.log*") if path.suffix != ".lock"]
    kept = [(path, path.read_bytes()) for path in lists]
    newest = dump(settings.keys_database, tmp_path / "list.dump", "-t", LIST) if backend == "server" else None
    put_back_both(stopped(district).portal.settings, dumps)
    for path in lists:
        path.unlink()
    if newest:
        put_back(settings.keys_database, newest)
    else:
        for path, content in kept:
            path.write_bytes(content)
    assert gone(by_taking_over(district), person)


@pytest.mark.parametrize("begin", [by_starting, by_taking_over])
def test_a_list_that_is_shorter_than_the_database_knows_is_refused(
    district: District, tmp_path: Path, begin: Callable[[District], District]
) -> None:
    case = approved(district, "account")
    district.wait(days=8)
    settings = stopped(district).portal.settings
    older = dump(settings.keys_database, tmp_path / "keys.dump")
    erased_at_once(district, case)
    put_back(stopped(district).portal.settings.keys_database, older)
    for path in district.folder.glob("erasures.log*"):
        path.unlink()
    with pytest.raises(ErasureLedgerBroken, match="was cut off: the database knows"):
        begin(district)


def test_keys_that_are_older_than_the_data_are_refused(district: District, tmp_path: Path) -> None:
    settings = stopped(district).portal.settings
    older = dump(settings.keys_database, tmp_path / "keys.dump")
    district.take(*ROSTER, replace(LEO, sourced_id="p-9", given="Newcomer"))
    put_back(stopped(district).portal.settings.keys_database, older)
    with pytest.raises(KeysOlder, match="1 people of the database have no key"):
        taken_over(district)


def test_an_older_copy_is_not_served_before_it_was_taken_over(district: District, tmp_path: Path) -> None:
    dumps = dumped_both(stopped(district).portal.settings, tmp_path)
    with district.at() as docket:
        for _ in range(20):
            docket.record(Event("viewed", "system"))
    put_back_both(stopped(district).portal.settings, dumps)
    with pytest.raises(OlderCopy, match="run: rightsdesk restore"):
        refuse_older(served(district).portal)
    done, back = taken_over(district)
    refuse_older(back.portal)
    with back.looking() as docket:
        verdict = verify(docket.session, back.agency.id, back.portal.checkpoints)
        (entry,) = Journal(docket.session, back.agency.id).entries("restored")
    assert (verdict.ok, verdict.why) == (True, "")
    assert dict(entry.facts) == {"backup": "elsewhere", "lost": "20", "erased_again": "0"}
    assert [(one.slug, one.lost) for one in done.ledgers] == [(back.agency.slug, 20), ("region us", 0)]
    assert not (back.folder / "taking-over.json").exists()
    assert done.aside is not None
    assert list(done.aside.glob("*.head")) != []
    assert keep_erased(back.portal) == 0


def test_a_copy_that_somebody_altered_is_refused(district: District) -> None:
    with district.portal.storage.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE audit_events SET actor = 'staff:nobody' WHERE seq = 1")
    stopped(district)
    with pytest.raises(Damaged, match="Entry 1 was altered"):
        taken_over(district)


def test_nothing_is_taken_over_under_a_running_portal(district: District) -> None:
    with beside_others(district.folder), pytest.raises(InUse, match="Stop it first"):
        taken_over(district)


@dataclass(frozen=True, slots=True)
class SignedMeanwhile(Checkpoints):
    """The notes of a machine on which another program writes and signs just before each look."""

    write: Callable[[], None] = lambda: None

    def head(self, agency: UUID) -> Checkpoint | None:
        """Let the other program write, then look."""
        self.write()
        return Checkpoints.head(self, agency)


def test_what_is_written_and_signed_during_the_look_makes_no_older_copy(district: District) -> None:
    def write() -> None:
        other = served(district)
        with other.at() as docket:
            docket.record(Event("viewed", "system"))
        other.portal.storage.close()

    known = district.portal.checkpoints
    refuse_older(replace(district.portal, checkpoints=SignedMeanwhile(known.folder, known.signer, write=write)))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("roster", "import", "marigold", "{roster}"), 1),
        (("staff", "add", "marigold", "new@marigold.example", "--role", "approver"), 1),
        (("staff", "remove", "marigold", "dana@marigold.example"), 1),
        (("agency", "add", "plum", "--name", "Plum Hollow", "--zone", "America/New_York"), 1),
        (("keys", "rotate"), 1),
        (("staff", "list", "marigold"), 0),
        (("agency", "list"), 0),
        (("migrate",), 0),
    ],
)
def test_no_command_writes_to_an_older_copy_before_it_was_taken_over(
    district: District, tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    package = package_of(tmp_path, ROSTER)
    settings = stopped(district).portal.settings
    dumps = dumped_both(settings, tmp_path)
    with district.at() as docket:
        docket.record(Event("viewed", "system"))
    put_back_both(stopped(district).portal.settings, dumps)
    named = {"DATA": str(settings.data), "DATABASE": settings.database, "KEYS_DATABASE": settings.keys_database}
    environment = {f"RIGHTSDESK_{name}": value for name, value in named.items()}
    done = CliRunner().invoke(app, [word.format(roster=package) for word in words], env=environment)
    assert (done.exit_code, "run: rightsdesk restore" in done.stderr) == (code, code == 1), done.output
