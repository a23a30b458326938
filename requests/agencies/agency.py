"""An agency as a value: who it is, where its days begin, and which laws bind it."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from rightsdesk.requests.agencies.errors import BadAgency, SlugTaken

RESERVED: Final = frozenset({"desk", "office", "static", "api", "hooks", "health", "metrics", "drp"})
_SLUG: Final = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")


class Role(StrEnum):
    """What a member of staff may do; a person can hold several."""

    APPROVER = "approver"
    SECOND_APPROVER = "second_approver"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    HEARING_OFFICER = "hearing_officer"


@dataclass(frozen=True, slots=True)
class Agency:
    """One educational agency. ``prefix`` starts its references; ``laws`` are codes of the rule book.

    ``own_blocks`` are the networks its schools come from, like 198.51.100.0/24: many ask for a code there at once.
    """

    id: UUID
    slug: str
    name: str
    short_name: str
    prefix: str
    zone: str
    region: str
    laws: tuple[str, ...]
    town: str = ""
    office_phone: str = ""
    office_hours: str = ""
    theme: str = ""
    roster_suffices: bool = True
    student_kinds: tuple[str, ...] = ("access", "correction", "erasure")
    holidays: frozenset[date] = frozenset()
    own_blocks: tuple[str, ...] = ()

    def today(self, now: datetime) -> date:
        """Return the agency's own calendar day at this instant."""
        return now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff. ``person`` is who they are on the roster, where they are on it.

    ``added_by`` and ``reset_by`` are the colleagues who handed them what they sign in with; None is the operator.
    ``is_here`` is no longer so for who was removed, whose name the history keeps.
    """

    id: UUID
    name: str
    email: str
    roles: frozenset[Role]
    person: UUID | None = None
    keys_on: bool = True
    added_by: UUID | None = None
    reset_by: UUID | None = None
    is_here: bool = True

    @property
    def initials(self) -> str:
        """Return the first letters of the first and last word of the name, for the round badge."""
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"


def check_slug(slug: str) -> str:
    """Return the slug when it can start a path.

    Raises:
        BadAgency: it is not 3 to 40 small letters, digits and dashes.
        SlugTaken: the portal's own paths begin with it.
    """
    if not _SLUG.fullmatch(slug):
        raise BadAgency("A slug is 3 to 40 small letters, digits or dashes, and starts with a letter.")
    if slug in RESERVED:
        raise SlugTaken(f"The portal itself uses the path {slug}.")
    return slug


def check_name(name: str) -> str:
    """Return the name without the space around it.

    Raises:
        BadAgency: nothing is left: families could not tell who answers them.
    """
    if not name.strip():
        raise BadAgency("Write the full name of the agency, as families know it.")
    return name.strip()


def check_zone(zone: str) -> str:
    """Return the IANA zone name.

    Raises:
        BadAgency: no such zone.
    """
    if zone not in available_timezones():
        raise BadAgency(f"{zone} is not a time zone. Write it like America/New_York.")
    return zone


def prefix_for(name: str) -> str:
    """Return up to three letters that start the agency's references, from the words of its name."""
    words = re.findall(r"[A-Za-z]+", name.upper())
    letters = "".join(word[0] for word in words)[:3]
    return letters if len(letters) >= 2 else (words[0][:3] if words else "REQ")
