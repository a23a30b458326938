"""Parents, students and staff sign in at a provider that nobody here wrote, on a phone and at a desk."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin
from uuid import UUID

import pyotp
import pytest
from browser_given import axe, live_server
from family_given import ELENA, JORDAN, MARCUS, settle
from given import MARIGOLD, Clock, given_portal
from playwright.sync_api import Page, Route, expect
from provider_given import CLIENT, SECRET, School, serving
from schooling_given import enter_roster, sourced_id

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.school.discovery import Discovery
from rightsdesk.verification.school.kinds import LinkKey, ProviderKind, Trust
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.staff.invitations.inviting import Purpose, Way, invite
from rightsdesk.web.app import app_of, clock
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means
from rightsdesk.web.staffroom import staff_means

pytestmark = pytest.mark.browser

PAT: Final = Colleague(
    UUID("dddddddd-0000-4000-8000-0000000000aa"), "Pat Bell", "pat@marigold.example", frozenset({Role.APPROVER}), MARCUS
)
KIM: Final = replace(PAT, id=UUID(int=77), name="Kim Bell", email="kim@marigold.example", person=None)
WAYS: Final = ("classlink", "trusted", "second", "google")
SCOPES: Final = {"profile": ("name", "TenantId", "SourcedId", "UserId", "hd")}


def person(name: str, who: UUID, **claims: Any) -> dict[str, Any]:
    return {"name": name, "TenantId": 2001, "UserId": who.int & 0xFFFF, "SourcedId": sourced_id(who)} | claims


PEOPLE: Final = {
    "elena": person("Elena Delgado", ELENA, hd="marigold.example"),
    "jordan": person("Jordan Bell", JORDAN),
    "pat": person("Pat Bell", MARCUS, **{"$amr": ["pwd", "mfa"]}),
    "kim": {"name": "Kim Bell", "TenantId": 2001, "UserId": 77},
    "neighbor": person("Elena Delgado of Plum", ELENA, TenantId=2002),
}


@dataclass
class World:
    """The served portal, the provider, one that tells the district in a second call alone, and Pat's authenticator."""

    url: str
    portal: Portal
    school: School
    second: School
    app: pyotp.TOTP


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("school")
    folder.chmod(0o700)
    with socket.create_server(("127.0.0.1", 0)) as place:
        url = f"http://127.0.0.1:{place.getsockname()[1]}"
        returns = tuple(f"{url}{side}/marigold/sign-in/{way}/callback" for side in ("", "/desk") for way in WAYS)
        with (
            serving(School(PEOPLE, returns, SCOPES)) as school,
            serving(School(PEOPLE, returns, SCOPES, claims_in="userinfo")) as second,
        ):
            portal, app = opened(folder, url, school, second)
            with live_server(app_of(portal), place):
                yield World(url, portal, school, second, app)


def opened(folder: Path, url: str, school: School, second: School) -> tuple[Portal, pyotp.TOTP]:
    """Return a portal that goes by the machine's clock, as the provider does, and Pat's authenticator."""
    wired = given_portal(folder, Clock(clock()))
    settings = replace(wired.settings, public_url=url)
    portal = replace(wired, settings=settings, now=clock, schools=Discovery(on_loopback=True))
    settle(portal)
    now = portal.now()
    with portal.storage.write() as tx:
        enter_roster(portal, tx)
        for one in trusted(school, second):
            school_means(portal, tx, MARIGOLD, now).providers.add(one, SECRET, now)
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(PAT, now)
        means = staff_means(portal, tx, MARIGOLD, now)
        accounts.begin_app(means, PAT.id)
        app = pyotp.TOTP(accounts.pending_seed(means, PAT.id) or "")
        earlier = now.replace(year=now.year - 1)  # so that the code of now was never used
        assert accounts.confirm_app(means, PAT.id, app.at(earlier), earlier)
    return portal, app


