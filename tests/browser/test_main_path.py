"""The main job from the text to the download, with the decision between: a district, its desk, its worker."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import pytest
from given import Clock, given_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pyotp.totp import TOTP
from starlette.types import ASGIApp

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases.timeline import timeline
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web import schema
from rightsdesk.web.app import app_of, wire
from rightsdesk.web.demo import seeding
from rightsdesk.web.demo.colleagues import Hired, hire
from rightsdesk.web.demo.district import people
from rightsdesk.web.portal import Portal
from rightsdesk.web.worker import Worker

pytestmark = pytest.mark.browser
PATIENCE: Final = 20_000
NAMED: Final = people()


@dataclass(slots=True)
class District:
    """The served district: its portal, its staff, and the clock that decides when a hold is over."""

    portal: Portal
    staff: tuple[Hired, ...]
    clock: Clock

    def texts(self) -> list[dict[str, str]]:
        """Return the texts sent so far."""
        path = self.portal.settings.data / "texts.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def code(self, page: Page, before: int) -> str:
        """Return the code of the next text, waiting for the worker to send it."""
        for _ in range(PATIENCE // 100):
            codes = [text["body"] for text in self.texts() if text["kind"] == "code"]
            if len(codes) > before:
                found = re.search(r"#(\d{6})$", codes[-1])
                assert found, codes[-1]
                return found[1]
            page.wait_for_timeout(100)
        raise AssertionError("no text arrived")

    def codes(self) -> int:
        """Return how many codes were texted so far."""
        return sum(text["kind"] == "code" for text in self.texts())


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    clock = Clock()
    settings = replace(given_settings(tmp_path_factory.mktemp("district")), public_url="http://127.0.0.1")
    portal = wire(settings, clock)
    schema.migrate(portal.storage.engine)
    agency = seeding.agency(portal)
    seeding.roster(portal, agency, settings.data)
    staff = hire(portal, agency)
    seeding.holdings(portal, agency)
    worker = Worker(portal, poll=0.1)
    worker.start()
    yield District(portal, staff, clock)
    worker.stop()


@pytest.fixture(scope="module")
def portal_app(district: District) -> ASGIApp:
    return app_of(district.portal)


@pytest.fixture
def sit(browser: Browser, district: District, portal_url: str) -> Iterator[Callable[[int], Page]]:
    """Return what lets the n-th member of staff sign in with password and authenticator on a desktop page."""
    opened: list[BrowserContext] = []

    def seated(number: int) -> Page:
        district.clock.advance(minutes=2)  # an authenticator's code works once
        context = browser.new_context(base_url=portal_url, viewport={"width": 1280, "height": 800})
        opened.append(context)
        page, who = context.new_page(), district.staff[number]
        page.goto("/desk/marigold/sign-in")
        page.fill("[name=username]", who.email)
        page.fill("[name=password]", who.password)
        page.get_by_role("button", name="Continue").click()
        page.fill("[name=totp]", TOTP(who.totp_secret).at(district.clock()))
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="Needs a decision")).to_be_visible()
        return page

    yield seated
    for context in opened:
        context.close()


def prove(page: Page, district: District, number: str) -> None:
    district.clock.advance(hours=2)
    page.goto("/marigold/")
    page.get_by_role("link", name="Start a request").click()
    page.fill("[name=phone]", number)
    before = district.codes()
    page.get_by_role("button", name="Text me a code").click()
    page.fill("[name=code]", district.code(page, before))
    page.get_by_role("button", name="Continue").click()


def ask(page: Page, kind: str, child: str = "") -> None:
    if child:
        page.get_by_label(child).check()
        page.get_by_role("button", name="Continue").click()
    page.check(f"[name=kind][value={kind}]")
    page.get_by_role("button", name="Continue").click()


def send(page: Page) -> str:
    online = page.locator("[name=delivery][value=electronic]")
    if online.count():
        online.check()
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", name="Request sent")).to_be_visible()
    return page.locator(".ref").inner_text()


def approve(page: Page, reference: str) -> None:
    page.goto(f"/desk/marigold/cases/{reference}")
    page.locator("button[name=outcome][value=approve]").first.click()
    sure = page.get_by_role("button", name=re.compile("Yes"))
    if sure.count() and sure.first.is_visible():
        sure.first.click()
    page.wait_for_load_state()


def let_it_leave(page: Page, district: District, reference: str, words: str) -> None:
    district.clock.advance(minutes=11)
    for _ in range(PATIENCE // 250):
        page.goto(f"/marigold/requests/{reference}")
        if words in page.content():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{words!r} never showed: {page.locator('main').inner_text()}")


def check_the_ledger(district: District, reference: str) -> None:
    """Assert that the ledger is whole and tells the request's story."""
    portal = district.portal
    with portal.storage.read() as tx:
        agency = Agencies(tx).named("marigold")
        docket = portal.docket(tx, agency, district.clock())
        kinds = {moment.kind for moment in timeline(docket, docket.cases.find(reference))}
        verdict = verify(tx, agency.id, portal.checkpoints)
    assert verdict.ok, verdict
    assert {"filed", "took_effect", "fulfilled"} <= kinds


