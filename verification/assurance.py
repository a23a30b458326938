"""Which act needs which proof, and how fresh: one table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

FRESH: Final = timedelta(minutes=5)
LONGEST_RENEWED: Final = timedelta(minutes=30)


class ProofKind(StrEnum):
    """What was shown."""

    TEXT_CODE = "text_code"
    STUDENT_NUMBER = "student_number"  # beside a text code, where the number alone does not prove one person
    SCHOOL_SIGN_IN = "school_sign_in"
    PASSKEY = "passkey"  # with the device's own lock: two factors in one (NIST SP 800-63B-4 section 3.1.7)
    PASSWORD = "password"  # noqa: S105 - the name of a proof
    SECOND_FACTOR = "second_factor"  # the authenticator app, or one of its recovery codes
    SCHOOL_SECOND_FACTOR = "school_second_factor"  # a school sign-in whose token proves a second factor


@dataclass(frozen=True, slots=True)
class Proof:
    """Something shown in this session: when, and until when work in the erasure queue has renewed it."""

    kind: ProofKind
    at: datetime
    renewed_at: datetime | None = None


class Act(StrEnum):
    """What a requester or a member of staff wants to do."""

    FILE = "file"
    SEE_REQUESTS = "see_requests"
    OPEN_PACKAGE = "open_package"
    MANAGE_PASSKEYS = "manage_passkeys"
    WORK_AT_DESK = "work_at_desk"
    DECIDE = "decide"
    DECIDE_ERASURE = "decide_erasure"
    OPEN_PACKAGE_AS_STAFF = "open_package_as_staff"
    CHANGE_STAFF = "change_staff"
    CHANGE_OWN_FACTORS = "change_own_factors"
    CHANGE_SIGN_IN = "change_sign_in"  # which providers and directories an agency trusts
    UNLINK = "unlink"  # part a school account, or a number, from a person on record
    LIFT = "lift"  # change or end an order that keeps somebody away from a child
    VOUCH = "vouch"  # say that a number on record is a person's, after seeing them
    REMOVE_MANY = "remove_many"  # let a roster remove more people than the agency's limit


@dataclass(frozen=True, slots=True)
class Needed:
    """Any one of these proofs, not older than ``within``; None means at any time in this session."""

    kinds: frozenset[ProofKind]
    within: timedelta | None = None


# A password alone opens no package: schools hand them out, and they stand on stickers.
_STRONG: Final = frozenset({ProofKind.TEXT_CODE, ProofKind.SCHOOL_SIGN_IN, ProofKind.PASSKEY})
_FAMILY: Final = _STRONG | {ProofKind.PASSWORD}
_STAFF: Final = frozenset({ProofKind.SECOND_FACTOR, ProofKind.SCHOOL_SECOND_FACTOR, ProofKind.PASSKEY})

# NIST SP 800-63B-4 sections 2.2.3 and 3.2; OWASP ASVS 5.0 section 7.5.3.
NEEDED: Final = {
    Act.FILE: Needed(_FAMILY),
    Act.SEE_REQUESTS: Needed(_FAMILY),
    Act.OPEN_PACKAGE: Needed(_STRONG, FRESH),
    Act.MANAGE_PASSKEYS: Needed(_STRONG, FRESH),
    Act.WORK_AT_DESK: Needed(_STAFF),
    Act.DECIDE: Needed(_STAFF),
    Act.DECIDE_ERASURE: Needed(_STAFF, FRESH),
    Act.OPEN_PACKAGE_AS_STAFF: Needed(_STAFF, FRESH),
    Act.CHANGE_STAFF: Needed(_STAFF, FRESH),
    Act.CHANGE_OWN_FACTORS: Needed(_STAFF, FRESH),
    Act.CHANGE_SIGN_IN: Needed(_STAFF, FRESH),
    Act.UNLINK: Needed(_STAFF, FRESH),
    Act.LIFT: Needed(_STAFF, FRESH),
    Act.VOUCH: Needed(_STAFF, FRESH),
    Act.REMOVE_MANY: Needed(_STAFF, FRESH),
}
_RENEWING: Final = frozenset({Act.DECIDE_ERASURE})


def needs(act: Act, proofs: Sequence[Proof], now: datetime) -> Needed | None:
    """Return what must be shown before the act, or None if enough was shown."""
    needed = NEEDED[act]
    enough = any(proof.kind in needed.kinds and _fresh(proof, act, now) for proof in proofs)
    return None if enough else needed


def has_strong(proofs: Sequence[Proof]) -> bool:
    """Say whether something better than a password was shown, however long ago."""
    return any(proof.kind in _STRONG for proof in proofs)


def renewed(proof: Proof, act: Act, now: datetime) -> Proof:
    """Return the proof as it stands after the act: deciding erasures one by one keeps it fresh, 30 minutes at most."""
    keeps = act in _RENEWING and proof.kind in NEEDED[act].kinds and _fresh(proof, act, now)
    return replace(proof, renewed_at=now) if keeps else proof


def _fresh(proof: Proof, act: Act, now: datetime) -> bool:
    within = NEEDED[act].within
    if within is None or now - proof.at < within:
        return True
    working = act in _RENEWING and proof.renewed_at is not None and now - proof.renewed_at < within
    return working and now - proof.at < LONGEST_RENEWED
