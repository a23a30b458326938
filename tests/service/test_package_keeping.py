"""A package is made once, holds what was granted and nobody else, and is destroyed when its time is over."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from desk_given import LUCIA, MARCUS, MARIGOLD, NEW, ask, found, person_id, settle
from given import given_portal
from package_given import (
    HOLDINGS,
    TAKES_EFFECT,
    Holds,
    content,
    end_link,
    files_under,
    granted,
    kinds,
    left,
    made,
    opened,
    told,
    working,
)
from sqlmodel import update

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.case import Asked, Case, Kind
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.disclosures import disclosures
from rightsdesk.requests.fulfilment.errors import NoPackage
from rightsdesk.requests.fulfilment.packages import (
    make_package,
    remove_about,
    remove_ended,
    sweep_orphans,
    tell_ending,
)
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.fulfilment.tables import PackageRow
from rightsdesk.requests.people.tables import GuardianshipRow
from rightsdesk.web.portal import Portal

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
ANOTHER_GUARDIAN: Final = MARCUS


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    """Return a portal with the families of Marigold."""
    portal = given_portal(data_folder)
    settle(portal)
    return portal


@pytest.fixture
def folder(data_folder: Path) -> Path:
    """Return the folder of the packages."""
    return data_folder / "packages"


@pytest.fixture
def case(portal: Portal, folder: Path) -> Case:
    """Return a request whose package was made."""
    started = granted(portal)
    made(portal, folder, started)
    return found(portal, started.reference)


def test_a_made_package_finishes_the_case_and_tells_the_family(portal: Portal, case: Case) -> None:
    assert case.state is State.FULFILLED
    assert {one.element: one.result for one in case.elements if one.result == "done"}.keys() == {
        one.element for one in HOLDINGS
    }
    assert {one.result for one in case.elements} == {"done", "not_held"}
    assert told(portal, "READY") == 1
    assert kinds(portal, case)[-2:] == ["package_made", "fulfilled"]


def test_what_the_agency_refused_is_not_in_the_package(portal: Portal, folder: Path) -> None:
    started = granted(portal, refused=("apps",))
    made(portal, folder, started)
    case = found(portal, started.reference)
    files = content(opened(portal, folder, case))
    assert b"Reading Tree" not in b"".join(files.values())
    assert {one.result for one in case.elements if one.element == "apps"} == {"refused"}


def test_nothing_outside_what_was_asked_slips_in(portal: Portal, folder: Path) -> None:
    started = granted(portal)
    extra = Holding("guardian.phone", (("value", "+15555550177"),))
    made(portal, folder, started, [*HOLDINGS, extra])
    assert b"5550177" not in b"".join(content(opened(portal, folder, started)).values())


def test_making_it_again_changes_nothing(portal: Portal, folder: Path, case: Case) -> None:
    before = files_under(folder)
    made(portal, folder, case)
    assert files_under(folder) == before
    assert kinds(portal, case).count("package_made") == 1


@pytest.mark.parametrize("kind", [Kind.ACCESS, Kind.CORRECTION])
def test_no_other_case_gets_a_package(portal: Portal, folder: Path, kind: Kind) -> None:
    asked = ask(portal, kind)
    made(portal, folder, asked)
    assert files_under(folder) == []
    assert found(portal, asked.reference).state is State.SUBMITTED


def test_the_package_of_a_reopened_case_takes_the_place_of_the_first(portal: Portal, folder: Path, case: Case) -> None:
    first = files_under(folder)
    with working(portal) as docket:
        docket.cases.save(case, replace(case, state=State.FULFILLING, version=case.version + 1))
    made(portal, folder, case, HOLDINGS[:1])
    assert len(files_under(folder)) == 2
    assert list(content(opened(portal, folder, case)))[1] == "csv/01-record.csv"
    late = TAKES_EFFECT + DAY
    for file in first:
        os.utime(file, (NEW.timestamp(), NEW.timestamp()))
    with working(portal, late) as docket:
        assert sweep_orphans(docket, folder, late) == 1
    assert not set(first) & set(files_under(folder))


def test_nothing_on_disk_tells_a_name(portal: Portal, folder: Path, case: Case) -> None:
    assert content(opened(portal, folder, case))
    (file,) = files_under(folder)
    on_disk = file.read_bytes() + file.name.encode()
    for name in ("Lucía", "Delgado", "Elena", "Reading Tree", "Museum", "index.html", "PK\x03\x04"):
        assert name.encode() not in on_disk, name


def test_another_guardian_is_neither_named_in_it_nor_in_who_received_the_data(
    portal: Portal, folder: Path, case: Case
) -> None:
    opened(portal, folder, case)
    with portal.storage.write() as tx:
        tx.add(
            GuardianshipRow(
                id=person_id(900),
                agency=MARIGOLD.id,
                student=LUCIA,
                guardian=ANOTHER_GUARDIAN,
                relation="parent",
                authority="roster_asserted",
                since=NEW,
            )
        )
    second = granted(portal, requester=ANOTHER_GUARDIAN)
    made(portal, folder, second)
    files = content(opened(portal, folder, second, requester=ANOTHER_GUARDIAN))
    assert all(b"Elena" not in text and b"5550142" not in text for text in files.values())
    assert files["disclosures.csv"].count(b"\r\n") == 1  # the headings alone
    with working(portal) as docket:
        assert len(disclosures(docket, LUCIA, ANOTHER_GUARDIAN)) == 1
        assert disclosures(docket, LUCIA) == []


def test_after_its_time_the_file_and_its_key_are_destroyed(portal: Portal, folder: Path, case: Case) -> None:
    (file,) = files_under(folder)
    copy = file.read_bytes()
    end = TAKES_EFFECT + 14 * DAY
    with working(portal, end - MINUTE) as docket:
        assert remove_ended(docket, folder, end - MINUTE) == 0
    for expected in (1, 0):
        with working(portal, end) as docket:
            assert remove_ended(docket, folder, end) == expected
    assert files_under(folder) == []
    assert kinds(portal, case).count("package_removed") == 1
    # Somebody puts back file and row from a backup, within the 14 days: it does not open any more.
    file.write_bytes(copy)
    with portal.storage.write() as tx:
        tx.exec(update(PackageRow).values(removed_at=None, openings_left=5))
    with pytest.raises(NoPackage):
        opened(portal, folder, case)


def test_a_spent_package_stays_until_the_last_copy_is_surely_fetched(portal: Portal, folder: Path, case: Case) -> None:
    for _ in range(5):
        last = opened(portal, folder, case)
    soon, later = TAKES_EFFECT + 59 * MINUTE, TAKES_EFFECT + 61 * MINUTE
    with working(portal, soon) as docket:
        assert remove_ended(docket, folder, soon) == 0
    assert content(last)
    with working(portal, later) as docket:
        assert remove_ended(docket, folder, later) == 1


def erased(case: Case, *elements: str, owner: Owner = Owner.AGENCY) -> Case:
    """Return a deletion of these elements that was carried out: the student's own where they own them."""
    gone = tuple(Asked(person_id(950 + at), one, outcome="approve", result="erased") for at, one in enumerate(elements))
    decided_by = None if owner is Owner.SELF else person_id(951)
    return replace(case, kind=Kind.ERASURE, owner=owner, elements=gone, decided_by=decided_by)