def test_a_parent_sees_what_is_kept(
    page: Page, sit: Callable[[int], Page], district: District, faults: list[str]
) -> None:
    prove(page, district, NAMED.parent.number)
    ask(page, "access", NAMED.misspelt.given)
    reference = send(page)
    approve(sit(0), reference)
    district.clock.advance(minutes=11)
    prove(page, district, NAMED.parent.number)
    let_it_leave(page, district, reference, "Your copy is ready")
    before = district.codes()
    page.get_by_role("button", name=re.compile("get the copy")).click()
    page.fill("[name=code]", district.code(page, before))
    with page.expect_download() as started:
        page.get_by_role("button", name=re.compile("Continue|Get")).first.click()
        get = page.get_by_role("button", name=re.compile("[Gg]et the copy"))
        if get.count():
            get.click()
    package = zipfile.ZipFile(io.BytesIO(started.value.path().read_bytes()))
    assert {"index.html", "data.json", "manifest.json"} <= set(package.namelist())
    assert NAMED.misspelt.family in package.read("data.json").decode()
    assert faults == []
    check_the_ledger(district, reference)


def test_a_parent_has_a_name_put_right(page: Page, sit: Callable[[int], Page], district: District) -> None:
    prove(page, district, NAMED.parent.number)
    ask(page, "correction", NAMED.misspelt.given)
    page.check("[name=elements][value='name.family']")
    page.fill("[name='correction.name.family']", "Delgado")
    page.get_by_role("button", name="Continue").click()
    reference = send(page)
    approve(sit(0), reference)
    prove(page, district, NAMED.parent.number)
    let_it_leave(page, district, reference, "Done")
    page.goto("/marigold/student")
    expect(page.get_by_text("Lucía Delgado")).to_be_visible()
    check_the_ledger(district, reference)


def test_a_student_of_fifteen_deletes_what_the_agency_holds_after_two_people_agreed(
    page: Page, sit: Callable[[int], Page], district: District
) -> None:
    prove(page, district, NAMED.student_15.number)
    ask(page, "erasure")
    page.check("[name=elements][value=picture]")
    page.get_by_role("button", name="Continue").click()
    reference = send(page)
    approve(sit(0), reference)
    approve(sit(1), reference)
    district.clock.advance(days=8)
    for _ in range(2):  # the letter leaves, and seven days later the work is done
        district.clock.advance(days=8)
        page.wait_for_timeout(1500)
    prove(page, district, NAMED.student_15.number)
    let_it_leave(page, district, reference, "Done")
    check_the_ledger(district, reference)


def test_nobody_under_thirteen_or_of_unknown_age_gets_further_than_the_other_ways(
    page: Page, district: District
) -> None:
    for member in (NAMED.student_12, NAMED.age_unknown):
        district.clock.advance(hours=2)
        page.goto("/marigold/phone")
        page.fill("[name=phone]", member.number)
        before = district.codes()
        page.get_by_role("button", name="Text me a code").click()
        expect(page.get_by_role("heading", name="Enter the code we texted you")).to_be_visible()
        page.wait_for_timeout(800)
        assert district.codes() == before
