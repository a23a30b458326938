"""A package is opened by those who may, with a fresh proof, five times in fourteen days at most."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Final
from uuid import UUID

import pytest
from desk_given import ELENA, LUCIA, MARCUS, found, settle
from given import given_portal
from package_given import (
    HOLDINGS,
    TAKES_EFFECT,
    content,
    end_link,
    files_under,
    granted,
    left,
    made,
    opened,
    unpacked,
    working,
)

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.errors import AuthorityEnded, NoSuchCase
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.timeline import timeline
from rightsdesk.requests.fulfilment.disclosures import every_disclosure
from rightsdesk.requests.fulfilment.errors import NoPackage, PackageNeedsProof
from rightsdesk.requests.fulfilment.packages import (
    open_package,
    ready,
)
from rightsdesk.requests.ledger.errors import Unreadable
from rightsdesk.web.portal import Portal

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)


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


def test_an_opening_gives_the_package_and_is_written_down(portal: Portal, folder: Path, case: Case) -> None:
    opening = opened(portal, folder, case)
    assert opening.filename == f"{case.reference}.zip"
    whole = b"".join(opening.chunks)
    assert len(whole) == opening.size
    assert "Lucía".encode() in unpacked(whole)["index.html"]
    with working(portal) as docket:
        (disclosed,) = every_disclosure(docket, LUCIA)
        last = timeline(docket, case)[-1]
    assert (disclosed.recipient_kind, disclosed.purpose) == ("parent", "access_request")
    assert set(disclosed.elements) == {one.element for one in HOLDINGS}
    assert (last.kind, last.fact("openings_left")) == ("downloaded", "4")


@pytest.mark.parametrize("age", [None, timedelta(minutes=5), DAY])
def test_an_opening_needs_a_proof_younger_than_five_minutes(
    portal: Portal, folder: Path, case: Case, age: timedelta | None
) -> None:
    proved_at = None if age is None else TAKES_EFFECT - age
    with pytest.raises(PackageNeedsProof), working(portal) as docket:
        open_package(docket, folder, ELENA, case.reference, proved_at, TAKES_EFFECT)
    assert left(portal, case) == 5


def test_a_sixth_opening_is_refused(portal: Portal, folder: Path, case: Case) -> None:
    for _ in range(5):
        assert content(opened(portal, folder, case))
    with pytest.raises(NoPackage):
        opened(portal, folder, case)
    with working(portal) as docket:
        assert len(every_disclosure(docket, LUCIA)) == 5


def test_of_two_who_open_it_for_the_last_time_at_once_one_gets_it(portal: Portal, folder: Path, case: Case) -> None:
    for _ in range(4):
        opened(portal, folder, case)
    start = Barrier(6)

    def attempt(_: int) -> str:
        start.wait()
        try:
            return "index.html" if "index.html" in content(opened(portal, folder, case)) else "broken"
        except NoPackage:
            return "refused"

    with ThreadPoolExecutor(6) as threads:
        answers = sorted(threads.map(attempt, range(6)))
    assert answers == ["index.html", *["refused"] * 5]
    with working(portal) as docket:
        assert len(every_disclosure(docket, LUCIA)) == 5


def test_it_opens_for_fourteen_days_and_not_a_second_longer(portal: Portal, folder: Path, case: Case) -> None:
    assert opened(portal, folder, case, TAKES_EFFECT + 14 * DAY - timedelta(seconds=1))
    with pytest.raises(NoPackage):
        opened(portal, folder, case, TAKES_EFFECT + 14 * DAY)


def test_a_right_that_ended_in_between_closes_it(portal: Portal, folder: Path, case: Case) -> None:
    opened(portal, folder, case)
    end_link(portal)
    with pytest.raises(AuthorityEnded):
        opened(portal, folder, case)
    assert left(portal, case) == 4


def test_a_frozen_student_closes_it_until_the_freeze_is_lifted(portal: Portal, folder: Path, case: Case) -> None:
    with working(portal) as docket:
        docket.people.freeze(LUCIA, TAKES_EFFECT)
    with pytest.raises(AuthorityEnded):
        opened(portal, folder, case)
    with working(portal) as docket:
        docket.people.freeze(LUCIA, None)
    assert opened(portal, folder, case)


def test_nobody_elses_package_can_be_opened(portal: Portal, folder: Path, case: Case) -> None:
    with pytest.raises(NoSuchCase):
        opened(portal, folder, case, requester=MARCUS)


def test_a_package_of_a_reopened_case_stays_closed(portal: Portal, folder: Path, case: Case) -> None:
    with working(portal) as docket:
        docket.cases.save(case, replace(case, state=State.IN_REVIEW, version=case.version + 1))
    with pytest.raises(NoPackage):
        opened(portal, folder, case)


def test_a_file_that_was_tampered_with_counts_as_no_opening(portal: Portal, folder: Path, case: Case) -> None:
    (file,) = files_under(folder)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Unreadable):
        opened(portal, folder, case)
    assert left(portal, case) == 5


def test_the_status_page_knows_how_long_and_how_often(portal: Portal, case: Case) -> None:
    with working(portal) as docket:
        package = ready(docket, case)
        assert ready(docket, replace(case, id=UUID(int=9))) is None
    assert package is not None
    assert (package.until, package.openings_left) == (TAKES_EFFECT + 14 * DAY, 5)
    assert package.opens(TAKES_EFFECT)
    assert not package.opens(package.until)
