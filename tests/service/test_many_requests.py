"""What one family can ask is not bounded, what is read for one page is: it stays as quick as any other."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import desk_given
import pytest
from desk_given import NEW, PRIYA, Clock, at_the_desk, open_portal
from family_given import Phone, fix, given_families, given_phone, words_of
from following_given import ELENAS_PHONE, asked_often

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.store import BESIDE_AT_MOST
from rightsdesk.web.family.asked import PAGE
from rightsdesk.web.portal import Portal

LIST = "/marigold/requests"
REFERENCE = r"MGD-[0-9A-Z]{4}-[0-9A-Z]{4}"


@pytest.fixture
def families(tmp_path: Path) -> Portal:
    return given_families(tmp_path)


@pytest.fixture
def elena(families: Portal) -> Phone:
    phone = given_phone(families)
    phone.prove(ELENAS_PHONE)
    return phone


def shown(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(f'href="{LIST}/({REFERENCE})"', page)))


def older(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(rf'href="({LIST}\?before=[^"&]*)"', page)]


def test_a_long_list_goes_on_behind_its_last_row_and_names_each_request_once(elena: Phone, families: Portal) -> None:
    references = asked_often(families, 2 * PAGE + 5)
    page, seen = elena.open(LIST), []
    assert "Back to the newest" not in page
    for many in (PAGE, PAGE, 5):
        assert len(shown(page)) == many
        seen += shown(page)
        page = elena.open(older(page)[0]) if older(page) else page
    assert seen == references
    assert older(page) == []
    assert "Back to the newest" in words_of(page)


@pytest.mark.parametrize(("count", "links"), [(0, 0), (1, 0), (PAGE, 0), (PAGE + 1, 1)])
def test_a_list_that_fits_on_one_page_leads_no_further(elena: Phone, families: Portal, count: int, links: int) -> None:
    asked_often(families, count)
    page = elena.open(LIST)
    assert (len(shown(page)), len(older(page))) == (min(count, PAGE), links)


def test_behind_the_last_one_a_page_says_so_and_leads_back(elena: Phone) -> None:
    page = elena.open(f"{LIST}?before={fix(elena)}")
    assert "There are no older requests." in words_of(page)
    assert f'href="{LIST}"' in page


def test_a_list_behind_what_is_not_ones_own_is_no_page(elena: Phone, families: Portal) -> None:
    theirs = fix(elena)
    marcus = given_phone(families)
    marcus.prove("(212) 555-0143")
    answers = set()
    for before in (theirs, "MGD-2222-2222", "x", "%27"):
        answers.add((marcus.open(f"{LIST}?before={before}"), marcus.status))
    assert len(answers) == 1
    assert marcus.status == 404


def test_the_desk_reads_a_bounded_number_beside_a_case_and_never_misses_who_asked_to_see_the_data(
    tmp_path: Path,
) -> None:
    portal = open_portal(tmp_path, Clock())
    priya = at_the_desk(portal, PRIYA)
    to_see = desk_given.ask(portal, Kind.ACCESS, wanted=(), at=NEW - timedelta(days=30))
    for number in range(BESIDE_AT_MOST + 10):
        desk_given.ask(portal, wanted=(Wanted("name.family", f"Delgado {number}"),))
    last = desk_given.ask(portal, Kind.ERASURE, wanted=(Wanted("picture", ""),), at=NEW - timedelta(days=40))
    page = priya.get(f"/desk/marigold/cases/{last.reference}").text
    assert last.reference in page
    warned = page.partition("Somebody asked to see this data")[2].partition("</span>")[0]
    assert to_see.reference in warned
    assert "and more" not in warned, "all who asked to see the data are named"
    others = page.partition("Other open requests on this student")[2].partition("</span>")[0]
    assert len(set(re.findall(REFERENCE, others))) == BESIDE_AT_MOST - 1
    assert "and more" in others


@pytest.mark.parametrize("count", [3, 1 + BESIDE_AT_MOST])
def test_beside_a_case_with_no_more_others_than_a_page_names_all_of_them_are_named(tmp_path: Path, count: int) -> None:
    portal = open_portal(tmp_path, Clock())
    priya = at_the_desk(portal, PRIYA)
    cases = [desk_given.ask(portal, wanted=(Wanted("name.family", f"Delgado {number}"),)) for number in range(count)]
    page = priya.get(f"/desk/marigold/cases/{cases[0].reference}").text
    others = page.partition("Other open requests on this student")[2].partition("</span>")[0]
    assert set(re.findall(REFERENCE, others)) == {case.reference for case in cases[1:]}
    assert "and more" not in others
