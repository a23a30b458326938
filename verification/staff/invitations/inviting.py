"""Invite somebody to set up how they sign in: a link of 256 random bits that works once, for seven days."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from rightsdesk.verification.protocols import Event
from rightsdesk.verification.staff.invitations.store import Invitations, Waiting
from rightsdesk.verification.staff.invitations.tables import InvitationRow
from rightsdesk.verification.staff.means import StaffMeans, note

LIFE: Final = timedelta(days=7)
INVITATION_JOB: Final = "mail_invitation"
_BYTES: Final = 32
_LONGEST: Final = 64  # more was never handed out, and is not hashed


class Purpose(StrEnum):
    """What a link opens: everything anew, or the one factor that was lost; the other one is still asked for."""

    JOIN = "join"
    PASSWORD = "password"  # noqa: S105 - the name of a purpose
    APP = "app"


class Way(StrEnum):
    """How a link reaches its owner."""

    MAIL = "mail"
    PRINT = "print"


@dataclass(frozen=True, slots=True)
class Handed:
    """A link's secret, to be shown once; "" when it goes by mail, and nobody here ever sees it."""

    token: str = field(repr=False)
    expires_at: datetime


def invite(means: StaffMeans, account: UUID, purpose: Purpose, way: Way, actor: str, now: datetime) -> Handed:
    """Make a link for an account and void the older ones; ``actor`` is who, as in ``Event``."""
    invitations = _store(means)
    invitations.void(account, now)
    token = urlsafe_b64encode(means.draw(_BYTES)).decode().rstrip("=")
    number = UUID(bytes=means.draw(16), version=4)
    row = InvitationRow(
        id=number,
        agency=invitations.agency,
        account=account,
        token=_hash(token),
        sealed=means.seal.seal_agency(_place(number), token) if way is Way.MAIL else None,
        purpose=purpose,
        language=means.language,
        made_at=now,
        expires_at=now + LIFE,
    )
    invitations.add(row)
    facts = (("purpose", str(purpose)), ("way", str(way)))
    means.record(Event("staff_invited", actor, subject=account, facts=facts))
    if way is Way.MAIL:
        key = f"{INVITATION_JOB}:{number}"
        means.jobs.submit(invitations.session, INVITATION_JOB, key, str(invitations.agency), str(number))
    return Handed(token if way is Way.PRINT else "", row.expires_at)


def withdraw(means: StaffMeans, account: UUID, actor: str, now: datetime) -> bool:
    """Void an account's links; say whether any still opened something."""
    if not _store(means).void(account, now):
        return False
    means.record(Event("invitation_withdrawn", actor, subject=account))
    return True


def take_up(means: StaffMeans, token: str, now: datetime) -> tuple[UUID, Purpose] | None:
    """Use a link up and return whose it is and what it opens; None for one that is used, void, old, foreign or no link.

    Of two browsers that send the same one at the same moment, one is told.
    """
    taken = _store(means).take(_hash(token), now) if 0 < len(token) <= _LONGEST else None
    if taken is None:
        note(means, None, "staff_refused", "invitation")
        return None
    account, purpose = taken
    note(means, account, "invitation_used", purpose)
    return account, Purpose(purpose)


def to_mail(means: StaffMeans, invitation: UUID, now: datetime) -> tuple[Waiting, str] | None:
    """Return a link that waits for its mail, with its secret; nothing when it left, was voided or is over."""
    waiting = _store(means).waiting(invitation, now)
    return (waiting, means.seal.unseal_agency(_place(invitation), waiting.sealed)) if waiting else None


def mailed(means: StaffMeans, invitation: UUID) -> None:
    """Forget the secret of a link whose mail has left."""
    _store(means).sent(invitation)


def _store(means: StaffMeans) -> Invitations:
    return Invitations(means.credentials.session, means.credentials.agency)


def _hash(token: str) -> str:
    # 256 random bits need neither salt nor a slow hash.
    return sha256(token.encode()).hexdigest()


def _place(invitation: UUID) -> str:
    return f"staff_invitations:{invitation}:sealed"
