"""A school sign-in from the button to the way back: where the browser is sent, and what is remembered of it.

``depart`` makes up where to send the browser and ``begin`` remembers it, in a unit of work. When the browser comes
back, ``take`` uses that row up in a second, short unit. ``exchanging.end`` then asks the provider.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl
from uuid import UUID

from rightsdesk.verification.protocols import Draw, Event, Record, Seal
from rightsdesk.verification.school.discovery import Document
from rightsdesk.verification.school.errors import AnswerRefused, SchoolProblem, Why
from rightsdesk.verification.school.identity import FRESH
from rightsdesk.verification.school.kinds import KINDS, LOGIN, Purpose, Trust
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.store import Identities, Providers, SignIns
from rightsdesk.verification.school.tables import SignInRow

_BYTES: Final = 32
_LONGEST_QUERY: Final = 8 * 1024
_ONCE: Final = ("code", "state", "iss", "error")


class SchoolSeal(Seal, Protocol):
    """Sealing of one agency, also under the key of one person: gone with that person."""

    def seal(self, subject: UUID, scope: str, place: str, text: str) -> bytes:
        """Return the text sealed under the subject's own key, readable only at this place."""


@dataclass(frozen=True, slots=True)
class SchoolMeans:
    """Stores of one agency and one transaction, and what else school sign-ins need."""

    providers: Providers
    sign_ins: SignIns
    identities: Identities
    seal: SchoolSeal
    record: Record


@dataclass(frozen=True, slots=True)
class Wish:
    """What is begun: for which session (by the hash it is stored under), why, and where to go on afterwards.

    ``returns_to`` is the callback's whole address, from the configured public address and never from a request.
    ``account`` is the staff account that the school account is to be linked to, where one is. ``is_anew``: somebody is
    signed in here already and is asked once more.
    """

    session: str
    purpose: Purpose
    returns_to: str
    onward: str = ""
    account: UUID | None = None
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what only it and the row know of it."""

    address: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun and now is answered."""

    purpose: Purpose
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    onward: str = ""
    account: UUID | None = None
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back in the query, each at most once; the provider's own words of an error are not even kept."""

    code: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    iss: str | None = None
    is_error: bool = False

    @classmethod
    def read(cls, query: str) -> "Returned":
        """Return what a query string says; one that says something twice says nothing."""
        if len(query) > _LONGEST_QUERY:
            return cls()
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40, errors="replace")
        told = [(name, value) for name, value in pairs if name in _ONCE]
        found = dict(told)
        if len(found) != len(told):
            return cls()
        return cls(found.get("code", ""), found.get("state", ""), found.get("iss"), "error" in found)


def depart(provider: Provider, document: Document, wish: Wish, draw: Draw) -> Departure:
    """Return where to send the browser: code flow, with PKCE, a state and a nonce of 256 bits each; nothing is kept."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415 - most starts need no client
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415 - as above

    state, nonce, verifier = (draw(_BYTES).hex() for _ in range(3))
    address = prepare_grant_uri(
        document.authorization,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=wish.returns_to,
        scope=provider.scopes,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]  # no types
        code_challenge_method="S256",
        **_asked(provider, wish),
    )
    return Departure(address, state, nonce, verifier)


def begin(means: SchoolMeans, provider: Provider, departure: Departure, wish: Wish, now: datetime) -> None:
    """Remember what the browser was sent away with: ten minutes, once, for this session alone."""
    state = _hashed(departure.state)
    kept = json.dumps([departure.nonce, departure.verifier, wish.onward, str(wish.account or ""), wish.is_anew])
    means.sign_ins.add(
        SignInRow(
            state=state,
            agency=means.sign_ins.agency,
            session=wish.session,
            provider=provider.id,
            purpose=wish.purpose,
            sealed=means.seal.seal_agency(_place(state), kept),
            begun_at=now,
        )
    )
    means.record(Event("sign_in_begun", "unknown", facts=_facts(provider, wish.purpose)))


def take(
    means: SchoolMeans,
    provider: Provider,
    returned: Returned,
    session: str,
    purposes: Sequence[Purpose],
    now: datetime,
) -> Begun:
    """Use up what this session began at this provider; the caller commits before anybody is asked anything.

    Raises:
        AnswerRefused: this session began nothing of the kind, or it is over, or it was answered already.
    """
    state = _hashed(returned.state)
    taken = means.sign_ins.take(state, session, provider.id, purposes, now) if returned.state else None
    if taken is None:
        raise AnswerRefused(Why.STATE, detail="unknown" if returned.state else "none")
    nonce, verifier, onward, account, is_anew = json.loads(means.seal.unseal_agency(_place(state), taken.sealed))
    return Begun(taken.purpose, nonce, verifier, onward, UUID(account) if account else None, is_anew)


def refused(means: SchoolMeans, provider: Provider | None, purpose: Purpose, problem: SchoolProblem) -> None:
    """Record why a sign-in ended; codes of ours only."""
    facts = (*_facts(provider, purpose), ("reason", problem.why.value))
    facts = (*facts, ("detail", problem.detail)) if problem.detail else facts
    means.record(Event("sign_in_refused", "unknown", facts=facts))


def _asked(provider: Provider, wish: Wish) -> dict[str, Any]:
    """Return what lets a provider prove a second factor: a sign-in of now, and by which rules.

    Before an account is connected, or somebody shows anew who they are, it asks who is there: a school account that
    stands open at a shared screen is not the next one's, and opens no copy to them.
    """
    purpose, who = wish.purpose, KINDS[provider.kind].asks_who
    asked = {"prompt": who} if who and (wish.is_anew or purpose in {Purpose.CONNECT, Purpose.JOIN}) else {}
    if purpose is Purpose.FAMILY and wish.is_anew and who == LOGIN:
        # Whoever sits there can strike the prompt out of the address: with this the token must say when it was.
        return asked | {"max_age": str(int(FRESH.total_seconds()))}
    if purpose is Purpose.FAMILY or provider.second_factor is Trust.NONE:
        return asked
    asked |= {"max_age": str(int(FRESH.total_seconds()))}
    return asked | ({"acr_values": provider.acr} if provider.second_factor is Trust.ACR else {})


def _facts(provider: Provider | None, purpose: Purpose) -> tuple[tuple[str, str], ...]:
    named = (("provider", provider.slug),) if provider else ()
    return (*named, ("purpose", purpose.value))


def _hashed(state: str) -> str:
    return sha256(state.encode()).hexdigest()


def _place(state: str) -> str:
    return f"school_sign_ins:{state}:sealed"
