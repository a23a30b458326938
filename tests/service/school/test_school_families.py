"""Families sign in by their school account: found by the roster once, asked once, and from then on let in."""

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from family_given import MARCUS, MARIGOLD
from forging_given import ACCESS_TOKEN, CLIENT, SECRET, Forger
from given import clock_of
from schooling_given import START, Visitor, events, facts_of, identities, provider_at, sourced_id, written

from rightsdesk.verification.answering import is_shut
from rightsdesk.verification.assurance import Proof, ProofKind
from rightsdesk.verification.means import Means
from rightsdesk.verification.school.kinds import Side
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.tables import Counted, CountRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means
from rightsdesk.web.schooling import school_means
from rightsdesk.web.seats import Seat
from rightsdesk.web.sessions import Sessions

NUMBER = "+12125550143"  # of Marcus


def test_the_browser_is_sent_with_a_state_a_nonce_and_a_challenge(visitor: Visitor, forger: Forger) -> None:
    address = urlsplit(visitor.away())
    asked = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{forger.issuer}/auth"
    assert asked["redirect_uri"] == f"https://testserver{START}/callback"
    assert (asked["client_id"], asked["response_type"], asked["scope"]) == (CLIENT, "code", "openid profile")
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) == len(asked["nonce"]) == 64
    assert len(asked["code_challenge"]) == 43


def test_a_parent_is_found_by_the_roster_asked_once_and_let_in(visitor: Visitor, portal: Portal) -> None:
    back = visitor.sign_in()
    assert (back.status_code, back.headers["location"]) == (303, "/marigold/school-account")
    page = visitor.browser.get("/marigold/school-account").text
    assert "Marcus Bell" in page
    let_in = visitor.confirm()
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/marigold/student")
    assert "Jordan" in visitor.browser.get("/marigold/student").text
    (link,) = identities(portal)
    assert (link.side, link.account, link.linked_by) == (Side.FAMILY, MARCUS, "sourced_id")
    assert link.confirmed_at == portal.now()


def test_before_the_answer_nothing_is_open(visitor: Visitor) -> None:
    visitor.sign_in()
    assert visitor.browser.get("/marigold/student").headers["location"].startswith("/marigold/phone")
    assert visitor.browser.get("/marigold/code").headers["location"] == "/marigold/school-account"


def test_the_second_time_nobody_is_asked(visitor: Visitor, portal: Portal) -> None:
    visitor.sign_in()
    visitor.confirm()
    again = Visitor(portal).sign_in(f"{START}?next=/marigold/requests")
    assert (again.status_code, again.headers["location"]) == (303, "/marigold/requests")


def test_only_a_way_within_our_own_pages_is_gone_on_to(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.confirm()
    assert visitor.sign_in(f"{START}?next=//evil.example/").headers["location"] == "/marigold/student"
    assert visitor.sign_in(f"{START}?next=https://evil.example/").headers["location"] == "/marigold/student"


def test_the_session_id_changes_and_an_older_cookie_opens_nothing(visitor: Visitor, portal: Portal) -> None:
    address = visitor.away()
    before = visitor.browser.cookies["__Host-rightsdesk"]
    visitor.browser.get(visitor.back(address))
    between = visitor.browser.cookies["__Host-rightsdesk"]
    visitor.confirm()
    assert len({before, between, visitor.browser.cookies["__Host-rightsdesk"]}) == 3
    for old in (before, between):
        other = Visitor(portal)
        other.browser.cookies.set("__Host-rightsdesk", old)
        assert other.browser.get("/marigold/requests").status_code == 303


def test_a_provider_that_staff_alone_use_has_no_page_for_families(
    visitor: Visitor, portal: Portal, forger: Forger
) -> None:
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(forger, for_families=False))
    for path in (START, f"{START}/callback", "/marigold/sign-in/nobody"):
        assert visitor.browser.get(path).status_code == 404
    assert "ClassLink" not in visitor.browser.get("/marigold/phone").text
    assert forger.asked == []


