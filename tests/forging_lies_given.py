"""How a forging provider is told to lie; ``forged_given`` lists the lies."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from forging_given import (
    KEY,
    Answer,
    Claims,
    Forger,
    key,
    part_of,
    unpadded,
)
from joserfc import jwt
from joserfc.jwk import RSAKey

Lie: TypeAlias = Callable[[Forger], None]


def claiming(**claims: Any) -> Lie:
    """Say these claims in the token."""
    return lambda forger: forger.claims.update(claims)


def documenting(**said: Any) -> Lie:
    """Say this in the discovery document."""
    return lambda forger: forger.document.update(said)


def returning(**said: Any) -> Lie:
    """Send people back with these parameters."""
    return lambda forger: forger.returned.update(said)


def telling(**said: Any) -> Lie:
    """Say this in the second call."""
    return lambda forger: forger.info.update(said)


def answering(path: str, answer: Answer) -> Lie:
    """Answer this path so."""
    return lambda forger: forger.answers.update({path: answer})


def aged(**claims: timedelta) -> Lie:
    """Say these instants, from now on."""

    def lie(forger: Forger) -> None:
        at = forger.now()
        forger.claims.update({name: int((at + span).timestamp()) for name, span in claims.items()})

    return lie


def tokened(make: Callable[[Forger, Claims], str]) -> Lie:
    """Make the token so."""

    def lie(forger: Forger) -> None:
        forger.token = make

    return lie


def all_of(*lies: Lie) -> Lie:
    """Tell several at once."""

    def lie(forger: Forger) -> None:
        for one in lies:
            one(forger)

    return lie


def unsigned(name: str) -> Callable[[Forger, Claims], str]:
    """Make a token without a signature; ``name`` is how its header spells "none"."""
    return lambda _, claims: f"{part_of({'alg': name})}.{part_of(claims)}."


def keyed_by(secret: Callable[[Forger], bytes]) -> Callable[[Forger, Claims], str]:
    """Make a token signed with a secret that the other side knows."""

    def make(forger: Forger, claims: Claims) -> str:
        whole = f"{part_of({'alg': 'HS256', 'kid': forger.signing.kid})}.{part_of(claims)}"
        return f"{whole}.{unpadded(hmac.digest(secret(forger), whole.encode(), hashlib.sha256))}"

    return make


def headed(mine: int, **header: Any) -> Callable[[Forger, Claims], str]:
    """Make a token signed by a key of the forger's own, with a header that says where to find it."""

    def make(forger: Forger, claims: Claims) -> str:
        told = {name: value(forger) if callable(value) else value for name, value in header.items()}
        # Written by hand: joserfc signs no header that it would not read.
        whole = f"{part_of({'alg': 'RS256'} | told)}.{part_of(claims)}"
        return f"{whole}.{_signature(whole, key(mine))}"

    return make


def signing_with(mine: int, name: str = KEY) -> Lie:
    """Sign with this key, and publish the old one."""

    def lie(forger: Forger) -> None:
        forger.signing = key(mine, name)

    return lie


def spoiled(_: Forger, claims: Claims) -> str:
    """Make an honest token and change what it says after it was signed."""
    honest = jwt.encode({"alg": "RS256", "kid": key().kid}, dict(claims), key(), algorithms=["RS256"])
    head, _said, signature = honest.split(".")
    return f"{head}.{part_of(dict(claims) | {'sub': 'somebody-else'})}.{signature}"


def _signature(whole: str, mine: RSAKey) -> str:
    return unpadded(mine.private_key.sign(whole.encode(), PKCS1v15(), SHA256()))


def own_key(_: Forger) -> Any:
    """Return the public part of a key of the forger's own."""
    return key(2).as_dict(private=False)
