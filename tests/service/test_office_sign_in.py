"""Whose sign-in an agency trusts: entered in plain words, checked, changed, switched off, removed, all written down."""

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from desk_given import MARIGOLD, PRIYA, ROSA, Clock, at_the_desk, open_portal
from school_rows_given import CLASSLINK
from starlette.testclient import TestClient

from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.verification.school.kinds import KINDS, LinkKey, ProviderKind, Side, Trust
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.store import Providers
from rightsdesk.web.portal import Portal

OFFICE = "/office/marigold/sign-in"
OTHER = CLASSLINK | {
    "kind": "other",
    "label": "Our own sign-in",
    "issuer": "https://sign-in.marigold.example/realm",
    "tenant": "",
    "link_key": "none",
    "link_claim": "",
}


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


def stored(portal: Portal) -> tuple[Provider, ...]:
    with portal.storage.read() as tx:
        return tuple(Providers(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).every())


def secret(portal: Portal) -> str:
    with portal.storage.read() as tx:
        return Providers(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).secret(stored(portal)[0].id)


def noted(portal: Portal) -> list[dict[str, str]]:
    with portal.storage.read() as tx:
        entries = list(Journal(tx, MARIGOLD.id).every("sign_in_changed", ""))
        assert {one.actor for one in entries} <= {f"staff:{ROSA}"}
        return [dict(one.facts) for one in reversed(entries)]


def path_of(portal: Portal) -> str:
    return f"{OFFICE}/{stored(portal)[0].id}"


def test_a_provider_is_entered_with_what_its_kind_needs(portal: Portal, rosa: TestClient) -> None:
    page = rosa.post(OFFICE, data=CLASSLINK)
    assert page.status_code == 200
    (one,), known = stored(portal), KINDS[ProviderKind.CLASSLINK]
    assert (one.slug, one.label, one.issuer, one.tenant) == ("classlink", "ClassLink", known.issuer, "2001")
    assert (one.tenant_claim, one.scopes, one.userinfo, one.origins) == (
        known.tenant_claim,
        known.scopes,
        known.userinfo,
        known.origins,
    )
    assert (one.link_key, one.link_claim, one.second_factor) == (LinkKey.SOURCED_ID, "SourcedId", Trust.NONE)
    assert (one.for_families, one.for_staff) == (True, True)
    assert secret(portal) == CLASSLINK["client_secret"]
    assert noted(portal) == [{"provider": "classlink", "kind": "classlink", "act": "added"}]


def test_the_secret_is_on_no_page_and_in_no_entry(portal: Portal, rosa: TestClient) -> None:
    pages = rosa.post(OFFICE, data=CLASSLINK).text + rosa.get(OFFICE).text + rosa.get(path_of(portal)).text
    refused = rosa.post(OFFICE, data=CLASSLINK | {"label": ""})
    assert refused.status_code == 422
    assert CLASSLINK["client_secret"] not in unescape(pages + refused.text)
    assert CLASSLINK["client_secret"] not in str(noted(portal))


def test_the_two_addresses_to_enter_there_are_shown_before_and_after(portal: Portal, rosa: TestClient) -> None:
    both = (
        "http://127.0.0.1/marigold/sign-in/classlink/callback",
        "http://127.0.0.1/desk/marigold/sign-in/classlink/callback",
    )
    before = rosa.get(OFFICE, params={"kind": "classlink"}).text
    assert all(address in before for address in both)
    after = rosa.post(OFFICE, data=CLASSLINK).text
    assert all(address in after for address in both)
    # The next one of the kind gets another short name, and its page says so before it is entered.
    assert "sign-in/classlink-2/callback" in rosa.get(OFFICE, params={"kind": "classlink"}).text
    rosa.post(OFFICE, data=CLASSLINK | {"tenant": "2002"})
    assert {one.slug for one in stored(portal)} == {"classlink", "classlink-2"}