@pytest.mark.parametrize("gone", ["apps", "account"])
def test_what_was_erased_of_a_student_is_not_left_in_a_package(
    portal: Portal, folder: Path, case: Case, gone: str
) -> None:
    with working(portal) as docket:
        assert remove_about(docket, folder, erased(case, gone), TAKES_EFFECT) == 1
    assert files_under(folder) == []
    with pytest.raises(NoPackage):
        opened(portal, folder, case)


@pytest.mark.parametrize(("gone", "owner"), [("mobile", Owner.AGENCY), ("picture", Owner.SELF), ("files", Owner.SELF)])
def test_a_package_without_what_was_erased_or_from_before_a_students_own_deletion_stays(
    portal: Portal, folder: Path, case: Case, gone: str, owner: Owner
) -> None:
    with working(portal) as docket:
        assert remove_about(docket, folder, erased(case, gone, owner=owner), TAKES_EFFECT) == 0
    assert content(opened(portal, folder, case))


def test_a_crash_before_the_commit_leaves_a_file_that_is_swept(portal: Portal, folder: Path) -> None:
    started = granted(portal)
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, TAKES_EFFECT)
        make_package(docket, [Holds(HOLDINGS)], folder, portal.signer, started.id, TAKES_EFFECT)
        tx.rollback()
    assert found(portal, started.reference).state is State.FULFILLING
    (orphan,) = files_under(folder)
    made(portal, folder, started)
    for file in files_under(folder):
        os.utime(file, (NEW.timestamp(), NEW.timestamp()))
    later = TAKES_EFFECT + DAY
    with working(portal, later) as docket:
        assert sweep_orphans(docket, folder, later) == 1
    assert orphan not in files_under(folder)
    assert content(opened(portal, folder, started))


