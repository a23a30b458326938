"""What must stay quick asks the database for little: a count that no busy machine can blur."""

from pathlib import Path
from typing import Final

import pytest
from alike_given import counting
from cases_given import World, given_world
from cases_people_given import MATEO
from family_given import ELENA, given_families
from given import MARIGOLD

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.filing import Filing, file_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.verification.answering import answer
from rightsdesk.verification.asking import Asked, Opened, ask
from rightsdesk.verification.challenges import Answer, Purpose
from rightsdesk.verification.means import place_of
from rightsdesk.verification.store import Claim
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import unit

AROUND: Final = ("BEGIN", "PRAGMA", "SET TRANSACTION", "SELECT pg_advisory", "SELECT pg_logical")
TO_FILE: Final = 11
TO_CHECK: Final = 12
ADDRESS: Final = "192.0.2.7"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = given_world(tmp_path)
    world.file()  # the first one makes a key
    return world


def asked_to_file(world: World, filing: Filing) -> list[str]:
    with counting(world) as seen, world.at() as docket:
        file_case(docket, filing, world.now)
    return [one for one in seen if not one.startswith(AROUND)]


def test_a_filing_asks_the_database_for_little(world: World) -> None:
    seen = asked_to_file(world, world.filing(subject=MATEO))
    again = asked_to_file(world, world.filing(Kind.CORRECTION, "grade"))
    assert len(again) <= TO_FILE + 2, (
        again
    )  # of the open request: its elements; and the look whether a key was destroyed
    assert len(seen) <= TO_FILE + 4, seen  # a first request about a student also makes a key


def test_what_is_asked_of_the_database_does_not_grow_with_what_a_family_asks(world: World) -> None:
    one = asked_to_file(world, world.filing(Kind.CORRECTION, "grade"))
    three = asked_to_file(world, world.filing(Kind.CORRECTION, "name.given", "name.family", "grade"))
    everything = asked_to_file(world, world.filing(Kind.ACCESS))
    assert len(three) == len(one)
    assert len(everything) < len(one)


def test_what_is_asked_does_not_grow_with_what_is_open_already(world: World) -> None:
    before = asked_to_file(world, world.filing(Kind.CORRECTION, "grade"))
    for name in ("Ruiz", "Delgado", "Delgado y Ruiz"):
        world.file(wanted=(Wanted("name.family", name),))
    assert len(asked_to_file(world, world.filing(Kind.CORRECTION, "name.given"))) == len(before)


def checked(portal: Portal, session: str, address: str = ADDRESS) -> list[str]:
    now = portal.now()
    with unit(portal, MARIGOLD, now)() as means:
        opened = ask(means, Asked(session, Purpose.FILE_REQUEST, "+12125550142", ADDRESS), now)
        assert isinstance(opened, Opened)
        seen = means.codes.seen(opened.challenge)
        assert seen is not None
        code = seen.opened(means.seal.unseal_agency(place_of(seen.id), seen.secret)).code()
    with counting(portal) as statements, unit(portal, MARIGOLD, now)() as means:
        judged = answer(means, Claim(opened.challenge, session, Purpose.FILE_REQUEST), code, address, now)
    assert (judged.answer, [one.person for one in judged.holders]) == (Answer.CORRECT, [ELENA])
    return [one for one in statements if not one.startswith(AROUND)]


def test_the_check_of_a_code_asks_the_database_for_little(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    seen = checked(portal, "session-1")
    assert len(seen) <= TO_CHECK, seen


def test_an_address_that_never_answered_before_asks_for_no_more(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    assert len(checked(portal, "session-1", "192.0.2.8")) <= TO_CHECK