@pytest.mark.parametrize("kind", ProviderKind)
def test_each_kind_has_its_own_first_step_and_words(rosa: TestClient, kind: ProviderKind) -> None:
    page = unescape(rosa.get(OFFICE, params={"kind": kind}).text)
    told = {
        ProviderKind.CLASSLINK: "Your district's number at ClassLink",
        ProviderKind.CLEVER: "Your district's id at Clever",
        ProviderKind.GOOGLE: "Your school's domain",
        ProviderKind.ENTRA: "Your directory (tenant) id",
        ProviderKind.OTHER: "Its address (issuer)",
    }
    assert told[kind] in page
    assert ('name="issuer"' in page) is (kind is ProviderKind.OTHER)


def test_the_directory_of_entra_makes_its_address(portal: Portal, rosa: TestClient) -> None:
    typed = CLASSLINK | {"kind": "entra", "tenant": "0a1b", "link_key": "none", "link_claim": "", "issuer": "https://x"}
    rosa.post(OFFICE, data=typed)
    assert stored(portal)[0].issuer == "https://login.microsoftonline.com/0a1b/v2.0"


@pytest.mark.parametrize(
    ("wrong", "words", "field"),
    [
        ({"label": " "}, "Write the name that families read on the button", "label"),
        ({"client_id": ""}, "Write the client id", "client_id"),
        ({"tenant": ""}, "Write the district's id", "tenant"),
        ({"tenant": "2001 "}, None, ""),
        ({"tenant": "٢٠٠١"}, "The district's id is plain letters", "tenant"),
        ({"families": "", "staff": ""}, "Say whether families, staff or both", "families"),
        ({"link_claim": "email"}, "People can change that claim", "link_claim"),
        ({"link_claim": ""}, "Name the claim", "link_claim"),
        ({"second_factor": "acr"}, "Write the acr value", "acr"),
        ({"scopes": "profile"}, "The scopes must hold openid", "scopes"),
        ({"origins": "https://keys.example/path"}, "Write an origin as https://host", "origins"),
        ({"origins": "http://keys.example"}, "begins with https://", "origins"),
    ],
)
def test_what_cannot_work_is_said_at_its_field_and_what_was_typed_stays(
    portal: Portal, rosa: TestClient, wrong: dict[str, str], words: str | None, field: str
) -> None:
    page = rosa.post(OFFICE, data=CLASSLINK | wrong)
    if words is None:
        assert stored(portal)[0].tenant == "2001"
        return
    assert page.status_code == 422
    assert words in unescape(page.text)
    assert f'href="#{field}"' in page.text
    assert f'id="{field}"' in page.text
    assert 'value="rightsdesk"' in page.text or wrong.get("client_id") == ""
    assert stored(portal) == ()
    assert noted(portal) == []


@pytest.mark.parametrize(
    "issuer",
    [
        "http://sign-in.example",
        "https://",
        "https://me@sign-in.example",
        "ftp://sign-in.example",
        "https://a.example?b=1",
    ],
)
def test_an_address_that_is_not_safe_to_call_is_refused(portal: Portal, rosa: TestClient, issuer: str) -> None:
    assert rosa.post(OFFICE, data=OTHER | {"issuer": issuer}).status_code == 422
    assert stored(portal) == ()


@pytest.mark.parametrize("kind", [ProviderKind.CLASSLINK, ProviderKind.CLEVER, ProviderKind.GOOGLE])
def test_a_provider_of_many_districts_is_told_apart_by_district_whatever_it_is_entered_as(
    portal: Portal, rosa: TestClient, kind: ProviderKind
) -> None:
    shared = OTHER | {"issuer": KINDS[kind].issuer}
    refused = rosa.post(OFFICE, data=shared)
    assert refused.status_code == 422
    assert "serves many districts" in refused.text
    assert stored(portal) == ()
    told_apart = {"tenant_claim": KINDS[kind].tenant_claim, "tenant": "marigold.example"}
    assert rosa.post(OFFICE, data=shared | told_apart).status_code == 200


