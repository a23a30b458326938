"""Changing what an account signs in with: choosing a password, renewing recovery codes, and a colleague's reset."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from rightsdesk.verification.passkeys.store import STAFF, Passkeys
from rightsdesk.verification.passwords import check_new
from rightsdesk.verification.protocols import Event
from rightsdesk.verification.school.kinds import Side
from rightsdesk.verification.school.store import Identities
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.staff.invitations.inviting import Purpose
from rightsdesk.verification.staff.invitations.store import Invitations
from rightsdesk.verification.staff.means import StaffMeans, Told, note, tell
from rightsdesk.verification.staff.recovery import Recovery


def weigh_password(means: StaffMeans, typed: str, context: Sequence[str]) -> str:
    """Return the hash of a password that its owner chose; nothing is written, and nobody waits for its 32 ms.

    Raises:
        PasswordProblem: it would not protect; the words say why.
    """
    check_new(typed, context)
    return means.passwords.hashed(typed)


def keep_password(means: StaffMeans, account: UUID, hashed: str, now: datetime) -> None:
    """Keep a chosen password; the caller ends the account's other sessions."""
    means.credentials.set_password(account, hashed, now)
    note(means, account, "password_changed", "chosen")
    tell(means, account, Told.PASSWORD_CHANGED)


def has_joined(means: StaffMeans, account: UUID) -> bool:
    """Say whether anything was ever set up: until then there is nothing to reset."""
    known = means.credentials.of(account)
    has_own = known is not None and (known.password is not None or known.seed is not None or known.by_link)
    return has_own or any(one.unlinked_at is None for one in _identities(means).of_account(Side.STAFF, account))


def may_set_up_app(means: StaffMeans, account: UUID) -> bool:
    """Say whether the first factor alone leads on to a first app; after a reset it takes the link as well."""
    known = means.credentials.of(account)
    return known is None or not known.by_link


def renew_codes(means: StaffMeans, account: UUID, recovery: Recovery) -> tuple[str, ...]:
    """Keep ten new recovery codes after a fresh proof and return them, to be shown once; the old ones are void."""
    note(means, account, "recovery_codes_renewed", "owner")
    tell(means, account, Told.CODES_RENEWED)
    return accounts.renew_recovery_codes(means, account, recovery)


def reset(means: StaffMeans, account: UUID, name: str, purpose: Purpose, actor: str) -> None:
    """Forget what a colleague has lost, on another's word, and let them try again; a link leads to the new one.

    What was not lost stays and is still asked for, so that whoever reads the mail alone gets nowhere. ``name`` is what
    the owner types to sign in. The caller ends the sessions.

    Source: OWASP ASVS 5.0 sections 6.4.3 to 6.4.6.
    """
    if purpose is not Purpose.APP:
        means.credentials.forget_password(account)
    if purpose is not Purpose.PASSWORD:
        accounts.remove_app(means, account, actor)
        _passkeys(means).remove_all(account)  # they lie on the phone that was lost
    accounts.lift_limits(means, account, name, actor)
    means.record(Event("sign_in_reset", actor, subject=account, facts=(("purpose", str(purpose)),)))
    tell(means, account, Told.RESET)


def forget(means: StaffMeans, account: UUID, now: datetime) -> None:
    """Forget everything that a removed colleague could show, their links too; whoever comes back connects anew."""
    means.credentials.remove(account)
    _passkeys(means).remove_all(account)
    _identities(means).forget(account)
    Invitations(means.credentials.session, means.credentials.agency).void(account, now)


def _identities(means: StaffMeans) -> Identities:
    return Identities(means.credentials.session, means.credentials.agency)


def _passkeys(means: StaffMeans) -> Passkeys:
    return Passkeys(means.credentials.session, means.credentials.agency, STAFF, means.seal)
