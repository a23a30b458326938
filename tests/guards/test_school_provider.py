"""The school sign-in that the tests bring along: it follows the standard, keeps tenants apart and changes its keys."""

from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from provider_given import CLIENT, PATIENCE, SECRET, School, serving, signed_in_at

RETURN: Final = "http://127.0.0.1:1/back"  # nobody is there: the address alone is read
VERIFIER: Final = "v" * 64
PEOPLE: Final = {"parent": {"name": "Elena Delgado", "TenantId": 2001}, "student": {"TenantId": 2001, "$amr": ["otp"]}}


@pytest.fixture(scope="module")
def school() -> Iterator[School]:
    with serving(School(PEOPLE, (RETURN,), {"profile": ("name", "TenantId")})) as running:
        yield running


@pytest.fixture
def person() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=PATIENCE) as client:
        yield client


def documents(school: School, person: httpx2.Client) -> tuple[dict[str, Any], KeySet]:
    said = person.get(f"{school.issuer}/.well-known/openid-configuration").json()
    return said, KeySet.import_key_set(person.get(said["jwks_uri"]).json())


def tokens(school: School, person: httpx2.Client, who: str) -> dict[str, Any]:
    said, _ = documents(school, person)
    with OAuth2Client(
        CLIENT, SECRET, scope="openid profile", redirect_uri=RETURN, code_challenge_method="S256", timeout=PATIENCE
    ) as client:
        address, _ = client.create_authorization_url(
            said["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1"
        )
        back = signed_in_at(person, address, who)
        assert httpx2.URL(back).params["iss"] == school.issuer
        return dict(client.fetch_token(said["token_endpoint"], authorization_response=back, code_verifier=VERIFIER))


def test_it_signs_somebody_in_with_a_key_that_it_published(school: School, person: httpx2.Client) -> None:
    said, keys = documents(school, person)
    claims = jwt.decode(tokens(school, person, "student")["id_token"], keys, algorithms=["RS256"]).claims
    assert said["issuer"] == claims["iss"] == school.issuer
    assert (claims["sub"], claims["aud"], claims["nonce"]) == ("student", CLIENT, "n-1")
    assert (claims["TenantId"], claims["amr"]) == (2001, ["otp"])


def test_somebody_who_gives_up_there_comes_back_with_a_refusal(school: School, person: httpx2.Client) -> None:
    said, _ = documents(school, person)
    asked = {"client_id": CLIENT, "response_type": "code", "scope": "openid", "redirect_uri": RETURN, "state": "s"}
    asked |= {"code_challenge": "c" * 43, "code_challenge_method": "S256"}
    back = signed_in_at(person, str(httpx2.URL(said["authorization_endpoint"], params=asked)), None)
    assert httpx2.URL(back).params["error"] == "access_denied"


def test_it_tells_the_tenant_in_a_second_call_as_classlink_does(school: School, person: httpx2.Client) -> None:
    token = tokens(school, person, "parent")["access_token"]
    address = f"{school.issuer}/v2/my/info"
    assert person.get(address, headers={"authorization": f"Bearer {token}"}).json()["TenantId"] == 2001
    assert person.get(address).status_code == 401


def test_a_restart_keeps_the_address_and_changes_the_key(school: School, person: httpx2.Client) -> None:
    issuer, (_, before) = school.issuer, documents(school, person)
    school.restart()
    assert school.issuer == issuer
    _, after = documents(school, person)
    token = tokens(school, person, "parent")["id_token"]
    assert jwt.decode(token, after, algorithms=["RS256"]).claims["sub"] == "parent"
    with pytest.raises(JoseError):
        jwt.decode(token, before, algorithms=["RS256"])


def test_a_second_school_stands_beside_it_with_people_and_keys_of_its_own(
    school: School, person: httpx2.Client
) -> None:
    with serving(School({"other": {"TenantId": 3002}}, (RETURN,))) as other:
        assert other.issuer != school.issuer
        _, theirs = documents(other, person)
        with pytest.raises(JoseError):
            jwt.decode(tokens(school, person, "parent")["id_token"], theirs, algorithms=["RS256"])


def test_a_school_that_was_stopped_answers_nobody(person: httpx2.Client) -> None:
    with serving(School({"one": {}}, (RETURN,))) as down:
        down.stop()
        with pytest.raises(httpx2.ConnectError):
            person.get(down.issuer)
