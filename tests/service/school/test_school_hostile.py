"""Every known way to forge a school sign-in, over HTTP through our own way back: a plain page, and nothing is opened.

What is judged is what a provider says; the database has no part in it, so most of this runs on one kind alone.
"""

import logging
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from family_given import MARCUS, MARIGOLD, words_of
from forged_ends_given import ANSWERS, OF_ANSWERS, OF_DOCUMENTS, OF_RETURNS, OF_SECOND_CALLS, OF_TOKENS
from forged_given import (
    ABOUT_TENANTS,
    IN_DOCUMENTS,
    IN_SECOND_CALLS,
    IN_TOKENS,
    MARKUP,
    ON_RETURN,
    SLOW,
)
from forging_given import ACCESS_TOKEN, GONE, HUGE, SECRET, TENANT, Forger, bomb, forging
from given import NOON
from schooling_given import (
    DESK_START,
    START,
    Visitor,
    events,
    facts_of,
    given_school,
    identities,
    provider_at,
    sourced_id,
    written,
)
from sqlmodel import select

from rightsdesk.verification.school.discovery import Discovery
from rightsdesk.verification.school.kinds import ProviderKind
from rightsdesk.verification.school.outbound import PATIENCE, Caller
from rightsdesk.verification.school.provider import Provider
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means
from rightsdesk.web.tables import SessionRow

pytestmark = pytest.mark.files

SAID_NOWHERE: Final = (MARKUP, "onerror", "elsewhere.example", SECRET, ACCESS_TOKEN)
SMALL: Final = 4 * 1024 * 1024  # bytes of this process that an answer of fifty megabytes may take


@dataclass(frozen=True)
class Hasty(Discovery):
    """What waits half a second for a provider; ``PATIENCE`` is five in earnest."""

    def caller(self, provider: Provider, patience: float | None = None) -> Caller:  # noqa: ARG002 - half a second
        """Return what calls this provider."""
        return Caller(provider.reachable, on_loopback=self.on_loopback, patience=0.5)


@dataclass
class School:
    """The agency, the provider it trusts, which lies, and a server that nobody may be led to."""

    portal: Portal
    forger: Forger
    inside: Forger

    def forget(self) -> "School":
        """Return the same, with nothing said or known yet."""
        self.forger.forget()
        self.inside.forget()
        self.forger.inside = self.inside.issuer
        self.forger.claims["SourcedId"] = sourced_id(MARCUS)
        self.portal = replace(self.portal, schools=Discovery(on_loopback=True))
        _trust(self)
        return self


