"""The drill: a backup is made beside a running portal and put back, and nothing that was erased comes back with it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest
from backups_given import a_kept_district, backed_up, backups_of, erased_at_once, lose_disk, put_back_into, rotate
from erasing_given import approved
from fulfilment_given import ANA, BO, ESSAY, EVA, LEO, PICTURE, PRIYA, ROSTER, District
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.case import Approver, Kind, Outcome
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.ruling import Ruling
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.requests.people.tables import PersonRow
from rightsdesk.web.app import app_of
from rightsdesk.web.restoring import keep_erased
from rightsdesk.web.sessions import Sessions
from rightsdesk.web.tables import SessionRow

pytestmark = pytest.mark.files

BOS = (BO.given, BO.family, BO.student_number, BO.username, BO.email, BO.number, PICTURE, ESSAY, EVA.number, EVA.email)


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_kept_district(data_folder)


def keep_disk(_: District) -> None:
    """Lose nothing: an operator went back by choice."""


def lose_database(district: District) -> None:
    district.portal.storage.close()
    (district.folder / "rightsdesk.sqlite3").unlink()


def lose_keys_too(district: District) -> None:
    lose_database(district)
    (district.folder / "subject-keys.sqlite3").unlink()


LOSSES = [keep_disk, lose_database, lose_keys_too, lose_disk]


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("renewed", ["same keys", "new keys"])
def test_nothing_erased_comes_back(district: District, lose: Callable[[District], None], renewed: str) -> None:
    person, ana, eva = district.one(BO), district.one(ANA), district.one(EVA)
    district.hold(person)
    case = approved(district, "account")
    district.wait(days=8)
    older = backed_up(district)
    assert erased_at_once(district, case).state is State.FULFILLED
    if renewed == "new keys":
        rotate(district)
    backed_up(district)  # it carries the list of erasures; its other files are the ones that are lost
    lose(district)
    done, back = put_back_into(district, older.folder)
    assert [one.erased_again for one in done.agencies] == [1]
    assert list(back.named("bogdan quillfeather")) == []
    assert list(back.holders(BO.number)) == []
    assert [back.live(person, element) for element in ("name.given", "email", "mobile", "picture")] == [""] * 4
    with back.looking() as docket, pytest.raises(KeyGone):
        docket.vault.unseal(person, "identity", f"people:{person}:given", b"")
    # Everybody else is who they were, also for the next roster.
    assert (back.one(ANA), list(back.holders(EVA.number))) == (ana, [eva])
    outcome = back.take(*ROSTER, replace(LEO, sourced_id="p-9", given="Newcomer"))
    assert (outcome.state, outcome.counts.erased_skipped, outcome.counts.people.added) == ("applied", 1, 1)
    assert (list(back.named("bogdan")), back.one(ANA)) == ([], ana)


def test_who_was_indexed_under_a_retired_key_is_still_found_and_no_stranger_to_the_next_roster(
    district: District,
) -> None:
    ana, eva = district.one(ANA), district.one(EVA)
    made = backed_up(district)
    rotate(district)
    newcomer = replace(LEO, sourced_id="p-9", given="Newcomer")
    assert district.take(*ROSTER, newcomer).state == "applied"
    with district.looking() as docket:
        assert len(docket.vault.indexes("name", "x")) == 1  # the older index key is gone
    done, back = put_back_into(district, made.folder)
    assert done.keys == "kept"
    assert (back.one(ANA), list(back.holders(EVA.number))) == (ana, [eva])
    outcome = back.take(*ROSTER, newcomer)
    assert (outcome.state, outcome.counts.people.added, back.one(ANA)) == ("applied", 1, ana)


def test_which_keys_are_used_is_told(district: District) -> None:
    made = backed_up(district)
    done, back = put_back_into(district, made.folder)
    assert done.keys == "kept"
    lose_keys_too(back)
    done, back = put_back_into(back, made.folder)
    assert (done.keys, back.live(back.one(BO), "name.given")) == ("restored", "Bogdan")


def test_keys_that_belong_to_other_data_are_not_used(district: District) -> None:
    made = backed_up(district)
    district.portal.storage.close()
    with district.portal.storage.keys.begin() as tx:
        tx.exec_driver_sql("DELETE FROM subject_keys")
    done, back = put_back_into(district, made.folder)
    assert (done.keys, back.live(back.one(BO), "name.given")) == ("restored", "Bogdan")
    assert any(path.name.startswith("subject-keys.sqlite3.before-") for path in done.aside)


def test_a_backup_made_while_everybody_writes_is_whole(district: District) -> None:
    stop, wrote = Flag(), Flag()

    def write() -> None:
        while not stop.is_set():
            with district.portal.storage.write() as tx:
                district.portal.ledger(tx, district.agency.id, district.now)(Event("viewed", "system"))
            wrote.set()

    writers = [Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    assert wrote.wait(10)
    made = backed_up(district)
    stop.set()
    for writer in writers:
        writer.join()
    with district.looking() as docket:
        length = Journal(docket.session, district.agency.id).length()
    done, _ = put_back_into(district, made.folder)
    (one,) = done.agencies
    assert one.lost is not None
    assert 0 < one.entries <= length
    assert one.entries + one.lost == length


def test_the_ledger_says_that_it_was_restored_and_is_whole(district: District) -> None:
    made = backed_up(district)
    with district.at() as docket:
        for _ in range(20):
            docket.record(Event("viewed", "system"))
    done, back = put_back_into(district, backups_of(district))
    assert (done.folder, done.agencies[0].lost) == (made.folder, 20)
    with back.looking() as docket:
        verdict = verify(docket.session, back.agency.id, back.portal.checkpoints)
        (entry,) = Journal(docket.session, back.agency.id).entries("restored")
    assert (verdict.ok, verdict.why) == (True, "")
    assert dict(entry.facts) == {"backup": made.folder.name, "lost": "20", "erased_again": "0"}
    with TestClient(app_of(back.portal)):
        assert keep_erased(back.portal) == 0


def test_an_accepted_correction_stands_after_a_restore_and_the_next_roster(district: District) -> None:
    person = district.one(BO)
    (case,) = district.ask(Kind.CORRECTION, district.one(EVA), person, name__given="Bogomil")
    district.grant(case)
    district.work_off()
    assert district.live(person, "name.given") == "Bogomil"
    made = backed_up(district)
    lose_disk(district)
    _, back = put_back_into(district, made.folder)
    assert back.live(person, "name.given") == "Bogomil"
    assert back.take(*ROSTER, replace(LEO, sourced_id="p-9", given="Newcomer")).state == "applied"
    assert back.live(person, "name.given") == "Bogomil"


def test_letters_that_waited_when_the_backup_was_made_are_named_and_nobody_is_signed_in(district: District) -> None:
    eva = district.one(EVA)
    (case,) = district.ask(Kind.ACCESS, eva, district.one(ANA), "email")
    with district.at() as docket:
        here = Sessions(docket.session, district.agency.id, docket.vault, district.now, district.portal.draw)
        here.store(replace(here.fresh(), person=eva))
        assert docket.session.exec(select(SessionRow.person)).all() == [eva]
    made = backed_up(district)
    district.work_off()
    done, back = put_back_into(district, made.folder)
    assert done.letters == (case.reference,)
    with back.looking() as docket:
        assert docket.session.exec(select(SessionRow)).all() == []


def test_an_answer_that_was_held_when_the_backup_was_made_is_named_once_its_hold_is_over(district: District) -> None:
    (case,) = district.ask(Kind.ACCESS, district.one(EVA), district.one(ANA), "email")
    district.work_off()
    with district.at() as docket:
        priya = Approver(PRIYA, frozenset({Role.APPROVER}), None, district.now)
        decide(docket, priya, Ruling(case.reference, case.version, Outcome.APPROVE), district.now)
    made = backed_up(district)
    district.wait(minutes=11)
    done, _ = put_back_into(district, made.folder)
    assert done.letters == (case.reference,)


def test_a_stolen_backup_opens_nothing(district: District) -> None:
    district.hold(district.one(BO))
    approved(district, "account")
    made = backed_up(district)
    files = [file for file in backups_of(district).rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    coded = [text.encode(coding) for text in BOS if text for coding in ("utf-8", "utf-16-le", "utf-16-be")]
    held = b"".join(file.read_bytes() for file in files)
    assert [one for one in coded if one in held] == []
    assert b"SQLite format" not in held
    assert made.size == sum(file.stat().st_size for file in made.folder.rglob("*") if file.is_file())


def test_keys_go_after_seven_days_and_backups_when_asked(district: District) -> None:
    first = backed_up(district)
    district.wait(days=6)
    second = backed_up(district)
    assert (second.keys_removed, (first.folder / "keys.sealed").exists()) == (0, True)
    district.wait(days=2)
    third = backed_up(district)
    assert (third.keys_removed, third.removed) == (1, 0)
    assert [one.exists() for one in (first.folder / "keys.sealed", first.folder / "data.sealed")] == [False, True]
    # The keys that are there are newer, so the older data can still be put back.
    done, back = put_back_into(district, first.folder)
    assert (done.keys, back.live(back.one(BO), "name.given")) == ("kept", "Bogdan")
    fourth = backed_up(back, keep_days=7)
    assert (fourth.removed, first.folder.exists(), second.folder.exists()) == (1, False, True)


def test_a_list_of_erasures_that_got_shorter_never_replaces_the_longer_one(district: District) -> None:
    district.erase(approved(district, "picture"))
    backed_up(district)
    for file in district.folder.glob("erasures.log*"):
        file.unlink()
    with pytest.raises(Exception, match="list of erasures has 0 lines here"):
        backed_up(district)
    shutil.copy(backups_of(district) / "erasures.log", district.folder)
    shutil.copy(backups_of(district) / "erasures.log.head", district.folder)
    assert backed_up(district).folder.exists()


def test_nothing_is_left_of_the_copy_that_was_sealed(district: District) -> None:
    backed_up(district)
    assert not (district.folder / "backing-up").exists()
    with district.looking() as docket:
        assert docket.session.exec(select(PersonRow)).first() is not None