def test_a_file_that_is_just_being_written_is_not_swept(portal: Portal, folder: Path) -> None:
    started = granted(portal)
    with working(portal) as docket:
        make_package(docket, [Holds(HOLDINGS)], folder, portal.signer, started.id, TAKES_EFFECT)
        for file in files_under(folder):
            os.utime(file, (TAKES_EFFECT.timestamp(), TAKES_EFFECT.timestamp()))
        docket.session.rollback()
        assert sweep_orphans(docket, folder, TAKES_EFFECT + 59 * MINUTE) == 0
    assert len(files_under(folder)) == 1


def test_a_sweep_leaves_alone_what_is_no_package(portal: Portal, folder: Path, case: Case) -> None:
    strangers = [folder / MARIGOLD.id.hex / name for name in ("notes.txt", "odd.sealed")]
    for file in strangers:
        file.write_bytes(b"somebody put this here")
        os.utime(file, (0, 0))
    with working(portal) as docket:
        assert sweep_orphans(docket, folder, TAKES_EFFECT + DAY) == 0
    assert set(strangers) < set(files_under(folder))
    assert left(portal, case) == 5


def test_a_sweep_never_touches_another_agencys_files(portal: Portal, folder: Path, case: Case) -> None:
    foreign = folder / UUID(int=7).hex / f"{UUID(int=8)}.sealed"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"theirs")
    os.utime(foreign, (0, 0))
    with working(portal) as docket:
        assert sweep_orphans(docket, folder, TAKES_EFFECT + DAY) == 0
    assert foreign.exists()
    assert left(portal, case) == 5


def test_a_disk_that_takes_nothing_leaves_the_case_as_it_was(portal: Portal, folder: Path) -> None:
    started = granted(portal)
    folder.write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match="packages"):
        made(portal, folder, started)
    assert found(portal, started.reference).state is State.FULFILLING


def test_the_family_is_told_once_three_days_before_it_ends(portal: Portal, case: Case) -> None:
    for days, expected in ((10, 0), (11, 1), (12, 0)):
        at = TAKES_EFFECT + days * DAY
        with working(portal, at) as docket:
            assert tell_ending(docket, at) == expected
    assert told(portal, "PACKAGE_ENDING") == 1
    assert case.state is State.FULFILLED


def test_nobody_is_told_of_a_package_that_cannot_be_opened_any_more(portal: Portal, case: Case) -> None:
    end_link(portal)
    at = TAKES_EFFECT + 12 * DAY
    with working(portal, at) as docket:
        assert tell_ending(docket, at) == 0
    assert left(portal, case) == 5
