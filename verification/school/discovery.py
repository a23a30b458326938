"""What a provider says about itself, and its keys: kept an hour, believed only where it is exactly what was entered.

Nobody is sent to a provider that has not answered for some minutes: the first who presses looks, for all who come then.

Heavy libraries are imported where they are used: most starts, and most requests, need none of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rightsdesk.verification.school.errors import AnswerRefused, ProviderDown, SchoolProblem, Why
from rightsdesk.verification.school.provider import Provider, origin_of

if TYPE_CHECKING:
    from joserfc.jwk import Key, KeySet

    from rightsdesk.verification.school.outbound import Caller

ALGORITHMS: Final = frozenset({"RS256", "PS256", "ES256"})  # never the provider's own list, never none or HS256
KEPT: Final = timedelta(hours=1)
FORCED: Final = timedelta(minutes=1)  # between two looks for keys that a token asked for
ANSWERED: Final = timedelta(minutes=2)  # so long after an answer people are sent there without another look
SILENT: Final = timedelta(seconds=10)  # so long after none they are told so at once: nobody waits behind the others
LOOK: Final = 2.5  # seconds that somebody who pressed a button may wait
_SMALLEST_RSA: Final = 2048  # bits
_MOST_KEYS: Final = 40
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_Place: TypeAlias = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Document:
    """What of a discovery document is used. ``tells_issuer`` announces the parameter ``iss`` (RFC 9207)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    algorithms: frozenset[str]
    tells_issuer: bool = False
    secret_by: str = "client_secret_basic"  # noqa: S105 - how the secret is handed over, not a secret


@dataclass(frozen=True, slots=True)
class _Held:
    """Keys, when they were fetched, and when last by force."""

    keys: "KeySet"
    at: datetime
    forced_at: datetime | None = None


@dataclass(slots=True)
class _Look:
    """When a provider was last looked at, and what was wrong with it then. One looks at a time, the others wait."""

    at: datetime | None = None
    problem: SchoolProblem | None = None
    lock: Lock = field(default_factory=Lock)

    def holds(self, now: datetime) -> bool:
        """Say whether that look still counts. Who waited for it may have come a moment before whoever looked."""
        return self.at is not None and abs(now - self.at) < (SILENT if self.problem else ANSWERED)


@dataclass(frozen=True, slots=True)
class Discovery:
    """What this process knows of providers. ``on_loopback``: the portal's public address is this machine."""

    on_loopback: bool = False
    _documents: dict[_Place, tuple[datetime, Document]] = field(default_factory=dict, repr=False)
    _keys: dict[str, _Held] = field(default_factory=dict, repr=False)
    _looks: dict[_Place, _Look] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def caller(self, provider: Provider, patience: float | None = None) -> "Caller":
        """Return what calls this provider, for one step of so many seconds; use it in a ``with`` block."""
        from rightsdesk.verification.school.outbound import PATIENCE, Caller  # noqa: PLC0415 - brings an HTTP client

        return Caller(provider.reachable, on_loopback=self.on_loopback, patience=patience or PATIENCE)

    def answering(self, provider: Provider, now: datetime) -> Document:
        """Return the document of a provider that answered within the last two minutes: people may be sent there.

        Otherwise it is asked for it anew, once for all who press meanwhile, and two and a half seconds at most.

        Raises:
            ProviderDown: it does not answer, or did not ten seconds ago.
            AnswerRefused: as in ``document``.
        """
        place = _place(provider)
        look = self._looks.setdefault(place, _Look())
        with look.lock:
            if not look.holds(now):
                self._look(provider, look, now)
            if look.problem is not None:
                raise type(look.problem)(look.problem.why, detail=look.problem.detail)
            return self._documents[place][1]

    def doubt(self, provider: Provider) -> None:
        """Let the next who wants to be sent there look first: it has just not answered somebody who came back."""
        look = self._looks.get(_place(provider))
        if look is not None:
            look.at = None

    def document(self, provider: Provider, now: datetime, caller: "Caller | None" = None) -> Document:
        """Return the provider's document, which may be an hour old.

        Raises:
            ProviderDown: it cannot be had.
            AnswerRefused: it is not of the issuer that was entered, or leads elsewhere.
        """
        at, held = self._documents.get(_place(provider), (now, None))
        if held is not None and timedelta() <= now - at < KEPT:
            return held
        if caller is None:
            with self.caller(provider) as own:
                return self.document(provider, now, own)
        return self._fetched(provider, caller, now)

    def keys(self, document: Document, caller: "Caller", now: datetime) -> "KeySet":
        """Return the provider's keys, which may be an hour old.

        Raises:
            ProviderDown: they cannot be had.
        """
        held = self._keys.get(document.keys)
        if held is not None and timedelta() <= now - held.at < KEPT:
            return held.keys
        keys = read_keys(caller.get(document.keys))
        self._keys[document.keys] = _Held(keys, now)
        return keys

    def newer_keys(self, document: Document, caller: "Caller", now: datetime) -> "KeySet | None":
        """Return the keys as they are now, for a token that the kept ones do not open; None twice within a minute.

        Some providers put a new key under the name of the old one: it shows as a bad signature alone.
        """
        with self._lock:
            held = self._keys.get(document.keys)
            if held is None or (held.forced_at is not None and timedelta() <= now - held.forced_at < FORCED):
                return None
            self._keys[document.keys] = _Held(held.keys, held.at, now)
        keys = read_keys(caller.get(document.keys))
        self._keys[document.keys] = _Held(keys, now, now)
        return keys

    def _look(self, provider: Provider, look: _Look, now: datetime) -> None:
        try:
            with self.caller(provider, LOOK) as caller:
                self._fetched(provider, caller, now)
            look.problem = None
        except SchoolProblem as problem:
            look.problem = problem
        look.at = now

    def _fetched(self, provider: Provider, caller: "Caller", now: datetime) -> Document:
        found = read_document(provider, caller.get(provider.issuer.rstrip("/") + _WELL_KNOWN))
        self._documents[_place(provider)] = (now, found)
        return found


