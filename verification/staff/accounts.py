"""Signing staff in: a password, then always a second factor; each try is counted before it is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from rightsdesk.verification.attempts import ADDRESS_BUDGET, PASSWORD_BUDGET, TOTP_BUDGET, Budget, Stop, stopped
from rightsdesk.verification.errors import CodeProblem, StandsAlready
from rightsdesk.verification.passwords import Match, check_new
from rightsdesk.verification.protocols import ACCOUNT, SIGN_IN_NAME, Event
from rightsdesk.verification.reading import clean_code
from rightsdesk.verification.staff.means import StaffMeans, Told, note, tell
from rightsdesk.verification.staff.recovery import Recovery, fresh_recovery
from rightsdesk.verification.staff.store import Credential
from rightsdesk.verification.tables import Counted
from rightsdesk.verification.totp import new_seed, read_recovery_code, step_of

# Apart from the families' places: pupils and office share one, and a pupil who guesses must not shut the desk.
DESK_PLACE: Final = "desk-address"


class Worth(StrEnum):
    """What was shown is worth this; ``paused`` ends by itself, ``locked`` by an administrator."""

    RIGHT = "right"
    WRONG = "wrong"
    REPLAYED = "replayed"
    PAUSED = "paused"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown is worth this; ``until`` says when a pause ends."""

    worth: Worth
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted try of a password; ``stored`` is None for an account that is unknown or has none."""

    account: UUID | None
    keys: tuple[str, ...]
    stored: str | None
    addresses: tuple[str, ...] = ()


def show_password(
    means: StaffMeans, account: UUID | None, name: str, typed: str, now: datetime, address: str = ""
) -> Shown:
    """Say what a password is worth; an unknown name costs the same work and gets the same answers.

    ``name`` is what was typed to sign in: the limits count it, known or not. The hash takes 32 ms: where that must not
    hold a writer's lock, call ``begin_password``, ``Passwords.compare`` and ``end_password`` in turn.
    """
    attempt = begin_password(means, account, name, now, address)
    if isinstance(attempt, Shown):
        return attempt
    return end_password(means, attempt, means.passwords.compare(attempt.stored, typed), typed, now)


def begin_password(
    means: StaffMeans, account: UUID | None, name: str, now: datetime, address: str = ""
) -> Attempt | Shown:
    """Count a try and return what to compare with, or why nothing may be tried now.

    ``address`` is where it comes from, as ``counted_address`` writes it: it has a budget of its own, so that one place
    cannot try one password on many names.
    """
    keys = means.seal.indexes(SIGN_IN_NAME, name.strip().casefold())
    addresses = means.seal.indexes(DESK_PLACE, address) if address else ()
    shut = _reserve(means, Counted.PASSWORD, keys, PASSWORD_BUDGET, now)
    if shut is None and addresses:
        shut = _reserve(means, Counted.ADDRESS, addresses, ADDRESS_BUDGET, now)
        if shut:
            means.counts.give_back(Counted.PASSWORD, keys)
    if shut:
        note(means, account, "staff_refused", shut.worth)
        return shut
    known = means.credentials.of(account) if account else None
    return Attempt(account, keys, known.password if known else None, addresses)


def end_password(means: StaffMeans, attempt: Attempt, match: Match, typed: str, now: datetime) -> Shown:
    """Take the count back after a right password, and hash it anew where the rules have changed.

    One that was replaced while it was looked at is wrong: who changed it has ended every session by then.
    """
    if match is Match.WRONG or attempt.account is None or not _still_stands(means, attempt.account, attempt.stored):
        note(means, attempt.account, "staff_refused", "password")
        _tell_shut(means, attempt.account, (Counted.PASSWORD, attempt.keys, PASSWORD_BUDGET), now)
        return Shown(Worth.WRONG)
    means.counts.succeed(Counted.PASSWORD, attempt.keys)
    if attempt.addresses:
        means.counts.give_back(Counted.ADDRESS, attempt.addresses)
    if match is Match.STALE:
        means.credentials.rehash(attempt.account, means.passwords.hashed(typed))
    return Shown(Worth.RIGHT)


def set_password(means: StaffMeans, account: UUID, password: str, context: Sequence[str], now: datetime) -> None:
    """Keep a first password, of a demo or a test; ``factors`` has how people choose and change theirs.

    Raises:
        PasswordProblem: it would not protect; the words say why.
    """
    check_new(password, context)
    means.credentials.set_password(account, means.passwords.hashed(password), now)
    note(means, account, "password_changed", "set")


def is_enrolled(means: StaffMeans, account: UUID) -> bool:
    """Say whether an authenticator app has shown its first good code."""
    known = means.credentials.of(account)
    return known is not None and known.seed is not None


def begin_app(means: StaffMeans, account: UUID) -> None:
    """Draw the seed of an app, to be shown once; it counts only after one good code.

    Raises:
        StandsAlready: an app is enrolled; a fresh proof of it must come first, then ``begin_replacement``.
    """
    if is_enrolled(means, account):
        raise StandsAlready
    begin_replacement(means, account)


def begin_replacement(means: StaffMeans, account: UUID) -> None:
    """Draw the seed of another app; the one in use works until the new one has shown a good code."""
    means.credentials.set_pending(account, means.seal.seal_agency(_place(account), new_seed(means.draw)))


def pending_seed(means: StaffMeans, account: UUID) -> str | None:
    """Return the base32 seed that waits for its first code, or None."""
    known = means.credentials.of(account)
    if known is None or known.pending_seed is None:
        return None
    return means.seal.unseal_agency(_place(account), known.pending_seed)


def is_of_app(seed: str, typed: str, now: datetime) -> bool:
    """Say whether an app with this base32 seed shows the typed code now; nothing is counted."""
    return step_of(seed, _digits(typed), now) is not None


def confirm_app(
    means: StaffMeans, account: UUID, typed: str, now: datetime, recovery: Recovery | None = None
) -> tuple[str, ...]:
    """Take the app into use and return ten recovery codes, to be shown once; nothing if the code is wrong.

    ``recovery`` are the codes where they were made before.

    Source: NIST SP 800-63B-4 section 4.2 on recovery codes.
    """
    keys = _keys(means, account)
    if _reserve(means, Counted.TOTP, keys, TOTP_BUDGET, now):
        return ()
    known, seed = means.credentials.of(account), pending_seed(means, account)
    step = step_of(seed, _digits(typed), now) if seed else None
    if known is None or known.pending_seed is None or step is None:
        note(means, account, "staff_refused", "enrolment")
        _tell_shut(means, account, (Counted.TOTP, keys, TOTP_BUDGET), now)
        return ()
    if not means.credentials.enrol(account, known.pending_seed, step, now):
        return ()
    means.counts.succeed(Counted.TOTP, keys)
    note(means, account, "second_factor_enrolled", "replaced" if known.seed else "app")
    tell(means, account, Told.APP_REPLACED if known.seed else Told.APP_ENROLLED)
    return renew_recovery_codes(means, account, recovery or fresh_recovery(means.passwords, means.draw))


def renew_recovery_codes(means: StaffMeans, account: UUID, recovery: Recovery) -> tuple[str, ...]:
    """Keep ten new recovery codes and return them, to be shown once; the old ones are void."""
    means.credentials.replace_recovery_codes(account, recovery.salt, recovery.hashes)
    return recovery.codes


def show_second_factor(means: StaffMeans, account: UUID, typed: str, now: datetime) -> Shown:
    """Say what a code of the app, or a recovery code, is worth; each is accepted once, in parallel too."""
    keys = _keys(means, account)
    shut = _reserve(means, Counted.TOTP, keys, TOTP_BUDGET, now)
    if shut:
        note(means, account, "staff_refused", shut.worth)
        return shut
    worth = _worth(means, account, typed, now)
    if worth is Worth.RIGHT:
        means.counts.succeed(Counted.TOTP, keys)
    else:
        note(means, account, "staff_refused", worth)
        _tell_shut(means, account, (Counted.TOTP, keys, TOTP_BUDGET), now)
    return Shown(worth)


def remove_app(means: StaffMeans, account: UUID, actor: str) -> None:
    """Forget the app after a fresh proof, or on an administrator's word; ``actor`` is who, as in ``Event``."""
    means.credentials.remove_app(account)
    means.record(Event("security_event", actor, facts=(("account", str(account)), ("reason", "app_removed"))))


