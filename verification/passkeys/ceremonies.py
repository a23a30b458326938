"""Set up a passkey, and sign in by one: each answer belongs to one question, one session, one address and one agency.

Source: Web Authentication Level 3 sections 7.1 and 7.2; NIST SP 800-63B-4 sections 3.1.7 and 3.2.5.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from rightsdesk.verification.passkeys.errors import PasskeyProblem, TooManyPasskeys
from rightsdesk.verification.passkeys.store import LIFETIME, Challenges, Made, Passkey, Passkeys, Stop
from rightsdesk.verification.protocols import Draw, Event, Record

MOST: Final = 10
LONGEST: Final = 16 * 1024  # characters of an answer; ours have less than two thousand
LONGEST_LABEL: Final = 60
_BYTES: Final = 32
# What reading may raise of what may be any JSON at all.
_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
_TIMEOUT: Final = int(LIFETIME.total_seconds() * 1000)


class Purpose(StrEnum):
    """What a question was asked for."""

    SET_UP = "set_up"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Site:
    """The address that passkeys are bound to: the host of the public address, and the address itself."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class PasskeyMeans:
    """Stores of one side of an agency and one transaction, and what else passkeys need."""

    passkeys: Passkeys
    challenges: Challenges
    record: Record
    draw: Draw
    site: Site


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkey it will be; ``name`` is shown by the device's own window, ``actor`` is as in ``Event``."""

    id: UUID
    name: str
    actor: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A new passkey as a form sends it; ``device`` and ``rests_on`` as in ``Passkey``."""

    answer: str
    label: str = ""
    device: str = ""
    rests_on: UUID | None = None


def load() -> None:
    """Load the library, which a start does without; call it where nobody waits for a lock meanwhile."""
    import webauthn  # noqa: F401, PLC0415 - as said above


def ask_set_up(means: PasskeyMeans, session: str, owner: Owner, now: datetime) -> str:
    """Return what a browser needs to make a passkey, as JSON.

    Raises:
        TooManyPasskeys: there are ten.
    """
    known = means.passkeys.of(owner.id)
    if len(known) >= MOST:
        raise TooManyPasskeys
    from webauthn import generate_registration_options, options_to_json  # noqa: PLC0415 - a start needs none of it
    from webauthn.helpers import structs  # noqa: PLC0415 - as above

    options = generate_registration_options(
        rp_id=means.site.host,
        rp_name="Rightsdesk",
        user_name=owner.name,
        user_display_name=owner.name,
        user_id=_handle(means, owner.id),
        challenge=_asked(means, session, Purpose.SET_UP, now),
        timeout=_TIMEOUT,
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            # Found by the device itself, so that nobody types who they are.
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one.credential) for one in known],
    )
    return options_to_json(options)


def set_up(means: PasskeyMeans, session: str, owner: Owner, offered: Offered, now: datetime) -> UUID:
    """Keep the passkey that a device has made, and return its number.

    Raises:
        PasskeyProblem: the answer is not one to this session's question, or not by this address, or without the
            device's own lock, or of a passkey that is known already.
        TooManyPasskeys: there are ten.
    """
    if means.passkeys.count(owner.id) >= MOST:
        raise TooManyPasskeys
    found = _read(offered.answer)
    challenge = _answered(means, session, Purpose.SET_UP, found, now)
    from webauthn import verify_registration_response  # noqa: PLC0415 - a start needs none of it
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - as above

    try:
        made = verify_registration_response(
            credential=found,
            expected_challenge=challenge,
            expected_rp_id=means.site.host,
            expected_origin=means.site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, *_UNREADABLE) as error:
        # The library's own words repeat what was sent; what it did not foresee is a refusal too.
        raise _refused(means, owner.actor, "set_up") from error
    if means.passkeys.found(made.credential_id):
        raise _refused(means, owner.actor, "known")
    number = UUID(bytes=means.draw(16), version=4)
    named = (offered.label[:LONGEST_LABEL], offered.device, offered.rests_on)
    shown = (made.credential_id, made.credential_public_key, made.sign_count)
    means.passkeys.add(Made(number, owner.id, *named, *shown), now)
    means.record(Event("passkey_added", owner.actor, facts=(("passkey", str(number)),)))
    return number


def ask_sign_in(means: PasskeyMeans, session: str, now: datetime) -> str:
    """Return what a browser needs to show a passkey, as JSON; it names nobody's, so it says nothing about anybody."""
    from webauthn import generate_authentication_options, options_to_json  # noqa: PLC0415 - a start needs none of it
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415 - as above

    options = generate_authentication_options(
        rp_id=means.site.host,
        challenge=_asked(means, session, Purpose.SIGN_IN, now),
        timeout=_TIMEOUT,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def sign_in(means: PasskeyMeans, session: str, answer: str, now: datetime) -> Passkey:
    """Return the passkey that was shown; the caller asks whether its owner may still come in.

    Raises:
        PasskeyProblem: for every reason, in the same words. ``reason`` is "copied" when the counter went back: that
            passkey is stopped, and the caller keeps that and tells its owner.
    """
    found = _read(answer)
    challenge = _answered(means, session, Purpose.SIGN_IN, found, now)
    passkey = _known(means, found)
    if passkey is None or passkey.stopped:
        raise _refused(means, "unknown", "stopped" if passkey else "nobody")
    count = _verified(means, passkey, found, challenge)
    if not means.passkeys.counted(passkey.id, count, now):
        means.passkeys.stop(passkey.id, Stop.COPIED, now)
        raise _refused(means, "unknown", "copied", passkey)
    return passkey


def turn_away(means: PasskeyMeans, passkey: Passkey, reason: str, now: datetime) -> PasskeyProblem:
    """Return the refusal of a passkey whose owner may not come in, and write it down.

    It is stopped for good when the proof that it was made with is no longer its owner's.
    """
    if reason == Stop.ROOT_GONE:
        means.passkeys.stop(passkey.id, Stop.ROOT_GONE, now)
    return _refused(means, "unknown", reason, passkey)


def _verified(means: PasskeyMeans, passkey: Passkey, found: dict[str, Any], challenge: bytes) -> int:
    from webauthn import verify_authentication_response  # noqa: PLC0415 - a start needs none of it
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - as above

    try:
        shown = verify_authentication_response(
            credential=found,
            expected_challenge=challenge,
            expected_rp_id=means.site.host,
            expected_origin=means.site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # the store compares it, in one statement with keeping it
            require_user_verification=True,
        )
    except (WebAuthnException, *_UNREADABLE) as error:
        raise _refused(means, "unknown", "proof") from error
    handle = found["response"].get("userHandle")
    if not isinstance(handle, str) or _decoded(handle) != _handle(means, passkey.owner):
        raise _refused(means, "unknown", "handle")
    return shown.new_sign_count


def _known(means: PasskeyMeans, found: dict[str, Any]) -> Passkey | None:
    try:
        return means.passkeys.found(_decoded(found["rawId"]))
    except _UNREADABLE:
        return None


def _asked(means: PasskeyMeans, session: str, purpose: Purpose, now: datetime) -> bytes:
    challenge = means.draw(_BYTES)
    means.challenges.add(sha256(challenge).hexdigest(), session, purpose, now)
    return challenge


def _answered(means: PasskeyMeans, session: str, purpose: Purpose, found: dict[str, Any], now: datetime) -> bytes:
    """Use up the question that the answer names and return it; the signature over it is looked at afterwards."""
    try:
        said = json.loads(_decoded(found["response"]["clientDataJSON"]))
        challenge = _decoded(said["challenge"])
    except _UNREADABLE as error:
        raise _refused(means, "unknown", "unreadable") from error
    if not means.challenges.take(sha256(challenge).hexdigest(), session, purpose, now):
        raise _refused(means, "unknown", "challenge")
    return challenge


def _read(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer) if len(answer) <= LONGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise PasskeyProblem("unreadable")
    return found


def _decoded(text: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415 - a start needs none of it

    return base64url_to_bytes(text)


def _handle(means: PasskeyMeans, owner: UUID) -> bytes:
    """Return what a device keeps beside the passkey: the same for all of one owner's, and nobody's id or name."""
    return sha256(f"{means.passkeys.agency}:{means.passkeys.side}:{owner}".encode()).digest()


def _refused(means: PasskeyMeans, actor: str, reason: str, passkey: Passkey | None = None) -> PasskeyProblem:
    facts = (("reason", reason), *((("passkey", str(passkey.id)),) if passkey else ()))
    means.record(Event("passkey_refused", actor, facts=facts))
    return PasskeyProblem(reason, passkey.owner if passkey else None)