def trusted(school: School, second: School) -> tuple[Provider, ...]:
    """Return the agency's four rows: one plain, one whose second factor counts, ClassLink's second call, and Google."""
    plain = Provider(
        id=UUID("eeeeeeee-0000-4000-8000-000000000001"),
        slug="classlink",
        label="ClassLink",
        kind=ProviderKind.CLASSLINK,
        issuer=school.issuer,
        client_id=CLIENT,
        tenant_claim="TenantId",
        tenant="2001",
        link_key=LinkKey.SOURCED_ID,
        link_claim="SourcedId",
        for_staff=True,
    )
    counts = replace(plain, id=UUID(int=plain.id.int + 1), slug="trusted", label="Trusted", second_factor=Trust.AMR)
    told = replace(plain, id=UUID(int=plain.id.int + 2), slug="second", label="Launchpad", issuer=second.issuer)
    told = replace(told, userinfo=f"{second.issuer}/v2/my/info")
    google = replace(plain, id=UUID(int=plain.id.int + 3), slug="google", label="Google", kind=ProviderKind.GOOGLE)
    google = replace(google, tenant_claim="hd", tenant="marigold.example")
    return plain, counts, told, google


@pytest.fixture(scope="module")
def portal_url(world: World) -> str:
    """Return the address of the portal, which the provider knows, too."""
    return world.url


def choose(screen: Page, who: str) -> None:
    """Sign in at the provider."""
    screen.locator(f"button[value={who}]").click()


def begin(screen: Page, way: str = "ClassLink", start: str = "/marigold/") -> None:
    """Press the button of the provider."""
    screen.goto(start)
    screen.get_by_role("link", name=f"Sign in with {way}", exact=True).click()
    expect(screen.get_by_role("heading", level=1)).to_have_text("Test sign-in")


def arrive(screen: Page, who: str, way: str = "ClassLink") -> None:
    """Sign in, say "this is me" where it is asked, and stand before the choice of a student."""
    begin(screen, way)
    choose(screen, who)
    yes = screen.get_by_role("button", name="Yes, this is me")
    expect(yes.or_(screen.locator("main form[action$='/student'], main form[action$='/ask']")).first).to_be_visible()
    if yes.is_visible():
        yes.click()
    expect(screen).to_have_url(re.compile("/marigold/(student|ask)$"))


def fits(screen: Page) -> None:
    axe(screen)
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")


def refused(screen: Page, words: str) -> None:
    """Assert that the plain page stands there with other ways, open to everybody."""
    expect(screen.get_by_role("heading", level=1)).to_have_text("That did not work")
    expect(screen.locator("main")).to_contain_text(words)
    fits(screen)


def test_a_parent_is_found_by_the_roster_asked_once_and_then_let_straight_in(page: Page, desk: Page) -> None:
    begin(page)
    choose(page, "elena")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this you?")
    expect(page.locator("main")).to_contain_text("Elena Delgado")
    fits(page)
    page.get_by_role("button", name="Yes, this is me").click()
    expect(page.locator("main")).to_contain_text("Lucía")
    begin(desk)
    choose(desk, "elena")
    expect(desk.locator("main")).to_contain_text("Lucía")


def test_a_student_signs_in_at_a_desk_and_on_a_phone_without_script(desk: Page, unscripted: Page) -> None:
    arrive(desk, "jordan")
    fits(desk)
    arrive(unscripted, "jordan")


def test_two_tabs_both_arrive(page: Page) -> None:
    other = page.context.new_page()
    begin(page)
    begin(other)
    choose(page, "jordan")
    expect(page).to_have_url(re.compile("/marigold/"))
    other.reload()  # the provider knows by now who sits here
    if other.locator("button[value=jordan]").is_visible():
        choose(other, "jordan")
    expect(other).to_have_url(re.compile("/marigold/(student|ask|school-account)$"))


def test_a_tile_of_the_providers_own_page_begins_our_sign_in(page: Page) -> None:
    page.goto("/marigold/sign-in/classlink/callback?code=of-the-tile")
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    fits(page)
    page.get_by_role("link", name="Sign in with ClassLink").click()
    choose(page, "elena")
    expect(page).to_have_url(re.compile("/marigold/(student|ask|school-account)$"))


