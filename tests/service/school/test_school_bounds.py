"""How far a sign-in at a school holds: to the second, at one issuer, for one verifier, and to no role."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from family_given import MARIGOLD
from forging_given import GONE, Forger, forging
from school_staff_given import PAT
from schooling_given import DESK_START, START, Visitor, events, facts_of, provider_at

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means


@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [("iat", -600, 303), ("iat", -601, 400), ("iat", 60, 303), ("iat", 61, 400), ("exp", -59, 303), ("exp", -61, 400)],
)
def test_a_token_holds_to_the_second(portal: Portal, forger: Forger, claim: str, seconds: int, status: int) -> None:
    at = int(portal.now().timestamp())
    forger.claims |= {"exp": at + 300, claim: at + seconds}
    assert Visitor(portal).sign_in().status_code == status
    assert [facts_of(one)["reason"] for one in events(portal, "sign_in_refused")] == ["time"] * (status == 400)


def test_the_same_subject_and_tenant_of_another_issuer_are_somebody_else(
    visitor: Visitor, portal: Portal, forger: Forger
) -> None:
    visitor.sign_in()
    visitor.confirm()
    with forging(portal.now) as another:
        another.claims |= forger.claims | {"SourcedId": GONE}
        with portal.storage.write() as tx:
            school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(another))
        assert Visitor(portal).sign_in().status_code == 400
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "not_linked"


def test_a_code_is_bought_with_the_verifier_of_its_own_challenge_and_the_exact_address(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought: list[dict[str, list[str]]] = []
    honest = Forger.bought

    def watched(self: Forger, form: dict[str, list[str]]) -> dict[str, object]:
        bought.append(form)
        return honest(self, form)

    monkeypatch.setattr(Forger, "bought", watched)
    for _ in range(2):
        address = visitor.away()
        visitor.browser.get(visitor.back(address))
        asked = parse_qs(urlsplit(address).query)
        (verifier,) = bought[-1]["code_verifier"]
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        assert [digest] == asked["code_challenge"]
        assert bought[-1]["redirect_uri"] == asked["redirect_uri"] == [f"https://testserver{START}/callback"]
    assert bought[0]["code_verifier"] != bought[1]["code_verifier"]


def test_no_claim_gives_anybody_a_role(portal: Portal, forger: Forger, app: pyotp.TOTP) -> None:
    forger.claims |= {"role": "Tenant Administrator", "roles": ["administrator"], "groups": ["administrator"]}
    Visitor(portal).sign_in(DESK_START)
    with portal.storage.read() as tx:
        staff = Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).every()
    assert {one.roles for one in staff} == {PAT.roles}
    assert app