def lift_limits(means: StaffMeans, account: UUID, name: str, actor: str) -> None:
    """Let a locked account try again, on an administrator's word; ``name`` is what the person types to sign in."""
    means.counts.unlock(Counted.TOTP, _keys(means, account))
    means.counts.unlock(Counted.PASSWORD, means.seal.indexes(SIGN_IN_NAME, name.strip().casefold()))
    means.record(Event("security_event", actor, facts=(("account", str(account)), ("reason", "limits_lifted"))))


def _still_stands(means: StaffMeans, account: UUID, stored: str | None) -> bool:
    return stored is not None and means.credentials.stands(account, stored)


def _worth(means: StaffMeans, account: UUID, typed: str, now: datetime) -> Worth:
    known, digits = means.credentials.of(account), _digits(typed)
    if known is None or known.seed is None:
        return Worth.WRONG
    if not digits:
        return _recovered(means, known, typed, now)
    step = step_of(means.seal.unseal_agency(_place(account), known.seed), digits, now)
    if step is None:
        return Worth.WRONG
    # By the step and not by what was typed: the same code has many spellings (full-width digits, spaces).
    return Worth.RIGHT if means.credentials.take_step(account, step) else Worth.REPLAYED


def _recovered(means: StaffMeans, known: Credential, typed: str, now: datetime) -> Worth:
    """Hash once and look it up: the ten codes share a salt, and 80 random bits need no salt of their own."""
    code = read_recovery_code(typed)
    if len(code) != 16 or known.recovery_salt is None:
        return Worth.WRONG
    if not means.credentials.use_recovery_code(known.account, means.passwords.hashed(code, known.recovery_salt), now):
        return Worth.WRONG
    note(means, known.account, "recovery_code_used", "recovery")
    tell(means, known.account, Told.CODE_USED)
    return Worth.RIGHT