@pytest.fixture(scope="module")
def agency(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    del backend
    folder: Path = tmp_path_factory.mktemp("hostile")
    folder.chmod(0o700)
    with forging(lambda: NOON) as forger, forging(lambda: NOON) as inside:
        yield School(given_school(folder, forger), forger, inside)


@pytest.fixture
def school(agency: School) -> School:
    return agency.forget()


@dataclass(frozen=True)
class Try:
    """What became of one try: the page, where the browser had been sent to, and why the ledger says it ended."""

    answer: httpx2.Response
    sent_to: str
    reasons: tuple[str, ...]
    visitor: Visitor


def tried(school: School, start: str = START) -> Try:
    """Press the button, sign in at the provider and come back, as far as it goes."""
    before, visitor = len(events(school.portal, "sign_in_refused")), Visitor(school.portal)
    answer = visitor.browser.get(start)
    sent_to = answer.headers.get("location", "")
    if sent_to:
        answer = visitor.browser.get(visitor.back(sent_to))
    told = events(school.portal, "sign_in_refused")[before:]
    return Try(answer, sent_to, tuple(facts_of(one)["reason"] for one in told), visitor)


def assert_refused(school: School, end: Try, status: int, log: str = "") -> None:
    """Assert that nothing was opened, a plain page offers another way, and only the ledger says why."""
    assert end.answer.status_code == status, end.answer.text
    assert len(end.reasons) == 1
    page = end.answer.text
    says = words_of(page)
    if end.reasons != ("state",):
        assert "That did not work" in says
        assert any(way in page for way in ('href="/marigold/phone"', 'href="/desk/marigold/sign-in"'))
    assert any(f'href="{start}"' in page for start in (START, DESK_START))
    asked = parse_qs(urlsplit(end.sent_to).query)
    secret = [value for name in ("state", "nonce", "code_challenge") for value in asked.get(name, [])]
    assert [word for word in (*SAID_NOWHERE, *secret) if word in page] == []
    assert [word for word in (*SAID_NOWHERE, *secret, "code-1") if word in log] == []
    assert identities(school.portal) == []
    assert school.inside.asked == []
    assert end.visitor.browser.get("/marigold/requests").headers["location"].startswith("/marigold/phone")
    assert end.visitor.browser.get("/desk/marigold/cases").headers["location"].startswith("/desk/marigold/sign-in")
    with school.portal.storage.read() as tx:
        assert {(row.person, row.staff) for row in tx.exec(select(SessionRow)).all()} <= {(None, None)}


def test_untold_the_provider_is_believed_so_that_every_refusal_below_is_about_its_lie(
    backend: str, data_folder: Path, school: School
) -> None:
    del backend
    # An agency of its own: the others below must stay without a linked account.
    portal = replace(given_school(data_folder, school.forger), schools=Discovery(on_loopback=True))
    end = tried(School(portal, school.forger, school.inside))
    assert (end.answer.status_code, end.answer.headers["location"]) == (303, "/marigold/school-account")
    assert end.reasons == ()


@pytest.mark.parametrize("name", IN_TOKENS | ABOUT_TENANTS)
def test_a_forged_token_opens_nothing(school: School, caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.set_level(logging.INFO)
    (IN_TOKENS | ABOUT_TENANTS)[name](school.forger)
    end = tried(school)
    assert_refused(school, end, 400, written(caplog))
    assert end.reasons == OF_TOKENS[name][:1]


@pytest.mark.parametrize("name", IN_TOKENS)
def test_a_forged_token_opens_nothing_at_the_desk(school: School, name: str) -> None:
    IN_TOKENS[name](school.forger)
    end = tried(school, DESK_START)
    assert_refused(school, end, 400)
    assert end.reasons == OF_TOKENS[name][:1]


@pytest.mark.parametrize("name", ON_RETURN)
def test_a_forged_way_back_opens_nothing(school: School, caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.set_level(logging.INFO)
    ON_RETURN[name](school.forger)
    end = tried(school)
    assert_refused(school, end, 400, written(caplog))
    assert end.reasons == OF_RETURNS[name][:1]
    # The code was for another server, or for nobody: it is given to none.
    assert "/token" not in school.forger.asked


@pytest.mark.parametrize("name", IN_DOCUMENTS)
def test_a_forged_document_sends_nobody_anywhere(school: School, caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.set_level(logging.INFO)
    IN_DOCUMENTS[name](school.forger)
    end = tried(school)
    assert_refused(school, end, *OF_DOCUMENTS[name][1:], log=written(caplog))
    assert (end.sent_to, end.reasons) == ("", OF_DOCUMENTS[name][:1])
    assert set(school.forger.asked) == {"/.well-known/openid-configuration"}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_nobody_can_use_opens_nothing(
    school: School, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.INFO)
    ANSWERS[name](school.forger)
    bomb()  # made by this process, too: not while it is measured
    tracemalloc.start()
    end = tried(school)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_refused(school, end, *OF_ANSWERS[name][1:], log=written(caplog))
    assert end.reasons == OF_ANSWERS[name][:1]
    assert most < SMALL
    assert school.forger.sent < HUGE // 4


@pytest.mark.parametrize("name", SLOW)
def test_a_provider_that_is_too_slow_is_waited_for_once(school: School, name: str) -> None:
    school.portal = replace(school.portal, schools=Hasty(on_loopback=True))
    SLOW[name](school.forger)
    began = monotonic()
    end = tried(school)
    assert monotonic() - began < 5
    assert_refused(school, end, 503)
    assert end.reasons == ("slow",)


def test_nobody_waits_longer_than_five_seconds() -> None:
    assert PATIENCE == 5


@pytest.mark.parametrize("name", IN_SECOND_CALLS)
def test_a_second_call_that_lies_opens_nothing(school: School, caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.set_level(logging.INFO)
    _trust(school, userinfo=f"{school.forger.issuer}/info")
    school.forger.info |= {"TenantId": TENANT, "SourcedId": school.forger.claims.pop("SourcedId")}
    school.forger.claims["TenantId"] = GONE
    IN_SECOND_CALLS[name](school.forger)
    end = tried(school)
    assert_refused(school, end, *OF_SECOND_CALLS[name][1:], log=written(caplog))
    assert end.reasons == OF_SECOND_CALLS[name][:1]


def test_a_private_account_with_an_address_of_the_school_is_refused(school: School) -> None:
    _trust(school, kind=ProviderKind.GOOGLE, tenant_claim="hd", tenant="marigold.example")
    school.forger.claims |= {"email": "elena@marigold.example", "email_verified": True}
    end = tried(school)
    assert_refused(school, end, 400)
    assert end.reasons == ("tenant",)


@pytest.mark.parametrize("claims", [{"oid": "o-1"}, {"oid": "o-1", "tid": "another"}, {"tid": "0a1b"}])
def test_another_directory_of_entra_is_refused(school: School, claims: dict[str, str]) -> None:
    _trust(school, kind=ProviderKind.ENTRA, tenant_claim="tid", tenant="0a1b", person_claim="oid")
    school.forger.claims |= claims | {"email": "elena@marigold.example", "upn": "elena@marigold.example"}
    end = tried(school)
    assert_refused(school, end, 400)
    assert end.reasons == ("tenant" if "oid" in claims else "subject",)


def test_an_address_inside_a_network_is_never_called_where_the_portal_is_on_the_internet(school: School) -> None:
    school.portal = replace(school.portal, schools=Discovery(on_loopback=False))
    end = tried(school)
    assert_refused(school, end, 400)
    assert (end.reasons, school.forger.asked) == (("address",), [])


def _trust(school: School, **changed: object) -> None:
    with school.portal.storage.write() as tx:
        row = provider_at(school.forger, **changed)
        school_means(school.portal, tx, MARIGOLD, school.portal.now()).providers.change(row)
