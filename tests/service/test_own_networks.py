"""A whole school comes from a few addresses: those that an agency lists as its own are not counted together."""

from dataclasses import replace
from pathlib import Path

import pytest
from alike_given import NUMBERS, given_numbers
from given import MARIGOLD, PUBLIC_URL
from reset_given import PATH, given_school
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.errors import BadBlock
from rightsdesk.requests.agencies.policies import MOST_BLOCKS, read_blocks
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.verification.tables import Counted, CountRow
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal

SCHOOL = "203.0.113.5"
HOME = "198.51.100.9"
WITHIN_TEN_MINUTES = 10


def _settle(portal: Portal, *blocks: str) -> None:
    with portal.storage.write() as tx:
        agencies = Agencies(tx)
        agencies.change(replace(agencies.named(MARIGOLD.slug), own_blocks=read_blocks(blocks)))


def _stranger(portal: Portal, address: str) -> TestClient:
    headers = {"sec-fetch-site": "same-origin"}
    return TestClient(app_of(portal), PUBLIC_URL, headers=headers, follow_redirects=False, client=(address, 50000))


def _asked(portal: Portal, address: str, path: str, field: str, values: list[str]) -> list[int]:
    return [_stranger(portal, address).post(path, data={field: value}).status_code for value in values]


def _phones(portal: Portal, address: str, first: int) -> list[int]:
    numbers = [f"(646) 55{first}-01{number:02}" for number in range(WITHIN_TEN_MINUTES + 2)]
    return _asked(portal, address, "/marigold/phone", "phone", numbers)


def test_families_at_school_ask_for_as_many_codes_as_they_are(tmp_path: Path) -> None:
    portal = given_numbers(tmp_path)
    _settle(portal, "203.0.113.0/24")
    assert _phones(portal, SCHOOL, 5) == [303] * 12
    assert _phones(portal, HOME, 6) == [303] * 10 + [422] * 2


def test_elsewhere_an_address_has_ten_in_ten_minutes(tmp_path: Path) -> None:
    portal = given_numbers(tmp_path)
    _settle(portal, "192.0.2.0/24")
    assert _phones(portal, SCHOOL, 5) == [303] * 10 + [422] * 2


@pytest.mark.parametrize(("block", "told"), [("203.0.113.0/24", [303] * 12), ("192.0.2.0/24", [303] * 10 + [422] * 2)])
def test_a_class_that_forgot_its_passwords_is_not_counted_together(tmp_path: Path, block: str, told: list[int]) -> None:
    portal = given_school(tmp_path)
    _settle(portal, block)
    names = [f"pupil{number}" for number in range(len(told))]
    assert _asked(portal, SCHOOL, PATH, "username", names) == told


@pytest.mark.parametrize("block", ["203.0.113.0/24", "192.0.2.0/24"])
def test_wrong_codes_are_counted_wherever_they_come_from(tmp_path: Path, block: str) -> None:
    portal = given_numbers(tmp_path)
    _settle(portal, block)
    guesser = _stranger(portal, SCHOOL)
    guesser.post("/marigold/phone", data={"phone": NUMBERS["known"]})
    guesser.post("/marigold/code", data={"code": "000001"})
    with portal.storage.read() as tx:
        counted = tx.exec(select(CountRow.day_wrong).where(CountRow.kind == Counted.ADDRESS)).all()
    assert counted == [1]


def test_networks_are_told_in_one_way_and_once() -> None:
    typed = [" 203.0.113.77/24 ", "", "203.0.113.0/24", "2001:DB8:1::/48", "198.51.100.9"]
    assert read_blocks(typed) == ("198.51.100.9/32", "2001:db8:1::/48", "203.0.113.0/24")


@pytest.mark.parametrize(
    "lines",
    [
        ["school"],
        ["203.0.113.0/33"],
        ["0.0.0.0/0"],
        ["198.0.0.0/15"],
        ["2001::/31"],
        ["203.0.113.0/24; 192.0.2.0/24"],
        [f"198.51.{number}.0/24" for number in range(MOST_BLOCKS + 1)],
    ],
)
def test_what_is_no_network_or_half_the_world_is_refused(lines: list[str]) -> None:
    with pytest.raises(BadBlock):
        read_blocks(lines)