def test_the_school_stands_before_the_text_button(visitor: Visitor) -> None:
    page = visitor.browser.get("/marigold/phone?next=/marigold/requests").text
    assert page.index(f'href="{START}?next=/marigold/requests"') < page.index("Text me a code")
    assert f'href="{START}"' in visitor.browser.get("/marigold/").text


def test_every_step_stands_in_the_ledger(visitor: Visitor, portal: Portal) -> None:
    visitor.sign_in()
    visitor.confirm()
    (begun,), (linked,), (confirmed,), (done,) = (
        events(portal, kind) for kind in ("sign_in_begun", "school_linked", "school_confirmed", "signed_in")
    )
    assert (begun.actor, facts_of(begun)) == ("unknown", {"provider": "classlink", "purpose": "family"})
    assert (linked.actor, linked.subject, facts_of(linked)["by"]) == (f"requester:{MARCUS}", MARCUS, "sourced_id")
    assert confirmed.subject == done.subject == MARCUS
    assert facts_of(done)["by"] == "school_sign_in"


def test_a_sign_in_that_succeeds_leaves_nothing_of_it_in_the_log(
    visitor: Visitor, portal: Portal, forger: Forger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    address = visitor.away()
    way_back = visitor.back(address)
    visitor.browser.get(way_back)
    visitor.confirm()
    (link,) = identities(portal)
    asked, answered = (parse_qs(urlsplit(part).query) for part in (address, way_back))
    secret = [*asked["state"], *asked["nonce"], *asked["code_challenge"], *answered["code"]]
    assert forger.issuer in written(caplog), "what we ask the provider is logged, without what was said"
    named = (SECRET, ACCESS_TOKEN, link.subject, sourced_id(MARCUS), str(MARCUS), "Marcus", "Bell")
    assert [word for word in (*secret, *named) if word in written(caplog)] == []


def test_a_fresh_sign_in_is_a_fresh_proof(visitor: Visitor, portal: Portal) -> None:
    visitor.sign_in()
    visitor.confirm()
    first = portal.now()
    clock_of(portal).advance(minutes=14)
    assert not seat(visitor).is_fresh(portal.now())
    visitor.sign_in()
    assert seat(visitor).is_fresh(portal.now())
    assert seat(visitor).proofs == (Proof(ProofKind.SCHOOL_SIGN_IN, portal.now()),)
    assert portal.now() - first == timedelta(minutes=14)


def seat(visitor: Visitor) -> Seat:
    portal = visitor.portal
    with portal.storage.read() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw)
        return sessions.open(visitor.browser.cookies["__Host-rightsdesk"])


def lock(portal: Portal) -> Means:
    """Let a hundred wrong codes have come for the number of Marcus."""
    with portal.storage.write() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        tx.add(
            CountRow(
                agency=MARIGOLD.id,
                kind=Counted.NUMBER,
                key=tools.number_keys(NUMBER)[0],
                touched_at=portal.now(),
                failures=100,
            )
        )
    return tools


def test_a_phone_that_wrong_codes_have_locked_is_open_again(visitor: Visitor, portal: Portal) -> None:
    lock(portal)
    visitor.sign_in()
    with portal.storage.read() as tx:
        assert is_shut(means(portal, tx, MARIGOLD, portal.now()), NUMBER, portal.now()), "before the answer"
    visitor.confirm()
    with portal.storage.read() as tx:
        assert not is_shut(means(portal, tx, MARIGOLD, portal.now()), NUMBER, portal.now())
    (opened,) = events(portal, "code_unlocked")
    assert (opened.actor, opened.subject) == (f"requester:{MARCUS}", MARCUS)


def test_a_stop_is_its_owners_own_affair(visitor: Visitor, portal: Portal) -> None:
    with portal.storage.write() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        tools.sends.opt_out(tools.number_keys(NUMBER)[0], portal.now(), TextKind.CODE)
    visitor.sign_in()
    visitor.confirm()
    with portal.storage.read() as tx:
        assert is_shut(means(portal, tx, MARIGOLD, portal.now()), NUMBER, portal.now())
    assert events(portal, "code_unlocked") == []
