"""Whom a provider vouches for: issuer, tenant and subject, each compared as one exact text; never an e-mail address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from rightsdesk.verification.school.errors import AnswerRefused, Why
from rightsdesk.verification.school.kinds import KINDS, LOGIN, LinkKey, Trust
from rightsdesk.verification.school.provider import Provider, is_canonical
from rightsdesk.verification.school.tokens import LEEWAY

LONGEST: Final = 255
FRESH: Final = timedelta(minutes=5)  # of the second factor that a provider vouches for
# RFC 8176: several factors, a one-time password, a key in hardware.
SECOND_FACTORS: Final = frozenset({"mfa", "otp", "hwk"})


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody at a provider. ``link`` is what they are found by on the record, empty where nothing was told."""

    issuer: str
    tenant: str
    subject: str = field(repr=False)
    link: str = field(default="", repr=False)
    has_second_factor: bool = False


def who(provider: Provider, claims: Mapping[str, Any], told: Mapping[str, Any] | None, now: datetime) -> Proven:
    """Return whom checked claims are about; ``told`` is what the provider said of the same person beside them.

    Raises:
        AnswerRefused: another tenant, no person, or the two speak of different people.
    """
    if told is not None:
        _check_same(claims, told)
    return Proven(
        provider.issuer,
        _tenant(provider, claims, told or {}),
        _subject(provider, claims),
        _link(provider, claims, told or {}),
        proves_second_factor(provider, claims, now),
    )


def canonical(value: object) -> str:
    """Return a claim as one comparable text, empty when it is none: 2001 and "2001" are equal, True and [1] are not."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value) if isinstance(value, str) or abs(value) < 10**30 else ""
    return text if is_canonical(text) and len(text) <= LONGEST else ""


def proves_second_factor(provider: Provider, claims: Mapping[str, Any], now: datetime) -> bool:
    """Say whether a token proves a second factor shown just now. Whatever is missing proves nothing (ASVS 6.8.4)."""
    if not _is_of_now(claims.get("auth_time"), now):
        return False
    match provider.second_factor:
        case Trust.AMR:
            methods = claims.get("amr")
            return isinstance(methods, list) and any(one in SECOND_FACTORS for one in methods if isinstance(one, str))
        case Trust.ACR:
            return bool(provider.acr) and claims.get("acr") == provider.acr
        case Trust.NONE:
            return False


def check_anew(provider: Provider, claims: Mapping[str, Any], now: datetime) -> None:
    """Refuse an older sign-in where somebody had to show anew who they are; some kinds never say when it was.

    Raises:
        AnswerRefused: the provider says that nobody signed in there just now, or should say when and does not.
    """
    is_told = "auth_time" in claims or KINDS[provider.kind].asks_who == LOGIN
    if is_told and not _is_of_now(claims.get("auth_time"), now):
        raise AnswerRefused(Why.TIME, detail="auth_time")


def _is_of_now(at: object, now: datetime) -> bool:
    if isinstance(at, bool) or not isinstance(at, int):
        return False
    return -LEEWAY.total_seconds() <= now.timestamp() - at <= FRESH.total_seconds()


def _check_same(claims: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    for name in ("sub", "UserId"):
        other = canonical(told.get(name))
        if other:
            if other in {canonical(claims.get("sub")), canonical(claims.get("UserId"))}:
                return
            break
    raise AnswerRefused(Why.USERINFO)


def _tenant(provider: Provider, claims: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    if not provider.tenant_claim:
        return provider.tenant
    said = [source[provider.tenant_claim] for source in (claims, told) if provider.tenant_claim in source]
    if not said or any(canonical(one) != provider.tenant for one in said):
        raise AnswerRefused(Why.TENANT, detail="other" if said else "missing")
    return provider.tenant


def _subject(provider: Provider, claims: Mapping[str, Any]) -> str:
    subject = canonical(claims.get(provider.person_claim))
    if not subject:
        raise AnswerRefused(Why.SUBJECT)
    return subject


def _link(provider: Provider, claims: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    if provider.link_key is LinkKey.NONE:
        return ""
    said = [source[provider.link_claim] for source in (claims, told) if provider.link_claim in source]
    texts = {_text(one) for one in said}
    return texts.pop() if len(texts) == 1 else ""


def _text(value: object) -> str:
    """Return an id as a school writes it: spaces inside are its own affair."""
    if isinstance(value, str):
        text = value.strip()
        return text if text.isprintable() and len(text) <= LONGEST else ""
    return canonical(value)
