"""How a provider is asked: its keys, its second call, its clock, and what happens when it is down."""

from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest
from family_given import MARCUS, MARIGOLD
from forging_given import GONE, Forger, key, saying
from given import clock_of
from schooling_given import START, Visitor, identities, provider_at, sourced_id

from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means


def test_a_number_and_its_text_are_one_tenant(visitor: Visitor, forger: Forger) -> None:
    forger.claims["TenantId"] = "2001"
    assert visitor.sign_in().status_code == 303


def test_two_clocks_may_differ_by_a_minute(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    at = int(portal.now().timestamp())
    forger.claims |= {"iat": at + 59, "exp": at + 90}
    assert visitor.sign_in().status_code == 303
    forger.claims |= {"iat": at - 300, "exp": at - 59}
    assert Visitor(portal).sign_in().status_code == 303


def test_a_new_key_is_fetched_at_once_and_once_a_minute(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    assert visitor.sign_in().status_code == 303
    forger.published[:] = [key(2)]  # under the name of the old one
    forger.signing = key(2)
    assert Visitor(portal).sign_in().status_code == 303
    assert forger.asked.count("/keys") == 2
    forger.signing = key(3)
    for _ in range(3):
        assert Visitor(portal).sign_in().status_code == 400
    assert forger.asked.count("/keys") == 2
    clock_of(portal).advance(minutes=1)
    forger.published[:] = [key(3, "k-new")]
    forger.signing = key(3, "k-new")
    assert Visitor(portal).sign_in().status_code == 303
    assert forger.asked.count("/keys") == 3


def test_documents_and_keys_are_kept_for_an_hour(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    visitor.sign_in()
    Visitor(portal).sign_in()
    seen = [path for path in forger.asked if path in {"/keys", "/.well-known/openid-configuration"}]
    assert len(seen) == 2
    clock_of(portal).advance(hours=1)
    Visitor(portal).sign_in()
    assert len([path for path in forger.asked if path in {"/keys", "/.well-known/openid-configuration"}]) == 4


def test_what_classlink_tells_in_a_second_call_counts(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    with portal.storage.write() as tx:
        changed = provider_at(forger, userinfo=f"{forger.issuer}/info")
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(changed)
    forger.claims |= {"TenantId": GONE, "SourcedId": GONE}
    forger.info |= {"TenantId": 2001, "SourcedId": sourced_id(MARCUS), "UserId": "parent", "sub": GONE}
    assert visitor.sign_in().status_code == 303
    assert identities(portal)[0].account == MARCUS


@pytest.mark.parametrize(
    "info",
    [{"sub": "another"}, {"sub": GONE}, {"TenantId": 2002}, {"TenantId": GONE}, {"sub": GONE, "UserId": "another"}],
)
def test_a_second_call_about_somebody_else_is_refused(
    visitor: Visitor, portal: Portal, forger: Forger, info: dict[str, object]
) -> None:
    with portal.storage.write() as tx:
        changed = provider_at(forger, userinfo=f"{forger.issuer}/info")
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(changed)
    forger.claims["TenantId"] = GONE
    forger.info |= {"TenantId": 2001} | info
    assert visitor.sign_in().status_code == 400
    assert identities(portal) == []


def test_two_tenants_in_one_answer_are_none(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    with portal.storage.write() as tx:
        changed = provider_at(forger, userinfo=f"{forger.issuer}/info")
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(changed)
    forger.info["TenantId"] = 2002
    assert visitor.sign_in().status_code == 400


def test_a_provider_inside_the_network_is_not_called(portal: Portal, forger: Forger) -> None:
    closed = replace(portal, schools=replace(portal.schools, on_loopback=False))
    assert Visitor(closed).browser.get(START).status_code == 400
    assert forger.asked == []


def test_no_lock_is_held_while_the_provider_is_asked(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    written: list[str] = []

    def beside(forger: Forger, handler: BaseHTTPRequestHandler) -> None:
        with portal.storage.write() as tx:
            tx.connection()
            written.append("token")
        del forger.answers["/token"]
        saying(b"{}", 500)(forger, handler)

    forger.answers["/token"] = beside
    assert visitor.sign_in().status_code == 503
    assert written == ["token"]


def test_a_page_of_a_provider_that_is_down_offers_other_ways(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    down = forger.issuer
    with portal.storage.write() as tx:
        tools = school_means(portal, tx, MARIGOLD, portal.now()).providers
        tools.change(provider_at(forger, issuer="http://127.0.0.1:9"))
    page = visitor.browser.get(START)
    assert page.status_code == 503
    assert "does not answer right now" in page.text
    assert 'href="/marigold/phone"' in page.text
    assert 'href="/marigold/paper"' in page.text
    assert down not in page.text
