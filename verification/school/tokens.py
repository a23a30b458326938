"""What is believed of an id_token: its signature by a fixed list of algorithms, and every claim by itself.

Source: OpenID Connect Core 1.0 section 3.1.3.7; OWASP ASVS 5.0 sections 9.1, 9.2 and 10.5.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

from rightsdesk.verification.school.errors import AnswerRefused, Why

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

LEEWAY: Final = timedelta(seconds=60)  # two clocks are never the same
OLDEST: Final = timedelta(seconds=600)  # of a token, whatever it says about its end
LONGEST_TOKEN: Final = 32 * 1024
LONGEST_SUBJECT: Final = 255
# A key, or the address of one, inside the token itself would let it vouch for itself (ASVS 9.1.3).
_HEADERS: Final = frozenset({"alg", "kid", "typ", "cty", "x5t", "x5t#S256"})


class OtherKey(Exception):
    """None of the known keys opens the token: it may be signed by a newer one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say. ``algorithms`` are ours that the provider has, too."""

    issuer: str
    client: str
    nonce: str
    algorithms: frozenset[str]
    now: datetime


def read_token(token: str, access: str, keys: "KeySet", expected: Expected) -> Mapping[str, Any]:
    """Return the claims of an id_token that came with an access token.

    Raises:
        AnswerRefused: something about it is not to be believed.
        OtherKey: it is well-formed, but no known key has signed it.
    """
    _check_header(token, expected)
    claims = _opened(token, keys, expected)
    _check_registered(claims, expected)
    _check_audience(claims, expected.client)
    _check_nonce(claims, expected.nonce)
    _check_subject(claims)
    _check_age(claims, expected.now)
    _check_access(claims, access)
    return claims


def _check_header(token: str, expected: Expected) -> None:
    head, _, rest = token.partition(".")
    if len(token) > LONGEST_TOKEN or rest.count(".") != 1:
        raise AnswerRefused(Why.TOKEN, detail="form")
    try:
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError) as error:
        raise AnswerRefused(Why.TOKEN, detail="form") from error
    if not isinstance(header, dict) or header.get("alg") not in expected.algorithms:
        raise AnswerRefused(Why.TOKEN, detail="algorithm")
    if not header.keys() <= _HEADERS or not isinstance(header.get("kid", ""), str):
        raise AnswerRefused(Why.TOKEN, detail="header")


def _opened(token: str, keys: "KeySet", expected: Expected) -> Mapping[str, Any]:
    from joserfc import errors, jwt  # noqa: PLC0415 - most starts need no reader of tokens

    try:
        return jwt.decode(token, keys, algorithms=sorted(expected.algorithms)).claims
    except (errors.BadSignatureError, errors.InvalidKeyIdError, errors.InvalidKeyTypeError) as error:
        raise OtherKey from error
    except (errors.JoseError, ValueError, RecursionError) as error:
        raise AnswerRefused(Why.TOKEN, detail="form") from error


def _check_registered(claims: Mapping[str, Any], expected: Expected) -> None:
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwt import JWTClaimsRegistry  # noqa: PLC0415 - as above

    registry = JWTClaimsRegistry(
        now=int(expected.now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client},
        sub={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except JoseError as error:
        claim = str(getattr(error, "claim", ""))
        raise AnswerRefused(_BY_CLAIM.get(claim, Why.TOKEN), detail="claim") from error


_BY_CLAIM: Final = {
    "iss": Why.ISSUER,
    "aud": Why.AUDIENCE,
    "sub": Why.SUBJECT,
    "nonce": Why.NONCE,
    "exp": Why.TIME,
    "iat": Why.TIME,
    "nbf": Why.TIME,
}


def _check_audience(claims: Mapping[str, Any], client: str) -> None:
    # The standard allows more audiences beside ours, and the registry takes them: we trust nobody else with it.
    if claims["aud"] not in (client, [client]) or claims.get("azp", client) != client:
        raise AnswerRefused(Why.AUDIENCE)


def _check_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    # The registry would take a list that holds ours.
    if not isinstance(claims["nonce"], str) or not compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise AnswerRefused(Why.NONCE)


def _check_subject(claims: Mapping[str, Any]) -> None:
    if not claims["sub"].strip() or len(claims["sub"]) > LONGEST_SUBJECT:
        raise AnswerRefused(Why.SUBJECT)


def _check_age(claims: Mapping[str, Any], now: datetime) -> None:
    if now.timestamp() - claims["iat"] > OLDEST.total_seconds():
        raise AnswerRefused(Why.TIME, detail="old")


def _check_access(claims: Mapping[str, Any], access: str) -> None:
    """Check that both tokens belong together; each algorithm of ours hashes with SHA-256."""
    if "at_hash" not in claims:
        return
    half = urlsafe_b64encode(sha256(access.encode()).digest()[:16]).rstrip(b"=")
    told = claims["at_hash"]
    if not isinstance(told, str) or not compare_digest(told.encode(), half):
        raise AnswerRefused(Why.TOKEN, detail="at_hash")
