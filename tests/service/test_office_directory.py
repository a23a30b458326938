"""Where students' passwords are kept: said in plain words, shown without secrets, tried out, all written down."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from desk_given import MARIGOLD, PRIYA, ROSA, Clock, at_the_desk, open_portal
from directories_given import BASE, ROOT_DN, SECRET, TOKEN, Scim, free_port, running_scim, running_slapd
from starlette.testclient import TestClient

from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.verification.directories.changing import Changing
from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.directories.terms import Dialect, Terms
from rightsdesk.verification.school.discovery import Discovery
from rightsdesk.web.commands.directories import WORDS
from rightsdesk.web.portal import Portal

OFFICE = "/office/marigold/directory"
SIGN_IN = "/office/marigold/sign-in"
LDAP = {
    "kind": "ldap",
    "url": "ldaps://ldap.example",
    "login": "cn=rightsdesk,dc=example",
    "secret": " a secret of the directory's",
    "base": "ou=students,dc=example",
    "attribute": "sAMAccountName",
    "dialect": "active_directory",
    "authority": "",
}
SCIM = {"kind": "scim", "url": "https://scim.example/v2", "secret": TOKEN, "authority": ""}


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


@pytest.fixture
def scim() -> Iterator[Scim]:
    with running_scim() as server:
        yield server


def stored(portal: Portal) -> Terms:
    with portal.storage.read() as tx:
        return Directories(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).terms()


def noted(portal: Portal) -> list[dict[str, str]]:
    with portal.storage.read() as tx:
        entries = list(Journal(tx, MARIGOLD.id).every("directory_changed", ""))
        assert {one.actor for one in entries} <= {f"staff:{ROSA}"}
        return [dict(one.facts) for one in reversed(entries)]


def test_the_page_leads_from_sign_in_and_says_where_passwords_are(rosa: TestClient) -> None:
    assert f'href="{OFFICE}"' in rosa.get(SIGN_IN).text
    page = unescape(rosa.get(OFFICE).text)
    assert "Where they are now" in page
    assert "We keep them. Nobody can read them" in page
    assert "Try it" not in page, "there is nothing to reach"


def test_a_directory_is_set_and_its_secret_is_on_no_page_and_in_no_entry(portal: Portal, rosa: TestClient) -> None:
    saved = rosa.post(OFFICE, data=LDAP)
    assert (saved.status_code, "Saved." in saved.text, LDAP["base"] in saved.text) == (200, True, True)
    said = {name: LDAP[name] for name in ("url", "login", "base", "attribute")}
    kept = {"secret": LDAP["secret"].strip(), "dialect": Dialect.ACTIVE_DIRECTORY, "is_inside": True}
    assert stored(portal) == Terms(Kind.LDAP, **said, **kept)
    form = rosa.get(OFFICE, params={"kind": "ldap"})
    refused = rosa.post(OFFICE, data=LDAP | {"base": ""})
    assert refused.status_code == 422
    told = unescape(saved.text + form.text + refused.text) + str(noted(portal))
    assert LDAP["secret"].strip() not in told
    assert "It is kept sealed and never shown" in form.text
    fields = ["kind", "url", "login", "secret", "base", "attribute", "dialect"]
    assert noted(portal) == [{"kind": "ldap", "act": "changed", "what": name} for name in fields]


def test_only_what_changed_is_written_down_and_a_secret_left_empty_stays(portal: Portal, rosa: TestClient) -> None:
    rosa.post(OFFICE, data=LDAP)
    before = len(noted(portal))
    rosa.post(OFFICE, data=LDAP | {"secret": "", "attribute": "uid"})
    assert (stored(portal).attribute, stored(portal).secret) == ("uid", LDAP["secret"].strip())
    assert [one["what"] for one in noted(portal)[before:]] == ["attribute"]
    rosa.post(OFFICE, data=LDAP | {"secret": "", "attribute": "uid"})
    assert len(noted(portal)) == before + 1, "saved as it was: nothing changed"


@pytest.mark.parametrize("other", [{"url": "ldaps://evil.example"}, {"login": "cn=other"}], ids=["url", "login"])
def test_an_old_secret_goes_to_no_new_place(portal: Portal, rosa: TestClient, other: dict[str, str]) -> None:
    rosa.post(OFFICE, data=LDAP)
    page = rosa.post(OFFICE, data=LDAP | other | {"secret": ""})
    assert page.status_code == 422
    assert "Type what lets us in again." in page.text
    assert stored(portal).url == LDAP["url"]
    assert stored(portal).login == LDAP["login"]


@pytest.mark.parametrize(
    ("typed", "words", "field"),
    [
        (LDAP | {"url": "ldap.example"}, "Write the whole address.", "url"),
        (LDAP | {"url": "ldaps://me:pw@ldap.example"}, "Leave names and passwords out", "url"),
        (LDAP | {"url": "ldaps://[ldap.example"}, "This address cannot be read.", "url"),
        (LDAP | {"base": ""}, "Say below which name", "base"),
        (LDAP | {"attribute": "uid)(x"}, "Say which attribute", "attribute"),
        (LDAP | {"secret": ""}, "Say what lets us in", "secret"),
        (LDAP | {"authority": "no certificate"}, "The certificates cannot be read", "authority"),
        (SCIM | {"url": "http://scim.example/v2"}, "must not travel in clear", "url"),
        ({"kind": "elsewhere", "url": "http://passwords.example"}, "Write the whole address.", "url"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_in_two_languages(
    portal: Portal, rosa: TestClient, typed: dict[str, str], words: str, field: str
) -> None:
    page = rosa.post(OFFICE, data=typed)
    assert page.status_code == 422
    assert words in unescape(page.text)
    assert f'href="#{field}"' in page.text
    assert f'id="{field}"' in page.text
    other = unescape(rosa.post(OFFICE, data=typed, headers={"accept-language": "es"}).text)
    assert "Contraseñas de los estudiantes" in other
    assert words not in other
    assert stored(portal) == Terms()
    assert noted(portal) == []


def test_no_office_points_it_at_the_machine_of_the_portal(portal: Portal) -> None:
    public = replace(portal, schools=Discovery(on_loopback=False))
    page = at_the_desk(public, ROSA).post(OFFICE, data=SCIM | {"url": "http://127.0.0.1:1/v2"})
    assert page.status_code == 422
    assert "Only the operator can enter it." in page.text
    assert stored(portal) == Terms()


def test_an_office_cannot_look_behind_our_walls_but_keeps_what_the_operator_entered_there(
    portal: Portal, scim: Scim
) -> None:
    public = replace(portal, schools=Discovery(on_loopback=False))
    rosa, now = at_the_desk(public, ROSA), portal.now()
    with portal.storage.write() as tx:  # what is left of a name that the office owns, once it was looked up
        kept = Directories(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        kept.keep(replace(scim.terms(), is_inside=False), now)
    assert "inside a network of ours" in rosa.post(f"{OFFICE}/test").text
    with portal.storage.write() as tx:
        kept = Directories(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        Changing(kept, portal.ledger(tx, MARIGOLD.id, now), "operator", now).set(scim.terms())
    rosa.post(OFFICE, data=SCIM | {"url": scim.terms().url, "secret": TOKEN})
    assert "It answers and lets us in." in rosa.post(f"{OFFICE}/test").text
    rosa.post(OFFICE, data=SCIM)
    assert not stored(portal).is_inside


def test_passwords_may_be_kept_at_the_school_or_here_again(portal: Portal, rosa: TestClient) -> None:
    rosa.post(OFFICE, data=LDAP)
    rosa.post(OFFICE, data={"kind": "elsewhere", "url": "https://passwords.example"})
    assert stored(portal) == Terms(Kind.ELSEWHERE, "https://passwords.example"), "the secret is gone"
    rosa.post(OFFICE, data={"kind": "built_in"})
    assert stored(portal) == Terms()
    rosa.post(OFFICE, data={"kind": "paper"})
    assert stored(portal) == Terms()


def test_it_is_tried_out_and_the_page_says_what_came_of_it(portal: Portal, rosa: TestClient, scim: Scim) -> None:
    rosa.post(OFFICE, data=SCIM | {"url": scim.terms().url})
    assert "It answers and lets us in." in rosa.post(f"{OFFICE}/test").text
    rosa.post(OFFICE, data=SCIM | {"url": scim.terms().url, "secret": "another"})
    assert "It does not let us in." in rosa.post(f"{OFFICE}/test").text
    rosa.post(OFFICE, data=SCIM | {"url": f"http://127.0.0.1:{free_port()}/v2"})
    assert "It does not answer" in rosa.post(f"{OFFICE}/test").text
    found = [one["found"] for one in noted(portal) if one["act"] == "tested"]
    assert found == ["good", "not_let_in", "unreachable"]


@pytest.mark.files
def test_ldap_is_tried_out(rosa: TestClient, tmp_path: Path) -> None:
    with running_slapd(tmp_path, "ava.okonjo") as server:
        mine = {"url": f"ldap://127.0.0.1:{server.port}", "login": ROOT_DN, "secret": SECRET, "base": BASE}
        rosa.post(OFFICE, data=LDAP | mine)
        assert "It answers and lets us in." in rosa.post(f"{OFFICE}/test").text
        rosa.post(OFFICE, data=LDAP | mine | {"base": "dc=elsewhere,dc=example"})
        assert "we may not search there" in rosa.post(f"{OFFICE}/test").text


def test_each_code_has_words_of_its_own_on_the_page_too(portal: Portal) -> None:
    words = portal.pages._environment("en").get_template("office/directory_words.html").module
    assert len({words.trial_word(code) for code in WORDS}) == len(WORDS)


def test_a_change_or_a_trial_needs_a_second_factor_of_the_last_five_minutes(portal: Portal) -> None:
    late, ask = at_the_desk(portal, ROSA, timedelta(minutes=6)), "/desk/marigold/second-factor?next="
    for path in (OFFICE, f"{OFFICE}/test"):
        answer = late.post(path, data=SCIM, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, ask + OFFICE)
    assert (stored(portal), noted(portal)) == (Terms(), [])
    # What is set is only looked at; the form with the secret asks before it is filled in, and comes back to itself.
    assert late.get(OFFICE, follow_redirects=False).status_code == 200
    asked = late.get(OFFICE, params={"kind": "scim"}, follow_redirects=False)
    assert asked.headers["location"] == f"{ask}{OFFICE}%3Fkind%3Dscim"


def test_only_administrators_see_it(portal: Portal) -> None:
    assert at_the_desk(portal, PRIYA).get(OFFICE).status_code == 404