def test_it_is_changed_field_by_field_and_the_ledger_says_which(portal: Portal, rosa: TestClient) -> None:
    rosa.post(OFFICE, data=CLASSLINK)
    changed = CLASSLINK | {"label": "School account", "client_secret": "", "second_factor": "amr"}
    assert rosa.post(path_of(portal), data=changed).status_code == 200
    assert (stored(portal)[0].label, stored(portal)[0].second_factor) == ("School account", Trust.AMR)
    assert secret(portal) == CLASSLINK["client_secret"]
    rosa.post(path_of(portal), data=changed | {"client_secret": "another"})
    assert secret(portal) == "another"
    assert [one.get("what") for one in noted(portal)] == [None, "label", "second_factor", "secret"]


def test_it_is_switched_off_and_on_again(portal: Portal, rosa: TestClient) -> None:
    rosa.post(OFFICE, data=CLASSLINK)
    rosa.post(path_of(portal), data=CLASSLINK | {"families": "", "staff": "", "client_secret": ""})
    assert "Switched off" in rosa.get(OFFICE).text
    with portal.storage.read() as tx:
        kept = Providers(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        assert [kept.for_side(side) for side in Side] == [[], []]
    rosa.post(path_of(portal), data=CLASSLINK | {"staff": "", "client_secret": ""})
    assert (stored(portal)[0].for_families, stored(portal)[0].for_staff) == (True, False)


@pytest.mark.parametrize(
    "fixed", [{"tenant": "2002"}, {"issuer": "https://launchpad.example"}, {"person_claim": "UserId"}]
)
def test_it_does_not_become_another_provider(portal: Portal, rosa: TestClient, fixed: dict[str, str]) -> None:
    rosa.post(OFFICE, data=CLASSLINK)
    before = stored(portal)
    assert rosa.post(path_of(portal), data=CLASSLINK | fixed).status_code == 422
    assert stored(portal) == before


def test_it_is_removed(portal: Portal, rosa: TestClient) -> None:
    rosa.post(OFFICE, data=CLASSLINK)
    path = path_of(portal)
    assert rosa.post(path, data={"do": "remove"}).status_code == 200
    assert stored(portal) == ()
    assert rosa.get(path).status_code == 404
    assert noted(portal)[-1]["act"] == "removed"


def test_a_change_needs_a_second_factor_of_the_last_five_minutes(portal: Portal) -> None:
    late = at_the_desk(portal, ROSA, timedelta(minutes=6))
    answer = late.post(OFFICE, data=CLASSLINK, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/desk/marigold/second-factor?next=/office/marigold/sign-in",
    )
    assert stored(portal) == ()
    # The list is only looked at; the form with the secret asks before it is filled in, and comes back to itself.
    assert late.get(OFFICE, follow_redirects=False).status_code == 200
    asked = late.get(OFFICE, params={"kind": "google"}, follow_redirects=False)
    assert asked.headers["location"].endswith("?next=/office/marigold/sign-in%3Fkind%3Dgoogle")


def test_a_kind_that_nobody_knows_has_no_form(portal: Portal, rosa: TestClient) -> None:
    assert "Add a school sign-in" in rosa.post(OFFICE, data=CLASSLINK | {"kind": "facebook"}).text
    assert "Add a school sign-in" in rosa.get(OFFICE, params={"kind": "facebook"}).text
    assert stored(portal) == ()


def test_pressing_twice_adds_one(portal: Portal, rosa: TestClient) -> None:
    rosa.post(OFFICE, data=CLASSLINK)
    again = rosa.post(OFFICE, data=CLASSLINK)
    assert (again.status_code, len(stored(portal))) == (422, 1)
    assert "You added this one already." in again.text


def test_only_administrators_see_it(portal: Portal) -> None:
    assert at_the_desk(portal, PRIYA).get(OFFICE).status_code == 404
