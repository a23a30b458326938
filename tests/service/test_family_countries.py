"""Which countries' numbers get codes is the region's to say, and the words of the page follow it."""

from dataclasses import replace
from pathlib import Path

import pytest
from family_given import Phone, given_families, given_phone, texts, words_of

from rightsdesk.verification.reading import UNITED_STATES
from rightsdesk.web.family.countries import example, home, named
from rightsdesk.web.portal import Portal
from rightsdesk.web.texting import Texting


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


def phone_of(portal: Portal, *countries: str, language: str = "en") -> Phone:
    """Return a phone at a portal whose region texts these countries."""
    settings = replace(portal.settings, texting=Texting(countries=frozenset(countries)))
    return given_phone(replace(portal, settings=settings), language)


def test_a_number_of_a_neighbour_is_refused_until_the_region_says_otherwise(portal: Portal) -> None:
    told = "We can text only numbers from the United States. Choose another way"
    assert words_of(given_phone(portal).send("/marigold/phone", {"phone": "+1 416 555 0123"})).count(told) == 2
    allowed = phone_of(portal, *UNITED_STATES, "CA")
    allowed.send("/marigold/phone", {"phone": "+1 416 555 0123"})
    assert allowed.path == "/marigold/code"


def test_an_island_under_plus_one_is_not_the_united_states(portal: Portal) -> None:
    page = given_phone(portal).send("/marigold/phone", {"phone": "+1 876 555 1234"})
    assert "We can text only numbers from the United States" in words_of(page)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "We can text only numbers from France and Germany. Choose another way"),
        ("es", "Solo podemos enviar mensajes a números de Alemania y Francia. Elija otra manera"),
    ],
)
def test_the_page_names_the_countries_of_its_region(portal: Portal, language: str, told: str) -> None:
    phone = phone_of(portal, "DE", "FR", language=language)
    assert words_of(phone.send("/marigold/phone", {"phone": "+1 212 555 0142"})).count(told) == 2


def test_a_number_is_read_as_it_is_written_at_home(portal: Portal) -> None:
    phone = phone_of(portal, "DE")
    phone.send("/marigold/phone", {"phone": "01512 3456789"})
    assert phone.path == "/marigold/code"
    assert "Enter a mobile number, like +49" in words_of(phone.send("/marigold/phone", {"phone": "12"}))


def test_the_worker_keeps_to_the_countries_too(portal: Portal) -> None:
    phone = phone_of(portal, "DE")
    phone.send("/marigold/phone", {"phone": "+49 1512 3456789"})
    assert texts(phone.portal) == []


def test_the_united_states_are_named_without_their_territories() -> None:
    assert named(UNITED_STATES, "en") == ""
    assert named(UNITED_STATES | {"CA"}, "en") == "Canada and the United States"
    assert (home(UNITED_STATES | {"CA"}), home(frozenset({"FR", "DE"}))) == ("US", "DE")
    assert example(UNITED_STATES | {"CA"}) == ""