def test_a_new_key_of_the_provider_keeps_nobody_out(page: Page, desk: Page, world: World) -> None:
    arrive(page, "elena")
    world.school.restart()
    arrive(desk, "elena")


def test_a_provider_that_went_down_meanwhile_is_a_plain_page(page: Page, world: World, faults: list[str]) -> None:
    def pull_the_plug(route: Route) -> None:
        """Let the provider send the person back, and end it before we ask it for their token."""
        answer = route.fetch(max_redirects=0)
        while "/callback?" not in answer.headers["location"]:
            onward = urljoin(answer.url, answer.headers["location"])
            answer = page.request.get(onward, max_redirects=0)
        world.school.stop()
        route.fulfill(status=303, headers={"location": answer.headers["location"]})

    begin(page)
    page.route(f"{world.school.issuer}/**", pull_the_plug)  # what a redirect leads to is asked of no route
    choose(page, "elena")
    try:
        refused(page, "ClassLink does not answer right now")
    finally:
        world.school.start()
    assert [one.split("?")[0] for one in faults] == [f"503 {world.url}/marigold/sign-in/classlink/callback"]
    faults.clear()
    page.get_by_role("link", name="Get a code by text").click()
    expect(page.locator("#phone")).to_be_visible()


def test_whoever_gives_up_there_gets_another_way(page: Page) -> None:
    begin(page)
    page.get_by_role("button", name="Cancel").click()
    refused(page, "We could not sign you in with ClassLink")
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Test sign-in")


def test_the_same_person_of_another_district_is_refused(page: Page) -> None:
    begin(page)
    choose(page, "neighbor")
    refused(page, "We could not sign you in")


def test_a_private_account_without_the_schools_domain_is_refused(page: Page, desk: Page) -> None:
    begin(page, "Google")
    choose(page, "jordan")
    refused(page, "We could not sign you in with Google")
    arrive(desk, "elena", "Google")


def test_what_classlink_tells_in_its_second_call_counts(page: Page) -> None:
    arrive(page, "elena", "Launchpad")


def test_signing_out_ends_ours_while_the_provider_is_down(page: Page, world: World) -> None:
    arrive(page, "elena")
    world.school.stop()
    try:
        page.get_by_role("button", name=re.compile("Sign out|Leave")).click()
        page.goto("/marigold/requests")
        expect(page.locator("#phone")).to_be_visible()
    finally:
        world.school.start()


def test_staff_show_their_authenticator_unless_the_row_trusts_the_provider(
    desk: Page, unscripted: Page, world: World
) -> None:
    begin(desk, start="/desk/marigold/sign-in")
    choose(desk, "pat")
    expect(desk.locator("#totp")).to_be_visible()
    desk.fill("#totp", world.app.at(clock()))
    desk.get_by_role("button", name="Continue").click()
    expect(desk).to_have_url(re.compile("/desk/marigold/cases"))
    begin(unscripted, "Trusted", "/desk/marigold/sign-in")
    choose(unscripted, "pat")
    expect(unscripted).to_have_url(re.compile("/desk/marigold/cases"))


def test_an_invited_colleague_joins_by_the_school(desk: Page, world: World) -> None:
    portal, now = world.portal, clock()
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(KIM, now)
        means = staff_means(portal, tx, MARIGOLD, now)
        token = invite(means, KIM.id, Purpose.JOIN, Way.PRINT, "operator", now).token
    desk.goto(f"/desk/marigold/join?invitation={token}")
    for kind, name in (("button", "Begin"), ("button", "Join with ClassLink"), ("link", "Go on to ClassLink")):
        desk.get_by_role(kind, name=name, exact=True).click()  # type: ignore[arg-type]  # one of the roles
    choose(desk, "kim")
    expect(desk).to_have_url(re.compile("/desk/marigold/authenticator"))
    desk.fill("#totp", pyotp.TOTP(desk.locator(".ref").inner_text().replace(" ", "")).at(clock()))
    desk.get_by_role("button", name="Continue").click()
    expect(desk.locator("ol li")).to_have_count(10)
