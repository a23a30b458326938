"""Nobody is sent to a provider that is down: a short look comes first, one for all who press, and then a plain page."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from threading import Barrier
from time import monotonic
from typing import Final

import pytest
from family_given import MARIGOLD
from forging_given import DISCOVERY, Forger, dripping, forging, leading_to, saying, silent
from given import clock_of
from schooling_given import START, Visitor, events, facts_of, provider_at
from sqlmodel import select

from rightsdesk.verification.school.discovery import ANSWERED, LOOK, SILENT, Discovery
from rightsdesk.verification.school.errors import ProviderDown
from rightsdesk.verification.school.tables import SignInRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means

DOWN: Final = "does not answer right now"
SECOND: Final = timedelta(seconds=1)
CROWD: Final = 8


def looks(forger: Forger) -> int:
    return forger.asked.count(DISCOVERY)


def filled(portal: Portal) -> None:
    """Let somebody sign in, so that everything about the provider is known."""
    assert Visitor(portal).sign_in().status_code == 303


def test_a_provider_that_went_down_since_is_a_plain_page_with_other_ways(portal: Portal, forger: Forger) -> None:
    with forging(portal.now) as another:
        another.claims |= forger.claims
        with portal.storage.write() as tx:
            school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(another))
        filled(portal)
    clock_of(portal).at += ANSWERED
    page = Visitor(portal).browser.get(START)
    assert (page.status_code, DOWN in page.text, "location" in page.headers) == (503, True, False)
    assert 'href="/marigold/phone"' in page.text
    assert 'href="/marigold/paper"' in page.text
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "unreachable"
    with portal.storage.read() as tx:
        assert [row for row in tx.exec(select(SignInRow)) if row.used_at is None] == [], "nothing was begun"


def test_for_two_minutes_after_an_answer_nobody_is_kept_waiting(portal: Portal, forger: Forger) -> None:
    filled(portal)
    clock_of(portal).at += ANSWERED - SECOND
    Visitor(portal).away()
    assert looks(forger) == 1
    clock_of(portal).at += SECOND
    Visitor(portal).away()
    assert looks(forger) == 2
    Visitor(portal).away()
    assert looks(forger) == 2


def test_after_no_answer_people_are_told_at_once_and_ten_seconds_later_it_is_asked_again(
    portal: Portal, forger: Forger
) -> None:
    filled(portal)
    clock_of(portal).at += ANSWERED
    forger.answers[DISCOVERY] = saying(b"", 503)
    assert Visitor(portal).browser.get(START).status_code == 503
    del forger.answers[DISCOVERY]
    clock_of(portal).at += SILENT - SECOND
    assert Visitor(portal).browser.get(START).status_code == 503
    assert looks(forger) == 2
    clock_of(portal).at += SECOND
    assert Visitor(portal).sign_in().status_code == 303


def test_who_came_back_to_a_provider_that_went_down_lets_the_next_one_look(portal: Portal, forger: Forger) -> None:
    filled(portal)
    one, other = Visitor(portal), Visitor(portal)
    path = one.back(one.away())
    forger.answers |= {"/token": saying(b"", 503), DISCOVERY: saying(b"", 503)}
    assert one.browser.get(path).status_code == 503
    assert other.browser.get(START).status_code == 503


def test_who_is_on_the_way_back_while_a_look_fails_still_gets_in(portal: Portal, forger: Forger) -> None:
    visitor = Visitor(portal)
    path = visitor.back(visitor.away())
    clock_of(portal).at += ANSWERED
    forger.answers[DISCOVERY] = saying(b"", 503)
    assert Visitor(portal).browser.get(START).status_code == 503
    assert visitor.browser.get(path).status_code == 303


@pytest.mark.parametrize("answer", [silent, dripping])
def test_a_look_takes_less_than_three_seconds(portal: Portal, forger: Forger, answer: object) -> None:
    discovery = Discovery(on_loopback=True)
    discovery.answering(provider_at(forger), portal.now())  # brings the client along, and fills what is kept
    forger.answers[DISCOVERY] = answer
    begun = monotonic()
    with pytest.raises(ProviderDown):
        discovery.answering(provider_at(forger), portal.now() + ANSWERED)
    assert LOOK <= monotonic() - begun < 3
    begun = monotonic()
    with pytest.raises(ProviderDown):
        discovery.answering(provider_at(forger), portal.now() + ANSWERED)
    assert monotonic() - begun < LOOK, "the next one is told at once"


@pytest.mark.parametrize("is_up", [True, False])
def test_all_who_press_at_once_share_one_look(portal: Portal, forger: Forger, *, is_up: bool) -> None:
    discovery, barrier = Discovery(on_loopback=True), Barrier(CROWD)
    discovery.answering(provider_at(forger), portal.now())

    def slowly(forger: Forger, handler: BaseHTTPRequestHandler) -> None:
        forger.over.wait(0.5)  # so that the others come while it is asked
        saying(json.dumps(forger.discovery()).encode() if is_up else b"", 200 if is_up else 503)(forger, handler)

    def press(number: int) -> bool:
        barrier.wait(30)
        try:
            # They came one after the other, and look in whatever order.
            discovery.answering(provider_at(forger), portal.now() + ANSWERED + number * timedelta(milliseconds=1))
        except ProviderDown:
            return False
        return True

    forger.answers[DISCOVERY] = slowly
    with ThreadPoolExecutor(CROWD) as pool:
        assert set(pool.map(press, range(CROWD))) == {is_up}
    assert looks(forger) == 2


def test_the_look_is_held_to_the_same_rules_as_every_call(portal: Portal, forger: Forger) -> None:
    filled(portal)
    clock_of(portal).at += ANSWERED
    forger.answers[DISCOVERY] = leading_to(forger.inside or "http://127.0.0.1:9/")
    assert Visitor(portal).browser.get(START).status_code == 400
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "redirect"