def read_document(provider: Provider, said: Mapping[str, Any]) -> Document:
    """Return what of a discovery document is used.

    Raises:
        AnswerRefused: the issuer is not the one that was entered, an endpoint is elsewhere, or no algorithm fits.
    """
    if said.get("issuer") != provider.issuer:  # missing is unequal
        raise AnswerRefused(Why.ISSUER, detail="document")
    algorithms = ALGORITHMS & _texts(said.get("id_token_signing_alg_values_supported"))
    if not algorithms:
        raise AnswerRefused(Why.DOCUMENT, detail="algorithms")
    ways = _texts(said.get("token_endpoint_auth_methods_supported")) or {"client_secret_basic"}
    return Document(
        issuer=provider.issuer,
        authorization=_endpoint(provider, said, "authorization_endpoint"),
        token=_endpoint(provider, said, "token_endpoint"),
        keys=_endpoint(provider, said, "jwks_uri"),
        algorithms=algorithms,
        tells_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        secret_by="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
    )


def read_keys(said: Mapping[str, Any]) -> "KeySet":
    """Return the public keys that a signature may be made with; what cannot be used is passed over.

    Raises:
        ProviderDown: there is none.
    """
    from joserfc.jwk import KeySet  # noqa: PLC0415 - see the head of this file

    listed = said.get("keys")
    found = [key for key in map(_key, listed[:_MOST_KEYS] if isinstance(listed, list) else ()) if key is not None]
    if not found:
        raise ProviderDown(Why.KEYS, detail="none")
    return KeySet(found)


def _key(said: object) -> "Key | None":
    from joserfc.errors import JoseError  # noqa: PLC0415 - see the head of this file
    from joserfc.jwk import ECKey, RSAKey  # noqa: PLC0415 - see the head of this file

    if not isinstance(said, dict) or said.get("use", "sig") != "sig" or not isinstance(said.get("kid", ""), str):
        return None
    try:
        if said.get("kty") == "EC":
            return ECKey.import_key(said)
        key = RSAKey.import_key(said) if said.get("kty") == "RSA" else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if key is not None and key.public_key.key_size >= _SMALLEST_RSA else None


def _place(provider: Provider) -> _Place:
    return provider.issuer, provider.reachable


def _endpoint(provider: Provider, said: Mapping[str, Any], name: str) -> str:
    address = said.get(name)
    try:
        is_listed = isinstance(address, str) and origin_of(address) in provider.reachable
    except ValueError:
        is_listed = False
    if not is_listed:
        raise AnswerRefused(Why.ADDRESS, detail=name)
    return str(address)


def _texts(said: object) -> frozenset[str]:
    return frozenset(one for one in said if isinstance(one, str)) if isinstance(said, Iterable) else frozenset()
