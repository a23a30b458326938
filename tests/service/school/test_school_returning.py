"""The way back from a provider: once, in the browser that was sent there, within ten minutes, and begun by us."""

from urllib.parse import parse_qs, urlsplit

from given import clock_of
from schooling_given import START, Visitor, events, facts_of, identities
from sqlmodel import select

from rightsdesk.verification.school.tables import SignInRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import SessionRow


def test_the_answer_this_is_me_must_come_within_ten_minutes(visitor: Visitor, portal: Portal) -> None:
    visitor.sign_in()
    clock_of(portal).advance(minutes=10)
    assert visitor.confirm().headers["location"] == "/marigold/phone"
    assert identities(portal)[0].confirmed_at is None


def test_two_tabs_work(visitor: Visitor) -> None:
    first, second = visitor.away(), visitor.away()
    assert visitor.browser.get(visitor.back(first)).headers["location"] == "/marigold/school-account"
    assert visitor.browser.get(visitor.back(second)).headers["location"] == "/marigold/school-account"
    assert visitor.confirm().headers["location"] == "/marigold/student"


def test_a_tab_that_comes_back_after_the_other_one_was_let_in_works(visitor: Visitor) -> None:
    first, second = visitor.away(), visitor.away()
    visitor.browser.get(visitor.back(first))
    visitor.confirm()
    assert visitor.browser.get(visitor.back(second)).headers["location"] == "/marigold/student"


def test_an_answer_counts_once(visitor: Visitor, portal: Portal) -> None:
    path = visitor.back(visitor.away())
    assert visitor.browser.get(path).status_code == 303
    again = visitor.browser.get(path)
    assert again.status_code == 400
    assert f'href="{START}"' in again.text
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "state"


def test_an_answer_counts_in_the_browser_that_asked_alone(visitor: Visitor, portal: Portal) -> None:
    path = visitor.back(visitor.away())
    other = Visitor(portal)
    other.away()
    assert other.browser.get(path).status_code == 400
    assert visitor.browser.get(path).status_code == 303


def test_an_answer_counts_for_ten_minutes(visitor: Visitor, portal: Portal) -> None:
    address = visitor.away()
    clock_of(portal).advance(minutes=10)
    assert visitor.browser.get(visitor.back(address)).status_code == 400


def test_a_launch_from_the_providers_portal_begins_our_own_sign_in(visitor: Visitor, portal: Portal) -> None:
    with portal.storage.read() as tx:
        before = len(tx.exec(select(SessionRow)).all())
    for query in ("", "?code=abc", "?code=abc&state=abc"):
        page = visitor.browser.get(f"{START}/callback{query}")
        assert page.status_code == 400
        assert page.text.count('<a class="btn') == 1
        assert f'href="{START}"' in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
    with portal.storage.read() as tx:
        assert len(tx.exec(select(SessionRow)).all()) == before
    assert events(portal, "sign_in_refused") == []
    assert visitor.sign_in().status_code == 303


def test_a_forged_state_in_a_session_is_written_down(visitor: Visitor, portal: Portal) -> None:
    visitor.away()
    visitor.browser.get(f"{START}/callback?code=abc&state=abc")
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "state"


def test_a_query_that_says_something_twice_says_nothing(visitor: Visitor) -> None:
    path = visitor.back(visitor.away())
    assert visitor.browser.get(f"{path}&state=abc").status_code == 400
    assert visitor.browser.get(path).status_code == 303


def test_leaving_ends_what_was_begun(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.confirm()
    path = visitor.back(visitor.away())
    visitor.browser.post("/marigold/leave")
    assert visitor.browser.get(path).status_code == 400
    assert visitor.browser.get("/marigold/requests").status_code == 303


def test_what_was_begun_lies_hashed_and_sealed(visitor: Visitor, portal: Portal) -> None:
    asked = parse_qs(urlsplit(visitor.away()).query)
    with portal.storage.read() as tx:
        row = tx.exec(select(SignInRow)).one()
        written = f"{row.state} {row.session} {row.sealed!r}"
    for name in ("state", "nonce"):
        assert asked[name][0] not in written
