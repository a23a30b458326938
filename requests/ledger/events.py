"""What can happen, and what may be written down about it for ever."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ACTOR: Final = re.compile(rf"(?:requester|staff|token):{_UUID}|system|operator|unknown")
_CASE: Final = re.compile(rf"[A-Z0-9-]{{0,24}}|{_UUID}")
# One case only and no spaces: codes, ids and counts fit; "Maria", an address and an e-mail address do not.
_FACT: Final = re.compile(r"[a-z0-9_.:/-]{0,80}|[A-Z0-9_.:/-]{0,80}|[A-Z]{2}[0-9a-f]{32}")
_PHONE_LIKE: Final = re.compile(r"(?:[^0-9a-zA-Z]*[0-9]){10,15}[^0-9a-zA-Z]*")


class Kind(StrEnum):
    """What can happen."""

    CODE_ASKED = "code_asked"
    CODE_SENT = "code_sent"
    CODE_REFUSED = "code_refused"
    CODE_WRONG = "code_wrong"
    CODE_RIGHT = "code_right"
    CODE_EXPIRED = "code_expired"
    CODE_LOCKED = "code_locked"
    CODE_UNLOCKED = "code_unlocked"
    CODE_DELIVERED = "code_delivered"
    CALLS_STOPPED = "calls_stopped"
    CALLS_ALLOWED = "calls_allowed"
    NUMBER_CONFIRMED = "number_confirmed"
    NUMBER_MENDED = "number_mended"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_IN_BEGUN = "sign_in_begun"
    SCHOOL_LINKED = "school_linked"
    SCHOOL_CONFIRMED = "school_confirmed"
    SCHOOL_UNLINKED = "school_unlinked"
    SCHOOL_LINK_ALLOWED = "school_link_allowed"
    SCHOOL_DISPUTE_CLOSED = "school_dispute_closed"
    SESSION_ENDED = "session_ended"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an act
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an act
    FILED = "filed"
    VIEWED = "viewed"
    SEARCHED = "searched"
    CLAIMED = "claimed"
    RELEASED = "released"
    GIVEN = "given"
    ROUTED = "routed"
    ASKED = "asked"
    ANSWERED = "answered"
    WENT_ON = "went_on"
    MESSAGE_SENT = "message_sent"
    NOTE_WRITTEN = "note_written"
    EVIDENCE_ADDED = "evidence_added"
    EXTENDED = "extended"
    DECIDED = "decided"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    UNDONE = "undone"
    RETURNED = "returned"
    TOOK_EFFECT = "took_effect"
    REOPENED = "reopened"
    FULFILLED = "fulfilled"
    CORRECTED = "corrected"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    LATE = "late"
    AUTHORITY_LOST = "authority_lost"
    HEARING_ASKED = "hearing_asked"
    HEARING_HELD = "hearing_held"
    STATEMENT_ADDED = "statement_added"
    NOTICE_SENT = "notice_sent"
    NOTICE_FAILED = "notice_failed"
    DISCLOSED = "disclosed"
    DOWNLOADED = "downloaded"
    PACKAGE_MADE = "package_made"
    PACKAGE_REMOVED = "package_removed"
    EXPORTED = "exported"
    RESTRICTION_SET = "restriction_set"
    RESTRICTION_LIFTED = "restriction_lifted"
    HOLD_SET = "hold_set"
    HOLD_LIFTED = "hold_lifted"
    GUARDIAN_CONFIRMED = "guardian_confirmed"
    GUARDIAN_BLOCKED = "guardian_blocked"
    ROSTER_APPLIED = "roster_applied"
    ROSTER_HELD = "roster_held"
    ROSTER_REFUSED = "roster_refused"
    STAFF_SIGNED_IN = "staff_signed_in"
    STAFF_REFUSED = "staff_refused"
    STAFF_ADDED = "staff_added"
    STAFF_REMOVED = "staff_removed"
    ROLE_CHANGED = "role_changed"
    SECOND_FACTOR_ENROLLED = "second_factor_enrolled"
    RECOVERY_CODE_USED = "recovery_code_used"
    KEYS_ROTATED = "keys_rotated"
    AGENCY_CHANGED = "agency_changed"
    POLICY_CHANGED = "policy_changed"
    SIGN_IN_CHANGED = "sign_in_changed"
    DIRECTORY_CHANGED = "directory_changed"
    RETENTION_RAN = "retention_ran"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_CLOSED = "incident_closed"
    RESTORED = "restored"
    REGION_REFUSED = "region_refused"
    SECURITY_EVENT = "security_event"


class Act(Protocol):
    """What an entry is made of; ``Event`` here and its twin in verification both are one."""

    @property
    def kind(self) -> str:
        """A lower-case word, one of ``Kind``."""
        ...

    @property
    def actor(self) -> str:
        """Who did it."""
        ...

    @property
    def case(self) -> str:
        """The case's reference, or nothing."""
        ...

    @property
    def subject(self) -> UUID | None:
        """The data subject, or nothing."""
        ...

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Names and short codes."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One act. ``actor`` is ``requester:<uuid>``, ``staff:<uuid>``, ``system``, ``operator`` or ``unknown``.

    Raises:
        ValueError: a fact is not a short code, id or count, so it might be personal.
    """

    kind: str
    actor: str
    case: str = ""
    subject: UUID | None = None
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        check(self)


def check(event: Act) -> None:
    """Refuse what does not belong into a ledger that is never erased.

    Raises:
        ValueError: kind, actor, case or a fact is not of its form. The words name the field, never the value.
    """
    if not _WORD.fullmatch(event.kind):
        raise ValueError("The kind of an event is a lower-case word.")
    if not _ACTOR.fullmatch(event.actor):
        raise ValueError("The actor of an event is requester:<uuid>, staff:<uuid>, system, operator or unknown.")
    if not _CASE.fullmatch(event.case):
        raise ValueError("The case of an event is a reference.")
    for name, value in event.facts:
        if not _WORD.fullmatch(name) or not _FACT.fullmatch(value) or _PHONE_LIKE.fullmatch(value):
            raise ValueError("A fact of an event is a short code, id or count.")