def _reserve(means: StaffMeans, kind: Counted, keys: tuple[str, ...], budget: Budget, now: datetime) -> Shown | None:
    if means.counts.reserve(kind, keys, budget, now) is not None:
        return None
    shut = stopped(means.counts.hold(kind, keys, now), budget, now, means.counts.zone)
    locked = shut is None or shut.stop is Stop.LOCKED
    return Shown(Worth.LOCKED) if locked else Shown(Worth.PAUSED, shut.until if shut else None)


def _tell_shut(
    means: StaffMeans, account: UUID | None, counted: tuple[Counted, tuple[str, ...], Budget], now: datetime
) -> None:
    """Tell the owner once when wrong answers have just closed the account (ASVS 5.0 section 6.3.5)."""
    kind, keys, budget = counted
    shut = stopped(means.counts.hold(kind, keys, now), budget, now, means.counts.zone)
    if shut:
        tell(means, account, Told.LOCKED, f"{kind}:{int((shut.until or now).timestamp())}")


def _digits(typed: str) -> str:
    try:
        return clean_code(typed)
    except CodeProblem:
        return ""


def _keys(means: StaffMeans, account: UUID) -> tuple[str, ...]:
    return means.seal.indexes(ACCOUNT, str(account))


def _place(account: UUID) -> str:
    return f"staff_credentials:{account}:seed"
