"""Asks the provider whom a code stands for, and believes nothing of the answer that was not checked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rightsdesk.verification.school.discovery import Discovery, Document
from rightsdesk.verification.school.errors import AnswerRefused, ProviderDown, Why
from rightsdesk.verification.school.identity import Proven, check_anew, who
from rightsdesk.verification.school.kinds import Purpose
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.signing_in import Begun, Returned
from rightsdesk.verification.school.tokens import Expected, OtherKey, read_token

if TYPE_CHECKING:
    from rightsdesk.verification.school.outbound import Caller


@dataclass(frozen=True, slots=True)
class WayBack:
    """A browser that came back: what was entered of the provider, what was begun, and what came in the query.

    ``returns_to`` is the address it was sent to come back to.
    """

    provider: Provider
    begun: Begun
    returned: Returned
    returns_to: str
    secret: str = field(default="", repr=False)


def end(discovery: Discovery, back: WayBack, now: datetime) -> Proven:
    """Exchange the code and return whom the provider vouches for. It takes five seconds at most; hold no lock.

    Raises:
        ProviderDown: the provider does not answer as one does.
        AnswerRefused: what it answers is not to be believed.
    """
    try:
        with _believing(), discovery.caller(back.provider) as caller:
            return _asked(_Asked(discovery, discovery.document(back.provider, now, caller), caller, now), back)
    except ProviderDown:
        discovery.doubt(back.provider)
        raise


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where keys come from, within one step."""

    discovery: Discovery
    document: Document
    caller: "Caller"
    now: datetime


def _asked(asked: _Asked, back: WayBack) -> Proven:
    _check(asked.document, back.returned)
    tokens = _exchanged(asked.document, back, asked.caller)
    claims = _claims(asked, back, tokens)
    if back.begun.is_anew and back.begun.purpose is Purpose.FAMILY:
        check_anew(back.provider, claims, asked.now)
    access = str(tokens.get("access_token") or "")
    told = asked.caller.get(back.provider.userinfo, access) if back.provider.userinfo else None
    return who(back.provider, claims, told, asked.now)


def _check(document: Document, returned: Returned) -> None:
    """Refuse an answer of another provider before its code is given to ours (RFC 9207)."""
    if returned.iss is None and document.tells_issuer:
        raise AnswerRefused(Why.ISSUER, detail="missing")
    if returned.iss is not None and returned.iss != document.issuer:
        raise AnswerRefused(Why.ISSUER, detail="other")
    if returned.is_error or not returned.code:
        raise AnswerRefused(Why.DENIED)


def _exchanged(document: Document, back: WayBack, caller: "Caller") -> Mapping[str, Any]:
    from authlib.integrations.httpx_client import OAuth2Client  # noqa: PLC0415 - brings an HTTP client along

    with OAuth2Client(
        back.provider.client_id,
        back.secret or None,
        token_endpoint_auth_method=document.secret_by if back.secret else "none",
        redirect_uri=back.returns_to,
        transport=caller,
        trust_env=False,
    ) as client:
        found = client.fetch_token(
            document.token,
            grant_type="authorization_code",
            code=back.returned.code,
            code_verifier=back.begun.verifier,
        )
    if not isinstance(found, Mapping) or not isinstance(found.get("id_token"), str):
        raise AnswerRefused(Why.EXCHANGE, detail="no_id_token")
    return found


def _claims(asked: _Asked, back: WayBack, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
    provider, access = back.provider, str(tokens.get("access_token") or "")
    expected = Expected(provider.issuer, provider.client_id, back.begun.nonce, asked.document.algorithms, asked.now)
    keys = asked.discovery.keys(asked.document, asked.caller, asked.now)
    try:
        return read_token(tokens["id_token"], access, keys, expected)
    except OtherKey:
        newer = asked.discovery.newer_keys(asked.document, asked.caller, asked.now)
        if newer is None:
            raise
    return read_token(tokens["id_token"], access, newer, expected)


@contextmanager
def _believing() -> Iterator[None]:
    """Turn whatever the libraries raise into a refusal of ours: their words may be the provider's, or an attacker's."""
    import httpx2  # noqa: PLC0415 - as above
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415 - as above

    try:
        yield
    except OtherKey:
        raise AnswerRefused(Why.TOKEN, detail="signature") from None
    except AuthlibBaseError:
        raise AnswerRefused(Why.EXCHANGE, detail="refused") from None
    except httpx2.HTTPError:
        raise ProviderDown(Why.UNREACHABLE) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise AnswerRefused(Why.EXCHANGE, detail="form") from None
