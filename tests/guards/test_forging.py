"""The provider that lies: untold it is believed by a client that nobody here wrote, and told it does as it was told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
import pytest
from forged_given import ABOUT_TENANTS, IN_DOCUMENTS, IN_TOKENS, ON_RETURN
from forging_given import CLIENT, DISCOVERY, HUGE, Forger, dripping, forging, huge, key, packed
from forging_lies_given import Lie, answering
from joserfc import jwt
from joserfc.jwk import KeySet

NOW: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
RETURN: Final = "http://127.0.0.1:1/back"


@pytest.fixture(scope="module")
def running() -> Iterator[Forger]:
    with forging(lambda: NOW) as forger:
        yield forger


@pytest.fixture
def forger(running: Forger) -> Forger:
    running.forget()
    return running


@pytest.fixture(scope="module")
def person() -> Iterator[httpx2.Client]:
    with httpx2.Client() as client:
        yield client


@dataclass(frozen=True)
class Said:
    """What somebody who signs in hears: the document, where they are sent back to, and what their code bought."""

    document: bytes
    back: httpx2.URL
    bought: dict[str, Any]


def said_by(forger: Forger, person: httpx2.Client) -> Said:
    asked = {"nonce": "n-1", "state": "s-1", "redirect_uri": RETURN}
    back = httpx2.URL(person.get(f"{forger.issuer}/auth", params=asked).headers["location"])
    forger._nonces["code"] = "n-1"
    bought = person.post(f"{forger.issuer}/token", data={"code": "code"}).json()
    return Said(person.get(f"{forger.issuer}{DISCOVERY}").content, back, bought)


def test_untold_it_says_the_truth(forger: Forger, person: httpx2.Client) -> None:
    said = said_by(forger, person)
    document = json.loads(said.document)
    keys = KeySet.import_key_set(person.get(document["jwks_uri"]).json())
    claims = jwt.decode(said.bought["id_token"], keys, algorithms=["RS256"]).claims
    assert said.back.params["iss"] == document["issuer"] == claims["iss"] == forger.issuer
    assert (claims["aud"], claims["sub"], claims["nonce"]) == (CLIENT, "parent", "n-1")
    assert claims["iat"] == int(NOW.timestamp())


@pytest.mark.parametrize("lie", (IN_TOKENS | ABOUT_TENANTS).values(), ids=(IN_TOKENS | ABOUT_TENANTS).keys())
def test_each_lie_in_a_token_is_another_token(forger: Forger, person: httpx2.Client, lie: Lie) -> None:
    honest = said_by(forger, person).bought
    lie(forger)
    assert said_by(forger, person).bought != honest


@pytest.mark.parametrize("lie", ON_RETURN.values(), ids=ON_RETURN.keys())
def test_each_lie_on_return_is_another_address(forger: Forger, person: httpx2.Client, lie: Lie) -> None:
    forger._nonces.clear()
    honest = said_by(forger, person).back
    forger._nonces.clear()
    lie(forger)
    assert said_by(forger, person).back != honest


@pytest.mark.parametrize("lie", IN_DOCUMENTS.values(), ids=IN_DOCUMENTS.keys())
def test_each_lie_in_a_document_is_another_document(forger: Forger, person: httpx2.Client, lie: Lie) -> None:
    honest = person.get(f"{forger.issuer}{DISCOVERY}").content
    lie(forger)
    assert person.get(f"{forger.issuer}{DISCOVERY}").content != honest


@pytest.mark.parametrize("announced", [True, False])
def test_a_reader_who_hangs_up_stops_the_fifty_megabytes(
    forger: Forger, person: httpx2.Client, *, announced: bool
) -> None:
    answering("/keys", huge(announced=announced))(forger)
    with person.stream("GET", f"{forger.issuer}/keys") as answer:
        next(answer.iter_bytes())
    assert forger.sent < HUGE


def test_the_packed_megabytes_unpack(forger: Forger, person: httpx2.Client) -> None:
    answering("/keys", packed)(forger)
    with person.stream("GET", f"{forger.issuer}/keys") as answer:
        raw = sum(map(len, answer.iter_raw()))
    assert raw < HUGE // 500
    assert len(person.get(f"{forger.issuer}/keys").content) == HUGE


def test_drops_come_one_by_one(forger: Forger, person: httpx2.Client) -> None:
    answering("/keys", dripping)(forger)
    with person.stream("GET", f"{forger.issuer}/keys") as answer:
        drops = answer.iter_raw()
        assert [next(drops), next(drops)] == [b" ", b" "]


def test_told_to_forget_it_says_the_truth_again(forger: Forger) -> None:
    forger.claims["aud"], forger.signing = "somebody-else", key(2)
    forger.forget()
    assert (forger.claims, forger.signing) == ({}, key())
