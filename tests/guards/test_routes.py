"""Every screen in the table says who may use it, and nobody else gets anything."""

import re
from pathlib import Path
from typing import Final

import pytest
from given import MARIGOLD, PLUM, Clock, given_agency, given_browser, given_portal
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import RESERVED
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen, Who

# What a stranger may open. A new name here is a decision, not an accident.
PUBLIC: Final = {
    "desk.join",
    "desk.passkey",
    "desk.passkey_ask",
    "desk.school_back",
    "desk.school_sign_in",
    "desk.sign_in",
    "family.accessibility",
    "family.find",
    "family.help",
    "family.languages",
    "family.leave",
    "family.paper",
    "family.passkey",
    "family.passkey_ask",
    "family.password",
    "family.phone",
    "family.privacy",
    "family.school_back",
    "family.school_sign_in",
    "family.sign_in_password",
    "family.start",
}
CLOSED: Final = [screen for screen in SCREENS if screen.who not in {Who.ANYONE, Who.SIGNED}]
LOOKED_AT: Final = [screen for screen in SCREENS if screen.get and not screen.get_writes]
UNSAFE: Final = [screen for screen in SCREENS if screen.post]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    portal = given_portal(tmp_path_factory.mktemp("routes"), Clock())
    given_agency(portal, MARIGOLD)
    given_agency(portal, PLUM)
    return given_browser(portal)


def path_of(screen: Screen) -> str:
    return re.sub(r"{\w+}", "MGD-7K3F-92QX", screen.path.replace("{agency}", MARIGOLD.slug))


def named(screen: Screen) -> str:
    return screen.name


def test_the_public_list_is_exactly_what_was_decided() -> None:
    assert {screen.name for screen in SCREENS if screen.who is Who.ANYONE} == PUBLIC


def test_names_and_paths_are_each_there_once() -> None:
    assert len({screen.name for screen in SCREENS}) == len(SCREENS)
    assert len({screen.path for screen in SCREENS}) == len(SCREENS)


def test_every_screen_answers_something() -> None:
    assert [screen.name for screen in SCREENS if screen.get is None and screen.post is None] == []


def test_every_closed_screen_belongs_to_an_agency_whose_staff_and_families_are_known() -> None:
    assert [screen.name for screen in CLOSED if "{agency}" not in screen.path] == []


def test_staff_screens_lie_where_staff_sessions_hold_and_family_screens_where_theirs_do() -> None:
    staff = {Who.STAFF, Who.HALF_STAFF}
    assert [s.name for s in CLOSED if s.path.startswith(("/desk/", "/office/")) != (s.who in staff)] == []


def test_no_first_part_of_a_path_could_be_an_agencys_name() -> None:
    first = {screen.path.split("/")[1] for screen in SCREENS} - {"", "{agency}"}
    assert first <= RESERVED


def test_only_a_school_sign_in_may_write_while_it_is_looked_at() -> None:
    assert [s.name for s in SCREENS if s.get_writes and "/sign-in/" not in s.path] == []


@pytest.mark.parametrize("screen", CLOSED, ids=named)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_gets_nothing_but_the_way_to_a_proof(stranger: TestClient, screen: Screen, method: str) -> None:
    if (screen.get if method == "GET" else screen.post) is None:
        assert stranger.request(method, path_of(screen)).status_code == 405
        return
    answer = stranger.request(method, path_of(screen))
    proof = f"/desk/{MARIGOLD.slug}/sign-in" if screen.path.startswith(("/desk", "/office")) else "/marigold/phone"
    assert answer.status_code == 303
    assert answer.headers["location"].partition("?")[0] == proof
    assert answer.content == b""
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("screen", UNSAFE, ids=named)
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}])
def test_a_form_from_another_site_is_refused(stranger: TestClient, screen: Screen, headers: dict[str, str]) -> None:
    ours = stranger.headers.pop("sec-fetch-site")
    try:
        assert stranger.post(path_of(screen), headers=headers).status_code == 403
    finally:
        stranger.headers["sec-fetch-site"] = ours


@pytest.mark.parametrize("screen", [s for s in SCREENS if "{agency}" in s.path], ids=named)
def test_an_agency_that_does_not_exist_has_no_page(stranger: TestClient, screen: Screen) -> None:
    path = path_of(screen).replace(MARIGOLD.slug, "nowhere")
    answer = stranger.request("GET" if screen.get else "POST", path)
    assert answer.status_code == 404
    assert answer.content == stranger.get("/nowhere/at/all").content


@pytest.mark.parametrize("screen", [s for s in LOOKED_AT if s.who is Who.ANYONE], ids=named)
def test_a_public_page_opens_in_every_language_within_its_budget(stranger: TestClient, screen: Screen) -> None:
    for language in ("en", "es"):
        answer = stranger.get(path_of(screen), params={"lang": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text
        assert int(answer.headers["content-length"]) <= 20_000


def test_static_files_are_kept_for_ever_under_their_version(stranger: TestClient) -> None:
    page = stranger.get("/nowhere/at/all").text
    urls = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert urls
    for url in urls:
        assert stranger.get(url).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert stranger.get(urls[0].partition("?")[0]).headers["cache-control"] == "no-cache"
    assert stranger.get("/static/..%2fpyproject.toml").status_code == 404


def test_the_whole_public_page_is_small(stranger: TestClient) -> None:
    page = stranger.get(f"/{MARIGOLD.slug}/")
    urls = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    sizes = [int(stranger.get(url).headers["content-length"]) for url in urls]
    assert len(urls) <= 3
    assert int(page.headers["content-length"]) + sum(sizes) <= 20 * 1024


def test_the_folder_of_static_files_holds_no_other_kind() -> None:
    static = Path(__file__).parents[2] / "static"
    kinds = {path.suffix for path in static.iterdir()}
    assert kinds <= {".css", ".js", ".svg", ".LICENSE", ".png"}
